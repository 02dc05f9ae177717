package cluster

import "slices"

const (
	splitLeast = 6    // articles of a story that may be cut
	splitApart = 0.06 // cosine of the sums below which its two groups are two stories
)

// Split looks whether the articles of a story fall into two groups that have
// next to nothing in common, each of two outlets at least, and cuts it where
// they do: the smaller group, whose articles it returns, becomes the story
// named other. A story that has more articles than are remembered stays whole.
func (w *Window) Split(id, other string) (moved []string) {
	s := w.stories[id]
	if s == nil || s.size < splitLeast || s.size > len(s.recent) {
		return nil
	}
	a, b := twoGroups(s.recent)
	if len(a) < len(b) {
		a, b = b, a
	}
	if outlets(a) < 2 || outlets(b) < 2 || sumCosine(a, b) >= splitApart {
		return nil
	}
	w.forget(s)
	for _, group := range []struct {
		id string
		of []*reading
	}{{id, a}, {other, b}} {
		t := w.open(group.id)
		for _, r := range group.of {
			w.join(t, r)
		}
	}
	for _, r := range b {
		moved = append(moved, r.ID)
	}
	return moved
}

// twoGroups parts articles by 2-means, beginning with the two that are the
// farthest apart.
func twoGroups(all []*reading) (a, b []*reading) {
	one, two, least := 0, 1, 2.0
	for i := range all {
		for j := range i {
			if c := like(all[i], all[j]); c < least {
				one, two, least = j, i, c
			}
		}
	}
	a, b = []*reading{all[one]}, []*reading{all[two]}
	for range 4 {
		var na, nb []*reading
		for _, r := range all {
			if meanLike(r, a) >= meanLike(r, b) {
				na = append(na, r)
			} else {
				nb = append(nb, r)
			}
		}
		if len(na) == 0 || len(nb) == 0 || slices.Equal(na, a) {
			break
		}
		a, b = na, nb
	}
	return a, b
}

func like(a, b *reading) float64 {
	return max(cosine(a.vec, b.vec, a.length, b.length), cosine(a.bridge, b.bridge, a.bridgeLength, b.bridgeLength))
}

func meanLike(r *reading, group []*reading) float64 {
	sum := 0.0
	for _, g := range group {
		sum += like(r, g)
	}
	return sum / float64(len(group))
}

// sumCosine is the mean likeness of the pairs between two groups.
func sumCosine(a, b []*reading) float64 {
	sum := 0.0
	for _, r := range a {
		sum += meanLike(r, b)
	}
	return sum / float64(len(a))
}

func outlets(group []*reading) int {
	seen := map[string]bool{}
	for _, r := range group {
		seen[r.Source] = true
	}
	return len(seen)
}
