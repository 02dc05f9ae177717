package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"newsdesk/news"
)

const (
	// fortnight is how many days there are between two suggestions on an order.
	fortnight = 14
	// adviceSaid is how many fortnights back a suggestion that was not taken is
	// not made again: as long as the outbox knows what it said.
	adviceSaid = 4
	// Suggestions come on weekdays from adviceFrom o'clock where the order is,
	// and not at adviceTo o'clock or later.
	adviceFrom, adviceTo = 10, 17
	// adviceEvery is how often all orders are gone through for those whose day
	// has come, of which one Step looks at adviceAtOnce: a hindsight is a
	// thousand times what a decision about a story costs.
	adviceEvery  = 5 * time.Minute
	adviceAtOnce = 5
)

// An orderKey names one order of all.
type orderKey struct {
	channel Channel
	id      string
}

// advices enqueues suggestions. Each order is looked at once a day; what was
// enqueued before, by whomever, the outbox knows.
func (d *Dispatcher) advices(ctx context.Context) (int, error) {
	if d.Past == nil {
		return 0, nil
	}
	now := d.Now()
	orders, err := d.book().standing(ctx)
	if err != nil {
		return 0, err
	}
	if since := now.Sub(d.surveyed); len(d.unadvised) == 0 && (since < 0 || since >= adviceEvery) {
		d.surveyed = now
		d.survey(orders, now)
	}
	if len(d.unadvised) == 0 {
		return 0, nil
	}
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return 0, err
	}
	to, past := audience{orders, suspended}, d.Past(now.Add(-(outlookDays+1)*24*time.Hour))
	batch := d.unadvised[:min(adviceAtOnce, len(d.unadvised))]
	d.unadvised = d.unadvised[len(batch):] // where the store fails, their next day is tomorrow
	var owed []Delivery
	for _, key := range batch {
		a, ok, err := d.advice(ctx, to, past, key, now)
		if err != nil {
			return 0, err
		}
		if ok {
			owed = append(owed, a)
		}
	}
	if len(owed) == 0 {
		return 0, nil
	}
	return d.enqueue(ctx, owed)
}

// survey notes the orders that are to be looked at today and were not yet.
func (d *Dispatcher) survey(orders *standing, now time.Time) {
	dates := make(map[orderKey]string, len(d.adviseDates))
	for _, sub := range orders.all {
		key := orderKey{sub.Channel, sub.ID}
		date, due := sub.adviceDay(now)
		if !due {
			continue
		}
		if dates[key] = date; d.adviseDates[key] != date {
			d.unadvised = append(d.unadvised, key)
		}
	}
	d.adviseDates = dates
}

// adviceDay returns the local date where the order is; due is false where who
// made it is nobody, and outside of the hours in which people are told.
func (s Subscription) adviceDay(now time.Time) (date string, due bool) {
	zone, err := location(s.Zone)
	if _, person := s.Channel.Person(); person || err != nil || s.Mode != Instant || s.By == "" || s.Space == "" {
		return "", false
	}
	local := now.In(zone)
	due = local.Weekday() != time.Saturday && local.Weekday() != time.Sunday && local.Hour() >= adviceFrom && local.Hour() < adviceTo
	return local.Format(time.DateOnly), due
}

