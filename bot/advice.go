package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
)

// An Advice is one change of a standing order that last week and the votes of
// the channel speak for.
type Advice struct {
	Channel Channel `json:"channel"`            // of the order
	Order   string  `json:"order"`              // the order's ID
	Setting string  `json:"setting"`            // "min" or "topics", an option of subscribe
	From    string  `json:"from"`               // its value, as it would be typed
	To      string  `json:"to"`                 // the value that is advised
	Before  int     `json:"before"`             // posts that the order would have brought last week
	After   int     `json:"after"`              // and those with the change
	Useful  int     `json:"useful,omitempty"`   // stories marked useful among Before, all of which stay
	Noise   int     `json:"noise,omitempty"`    // with min: stories marked noise that go; with topics: votes for noise on the topic
	Topic   string  `json:"topic,omitempty"`    // with topics: the one that goes
	CapDays int     `json:"cap_days,omitempty"` // days on which the daily cap left something out, where they are a reason
}

const (
	// adviceAge is how old an order is before anybody knows what it brings.
	adviceAge = outlookDays * 24 * time.Hour
	// adviceStep is in which steps a minimum is raised or lowered.
	adviceStep = 5
	// quietWeek is how many posts a week are too few to raise a minimum, and
	// busyWeek how many are more than a channel reads, without any vote.
	quietWeek = 7
	busyWeek  = 8 * outlookDays
	// capDaysMost is on how many days of a week a cap may be hit that is well chosen.
	capDaysMost = 2
	// silentWeek is how many posts a week are next to nothing; a lower minimum
	// is to bring from enoughWeek to calmWeek.
	silentWeek = 1
	enoughWeek = 3
	calmWeek   = 2 * outlookDays
	// blamesLeast is how many votes for noise condemn a topic.
	blamesLeast = 3
)

// Advise returns the change of an order for news at once that its last week
// speaks for; ok is false where there is none. votes are those of the channel
// that count, past is as for Look and reaches back eight days.
//
// A topic that only votes for noise speak of is left out. Where there was noise
// or too much, the minimum is raised by the least step that at least halves what
// came and keeps each story that was marked useful. Where next to nothing came
// and nothing was noise, it is lowered to where some would have.
func Advise(past []news.Past, sub Subscription, votes []Vote, now time.Time) (a Advice, ok bool) {
	_, person := sub.Channel.Person()
	if sub.Mode != Instant || sub.Story != "" || person || sub.Paused.After(now) || now.Sub(sub.Changed) < adviceAge {
		return Advice{}, false
	}
	w := lastWeek(past, sub, votes, now)
	for _, rule := range []func() (Advice, bool){w.without, w.raised, w.lowered} {
		if a, ok := rule(); ok {
			a.Channel, a.Order, a.Before, a.Useful = sub.Channel, sub.ID, len(w.posts), len(w.useful)
			return a, true
		}
	}
	return Advice{}, false
}

// A week is what an order brought in the last one, and what people said of it.
type week struct {
	past     []news.Past // as far as the order may have it, whatever its minimum is
	sub      Subscription
	votes    []Vote
	from, to time.Time
	into     map[string]string // the stories that others went into

	posts  []string        // of the order, by the story that each is now
	useful map[string]bool // those of them that somebody marked useful
	noise  map[string]bool // those that were marked noise, and by nobody useful
}

func lastWeek(past []news.Past, sub Subscription, votes []Vote, now time.Time) *week {
	w := &week{sub: sub, votes: votes, from: now.Add(-outlookDays * 24 * time.Hour), to: now.Add(1), into: map[string]string{}, useful: map[string]bool{}, noise: map[string]bool{}}
	least := sub
	least.MinImpact = 0
	for _, p := range past {
		for _, id := range p.Took {
			w.into[id] = p.ID
		}
		if _, may := least.turn(p); may {
			w.past = append(w.past, p)
		}
	}
	w.posts = w.look(sub)
	for _, v := range votes {
		if id := w.now(v.Story); slices.Contains(w.posts, id) {
			if v.Useful {
				w.useful[id] = true
			} else {
				w.noise[id] = true
			}
		}
	}
	for id := range w.useful {
		delete(w.noise, id)
	}
	return w
}

// now is the story that the one of that id is part of by now: votes are for
// that, whatever story the channel was posted.
func (w *week) now(id string) string {
	for range len(w.into) { // as many steps as there can be
		next, gone := w.into[id]
		if !gone {
			break
		}
		id = next
	}
	return id
}

