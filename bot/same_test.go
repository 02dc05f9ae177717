package bot_test

import (
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A story that was owed for itself and turns out to be one that the channel has
// is not posted again; what becomes of both is told once, below what stands.
func TestOwedStoryTookWhatWasPosted(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 60)
	p.step(0)
	p.change("a", status(brief.Confirmed))
	p.step(time.Second)
	p.tell("b", 60)
	p.change("b", status(brief.Confirmed)) // which the channel knows of a
	p.merge("b", "a")
	p.settleAll()
	if got := p.posted(); got != "Both, Confirmed: Headline a" {
		t.Fatalf("posted %q", got)
	}
	p.change("b", status(brief.Denied))
	p.settleAll()
	ms := p.platform.Messages(channel)
	if got := p.posted(); got != "Both, Confirmed: Headline a, Denied: Both" || ms[2].Post.Thread != ms[0].ID {
		t.Errorf("posted %q, the last to %q", got, ms[len(ms)-1].Post.Thread)
	}
	p.shown()
}

// What changes while the story that took others waits is an answer to the
// message that stands, also where one that told nothing itself was taken.
func TestOwedStoryChangesBeforeItsTurn(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 60)
	p.step(0)
	p.tell("b", 60)
	p.merge("b", "a")
	p.change("b", status(brief.Confirmed))
	p.settleAll()
	p.tell("c", 60)
	p.change("b", func(s *news.Story) { s.Into = "c" })
	p.change("c", func(s *news.Story) { s.Took, s.Headline = []string{"b", "a"}, "All" })
	p.change("c", status(brief.Denied))
	p.settleAll()
	ms := p.platform.Messages(channel)
	if got := p.posted(); got != "All, Confirmed: Both, Denied: All" || ms[1].Post.Thread != ms[0].ID || ms[2].Post.Thread != ms[0].ID {
		t.Errorf("posted %q, the last to %q", got, ms[len(ms)-1].Post.Thread)
	}
}

// The same where both wait: whichever comes first tells it.
func TestOwedStoriesBecomeOne(t *testing.T) {
	for _, order := range []string{"ab", "ba"} {
		p := newPipe(t)
		p.tell(order[:1], 60)
		p.tell(order[1:], 60)
		p.merge("a", "b")
		p.change("a", status(brief.Confirmed)) // its answer waits behind both
		p.settleAll()
		p.change("a", status(brief.Denied))
		p.settleAll()
		if got := p.posted(); got != "Both, Denied: Both" {
			t.Errorf("%s: posted %q", order, got)
		}
	}
}

// A person gets what turned out to be one story once, however it came.
func TestFollowedStoriesBecomeOne(t *testing.T) {
	type act func(p *pipe, ada asker)
	ask := func(lines ...string) act {
		return func(_ *pipe, ada asker) {
			for _, line := range lines {
				ada.ask(line)
			}
		}
	}
	send := func(p *pipe, _ asker) { p.settleAll() }
	merge := func(into, from string) act {
		return func(p *pipe, _ asker) {
			p.merge(into, from)
			p.change(into, func(s *news.Story) { s.Impact, s.Topics = 80, []string{"openai"} })
		}
	}
	topical := func(id string) act {
		return func(p *pipe, _ asker) {
			p.change(id, func(s *news.Story) { s.Impact, s.Topics = 80, []string{"openai"} })
		}
	}
	for _, tt := range []struct {
		name string
		acts []act
		want string // before what becomes of it
	}{
		{"one, sent before", []act{ask("follow a"), send, merge("b", "a")}, "Both"},
		{"one, on its way", []act{ask("follow a"), merge("b", "a")}, "Both"},
		{"one, and the other asked for afterwards", []act{ask("follow a"), send, merge("b", "a"), ask("follow b", "follow a")}, "Both"},
		{"one on its way, and the other asked for afterwards", []act{ask("follow a"), merge("b", "a"), ask("follow b")}, "Both"},
		{"both on their way", []act{ask("follow a", "follow b"), merge("b", "a")}, "Both"},
		{"both on their way, into the first", []act{ask("follow a", "follow b"), merge("a", "b")}, "Both"},
		{"the one sent, the other on its way", []act{ask("follow a"), send, ask("follow b"), merge("b", "a")}, "Both"},
		{"the one sent, the other on its way, into the first", []act{ask("follow a"), send, ask("follow b"), merge("a", "b")}, "Both"},
		{"both sent, which were two", []act{ask("follow a", "follow b"), send, merge("b", "a")}, "Both, Both"},
		{"a topic brought one", []act{ask("follow openai"), topical("a"), send, merge("b", "a"), ask("follow b")}, "Both"},
		{"a topic brought one, the other on its way", []act{ask("follow openai"), topical("a"), send, ask("follow b"), merge("b", "a")}, "Both"},
		{"a topic brings the other", []act{ask("follow a", "follow openai"), send, merge("b", "a")}, "Both"},
		{"a topic brings the other, which waits", []act{ask("follow a", "follow openai"), send, topical("b"), merge("b", "a")}, "Both"},
		{"a topic brings the other, and both wait", []act{ask("follow a", "follow openai"), topical("b"), merge("a", "b")}, "Both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPipe(t, []bot.Subscription{}...)
			ada := newAsker(p, "ada")
			p.tell("a", 10)
			p.tell("b", 10)
			for _, act := range tt.acts {
				act(p, ada)
			}
			p.settleAll()
			if got := ada.told(); got != tt.want {
				t.Errorf("ada was told %q, want %q", got, tt.want)
			}
			last := p.desk.stories[len(p.desk.stories)-1].ID
			p.change(last, status(brief.Denied))
			p.settleAll()
			if got := ada.told(); got != tt.want+", Denied: Both" {
				t.Errorf("after the denial ada was told %q", got)
			}
		})
	}
}

// Two stories that are followed and become one are listed and ended as one,
// by either id.
func TestFollowedStoriesEndAsOne(t *testing.T) {
	for _, id := range []string{"a", "b"} {
		p := newPipe(t, []bot.Subscription{}...)
		ada := newAsker(p, "ada")
		p.tell("a", 10)
		p.tell("b", 10)
		ada.ask("follow a")
		ada.ask("follow b")
		p.settleAll()
		p.merge("b", "a")
		p.settleAll()
		if c := ada.ask("following"); c.Title != "You follow 1 story" || strings.Count(labels(c), "Stop: Both") != 1 {
			t.Errorf("following: %q with %s", c.Title, labels(c))
		}
		if got := labels(p.platform.Messages(bot.Person("test", "ada"))[0].Post.Card); strings.Count(got, "Stop following") != 1 {
			t.Errorf("the message's buttons: %s", got)
		}
		if c := ada.ask("unfollow " + id); c.Title != "You do not follow Both any more" {
			t.Errorf("unfollow %s: %+v", id, c)
		}
		if c := ada.ask("following"); c.Title != "You follow nothing yet" {
			t.Errorf("following after unfollow %s: %+v", id, c)
		}
	}
}
