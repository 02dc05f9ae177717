package bot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"newsdesk/news"
)

// A Dispatcher turns changed stories into deliveries. One replica dispatches
// at a time; the others wait for its lease.
type Dispatcher struct {
	Store         Store
	News          Feed
	Subscriptions []Subscription // set in the configuration; commands add more
	Owner         string         // this replica's name in leases
	Now           func() time.Time
	Logger        *slog.Logger
	Wake          func() // called after deliveries were added; may be nil

	digested map[string]time.Time // digests that were enqueued by this dispatcher, by delivery, with their due time
}

// A Feed is what the dispatcher hears of the news: stories in order of change.
// news.Desk is one.
type Feed interface {
	Changed(ctx context.Context, after uint64, limit int) ([]news.Story, error)
}

const (
	dispatchLease  = "dispatch"
	dispatchTTL    = 15 * time.Second
	dispatchCursor = "dispatch"
	dispatchEvery  = 250 * time.Millisecond
	dispatchPage   = 100 // stories decided between two moves of the cursor
)

// Run dispatches until ctx ends. A store that fails is logged and asked again.
func (d *Dispatcher) Run(ctx context.Context) error {
	tick := time.NewTicker(dispatchEvery)
	defer tick.Stop()
	for quiet := false; ; {
		_, err := d.Step(ctx)
		if err != nil && ctx.Err() == nil && !quiet {
			d.Logger.Error("stories wait: they cannot be dispatched", "err", err)
		}
		quiet = err != nil
		select {
		case <-ctx.Done():
			return d.Store.Unlease(context.WithoutCancel(ctx), dispatchLease, d.Owner)
		case <-tick.C:
		}
	}
}

// Step decides all stories that changed since the cursor and returns how many
// deliveries it added. It does nothing while another replica dispatches.
func (d *Dispatcher) Step(ctx context.Context) (added int, err error) {
	_, held, err := d.Store.Lease(ctx, dispatchLease, d.Owner, dispatchTTL)
	if err != nil || !held {
		return 0, err
	}
	if added, err = d.digests(ctx); err != nil {
		return added, fmt.Errorf("dispatch digests: %w", err)
	}
	after, err := d.Store.Cursor(ctx, dispatchCursor)
	if err != nil {
		return 0, fmt.Errorf("dispatch: %w", err)
	}
	for {
		stories, err := d.News.Changed(ctx, after, dispatchPage)
		if err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
		if len(stories) == 0 {
			return added, nil
		}
		stored, err := d.Store.Subscriptions(ctx)
		if err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
		var owed []Delivery
		now := d.Now()
		for _, s := range stories {
			owed = append(owed, decideAll(s, d.Subscriptions, now)...)
			owed = append(owed, decideAll(s, stored, now)...)
		}
		if len(owed) > 0 {
			n, err := d.enqueue(ctx, owed)
			if err != nil {
				return added, fmt.Errorf("dispatch: %w", err)
			}
			added += n
		}
		after = stories[len(stories)-1].Seq
		if err := d.Store.SaveCursor(ctx, dispatchCursor, after); err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
	}
}

func (d *Dispatcher) enqueue(ctx context.Context, owed []Delivery) (int, error) {
	n, err := d.Store.Enqueue(ctx, owed)
	if n > 0 && d.Wake != nil {
		d.Wake()
	}
	return n, err
}

// decideAll returns the deliveries that a story is owed to. Whether a channel
// has it already is for the outbox to say.
func decideAll(s news.Story, subs []Subscription, now time.Time) []Delivery {
	var owed []Delivery
	for _, sub := range subs {
		if Decide(s, sub, false, now) == Owed {
			owed = append(owed, Delivery{
				ID: DeliveryID(sub.Channel, KindStory, s.ID), Channel: sub.Channel, Kind: KindStory, Story: s.ID,
				NotBefore: sub.QuietUntil(now),
			})
		}
	}
	return owed
}
