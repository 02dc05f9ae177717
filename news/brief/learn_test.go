package brief_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"newsdesk/config"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/eval"
	"newsdesk/news/impact"
	"newsdesk/news/topic"
)

// An example is an article whose status somebody has read.
type example struct {
	group  int // examples of one story are left out together
	doc    brief.Doc
	status string
	weight float64
	batch  string // of the written articles, those that were written together
}

func rows[T any](t *testing.T, path string) (out []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skip("NOT MEASURED: the labelled news is not on this machine")
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, v)
	}
	return out
}

// written returns the articles that were written for this project.
func written(t *testing.T, half string) (out []example) {
	type article struct {
		ID, Lang, Source, Kind, Title, Text, Status, Half string
		Official                                          bool
	}
	for _, a := range rows[article](t, "../eval/testdata/status.jsonl") {
		if a.Half == half {
			d := brief.Doc{Source: a.Source, Kind: a.Kind, Official: a.Official, Title: a.Title, Text: a.Text, Lang: a.Lang, Event: impact.Event(a.Title, a.Text, topic.Models(a.Title))}
			out = append(out, example{len(out), d, a.Status, 1, a.ID[:1]})
		}
	}
	return out
}

// real returns the headlines of the AI set with the status of their story.
func real(t *testing.T) (out []example) {
	type article struct{ Title, URL, Source, Lang, Story, Status string }
	const folder = "../../../shared/data/clusters/"
	status := map[string]string{}
	for _, s := range rows[article](t, folder+"ai-dev.stories.jsonl") {
		status[s.Story] = s.Status
	}
	directory, gazetteer := news.NewDirectory(config.Defaults().Sources()), topic.Default()
	articles := rows[article](t, folder+"ai-dev.jsonl")
	number, group := map[string]float64{}, map[string]int{}
	for _, a := range articles {
		number[a.Story]++
		if _, ok := group[a.Story]; !ok {
			group[a.Story] = len(group)
		}
	}
	for _, a := range articles {
		src, ok := directory.Named(a.Source)
		if !ok {
			if src, ok = directory.Of(a.URL); !ok {
				src = directory.Source(a.Source)
			}
		}
		u, err := url.Parse(a.URL)
		if err != nil {
			t.Fatal(err)
		}
		owner, official := gazetteer.Official(strings.TrimPrefix(u.Hostname(), "www."))
		official = official && slices.ContainsFunc(gazetteer.Match(a.Title, ""), func(h topic.Hit) bool {
			about, _ := gazetteer.Lookup(h.ID)
			return h.ID == owner || about.Owner == owner
		})
		d := brief.Doc{Source: a.Source, Kind: string(src.Kind), Official: official, Title: a.Title, Lang: a.Lang, Event: impact.Event(a.Title, "", topic.Models(a.Title))}
		out = append(out, example{group[a.Story], d, status[a.Story], aiWeight / number[a.Story], ""})
	}
	return out
}

// aiWeight is what a story of the AI set weighs beside an article whose own
// status is known: its headlines often tell less than its label.
const aiWeight = 1

// observed returns the features of examples as the cues show them that stand
// in two of them or more: a cue collected from one article flatters that
// article alone, and weights learnt so would trust cues more than unseen news
// deserves, and everything else less.
func observed(examples []example) []brief.Observation {
	articles := map[string]int{}
	for _, e := range examples {
		for cue := range brief.Cues(e.doc) {
			articles[cue]++
		}
	}
	lexicon := brief.Without(func(cue string) bool { return articles[cue] > 1 })
	xs := make([]brief.Observation, len(examples))
	for i, e := range examples {
		xs[i] = lexicon.Observe(e.doc)
	}
	return xs
}

// softmax fits the weights of a multinomial logistic regression by gradient
// descent with momentum; xs are the features of the examples.
func softmax(examples []example, xs []brief.Observation) *brief.Weights {
	var w, speed brief.Weights
	total := 0.0
	for _, e := range examples {
		total += e.weight
	}
	present := make([][]int, len(xs))
	for i := range xs {
		for f, v := range xs[i] {
			if v != 0 {
				present[i] = append(present[i], f)
			}
		}
	}
	for range 800 {
		var slope brief.Weights
		for i, e := range examples {
			p := probabilities(&w, present[i])
			for c := range p {
				if brief.Statuses[c] == e.status {
					p[c]--
				}
				for _, f := range present[i] {
					slope[c][f] += e.weight * p[c]
				}
			}
		}
		for c := range slope {
			for f := range slope[c] {
				if f != brief.Bias {
					slope[c][f] += ridge * w[c][f]
				}
				speed[c][f] = 0.9*speed[c][f] - 0.4*slope[c][f]/total
				w[c][f] += speed[c][f]
			}
		}
	}
	return &w
}

