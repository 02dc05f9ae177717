package news

import (
	"cmp"
	"slices"
	"strings"
)

// A shelf keeps the headlines of the stories that stand highest, for
// completion: between shelfLines and twice as many.
type shelf struct {
	lines []*line          // in the order of compareLines
	by    map[string]*line // by story
	heat  map[string]int   // lines by topic
	least float64          // what a story must stand above to be taken up
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

func newShelf() shelf { return shelf{by: map[string]*line{}, heat: map[string]int{}} }

// compareLines puts what stands higher first.
func compareLines(a, b *line) int {
	if c := cmp.Compare(b.standing, a.standing); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}

// put takes up a story, or its new version.
func (h *shelf) put(s Story, standing float64) {
	h.remove(s.ID)
	if standing <= h.least {
		return
	}
	words := " " + plainWords(fold(cutText(s.Headline, indexedText)))
	l := &line{s.ID, s.Headline, words, s.Topics, standing, startsOf(words)}
	at, _ := slices.BinarySearchFunc(h.lines, l, compareLines)
	h.lines = slices.Insert(h.lines, at, l)
	h.by[l.id] = l
	for _, t := range l.topics {
		h.heat[t]++
	}
	if len(h.lines) == 2*shelfLines {
		h.least = h.lines[shelfLines].standing
		for len(h.lines) > shelfLines {
			h.remove(h.lines[len(h.lines)-1].id)
		}
	}
}

func (h *shelf) remove(id string) {
	l, ok := h.by[id]
	if !ok {
		return
	}
	for _, t := range l.topics {
		h.heat[t]--
	}
	at, _ := slices.BinarySearchFunc(h.lines, l, compareLines)
	h.lines = slices.Delete(h.lines, at, at+1)
	delete(h.by, id)
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
	var found []*line
next:
	for _, l := range h.lines {
		if l.starts&starts != starts {
			continue
		}
		for _, w := range words {
			if !strings.Contains(l.words, w) {
				continue next
			}
		}
		if found = append(found, l); len(found) == n {
			break
		}
	}
	return found
}
