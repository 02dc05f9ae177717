package news

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// A scan goes through the slots that match and keeps the page that was asked for.
type scan struct {
	core   *core
	q      Query
	status uint8 // 0 for any
	min    uint8
	since  int64
	now    int64
	best   float64 // the recency of now: nothing is more recent
	after  hit
	paged  bool
	limit  int // hits to keep, one more than the page has

	total  int
	more   bool // total is a lower bound
	days   []int
	asked  int // stories in which a phrase was looked for
	hits   []hit
	full   bool // hits holds limit of them, the last of it is worst
	worst  hit
	phrase bool    // a unit is one
	most   float64 // bounds the score of a story
}

// A hit is a match with what it is ordered by, the largest first.
type hit struct {
	slot   uint32
	first  float64
	second int64
	id     string // only where it comes from Query.After
}

// A phrase is counted in the newest stories that have its words; behind
// phraseReads of them only those are read that may come onto the page, and
// behind phraseMost none.
const (
	phraseReads = 500
	phraseMost  = 2000
)

// A walk says how a scan goes through the blocks.
type walk struct {
	next  func(at int) int                      // the last block up to at that may have matches, -1 for none
	find  func(at int, match *bitset) bool      // sets match to the slots of a block that may match, also dead ones
	hopes func(at int, b *block, match *bitset) // and further to those that may come onto the page, or is nil
	score func(slot uint32) (float64, bool)     // how well one matches, and whether it does
}

