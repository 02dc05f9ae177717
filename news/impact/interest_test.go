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

	"pgregory.net/rapid"
)

type post struct {
	URL, Title, Published string
	Points                float64
	traits                []string
}

func (p post) day() string { return p.Published[:len("2026-01-01")] }

// wish is what Interest foretells: the logarithm of the votes, 1 for 200.
func (p post) wish() float64 { return math.Min(1, math.Log1p(p.Points)/math.Log(200)) }

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
		p.traits = interestTraits(p.URL, p.Title)
		out = append(out, p)
	}
	return out
}

// A family of traits counts from a number of posts on, and is drawn towards
// nothing as if by a number of posts more: few posts prove little.
var traitFamilies = map[string]struct{ least, shrink float64 }{
	"host": {2, 10}, "by": {2, 2}, "domain": {2, 20}, "word": {8, 60}, "form": {5, 20},
}

// learnInterest fits the effects of traits, one after the other on what the
// others leave (backfitting).
func learnInterest(ps []post) map[string]float64 {
	having := map[string][]int{}
	mean := 0.0
	for i, p := range ps {
		mean += p.wish() / float64(len(ps))
		for _, t := range p.traits {
			having[t] = append(having[t], i)
		}
	}
	left := make([]float64, len(ps))
	for i, p := range ps {
		left[i] = p.wish() - mean
	}
	effects := map[string]float64{"": mean}
	order := slices.Sorted(maps.Keys(having))
	for range 8 {
		for _, t := range order {
			f := traitFamilies[t[:strings.IndexByte(t, ':')]]
			n := float64(len(having[t]))
			if n < f.least {
				continue
			}
			old, sum := effects[t], 0.0
			for _, i := range having[t] {
				sum += left[i] + old
			}
			effects[t] = sum / (n + f.shrink)
			for _, i := range having[t] {
				left[i] += old - effects[t]
			}
		}
	}
	return effects
}

// foldsOfDays parts posts by day into five.
func foldsOfDays(ps []post) [][]post {
	days := map[string]bool{}
	for _, p := range ps {
		days[p.day()] = true
	}
	order := slices.Sorted(maps.Keys(days))
	out := make([][]post, 5)
	for _, p := range ps {
		i := slices.Index(order, p.day()) * len(out) / len(order)
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
	folds := foldsOfDays(all)
	sum, days := 0.0, 0
	for i, held := range folds {
		effects := learnInterest(slices.Concat(slices.Delete(slices.Clone(folds), i, i+1)...))
		value, points := map[string][]float64{}, map[string][]float64{}
		for _, p := range held {
			x := 0.0
			for _, t := range p.traits {
				x += effects[t]
			}
			value[p.day()], points[p.day()] = append(value[p.day()], x), append(points[p.day()], p.Points)
		}
		for d := range value {
			if len(value[d]) >= 30 {
				sum += eval.NDCG(value[d], points[d], 10)
				days++
			}
		}
	}
	t.Logf("NDCG@10 of interest alone on %d days that were not learnt from: %.3f", days, sum/float64(days))
	effects := learnInterest(all)
	var b strings.Builder
	b.WriteString("# How much more readers care for articles of a host, by somebody, with a word in the title, of a form: what it adds to\n")
	b.WriteString("# log(1+votes)/log(200). Learnt by TestLearnInterest from votes on Hacker News, public facts; the first line is the mean.\n")
	fmt.Fprintf(&b, "\t%.4f\n", effects[""])
	delete(effects, "")
	for _, t := range slices.SortedFunc(maps.Keys(effects), cmp.Compare[string]) {
		if math.Abs(effects[t]) >= 0.003 {
			fmt.Fprintf(&b, "%s\t%.3f\n", t, effects[t])
		}
	}
	if err := os.WriteFile("interest.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFormsNeed holds what forms are said to need to their expressions.
func TestFormsNeed(t *testing.T) {
	piece := rapid.SampledFrom([]string{"show", "SHOW", "ſhow", "ask", "tell", "launch", "how", "Why", "what", " ", " hn", " HN", ":", "?", "$", "€", "5", "[pdf]", "[video]", "(2025)", "(1999)", "x", "é"})
	rapid.Check(t, func(t *rapid.T) {
		title := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "title"), "")
		for _, f := range forms {
			if f.re.MatchString(title) && !mayMatch(f.needs, title) {
				t.Fatalf("%q is of form %s, and has none of %q", title, f.name, f.needs)
			}
		}
	})
}
