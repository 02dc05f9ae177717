package bot_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

// A shaky ledger fails where it is written to, each method in its own way.
type shaky struct {
	*ledger
	save, enqueue, vote, votes error
}

func (l *shaky) Subscriptions(context.Context) ([]bot.Subscription, error) { return nil, nil }
func (l *shaky) SubscriptionsVersion(context.Context) (string, error)      { return "", nil }
func (l *shaky) SaveSubscription(context.Context, bot.Subscription) error  { return l.save }
func (l *shaky) Enqueue(context.Context, []bot.Delivery) (int, error)      { return 0, l.enqueue }
func (l *shaky) Delivery(context.Context, string) (bot.Delivery, error) {
	return bot.Delivery{}, news.ErrNotFound
}
func (l *shaky) SaveVote(context.Context, bot.Vote) error { return l.vote }
func (l *shaky) Votes(context.Context, bot.Channel, time.Time) ([]bot.Vote, error) {
	return nil, l.votes
}

// TestFailedWritesSayWhatBecameOfThem: nothing was changed where the store was
// not even reached, and where it was nobody can tell.
func TestFailedWritesSayWhatBecameOfThem(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	lost := io.ErrUnexpectedEOF
	const unchanged, unknown = "Nothing was changed.", "cannot be told"
	for _, tt := range []struct {
		line, says string
		ledger     shaky
	}{
		{"follow deepseek", unchanged, shaky{save: refused}},
		{"follow deepseek", unknown, shaky{save: lost}},
		{"follow k3j2", unknown, shaky{enqueue: refused}}, // it is followed by then
		{"useful k3j2", unchanged, shaky{vote: refused}},
		{"useful k3j2", unknown, shaky{vote: lost}},
		{"noise k3j2", unknown, shaky{votes: refused}}, // the vote counts by then
	} {
		d := newDesktop(newstest.Stories()...)
		tt.ledger.ledger = d.ledger
		d.Bot = bot.New(bot.Options{Desk: d.room, Store: &tt.ledger, Now: newstest.Now})
		c := d.ask(t, tt.line)
		if c.Tone != bot.Failure || !strings.Contains(c.Text, tt.says) || !strings.Contains(c.Text, "does not answer") {
			t.Errorf("%s: %+v, want %q", tt.line, c, tt.says)
		}
	}
}

// TestFailedShareIsNotUsedUp: where no answer was found, none was shared.
func TestFailedShareIsNotUsedUp(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Line: "top month"}
	list, _ := d.Handle(t.Context(), inv)
	d.room.fail = io.ErrUnexpectedEOF
	if r := d.press(t, inv, list.Card, "Share"); !r.Private || r.Card.Tone != bot.Failure {
		t.Errorf("while the store is down: %+v", r)
	}
	d.room.fail = nil
	if r := d.press(t, inv, list.Card, "Share"); r.Private {
		t.Errorf("afterwards: %+v", r)
	}
}
