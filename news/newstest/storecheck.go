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
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

func (s storeSuite) done(t *testing.T) {
	fence := s.lead(t)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	for name, call := range map[string]func() error{
		"Lease":    func() error { _, _, err := s.Lease(ctx, "l", "a", time.Minute); return err },
		"Unlease":  func() error { return s.Unlease(ctx, news.DeskLease, "desk") },
		"Resolve":  func() error { _, err := s.Resolve(ctx, []string{"k"}); return err },
		"Commit":   func() error { return s.Commit(ctx, storeBatch(fence, "a", "s")) },
		"Articles": func() error { _, err := s.Articles(ctx, []string{"a"}); return err },
		"Stories":  func() error { _, err := s.Stories(ctx, []string{"s"}); return err },
		"Changed":  func() error { _, err := s.Changed(ctx, 0, 1); return err },
		"Feeds":    func() error { _, err := s.Feeds(ctx); return err },
		"SaveFeed": func() error { return s.SaveFeed(ctx, news.FeedState{URL: "u"}) },
		"Purge":    func() error { _, err := s.Purge(ctx, storeStart); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that is done: %v, want context.Canceled", name, err)
		}
	}
	s.wantChanged(t, 0, 1, "")
	if f, held, err := s.Lease(s.ctx, news.DeskLease, "other", time.Minute); f != fence || held || err != nil {
		t.Errorf("Lease = %d, %t, %v; want it still held under %d", f, held, err, fence)
	}
}

// race lets two committers claim the same aliases while a reader follows:
// every alias has one owner, whose article and story are there.
func (s storeSuite) race(t *testing.T) {
	const rounds = 40
	fence := s.lead(t)
	var wg sync.WaitGroup
	var won [2]int
	for who := range won {
		wg.Go(func() {
			for i := range rounds {
				b := storeBatch(fence, fmt.Sprintf("a%d-%d", i, who), fmt.Sprintf("s%d-%d", i, who))
				for _, k := range []string{"x", "y"} {
					b.Aliases = append(b.Aliases, news.Alias{Key: fmt.Sprint(k, i), Article: b.Articles[0].ID, Story: b.Stories[0].ID, Source: "src", TTL: time.Hour})
				}
				if err := s.Commit(s.ctx, b); err == nil {
					won[who]++
				} else if !errors.Is(err, news.ErrClaimed) {
					t.Errorf("Commit: %v", err)
				}
			}
		})
	}
	wg.Go(func() {
		for after := uint64(0); after < rounds; {
			ss, err := s.Changed(s.ctx, after, 7)
			if err != nil {
				t.Errorf("Changed: %v", err)
				return
			}
			for _, st := range ss {
				if st.Seq != after+1 {
					t.Errorf("Changed after %d begins with %d: a change was skipped", after, st.Seq)
					return
				}
				after = st.Seq
			}
		}
	})
	wg.Wait()
	if won[0]+won[1] != rounds {
		t.Fatalf("%d and %d commits succeeded, want %d together", won[0], won[1], rounds)
	}
	for i := range rounds {
		ks, err := s.Resolve(s.ctx, []string{fmt.Sprint("x", i), fmt.Sprint("y", i)})
		if err != nil || ks[0] != ks[1] {
			t.Fatalf("round %d: aliases of one batch lead to %v, %v", i, ks, err)
		}
		as, err := s.Articles(s.ctx, []string{fmt.Sprintf("a%d-0", i), fmt.Sprintf("a%d-1", i)})
		if err != nil || len(as) != 1 || as[0].ID != ks[0].Article {
			t.Errorf("round %d: articles %v, %v; want that of the winner %s alone", i, as, err, ks[0].Article)
		}
	}
}

// lead takes the desk lease and returns its fence.
func (s storeSuite) lead(t *testing.T) uint64 {
	t.Helper()
	fence, held, err := s.Lease(s.ctx, news.DeskLease, "desk", time.Minute)
	if err != nil || !held || fence == 0 {
		t.Fatalf("Lease = %d, %t, %v; want a fence above 0, held", fence, held, err)
	}
	return fence
}

