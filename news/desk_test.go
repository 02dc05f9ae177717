package news_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// shelf is a web of feeds in memory: what each URL answers.
type shelf map[string]func() (feed.Response, error)

func (s shelf) Fetch(_ context.Context, r feed.Request) (feed.Response, error) {
	if f, ok := s[r.URL]; ok {
		return f()
	}
	return feed.Response{}, &feed.Error{URL: r.URL, Status: 404, Reason: "not found"}
}

func items(its ...feed.Item) func() (feed.Response, error) {
	return func() (feed.Response, error) { return feed.Response{Items: its}, nil }
}

// A room is a desk over a store, with a clock that stands until it is moved.
type room struct {
	t     *testing.T
	mu    sync.Mutex // of now, where the desk runs by itself
	now   time.Time
	web   shelf
	store news.Store
	desk  *news.Desk
	srcs  []news.Source
}

func source(id string) news.Source {
	return news.Source{ID: id, Name: strings.ToUpper(id), Kind: news.Press, Site: "https://" + id + ".example/", Lang: "en", Authority: 0.7, Feeds: []string{"https://" + id + ".example/feed"}}
}

func newRoom(t *testing.T, ids ...string) *room {
	r := &room{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), web: shelf{}}
	for _, id := range ids {
		r.srcs = append(r.srcs, source(id))
	}
	r.store = news.NewMemory(r.clock)
	r.restart()
	return r
}

