package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// A lateStore answers a claim only after some time.
type lateStore struct {
	bot.Store
	pass func()
}

func (s lateStore) Claim(ctx context.Context, shards bot.Shards, lease time.Duration, limit int) ([]bot.Delivery, error) {
	ds, err := s.Store.Claim(ctx, shards, lease, limit)
	s.pass()
	return ds, err
}

// A worker that was suspended between its claim and its request does not post:
// another may have done so.
func TestNothingLeavesAfterTheClaimRanOut(t *testing.T) {
	for _, tt := range []struct {
		late  time.Duration
		posts int
	}{{49 * time.Second, 1}, {50 * time.Second, 0}} {
		p := newPipe(t)
		p.deliverer.Store = lateStore{p.store, func() { p.now = p.now.Add(tt.late) }}
		p.tell("a", 50)
		p.step(0)
		if n := p.platform.Requests(); n != tt.posts {
			t.Errorf("%d requests left %v after a claim for a minute, want %d", n, tt.late, tt.posts)
		}
	}
}

// The clock is set while a request is on its way, and the lease runs out
// before its time: the same process does not send it again.
func TestClockJumpsOverALease(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 50)
	p.platform.Answer(bottest.Answer{Land: true, Meanwhile: func() {
		for range 3 {
			p.step(2 * time.Hour)
		}
	}})
	p.step(0)
	p.settleAll()
	if d := p.delivery("a"); d.State != bot.Sent || p.platform.Requests() != 1 {
		t.Errorf("%s after %d requests, want it sent by one", d.State, p.platform.Requests())
	}
}

// The store is away from the post on until the lease has run out, and its next
// claim comes before the result does: what this process knows to be posted is
// stored, since not every channel lets it look.
func TestWhatWasPostedIsStoredWhenTheStoreComesBack(t *testing.T) {
	p := newPipe(t)
	p.platform.Blind()
	away := &awayStore{Store: p.store, away: true}
	p.deliverer.Store = away
	p.deliverer.After = func(time.Duration) <-chan time.Time {
		away.away = false
		p.step(2 * time.Minute) // the claiming goroutine is quicker
		c := make(chan time.Time)
		close(c)
		return c
	}
	p.tell("a", 50)
	p.step(0)
	p.settleAll()
	if d := p.delivery("a"); d.State != bot.Sent || d.Message != "m1" || p.platform.Requests() != 1 {
		t.Errorf("%s (%s) as %q after %d requests, want it sent as m1 by one", d.State, d.Error, d.Message, p.platform.Requests())
	}
}

// A refusal is no such knowledge: another replica may have posted since.
func TestAnOldRefusalIsNotStored(t *testing.T) {
	p := newPipe(t)
	away := &awayStore{Store: p.store, away: true}
	p.deliverer.Store = away
	p.deliverer.After = func(time.Duration) <-chan time.Time {
		if away.away {
			away.away = false
			p.now = p.now.Add(2 * time.Minute)
			ds, err := p.store.Claim(t.Context(), bot.AllShards, time.Minute, 1) // another, that dies after its post
			if err != nil || len(ds) != 1 {
				t.Fatal(ds, err)
			}
			if _, err := p.platform.Post(t.Context(), bot.Post{Key: ds[0].ID, Channel: channel, Card: bot.Card{Title: "Headline a"}}); err != nil {
				t.Fatal(err)
			}
			p.step(2 * time.Minute)
		}
		c := make(chan time.Time)
		close(c)
		return c
	}
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second}})
	p.tell("a", 50)
	p.step(0)
	p.settleAll()
	if d := p.delivery("a"); d.State != bot.Sent || p.posted() != "Headline a" {
		t.Errorf("%s (%s), posted %q", d.State, d.Error, p.posted())
	}
}

// An awayStore takes no results while it is away.
type awayStore struct {
	bot.Store
	away bool
}

func (s *awayStore) Settle(ctx context.Context, d bot.Delivery, r bot.Result) error {
	if s.away {
		return errors.New("connection refused")
	}
	return s.Store.Settle(ctx, d, r)
}

