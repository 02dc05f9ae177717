package newstest

import (
	"slices"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

// Now is the moment at which Stories are told: 12:00 UTC on 28 April 2025.
func Now() time.Time { return time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC) }

// Stories returns a dozen stories as a desk would hold them at Now, newest
// first: rumours, confirmed and denied ones, in English, German and Chinese,
// one with hostile text (k3jh), one with as little as a story may have (bare),
// one whose every text is as long as it gets (long), and one of backlog
// (old7). All but that became what they are with their newest article. Each
// call returns stories of its own; their Seq are 1 and up in order of Updated. What they tell is made up or simplified.
func Stories() []news.Story {
	all := []news.Story{
		{
			ID: "k3j2", Headline: "DeepSeek R2 said to launch in May with 1.2 trillion parameters",
			Impact: 81,
			Parts: parts(
				"coverage", 22, "9 independent sources",
				"velocity", 12, "7 of them within 6 h",
				"authority", 9, "Reuters and The Verge report it",
				"prominence", 16, "DeepSeek leads the story",
				"event", 18, "a flagship model",
				"magnitude", 6, "1.2 trillion parameters",
				"novelty", 4, "the first story about R2 in 14 days",
				"status", -6, "a rumour",
			),
			Status: status(brief.Rumour, `The Verge: "according to people familiar with the matter"`, "The Verge", 165),
			Topics: []string{"deepseek", "r2", "huawei"},
			Brief: brief.Brief{
				Standfirst: "DeepSeek is preparing its R2 model for May, according to posts on Chinese social media.",
				Summary:    "DeepSeek is preparing its R2 model for May, according to posts on Chinese social media. It is said to have 1.2 trillion parameters and to have been trained on Huawei Ascend chips.",
				Body: []string{
					"Posts on Chinese social media describe a mixture-of-experts model with 1.2 trillion parameters, 78 billion of them active. (The Verge)",
					"Training is said to have run on Huawei's Ascend 910B at 82 per cent utilisation. (Heise) Prices would be 97.3 per cent below those of GPT-4o. (The Decoder)",
					"DeepSeek has not commented. (Reuters)",
				},
			},
			Figures: []brief.Figure{
				{Value: "1.2 trillion", Unit: "parameters", Of: "DeepSeek-R2", ClaimedBy: "The Verge"},
				{Value: "97.3", Unit: "%", Of: "cheaper than GPT-4o", ClaimedBy: "The Decoder"},
			},
			Articles: []news.Ref{
				ref("The Verge", "DeepSeek R2 said to launch in May with 1.2 trillion parameters", "https://verge.example/deepseek-r2", 166),
				ref("Heise", "DeepSeek R2: Gerüchte über 1,2 Billionen Parameter", "https://heise.example/deepseek-r2", 150),
				ref("Reuters", "China's DeepSeek speeds up next model, sources say", "https://reuters.example/deepseek-next", 121),
				ref("The Decoder", "DeepSeek's R2 could undercut GPT-4o by 97 percent", "https://decoder.example/r2-price", 97),
				copied(ref("Example Wire", "DeepSeek R2 said to launch in May", "https://wire.example/r2", 80), "k3j2-0"),
				ref("机器之心", "传深度求索 R2 即将发布:1.2 万亿参数", "https://jiqizhixin.example/r2", 60),
				ref("TechCrunch", "What we know about DeepSeek R2", "https://techcrunch.example/r2", 41),
				ref("Simon's Notes", "R2 rumours, collected", "https://notes.example/r2", 30),
				ref("Hacker News", "DeepSeek-R2 leaks", "https://news.example/item?id=1", 25),
				ref("SemiDaily", "Ascend 910B trained R2, claim", "https://semidaily.example/ascend", 20),
			},
			Image: "https://verge.example/r2.png",
		},
		{
			ID: "q3w8", Headline: "阿里发布 Qwen3 系列开源模型", Lang: "zh", Impact: 74,
			Parts: parts(
				"coverage", 16, "5 independent sources", "velocity", 10, "4 of them within 6 h",
				"authority", 12, "announced by Alibaba itself", "prominence", 12, "Alibaba leads the story",
				"event", 18, "a flagship model", "magnitude", 6, "235 billion parameters",
			),
			Status: status(brief.Confirmed, "announced on qwenlm.example", "Qwen", 70),
			Topics: []string{"alibaba", "qwen"},
			Brief: brief.Brief{
				Standfirst: "阿里巴巴开源了 Qwen3 系列模型,最大的一款有 2350 亿参数。",
				Summary:    "阿里巴巴开源了 Qwen3 系列模型,最大的一款有 2350 亿参数。新模型支持思考与非思考两种模式。",
				Body:       []string{"Qwen3 采用 Apache 2.0 许可。(Qwen)"},
			},
			Figures: []brief.Figure{{Value: "235 billion", Unit: "parameters", Of: "Qwen3", ClaimedBy: "Qwen"}},
			Articles: []news.Ref{
				ref("Qwen", "Qwen3:思深,行速", "https://qwenlm.example/qwen3", 72),
				ref("机器之心", "阿里发布 Qwen3 系列开源模型", "https://jiqizhixin.example/qwen3", 66),
				ref("量子位", "阿里 Qwen3 开源,参数 2350 亿", "https://qbitai.example/qwen3", 58),
				ref("TechCrunch", "Alibaba unveils Qwen3, a family of hybrid reasoning models", "https://techcrunch.example/qwen3", 35),
				ref("The Verge", "Alibaba's Qwen3 can think before it answers", "https://verge.example/qwen3", 31),
			},
		},
		{
			ID: "h20x", Headline: "Nvidia must ask for a licence to sell H20 chips to China", Impact: 78,
			Parts: parts(
				"coverage", 20, "7 independent sources", "authority", 12, "Nvidia's own filing",
				"prominence", 16, "Nvidia leads the story", "event", 20, "an export rule in force", "magnitude", 10, "5.5 billion USD",
			),
			Status: status(brief.Confirmed, "confirmed by Nvidia's filing", "Nvidia", 300),
			Topics: []string{"nvidia", "h20", "export-controls"},
			Brief: brief.Brief{
				Standfirst: "The United States told Nvidia that its H20 needs a licence for China, the company says.",
				Summary:    "The United States told Nvidia that its H20 needs a licence for China, the company says. It expects charges of 5.5 billion dollars this quarter.",
				Body:       []string{"The licence is required for an indefinite time. (Nvidia)"},
			},
			Figures: []brief.Figure{{Value: "5.5 billion", Unit: "USD", Of: "charges", ClaimedBy: "Nvidia"}},
			Articles: []news.Ref{
				ref("Nvidia", "Form 8-K", "https://nvidia.example/8k", 330),
				ref("Reuters", "Nvidia must ask for a licence to sell H20 chips to China", "https://reuters.example/h20", 310),
				ref("Financial Times", "Nvidia takes $5.5bn hit from export rules", "https://ft.example/h20", 290),
			},
		},
		{
			ID: "d0us", Headline: "Bundestag streitet über die Umsetzung der KI-Verordnung", Lang: "de", Impact: 44,
			Parts: parts(
				"coverage", 10, "3 independent sources", "authority", 8, "Heise and Netzpolitik report it",
				"prominence", 10, "the EU AI Act", "event", 16, "a law on its way",
			),
			Status: status(brief.Reported, "3 independent sources report it as fact", "Heise", 400),
			Topics: []string{"eu-ai-act"},
			Brief: brief.Brief{
				Standfirst: "Die Bundesnetzagentur soll die Aufsicht über künstliche Intelligenz übernehmen.",
				Summary:    "Die Bundesnetzagentur soll die Aufsicht über künstliche Intelligenz übernehmen. Die Opposition hält die Behörde für überfordert.",
				Body:       []string{"Der Entwurf geht im Mai in die erste Lesung. (Heise)"},
			},
			Articles: []news.Ref{
				ref("Heise", "Bundestag streitet über die Umsetzung der KI-Verordnung", "https://heise.example/ki-vo", 420),
				ref("Netzpolitik", "KI-Aufsicht: Wer darf was?", "https://netzpolitik.example/ki", 380),
				ref("Golem", "Bundesnetzagentur soll KI-Verordnung durchsetzen", "https://golem.example/ki", 350),
			},
		},
		{
			ID: "m3ta", Headline: "Meta denies talks to buy a stake in Mistral", Impact: 52,
			Parts: parts(
				"coverage", 14, "4 independent sources", "authority", 10, "Meta denies it itself",
				"prominence", 18, "Meta and Mistral", "event", 22, "an acquisition", "status", -12, "denied",
			),
			Status: status(brief.Denied, `Meta: "there are no such talks"`, "Meta", 500),
			History: []brief.Status{
				status(brief.Rumour, `Les Echos: "selon nos informations"`, "Les Echos", 700),
				status(brief.Reported, "3 independent sources report it as fact", "Reuters", 640),
			},
			Topics: []string{"meta", "mistral"},
			Brief: brief.Brief{
				Standfirst: "Meta says that it does not talk to Mistral about a stake.",
				Summary:    "Meta says that it does not talk to Mistral about a stake. Les Echos had reported such talks on Sunday night.",
			},
			Articles: []news.Ref{
				ref("Les Echos", "Meta négocierait une entrée au capital de Mistral", "https://lesechos.example/mistral", 720),
				ref("Reuters", "Meta in talks to buy a stake in Mistral", "https://reuters.example/mistral", 650),
				ref("TechCrunch", "Meta denies talks to buy a stake in Mistral", "https://techcrunch.example/mistral", 505),
				ref("Meta", "A note on press reports", "https://meta.example/note", 500),
			},
		},
		{
			ID: "anth", Headline: "Anthropic raises $2 billion at a valuation of $61.5 billion", Impact: 67,
			Parts: parts(
				"coverage", 18, "6 independent sources", "authority", 8, "Bloomberg reports it",
				"prominence", 14, "Anthropic leads the story", "event", 14, "a funding round", "magnitude", 13, "2 billion USD",
			),
			Status: status(brief.Reported, "6 independent sources report it as fact", "Bloomberg", 900),
			Topics: []string{"anthropic"},
			Brief: brief.Brief{
				Standfirst: "Anthropic raised 2 billion dollars, Bloomberg reports.",
				Summary:    "Anthropic raised 2 billion dollars, Bloomberg reports. The round values the maker of Claude at 61.5 billion dollars.",
			},
			Figures: []brief.Figure{
				{Value: "2 billion", Unit: "USD", Of: "raised", ClaimedBy: "Bloomberg"},
				{Value: "61.5 billion", Unit: "USD", Of: "valuation", ClaimedBy: "Bloomberg"},
			},
			Articles: []news.Ref{
				ref("Bloomberg", "Anthropic raises $2 billion at a valuation of $61.5 billion", "https://bloomberg.example/anthropic", 920),
				ref("CNBC", "Anthropic's valuation triples", "https://cnbc.example/anthropic", 880),
			},
		},
		{
			ID: "oai5", Headline: "OpenAI cuts the price of o3 by 80 per cent", Impact: 61,
			Parts: parts(
				"coverage", 14, "4 independent sources", "authority", 14, "announced by OpenAI itself",
				"prominence", 15, "OpenAI leads the story", "event", 10, "a price change", "magnitude", 8, "80 %",
			),
			Status: status(brief.Confirmed, "announced on openai.example", "OpenAI", 1500),
			Topics: []string{"openai", "o-series"},
			Brief: brief.Brief{
				Standfirst: "OpenAI sells its o3 reasoning model for a fifth of the old price, the company says.",
				Summary:    "OpenAI sells its o3 reasoning model for a fifth of the old price, the company says. Input costs two dollars per million tokens.",
			},
			Figures: []brief.Figure{{Value: "80", Unit: "%", Of: "price of o3", ClaimedBy: "OpenAI"}},
			Articles: []news.Ref{
				ref("OpenAI", "o3 pricing update", "https://openai.example/o3-price", 1510),
				ref("The Decoder", "OpenAI cuts the price of o3 by 80 per cent", "https://decoder.example/o3", 1490),
			},
		},
		{
			ID: "k3jh", Headline: "<!channel> @everyone **FREE** [GPT-6](javascript:alert(1)) `rm -rf` \u202egpj.exe <script>alert(1)</script>",
			URL: "https://evil.example/?q=<script>\")*|`", Impact: 12,
			Parts:  parts("coverage", 2, "1 source <@U123>", "event", 10, "||spoiler|| _launch_ ~now~"),
			Status: status(brief.Rumour, "<https://evil.example|click me>: \"*trust* @here\"", "Evil & Sons <b>", 1600),
			Topics: []string{"openai"},
			Brief: brief.Brief{
				Standfirst: "@here <@&1234> <#C123|general> &lt;!here&gt; \x00\u200b# Heading ```block``` says \"Evil\".",
				Summary:    "@here is told to click. > quoted\n- listed\n1. numbered",
				Body:       []string{"~~struck~~ ||hidden|| __bold__ <t:0:R> </news:1> (Evil & Sons <b>)"},
			},
			Figures:  []brief.Figure{{Value: "1e999", Unit: "<b>", Of: "@everyone", ClaimedBy: "`x`"}},
			Articles: []news.Ref{ref("Evil & Sons <b>", "<!everyone> click [here](https://evil.example)", "https://evil.example/?q=<script>\")*|`", 1620)},
		},
		{
			ID: "arx1", Headline: "A survey of speculative decoding in small language models", Impact: 8,
			Parts:  parts("coverage", 1, "1 source", "authority", 3, "arXiv", "event", 4, "research"),
			Status: status(brief.Reported, "published by its authors", "arXiv cs.CL", 2000),
			Brief: brief.Brief{
				Standfirst: "The authors compare 41 methods of speculative decoding.",
				Summary:    "The authors compare 41 methods of speculative decoding. None wins on every model.",
			},
			Articles: []news.Ref{ref("arXiv cs.CL", "A survey of speculative decoding in small language models", "https://arxiv.example/2504.1", 2000)},
		},
		{
			ID: "bare", Headline: "Untitled", Status: brief.Status{Value: brief.Reported, Since: ago(2600)},
			Articles: []news.Ref{{ID: "bare-0", Title: "Untitled", Source: "example.org", Published: ago(2600)}},
		},
		{
			ID: "long", Headline: strings.TrimSpace(strings.Repeat("Reasoning models that reason about reasoning ", 12)), Impact: 35,
			Parts:  parts("coverage", 25, strings.TrimSpace(strings.Repeat("many sources ", 40)), "event", 10, "opinion"),
			Status: status(brief.Reported, strings.TrimSpace(strings.Repeat("they all say so ", 40)), "Long Reads", 4000),
			Topics: []string{"openai", "anthropic", "google", "meta", "mistral", "deepseek", "alibaba", "nvidia"},
			Brief: brief.Brief{
				Standfirst: strings.TrimSpace(strings.Repeat("word 👩‍🔬 ", 20)),
				Summary:    strings.TrimSpace(strings.Repeat("Wort über Wort. ", 22)),
				Body:       []string{strings.Repeat("lang ", 400), strings.Repeat("länger ", 400), strings.Repeat("最长", 800)},
			},
			Figures:  slices.Repeat([]brief.Figure{{Value: "100 quadrillion", Unit: "tokens per second", Of: strings.Repeat("everything ", 20), ClaimedBy: "Long Reads"}}, 12),
			Articles: longRefs(),
		},
		{
			ID: "old7", Headline: "DeepSeek V3 update beats other open models at mathematics", Impact: 58, Backlog: true,
			Parts: parts(
				"coverage", 14, "4 independent sources", "authority", 12, "announced by DeepSeek itself",
				"prominence", 16, "DeepSeek leads the story", "event", 16, "a model update",
			),
			Status: status(brief.Confirmed, "announced on deepseek.example", "DeepSeek", 34*24*60),
			Topics: []string{"deepseek"},
			Brief: brief.Brief{
				Standfirst: "DeepSeek published an update of its V3 model, the company says.",
				Summary:    "DeepSeek published an update of its V3 model, the company says. Its weights are under the MIT licence.",
			},
			Articles: []news.Ref{
				ref("DeepSeek", "DeepSeek-V3-0324", "https://deepseek.example/v3", 34*24*60),
				ref("The Decoder", "DeepSeek V3 update beats other open models at mathematics", "https://decoder.example/v3", 34*24*60-60),
			},
		},
	}
	for i := range all {
		finish(&all[i])
	}
	slices.SortStableFunc(all, func(a, b news.Story) int { return a.Updated.Compare(b.Updated) })
	for i := range all {
		all[i].Seq = uint64(i + 1)
	}
	slices.Reverse(all)
	return all
}

