package cluster

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"testing"

	"newsdesk/news/eval"
)

// TestCross says what the weights are worth on news that they were not learnt
// from: on one half of the stories of every set after learning from the other,
// and on each set after learning from all others.
func TestCross(t *testing.T) {
	if os.Getenv("NEWSDESK_LEARN") == "" {
		t.Skip("NOT MEASURED: set NEWSDESK_LEARN=1 to learn on parts of the labelled news and judge the rest")
	}
	sets := map[string][]taught{}
	for _, s := range learnt {
		sets[s] = teach(t, s)
	}
	crowd := teach(t, crowded)
	judge := func(name string, from, rest map[string][]taught) {
		g, k := learn(from, crowd, func(string, ...any) {})
		t.Logf("%s: %s", name, worth(rest, func() *Window {
			w := New(Options{})
			w.gate, w.kin = g, k
			return w
		}))
	}
	for h := range uint32(2) {
		from, rest := map[string][]taught{}, map[string][]taught{}
		for s, docs := range sets {
			from[s], rest[s] = half(docs, h), half(docs, 1-h)
		}
		judge(fmt.Sprintf("half %d", 1-h), from, rest)
	}
	for _, s := range learnt {
		from := maps.Clone(sets)
		delete(from, s)
		judge("unseen", from, map[string][]taught{s: sets[s]})
	}
}

// half returns the articles of one half of the stories.
func half(docs []taught, h uint32) (out []taught) {
	for _, d := range docs {
		sum := fnv.New32a()
		sum.Write([]byte(d.story))
		if sum.Sum32()>>8&1 == h {
			out = append(out, d)
		}
	}
	return out
}

// shuffles is how many other orders worth looks at.
const shuffles = 5

// worth tells the B-cubed F1 of each set, and where it goes when the articles
// of ten minutes come in another order.
func worth(sets map[string][]taught, set func() *Window) string {
	line := ""
	f1 := func(docs []taught) float64 {
		var want []string
		for _, d := range docs {
			want = append(want, d.story)
		}
		return eval.BCubed(told(docs, set()), want).F1
	}
	for _, s := range learnt {
		docs := sets[s]
		if len(docs) == 0 {
			continue
		}
		x := f1(docs)
		line += fmt.Sprintf("  %s %.3f", s, x)
		if s == "emergent" || s == "ecb" {
			continue // without dates there are no ten minutes
		}
		low, high := x, x
		for seed := range uint64(shuffles) {
			y := f1(shuffled(docs, 100+seed))
			low, high = min(low, y), max(high, y)
		}
		line += fmt.Sprintf(" (%.3f to %.3f)", low, high)
	}
	return line
}

// told returns the story of each article after all that the desk does.
func told(docs []taught, w *Window) []string {
	place, in := map[string]int{}, map[string][]int{}
	stream(docs, w, func(i int, story string) {
		place[docs[i].doc.ID], in[story] = i, append(in[story], i)
	}, func(stays, goes string) {
		in[stays] = append(in[stays], in[goes]...)
		delete(in, goes)
	}, func(story string) {
		other := fmt.Sprintf("cut %s %d", story, len(place))
		for _, id := range w.Split(story, other) {
			i := place[id]
			in[story] = slices.DeleteFunc(in[story], func(j int) bool { return i == j })
			in[other] = append(in[other], i)
		}
	})
	out := make([]string, len(docs))
	for story, is := range in {
		for _, i := range is {
			out[i] = story
		}
	}
	return out
}
