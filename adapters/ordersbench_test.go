package adapters_test

import (
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// BenchmarkOrders measures the time from a changed story to the last delivery
// of it in the outbox, where every fifth order is a digest, every fifth names
// another topic, and every third has quiet hours in one of three zones; beside
// a bare Enqueue of as many deliveries, which is the limit. The orders are read
// before: story-allocs and story-ms are those of a story, orders-MiB is what
// they take in memory, quiet-ms a look for changes that finds none.
func BenchmarkOrders(b *testing.B) {
	all := engines(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, n := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { ordersBench(b, all[name](), n) })
		}
	}
}

func ordersBench(b *testing.B, store engine, n int) {
	defer store.Close()
	ctx, zones := b.Context(), []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo"}
	subs, made := make([]bot.Subscription, n), min(n, 50)
	for i := range subs {
		space, channel := fmt.Sprintf("3%017d", i/10), fmt.Sprintf("discord:4%017d", i)
		if i%6 == 5 {
			space, channel = fmt.Sprintf("T%09d", i/50), fmt.Sprintf("slack:C%09d", i)
		}
		s := bot.Subscription{
			ID: string(bot.Instant), Channel: bot.Channel(channel), Mode: bot.Instant, MinImpact: 50 + i%40, Topics: []string{"openai", "deepseek"},
			Zone: zones[i%3], Space: space, By: fmt.Sprintf("u%d", i), Made: time.Now().UTC(),
		}
		switch i % 5 {
		case 0:
			s.ID, s.Mode, s.DigestAt = string(bot.Digest), bot.Digest, "09:00"
		case 1:
			s.Topics = []string{"nvidia"}
		}
		if i%3 == 0 {
			s.Quiet = "22:00-07:00"
		}
		subs[i] = s
	}
	// As a command saves them, one by one, is for some of them: 100,000 take minutes.
	for _, s := range subs[:made] {
		if err := store.SaveSubscription(ctx, s); err != nil {
			b.Fatal(err)
		}
	}
	room := &one{}
	before := heap()
	book := bot.NewBook(store, subs[made:])
	d := bot.Dispatcher{Store: store, News: room, Book: book, Owner: "a", Now: time.Now, Logger: slog.New(slog.DiscardHandler)}
	if _, err := d.Step(ctx); err != nil {
		b.Fatal(err)
	}
	orders := heap() - before
	owed := 0
	for _, s := range subs {
		if s.Mode == bot.Instant && s.Topics[0] == "openai" {
			owed++
		}
	}
	var limit, took, quiet []time.Duration
	var allocs uint64
	for i := 0; b.Loop(); i++ {
		bare := make([]bot.Delivery, 0, owed)
		for k := range owed {
			c := bot.Channel(fmt.Sprintf("discord:5%017d", k))
			bare = append(bare, bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, fmt.Sprint("bare", i)), Channel: c, Kind: bot.KindStory, Story: fmt.Sprint("bare", i), Status: brief.Confirmed})
		}
		began := time.Now()
		if added, err := store.Enqueue(ctx, bare); added != owed || err != nil {
			b.Fatal(added, err)
		}
		limit = append(limit, time.Since(began))
		room.story = news.Story{
			ID: fmt.Sprint("story", i), Impact: 90, Seq: room.story.Seq + 1, Status: brief.Status{Value: brief.Confirmed}, Topics: []string{"openai"}, Fresh: time.Now(), First: time.Now(),
		}
		var was, is runtime.MemStats
		runtime.ReadMemStats(&was)
		began = time.Now()
		if added, err := d.Step(ctx); added != owed || err != nil {
			b.Fatal(added, owed, err)
		}
		took = append(took, time.Since(began))
		runtime.ReadMemStats(&is)
		allocs += is.Mallocs - was.Mallocs
		began = time.Now()
		if added, err := d.Step(ctx); added != 0 || err != nil {
			b.Fatal(added, err)
		}
		quiet = append(quiet, time.Since(began))
	}
	runtime.KeepAlive(book)
	b.ReportMetric(float64(owed), "owed")
	b.ReportMetric(ms(quantile(limit, 0.5)), "limit-ms")
	b.ReportMetric(ms(quantile(took, 0.5)), "story-ms")
	b.ReportMetric(float64(allocs)/float64(b.N), "story-allocs")
	b.ReportMetric(ms(quantile(quiet, 0.5)), "quiet-ms")
	b.ReportMetric(float64(orders)/(1<<20), "orders-MiB")
	b.ReportMetric(0, "ns/op")
}
