package bot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

func TestLangOf(t *testing.T) {
	for locale, want := range map[string]Lang{
		"": English, "en": English, "en-US": English, "en-GB": English, "de": German, "de-AT": German, "de_CH": German, "DE": German,
		"fr": English, "zh-CN": English, "nonsense!": English, "deu": German, "*": English,
	} {
		if got := LangOf(locale); got != want {
			t.Errorf("locale %q has language %d, want %d", locale, got, want)
		}
	}
}

func TestNumbersAndPlurals(t *testing.T) {
	for n, want := range map[int][2]string{
		0: {"0 stories", "0 Meldungen"}, 1: {"1 story", "1 Meldung"}, 2: {"2 stories", "2 Meldungen"}, 4711: {"4711 stories", "4.711 Meldungen"},
	} {
		for l, want := range want {
			if got := Lang(l).T("%d stories", n); got != want {
				t.Errorf("%d in language %d: %q, want %q", n, l, got, want)
			}
		}
	}
	for s, want := range map[string]string{
		"1.2 trillion parameters": "1,2 Bio. Parameter", "97.3 %": "97,3 %", "1.2 GW": "1,2 GW", "less than 1.5 %": "weniger als 1,5 %", "1,250 GPUs": "1.250 GPUs",
		"2 billion USD": "2 Mrd. USD", "GPT 4": "GPT 4", "": "",
	} {
		if got := German.amount(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
		if got := English.amount(s); got != s {
			t.Errorf("%q is %q in English", s, got)
		}
	}
	now := time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		0: "gerade eben", time.Minute: "vor 1 Min.", 3 * time.Hour: "vor 3 Std.", 24 * time.Hour: "vor 1 Tag", 72 * time.Hour: "vor 3 Tagen", 30 * 24 * time.Hour: "29. März 2025",
	} {
		if got := German.age(now.Add(-ago), now); got != want {
			t.Errorf("%s ago is %q, want %q", ago, got, want)
		}
	}
	if got := German.list([]string{"A", "B", "C", "D", "E"}, 3); got != "A, B und 3 weitere" {
		t.Error(got)
	}
}

// parsed parses the Go files below dir, without tests and test kits.
func parsed(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		files[path] = f
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	return files
}

// constant is the value of a string literal, or of some added up.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok1 := constant(e.X)
		b, ok2 := constant(e.Y)
		return a + b, ok1 && ok2 && e.Op == token.ADD
	}
	return "", false
}

// keys are the texts that the code asks a catalogue for, with the file.
func keys(t *testing.T) map[string]string {
	found := map[string]string{}
	for _, dir := range []string{".", "../adapters"} {
		for path, f := range parsed(t, dir) {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || path == "lang.go" {
					return true
				}
				at := -1
				switch fun := call.Fun.(type) {
				case *ast.Ident:
					if fun.Name == "say" {
						at = 0
					}
				case *ast.SelectorExpr:
					if fun.Sel.Name == "T" {
						at = 0
					} else if fun.Sel.Name == "date" {
						at = 1
					}
				}
				if at < 0 {
					return true
				}
				key, ok := constant(call.Args[at])
				if !ok {
					t.Errorf("%s: the text of a call is no constant", path)
				}
				found[key] = path
				return true
			})
		}
	}
	if len(found) < 150 {
		t.Fatalf("only %d texts were found", len(found))
	}
	return found
}

// TestEveryTextIsInTheCatalogue compares the code with the catalogue, both ways.
func TestEveryTextIsInTheCatalogue(t *testing.T) {
	used := keys(t)
	for key, path := range used {
		if _, ok := german[key]; !ok {
			t.Errorf("%s: %q has no German", path, key)
		}
		if english[key] == "" && slices.Contains(slices.Collect(maps.Keys(english)), key) {
			t.Errorf("%q is empty", key)
		}
	}
	for _, texts := range []map[string]string{english, germanCards, germanAnswers, germanMistakes} {
		for key := range texts {
			if used[key] == "" {
				t.Errorf("nobody uses %q", key)
			}
		}
	}
	for key, text := range german {
		if _, ok := english[key]; strings.Contains(text, "|") != ok {
			t.Errorf("%q has plural forms in one language only", key)
		}
	}
	total := 0
	for _, texts := range []map[string]string{germanCards, germanAnswers, germanMistakes, germanCommands, germanWords} {
		total += len(texts)
	}
	if all := merged(germanCards, germanAnswers, germanMistakes, germanCommands, germanWords); len(all) != total {
		t.Errorf("%d texts stand twice", total-len(all))
	}
}

// slots are the verbs of a format by the argument that they show.
func slots(format string) map[int]string {
	at, out := 0, map[int]string{}
	for _, v := range regexp.MustCompile(`%(?:\[(\d)\])?[.\d]*([a-z])`).FindAllStringSubmatch(format, -1) {
		at++
		if v[1] != "" {
			at, _ = strconv.Atoi(v[1])
		}
		out[at] = strings.Replace(v[2], "q", "s", 1)
	}
	return out
}

func TestTranslationsShowTheSameArguments(t *testing.T) {
	for _, texts := range []map[string]string{english, german} {
		for key, text := range texts {
			for form := range strings.SplitSeq(text, "|") {
				if !maps.Equal(slots(key), slots(form)) {
					t.Errorf("%q: %v\n%q: %v", key, slots(key), form, slots(form))
				}
			}
		}
	}
}

