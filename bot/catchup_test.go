package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// After an outage a channel is not flooded, and what is fresh comes by itself.
func TestOutageEndsInOneCatchUp(t *testing.T) {
	for _, tt := range []struct{ late, want int }{{5, 6}, {6, 2}, {40, 2}, {120, 4}} {
		t.Run(fmt.Sprint(tt.late), func(t *testing.T) {
			p := newPipe(t)
			for i := range tt.late {
				p.tell(fmt.Sprintf("s%03d", i), 50)
			}
			p.now = p.now.Add(2 * time.Hour)
			p.tell("fresh", 90)
			p.settleAll()
			ms := p.platform.Messages(channel)
			if len(ms) != tt.want || ms[len(ms)-1].Post.Card.Title != "Headline fresh" {
				t.Errorf("%d late stories became %d messages, want %d and the fresh one last:\n%s", tt.late, len(ms), tt.want, p.posted())
			}
			told := map[string]int{}
			for _, m := range ms {
				if m.Post.Card.Title != "" {
					told[m.Post.Card.Title]++
				}
				for _, s := range m.Post.Card.Sections {
					for _, l := range s.Lines {
						told[l.Text]++
					}
				}
			}
			for i := range tt.late {
				if h := fmt.Sprintf("Headline s%03d", i); told[h] != 1 {
					t.Errorf("%s was told %d times", h, told[h])
				}
			}
		})
	}
}

func TestCatchUpIsPostedOnce(t *testing.T) {
	p := newPipe(t)
	for i := range 8 {
		p.tell(fmt.Sprint(i), 50+i)
	}
	p.now = p.now.Add(time.Hour)
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	p.settleAll()
	ms := p.platform.Messages(channel)
	if len(ms) != 1 || !strings.HasPrefix(ms[0].Post.Card.Title, "Catching up: 8 stories") || ms[0].Post.Card.Sections[0].Lines[0].Text != "Headline 7" {
		t.Fatalf("posted %q", p.posted())
	}
	d := p.delivery("3")
	if d.State != bot.Moot || d.Into != ms[0].Post.Key {
		t.Errorf("a story that was told in the catch-up is %s, told by %q", d.State, d.Into)
	}
	// Its status changes: the answer goes to the message that told it.
	p.change("3", status(brief.Denied))
	p.settleAll()
	ms = p.platform.Messages(channel)
	if len(ms) != 2 || ms[1].Post.Card.Title != "Denied: Headline 3" || ms[1].Post.Thread != ms[0].ID {
		t.Errorf("posted %q", p.posted())
	}
	// And growing edits nothing: the catch-up is no message about it alone.
	p.change("4", func(s *news.Story) { s.Impact = 99 })
	p.settleAll()
	if n := p.platform.Edits(); n != 0 {
		t.Errorf("%d edits of a catch-up", n)
	}
}

// News that is old when the bot hears of it piles up, too.
func TestLateNewsIsFolded(t *testing.T) {
	p := newPipe(t)
	for i := range 7 {
		p.desk.stories = append(p.desk.stories, news.Story{ID: fmt.Sprint(i), Headline: fmt.Sprint("Headline ", i), Impact: 50, Fresh: p.now.Add(-13 * time.Hour), First: p.now.Add(-14 * time.Hour), Seq: uint64(i + 1)})
	}
	p.dispatch()
	p.settleAll()
	if n := len(p.platform.Messages(channel)); n != 1 {
		t.Errorf("seven stories of last night became %d messages: %s", n, p.posted())
	}
}

// What is in doubt is never folded: it may stand in the channel already.
func TestCatchUpLeavesDoubtAlone(t *testing.T) {
	p := newPipe(t)
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	for i := range 8 {
		p.tell(fmt.Sprint(i), 50)
	}
	p.step(0)
	p.now = p.now.Add(time.Hour)
	p.settleAll()
	ms := p.platform.Messages(channel)
	if len(ms) != 2 || ms[0].Post.Card.Title != "Headline 0" || !strings.HasPrefix(ms[1].Post.Card.Title, "Catching up: 7 stories") {
		t.Errorf("posted %q", p.posted())
	}
}

// What turned out to be one story is told once, also where it piled up.
func TestCatchUpOfMergedStories(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 60)
	p.step(0) // posted
	for i := range 8 {
		p.tell(fmt.Sprint("s", i), 50)
	}
	p.merge("a", "s3")
	p.merge("s5", "s6")
	p.now = p.now.Add(time.Hour)
	p.settleAll()
	told := map[string]int{}
	for _, m := range p.platform.Messages(channel)[1:] {
		for _, s := range m.Post.Card.Sections {
			for _, l := range s.Lines {
				told[l.Note]++
			}
		}
	}
	if len(told) != 6 {
		t.Errorf("the catch-up has %d stories, want s0, s1, s2, s4, s5 and s7: %v", len(told), told)
	}
	for note, n := range told {
		if n > 1 {
			t.Errorf("told %d times: %s", n, note)
		}
	}
}
