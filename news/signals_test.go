package news_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
	"newsdesk/news/impact"
)

// ingest has a desk read one article of a source and returns its story.
func ingest(t *testing.T, d *news.Desk, src news.Source, it feed.Item) news.Story {
	t.Helper()
	changed, err := d.Ingest(context.Background(), src, news.Identify(src, []feed.Item{it}), false)
	if err != nil || len(changed) != 1 {
		t.Fatalf("%d stories, %v", len(changed), err)
	}
	return changed[0]
}

func why(s news.Story, part string) string {
	i := slices.IndexFunc(s.Parts, func(p impact.Part) bool { return p.Name == part })
	if i < 0 {
		return ""
	}
	return s.Parts[i].Why
}

func TestALabIsTheSubjectOfItsOwnPosts(t *testing.T) {
	now := time.Date(2025, 4, 28, 8, 0, 0, 0, time.UTC)
	lab := news.Source{ID: "openai", Name: "OpenAI", Kind: news.Lab, Lang: "en", Authority: 1, Site: "https://openai.com/news"}
	other := news.Source{ID: "daily", Name: "Daily", Kind: news.Press, Lang: "en", Authority: 0.6, Site: "https://daily.example"}
	d := news.NewDesk(news.Options{Store: news.NewMemory(func() time.Time { return now }), Sources: []news.Source{lab, other}, Now: func() time.Time { return now }})
	own := ingest(t, d, lab, feed.Item{URL: "https://openai.com/index/history", Title: "Computer History", Published: now})
	if got := why(own, "prominence"); got != "it is about OpenAI" || !slices.Contains(own.Topics, "openai") {
		t.Errorf("a lab's own post: %q, topics %q", got, own.Topics)
	}
	others := ingest(t, d, other, feed.Item{URL: "https://daily.example/history", Title: "Museums of calculating machines", Published: now})
	if got := why(others, "prominence"); got != "" {
		t.Errorf("somebody else's: %q", got)
	}
}

// TestNobodySpeaksForAForum although its host belongs to a company.
func TestNobodySpeaksForAForum(t *testing.T) {
	now := time.Date(2025, 4, 28, 8, 0, 0, 0, time.UTC)
	forum := news.Source{ID: "forum", Name: "Forum", Kind: news.Community, Lang: "en", Authority: 0.4, Site: "https://news.ycombinator.com"}
	d := news.NewDesk(news.Options{Store: news.NewMemory(func() time.Time { return now }), Sources: []news.Source{forum}, Now: func() time.Time { return now }})
	for title, url := range map[string]string{"Thoughts about looms": "https://blog.example/middle", "Essays on gardens": "https://news.ycombinator.com/item?id=1"} {
		s := ingest(t, d, forum, feed.Item{URL: url, Title: title, Published: now})
		if slices.Contains(s.Topics, "y-combinator") || s.Status.Value != "reported" {
			t.Errorf("%s: %s, %s; topics %q", url, s.Status.Value, s.Status.Why, s.Topics)
		}
	}
}

func TestASideStoryIsNotTheEvent(t *testing.T) {
	now := time.Date(2025, 4, 28, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	d := news.NewDesk(news.Options{Store: news.NewMemory(clock), Now: clock})
	tell := func(n int, title string) news.Story {
		now = now.Add(time.Minute)
		src := news.Source{ID: fmt.Sprint("outlet ", n), Name: fmt.Sprint("Outlet ", n), Kind: news.Press, Lang: "en", Authority: 0.4}
		return ingest(t, d, src, feed.Item{URL: fmt.Sprintf("https://outlet%d.example/a", n), Title: title, Published: now})
	}
	var s news.Story
	for n := range 8 {
		s = tell(n, fmt.Sprintf("Quillon keynote in Gothenburg shows Marrow, view %d", n))
	}
	s = tell(8, "Quillon keynote in Gothenburg shows Marrow: investors shrug")
	if len(s.Articles) != 9 {
		t.Fatalf("the outlets' articles are %d in one story", len(s.Articles))
	}
	if got := why(s, "event"); got == "money raised or invested" {
		t.Errorf("one of nine outlets makes the event %q", got)
	}
}
