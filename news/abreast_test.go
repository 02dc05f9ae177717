package news_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// TestIngestAbreast hands bodies to the desk several at a time: no article is
// lost or told twice, and the index has what the store has.
func TestIngestAbreast(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var srcs []news.Source
	for i := range 12 {
		srcs = append(srcs, source(fmt.Sprintf("outlet%d", i)))
	}
	store := news.NewMemory(func() time.Time { return now })
	o := news.Options{Store: store, Sources: srcs, Now: func() time.Time { return now }}
	desk := news.NewDesk(o)
	var wg sync.WaitGroup
	for i, src := range srcs {
		for range 2 { // the same body again
			wg.Go(func() {
				var items []feed.Item
				for k := range 10 {
					items = append(items, feed.Item{
						GUID: fmt.Sprint(k), URL: fmt.Sprintf("https://outlet%d.example/%d", i, k), Published: now.Add(time.Duration(i-60) * time.Minute),
						Title: fmt.Sprintf("Halcyon%d opens its tenth laboratory in Lisbon, says outlet %d", k, i),
					})
				}
				if _, err := desk.Ingest(t.Context(), src, news.Identify(src, items), false); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()

	var told []string
	stories, err := store.Changed(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		for _, a := range s.Articles {
			told = append(told, a.ID)
		}
	}
	if n := len(told); n != 120 {
		t.Errorf("%d articles in stories, want 120", n)
	}
	slices.Sort(told)
	if n := len(slices.Compact(told)); n != 120 {
		t.Errorf("%d different articles, want 120", n)
	}
	fresh := news.NewDesk(o)
	if err := fresh.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"halcyon3", "lisbon", "outlet"} {
		if got, want := found(t.Context(), desk, text), found(t.Context(), fresh, text); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}

func found(ctx context.Context, d *news.Desk, text string) []string {
	r, err := d.Search(ctx, news.Query{Text: text, Limit: 50})
	if err != nil {
		return []string{err.Error()}
	}
	ids := []string{fmt.Sprint(r.Total)}
	for _, s := range r.Stories {
		ids = append(ids, s.ID)
	}
	return ids
}
