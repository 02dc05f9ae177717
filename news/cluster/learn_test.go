package cluster

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/news/topic"
)

// learnt are the sets that the weights of the gate are learnt from.
var learnt = []string{"ai", "scoop", "basil", "uci", "emergent", "ecb"}

// crowded is a set whose stories nobody has labelled: what most people post is
// about nothing that others post, in much the same words.
const crowded = "hn-ai"

// crowdWeight is that of the crowd; each labelled set has a weight of 1000.
const crowdWeight = 3000

type taught struct {
	doc   Doc
	story string // "" where nobody knows
	url   string
	words map[string]bool
}

// same says whether two articles of unknown stories tell one event: true where
// they link to one page or have nearly one title, false where their titles
// share one word in five at most, unknown else.
func (a taught) same(b taught) (same, known bool) {
	if a.url != "" && a.url == b.url {
		return true, true
	}
	n := 0
	for w := range a.words {
		if b.words[w] {
			n++
		}
	}
	j := float64(n) / float64(max(len(a.words)+len(b.words)-n, 1))
	return j >= 0.6, j >= 0.6 || j <= 0.2
}

func teach(t testing.TB, set string) []taught {
	dir := "../../../shared/data/clusters"
	if set == crowded {
		dir = "../../../shared/data"
	}
	f, err := os.Open(filepath.Join(dir, set+"-dev.jsonl"))
	if err != nil {
		t.Skip("NOT MEASURED: the labelled news is not on this machine")
	}
	defer f.Close()
	var out []taught
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for n := 0; sc.Scan(); n++ {
		var a struct{ ID, URL, Title, Summary, Source, Published, Lang, Story string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, a.Published)
		if err != nil {
			at = time.Date(2015, 1, 1, 0, 0, n, 0, time.UTC)
		}
		d := Doc{ID: a.ID, Source: a.Source, Title: a.Title, Lead: a.Summary, Lang: cmp.Or(a.Lang, "en"), Models: topic.Models(a.Title), At: at}
		for _, h := range topic.Default().Match(a.Title, a.Summary) {
			if t, _ := topic.Default().Lookup(h.ID); t.Kind != "theme" {
				d.Topics = append(d.Topics, h.ID)
			}
		}
		if len(d.Lead) > 600 {
			d.Lead = d.Lead[:600]
		}
		if d.Title != "" {
			d.Thing = Thing(a.URL, a.Title)
			words := map[string]bool{}
			for _, w := range strings.Fields(strings.ToLower(a.Title)) {
				if !stop[w] {
					words[w] = true
				}
			}
			out = append(out, taught{d, a.Story, a.URL, words})
		}
	}
	slices.SortStableFunc(out, func(a, b taught) int { return a.doc.At.Compare(b.doc.At) })
	return out
}

// An example is a comparison with what is right.
type example struct {
	x      []float64
	right  bool
	weight float64
}

func fit(ex []example, n int, ridge float64) []float64 {
	w := make([]float64, n)
	for range 30 {
		g := make([]float64, n)
		h := make([][]float64, n)
		for a := range h {
			h[a] = make([]float64, n+1)
		}
		for _, e := range ex {
			sum := 0.0
			for a := range n {
				sum += w[a] * e.x[a]
			}
			p := 1 / (1 + math.Exp(-sum))
			y := 0.0
			if e.right {
				y = 1
			}
			for a := range n {
				if e.x[a] == 0 {
					continue
				}
				g[a] += e.weight * (y - p) * e.x[a]
				for b := range n {
					h[a][b] += e.weight * p * (1 - p) * e.x[a] * e.x[b]
				}
			}
		}
		for a := range n {
			if a > 0 {
				g[a] -= ridge * w[a]
				h[a][a] += ridge
			}
			h[a][a] += 1e-6
			h[a][n] = g[a]
		}
		for a := range n { // Gauss
			p := a
			for b := a; b < n; b++ {
				if math.Abs(h[b][a]) > math.Abs(h[p][a]) {
					p = b
				}
			}
			h[a], h[p] = h[p], h[a]
			for b := range n {
				if b == a || h[a][a] == 0 {
					continue
				}
				f := h[b][a] / h[a][a]
				for c := a; c <= n; c++ {
					h[b][c] -= f * h[a][c]
				}
			}
		}
		step := 0.0
		for a := range n {
			if h[a][a] != 0 {
				d := h[a][n] / h[a][a]
				w[a] += d
				step += math.Abs(d)
			}
		}
		if step < 1e-6 {
			break
		}
	}
	return w
}

// stream puts articles through a window as the desk does. given hears of the
// story that each article was given, merged of stories that became one, and
// settled, where it is not nil, of a story that has grown and may be cut.
func stream(docs []taught, w *Window, given func(i int, story string), merged func(stays, goes string), settled func(story string)) {
	for i, a := range docs {
		w.Expire(a.doc.At.Add(-7 * 24 * time.Hour))
		id, _ := w.Assign(a.doc)
		if id == "" {
			id = fmt.Sprintf("s%06d", i)
		}
		w.Add(id, a.doc)
		given(i, id)
		for {
			stays, goes, ok := w.Merge(id)
			if !ok {
				break
			}
			merged(stays, goes)
			id = stays
		}
		if settled != nil {
			settled(id)
		}
	}
}

// gateExamples are the comparisons of a stream whose stories are right.
func gateExamples(docs []taught) []example {
	var out []example
	w := New(Options{})
	for _, a := range docs {
		w.hearGate = func(story string, x evidence) {
			out = append(out, example{x[:], story == a.story, 1000 / float64(len(docs))})
		}
		w.Expire(a.doc.At.Add(-7 * 24 * time.Hour))
		w.Assign(a.doc)
		w.Add(a.story, a.doc)
	}
	return out
}

