package brief

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func amounts(s string) string {
	var out []string
	for _, f := range SentenceFigures(s) {
		out = append(out, f.Amount())
	}
	return strings.Join(out, "; ")
}

// TestGrammarOfFigures holds a sentence for each rule, by language.
func TestGrammarOfFigures(t *testing.T) {
	tests := []struct{ sentence, want string }{
		// Numbers and magnitudes.
		{"The bill came to $2,499.90 a year.", "2,499.90 USD"},
		{"Verity raised $2.5bn at a value of $31-billion.", "2.5 billion USD; 31 billion USD"},
		{"Half a billion dollars, or one and a half billion euros, or a quarter of a billion pounds.", "500 million USD; 1.5 billion EUR; 250 million GBP"},
		{"Twenty-five million users and two dozen GPUs.", "25 million users; 24 GPUs"},
		{"Training took 3e25 FLOP, over the threshold of 10^25 FLOPs.", "3e25 FLOPS; 1e25 FLOPS"},
		{"Krona will spend 1.2 lakh crore rupees.", "1.2 trillion INR"},
		{"Es sind 1.234.567 Nutzer und 12,5 Mrd. Euro.", "1,234,567 users; 12.5 billion EUR"},
		{"Das kostet anderthalb Millionen Euro und eine halbe Milliarde Dollar.", "1.5 million EUR; 500 million USD"},
		{"Das Modell hat 1,5 Billionen Parameter.", "1.5 trillion parameters"},
		{"Le groupe a 12 000 GPU et un million et demi d'utilisateurs.", "12,000 GPUs; 1.5 million users"},
		{"Le chiffre est de 25,2 milliards de dollars, soit 3 M€ par jour.", "25.2 billion USD; 3 million EUR"},
		{"Il a lu 15 billions de jetons.", "15 trillion tokens"},
		{"Costó mil millones de euros y 2,5 mil millones de dólares.", "1 billion EUR; 2.5 billion USD"},
		{"El modelo tiene 1,8 billones de parámetros y medio millón de usuarios.", "1.8 trillion parameters; 500 thousand users"},
		{"投资三百五十亿元，另有1亿2000万美元和5千万欧元。", "35 billion CNY; 120 million USD; 50 million EUR"},
		{"公司有100多万用户和万亿参数。", "1 million users; 1 trillion parameters"},

		// Money.
		{"NT$90 billion, a $5 coin, ₩100, Rs 40, CHF 3m.", "90 billion TWD; 5 USD; 100 KRW; 40 INR; 3 million CHF"},
		{"OpenAI's $38-billion deal", "38 billion USD"},
		{"The card costs 60 cents an hour or 3,000 yen a month.", "0.6 USD; 3,000 JPY"},
		{"The RTX 5090 $1,999.", "1,999 USD"},
		{"Es kostet 30 Cent je Million Token.", "0.3 EUR"},
		{"每百万词元2元，约合3亿日元。", "2 CNY; 300 million JPY"},

		// Watts and FLOPS.
		{"The 1.2-gigawatt site adds 310 MW and five kilowatts.", "1.2 GW; 310 MW; 5 kW"},
		{"It manages 1.7 exaFLOPS.", "1.7 EFLOPS"},
		{"功耗为1.2兆瓦，算力2.5EFLOPS。", "1.2 MW; 2.5 EFLOPS"},

		// Counted nouns and what may stand before them.
		{"It buys a million of its own Trainium chips and 64,000 next-generation GPUs.", "1 million chips; 64,000 GPUs"},
		{"Über 2,3 Millionen zahlende Kunden und 20.000 Nvidia-GPUs.", "more than 2.3 million users; 20,000 GPUs"},
		{"该公司拥有10万张英伟达H100 GPU。", "100 thousand GPUs"},

		// What a result rose to is no difference, and a version begins no range.
		{"On GPQA it rose to 94.6%, ahead of Orbit 3 at 76%.", "94.6 score; 76 score"},
		{"It cut the price of Orbit 4.5 to $5.", "5 USD"},
		{"The machine reaches one exaflops.", "1 EFLOPS"},
		{"Orbit suma 650 millones de usuarios, frente a los 800 millones de Tessera.", "650 million users; 800 million users"},
		{"Helix will 10 Prozent seiner Stellen streichen.", "10 %"},

		// A unit that was named before, or comes from the figure before.
		{"It has a context window of 200K.", "200 thousand tokens"},
		{"参数量为1.2万亿，上下文窗口达100万。", "1.2 trillion parameters; 1 million tokens"},
		{"It has 671 billion parameters (37 billion active).", "671 billion parameters; 37 billion parameters"},
		{"Hyperion takes five gigawatts, Prometheus to one.", "5 GW; 1 GW"},

		// Ranges.
		{"It raises $40-50 billion, between $60 and $65 million, 5 to 7%.", "40 billion USD; 50 billion USD; 60 million USD; 65 million USD; 5 %; 7 %"},
		{"Die Firma kauft 30.000 bis 50.000 Chips für zwischen 20 und 30 Mio. Euro.", "30,000 chips; 50,000 chips; 20 million EUR; 30 million EUR"},
		{"Costará entre 15 y 20 euros.", "15 EUR; 20 EUR"},
		{"售价在20至30美元之间。", "20 USD; 30 USD"},

		// Multiples.
		{"It is 4x faster, 33-fold cheaper, three times as large, twice as good and fivefold.", "4 x; 33 x; 3 x; 2 x; 5 x"},
		{"Es ist dreimal so schnell und 10-mal billiger, doppelt so gut, Faktor 4.", "3 x; 10 x; 2 x; 4 x"},
		{"Il est trois fois plus rapide.", "3 x"},
		{"El modelo es cinco veces más rápido.", "5 x"},
		{"速度提升3倍，营收翻倍。", "3 x; 2 x"},

		// Percent, points and scores.
		{"Profit rose 3.1 per cent, or 2 percentage points.", "3.1 %; 2 points"},
		{"Grok reached 91.2 on GPQA, Opus 4.5 scored 80.9%, 5 points more than Grok 4.", "91.2 score; 80.9 score; 5 points"},
		{"It leads LMArena by 21 points.", "21 points"},
		{"Der Vorsprung auf GPQA beträgt 3 Prozentpunkte.", "3 points"},
		{"Obtuvo 91,2 puntos en GPQA.", "91.2 score"},
		{"百分之五的客户在MMLU之外，领先两个百分点。", "5 score; 2 points"},
	}
	for _, tt := range tests {
		if got := amounts(tt.sentence); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.sentence, got, tt.want)
		}
	}
}

