package news_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
		{`"export curbs"`, "rule"}, // a name of the topic, whatever its text calls it
		{`"curbs export"`, ""},     // which is no name of it
		{`"深度求索"`, "han seek topic"},
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
		{`"export curbs" phone`, "export-controls"},
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
		{"what a story is about before what it names in passing", news.Query{Text: "nvidia"}, []news.Story{
			told("b", "Chips x", 90, 1, "deepseek", "gpt", "huawei", "nvidia"), told("a", "Chips x", 50, 1, "nvidia", "h20"),
		}, "a b"},
		{"and also where another name is asked for", news.Query{Text: "英伟达"}, []news.Story{
			told("b", "Chips x", 90, 1, "deepseek", "gpt", "huawei", "nvidia"), told("a", "Chips x", 50, 1, "nvidia", "h20"),
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
		{news.Query{Since: time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC), Status: brief.Denied}, "m3ta"},
		{news.Query{Since: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, ""},
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
	// A word that only a forgotten story had is a misspelt one now.
	if got := find("danse"); got != "" {
		t.Errorf("danse found %q by a word that is gone", got)
	}
	x.Put(told("d", "robotz", 10, 1))
	x.Remove("d")
	if got := find("robotz"); got != "b" {
		t.Errorf("robotz found %q, want the story of robots", got)
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
