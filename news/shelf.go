package news

import (
	"cmp"
	"slices"
	"strings"
)

// A shelf keeps the headlines of the stories that stand highest, for
// completion: between shelfLines and twice as many.
type shelf struct {
	lines []line
	at    map[string]int // lines by story
	heat  map[string]int // lines by topic
	least float64        // what a story must stand above to be taken up
}

// A line is the headline of a story.
type line struct {
	id, headline string
	words        string // folded, each with a space before it
	topics       []string
	standing     float64
	starts       uint64 // see startsOf
}

// startsOf returns a set with the first letters, one and two, of each of the
// words, which rules out most lines that a word does not begin.
func startsOf(words string) uint64 {
	var set uint64
	for _, w := range strings.Fields(words) {
		set |= startOf(w[:1])
		if len(w) > 1 {
			set |= startOf(w[:2])
		}
		// Within a dense script a word begins anywhere.
		if strings.ContainsFunc(w, isDense) {
			return ^uint64(0)
		}
	}
	return set
}

// startOf returns the member of the set for one or two bytes.
func startOf(s string) uint64 {
	h := uint32(s[0])
	if len(s) > 1 {
		h += 31 + 37*uint32(s[1])
	}
	return 1 << (h * 2654435761 >> 26)
}

const shelfLines = 1000

func newShelf() shelf { return shelf{at: map[string]int{}, heat: map[string]int{}} }

// put takes up a story, or its new version.
func (h *shelf) put(s Story, standing float64) {
	h.remove(s.ID)
	if standing <= h.least {
		return
	}
	words := " " + plainWords(fold(cutText(s.Headline, indexedText)))
	h.add(line{s.ID, s.Headline, words, s.Topics, standing, startsOf(words)})
	if len(h.lines) < 2*shelfLines {
		return
	}
	kept := h.lines
	slices.SortFunc(kept, func(a, b line) int { return cmp.Or(cmp.Compare(b.standing, a.standing), cmp.Compare(a.id, b.id)) })
	least := kept[shelfLines].standing
	*h = newShelf()
	h.least = least
	for _, l := range kept[:shelfLines] {
		h.add(l)
	}
}

func (h *shelf) add(l line) {
	h.at[l.id] = len(h.lines)
	h.lines = append(h.lines, l)
	for _, t := range l.topics {
		h.heat[t]++
	}
}

func (h *shelf) remove(id string) {
	i, ok := h.at[id]
	if !ok {
		return
	}
	for _, t := range h.lines[i].topics {
		h.heat[t]--
	}
	last := len(h.lines) - 1
	h.lines[i] = h.lines[last]
	h.at[h.lines[i].id] = i
	h.lines[last] = line{}
	h.lines = h.lines[:last]
	delete(h.at, id)
}

// find returns the n lines that stand highest of those in which each word
// typed begins a word, or stands anywhere in a dense script.
func (h *shelf) find(typed string, n int) []*line {
	words := strings.Fields(typed)
	var starts uint64
	for i, w := range words {
		starts |= startOf(w[:min(len(w), 2)])
		if !isDense(firstRune(w)) {
			words[i] = " " + w
		}
	}
	compare := func(a, b *line) int {
		if c := cmp.Compare(b.standing, a.standing); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	}
	var best []*line
next:
	for i := range h.lines {
		l := &h.lines[i]
		if l.starts&starts != starts || len(best) == n && compare(l, best[n-1]) > 0 {
			continue
		}
		for _, w := range words {
			if !strings.Contains(l.words, w) {
				continue next
			}
		}
		at, _ := slices.BinarySearchFunc(best, l, compare)
		if len(best) == n {
			best = best[:n-1]
		}
		best = slices.Insert(best, at, l)
	}
	return best
}
