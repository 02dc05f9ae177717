package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// change makes a new version of a story and dispatches it.
func (p *pipe) change(id string, f func(*news.Story)) {
	p.t.Helper()
	i := slices.IndexFunc(p.desk.stories, func(s news.Story) bool { return s.ID == id })
	s := p.desk.stories[i]
	f(&s)
	s.Seq = p.desk.stories[len(p.desk.stories)-1].Seq + 1
	p.desk.stories = append(slices.Delete(p.desk.stories, i, i+1), s)
	p.dispatch()
}

func status(v string) func(*news.Story) {
	return func(s *news.Story) { s.Status = brief.Status{Value: v, Why: "because " + v} }
}

// settleAll lets time pass until nothing is left to do.
func (p *pipe) settleAll() {
	p.t.Helper()
	for range 200 {
		p.step(time.Minute)
	}
}

func TestStatusChangeIsAnsweredInTheThread(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 80)
	p.change("a", status(brief.Rumour)) // before it was posted: it shows in the message
	p.step(0)
	p.change("a", status(brief.Confirmed))
	p.change("a", func(s *news.Story) { s.Impact = 85 }) // decided again: told once
	p.step(time.Second)
	p.step(time.Second)
	ms := p.platform.Messages(channel)
	if len(ms) != 2 || ms[1].Post.Thread != ms[0].ID || ms[1].Post.Card.Title != "Confirmed: Headline a" || ms[1].Post.Card.Text != "Because confirmed." {
		t.Fatalf("want one answer to the message, got %+v", ms)
	}
	p.change("a", status(brief.Denied))
	p.change("a", status(brief.Confirmed)) // overtaken before it was told
	p.settleAll()
	if got := p.posted(); got != "Headline a, Confirmed: Headline a" {
		t.Errorf("a denial that was taken back at once: posted %q", got)
	}
	p.change("a", status(brief.Denied))
	p.settleAll()
	p.change("a", status(brief.Confirmed))
	p.settleAll()
	if got, want := p.posted(), "Headline a, Confirmed: Headline a, Denied: Headline a, Confirmed: Headline a"; got != want {
		t.Errorf("posted %q, want %q", got, want)
	}
}

func TestFollowUpWaitsForItsMessage(t *testing.T) {
	p := newPipe(t)
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	p.tell("a", 80)
	p.step(0) // the post is in doubt
	p.change("a", status(brief.Confirmed))
	p.step(time.Second)
	if got := p.posted(); got != "Headline a" {
		t.Fatalf("while the message is in doubt: posted %q", got)
	}
	p.settleAll()
	ms := p.platform.Messages(channel)
	if got := p.posted(); got != "Headline a, Confirmed: Headline a" || ms[1].Post.Thread != ms[0].ID {
		t.Errorf("posted %q, in the thread of %q", got, ms[len(ms)-1].Post.Thread)
	}
}

// What changes of a story that is no news any more, as where two old ones are
// merged, is told to nobody.
func TestOldStoriesAreLeftAlone(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 80)
	p.step(0)
	p.now = p.now.Add(bot.MaxAge + time.Hour)
	p.change("a", status(brief.Denied))
	p.settleAll()
	if got := p.posted(); got != "Headline a" || p.platform.Edits() > 0 {
		t.Errorf("posted %q, with %d edits", got, p.platform.Edits())
	}
}

func TestFollowUpOfAMessageThatWasNeverPosted(t *testing.T) {
	p := newPipe(t)
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Rejected, Reason: "no"}})
	p.tell("a", 80)
	p.change("a", status(brief.Rumour))
	p.change("a", status(brief.Confirmed)) // enqueued behind the post
	p.settleAll()
	p.change("a", status(brief.Denied)) // and after it failed
	p.settleAll()
	if got := p.posted(); got != "" {
		t.Errorf("posted %q, though the story's message was rejected", got)
	}
}

