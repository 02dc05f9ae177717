package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// A message that makes the platform fail each time is given up in the end; an
// outage of hours is sat out.
func TestDeliverGivesUpOnPoison(t *testing.T) {
	for _, tt := range []struct {
		lost  int
		state bot.State
	}{{1000, bot.Dead}, {20, bot.Sent}} {
		p := newPipe(t)
		for range tt.lost {
			p.platform.Answer(bottest.Answer{Err: bottest.ErrLost})
		}
		p.tell("a", 50)
		for range 10 * 60 {
			p.step(time.Minute)
		}
		if d := p.delivery("a"); d.State != tt.state || p.platform.Requests() > 60 {
			t.Errorf("after %d lost requests in ten hours: %s (%s), %d requests", tt.lost, d.State, d.Error, p.platform.Requests())
		}
	}
}

// A walled platform has a wall before it that dislikes the words of one
// message, and answers it with what stops everything.
type walled struct{ *bottest.Platform }

func (w walled) Post(ctx context.Context, post bot.Post) (bot.MessageID, error) {
	if post.Channel == channel {
		return "", &bot.SendError{Outcome: bot.Halted, Reason: "blocked"}
	}
	return w.Platform.Post(ctx, post)
}

// Such a message is given up where others pass; where none does, as with a
// token that was revoked, it waits.
func TestDeliverGivesUpOnWhatStopsAPlatform(t *testing.T) {
	for _, tt := range []struct {
		others bool
		state  bot.State
	}{{true, bot.Dead}, {false, bot.Pending}} {
		p := newPipe(t)
		p.deliverer.Platforms = []bot.Platform{walled{p.platform}}
		p.tell("a", 50)
		id := bot.DeliveryID(channel, bot.KindStory, "a")
		for i := range 40 {
			p.step(6 * time.Minute)
			if !tt.others {
				continue
			}
			c := bot.Channel(fmt.Sprint("test:other", i))
			other := bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, "a"), Channel: c, Kind: bot.KindStory, Story: "a"}
			if _, err := p.store.Enqueue(t.Context(), []bot.Delivery{other}); err != nil {
				t.Fatal(err)
			}
		}
		d, err := p.store.Delivery(t.Context(), id)
		if err != nil || d.State != tt.state {
			t.Errorf("others pass: %t: %s after %d attempts (%s), %v; want it %s", tt.others, d.State, d.Attempts, d.Error, err, tt.state)
		}
		if n := len(p.platform.Messages("test:other38")); tt.others && n != 1 {
			t.Errorf("another channel has %d messages", n)
		}
	}
}

// A breaking platform cannot draw one message.
type breaking struct{ *bottest.Platform }

func (b breaking) Post(ctx context.Context, post bot.Post) (bot.MessageID, error) {
	if post.Card.Title == "Headline a" {
		panic("index out of range")
	}
	return b.Platform.Post(ctx, post)
}

// A message that makes the process fail is given up in the end, and costs the
// other channels nothing and its own some time.
func TestDeliverGivesUpOnWhatBreaksIt(t *testing.T) {
	p := newPipe(t)
	p.deliverer.Platforms = []bot.Platform{breaking{p.platform}}
	p.tell("a", 50)
	p.tell("b", 50)
	for range 120 {
		p.step(time.Minute)
	}
	if d := p.delivery("a"); d.State != bot.Dead || !strings.Contains(d.Error, "index out of range") {
		t.Errorf("%s after %d attempts (%s)", d.State, d.Attempts, d.Error)
	}
	if got := p.posted(); got != "Headline b" {
		t.Errorf("posted %q", got)
	}
}
