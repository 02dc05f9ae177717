package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"newsdesk/news"
)

const (
	// digestMost is how many stories one digest tells, becameMost of how many
	// others it tells what became of them, on all its pages.
	digestMost = 50
	becameMost = 10
	// digestReach is how far back a digest tells at most, however long ago the
	// one before it was: a week, and what a change of the order adds to it.
	digestReach = 8 * 24 * time.Hour
	// digestOverlap is how long before its period a story may have turned: at
	// that very time it may still have been on its way into the store.
	digestOverlap = 15 * time.Minute
	// digestGrown is by how many points the impact of a story must have risen
	// since the channel was told it last for a digest to tell it again.
	digestGrown = 10
	// digestLooks is how many deliveries of a channel are looked through for
	// what it saw, digestMemory how long ago it may have been told a story for
	// what became of it to be told.
	digestLooks  = 1000
	digestMemory = 14 * 24 * time.Hour
)

// A told is how and when a channel was told a story last.
type told struct {
	at     time.Time
	status string // "" where only the story's turns tell it
}

// A Told is what a digest tells on all its pages, in that order. Of a story
// that was forgotten since, there is an empty one.
type Told struct {
	Stories []news.Story // that are new to the channel or grew: the highest impact first, on each page by theme
	Became  []news.Story // whose status changed since the channel was told them
	Beyond  int          // how many stories of lesser impact a digest has no place for; nobody knows once it is Sent
	Later   bool         // one that ends later was sent already
}

// An outboxReader has what channels were sent. A Store is one.
type outboxReader interface {
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
}

// An archive has the stories of a digest. A Newsroom is one.
type archive interface {
	Story(ctx context.Context, id string) (news.Story, error)
	Past(since time.Time) []news.Past
}

// seen returns what of ds the channel of c was told before c, by story.
func seen(ds []Delivery, c Delivery) map[string]told {
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
	return out
}

// before returns what the channel was told of a story, or of what went into it.
func before(seen map[string]told, s news.Past) (t told, ok bool) {
	for _, id := range append([]string{s.ID}, s.Took...) {
		if other, has := seen[id]; has && (!ok || other.at.After(t.at)) {
			t, ok = other, true
		}
	}
	return t, ok
}

// since compares what s was at the end of a period with what it was when it was
// told. It grew where its impact rose by digestGrown points. What was told after
// the period was told with all that it held.
func (t told) since(s news.Past, end time.Time) (turned, grew bool) {
	now, ok := s.AsOf(end)
	if !ok || t.at.After(end) {
		return false, false
	}
	then, known := s.AsOf(t.at)
	status := cmp.Or(t.status, then.Status)
	return status != "" && now.Status != "" && status != now.Status, known && now.Impact >= then.Impact+digestGrown
}

// begins returns where what the digest c of sub tells begins: where the last one
// ended that was told, or may have been, or else where the first one of those
// began that came to nothing. The time before sub was made is of no account.
func begins(ds []Delivery, sub Subscription, c Delivery) time.Time {
	var last time.Time
	first := c.Digest.From
	for _, d := range ds {
		if d.Kind != KindDigest || d.Digest == nil || d.Digest.Subscription != c.Digest.Subscription || !d.Digest.To.Before(c.Digest.To) {
			continue
		}
		// One that is dead was held, or is for somebody to retry.
		if d.State != Moot && d.Digest.To.After(last) {
			last = d.Digest.To
		}
		if d.Digest.From.Before(first) && d.Digest.To.After(sub.Made) {
			first = d.Digest.From
		}
	}
	if last.IsZero() || last.Before(sub.Made) {
		last = first
	}
	if reach := c.Digest.To.Add(-digestReach); last.Before(reach) {
		return reach
	}
	return last
}

// owes reports whether s owes its digest a story: it is what s asks for at the
// end of the period, and was so within it as news.
func (s Subscription) owes(story news.Past, p Period) bool {
	now, ok := story.AsOf(p.To)
	return ok && s.chooses(now) == Owed && slices.ContainsFunc(story.Turns, func(t news.Turn) bool {
		return t.At.After(p.From) && !t.At.After(p.To) && !t.Fresh.IsZero() && t.At.Sub(t.Fresh) <= MaxAge && s.chooses(t) == Owed
	})
}

