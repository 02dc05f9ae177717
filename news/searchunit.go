package news

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// A unit is one word, phrase or name of a query. A story matches it by any of
// the alternatives, or by all of the words, side by side where phrase is set,
// and counts by what is more.
type unit struct {
	alternatives []cursor
	words        []cursor
	phrase       string  // encoded
	own, room    bitset  // for in
	here         *bitset // in the block at hand, for scan.any
}

// A cursor walks over the postings of a term: forward by seek, or backward
// over blocks by last and in.
type cursor struct {
	term uint32
	list *term
	at   int
	idf  float64

	lo, hi int // the postings of the block that in looked at last, where the term is not dense
}

func (c *core) cursor(t uint32) cursor {
	e := &c.terms[t]
	return cursor{term: t, list: e, idf: c.idf(t), lo: len(e.slots), hi: len(e.slots)}
}

// end is the slot behind all slots.
const end = math.MaxUint32

// seek moves to the first slot that is not before slot and returns it.
func (c *cursor) seek(slot uint32) uint32 {
	list := c.list.slots
	if c.at < len(list) && list[c.at] < slot {
		step := 1
		for c.at+step < len(list) && list[c.at+step] < slot {
			c.at += step
			step *= 2
		}
		n, _ := slices.BinarySearch(list[c.at+1:min(c.at+step, len(list))], slot)
		c.at += 1 + n
	}
	if c.at >= len(list) {
		return end
	}
	return list[c.at]
}

// score is what the posting that seek moved to counts.
func (c *cursor) score() float64 { return c.idf * weightAt(c.list.notes[c.at].weight) }

// last returns the last block up to at that has postings, -1 where there is
// none. Blocks are asked for from the last to the first.
func (c *cursor) last(at int) int {
	if c.list.dense != nil {
		return min(at, len(c.list.dense)-1)
	}
	for ; c.lo > 0; c.lo-- {
		if b := int(c.list.slots[c.lo-1] / blockSlots); b <= at {
			return b
		}
	}
	return -1
}

var nothing bitset

// in returns the slots of a block, in room where they are not at hand.
func (c *cursor) in(at int, room *bitset) *bitset {
	if c.list.dense != nil {
		if at >= len(c.list.dense) {
			return &nothing
		}
		return &c.list.dense[at].slots
	}
	*room = bitset{}
	c.last(at)
	list, from := c.list.slots, uint32(at*blockSlots)
	for c.hi = c.lo; c.lo > 0 && list[c.lo-1] >= from; c.lo-- {
		room.set(list[c.lo-1])
	}
	return room
}

// posting returns which posting is that of a slot, of the block that in looked
// at, and whether there is one.
func (c *cursor) posting(slot uint32) (int, bool) {
	if c.list.dense == nil {
		i, ok := slices.BinarySearch(c.list.slots[c.lo:c.hi], slot)
		return c.lo + i, ok
	}
	at := int(slot / blockSlots)
	if at >= len(c.list.dense) || !c.list.dense[at].slots.has(slot) {
		return 0, false
	}
	d := &c.list.dense[at]
	return int(d.from) + d.slots.before(slot), true
}

// scoreOf returns what slot, of the block that in looked at, counts.
func (c *cursor) scoreOf(slot uint32) (float64, bool) {
	i, ok := c.posting(slot)
	if !ok {
		return 0, false
	}
	return c.idf * weightAt(c.list.notes[i].weight), true
}

// top bounds the score times standing in a block.
func (c *cursor) top(at int, b *block) float64 {
	if c.list.dense == nil {
		return c.idf * weightAt(c.list.heaviest) * b.standing
	}
	if at >= len(c.list.dense) {
		return 0
	}
	return c.idf * c.list.dense[at].top
}

// last returns the last block up to at in which a story may match, -1 where
// there is none.
func (u *unit) last(at int) int {
	alternative := -1
	for i := range u.alternatives {
		alternative = max(alternative, u.alternatives[i].last(at))
	}
	if len(u.words) == 0 {
		return alternative
	}
	for i := range u.words {
		at = u.words[i].last(at)
	}
	return max(alternative, at)
}

