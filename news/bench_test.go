package news_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// A wire writes articles that look like news to the desk: their words have the
// frequencies of a language (Zipf), and each event has rare words of its own
// that its articles share. A third of the articles tell an event anew.
type wire struct {
	rng    *rand.Rand
	zipf   *rand.Zipf
	events [][]string
	n      int
}

func newWire() *wire {
	rng := rand.New(rand.NewPCG(1, 2))
	return &wire{rng: rng, zipf: rand.NewZipf(rng, 1.1, 8, 200_000)}
}

// word spells a number as a word of syllables.
func word(n uint64) string {
	const c, v = "bcdfglmnprstvz", "aeiou"
	var b strings.Builder
	for n += 7; n > 0; n /= uint64(len(c) * len(v)) {
		b.WriteByte(c[n%uint64(len(c))])
		b.WriteByte(v[n/uint64(len(c))%uint64(len(v))])
	}
	return b.String()
}

func (w *wire) words(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = word(w.zipf.Uint64())
	}
	return out
}

func (w *wire) next(at time.Time) feed.Item {
	w.n++
	var own []string
	if len(w.events) > 100 && w.rng.IntN(3) == 0 {
		own = w.events[len(w.events)-1-w.rng.IntN(100)]
	} else {
		own = []string{strings.ToUpper(word(w.rng.Uint64N(1e9))[:1]) + word(w.rng.Uint64N(1e9)), word(w.rng.Uint64N(1e8)), word(w.rng.Uint64N(1e7))}
		w.events = append(w.events, own)
	}
	title := append(append([]string{}, own...), w.words(6)...)
	w.rng.Shuffle(len(title), func(i, j int) { title[i], title[j] = title[j], title[i] })
	return feed.Item{
		GUID: fmt.Sprint(w.n), URL: fmt.Sprintf("https://outlet%d.example/%d", w.n%200, w.n), Title: strings.Join(title, " "),
		Text: strings.Join(own, " ") + " " + strings.Join(w.words(40), " ") + ".", Published: at,
	}
}

// BenchmarkJudge ingests articles while a window of the given number of
// articles is live: what an article costs must not depend on that.
func BenchmarkJudge(b *testing.B) {
	for _, live := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("live=%d", live), func(b *testing.B) {
			if live > 100_000 && testing.Short() {
				b.Skip("needs a minute and some gigabytes")
			}
			w := newWire()
			now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			every := 7 * 24 * time.Hour / time.Duration(live)
			var srcs []news.Source
			for i := range 200 {
				srcs = append(srcs, source(fmt.Sprintf("outlet%d", i)))
			}
			desk := news.NewDesk(news.Options{Store: news.NewMemory(func() time.Time { return now }), Sources: srcs, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
			ingest := func(n int) {
				for n > 0 {
					step := min(n, 20)
					n -= step
					src := srcs[w.n%200]
					var items []feed.Item
					for range step {
						now = now.Add(every)
						items = append(items, w.next(now))
					}
					if _, err := desk.Ingest(b.Context(), src, news.Identify(src, items), false); err != nil {
						b.Fatal(err)
					}
				}
			}
			ingest(live)
			b.ResetTimer()
			ingest(b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}
