// Package newstest has what tests of news and of its engines share: the
// conformance suite of a Store, and canned stories.
package newstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/news"
)

// Store checks that an engine keeps every sentence of the contract of
// news.Store. open returns an empty store that takes all time from now; it
// closes it when the test ends. The clock counts in whole milliseconds and
// moves only where the suite moves it.
func Store(t *testing.T, open func(t *testing.T, now func() time.Time) news.Store) {
	for _, tt := range []struct {
		name string
		run  func(storeSuite, *testing.T)
	}{
		{"a lease is held, renewed, expires and is given up", storeSuite.lease},
		{"leases of different names do not know each other", storeSuite.leaseNames},
		{"aliases resolve in order, expire and are renewed", storeSuite.resolve},
		{"keys may be of any length and content", storeSuite.oddKeys},
		{"a commit under a fence that is not current writes nothing", storeSuite.fenced},
		{"a commit of a claimed alias writes nothing", storeSuite.claimed},
		{"a commit writes everything", storeSuite.commit},
		{"sequences grow by one, in order, and are set in the batch", storeSuite.sequence},
		{"articles and stories come in the order asked for, without those missing", storeSuite.lookup},
		{"changed stories come in pages, each once at its last change", storeSuite.changed},
		{"what callers change later is not stored", storeSuite.isolation},
		{"feeds are remembered", storeSuite.feeds},
		{"a purge forgets stories and articles, and keeps aliases", storeSuite.purge},
		{"a story may move and an article with it", storeSuite.moved},
		{"a context that is done ends every method", storeSuite.done},
		{"two committers do not lose, mix or tear anything", storeSuite.race},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &storeClock{t: storeStart}
			tt.run(storeSuite{open(t, c.now), c, t.Context()}, t)
		})
	}
}

var storeStart = time.Date(2025, 4, 28, 9, 0, 0, 0, time.UTC)

type storeSuite struct {
	news.Store
	clock *storeClock
	ctx   context.Context
}

type storeClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *storeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *storeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func (s storeSuite) lease(t *testing.T) {
	wantLease := func(owner string, ttl time.Duration, wantFence uint64, wantHeld bool) {
		t.Helper()
		fence, held, err := s.Lease(s.ctx, "l", owner, ttl)
		if err != nil || fence != wantFence || held != wantHeld {
			t.Fatalf("Lease by %s = %d, %t, %v; want %d, %t", owner, fence, held, err, wantFence, wantHeld)
		}
	}
	unlease := func(owner string) {
		t.Helper()
		if err := s.Unlease(s.ctx, "l", owner); err != nil {
			t.Fatal(err)
		}
	}
	unlease("a") // never taken: nothing to give up
	wantLease("a", 10*time.Second, 1, true)
	wantLease("b", 10*time.Second, 1, false)
	s.clock.advance(9 * time.Second)
	wantLease("a", 10*time.Second, 1, true) // renewed: the fence stays
	s.clock.advance(9 * time.Second)
	wantLease("b", 10*time.Second, 1, false)
	s.clock.advance(999 * time.Millisecond)
	wantLease("b", 10*time.Second, 1, false)
	s.clock.advance(time.Millisecond)
	wantLease("b", 10*time.Second, 2, true) // expired: a change of owner
	wantLease("a", 10*time.Second, 2, false)
	s.clock.advance(10 * time.Second)
	wantLease("b", 10*time.Second, 3, true) // the same owner, but it was free in between
	unlease("a")                            // not the holder
	wantLease("a", 10*time.Second, 3, false)
	unlease("b")
	wantLease("a", 10*time.Second, 4, true)
	unlease("a")
	wantLease("a", 10*time.Second, 5, true) // it was free in between
	unlease("a")
	unlease("a")
	s.clock.advance(1000 * time.Hour)
	wantLease("b", 10*time.Second, 6, true) // a fence is never forgotten
}

func (s storeSuite) leaseNames(t *testing.T) {
	for _, name := range []string{"x", "y", news.DeskLease} {
		if fence, held, err := s.Lease(s.ctx, name, "of "+name, time.Minute); fence != 1 || !held || err != nil {
			t.Errorf("Lease(%s) = %d, %t, %v; want 1, true", name, fence, held, err)
		}
	}
}

