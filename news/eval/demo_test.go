package eval_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/demo"
	"newsdesk/news/feed"
)

// TestDemoDay lets the desk read the sample day and follows the impact of the
// story that the demo is about.
func TestDemoDay(t *testing.T) {
	now := demo.Start()
	clock := func() time.Time { return now }
	base, stop, err := demo.Serve(clock)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	desk := news.NewDesk(news.Options{
		Store: news.NewMemory(clock), Sources: demo.Sources(base), Now: clock, Fetcher: feed.New(feed.Options{AllowPrivate: true}), Logger: slog.New(slog.DiscardHandler),
		Poll: news.Poll{Interval: time.Second, MinInterval: time.Second, MaxInterval: time.Second},
	})
	peak := map[string]int{} // of the story, by status
	for _, at := range demo.Times() {
		now = at
		if err := desk.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := desk.Search(t.Context(), news.Query{Text: "deepseek r2", Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found.Stories {
			if strings.Contains(s.Headline, "R2") && len(s.Articles) > 2 && s.Impact > peak[s.Status.Value] {
				peak[s.Status.Value] = s.Impact
				t.Logf("%s %s %d: %d articles, %s; %+v", at.Format("15:04"), s.Status.Value, s.Impact, len(s.Articles), s.Headline, s.Parts)
			}
		}
	}
	if n := peak["rumour"]; n < 78 || n > 84 {
		t.Errorf("the rumour has %d at its peak, want 81 +- 3", n)
	}
	if peak["confirmed"] <= peak["rumour"] {
		t.Errorf("confirmed it has %d, as a rumour %d", peak["confirmed"], peak["rumour"])
	}
	all, err := desk.Search(t.Context(), news.Query{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all.Stories {
		if strings.Contains(s.Headline, "Corvid") && s.Impact >= 40 {
			t.Errorf("a small vendor's press release has %d", s.Impact)
		}
	}
	if !slices.ContainsFunc(all.Stories, func(s news.Story) bool { return strings.Contains(s.Headline, "Corvid") }) {
		t.Error("no story of a small vendor")
	}
}
