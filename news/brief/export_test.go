package brief

type (
	Observation = observation
	Weights     = [len(statuses)]observation
)

var (
	Statuses = statuses
	Bias     = bias
)

func Observe(d Doc) (x Observation, cues string) {
	r := read(d, cuesOf)
	for i, hits := range [][]hit{r.title, r.lead} {
		for _, h := range hits {
			cues += [...]string{"", "_"}[i] + cueNames[h.kind] + ":" + h.text + " "
		}
	}
	return r.observe(d), cues
}

// Cues returns the cues found in an article, each once.
func Cues(d Doc) map[string]bool {
	r, found := read(d, cuesOf), map[string]bool{}
	for _, h := range append(r.title, r.lead...) {
		found[cueNames[h.cue.kind]+h.text] = true
	}
	return found
}

// A Lexicon is the cues of each language.
type Lexicon map[string]cueIndex

// Without returns the lexicon without the cues that are not kept.
func Without(keep func(cue string) bool) Lexicon {
	out := Lexicon{}
	for lang, index := range cuesOf {
		kept := newCueIndex()
		for _, m := range []map[string][]cue{index.exact, index.begin, index.end} {
			for _, list := range m {
				for _, c := range list {
					if keep(cueNames[c.kind] + c.text) {
						kept.add(c)
					}
				}
			}
		}
		out[lang] = kept
	}
	return out
}

// Observe returns the features of an article as the lexicon shows them.
func (l Lexicon) Observe(d Doc) Observation {
	return read(d, l).observe(d)
}

func (x *Observation) Class(w *Weights) int { return x.class(w) }
