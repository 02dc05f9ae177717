package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsdesk/news"
)

// digestSize is how many stories a digest names at most.
const digestSize = 10

// DigestDue returns when the latest digest of sub was due, at or before now,
// and its local date, which identifies it: one digest a day, whatever the
// clocks of the zone do. ok is false for a subscription without digests or
// with a time or zone that cannot be read.
func DigestDue(sub Subscription, now time.Time) (due time.Time, date string, ok bool) {
	if sub.Mode != Digest {
		return time.Time{}, "", false
	}
	zone, err := location(sub.Zone)
	if err != nil {
		return time.Time{}, "", false
	}
	at, err := time.Parse("15:04", sub.DigestAt)
	if err != nil {
		return time.Time{}, "", false
	}
	local := now.In(zone)
	// A time that the zone skips is due as much later as the clock was put forward.
	due = time.Date(local.Year(), local.Month(), local.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	if due.After(now) {
		due = time.Date(local.Year(), local.Month(), local.Day()-1, at.Hour(), at.Minute(), 0, 0, zone)
	}
	return due, due.Format(time.DateOnly), true
}

// digests enqueues the digests that are due.
func (d *Dispatcher) digests(ctx context.Context) (int, error) {
	orders, err := d.book().standing(ctx)
	if err != nil {
		return 0, err
	}
	now := d.Now()
	var owed []Delivery
	for _, sub := range orders.all {
		due, date, ok := DigestDue(sub, now)
		if !ok {
			continue
		}
		id := DeliveryID(sub.Channel, KindDigest, sub.ID+" "+date)
		if d.digested[id].Equal(due) {
			continue
		}
		began, err := d.began(ctx, sub)
		if err != nil {
			return 0, err
		}
		if due.Before(began) {
			continue
		}
		owed = append(owed, Delivery{
			ID: id, Channel: sub.Channel, Kind: KindDigest, NotBefore: sub.QuietUntil(now),
			Digest: &Period{Subscription: sub.ID, From: due.AddDate(0, 0, -1).UTC(), To: due.UTC()},
		})
	}
	if len(owed) == 0 {
		return 0, nil
	}
	n, err := d.enqueue(ctx, owed)
	if err != nil {
		return n, err
	}
	// The outbox knows each digest once; this only saves asking it again.
	done := make(map[string]time.Time, len(d.digested)+len(owed))
	for id, due := range d.digested {
		if now.Sub(due) < 48*time.Hour {
			done[id] = due
		}
	}
	for _, o := range owed {
		done[o.ID] = o.Digest.To
	}
	d.digested = done
	return n, nil
}

// began returns when sub was first seen: a digest that was due before would
// tell of a time in which nobody had asked for it.
func (d *Dispatcher) began(ctx context.Context, sub Subscription) (time.Time, error) {
	name := "digests of " + string(sub.Channel) + " " + sub.ID
	if at, known := d.starts[name]; known {
		return at, nil
	}
	at, err := d.Store.Cursor(ctx, name)
	if err != nil {
		return time.Time{}, err
	}
	if at == 0 {
		at = uint64(d.Now().Unix())
		if err := d.Store.SaveCursor(ctx, name, at); err != nil {
			return time.Time{}, err
		}
	}
	if d.starts == nil {
		d.starts = map[string]time.Time{}
	}
	d.starts[name] = time.Unix(int64(at), 0)
	return d.starts[name], nil
}

// errUnsubscribed reports that the subscription of a digest is gone.
var errUnsubscribed = errors.New("the channel's subscription was ended before its digest was posted")

// digestCard makes the digest that c owes.
func (d *Deliverer) digestCard(ctx context.Context, l Lang, c Delivery) (Card, error) {
	mine, err := d.ordersOf(ctx, c.Channel)
	if err != nil {
		return Card{}, err
	}
	if c.State != Sent && d.Now().Sub(c.Digest.To) > MaxAge {
		return Card{}, fmt.Errorf("%w: it waited until its stories were no news", errMoot)
	}
	for _, sub := range mine {
		if sub.ID == c.Digest.Subscription {
			stories, err := d.digestStories(ctx, sub, *c.Digest)
			if err != nil {
				return Card{}, err
			}
			return DigestCard(l, stories, sub, *c.Digest, d.Now()), nil
		}
	}
	return Card{}, errUnsubscribed
}

// digestStories returns the stories of the period that sub wants, the highest
// impact first.
func (d *Deliverer) digestStories(ctx context.Context, sub Subscription, p Period) ([]news.Story, error) {
	var out []news.Story
	q := news.Query{Topics: sub.Topics, MinImpact: sub.MinImpact, Since: p.From, Order: news.Top, Limit: 50}
	for len(out) < digestSize {
		page, err := d.News.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Stories {
			if len(out) < digestSize && !s.Backlog && s.Fresh.After(p.From) && !s.Fresh.After(p.To) && sub.wants(s) == Owed {
				out = append(out, s)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return out, nil
}

// DigestCard lists the stories of a period.
func DigestCard(l Lang, stories []news.Story, sub Subscription, p Period, now time.Time) Card {
	zone, err := location(sub.Zone)
	if err != nil {
		zone = time.UTC
	}
	c := Card{
		Title:  l.T("AI news digest, %s", l.date(p.To.In(zone), "Monday 2 January 2006")),
		Footer: l.T("Newsdesk · since %s", l.date(p.From.In(zone), "Monday 15:04 MST")),
	}
	if len(stories) == 0 {
		c.Text = l.T("A quiet day: no story reached what this channel asks for.")
		return c
	}
	c.Sections = []Section{storySection(l, "", stories, now)}
	return c
}
