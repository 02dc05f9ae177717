package news_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

func TestTimeline(t *testing.T) {
	at := func(hours int) time.Time { return time.Date(2026, 3, 2, hours, 0, 0, 0, time.UTC) }
	s := news.Story{
		History: []brief.Status{{Value: brief.Rumour, Source: "A", Since: at(1)}, {Value: brief.Denied, Source: "C", Since: at(5)}},
		Status:  brief.Status{Value: brief.Confirmed, Source: "F", Since: at(9)},
	}
	for i, src := range []string{"A", "B", "C", "D", "E", "F", "A"} {
		s.Articles = append(s.Articles, news.Ref{ID: fmt.Sprint(i), URL: "https://x.example/" + fmt.Sprint(i), Title: "Title " + fmt.Sprint(i), Source: src, Published: at([]int{1, 3, 5, 6, 7, 9, 11}[i])})
	}
	var got []string
	for _, m := range s.Timeline() {
		got = append(got, fmt.Sprintf("%d %s (%s)", m.At.Hour(), m.Text, m.Source))
	}
	want := []string{
		"1 rumour: Title 0 (A)", "5 denied: Title 2 (C)", "5 3 outlets report it (C)", "7 5 outlets report it (E)", "9 confirmed: Title 5 (F)", "11 Title 6 (A)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if m := (news.Story{Articles: s.Articles[:1], Status: brief.Status{Value: brief.Rumour, Since: at(1)}}).Timeline(); len(m) != 1 || m[0].Text != "rumour: Title 0" {
		t.Errorf("%+v", m)
	}
	if (news.Story{}).Timeline() != nil {
		t.Error("nothing has no course")
	}
}
