package cluster

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUnlikely holds what is ruled out early to what the whole evidence says.
func TestUnlikely(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	w := New(Options{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	langs := []string{"en", "en", "de", "zh"}
	ruledOut, accepted := 0, 0
	for n := range 400 {
		at = at.Add(time.Duration(rng.IntN(120)) * time.Minute)
		event := max(n/6-rng.IntN(4), 0)
		words := func(n int) string {
			var out []string
			for range n {
				if rng.IntN(3) == 0 {
					out = append(out, fmt.Sprintf("Event%d%c", event, 'a'+rng.IntN(3)))
				} else {
					out = append(out, fmt.Sprintf("w%c%c", 'a'+rng.IntN(26), 'a'+rng.IntN(6)))
				}
			}
			return strings.Join(out, " ")
		}
		d := Doc{ID: fmt.Sprint(n), Source: fmt.Sprint(rng.IntN(8)), Title: words(5), Lang: langs[rng.IntN(len(langs))], At: at}
		if rng.IntN(3) > 0 {
			d.Lead = words(20)
		}
		id, p := w.Assign(d)
		r := w.read(d)
		for _, s := range w.candidates(r) {
			x, ok := w.compare(r, s, 0)
			if !ok {
				continue
			}
			c := chance(w.gate[:], x[:])
			for _, least := range []float64{0.05, 0.27, 0.6, 0.95, c} {
				if _, ok := w.compare(r, s, least); !ok && c >= least {
					t.Fatalf("article %d belongs to %s by a chance of %v, and was ruled out below %v", n, s.id, c, least)
				} else if !ok && least == w.o.Join {
					ruledOut++
				}
			}
			if c >= w.o.Join && c > p {
				t.Fatalf("article %d was assigned to %q by a chance of %v; %s has %v", n, id, p, s.id, c)
			}
			if c >= w.o.Join {
				accepted++
			}
		}
		if id == "" {
			id = fmt.Sprint("story ", n)
		}
		w.Add(id, d)
		for _, s := range w.stories {
			if m := slices.MinFunc(s.recent, func(a, b *reading) int { return cmp.Compare(a.length, b.length) }); m.length < s.shortest {
				t.Fatalf("an article of %s has length %v, the shortest is %v", s.id, m.length, s.shortest)
			}
		}
		for {
			stays, _, ok := w.Merge(id)
			if !ok {
				break
			}
			id = stays
		}
	}
	if ruledOut < 100 || accepted < 100 {
		t.Errorf("%d comparisons were ruled out early and %d accepted: the stream tests nothing", ruledOut, accepted)
	}
}
