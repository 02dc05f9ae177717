package bot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"time"

	"newsdesk/news"
)

// A Dispatcher turns changed stories into deliveries. One replica dispatches
// at a time; the others wait for its lease.
type Dispatcher struct {
	Store  Store
	News   Feed
	Owner  string // this replica's name in leases
	Now    func() time.Time
	Logger *slog.Logger
	Wake   func() // called after deliveries were added; may be nil

	Book *Book // shared with the Deliverer and the Bot; one of Store alone where nil
	// Past is that of the news.Desk: with it people are told what would make
	// their orders better. nil tells nobody.
	Past func(since time.Time) []news.Past

	starts   map[string]time.Time // since when digests are owed, by the name of the cursor that says so
	planned  *standing            // the orders of which none has a digest due before nextDue
	nextDue  time.Time
	digested map[string]time.Time // digests that were enqueued by this dispatcher, by delivery, with their due time
	faces    map[string]look      // how stories looked when this dispatcher last decided about them
	purged   time.Time            // when old deliveries and votes were last forgotten

	surveyed    time.Time           // when the orders were last gone through for suggestions
	unadvised   []orderKey          // those that are still to be looked at
	adviseDates map[orderKey]string // on which local date that was last noted
}

// A look is what people saw of a story, and when.
type look struct {
	face uint64
	at   time.Time
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

	// keepFor is how long a settled delivery can be looked up, knowFor how
	// long after that its ID is still known: far beyond the time for which
	// stories and the aliases of their articles are kept.
	keepFor    = 60 * 24 * time.Hour
	knowFor    = 400 * 24 * time.Hour
	purgeEvery = time.Hour
	// looksMost is how many looks are kept before old ones are dropped.
	looksMost = 10_000
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
	if err := d.purge(ctx); err != nil {
		return added, err
	}
	n, err := d.stories(ctx)
	if added += n; err != nil {
		return added, err
	}
	// Last: no story waits for it.
	n, err = d.advices(ctx)
	if added += n; err != nil {
		return added, fmt.Errorf("dispatch suggestions: %w", err)
	}
	return added, nil
}

// stories decides those that changed since the cursor.
func (d *Dispatcher) stories(ctx context.Context) (added int, err error) {
	after, err := d.Store.Cursor(ctx, dispatchCursor)
	if err != nil {
		return added, fmt.Errorf("dispatch: %w", err)
	}
	for {
		stories, err := d.News.Changed(ctx, after, dispatchPage)
		if err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
		if len(stories) == 0 {
			return added, nil
		}
		to, err := d.audience(ctx)
		if err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
		var owed []Delivery
		now := d.Now()
		for _, s := range stories {
			if s.Into != "" {
				continue // the story that took it has changed, too
			}
			more, err := d.decide(ctx, s, to, now)
			if err != nil {
				return added, fmt.Errorf("dispatch story %s: %w", s.ID, err)
			}
			owed = append(owed, more...)
		}
		if len(owed) > 0 {
			n, err := d.enqueue(ctx, owed)
			if err != nil {
				return added, fmt.Errorf("dispatch: %w", err)
			}
			added += n
		}
		d.look(stories, now)
		after = stories[len(stories)-1].Seq
		if err := d.Store.SaveCursor(ctx, dispatchCursor, after); err != nil {
			return added, fmt.Errorf("dispatch: %w", err)
		}
	}
}

// book returns the standing orders.
func (d *Dispatcher) book() *Book {
	if d.Book == nil {
		d.Book = NewBook(d.Store, nil)
	}
	return d.Book
}

// An audience is to whom stories may be owed: the standing orders but those of
// people who take no direct messages. What waits for a channel is told once it
// is mended, and nobody may ever mend that.
type audience struct {
	*standing
	suspended map[Channel]Suspension
}

func (d *Dispatcher) audience(ctx context.Context) (a audience, err error) {
	if a.standing, err = d.book().standing(ctx); err != nil {
		return a, err
	}
	a.suspended, err = d.Store.Suspensions(ctx)
	return a, err
}

