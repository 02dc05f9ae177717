package eval_test

import (
	"math"
	"testing"

	"newsdesk/news/eval"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestMeasures(t *testing.T) {
	// Five articles: a story of three cut in 2 + 1, the single one joined by
	// one of another story. Worked out by hand.
	want := []string{"s", "s", "s", "t", "u"}
	got := []string{"1", "1", "2", "3", "3"}
	b := eval.BCubed(got, want)
	near(t, "B-cubed precision", b.Precision, (1+1+1+0.5+0.5)/5)
	near(t, "B-cubed recall", b.Recall, (2.0/3+2.0/3+1.0/3+1+1)/5)
	near(t, "B-cubed F1", b.F1, 2*b.Precision*b.Recall/(b.Precision+b.Recall))
	p := eval.Pairwise(got, want)
	near(t, "pairwise precision", p.Precision, 1.0/2)
	near(t, "pairwise recall", p.Recall, 1.0/3)
	near(t, "pairwise F1", p.F1, 0.4)

	near(t, "Spearman of equal order", eval.Spearman([]float64{1, 2, 9}, []float64{10, 20, 21}), 1)
	near(t, "Spearman of reverse order", eval.Spearman([]float64{1, 2, 9}, []float64{3, 2, 1}), -1)
	near(t, "Spearman with ties", eval.Spearman([]float64{1, 1, 2}, []float64{1, 2, 3}), math.Sqrt(3)/2)
	near(t, "Spearman of no order", eval.Spearman([]float64{1, 1}, []float64{1, 2}), 0)

	near(t, "AUC", eval.AUC([]float64{1, 2, 3, 4}, []bool{false, true, false, true}), 0.75)
	near(t, "AUC of ties", eval.AUC([]float64{1, 1}, []bool{false, true}), 0.5)

	near(t, "NDCG of the best order", eval.NDCG([]float64{3, 2, 1}, []float64{7, 3, 0}, 10), 1)
	near(t, "NDCG@1 of the worst first", eval.NDCG([]float64{3, 2, 1}, []float64{0, 3, 7}, 1), 0)
	near(t, "NDCG of a wrong order", eval.NDCG([]float64{3, 2, 1}, []float64{3, 7, 0}, 10), (2+3/math.Log2(3))/(3+2/math.Log2(3)))
	near(t, "NDCG of ties", eval.NDCG([]float64{1, 1}, []float64{0, 1}, 10), 0.5*(1+1/math.Log2(3)))

	each, macro := eval.Classes([]string{"a", "a", "b"}, []string{"a", "b", "b"})
	near(t, "F1 of a", each["a"].F1, 2.0/3)
	near(t, "F1 of b", each["b"].F1, 2.0/3)
	near(t, "macro-F1", macro, 2.0/3)
	if _, macro = eval.Classes([]string{"a"}, []string{"b"}); macro != 0 {
		t.Errorf("macro-F1 of what is never right = %v", macro)
	}
}
