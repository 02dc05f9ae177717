package topic

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ids(hs []Hit) []string {
	out := []string{}
	for _, h := range hs {
		out = append(out, h.ID)
	}
	return out
}

func TestMatch(t *testing.T) {
	tests := []struct {
		title, text string
		with        []string // in this order
		without     []string
	}{
		{"DeepSeek is said to prepare R2", "", []string{"deepseek", "r2"}, nil},
		{"R2 unit docks at the space station", "", nil, []string{"r2"}},
		{"Meta releases Llama 4", "", []string{"meta", "llama"}, nil},
		{"A meta analysis of llama wool", "", nil, []string{"meta", "llama"}},
		{"Meta shares fall", "The company behind Instagram reports tomorrow.", []string{"meta"}, nil},
		{"Gemini and Virgo: your week in the stars", "", nil, []string{"gemini"}},
		{"Google ships Gemini 3 Pro", "", []string{"google", "gemini"}, nil},
		{"Claude Monet exhibition opens", "Paintings of water lilies.", nil, []string{"claude"}},
		{"Anthropic's Claude learns to browse", "", []string{"anthropic", "claude"}, nil},
		{"深度求索发布新模型", "据悉，华为昇腾芯片", []string{"deepseek", "huawei", "ascend"}, nil},
		{"美国商务部收紧出口管制", "", []string{"bis"}, []string{"mofcom"}},
		{"商务部回应", "中国对美国的AI芯片管制", []string{"mofcom"}, []string{"bis"}},
		{"Chip exports to China: Nvidia's H20 is cleared", "New export controls.", []string{"nvidia", "h20", "export-controls"}, nil},
		{"OpenAI", "o3 is out, says Sam Altman.", []string{"openai", "o-series", "sam-altman"}, nil},
		{"The phi coefficient explained", "", nil, []string{"phi"}},
		{"", "", nil, []string{"openai"}},
	}
	for _, tt := range tests {
		got := ids(Default().Match(tt.title, tt.text))
		last := -1
		for _, id := range tt.with {
			i := slices.Index(got, id)
			if i < 0 || i < last {
				t.Errorf("%q: %v, want %v in this order", tt.title, got, tt.with)
				break
			}
			last = i
		}
		for _, id := range tt.without {
			if slices.Contains(got, id) {
				t.Errorf("%q: %v holds %q", tt.title, got, id)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for called, want := range map[string]string{
		"deepseek": "deepseek", "DeepSeek": "deepseek", "deep seek": "deepseek", "深度求索": "deepseek", "r2": "r2", "R2": "r2",
		"open ai": "openai", "sam altman": "sam-altman", "export-controls": "export-controls", "AI Act": "eu-ai-act", "meta": "meta",
	} {
		if got, ok := Default().Find(called); !ok || got.ID != want {
			t.Errorf("Find(%q) = %q, %v; want %q", called, got.ID, ok, want)
		}
	}
	for _, called := range []string{"", "  ", "nonsense", "deep"} {
		if got, ok := Default().Find(called); ok {
			t.Errorf("Find(%q) = %q", called, got.ID)
		}
	}
}

func TestOfficial(t *testing.T) {
	for host, want := range map[string]string{
		"www.deepseek.com": "deepseek", "api-docs.deepseek.com": "deepseek", "blog.google": "google", "deepmind.google": "google-deepmind",
		"openai.com": "openai", "notopenai.com": "", "com": "", "": "",
	} {
		if got, _ := Default().Official(host); got != want {
			t.Errorf("Official(%q) = %q, want %q", host, got, want)
		}
	}
}

func TestModels(t *testing.T) {
	for text, want := range map[string]string{
		"GPT-5.1 is out":                     "gpt-5.1",
		"GPT5.1 and GPT 5.2":                 "gpt-5.1 gpt-5.2",
		"Claude Opus 4.5 beats Gemini 3 Pro": "claude-opus-4.5 gemini-3-pro",
		"DeepSeek R2, DeepSeek-R1 and V3":    "deepseek-r1 deepseek-r2 deepseek-v3",
		"R2 leaks":                           "",
		"OpenAI's o3-mini":                   "openai-o3-mini",
		"Llama 3 of 2025":                    "llama-3",
		"Qwen3-Coder":                        "qwen-3-coder",
		"Gemini raises $40 million in 2025":  "",
		"Kimi K2 Thinking":                   "kimi-k-2-thinking",
		"Gemini3.5Pro谷歌":                     "gemini-3.5-pro",
		"Gemini 3 promises much":             "gemini-3",
		"no model at all":                    "",
	} {
		if got := strings.Join(Models(text), " "); got != want {
			t.Errorf("Models(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const ok = "a\tA\tlab\t\t0.5\t\t\t\n"
	for in, want := range map[string]string{
		"a\tA\n":                            "line 1: 2 columns",
		"# note\n\na\tA\tlab\t\tmuch\t\t\t": "line 3, column 5",
		ok + ok:                             "line 2, column 1",
		"a\tA\tlab\tnobody\t0.5\t\t\t":      `belongs to "nobody"`,
		"\tA\tlab\t\t0.5\t\t\t":             "line 1: id and name",
	} {
		if _, err := Parse(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want %q", in, err, want)
		}
	}
}

// The sample that operators copy keeps its tabs.
func TestSampleOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(text), "\n    # id\t")
	sample, _, _ = strings.Cut(sample, "\n\n")
	g, err := Parse(strings.NewReader(strings.ReplaceAll("# "+sample, "\n    ", "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if l, ok := g.Lookup("tessera"); !ok || l.Name != "Tessera Labs" {
		t.Errorf("%q makes %+v", sample, l)
	}
}

func TestDefault(t *testing.T) {
	g := Default()
	if len(g.order) < 150 {
		t.Errorf("%d topics", len(g.order))
	}
	for _, id := range g.order {
		if got, ok := g.Find(g.topics[id].Name); !ok || got.ID != id {
			t.Errorf("%q is found as %q", g.topics[id].Name, got.ID)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	text := strings.Repeat("DeepSeek and Huawei say that the new model is cheaper than GPT-5 and Claude. ", 4)
	for b.Loop() {
		Default().Match("DeepSeek is said to prepare R2 with Huawei Ascend chips", text)
	}
}

// TestAmbiguous holds names that are words, people or places elsewhere to
// their context, in five languages.
func TestAmbiguous(t *testing.T) {
	for title, id := range map[string]string{
		"Arm designs its first own chip for data centres":                        "arm",
		"SoftBank's Arm raises its forecast":                                     "arm",
		"Harvey, the legal AI startup, doubles its valuation":                    "harvey",
		"Cognition's Devin learns to test its own code":                          "cognition",
		"AMD's Lambda wins a GPU cloud contract":                                 "lambda-labs",
		"Glean adds agents to its enterprise search":                             "glean",
		"Stripe lets AI agents pay":                                              "stripe",
		"Crusoe breaks ground for a Stargate data center":                        "crusoe",
		"Kakao et OpenAI s'associent à Séoul":                                    "kakao",
		"Brüssel prüft Apple nach dem DMA":                                       "dma",
		"Manus startet einen AI agent für Tabellen":                              "manus",
		"Sequoia led the round, say two investors":                               "sequoia",
		"Colossus, Musk's data centre in Memphis, doubles":                       "colossus",
		"Tesla zeigt Optimus beim Sortieren":                                     "optimus",
		"可灵上线新版本，快手股价上涨":                                                         "kling",
		"英伟达推出机器人平台":                                                             "nvidia",
		"La CNIL met en garde contre la reconnaissance faciale":                  "surveillance",
		"Wasserzeichen für KI-Bilder werden Pflicht":                             "watermarking",
		"Los derechos de autor llegan al Tribunal Supremo: aranceles a la vista": "tariffs",
		"Halbleiter aus Dresden: der Bau beginnt":                                "foundry",
		"Gemini3.5Pro kommt später":                                              "gemini",
		"GPT7 is out":                                                            "gpt",
		"Claude 9 ships":                                                         "claude",
		"Kimi K5 ist da":                                                         "kimi",
		"Sora2 im Test":                                                          "sora",
	} {
		if got := ids(Default().Match(title, "")); !slices.Contains(got, id) {
			t.Errorf("%q: %v, want %q", title, got, id)
		}
	}
	for title, id := range map[string]string{
		"Pitcher misses season with an arm injury":    "arm",
		"Prince Harvey Weinberg opens a museum":       "harvey",
		"Lambda calculus for beginners":               "lambda-labs",
		"What to glean from the harvest":              "glean",
		"A stripe of paint on the road":               "stripe",
		"Robinson Crusoe on stage":                    "crusoe",
		"Kakao wird teurer: schlechte Ernte in Ghana": "kakao",
		"Sierra Leone holds elections":                "sierra",
		"Giant sequoia trees survive the fire":        "sequoia",
		"The Colossus of Rhodes, rebuilt in paper":    "colossus",
		"Optimus Prime returns to the cinema":         "optimus",
		"Mila Kunis joins the cast":                   "mila",
		"Rabbit holes of the web":                     "rabbit",
		"Un visa pour l'Europe":                       "visa",
		"Der Orange Blossom Special fährt wieder":     "orange",
		"El garante de la paz":                        "garante",
		"Aurora borealis over Scotland":               "aurora",
		"A falcon nests on the tower":                 "falcon",
		"The magic of Jasper stones":                  "jasper",
		"Cursor blinks, nothing happens":              "cursor",
		"A writer on the coast":                       "writer",
		"Snap election in Japan":                      "snap",
		"Fair trade coffee sells better":              "fair",
		"Turing pattern on a zebrafish":               "turing-com",
		"Reliance on coal falls":                      "reliance",
		"The comet passes the sun":                    "comet",
		"An operator's manual":                        "operator",
		"Honor among thieves":                         "honor",
		"Notion of justice in Kant":                   "notion",
		"Imagination and play":                        "imagination",
		"Gemini 2026: your horoscope":                 "gemini",
		"Jasper 3 stones":                             "jasper",
	} {
		if got := ids(Default().Match(title, "")); slices.Contains(got, id) {
			t.Errorf("%q: %v holds %q", title, got, id)
		}
	}
}

// TestMatchBy lets a publisher speak for the names of its own.
func TestMatchBy(t *testing.T) {
	for _, tt := range []struct {
		by, title, id string
		want          bool
	}{
		{"", "Introducing Claude", "claude", false},
		{"anthropic", "Introducing Claude", "claude", true},
		{"windsurf", "Windsurf 1.12", "windsurf", true},
		{"google", "Introducing Claude", "claude", false},
		{"anthropic", "The comet passes the sun", "comet", false},
	} {
		if got := slices.Contains(ids(Default().MatchBy(tt.by, tt.title, "")), tt.id); got != tt.want {
			t.Errorf("%q by %q: %v, want %v", tt.title, tt.by, got, tt.want)
		}
	}
}

func TestWith(t *testing.T) {
	const own = "tessera\tTessera Labs\tlab\t\t0.4\ttessera.example\tTessera\t\n" +
		"mosaic\tMosaic\tmodel\ttessera\t0.3\t\t\t\n" +
		"gemini\tGemini\tproduct\topenai\t0.1\t\tGemini Horoscopes\t\n"
	g, err := Default().With(strings.NewReader(own))
	if err != nil {
		t.Fatal(err)
	}
	if top, _ := g.Lookup("mosaic"); top.Owner != "tessera" || len(g.Match("Mosaic arrives at Tessera", "")) != 2 {
		t.Errorf("%+v, %v", top, g.Match("Mosaic arrives at Tessera", ""))
	}
	if id, ok := g.Official("www.tessera.example"); id != "tessera" || !ok {
		t.Error(id, ok)
	}
	if top, _ := g.Find("Gemini"); top.Owner != "openai" || len(g.order) != len(Default().order)+2 {
		t.Errorf("%+v: the file's topic must take the place of the built-in one", top)
	}
	if _, ok := Default().Lookup("tessera"); ok {
		t.Error("the built-in gazetteer changed")
	}
	if _, err := Default().With(strings.NewReader("a\tA\tlab\tnobody\t0.4\t\t\t\n")); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Error(err)
	}
}

// TestMayName holds the look ahead of Models to its expressions.
func TestMayName(t *testing.T) {
	piece := rapid.SampledFrom([]string{"gpt", "Claude", "opus", "kimi-k", "deepseek", "R", "V", "v", "o", " ", "-", ".", "$", "(", "3", "4.5", "20", "mini", "é", "：", "发布"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "text"), "")
		for _, re := range []*regexp.Regexp{versioned, letter, bare, series} {
			if re.MatchString(text) && !mayName(text) {
				t.Fatalf("%q names a version", text)
			}
		}
	})
}