func TestGrowthIsOneEdit(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 60)
	p.step(0)
	for i := range 4 {
		p.now = p.now.Add(30 * time.Second)
		p.change("a", func(s *news.Story) {
			s.Impact = 70 + i
			s.Sources = append(s.Sources, fmt.Sprint("Outlet ", i))
		})
	}
	p.step(0)
	if p.platform.Edits() != 0 {
		t.Fatal("edited before the story came to rest")
	}
	p.settleAll()
	m := p.platform.Messages(channel)[0]
	if n := p.platform.Edits(); n != 1 || m.Post.Card.Badges[0].Value != "73" || len(p.platform.Messages(channel)) != 1 {
		t.Errorf("%d edits, impact %s; want one with 73", n, m.Post.Card.Badges[0].Value)
	}
	p.change("a", func(s *news.Story) { s.Related = []string{"b"} }) // nothing that its message shows
	p.settleAll()
	if n := p.platform.Edits(); n != 1 {
		t.Errorf("%d edits after a change that nobody sees", n)
	}
	p.now = p.now.Add(48 * time.Hour)
	p.change("a", func(s *news.Story) { s.Impact, s.Fresh = 90, p.now })
	p.settleAll()
	if n := p.platform.Edits(); n != 1 {
		t.Errorf("%d edits, the last of a message of the day before yesterday", n)
	}
}

// An edit goes to the message as it is: one that somebody deleted is let alone,
// an answer that was lost is repeated, and no new message is made of either.
func TestEditThatFails(t *testing.T) {
	tests := []struct {
		name    string
		answers []error
		edits   int
		impact  string
	}{
		{"deleted", []error{&bot.SendError{Outcome: bot.Rejected, Reason: "the message was deleted"}}, 1, "60"},
		{"throttled", []error{&bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Hour}}, 3, "73"},
		{"lost", []error{bottest.ErrLost, bottest.ErrLost}, 4, "73"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPipe(t)
			p.tell("a", 60)
			p.step(0)
			p.platform.AnswerEdits(tt.answers...)
			for _, impact := range []int{72, 73} {
				p.change("a", func(s *news.Story) { s.Impact = impact })
				p.settleAll()
			}
			ms := p.platform.Messages(channel)
			if n := p.platform.Edits(); n != tt.edits || len(ms) != 1 || ms[0].Post.Card.Badges[0].Value != tt.impact {
				t.Errorf("%d edits of %d messages, impact %s; want %d, 1, %s", n, len(ms), ms[0].Post.Card.Badges[0].Value, tt.edits, tt.impact)
			}
			if dead, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Dead}); len(dead) > 0 || err != nil {
				t.Errorf("somebody is asked to retry an edit: %+v, %v", dead, err)
			}
		})
	}
}

// A channel that unsubscribed hears no more of the stories that it has.
func TestUpdatesGoToFollowers(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := news.Story{ID: "a", Status: brief.Status{Value: brief.Confirmed}}
	post := func(c bot.Channel, st bot.State) bot.Delivery {
		return bot.Delivery{ID: string(c), Channel: c, Kind: bot.KindStory, Story: "a", State: st, Status: brief.Rumour, Settled: now.Add(-time.Hour)}
	}
	told := []bot.Delivery{post("test:1", bot.Sent), post("test:2", bot.Sent), post("test:3", bot.Dead), post("test:4", bot.Pending)}
	quiet := now.Add(8 * time.Hour)
	wants := func(c bot.Channel) (time.Time, bool) { return quiet, c != "test:2" }
	var got []string
	for _, d := range bot.Updates(s, told, true, wants, now) {
		got = append(got, d.Kind+" "+string(d.Channel))
		if d.Kind == bot.KindFollowUp && !d.NotBefore.Equal(quiet) {
			t.Errorf("the answer to %s is due at %v, in quiet hours", d.Channel, d.NotBefore)
		}
		if d.Kind == bot.KindEdit && !(d.NotBefore.After(now) && d.NotBefore.Before(now.Add(6*time.Minute))) {
			t.Errorf("the edit of %s is due at %v", d.Channel, d.NotBefore)
		}
	}
	if want := "follow-up test:1, edit test:1, follow-up test:4"; strings.Join(got, ", ") != want {
		t.Errorf("owed %q, want %s", got, want)
	}
}