// look returns what an order would have brought in the week.
func (w *week) look(sub Subscription) []string {
	posts, _ := Look(w.past, sub, w.from, w.to)
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = w.now(p.ID)
	}
	return ids
}

// keeps reports whether posts have all that was marked useful.
func (w *week) keeps(posts []string) bool {
	for id := range w.useful {
		if !slices.Contains(posts, id) {
			return false
		}
	}
	return true
}

// raised is the advice to raise the minimum.
func (w *week) raised() (Advice, bool) {
	n, capDays := len(w.posts), w.capDays()
	busy := n > busyWeek || capDays > 0
	if n < quietWeek || !busy && len(w.noise) == 0 {
		return Advice{}, false
	}
	above := *w // what a higher minimum brings, this one does
	above.past = nil
	for _, p := range w.past {
		if _, is := w.sub.turn(p); is {
			above.past = append(above.past, p)
		}
	}
	for to := (w.sub.MinImpact/adviceStep + 1) * adviceStep; to <= 100; to += adviceStep {
		other := w.sub
		other.MinImpact = to
		posts := above.look(other)
		if len(posts) == 0 {
			break
		}
		if !w.keeps(posts) {
			continue // with a daily cap a higher one may keep more
		}
		gone := 0
		for id := range w.noise {
			if !slices.Contains(posts, id) {
				gone++
			}
		}
		if 2*len(posts) <= n && (gone > 0 || busy && len(w.noise) == 0) {
			return Advice{Setting: "min", From: strconv.Itoa(w.sub.MinImpact), To: strconv.Itoa(to), After: len(posts), Noise: gone, CapDays: capDays}, true
		}
	}
	return Advice{}, false
}

// capDays is on how many days the daily cap left something out, 0 where they
// are as few as may be.
func (w *week) capDays() int {
	if w.sub.DailyCap == 0 {
		return 0
	}
	all := w.sub
	all.DailyCap = 0
	posts, _ := Look(w.past, all, w.from, w.to)
	day, days := dayCounter{sub: w.sub}, map[string]bool{}
	for _, p := range posts {
		if day.over(p.At, p.Turn.Impact) {
			days[day.date] = true
		}
	}
	if len(days) <= capDaysMost {
		return 0
	}
	return len(days)
}

// lowered is the advice to lower the minimum.
func (w *week) lowered() (Advice, bool) {
	if len(w.posts) > silentWeek || slices.ContainsFunc(w.votes, func(v Vote) bool { return !v.Useful }) {
		return Advice{}, false
	}
	for to := (w.sub.MinImpact - 1) / adviceStep * adviceStep; to >= 0 && to < w.sub.MinImpact; to -= adviceStep {
		other := w.sub
		other.MinImpact = to
		if n := len(w.look(other)); n > calmWeek {
			break
		} else if n >= enoughWeek {
			return Advice{Setting: "min", From: strconv.Itoa(w.sub.MinImpact), To: strconv.Itoa(to), After: n}, true
		}
	}
	return Advice{}, false
}

// without is the advice to leave out the topic that has the most votes for
// noise, all of them on stories that the order has for no other topic.
func (w *week) without() (best Advice, ok bool) {
	if len(w.sub.Topics) < 2 {
		return Advice{}, false
	}
	blames, praised := map[string]int{}, map[string]bool{}
	for _, v := range w.votes {
		about := slices.DeleteFunc(slices.Clone(w.sub.Topics), func(t string) bool { return !slices.Contains(v.Topics, t) })
		switch {
		case v.Useful:
			for _, t := range about {
				praised[t] = true
			}
		case len(about) == 1:
			blames[about[0]]++
		}
	}
	for _, t := range w.sub.Topics {
		if blames[t] < blamesLeast || praised[t] || blames[t] <= best.Noise {
			continue
		}
		other := w.sub
		other.Topics = slices.DeleteFunc(slices.Clone(w.sub.Topics), func(o string) bool { return o == t })
		if posts := w.look(other); len(posts) < len(w.posts) && w.keeps(posts) {
			best = Advice{Setting: "topics", From: strings.Join(w.sub.Topics, ","), To: strings.Join(other.Topics, ","), After: len(posts), Noise: blames[t], Topic: t}
			ok = true
		}
	}
	return best, ok
}
