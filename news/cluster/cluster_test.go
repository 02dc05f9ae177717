package cluster_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"newsdesk/news/cluster"
	"newsdesk/news/topic"
)

const shared = "../../../shared/data/clusters"

type labelled struct {
	doc   cluster.Doc
	story string
}

func load(t testing.TB, file string) []labelled {
	f, err := os.Open(filepath.Join(shared, file))
	if err != nil {
		t.Skipf("NOT MEASURED: the labelled news is not on this machine: clustering of %s was not measured", file)
	}
	defer f.Close()
	var out []labelled
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var a struct{ ID, Title, Summary, Source, Published, Lang, Story string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, a.Published)
		out = append(out, labelled{doc(a.ID, a.Source, a.Title, a.Summary, a.Lang, at), a.Story})
	}
	slices.SortStableFunc(out, func(a, b labelled) int { return a.doc.At.Compare(b.doc.At) })
	return out
}

func doc(id, source, title, lead, lang string, at time.Time) cluster.Doc {
	var topics []string
	for _, h := range topic.Default().Match(title, lead) {
		topics = append(topics, h.ID)
	}
	if len(lead) > 600 {
		lead = lead[:600]
	}
	return cluster.Doc{ID: id, Source: source, Title: title, Lead: lead, Lang: lang, Topics: topics, Models: topic.Models(title), At: at}
}

// run puts articles through a window as the desk does and returns the story of each.
func run(docs []cluster.Doc, o cluster.Options) []string {
	w := cluster.New(o)
	out := make([]string, len(docs))
	for i, d := range docs {
		w.Expire(d.At.Add(-7 * 24 * time.Hour))
		if out[i], _ = w.Assign(d); out[i] == "" {
			out[i] = fmt.Sprintf("s%06d", i)
		}
		w.Add(out[i], d)
	}
	return out
}

// bcubed and pairwise are the measures of docs/evaluation.md: F1 of each.
func bcubed(got, want []string) float64 {
	type pair struct{ g, w string }
	cell, cg, cw := map[pair]float64{}, map[string]float64{}, map[string]float64{}
	for i := range got {
		cell[pair{got[i], want[i]}]++
		cg[got[i]]++
		cw[want[i]]++
	}
	var p, r float64
	for i := range got {
		n := cell[pair{got[i], want[i]}]
		p += n / cg[got[i]]
		r += n / cw[want[i]]
	}
	return 2 * p * r / (p + r) / float64(len(got))
}

func pairwise(got, want []string) float64 {
	type pair struct{ g, w string }
	cell, cg, cw := map[pair]float64{}, map[string]float64{}, map[string]float64{}
	for i := range got {
		cell[pair{got[i], want[i]}]++
		cg[got[i]]++
		cw[want[i]]++
	}
	var tp, p, r float64
	for _, n := range cell {
		tp += n * (n - 1) / 2
	}
	for _, n := range cg {
		p += n * (n - 1) / 2
	}
	for _, n := range cw {
		r += n * (n - 1) / 2
	}
	return 2 * tp / (p + r)
}

func measure(all []labelled, o cluster.Options) (b3, pair float64, stories int) {
	var docs []cluster.Doc
	var want []string
	for _, l := range all {
		docs = append(docs, l.doc)
		want = append(want, l.story)
	}
	got := run(docs, o)
	distinct := map[string]bool{}
	for _, g := range got {
		distinct[g] = true
	}
	return bcubed(got, want), pairwise(got, want), len(distinct)
}

// TestLabelledNews measures clustering on real labelled news, one setting for
// all sets. The floors are loose: they catch a break, not a wobble.
func TestLabelledNews(t *testing.T) {
	mean := 0.0
	sets := []struct {
		file  string
		floor float64
	}{{"scoop-dev.jsonl", 0.85}, {"basil-dev.jsonl", 0.85}, {"uci-dev.jsonl", 0.45}, {"ai-dev.jsonl", 0.72}}
	for _, s := range sets {
		b3, pair, n := measure(load(t, s.file), cluster.Options{})
		t.Logf("%-16s B-cubed F1 %.3f, pairwise F1 %.3f, %d stories", s.file, b3, pair, n)
		if b3 < s.floor {
			t.Errorf("%s: B-cubed F1 %.3f, it was above %.2f", s.file, b3, s.floor)
		}
		mean += b3 / float64(len(sets))
	}
	t.Logf("mean B-cubed F1 %.3f", mean)
}

func TestDeterministic(t *testing.T) {
	all := load(t, "ai-dev.jsonl")
	var docs []cluster.Doc
	for _, l := range all {
		docs = append(docs, l.doc)
	}
	first := run(docs, cluster.Options{})
	for range 3 {
		if !slices.Equal(first, run(docs, cluster.Options{})) {
			t.Fatal("two runs over the same articles gave different stories")
		}
	}
}

