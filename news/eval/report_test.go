package eval_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/config"
	"newsdesk/news"
	"newsdesk/news/eval"
	"newsdesk/news/impact"
	"newsdesk/news/replay"
	"newsdesk/news/topic"
)

// labels are what the labelled sets say of an article or a story.
type label struct {
	ID, URL, Title, Lang, Published string
	Source                          string  // of the article
	Story                           string  // that it tells
	Status                          string  // of the story
	Grade                           float64 // of the story's impact by an editor, 0 to 3
	Points                          float64 // on Hacker News
}

const labelled = "../../../shared/data"

// read returns the lines of a labelled set, or skips the test with a notice.
func read(t testing.TB, name string) []label {
	t.Helper()
	f, err := os.Open(filepath.Join(labelled, name))
	if err != nil {
		t.Skipf("NOT MEASURED: the labelled news (%s) is not on this machine", name)
	}
	defer f.Close()
	var out []label
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var l label
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if l.Title != "" || l.Story != "" && l.ID == "" { // the desk reads no article without a title
			out = append(out, l)
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// judge puts articles through the desk as the command replay does and returns
// the stories, and the story of each article by its ID.
func judge(t testing.TB, name string, input io.Reader) (stories []news.Story, of map[string]news.Story) {
	t.Helper()
	return judgeFor(t, name, input, nil)
}

// judgeFor does so for readers of a taste, nil for the built-in one.
func judgeFor(t testing.TB, name string, input io.Reader, taste *impact.Taste) (stories []news.Story, of map[string]news.Story) {
	t.Helper()
	var out bytes.Buffer
	paths := []string{"-"}
	if input == nil {
		paths = []string{filepath.Join(labelled, name)}
	}
	if input == nil {
		input = strings.NewReader("")
	}
	err := replay.Run(t.Context(), paths, input, &out, replay.Options{Sources: config.Defaults().Sources(), Taste: taste, Warn: func(err error) { t.Log(err) }})
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]news.Story{}
	for d := json.NewDecoder(&out); d.More(); {
		var s news.Story
		if err := d.Decode(&s); err != nil {
			t.Fatal(err)
		}
		stories = append(stories, s)
		for _, a := range s.Articles {
			of[a.ID] = s
		}
	}
	return stories, of
}

// clusters lists the story that each article was given and the one it belongs to.
func clusters(t testing.TB, set []label, of map[string]news.Story, keep func(label) bool) (got, want []string) {
	t.Helper()
	for _, l := range set {
		if keep != nil && !keep(l) {
			continue
		}
		s, ok := of[l.ID]
		if !ok {
			t.Fatalf("article %s is in no story", l.ID)
		}
		got, want = append(got, s.ID), append(want, l.Story)
	}
	return got, want
}

func TestReport(t *testing.T) {
	t.Run("stories", reportStories)
	t.Run("versions", reportVersions)
	t.Run("stability", reportStability)
	t.Run("impact", reportImpact)
	t.Run("hackernews", reportHackerNews)
	t.Run("status", reportStatus)
}

func reportStories(t *testing.T) {
	mean := 0.0
	row := func(name string, got, want []string) float64 {
		b, p := eval.BCubed(got, want), eval.Pairwise(got, want)
		t.Logf("%-22s B-cubed %.3f (P %.3f R %.3f)   pairwise %.3f (P %.3f R %.3f)", name, b.F1, b.Precision, b.Recall, p.F1, p.Precision, p.Recall)
		return b.F1
	}
	for _, s := range []struct {
		name, file string
		mean       bool
	}{
		{"scoop", "scoop", true}, {"BASIL", "basil", true}, {"UCI", "uci", true}, {"AI 2026", "ai", true},
		{"Emergent", "emergent", false}, {"ECB+", "ecb", false},
	} {
		file := "clusters/" + s.file + "-dev.jsonl"
		set := read(t, file)
		_, of := judge(t, file, nil)
		got, want := clusters(t, set, of, nil)
		f := row(s.name, got, want)
		if s.mean {
			mean += f / 4
		}
		if s.file == "ai" {
			for _, lang := range []string{"en", "zh"} {
				got, want := clusters(t, set, of, func(l label) bool { return l.Lang == lang })
				row(s.name+", "+lang, got, want)
			}
		}
	}
	t.Logf("mean of the first four, B-cubed %.3f", mean)
}

// reportVersions counts pairs of articles of different stories whose titles
// name different versions of one family of models, and how many share a story.
// Of the crowd nobody has labelled the stories: a pair that shares one there
// may be right, as in a story about several models.
func reportVersions(t *testing.T) {
	count := func(name string, files ...string) {
		conflicts, joined := 0, 0
		for _, file := range files {
			set := read(t, file)
			_, of := judge(t, file, nil)
			models := make([][]string, len(set))
			for i, l := range set {
				models[i] = topic.Models(l.Title)
			}
			for i, a := range set {
				for j, b := range set[:i] {
					if (a.Story == "" || a.Story != b.Story) && versionsClash(models[i], models[j]) && sameWeek(a, b) {
						conflicts++
						if of[a.ID].ID == of[b.ID].ID {
							joined++
							t.Logf("joined: %q and %q", a.Title, b.Title)
						}
					}
				}
			}
		}
		t.Logf("%s: %d pairs of articles about different versions of one model, %d share a story: %.1f %%", name, conflicts, joined, 100*float64(joined)/float64(max(conflicts, 1)))
	}
	count("labelled", "clusters/ai-dev.jsonl", "clusters/scoop-dev.jsonl", "clusters/uci-dev.jsonl", "clusters/emergent-dev.jsonl", "clusters/ecb-dev.jsonl")
	count("crowd", "hn-ai-dev.jsonl")
}

// sameWeek reports whether two articles are of one week: others share no story anyway.
func sameWeek(a, b label) bool {
	at, errA := time.Parse(time.RFC3339, a.Published)
	bt, errB := time.Parse(time.RFC3339, b.Published)
	return errA != nil || errB != nil || at.Sub(bt).Abs() < 7*24*time.Hour
}

func versionsClash(a, b []string) bool {
	clash := false
	for _, m := range a {
		if slices.Contains(b, m) {
			return false
		}
		for _, n := range b {
			clash = clash || versionless(m) == versionless(n)
		}
	}
	return clash
}

// versionless is a model's name up to its version: what stands behind that is
// a tier, and another tier of another version clashes as well.
func versionless(model string) string {
	if i := strings.IndexAny(model, "0123456789"); i >= 0 {
		model = model[:i]
	}
	return strings.TrimRight(model, "-")
}

// reportStability shuffles articles within windows of ten minutes, which is
// how late one feed may be read after another.
func reportStability(t *testing.T) {
	for _, file := range []string{"clusters/ai-dev.jsonl", "clusters/uci-dev.jsonl"} {
		set := read(t, file)
		raw, err := os.ReadFile(filepath.Join(labelled, file))
		if err != nil {
			t.Fatal(err)
		}
		var f1 []float64
		for seed := range uint64(6) { // the first as it is
			type line struct {
				text []byte
				at   time.Time
				key  uint64
			}
			var ls []line
			rng := rand.New(rand.NewPCG(seed, 7))
			for i, text := range bytes.Split(bytes.TrimSpace(raw), []byte("\n")) {
				var a map[string]any
				if err := json.Unmarshal(text, &a); err != nil {
					t.Fatal(err)
				}
				at, err := time.Parse(time.RFC3339, a["published"].(string))
				if err != nil {
					t.Fatal(err)
				}
				key := uint64(i)
				if seed > 0 {
					at, key = at.Truncate(10*time.Minute), rng.Uint64()
					a["published"] = at.Format(time.RFC3339)
				}
				if text, err = json.Marshal(a); err != nil {
					t.Fatal(err)
				}
				ls = append(ls, line{text, at, key})
			}
			slices.SortFunc(ls, func(a, b line) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.key, b.key)) })
			var in bytes.Buffer
			for _, l := range ls {
				in.Write(append(l.text, '\n'))
			}
			_, of := judge(t, file, &in)
			got, want := clusters(t, set, of, nil)
			f1 = append(f1, eval.BCubed(got, want).F1)
		}
		most := 0.0
		for _, x := range f1 {
			most = max(most, math.Abs(x-f1[0]))
		}
		t.Logf("%s: B-cubed %.3f, shuffled %.3f: it changes by %.4f at most", file, f1[0], f1[1:], most)
	}
}

