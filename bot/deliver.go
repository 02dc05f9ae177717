package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"newsdesk/news"
)

// DeliverOptions make a Deliverer.
type DeliverOptions struct {
	Store     Store
	News      Newsroom
	Platforms []Platform

	Subscriptions []Subscription // set in the configuration; commands add more

	Workers int           // deliveries under way at the same time; 16
	Lease   time.Duration // how long a claim lasts: longer than any request; 30 s
	Now     func() time.Time
	Logger  *slog.Logger
}

// A Deliverer posts what the outbox holds. Any number of them may run.
type Deliverer struct {
	DeliverOptions
	wake   chan struct{}
	mu     sync.Mutex
	halted map[string]time.Time // platforms that refused everything, until when they are left alone
}

// A Newsroom has the stories that deliveries name. news.Desk is one.
type Newsroom interface {
	Story(ctx context.Context, id string) (news.Story, error)
	Related(ctx context.Context, s news.Story, n int) ([]news.Story, error)
	Search(ctx context.Context, q news.Query) (news.Result, error)
}

const (
	claimEvery = 200 * time.Millisecond
	// doubtWait is how long a platform is given to show a message whose answer
	// was lost before it is asked: both may commit late. It doubles with every
	// attempt up to doubtWaitMax.
	doubtWait    = 10 * time.Second
	doubtWaitMax = 10 * time.Minute
	// doubtMax is how long a delivery may stay in doubt: a message that makes
	// the platform fail each time must not be tried for ever.
	doubtMax = 6 * time.Hour
	// haltWait is how long a platform that refuses everything is left alone.
	haltWait = 5 * time.Minute
	// drainTime is how long deliveries under way may take after the end was asked for.
	drainTime = 8 * time.Second
	// findMargin widens the search in doubt by how far clocks may differ.
	findMargin = time.Minute
	// relatedPosted is how many related stories a posted card names.
	relatedPosted = 3
)

// NewDeliverer makes a deliverer; it does nothing until Run.
func NewDeliverer(o DeliverOptions) *Deliverer {
	if o.Workers == 0 {
		o.Workers = 16
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	return &Deliverer{DeliverOptions: o, wake: make(chan struct{}, 1), halted: map[string]time.Time{}}
}

// Wake makes Run look for deliveries at once.
func (d *Deliverer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, then finishes what is under way.
func (d *Deliverer) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, d.Workers)
	tick := time.NewTicker(claimEvery)
	defer tick.Stop()
	for quiet := false; ; {
		free := cap(slots) - len(slots)
		var claimed []Delivery
		if free > 0 {
			var err error
			claimed, err = d.Store.Claim(ctx, AllShards, d.Lease, free)
			if err != nil && ctx.Err() == nil && !quiet {
				d.Logger.Error("deliveries wait: the outbox cannot be read", "err", err)
			}
			quiet = err != nil
		}
		for _, c := range claimed {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots; d.Wake() }()
				d.finish(ctx, c)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// finish delivers one claim and settles it. The end of ctx gives it drainTime.
func (d *Deliverer) finish(ctx context.Context, c Delivery) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(drainTime, cancel)
		context.AfterFunc(work, func() { timer.Stop() })
	})
	defer stop()
	r := d.deliver(work, c)
	log := d.Logger.With("delivery", c.ID, "channel", c.Channel, "story", c.Story, "attempt", c.Attempts)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := d.Store.Settle(work, c, r)
		switch {
		case err == nil:
			level := slog.LevelInfo
			if r.State != Sent {
				level = slog.LevelWarn
			}
			log.Log(work, level, "delivery "+string(r.State), "message", r.Message, "reason", r.Error)
			return
		case errors.Is(err, news.ErrFenced):
			log.Warn("another worker took this delivery over; its result stands")
			return
		case work.Err() != nil:
			log.Error("the result was not stored; the platform is asked when the claim runs out", "result", r.State, "err", err)
			return
		}
		log.Error("the result cannot be stored yet", "result", r.State, "err", err)
		select {
		case <-work.Done():
		case <-time.After(wait):
		}
	}
}

