package adapters_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/topic"
)

// An archive writes stories and asks for them. Their words have the
// frequencies of a language (Zipf), topics have those of the industry: a few
// are in every tenth story, most are rare. A story has 60 words, was told in
// the last 90 days, about in the order in which it comes, and most have
// little impact.
type archive struct {
	r      *rand.Rand
	zipf   *rand.Zipf
	topics []topic.Topic
	which  *rand.Zipf
	now    time.Time
	size   int
	sample []string // headlines
}

func newArchive(size int) *archive {
	a := &archive{r: rand.New(rand.NewPCG(11, 12)), now: time.Date(2026, 8, 13, 12, 0, 0, 0, time.UTC), size: size}
	a.zipf = rand.NewZipf(a.r, 1.1, 8, 200_000)
	g := topic.Default()
	for _, id := range g.IDs() {
		t, _ := g.Lookup(id)
		a.topics = append(a.topics, t)
	}
	a.which = rand.NewZipf(a.r, 1.2, 6, uint64(len(a.topics)-1))
	return a
}

// spelled writes a number as a word of syllables.
func spelled(n uint64) string {
	const c, v = "bcdfglmnprstvz", "aeiou"
	var b strings.Builder
	for n += 7; n > 0; n /= uint64(len(c) * len(v)) {
		b.WriteByte(c[n%uint64(len(c))])
		b.WriteByte(v[n/uint64(len(c))%uint64(len(v))])
	}
	return b.String()
}

func (a *archive) word() string { return spelled(a.zipf.Uint64()) }

func (a *archive) words(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = a.word()
	}
	return strings.Join(out, " ")
}

func (a *archive) topic() topic.Topic { return a.topics[a.which.Uint64()] }

func (a *archive) story(i int) news.Story {
	age := time.Duration(float64(90*24*time.Hour) * (1 - float64(i)/float64(a.size)))
	at := a.now.Add(-age + time.Duration(a.r.Int64N(int64(12*time.Hour))) - 12*time.Hour)
	t, other := a.topic(), a.topic()
	f := a.r.Float64()
	s := news.Story{
		ID: fmt.Sprintf("%016x", i), Headline: t.Name + " " + a.words(7), URL: fmt.Sprintf("https://site.example/%d", i),
		Impact: int(100 * f * f), Topics: []string{t.ID, other.ID}, First: at.Add(-time.Duration(a.r.Int64N(int64(12 * time.Hour)))), Updated: at,
		Sources:  []string{"Site"},
		Articles: []news.Ref{{ID: fmt.Sprintf("a%d", i), URL: fmt.Sprintf("https://other.example/%d", i), Title: t.Name + " " + a.words(7), Source: "Site", Published: at}},
	}
	s.Status.Value = []string{brief.Reported, brief.Reported, brief.Confirmed, brief.Rumour}[a.r.IntN(4)]
	s.Brief.Standfirst = a.words(15)
	s.Brief.Summary = s.Brief.Standfirst + " " + other.Name + " " + a.words(25)
	if len(a.sample) < 5000 {
		a.sample = append(a.sample, s.Headline)
	}
	return s
}

