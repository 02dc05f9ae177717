package cluster

import (
	"cmp"
	"slices"
)

// A slot is what looking for candidates needs of a story. Slots lie side by
// side: thousands of them are looked at for each article.
type slot struct {
	*story         // nil of one that went
	shared float64 // with the article of the round in which it was met last
	met    uint32  // that round
	born   uint32  // stories are numbered
}

func (w *Window) post(term uint32, s *story) {
	if n := int(term) + 1 - len(w.postings); n > 0 {
		w.postings = append(w.postings, make([][]uint32, n)...)
	}
	ps := append(w.postings[term], s.slot)
	if len(ps) > 2*postingsMax {
		ps = slices.Clone(ps[len(ps)-postingsMax:])
	}
	w.postings[term] = ps
}

// candidates returns the stories that share the most, by rarity, with an
// article's title, in words or across languages.
func (w *Window) candidates(r *reading) []*story {
	if r.found != nil {
		r.found = slices.DeleteFunc(r.found, func(s *story) bool { return s.gone })
		return r.found
	}
	common := max(50, int(commonFraction*float64(len(w.stories))))
	if w.round++; w.round == 0 { // it has gone round
		for i := range w.slots {
			w.slots[i].met = 0
		}
		w.round = 1
	}
	met := w.met[:0]
	for _, v := range []vector{r.vec, r.bridge} {
		for _, f := range v {
			if !f.key || int(f.term) >= len(w.postings) {
				continue
			}
			ps := w.postings[f.term]
			if len(ps) > max(common, postingsMax) {
				continue
			}
			square := f.weight * f.weight
			for _, at := range ps[max(0, len(ps)-postingsMax):] {
				switch s := &w.slots[at]; {
				case s.story == nil:
				case s.met != w.round:
					s.met, s.shared = w.round, square
					met = append(met, at)
				default:
					s.shared += square
				}
			}
		}
	}
	w.met = met
	closer := func(a, b *slot) int { return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(a.born, b.born)) }
	var best [candidates + 1]*slot
	n := 0
	for _, at := range met {
		s := &w.slots[at]
		if n == candidates && (s.shared < best[n-1].shared || s.shared == best[n-1].shared && s.born > best[n-1].born) {
			continue
		}
		i, _ := slices.BinarySearchFunc(best[:n], s, closer)
		copy(best[i+1:], best[i:n])
		best[i] = s
		n = min(n+1, candidates)
	}
	r.found = make([]*story, n)
	for i, s := range best[:n] {
		r.found[i] = s.story
	}
	return r.found
}
