package brief

import (
	"math"
	"slices"
	"strings"
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
var speaking = [len(statuses)][]cueKind{{hearsay, doubtful, hedge, plan}, {vouched, study, asked, self, plan}, {declared, act}, {denied, negation}}

// sourceKinds are the kinds of source that have a weight of their own.
var sourceKinds = [...]string{"lab", "press", "newsletter", "research", "policy", "chips", "community"}

// events are the kinds of event that have a weight of their own.
var events = [...]string{"release", "funding", "acquisition", "regulation", "lawsuit", "security", "outage", "research", "hardware", "people", "business", "deal", "product", "patch", "showing", "opinion", "other"}

// The features of an article, each 0 or 1.
const (
	inTitle           = 0                           // kinds of cue in the title
	inLead            = inTitle + int(cueKinds)     // and in the lead
	bySource          = inLead + int(cueKinds)      // the kind of source
	byEvent           = bySource + len(sourceKinds) // the kind of event
	official          = byEvent + len(events)       // what is published by its subject
	officialDenial    = official + iota - 4         // and denies something
	officialNo                                      // says no
	officialStatement                               // answers to others
	isQuestion                                      // the title asks
	isNo                                            // the title, or what it quotes, begins with a plain no
	toldUs                                          // the outlet names itself: somebody told it
	bare                                            // no cue in the title
	alone                                           // a headline without a text
	isConcrete                                      // an event, not research, an opinion or nothing known
	bias
	features
)

// An observation holds the features of one article.
type observation [features]float64

// class returns the index of the status that the weights give most, among
// those that anything speaks for.
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

// may reports whether anything speaks for a status, however it is weighed.
func (x *observation) may(status string) bool {
	says := func(k cueKind) bool { return x[inTitle+int(k)]+x[inLead+int(k)] > 0 }
	own := x[official] == 1
	switch status {
	case Rumour: // what its subject publishes itself is none
		return !own
	case Reported: // nobody answers for what a headline makes doubtful, unless it is said who
		return !own && (x[inTitle+int(doubtful)]+x[inTitle+int(hearsay)] == 0 || says(vouched) || says(study) || says(self))
	case Denied:
		return says(denied) || x[inLead+int(negation)] == 1 || x[isNo] == 1 || x[officialNo] == 1
	default: // something must have happened in public, and hearsay in the headline is none of it
		happened := says(declared) || says(act) || x[isConcrete] == 1
		return own || happened && (x[inTitle+int(hearsay)]+x[inTitle+int(hedge)] == 0 || x[inTitle+int(declared)] == 1) && (x[inLead+int(hearsay)] == 0 || says(declared) || says(act))
	}
}

// observe returns the features of an article and the cues in its title and
// lead.
func observe(d Doc) (x observation, title, lead []hit) {
	index, ok := cuesOf[d.Lang]
	if !ok {
		index = cuesOf[""]
	}
	title = index.find(words(d.Title))
	ss := firstSentences(d.Text, leadSentences)
	first := words(strings.Join(ss, " "))
	lead = index.find(first)
	x[bare] = 1
	for _, h := range title {
		x[inTitle+int(h.kind)] = 1
		if h.kind != negation {
			x[bare] = 0
		}
	}
	for _, h := range lead {
		x[inLead+int(h.kind)] = 1
	}
	x[inTitle+int(negation)] = 0 // see isNo
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
	}
	if saysNo(d.Title, index) {
		x[isNo] = 1
	}
	if name := words(d.Source); len(name) > 0 && contains(first, name) {
		x[toldUs] = 1
	}
	if len(ss) == 0 {
		x[alone] = 1
	}
	x[bias] = 1
	return x, title, lead
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

// saysNo reports whether a title, or what it quotes, begins with a plain no.
func saysNo(title string, index cueIndex) bool {
	for part := range strings.FieldsFuncSeq(title, func(r rune) bool { return strings.ContainsRune(":：“”«»„\"‘—", r) }) {
		if hits := index.find(words(part)); len(hits) > 0 && hits[0].from == 0 && hits[0].kind == negation {
			return true
		}
	}
	return false
}

// judge reads one article.
func judge(d Doc) verdict {
	x, title, lead := observe(d)
	best := x.class(&statusWeights)
	v := verdict{status: statuses[best], doc: d, echo: x[inTitle+int(hearsay)]+x[inLead+int(hearsay)] > 0}
	for _, kind := range speaking[best] {
		for _, z := range []struct {
			name string
			hits []hit
		}{{"headline", title}, {"first sentences", lead}} {
			if i := slices.IndexFunc(z.hits, func(h hit) bool { return h.kind == kind }); i >= 0 {
				v.cue, v.zone, v.kind = z.hits[i].text, z.name, kind
				return v
			}
		}
	}
	return v
}