// misspelt swaps two letters.
func (a *archive) misspelt(s string) string {
	b := []byte(s)
	if i := 1; len(b) > 4 {
		i += a.r.IntN(len(b) - 3)
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

// query draws what a reader may ask: mostly for topics.
func (a *archive) query() (kind string, q news.Query) {
	headline := strings.Fields(a.sample[a.r.IntN(len(a.sample))])
	at := 1 + a.r.IntN(len(headline)-2)
	switch n := a.r.IntN(100); {
	case n < 25:
		return "topic", news.Query{Text: a.topic().Name}
	case n < 35:
		return "topic and word", news.Query{Text: a.topic().Name + " " + a.word()}
	case n < 45:
		return "words", news.Query{Text: a.word() + " " + a.word()}
	case n < 50:
		return "common word", news.Query{Text: spelled(uint64(a.r.IntN(5)))}
	case n < 55:
		return "rare word", news.Query{Text: spelled(uint64(50_000 + a.r.IntN(100_000)))}
	case n < 65:
		return "typo", news.Query{Text: a.misspelt(a.topic().Name) + " " + a.misspelt(a.word())}
	case n < 80:
		q = news.Query{Text: a.topic().Name, MinImpact: 20 * a.r.IntN(5)}
		if a.r.IntN(2) == 0 {
			q.Since = a.now.AddDate(0, 0, -1-a.r.IntN(30))
		}
		if a.r.IntN(3) == 0 {
			q.Status = brief.Rumour
		}
		if a.r.IntN(3) == 0 {
			q.Text, q.Topics = a.word(), []string{a.topic().ID}
		}
		return "filters", q
	case n < 88:
		return "phrase", news.Query{Text: fmt.Sprintf(`"%s %s"`, headline[at], headline[at+1])}
	case n < 92:
		return "top", news.Query{Order: news.Top, Since: a.now.AddDate(0, 0, -1-a.r.IntN(7))}
	case n < 95:
		return "empty", news.Query{}
	case n < 98:
		return "five words", news.Query{Text: a.words(5)}
	default:
		return "none", news.Query{Text: "xq" + a.word() + "zzk"}
	}
}

// typed is what stands in the field while a query is typed.
func (a *archive) typed() string {
	_, q := a.query()
	if r := []rune(q.Text); len(r) > 0 {
		return string(r[:a.r.IntN(min(len(r), 20)+1)])
	}
	return ""
}

// pings returns a function that measures one round trip of a PING, by the
// client that the store uses.
func pings(b *testing.B) func() time.Duration {
	o, err := goredis.ParseURL(redisServer(b))
	if err != nil {
		b.Skip("NOT MEASURED: a search is compared with a PING, and there is no Redis here")
	}
	client := goredis.NewClient(o)
	b.Cleanup(func() { client.Close() })
	return func() time.Duration {
		began := time.Now()
		if err := client.Ping(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
}

// BenchmarkSearch measures the index over a mix of queries, and completion
// while they are typed, against the round trip of a PING to a real Redis in
// the same run. /news also loads the stories of a page: BenchmarkNews.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ping := pings(b)
			a := newArchive(n)
			before := heap()
			x := news.NewIndex(topic.Default())
			began := time.Now()
			for i := range n {
				x.Put(a.story(i))
			}
			loaded, size := time.Since(began), heap()-before
			var trips, searches, suggestions []time.Duration
			kinds := map[string][]time.Duration{}
			for b.Loop() {
				for range 10 {
					trips = append(trips, ping())
					kind, q := a.query()
					q.Limit, q.Pace = 5, true
					began := time.Now()
					x.Search(q, a.now)
					took := time.Since(began)
					searches, kinds[kind] = append(searches, took), append(kinds[kind], took)
					typed := a.typed()
					began = time.Now()
					x.Suggest(typed, 25)
					suggestions = append(suggestions, time.Since(began))
				}
			}
			trip := quantile(trips, 0.5)
			b.ReportMetric(loaded.Seconds(), "load-s")
			b.ReportMetric(float64(size)/(1<<20), "index-MiB")
			b.ReportMetric(ms(trip), "ping-p50-ms")
			b.ReportMetric(ms(quantile(trips, 0.99)), "ping-p99-ms")
			b.ReportMetric(ms(quantile(searches, 0.5)), "search-p50-ms")
			b.ReportMetric(ms(quantile(searches, 0.99)), "search-p99-ms")
			b.ReportMetric(float64(quantile(searches, 0.99))/float64(trip), "search-p99-pings")
			b.ReportMetric(ms(quantile(suggestions, 0.5)), "suggest-p50-ms")
			b.ReportMetric(ms(quantile(suggestions, 0.99)), "suggest-p99-ms")
			b.ReportMetric(float64(quantile(suggestions, 0.99))/float64(trip), "suggest-p99-pings")
			b.ReportMetric(0, "ns/op")
			for kind, took := range kinds {
				b.Logf("%-15s %5d p50 %.3f ms, p99 %.3f ms", kind, len(took), ms(quantile(took, 0.5)), ms(quantile(took, 0.99)))
			}
		})
	}
}
