package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"newsdesk/bot"
)

const (
	// connections are open at the same time, of the ten that Slack allows an
	// app: docs.slack.dev/apis/events-api/using-socket-mode.
	connections = 2
	// defaultStagger is between their openings, so that Slack, which ends each
	// after some hours, does not end them together.
	defaultStagger = 20 * time.Second
	// reopenWait is between a connection that slack-go gave up and a new one.
	reopenWait = 5 * time.Second
	// slack-go opens a socket at once where Slack ended one, be it the eleventh
	// of the app that is turned away each time. After flapMost within flapSpan
	// it is left alone for flapWait.
	flapMost = 10
	flapSpan = time.Minute
	flapWait = time.Minute
	// drain is how long commands under way may take after the end was asked for.
	drain = 2 * time.Second
	// flushTime is what slack-go is given to write the last acknowledgement,
	// which it only queues.
	flushTime = 100 * time.Millisecond
)

// Run receives commands and answers them until ctx ends. Without an app token
// it only waits.
func (p *Platform) Run(ctx context.Context, h bot.Handler) error {
	if p.AppToken == "" {
		p.Logger.Warn("slack has no app token: the bot posts, and hears no commands")
		<-ctx.Done()
		return nil
	}
	// Connections and commands under way outlive ctx by drain.
	live, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	r := &receiver{platform: p, handler: h, ctx: live, open: true}
	failed := make(chan error, connections)
	var held sync.WaitGroup
	for i := range connections {
		held.Go(func() {
			if sleep(ctx, time.Duration(i)*p.stagger) != nil {
				return
			}
			if err := p.hold(live, r); err != nil {
				failed <- err
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	r.close(drain)
	hangUp()
	held.Wait()
	r.wait()
	return err
}

// hold keeps one connection open until ctx ends, when it returns nil. Its
// error says why there can be none.
func (p *Platform) hold(ctx context.Context, r *receiver) error {
	for {
		err := p.connect(ctx, r)
		if ctx.Err() != nil {
			return nil
		}
		if fatal := fatalOf(err); fatal != nil {
			return fatal
		}
		wait := reopenWait
		if errors.Is(err, errFlaps) {
			wait = flapWait
		}
		p.Logger.Warn("a connection to slack was given up; another is opened", "err", p.client.redact(fmt.Sprint(err)), "in", wait)
		if sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// connect runs one client of slack-go, which reconnects by itself for as long
// as that may help.
func (p *Platform) connect(ctx context.Context, r *receiver) error {
	ctx, cancel := context.WithCancel(ctx)
	c := &connection{Client: socketmode.New(p.client.api, socketmode.OptionLog(log.New(io.Discard, "", 0)), socketmode.OptionReadLimit(answerMax))}
	ended := make(chan error, 1)
	go func() { ended <- c.RunContext(ctx) }()
	var reason error
	for {
		select {
		case err := <-ended:
			cancel()
			if reason != nil {
				return reason
			}
			return err
		case e := <-c.Events:
			if err := p.event(c, e, r); err != nil {
				reason = err
				cancel()
			}
		}
	}
}

// A connection is one client of slack-go with the count of its sockets.
type connection struct {
	*socketmode.Client
	sockets atomic.Int64
	opened  []time.Time // the last flapMost; of the goroutine that reads Events
}

var errFlaps = fmt.Errorf("slack ended %d connections within %s: other copies of the bot may use the same app token", flapMost, flapSpan)

// opens counts a socket and reports whether that is one too many.
func (c *connection) opens(now time.Time) error {
	c.sockets.Add(1)
	c.opened = append(c.opened, now)
	if len(c.opened) <= flapMost {
		return nil
	}
	c.opened = c.opened[1:]
	if now.Sub(c.opened[0]) < flapSpan {
		return errFlaps
	}
	return nil
}

// event handles what slack-go reports; an error is one after which slack-go
// must not go on.
func (p *Platform) event(c *connection, e socketmode.Event, r *receiver) error {
	switch data := e.Data.(type) {
	case *slack.ConnectingEvent:
		return c.opens(time.Now())
	case *socketmode.ConnectedEvent:
		p.Logger.Info("connected to slack")
	case *slack.ConnectionErrorEvent:
		if fatal := fatalOf(data.ErrorObj); fatal != nil {
			return fatal
		}
		if errors.Is(data.ErrorObj, context.Canceled) {
			return nil
		}
		p.Logger.Warn("slack cannot be connected to; it is tried again", "err", p.client.redact(data.Error()), "in", data.Backoff)
	case *socketmode.ErrorBadMessage:
		p.Logger.Warn("slack sent something unreadable", "err", data.Cause)
	case slackevents.EventsAPIEvent:
		r.ack(c, e.Request, nil)
		if p.OAuth != nil && ends(data.InnerEvent) {
			r.start(c, e.Request, func(func(any) bool) { p.left(r.ctx, data.TeamID) })
		}
	case slack.SlashCommand:
		r.take(c, e.Request, fromCommand(data, e.Request.EnvelopeID))
	case slack.InteractionCallback:
		if data.Type == slack.InteractionTypeBlockSuggestion {
			t, ok := fromTyping(p.Commands, data)
			if !ok { // the menu is not ours, or no more
				r.ack(c, e.Request, drawChoices(nil))
				return nil
			}
			r.start(c, e.Request, func(ack func(any) bool) { p.suggest(r.ctx, r.handler, t, ack) })
			return nil
		}
		q, ok := fromAction(p.Commands, data, e.Request.EnvelopeID)
		if !ok {
			r.ack(c, e.Request, nil)
			return nil
		}
		r.take(c, e.Request, q)
	default:
		if e.Request != nil && e.Request.EnvelopeID != "" {
			r.ack(c, e.Request, nil)
		}
	}
	return nil
}

// fatalOf turns an error of apps.connections.open after which no attempt can
// succeed into one that says what to do, and others into nil.
func fatalOf(err error) error {
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) && appVerdicts[refused.Err] != "" {
		return fmt.Errorf("slack: %s (%s)", appVerdicts[refused.Err], refused.Err)
	}
	var status slack.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return errors.New("slack: what answers is not Slack: check slack.api_url (HTTP 404)")
	}
	return nil
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

// take answers a question.
func (r *receiver) take(c *connection, req *socketmode.Request, q question) {
	received := time.Now()
	q.inAck = req.AcceptsResponsePayload
	r.start(c, req, func(ack func(any) bool) { r.platform.answer(r.ctx, r.handler, q, received, ack) })
}

// start runs f in a goroutine of its own, with what acknowledges an envelope.
func (r *receiver) start(c *connection, req *socketmode.Request, f func(ack func(payload any) bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return // not acknowledged, so that the person is told
	}
	socket := c.sockets.Load()
	r.answers.Go(func() {
		f(func(payload any) bool {
			// Slack takes an answer on the socket that brought the question alone.
			if payload != nil && c.sockets.Load() != socket {
				return false
			}
			return r.ack(c, req, payload)
		})
	})
}

// ack acknowledges an envelope and reports whether slack-go took that.
func (r *receiver) ack(c *connection, req *socketmode.Request, payload any) bool {
	ctx, cancel := context.WithTimeout(r.ctx, ackTime)
	defer cancel()
	if err := c.AckCtx(ctx, req.EnvelopeID, payload); err != nil {
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
