package news

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"newsdesk/news/feed"
)

// Poll says how often feeds are read. Zero fields have the defaults beside them.
type Poll struct {
	Interval    time.Duration // between two checks of a feed that asks for nothing else; 10 min
	MinInterval time.Duration // never more often, whatever a feed asks for; 1 min
	MaxInterval time.Duration // never less often, however often it failed; 6 h
	Concurrency int           // feeds read at the same time; 32
}

func (p Poll) withDefaults() Poll {
	if p.Interval == 0 {
		p.Interval = 10 * time.Minute
	}
	if p.MinInterval == 0 {
		p.MinInterval = time.Minute
	}
	if p.MaxInterval == 0 {
		p.MaxInterval = 6 * time.Hour
	}
	if p.Concurrency == 0 {
		p.Concurrency = 32
	}
	return p
}

// Wait returns how long to wait before the next check of a feed: the largest
// of the interval and what the feed asks for, doubled with every failure in a
// row, within the bounds.
func (p Poll) Wait(asked time.Duration, failures int) time.Duration {
	w := max(p.Interval, asked)
	for range failures {
		if w >= p.MaxInterval {
			break
		}
		w *= 2
	}
	return min(max(w, p.MinInterval), p.MaxInterval)
}

// perHost is how many feeds of one host are read at the same time: dozens of
// feeds live on one code host, which is nobody's to flood.
const perHost = 4

// pollEvery is how often the poller looks which feeds are due.
const pollEvery = 200 * time.Millisecond

// purgeEvery is how often old stories are forgotten.
const purgeEvery = time.Hour

// A poller decides which feed is due and reads it. Its state is the leader's
// alone and is loaded when the lease is taken.
type poller struct {
	d *Desk

	mu     sync.Mutex
	fence  uint64 // the lease under which feeds was loaded
	feeds  map[string]*polled
	hosts  map[string]int // feeds being read, by host
	wake   chan struct{}  // a feed was read: its place is free
	purged time.Time

	readings readings // for the log
}

type polled struct {
	source Source
	state  FeedState
	busy   bool
}

func newPoller(d *Desk) *poller {
	return &poller{d: d, hosts: map[string]int{}, wake: make(chan struct{}, 1), readings: readings{log: d.log, failing: map[string]bool{}}}
}

