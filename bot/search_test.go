package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// A finder is a platform whose history cannot be searched for a while.
type finder struct {
	*bottest.Platform
	failures int
	err      error
}

func (f *finder) Find(ctx context.Context, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	if f.failures > 0 {
		f.failures--
		return "", false, f.err
	}
	return f.Platform.Find(ctx, post, since)
}

func (p *pipe) searches(failures int, err error) {
	p.deliverer = bot.NewDeliverer(bot.DeliverOptions{
		Store: p.store, News: p.desk, Platforms: []bot.Platform{&finder{p.platform, failures, err}}, Lease: time.Minute,
		Book: p.dispatcher.Book, Now: func() time.Time { return p.now }, Logger: slog.New(slog.DiscardHandler),
	})
}

// Searches that fail say nothing against the message: it is not given up.
func TestFailedSearchesAreNoFailuresOfTheMessage(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant}, bot.Subscription{ID: "config", Channel: "test:2", Mode: bot.Instant})
	p.searches(7, errors.New("history: HTTP 503"))
	p.platform.Answer(bottest.Answer{Err: bottest.ErrLost})
	p.tell("a", 50)
	p.step(0)
	p.now = p.now.Add(time.Minute)
	p.tell("b", 50)
	for range 120 {
		p.step(time.Minute)
	}
	ds, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{Story: "a"})
	if err != nil || len(ds) != 2 {
		t.Fatal(ds, err)
	}
	for _, d := range ds {
		if d.State != bot.Sent {
			t.Errorf("%s is %s after %d failures: %s", d.Channel, d.State, d.Failures, d.Error)
		}
	}
}

// A search that is answered with what stops everything says nothing against the
// message either, though others are posted meanwhile.
func TestASearchThatStopsThePlatform(t *testing.T) {
	p := newPipe(t)
	p.searches(6, &bot.SendError{Outcome: bot.Halted, Reason: "blocked"})
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	p.tell("a", 50)
	p.step(0)
	for i := range 60 {
		c := bot.Channel(fmt.Sprint("test:other", i))
		other := bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, "a"), Channel: c, Kind: bot.KindStory, Story: "a"}
		if _, err := p.store.Enqueue(t.Context(), []bot.Delivery{other}); err != nil {
			t.Fatal(err)
		}
		p.step(time.Minute)
	}
	if d, err := p.store.Delivery(t.Context(), bot.DeliveryID(channel, bot.KindStory, "a")); err != nil || d.State != bot.Sent || len(p.platform.Messages(channel)) != 1 {
		t.Errorf("%s (%s) after %d attempts, %v; posted %d times", d.State, d.Error, d.Attempts, err, len(p.platform.Messages(channel)))
	}
}

// A search that never succeeds does not hold up the channel for ever.
func TestASearchThatNeverEnds(t *testing.T) {
	p := newPipe(t)
	p.searches(1<<30, errors.New("more than 5000 messages since"))
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	p.tell("a", 50)
	p.step(0)
	p.tell("b", 50)
	for range 2 * 24 * 6 {
		p.step(10 * time.Minute)
	}
	if d := p.delivery("a"); d.State != bot.Dead || !strings.Contains(d.Error, "look, then retry it") || !strings.Contains(d.Error, "5000") {
		t.Errorf("two days later %s after %d claims: %s", d.State, d.Attempts, d.Error)
	}
	if d := p.delivery("b"); d.State != bot.Sent {
		t.Errorf("what came after it is %s", d.State)
	}
}

// A retry begins anew: what was given up before is not given up at once.
func TestARetryBeginsAnew(t *testing.T) {
	p := newPipe(t)
	for range 200 {
		p.platform.Answer(bottest.Answer{Err: bottest.ErrLost})
	}
	p.tell("a", 50)
	for range 12 * 60 {
		p.step(time.Minute)
	}
	d := p.delivery("a")
	if d.State != bot.Dead {
		t.Fatalf("%s: %s", d.State, d.Error)
	}
	*p.platform = bottest.Platform{}
	p.platform.Answer(bottest.Answer{Err: bottest.ErrLost})
	if err := p.store.Retry(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	for range 120 {
		p.step(time.Minute)
	}
	if d = p.delivery("a"); d.State != bot.Sent {
		t.Errorf("%s after %d requests: %s", d.State, p.platform.Requests(), d.Error)
	}
}