// probabilities are those of the statuses of an article that has the features.
func probabilities(w *brief.Weights, present []int) (p [len(brief.Statuses)]float64) {
	sum := 0.0
	for c := range w {
		s := 0.0
		for _, f := range present {
			s += w[c][f]
		}
		p[c] = math.Exp(s)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

// ridge is how strongly weights are held small; chosen, as the features are, by
// unseenBatch.
const ridge = 4

// unseenBatch returns the macro-F1 over the written articles where each batch,
// which has a style of its own, is judged by what the others and the AI set
// teach, without the cues that only the batch itself has.
func unseenBatch(dev, ai []example) float64 {
	var got, want []string
	for _, batch := range slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, e := range dev {
			if !yield(e.batch) {
				return
			}
		}
	})) {
		var train, test []example
		for _, e := range dev {
			if e.batch == batch {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		train = append(train, ai...)
		known := map[string]bool{}
		for _, e := range train {
			maps.Copy(known, brief.Cues(e.doc))
		}
		lexicon := brief.Without(func(cue string) bool { return known[cue] })
		xs := make([]brief.Observation, len(test))
		for i, e := range test {
			xs[i] = lexicon.Observe(e.doc)
		}
		g, w := classed(softmax(train, observed(train)), test, xs)
		got, want = append(got, g...), append(want, w...)
	}
	_, macro := eval.Classes(got, want)
	return macro
}

// classed returns what weights make of the features of examples, and what is
// right.
func classed(w *brief.Weights, examples []example, xs []brief.Observation) (got, want []string) {
	for i, e := range examples {
		got, want = append(got, brief.Statuses[xs[i].Class(w)]), append(want, e.status)
	}
	return got, want
}

// TestLearnStatus prints statusWeights, learnt from the dev half of the
// written articles and from the AI set.
func TestLearnStatus(t *testing.T) {
	if os.Getenv("NEWSDESK_LEARN") == "" {
		t.Skip("NOT LEARNT: set NEWSDESK_LEARN=1 to learn the weights of status")
	}
	const folds = 10
	dev, ai := written(t, "dev"), real(t)
	all := slices.Concat(dev, ai)
	xs := observed(all)
	var got, want [2][]string // of the written articles and of the AI set
	for fold := range folds {
		var train, test []example
		var trainXs, testXs []brief.Observation
		n := 0
		for i, e := range all {
			if e.group%folds != fold {
				train, trainXs = append(train, e), append(trainXs, xs[i])
				continue
			}
			test, testXs = append(test, e), append(testXs, xs[i])
			if i < len(dev) {
				n++
			}
		}
		g, w := classed(softmax(train, trainXs), test, testXs)
		for i := range n {
			if _, cues := brief.Observe(test[i].doc); g[i] != w[i] {
				t.Logf("%s, not %s: %s | %s\n\t%s", w[i], g[i], test[i].doc.Title, test[i].doc.Text, cues)
			}
		}
		got[0], want[0] = append(got[0], g[:n]...), append(want[0], w[:n]...)
		got[1], want[1] = append(got[1], g[n:]...), append(want[1], w[n:]...)
	}
	_, cross := eval.Classes(got[0], want[0])
	each, crossAI := eval.Classes(got[1], want[1])
	t.Logf("AI set cross-validated: %.3f %v", crossAI, each)
	t.Logf("macro-F1 on the written articles, each batch unseen: %.3f", unseenBatch(dev, ai))
	w := softmax(all, xs)
	for i, e := range all {
		xs[i], _ = brief.Observe(e.doc)
	}
	_, fitted := eval.Classes(classed(w, dev, xs[:len(dev)]))
	_, single := eval.Classes(classed(w, ai, xs[len(dev):]))
	t.Logf("macro-F1 on the written articles: cross-validated without the cues of single articles %.3f, fitted %.3f; on single headlines of the AI set, fitted %.3f", cross, fitted, single)
	for c, row := range w {
		t.Logf("{%s}, // %s", strings.ReplaceAll(strings.Trim(fmt.Sprintf("%.2f", row), "[]"), " ", ", "), brief.Statuses[c])
	}
}
