package news

// minDead keeps small indices from compacting all the time.
const minDead = 1000

// compact makes a new core without the dead slots once they are half of all.
// Searches go on in the old one meanwhile.
func (x *Index) compact() {
	old := x.core
	if dead := len(old.docs) - len(old.slots); dead < minDead || dead < len(old.slots) {
		return
	}
	fresh := old.compacted()
	x.mu.Lock()
	x.core = fresh
	x.mu.Unlock()
}

// compacted returns a copy of c that holds only what lives.
func (c *core) compacted() *core {
	n := newCore(len(c.slots))
	slots := make([]uint32, len(c.docs))
	for i, r := range c.ranks {
		if !r.dead {
			slots[i] = uint32(len(n.docs))
			n.slots[c.docs[i].id] = slots[i]
			n.place(r)
			n.docs = append(n.docs, c.docs[i])
		}
	}
	for h, slot := range c.urls {
		n.urls[h] = slots[slot]
	}
	terms := make([]uint32, len(c.terms))
	for i, t := range c.terms {
		if t.live == 0 {
			continue
		}
		terms[i] = uint32(len(n.terms))
		kept := term{slots: make([]uint32, 0, t.live), notes: make([]note, 0, t.live), live: t.live, class: t.class}
		for i, slot := range t.slots {
			if !c.ranks[slot].dead {
				n.post(&kept, slots[slot], t.notes[i])
			}
		}
		n.terms = append(n.terms, kept)
	}
	for i := range n.docs {
		n.docs[i].terms = renumber(n.docs[i].terms, terms)
	}
	for key, t := range c.stems {
		if c.terms[t].live > 0 {
			n.stems[key] = terms[t]
		}
	}
	for word, t := range c.words {
		if c.terms[t].live > 0 {
			n.words[word] = terms[t]
			n.spelling.add(word, terms[t])
		}
	}
	return n
}

// renumber writes a text with other numbers for its terms.
func renumber(text string, terms []uint32) string {
	var out []uint32
	decode(text, func(t uint32) {
		if t < stop {
			t = terms[t]
		}
		out = append(out, t)
	})
	return encode(out)
}