// The clock of a process is off, and is set at any moment, as a machine's is
// that wakes up: the engine's clock counts, and everything is posted once.
func TestClockSteps(t *testing.T) {
	for _, off := range []time.Duration{-30 * time.Hour, -time.Hour, -time.Minute, time.Minute, time.Hour, 30 * time.Hour} {
		p := newPipe(t)
		skew := time.Duration(0)
		clock := func() time.Time { return p.now.Add(skew) }
		p.deliverer.Now, p.dispatcher.Now = clock, clock
		lost := bottest.Answer{Err: bottest.ErrLost}
		landed := bottest.Answer{Land: true, Err: bottest.ErrLost}
		p.platform.Answer(lost, landed, bottest.Answer{Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second}})
		for i, story := range []string{"a", "b", "c"} {
			p.tell(story, 50)
			skew = off * time.Duration(1-i%2) // there and back
			p.step(time.Second)
			p.step(11 * time.Second)
		}
		skew = off
		for range 120 {
			p.step(time.Second)
		}
		if got, want := p.posted(), "Headline a, Headline b, Headline c"; got != want {
			t.Errorf("off by %v: posted %q, want %q", off, got, want)
		}
	}
}

// The engine's own clock is set, as where a machine learns the time after its
// start: what waits then waits for as long as the clock was off, at most;
// nothing is lost, or posted twice.
func TestTheEnginesClockIsSet(t *testing.T) {
	for _, off := range []time.Duration{-2 * time.Hour, -time.Minute, time.Minute, 2 * time.Hour} {
		p := newPipe(t)
		p.platform.Answer(bottest.Answer{Err: bottest.ErrLost}, bottest.Answer{Land: true, Err: bottest.ErrLost},
			bottest.Answer{Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second}})
		p.tell("a", 50)
		p.tell("b", 50)
		p.step(0) // a is in doubt
		p.now = p.now.Add(off)
		p.tell("c", 50)
		for range 3 * 60 * 6 {
			p.step(10 * time.Second)
		}
		if got, want := p.posted(), "Headline a, Headline b, Headline c"; got != want {
			t.Errorf("set by %v: posted %q, want %q", off, got, want)
		}
	}
}

// A slowFind is a platform on which something happens during a search.
type slowFind struct {
	*bottest.Platform
	during func()
}

func (f *slowFind) Find(ctx context.Context, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	id, ok, err := f.Platform.Find(ctx, post, since)
	if f.during != nil {
		f.during()
	}
	return id, ok, err
}

// Who takes over a lease searches at once and must see what was posted: a
// request that could end after the lease does not leave.
func TestAPostLeavesTimeToBeSeen(t *testing.T) {
	var c bot.Channel
	for i := 0; bot.Shard(c) < 40; i++ {
		c = bot.Channel(fmt.Sprint("test:", i))
	}
	sub := bot.Subscription{ID: "config", Channel: c, Mode: bot.Instant}
	p := newPipe(t, sub)
	clock := func() time.Time { return p.now }
	slow := &slowFind{Platform: p.platform}
	deliverer := func(owner string, pl bot.Platform) *bot.Deliverer {
		return bot.NewDeliverer(bot.DeliverOptions{Store: p.store, News: p.desk, Platforms: []bot.Platform{pl}, Lease: 30 * time.Second, Owner: owner, Now: clock, Logger: slog.New(slog.DiscardHandler)})
	}
	a, b := deliverer("a", slow), deliverer("b", p.platform)
	step := func(d *bot.Deliverer, after time.Duration) {
		t.Helper()
		p.now = p.now.Add(after)
		if _, err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.tell("a", 50)
	p.platform.Answer(bottest.Answer{Err: bottest.ErrLost}) // the first request is lost
	step(a, 0)
	// A searches for 28 s: conversations.history is slow. Meanwhile B starts and takes half of the shards.
	slow.during = func() {
		slow.during = nil
		for range 28 {
			step(b, time.Second)
			if _, err := p.store.Shards(t.Context(), "a", 10*time.Second); err != nil { // what A's loop does each second
				t.Fatal(err)
			}
		}
	}
	p.platform.Answer(bottest.Answer{Land: true, Meanwhile: func() { // A's request takes 3 s
		step(b, 1500*time.Millisecond)
		step(b, 1500*time.Millisecond)
	}})
	step(a, 11*time.Second)
	for range 20 {
		step(b, time.Minute)
	}
	if n := len(p.platform.Messages(c)); n != 1 {
		t.Errorf("posted %d times by %d requests", n, p.platform.Requests())
	}
}
