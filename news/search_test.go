package news_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/newstest"
	"newsdesk/news/topic"
)

// day is when the stories of these tests are searched.
var day = time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC)

// told makes a story of a headline, told hours before day.
func told(id, headline string, impact int, hours float64, topics ...string) news.Story {
	at := day.Add(-time.Duration(hours * float64(time.Hour)))
	return news.Story{
		ID: id, Headline: headline, Impact: impact, Topics: topics, First: at, Updated: at,
		Status: brief.Status{Value: brief.Reported}, URL: "https://example.org/" + id,
	}
}

func indexOf(stories ...news.Story) *news.Index {
	x := news.NewIndex(topic.Default())
	for _, s := range stories {
		x.Put(s)
	}
	return x
}

func TestSearchUnderstands(t *testing.T) {
	cost := told("cost", "Inference gets cheaper", 40, 5)
	cost.Brief.Standfirst = "Serving costs fell by half."
	cost.Brief.Summary = "Serving costs fell by half. Quantised weights are the reason."
	cost.Articles = []news.Ref{{ID: "1", Title: "Lab halves its bill", URL: "https://www.shop.example/a/b/?x=1"}}
	x := indexOf(
		told("seek", "DeepSeek prepares its next model", 80, 2, "deepseek"),
		told("topic", "A Chinese lab hires", 30, 3, "deepseek"),
		told("word", "Rivals fear DeepSeek", 20, 4),
		told("han", "传深度求索即将发布新模型", 60, 6, "deepseek"),
		told("gpt", "OpenAI's GPT-4o draws Studio Ghibli pictures", 50, 7, "openai"),
		told("open", "An open letter asks AI labs to pause", 45, 8),
		told("qwen", "Qwen3 runs on a phone", 55, 9),
		told("ger", "Gerüchte über große Sprachmodelle", 35, 10),
		told("rule", "Export controls tighten", 65, 11, "export-controls"),
		told("ctrl", "Controls on the export of ships", 15, 12),
		told("v41", "Version 4.1 of a model ships", 25, 13),
		told("ann", "Company announces announcements", 33, 14),
		cost,
	)
	for _, tt := range []struct {
		query string
		want  string // ids, in any order
	}{
		{"deepseek", "han seek topic word"},
		{"DEEPSEEK", "han seek topic word"},
		{"深度求索", "han seek topic"},
		{"deepseek's", "han seek topic word"},
		{"发布", "han"},
		{"新模型 发布", "han"},
		{"open ai", "gpt open"},
		{"openai", "gpt"},
		{"gpt-4o", "gpt"},
		{"gpt4o", "gpt"},
		{"GPT 4o pictures", "gpt"},
		{"qwen", "qwen"},
		{"qwen3", "qwen"},
		{"geruchte", "ger"},
		{"GERÜCHTE", "ger"},
		{"grosse", "ger"},
		{"4.1", "v41"},
		{"announce", "ann"},
		{"announcing", "ann"},
		{"halves", "cost"},
		{"quantised", "cost"},
		{"serving cost", "cost"},
		{"the latest news about qwen", "qwen"},
		{"what is the latest on qwen?", "qwen"},
		{"export controls", "ctrl rule"},
		{`"export controls"`, "rule"},
		{"“export controls”", "rule"},
		{`"controls export"`, ""},
		{`"controls on the export"`, "ctrl"},
		{`"controls of export"`, "ctrl"}, // small words stand for each other
		{`"of controls on export the"`, "ctrl"},
		{`tighten "export controls`, "rule"},

		// All words before any of them.
		{"qwen phone", "qwen"},
		{"qwen ghibli", "gpt qwen"},
		{"qwen xyzzyplugh", "qwen"},

		// Misspelt words.
		{"deepseak", "han seek topic word"},
		{"anounces", "ann"},
		{"anuonces", "ann"},
		{"quantisde", "cost"},
		{"qwantised", "cost"},
		{"infrense", "cost"}, // eight letters: two slips
		{"phane", "qwen"},
		{"phnoe", "qwen"},
		{"phxxe", ""}, // two slips in five letters
		{"qwen4", ""}, // a name with a version is never another
		{"gpt5o", ""},

		// Addresses and ids.
		{"https://example.org/gpt", "gpt"},
		{"HTTPS://shop.example/a/b/?x=1#comments", "cost"},
		{"http://www.example.org/seek/", "seek"},
		{"https://example.org/none", ""},
		{"v41", "v41"},
		{"V41", "v41"},

		{"xyzzyplugh", ""},
		{"!!!", ""},
		{"the", ""},
		{"\xff\xfe", ""},
	} {
		h := x.Search(news.Query{Text: tt.query}, day)
		got := slices.Sorted(slices.Values(h.IDs))
		if s := strings.Join(got, " "); s != tt.want || h.Total != len(got) {
			t.Errorf("%q found %q of %d, want %q", tt.query, s, h.Total, tt.want)
		}
	}
	for _, tt := range []struct{ query, topics string }{
		{"deepseek", "deepseek"},
		{"深度求索 OpenAI", "deepseek openai"},
		{"传深度求索发布", "deepseek"},
		{"open ai and deepseek, deepseek!", "openai deepseek"},
		{"deepseak", "deepseek"},
		{"phone", ""},
	} {
		if got := strings.Join(x.Search(news.Query{Text: tt.query}, day).Topics, " "); got != tt.topics {
			t.Errorf("%q names topics %q, want %q", tt.query, got, tt.topics)
		}
	}
}

