// Package cluster decides which story a new article belongs to. A Window holds
// the stories that may still grow; it is fed in order of time, does no I/O,
// and the same sequence of calls always gives the same stories.
//
// An article is a sparse vector of stemmed words, weighted by how rare they
// are: its title in full, names and numbers twice, its lead at a third. Rarity
// comes from a built-in table of document frequencies and from the stream
// itself. A second vector, the bridge, holds what does not depend on the
// article's language: topics, versions of models, amounts, names, and concepts
// from a table in five languages. Candidates come from an inverted index over
// live stories, so the cost of an article does not grow with the window.
//
// Two logistic regressions decide: the gate whether an article joins a story,
// the kinship whether two stories are one. Their weights were learnt from
// labelled news by TestLearn, and are the same for all news. A story whose
// articles fall into two groups is cut.
package cluster

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Doc is what the package needs to know of one article.
type Doc struct {
	ID     string
	Source string
	Title  string
	Lead   string // its first sentences
	Lang   string // BCP 47
	Topics []string
	Models []string // versions that its title names, see topic.Models
	Thing  string   // the paper, repository or project that it presents, "" for none
	At     time.Time

	text *text // what Read made of it
}

// A text is what stands in an article, whatever else was read.
type text struct {
	title, lead []token
	marks       []marked
	versions    []string
}

// Read prepares d for Assign and Add, which else do it themselves. It depends
// on d alone, and may run beside everything else.
func (d Doc) Read() Doc {
	if d.text == nil {
		d.text = &text{tokens(d.Title, d.Lang, titleWords), tokens(d.Lead, d.Lang, leadWords), marks(d), versions(d)}
	}
	return d
}

// Options tune a Window. Zero fields have the defaults beside them, which were
// chosen together on all sets of labelled news; see docs/evaluation.md.
type Options struct {
	Join  float64 // chance from which an article joins a story; 0.27
	Merge float64 // chance from which two stories become one; 0.57
}

const (
	leadWeight     = 0.3 // of a word of the lead beside one of the title
	leadWords      = 60
	titleWords     = 100
	nameBoost      = 2.0 // names and numbers of the title
	topicWeight    = 0.7
	modelWeight    = 1.5
	recentMembers  = 30  // compared one by one
	candidates     = 12  // scored exactly
	postingsMax    = 256 // of a term, the newest
	commonFraction = 0.02
)

// A Window is the set of stories that may still grow.
type Window struct {
	o        Options
	gate     gate
	kin      kinship
	terms    *vocabulary
	stories  map[string]*story
	postings [][]uint32         // by term: slots of stories, in order of joining
	slots    []slot             // of stories, also of those that went and may still be posted
	free     []uint32           // slots that nothing posts any more
	byHour   map[int64][]*story // by the hour of their last article, some of them in earlier hours, too
	hours    []int64            // of byHour, in order
	dead     []uint32           // slots of stories that went since the postings were swept
	round    uint32             // of looking for candidates
	born     uint32             // how many stories there were
	met      []uint32           // slots of the candidates of a round
	words    finder             // of the article that is compared
	bridge   finder
	joining  []held // of the article that joins a story

	last  *reading // the article that was read last: it is assigned, then added
	added *reading // the article that was added last

	// Learning hears of every comparison.
	hearGate func(story string, x evidence)
	hearKin  func(a, b string, x likeness)
}

type story struct {
	id       string
	slot     uint32
	sum      []held  // of its articles' vectors, in order of term
	norm     float64 // squared length of sum
	length   float64 // of its articles' vectors together
	squares  float64 // squared lengths of its articles' vectors together
	shortest float64 // length of the shortest of its articles' vectors
	recent   []*reading
	models   tally    // how many of its titles name them
	topics   tally    // how many of its articles are about them
	langs    tally    // how many of its articles are in them
	things   tally    // how many of its articles present them
	numbers  bool     // its titles have some
	bridges  []uint32 // terms of its articles' bridges, in order
	first    time.Time
	last     time.Time
	leads    int
	size     int
	gone     bool

	hub   bool // see adrift; as of hubAt
	hubAt int
}

