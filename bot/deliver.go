package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"newsdesk/news"
)

// DeliverOptions make a Deliverer.
type DeliverOptions struct {
	Store     Store
	News      Newsroom
	Platforms []Platform

	Book *Book // shared with the Dispatcher and the Bot; one of Store alone where nil
	// Past is as the Dispatcher has it.
	Past func(since time.Time) []news.Past

	Owner   string        // this replica's name in leases; "newsdesk"
	Workers int           // deliveries under way at the same time; 256
	Lease   time.Duration // how long a claim lasts: longer than any request; 30 s
	Now     func() time.Time
	After   func(time.Duration) <-chan time.Time // waits between attempts to settle; time.After
	Logger  *slog.Logger
}

// A Deliverer posts what the outbox holds. Any number of them may run: each
// takes from the shards that it holds.
type Deliverer struct {
	DeliverOptions
	wake  chan struct{}
	asked time.Time // when the shards were last asked for; only the claiming goroutine reads it

	mu       sync.Mutex
	shards   Shards               // of this replica
	halted   map[string]Halt      // spaces that refused everything
	posted   map[string]time.Time // spaces, when they last took a message
	probes   map[Channel]probe
	busy     map[string]uint64  // deliveries that this process works on, with the token of their last claim
	troubles map[string]trouble // of deliveries that are not settled
	crowds   map[string]int     // how many that this process works on are of each platform
}

// A Newsroom has the stories that deliveries name. news.Desk is one.
type Newsroom interface {
	Story(ctx context.Context, id string) (news.Story, error)
	Related(ctx context.Context, s news.Story, n int) ([]news.Story, error)
	Past(since time.Time) []news.Past
}

const (
	claimEvery = 200 * time.Millisecond
	// shardTTL is how long the shards of a replica that died stay its own;
	// one that lives asks every shardEvery.
	shardTTL   = 10 * time.Second
	shardEvery = time.Second
	// drainTime is how long deliveries under way may take after the end was asked for.
	drainTime = 8 * time.Second
	// tidyTime is how long giving up the shards may take in the end.
	tidyTime = time.Second
)

