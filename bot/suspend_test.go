package bot_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news/newstest"
)

func suspended(why string) bottest.Answer {
	return bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: why}}
}

func TestSuspendedChannelTellsAndResumesByItself(t *testing.T) {
	p := newPipe(t)
	p.platform.Lack(channel, "the bot lacks Send Messages")
	p.platform.Answer(suspended("the bot may not post there"))
	p.tell("a", 50)
	p.step(0)
	told := p.platform.Told()
	if len(told) != 1 || told[0].Channel != channel || !strings.Contains(told[0].Card.Facts[0].Value, "may not post") {
		t.Fatalf("told %+v", told)
	}
	probe := func(after time.Duration) int {
		t.Helper()
		p.now = p.now.Add(after)
		if err := p.deliverer.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		s, err := p.store.Suspensions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(s)
	}
	for _, after := range []time.Duration{9 * time.Minute, 2 * time.Minute, time.Hour} {
		if probe(after) != 1 {
			t.Fatal("resumed while the permission is missing")
		}
	}
	p.platform.Lack(channel)
	if probe(15*time.Minute) != 1 {
		t.Error("looked at sooner than its doubled wait allows")
	}
	if probe(time.Hour) != 0 {
		t.Error("still suspended though nothing is missing")
	}
	p.step(0)
	if p.posted() != "Headline a" {
		t.Errorf("after resuming posted %q", p.posted())
	}
	// Suspended again on the same day: nobody is told twice.
	p.platform.Answer(suspended("the bot may not post there"))
	p.tell("b", 50)
	p.step(time.Hour)
	if n := len(p.platform.Told()); n != 1 {
		t.Errorf("told %d times in a day", n)
	}
}

// A suspended channel is looked at by the replica that has its shard, and no other.
func TestOneReplicaLooksAtAChannel(t *testing.T) {
	var c bot.Channel
	for i := 0; bot.Shard(c) < 40; i++ {
		c = bot.Channel(fmt.Sprint("test:", i))
	}
	p := newPipe(t, bot.Subscription{ID: "config", Channel: c, Mode: bot.Instant})
	a := p.deliverer
	b := bot.NewDeliverer(bot.DeliverOptions{Store: p.store, News: p.desk, Platforms: a.Platforms, Owner: "b", Now: a.Now, Logger: a.Logger})
	p.platform.Answer(suspended("the bot may not post there"))
	p.tell("a", 50)
	for range 11 * 60 / 5 { // b comes later, and gets the upper half
		p.step(5 * time.Second)
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		d    *bot.Deliverer
		left int
	}{{a, 1}, {b, 0}} {
		if err := tt.d.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err := p.store.Suspensions(t.Context()); len(s) != tt.left || err != nil {
			t.Errorf("after %s looked: %v, %v; want %d suspended", tt.d.Owner, s, err, tt.left)
		}
	}
}

// Where nobody can tell whether a message was posted, the channel's order says
// which error to make.
func TestOnDoubt(t *testing.T) {
	for _, tt := range []struct {
		doubt bot.Doubt
		state bot.State
		posts int
	}{{"", bot.Dead, 1}, {bot.Hold, bot.Dead, 1}, {bot.Repost, bot.Sent, 2}} {
		p := newPipe(t,
			bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, OnDoubt: tt.doubt},
			bot.Subscription{ID: "config", Channel: "test:2", Mode: bot.Instant, MinImpact: 90, OnDoubt: bot.Repost})
		p.platform.Blind()
		p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
		p.tell("a", 50)
		p.settleAll()
		d := p.delivery("a")
		if d.State != tt.state || len(p.platform.Messages(channel)) != tt.posts {
			t.Errorf("on_doubt %q: %s (%s) with %d messages, want %s with %d", tt.doubt, d.State, d.Error, len(p.platform.Messages(channel)), tt.state, tt.posts)
		}
		if tt.state == bot.Dead {
			if err := p.store.Retry(t.Context(), d.ID); err != nil {
				t.Fatal(err)
			}
			p.settleAll()
			if d := p.delivery("a"); d.State != bot.Sent {
				t.Errorf("after retry: %s (%s)", d.State, d.Error)
			}
		}
	}
}

