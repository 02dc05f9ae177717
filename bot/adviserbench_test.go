package bot_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// BenchmarkAdvise is a step of the dispatcher with the orders of 10,000 channels
// and a week of 5,000 stories, of which a third is wanted: without suggestions,
// on a morning where all are due, and once all were looked at.
func BenchmarkAdvise(b *testing.B) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "bot.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	var subs []bot.Subscription
	for i := range 10_000 {
		subs = append(subs, bot.Subscription{
			ID: "instant", Channel: bot.Channel(fmt.Sprintf("test:%d", i)), Mode: bot.Instant, MinImpact: 50 + i%40, By: fmt.Sprint("u", i), Space: "s", Made: now.AddDate(0, 0, -30),
		})
		if i%10 == 0 {
			if err := store.SaveVote(b.Context(), bot.Vote{Channel: subs[i].Channel, Story: "s99", User: "v", At: now}); err != nil {
				b.Fatal(err)
			}
		}
	}
	var past []news.Past
	for i := range 5_000 {
		at := now.Add(-time.Duration(i) * 2 * time.Minute)
		past = append(past, news.Past{ID: fmt.Sprint("s", i), Turns: []news.Turn{{At: at, Impact: i % 100 * (i % 100) / 100, Status: brief.Reported, Fresh: at}}})
	}
	looks := func(time.Time) []news.Past { return past }
	for _, tt := range []struct {
		name string
		past func(time.Time) []news.Past
		idle bool
	}{{"off", nil, false}, {"busy", looks, false}, {"idle", func(time.Time) []news.Past { return nil }, true}} {
		b.Run(tt.name, func(b *testing.B) {
			d := &bot.Dispatcher{Store: store, News: &desk{}, Book: bot.NewBook(store, subs), Past: tt.past, Owner: "a", Now: clock, Logger: slog.New(slog.DiscardHandler)}
			step := func() {
				if _, err := d.Step(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			if step(); tt.idle {
				for range len(subs) / 5 {
					step()
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