func TestSearchOrders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		query   news.Query
		stories []news.Story
		want    string
	}{
		{"headline before standfirst before summary", news.Query{Text: "robots"}, []news.Story{
			{ID: "c", Headline: "x", Updated: day, Brief: brief.Brief{Summary: "robots"}},
			{ID: "b", Headline: "x", Updated: day, Brief: brief.Brief{Standfirst: "robots"}},
			{ID: "a", Headline: "robots", Updated: day},
		}, "a b c"},
		{"topic before headline", news.Query{Text: "nvidia"}, []news.Story{
			told("b", "Nvidia x", 50, 1), told("a", "Chips x", 50, 1, "nvidia"),
		}, "a b"},
		{"more impact first", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 10, 1), told("a", "robots", 90, 1),
		}, "a b"},
		{"newer first", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 50, 24*20), told("a", "robots", 50, 1),
		}, "a b"},
		{"impact of 100 against 40 is worth more than a week", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 40, 0), told("a", "robots", 100, 24*7),
		}, "a b"},
		{"but not more than two", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 100, 24*14), told("a", "robots", 40, 0),
		}, "a b"},
		{"a date in the future is no merit", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 50, -24*20), told("a", "robots", 51, 0),
		}, "a b"},
		{"rare words count more", news.Query{Text: "robots quagga"}, []news.Story{
			told("c", "robots", 50, 1), told("d", "robots", 50, 2), told("e", "robots", 50, 3), told("a", "quagga", 50, 1),
		}, "a c d e"},
		{"without words by impact and age", news.Query{}, []news.Story{
			told("b", "x", 90, 24*28), told("a", "y", 50, 1), told("c", "z", 0, 24*28),
		}, "a b c"},
		{"newest", news.Query{Order: news.Newest}, []news.Story{
			told("b", "x", 99, 2), told("a", "y", 1, 1), told("c", "z", 50, 3),
		}, "a b c"},
		{"top", news.Query{Order: news.Top}, []news.Story{
			told("b", "x", 70, 2), told("a", "y", 71, 99), told("c", "z", 70, 3),
		}, "a b c"},
		{"ties by id", news.Query{Text: "robots"}, []news.Story{
			told("b", "robots", 50, 1), told("c", "robots", 50, 1), told("a", "robots", 50, 1),
		}, "a b c"},
	} {
		x := indexOf(tt.stories...)
		if got := strings.Join(x.Search(tt.query, day).IDs, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestSearchFilters(t *testing.T) {
	x := indexOf(newstest.Stories()...)
	now := newstest.Now()
	for _, tt := range []struct {
		query news.Query
		want  string
	}{
		{news.Query{Text: "deepseek", MinImpact: 60}, "k3j2"},
		{news.Query{Text: "deepseek", MinImpact: 82}, ""},
		{news.Query{Topics: []string{"deepseek"}, MinImpact: 50}, "k3j2 old7"},
		{news.Query{Topics: []string{"DeepSeek"}, MinImpact: 50}, "k3j2 old7"},
		{news.Query{Topics: []string{"深度求索"}, MinImpact: 50}, "k3j2 old7"},
		{news.Query{Topics: []string{"nvidia", "mistral"}, MinImpact: 50}, "h20x m3ta"},
		{news.Query{Topics: []string{"no-such-topic"}}, ""},
		{news.Query{Topics: []string{"deepseek"}, Text: "mathematics"}, "old7"},
		{news.Query{Topics: []string{"nvidia"}, Text: "mathematics"}, ""},
		{news.Query{Status: brief.Denied}, "m3ta"},
		{news.Query{Status: "DENIED"}, ""},
		{news.Query{Status: "sure"}, ""},
		{news.Query{Status: brief.Rumour, MinImpact: 13}, "k3j2"},
		{news.Query{Since: now.Add(-time.Hour)}, "k3j2 q3w8"},
		{news.Query{Since: now.Add(-31 * time.Minute)}, "k3j2 q3w8"},
		{news.Query{Since: now.Add(-31*time.Minute + 1)}, "k3j2"},
		{news.Query{MinImpact: -5, Status: brief.Denied}, "m3ta"},
		{news.Query{MinImpact: 500}, ""},
	} {
		h := x.Search(tt.query, now)
		if got := strings.Join(slices.Sorted(slices.Values(h.IDs)), " "); got != tt.want || h.Total != len(h.IDs) {
			t.Errorf("%+v found %q of %d, want %q", tt.query, got, h.Total, tt.want)
		}
	}
}

func TestSearchForgetsWhatWasReplaced(t *testing.T) {
	x := indexOf(told("a", "robots dance", 50, 1, "meta"), told("b", "robots sleep", 40, 1))
	x.Put(told("a", "dogs bark", 60, 0, "nvidia"))
	find := func(q string) string { return strings.Join(x.Search(news.Query{Text: q}, day).IDs, " ") }
	for q, want := range map[string]string{"robots": "b", "dance": "", "dogs": "a", "meta": "", "nvidia": "a", "": "a b"} {
		if got := find(q); got != want {
			t.Errorf("after an update %q found %q, want %q", q, got, want)
		}
	}
	x.Remove("a")
	x.Remove("a")
	x.Remove("never there")
	if got := find("dogs"); got != "" || x.Len() != 1 {
		t.Errorf("after a removal dogs found %q, %d stories are left", got, x.Len())
	}
	if got := find("https://example.org/a"); got != "" {
		t.Errorf("after a removal its address found %q", got)
	}
	x.Put(told("a", "dogs bark again", 60, 0))
	if got := find("dogs"); got != "a" || x.Len() != 2 {
		t.Errorf("after it came back dogs found %q of %d stories", got, x.Len())
	}
}

// TestSearchSurvivesCompaction replaces every story until the dead ones were
// thrown out several times, and compares with an index that saw each once.
func TestSearchSurvivesCompaction(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x, want := indexOf(), indexOf()
	const stories = 400
	last := map[string]news.Story{}
	for range 12 * stories {
		s := synthetic(r, r.IntN(stories))
		if r.IntN(20) == 0 {
			x.Remove(s.ID)
			delete(last, s.ID)
			continue
		}
		x.Put(s)
		last[s.ID] = s
	}
	for _, s := range last {
		want.Put(s)
	}
	if x.Len() != len(last) {
		t.Fatalf("%d stories are left, want %d", x.Len(), len(last))
	}
	for _, q := range append([]string{"", "w1", "deepseek w3", "w7 w9", `"w1 w2"`, "deepseak"}, strings.Fields("w0 w11 w200 w900 raises")...) {
		got, want := x.Search(news.Query{Text: q, Limit: 50}, day), want.Search(news.Query{Text: q, Limit: 50}, day)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: got %v\nwant %v", q, got, want)
		}
	}
	for _, s := range last {
		if got, want := x.Search(news.Query{Text: s.URL}, day).IDs, []string{s.ID}; !slices.Equal(got, want) {
			t.Fatalf("%s leads to %v, want %v", s.URL, got, want)
		}
	}
}

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

func TestSearchBadAfter(t *testing.T) {
	x := indexOf(told("a", "robots", 50, 1))
	for _, after := range []string{"x", "!!", "bm90aGluZw", "MCAwIA"} {
		if h := x.Search(news.Query{After: after}, day); len(h.IDs) != 0 || h.Total != 1 || h.Next != "" {
			t.Errorf("after %q: %+v", after, h)
		}
	}
}

// TestSearchBounds asks what people paste by accident or to do harm.
func TestSearchBounds(t *testing.T) {
	x := indexOf()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 5000 {
		x.Put(synthetic(r, i))
	}
	for _, q := range []string{
		strings.Repeat("w1 w2 w3 w4 ", 1000), strings.Repeat("a", 10_000), strings.Repeat(`"`, 10_000), strings.Repeat(`"w1 w2`, 2000),
		strings.Repeat("深度求索", 3000), strings.Repeat("-'.,", 3000), strings.Repeat("\u0301", 10_000), strings.Repeat("ﷺ", 5000),
		strings.Repeat("openai deepseek nvidia google ", 400),
	} {
		began := time.Now()
		x.Search(news.Query{Text: q}, day)
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("%.20q…, %d bytes, took %s", q, len(q), took)
		}
	}
	// Only the first words count: the 17th does not narrow the search down.
	q := strings.Repeat("openai ", 16) + "xyzzyplugh"
	if h := x.Search(news.Query{Text: q}, day); h.Total == 0 || len(h.Topics) != 1 {
		t.Errorf("16 known words and another: %d matches, topics %v", h.Total, h.Topics)
	}
}

