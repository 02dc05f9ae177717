package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"newsdesk/news"
)

// pauseLook is how often a paused channel is looked at: a pause that is ended
// early lets go of what waits within that time.
const pauseLook = time.Minute

// heldBack is the result of a claim that the channel's orders do not let out:
// not yet in a pause, and never beyond a daily cap. What may have been posted
// already is not held back.
func (d *Deliverer) heldBack(ctx context.Context, c Delivery) (r Result, held bool) {
	if c.InDoubt || c.Kind == KindEdit {
		return Result{}, false
	}
	mine, err := d.ordersOf(ctx, c.Channel)
	if err != nil {
		return d.later(doubtWait, err.Error(), false), true
	}
	now := d.Now()
	for _, s := range mine {
		if s.Paused.After(now) {
			return d.later(min(s.Paused.Sub(now), pauseLook), fmt.Sprintf("the channel is paused until %s", s.Paused.Format(time.RFC3339)), false), true
		}
	}
	if c.Kind != KindStory || !slices.ContainsFunc(mine, func(s Subscription) bool { return s.DailyCap > 0 }) {
		return Result{}, false
	}
	over, err := d.overCap(ctx, c, mine)
	switch {
	case err != nil:
		return d.later(doubtWait, err.Error(), false), true
	case over:
		return Result{State: Moot, Error: Capped}, true
	}
	return Result{}, false
}

// Capped is the Error of a Moot delivery that a daily cap left out.
const Capped = "left out: the channel had as many stories as it takes in a day"

// overCap reports whether the channel has had as many stories on the day c was
// decided as the orders that want its story take.
func (d *Deliverer) overCap(ctx context.Context, c Delivery, mine []Subscription) (bool, error) {
	story, err := d.News.Story(ctx, c.Story)
	if errors.Is(err, news.ErrNotFound) {
		return false, nil // what it came to is for the card to say
	} else if err != nil {
		return false, err
	}
	limited := false // by every order that wants it
	for _, s := range mine {
		if s.Mode != Instant || s.wants(story) != Owed {
			continue
		}
		limited = true
		if s.DailyCap == 0 || story.Impact >= CapPasses {
			return false, nil
		}
		told, err := d.Store.Deliveries(ctx, DeliveryQuery{Channel: c.Channel, Limit: capLooks})
		if err != nil {
			return false, err
		}
		n := 0
		for _, t := range told {
			if t.Kind == KindStory && t.ID != c.ID && t.tells() && t.State != Pending && !t.Created.After(c.Created) && s.localDate(t.Created) == s.localDate(c.Created) {
				n++
			}
		}
		if n < s.DailyCap {
			return false, nil
		}
	}
	return limited, nil
}

// capLooks is how many deliveries of a channel are counted for its cap: far
// more than a day has.
const capLooks = 1000

// ordersOf returns the standing orders of a channel.
func (d *Deliverer) ordersOf(ctx context.Context, c Channel) ([]Subscription, error) {
	all, err := d.Book.standing(ctx)
	if err != nil {
		return nil, err
	}
	return all.of(c), nil
}

// brought returns the order that brought a story to its channel: one that
// wants it now, else any for news at once.
func brought(mine []Subscription, s news.Story) Subscription {
	for _, want := range []func(Subscription) bool{
		func(o Subscription) bool { return o.Mode == Instant && o.wants(s) == Owed },
		func(o Subscription) bool { return o.Mode == Instant },
	} {
		if i := slices.IndexFunc(mine, want); i >= 0 {
			return mine[i]
		}
	}
	return Subscription{}
}

// dress makes of the card of a story what the order wants to see.
func (s Subscription) dress(c Card, story news.Story) Card {
	if s.Compact {
		c.Text, c.Facts, c.Sections, c.Image = "", nil, nil, ""
	}
	if s.NoImage {
		c.Image = ""
	}
	if s.Mention != "" && story.Impact >= cmp.Or(s.MentionAt, mentionAt) {
		c.Mention = s.Mention
	}
	return c
}
