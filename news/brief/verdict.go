package brief

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A verdict is what one article says of the story.
type verdict struct {
	status string
	cue    string // the wording that decided, "" for none
	kind   cueKind
	echo   bool   // it repeats hearsay
	zone   string // where it stands
	doc    Doc
}

// leadSentences is how many sentences of the text speak for the whole: what
// stands further down is background.
const leadSentences = 3

// statuses are the classes of an article, in the order of the rows of weights.
var statuses = [4]string{Rumour, Reported, Confirmed, Denied}

// speaking are the kinds of cue that speak for each of the statuses, the
// strongest first.
var speaking = [len(statuses)][]cueKind{{hearsay, conditional, doubtful, hedge, plan}, {vouched, study, asked, self, plan}, {declared, act}, {denied, negation}}

// sourceKinds are the kinds of source that have a weight of their own.
var sourceKinds = [...]string{"lab", "press", "newsletter", "research", "policy", "chips", "community"}

// events are the kinds of event that have a weight of their own.
var events = [...]string{"release", "funding", "acquisition", "regulation", "lawsuit", "security", "outage", "research", "hardware", "people", "business", "deal", "product", "patch", "showing", "opinion", "other"}

// sureKinds are the kinds that some of the wording is unmistakable for.
var sureKinds = [...]cueKind{hearsay, declared, denied}

// The features of an article, each 0 or 1. Those of one block have as many
// places as its list.
const (
	inTitle     = 0                            // kinds of cue in the title
	inLead      = inTitle + int(cueKinds)      // and in the lead
	inOpening   = inLead + int(cueKinds)       // and in its first sentence
	firstTitle  = inOpening + int(cueKinds)    // the kind of the title's first wording
	bySource    = firstTitle + int(nobody)     // the kind of source
	byEvent     = bySource + len(sourceKinds)  // the kind of event
	sureInTitle = byEvent + len(events)        // unmistakable wording in the title
	sureInLead  = sureInTitle + len(sureKinds) // and in the lead
	single      = sureInLead + len(sureKinds)  // what follows
)

const (
	official          = single + iota // what is published by its subject
	officialDenial                    // and denies something
	officialNo                        // says no
	officialStatement                 // answers to others
	isQuestion                        // the title asks
	isNo                              // the title, or what it quotes, begins with a plain no
	titleNo                           // the title says no somewhere
	spokenNo                          // and somebody accountable speaks
	answeredNo                        // and a claim is talked about
	leadNo                            // the lead says no where a claim is talked about
	spoken                            // somebody accountable speaks in the lead
	quoted                            // the title quotes
	ascribed                          // the title has a colon
	toldUs                            // the outlet names itself: somebody told it
	bare                              // no cue in the title
	bareLead                          // nor in the lead
	musing                            // the title asks, and nothing is hearsay
	alone                             // a headline without a text
	isConcrete                        // an event, not research, an opinion or nothing known
	bias
	features
)

// An observation holds the features of one article.
type observation [features]float64

// class returns the index of the status that the weights give most, of those
// that the article can have.
func (x *observation) class(w *[len(statuses)]observation) int {
	best, most := 0, math.Inf(-1)
	for i, row := range w {
		if !x.may(statuses[i]) {
			continue
		}
		sum := 0.0
		for f, v := range x {
			sum += row[f] * v
		}
		if sum > most {
			best, most = i, sum
		}
	}
	return best
}

// may reports whether an article can have a status, however it is weighed.
func (x *observation) may(status string) bool {
	says := func(k cueKind) bool { return x[inTitle+int(k)]+x[inLead+int(k)] > 0 }
	own := x[official] == 1
	switch status {
	case Rumour: // what its subject publishes itself is none
		return !own
	case Reported: // nobody answers for what a headline makes doubtful, unless it is said who
		return !own && (x[inTitle+int(doubtful)]+x[inTitle+int(hearsay)] == 0 || says(vouched) || says(study) || says(self))
	case Denied: // a headline alone that has a no in it denies nothing until somebody speaks
		return x[alone] == 0 || x[inTitle+int(denied)] == 1 || x[isNo] == 1 || x[titleNo] == 1 && x[inTitle+int(speech)] == 1
	default: // something must have happened in public, and hearsay in the headline is none of it
		shown := says(declared) || says(act)
		heard := x[inTitle+int(hearsay)]+x[inTitle+int(hedge)]+x[inTitle+int(conditional)] > 0 && x[inTitle+int(declared)] == 0
		return own || (shown || x[isConcrete] == 1) && !heard && (shown || x[inTitle+int(plan)]+x[inLead+int(hearsay)]+x[inLead+int(conditional)] == 0)
	}
}

// A reading is what was found in an article: the cues in its title and in its
// lead, which is the first sentences of its text.
type reading struct {
	title, lead []hit
	words       []string // of the lead
	opening     int      // how many of them its first sentence has
	textless    bool
	index       cueIndex
}

// read finds the cues of an article, by the index of its language or of all.
func read(d Doc, indexes map[string]cueIndex) reading {
	index := inLanguage(indexes, d.Lang)
	ss := firstSentences(d.Text, leadSentences)
	first, opening := words(strings.Join(ss, " ")), 0
	if len(ss) > 0 {
		opening = len(words(ss[0]))
	}
	return reading{index.find(words(d.Title)), index.find(first), first, opening, len(ss) == 0, index}
}

// inLanguage is the index of a language, where it has none that of all.
func inLanguage(indexes map[string]cueIndex, lang string) cueIndex {
	if index, ok := indexes[lang]; ok {
		return index
	}
	return indexes[""]
}

