// Package eval measures news judgement: how well stories are told apart, how
// well impact agrees with editors, how often a status is right. Only tests use
// it. Its measures are those of the literature, in their usual definitions.
package eval

import (
	"cmp"
	"math"
	"slices"
)

// A Score is precision, recall and their harmonic mean, each 0 to 1.
type Score struct{ Precision, Recall, F1 float64 }

func score(precision, recall float64) Score {
	s := Score{Precision: precision, Recall: recall}
	if precision+recall > 0 {
		s.F1 = 2 * precision * recall / (precision + recall)
	}
	return s
}

func ratio(n, of float64) float64 {
	if of == 0 {
		return 0
	}
	return n / of
}

// counts returns how many articles share a cluster, a story, and both.
func counts(got, want []string) (clusters, stories map[string]float64, both map[[2]string]float64) {
	clusters, stories, both = map[string]float64{}, map[string]float64{}, map[[2]string]float64{}
	for i := range got {
		clusters[got[i]]++
		stories[want[i]]++
		both[[2]string{got[i], want[i]}]++
	}
	return clusters, stories, both
}

// BCubed compares the cluster that each article was given with the story that
// it belongs to (Bagga and Baldwin 1998): precision is the share of its
// cluster that is of its story, recall the share of its story that is in its
// cluster, both as the mean over all articles.
func BCubed(got, want []string) Score {
	clusters, stories, both := counts(got, want)
	var p, r float64
	for i := range got {
		n := both[[2]string{got[i], want[i]}]
		p += n / clusters[got[i]]
		r += n / stories[want[i]]
	}
	return score(ratio(p, float64(len(got))), ratio(r, float64(len(got))))
}

// Pairwise compares the same over all pairs of articles: big stories weigh
// heavily, stories of one article not at all.
func Pairwise(got, want []string) Score {
	clusters, stories, both := counts(got, want)
	together := pairs(both)
	return score(ratio(together, pairs(clusters)), ratio(together, pairs(stories)))
}

func pairs[K comparable](sizes map[K]float64) float64 {
	sum := 0.0
	for _, n := range sizes {
		sum += n * (n - 1) / 2
	}
	return sum
}

// Spearman is the correlation of the ranks of two lists, -1 to 1. Equal values
// share the mean of their ranks.
func Spearman(x, y []float64) float64 {
	return pearson(ranks(x), ranks(y))
}

func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

func pearson(x, y []float64) float64 {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return ratio(xy, math.Sqrt(xx*yy))
}

// AUC is the chance that a positive has a higher value than a negative; equal
// values count half (Mann and Whitney 1947).
func AUC(value []float64, positive []bool) float64 {
	r := ranks(value)
	var sum, p, n float64
	for i, yes := range positive {
		if yes {
			sum += r[i] + 1
			p++
		} else {
			n++
		}
	}
	return ratio(sum-p*(p+1)/2, p*n)
}

// NDCG is the normalised discounted cumulative gain of the first k by value:
// gain log2(1+points), discount log2(rank+1). Items of equal value share the
// mean of their gains, so that their order does not matter.
func NDCG(value, points []float64, k int) float64 {
	order := make([]int, len(value))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(value[b], value[a]) })
	gains := make([]float64, len(points))
	for i, p := range points {
		gains[i] = math.Log2(1 + p)
	}
	var dcg float64
	for i := 0; i < len(order) && i < k; {
		j, sum := i, 0.0
		for j < len(order) && value[order[j]] == value[order[i]] {
			sum += gains[order[j]]
			j++
		}
		for rank := i; rank < j && rank < k; rank++ {
			dcg += sum / float64(j-i) / math.Log2(float64(rank)+2)
		}
		i = j
	}
	slices.SortFunc(gains, func(a, b float64) int { return cmp.Compare(b, a) })
	var ideal float64
	for i, g := range gains[:min(k, len(gains))] {
		ideal += g / math.Log2(float64(i)+2)
	}
	return ratio(dcg, ideal)
}

// Classes returns the score of each class that either list names, and their
// mean F1: a class that was never right counts as 0.
func Classes(got, want []string) (each map[string]Score, macro float64) {
	classes, stories, both := counts(got, want)
	each = map[string]Score{}
	for _, m := range []map[string]float64{classes, stories} {
		for c := range m {
			n := both[[2]string{c, c}]
			each[c] = score(ratio(n, classes[c]), ratio(n, stories[c]))
		}
	}
	for _, s := range each {
		macro += s.F1 / float64(len(each))
	}
	return each, macro
}
