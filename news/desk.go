package news

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"newsdesk/news/feed"
	"newsdesk/news/impact"
	"newsdesk/news/topic"
)

// Options make a Desk. Store, Sources and Fetcher are needed; zero values of
// the others have the defaults that stand beside them.
type Options struct {
	Store     Store
	Sources   []Source
	Fetcher   Fetcher          // nil for a desk that is only fed by Ingest
	Gazetteer *topic.Gazetteer // topic.Default()
	Taste     *impact.Taste    // of the readers; impact.DefaultTaste()
	Poll      Poll
	Owner     string           // this replica's name in leases; "desk"
	Now       func() time.Time // time.Now
	Logger    *slog.Logger     // slog.Default()
	Window    time.Duration    // how long after its last article a story may still grow; 7 days
	Retention time.Duration    // how long a story is kept after its last article; 90 days

	// Writer puts stories into words; nil leaves them in those of their articles.
	Writer Writer

	// KeepCopies makes an article of every item that has an ID of its own,
	// even where the source itself told it before under another: archives that
	// are replayed account for each of their items.
	KeepCopies bool
}

// A Fetcher reads one feed; feed.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, r feed.Request) (feed.Response, error)
}

// A Desk reads feeds, keeps stories and answers queries. One of several
// replicas leads, polls and ingests; all of them answer.
type Desk struct {
	o         Options
	directory *Directory
	index     *Index
	log       *slog.Logger

	ingesting sync.Mutex    // held by the one ingestion that runs
	lease     lease         // of this replica, under ingesting
	live      *live         // the stories that may grow, under ingesting; nil until loaded
	commits   atomic.Uint64 // of ingestions of this desk
	indexing  sync.Mutex    // taken before ingesting is left, so that the index follows the store in its order

	following sync.Mutex
	followed  uint64 // the change sequence up to which index is complete
	loaded    chan struct{}
	past      chronicle

	poller *poller
	words  chan string // stories that the writer is to put into words
}

