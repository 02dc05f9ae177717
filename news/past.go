package news

import (
	"slices"
	"sync"
	"time"
)

// A Turn is what channels choose a story by, from a time on.
type Turn struct {
	At     time.Time `json:"at"`
	Impact int       `json:"impact"`
	Status string    `json:"status,omitempty"`
	Lang   string    `json:"lang,omitempty"`
	Fresh  time.Time `json:"fresh,omitzero"`   // Story.Fresh by then
	Topics []string  `json:"topics,omitempty"` // nil: as in the turn before
	Kinds  []Kind    `json:"kinds,omitempty"`  // nil: as in the turn before
}

// turn adds to turns what s is at now, where it differs from the last one.
func turn(turns []Turn, s Story, now time.Time) []Turn {
	t := Turn{At: now, Impact: s.Impact, Status: s.Status.Value, Lang: s.Lang, Fresh: s.Fresh, Topics: s.Topics, Kinds: s.Kinds}
	if n := len(turns); n > 0 {
		last := turns[n-1]
		var topics []string
		var kinds []Kind
		for _, t := range turns {
			topics, kinds = orBefore(t.Topics, topics), orBefore(t.Kinds, kinds)
		}
		// That it was told again later decides nothing before it counts as old.
		if last.Impact == t.Impact && last.Status == t.Status && last.Lang == t.Lang && t.Fresh.Sub(last.Fresh) < freshStep &&
			slices.Equal(topics, t.Topics) && slices.Equal(kinds, t.Kinds) {
			return turns
		}
		if slices.Equal(topics, t.Topics) {
			t.Topics = nil
		}
		if slices.Equal(kinds, t.Kinds) {
			t.Kinds = nil
		}
	}
	turns = append(slices.Clip(turns), t)
	for len(turns) > courseMost { // the turn after the oldest goes, and what it changed stays
		gone, next := turns[1], &turns[2]
		next.Topics, next.Kinds = orBefore(next.Topics, gone.Topics), orBefore(next.Kinds, gone.Kinds)
		turns = append(turns[:1:1], turns[2:]...)
	}
	return turns
}

// freshStep is how much fresher a story becomes before that alone is a turn.
const freshStep = 6 * time.Hour

func orBefore[T any](now, before []T) []T {
	if now == nil {
		return before
	}
	return now
}

// A Past is a story as Desk.Past knows it: what it was at every time, without
// what it says.
type Past struct {
	ID       string
	Headline string
	URL      string
	Turns    []Turn // the oldest first, each with its Topics and Kinds
	Took     []string
	Left     time.Time // when it went into another story; zero where it did not
}

// Past returns what s was at every time.
func (s Story) Past() Past {
	p := Past{ID: s.ID, Headline: s.Headline, URL: s.URL, Turns: slices.Clone(s.Turns), Took: s.Took, Left: s.Left}
	var topics []string
	var kinds []Kind
	for i := range p.Turns {
		topics, kinds = orBefore(p.Turns[i].Topics, topics), orBefore(p.Turns[i].Kinds, kinds)
		p.Turns[i].Topics, p.Turns[i].Kinds = topics, kinds
	}
	return p
}

// AsOf returns what the story was at a time; ok is false before its first turn.
func (p Past) AsOf(when time.Time) (t Turn, ok bool) {
	for _, turn := range p.Turns {
		if turn.At.After(when) {
			break
		}
		t, ok = turn, true
	}
	return t, ok
}

// pastTime is how long ago Desk.Past reaches: a week, as long as a digest of it
// may come late, and what comes in beside.
const pastTime = 10 * 24 * time.Hour

// A chronicle keeps the Past of the stories of the last days in memory.
type chronicle struct {
	mu      sync.Mutex
	stories map[string]Past
	swept   time.Time
}

// put keeps what s was. A story without a turn since pastTime is forgotten.
func (c *chronicle) put(s Story, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stories == nil {
		c.stories = map[string]Past{}
	}
	since := now.Add(-pastTime)
	if n := len(s.Turns); n == 0 || s.Turns[n-1].At.Before(since) && s.Left.Before(since) {
		delete(c.stories, s.ID)
		return
	}
	c.stories[s.ID] = s.Past()
	if now.Sub(c.swept) > time.Hour {
		c.swept = now
		for id, p := range c.stories {
			if p.Turns[len(p.Turns)-1].At.Before(since) && p.Left.Before(since) {
				delete(c.stories, id)
			}
		}
	}
}

// Past returns what stories were that turned since the given time, at most
// ten days ago, in no order: with it can be said what a channel would have
// been sent then. For daily caps to count right it wants a day more than is
// looked at. It comes from memory; the slices within are shared.
func (d *Desk) Past(since time.Time) []Past {
	d.past.mu.Lock()
	defer d.past.mu.Unlock()
	var out []Past
	for _, p := range d.past.stories {
		if !p.Turns[len(p.Turns)-1].At.Before(since) || !p.Left.Before(since) {
			out = append(out, p)
		}
	}
	return out
}