// digestStories returns what the digest c tells, which any of orders may ask
// for, the first of them being its own, and of which period. These are the
// stories that turned in the period and are owed as they were at its end,
// whenever the digest is made, and that the channel has not seen by a post, a
// catch-up or an earlier digest, or that grew since; and what became of those
// that it saw. So each story of a channel's digests is told by one of them, and
// by another only where it grew. A digest that was posted tells what it told.
func digestStories(ctx context.Context, desk archive, store outboxReader, orders []Subscription, c Delivery) (out Told, p Period, err error) {
	ds, err := store.Deliveries(ctx, DeliveryQuery{Channel: c.Channel, Limit: digestLooks})
	if err != nil {
		return out, p, err
	}
	if len(orders) == 0 {
		orders = []Subscription{{}}
	}
	had := seen(ds, c)
	p = *c.Digest
	p.From = begins(ds, orders[0], c)
	if c.State == Sent {
		out, err = retold(ctx, desk, had, c)
		return out, p, err
	}
	out.Later = slices.ContainsFunc(ds, func(d Delivery) bool {
		return d.Kind == KindDigest && d.State == Sent && d.Digest != nil && d.Digest.Subscription == p.Subscription && d.Digest.To.After(p.To)
	})
	wide := p
	wide.From = p.From.Add(-digestOverlap)
	var owed, became []news.Past
	for _, s := range desk.Past(wide.From) {
		if !s.Left.IsZero() && !s.Left.After(p.To) {
			continue // the story that took it is told
		}
		t, knew := before(had, s)
		turned, grew := t.since(s, p.To)
		switch {
		case knew && turned && p.To.Sub(t.at) < digestMemory:
			became = append(became, s)
		case (!knew || grew) && slices.ContainsFunc(orders, func(o Subscription) bool { return o.owes(s, wide) }):
			owed = append(owed, s)
		}
	}
	taken := map[string]bool{}
	pick := func(from []news.Past, most int) (stories []news.Story, beyond int, err error) {
		slices.SortFunc(from, func(a, b news.Past) int {
			x, _ := a.AsOf(p.To)
			y, _ := b.AsOf(p.To)
			return cmp.Or(cmp.Compare(y.Impact, x.Impact), y.At.Compare(x.At), cmp.Compare(a.ID, b.ID))
		})
		for i, one := range from {
			if len(stories) == most {
				return stories, len(from) - i, nil
			}
			s, err := desk.Story(ctx, one.ID)
			if errors.Is(err, news.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, 0, err
			}
			if s.ID != one.ID { // it went into another since, which the channel may know
				if t, knew := before(had, s.Past()); knew {
					if _, grew := t.since(s.Past(), p.To); !grew {
						continue
					}
				}
			}
			if !taken[s.ID] {
				taken[s.ID] = true
				stories = append(stories, s)
			}
		}
		return stories, 0, nil
	}
	if out.Became, _, err = pick(became, becameMost); err != nil {
		return out, p, err
	}
	out.Stories, out.Beyond, err = pick(owed, digestMost)
	for page := range slices.Chunk(out.Stories, digestPage) { // what has less impact comes on a later page
		if &page[0] == &out.Stories[0] {
			page = page[1:]
		}
		themed(page)
	}
	return out, p, err
}

// retold is what the digest c told, which was posted.
func retold(ctx context.Context, desk archive, had map[string]told, c Delivery) (out Told, err error) {
	all, stories, taken := make([]news.Story, len(c.Stories)), 0, map[string]bool{}
	for i, id := range c.Stories {
		s, err := desk.Story(ctx, id)
		if errors.Is(err, news.ErrNotFound) || err == nil && taken[s.ID] {
			continue
		} else if err != nil {
			return out, err
		}
		all[i], taken[s.ID] = s, true
		t, knew := before(had, s.Past())
		if turned, _ := t.since(s.Past(), c.Digest.To); !knew || !turned {
			stories = i + 1
		}
	}
	out.Stories, out.Became = all[:stories], all[stories:]
	return out, nil
}

// ids are those of all that t tells, in order.
func (t Told) ids() (ids []string) {
	for _, s := range slices.Concat(t.Stories, t.Became) {
		ids = append(ids, s.ID)
	}
	return ids
}
