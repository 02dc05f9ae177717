package news_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
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

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
		own = []string{capital(word(w.rng.Uint64N(1e9))), word(w.rng.Uint64N(1e8)), word(w.rng.Uint64N(1e7))}
		w.events = append(w.events, own)
	}
	title := append(append([]string{}, own...), w.words(6)...)
	w.rng.Shuffle(len(title), func(i, j int) { title[i], title[j] = title[j], title[i] })
	text := strings.Join(own, " ") + " " + strings.Join(w.words(8), " ") + "."
	for range 2 {
		text += " " + capital(strings.Join(w.words(16), " ")) + "."
	}
	return feed.Item{
		GUID: fmt.Sprint(w.n), URL: fmt.Sprintf("https://outlet%d.example/%d", w.n/bodyItems%outlets, w.n), Title: strings.Join(title, " "),
		Text: text, Published: at,
	}
}

const (
	outlets   = 200
	bodyItems = 20 // of a feed
)

// A newsroom is a desk that reads a wire.
type newsroom struct {
	desk  *news.Desk
	wire  *wire
	srcs  []news.Source
	every time.Duration // between two articles
	sent  time.Time     // when the newest article was published
	now   atomic.Int64  // as the desk has it, in Unix nanoseconds
}

func newNewsroom(live int) *newsroom {
	r := &newsroom{wire: newWire(), every: 7 * 24 * time.Hour / time.Duration(live), sent: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	for i := range outlets {
		r.srcs = append(r.srcs, source(fmt.Sprintf("outlet%d", i)))
	}
	r.now.Store(r.sent.UnixNano())
	now := func() time.Time { return time.Unix(0, r.now.Load()).UTC() }
	r.desk = news.NewDesk(news.Options{Store: news.NewMemory(now), Sources: r.srcs, Now: now, Logger: slog.New(slog.DiscardHandler)})
	return r
}

// A body is what a feed shows at once.
type body struct {
	src   news.Source
	items []feed.Item
}

// bodies writes n articles.
func (r *newsroom) bodies(n int) []body {
	var out []body
	for n > 0 {
		b := body{src: r.srcs[r.wire.n/bodyItems%outlets]}
		for range min(n, bodyItems) {
			n--
			r.sent = r.sent.Add(r.every)
			b.items = append(b.items, r.wire.next(r.sent))
		}
		out = append(out, b)
	}
	return out
}

// ingest hands bodies to the desk as its poller does: several at a time.
func (r *newsroom) ingest(b *testing.B, all []body) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				at := all[i].items[len(all[i].items)-1].Published.UnixNano()
				for now := r.now.Load(); now < at && !r.now.CompareAndSwap(now, at); now = r.now.Load() {
				}
				if _, err := r.desk.Ingest(b.Context(), all[i].src, news.Identify(all[i].src, all[i].items), false); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkJudge ingests articles while a window of the given number of
// articles is live: what an article costs must not depend on that.
func BenchmarkJudge(b *testing.B) {
	for _, live := range []int{10_000, 100_000, 1_000_000} {
		var r *newsroom // filled once, however often the benchmark is run
		b.Run(fmt.Sprintf("live=%d", live), func(b *testing.B) {
			if live > 100_000 && testing.Short() {
				b.Skip("NOT MEASURED: needs a minute and some gigabytes")
			}
			if r == nil {
				r = newNewsroom(live)
				for left := live; left > 0; left -= 10_000 {
					r.ingest(b, r.bodies(min(left, 10_000)))
				}
			}
			all := r.bodies(b.N)
			b.ReportAllocs()
			b.ResetTimer()
			r.ingest(b, all)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}
