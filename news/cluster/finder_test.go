package cluster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestFinder holds a finder to walking through both vectors side by side.
func TestFinder(t *testing.T) {
	var f finder
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, most int) (v vector) {
			terms := rapid.SliceOfNDistinct(rapid.Uint32Range(0, 400), 0, most, rapid.ID).Draw(t, name)
			slices.Sort(terms)
			for i, term := range terms {
				v = append(v, feature{term: term, weight: float64(i%7) + 0.3})
			}
			return v
		}
		v, u := draw("one", 60), draw("other", 300)
		f.set(v)
		if got, want := f.cosine(u, v.length(), u.length()), cosine(v, u, v.length(), u.length()); got != want {
			t.Fatalf("cosine %v, want %v", got, want)
		}
		var sum []held
		for _, x := range u {
			sum = append(sum, held{term: x.term, weight: x.weight})
		}
		var got, want []uint32
		f.each(sum, func(x *feature, h *held) {
			if x.term != h.term {
				t.Fatalf("%d is found as %d", x.term, h.term)
			}
			got = append(got, x.term)
		})
		for _, x := range v {
			if slices.ContainsFunc(u, func(y feature) bool { return y.term == x.term }) {
				want = append(want, x.term)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v in common, want %v", got, want)
		}
	})
}

func TestForgottenSlotsAreUsedAgain(t *testing.T) {
	w := New(Options{})
	for i := range 5 * sweepLeast {
		s := w.open(string(rune(i)))
		w.post(uint32(i%7), s)
		w.forget(s)
	}
	if n := len(w.slots); n > sweepLeast {
		t.Errorf("%d slots for no story", n)
	}
	for term, ps := range w.postings {
		for _, at := range ps {
			if slices.Contains(w.free, at) {
				t.Fatalf("slot %d is free and posted under %d", at, term)
			}
		}
	}
}
