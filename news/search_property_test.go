package news_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"newsdesk/news"
	"newsdesk/news/brief"
)

var (
	subjects = strings.Fields("OpenAI Anthropic DeepSeek Google Meta Mistral Nvidia Qwen Cohere Huawei")
	verbs    = strings.Fields("releases raises sues opens delays cuts tests hires buys publishes")
)

// synthetic makes a story whose words spread like those of real headlines: a
// few names that come often, many words that do not.
func synthetic(r *rand.Rand, i int) news.Story {
	words := func(n int) string {
		var b strings.Builder
		b.WriteString(subjects[r.IntN(len(subjects))] + " " + verbs[r.IntN(len(verbs))])
		for range n {
			f := r.Float64()
			fmt.Fprintf(&b, " w%d", int(f*f*20000))
		}
		return b.String()
	}
	s := told(fmt.Sprintf("s%d", i), words(7), r.IntN(101), 24*30*r.Float64())
	s.Topics = []string{strings.ToLower(strings.Fields(s.Headline)[0])}
	s.Status.Value = []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied}[r.IntN(4)]
	s.Brief.Standfirst, s.Brief.Summary = words(15), words(30)
	return s
}

// TestPagesVisitEachMatchOnce draws indices and queries and turns the pages.
func TestPagesVisitEachMatchOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		x := indexOf()
		n := rapid.IntRange(0, 60).Draw(t, "stories")
		for i := range n {
			s := synthetic(r, i)
			// Equal keys are what paging breaks on.
			s.Headline, s.Impact = fmt.Sprintf("w%d w%d robots", i%3, i%4), 10*(i%3)
			s.Updated = day.Add(-time.Duration(i%2) * time.Hour)
			x.Put(s)
		}
		q := news.Query{
			Text:      rapid.SampledFrom([]string{"", "w1", "w1 w2", "w1 w9 zzz", "robots", `"w1 w1"`, "deepseek w2"}).Draw(t, "text"),
			Order:     news.Order(rapid.IntRange(0, 2).Draw(t, "order")),
			MinImpact: rapid.SampledFrom([]int{0, 5, 15}).Draw(t, "min"),
			Status:    rapid.SampledFrom([]string{"", brief.Rumour}).Draw(t, "status"),
		}
		q.Limit = n + 1
		whole := x.Search(q, day)
		if whole.Total != len(whole.IDs) || whole.Next != "" {
			t.Fatalf("all on one page: %d of %d, next %q", len(whole.IDs), whole.Total, whole.Next)
		}
		q.Limit = rapid.IntRange(1, 7).Draw(t, "limit")
		var paged []string
		for {
			h := x.Search(q, day)
			if h.Total != whole.Total || len(h.IDs) > q.Limit {
				t.Fatalf("a page of %d of %d, want %d of %d", len(h.IDs), h.Total, q.Limit, whole.Total)
			}
			paged = append(paged, h.IDs...)
			if q.After = h.Next; q.After == "" {
				break
			}
			if len(paged) > n {
				t.Fatalf("the pages do not end: %v", paged)
			}
		}
		if !slices.Equal(paged, whole.IDs) {
			t.Fatalf("pages %v, want %v", paged, whole.IDs)
		}
	})
}