func (r *room) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// restart replaces the desk by a new one over the same store.
func (r *room) restart() {
	r.desk = news.NewDesk(news.Options{Store: r.store, Sources: r.srcs, Fetcher: r.web, Now: r.clock, Logger: slog.New(slog.DiscardHandler)})
	if err := r.desk.Follow(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// poll reads all feeds an hour later and returns the stories.
func (r *room) poll() []news.Story {
	r.t.Helper()
	r.now = r.now.Add(7 * time.Hour) // beyond the longest backoff
	if err := r.desk.Poll(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	all, err := r.desk.Changed(r.t.Context(), 0, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func (r *room) item(id, title, text string) feed.Item {
	return feed.Item{GUID: id, URL: "https://outlet.example/" + id, Title: title, Text: text, Published: r.now}
}

const (
	rumour  = "DeepSeek is said to prepare R2 with 1.2 trillion parameters"
	rumour2 = "DeepSeek R2 rumour: 1.2 trillion parameters and prices down 97 per cent"
	other   = "Brussels publishes guidance on general-purpose models"
)

func TestBacklogIsNoNews(t *testing.T) {
	r := newRoom(t, "a")
	old := r.item("1", rumour, "")
	r.web["https://a.example/feed"] = items(old)
	if ss := r.poll(); len(ss) != 1 || !ss[0].Backlog || !ss[0].Fresh.IsZero() {
		t.Fatalf("the first crawl gave %+v, want one story of backlog", ss)
	}
	r.web["https://a.example/feed"] = items(r.item("2", other, ""), old)
	ss := r.poll()
	if len(ss) != 2 || ss[1].Backlog || ss[1].Headline != other {
		t.Errorf("the second crawl gave %+v, want a fresh story", ss)
	}
}

// A feed that was empty at first holds its backlog when it is first full.
func TestEmptyFirstCrawl(t *testing.T) {
	r := newRoom(t, "a")
	r.web["https://a.example/feed"] = items()
	r.poll()
	r.web["https://a.example/feed"] = items(r.item("1", rumour, ""))
	if ss := r.poll(); len(ss) != 1 || !ss[0].Backlog {
		t.Errorf("a feed that was empty at first gave %+v, want backlog", ss)
	}
}

func TestSeenAgain(t *testing.T) {
	base := feed.Item{GUID: "g", URL: "https://outlet.example/x", Title: rumour}
	edit := func(f func(*feed.Item)) feed.Item { i := base; f(&i); return i }
	for name, again := range map[string]feed.Item{
		"the same":         base,
		"a new date":       edit(func(i *feed.Item) { i.Published = time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC) }),
		"a new GUID":       edit(func(i *feed.Item) { i.GUID = "h" }),
		"no GUID":          edit(func(i *feed.Item) { i.GUID = "" }),
		"tracking":         edit(func(i *feed.Item) { i.GUID, i.URL = "", i.URL+"?utm_source=rss" }),
		"a fragment":       edit(func(i *feed.Item) { i.GUID, i.URL = "", i.URL+"#top" }),
		"another headline": edit(func(i *feed.Item) { i.Title = "Updated: " + i.Title }),
		"another URL":      edit(func(i *feed.Item) { i.URL = "https://outlet.example/moved" }),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "a")
			r.web["https://a.example/feed"] = items(base)
			r.poll()
			r.restart()
			r.web["https://a.example/feed"] = items(again)
			ss := r.poll()
			if len(ss) != 1 || len(ss[0].Articles) != 1 || ss[0].Seq != 1 {
				t.Errorf("seen again with %s: %+v", name, ss)
			}
		})
	}
}

// An article keeps its identity for as long as its feed shows it, and longer
// than its story is kept.
func TestSeenForYears(t *testing.T) {
	r := newRoom(t, "a")
	r.web["https://a.example/feed"] = items(r.item("1", rumour, ""))
	r.poll()
	for range 30 {
		r.now = r.now.Add(30 * 24 * time.Hour)
		r.poll()
	}
	ss := r.poll()
	for _, s := range ss {
		if !s.Backlog {
			t.Errorf("after years in the feed the item is news: %+v", s)
		}
	}
}

func TestOneStoryOfTwoOutlets(t *testing.T) {
	r := newRoom(t, "a", "b")
	r.web["https://a.example/feed"] = items(r.item("1", rumour, "People familiar with DeepSeek say that R2 has 1.2 trillion parameters."))
	r.poll()
	r.restart() // the live stories are loaded from the store
	r.web["https://b.example/feed"] = items(r.item("2", rumour2, "Posts say that DeepSeek R2 will have 1.2 trillion parameters."), r.item("3", other, "The guidance explains which models fall under the law."))
	ss := r.poll()
	if len(ss) != 2 {
		t.Fatalf("%d stories, want 2: %+v", len(ss), ss)
	}
	i := slices.IndexFunc(ss, func(s news.Story) bool { return len(s.Articles) == 2 })
	if i < 0 || !slices.Equal(ss[i].Sources, []string{"A", "B"}) {
		t.Fatalf("no story of both outlets: %+v", ss)
	}
	sum := 0
	for _, p := range ss[i].Parts {
		sum += p.Points
	}
	if sum != ss[i].Impact || ss[i].Impact == 0 {
		t.Errorf("parts add up to %d, impact is %d", sum, ss[i].Impact)
	}
}

func TestCopyOfAnotherOutlet(t *testing.T) {
	r := newRoom(t, "a", "b")
	it := r.item("1", rumour, "")
	r.web["https://a.example/feed"] = items(it)
	r.poll()
	it.GUID = "b-1"
	r.web["https://b.example/feed"] = items(it)
	ss := r.poll()
	if len(ss) != 1 || len(ss[0].Articles) != 2 || ss[0].Articles[1].CopyOf != ss[0].Articles[0].ID && ss[0].Articles[0].CopyOf != ss[0].Articles[1].ID {
		t.Errorf("the same link in two feeds: %+v", ss)
	}
}

func TestAbsurdDates(t *testing.T) {
	r := newRoom(t, "a")
	past, future := r.item("1", rumour, ""), r.item("2", other, "")
	past.Published, future.Published = time.Unix(0, 0), r.now.AddDate(73, 0, 0)
	r.web["https://a.example/feed"] = items(past, future)
	for _, s := range r.poll() {
		if !s.First.Equal(r.now) {
			t.Errorf("%q is dated %v, want the time it was seen", s.Headline, s.First)
		}
	}
}

// A feed that fails is asked less and less often, and its error is kept.
func TestFailingFeed(t *testing.T) {
	r := newRoom(t, "a")
	asked := 0
	r.web["https://a.example/feed"] = func() (feed.Response, error) {
		asked++
		return feed.Response{}, &feed.Error{URL: "https://a.example/feed", Status: 500, Reason: "the server answers 500"}
	}
	for range 24 * 60 {
		r.now = r.now.Add(time.Minute)
		if err := r.desk.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if asked < 5 || asked > 12 {
		t.Errorf("asked %d times in a day", asked)
	}
	ss, err := r.desk.Sources(t.Context())
	if err != nil || ss[0].States[0].Failures != asked || !strings.Contains(ss[0].States[0].Error, "500") {
		t.Errorf("state %+v, %v", ss, err)
	}
}

// failing is a store whose next commits and saves fail.
type failing struct {
	news.Store
	commits, saves int
	err            error
}

func (f *failing) Commit(ctx context.Context, b *news.Batch) error {
	if f.commits > 0 {
		f.commits--
		return f.err
	}
	return f.Store.Commit(ctx, b)
}

func (f *failing) SaveFeed(ctx context.Context, s news.FeedState) error {
	if f.saves > 0 {
		f.saves--
		return f.err
	}
	return f.Store.SaveFeed(ctx, s)
}

func TestStoreFailuresLoseNothing(t *testing.T) {
	broken := errors.New("the store is down")
	for name, f := range map[string]*failing{
		"commit":        {commits: 1, err: broken},
		"fenced commit": {commits: 1, err: news.ErrFenced},
		"claimed alias": {commits: 2, err: news.ErrClaimed},
		"saved state":   {saves: 1, err: broken},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "a")
			f.Store = r.store
			r.store = f
			r.restart()
			r.web["https://a.example/feed"] = items(r.item("1", rumour, ""), r.item("2", other, ""))
			r.poll()
			ss := r.poll()
			if len(ss) != 2 || len(ss[0].Articles) != 1 || len(ss[1].Articles) != 1 {
				t.Errorf("after a failed %s: %+v", name, ss)
			}
		})
	}
}

