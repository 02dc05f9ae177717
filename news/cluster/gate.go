package cluster

import (
	"math"
	"strings"
	"time"
)

// An evidence is what speaks for and against an article belonging to a story.
type evidence [evidences]float64

const (
	bias           = iota // 1
	centroid              // cosine with the sum of the story's articles
	closest               // cosine with the closest of its recent articles
	bare                  // 1 where there are no leads to compare
	bareCentroid          // bare x centroid
	bareClosest           // bare x closest
	bridged               // cosine of the bridges, with the closest
	rare                  // rare words of the title that the story has, 4 and more are 1
	overlap               // share of the title, by weight, that the story has
	gap                   // days since the story's last article, 7 are 1
	sized                 // log2 of the number of the story's articles, 5 are 1
	sameSource            // 1 where the source told the story within a day
	oneSource             // 1 where no other source told it: a source's own series look alike
	model                 // 1 where a version of a model is shared
	number                // 1 where a number of the title is shared
	numbers               // 1 where both have numbers and none is shared
	topical               // share of the article's topics that the story has
	elsewhere             // 1 where both have topics and none is shared
	foreign               // 1 where the story is told in another language
	foreignBridged        // foreign x bridged
	foreignRare           // foreign x rare
	foreignTopical        // foreign x topical
	coherence             // mean cosine of all with their sum, if the article joins
	incoherence           // how much less that is than before
	evidences
)

// A gate is the weights of an evidence.
type gate [evidences]float64

// learntGate is what TestLearn printed.
var learntGate = gate{
	-0.345, 10.299, 5.539, -1.039, -5.188, 2.249, 1.103, 3.842, -2.036, -7.344, -1.276, -0.312, 0.366, -2.239, 0.019, -0.710, 0.805, -0.647, 0.912, 5.275, -1.592, 0.428, -7.846, 2.513,
}

// chance is the answer of a logistic regression.
func chance(weights, x []float64) float64 {
	sum := 0.0
	for i, w := range weights {
		sum += w * x[i]
	}
	return 1 / (1 + math.Exp(-sum))
}

// rareIDF is the inverse document frequency from which a word is rare.
const rareIDF = 5.5

// unlikely reports whether an article does not belong to a story by more than a
// chance of least, whatever comparing it with the story's articles one by one
// would add to the evidence. No one is closer than the sum's product allows: all
// weights of words are above 0.
func (g *gate) unlikely(x *evidence, closestMost, least float64) bool {
	closer, bridges := g[closest]+x[bare]*g[bareClosest], g[bridged]+x[foreign]*g[foreignBridged]
	most := max(closer*min(closestMost, 1), 0) + max(bridges, 0) + max(g[sameSource], 0) + max(g[oneSource], 0)
	const rounding = 1e-9
	for i, v := range x {
		most += g[i] * v
	}
	return 1/(1+math.Exp(-most))+rounding < least
}

// compare gathers the evidence; ok is false where something forbids that the
// article belongs to the story, or its chance is certain to be below least.
func (w *Window) compare(r *reading, s *story, least float64) (x evidence, ok bool) {
	shared, clash := compareModels(r.models, s.models, s.size)
	if clash || r.length == 0 || otherThing(r.Thing, s) || w.adrift(s) {
		return x, false
	}
	w.words.set(r.vec)
	dot, common, all, rares := 0.0, 0.0, 0.0, 0.0
	anyNumber, sharedNumber := false, false
	w.words.each(s.sum, func(f *feature, h *held) {
		dot += f.weight * h.weight
		if !f.key {
			return
		}
		if s.core(*h) {
			common += f.weight * f.weight
			if f.rare {
				rares++
			}
		}
		sharedNumber = sharedNumber || f.number && h.titles > 0
	})
	for i := range r.vec {
		if f := &r.vec[i]; f.key {
			all += f.weight * f.weight
			anyNumber = anyNumber || f.number
		}
	}
	x[bias] = 1
	x[centroid] = dot / (r.length * math.Sqrt(max(s.norm, 1e-12)))
	x[coherence] = math.Sqrt(max(s.norm+2*dot+r.length*r.length, 0)) / (s.length + r.length)
	x[incoherence] = math.Sqrt(max(s.norm, 0))/s.length - x[coherence]
	if !r.led || s.leads*2 < s.size {
		x[bare], x[bareCentroid] = 1, x[centroid]
	}
	x[rare] = min(rares, 4) / 4
	if all > 0 {
		x[overlap] = common / all
	}
	x[gap] = days(r.At.Sub(s.last))
	x[sized] = logSize(s.size)
	x[model] = truth(shared)
	x[number] = truth(sharedNumber)
	x[numbers] = truth(anyNumber && !sharedNumber && s.numbers)
	if len(r.Topics) > 0 && len(s.topics) > 0 {
		n := 0
		for _, t := range r.Topics {
			if s.topics.of(t) > 0 {
				n++
			}
		}
		x[topical], x[elsewhere] = float64(n)/float64(len(r.Topics)), truth(n == 0)
	}
	if !s.speaks(r.Lang) {
		x[foreign], x[foreignRare], x[foreignTopical] = 1, x[rare], x[topical]
	}
	if w.gate.unlikely(&x, dot/(r.length*s.shortest), least) {
		return x, false
	}
	w.oneByOne(&x, r, s, dot)
	x[bareClosest], x[foreignBridged] = x[bare]*x[closest], x[foreign]*x[bridged]
	return x, true
}

