package impact

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"newsdesk/news/eval"
)

type post struct {
	Vote
	ID, Published string
}

func (p post) day() string { return p.Published[:len("2026-01-01")] }

func posts(t *testing.T) []post {
	f, err := os.Open("../../../shared/data/hn-ai-dev.jsonl")
	if err != nil {
		t.Skip("NOT MEASURED: the votes of readers are not on this machine")
	}
	defer f.Close()
	var out []post
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var p post
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func votes(ps []post) []Vote {
	out := make([]Vote, len(ps))
	for i, p := range ps {
		out[i] = p.Vote
	}
	return out
}

// foldsOfDays parts posts by day into blocks of days.
func foldsOfDays(ps []post, n int) [][]post {
	days := map[string]bool{}
	for _, p := range ps {
		days[p.day()] = true
	}
	order := slices.Sorted(maps.Keys(days))
	out := make([][]post, n)
	for _, p := range ps {
		i := slices.Index(order, p.day()) * n / len(order)
		out[i] = append(out[i], p)
	}
	return out
}

// TestLearnInterest learns the table of interest and says what it is worth on
// days that it was not learnt from.
func TestLearnInterest(t *testing.T) {
	if os.Getenv("NEWSDESK_LEARN") == "" {
		t.Skip("NOT LEARNT: set NEWSDESK_LEARN=1 to write the table of interest anew")
	}
	all := posts(t)
	for _, n := range []int{5, 10} {
		folds := foldsOfDays(all, n)
		sum, days := 0.0, 0
		var foretold, gain []float64
		for i, held := range folds {
			taste := LearnTaste(votes(slices.Concat(slices.Delete(slices.Clone(folds), i, i+1)...)))
			value, points := map[string][]float64{}, map[string][]float64{}
			for _, p := range held {
				x := taste.Interest(p.URL, p.Title)
				foretold, gain = append(foretold, x), append(gain, math.Log2(1+p.Points))
				value[p.day()], points[p.day()] = append(value[p.day()], x), append(points[p.day()], p.Points)
			}
			for d := range value {
				if len(value[d]) >= 30 {
					sum += eval.NDCG(value[d], points[d], 10)
					days++
				}
			}
		}
		t.Logf("interest alone on days that were not learnt from, %d blocks: NDCG@10 on %d days %.3f, Spearman over all %.3f", n, days, sum/float64(days), eval.Spearman(foretold, gain))
	}
	effects := maps.Clone(LearnTaste(votes(all)).effects)
	var b strings.Builder
	b.WriteString("# How much more readers care for articles of a host, by somebody, with a word in the title, of a form: what it adds to\n")
	b.WriteString("# log(1+votes)/log(1000). Learnt by TestLearnInterest from votes on Hacker News, public facts; the first line is the mean.\n")
	fmt.Fprintf(&b, "\t%.4f\n", effects[""])
	delete(effects, "")
	for _, t := range slices.SortedFunc(maps.Keys(effects), cmp.Compare[string]) {
		if math.Abs(effects[t]) >= 0.002 {
			fmt.Fprintf(&b, "%s\t%.3f\n", t, effects[t])
		}
	}
	if err := os.WriteFile("interest.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestForms(t *testing.T) {
	for title, want := range map[string]string{
		"Show HN: I built a 4.5% faster runtime [pdf]": "show digit percent version document colon I",
		"ASK HN: what do you use?":                     "ask question colon you capitals",
		"Showing HN how":                               "",
		"Why our GPUs cost $3 – “too much” (2024)":     "digit money how year dash quotation we",
		"The AI race - and me":                         "dash I article",
		"Ithaca wears myths":                           "",
		"":                                             "",
	} {
		got := strings.ReplaceAll(strings.Join(titleForms(nil, title), " "), "form:", "")
		if got != want {
			t.Errorf("%q has the forms %q; want %q", title, got, want)
		}
	}
	for path, want := range map[string]string{
		"/": "front page", "/a": "one", "/a/": "one", "/a/b": "two", "/2026/11/posts/x.pdf": "document dated blog deep", "/news//x": "news",
	} {
		if got := strings.Join(pathForms(path), " "); got != want {
			t.Errorf("%q has the forms %q; want %q", path, got, want)
		}
	}
}
