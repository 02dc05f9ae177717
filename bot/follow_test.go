package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/newstest"
)

// asker asks as one person of the pipe's platform.
type asker struct {
	*pipe
	*bot.Bot
	user string
}

func newAsker(p *pipe, user string) asker {
	return asker{p, bot.New(bot.Options{Desk: deskOf{p.desk}, Store: p.store, Now: func() time.Time { return p.now }}), user}
}

// A deskOf is the pipe's desk with what else a bot asks.
type deskOf struct{ *desk }

func (d deskOf) Search(_ context.Context, q news.Query) (news.Result, error) {
	var r news.Result
	for _, s := range d.stories {
		if s.Impact >= q.MinImpact && !s.Updated.Before(q.Since) {
			r.Stories = append(r.Stories, s)
		}
	}
	slices.SortFunc(r.Stories, func(a, b news.Story) int { return b.Impact - a.Impact })
	return r, nil
}
func (deskOf) Suggest(string, int) []news.Suggestion               { return nil }
func (deskOf) Trends(int, int, string) []news.Trend                { return nil }
func (deskOf) Sources(context.Context) ([]news.SourceState, error) { return nil, nil }

func (a asker) ask(line string) bot.Card {
	a.t.Helper()
	r, ok := a.Handle(a.t.Context(), bot.Invocation{Channel: channel, User: a.user, Space: "s", Speaker: true, Line: line})
	if !ok || !r.Private {
		a.t.Fatalf("%q: answered %t, private %t", line, ok, r.Private)
	}
	return r.Card
}

// told lists what a person was sent.
func (a asker) told() string {
	var titles []string
	for _, m := range a.platform.Messages(bot.Person("test", a.user)) {
		titles = append(titles, m.Post.Card.Title)
	}
	return strings.Join(titles, ", ")
}

func about(topic string) func(*news.Story) {
	return func(s *news.Story) { s.Topics = []string{topic} }
}

func TestFollowTopic(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada, bob := newAsker(p, "ada"), newAsker(p, "bob")
	if c := ada.ask("follow DeepSeek"); c.Title != "You follow DeepSeek" {
		t.Fatalf("follow: %+v", c)
	}
	ada.ask("follow deepseek min:70") // again: the threshold alone changes
	bob.ask("follow openai")
	tell := func(id string, impact int, topic string) {
		p.desk.stories = append(p.desk.stories, news.Story{
			ID: id, Headline: "Headline " + id, Impact: impact, Fresh: p.now, First: p.now, Updated: p.now, Seq: uint64(len(p.desk.stories) + 1),
			Status: brief.Status{Value: brief.Rumour}, Topics: []string{topic},
		})
		p.dispatch()
	}
	tell("a", 80, "deepseek")
	tell("b", 60, "deepseek")
	tell("c", 60, "openai")
	p.settleAll()
	if ada.told() != "Headline a" || bob.told() != "Headline c" {
		t.Fatalf("ada was told %q, bob %q", ada.told(), bob.told())
	}
	p.change("a", status(brief.Confirmed))
	p.settleAll()
	if ada.told() != "Headline a, Confirmed: Headline a" {
		t.Errorf("after the confirmation ada was told %q", ada.told())
	}
	// One tap ends it.
	ms := p.platform.Messages(bot.Person("test", "ada"))
	stop := ms[0].Post.Card.Buttons[len(ms[0].Post.Card.Buttons)-1]
	if stop.Label != "Stop: DeepSeek" {
		t.Fatalf("the message's buttons are %s", labels(ms[0].Post.Card))
	}
	if c := ada.ask("following"); !strings.Contains(labels(c), "Stop: DeepSeek") || c.Sections[0].Lines[0].Note != "impact 70 and more" {
		t.Errorf("following: %+v", c)
	}
	if c := ada.ask(stop.Line); c.Title != "You do not follow DeepSeek any more" {
		t.Errorf("stop: %+v", c)
	}
	tell("d", 90, "deepseek")
	p.settleAll()
	if strings.Contains(ada.told(), "Headline d") {
		t.Errorf("after the end ada was told %q", ada.told())
	}
	if c := ada.ask("following"); c.Title != "You follow nothing yet" {
		t.Errorf("following after the end: %+v", c)
	}
	if c := bob.ask("unfollow deepseek"); c.Tone != bot.Mistake {
		t.Errorf("bob ends what he does not follow: %+v", c)
	}
	if c := bob.ask("following"); c.Title != "You follow 1 topic" {
		t.Errorf("bob: %+v", c)
	}
}