func TestNoFigures(t *testing.T) {
	for _, s := range []string{
		"GPT-5.5, R2, Llama 4 users, iPhone 17 customers and Qwen3-72B.",
		"Trained on Ascend 910B chips, it has version 1.2.3 of 3 May 2026.",
		"At 07:30 on day 3, 24/7, for the 3rd time, 1920x1080, 5G.",
		"One in five users and 3 out of 10 customers, two-thirds of users.",
		"Hundreds of millions of users, a user, several million tokens per million.",
		"He tried three times, by half, in 18 months, with 137 authors and 9,000 people.",
		"On MMLU, the top 10 of 2025 are models 3 and Claude 3.5 models.",
		"Paragraf 44b, Artikel 5, Platz 3.",
		"Appelez le 01 42 55 00 17.",
		"Mil investigadores, un tercio de las empresas, el artículo 15.",
		"星澜920加速卡已开始出货。",
		"The Five won, a 40-pound robot at 150 tokens per second.", "Version 7.1 points to two new phones.", "Led by Birch at a high price.",
		"数百万用户，三分之一，第3款芯片，2024年，5分钟。",
		"", "$", "5", "€ €", "-5-", "10^", "1e",
	} {
		if got := amounts(s); got != "" {
			t.Errorf("%s: %s, want no figure", s, got)
		}
	}
}