// in returns the slots of a block that may match; they are good until it is
// called again.
func (u *unit) in(at int) *bitset {
	if len(u.alternatives) == 0 && len(u.words) == 1 {
		return u.words[0].in(at, &u.own)
	}
	u.own = bitset{}
	if len(u.words) > 0 {
		u.own = *u.words[0].in(at, &u.room)
		for i := 1; i < len(u.words); i++ {
			u.own.and(u.words[i].in(at, &u.room))
		}
	}
	for i := range u.alternatives {
		u.own.or(u.alternatives[i].in(at, &u.room))
	}
	return &u.own
}

// about reports whether a slot, of the block that in looked at, has one of the
// alternatives.
func (u *unit) about(slot uint32) bool {
	for i := range u.alternatives {
		if _, ok := u.alternatives[i].posting(slot); ok {
			return true
		}
	}
	return false
}

// follow reports whether the words of a phrase may stand side by side in a
// slot, of the block that in looked at: all but one in eight texts that do not
// say a word behind another are told from their postings.
func (u *unit) follow(slot uint32) bool {
	for i := range u.words[:len(u.words)-1] {
		w := &u.words[i]
		if at, ok := w.posting(slot); !ok || w.list.notes[at].next&u.words[i+1].list.class == 0 {
			return false
		}
	}
	return true
}

// rewind makes in begin at the last block again.
func (u *unit) rewind() {
	for _, cs := range [...][]cursor{u.alternatives, u.words} {
		for i := range cs {
			cs[i].lo = len(cs[i].list.slots)
		}
	}
}

// score says how well a slot matches that is in a block that in looked
// at, and whether it does; phrases count as matched.
func (u *unit) score(slot uint32) (float64, bool) {
	best, ok := 0.0, false
	for i := range u.alternatives {
		if v, has := u.alternatives[i].scoreOf(slot); has {
			best, ok = max(best, v), true
		}
	}
	sum := 0.0
	for i := range u.words {
		v, has := u.words[i].scoreOf(slot)
		if !has {
			return best, ok
		}
		sum += v
	}
	return max(best, sum), ok || len(u.words) > 0
}

// top bounds score times standing in a block.
func (u *unit) top(at int, b *block) float64 {
	best, sum := 0.0, 0.0
	for i := range u.alternatives {
		best = max(best, u.alternatives[i].top(at, b))
	}
	for i := range u.words {
		sum += u.words[i].top(at, b)
	}
	return max(best, sum)
}

// most bounds score.
func (u *unit) most() float64 {
	best, sum := 0.0, 0.0
	for _, a := range u.alternatives {
		best = max(best, a.idf*weightAt(a.list.heaviest))
	}
	for _, w := range u.words {
		sum += w.idf * weightAt(w.list.heaviest)
	}
	return max(best, sum)
}

// size bounds the number of matches.
func (u *unit) size() int {
	n := 0
	for _, a := range u.alternatives {
		n += len(a.list.slots)
	}
	if len(u.words) > 0 {
		least := math.MaxInt
		for _, w := range u.words {
			least = min(least, len(w.list.slots))
		}
		n += least
	}
	return n
}

// encode writes terms and marks so that a phrase is a part of the text of its
// story: a few bytes for each, the last one below 0x80, common terms in fewer.
func encode(terms []uint32) string {
	var b []byte
	for _, t := range terms {
		b = binary.AppendUvarint(b, uint64(t+2)) // marks wrap around to 0 and 1
	}
	return string(b)
}

// decode calls yield with every term and mark of a text.
func decode(text string, yield func(t uint32)) {
	for t, shift, i := uint32(0), 0, 0; i < len(text); i++ {
		t |= uint32(text[i]&0x7f) << shift
		if shift += 7; text[i] < 0x80 {
			yield(t - 2)
			t, shift = 0, 0
		}
	}
}

// contains reports whether phrase stands in text side by side.
func contains(text, phrase string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		if i += from; i == 0 || text[i-1] < 0x80 {
			return true
		}
		from = i + 1
	}
}
