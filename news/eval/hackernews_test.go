package eval_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"newsdesk/news/eval"
	"newsdesk/news/impact"
)

// reportHackerNews ranks each day's submissions by the impact of their
// stories. What readers care for is learnt from votes like those it is judged
// by, so the measure that counts learns from the other days: each of five
// blocks of days is judged by itself with what the other four taught, and the
// last two fifths with what the first three taught.
func reportHackerNews(t *testing.T) {
	set := read(t, "hn-ai-dev.jsonl")
	order := map[string]int{}
	for _, l := range set {
		order[l.day()] = 0
	}
	for i, day := range slices.Sorted(maps.Keys(order)) {
		order[day] = i
	}
	fifth := func(l label) int { return order[l.day()] * 5 / len(order) }
	part := func(in func(label) bool) (inside, outside []label) {
		for _, l := range set {
			if in(l) {
				inside = append(inside, l)
			} else {
				outside = append(outside, l)
			}
		}
		return inside, outside
	}
	var held []float64
	for i := range 5 {
		judged, others := part(func(l label) bool { return fifth(l) == i })
		held = append(held, ndcgOfDays(t, judged, taste(others))...)
	}
	late, early := part(func(l label) bool { return fifth(l) >= 3 })
	later := ndcgOfDays(t, late, taste(early))
	t.Logf("NDCG@10 on %d days not learnt from: %.3f; on the last %d, learnt from those before: %.3f; on all with what all taught: %.3f",
		len(held), mean(held), len(later), mean(later), mean(ndcgOfDays(t, set, nil)))
	if mean(held) < 0.39 {
		t.Errorf("NDCG@10 on days not learnt from has fallen to %.3f", mean(held))
	}
}

func (l label) day() string { return l.Published[:len("2026-01-01")] }

// taste learns what readers cared for from submissions.
func taste(submissions []label) *impact.Taste {
	votes := make([]impact.Vote, len(submissions))
	for i, l := range submissions {
		votes[i] = impact.Vote{URL: l.URL, Title: l.Title, Points: l.Points}
	}
	return impact.LearnTaste(votes)
}

// ndcgOfDays puts submissions through a desk of their own and returns the
// NDCG@10 of each day that has at least 30.
func ndcgOfDays(t *testing.T, set []label, taste *impact.Taste) []float64 {
	var in bytes.Buffer
	for _, l := range set {
		line, err := json.Marshal(map[string]string{"id": l.ID, "url": l.URL, "title": l.Title, "source": l.Source, "published": l.Published})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	_, of := judgeFor(t, "Hacker News", &in, taste)
	value, points := map[string][]float64{}, map[string][]float64{}
	for _, l := range set {
		value[l.day()] = append(value[l.day()], float64(of[l.ID].Impact))
		points[l.day()] = append(points[l.day()], l.Points)
	}
	var out []float64
	for _, day := range slices.Sorted(maps.Keys(value)) {
		if len(value[day]) >= 30 {
			out = append(out, eval.NDCG(value[day], points[day], 10))
		}
	}
	return out
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x / float64(len(xs))
	}
	return sum
}
