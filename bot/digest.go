package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/topic"
)

// digestSize is how many stories a digest names at most.
const digestSize = 10

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

// clockTime returns when clocks of zone show a time of a day, as RFC 5545,
// section 3.3.5, has it: the first of two where clocks are put back, and as much
// later as they are put forward where they skip it. time.Date promises neither:
// west of Greenwich it is earlier, at midnight even on the day before.
func clockTime(year int, month time.Month, day, hour, minute int, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	var before time.Time
	for _, side := range []int{-1, 1} { // the offsets before and after a change that may be near
		_, offset := wall.AddDate(0, 0, side).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Day() == wall.Day() && t.Hour() == hour && t.Minute() == minute {
			return t
		}
		if side < 0 {
			before = t
		}
	}
	return before
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
		before, _ := sub.digestAt(due.Add(-1), -1)
		owed = append(owed, Delivery{
			ID: id, Channel: sub.Channel, Kind: KindDigest, NotBefore: sub.QuietUntil(now),
			Digest: &Period{Subscription: sub.ID, From: before.UTC(), To: due.UTC()},
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
		if now.Sub(due) < 8*24*time.Hour {
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

// errUnsubscribed reports that the order for a digest, or all for what a
// catch-up tells, is gone.
var errUnsubscribed = errors.New("what it was ordered by was ended before it was posted")

// digestCard makes the digest that c owes, and names the stories that it tells.
func (d *Deliverer) digestCard(ctx context.Context, l Lang, c Delivery) (Card, []string, error) {
	mine, err := d.ordersOf(ctx, c.Channel)
	if err != nil {
		return Card{}, nil, err
	}
	if c.State != Sent && d.Now().Sub(c.Digest.To) > MaxAge {
		return Card{}, nil, fmt.Errorf("%w: it waited until its stories were no news", errMoot)
	}
	for _, sub := range mine {
		if sub.ID == c.Digest.Subscription {
			t, err := digestStories(ctx, d.News, d.Store, sub, c, d.Now())
			if err != nil {
				return Card{}, nil, err
			}
			if sub.Silent && c.State != Sent && len(t.Stories)+len(t.Became) == 0 {
				return Card{}, nil, fmt.Errorf("%w: no story reached what the channel asks for, and it wants no word of that", errMoot)
			}
			return DigestCard(l, t, sub, *c.Digest, d.Now()), t.ids(), nil
		}
	}
	return Card{}, nil, errUnsubscribed
}

// DigestCard tells the stories of a period: the first in full, the others in a
// sentence each by theme, and what became of earlier ones.
func DigestCard(l Lang, t Told, sub Subscription, p Period, now time.Time) Card {
	zone, err := location(sub.Zone)
	if err != nil {
		zone = time.UTC
	}
	c := Card{
		Title:  l.T("AI news digest, %s", l.date(p.To.In(zone), "Monday 2 January 2006")),
		Footer: l.T("Newsdesk · since %s", l.date(p.From.In(zone), "Monday 15:04 MST")),
	}
	if len(t.Stories)+len(t.Became) == 0 {
		c.Text = l.T("A quiet day: no story reached what this channel asks for.")
		return c
	}
	if len(t.Stories) > 0 {
		top := t.Stories[0]
		c.Tone = toneOf(top.Impact)
		sec := storySection(l, l.T("Top story"), t.Stories[:1], now)
		if top.Brief.Summary != "" {
			sec.Lines[0].Detail = top.Brief.Summary
		}
		if by := voices(l, top); by != "" {
			sec.Lines = append(sec.Lines, Line{Text: by, Note: l.T("Sources")})
		}
		c.Sections = append(append(c.Sections, sec), byTheme(l, t.Stories[1:], now)...)
	}
	if len(t.Became) > 0 {
		sec := Section{Title: l.T("What became of it")}
		for _, s := range t.Became {
			sec.Lines = append(sec.Lines, Line{Text: s.Headline, URL: s.URL, Note: l.note(s, now) + " · " + s.ID, Detail: statusTitle(l, s.Status.Value) + ": " + l.reason(s.Status.Why)})
		}
		c.Sections = append(c.Sections, sec)
	}
	return c
}

// byTheme groups stories by the first of their topics that is a theme, the
// themes in the order of their best stories and what has none last.
func byTheme(l Lang, stories []news.Story, now time.Time) []Section {
	by := map[string][]news.Story{}
	var order []string
	for _, s := range stories {
		name := ""
		for _, id := range s.Topics {
			if t, ok := topic.Default().Lookup(id); ok && t.Kind == "theme" {
				name = t.Name
				break
			}
		}
		if by[name] == nil && name != "" {
			order = append(order, name)
		}
		by[name] = append(by[name], s)
	}
	var out []Section
	for _, name := range order {
		out = append(out, storySection(l, name, by[name], now))
	}
	if rest := by[""]; len(rest) > 0 {
		title := l.T("Other stories")
		if len(out) == 0 {
			title = ""
		}
		out = append(out, storySection(l, title, rest, now))
	}
	return out
}
