package news

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"newsdesk/news/topic"
)

func TestSurprise(t *testing.T) {
	// 1 - CDF of a Poisson variable, summed term by term.
	for _, tt := range []struct {
		x    int
		mean float64
		want float64
	}{{1, 1, 0.63212056}, {4, 1, 0.01898816}, {10, 2.5, 0.00027735}, {300, 200, 2.711468e-11}, {3, 30, 1}} {
		if got := math.Pow(10, -surprise(tt.x, tt.mean)); math.Abs(got-tt.want) > 0.02*tt.want {
			t.Errorf("P(X >= %d | %g) = %g, want %g", tt.x, tt.mean, got, tt.want)
		}
	}
	if surprise(0, 3) != 0 {
		t.Error("nothing is no surprise")
	}
}

// archive fills an index with a month in which OpenAI makes most of the news,
// and ends with a day of many stories about DeepSeek.
func archive(now time.Time, today, usual int) *Index {
	x := NewIndex(topic.Default())
	n := 0
	put := func(day int, id string, outlets ...string) {
		n++
		first := now.Add(-time.Duration(day)*24*time.Hour - time.Hour)
		x.Put(Story{ID: fmt.Sprint(n), Headline: fmt.Sprintf("Story %d", n), Topics: []string{id}, First: first, Updated: first, Sources: outlets})
	}
	for day := 28; day > 0; day-- {
		for range usual {
			put(day, "openai", "a", "b")
		}
		if day%7 == 0 {
			put(day, "deepseek", "a")
		}
	}
	for range today {
		put(0, "deepseek", "a", "b")
	}
	for range 2 * usual { // a busy day for all
		put(0, "openai", "a", "b")
	}
	put(0, "mistral", "a")
	return x
}

func TestTrends(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	trends := archive(now, 8, 6).Trends(now, 1, 10, "")
	if len(trends) != 2 || trends[0].Topic != "deepseek" || !trends[0].Burst || trends[0].Stories != 8 || trends[0].Name != "DeepSeek" {
		t.Fatalf("%+v", trends)
	}
	if tr := trends[1]; tr.Topic != "mistral" || tr.Burst || tr.Thin {
		t.Errorf("%+v", tr)
	}
	if tr := archive(now, 8, 6).Trends(now, 1, 10, "openai"); len(tr) != 1 || tr[0].Burst || tr[0].Usual < 12 {
		t.Errorf("a busy day for all is no burst of OpenAI: %+v", tr)
	}
	if tr := trends[0]; len(tr.Days) != 28 || tr.Days[27] != 8 || tr.Days[20] != 1 || tr.Usual > 1 {
		t.Errorf("%+v", tr)
	}
	// Three stories of one outlet are none, and an archive of a day knows nothing of what is usual.
	if tr := archive(now, 3, 6).Trends(now, 1, 10, "deepseek"); len(tr) != 1 || tr[0].Burst {
		t.Errorf("%+v", tr)
	}
	x := NewIndex(topic.Default())
	for i := range 50 {
		x.Put(Story{ID: fmt.Sprint(i), Topics: []string{"nvidia"}, First: now, Updated: now, Sources: []string{"a"}})
	}
	if tr := x.Trends(now, 1, 10, ""); len(tr) != 1 || tr[0].Burst {
		t.Errorf("%+v", tr)
	}
	if tr := x.Trends(now, 1, 10, ""); !tr[0].Thin || tr[0].Surprise != 0 {
		t.Errorf("%+v", tr)
	}
	if tr := x.Trends(now, 7, 10, "openai"); len(tr) != 0 {
		t.Errorf("a topic without a story: %+v", tr)
	}
}

// A topic of one story is no surprise, but one of a great story makes news.
func TestTrendsOfAGreatStory(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	x := archive(now, 8, 6)
	put := func(id string, impact int, topics ...string) {
		x.Put(Story{ID: id, Headline: id, Impact: impact, Topics: topics, First: now.Add(-time.Hour), Updated: now.Add(-time.Hour), Sources: []string{"a"}})
	}
	for i, id := range []string{"apple", "meta", "microsoft", "baidu"} {
		put(fmt.Sprint("small", i), 79, id)
		put(fmt.Sprint("other", i), 30, id)
	}
	put("great", 89, "r2", "qwen", "huawei", "openai") // of which the last two are named in passing
	put("lesser", 80, "minimax")
	names := func(n int) (s string) {
		for _, tr := range x.Trends(now, 1, n, "") {
			s += fmt.Sprint(tr.Topic, " ", tr.Great, " ")
		}
		return s
	}
	if got, want := names(4), "deepseek 0 meta 0 microsoft 0 r2 89 "; got != want {
		t.Errorf("the first four are %q, want %q", got, want)
	}
	if got, want := names(8), "deepseek 0 meta 0 microsoft 0 apple 0 baidu 0 mistral 0 r2 89 qwen 89 "; got != want {
		t.Errorf("the first eight are %q, want %q", got, want)
	}
	put("again", 90, "openai", "gpt") // on a day of fewer stories than usual
	if tr := x.Trends(now, 1, 100, ""); !slices.ContainsFunc(tr, func(t Trend) bool { return t.Topic == "openai" && t.Great == 90 && t.Usual > float64(t.Stories) }) {
		t.Errorf("%+v", tr)
	}
}

// In a bot's first weeks there is nothing but the backlog of slow feeds.
func TestTrendsOfLittleHistory(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for what, tt := range map[string]struct {
		old, today int // days with a story of OpenAI, stories about Nvidia today
		thin       bool
	}{
		"few days":              {6, 2, true},
		"a week of days":        {7, 2, false},
		"less than the span":    {20, 60, true},
		"days enough, and news": {20, 5, false},
	} {
		x := NewIndex(topic.Default())
		put := func(id, topic string, day int) {
			first := now.Add(-time.Duration(day)*24*time.Hour - time.Hour)
			x.Put(Story{ID: id, Topics: []string{topic}, First: first, Updated: first, Sources: []string{"a", "b"}})
		}
		for day := range tt.old {
			put(fmt.Sprint("old", day), "openai", day+1)
		}
		for i := range tt.today {
			put(fmt.Sprint("new", i), "nvidia", 0)
		}
		put("one", "openai", 0)
		trends := x.Trends(now, 1, 10, "")
		if len(trends) == 0 || trends[0].Topic != "nvidia" || trends[0].Thin != tt.thin {
			t.Errorf("%s: %+v", what, trends)
		}
		for _, tr := range trends {
			if tr.Thin && (tr.Usual != 0 || tr.Burst) || !tr.Thin && tr.Topic == "openai" {
				t.Errorf("%s: %+v", what, tr)
			}
		}
	}
}
