package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// newsOf adds a story as it was told at a time.
func (p *pipe) newsOf(id string, at time.Time, impact int, edit func(*news.Turn)) {
	turn := news.Turn{At: at, Impact: impact, Status: brief.Reported, Lang: "en", Fresh: at, Topics: []string{"openai"}, Kinds: []news.Kind{news.Press}}
	if edit != nil {
		edit(&turn)
	}
	p.desk.stories = append(p.desk.stories, news.Story{
		ID: id, Headline: "Headline " + id, Impact: turn.Impact, Lang: turn.Lang, Topics: turn.Topics, Kinds: turn.Kinds, Status: brief.Status{Value: turn.Status},
		First: at, Updated: at, Fresh: turn.Fresh, Turns: []news.Turn{turn}, Seq: uint64(len(p.desk.stories) + 1),
	})
}

// TestDigestCommand asks for the next digest and for one at once, in channels
// with and without one.
func TestDigestCommand(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday
	digest := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00", Zone: "Europe/Berlin", MinImpact: 50, Topics: []string{"openai"}}
	silent := digest
	silent.Silent = true
	instant := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, MinImpact: 50, Topics: []string{"openai"}, Statuses: []string{brief.Reported}, Kinds: []news.Kind{news.Press}, Languages: []string{"en"}}
	second := bot.Subscription{ID: "other", Channel: channel, Mode: bot.Instant, MinImpact: 30, Topics: []string{"deepseek"}}
	elsewhere := bot.Subscription{ID: "config", Channel: "test:2", Mode: bot.Digest, DigestAt: "18:00"}
	for _, tt := range []struct {
		name    string
		orders  []bot.Subscription
		quiet   bool
		line    string
		title   string
		text    string
		told    string
		buttons string
	}{
		{"a digest", []bot.Subscription{digest}, false, "digest", "The next digest: Monday 18:00 CET", "This is what it would tell so far.", "wanted", "Share"},
		{"a digest at once", []bot.Subscription{digest}, false, "digest now", "AI news digest, Monday 2 March 2026", "", "wanted", "Share"},
		{"a digest, and nothing to tell", []bot.Subscription{digest}, true, "digest", "The next digest: Monday 18:00 CET", "So far no story reached what this channel asks for.", "", ""},
		{"a silent one, and nothing to tell", []bot.Subscription{silent}, true, "digest", "The next digest: Monday 18:00 CET", "So far no story reached what this channel asks for. Where none does, nothing is posted.", "", ""},
		{"a silent one at once", []bot.Subscription{silent}, true, "digest now", "AI news digest, Monday 2 March 2026", "A quiet day: no story reached what this channel asks for.", "", ""},
		{"news at once, which it had, and a digest", []bot.Subscription{instant, digest}, false, "digest", "The next digest: Monday 18:00 CET", "So far no story reached what this channel asks for.", "", ""},
		// Of a day, and what any order asks for.
		{"news at once", []bot.Subscription{instant}, false, "digest", "This channel gets no digest", "This is what one of the last day would tell.", "wanted yesterday", "Add a digest, Share"},
		{"news at once, a digest at once", []bot.Subscription{instant}, false, "digest now", "AI news digest, Monday 2 March 2026", "", "wanted yesterday", "Share"},
		{"two orders", []bot.Subscription{instant, second}, false, "digest now", "AI news digest, Monday 2 March 2026", "", "deep wanted yesterday", "Share"},
		{"news at once, and nothing to tell", []bot.Subscription{instant}, true, "digest", "This channel gets no digest", "A quiet day: no story reached what this channel asks for.", "", "Add a digest"},
		{"no order", []bot.Subscription{elsewhere}, false, "digest now", "AI news digest, Monday 2 March 2026", "", "topic language deep kind status wanted yesterday low", "Share"},
		{"no order, and nothing to tell", []bot.Subscription{elsewhere}, true, "digest", "This channel gets no digest", "A quiet day: no story reached what this channel asks for.", "", "Add a digest"},
	} {
		p := newPipe(t, tt.orders...)
		p.now = now
		p.newsOf("old", now.Add(-50*time.Hour), 99, nil)
		if !tt.quiet {
			p.newsOf("yesterday", now.Add(-23*time.Hour), 55, nil)
			p.newsOf("wanted", now.Add(-time.Hour), 60, nil)
			p.newsOf("stale", now.Add(-time.Hour), 95, func(s *news.Turn) { s.Fresh = now.Add(-50 * time.Hour) }) // told anew, by what is no news
			p.newsOf("low", now.Add(-time.Hour), 20, nil)
			p.newsOf("deep", now.Add(-time.Hour), 70, func(s *news.Turn) { s.Topics = []string{"deepseek"}; s.Lang = "zh" })
			p.newsOf("topic", now.Add(-time.Hour), 90, func(s *news.Turn) { s.Topics = []string{"nvidia"} })
			p.newsOf("language", now.Add(-time.Hour), 80, func(s *news.Turn) { s.Lang = "zh"; s.Topics = []string{"nvidia", "openai"} })
			p.newsOf("kind", now.Add(-time.Hour), 65, func(s *news.Turn) { s.Kinds = []news.Kind{news.Community}; s.Topics = []string{"nvidia", "openai"} })
			p.newsOf("status", now.Add(-time.Hour), 64, func(s *news.Turn) { s.Status = brief.Rumour; s.Topics = []string{"nvidia", "openai"} })
			for _, s := range []string{"language", "kind", "status"} { // what a digest's topics alone let through
				if tt.orders[len(tt.orders)-1].Mode == bot.Digest && tt.orders[0].Channel == channel {
					p.change(s, func(s *news.Story) { s.Turns[0].Topics = []string{"nvidia"} })
				}
			}
		}
		p.dispatch()
		c := newManager(p, tt.orders...).ask(tt.line).Card
		if c.Title != tt.title || c.Text != tt.text || toldOn(c) != tt.told || labels(c) != tt.buttons {
			t.Errorf("%s: title %q, text %q, tells %q, buttons %q; want %q, %q, %q, %q", tt.name, c.Title, c.Text, toldOn(c), labels(c), tt.title, tt.text, tt.told, tt.buttons)
		}
	}
}

// What does not fit on one page is turned to, as in a list; what was posted is
// not in the next digest.
func TestDigestCommandTurnsPages(t *testing.T) {
	sub := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00"}
	p := newPipe(t, sub)
	p.dispatch()
	p.newsOf("posted", p.now.Add(time.Hour), 99, nil)
	p.now = time.Date(2026, 3, 2, 18, 0, 1, 0, time.UTC)
	p.dispatch()
	p.step(time.Second)
	for i := range 10 {
		p.newsOf(fmt.Sprintf("s%d", i), p.now.Add(time.Minute), 60-i, nil)
	}
	p.now = p.now.Add(time.Hour)
	m := newManager(p, sub)
	c := m.ask("digest").Card
	if toldOn(c) != "s0 s1 s2 s3 s4 s5 s6 s7" || labels(c) != "More stories ▶, Share" || !strings.Contains(c.Footer, "Page 1 of 2 · 10 stories in all") {
		t.Fatalf("tells %q, buttons %q, footer %q", toldOn(c), labels(c), c.Footer)
	}
	r := m.press(c, "More stories")
	if toldOn(r.Card) != "s8 s9" || !r.Replace || labels(r.Card) != "◀ Back, Share" {
		t.Errorf("the second page tells %q, buttons %q", toldOn(r.Card), labels(r.Card))
	}
}
