package cluster

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A likeness is what speaks for and against two stories being one.
type likeness [likenesses]float64

const (
	kinBias           = iota // 1
	kinCosine                // of the sums
	kinClosest               // cosine of the closest pair of articles
	kinMean                  // mean cosine of the smaller story's articles with the closest of the other
	kinBridged               // cosine of the closest bridges
	kinGap                   // days between the end of one and the beginning of the other, 7 are 1
	kinSmall                 // log2 of the number of articles of the smaller one, 5 are 1
	kinLarge                 // of the larger one
	kinOneSource             // 1 where one source told both, and nobody else
	kinBare                  // 1 where there are no leads to compare
	kinBareCosine            // bare x cosine
	kinRare                  // rare words that both titles have, 4 and more are 1
	kinModel                 // 1 where a version of a model is shared
	kinNumber                // 1 where a number is shared
	kinTopical               // share of topics in common
	kinElsewhere             // 1 where both have topics and none is shared
	kinForeign               // 1 where they are told in different languages
	kinForeignBridged        // foreign x bridged
	kinCoherence             // mean cosine of all with their sum, as one
	kinIncoherence           // how much less that is than in the less coherent of the two
	likenesses
)

// A kinship is the weights of a likeness.
type kinship [likenesses]float64

// learntKinship is what TestLearn printed.
var learntKinship = kinship{
	-3.675, 13.110, 4.854, -3.447, 1.919, -12.484, -5.155, 0.614, -1.168, 2.084, -10.508, 2.531, -2.432, 0.163, -0.064, -0.707, -3.070, 4.690, -1.083, -0.697,
}

const (
	kinArticles = 12  // of each story that are compared one by one, the newest
	kinLeast    = 0.1 // cosine of the sums below which nothing else is looked at
)

// Merge looks for a story that tells the same event as the one that an article
// was added to last, and makes them one. It returns the story that stays,
// which is the older one, and the one that went into it; ok is false where
// nothing changed. One call makes one merge: call it until nothing changes.
func (w *Window) Merge(id string) (stays, goes string, ok bool) {
	s := w.stories[id]
	if s == nil || w.added == nil {
		return "", "", false
	}
	var best *story
	top := 0.0
	for _, t := range w.candidates(w.added) {
		if t == s {
			continue
		}
		x, ok := w.liken(s, t)
		if !ok {
			continue
		}
		if w.hearKin != nil {
			w.hearKin(s.id, t.id, x)
		}
		if p := chance(w.kin[:], x[:]); p >= w.o.Merge && p > top {
			best, top = t, p
		}
	}
	if best == nil {
		return "", "", false
	}
	into, from := s, best
	if cmp.Or(from.first.Compare(into.first), strings.Compare(from.id, into.id)) < 0 {
		into, from = from, into
	}
	w.absorb(into, from)
	return into.id, from.id, true
}

// liken gathers the likeness of two stories; ok is false where something
// forbids that they are one, or they have next to nothing in common.
func (w *Window) liken(s, t *story) (x likeness, ok bool) {
	if w.adrift(s) || w.adrift(t) {
		return x, false
	}
	for _, m := range s.models {
		if float64(m.n) < inPassing*float64(s.size) {
			continue
		}
		shared, clash := compareModels([]string{m.name}, t.models, t.size)
		if clash {
			return x, false
		}
		x[kinModel] = max(x[kinModel], truth(shared))
	}
	for _, thing := range s.things {
		if otherThing(thing.name, t) {
			return x, false
		}
	}
	if len(s.sum) > len(t.sum) {
		s, t = t, s
	}
	dot, rares, at := 0.0, 0.0, 0
	number := false
	for _, h := range s.sum {
		known := false
		if at, known = has(t.sum, at, h.term); !known {
			continue
		}
		dot += h.weight * t.sum[at].weight
		number = number || h.number && t.sum[at].number
		if s.core(h) && t.core(t.sum[at]) && w.terms.idf(h.term) >= rareIDF {
			rares++
		}
	}
	x[kinCosine] = dot / math.Sqrt(max(s.norm*t.norm, 1e-12))
	if x[kinCosine] < kinLeast {
		return x, false
	}
	x[kinBias] = 1
	x[kinCoherence] = math.Sqrt(max(s.norm+t.norm+2*dot, 0)) / (s.length + t.length)
	x[kinIncoherence] = min(math.Sqrt(max(s.norm, 0))/s.length, math.Sqrt(max(t.norm, 0))/t.length) - x[kinCoherence]
	x[kinRare] = min(rares, 4) / 4
	a, b := s.newest(kinArticles), t.newest(kinArticles)
	if len(a) > len(b) {
		a, b = b, a
	}
	one := a[0].Source != ""
	for _, m := range a {
		best := 0.0
		for _, n := range b {
			best = max(best, cosine(m.vec, n.vec, m.length, n.length))
			x[kinBridged] = max(x[kinBridged], cosine(m.bridge, n.bridge, m.bridgeLength, n.bridgeLength))
			one = one && m.Source == a[0].Source && n.Source == a[0].Source
		}
		x[kinMean] += best / float64(len(a))
		x[kinClosest] = max(x[kinClosest], best)
	}
	x[kinOneSource] = truth(one)
	x[kinGap] = days(max(s.first.Sub(t.last), t.first.Sub(s.last)))
	x[kinSmall], x[kinLarge] = logSize(min(s.size, t.size)), logSize(max(s.size, t.size))
	if s.leads*2 < s.size || t.leads*2 < t.size {
		x[kinBare], x[kinBareCosine] = 1, x[kinCosine]
	}
	x[kinNumber] = truth(number)
	if len(s.topics) > 0 && len(t.topics) > 0 {
		both, all := 0, 0
		for _, c := range s.topics {
			all += c.n
			if t.topics.of(c.name) > 0 {
				both += c.n
			}
		}
		x[kinTopical], x[kinElsewhere] = float64(both)/float64(all), truth(both == 0)
	}
	apart := true
	for _, l := range s.langs {
		apart = apart && !t.speaks(l.name)
	}
	if apart {
		x[kinForeign], x[kinForeignBridged] = 1, x[kinBridged]
	}
	return x, true
}

// newest returns up to n of a story's articles, those that joined last.
func (s *story) newest(n int) []*reading { return s.recent[max(0, len(s.recent)-n):] }

// absorb makes the articles of one story those of another.
func (w *Window) absorb(into, from *story) {
	dot, at := 0.0, 0
	for _, h := range from.sum {
		known := false
		if at, known = has(into.sum, at, h.term); known {
			dot += h.weight * into.sum[at].weight
		}
		if h.titles > 0 && (!known || into.sum[at].titles == 0) {
			w.post(h.term, into)
		}
	}
	into.sum = together(into.sum, from.sum)
	into.norm += from.norm + 2*dot
	into.length += from.length
	for _, term := range from.bridges {
		if i, known := slices.BinarySearch(into.bridges, term); !known {
			into.bridges = slices.Insert(into.bridges, i, term)
			w.post(term, into)
		}
	}
	into.things.addAll(from.things)
	into.models.addAll(from.models)
	into.topics.addAll(from.topics)
	into.langs.addAll(from.langs)
	into.numbers = into.numbers || from.numbers
	if from.first.Before(into.first) {
		into.first = from.first
	}
	if from.last.After(into.last) {
		into.last = from.last
		w.wait(into)
	}
	into.leads += from.leads
	into.size += from.size
	into.recent = append(into.recent, from.recent...)
	slices.SortStableFunc(into.recent, func(a, b *reading) int { return a.At.Compare(b.At) })
	into.recent = into.newest(recentMembers)
	w.forget(from)
}