// TestSearchFindsWhatIsThere compares the matches of one and two words with
// what a look into every story finds.
func TestSearchFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x := indexOf()
		texts := map[string]string{}
		for range rapid.IntRange(1, 80).Draw(t, "puts") {
			s := synthetic(r, r.IntN(40))
			s.Headline = fmt.Sprintf("w%d w%d w%d", r.IntN(9), r.IntN(9), r.IntN(9))
			x.Put(s)
			texts[s.ID] = " " + s.Headline + " " + s.Brief.Standfirst + " " + s.Brief.Summary + " "
		}
		a, b := rapid.IntRange(0, 12).Draw(t, "a"), rapid.IntRange(0, 12).Draw(t, "b")
		has := func(text string, n int) bool { return strings.Contains(text, fmt.Sprintf(" w%d ", n)) }
		var all, any, phrase []string
		for id, text := range texts {
			if has(text, a) && has(text, b) {
				all = append(all, id)
			}
			if has(text, a) || has(text, b) {
				any = append(any, id)
			}
			if strings.Contains(text, fmt.Sprintf(" w%d w%d ", a, b)) {
				phrase = append(phrase, id)
			}
		}
		for query, want := range map[string][]string{
			fmt.Sprintf("w%d w%d", a, b): all, fmt.Sprintf(`"w%d w%d"`, a, b): phrase,
		} {
			if len(all) == 0 && query[0] != '"' {
				want = any
			}
			got := x.Search(news.Query{Text: query, Limit: 100}, day)
			slices.Sort(got.IDs)
			slices.Sort(want)
			if !slices.Equal(got.IDs, want) || got.Total != len(want) {
				t.Fatalf("%q found %v of %d, want %v", query, got.IDs, got.Total, want)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		x := indexOf()
		r := rand.New(rand.NewPCG(7, 8))
		var some news.Story
		for i := range n {
			some = synthetic(r, i)
			x.Put(some)
		}
		for name, q := range map[string]news.Query{
			"common":   {Text: "deepseek"},
			"two":      {Text: "openai raises"},
			"all":      {},
			"top":      {Order: news.Top, Since: day.AddDate(0, 0, -1)},
			"rare":     {Text: "w4242"},
			"filtered": {Text: "anthropic", MinImpact: 50, Since: day.AddDate(0, 0, -7)},
			"typo":     {Text: "deepseak"},
			"phrase":   {Text: `"meta sues"`},
			"any":      {Text: "w17 w9000 nvidia xyzzyplugh"},
			"hostile":  {Text: "openai anthropic deepseek google meta mistral nvidia qwen cohere huawei releases raises sues opens delays xyzzyplugh"},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					x.Search(q, day)
				}
			})
		}
		b.Run(fmt.Sprintf("related/%d", n), func(b *testing.B) {
			for b.Loop() {
				x.Related(some, 3, day)
			}
		})
	}
}

func BenchmarkPut(b *testing.B) {
	x := indexOf()
	r := rand.New(rand.NewPCG(9, 10))
	stories := make([]news.Story, 10_000)
	for i := range stories {
		stories[i] = synthetic(r, i)
	}
	i := 0
	for b.Loop() {
		x.Put(stories[i%len(stories)])
		i++
	}
}

// TestPagesAreThoseOfTheWholeList draws large indices, of several blocks and
// with words that most stories have: what a page passes over must not belong
// on it.
func TestPagesAreThoseOfTheWholeList(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := indexOf()
	const n = 9000
	for i := range n {
		s := synthetic(r, i)
		if i%3 > 0 { // as they come, but not quite
			s.Updated = day.AddDate(0, 0, -40).Add(time.Duration(i) * 7 * time.Minute)
		}
		s.First = s.Updated.Add(-time.Duration(r.IntN(100)) * time.Hour)
		x.Put(s)
	}
	for i := range 2500 { // leave dead slots
		x.Remove(fmt.Sprintf("s%d", i*3))
	}
	texts := []string{"", "deepseek", "releases", "openai raises", "w3", "w3 w900", "w17 nvidia", `"meta sues"`, `"w1 w2"`, "w1 w2 w3 w4", "deepseek w17 xyzzyplugh", "w9 w900 w9000"}
	for range 400 {
		q := news.Query{Text: texts[r.IntN(len(texts))], Order: news.Order(r.IntN(3)), MinImpact: max(0, r.IntN(120)-40)}
		if r.IntN(3) == 0 {
			q.Since = day.AddDate(0, 0, -r.IntN(30))
		}
		if r.IntN(4) == 0 {
			q.Status = brief.Rumour
		}
		if r.IntN(4) == 0 {
			q.Topics = []string{"nvidia", "meta"}
		}
		q.Limit = n
		whole := x.Search(q, day)
		if whole.Total != len(whole.IDs) && !whole.More {
			t.Fatalf("%+v: %d stories, a total of %d", q, len(whole.IDs), whole.Total)
		}
		q.Limit, q.Pace = 1+r.IntN(12), r.IntN(2) == 0
		for range 3 {
			got := x.Search(q, day)
			if got.Total > whole.Total || got.Total < whole.Total && !got.More {
				t.Fatalf("%+v: a total of %d, want %d", q, got.Total, whole.Total)
			}
			page := whole.IDs[:min(q.Limit, len(whole.IDs))]
			if !slices.Equal(got.IDs, page) {
				t.Fatalf("%+v: page %v, want %v", q, got.IDs, page)
			}
			whole.IDs = whole.IDs[len(page):]
			if q.After = got.Next; q.After == "" {
				if len(whole.IDs) > 0 {
					t.Fatalf("%+v: the pages end before %d stories", q, len(whole.IDs))
				}
				break
			}
		}
	}
}