// finish fills in what follows from a story's articles.
func finish(s *news.Story) {
	for i := range s.Articles {
		a := &s.Articles[i]
		a.ID = s.ID + "-" + string(rune('0'+i%10)) + strings.Repeat("x", i/10)
		if s.URL == "" {
			s.URL = a.URL
		}
		if !slices.Contains(s.Sources, a.Source) {
			s.Sources = append(s.Sources, a.Source)
		}
		s.Updated = a.Published
	}
	s.First = s.Articles[0].Published
	if !s.Backlog {
		s.Fresh = s.Updated
	}
	if s.Lang == "" {
		s.Lang = "en"
	}
	if s.Topics == nil {
		s.Topics = []string{}
	}
	if s.Parts == nil {
		s.Parts = []impact.Part{}
	}
	if s.Figures == nil {
		s.Figures = []brief.Figure{}
	}
	s.Related = []string{}
	if !s.Backlog {
		s.Turns = []news.Turn{{At: s.Fresh, Impact: s.Impact, Status: s.Status.Value, Lang: s.Lang, Fresh: s.Fresh, Topics: s.Topics, Kinds: s.Kinds}}
	}
}

// ago returns the time that lies the given number of minutes before Now.
func ago(minutes int) time.Time { return Now().Add(-time.Duration(minutes) * time.Minute) }

func ref(source, title, url string, minutes int) news.Ref {
	return news.Ref{URL: url, Title: title, Source: source, Published: ago(minutes)}
}

func copied(r news.Ref, of string) news.Ref {
	r.CopyOf = of
	return r
}

func status(value, why, source string, minutes int) brief.Status {
	return brief.Status{Value: value, Why: why, Source: source, Since: ago(minutes)}
}

// parts takes name, points and why in turn.
func parts(fields ...any) []impact.Part {
	var ps []impact.Part
	for p := range slices.Chunk(fields, 3) {
		ps = append(ps, impact.Part{Name: p[0].(string), Points: p[1].(int), Why: p[2].(string)})
	}
	return ps
}

func longRefs() []news.Ref {
	var rs []news.Ref
	for i := range 40 {
		name := "Long Reads " + string(rune('A'+i%26)) + strings.Repeat("'", i/26)
		rs = append(rs, ref(name, "Reasoning about "+name, "https://long.example/"+strings.Repeat("very/", i), 4100-i))
	}
	return rs
}
