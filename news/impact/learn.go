package impact

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// A Vote says how many readers cared for an article.
type Vote struct {
	URL, Title string
	Points     float64
}

// interest is what Interest foretells: the logarithm of the votes, 1 for a
// thousand.
func (v Vote) interest() float64 { return math.Min(1, math.Log1p(v.Points)/math.Log(1000)) }

// A family of traits counts from a number of articles on, and is drawn towards
// nothing as if by a number of articles more: few prove little.
var traitFamilies = map[string]struct{ least, shrink float64 }{
	"host": {2, 15}, "by": {2, 4}, "site": {3, 10}, "domain": {2, 20}, "word": {6, 100}, "form": {5, 20}, "path": {5, 20},
}

// LearnTaste learns what readers cared for: a ridge regression on the
// logarithm of the votes, of which the effects of traits are fitted one after
// the other on what the others leave (backfitting).
func LearnTaste(votes []Vote) *Taste {
	having := map[string][]int{}
	mean := 0.0
	for i, v := range votes {
		mean += v.interest() / float64(len(votes))
		for _, t := range traits(v.URL, v.Title) {
			having[t] = append(having[t], i)
		}
	}
	left := make([]float64, len(votes))
	for i, v := range votes {
		left[i] = v.interest() - mean
	}
	effects := map[string]float64{"": mean}
	order := slices.Sorted(maps.Keys(having))
	for range 12 {
		for _, t := range order {
			family, _, _ := strings.Cut(t, ":")
			f := traitFamilies[family]
			n := float64(len(having[t]))
			if n < f.least {
				continue
			}
			old, sum := effects[t], 0.0
			for _, i := range having[t] {
				sum += left[i] + old
			}
			effects[t] = sum / (n + f.shrink)
			for _, i := range having[t] {
				left[i] += old - effects[t]
			}
		}
	}
	return &Taste{effects}
}