// TestSearchWhileWriting lets readers and writers meet, for the race detector.
func TestSearchWhileWriting(t *testing.T) {
	x := indexOf()
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 5))
			for range 2500 {
				s := synthetic(r, r.IntN(300))
				x.Put(s)
				if r.IntN(10) == 0 {
					x.Remove(s.ID)
				}
			}
		})
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 6))
			for range 500 {
				h := x.Search(news.Query{Text: verbs[r.IntN(len(verbs))] + " deepseak"}, day)
				if len(h.IDs) > h.Total {
					t.Errorf("%d hits of %d", len(h.IDs), h.Total)
				}
				x.Related(synthetic(r, 1), 3, day)
				x.Len()
			}
		})
	}
	wg.Wait()
}

func TestRelated(t *testing.T) {
	stories := []news.Story{
		told("r2", "DeepSeek R2 leaks: trained on Huawei Ascend chips", 80, 1, "deepseek", "huawei"),
		told("asc", "Huawei ships Ascend 910C chips to data centres", 60, 30, "huawei"),
		told("v3", "DeepSeek V3 update beats rivals at mathematics", 58, 24*30, "deepseek"),
		told("eu", "Parliament votes on AI rules", 60, 3, "eu-ai-act"),
		told("fun", "A chatbot writes a cookbook", 5, 2),
	}
	for i := range 200 {
		stories = append(stories, told(fmt.Sprintf("n%d", i), fmt.Sprintf("Company %d raises money for model %d", i, 3*i), 20, float64(i)))
	}
	x := indexOf(stories...)
	if got := strings.Join(x.Related(stories[0], 3, day), " "); got != "asc v3" {
		t.Errorf("related to r2: %q, want asc v3", got)
	}
	if got := x.Related(stories[0], 1, day); len(got) != 1 || got[0] != "asc" {
		t.Errorf("the closest to r2: %v", got)
	}
	if got := x.Related(stories[4], 3, day); len(got) != 0 {
		t.Errorf("related to a story of its own: %v", got)
	}
	if got := x.Related(stories[0], 0, day); len(got) != 0 {
		t.Errorf("none were asked for: %v", got)
	}
	unknown := told("new", "Ascend chips for DeepSeek", 50, 0, "deepseek", "huawei")
	if got := strings.Join(x.Related(unknown, 1, day), " "); got != "r2" {
		t.Errorf("related to a story outside of the index: %q, want r2", got)
	}
	for range 5 {
		y := indexOf(stories...)
		if a, b := x.Related(stories[2], 3, day), y.Related(stories[2], 3, day); !slices.Equal(a, b) {
			t.Errorf("related differs from one index to the next: %v, %v", a, b)
		}
	}
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
