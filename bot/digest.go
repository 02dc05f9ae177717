package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DigestDue returns when the latest digest of sub was due, at or before now,
// and its local date, which identifies it: at most one digest a day, whatever
// the clocks of the zone do. ok is false for a subscription without digests or
// with days, a time or a zone that cannot be read.
func DigestDue(sub Subscription, now time.Time) (due time.Time, date string, ok bool) {
	if due, ok = sub.digestAt(now, -1); ok {
		date = due.Format(time.DateOnly)
	}
	return due, date, ok
}

// NextDigest returns when the next digest of sub is due, after now; ok as for
// DigestDue.
func NextDigest(sub Subscription, now time.Time) (due time.Time, ok bool) {
	return sub.digestAt(now, 1)
}

// digestAt returns the due time of s that is next to now in the direction of
// step: with -1 the last one at or before it, with 1 the first one after it.
func (s Subscription) digestAt(now time.Time, step int) (due time.Time, ok bool) {
	if s.Mode != Digest {
		return time.Time{}, false
	}
	zone, err := location(s.Zone)
	at, err2 := time.Parse("15:04", s.DigestAt)
	if err != nil || err2 != nil {
		return time.Time{}, false
	}
	local := now.In(zone)
	// A week and a day have every weekday on both sides of now.
	for day := range 9 {
		due := clockTime(local.Year(), local.Month(), local.Day()+step*day, at.Hour(), at.Minute(), zone)
		if s.hasDigest(due.Weekday()) && due.After(now) == (step > 0) {
			return due, true
		}
	}
	return time.Time{}, false
}

// hasDigest reports whether Days names the weekday.
func (s Subscription) hasDigest(day time.Weekday) bool {
	switch s.Days {
	case "", "daily":
		return true
	case "weekdays":
		return day != time.Saturday && day != time.Sunday
	}
	return strings.EqualFold(s.Days, day.String())
}

// digests enqueues the digests that are due.
func (d *Dispatcher) digests(ctx context.Context) (int, error) {
	orders, err := d.book().standing(ctx)
	if err != nil {
		return 0, err
	}
	now := d.Now()
	if orders == d.planned && now.Before(d.nextDue) {
		return 0, nil
	}
	var owed []Delivery
	nextDue := now.AddDate(0, 0, 1)
	for _, sub := range orders.all {
		due, date, ok := DigestDue(sub, now)
		if !ok {
			continue
		}
		if next, _ := NextDigest(sub, now); next.Before(nextDue) {
			nextDue = next
		}
		id := DeliveryID(sub.Channel, KindDigest, sub.ID+" "+date)
		if d.digested[id].Equal(due) {
			continue
		}
		began, err := d.began(ctx, sub)
		if err != nil {
			return 0, err
		}
		if due.Before(began) || due.Before(sub.Made) {
			continue
		}
		before, _ := sub.digestAt(due.Add(-1), -1)
		owed = append(owed, Delivery{
			ID: id, Channel: sub.Channel, Kind: KindDigest, NotBefore: sub.QuietUntil(now),
			Digest: &Period{Subscription: sub.ID, From: before.UTC(), To: due.UTC()},
		})
	}
	if len(owed) == 0 {
		d.planned, d.nextDue = orders, nextDue
		return 0, nil
	}
	n, err := d.enqueue(ctx, owed)
	if err != nil {
		return n, err
	}
	// The outbox knows each digest once; this only saves asking it again.
	done := make(map[string]time.Time, len(d.digested)+len(owed))
	for id, due := range d.digested {
		if now.Sub(due) < 8*24*time.Hour {
			done[id] = due
		}
	}
	for _, o := range owed {
		done[o.ID] = o.Digest.To
		d.starts[startOf(o.Channel, o.Digest.Subscription)] = o.Digest.To
	}
	d.digested, d.planned, d.nextDue = done, orders, nextDue
	return n, nil
}

// startOf names the cursor that says since when digests of an order are owed.
func startOf(c Channel, id string) string { return "digests of " + string(c) + " " + id }

// began returns when sub was first seen, or when its last digest was due: one
// that was due before would tell of a time in which nobody had asked for it, or
// that a later one tells of, where the order's days or zone were changed. After a
// restart such a one may be made, and comes to nothing, but for what is new.
func (d *Dispatcher) began(ctx context.Context, sub Subscription) (time.Time, error) {
	name := startOf(sub.Channel, sub.ID)
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

// errUnsubscribed reports that the order for a digest, or all for what a
// catch-up tells, is gone.
var errUnsubscribed = errors.New("what it was ordered by was ended before it was posted")

// tellsNow is what the digest c tells as things stand, and by which order.
func (d *Deliverer) tellsNow(ctx context.Context, c Delivery) (t Told, p Period, sub Subscription, err error) {
	mine, err := d.ordersOf(ctx, c.Channel)
	if err != nil {
		return t, p, sub, err
	}
	i := slices.IndexFunc(mine, func(s Subscription) bool { return s.ID == c.Digest.Subscription })
	if i < 0 {
		return t, p, sub, errUnsubscribed
	}
	t, p, err = digestStories(ctx, d.News, d.Store, mine[i:i+1], c)
	return t, p, mine[i], err
}

// digestCard makes the digest that c owes, and names the stories that it tells.
func (d *Deliverer) digestCard(ctx context.Context, l Lang, c Delivery) (Card, []string, error) {
	if c.State != Sent && d.Now().Sub(c.Digest.To) > MaxAge {
		return Card{}, nil, fmt.Errorf("%w: it waited until its stories were no news", errMoot)
	}
	t, p, sub, err := d.tellsNow(ctx, c)
	if err != nil {
		return Card{}, nil, err
	}
	if c.State != Sent && len(t.Stories)+len(t.Became) == 0 {
		switch {
		case sub.Silent:
			return Card{}, nil, fmt.Errorf("%w: no story reached what the channel asks for, and it wants no word of that", errMoot)
		case t.Later:
			return Card{}, nil, fmt.Errorf("%w: a later digest told its stories", errMoot)
		}
	}
	card := DigestCard(l, t, sub, p, 1, d.Now())
	if more := len(t.Stories) + len(t.Became) - digestPage; more > 0 {
		card.Buttons = []Button{{Label: l.T("%d more ▶", more), Line: cmdDigest + " " + optDigest + ":" + c.ID, Accent: true}}
	}
	return card, t.ids(), nil
}
