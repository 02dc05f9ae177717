package news_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// sane checks what holds of every story whatever was fed: no score leaves 0 to
// 100, its parts add up, no date lies in the future.
func sane(t *testing.T, r *room, all []news.Story) {
	t.Helper()
	consistent(t, r, all)
	for _, s := range all {
		sum := 0
		for _, p := range s.Parts {
			sum += p.Points
		}
		if s.Into == "" && (s.Impact < 0 || s.Impact > 100 || sum != s.Impact) {
			t.Errorf("story %s has %d, its parts add up to %d", s.ID, s.Impact, sum)
		}
		if s.Updated.After(r.now) || s.First.After(s.Updated) {
			t.Errorf("story %s from %s to %s, and it is %s", s.ID, s.First, s.Updated, r.now)
		}
	}
}

// largest returns the number of articles of the largest story.
func largest(all []news.Story) int {
	n := 0
	for _, s := range all {
		n = max(n, len(s.Articles))
	}
	return n
}

func TestOddTitles(t *testing.T) {
	for name, titles := range map[string][]string{
		"one word":          {"Update", "News", "AI", "Claude", "Weekly", "Models", "Update", "AI", "News"},
		"ten thousand":      {strings.Repeat("model ", 1700), strings.Repeat("chip ", 2000), strings.Repeat("x", 10_000), strings.Repeat("模", 10_000), strings.Repeat("🚀", 2500)},
		"emoji":             {"🚀🚀🚀", "🔥", "🚀", "🤖🤖", "🔥🔥🔥🔥", "👩\u200d💻"},
		"nothing to read":   {"...", "—", "???", "\u200b", "\u202eevil\u202c", "\x00\x01", "<b></b>"},
		"numbers":           {"1", "2", "3.5", "100%", "2026", "1,000,000"},
		"the same for ever": {"Daily AI digest", "Daily AI digest #2", "Daily AI digest #3", "Daily AI digest #4", "Daily AI digest #5"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "a", "b", "c", "d", "e", "f", "g", "h", "i")
			var all []news.Story
			for i, title := range titles {
				r.web[r.srcs[i].Feeds[0]] = items(r.item(fmt.Sprint(i), title, "The text of this item says something of its own: "+fmt.Sprint(i)+"."))
				all = r.poll()
				sane(t, r, all)
			}
			// Titles that stand twice may be one story; editions of one series, too.
			most := 2
			if name == "the same for ever" {
				most = len(titles)
			}
			if n := largest(all); n > most {
				t.Errorf("a story of %d articles swallowed the rest", n)
			}
		})
	}
}

func TestOddDates(t *testing.T) {
	r := newRoom(t, "a", "b")
	r.web[r.srcs[0].Feeds[0]] = items()
	r.poll()
	var its []feed.Item
	for i, at := range []time.Time{time.Unix(0, 0), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), {}} {
		it := r.item(fmt.Sprint(i), fmt.Sprintf("Halcyon opens office number %d in Leipzig", i), "")
		it.Published = at
		its = append(its, it)
	}
	r.web[r.srcs[0].Feeds[0]] = items(its...)
	sane(t, r, r.poll())
	// The story goes on as if nothing had been.
	r.web[r.srcs[1].Feeds[0]] = items(r.item("x", "Nimbus cloud outage in Dublin", ""))
	sane(t, r, r.poll())
}

// TestFlood lets one source publish five hundred items at once that look much
// alike, among other news: it swallows none of it, and is no great story.
func TestFlood(t *testing.T) {
	r := newRoom(t, "a", "b", "c")
	r.web[r.srcs[1].Feeds[0]] = items(r.item("b1", "DeepSeek publishes weights of a vision model", "The weights are free."))
	r.web[r.srcs[2].Feeds[0]] = items(r.item("c1", "Brussels fines Halcyon 40 million euros", "The commission decided on Monday."))
	r.poll()
	var its []feed.Item
	cities := strings.Fields("Leipzig Lyon Lisbon Lima Lagos London Lahore Lusaka Luanda Lublin Linz Laval Lodz Lucerne Lecce Leeds Limoges Lucca Lund Lviv")
	for i := range 500 {
		its = append(its, r.item(fmt.Sprintf("f%d", i), fmt.Sprintf("Job opening: AI engineer in %s, reference %d", cities[i%len(cities)], i), "Apply with your usual papers."))
	}
	r.web[r.srcs[0].Feeds[0]] = items(its...)
	all := r.poll()
	sane(t, r, all)
	for _, s := range all {
		for _, a := range s.Articles {
			if (strings.Contains(a.Title, "DeepSeek") || strings.Contains(a.Title, "Brussels")) && len(s.Articles) > 1 {
				t.Errorf("the flood swallowed %q", a.Title)
			}
		}
		if len(s.Articles) > 10 && s.Impact > 45 {
			t.Errorf("a flood of %d items of one source has %d", len(s.Articles), s.Impact)
		}
	}
	t.Logf("%d stories, the largest of %d articles", len(all), largest(all))
}

// TestTwoOutletsOfOneName keeps their articles and voices apart by their IDs.
func TestTwoOutletsOfOneName(t *testing.T) {
	r := newRoom(t, "a", "b")
	r.srcs[1].Name = r.srcs[0].Name
	r.restart()
	r.web[r.srcs[0].Feeds[0]] = items(r.item("1", rumour, ""))
	r.web[r.srcs[1].Feeds[0]] = items(r.item("2", rumour2, ""))
	all := r.poll()
	sane(t, r, all)
	if len(all) != 1 || len(all[0].Articles) != 2 {
		t.Fatalf("%+v; want one story of two articles", all)
	}
}