// graded returns, for each story of the labelled AI set, its label and the
// desk's story that has most of its articles.
func graded(t *testing.T) (labels []label, found []news.Story) {
	const file = "clusters/ai-dev.jsonl"
	set := read(t, file)
	_, of := judge(t, file, nil)
	share := map[string]map[string]int{}
	byID := map[string]news.Story{}
	for _, l := range set {
		s := of[l.ID]
		if share[l.Story] == nil {
			share[l.Story] = map[string]int{}
		}
		share[l.Story][s.ID]++
		byID[s.ID] = s
	}
	for _, l := range read(t, "clusters/ai-dev.stories.jsonl") {
		best, most := "", 0
		for id, n := range share[l.Story] {
			if n > most || n == most && id < best {
				best, most = id, n
			}
		}
		if best == "" {
			t.Fatalf("no article of story %s", l.Story)
		}
		labels, found = append(labels, l), append(found, byID[best])
	}
	return labels, found
}

func reportImpact(t *testing.T) {
	labels, found := graded(t)
	var impact, grade []float64
	var high []bool
	for i, l := range labels {
		impact, grade, high = append(impact, float64(found[i].Impact)), append(grade, l.Grade), append(high, l.Grade >= 2)
	}
	order, top := eval.Spearman(impact, grade), eval.AUC(impact, high)
	t.Logf("%d stories: Spearman %.3f, AUC of grade 2 and up %.3f", len(labels), order, top)
	if order < 0.62 || top < 0.93 {
		t.Errorf("impact agrees less with the editor's grades: Spearman %.3f, AUC %.3f", order, top)
	}
}

func reportStatus(t *testing.T) {
	labels, found := graded(t)
	var got, want []string
	wrong, rumours := 0, 0
	for i, l := range labels {
		got, want = append(got, found[i].Status.Value), append(want, l.Status)
		if l.Status == "rumour" {
			rumours++
			if found[i].Status.Value == "confirmed" {
				wrong++
			}
		}
	}
	each, macro := eval.Classes(got, want)
	for _, c := range []string{"rumour", "reported", "confirmed", "denied"} {
		t.Logf("%-10s P %.3f R %.3f F1 %.3f", c, each[c].Precision, each[c].Recall, each[c].F1)
	}
	t.Logf("%d stories: macro-F1 %.3f; %d of %d rumours called confirmed", len(labels), macro, wrong, rumours)
}