// NewDeliverer makes a deliverer; it does nothing until Run, but for what a
// Sentry among its platforms reports.
func NewDeliverer(o DeliverOptions) *Deliverer {
	if o.Owner == "" {
		o.Owner = "newsdesk"
	}
	if o.Workers == 0 {
		o.Workers = 256
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Book == nil {
		o.Book = NewBook(o.Store, nil)
	}
	d := &Deliverer{
		DeliverOptions: o, wake: make(chan struct{}, 1),
		halted: map[string]Halt{}, posted: map[string]time.Time{}, probes: map[Channel]probe{}, busy: map[string]uint64{}, troubles: map[string]trouble{}, crowds: map[string]int{},
	}
	for _, p := range o.Platforms {
		if s, ok := p.(Sentry); ok {
			s.Notice(func(ctx context.Context, ch Change) { d.notice(ctx, p, ch) })
		}
	}
	return d
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
	defer func() {
		wg.Wait()
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
		defer cancel()
		if _, err := d.Store.Shards(tidy, d.Owner, 0); err != nil {
			d.Logger.Warn("the shards of the outbox could not be given up; they run out", "err", err)
		}
	}()
	wg.Go(func() { d.survey(ctx) })
	wg.Go(func() { d.watch(ctx) })
	slots := make(chan struct{}, d.Workers)
	tick := time.NewTicker(claimEvery)
	defer tick.Stop()
	for quiet := false; ; {
		var claimed []claim
		// A few at a time would cost the store as much as many.
		if free := cap(slots) - len(slots); free*4 >= cap(slots) {
			var err error
			claimed, err = d.claim(ctx, free)
			if err != nil && ctx.Err() == nil && !quiet {
				d.Logger.Error("deliveries wait: the outbox cannot be read", "err", err)
			} else if err == nil && quiet {
				d.Logger.Info("the outbox can be read again")
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

// Step claims once, delivers what it got and returns how many that were.
func (d *Deliverer) Step(ctx context.Context) (int, error) {
	claimed, err := d.claim(ctx, d.Workers)
	var wg sync.WaitGroup
	for _, c := range claimed {
		wg.Go(func() { d.finish(ctx, c) })
	}
	wg.Wait()
	return len(claimed), err
}

// A trouble is what went wrong with a delivery in this process.
type trouble struct {
	searches int       // for its message, that failed one after the other
	halted   time.Time // when its space answered it with what stops everything
	strikes  int       // how often it did so after it had taken others meanwhile
	// throttled is the attempt up to which it is in doubt on account of
	// throttles alone.
	throttled int
}

// A claim is a delivery that is this worker's until a time.
type claim struct {
	Delivery
	until time.Time
}

// claim takes up to limit deliveries from the shards of this replica.
func (d *Deliverer) claim(ctx context.Context, limit int) ([]claim, error) {
	// Round drops the monotonic reading, which stands still while a machine
	// is suspended: the lease does not.
	now := d.Now().Round(0)
	if age := now.Sub(d.asked); age < 0 || age >= shardEvery {
		held, err := d.Store.Shards(ctx, d.Owner, shardTTL)
		if err != nil {
			return nil, err
		}
		d.asked = now
		d.mu.Lock()
		d.shards = held
		d.mu.Unlock()
	}
	if d.held() == 0 {
		return nil, nil
	}
	ds, err := d.Store.Claim(ctx, d.held(), d.Lease, limit)
	var claimed []claim
	for _, c := range ds {
		if d.begin(c) {
			claimed = append(claimed, claim{c, now.Add(d.Lease)})
			continue
		}
		// The engine's clock has jumped over the lease, or the store was away
		// for as long. What is not settled comes again when this claim has run
		// out, too.
		d.Logger.Warn("a delivery was claimed again while this process works on it: has the clock been set, or was the store away?", "delivery", c.ID, "channel", c.Channel)
	}
	return claimed, err
}

// begin notes that this process works on a delivery. Where it does already it
// notes the new token alone, and returns false.
func (d *Deliverer) begin(c Delivery) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, busy := d.busy[c.ID]
	d.busy[c.ID] = c.Token
	return !busy
}

// enter makes room for one more delivery to a platform, where its own do not
// take all workers already: one that hangs must not hold up the others.
func (d *Deliverer) enter(platform string) bool {
	most := d.Workers
	if len(d.Platforms) > 1 {
		most = max(d.Workers/2, 1)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.crowds[platform] >= most {
		return false
	}
	d.crowds[platform]++
	return true
}

func (d *Deliverer) leave(platform string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crowds[platform]--
}

func (d *Deliverer) end(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, id)
}

func (d *Deliverer) held() Shards {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shards
}

// attempt is deliver for what may make this process fail: a message that does
// so again and again is given up, and costs the others nothing.
func (d *Deliverer) attempt(ctx context.Context, c claim) (r Result) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		d.Logger.Error("a delivery made the deliverer panic", "delivery", c.ID, "channel", c.Channel, "panic", p, "stack", string(debug.Stack()))
		r = d.refused(c.Delivery, fmt.Errorf("panic: %v", p)) // who knows what was posted
		if c.Failures >= poisonFailures {
			r = Result{State: Dead, Error: fmt.Sprintf("given up after %d attempts that failed; last: %s", c.Failures, r.Error)}
		}
	}()
	return d.deliver(ctx, c)
}

// finish delivers one claim and settles it. The end of ctx gives it drainTime.
func (d *Deliverer) finish(ctx context.Context, c claim) {
	defer d.end(c.ID)
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(drainTime, cancel)
		context.AfterFunc(work, func() { timer.Stop() })
	})
	defer stop()
	r := d.attempt(work, c)
	log := d.Logger.With("delivery", c.ID, "channel", c.Channel, "kind", c.Kind, "story", c.Story, "attempt", c.Attempts)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		if r.State == Sent {
			// It stands in the channel, whoever had the claim meanwhile: a claim
			// that this process got since is as good as the first.
			d.mu.Lock()
			c.Token = d.busy[c.ID]
			d.mu.Unlock()
		}
		err := d.Store.Settle(work, c.Delivery, r)
		switch {
		case err == nil:
			level := slog.LevelInfo
			if r.State != Sent && r.State != Moot {
				level = slog.LevelWarn
			}
			log.Log(work, level, "delivery "+string(r.State), named("message", string(r.Message), "reason", r.Error)...)
			if r.State.Settled() {
				d.mu.Lock()
				delete(d.troubles, c.ID)
				d.mu.Unlock()
				if r.Wait > 0 {
					time.AfterFunc(r.Wait, d.Wake)
				}
			}
			if r.Suspend {
				d.tell(work, r.Error, r.Gone, c.Channel)
			}
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
		case <-d.After(wait):
		}
	}
}
