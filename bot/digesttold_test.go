package bot_test

import (
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A digest tells nothing twice, but what grew and what became of it; a channel
// that wants no word of a quiet day gets none.
func TestDigestTellsWhatIsNew(t *testing.T) {
	sub := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00", Silent: true}
	p := newPipe(t, sub)
	p.dispatch()
	next := func(want ...string) {
		t.Helper()
		n := len(p.platform.Messages(channel))
		p.now = time.Date(p.now.Year(), p.now.Month(), p.now.Day(), 18, 0, 1, 0, time.UTC)
		p.dispatch()
		p.step(time.Minute)
		var got []string
		for _, m := range p.platform.Messages(channel)[n:] {
			for _, s := range m.Post.Card.Sections {
				for _, l := range s.Lines {
					got = append(got, s.Title+": "+l.Text)
				}
			}
		}
		if len(got) != len(want) {
			t.Fatalf("the digest tells %q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("the digest tells %q, want %q", got, want)
			}
		}
		p.now = p.now.Add(15 * time.Hour)
	}
	turn := func(id string, impact int, status string) {
		p.change(id, func(s *news.Story) {
			s.Impact, s.Status = impact, brief.Status{Value: status}
			s.Updated, s.Fresh = p.now, p.now
			s.Turns = append(s.Turns, news.Turn{At: p.now, Impact: impact, Status: status, Fresh: p.now})
		})
	}
	for id, impact := range map[string]int{"a": 80, "b": 60, "c": 50} {
		p.tell(id, impact)
		turn(id, impact, brief.Rumour)
	}
	next("Top story: Headline a", ": Headline b", ": Headline c")
	turn("a", 89, brief.Rumour)
	turn("b", 70, brief.Rumour)
	turn("c", 50, brief.Confirmed)
	next("Top story: Headline b", "What became of it: Headline c")
	next() // silent
	turn("a", 90, brief.Rumour)
	next("Top story: Headline a")
}