// A throttle after which the message may stand in the channel is no reason to
// hold it where nobody can look: the platform did say that it took nothing.
func TestAThrottleIsBelievedByTheBlind(t *testing.T) {
	throttled := bottest.Answer{Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second, Doubtful: true}}
	for _, tt := range []struct {
		name    string
		answers []bottest.Answer
		state   bot.State
		posts   int
	}{
		{"throttled twice", []bottest.Answer{throttled, throttled}, bot.Sent, 3},
		{"throttled, then lost", []bottest.Answer{throttled, {Land: true, Err: bottest.ErrLost}}, bot.Dead, 2},
		{"lost", []bottest.Answer{{Land: true, Err: bottest.ErrLost}, throttled}, bot.Dead, 1},
	} {
		p := newPipe(t)
		p.platform.Blind()
		p.platform.Answer(tt.answers...)
		p.tell("a", 50)
		p.settleAll()
		if d := p.delivery("a"); d.State != tt.state || p.platform.Requests() != tt.posts {
			t.Errorf("%s: %s (%s) after %d posts, want it %s after %d", tt.name, d.State, d.Error, p.platform.Requests(), tt.state, tt.posts)
		}
	}
}

// Who manages a channel sees what is wrong with it, and mends it by command.
func TestManagersMendTheirChannel(t *testing.T) {
	p := newPipe(t)
	b := bot.New(bot.Options{
		Desk: newNewsroom(newstest.Stories()...), Store: p.store, Now: func() time.Time { return p.now }, Logger: slog.New(slog.DiscardHandler),
		Halted: p.deliverer.Halted,
	})
	ask := func(c bot.Channel, line string) bot.Card {
		t.Helper()
		r, _ := b.Handle(t.Context(), bot.Invocation{Channel: c, User: "u", Space: "s", Line: line, Manager: true})
		return r.Card
	}
	if got := ask(channel, "resume").Title; got != "Nothing holds this channel back" {
		t.Errorf("resume of a healthy channel: %q", got)
	}
	p.platform.Answer(suspended("the bot was removed"), bottest.Answer{Err: &bot.SendError{Outcome: bot.Rejected, Reason: "AutoMod blocked the message"}})
	p.tell("a", 50)
	p.step(0)
	if got := ask(channel, "status"); len(got.Sections) != 1 || got.Sections[0].Lines[0].Text != string(channel) || !strings.Contains(got.Text, "1 channel receives nothing") {
		t.Errorf("status of a suspended channel: %+v", got)
	}
	ask("test:2", "resume") // it lifts nothing elsewhere
	p.step(time.Second)
	if p.platform.Requests() != 1 {
		t.Error("another channel's manager resumed this one")
	}
	if got := ask(channel, "resume").Title; got != "This channel receives again" {
		t.Errorf("resume: %q", got)
	}
	p.step(time.Second)
	d := p.delivery("a")
	status := ask(channel, "status")
	if d.State != bot.Dead || len(status.Sections) != 1 || !strings.Contains(status.Sections[0].Lines[0].Note, "retry "+d.ID) {
		t.Fatalf("after a rejection: %s, status %+v", d.State, status.Sections)
	}
	for _, tt := range []struct {
		channel bot.Channel
		line    string
	}{{"test:2", "retry " + d.ID}, {channel, "retry zzzz"}} {
		if got := ask(tt.channel, tt.line); got.Tone != bot.Mistake {
			t.Errorf("%q in %s: %+v", tt.line, tt.channel, got)
		}
	}
	if got := ask(channel, "retry "+d.ID).Title; got != "It is posted again" {
		t.Errorf("retry: %q", got)
	}
	p.step(time.Second)
	if d := p.delivery("a"); d.State != bot.Sent {
		t.Errorf("after retry: %s (%s)", d.State, d.Error)
	}
	if got := ask(channel, "retry "+d.ID); got.Tone != bot.Mistake {
		t.Errorf("retry of what was sent: %+v", got)
	}
	p.deliverer.Stopped("test", errors.New("401 Unauthorized"))
	if got := ask(channel, "status").Text; !strings.Contains(got, "Test gives the bot no commands: 401") {
		t.Errorf("status where the platform stopped: %q", got)
	}
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Halted, Reason: "the token is not valid any more"}})
	p.tell("b", 50)
	p.step(time.Second)
	if got := ask(channel, "status").Text; !strings.Contains(got, "Test refuses the bot until") || !strings.Contains(got, "token is not valid") {
		t.Errorf("status while the platform is halted: %q", got)
	}
}