func TestParseNumber(t *testing.T) {
	tests := []struct {
		text    string
		decimal byte
		want    float64
		plain   string
	}{
		{"1,250.50", '.', 1250.5, "1,250.50"},
		{"1.250,50", '.', 1250.5, "1,250.50"},
		{"200.000", ',', 200000, "200,000"},
		{"200.000", '.', 200, "200.000"},
		{"0.125", ',', 0.125, "0.125"},
		{"97,3", ',', 97.3, "97.3"},
		{"97,3", '.', 97.3, "97.3"},
		{"1.234.567", ',', 1234567, "1,234,567"},
		{"1'234", '.', 1234, "1,234"},
		{"5\u00a0000", ',', 5000, "5,000"},
		{"1.2.3", '.', -1, ""},
		{"1,2,3", '.', -1, ""},
		{"2025 100", ',', -1, ""},
	}
	for _, tt := range tests {
		v, plain, ok := parseNumber(tt.text, tt.decimal)
		if !ok {
			v, plain = -1, ""
		}
		if v != tt.want || plain != tt.plain {
			t.Errorf("parseNumber(%q, %c) = %g, %q, want %g, %q", tt.text, tt.decimal, v, plain, tt.want, tt.plain)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	tests := []struct{ sentence, code, want string }{
		{"The round is for the firm.", "de", "en"},
		{"Die Runde ist für die Firma.", "", "de"},
		{"La levée est pour les clients.", "en", "fr"},
		{"El modelo es para los usuarios.", "en", "es"},
		{"OpenAI发布GPT-5。", "en", "zh"},
		{"DeepL: 5.000 GPU", "de-AT", "de"},
		{"DeepL: 5.000 GPU", "", "en"},
	}
	for _, tt := range tests {
		if got := languageOf(tokens(tt.sentence), tt.code).code; got != tt.want {
			t.Errorf("%q in %q: %s, want %s", tt.sentence, tt.code, got, tt.want)
		}
	}
}

func TestFiguresInTheLanguageOfTheirArticle(t *testing.T) {
	fs := Figures([]Doc{{Source: "A", Lang: "de", Title: "DeepL: 5.000 GPUs"}})
	if len(fs) != 1 || fs[0].Value != "5,000" {
		t.Errorf("%+v, want 5,000 GPUs", fs)
	}
}

func TestOnlyTheBeginningOfALongSentenceIsRead(t *testing.T) {
	for _, s := range []string{"Abc 5% ", "MMLU Abc 5% ", "5 new ", "one hundred ", "5亿", "Meta's 5 million "} {
		if fs := SentenceFigures(strings.Repeat(s, 10000)); len(fs) > sentenceTokens {
			t.Errorf("%q again and again: %d figures", s, len(fs))
		}
	}
}

// FuzzSentenceFigures checks that no sentence breaks the grammar and that every
// value can be read again.
func FuzzSentenceFigures(f *testing.F) {
	for _, s := range []string{"$40-50 billion", "between 5 and 7%", "数百万用户1亿2000万", "10^25 FLOPs 3e99 W", "one in five users", "a quarter of a", "US$ '5", "twenty-", "5-", "%", "參数5\xff"} {
		f.Add(s)
	}
	units := []string{"%", "points", "score", "x", "W", "FLOPS", "parameters", "tokens", "users", "GPUs", "chips"}
	f.Fuzz(func(t *testing.T, s string) {
		for _, fig := range SentenceFigures(s) {
			if !slices.Contains(units, fig.Unit) && (len(fig.Unit) != 3 || strings.ToUpper(fig.Unit) != fig.Unit) {
				t.Errorf("%q: unit %q", s, fig.Unit)
			}
			number, _, _ := strings.Cut(fig.Value, " ")
			if v := Value(fig); v < 0 || math.IsInf(v, 0) || math.IsNaN(v) || v == 0 && strings.ContainsAny(number, "123456789") && !strings.Contains(number, "e") && len(number) < 300 {
				t.Errorf("%q: %+v has value %g", s, fig, v)
			}
		}
	})
}

func BenchmarkSentenceFigures(b *testing.B) {
	for name, s := range map[string]string{
		"figures":    "CoreWeave has 250,000 Nvidia GPUs and 1.3 gigawatts of contracted power, up from 470 megawatts a year earlier, it said.",
		"no figures": "The company said on Tuesday that it would not comment on rumours and speculation about its plans for the coming year, as usual.",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				SentenceFigures(s)
			}
		})
	}
}
