package bot_test

import (
	"slices"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
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

// What was still on its way into the store when a digest was made is in the
// next one; of a story that went into another before, the other counts.
func TestDigestTellsWhatWasOnItsWay(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00", MinImpact: 50})
	p.dispatch()
	due := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	p.newsOf("went", due.Add(-3*time.Hour), 80, nil)
	p.newsOf("took", due.Add(-2*time.Hour), 30, nil)
	p.desk.stories[0].Into, p.desk.stories[0].Left = "took", due.Add(-time.Hour)
	p.newsOf("known", due.Add(-time.Hour), 60, nil)
	var got []string
	for day := range 3 {
		p.now = due.AddDate(0, 0, day).Add(time.Second)
		p.dispatch()
		p.step(time.Second)
		if day == 0 {
			p.newsOf("on-its-way", due.Add(-2*time.Second), 60, nil)
		}
		got = append(got, toldOn(p.platform.Messages(channel)[day].Post.Card))
	}
	if want := []string{"known", "on-its-way", ""}; !slices.Equal(got, want) {
		t.Errorf("three digests tell %q, want %q", got, want)
	}
}

// A digest that was given up and is retried once a later one was sent tells
// what that left out, or nothing.
func TestRetriedDigest(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00"})
	p.dispatch()
	due := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	for day := range 2 {
		p.newsOf([]string{"first", "second"}[day], due.AddDate(0, 0, day).Add(-time.Hour), 60, nil)
	}
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Rejected, Reason: "no"}})
	for day := range 2 {
		p.now = due.AddDate(0, 0, day)
		p.dispatch()
		p.step(time.Second)
	}
	dead, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Dead})
	if err != nil || len(dead) != 1 {
		t.Fatalf("%v, %v", dead, err)
	}
	if err := p.store.Retry(t.Context(), dead[0].ID); err != nil {
		t.Fatal(err)
	}
	p.step(time.Minute)
	var got []string
	for _, m := range p.platform.Messages(channel) {
		got = append(got, toldOn(m.Post.Card))
	}
	if want := []string{"second", "first"}; !slices.Equal(got, want) {
		t.Errorf("the digests tell %q, want %q", got, want)
	}
	// One that is due earlier than another that was sent, and has nothing of its own.
	old := bot.Delivery{ID: "early", Channel: channel, Kind: bot.KindDigest, Digest: &bot.Period{Subscription: "config", From: due.AddDate(0, 0, -1), To: due.Add(-2 * time.Hour)}}
	if _, err := p.store.Enqueue(t.Context(), []bot.Delivery{old}); err != nil {
		t.Fatal(err)
	}
	p.step(time.Minute)
	if d, err := p.store.Delivery(t.Context(), "early"); err != nil || d.State != bot.Moot {
		t.Errorf("a digest of which a later one told is %s, %v", d.State, err)
	}
}
