package bot

import (
	"context"
	"slices"
	"time"
)

// digest shows what the next digest of the channel would hold so far, or with
// now makes one at once, for who asks. Where the channel has none it is of the
// last day, with the impact that its order asks for, whatever it was posted.
func (b *Bot) digest(ctx context.Context, q question) (Card, error) {
	l := q.lang
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return Card{}, err
	}
	all := slices.Concat(have.made, have.config)
	p, c := Period{From: q.now.AddDate(0, 0, -1), To: q.now}, Delivery{}
	sub := Subscription{Channel: q.here()}
	if len(all) > 0 {
		sub.MinImpact, sub.Zone = all[0].MinImpact, all[0].Zone
	}
	next, due := time.Time{}, false
	for _, s := range all {
		if last, _, ok := DigestDue(s, q.now); ok {
			sub, p.From, c.Channel = s, last, s.Channel
			next, due = NextDigest(s, q.now)
			break
		}
	}
	c.Digest = &p
	var store outboxReader = b.o.Store
	if !due {
		store = nothingSent{}
	}
	t, err := digestStories(ctx, b.o.Desk, store, sub, c, q.now)
	if err != nil {
		return Card{}, err
	}
	card := DigestCard(l, t, sub, p, q.now)
	switch {
	case q.options["when"] != "":
	case due:
		zone, err := location(sub.Zone)
		if err != nil {
			zone = time.UTC
		}
		card.Title = l.T("The next digest: %s", l.date(next.In(zone), "Monday 15:04 MST"))
		if len(t.Stories)+len(t.Became) > 0 {
			card.Text = l.T("This is what it would tell so far.")
		}
	default:
		card.Title = l.T("This channel gets no digest")
		if len(t.Stories) > 0 {
			card.Text = l.T("This is what one of the last day would tell.")
		}
		card.Buttons = append(card.Buttons, Button{Label: l.T("Add a digest"), Line: cmdSubscribe + " " + optMode + ":" + string(Digest)})
	}
	return card, nil
}

// nothingSent is the history of a channel that was sent nothing.
type nothingSent struct{}

func (nothingSent) Deliveries(context.Context, DeliveryQuery) ([]Delivery, error) { return nil, nil }
