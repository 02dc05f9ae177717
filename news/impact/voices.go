package impact

import (
	"cmp"
	"slices"
	"time"
)

// A voice is one outlet with what its articles are worth as independent coverage.
type voice struct {
	Outlet
	worth float64
}

// independent folds the coverage into one voice an outlet, the best authority
// first: copies and aggregators say little that others have not said.
func independent(coverage []Outlet) []voice {
	bySource := map[string]*voice{}
	var order []string
	for _, o := range coverage {
		worth := 1.0
		switch {
		case o.Copy:
			worth = 0.25
		case o.Kind == "community":
			worth = 0.2
		case o.Official:
			worth = 0.7
		}
		v := bySource[o.Source]
		if v == nil {
			bySource[o.Source] = &voice{o, worth}
			order = append(order, o.Source)
			continue
		}
		v.worth, v.Interest = max(v.worth, worth), max(v.Interest, o.Interest)
		v.Official = v.Official || o.Official
		if o.At.Before(v.At) {
			v.At = o.At
		}
	}
	out := make([]voice, len(order))
	for i, s := range order {
		out[i] = *bySource[s]
	}
	slices.SortStableFunc(out, func(a, b voice) int { return cmp.Compare(b.Authority, a.Authority) })
	return out
}

// originals clears the mark of a copy from the best outlet of a story of which
// only a community seems to tell anything of its own: what a crowd submits
// before the outlet was read is that outlet's, not the other way round.
func originals(coverage []Outlet) []Outlet {
	best := -1
	for i, o := range coverage {
		switch {
		case o.Kind == "community":
		case !o.Copy:
			return coverage
		case best < 0 || o.Authority > coverage[best].Authority:
			best = i
		}
	}
	if best < 0 {
		return coverage
	}
	coverage = slices.Clone(coverage)
	coverage[best].Copy = false
	return coverage
}

func effective(voices []voice) float64 {
	n := 0.0
	for _, v := range voices {
		n += v.worth
	}
	return n
}

func countCopies(all []Outlet) int {
	n := 0
	for _, o := range all {
		if o.Copy {
			n++
		}
	}
	return n
}

// burst returns how many outlets told the story within the six hours in which
// most did, the first such six hours, and when the last of them did.
func burst(voices []voice) (n int, end time.Time) {
	times := make([]time.Time, 0, len(voices))
	for _, v := range voices {
		if v.worth >= 0.5 {
			times = append(times, v.At)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := range times {
		j := i
		for j < len(times) && times[j].Sub(times[i]) <= 6*time.Hour {
			j++
		}
		if j-i > n {
			n, end = j-i, times[j-1]
		}
	}
	return n, end
}
