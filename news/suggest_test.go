package news_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"newsdesk/news"
)

func suggested(x *news.Index, typed string, n int) string {
	var out []string
	for _, s := range x.Suggest(typed, n) {
		if (s.Topic == "") == (s.Story == "") || s.Text == "" {
			out = append(out, fmt.Sprintf("neither topic nor story: %+v", s))
		}
		out = append(out, s.Topic+s.Story)
	}
	return strings.Join(out, " ")
}

func TestSuggest(t *testing.T) {
	x := indexOf(
		told("s1", "Nvidia ships its next chip", 80, 1, "nvidia"),
		told("s2", "Chipmakers follow Nvidia", 40, 2, "nvidia"),
		told("s3", "Deeper cuts at a bank", 30, 3, "layoffs"),
		told("s4", "深度求索 opens its weights", 60, 30, "deepseek"),
	)
	for _, tt := range []struct {
		typed string
		n     int
		want  string
	}{
		{"nvid", 5, "nvidia s1 s2"},
		{"NVID", 2, "nvidia s1"},
		{"nvdia", 5, "nvidia"},   // a slip
		{"nvidai", 5, "nvidia"},  // two letters swapped
		{"chip nvi", 5, "s1 s2"}, // words in any order, each only begun
		{"deeps", 3, "deepseek r2 deepseek-v4"},
		{"de", 4, "deepseek s3 google-deepmind r2"}, // what has no story comes last
		{"求索", 9, "s4"},                             // within a dense script
		{"cuts at", 9, "s3"},                        //
		{"xyzzyplugh", 9, ""},                       //
		{"", 9, "nvidia deepseek layoffs s1 s4 s2 s3"},
		{"  ?! ", 9, "nvidia deepseek layoffs s1 s4 s2 s3"},
		{"nvid", 0, ""},
	} {
		got := suggested(x, tt.typed, tt.n)
		if got != tt.want {
			t.Errorf("%q of %d: %q, want %q", tt.typed, tt.n, got, tt.want)
		}
	}
	x.Remove("s1")
	x.Put(told("s2", "Chipmakers follow a rival", 40, 2))
	if got := suggested(x, "nvid", 5); got != "nvidia" {
		t.Errorf("of stories that are gone or told anew: %q", got)
	}
	if got := suggested(x, "", 1); got != "deepseek" {
		t.Errorf("heat of a topic whose stories are gone: %q", got)
	}
	if n := len(x.Suggest(strings.Repeat("a ", 5000), 25)); n > 25 {
		t.Errorf("%d suggestions", n)
	}
}

// The shelf of headlines stays small, and keeps those that stand highest.
func TestSuggestKeepsTheTopStories(t *testing.T) {
	x := indexOf()
	for i := range 5000 {
		x.Put(told(fmt.Sprintf("s%d", i), fmt.Sprintf("robots w%d", i), i%100, 1))
	}
	got := x.Suggest("robots", 25)
	if len(got) != 25 {
		t.Fatalf("%d suggestions", len(got))
	}
	for _, s := range got {
		if s.Story != "" && !strings.HasSuffix(s.Story, "99") {
			t.Errorf("%s is suggested before stories of impact 99", s.Story)
		}
	}
}

func TestPace(t *testing.T) {
	x := indexOf()
	put := func(id string, days float64, topics ...string) {
		s := told(id, "robots", 10, 24*days, topics...)
		x.Put(s)
	}
	for i := range 28 {
		put(fmt.Sprintf("d%d", i), float64(i)+0.4, "nvidia")
	}
	for i := range 14 { // three a day this week
		put(fmt.Sprintf("n%d", i), float64(i%7)+0.3, "deepseek")
	}
	put("last", 9, "deepseek")
	for i := range 3 { // so that the weeks before have 8, 10 and 7
		put(fmt.Sprintf("m%d", i), 16, "meta")
	}
	for _, tt := range []struct {
		q     news.Query
		week  int
		usual float64
	}{
		{news.Query{Text: "nvidia"}, 7, 7},
		{news.Query{Text: "robots"}, 21, 8},
		{news.Query{}, 21, 8},
		{news.Query{Text: "deepseek"}, 14, 0},
		{news.Query{Text: "deepseek", Since: day.AddDate(0, 0, -1)}, 14, 0}, // the rest of the query
		{news.Query{Text: "robots", Topics: []string{"deepseek"}}, 14, 0},
		{news.Query{Text: "robots", MinImpact: 11}, 0, 0},
		{news.Query{Text: `"robots"`}, 21, 8},
	} {
		tt.q.Pace = true
		p := x.Search(tt.q, day).Pace
		if p == nil || p.Week != tt.week || p.Usual != tt.usual || p.Thin || len(p.Days) != 28 {
			t.Errorf("%+v: %+v, want %d in the week, usually %v", tt.q, p, tt.week, tt.usual)
		}
	}
	days := x.Search(news.Query{Text: "robots", Pace: true}, day).Pace.Days
	want := slices.Concat(slices.Repeat([]int{1}, 21), slices.Repeat([]int{3}, 7))
	want[27-9], want[27-16] = 2, 4
	if !slices.Equal(days, want) {
		t.Errorf("days %v, want %v", days, want)
	}
	if p := x.Search(news.Query{Text: "robots"}, day).Pace; p != nil {
		t.Errorf("a pace that was not asked for: %+v", p)
	}
	young := indexOf()
	for i := range 9 {
		young.Put(told(fmt.Sprint(i), "robots", 10, 24*float64(i)))
	}
	if p := young.Search(news.Query{Pace: true}, day).Pace; !p.Thin || p.Usual != 0 || p.Week != 7 {
		t.Errorf("of a young desk: %+v", p)
	}
	if p := young.Search(news.Query{Text: "https://example.org/1", Pace: true}, day); p.Total != 1 {
		t.Errorf("an address: %+v", p)
	}
}

func TestNearestTopics(t *testing.T) {
	x := indexOf(
		told("a", "x", 50, 1, "anthropic"), told("b", "x", 50, 1, "mistral"), told("c", "x", 50, 1, "nvidia"),
		told("d", "x", 50, 1, "nvidia"), told("e", "x", 50, 1, "deepseek"),
	)
	for text, want := range map[string]string{
		"antropics":       "anthropic",
		"mistrall xqzzk":  "mistral",
		"nvida":           "nvidia",
		"deepsek xqzzk":   "deepseek",
		"xyzzyplugh":      "",
		"":                "",
		"the":             "",
		"openai":          "", // it has no stories
		"mistral nvidias": "nvidia mistral",
		"mistral nvidai":  "mistral nvidia",
	} {
		if got := strings.Join(x.Nearest(text, 3), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if h := x.Search(news.Query{Text: "antropics", MinImpact: 60}, day); strings.Join(h.Nearest, " ") != "anthropic" {
		t.Errorf("a search that found nothing names %v", h.Nearest)
	}
	if h := x.Search(news.Query{Text: "nvidia"}, day); h.Nearest != nil {
		t.Errorf("a search that found something names %v", h.Nearest)
	}
}
