// Package bottest has what tests of bot and of its engines share: the
// conformance suite of a Store, and a platform that records.
package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"newsdesk/bot"
)

// A Platform is a chat platform in memory that keeps what it is sent, with
// knobs for what real ones do. Its zero value is ready, named "test".
type Platform struct {
	PlatformName string // "test" where empty

	mu       sync.Mutex
	messages []Message
	answers  []Answer
	blind    bool
	requests int
	missing  map[bot.Channel][]string
	told     []Told
	edits    int
	refusals []error // of the next edits
	notice   func(context.Context, bot.Change)
	manages  func(c bot.Channel, user string) (ok bool, why string)
}

// A Message is one that a Platform shows.
type Message struct {
	ID   bot.MessageID
	Post bot.Post
}

// An Answer is how a Platform treats one Post: whether the message lands, and
// the error that the caller sees. The zero Answer is a success that did not
// land; use Land. Meanwhile, where it is set, runs while the request is on its
// way, before the message lands.
type Answer struct {
	Land      bool
	Err       error
	Meanwhile func()
}

// ErrLost is the error of a request whose answer was lost.
var ErrLost = errors.New("connection reset by peer")

// Answer queues how the next posts are treated; those after them succeed.
func (p *Platform) Answer(as ...Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = append(p.answers, as...)
}

// AnswerEdits queues the errors of the next edits; those after them succeed.
func (p *Platform) AnswerEdits(errs ...error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusals = append(p.refusals, errs...)
}

// Edits returns how many edits were asked for.
func (p *Platform) Edits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.edits
}

// Blind makes Find return bot.ErrBlind.
func (p *Platform) Blind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blind = true
}

// Lack sets what Check says is missing in a channel.
func (p *Platform) Lack(c bot.Channel, missing ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.missing == nil {
		p.missing = map[bot.Channel][]string{}
	}
	p.missing[c] = missing
}

// A Told is what who manages a channel was told in private.
type Told struct {
	Channel bot.Channel
	Card    bot.Card
}

// Told returns what Tell was asked to tell, in order.
func (p *Platform) Told() []Told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

// Managers sets who manages a channel: nobody at first.
func (p *Platform) Managers(f func(c bot.Channel, user string) (ok bool, why string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.manages = f
}

// Manages implements bot.Steward.
func (p *Platform) Manages(_ context.Context, c bot.Channel, user string) (ok bool, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.manages == nil {
		return false, ""
	}
	return p.manages(c, user)
}

// Called is a channel's id with a #.
func (p *Platform) Called(_ context.Context, c bot.Channel) (string, error) { return "#" + c.ID(), nil }

// Messages returns what was posted to a channel, in order.
func (p *Platform) Messages(c bot.Channel) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Message
	for _, m := range p.messages {
		if m.Post.Channel == c {
			out = append(out, m)
		}
	}
	return out
}

// Requests returns how many posts were asked for.
func (p *Platform) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

func (p *Platform) Name() string {
	if p.PlatformName == "" {
		return "test"
	}
	return p.PlatformName
}

func (p *Platform) Run(ctx context.Context, _ bot.Handler) error {
	<-ctx.Done()
	return nil
}

func (p *Platform) Post(_ context.Context, post bot.Post) (bot.MessageID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	a := Answer{Land: true}
	if len(p.answers) > 0 {
		a, p.answers = p.answers[0], p.answers[1:]
	}
	if a.Meanwhile != nil {
		p.mu.Unlock()
		a.Meanwhile()
		p.mu.Lock()
	}
	id := bot.MessageID(fmt.Sprintf("m%d", p.requests))
	if a.Land {
		p.messages = append(p.messages, Message{ID: id, Post: post})
	}
	if a.Err != nil {
		return "", a.Err
	}
	return id, nil
}

func (p *Platform) Edit(_ context.Context, post bot.Post, id bot.MessageID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.edits++
	if len(p.refusals) > 0 {
		err := p.refusals[0]
		p.refusals = p.refusals[1:]
		return err
	}
	for i, m := range p.messages {
		if m.ID == id {
			p.messages[i].Post.Card = post.Card
			return nil
		}
	}
	return &bot.SendError{Outcome: bot.Rejected, Reason: "no such message"}
}

func (p *Platform) Find(_ context.Context, post bot.Post, _ time.Time) (bot.MessageID, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blind {
		return "", false, bot.ErrBlind
	}
	for _, m := range p.messages {
		if m.Post.Channel == post.Channel && m.Post.Key == post.Key {
			return m.ID, true, nil
		}
	}
	return "", false, nil
}

func (p *Platform) Check(_ context.Context, c bot.Channel) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.missing[c]
}

func (p *Platform) Notice(f func(context.Context, bot.Change)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notice = f
}

// Change reports a change to whoever asked for notice.
func (p *Platform) Change(ctx context.Context, c bot.Change) {
	p.mu.Lock()
	f := p.notice
	p.mu.Unlock()
	f(ctx, c)
}

func (p *Platform) Tell(_ context.Context, c bot.Channel, card bot.Card) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, Told{c, card})
	return nil
}
