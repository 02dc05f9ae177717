package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"newsdesk/bot"
)

// An envelope is one thing that Slack tells the bot, however it came.
type envelope struct {
	id string // another one where Slack delivers the same again
	// data is a slack.SlashCommand, a slack.InteractionCallback or a
	// slackevents.EventsAPIEvent; anything else is acknowledged and no more.
	data    any
	answers bool // the acknowledgement may hold an answer
	// ack acknowledges it, with an answer or nil. An error means that Slack did
	// not get the answer.
	ack func(ctx context.Context, payload any) error
}

// A receiver hands envelopes to the handler and waits for what it started.
type receiver struct {
	platform *Platform
	handler  bot.Handler
	ctx      context.Context // of the answers

	mu       sync.Mutex
	open     bool
	answers  sync.WaitGroup
	finished chan struct{}
}

// receive takes an envelope of either transport. It is false where the bot
// ends, and the envelope is not acknowledged, so that the person is told.
func (r *receiver) receive(e envelope) bool {
	switch data := e.data.(type) {
	case slack.SlashCommand:
		return r.take(e, fromCommand(data, e.id))
	case slack.InteractionCallback:
		if data.Type == slack.InteractionTypeBlockSuggestion {
			t, ok := fromTyping(r.platform.Commands, data)
			if !ok { // the menu is not ours, or no more
				return r.ack(e, drawChoices(nil))
			}
			return r.start(e, func(ack func(any) bool) { r.platform.suggest(r.ctx, r.handler, t, ack) })
		}
		if q, ok := fromForm(data); ok {
			return r.take(e, q)
		}
		if q, ok := fromAction(r.platform.Commands, data, e.id); ok {
			if line := q.invocation.Line; q.home != nil && strings.HasPrefix(line, bot.HomeLine) {
				return r.visit(e, q.team, q.invocation.User, home{line: line}) // it asks for the page alone
			}
			return r.take(e, q)
		}
	case slackevents.EventsAPIEvent:
		if user, on, ok := opensHome(data); ok {
			return r.visit(e, data.TeamID, user, on)
		}
		if r.platform.OAuth != nil && ends(data.InnerEvent) {
			return r.start(e, func(ack func(any) bool) {
				ack(nil)
				r.platform.left(r.ctx, data)
			})
		}
	}
	return r.ack(e, nil)
}

// take answers a question.
func (r *receiver) take(e envelope, q question) bool {
	received := time.Now()
	q.inAck = e.answers
	return r.start(e, func(ack func(any) bool) { r.platform.answer(r.ctx, r.handler, q, received, ack) })
}

// visit shows a person their page.
func (r *receiver) visit(e envelope, team, user string, on home) bool {
	return r.start(e, func(ack func(any) bool) {
		ack(nil)
		r.platform.visited(r.ctx, r.handler, team, user, on)
	})
}

// start runs f in a goroutine of its own, with what acknowledges the envelope.
func (r *receiver) start(e envelope, f func(ack func(payload any) bool)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return false
	}
	r.answers.Go(func() { f(func(payload any) bool { return r.ack(e, payload) }) })
	return true
}

// ack acknowledges an envelope and reports whether that was taken.
func (r *receiver) ack(e envelope, payload any) bool {
	ctx, cancel := context.WithTimeout(r.ctx, ackTime)
	defer cancel()
	if err := e.ack(ctx, payload); err != nil {
		r.platform.Logger.Warn("an envelope of slack was not acknowledged", "err", err)
		return false
	}
	return true
}

// close takes no more questions and waits up to d for the answers.
func (r *receiver) close(d time.Duration) {
	r.mu.Lock()
	r.open = false
	r.finished = make(chan struct{})
	r.mu.Unlock()
	go func() {
		defer close(r.finished)
		r.answers.Wait()
		_ = sleep(r.ctx, flushTime)
	}()
	select {
	case <-r.finished:
	case <-time.After(d):
	}
}

// wait waits for the answers, whose context has ended.
func (r *receiver) wait() { <-r.finished }