// NewDesk makes a desk. It does nothing until Run, Poll or Ingest.
func NewDesk(o Options) *Desk {
	if o.Gazetteer == nil {
		o.Gazetteer = topic.Default()
	}
	if o.Taste == nil {
		o.Taste = impact.DefaultTaste()
	}
	if o.Owner == "" {
		o.Owner = "desk"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Window == 0 {
		o.Window = 7 * 24 * time.Hour
	}
	if o.Retention == 0 {
		o.Retention = 90 * 24 * time.Hour
	}
	o.Poll = o.Poll.withDefaults()
	d := &Desk{
		o: o, log: o.Logger,
		directory: NewDirectory(o.Sources),
		index:     NewIndex(o.Gazetteer),
		loaded:    make(chan struct{}),
		words:     make(chan string, writeQueue),
	}
	d.poller = newPoller(d)
	return d
}

// followEvery is how often a replica asks for stories that others changed.
const followEvery = 250 * time.Millisecond

// Run polls while this replica leads, and keeps the index up to date, until
// ctx ends. A store that does not answer is logged and asked again.
func (d *Desk) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { d.poller.run(ctx) })
	if d.o.Writer != nil {
		wg.Go(func() { d.write(ctx) })
	}
	wg.Go(func() {
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for quiet := false; ; {
			if err := d.Follow(ctx); err != nil && ctx.Err() == nil {
				if !quiet {
					d.log.Error("stories cannot be read from the store; answers may be incomplete until it is back", "err", err)
				}
				quiet = true
			} else if err == nil {
				quiet = false
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	wg.Wait()
	err := d.o.Store.Unlease(context.WithoutCancel(ctx), DeskLease, d.o.Owner)
	if err != nil {
		return fmt.Errorf("give up the desk lease: %w", err)
	}
	return nil
}

// Ready returns nil once the index holds what the store held at the start.
func (d *Desk) Ready(context.Context) error {
	select {
	case <-d.loaded:
		return nil
	default:
		return errors.New("stories are still being loaded")
	}
}

// Follow brings the index up to date with the store.
func (d *Desk) Follow(ctx context.Context) error {
	d.following.Lock()
	defer d.following.Unlock()
	const page = 500
	for {
		stories, err := d.o.Store.Changed(ctx, d.followed, page)
		if err != nil {
			return fmt.Errorf("follow changed stories: %w", err)
		}
		now := d.o.Now()
		for _, s := range stories {
			d.past.put(s, now)
			if s.Into != "" {
				d.index.Remove(s.ID)
			} else {
				d.index.Put(s)
			}
			d.followed = s.Seq
		}
		if len(stories) < page {
			break
		}
	}
	select {
	case <-d.loaded:
	default:
		close(d.loaded)
	}
	return nil
}

// Search returns one page of the stories that match q.
func (d *Desk) Search(ctx context.Context, q Query) (Result, error) {
	hits := d.index.Search(q, d.o.Now())
	stories, err := d.stories(ctx, hits.IDs)
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	return Result{Stories: stories, Total: hits.Total, More: hits.More, Topics: hits.Topics, Next: hits.Next, Pace: hits.Pace, Nearest: hits.Nearest}, nil
}

// Suggest completes what somebody types, see Index.Suggest.
func (d *Desk) Suggest(typed string, n int) []Suggestion { return d.index.Suggest(typed, n) }

// Story returns one story, or ErrNotFound. Of a story that went into another it returns the other, whose ID differs.
func (d *Desk) Story(ctx context.Context, id string) (Story, error) {
	for at, steps := id, 0; steps < 100; steps++ {
		ss, err := d.stories(ctx, []string{at})
		if err != nil {
			return Story{}, err
		}
		if len(ss) == 0 {
			break
		}
		if ss[0].Into == "" {
			return ss[0], nil
		}
		at = ss[0].Into
	}
	return Story{}, fmt.Errorf("story %q: %w", id, ErrNotFound)
}

// Related returns up to n stories that are close to s, the closest first.
func (d *Desk) Related(ctx context.Context, s Story, n int) ([]Story, error) {
	ss, err := d.o.Store.Stories(ctx, d.index.Related(s, n, d.o.Now()))
	if err != nil {
		return nil, fmt.Errorf("related to %s: %w", s.ID, err)
	}
	return ss, nil
}

// Trends returns the topics that make news in the last days, the most
// surprising first, at most n; only the one that is called so, where topic is
// not empty.
func (d *Desk) Trends(days, n int, topic string) []Trend {
	if topic != "" {
		topic = d.index.topicID(topic)
	}
	return d.index.Trends(d.o.Now(), days, n, topic)
}

// relatedShown is how many related stories a story names.
const relatedShown = 3

// NameRelated fills Story.Related, from memory. It is for those who print
// stories whole: to find what is close to a story costs as much as a search.
func (d *Desk) NameRelated(ss []Story) {
	for i := range ss {
		ss[i].Related = d.index.Related(ss[i], relatedShown, d.o.Now())
	}
}

// stories loads stories in the order of ids.
func (d *Desk) stories(ctx context.Context, ids []string) ([]Story, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ss, err := d.o.Store.Stories(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load stories: %w", err)
	}
	return ss, nil
}

// Changed passes on Store.Changed.
func (d *Desk) Changed(ctx context.Context, after uint64, limit int) ([]Story, error) {
	return d.o.Store.Changed(ctx, after, limit)
}

// Sources returns every source in the order of Options with its feeds' states.
func (d *Desk) Sources(ctx context.Context) ([]SourceState, error) {
	states, err := d.o.Store.Feeds(ctx)
	if err != nil {
		return nil, fmt.Errorf("states of feeds: %w", err)
	}
	byURL := make(map[string]FeedState, len(states))
	for _, f := range states {
		byURL[f.URL] = f
	}
	out := make([]SourceState, len(d.o.Sources))
	for i, s := range d.o.Sources {
		out[i].Source = s
		for _, u := range s.Feeds {
			f, ok := byURL[u]
			if !ok {
				f = FeedState{URL: u, Source: s.ID}
			}
			out[i].States = append(out[i].States, f)
		}
	}
	return out, nil
}
