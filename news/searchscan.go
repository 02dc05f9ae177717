package news

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A scan goes through the slots that match and keeps the page that was asked for.
type scan struct {
	core   *core
	q      Query
	status uint8 // 0 for any
	min    uint8
	since  int64
	best   float64 // the recency of now: nothing is more recent
	after  hit
	paged  bool
	limit  int

	total  int
	behind int // matches behind after
	hits   []hit
	full   bool // hits holds at least a page, the last of it is worst
	worst  hit
}

// A hit is a match with what it is ordered by, the largest first.
type hit struct {
	slot   uint32
	first  float64
	second int64
	id     string // only where it comes from Query.After
}

// all visits every story, or those about.
func (s *scan) all(about *unit) {
	if about == nil {
		for slot := range s.core.ranks {
			s.visit(uint32(slot), 1)
		}
		return
	}
	for slot := about.seek(0); slot != end; slot = about.seek(slot + 1) {
		s.visit(slot, 1)
	}
}

// every visits the stories that match all units, and about where it is not nil.
func (s *scan) every(units []*unit, about *unit) {
	if len(units) == 0 {
		return
	}
	if u := units[0]; len(units) == 1 && about == nil && len(u.alternatives) == 0 && len(u.words) == 1 {
		for _, p := range u.words[0].list {
			s.visit(p.slot, u.words[0].idf*float64(p.weight))
		}
		return
	}
	all := slices.Clone(units)
	if about != nil {
		all = append(all, about)
	}
	slices.SortStableFunc(all, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
next:
	for slot := all[0].seek(0); slot != end; {
		for _, u := range all[1:] {
			if at := u.seek(slot); at != slot {
				if at == end {
					return
				}
				slot = all[0].seek(at)
				continue next
			}
		}
		score, ok := 0.0, true
		for _, u := range units { // in the order of the query: sums must not depend on sizes
			v, matches := u.score(s.core, slot)
			score, ok = score+v, ok && matches
		}
		if ok {
			s.visit(slot, score)
		}
		slot = all[0].seek(slot + 1)
	}
}

// anyMatches is how many matches any looks for, from the rarest word on.
const anyMatches = 20_000

// any visits the stories that match at least one unit, and about. Beside
// rarer words very common ones count, and do not match on their own.
func (s *scan) any(units []*unit, about *unit) {
	for _, u := range units {
		u.rewind()
	}
	if about != nil {
		about.rewind()
	}
	leads := slices.Clone(units)
	slices.SortStableFunc(leads, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
	for i, n := 0, 0; i < len(leads); i++ {
		if n += leads[i].size(); n > anyMatches {
			leads = leads[:max(i, 1)]
		}
	}
	for slot := uint32(0); ; slot++ {
		at := uint32(end)
		for _, u := range leads {
			at = min(at, u.seek(slot))
		}
		if slot = at; slot == end {
			return
		}
		if s.core.ranks[slot].dead || about != nil && about.seek(slot) != slot {
			continue
		}
		score, matched := 0.0, 0
		for _, u := range units {
			if u.seek(slot) != slot {
				continue
			}
			if v, ok := u.score(s.core, slot); ok {
				score += v
				matched++
			}
		}
		if matched > 0 {
			share := float64(matched) / float64(len(units))
			s.visit(slot, score*share*share)
		}
	}
}

// visit takes up a match where it lives and passes the filters.
func (s *scan) visit(slot uint32, score float64) {
	r := &s.core.ranks[slot]
	if r.dead || r.impact < s.min || r.updated < s.since || s.status != 0 && r.status != s.status {
		return
	}
	s.total++
	h := hit{slot: slot}
	switch s.q.Order {
	case Newest:
		h.second = r.updated
	case Top:
		h.first, h.second = float64(r.impact), r.updated
	default:
		h.first = score * impactOf(r.impact) * min(r.recency, s.best)
	}
	if s.limit == 0 || s.paged && s.compare(h, s.after) <= 0 {
		return
	}
	s.behind++
	if s.full && s.compare(h, s.worst) >= 0 {
		return
	}
	s.hits = append(s.hits, h)
	if len(s.hits) >= 2*s.limit+64 {
		s.cut()
	}
}

// cut keeps the best hits of a page, in order.
func (s *scan) cut() {
	slices.SortFunc(s.hits, s.compare)
	if len(s.hits) >= s.limit {
		s.hits = s.hits[:s.limit]
		s.full, s.worst = true, s.hits[s.limit-1]
	}
}

func (s *scan) page() []hit {
	if s.limit == 0 {
		return nil
	}
	s.cut()
	return s.hits
}

// compare orders hits, the better first.
func (s *scan) compare(a, b hit) int {
	if c := cmp.Compare(b.first, a.first); c != 0 {
		return c
	}
	if c := cmp.Compare(b.second, a.second); c != 0 {
		return c
	}
	return strings.Compare(s.core.idOf(a), s.core.idOf(b))
}

func (c *core) idOf(h hit) string {
	if h.id != "" {
		return h.id
	}
	return c.docs[h.slot].id
}

// after writes h as a Query.After.
func (h hit) after(c *core) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%x %d %s", math.Float64bits(h.first), h.second, c.docs[h.slot].id))
}

func parseAfter(s string) (hit, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return hit{}, false
	}
	var h hit
	var bits uint64
	fields := strings.SplitN(string(raw), " ", 3)
	if len(fields) != 3 || fields[2] == "" {
		return hit{}, false
	}
	if _, err := fmt.Sscanf(fields[0]+" "+fields[1], "%x %d", &bits, &h.second); err != nil {
		return hit{}, false
	}
	h.first, h.id = math.Float64frombits(bits), fields[2]
	return h, h.first == h.first
}