// TestEveryNameIsInTheCatalogue has what T is not asked for with a constant.
func TestEveryNameIsInTheCatalogue(t *testing.T) {
	names := []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied, KindStory, KindDigest, KindFollowUp, KindEdit, KindCatchUp}
	names = append(names, brief.Bounds...)
	for _, k := range news.Kinds {
		names = append(names, string(k))
	}
	for d := range 12 {
		names = append(names, time.Month(d+1).String(), time.Weekday(d%7).String())
	}
	summaries := []string{"Stories in full, trends, sources, status, help"}
	for _, c := range Table() {
		summaries = append(summaries, c.Summary)
		for _, o := range c.Options {
			summaries = append(summaries, o.Summary)
		}
	}
	for _, n := range append(names, summaries...) {
		if _, ok := german[n]; !ok {
			t.Errorf("%q has no German", n)
		}
	}
	for key, text := range germanCommands {
		if !slices.Contains(summaries, key) {
			t.Errorf("no command is summed up as %q", key)
		}
		if n := utf8.RuneCountInString(text); n > 100 {
			t.Errorf("%q has %d characters", text, n)
		}
	}
}

// TestCardsSayNothingOutsideOfT looks for words that are written into a card.
func TestCardsSayNothingOutsideOfT(t *testing.T) {
	shown := []string{"Title", "Text", "Footer", "Note", "Detail", "Label", "Value", "Sentence", "Hint"}
	words := regexp.MustCompile(`[A-Za-z]{2}`)
	allowed := []string{"Newsdesk ", " · retry "} // a name, and words that are typed
	for path, f := range parsed(t, ".") {
		check := func(e ast.Expr) {
			ast.Inspect(e, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr, *ast.IndexExpr, *ast.FuncLit:
					return false
				case *ast.BasicLit:
					if s, ok := constant(n); ok && words.MatchString(s) && !slices.Contains(allowed, s) {
						t.Errorf("%s: %q reaches a card in English only", path, s)
					}
				}
				return true
			})
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(shown, key.Name) {
					check(n.Value)
				}
			case *ast.CompositeLit:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Fact" {
					for _, e := range n.Elts {
						check(e)
					}
				}
			case *ast.AssignStmt:
				if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && slices.Contains(shown, to.Sel.Name) {
					check(n.Rhs[0])
				}
			}
			return true
		})
	}
}

// TestReasonsAreRead rates and judges stories of every sort and puts what the
// packages say into German.
func TestReasonsAreRead(t *testing.T) {
	at := time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC)
	said := map[string]bool{}
	parts := map[string]bool{}
	rate := func(s impact.Signals) {
		_, ps := impact.Rate(s)
		for _, p := range ps {
			said[p.Why], parts[p.Name] = true, true
		}
	}
	events := []string{impact.Release, impact.Funding, impact.Acquisition, impact.Regulation, impact.Lawsuit, impact.Security, impact.Outage, impact.Research, impact.Hardware,
		impact.People, impact.Business, impact.Deal, impact.Product, impact.Patch, impact.Showing, impact.Opinion, impact.Other}
	for _, e := range events {
		for _, status := range []string{"rumour", "reported", "confirmed", "denied"} {
			for _, outlets := range []int{0, 1, 2, 7} {
				for copies := range 3 {
					s := impact.Signals{Event: e, Status: status, Novelty: float64(copies), Since: at}
					for i := range outlets {
						s.Coverage = append(s.Coverage, impact.Outlet{Source: "S" + strconv.Itoa(i), Kind: "press", Authority: 0.4, At: at.Add(time.Duration(i) * time.Minute), Interest: 0.15 * float64(copies)})
					}
					for i := range copies {
						s.Coverage = append(s.Coverage, impact.Outlet{Source: "C" + strconv.Itoa(i), Kind: "press", At: at.Add(time.Duration(30+40*i) * time.Hour), Copy: true})
					}
					if copies > 0 {
						s.Subjects = []impact.Subject{{Name: "DeepSeek", Weight: 1, Title: true}, {Name: "Huawei", Weight: 0.5}}
						s.Figures = []impact.Figure{{Text: "1.2 trillion parameters", Value: 1.2e12, Unit: "parameters"}}
					}
					rate(s)
				}
			}
		}
	}
	for _, d := range []brief.Doc{
		{Title: "DeepSeek denies plans for R2"}, {Title: "DeepSeek announces R2", Official: true}, {Title: "DeepSeek announces R2"},
		{Title: "DeepSeek reportedly plans R2"}, {Title: "DeepSeek works on R2", Authority: 0.9},
	} {
		d.Source, d.Published, d.Lang = "Heise", at, "en"
		st, _ := brief.Judge([]brief.Doc{d})
		said[st.Why] = true
	}
	if len(said) < 45 {
		t.Errorf("only %d reasons were heard", len(said))
	}
	for _, why := range slices.Sorted(maps.Keys(said)) {
		if got := German.reason(why); got == why {
			t.Errorf("%q has no German", why)
		}
		if got := English.reason(why); got != why {
			t.Errorf("%q is %q in English", why, got)
		}
	}
	for name := range parts {
		if german[name] == "" {
			t.Errorf("the part %q has no German", name)
		}
	}
	for why, want := range map[string]string{
		"14 outlets, worth 11.3 independent voices; of little weight: 2 copies": "14 Medien, so viel wert wie 11,3 unabhängige Stimmen; von geringem Gewicht: 2 Kopien",
		"denied: “No,” they said.":                                              "dementiert: “No,” they said.",
		"it is about OpenAI, Meta":                                              "es geht um OpenAI, Meta",
		"a sentence nobody foresaw":                                             "a sentence nobody foresaw",
		"100 % sure: it is 5%d":                                                 "100 % sure: it is 5%d",
	} {
		if got := German.reason(why); got != want {
			t.Errorf("%q is %q, want %q", why, got, want)
		}
	}
}

// Printers serve all questions at once; go test -race watches them.
func TestManySpeakAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				if got, want := Lang(i%2).T("%d sources", n+2), strconv.Itoa(n+2)+[]string{" sources", " Quellen"}[i%2]; got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}