// observe returns the features of an article.
func (r reading) observe(d Doc) (x observation) {
	title, lead, first, index := r.title, r.lead, r.words, r.index
	x[bare], x[bareLead] = 1, 1
	for _, h := range title {
		x[inTitle+int(h.kind)] = 1
		if h.kind != negation && h.kind < nobody {
			x[bare] = 0
		}
	}
	for _, h := range lead {
		x[inLead+int(h.kind)] = 1
		if h.from < r.opening {
			x[inOpening+int(h.kind)] = 1
		}
		if h.kind != negation && h.kind != self && h.kind < nobody {
			x[bareLead] = 0
		}
	}
	if i := slices.IndexFunc(title, func(h hit) bool { return h.kind != void && h.kind < nobody }); i >= 0 {
		x[firstTitle+int(title[i].kind)] = 1
	}
	x[titleNo], x[inTitle+int(negation)] = max(x[inTitle+int(negation)], x[inTitle+int(denied)]), 0
	x[spoken] = x[inLead+int(voice)] * x[inLead+int(speech)]
	x[spokenNo] = x[titleNo] * max(x[spoken], x[inTitle+int(voice)]*x[inTitle+int(speech)])
	talked := max(x[inTitle+int(matter)], x[inLead+int(matter)])
	x[answeredNo] = x[titleNo] * talked
	x[leadNo] = max(x[inLead+int(negation)], x[inLead+int(denied)]) * talked
	for i, kind := range sureKinds {
		x[sureInTitle+i], x[sureInLead+i] = surely(title, kind), surely(lead, kind)
	}
	if strings.ContainsAny(d.Title, "“”«»„\"‘「」") {
		x[quoted] = 1
	}
	if strings.ContainsAny(d.Title, ":：") {
		x[ascribed] = 1
	}
	if i := slices.Index(sourceKinds[:], d.Kind); i >= 0 {
		x[bySource+i] = 1
	}
	if i := slices.Index(events[:], d.Event); i >= 0 {
		x[byEvent+i] = 1
		if e := d.Event; e != "other" && e != "opinion" && e != "research" {
			x[isConcrete] = 1
		}
	}
	if d.Official {
		x[official] = 1
		x[officialDenial] = max(has(title, denied), has(lead, denied))
		x[officialNo] = max(has(title, negation), has(lead, negation))
		x[officialStatement] = has(title, statement)
		x[inTitle+int(self)], x[inLead+int(self)] = 0, 0 // its own voice is no reporting
	}
	x[inTitle+int(statement)], x[inLead+int(statement)] = 0, 0
	if strings.ContainsAny(d.Title, "?？") {
		x[isQuestion] = 1
		if x[inTitle+int(hearsay)]+x[inTitle+int(conditional)]+x[inLead+int(hearsay)]+x[inLead+int(conditional)]+x[inLead+int(unproven)] == 0 {
			x[musing] = 1
		}
	}
	if saysNo(d.Title, index) {
		x[isNo] = 1
	}
	if name := words(d.Source); len(name) > 0 && contains(first, name) {
		x[toldUs] = 1
	}
	if r.textless {
		x[alone], x[bareLead] = 1, 0
	}
	x[bias] = 1
	return x
}

// contains reports whether part stands in whole.
func contains(whole, part []string) bool {
	for i := range len(whole) - len(part) + 1 {
		if slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// has returns 1 where a cue of the kind is among the hits.
func has(hits []hit, kind cueKind) float64 {
	if slices.ContainsFunc(hits, func(h hit) bool { return h.kind == kind }) {
		return 1
	}
	return 0
}

// surely returns 1 where unmistakable wording of the kind is among the hits.
func surely(hits []hit, kind cueKind) float64 {
	if slices.ContainsFunc(hits, func(h hit) bool { return h.kind == kind && h.sure }) {
		return 1
	}
	return 0
}

// saysNo reports whether a title, or a sentence that it quotes, begins with a
// plain no. A quote that begins with a small letter is part of a sentence.
func saysNo(title string, index cueIndex) bool {
	for part := range strings.FieldsFuncSeq(title, func(r rune) bool { return strings.ContainsRune(":：“”«»„\"‘—", r) }) {
		part = strings.TrimSpace(part)
		if first, _ := utf8.DecodeRuneInString(part); unicode.IsLower(first) {
			continue
		}
		if hits := index.find(words(part)); slices.ContainsFunc(hits, func(h hit) bool { return h.from == 0 && h.kind == negation }) {
			return true
		}
	}
	return false
}

// saysNo reports whether any wording denies: no sum of other features may make a
// denial, since nobody could be shown the sentence that decided it.
func (x *observation) saysNo() bool {
	for _, zone := range []int{inTitle, inLead} {
		if x[zone+int(denied)]+x[zone+int(negation)] > 0 {
			return true
		}
	}
	return slices.ContainsFunc([]int{officialDenial, officialNo, isNo, titleNo, spokenNo, answeredNo, leadNo}, func(f int) bool { return x[f] > 0 })
}

// judge reads one article.
func judge(d Doc) verdict {
	r := read(d, cuesOf)
	x := r.observe(d)
	best := x.class(&statusWeights)
	if statuses[best] == Denied && !x.saysNo() {
		best = slices.Index(statuses[:], Reported)
	}
	v := verdict{status: statuses[best], doc: d, echo: x[inTitle+int(hearsay)]+x[inLead+int(hearsay)] > 0}
	for _, kind := range speaking[best] {
		for _, z := range []struct {
			name string
			hits []hit
		}{{"headline", r.title}, {"first sentences", r.lead}} {
			if i := slices.IndexFunc(z.hits, func(h hit) bool { return h.kind == kind }); i >= 0 {
				v.cue, v.zone, v.kind = z.hits[i].text, z.name, kind
				return v
			}
		}
	}
	return v
}
