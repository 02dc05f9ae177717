package eval_test

import (
	"math"
	"testing"

	"newsdesk/news/brief"
)

type sentence struct {
	ID, Lang, Half, Sentence string
	Figures                  []struct {
		Value    float64
		Unit, Of string
	}
}

// TestFigures measures which figures are read out of single sentences: a
// figure is right where value and unit are, and told right where it is of the
// same subject, too. The floors catch a break.
func TestFigures(t *testing.T) {
	for _, half := range []struct {
		name        string
		floor, told float64
	}{{"dev", 0.99, 0.95}, {"held", 0.94, 0.75}} {
		var found, wanted, right, told float64
		for _, s := range lines[sentence](t, "figures.jsonl") {
			if s.Half != half.name {
				continue
			}
			wanted += float64(len(s.Figures))
			used := make([]bool, len(s.Figures))
			for _, f := range brief.SentenceFigures(s.Sentence) {
				found++
				ok := false
				for i, w := range s.Figures {
					if !used[i] && f.Unit == w.Unit && math.Abs(brief.Value(f)-w.Value) <= 1e-6*math.Abs(w.Value) {
						used[i], ok = true, true
						right++
						if f.Of == w.Of {
							told++
						}
						break
					}
				}
				if !ok && half.name == "dev" {
					t.Logf("%s: found %+v (%g), which is no figure: %s", s.ID, f, brief.Value(f), s.Sentence)
				}
			}
			for i, w := range s.Figures {
				if !used[i] && half.name == "dev" {
					t.Logf("%s: missed %+v: %s", s.ID, w, s.Sentence)
				}
			}
		}
		p, r := right/max(found, 1), right/max(wanted, 1)
		tp, tr := told/max(found, 1), told/max(wanted, 1)
		t.Logf("%s: %.0f figures, precision %.3f, recall %.3f; with their subject %.3f, %.3f", half.name, wanted, p, r, tp, tr)
		if min(tp, tr) < half.told {
			t.Errorf("%s: with their subject precision %.3f, recall %.3f, both were above %.2f", half.name, tp, tr, half.told)
		}
		if min(p, r) < half.floor {
			t.Errorf("%s: precision %.3f, recall %.3f, both were above %.2f", half.name, p, r, half.floor)
		}
	}
}