// advice returns the suggestion that is owed on an order; ok is false where
// there is none.
func (d *Dispatcher) advice(ctx context.Context, to audience, past []news.Past, key orderKey, now time.Time) (owed Delivery, ok bool, err error) {
	all := to.of(key.channel)
	i := slices.IndexFunc(all, func(s Subscription) bool { return s.ID == key.id })
	if i < 0 {
		return owed, false, nil // it was ended meanwhile
	}
	sub := all[i]
	date, due := sub.adviceDay(now)
	who := Person(sub.Channel.Space(), sub.By)
	if _, suspended := to.suspended[sub.Channel]; !due || suspended || to.deaf(who) {
		return owed, false, nil
	}
	votes, err := d.Store.Votes(ctx, sub.Channel, now.Add(-VoteTime))
	if err != nil {
		return owed, false, err
	}
	a, ok := Advise(past, sub, votes, now)
	if !ok {
		return owed, false, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return owed, false, fmt.Errorf("the date of a suggestion: %w", err)
	}
	n := int(day.Unix() / int64(fortnight*24*time.Hour/time.Second))
	for back := 1; back <= adviceSaid; back++ {
		said, err := d.Store.Delivery(ctx, adviceID(sub, n-back))
		switch {
		case errors.Is(err, news.ErrNotFound):
		case err != nil:
			return owed, false, err
		case back == 1 && now.Sub(said.Created) < fortnight*24*time.Hour:
			return owed, false, nil
		case said.Advice != nil && said.State == Sent && said.Advice.Setting == a.Setting && said.Advice.From == a.From && said.Advice.To == a.To:
			return owed, false, nil
		}
	}
	return Delivery{ID: adviceID(sub, n), Channel: who, Kind: KindAdvice, Advice: &a}, true, nil
}

// adviceID identifies the suggestion of a fortnight on an order, whoever gets it.
func adviceID(s Subscription, n int) string {
	return DeliveryID(s.Channel, KindAdvice, s.ID+" "+strconv.Itoa(n))
}

// adviceCard makes the message of a suggestion anew. Nothing is left to tell
// where it does not hold any more, or is none of the person's business.
func (d *Deliverer) adviceCard(ctx context.Context, c Delivery) (Card, error) {
	a := *c.Advice
	user, _ := c.Channel.Person()
	steward, ok := d.platform(a.Channel.Platform()).(Steward)
	if !ok || d.Past == nil {
		return Card{}, fmt.Errorf("%w: the platform does not tell who manages a channel", errMoot)
	}
	mine, err := d.ordersOf(ctx, a.Channel)
	if err != nil {
		return Card{}, err
	}
	if c.State != Sent {
		if a, err = d.still(ctx, a, mine); err != nil {
			return Card{}, err
		}
		switch ok, why := steward.Manages(ctx, a.Channel, user); {
		case why != "":
			return Card{}, fmt.Errorf("%w: who manages the channel cannot be found out: %s", errMoot, why)
		case !ok:
			return Card{}, fmt.Errorf("%w: the person does not manage the channel any more", errMoot)
		}
	}
	called, err := steward.Called(ctx, a.Channel)
	if err != nil {
		d.Logger.Warn("a channel is told by its id: the platform does not tell its name", "channel", a.Channel, "err", err)
		called = string(a.Channel)
	}
	secret, err := d.Store.Secret(ctx)
	if err != nil {
		return Card{}, err
	}
	return AdviceCard(channelLang(mine, a.Channel), a, called, sealTake(secret, c, user, false)), nil
}

// still is what is advised by now, where that is the same.
func (d *Deliverer) still(ctx context.Context, a Advice, mine []Subscription) (Advice, error) {
	i := slices.IndexFunc(mine, func(s Subscription) bool { return s.ID == a.Order })
	if i < 0 {
		return a, fmt.Errorf("%w: the order was ended", errMoot)
	}
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return a, err
	}
	now := d.Now()
	votes, err := d.Store.Votes(ctx, a.Channel, now.Add(-VoteTime))
	if err != nil {
		return a, err
	}
	is, ok := Advise(d.Past(now.Add(-(outlookDays+1)*24*time.Hour)), mine[i], votes, now)
	if _, out := suspended[a.Channel]; out || !ok || is.Setting != a.Setting || is.From != a.From || is.To != a.To {
		return a, fmt.Errorf("%w: it does not hold any more", errMoot)
	}
	return is, nil
}

// Manages asks the channel's platform whether a person manages it.
func (d *Deliverer) Manages(ctx context.Context, c Channel, user string) (ok bool, why string) {
	if s, is := d.platform(c.Platform()).(Steward); is {
		return s.Manages(ctx, c, user)
	}
	return false, "the platform does not tell"
}
