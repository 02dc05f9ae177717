package slack

import (
	"context"
	"sync"
	"time"

	"newsdesk/bot"
)

const (
	// perChannel is the time between two messages to one channel. Slack lets
	// bursts through without a promise to show them, so none is used:
	// docs.slack.dev/apis/web-api/rate-limits.
	perChannel = time.Second
	// shortWait is how long a call waits for its turn rather than be refused.
	shortWait = 2 * time.Second
	// channelsMax bounds the channels that are kept; those whose turn is past
	// are dropped first.
	channelsMax = 4096
)

// A pace keeps requests within Slack's limits. Slack limits each method by
// itself, for the whole workspace, so a 429 pauses its method alone.
type pace struct {
	now func() time.Time

	mu     sync.Mutex
	paused map[string]time.Time // method -> until when
	next   map[string]time.Time // channel -> when its next message may leave
}

func newPace(now func() time.Time) *pace {
	return &pace{now: now, paused: map[string]time.Time{}, next: map[string]time.Time{}}
}

// wait takes the next turn for a request of method, to channel where the
// method posts. Where that is further off than patience it takes nothing and
// returns Throttled; so it does where ctx ends.
func (p *pace) wait(ctx context.Context, method, channel string, patience time.Duration) error {
	d, ok := p.take(method, channel, patience)
	if !ok {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: d, Reason: "Slack's rate limit is used up"}
	}
	if err := sleep(ctx, d); err != nil {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "stopped while it waited for its turn", Err: err}
	}
	return nil
}

// take reserves a turn that is at most patience away and returns how far.
func (p *pace) take(method, channel string, patience time.Duration) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	at := now
	if t := p.paused[method]; t.After(at) {
		at = t
	}
	if channel == "" {
		return at.Sub(now), at.Sub(now) <= patience
	}
	if t := p.next[channel]; t.After(at) {
		at = t
	}
	if at.Sub(now) > patience {
		return at.Sub(now), false
	}
	if len(p.next) >= channelsMax {
		for c, t := range p.next {
			if !t.After(now) {
				delete(p.next, c)
			}
		}
	}
	p.next[channel] = at.Add(perChannel)
	return at.Sub(now), true
}

// pause lets no request of method leave for d.
func (p *pace) pause(method string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(d); until.After(p.paused[method]) {
		p.paused[method] = until
	}
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