// kinExamples are the comparisons of a stream whose stories are as the gate
// and the kinship make them; right is what most of their articles tell.
func kinExamples(docs []taught, g gate, k kinship, merge float64) []example {
	var out []example
	w := New(Options{Merge: merge})
	w.gate, w.kin = g, k
	told := map[string]map[string]int{}
	w.hearKin = func(a, b string, x likeness) {
		out = append(out, example{x[:], most(told[a]) == most(told[b]), balance(x) * 1000 / float64(len(docs))})
	}
	stream(docs, w, func(i int, story string) {
		if told[story] == nil {
			told[story] = map[string]int{}
		}
		told[story][docs[i].story]++
	}, func(stays, goes string) {
		for k, n := range told[goes] {
			told[stays][k] += n
		}
	}, nil)
	return out
}

// crowdExamples are comparisons of a stream whose stories nobody has labelled,
// as far as they can be told from its titles and links.
func crowdExamples(docs []taught, g gate, k kinship, merge float64, weight float64) (gates, kins []example) {
	w := New(Options{Merge: merge})
	w.gate, w.kin = g, k
	told := map[string][]taught{}
	weight /= float64(len(docs))
	i := 0
	w.hearGate = func(story string, x evidence) {
		any, all := false, true
		for _, m := range told[story] {
			same, known := docs[i].same(m)
			any, all = any || same, all && known
		}
		if any || all {
			gates = append(gates, example{x[:], any, weight})
		}
	}
	w.hearKin = func(a, b string, x likeness) {
		any, all := false, true
		for _, m := range told[a] {
			for _, n := range told[b] {
				same, known := m.same(n)
				any, all = any || same, all && known
			}
		}
		if any || all {
			kins = append(kins, example{x[:], any, balance(x) * weight})
		}
	}
	stream(docs, w, func(n int, story string) { i, told[story] = n+1, append(told[story], docs[n]) }, func(stays, goes string) {
		told[stays] = append(told[stays], told[goes]...)
		if len(told[stays]) > 40 {
			told[stays] = told[stays][len(told[stays])-40:]
		}
	}, nil)
	return gates, kins
}

// balance is the harmonic mean of the sizes of two stories: how many articles
// a wrong answer about them sets apart.
func balance(x likeness) float64 {
	small, large := math.Exp2(5*x[kinSmall]), math.Exp2(5*x[kinLarge])
	return 2 * small * large / (small + large)
}

// shuffled returns articles in another order within each ten minutes, which is
// how late one feed may be read after another.
func shuffled(docs []taught, seed uint64) []taught {
	type keyed struct {
		taught
		key uint64
	}
	rng := rand.New(rand.NewPCG(seed, 7))
	all := make([]keyed, len(docs))
	for i, d := range docs {
		d.doc.At = d.doc.At.Truncate(10 * time.Minute)
		all[i] = keyed{d, rng.Uint64()}
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(a.doc.At.Compare(b.doc.At), cmp.Compare(a.key, b.key)) })
	out := make([]taught, len(all))
	for i, a := range all {
		out[i] = a.taught
	}
	return out
}

func most(m map[string]int) string {
	best := ""
	for k, n := range m {
		if best == "" || n > m[best] || n == m[best] && k < best {
			best = k
		}
	}
	return best
}

// learn learns the gate and the kinship from labelled sets and a crowd. Every
// stream is shuffled anew, so that nothing depends on the order of a moment.
func learn(sets map[string][]taught, crowd []taught, logf func(format string, args ...any)) (gate, kinship) {
	var all []example
	for _, s := range learnt {
		all = append(all, gateExamples(sets[s])...)
	}
	// The stories that are compared depend on the weights themselves: those of
	// all rounds are kept, so that it does not run in circles.
	g, k := learntGate, kinship{kinBias: -10, kinCosine: 28}
	var pairs []example
	for round := range 4 {
		ge, ke := crowdExamples(crowd, g, k, 0.5, crowdWeight)
		all, pairs = append(all, ge...), append(pairs, ke...)
		g = gate(fit(all, int(evidences), 1))
		for _, s := range learnt {
			for i, merge := range []float64{0.3, 0.5, 0.7} {
				pairs = append(pairs, kinExamples(shuffled(sets[s], uint64(10*round+i)), g, k, merge)...)
			}
		}
		k = kinship(fit(pairs, int(likenesses), 1))
		logf("round %d, %d comparisons: gate %.3f", round, len(all), g)
		logf("round %d, %d pairs: kinship %.3f", round, len(pairs), k)
	}
	return g, k
}

// TestLearn learns the weights of the gate and of the kinship from the labelled
// news, prints them as they stand in the source, and what they are worth.
func TestLearn(t *testing.T) {
	if os.Getenv("NEWSDESK_LEARN") == "" {
		t.Skip("NOT LEARNT: set NEWSDESK_LEARN=1 to learn the weights anew")
	}
	sets := map[string][]taught{}
	for _, s := range learnt {
		sets[s] = teach(t, s)
	}
	crowd := teach(t, crowded)
	g, k := learn(sets, crowd, t.Logf)
	for _, join := range []float64{0.22, 0.27, 0.35} {
		for _, merge := range []float64{0.55, 0.6, 0.65, 0.7} {
			set := func() *Window {
				w := New(Options{Join: join, Merge: merge})
				w.gate, w.kin = g, k
				return w
			}
			sizes := map[string]int{}
			largest := 0
			for _, id := range told(crowd, set()) {
				sizes[id]++
				largest = max(largest, sizes[id])
			}
			t.Logf("join %.2f merge %.2f: %s; the largest of %d stories of the crowd has %d", join, merge, worth(sets, set), len(sizes), largest)
		}
	}
}
