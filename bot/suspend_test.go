package bot_test

import (
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
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
	if len(told) != 1 || told[0].Channel != channel || !strings.Contains(told[0].Card.Facts[1].Value, "may not post") {
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
	if probe(9*time.Minute) != 1 {
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
