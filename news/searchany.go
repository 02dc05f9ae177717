package news

import (
	"cmp"
	"math/bits"
	"slices"
)

// anyMatches is how many matches any looks for, from the rarest word on.
const anyMatches = 2_000

// any goes through the stories that match at least one unit, and about. Beside
// rarer words very common ones count, and do not match on their own.
func (s *scan) any(units []*unit, about *unit) {
	clear(s.days)
	for _, u := range units {
		u.rewind()
	}
	if about != nil {
		about.rewind()
	}
	leads := slices.Clone(units)
	slices.SortStableFunc(leads, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
	var rest []*unit
	for i, n := 0, 0; i < len(leads); i++ {
		if n += leads[i].size(); n > anyMatches {
			i = max(i, 1)
			leads, rest = leads[:i], leads[i:]
		}
	}
	s.blocks(units, walk{
		next: func(at int) int {
			last := -1
			for _, u := range leads {
				last = max(last, u.last(at))
			}
			return last
		},
		find: func(at int, match *bitset) bool {
			*match = bitset{}
			for _, u := range leads {
				u.here = u.in(at)
				match.or(u.here)
			}
			return about == nil || match.and(about.in(at))
		},
		hopes: func(at int, b *block, match *bitset) {
			for _, u := range rest {
				u.here = u.in(at)
			}
			s.enough(units, at, b, match)
		},
		score: func(slot uint32) (float64, bool) {
			score, matched := 0.0, 0
			for _, u := range units {
				if !u.here.has(slot) || !s.says(u, slot) {
					continue
				}
				if v, ok := u.score(slot); ok {
					score += v
					matched++
				}
			}
			share := float64(matched) / float64(len(units))
			return score * share * share, matched > 0
		},
	})
}

// enough keeps the slots of a block that have as many of the units as it
// takes to come onto the page: few units count little, whichever they are.
func (s *scan) enough(units []*unit, at int, b *block, match *bitset) {
	if !s.full || s.q.Order != Best {
		return
	}
	var tops [queryTerms]float64
	var has [queryBits]bitset
	planes := has[:bits.Len(uint(len(units)))]
	for i, u := range units {
		tops[i] = u.top(at, b)
		u.here.tally(planes, match)
	}
	slices.Sort(tops[:len(units)])
	sum := 0.0
	for n := 1; n <= len(units); n++ {
		sum += tops[len(units)-n]
		share := float64(n) / float64(len(units))
		if s.reaches(hit{first: sum * share * share * slack}) {
			match.atLeast(planes, uint8(n))
			return
		}
	}
	*match = bitset{}
}