// TestFollowSeveral: several topics and stories are followed at once, or none.
func TestFollowSeveral(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("a", 30)
	if c := ada.ask("follow deepseek, nonesuchatall"); c.Tone != bot.Mistake || !strings.Contains(c.Text, "nonesuchatall") {
		t.Errorf("with one that is unknown: %+v", c)
	}
	if c := ada.ask("following"); c.Title != "You follow nothing yet" {
		t.Errorf("after that: %+v", c)
	}
	c := ada.ask("follow DeepSeek, a，OpenAI,deepseek min:70")
	if c.Title != "You follow DeepSeek, Headline a and OpenAI" || !strings.Contains(c.Text, "impact 70") || !strings.Contains(c.Text, "comes by direct message now") || c.Buttons[0].Line != "unfollow deepseek,a,openai" {
		t.Errorf("follow: %+v", c)
	}
	if c := ada.ask("following"); c.Title != "You follow 2 topics and 1 story" || c.Sections[0].Lines[0].Note != "impact 70 and more" {
		t.Errorf("following: %+v", c)
	}
	p.settleAll()
	if got := ada.told(); got != "Headline a" {
		t.Errorf("ada was told %q", got)
	}
	if c := ada.ask("unfollow openai, mistral"); c.Tone != bot.Mistake || !strings.Contains(c.Text, "mistral") {
		t.Errorf("unfollow with one that is not followed: %+v", c)
	}
	c = ada.ask("unfollow openai,a")
	if c.Title != "You do not follow Headline a and OpenAI any more" {
		t.Errorf("unfollow: %+v", c)
	}
	if c.Buttons[1].Line != "follow a,openai min:70" {
		t.Errorf("again is %q", c.Buttons[1].Line)
	}
	if c := ada.ask(c.Buttons[1].Line); c.Title != "You follow Headline a and OpenAI" {
		t.Errorf("again: %+v", c)
	}
	if c := ada.ask("unfollow all"); !strings.HasPrefix(c.Text, "You followed 2 topics and 1 story.") {
		t.Errorf("unfollow all: %+v", c)
	}
}

func TestFollowStory(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("a", 30)
	p.change("a", status(brief.Rumour))
	p.tell("b", 99)
	if c := ada.ask("follow a"); c.Title != "You follow Headline a" {
		t.Fatalf("follow: %+v", c)
	}
	ada.ask("follow a")
	p.settleAll()
	p.change("b", status(brief.Denied))
	p.change("a", status(brief.Denied))
	p.settleAll()
	if got := ada.told(); got != "Headline a, Denied: Headline a" {
		t.Errorf("ada was told %q", got)
	}
	ms := p.platform.Messages(bot.Person("test", "ada"))
	if ms[1].Post.Thread != ms[0].ID || !strings.HasSuffix(labels(ms[1].Post.Card), "Stop following") {
		t.Errorf("the follow-up answers %q and has the buttons %s", ms[1].Post.Thread, labels(ms[1].Post.Card))
	}
	ada.ask("unfollow all")
	p.change("a", status(brief.Confirmed))
	p.settleAll()
	if got := ada.told(); got != "Headline a, Denied: Headline a" {
		t.Errorf("after the end ada was told %q", got)
	}
}

// Who follows one story hears nothing more of another that a topic brought,
// once the topic is not followed any more.
func TestFollowStoryAlone(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	ada.ask("follow openai")
	p.tell("a", 80)
	p.change("a", about("openai"))
	p.tell("b", 10)
	p.settleAll()
	ada.ask("unfollow openai")
	ada.ask("follow b")
	p.settleAll()
	p.change("a", status(brief.Denied))
	p.settleAll()
	if got := ada.told(); got != "Headline a, Headline b" {
		t.Errorf("ada was told %q", got)
	}
}

// Nothing new comes after the end of what would have brought it, and no answer
// to what is told already, though the person follows something else.
func TestNothingComesAfterUnfollow(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	ada.ask("follow openai")
	ada.ask("follow deepseek")
	tell := func(id string) {
		p.tell(id, 80)
		p.change(id, about("openai"))
	}
	tell("a")
	p.settleAll()
	p.change("a", status(brief.Denied)) // its answer waits
	ada.ask("unfollow openai")
	p.settleAll()
	before, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: bot.Person("test", "ada")})
	if err != nil {
		t.Fatal(err)
	}
	tell("b")
	p.change("a", status(brief.Confirmed))
	p.settleAll()
	if got := ada.told(); got != "Headline a" {
		t.Errorf("ada was told %q", got)
	}
	after, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: bot.Person("test", "ada")})
	if err != nil || len(after) != len(before) { // not even an edit of what she has
		t.Errorf("ada was owed %d, and is %d: %+v, %v", len(before), len(after), after, err)
	}
}

// People who take no messages are owed none, as they cannot even end it; what
// comes once they take them again does.
func TestWhoTakesNoMessages(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	ada.ask("follow openai")
	person := bot.Person("test", "ada")
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: "no direct messages"}})
	tell := func(id string) {
		p.tell(id, 80)
		p.change(id, about("openai"))
	}
	tell("a")
	p.step(0)
	tell("b")
	if ds, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: person}); err != nil || len(ds) != 1 {
		t.Errorf("deliveries of a person who takes none: %+v, %v", ds, err)
	}
	r, _ := ada.Handle(t.Context(), bot.Invocation{Channel: "test:direct", User: "ada", Manager: true, Line: "resume"})
	if r.Card.Title != "This channel receives again" {
		t.Errorf("resume in the direct messages: %+v", r.Card)
	}
	p.settleAll()
	if got := ada.told(); got != "Headline a" {
		t.Errorf("ada was told %q", got)
	}
}

