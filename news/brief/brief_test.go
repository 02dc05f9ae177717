package brief

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var day = time.Date(2025, 4, 28, 8, 0, 0, 0, time.UTC)

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"One. Two! Three?": {"One.", "Two!", "Three?"},
		"Dr. Lee of Acme Inc. said so. It cost $3.5 bn.":         {"Dr. Lee of Acme Inc. said so.", "It cost $3.5 bn."},
		"The U.S. agency and J. Smith agree. Done.":              {"The U.S. agency and J. Smith agree.", "Done."},
		"模型发布。参数达1.2万亿。":                                         {"模型发布。", "参数达1.2万亿。"},
		"Das kostet z.B. 3 Mio. Euro. Mehr nicht.":               {"Das kostet z.B. 3 Mio. Euro.", "Mehr nicht."},
		"Die Frist endet am 22. Mai. Es gab 12. Der Rest folgt.": {"Die Frist endet am 22. Mai.", "Es gab 12.", "Der Rest folgt."},
		"": nil,
	} {
		if got := Sentences(text); !slices.Equal(got, want) {
			t.Errorf("Sentences(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSummarise(t *testing.T) {
	docs := []Doc{
		{ID: "1", Source: "A", Authority: 0.8, Title: "DeepSeek R2 rumour spreads", Text: "Posts on a stock forum claim that DeepSeek has finished training R2, a model with 1.2 trillion parameters. Read more on our site. The company has not commented on the claims. Analysts warn that the numbers come from a single post."},
		{ID: "2", Source: "B", Authority: 0.6, Title: "R2 leak", Text: "Posts on a stock forum claim DeepSeek finished training R2 with 1.2 trillion parameters. Training is said to have used Huawei Ascend chips at 82 per cent utilisation. Subscribe to our newsletter. 96 points, 240 comments."},
	}
	b := Summarise(docs)
	if utf8.RuneCountInString(b.Standfirst) > standfirstMax || utf8.RuneCountInString(b.Summary) > summaryMax || len(b.Body) > 3 {
		t.Errorf("too long: %+v", b)
	}
	if !strings.Contains(b.Standfirst, "1.2 trillion") || !strings.HasPrefix(b.Summary, b.Standfirst) || b.Summary == b.Standfirst {
		t.Errorf("standfirst %q, summary %q", b.Standfirst, b.Summary)
	}
	all := b.Summary + strings.Join(b.Body, " ")
	if strings.Count(all, "finished training") != 1 {
		t.Errorf("it repeats itself: %q", all)
	}
	for _, junk := range []string{"Read more", "Subscribe", "96 points"} {
		if strings.Contains(all, junk) {
			t.Errorf("%q in %q", junk, all)
		}
	}
}

// TestCredits wants the outlet behind every sentence of a brief.
func TestCredits(t *testing.T) {
	docs := []Doc{
		{ID: "1", Source: "Ledger", Title: "R2", Text: "DeepSeek readies a model named R2 in Hangzhou. Its chips come from Huawei, a first for the laboratory. A date is still missing from every document."},
		{ID: "2", Source: "Courier", Title: "R2", Text: "Investors in New York sold shares of Nvidia at once. Regulators abroad watch the exports of semiconductors."},
	}
	b := Summarise(docs)
	check := func(text string, credits []Credit) {
		t.Helper()
		from := 0
		for _, c := range credits {
			for _, s := range Sentences(text[from:c.End]) {
				i := slices.IndexFunc(docs, func(d Doc) bool { return strings.Contains(d.Text, s) })
				if i < 0 || docs[i].Source != c.Source {
					t.Errorf("%q is said to be by %s", s, c.Source)
				}
			}
			from = c.End
		}
		if from != len(text) || from == 0 {
			t.Errorf("%q has credits up to %d, want all of it", text, from)
		}
	}
	check(b.Summary, b.Credits.Summary)
	if len(b.Credits.Body) != len(b.Body) || len(b.Body) == 0 {
		t.Fatalf("%d paragraphs with %d credits", len(b.Body), len(b.Credits.Body))
	}
	for i, p := range b.Body {
		check(p, b.Credits.Body[i])
	}
	if got := Credited("One. Two. Three.", []Credit{{"A", 4}, {"B", 16}}); got != "One. (A) Two. Three. (B)" {
		t.Errorf("%q", got)
	}
}

func TestSummariseIsNeverEmpty(t *testing.T) {
	for _, d := range []Doc{
		{Title: "Only a headline"}, {Title: "A headline", Text: "Read more"}, {Title: strings.Repeat("word ", 2000)},
		{Title: "🚀"}, {Title: "T", Text: strings.Repeat("x", 10_000)}, {Title: "Copy", Text: "Some text that is long enough to be told.", Copy: true},
	} {
		b := Summarise([]Doc{d})
		if b.Standfirst == "" || b.Summary == "" || utf8.RuneCountInString(b.Standfirst) > standfirstMax || utf8.RuneCountInString(b.Summary) > summaryMax {
			t.Errorf("%.40q: %+v", d.Title, b)
		}
	}
	Summarise(nil)
}

func TestFigures(t *testing.T) {
	for s, want := range map[string]Figure{
		"R2 is said to have 1.2 trillion parameters.": {Value: "1.2 trillion", Unit: "parameters", Of: "R2"},
		"DeepSeek R2 would have 1.2T parameters":      {Value: "1.2 trillion", Unit: "parameters", Of: "DeepSeek R2"},
		"A 671B-parameter model":                      {Value: "671 billion", Unit: "parameters"},
		"R2 would cost 97.3 per cent less.":           {Value: "97.3", Unit: "%", Of: "R2"},
		"Halcyon raised $40 million on Monday.":       {Value: "40 million", Unit: "USD", Of: "Halcyon"},
		"Halcyon raised US$6.6bn":                     {Value: "6.6 billion", Unit: "USD", Of: "Halcyon"},
		"Verity sammelt 90 Millionen Euro ein":        {Value: "90 million", Unit: "EUR", Of: "Verity"},
		"Das Modell ist um 12,5 Prozent schneller":    {Value: "12.5", Unit: "%", Of: "Modell"},
		"参数达1.2万亿":                                    {Value: "1.2 trillion", Unit: "parameters"},
		"A cluster of 100,000 GPUs":                   {Value: "100,000", Unit: "GPUs"},
		"ChatGPT has 400 million weekly users":        {Value: "400 million", Unit: "users", Of: "ChatGPT"},
		"The site draws 1.2 GW":                       {Value: "1.2 G", Unit: "W"},
		"The new chip is 10x faster than before":      {Value: "10", Unit: "x"},
		"It has a context of 128K tokens":             {Value: "128 thousand", Unit: "tokens"},
	} {
		fs := Figures([]Doc{{Source: "A", Title: "x", Text: s}})
		if len(fs) != 1 {
			t.Errorf("%q: %+v, want one figure", s, fs)
			continue
		}
		got := fs[0]
		if got.Value != want.Value || got.Unit != want.Unit || want.Of != "" && got.Of != want.Of || got.ClaimedBy != "A" {
			t.Errorf("%q: %+v, want %+v", s, got, want)
		}
	}
	for _, s := range []string{"", "In 2025 it was 28 April", "GPT-5 and Llama 3", "Version 1.2.3", "The Boeing 747 flies", "trained on Ascend 910B chips and H100 GPUs", "GPT-5.1 users will notice"} {
		if fs := Figures([]Doc{{Source: "A", Title: s}}); len(fs) > 0 {
			t.Errorf("%q: %+v, want no figure", s, fs)
		}
	}
	if fs := Figures([]Doc{{Source: "A", Title: "x", Text: "96 points, 240 comments. Submitted by ninefold."}}); len(fs) > 0 {
		t.Errorf("votes: %+v, want no figure", fs)
	}
	two := Figures([]Doc{
		{Source: "A", Text: "R2 has 1.2 trillion parameters."}, {Source: "B", Text: "According to Jiuyan, R2 has 1,210 billion parameters. R2 has 2 trillion parameters."},
	})
	if len(two) != 2 || two[0].Value != "1.2 trillion" || two[1].Value != "2 trillion" {
		t.Errorf("agreeing and conflicting figures: %+v", two)
	}
}

func TestFiguresSideBySide(t *testing.T) {
	docs := []Doc{
		{Source: "A", Text: "Halcyon raised $40 million on Monday."},
		{Source: "B", Text: "Halcyon raised $55 million on Monday."},
		{Source: "C", Text: "Halcyon raised $40 million on Monday."},
	}
	fs := Figures(docs)
	if len(fs) != 1 || fs[0].Value != "40 million" || len(fs[0].Others) != 1 || fs[0].Others[0] != (Claim{Value: "55 million", ClaimedBy: "B"}) {
		t.Errorf("%+v, want 55 million by B beside the 40 million of the others", fs)
	}
	// One article that has both tells of two things; so do values far apart.
	docs[1].Text += " Halcyon raised $40 million before."
	if fs := Figures(docs); len(fs) != 2 {
		t.Errorf("%+v, want two figures", fs)
	}
	docs[1].Text = "Halcyon raised $2 billion in all."
	if fs := Figures(docs); len(fs) != 2 {
		t.Errorf("%+v, want two figures", fs)
	}
}

func TestValue(t *testing.T) {
	for value, want := range map[string]float64{
		"1.2 trillion": 1.2e12, "12.5": 12.5, "1,250.50": 1250.5, "100,000": 1e5, "1.2 G": 1.2e9, "3e25": 3e25, "?": 0, "1e999": 0, "": 0,
	} {
		if got := Value(Figure{Value: value}); got != want {
			t.Errorf("Value(%q) = %g, want %g", value, got, want)
		}
	}
}

func TestJudgeOneArticle(t *testing.T) {
	tests := []struct {
		lang, title, text string
		official          bool
		want              string
	}{
		{"en", "DeepSeek R2 rumoured to launch in May", "", false, Rumour},
		{"en", "DeepSeek reportedly readies R2", "", false, Rumour},
		{"en", "DeepSeek R2 could launch early", "The company has not confirmed a date.", false, Rumour},
		{"en", "DeepSeek readies R2", "People familiar with the matter said the model is near.", false, Reported},
		{"en", "DeepSeek moves R2 forward", "The startup wants the model out sooner.", false, Reported},
		{"en", "DeepSeek launches R2", "", false, Confirmed},
		{"en", "Introducing R2", "Today we release the weights.", true, Confirmed},
		{"en", "A note on R2", "Benchmarks and price list.", true, Confirmed},
		{"en", "On recent rumours", "Reports about R2 are false.", true, Denied},
		{"en", "DeepSeek denies R2 reports", "", false, Denied},
		{"en", "DeepSeek has not confirmed R2", "Speculation is rife.", false, Rumour},
		{"en", "DeepSeek neither confirmed nor denied the claims", "Sources told us that it is near.", false, Reported},
		{"en", "Founder denied bail", "", false, Reported},
		{"de", "Sprachmodelle schlafen nie", "", false, Reported},
		{"en", "After months of rumours, DeepSeek launches R2", "", false, Confirmed},
		{"de", "DeepSeek soll R2 vorbereiten", "", false, Rumour},
		{"de", "Bund fördert Sprachmodell für Behörden", "Das Modell soll Anträge prüfen.", false, Confirmed},
		{"de", "DeepSeek stellt R2 vor", "DeepSeek stellt vor: R2.", false, Confirmed},
		{"de", "DeepSeek dementiert Berichte über R2", "", false, Denied},
		{"de", "Insidern zufolge steht R2 vor dem Start", "", false, Reported},
		{"fr", "DeepSeek aurait terminé R2", "", false, Rumour},
		{"fr", "DeepSeek dévoile R2", "", false, Confirmed},
		{"fr", "DeepSeek dément les rumeurs sur R2", "", false, Denied},
		{"es", "DeepSeek podría lanzar R2 en mayo", "", false, Rumour},
		{"es", "DeepSeek lanza R2", "", false, Confirmed},
		{"es", "DeepSeek desmiente los rumores", "", false, Denied},
		{"zh", "据传DeepSeek R2即将到来", "", false, Rumour},
		{"zh", "DeepSeek正式发布R2", "", false, Confirmed},
		{"zh", "DeepSeek否认R2传闻", "", false, Denied},
		{"zh", "知情人士：R2进展顺利", "", false, Reported},
	}
	for _, tt := range tests {
		got, _ := Judge([]Doc{{Source: "A", Kind: "press", Lang: tt.lang, Title: tt.title, Text: tt.text, Official: tt.official, Published: day}})
		if got.Value != tt.want {
			t.Errorf("%q (%q): %s (%s), want %s", tt.title, tt.text, got.Value, got.Why, tt.want)
		}
	}
}

// TestNothingIsDeniedWithoutAWord: whatever the kinds of source and event, a
// denial has wording that can be shown.
func TestNothingIsDeniedWithoutAWord(t *testing.T) {
	for _, kind := range sourceKinds {
		for _, event := range events {
			for _, title := range []string{"Webinar: seven habits of tidy training data", "A note to readers", "“Tidy data”"} {
				d := Doc{Source: "A", Kind: kind, Event: event, Title: title, Text: "The invitation will follow by post.", Lang: "en", Published: day}
				if got, _ := Judge([]Doc{d}); got.Value == Denied {
					t.Fatalf("%s, %s, %q: %s (%s)", kind, event, title, got.Value, got.Why)
				}
			}
		}
	}
}

func TestJudgeAStory(t *testing.T) {
	at := func(h int, d Doc) Doc { d.Published = day.Add(time.Duration(h) * time.Hour); return d }
	rumour := Doc{Source: "A", Title: "R2 rumour: 1.2 trillion parameters"}
	again := Doc{Source: "B", Title: "DeepSeek is said to train R2"}
	report := Doc{Source: "C", Title: "DeepSeek nears R2", Text: "People familiar with the matter said so."}
	denial := Doc{Source: "D", Title: "DeepSeek denies R2 reports"}
	official := Doc{Source: "DeepSeek", Official: true, Title: "Introducing DeepSeek R2"}
	late := Doc{Source: "E", Title: "R2 rumours: what we know"}
	tests := []struct {
		name string
		docs []Doc
		want string
	}{
		{"many rumours stay one", []Doc{at(0, rumour), at(1, again), at(2, late)}, "rumour"},
		{"an outlet answers for it", []Doc{at(0, rumour), at(1, report)}, "rumour reported"},
		{"denied, whatever is said later", []Doc{at(0, rumour), at(2, denial), at(3, again), at(4, report)}, "rumour denied"},
		{"denied, then published", []Doc{at(0, rumour), at(2, denial), at(9, official), at(10, late)}, "rumour denied confirmed"},
		{"order of arrival does not matter", []Doc{at(9, official), at(2, denial), at(0, rumour)}, "rumour denied confirmed"},
		{"a copy says nothing", []Doc{at(0, rumour), at(1, Doc{Source: "F", Title: "DeepSeek launches R2", Copy: true})}, "rumour"},
	}
	for _, tt := range tests {
		cur, history := Judge(tt.docs)
		var got []string
		for _, s := range append(history, cur) {
			got = append(got, s.Value)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
		if cur.Why == "" || cur.Source == "" || cur.Since.IsZero() {
			t.Errorf("%s: %+v lacks its reason", tt.name, cur)
		}
	}
}

// TestWhyQuotesTheSentence that decided, not another one of the article.
func TestWhyQuotesTheSentence(t *testing.T) {
	for _, tt := range []struct {
		title, text, want string
	}{
		{"Halcyon denies a merger with Orbit", "It had been a long week.", "denied: “Halcyon denies a merger with Orbit”"},
		{"Halcyon and Orbit", "The week was long. A spokesperson for Halcyon said that the report is false. Shares were quiet.", "denied: “A spokesperson for Halcyon said that the report is false.”"},
		{"Substrate makers and Malaysia", "Two plants are being built.", "reported as fact"},
	} {
		s, _ := Judge([]Doc{{ID: "a", Source: "The Ledger", Kind: "press", Authority: 0.6, Title: tt.title, Text: tt.text, Lang: "en"}})
		if s.Why != tt.want {
			t.Errorf("%s: %s, want %s", tt.title, s.Why, tt.want)
		}
	}
}

// TestNothingIsNoRumour without wording that makes it doubtful, and a day of the
// week confirms nothing.
func TestNothingIsNoRumour(t *testing.T) {
	for title, text := range map[string]string{
		"Substrate makers expand in Malaysia": "Two more plants are being built there.",
		"What coffee taught us":               "It was drunk on Monday.",
		"Seven habits of teams":               "The talk is on 6 May.",
	} {
		if s, _ := Judge([]Doc{{ID: "a", Source: "The Ledger", Kind: "press", Authority: 0.6, Title: title, Text: text, Lang: "en", Event: "other"}}); s.Value != Reported {
			t.Errorf("%s: %s, %s", title, s.Value, s.Why)
		}
	}
}

// TestUnread tells idle sentences from those that only look so.
func TestUnread(t *testing.T) {
	for s, want := range map[string]bool{
		"Read more about it on our site.":           true,
		"Subscribe for the weekly letter.":          true,
		"96 points, 240 comments":                   true,
		"The post Halcyon opens appeared elsewhere": true,
		"点击阅读全文":                                    true,
		"Halcyon has 96 million subscribers.":       false,
		"The post office bought 96 chips.":          false,
		"Reading more books made no difference.":    false,
		"公司发布新模型。":                                  false,
	} {
		if unread(s) != want {
			t.Errorf("%q: %v, want %v", s, !want, want)
		}
	}
}