// New makes an empty window.
func New(o Options) *Window {
	o.Join = cmp.Or(o.Join, 0.27)
	o.Merge = cmp.Or(o.Merge, 0.57)
	return &Window{o: o, gate: learntGate, kin: learntKinship, terms: newVocabulary(), stories: map[string]*story{}, byHour: map[int64][]*story{}}
}

// Len returns how many stories are in the window.
func (w *Window) Len() int { return len(w.stories) }

// Assign returns the story that d belongs to and the chance of that, 0 to 1;
// "" where it tells something new. The window stays as it is until Add.
func (w *Window) Assign(d Doc) (id string, p float64) {
	r := w.read(d)
	var best *story
	for _, s := range w.candidates(r) {
		least := max(w.o.Join, p)
		if w.hearGate != nil {
			least = 0
		}
		x, ok := w.compare(r, s, least)
		if !ok {
			continue
		}
		if w.hearGate != nil {
			w.hearGate(s.id, x)
		}
		switch c := chance(w.gate[:], x[:]); {
		case c < w.o.Join:
		case c > p, c == p && s.id < best.id:
			best, p = s, c
		}
	}
	if best == nil {
		return "", 0
	}
	return best.id, p
}

// Add makes d part of a story, which is opened where it is new.
func (w *Window) Add(id string, d Doc) {
	s := w.stories[id]
	if s == nil {
		s = w.open(id)
	}
	r := w.read(d)
	w.last, w.added = nil, r
	w.terms.count(r.vec, r.bridge)
	w.join(s, r)
}

func (w *Window) open(id string) *story {
	w.born++
	s := &story{id: id}
	if n := len(w.free); n > 0 {
		s.slot, w.free = w.free[n-1], w.free[:n-1]
	} else {
		s.slot = uint32(len(w.slots))
		w.slots = append(w.slots, slot{})
	}
	w.slots[s.slot] = slot{story: s, born: w.born}
	w.stories[id] = s
	return s
}

// A held term is one that a story has.
type held struct {
	weight float64
	term   uint32
	titles uint16 // how many of its titles have it, 65535 for more
	number bool
}