// run reads due feeds until ctx ends, and waits for those being read.
func (p *poller) run(ctx context.Context) {
	if p.d.o.Fetcher == nil {
		return
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, p.d.o.Poll.Concurrency)
	for quiet := false; ; {
		leads, err := p.prepare(ctx)
		if err != nil && ctx.Err() == nil && !quiet {
			p.d.log.Error("feeds are not read: the store does not answer", "err", err)
		}
		quiet = err != nil
		p.readings.look(time.Now())
		if leads {
			for _, f := range p.due(cap(slots) - len(slots)) {
				slots <- struct{}{}
				wg.Go(func() {
					p.check(ctx, f)
					<-slots
					select {
					case p.wake <- struct{}{}:
					default:
					}
				})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-tick.C:
		}
	}
}

// Poll reads every feed that is due now and returns when all were read. A feed
// that cannot be read is no error: its state says why.
func (d *Desk) Poll(ctx context.Context) error {
	leads, err := d.poller.prepare(ctx)
	if err != nil || !leads {
		return err
	}
	for {
		due := d.poller.due(d.o.Poll.Concurrency)
		if len(due) == 0 || ctx.Err() != nil {
			return ctx.Err()
		}
		var wg sync.WaitGroup
		for _, f := range due {
			wg.Go(func() { d.poller.check(ctx, f) })
		}
		wg.Wait()
	}
}

// prepare makes sure of the lease and of the feeds' states, and purges now and
// then. It reports whether this replica leads.
func (p *poller) prepare(ctx context.Context) (bool, error) {
	p.d.ingesting.Lock()
	leads, err := p.d.lead(ctx)
	fence, now := p.d.lease.fence, p.d.o.Now()
	p.d.ingesting.Unlock()
	if err != nil || !leads {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.feeds == nil || (fence != p.fence && fence != p.fence+1) {
		states, err := p.d.o.Store.Feeds(ctx)
		if err != nil {
			return false, err
		}
		p.load(states)
		p.readings.begin(p.waiting(now))
	}
	p.fence = fence
	if now.Sub(p.purged) >= purgeEvery {
		n, err := p.d.o.Store.Purge(ctx, now.Add(-p.d.o.Retention))
		if err != nil {
			return false, err
		}
		if n > 0 {
			p.d.log.Info("old stories forgotten", "stories", n)
		}
		p.purged = now
	}
	return true, nil
}

func (p *poller) load(states []FeedState) {
	byURL := make(map[string]FeedState, len(states))
	for _, s := range states {
		byURL[s.URL] = s
	}
	p.feeds = make(map[string]*polled)
	for _, src := range p.d.o.Sources {
		for _, u := range src.Feeds {
			st := byURL[u]
			st.URL, st.Source = u, src.ID
			p.feeds[u] = &polled{source: src, state: st}
		}
	}
}

// waiting returns the feeds that are due at a time.
func (p *poller) waiting(now time.Time) []string {
	var out []string
	for u, f := range p.feeds {
		if !f.state.Next.After(now) {
			out = append(out, u)
		}
	}
	return out
}

// due marks up to n feeds that are due as busy and returns them, those that
// have waited longest first: no feed keeps another from its turn.
func (p *poller) due(n int) []*polled {
	now := p.d.o.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	var waiting []*polled
	for _, src := range p.d.o.Sources {
		for _, u := range src.Feeds {
			if f := p.feeds[u]; f != nil && !f.busy && !f.state.Next.After(now) {
				waiting = append(waiting, f)
			}
		}
	}
	slices.SortStableFunc(waiting, func(a, b *polled) int { return a.state.Next.Compare(b.state.Next) })
	var out []*polled
	for _, f := range waiting {
		if len(out) == n {
			break
		}
		if h := host(f.state.URL); p.hosts[h] < perHost {
			f.busy = true
			p.hosts[h]++
			out = append(out, f)
		}
	}
	return out
}

// check reads one feed, ingests what is new and saves the feed's state, in
// that order: a crash in between reads it again.
func (p *poller) check(ctx context.Context, f *polled) {
	st := f.state
	resp, err := p.d.o.Fetcher.Fetch(ctx, feed.Request{URL: st.URL, ETag: st.ETag, LastModified: st.LastModified, Hash: st.Hash})
	now := p.d.o.Now()
	if ctx.Err() != nil {
		p.done(f, f.state)
		return
	}
	asked := resp.MinWait
	st.Checked = now
	if err == nil && !resp.NotModified {
		_, err = p.d.Ingest(ctx, f.source, Identify(f.source, resp.Items), !st.Primed)
		if err != nil {
			p.d.log.Error("items were not stored; the feed is read again", "feed", st.URL, "err", err)
			next := f.state
			next.Next = now.Add(p.d.o.Poll.MinInterval)
			p.done(f, next)
			return
		}
	}
	if err != nil {
		st.Failures++
		st.Error = err.Error()
		var fe *feed.Error
		if errors.As(err, &fe) {
			asked = fe.RetryAfter
			if fe.Gone {
				asked = p.d.o.Poll.MaxInterval
			}
		}
		p.readings.note(time.Now(), f.source.ID, st.URL, err, st.Failures)
	} else {
		p.readings.note(time.Now(), f.source.ID, st.URL, nil, st.Failures)
		st.Failures, st.Error, st.Succeeded = 0, "", now
		if !resp.NotModified {
			st.ETag, st.LastModified, st.Hash = resp.ETag, resp.LastModified, resp.Hash
			st.Items, st.Warning = len(resp.Items), resp.Warning
			st.Primed = st.Primed || len(resp.Items) > 0
		}
	}
	st.Interval = p.d.o.Poll.Wait(asked, st.Failures)
	st.Next = now.Add(st.Interval + spread(st.URL, st.Interval))
	if err := p.d.o.Store.SaveFeed(ctx, st); err != nil {
		p.d.log.Error("a feed's state was not saved; it is read again", "feed", st.URL, "err", err)
	}
	p.done(f, st)
}

func (p *poller) done(f *polled, st FeedState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.state, f.busy = st, false
	if h := host(st.URL); p.hosts[h] > 1 {
		p.hosts[h]--
	} else {
		delete(p.hosts, h)
	}
}

// spread delays a feed by up to a tenth of its interval, always the same for
// one URL, so that feeds which start together do not stay together.
func spread(url string, interval time.Duration) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(url))
	return interval / 10 * time.Duration(h.Sum32()%100) / 100
}