func (s storeSuite) mustCommit(t *testing.T, b *news.Batch) {
	t.Helper()
	if err := s.Commit(s.ctx, b); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

// refused checks that committing b fails with want and leaves no trace of it.
func (s storeSuite) refused(t *testing.T, b *news.Batch, want error) {
	t.Helper()
	before, err := s.Changed(s.ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(s.ctx, b); !errors.Is(err, want) {
		t.Fatalf("Commit: %v, want %v", err, want)
	}
	after, err1 := s.Changed(s.ctx, 0, 100)
	as, err2 := s.Articles(s.ctx, []string{b.Articles[0].ID})
	ks, err3 := s.Resolve(s.ctx, []string{b.Aliases[0].Key})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "Changed after a refused Commit", after, before)
	if len(as) != 0 || ks[0] != (news.Known{}) || b.Stories[0].Seq != 0 {
		t.Fatalf("a refused Commit left articles %v, alias %v, sequence %d", as, ks[0], b.Stories[0].Seq)
	}
}

func (s storeSuite) wantKnown(t *testing.T, keys []string, want ...news.Known) {
	t.Helper()
	got, err := s.Resolve(s.ctx, keys)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, want, func(a, b news.Known) bool {
		return a.Article == b.Article && a.Story == b.Story && a.Source == b.Source && a.Expires.Equal(b.Expires)
	}) {
		t.Fatalf("Resolve(%v) =\n\t%v, want\n\t%v", keys, got, want)
	}
}

func (s storeSuite) wantChanged(t *testing.T, after uint64, limit int, want string) {
	t.Helper()
	got, err := s.Changed(s.ctx, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	wantSequences(t, got, want)
}

func wantSequences(t *testing.T, ss []news.Story, want string) {
	t.Helper()
	var got []string
	for _, s := range ss {
		got = append(got, fmt.Sprintf("%s:%d", s.ID, s.Seq))
	}
	if g := strings.Join(got, " "); g != want {
		t.Fatalf("stories and sequences %q, want %q", g, want)
	}
}

// sameJSON compares what two values are as JSON, which is how they are stored.
func sameJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Fatalf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// storeBatch returns a batch of stories, and of one article with an alias where the
// article has an id.
func storeBatch(fence uint64, articleID string, storyIDs ...string) *news.Batch {
	b := &news.Batch{Fence: fence}
	if articleID != "" {
		b.Articles = []news.Article{storeArticle(articleID, storyIDs[0])}
		b.Aliases = []news.Alias{{Key: "url:" + articleID, Article: articleID, Story: storyIDs[0], Source: "src", TTL: 24 * time.Hour}}
	}
	for _, id := range storyIDs {
		b.Stories = append(b.Stories, storeStory(id))
	}
	return b
}

func storeArticle(id, storyID string) news.Article {
	return news.Article{
		ID: id, Source: "src", URL: "https://example.org/" + id, Canonical: "example.org/" + id, Title: `Märchen & "Zitate" ` + id,
		Text: "one\ntwo\x00 \u2028 <b>", Lang: "de", Image: "https://example.org/i.png", Published: storeStart.Add(-time.Hour), Seen: storeStart.Add(time.Nanosecond),
		Backlog: true, Story: storyID, CopyOf: "other",
	}
}

func storeStory(id string) news.Story {
	return news.Story{
		ID: id, Headline: "Headline of " + id, URL: "https://example.org/" + id, Impact: 61,
		Parts:  []impact.Part{{Name: "coverage", Points: 61, Why: "9 independent sources"}},
		Status: brief.Status{Value: brief.Rumour, Why: "reportedly", Source: "Example", Since: storeStart.Add(-time.Hour)},
		Topics: []string{"deepseek", "r2"}, Brief: brief.Brief{Standfirst: "One.", Summary: "Two.", Body: []string{"Three."}},
		Figures: []brief.Figure{{Value: "1.2 trillion", Unit: "parameters"}}, Related: []string{},
		First: storeStart.Add(-2 * time.Hour), Updated: storeStart.Add(-time.Hour), Sources: []string{"Example"},
		Articles: []news.Ref{{ID: "a", Title: "A", Source: "Example", Published: storeStart.Add(-time.Hour)}},
		Lang:     "en", History: []brief.Status{{Value: brief.Reported, Since: storeStart.Add(-2 * time.Hour)}}, Fresh: storeStart,
	}
}