// Who follows a story that another took hears what becomes of that one.
func TestFollowStoryThatWasTaken(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	p.tell("a", 10)
	p.tell("b", 10)
	ada.ask("follow a")
	p.settleAll()
	p.change("a", func(s *news.Story) { s.Into = "b" })
	p.change("b", func(s *news.Story) { s.Took = []string{"a"} })
	p.change("b", status(brief.Confirmed))
	p.settleAll()
	if got := ada.told(); got != "Headline b, Confirmed: Headline b" {
		t.Errorf("ada was told %q", got)
	}
}

func TestFollowMistakes(t *testing.T) {
	p := newPipe(t, []bot.Subscription{}...)
	ada := newAsker(p, "ada")
	if c := ada.ask("follow xyzzyplugh"); c.Tone != bot.Mistake || !strings.Contains(c.Text, "no topic and no story") {
		t.Errorf("an unknown topic: %+v", c)
	}
	near := newDesktop(newstest.Stories()...)
	if c := near.ask(t, "follow deepsek"); c.Tone != bot.Mistake || !strings.HasSuffix(c.Text, "Did you mean DeepSeek?") {
		t.Errorf("a topic that is misspelt: %+v", c)
	}
	if c := ada.ask("follow"); c.Tone != bot.Mistake {
		t.Errorf("no topic: %+v", c)
	}
	for i := range 50 {
		p.tell(fmt.Sprint("n", i), 1)
		if c := ada.ask(fmt.Sprint("follow n", i)); c.Tone == bot.Mistake {
			t.Fatalf("%d: %+v", i, c)
		}
	}
	if c := ada.ask("follow deepseek"); c.Tone != bot.Mistake || !strings.Contains(c.Text, "50") {
		t.Errorf("the 51st: %+v", c)
	}
	if c := ada.ask("follow n1"); c.Tone == bot.Mistake {
		t.Errorf("one of the 50 again: %+v", c)
	}
	if c := ada.ask("following"); len(c.Buttons) > 25 {
		t.Errorf("%d buttons", len(c.Buttons))
	}
	if r, _ := ada.Handle(t.Context(), bot.Invocation{Channel: channel, Line: "follow deepseek"}); r.Card.Tone != bot.Mistake {
		t.Errorf("nobody follows: %+v", r.Card)
	}
}

func TestVotes(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 80)
	p.change("a", about("openai"))
	p.tell("b", 80)
	p.settleAll()
	post := p.platform.Messages(channel)[0].Post.Card
	if got := labels(post); !strings.HasSuffix(got, "👍 Useful, 👎 Noise") {
		t.Fatalf("a post has the buttons %s", got)
	}
	ada, bob := newAsker(p, "ada"), newAsker(p, "bob")
	ada.ask("useful a")
	bob.ask("useful a")
	bob.ask("useful b")
	if c := bob.ask("noise a"); c.Text != "Headline a. In this channel it is useful to 1 and noise to 1." {
		t.Errorf("bob's second thought: %q", c.Text)
	}
	if c := ada.ask("noise a"); !strings.Contains(c.Text, "noise to 2") {
		t.Errorf("ada's: %q", c.Text)
	}
	c := ada.ask("status")
	var got string
	for _, f := range c.Facts {
		if f.Label == "Votes here" {
			got = f.Value
		}
	}
	if got != "1 useful, 2 noise; most noise: OpenAI (2 of 2)" {
		t.Errorf("status: votes %q", got)
	}
	for _, user := range []string{"u1", "u2", "u3"} {
		newAsker(p, user).ask("useful a") // more useful than noise: no word of noise
	}
	for _, f := range ada.ask("status").Facts {
		if f.Label == "Votes here" && f.Value != "4 useful, 2 noise" {
			t.Errorf("status: votes %q", f.Value)
		}
	}
	if c := ada.ask("useful zzz"); c.Tone != bot.Mistake {
		t.Errorf("a story that is none: %+v", c)
	}
}

// Votes count for 90 days, also where nobody votes any more.
func TestVotesAreForgotten(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 80)
	newAsker(p, "ada").ask("useful a")
	for _, tt := range []struct {
		after time.Duration
		left  int
	}{{bot.VoteTime - time.Hour, 1}, {2 * time.Hour, 0}} {
		p.now = p.now.Add(tt.after)
		p.dispatch()
		if votes, err := p.store.Votes(t.Context(), channel, time.Time{}); len(votes) != tt.left || err != nil {
			t.Errorf("votes left: %v, %v; want %d", votes, err, tt.left)
		}
	}
}