func TestOnlyTheLeaderIngests(t *testing.T) {
	r := newRoom(t, "a")
	if _, held, err := r.store.Lease(t.Context(), news.DeskLease, "another", time.Hour); !held || err != nil {
		t.Fatal(held, err)
	}
	r.web["https://a.example/feed"] = items(r.item("1", rumour, ""))
	if err := r.desk.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := news.Identify(r.srcs[0], []feed.Item{r.item("1", rumour, "")})
	if _, err := r.desk.Ingest(t.Context(), r.srcs[0], in, false); !errors.Is(err, news.ErrFenced) {
		t.Errorf("a replica that does not lead ingested: %v", err)
	}
	if ss, _ := r.desk.Changed(t.Context(), 0, 10); len(ss) != 0 {
		t.Errorf("a replica that does not lead polled: %+v", ss)
	}
}

func TestWait(t *testing.T) {
	p := news.Poll{Interval: 10 * time.Minute, MinInterval: time.Minute, MaxInterval: 6 * time.Hour}
	for _, tt := range []struct {
		asked    time.Duration
		failures int
		want     time.Duration
	}{
		{0, 0, 10 * time.Minute},
		{time.Second, 0, 10 * time.Minute},
		{time.Hour, 0, time.Hour},
		{48 * time.Hour, 0, 6 * time.Hour},
		{0, 1, 20 * time.Minute},
		{0, 3, 80 * time.Minute},
		{0, 1000, 6 * time.Hour},
	} {
		if got := p.Wait(tt.asked, tt.failures); got != tt.want {
			t.Errorf("Wait(%v, %d) = %v, want %v", tt.asked, tt.failures, got, tt.want)
		}
	}
}

func TestManySourcesAtOnce(t *testing.T) {
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("s%d", i))
	}
	r := newRoom(t, ids...)
	for i, id := range ids {
		it := r.item(fmt.Sprint(i), fmt.Sprintf("Lab number%d opens office%d in town%d", i, i, i), "")
		r.web["https://"+id+".example/feed"] = items(it)
	}
	if ss := r.poll(); len(ss) != 40 {
		t.Errorf("%d stories of 40 sources", len(ss))
	}
}

// Feeds of one host take turns, however soon the first ones are due again.
func TestFeedsOfOneHostTakeTurns(t *testing.T) {
	r := newRoom(t)
	read := map[string]int{}
	for i := range 20 {
		s := source(fmt.Sprintf("s%d", i))
		s.Feeds = []string{fmt.Sprintf("https://code.example/feed%d", i)}
		r.srcs = append(r.srcs, s)
	}
	for _, s := range r.srcs {
		r.web[s.Feeds[0]] = func() (feed.Response, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			read[s.ID]++
			r.now = r.now.Add(time.Hour) // every other feed is due again by then
			return feed.Response{}, nil
		}
	}
	r.restart()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	r.desk.Run(ctx)
	if len(read) != 20 {
		t.Errorf("%d of 20 feeds of one host were read: %v", len(read), read)
	}
}
