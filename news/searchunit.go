package news

import (
	"math"
	"slices"
)

// A unit is one word, phrase or name of a query. A story matches it by any of
// the alternatives, or by all of the words, side by side where phrase is set.
type unit struct {
	alternatives []cursor
	words        []cursor
	phrase       []uint32
}

// A cursor walks over the postings of a term.
type cursor struct {
	term uint32
	list []posting
	at   int
	idf  float64
}

func (c *core) cursor(t uint32) cursor {
	return cursor{term: t, list: c.terms[t].postings, idf: c.idf(t)}
}

// end is the slot behind all slots.
const end = math.MaxUint32

// seek moves to the first slot that is not before slot and returns it.
func (c *cursor) seek(slot uint32) uint32 {
	if c.at < len(c.list) && c.list[c.at].slot < slot {
		step := 1
		for c.at+step < len(c.list) && c.list[c.at+step].slot < slot {
			c.at += step
			step *= 2
		}
		lo, hi := c.at+1, min(c.at+step, len(c.list))
		for lo < hi {
			mid := (lo + hi) / 2
			if c.list[mid].slot < slot {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		c.at = lo
	}
	if c.at >= len(c.list) {
		return end
	}
	return c.list[c.at].slot
}

func (c *cursor) score() float64 { return c.idf * float64(c.list[c.at].weight) }

// seek returns the first slot not before slot that may match.
func (u *unit) seek(slot uint32) uint32 {
	best := uint32(end)
	for i := range u.alternatives {
		best = min(best, u.alternatives[i].seek(slot))
	}
	if len(u.words) > 0 {
		at := u.words[0].seek(slot)
		for i := 1; i < len(u.words) && at < best; {
			if next := u.words[i].seek(at); next > at {
				at = u.words[0].seek(next)
				i = 1
			} else {
				i++
			}
		}
		best = min(best, at)
	}
	return best
}

// rewind moves back to the first slot.
func (u *unit) rewind() {
	for i := range u.alternatives {
		u.alternatives[i].at = 0
	}
	for i := range u.words {
		u.words[i].at = 0
	}
}

// score says how well the slot that seek returned matches, and whether it does.
func (u *unit) score(c *core, slot uint32) (float64, bool) {
	best, ok := 0.0, false
	for i := range u.alternatives {
		if a := &u.alternatives[i]; a.seek(slot) == slot {
			best, ok = max(best, a.score()), true
		}
	}
	sum := 0.0
	for i := range u.words {
		if u.words[i].seek(slot) != slot {
			return best, ok
		}
		sum += u.words[i].score()
	}
	if len(u.words) > 0 && (u.phrase == nil || contains(c.docs[slot].terms, u.phrase)) {
		best, ok = max(best, sum), true
	}
	return best, ok
}

// size bounds the number of matches.
func (u *unit) size() int {
	n := 0
	for _, a := range u.alternatives {
		n += len(a.list)
	}
	if len(u.words) > 0 {
		least := math.MaxInt
		for _, w := range u.words {
			least = min(least, len(w.list))
		}
		n += least
	}
	return n
}

// contains reports whether phrase stands in terms side by side.
func contains(terms, phrase []uint32) bool {
	for {
		i := slices.Index(terms, phrase[0])
		if i < 0 || i+len(phrase) > len(terms) {
			return false
		}
		if terms = terms[i:]; slices.Equal(terms[:len(phrase)], phrase) {
			return true
		}
		terms = terms[1:]
	}
}