func (s storeSuite) resolve(t *testing.T) {
	fence := s.lead(t)
	s.mustCommit(t, &news.Batch{Fence: fence, Aliases: []news.Alias{
		{Key: "k1", Article: "a1", Story: "s1", Source: "src1", TTL: time.Hour},
		{Key: "k2", Article: "a2", Story: "s2", Source: "src2", TTL: 2 * time.Hour},
	}})
	k1 := news.Known{Article: "a1", Story: "s1", Source: "src1", Expires: storeStart.Add(time.Hour)}
	k2 := news.Known{Article: "a2", Story: "s2", Source: "src2", Expires: storeStart.Add(2 * time.Hour)}
	s.wantKnown(t, []string{"k2", "none", "k1", "k2"}, k2, news.Known{}, k1, k2)
	s.wantKnown(t, nil)
	s.clock.advance(time.Hour - time.Millisecond)
	s.wantKnown(t, []string{"k1", "k2"}, k1, k2)
	s.clock.advance(time.Millisecond)
	s.wantKnown(t, []string{"k1", "k2"}, news.Known{}, k2)

	// The same article renews; what expired is free for another.
	s.mustCommit(t, &news.Batch{Fence: fence, Aliases: []news.Alias{
		{Key: "k1", Article: "a3", Story: "s3", Source: "src3", TTL: time.Hour},
		{Key: "k2", Article: "a2", Story: "s2", Source: "src2", TTL: 4 * time.Hour},
	}})
	k2.Expires = storeStart.Add(5 * time.Hour)
	k3 := news.Known{Article: "a3", Story: "s3", Source: "src3", Expires: storeStart.Add(2 * time.Hour)}
	s.wantKnown(t, []string{"k1", "k2"}, k3, k2)
	s.clock.advance(3 * time.Hour)
	s.wantKnown(t, []string{"k1", "k2"}, news.Known{}, k2)
}

func (s storeSuite) oddKeys(t *testing.T) {
	odd := strings.Repeat("long", 20_000)
	keys := []string{odd, odd + "er", "url:https://example.org/?a=b&c=d#é%00", "a b\x00\n*[?]", "\xff\xfe"}
	b := &news.Batch{Fence: s.lead(t)}
	for i, k := range keys {
		b.Aliases = append(b.Aliases, news.Alias{Key: k, Article: fmt.Sprint("a", i), Story: "s", Source: "src", TTL: time.Hour})
	}
	s.mustCommit(t, b)
	got, err := s.Resolve(s.ctx, keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range got {
		if want := fmt.Sprint("a", i); k.Article != want {
			t.Errorf("Resolve(%.40q) = article %q, want %q", keys[i], k.Article, want)
		}
	}
}

func (s storeSuite) fenced(t *testing.T) {
	s.refused(t, storeBatch(0, "a", "s"), news.ErrFenced) // nobody ever led
	s.refused(t, storeBatch(1, "a", "s"), news.ErrFenced)
	fence := s.lead(t)
	for _, stale := range []uint64{0, fence + 1, 1<<53 + 1, 1<<64 - 1} {
		s.refused(t, storeBatch(stale, "a", "s"), news.ErrFenced)
	}
	s.clock.advance(time.Hour)
	s.mustCommit(t, storeBatch(fence, "a0", "s0")) // it expired, but nobody took it: the fence is current
	if f, held, err := s.Lease(s.ctx, news.DeskLease, "other", time.Minute); f != fence+1 || !held || err != nil {
		t.Fatalf("Lease = %d, %t, %v; want %d, true", f, held, err, fence+1)
	}
	s.refused(t, storeBatch(fence, "a", "s"), news.ErrFenced)
	s.mustCommit(t, storeBatch(fence+1, "a", "s"))
}

func (s storeSuite) claimed(t *testing.T) {
	fence := s.lead(t)
	s.mustCommit(t, &news.Batch{Fence: fence, Aliases: []news.Alias{{Key: "k", Article: "first", Story: "s1", Source: "src", TTL: time.Hour}}})
	s.clock.advance(time.Minute)
	b := storeBatch(fence, "second", "s2")
	b.Aliases = append(b.Aliases, news.Alias{Key: "k", Article: "second", Story: "s2", Source: "src", TTL: time.Hour})
	s.refused(t, b, news.ErrClaimed)
	s.wantKnown(t, []string{"k"}, news.Known{Article: "first", Story: "s1", Source: "src", Expires: storeStart.Add(time.Hour)})

	b = storeBatch(fence, "second", "s2") // two articles of one batch want the same name
	b.Aliases = append(b.Aliases, news.Alias{Key: b.Aliases[0].Key, Article: "third", Story: "s2", Source: "src", TTL: time.Hour})
	s.refused(t, b, news.ErrClaimed)
	s.mustCommit(t, storeBatch(fence, "second", "s2"))
}

func (s storeSuite) commit(t *testing.T) {
	b := storeBatch(s.lead(t), "a", "s")
	s.mustCommit(t, b)
	articles, err := s.Articles(s.ctx, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "Articles", articles, b.Articles)
	stories, err := s.Stories(s.ctx, []string{"s"})
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "Stories", stories, b.Stories)
	al := b.Aliases[0]
	s.wantKnown(t, []string{al.Key}, news.Known{Article: "a", Story: "s", Source: al.Source, Expires: storeStart.Add(al.TTL)})
	s.mustCommit(t, b) // the same again, as after a lost answer
	s.mustCommit(t, &news.Batch{Fence: b.Fence})
}

