package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"newsdesk/news"
)

// optDigest is the option of digest that names one that was posted.
const optDigest = "id"

// digest shows what the next digest of the channel would hold so far, or with
// now makes one at once, for who asks. Where the channel has none it is of the
// last day, with what its orders ask for, whatever it was posted. With an id it
// shows what a digest that was posted has no room for in its message.
func (b *Bot) digest(ctx context.Context, q question) (Card, error) {
	if id := q.options[optDigest]; id != "" {
		return b.digestMore(ctx, q, strings.ToLower(strings.Trim(id, storyQuotes)))
	}
	l := q.lang
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return Card{}, err
	}
	orders := slices.Concat(have.made, have.config)
	c := Delivery{Digest: &Period{From: q.now.AddDate(0, 0, -1), To: q.now}}
	var store outboxReader = nothingSent{}
	next, due := time.Time{}, false
	for _, s := range orders {
		if last, _, ok := DigestDue(s, q.now); ok {
			orders, store = []Subscription{s}, b.o.Store
			c.Channel, c.Digest.Subscription, c.Digest.From = s.Channel, s.ID, last
			next, due = NextDigest(s, q.now)
			if quiet := s.QuietUntil(next); quiet.After(next) {
				next = quiet // for which it waits
			}
			break
		}
	}
	t, p, err := digestStories(ctx, b.o.Desk, store, orders, c)
	if err != nil {
		return Card{}, err
	}
	sub := Subscription{}
	if len(orders) > 0 {
		sub = orders[0]
	}
	page := min(q.page, t.pages())
	card := DigestCard(l, t, sub, p, page, q.now)
	empty := len(t.Stories)+len(t.Became) == 0
	switch {
	case q.options["when"] != "":
	case due:
		zone, err := location(sub.Zone)
		if err != nil {
			zone = time.UTC
		}
		card.Title = l.T("The next digest: %s", l.date(next.In(zone), "Monday 15:04 MST"))
		switch {
		case sub.Paused.After(next):
			card.Text = l.T("This channel is paused until %s: what is still news then comes in one message.", l.clock(sub.Paused, q.now))
		case !empty:
			card.Text = l.T("This is what it would tell so far.")
		case sub.Silent:
			card.Text = l.T("So far no story reached what this channel asks for. Where none does, nothing is posted.")
		default:
			card.Text = l.T("So far no story reached what this channel asks for.")
		}
	default:
		card.Title = l.T("This channel gets no digest")
		if !empty {
			card.Text = l.T("This is what one of the last day would tell.")
		}
		card.Buttons = append(card.Buttons, Button{Label: l.T("Add a digest"), Line: cmdSubscribe + " " + optMode + ":" + string(Digest)})
	}
	card.Buttons = append(q.turns(page, t.pages()), card.Buttons...)
	return card, nil
}

// turns are the buttons to the pages beside one.
func (q question) turns(page, pages int) (out []Button) {
	for _, t := range []struct {
		label string
		to    int
	}{{q.lang.T("◀ Back"), page - 1}, {q.lang.T("More stories ▶"), page + 1}} {
		if t.to < 1 || t.to > pages {
			continue
		}
		if line := q.seal(verbPage, t.to); line != "" {
			out = append(out, Button{Label: t.label, Line: line})
		}
	}
	return out
}

// digestMore shows the pages of a posted digest that its message has no room
// for: the first page of the answer is the second of the digest.
func (b *Bot) digestMore(ctx context.Context, q question, id string) (Card, error) {
	d, err := b.o.Store.Delivery(ctx, id)
	if errors.Is(err, news.ErrNotFound) || err == nil && (d.Kind != KindDigest || d.Digest == nil || d.State != Sent || !q.sees(d)) {
		return Card{}, &UsageError{Sentence: say("no digest with the id %q was posted in this channel", shorten(id)), Hint: say("/news digest now makes one at once"), Line: cmdDigest + " now"}
	} else if err != nil {
		return Card{}, err
	}
	have, err := b.o.Book.standing(ctx)
	if err != nil {
		return Card{}, err
	}
	sub := Subscription{}
	for _, s := range have.of(d.Channel) {
		if s.ID == d.Digest.Subscription {
			sub = s
		}
	}
	t, p, err := digestStories(ctx, b.o.Desk, b.o.Store, []Subscription{sub}, d)
	if err != nil {
		return Card{}, err
	}
	more := max(1, t.pages()-1)
	page := min(q.page, more)
	card := DigestCard(q.lang, t, sub, p, min(page+1, t.pages()), q.now)
	card.Buttons = q.turns(page, more)
	return card, nil
}

// sees reports whether d stands where the question was asked: in the channel,
// or in the thread that it is in a forum, whose id its message has.
func (q question) sees(d Delivery) bool {
	if d.Channel == q.here() {
		return true
	}
	thread, _, ok := strings.Cut(string(d.Message), spaceEnd)
	return ok && In(d.Channel.Space(), thread) == q.Channel
}

// nothingSent is the history of a channel that was sent nothing.
type nothingSent struct{}

func (nothingSent) Deliveries(context.Context, DeliveryQuery) ([]Delivery, error) { return nil, nil }