var day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestAssign(t *testing.T) {
	type art struct{ source, title, lead string }
	together := [][]art{
		{{"a", "DeepSeek R2 rumour: 1.2 trillion parameters, 97 per cent cheaper", "Posts on a forum claim that R2 is near."},
			{"b", "DeepSeek is said to train R2 with 1.2 trillion parameters on Huawei chips", "Unconfirmed claims spread from a stock forum."}},
		{{"a", "Nimbus cloud outage takes down chat assistants", "Nimbus confirmed the outage."},
			{"b", "Chat assistants down for hours after Nimbus outage", "The cloud provider Nimbus blames a configuration error."}},
		{{"a", "深度求索R2模型传闻引发市场关注", "据传R2参数达1.2万亿"}, {"b", "传深度求索R2模型即将发布 市场关注", "R2参数或达1.2万亿"}},
	}
	apart := [][]art{
		{{"a", "OpenAI releases GPT-5.1 to all users", ""}, {"b", "OpenAI releases GPT-5.2 to all users", ""}},
		{{"a", "Halcyon raises $40 million for robot hands", "The round was led by a fund."}, {"b", "Verity raises $90 million for legal search", "The round was led by a bank."}},
		{{"a", "Brussels publishes guidance on general-purpose models", ""}, {"b", "Nvidia reports record revenue on data centre demand", ""}},
	}
	share := func(as []art) bool {
		var docs []cluster.Doc
		for i, a := range as {
			docs = append(docs, doc(fmt.Sprint(i), a.source, a.title, a.lead, "en", day.Add(time.Duration(i)*time.Hour)))
		}
		got := run(docs, cluster.Options{})
		return got[0] == got[1]
	}
	for _, as := range together {
		if !share(as) {
			t.Errorf("two stories: %q and %q", as[0].title, as[1].title)
		}
	}
	for _, as := range apart {
		if share(as) {
			t.Errorf("one story: %q and %q", as[0].title, as[1].title)
		}
	}
}

// TestVersions tells of two versions of each model by turns, in the same words,
// and now and then of both: hardly any two articles about different versions
// may share a story.
func TestVersions(t *testing.T) {
	pairs := [][2]string{
		{"GPT-5.1", "GPT-5.2"}, {"GPT-6", "GPT-6 mini"}, {"Claude Opus 4.5", "Claude Opus 4.6"}, {"Gemini 3 Pro", "Gemini 3.1 Pro"},
		{"DeepSeek R1", "DeepSeek R2"}, {"Llama 4", "Llama 5"}, {"Grok 4", "Grok 4.1"}, {"Qwen3", "Qwen3.5"}, {"Mistral Large 2", "Mistral Large 3"}, {"Gemma 3", "Gemma 4"},
	}
	alone := []string{
		"%s is released to all users", "Hands on with %s: faster and cheaper", "%s tops the benchmarks on its first day", "What developers say about %s after a week",
		"%s arrives with a longer context window", "Company ships %s, its newest language model", "%s now available through the API", "The new %s model costs half as much",
	}
	both := []string{"%s and %s compared on twenty tasks", "How %[2]s differs from %[1]s"}
	lead := "The company says that the model reasons better and costs less per token."
	conflicts, joined := 0, 0
	for _, p := range pairs {
		var docs []cluster.Doc
		var of []int
		tell := func(version int, title string) {
			n := len(docs)
			docs = append(docs, doc(fmt.Sprint(n), fmt.Sprint("outlet ", n), title, lead, "en", day.Add(time.Duration(n)*time.Hour)))
			of = append(of, version)
		}
		for i, a := range alone {
			tell(0, fmt.Sprintf(a, p[0]))
			tell(1, fmt.Sprintf(a, p[1]))
			if i%4 == 2 {
				tell(2, fmt.Sprintf(both[i/4], p[0], p[1]))
			}
		}
		got := settle(docs)
		before := joined
		for i := range got {
			for j := range i {
				if of[i]+of[j] == 1 && of[i] != of[j] {
					conflicts++
					if got[i] == got[j] {
						joined++
					}
				}
			}
		}
		if joined > before {
			t.Logf("%q and %q: %d joined", p[0], p[1], joined-before)
		}
	}
	t.Logf("%d pairs of articles about different versions, %d share a story", conflicts, joined)
	if conflicts < 500 || joined*20 >= conflicts {
		t.Errorf("%d of %d pairs of articles about different versions share a story, 5 %% and more", joined, conflicts)
	}
}

// settle is run with the second thoughts of the desk: stories that are one.
func settle(docs []cluster.Doc) []string {
	w := cluster.New(cluster.Options{})
	out := make([]string, len(docs))
	for i, d := range docs {
		id, _ := w.Assign(d)
		if id == "" {
			id = fmt.Sprintf("s%06d", i)
		}
		w.Add(id, d)
		out[i] = id
		for {
			stays, goes, ok := w.Merge(id)
			if !ok {
				break
			}
			for j := range out {
				if out[j] == goes {
					out[j] = stays
				}
			}
			id = stays
		}
	}
	return out
}

func TestExpire(t *testing.T) {
	w := cluster.New(cluster.Options{})
	d := doc("1", "a", "Nimbus cloud outage takes down chat assistants", "", "en", day)
	w.Add("s", d)
	d.Source = "b"
	if id, score := w.Assign(d); id != "s" || score < 0.9 {
		t.Errorf("the same title belongs to %q by %.2f", id, score)
	}
	w.Expire(day.Add(time.Second))
	if id, _ := w.Assign(d); id != "" || w.Len() != 0 {
		t.Errorf("an expired story is still there: %q, %d stories", id, w.Len())
	}
}

func TestOddTitles(t *testing.T) {
	w := cluster.New(cluster.Options{})
	for i, title := range []string{"", "the", "🚀🚀🚀", "GPT", string(make([]byte, 10_000)), "一"} {
		d := doc(fmt.Sprint(i), "a", title, "", "en", day)
		w.Assign(d)
		w.Add(fmt.Sprint(i), d)
	}
}

func BenchmarkAssign(b *testing.B) {
	all := load(b, "uci-dev.jsonl")
	w := cluster.New(cluster.Options{})
	i := 0
	for b.Loop() {
		d := all[i%len(all)].doc
		id, _ := w.Assign(d)
		if id == "" {
			id = fmt.Sprint(i)
		}
		w.Add(id, d)
		i++
	}
}
