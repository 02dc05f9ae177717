package adapters_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/feed"
)

// The benchmarks behind docs/benchmarks.md. Each measures the limit of the
// machine in the same run and reports its own figure as a share of it.

// An engine is one of both Stores, opened anew for a benchmark or a test.
type engine interface {
	news.Store
	bot.Store
	Close() error
}

// engines opens every engine that this machine has.
func engines(tb testing.TB) map[string]func() engine {
	m := map[string]func() engine{
		"bolt": func() engine {
			s, err := boltstore.Open(filepath.Join(tb.TempDir(), "newsdesk.db"), boltstore.Options{})
			if err != nil {
				tb.Fatal(err)
			}
			return s
		},
	}
	if url := redisServer(tb); url != "" {
		var n atomic.Int64
		m["redis"] = func() engine {
			s, err := redisstore.Open(tb.Context(), url, redisstore.Options{Prefix: fmt.Sprintf("{bench%d}:", n.Add(1))})
			if err != nil {
				tb.Fatal(err)
			}
			return s
		}
	}
	return m
}

// subjects and words make synthetic articles whose vocabulary spreads like
// that of real headlines: a few names that come often, many words that do not.
var (
	subjects = strings.Fields("OpenAI Anthropic DeepSeek Google Meta Mistral Nvidia Qwen Cohere Huawei")
	verbs    = strings.Fields("releases raises sues opens delays cuts tests hires buys publishes")
)

func sentence(r *rand.Rand, words int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", subjects[r.IntN(len(subjects))], verbs[r.IntN(len(verbs))])
	for range words {
		// Squaring bends a uniform draw towards the common words.
		f := r.Float64()
		fmt.Fprintf(&b, " w%d", int(f*f*20000))
	}
	return b.String()
}

// A feedFarm serves n feeds of 20 items; tick adds one item to every feed. The
// bodies are rendered beforehand, so that serving costs next to nothing.
type feedFarm struct {
	*httptest.Server
	n      int
	newest int
	bodies atomic.Pointer[[]string]
}

const farmItems = 20

func newFeedFarm(tb testing.TB, n int) *feedFarm {
	f := &feedFarm{n: n, newest: farmItems - 1}
	f.tick()
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	tb.Cleanup(f.Close)
	return f
}

func (f *feedFarm) tick() {
	f.newest++
	bodies := make([]string, f.n)
	for i := range bodies {
		var b strings.Builder
		fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Feed %d</title><link>http://site%d.example/</link><language>en</language>`, i, i)
		for k := f.newest; k > f.newest-farmItems; k-- {
			rnd := rand.New(rand.NewPCG(uint64(i), uint64(k)))
			fmt.Fprintf(&b, "<item><title>%s</title><link>http://site%d.example/item/%d</link><guid isPermaLink=\"false\">f%d-%d</guid><pubDate>%s</pubDate><description>%s.</description></item>\n",
				sentence(rnd, 8), i, k, i, k, time.Now().Add(time.Duration(k-f.newest-1)*time.Minute).UTC().Format(time.RFC1123Z), sentence(rnd, 250))
		}
		b.WriteString("</channel></rss>")
		bodies[i] = b.String()
	}
	f.bodies.Store(&bodies)
}

func (f *feedFarm) serve(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/feed/"))
	if err != nil || i < 0 || i >= f.n {
		http.NotFound(w, r)
		return
	}
	body := (*f.bodies.Load())[i]
	etag := fmt.Sprintf(`"%x"`, crc32.ChecksumIEEE([]byte(body)))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	io.WriteString(w, body)
}

func (f *feedFarm) sources() []news.Source {
	out := make([]news.Source, f.n)
	for i := range out {
		id := fmt.Sprintf("feed-%d", i)
		out[i] = news.Source{
			ID: id, Name: id, Kind: news.Press, Lang: "en", Authority: 0.5,
			Site: fmt.Sprintf("http://site%d.example/", i), Feeds: []string{fmt.Sprintf("%s/feed/%d", f.URL, i)},
		}
	}
	return out
}