// deaf reports whether c is a person who takes no direct messages.
func (a audience) deaf(c Channel) bool {
	_, person := c.Person()
	_, is := a.suspended[c]
	return person && is
}

// follows returns whether what becomes of s is still told to c, until when c is
// quiet, and whether what it was posted stays as it is.
func (a audience) follows(c Channel, s news.Story, now time.Time) (quiet time.Time, fixed, ok bool) {
	if a.deaf(c) {
		return quiet, false, false
	}
	for _, sub := range a.of(c) {
		// A channel hears what becomes of all that it was posted, a person only
		// of what they follow still.
		if _, person := c.Person(); (person || sub.Story != "") && !sub.brings(s) {
			continue
		}
		fixed = fixed || sub.NoEdits
		if sub.Mode != Instant {
			continue
		}
		ok = true
		if q := sub.QuietUntil(now); q.After(quiet) {
			quiet = q
		}
	}
	return quiet, fixed, ok
}

// decide returns what is owed for a story that changed: posts, and answers and
// edits to those who have it already, or have one of the stories it took.
func (d *Dispatcher) decide(ctx context.Context, s news.Story, to audience, now time.Time) ([]Delivery, error) {
	if s.Backlog || now.Sub(s.Fresh) > MaxAge {
		return nil, nil
	}
	wants := func(c Channel) (time.Time, bool) { q, _, ok := to.follows(c, s, now); return q, ok }
	changed := d.faces[s.ID].face != face(s)
	var owed []Delivery
	has := map[Channel]bool{} // heard of it
	for _, id := range append([]string{s.ID}, s.Took...) {
		told, err := d.Store.Deliveries(ctx, DeliveryQuery{Story: id, Limit: math.MaxInt32})
		if err != nil {
			return nil, err
		}
		slices.Reverse(told)
		as := s
		as.ID = id
		for _, u := range Updates(as, told, changed, wants, now) {
			// One answer is enough where two of its messages stand.
			if _, fixed, _ := to.follows(u.Channel, s, now); u.Kind == KindEdit && fixed {
				continue
			}
			if u.Kind != KindFollowUp || !has[u.Channel] {
				owed = append(owed, u)
			}
		}
		for _, t := range told {
			if t.tells() {
				has[t.Channel] = true
			}
		}
	}
	for _, post := range decideAll(s, to.all, now) {
		if !has[post.Channel] && !to.deaf(post.Channel) {
			owed = append(owed, post)
		}
	}
	return owed, nil
}

// look remembers how stories looked when they were decided. What is not
// remembered, as after a restart, costs an edit that changes nothing.
func (d *Dispatcher) look(stories []news.Story, now time.Time) {
	if d.faces == nil {
		d.faces = map[string]look{}
	}
	for _, s := range stories {
		if !s.Backlog {
			d.faces[s.ID] = look{face(s), now}
		}
	}
	if len(d.faces) > looksMost {
		maps.DeleteFunc(d.faces, func(_ string, l look) bool { return now.Sub(l.at) > editFor })
	}
}

// purge forgets deliveries that nobody will ask for, votes that count no more,
// and the orders of channels that are gone for long.
func (d *Dispatcher) purge(ctx context.Context) error {
	now := d.Now()
	if now.Sub(d.purged) < purgeEvery {
		return nil
	}
	n, err := d.Store.Forget(ctx, now.Add(-keepFor), now.Add(-knowFor))
	if err != nil {
		return fmt.Errorf("forget old deliveries: %w", err)
	}
	votes, err := d.Store.ForgetVotes(ctx, now.Add(-VoteTime))
	if err != nil {
		return fmt.Errorf("forget old votes: %w", err)
	}
	if err := d.forgetGone(ctx, now); err != nil {
		return fmt.Errorf("forget the orders of channels that are gone: %w", err)
	}
	if d.purged = now; n+votes > 0 {
		d.Logger.Info("old deliveries were forgotten, all but their ids, and old votes", "deliveries", n, "votes", votes)
	}
	return nil
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
				Status: s.Status.Value, Late: now.Sub(s.Fresh) > lateNews, NotBefore: sub.QuietUntil(now),
			})
		}
	}
	return owed
}