// oneByOne gathers what the recent articles of a story tell one by one. dot is
// the product of the article and the story's sum.
func (w *Window) oneByOne(x *evidence, r *reading, s *story, dot float64) {
	w.bridge.set(r.bridge)
	one := r.Source != ""
	for _, m := range s.recent {
		like := 0.0
		if s.size > 1 {
			like = w.words.cosine(m.vec, r.length, m.length)
		} else if dot > 0 { // the sum is that article's vector
			like = dot / (r.length * m.length)
		}
		x[closest] = max(x[closest], like)
		x[bridged] = max(x[bridged], w.bridge.cosine(m.bridge, r.bridgeLength, m.bridgeLength))
		one = one && m.Source == r.Source
		if m.Source == r.Source && r.Source != "" && r.At.Sub(m.At).Abs() < 24*time.Hour {
			x[sameSource] = 1
		}
	}
	x[oneSource] = truth(one)
}

// core reports whether a word stands in a fifth of a story's titles: in large
// stories every other word stands somewhere.
func (s *story) core(h held) bool { return h.titles > 0 && int(h.titles)*5 >= s.size }

const (
	adriftLeast    = 10
	adriftCoherent = 0.5
)

// adrift reports whether a story has many articles that are held together by
// common words alone: it tells no event, and grows no more.
func (w *Window) adrift(s *story) bool {
	if s.size < adriftLeast || s.hubAt == s.size {
		return s.hub
	}
	s.hubAt, s.hub = s.size, math.Sqrt(max(s.norm, 0)) < adriftCoherent*s.length
	if s.hub {
		for _, h := range s.sum {
			if s.core(h) && w.terms.idf(h.term) >= rareIDF {
				s.hub = false
				break
			}
		}
	}
	return s.hub
}

// otherThing reports whether a story is about other papers, repositories or
// projects than an article that presents one.
func otherThing(thing string, s *story) bool {
	if thing == "" || s.things.of(thing) > 0 {
		return false
	}
	n := 0
	for _, c := range s.things {
		n += c.n
	}
	return n*2 >= s.size
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// days is a distance in time of up to seven days, as a share of them.
func days(d time.Duration) float64 { return min(max(d.Hours()/24, 0), 7) / 7 }

func logSize(n int) float64 { return math.Log2(float64(n)) / 5 }

// speaks reports whether half of a story's articles are in a language.
func (s *story) speaks(lang string) bool { return s.langs.of(lang)*2 >= s.size }

// inPassing is the share of a story's titles up to which a version that they
// name is named in passing: a comparison, a predecessor.
const inPassing = 0.25

// compareModels reports whether versions of models that an article names are
// those of a story, and whether they are others of one family, and none is
// shared: GPT-5.1 and GPT-5.2 are two stories. A version that a story names
// half as often as another one of its family is not its own: an article that
// compares two versions would else open the story of the one to the other.
func compareModels(named []string, of tally, size int) (shared, clash bool) {
	for _, m := range named {
		for _, c := range of {
			switch n := c.name; {
			case float64(c.n) < inPassing*float64(size):
			case n == m:
				shared = shared || !overshadowed(n, of)
			case family(n) == family(m):
				clash = true
			}
		}
	}
	return shared, clash && !shared
}

// overshadowed reports whether a story names a version of a model half as
// often as another one of its family, or less.
func overshadowed(model string, of tally) bool {
	for _, c := range of {
		if c.n >= 2*of.of(model) && c.name != model && family(c.name) == family(model) {
			return true
		}
	}
	return false
}

// family is a model's name up to its version.
func family(m string) string {
	i := strings.IndexAny(m, "0123456789")
	if i < 0 {
		return m
	}
	return strings.TrimRight(m[:i], "-")
}