// limit fetches and parses every feed and does nothing else with it: what any
// reader built on the same parser must spend. It returns feeds per second.
func (f *feedFarm) limit(tb testing.TB) float64 {
	fetcher := feed.New(feed.Options{AllowPrivate: true})
	began := time.Now()
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(f.n); i = next.Add(1) - 1 {
				if _, err := fetcher.Fetch(tb.Context(), feed.Request{URL: fmt.Sprintf("%s/feed/%d", f.URL, i)}); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return float64(f.n) / time.Since(began).Seconds()
}

// BenchmarkCrawl measures a whole check of 500 feeds of 20 items, from the
// request to the commit: the first (10,000 new items), one where every feed
// has one new item, and one where nothing changed.
func BenchmarkCrawl(b *testing.B) {
	const feeds = 500
	all := engines(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			farm := newFeedFarm(b, feeds)
			limit := farm.limit(b)
			took := map[string]time.Duration{}
			var grown uint64
			for b.Loop() {
				store := all[name]()
				var now atomic.Int64
				now.Store(time.Now().UnixNano())
				desk := news.NewDesk(news.Options{
					Store: store, Sources: farm.sources(), Fetcher: feed.New(feed.Options{AllowPrivate: true}),
					Poll: news.Poll{Interval: time.Hour, MinInterval: time.Hour}, Logger: slog.New(slog.DiscardHandler),
					Now: func() time.Time { return time.Unix(0, now.Load()) },
				})
				before := heap()
				pass := func(what string) {
					began := time.Now()
					if err := desk.Poll(b.Context()); err != nil {
						b.Fatal(err)
					}
					took[what] += time.Since(began)
					now.Add(int64(2 * time.Hour))
				}
				pass("first")
				farm.tick()
				pass("one-new")
				pass("unchanged")
				grown = heap() - before
				stories, err := store.Changed(b.Context(), 0, 100_000)
				if err != nil || len(stories) == 0 {
					b.Fatalf("after the crawl there are %d stories, %v", len(stories), err)
				}
				runtime.KeepAlive(desk)
				store.Close()
			}
			per := func(what string) float64 { return feeds * float64(b.N) / took[what].Seconds() }
			b.ReportMetric(limit, "limit-feeds/s")
			b.ReportMetric(per("first"), "first-feeds/s")
			b.ReportMetric(per("first")*farmItems, "first-items/s")
			b.ReportMetric(100*per("first")/limit, "first-%of-limit")
			b.ReportMetric(per("one-new"), "one-new-feeds/s")
			b.ReportMetric(100*per("one-new")/limit, "one-new-%of-limit")
			b.ReportMetric(per("unchanged"), "unchanged-feeds/s")
			b.ReportMetric(float64(grown)/(1<<20), "heap-MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// heap returns the bytes that live on the heap.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkNews measures how long /news takes from the invocation to the card,
// with 100,000 stories in the store, beside the engine's cheapest round trip.
func BenchmarkNews(b *testing.B) {
	const stories = 100_000
	queries := []string{"deepseek", "openai raises", "", "w17 nvidia", "anthropic min:50 since:7d", "deepseak", `"meta sues"`, "w4242"}
	all := engines(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			store := all[name]()
			defer store.Close()
			fill(b, store, stories)
			desk := news.NewDesk(news.Options{Store: store, Logger: slog.New(slog.DiscardHandler)})
			before := heap()
			began := time.Now()
			if err := desk.Follow(b.Context()); err != nil {
				b.Fatal(err)
			}
			loaded, size := time.Since(began), heap()-before
			handler := bot.New(bot.Options{Desk: desk, Store: store, Table: bot.Table(), Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
			var pings, answers []time.Duration
			i := 0
			for b.Loop() {
				began := time.Now()
				if _, err := store.Cursor(b.Context(), "none"); err != nil {
					b.Fatal(err)
				}
				pings = append(pings, time.Since(began))
				began = time.Now()
				_, ok := handler.Handle(b.Context(), bot.Invocation{
					ID: strconv.Itoa(i), Channel: "web:bench", User: "u", Line: queries[i%len(queries)],
				})
				answers = append(answers, time.Since(began))
				if !ok {
					b.Fatal("the handler dropped a fresh invocation")
				}
				i++
			}
			b.ReportMetric(loaded.Seconds(), "index-load-s")
			b.ReportMetric(float64(size)/(1<<20), "index-MiB")
			b.ReportMetric(ms(quantile(pings, 0.5)), "roundtrip-p50-ms")
			b.ReportMetric(ms(quantile(answers, 0.5)), "news-p50-ms")
			b.ReportMetric(ms(quantile(answers, 0.99)), "news-p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// fill commits n synthetic stories that were told over the last 30 days.
func fill(tb testing.TB, store engine, n int) {
	tb.Helper()
	ctx := context.Background()
	fence, held, err := store.Lease(ctx, news.DeskLease, "fill", time.Hour)
	if err != nil || !held {
		tb.Fatalf("lease: %v, %v", held, err)
	}
	defer store.Unlease(ctx, news.DeskLease, "fill")
	now := time.Now().UTC()
	for from := 0; from < n; from += 1000 {
		batch := news.Batch{Fence: fence}
		for i := from; i < min(from+1000, n); i++ {
			r := rand.New(rand.NewPCG(7, uint64(i)))
			title := sentence(r, 7)
			at := now.Add(-time.Duration(float64(30*24*time.Hour) * r.Float64()))
			s := news.Story{
				ID: fmt.Sprintf("s%d", i), Headline: title, URL: fmt.Sprintf("https://site.example/%d", i), Impact: r.IntN(100),
				Topics: []string{strings.ToLower(strings.Fields(title)[0])}, First: at, Updated: at, Fresh: at, Sources: []string{"Site"},
				Articles: []news.Ref{{ID: fmt.Sprintf("a%d", i), Title: title, Source: "Site", Published: at}},
			}
			s.Status.Value = "reported"
			s.Brief.Standfirst, s.Brief.Summary = sentence(r, 15), sentence(r, 30)
			batch.Stories = append(batch.Stories, s)
		}
		if err := store.Commit(ctx, &batch); err != nil {
			tb.Fatal(err)
		}
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quantile(ds []time.Duration, q float64) time.Duration {
	s := slices.Sorted(slices.Values(ds))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}
