package news

import "math/bits"

// Slots are looked at in blocks. A block knows the most that a story in it can
// come to, so that a search passes over blocks that cannot change its page
// (Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes",
// SIGIR 2011, with blocks of slots instead of postings), and holds what
// filters ask for as bits, so that matches are counted by the word.
const (
	blockSlots = 1024
	blockWords = blockSlots / 64
)

// A bitset is one bit for every slot of a block.
type bitset [blockWords]uint64

func (b *bitset) set(slot uint32)   { b[slot%blockSlots/64] |= 1 << (slot % 64) }
func (b *bitset) clear(slot uint32) { b[slot%blockSlots/64] &^= 1 << (slot % 64) }

func (b *bitset) has(slot uint32) bool { return b[slot%blockSlots/64]>>(slot%64)&1 != 0 }

// and keeps what o has too and reports whether anything is left.
func (b *bitset) and(o *bitset) bool {
	any := uint64(0)
	for i := range b {
		b[i] &= o[i]
		any |= b[i]
	}
	return any != 0
}

func (b *bitset) or(o *bitset) {
	for i := range b {
		b[i] |= o[i]
	}
}

// before counts the slots of b in front of slot.
func (b *bitset) before(slot uint32) int {
	at := slot % blockSlots / 64
	n := bits.OnesCount64(b[at] & (1<<(slot%64) - 1))
	for _, w := range b[:at] {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b *bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// each calls yield with every slot of the bitset of block number at.
func (b *bitset) each(at int, yield func(slot uint32)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			yield(uint32(at*blockSlots + i*64 + bits.TrailingZeros64(w)))
		}
	}
}

// impactBits is how many bits an impact has.
const impactBits = 7

// A block is what is known of 1024 slots in a row.
type block struct {
	alive          bitset
	status         [len(statusNames)]bitset
	impact         [impactBits]bitset // by bit, see bitset.atLeast
	oldest, newest int64              // Updated of the stories that came into it
	recency        float64            // the highest of them
	standing       float64            // the highest of them, see rank.standing
	most           uint8              // impact
	begun          []piece            // when they began
}

// A piece is six hours in which stories began.
type piece struct {
	at    int64 // see pieceOf
	slots bitset
}

// begin takes up when a story began.
func (b *block) begin(slot uint32, first int64) {
	at := pieceOf(first)
	i := len(b.begun) - 1
	for i >= 0 && b.begun[i].at != at {
		i--
	}
	if i < 0 {
		i = len(b.begun)
		b.begun = append(b.begun, piece{at: at})
	}
	b.begun[i].slots.set(slot)
}

// place takes up the rank of a new slot.
func (c *core) place(r rank) {
	slot := uint32(len(c.ranks))
	c.ranks = append(c.ranks, r)
	c.begun[pieceOf(r.first)]++
	if slot%blockSlots == 0 {
		c.blocks = append(c.blocks, &block{oldest: r.updated, newest: r.updated})
	}
	b := c.blocks[slot/blockSlots]
	b.alive.set(slot)
	if r.status > 0 {
		b.status[r.status-1].set(slot)
	}
	for i := range b.impact {
		if r.impact>>i&1 != 0 {
			b.impact[i].set(slot)
		}
	}
	b.begin(slot, r.first)
	b.oldest, b.newest = min(b.oldest, r.updated), max(b.newest, r.updated)
	b.recency, b.standing, b.most = max(b.recency, r.recency), max(b.standing, r.standing()), max(b.most, r.impact)
}

// atLeast keeps the slots of m whose number is n or more. Numbers are given by
// bit, the lowest first (O'Neil and Quass, SIGMOD 1997).
func (m *bitset) atLeast(planes []bitset, n uint8) {
	same := *m // as n so far
	*m = bitset{}
	for i := len(planes) - 1; i >= bits.TrailingZeros8(n); i-- {
		plane := &planes[i]
		if n>>i&1 != 0 {
			for w := range same {
				same[w] &= plane[w]
			}
			continue
		}
		for w := range same {
			m[w] |= same[w] & plane[w]
			same[w] &^= plane[w]
		}
	}
	m.or(&same)
}

// tally counts in planes, for the slots of room, how many bitsets have them;
// see atLeast.
func (m *bitset) tally(planes []bitset, room *bitset) {
	for w := range m {
		if room[w] == 0 {
			continue
		}
		carry := m[w]
		for i := range planes {
			planes[i][w], carry = planes[i][w]^carry, planes[i][w]&carry
		}
	}
}

// since keeps the slots of m that were updated then or later.
func (c *core) since(at int, m *bitset, since int64) {
	b := c.blocks[at]
	if b.oldest >= since {
		return
	}
	if b.newest < since {
		*m = bitset{}
		return
	}
	m.each(at, func(slot uint32) {
		if c.ranks[slot].updated < since {
			m.clear(slot)
		}
	})
}

// A denseBlock is the part of a common term's postings that lies in a block.
type denseBlock struct {
	slots bitset
	from  uint32  // the first of its postings, or the first behind it
	top   float64 // the highest weight times standing, 0 where there are none
}

// A term is dense from this many postings on, where they are also at least one
// in densest of all: then bits take no more room than a list does.
const (
	denseLeast = 1024
	densest    = 32
)

// densify gives a term its blocks where it has become common.
func (c *core) densify(e *term) {
	if e.dense != nil || len(e.slots) < denseLeast || len(e.slots)*densest < len(c.ranks) {
		return
	}
	e.dense = make([]denseBlock, 0, len(c.blocks))
	for i, slot := range e.slots {
		e.mark(i, slot, c.ranks[slot].standing())
	}
}

// mark takes the posting i up into the blocks.
func (e *term) mark(i int, slot uint32, standing float64) {
	for at := int(slot / blockSlots); at >= len(e.dense); {
		e.dense = append(e.dense, denseBlock{from: uint32(i)})
	}
	d := &e.dense[slot/blockSlots]
	d.slots.set(slot)
	d.top = max(d.top, weightAt(e.notes[i].weight)*standing)
}

// post appends a posting.
func (c *core) post(e *term, slot uint32, n note) {
	e.slots, e.notes = append(e.slots, slot), append(e.notes, n)
	e.heaviest = max(e.heaviest, n.weight)
	if e.dense != nil {
		e.mark(len(e.slots)-1, slot, c.ranks[slot].standing())
	} else {
		c.densify(e)
	}
}
