package brief

import "slices"

type (
	Observation = observation
	Weights     = [len(statuses)]observation
)

var (
	Statuses = statuses
	Bias     = bias
)

func Observe(d Doc) (x Observation, cues string) {
	r := read(d)
	for i, hits := range [][]hit{r.title, r.lead} {
		for _, h := range hits {
			cues += [...]string{"", "_"}[i] + cueNames[h.kind] + ":" + h.text + " "
		}
	}
	return r.observe(d), cues
}

// Cues returns the cues found in an article, each once.
func Cues(d Doc) map[string]bool {
	r, found := read(d), map[string]bool{}
	for _, h := range append(r.title, r.lead...) {
		found[cueNames[h.cue.kind]+h.text] = true
	}
	return found
}

// ObserveWithout returns the features of an article as if some cues were not
// known.
func ObserveWithout(d Doc, unknown func(cue string) bool) Observation {
	r := read(d)
	del := func(h hit) bool { return unknown(cueNames[h.cue.kind] + h.text) }
	r.title, r.lead = slices.DeleteFunc(r.title, del), slices.DeleteFunc(r.lead, del)
	return r.observe(d)
}

func (x *Observation) Class(w *Weights) int { return x.class(w) }
