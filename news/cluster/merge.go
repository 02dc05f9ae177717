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
	kinUnity                 // how close they are to each other, beside how close within; see unity
	kinUnitySmall            // small x unity
	likenesses
)

// A kinship is the weights of a likeness.
type kinship [likenesses]float64

// learntKinship is what TestLearn printed.
var learntKinship = kinship{
	-8.294, -6.143, 4.911, -0.550, 0.220, -15.227, -7.261, 2.683, -1.437, 4.132, -11.878, 1.924, -1.771, -0.122, 0.002, -1.733, -4.505, 9.353, 2.590, -5.858, 7.622, 20.978,
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
	x[kinUnity] = unity(s, t, dot)
	x[kinUnitySmall] = x[kinUnity] * x[kinSmall]
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

// What the closeness of a story is taken for before it has pairs of articles,
// and as how many pairs that counts.
const (
	closeUsual = 0.3
	closePairs = 3
)

// unity is how close the articles of one story are to those of the other, as a
// share of how close each story's articles are to one another, at most 1.5.
// Parts of one story are near 1, whatever their sizes: the cosine of the sums
// grows with those. dot is the product of the sums.
func unity(s, t *story, dot float64) float64 {
	across := dot / math.Sqrt(max(float64(s.size)*float64(t.size)*s.squares*t.squares, 1e-12))
	return min(across/math.Sqrt(s.closeness()*t.closeness()), 1.5)
}

// closeness is the mean product of two articles of a story, as a share of the
// mean square of one.
func (s *story) closeness() float64 {
	n := float64(s.size)
	mean := max(s.norm-s.squares, 0) / max(s.squares*(n-1), 1e-12)
	pairs := n * (n - 1) / 2
	return (mean*pairs + closeUsual*closePairs) / (pairs + closePairs)
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
	into.squares += from.squares
	into.shortest = min(into.shortest, from.shortest)
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
