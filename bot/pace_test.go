package bot

import (
	"strings"
	"testing"

	"newsdesk/news"
)

func TestPaced(t *testing.T) {
	for _, tt := range []struct {
		pace   news.Pace
		en, de string
	}{
		{news.Pace{Week: 14, Usual: 5}, "X: 14 stories this week, three times the usual", "X: 14 Meldungen diese Woche, dreimal so viele wie sonst"},
		{news.Pace{Week: 1, Thin: true}, "X: 1 story this week", "X: 1 Meldung diese Woche"},
		{news.Pace{}, "X: 0 stories this week", "X: 0 Meldungen diese Woche"},
		{news.Pace{Week: 2}, "X: 2 stories this week, usually none", "X: 2 Meldungen diese Woche, sonst keine"},
		{news.Pace{Usual: 3}, "X: 0 stories this week, fewer than usual", "X: 0 Meldungen diese Woche, weniger als sonst"},
		{news.Pace{Week: 4, Usual: 4}, "X: 4 stories this week, as usual", "X: 4 Meldungen diese Woche, so viele wie sonst"},
		{news.Pace{Week: 6, Usual: 4}, "X: 6 stories this week, more than usual", "X: 6 Meldungen diese Woche, mehr als sonst"},
		{news.Pace{Week: 8, Usual: 4}, "X: 8 stories this week, twice the usual", "X: 8 Meldungen diese Woche, doppelt so viele wie sonst"},
		{news.Pace{Week: 21, Usual: 2}, "X: 21 stories this week, more than ten times the usual", "X: 21 Meldungen diese Woche, mehr als zehnmal so viele wie sonst"},
		{news.Pace{Week: 104, Usual: 10}, "X: 104 stories this week, ten times the usual", "X: 104 Meldungen diese Woche, zehnmal so viele wie sonst"},
	} {
		if got := paced(English, "X", tt.pace); got != tt.en {
			t.Errorf("%+v: %q, want %q", tt.pace, got, tt.en)
		}
		if got := paced(German, "X", tt.pace); got != tt.de {
			t.Errorf("%+v: %q, want %q", tt.pace, got, tt.de)
		}
	}
}

func TestCutWords(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"one two three", 13, "one two three"}, {"one two three", 12, "one two"}, {"one two three", 7, "one two"}, {"one two three", 2, "on"},
		{"深度求索发布新模型", 4, "深度求索"}, {"a\u202eb", 5, "ab"}, {"", 5, ""},
	} {
		if got := cutWords(tt.s, tt.n); got != tt.want {
			t.Errorf("cutWords(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
	if got := cutWords(strings.Repeat("long ", 100), 100); len(got) > 100 {
		t.Errorf("%d characters", len(got))
	}
}
