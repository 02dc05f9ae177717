package bot

import (
	"cmp"
	"slices"
	"time"

	"newsdesk/news"
)

// A Posting is a story that an order would have brought, as it was then.
type Posting struct {
	news.Past
	news.Turn
}

// Look returns what the order would have brought from one time to another,
// not including it: the story posts in order of time, each once, and how many
// more a daily cap would have left out. past is what is known of the time, as
// from news.Desk.Past. It is what Decide and the outbox do, in hindsight; that
// quiet hours delay posts does not show.
func Look(past []news.Past, sub Subscription, from, to time.Time) (posts []Posting, capped int) {
	left := map[string]time.Time{} // when stories went into others
	var owed []Posting
	for _, p := range past {
		if !p.Left.IsZero() {
			left[p.ID] = p.Left
		}
		if t, ok := sub.turn(p); ok && t.At.Before(to) {
			owed = append(owed, Posting{p, t})
		}
	}
	slices.SortFunc(owed, func(a, b Posting) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	day, told := dayCounter{sub: sub}, map[string]bool{}
	for _, p := range owed {
		knows := slices.ContainsFunc(p.Took, func(id string) bool { return told[id] && !p.At.Before(left[id]) })
		over := !knows && day.over(p.At, p.Turn.Impact)
		told[p.ID] = !over
		if p.At.Before(from) || knows {
			continue
		}
		if over {
			capped++
		} else {
			posts = append(posts, p)
		}
	}
	return posts, capped
}

// turn returns the first turn of p that the order would have been owed, and
// whether there was one before p went into another story.
func (s Subscription) turn(p news.Past) (news.Turn, bool) {
	i := slices.IndexFunc(p.Turns, func(t news.Turn) bool {
		return !t.Fresh.IsZero() && t.At.Sub(t.Fresh) <= MaxAge && s.chooses(t) == Owed
	})
	if i < 0 || !p.Left.IsZero() && !p.Turns[i].At.Before(p.Left) {
		return news.Turn{}, false
	}
	if s.Mode == Digest {
		return s.digested(p.Turns, i)
	}
	return p.Turns[i], true
}

// digested returns the turn in which the first digest tells a story that the
// order wants from the i-th turn on: the one that stood when it was due.
func (s Subscription) digested(turns []news.Turn, i int) (news.Turn, bool) {
	for i < len(turns) {
		due, ok := NextDigest(s, turns[i].At)
		for i+1 < len(turns) && (!ok || !turns[i+1].At.After(due)) {
			i++
		}
		if s.chooses(turns[i]) == Owed {
			return turns[i], true
		}
		i++
	}
	return news.Turn{}, false
}

// Owing returns what decides, story after story in order of time, whether the
// order is owed it: as Decide does, and with its daily cap. It is not asked
// again about what was posted.
func Owing(sub Subscription) func(s news.Story, now time.Time) bool {
	day, out := dayCounter{sub: sub}, map[string]bool{}
	return func(s news.Story, now time.Time) bool {
		if out[s.ID] || Decide(s, sub, false, now) != Owed {
			return false
		}
		out[s.ID] = day.over(now, s.Impact)
		return !out[s.ID]
	}
}

// A dayCounter applies a daily cap to posts in order of time.
type dayCounter struct {
	sub  Subscription
	date string
	n    int
}

// over counts a post of that impact, or reports that it is left out.
func (d *dayCounter) over(at time.Time, impact int) bool {
	if d.sub.DailyCap == 0 {
		return false
	}
	if date := d.sub.localDate(at); date != d.date {
		d.date, d.n = date, 0
	}
	if d.n >= d.sub.DailyCap && impact < CapPasses {
		return true
	}
	d.n++
	return false
}

// localDate is the local date of t where the order is.
func (s Subscription) localDate(t time.Time) string {
	if zone, err := location(s.Zone); err == nil {
		t = t.In(zone)
	}
	return t.Format(time.DateOnly)
}