// deliver makes at most one post for the claim c and says how it ended.
func (d *Deliverer) deliver(ctx context.Context, c Delivery) Result {
	p := d.platform(c.Channel.Platform())
	if p == nil {
		return d.later(haltWait, fmt.Sprintf("no platform %q is configured", c.Channel.Platform()), c.InDoubt)
	}
	d.mu.Lock()
	until := d.halted[p.Name()]
	d.mu.Unlock()
	if wait := until.Sub(d.Now()); wait > 0 {
		return d.later(wait, p.Name()+" refuses the bot", c.InDoubt)
	}
	post := Post{Key: c.ID, Channel: c.Channel}
	if c.InDoubt {
		id, found, err := p.Find(ctx, post, c.Tried.Add(-findMargin))
		switch {
		case err == nil && found:
			return Result{State: Sent, Message: id}
		case errors.Is(err, ErrBlind):
			return Result{State: Dead, Error: "held: it may have been posted, and the channel's history cannot be read to make sure; look, then retry it by hand"}
		case err != nil:
			return d.refused(p, c, fmt.Errorf("look for the message: %w", err))
		case d.Now().Sub(c.Tried) > doubtMax:
			return Result{State: Dead, Error: fmt.Sprintf("given up after %d attempts without a definite answer; last: %s", c.Attempts, c.Error)}
		}
	}
	var err error
	if post.Card, err = d.Card(ctx, c); err != nil {
		if errors.Is(err, news.ErrNotFound) || errors.Is(err, errUnsubscribed) {
			return Result{State: Dead, Error: err.Error()}
		}
		return d.later(doubtWait, err.Error(), false)
	}
	id, err := p.Post(ctx, post)
	if err != nil {
		return d.refused(p, c, err)
	}
	return Result{State: Sent, Message: id}
}

// Card makes the message that c owes, as the news stands now. news.ErrNotFound
// where its story was forgotten.
func (d *Deliverer) Card(ctx context.Context, c Delivery) (Card, error) {
	if c.Kind == KindDigest && c.Digest != nil {
		return d.digestCard(ctx, c)
	}
	story, err := d.News.Story(ctx, c.Story)
	if err != nil {
		return Card{}, fmt.Errorf("the story to post: %w", err)
	}
	related, err := d.News.Related(ctx, story, relatedPosted)
	if err != nil {
		return Card{}, err
	}
	return StoryCard(story, related, d.Now()), nil
}

// refused turns an error of a platform into the result of the claim c.
func (d *Deliverer) refused(p Platform, c Delivery, err error) Result {
	var e *SendError
	if !errors.As(err, &e) {
		wait := min(doubtWait<<min(max(c.Attempts-1, 0), 10), doubtWaitMax)
		return Result{State: Sending, NotBefore: d.Now().Add(wait), Error: err.Error()}
	}
	switch e.Outcome {
	case Throttled:
		// A search that was refused decides nothing about the earlier post.
		return d.later(e.RetryAfter, e.Error(), c.InDoubt)
	case Suspended:
		d.Logger.Error("channel suspended", "channel", c.Channel, "reason", e.Reason)
		r := d.later(0, e.Error(), c.InDoubt)
		r.Suspend = true
		return r
	case Halted:
		d.mu.Lock()
		d.halted[p.Name()] = d.Now().Add(haltWait)
		d.mu.Unlock()
		d.Logger.Error("platform refuses the bot; its deliveries wait", "platform", p.Name(), "reason", e.Reason, "again_in", haltWait)
		return d.later(haltWait, e.Error(), c.InDoubt)
	case Duplicated:
		return Result{State: Sent, Error: "posted before, and removed since"}
	default:
		return Result{State: Dead, Error: e.Error()}
	}
}

// later postpones a claim; inDoubt keeps it in doubt.
func (d *Deliverer) later(wait time.Duration, why string, inDoubt bool) Result {
	r := Result{State: Pending, NotBefore: d.Now().Add(wait), Error: why}
	if inDoubt {
		r.State = Sending
	}
	return r
}

func (d *Deliverer) platform(name string) Platform {
	for _, p := range d.Platforms {
		if p.Name() == name {
			return p
		}
	}
	return nil
}
