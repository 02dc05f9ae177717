package eval_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"newsdesk/news/brief"
)

// A sentence is of one of two halves: held ones are never looked at. Batches
// behind the first were added to the half that rules are made on; what a batch
// measured before any rule was made on it is in docs/evaluation.md.
type sentence struct {
	ID, Lang, Half, Sentence string
	Batch                    int // 0 is the first
	Figures                  []struct {
		Value    float64
		Unit, Of string
	}
}

// A tally counts figures: found, wanted, those right in value and unit, and of
// these those told of the right subject.
type tally struct{ found, wanted, right, told float64 }

// rates are precision and recall without and with the subject.
func (c tally) rates() (p, r, tp, tr float64) {
	return c.right / max(c.found, 1), c.right / max(c.wanted, 1), c.told / max(c.found, 1), c.told / max(c.wanted, 1)
}

// TestFigures measures which figures are read out of single sentences: a
// figure is right where value and unit are, and told right where it is of the
// same subject, too. The floors catch a break.
func TestFigures(t *testing.T) {
	all := lines[sentence](t, "figures.jsonl")
	for _, part := range []struct {
		name, half  string
		batch       int
		floor, told float64
	}{{"dev", "dev", 0, 0.99, 0.95}, {"dev 2", "dev", 2, 0.99, 0.97}, {"dev 3", "dev", 3, 0.99, 0.95}, {"dev 4", "dev", 4, 0.99, 0.93}, {"held", "held", 0, 0.94, 0.75}} {
		t.Run(part.name, func(t *testing.T) {
			var total tally
			of := map[string]tally{}
			for _, s := range all {
				if s.Half != part.half || s.Batch != part.batch {
					continue
				}
				c := of[s.Lang]
				countFigures(t, s, &c)
				of[s.Lang] = c
				countFigures(nil, s, &total)
			}
			for _, lang := range slices.Sorted(maps.Keys(of)) {
				c := of[lang]
				t.Logf("%s: %.0f figures, %.0f found, %.0f right, %.0f with their subject", lang, c.wanted, c.found, c.right, c.told)
			}
			p, r, tp, tr := total.rates()
			t.Logf("all: %.0f figures, precision %.3f, recall %.3f; with their subject %.3f, %.3f", total.wanted, p, r, tp, tr)
			if min(tp, tr) < part.told {
				t.Errorf("with their subject precision %.3f, recall %.3f, both were above %.2f", tp, tr, part.told)
			}
			if min(p, r) < part.floor {
				t.Errorf("precision %.3f, recall %.3f, both were above %.2f", p, r, part.floor)
			}
		})
	}
}

// countFigures adds those of one sentence, and logs what is wrong in one that
// may be looked at.
func countFigures(t *testing.T, s sentence, c *tally) {
	logf := func(string, ...any) {}
	if t != nil && s.Half == "dev" {
		logf = t.Logf
	}
	c.wanted += float64(len(s.Figures))
	used := make([]bool, len(s.Figures))
	for _, f := range brief.SentenceFigures(s.Sentence) {
		c.found++
		i := 0
		for i < len(used) && (used[i] || f.Unit != s.Figures[i].Unit || math.Abs(brief.Value(f)-s.Figures[i].Value) > 1e-6*math.Abs(s.Figures[i].Value)) {
			i++
		}
		if i == len(used) {
			logf("%s: found %+v, which is no figure: %s", s.ID, f, s.Sentence)
			continue
		}
		used[i] = true
		c.right++
		if f.Of == s.Figures[i].Of {
			c.told++
		} else {
			logf("%s: %s of %q, not of %q: %s", s.ID, f.Amount(), f.Of, s.Figures[i].Of, s.Sentence)
		}
	}
	for i, w := range s.Figures {
		if !used[i] {
			logf("%s: missed %+v: %s", s.ID, w, s.Sentence)
		}
	}
}
