package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

const (
	comesNow   = "comes by direct message now"
	cameBefore = "came by direct message before"
	refusedYet = "were refused until now"
)

// follows checks what the answer to "follow a" promises, and what comes of it.
func (a asker) follows(says string, told string) {
	a.t.Helper()
	c := a.ask("follow a")
	if !strings.Contains(c.Text, says) {
		a.t.Errorf("follow: %q, want %q", c.Text, says)
	}
	a.settleAll()
	if got := a.told(); got != told {
		a.t.Errorf("%s was told %q, want %q", a.user, got, told)
	}
}

func TestFollowAgain(t *testing.T) {
	rejected := bottest.Answer{Err: &bot.SendError{Outcome: bot.Rejected, Reason: "no"}}
	lost := bottest.Answer{Land: true, Err: bottest.ErrLost}
	for _, tt := range []struct {
		name    string
		answers []bottest.Answer
		before  func(p *pipe)
		says    string
		told    string
	}{
		{"it waits", nil, func(*pipe) {}, comesNow, "Headline a"},
		{"it was sent", nil, (*pipe).settleAll, cameBefore, "Headline a"},
		{"it was given up", []bottest.Answer{rejected}, (*pipe).settleAll, comesNow, "Headline a"},
		{"it is in doubt", []bottest.Answer{lost}, func(p *pipe) { p.step(0) }, comesNow, "Headline a"},
		{"the same story was given up", []bottest.Answer{rejected}, func(p *pipe) {
			p.settleAll()
			p.tell("b", 10)
			p.merge("b", "a")
		}, comesNow, "Both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPipe(t, []bot.Subscription{}...)
			ada := newAsker(p, "ada")
			p.platform.Answer(tt.answers...)
			p.tell("a", 10)
			ada.ask("follow a")
			tt.before(p)
			ada.follows(tt.says, tt.told)
			ada.follows(cameBefore, tt.told)
		})
	}
}

// Who takes no messages and follows something wants them: they are tried
// again, and where they are refused again the next answer says so.
func TestFollowResumes(t *testing.T) {
	refused := bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: "the person takes no direct messages from the bot"}}
	p := newPipe(t, []bot.Subscription{}...)
	ada, bob := newAsker(p, "ada"), newAsker(p, "bob")
	p.platform.Answer(refused, refused, refused)
	p.tell("a", 10)
	for i, says := range []string{comesNow, refusedYet, refusedYet} {
		if c := ada.ask("follow a"); !strings.Contains(c.Text, says) || (i > 0) != (len(c.Facts) > 0) {
			t.Errorf("%d: %q with %v, want %q", i, c.Text, c.Facts, says)
		}
		p.step(0)
		if c := ada.ask("following"); !strings.Contains(c.Text, "are refused") || len(c.Facts) != 2 || !strings.Contains(c.Facts[1].Value, "takes no direct messages") {
			t.Errorf("%d: following: %q with %v", i, c.Text, c.Facts)
		}
	}
	if c := bob.ask("follow openai"); strings.Contains(c.Text, refusedYet) { // whose messages are fine
		t.Errorf("bob follows: %q", c.Text)
	}
	if s, err := p.store.Suspensions(t.Context()); len(s) != 1 || err != nil {
		t.Errorf("after bob follows: %v, %v", s, err)
	}
	// A topic does it, too; and then all comes.
	if c := ada.ask("follow openai"); !strings.Contains(c.Text, refusedYet) {
		t.Errorf("follow a topic: %q", c.Text)
	}
	if c := ada.ask("following"); c.Text != "" || len(c.Facts) > 0 {
		t.Errorf("following afterwards: %q, %v", c.Text, c.Facts)
	}
	p.tell("b", 80)
	p.change("b", about("openai"))
	p.settleAll()
	if got := ada.told(); got != "Headline a, Headline b" {
		t.Errorf("ada was told %q", got)
	}
}

// A story that a catch-up told came before; where the catch-up was given up, it
// is tried again.
func TestFollowWhatACatchUpTold(t *testing.T) {
	for _, tt := range []struct {
		answers []bottest.Answer
		says    string
	}{
		{nil, cameBefore},
		{[]bottest.Answer{{Err: &bot.SendError{Outcome: bot.Rejected, Reason: "no"}}}, comesNow},
	} {
		p := newPipe(t, []bot.Subscription{}...)
		ada := newAsker(p, "ada")
		ada.ask("follow openai")
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			p.tell(id, 60)
			p.change(id, about("openai"))
		}
		p.platform.Answer(tt.answers...)
		p.now = p.now.Add(time.Hour)
		p.settleAll()
		ada.follows(tt.says, "Catching up: 7 stories since 09:00 UTC")
	}
}