func (s storeSuite) sequence(t *testing.T) {
	fence := s.lead(t)
	b := storeBatch(fence, "a", "s1", "s2", "s3")
	b.Stories[1].Seq = 99 // as a grown story brings it
	s.mustCommit(t, b)
	wantSequences(t, b.Stories, "s1:1 s2:2 s3:3")
	stories, err := s.Stories(s.ctx, []string{"s2"})
	if err != nil || len(stories) != 1 || stories[0].Seq != 2 {
		t.Errorf("Stories after Commit = %v, %v; want s2 with sequence 2", stories, err)
	}
	b = storeBatch(fence, "b", "s3", "s4", "s3")
	s.mustCommit(t, b)
	wantSequences(t, b.Stories, "s3:4 s4:5 s3:6")
	s.wantChanged(t, 0, 10, "s1:1 s2:2 s4:5 s3:6")
}

func (s storeSuite) lookup(t *testing.T) {
	b := storeBatch(s.lead(t), "", "s1", "s2", "s3")
	for _, id := range []string{"a1", "a2", "a3"} {
		b.Articles = append(b.Articles, storeArticle(id, "s1"))
	}
	s.mustCommit(t, b)
	as, err := s.Articles(s.ctx, []string{"a3", "none", "a1"})
	if err != nil || len(as) != 2 || as[0].ID != "a3" || as[1].ID != "a1" {
		t.Errorf("Articles = %v, %v; want a3, a1", as, err)
	}
	ss, err := s.Stories(s.ctx, []string{"none", "s2", "s1"})
	if err != nil {
		t.Fatal(err)
	}
	wantSequences(t, ss, "s2:2 s1:1")
	for _, ids := range [][]string{nil, {"none"}} {
		as, err1 := s.Articles(s.ctx, ids)
		ss, err2 := s.Stories(s.ctx, ids)
		if err := errors.Join(err1, err2); err != nil || len(as)+len(ss) != 0 {
			t.Errorf("Articles and Stories of %v = %v, %v, %v; want none", ids, as, ss, err)
		}
	}
}

func (s storeSuite) changed(t *testing.T) {
	fence := s.lead(t)
	s.wantChanged(t, 0, 10, "")
	for _, id := range strings.Fields("s1 s2 s3 s1 s4 s2") {
		s.mustCommit(t, storeBatch(fence, "", id))
	}
	s.wantChanged(t, 0, 10, "s3:3 s1:4 s4:5 s2:6")
	s.wantChanged(t, 0, 3, "s3:3 s1:4 s4:5")
	s.wantChanged(t, 5, 3, "s2:6")
	s.wantChanged(t, 4, 1, "s4:5")
	s.wantChanged(t, 6, 3, "")
	s.wantChanged(t, 1<<64-1, 3, "")
	s.wantChanged(t, 0, 0, "")
	for range 200 { // a store that is tidied in between still finds the way
		s.mustCommit(t, storeBatch(fence, "", "s1", "s4"))
	}
	s.wantChanged(t, 2, 10, "s3:3 s2:6 s1:405 s4:406")
	ss, err := s.Changed(s.ctx, 404, 10)
	if err != nil || len(ss) != 2 {
		t.Fatalf("Changed(404) = %v, %v; want 2 stories", ss, err)
	}
	want := storeStory("s1")
	want.Seq = 405
	sameJSON(t, "Changed", ss[0], want)
}

func (s storeSuite) isolation(t *testing.T) {
	b := storeBatch(s.lead(t), "a", "s")
	s.mustCommit(t, b)
	want, _ := json.Marshal(b.Stories)
	b.Stories[0].Topics[0], b.Stories[0].Articles[0].Title = "changed", "changed"
	for range 2 {
		got, err := s.Stories(s.ctx, []string{"s"})
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, "Stories", got, json.RawMessage(want))
		got[0].Topics[0], got[0].Brief.Body[0] = "changed", "changed"
	}
}

