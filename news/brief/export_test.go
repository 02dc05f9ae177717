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
	x, title, lead := observe(d)
	for i, hits := range [][]hit{title, lead} {
		for _, h := range hits {
			cues += [...]string{"", "_"}[i] + cueNames[h.kind] + ":" + h.text + " "
		}
	}
	return x, cues
}

func (x *Observation) Class(w *Weights) int { return x.class(w) }