// every goes through the stories that match all units, and about where it is
// not nil.
func (s *scan) every(units []*unit, about *unit) {
	narrowing := slices.Clone(units)
	if about != nil {
		narrowing = append(narrowing, about)
	}
	slices.SortStableFunc(narrowing, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
	s.blocks(units, walk{
		next: func(at int) int {
			for _, u := range narrowing {
				at = u.last(at)
			}
			return at
		},
		find: func(at int, match *bitset) bool {
			if len(narrowing) == 0 {
				*match = s.core.blocks[at].alive
				return true
			}
			*match = *narrowing[0].in(at)
			for _, u := range narrowing[1:] {
				if !match.and(u.in(at)) {
					return false
				}
			}
			return true
		},
		score: func(slot uint32) (float64, bool) {
			score := 0.0
			for _, u := range units { // in the order of the query: sums must not depend on sizes
				if !s.says(u, slot) {
					return 0, false
				}
				v, ok := u.score(slot)
				if !ok {
					return 0, false
				}
				score += v
			}
			if len(units) == 0 {
				score = 1
			}
			return score, true
		},
	})
}

// says reports whether a story that u may match has its phrase, or is about the
// topic that the phrase names.
func (s *scan) says(u *unit, slot uint32) bool {
	return u.phrase == "" || u.about(slot) || u.follow(slot) && contains(s.core.docs[slot].terms, u.phrase)
}

// blocks goes from the newest block to the oldest. Blocks that cannot change
// the page are only counted.
func (s *scan) blocks(units []*unit, w walk) {
	s.phrase = slices.ContainsFunc(units, func(u *unit) bool { return u.phrase != "" })
	s.most = 1
	if len(units) > 0 {
		s.most = 0
	}
	for _, u := range units {
		s.most += u.most()
	}
	first := s.now - trendDays*int64(24*time.Hour)
	var match, hope bitset
	for at := w.next(len(s.core.blocks) - 1); at >= 0; at = w.next(at - 1) {
		b := s.core.blocks[at]
		counted := s.days != nil && b.newest >= first
		if b.newest < s.since && !counted {
			continue
		}
		if s.more && (s.asked >= phraseMost || !s.promising(units, at, b)) {
			continue
		}
		if !w.find(at, &match) || !match.and(&b.alive) || s.status != 0 && !match.and(&b.status[s.status-1]) {
			continue
		}
		if s.min > 0 {
			match.atLeast(b.impact[:], s.min)
		}
		if !counted {
			s.core.since(at, &match, s.since)
		}
		hope = bitset{}
		good := s.limit > 0 && s.promising(units, at, b)
		if good {
			hope = match
			s.weighty(b, &hope)
		}
		if w.hopes != nil && (good || s.phrase) {
			w.hopes(at, b, &hope)
		}
		if s.phrase {
			s.read(at, &match, &hope, w.score)
		}
		if counted {
			s.count(b, &match)
			s.core.since(at, &match, s.since)
		}
		s.total += match.count()
		if good && hope.and(&match) {
			s.visitAll(at, &hope, w.score)
		}
	}
}

// weighty keeps the slots of a block whose impact may bring them onto the page.
func (s *scan) weighty(b *block, m *bitset) {
	if !s.full {
		return
	}
	least := 0.0
	switch s.q.Order {
	case Best:
		least = impactFor(s.worst.first / (s.most * min(b.recency, s.best) * slack))
	case Top:
		least = s.worst.first
	}
	if least > 0 {
		m.atLeast(b.impact[:], uint8(min(math.Ceil(least), 1<<impactBits-1)))
	}
}

// read keeps the slots of match that have the phrase, as far as it is looked for;
// only those of hope may come onto the page.
func (s *scan) read(at int, match, hope *bitset, score func(slot uint32) (float64, bool)) {
	if s.asked >= phraseReads {
		n := match.count()
		match.and(hope)
		s.more = s.more || match.count() < n
	}
	match.each(at, func(slot uint32) {
		if s.asked >= phraseMost || s.asked >= phraseReads && !(hope.has(slot) && s.reaches(s.bound(slot))) {
			s.more = true
			match.clear(slot)
			return
		}
		s.asked++
		if _, ok := score(slot); !ok {
			match.clear(slot)
		}
	})
}

// count counts matches for the days on which their stories began.
func (s *scan) count(b *block, match *bitset) {
	now := pieceOf(s.now)
	for i := range b.begun {
		p := &b.begun[i]
		if day := (now - p.at) / pieces; p.at > now-trendDays*pieces && p.at <= now {
			for w := range match {
				s.days[trendDays-1-day] += bits.OnesCount64(match[w] & p.slots[w])
			}
		}
	}
}

// slack is how much a bound may be too low because it was rounded otherwise.
const slack = 1 + 1e-9

// promising reports whether a story of the block could come onto the page.
func (s *scan) promising(units []*unit, at int, b *block) bool {
	if !s.full {
		return true
	}
	var h hit
	switch s.q.Order {
	case Newest:
		h.second = b.newest
	case Top:
		h.first, h.second = float64(b.most), b.newest
	default:
		if len(units) == 0 {
			h.first = b.standing
		}
		for _, u := range units {
			h.first += u.top(at, b)
		}
		h.first *= slack
	}
	return s.reaches(h)
}

// reaches reports whether a hit that comes to no more than h could come onto the page.
func (s *scan) reaches(h hit) bool {
	return !s.full || h.first > s.worst.first || h.first == s.worst.first && h.second >= s.worst.second
}

// bound returns what a slot cannot come to more than.
func (s *scan) bound(slot uint32) hit {
	r := &s.core.ranks[slot]
	switch s.q.Order {
	case Newest:
		return hit{slot: slot, second: r.updated}
	case Top:
		return hit{slot: slot, first: float64(r.impact), second: r.updated}
	}
	return hit{slot: slot, first: s.most * impactOf(r.impact) * min(r.recency, s.best) * slack}
}

func (s *scan) visitAll(at int, match *bitset, score func(slot uint32) (float64, bool)) {
	match.each(at, func(slot uint32) {
		h := s.bound(slot)
		if s.full && !s.reaches(h) {
			return
		}
		if s.q.Order == Best {
			r := &s.core.ranks[slot]
			v, _ := score(slot)
			h.first = v * impactOf(r.impact) * min(r.recency, s.best)
		}
		s.visit(h)
	})
}

// visit takes up a hit.
func (s *scan) visit(h hit) {
	if s.paged && s.compare(h, s.after) <= 0 || s.full && s.compare(h, s.worst) >= 0 {
		return
	}
	s.hits = append(s.hits, h)
	if len(s.hits) >= 2*s.limit {
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