func (s storeSuite) feeds(t *testing.T) {
	a := news.FeedState{
		URL: "https://a.example/feed", Source: "a", ETag: `W/"1"`, LastModified: "Mon, 28 Apr 2025 09:00:00 GMT", Hash: "h",
		Checked: storeStart, Succeeded: storeStart.Add(time.Second), Primed: true, Next: storeStart.Add(time.Minute), Interval: time.Minute,
		Failures: 2, Error: "e", Warning: "w", Items: 3,
	}
	b := news.FeedState{URL: "https://b.example/feed", Source: "b"}
	if got, err := s.Feeds(s.ctx); err != nil || len(got) != 0 {
		t.Fatalf("Feeds of an empty store = %v, %v", got, err)
	}
	for _, f := range []news.FeedState{{URL: a.URL, Source: "old"}, b, a} {
		if err := s.SaveFeed(s.ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Feeds(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(x, y news.FeedState) int { return strings.Compare(x.URL, y.URL) })
	sameJSON(t, "Feeds", got, []news.FeedState{a, b})
}

func (s storeSuite) purge(t *testing.T) {
	fence := s.lead(t)
	b := storeBatch(fence, "", "old", "edge", "new")
	for i, age := range []time.Duration{2 * time.Hour, time.Hour, 0} {
		b.Stories[i].Updated = storeStart.Add(-age)
	}
	for _, id := range []string{"old", "edge", "new"} {
		b.Articles = append(b.Articles, storeArticle("a-"+id, id), storeArticle("copy-"+id, id))
		b.Aliases = append(b.Aliases,
			news.Alias{Key: "long-" + id, Article: "a-" + id, Story: id, Source: "src", TTL: time.Hour},
			news.Alias{Key: "short-" + id, Article: "a-" + id, Story: id, Source: "src", TTL: time.Minute})
	}
	s.mustCommit(t, b)
	s.clock.advance(time.Minute)
	wantPurge := func(before time.Time, want int) {
		t.Helper()
		if n, err := s.Purge(s.ctx, before); n != want || err != nil {
			t.Fatalf("Purge = %d, %v; want %d", n, err, want)
		}
	}
	wantPurge(storeStart.Add(-time.Hour), 1)
	wantPurge(storeStart.Add(-time.Hour), 0)
	s.wantChanged(t, 0, 10, "edge:2 new:3")
	as, err := s.Articles(s.ctx, []string{"a-old", "copy-old", "a-edge", "copy-new"})
	if err != nil || len(as) != 2 || as[0].ID != "a-edge" || as[1].ID != "copy-new" {
		t.Errorf("Articles after Purge = %v, %v; want a-edge and copy-new", as, err)
	}
	if ss, err := s.Stories(s.ctx, []string{"old"}); err != nil || len(ss) != 0 {
		t.Errorf("Stories after Purge = %v, %v; want none", ss, err)
	}
	s.wantKnown(t, []string{"short-new", "long-old"}, news.Known{},
		news.Known{Article: "a-old", Story: "old", Source: "src", Expires: storeStart.Add(time.Hour)})

	// A story that moved on is judged by its last update, and one that was
	// forgotten may come again.
	grown := storeBatch(fence, "", "edge", "old")
	for i := range grown.Stories {
		grown.Stories[i].Updated = storeStart
	}
	s.mustCommit(t, grown)
	wantPurge(storeStart, 0)
	s.wantChanged(t, 0, 10, "new:3 edge:4 old:5")
	wantPurge(storeStart.Add(time.Hour), 3)
	s.wantChanged(t, 0, 10, "")
	s.mustCommit(t, storeBatch(fence, "", "last"))
	s.wantChanged(t, 0, 10, "last:6")
}

func (s storeSuite) moved(t *testing.T) {
	fence := s.lead(t)
	b := storeBatch(fence, "", "old")
	b.Stories[0].Updated = storeStart.Add(-2 * time.Hour)
	b.Articles = []news.Article{storeArticle("a", "old")}
	s.mustCommit(t, b)
	s.mustCommit(t, &news.Batch{Fence: fence, Articles: []news.Article{storeArticle("a", "new")}, Stories: []news.Story{storeStory("new")}})
	if n, err := s.Purge(s.ctx, storeStart.Add(-time.Hour)); n != 1 || err != nil {
		t.Fatalf("Purge = %d, %v; want 1", n, err)
	}
	if as, err := s.Articles(s.ctx, []string{"a"}); err != nil || len(as) != 1 || as[0].Story != "new" {
		t.Errorf("Articles = %v, %v; want a, which is in another story now", as, err)
	}
}
