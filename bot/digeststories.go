package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"newsdesk/news"
)

const (
	// digestGrown is by how many points the impact of a story must have risen
	// since the channel was told it last for a digest to tell it again.
	digestGrown = 10
	// digestLooks is how many deliveries of a channel are looked through for
	// what it saw, digestMemory how old a digest's story may be for what became
	// of it to be told.
	digestLooks  = 1000
	digestMemory = 14 * 24 * time.Hour
)

// A told is how and when a channel was told a story last.
type told struct {
	at     time.Time
	status string // "" where only the story's turns tell it
}

// A Told is what a digest tells.
type Told struct {
	Stories []news.Story // that are new to the channel or grew, the highest impact first
	Became  []news.Story // whose status changed since the channel was told them
}

// An outboxReader has what channels were sent. A Store is one.
type outboxReader interface {
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
}

// An archive has the stories of a digest. A Newsroom is one.
type archive interface {
	Story(ctx context.Context, id string) (news.Story, error)
	Search(ctx context.Context, q news.Query) (news.Result, error)
}

// seen returns what the channel of c was told before c, by story.
func seen(ctx context.Context, store outboxReader, c Delivery) (map[string]told, error) {
	ds, err := store.Deliveries(ctx, DeliveryQuery{Channel: c.Channel, Limit: digestLooks})
	if err != nil {
		return nil, err
	}
	out := map[string]told{}
	for _, d := range ds {
		at := d.Settled
		if at.IsZero() {
			at = d.Created // it is on its way
		}
		if d.ID == c.ID || c.State == Sent && !at.Before(c.Settled) {
			continue
		}
		note := func(id string, t told) {
			if had, ok := out[id]; !ok || t.at.After(had.at) {
				out[id] = t
			}
		}
		switch {
		case d.tells(), d.Kind == KindFollowUp && d.State == Sent:
			note(d.Story, told{at: at, status: d.Status})
		case d.Kind == KindDigest && d.State == Sent:
			for _, id := range d.Stories {
				note(id, told{at: at})
			}
		}
	}
	return out, nil
}

// before returns what the channel was told of s, or of what went into it.
func before(seen map[string]told, s news.Story) (t told, ok bool) {
	for _, id := range append([]string{s.ID}, s.Took...) {
		if other, has := seen[id]; has && (!ok || other.at.After(t.at)) {
			t, ok = other, true
		}
	}
	return t, ok
}

// since compares s with what it was when it was told: by its turn then. A story
// grew where its impact rose by digestGrown points.
func (t told) since(s news.Story) (turned, grew bool) {
	status, i := t.status, -1
	for n, turn := range s.Turns {
		if !turn.At.After(t.at) {
			i = n
		}
	}
	if i >= 0 {
		if status == "" {
			status = s.Turns[i].Status
		}
		grew = s.Impact >= s.Turns[i].Impact+digestGrown
	}
	return status != "" && s.Status.Value != "" && status != s.Status.Value, grew
}

// digestStories returns what the digest c of sub tells: of the stories of its
// period that sub wants those that the channel has not seen by a post, a
// catch-up or an earlier digest, or that grew since; and what became of those
// that it saw. One that was posted tells what it told.
func digestStories(ctx context.Context, desk archive, store outboxReader, sub Subscription, c Delivery, now time.Time) (out Told, err error) {
	had, err := seen(ctx, store, c)
	if err != nil {
		return out, err
	}
	taken := map[string]bool{}
	take := func(s news.Story, became bool) {
		if taken[s.ID] {
			return
		}
		taken[s.ID] = true
		if became {
			out.Became = append(out.Became, s)
		} else {
			out.Stories = append(out.Stories, s)
		}
	}
	one := func(id string, f func(news.Story)) error {
		s, err := desk.Story(ctx, id)
		if errors.Is(err, news.ErrNotFound) {
			return nil
		} else if err == nil {
			f(s)
		}
		return err
	}
	if c.State == Sent && len(c.Stories) > 0 {
		for _, id := range c.Stories {
			err := one(id, func(s news.Story) {
				t, knew := before(had, s)
				turned, _ := t.since(s)
				take(s, knew && turned)
			})
			if err != nil {
				return out, err
			}
		}
		return out, nil
	}
	var ids []string
	for id, t := range had {
		if now.Sub(t.at) < digestMemory {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		err := one(id, func(s news.Story) {
			if t, _ := before(had, s); len(out.Became) < digestSize {
				if turned, _ := t.since(s); turned {
					take(s, true)
				}
			}
		})
		if err != nil {
			return out, err
		}
	}
	p := *c.Digest
	q := news.Query{Topics: sub.Topics, MinImpact: sub.MinImpact, Since: p.From, Order: news.Top, Limit: 50}
	for len(out.Stories) < digestSize {
		page, err := desk.Search(ctx, q)
		if err != nil {
			return out, err
		}
		for _, s := range page.Stories {
			if len(out.Stories) == digestSize || s.Backlog || !s.Fresh.After(p.From) || s.First.After(p.To) || sub.wants(s) != Owed {
				continue
			}
			if t, knew := before(had, s); knew {
				if _, grew := t.since(s); !grew {
					continue
				}
			}
			take(s, false)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return out, nil
}

// ids are those of all that t tells.
func (t Told) ids() (ids []string) {
	for _, s := range slices.Concat(t.Stories, t.Became) {
		ids = append(ids, s.ID)
	}
	return ids
}