// together adds two sums.
func together(a, b []held) []held {
	out := make([]held, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].term < b[0].term:
			out, a = append(out, a[0]), a[1:]
		case a[0].term > b[0].term:
			out, b = append(out, b[0]), b[1:]
		default:
			h := a[0]
			h.titles, h.weight = h.titles+min(b[0].titles, math.MaxUint16-h.titles), h.weight+b[0].weight
			out, a, b = append(out, h), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// has returns the term of a sum, looked for from place at on, and its place.
func has(sum []held, at int, term uint32) (int, bool) {
	for at < len(sum) && sum[at].term < term {
		// Long sums are jumped through, short ones walked.
		if at+16 < len(sum) && sum[at+16].term <= term {
			at += 16
		} else {
			at++
		}
	}
	return at, at < len(sum) && sum[at].term == term
}

// join adds what was read out of an article to a story.
func (w *Window) join(s *story, r *reading) {
	dot, at := 0.0, 0
	w.joining = slices.Grow(w.joining[:0], len(r.vec))[:len(r.vec)]
	added := w.joining
	for i, f := range r.vec {
		added[i] = held{term: f.term, weight: f.weight}
		known := false
		if at, known = has(s.sum, at, f.term); known {
			dot += f.weight * s.sum[at].weight
		}
		if f.key {
			if added[i].titles = 1; !known || s.sum[at].titles == 0 {
				w.post(f.term, s)
			}
			added[i].number = f.number
			s.numbers = s.numbers || f.number
		}
	}
	s.sum = together(s.sum, added)
	s.norm += 2*dot + r.length*r.length
	s.length += r.length
	s.squares += r.length * r.length
	if s.size == 0 || r.length < s.shortest {
		s.shortest = r.length
	}
	for _, f := range r.bridge {
		if i, known := slices.BinarySearch(s.bridges, f.term); !known {
			s.bridges = slices.Insert(s.bridges, i, f.term)
			w.post(f.term, s)
		}
	}
	for _, m := range r.models {
		s.models.add(m, 1)
	}
	if r.Thing != "" {
		s.things.add(r.Thing, 1)
	}
	for _, t := range r.Topics {
		s.topics.add(t, 1)
	}
	s.langs.add(r.Lang, 1)
	if s.size == 0 || r.At.Before(s.first) {
		s.first = r.At
	}
	if s.size == 0 || r.At.After(s.last) {
		s.last = r.At
		w.wait(s)
	}
	if r.led {
		s.leads++
	}
	s.size++
	s.recent = append(s.recent, r)
	if len(s.recent) > recentMembers {
		s.recent = slices.Delete(s.recent, 0, 1)
	}
}

// A reading is an article with what was read out of it.
type reading struct {
	Doc
	vec, bridge          vector
	length, bridgeLength float64
	models               []string
	led                  bool     // it has a lead
	found                []*story // its candidates, once they were looked for
}

func (w *Window) read(d Doc) *reading {
	if d.ID == "" || w.last == nil || d.ID != w.last.ID {
		d = d.Read()
		r := &reading{Doc: d, vec: w.terms.vector(d), bridge: w.terms.bridge(d), models: d.text.versions}
		r.length, r.bridgeLength = r.vec.length(), r.bridge.length()
		r.led, r.Title, r.Lead, r.text = d.Lead != "", "", "", nil // a window may keep a million
		w.last = r
		if w.added != nil {
			w.added.found = nil // nobody asks again
		}
	}
	return w.last
}

// Expire lets go of the stories whose last article is from before a time, and
// returns their IDs in alphabetical order.
func (w *Window) Expire(before time.Time) (gone []string) {
	for len(w.hours) > 0 && w.hours[0] <= hour(before) {
		h := w.hours[0]
		var later []*story
		for _, s := range w.byHour[h] {
			switch {
			case s.gone || hour(s.last) != h: // it has moved on
			case s.last.Before(before):
				gone = append(gone, s.id)
				w.forget(s)
			default:
				later = append(later, s)
			}
		}
		if len(later) > 0 {
			w.byHour[h] = later
			break
		}
		delete(w.byHour, h)
		w.hours = w.hours[1:]
	}
	slices.Sort(gone)
	return gone
}

func hour(t time.Time) int64 { return t.Unix() / 3600 }

// wait notes when s may be let go.
func (w *Window) wait(s *story) {
	h := hour(s.last)
	if i, ok := slices.BinarySearch(w.hours, h); !ok {
		w.hours = slices.Insert(w.hours, i, h)
	}
	w.byHour[h] = append(w.byHour[h], s)
}

// sweepLeast is how many stories go before the postings are swept.
const sweepLeast = 1000

// forget takes a story out of the window. Its postings are skipped from now on
// and swept when those of the dead are as many as those of the living.
func (w *Window) forget(s *story) {
	s.gone = true
	delete(w.stories, s.id)
	w.slots[s.slot].story = nil
	w.dead = append(w.dead, s.slot)
	if len(w.dead) < max(sweepLeast, len(w.stories)) {
		return
	}
	for t, ps := range w.postings {
		w.postings[t] = slices.DeleteFunc(ps, func(at uint32) bool { return w.slots[at].story == nil })
		if len(w.postings[t]) == 0 {
			w.postings[t] = nil
		}
	}
	w.free = append(w.free, w.dead...)
	w.dead = w.dead[:0]
}

// Has reports whether a story is in the window.
func (w *Window) Has(id string) bool { return w.stories[id] != nil }

// release finds the numbers of releases of software, as in changelogs.
var release = regexp.MustCompile(`\b\d+\.\d+\.\d+\b`)

// versions are what a title names by number: versions of models, and releases.
func versions(d Doc) []string {
	vs := d.Models
	if strings.Count(d.Title, ".") < 2 {
		return vs
	}
	for _, r := range release.FindAllString(d.Title, -1) {
		vs = append(vs[:len(vs):len(vs)], "release-"+r)
	}
	return vs
}