// Edits of a story that ten thousand channels have leave room for posts.
func TestEditsAreSpread(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var told []bot.Delivery
	for i := range 10_000 {
		c := bot.Channel(fmt.Sprint("test:", i))
		told = append(told, bot.Delivery{ID: string(c), Channel: c, Kind: bot.KindStory, Story: "a", State: bot.Sent, Settled: now})
	}
	perMinute := map[int64]int{}
	all := func(bot.Channel) (time.Time, bool) { return time.Time{}, true }
	ids := map[string]bool{}
	for step := range 20 { // the story changes every minute
		for _, d := range bot.Updates(news.Story{ID: "a"}, told, true, all, now.Add(time.Duration(step)*time.Minute)) {
			if !ids[d.ID] {
				ids[d.ID] = true
				perMinute[d.NotBefore.Unix()/60]++
			}
		}
	}
	for minute, n := range perMinute {
		if n > 5*60*3/2 {
			t.Errorf("%d edits in minute %d, want about 5 a second", n, minute)
		}
	}
	if len(ids) != 10_000 {
		t.Errorf("%d edits for 10000 channels in 20 minutes", len(ids))
	}
}

// merge makes one story of two: into takes from.
func (p *pipe) merge(into, from string) {
	p.t.Helper()
	p.change(from, func(s *news.Story) { s.Into = into })
	p.change(into, func(s *news.Story) { s.Took, s.Headline = append(s.Took, from), "Both" })
}

// shown checks that what was sent can be drawn again, as a restart does for the
// preview.
func (p *pipe) shown() {
	p.t.Helper()
	sent, err := p.store.Deliveries(p.t.Context(), bot.DeliveryQuery{State: bot.Sent})
	if err != nil || len(sent) == 0 {
		p.t.Fatalf("%d sent deliveries, %v", len(sent), err)
	}
	for _, d := range sent {
		if c, err := p.deliverer.Card(p.t.Context(), d); err != nil || c.Title == "" {
			p.t.Errorf("Card of the %s %s that was sent: %+v, %v", d.Kind, d.Story, c, err)
		}
	}
}

func TestMergedStories(t *testing.T) {
	t.Run("the other was posted", func(t *testing.T) {
		p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, MinImpact: 50})
		p.tell("a", 40)
		p.tell("b", 60)
		p.step(0)
		p.merge("a", "b")
		p.change("a", func(s *news.Story) { s.Impact = 70 }) // is owed for itself now
		p.settleAll()
		if got := p.posted(); got != "Both" {
			t.Errorf("posted %q, want the one message, edited", got)
		}
		p.change("a", status(brief.Confirmed))
		p.settleAll()
		if got := p.posted(); got != "Both, Confirmed: Both" {
			t.Errorf("after the confirmation: posted %q", got)
		}
	})
	t.Run("both were posted", func(t *testing.T) {
		p := newPipe(t)
		p.tell("a", 60)
		p.tell("b", 60)
		p.step(0)
		p.step(time.Second)
		p.merge("a", "b")
		p.change("a", status(brief.Confirmed))
		p.settleAll()
		if got := p.posted(); got != "Both, Both, Confirmed: Both" {
			t.Errorf("posted %q, want both messages edited and one answer", got)
		}
		p.shown()
	})
	t.Run("neither was posted yet", func(t *testing.T) {
		p := newPipe(t)
		p.tell("a", 60)
		p.tell("b", 60)
		p.merge("a", "b")
		p.settleAll()
		if got := p.posted(); got != "Both" {
			t.Errorf("posted %q, want one message", got)
		}
	})
}

// A follow-up that waits behind its story must not hold it up: the story may
// be retried, and then stands behind it.
func TestARetriedStoryBehindItsFollowUp(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, Quiet: "22:00-07:00"})
	p.now = time.Date(2026, 3, 2, 21, 59, 0, 0, time.UTC)
	p.platform.Blind()
	p.platform.Answer(bottest.Answer{Err: bottest.ErrLost})
	p.tell("a", 80)
	p.step(0) // in doubt
	p.step(time.Second)
	p.now = time.Date(2026, 3, 2, 22, 0, 1, 0, time.UTC)
	p.change("a", status(brief.Confirmed))
	p.step(time.Second) // held: dead
	var id string
	ds, _ := p.store.Deliveries(t.Context(), bot.DeliveryQuery{Story: "a"})
	for _, d := range ds {
		if d.Kind == bot.KindStory {
			id = d.ID
		}
	}
	if err := p.store.Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	p.step(10 * time.Hour)
	p.tell("b", 50)
	for range 24 * 60 {
		p.step(time.Minute)
	}
	ds, _ = p.store.Waiting(t.Context(), channel, 10)
	if len(ds) > 0 {
		t.Errorf("a day later posted %q; %d wait: %+v", p.posted(), len(ds), ds)
	}
}