// A catch-up that nobody wanted any more told nothing: what is followed again
// comes after all.
func TestFollowWhatACatchUpDidNotTell(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	ada.ask("follow openai")
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		p.tell(id, 60)
		p.change(id, about("openai"))
	}
	ada.ask("unfollow openai")
	p.now = p.now.Add(time.Hour)
	p.settleAll()
	if got := ada.told(); got != "" {
		t.Fatalf("ada was told %q", got)
	}
	ada.follows(comesNow, "Catching up: 1 story since 09:00 UTC")
}

// What was forgotten in the outbox came before.
func TestFollowWhatWasForgotten(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("a", 10)
	ada.follows(comesNow, "Headline a")
	if n, err := p.store.Forget(t.Context(), p.now.Add(time.Hour), time.Time{}); n != 1 || err != nil {
		t.Fatalf("Forget: %d, %v", n, err)
	}
	ada.follows(cameBefore, "Headline a")
}

// A story is followed whatever its impact, and says so where min: was given;
// a topic is followed again from the impact that it was followed from.
func TestFollowMin(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("a", 10)
	if c := ada.ask("follow a min:70"); !strings.Contains(c.Text, "whatever its impact") {
		t.Errorf("a story with min: %q", c.Text)
	}
	p.settleAll()
	p.change("a", status("denied"))
	p.settleAll()
	if got := ada.told(); got != "Headline a, Denied: Headline a" {
		t.Errorf("ada was told %q", got)
	}
	for _, tt := range []struct{ line, again string }{
		{"follow openai min:70", "follow openai min:70"}, {"follow openai", "follow openai"}, {"follow openai min:0", "follow openai min:0"},
	} {
		if c := ada.ask(tt.line); strings.Contains(c.Text, "whatever its impact") {
			t.Errorf("%s: %q", tt.line, c.Text)
		}
		c := ada.ask("unfollow openai")
		if got := c.Buttons[len(c.Buttons)-1].Line; got != tt.again {
			t.Errorf("after %q the button asks %q", tt.line, got)
		}
	}
}

// Fifty is the most, whatever they have become since; one that is followed by
// another id is no new one.
func TestFollowsMostCountsMerged(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	for i := range 50 {
		p.tell(fmt.Sprint("n", i), 1)
		ada.ask(fmt.Sprint("follow n", i))
	}
	p.tell("new", 1)
	if c := ada.ask("follow new"); c.Tone != bot.Mistake {
		t.Errorf("the 51st: %+v", c)
	}
	p.change("n7", func(s *news.Story) { s.Into = "new" })
	p.change("new", func(s *news.Story) { s.Took = []string{"n7"} })
	if c := ada.ask("follow new"); c.Tone == bot.Mistake || c.Buttons[0].Line != "unfollow n7" {
		t.Errorf("what took one of the 50: %+v", c)
	}
}

// A story is named for follow and unfollow as everywhere: by its id, in any
// case, or by the address of one of its articles.
func TestFollowNames(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("k1", 10)
	p.tell("X7", 10)
	for _, tt := range []struct{ name, story string }{{"K1", "k1"}, {"#k1", "k1"}, {"<X7>", "X7"}, {"X7", "X7"}} {
		for _, line := range []string{"follow ", "unfollow "} {
			if c := ada.ask(line + tt.name); c.Tone == bot.Mistake || !strings.Contains(c.Title, "Headline "+tt.story) {
				t.Errorf("%s%s: %+v", line, tt.name, c)
			}
		}
	}
	ada.ask("follow X7")
	p.desk.stories = p.desk.stories[:1] // X7 is forgotten
	if c := ada.ask("unfollow x7"); c.Title != "You do not follow story X7 any more" {
		t.Errorf("unfollow of what was forgotten: %+v", c)
	}
	d := newDesktop(newstest.Stories()...)
	d.Bot = bot.New(bot.Options{Desk: d.room, Store: &shaky{ledger: d.ledger}, Now: newstest.Now})
	first := newstest.Stories()[0]
	if c := d.ask(t, "follow "+first.Articles[0].URL); c.Title != "You follow "+first.Headline {
		t.Errorf("an article's address: %+v", c)
	}
	if c := d.ask(t, "follow https://nowhere.example/a"); c.Tone != bot.Mistake || !strings.Contains(c.Text, "o story has an article at") {
		t.Errorf("an address that none has: %+v", c)
	}
}
