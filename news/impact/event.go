package impact

import (
	"strings"
	"unicode"
)

// The kinds of event.
const (
	Release     = "release"
	Funding     = "funding"
	Acquisition = "acquisition"
	Regulation  = "regulation"
	Lawsuit     = "lawsuit"
	Security    = "security"
	Outage      = "outage"
	Research    = "research"
	Hardware    = "hardware"
	People      = "people"
	Opinion     = "opinion"
	Product     = "product"
	Other       = "other"
)

// kinds are the events with the words that speak for them and the share of
// the event part that they earn, after the table in the methods of news
// judgement: what changes the most for the most comes first.
var kinds = []struct {
	event string
	share float64
	words string // words and "phrases with blanks", parted by |
	why   string
}{
	{Lawsuit, 0.70, "lawsuit|sues|sue|sued|court|judge|ruling|settlement|settles|verdict|injunction|appeal|antitrust|klage|klagt|verklagt|gericht|urteil|procès|tribunal|poursuit|demanda|起诉|诉讼|法院", "a court case"},
	{Acquisition, 0.90, "acquires|acquire|acquisition|buys|to buy|takeover|merger|merges|übernimmt|übernahme|kauft|rachète|acquisition de|adquiere|compra|收购|并购", "an acquisition"},
	{Funding, 0.65, "raises|raised|funding|funding round|series a|series b|series c|series d|seed round|valuation|valued at|investment|invests|ipo|finanzierungsrunde|bewertung|sammelt|levée de fonds|lève|recauda|融资|估值|投资", "money raised or invested"},
	{Regulation, 0.90, "law|bill|act|regulation|regulator|regulators|export controls|export curbs|export ban|ban|bans|banned|sanctions|executive order|commission|ftc|guidelines|gesetz|verordnung|verbot|exportkontrollen|règlement|loi|ley|reglamento|监管|法案|出口管制|禁令", "law or regulation"},
	{Security, 0.85, "breach|hacked|hack|vulnerability|vulnerabilities|jailbreak|leaked data|data leak|malware|phishing|exploit|sicherheitslücke|datenleck|faille|vulnerabilidad|漏洞|泄露|攻击", "a security matter"},
	{Outage, 0.80, "outage|down for|goes down|offline|disruption|ausfall|störung|panne|interrupción|宕机|故障", "an outage"},
	{People, 0.40, "hires|hired|resigns|steps down|appointed|appoints|joins|leaves|ceo|departs|fired|ousted|wechselt|tritt zurück|démissionne|dimite|离职|加入|任命", "people come or go"},
	{Hardware, 0.75, "chip|chips|gpu|gpus|accelerator|accelerators|data center|data centre|data centers|wafer|foundry|supercomputer|chips|rechenzentrum|puce|chip de|芯片|算力|数据中心", "chips and computing power"},
	{Release, 1.00, "launches|launch|releases|released|release|unveils|introduces|ships|debuts|announces|new model|model|open-sources|open weights|parameters|veröffentlicht|stellt vor|modell|lance|dévoile|modèle|lanza|presenta|modelo|发布|推出|上线|开源|模型", "a model or its release"},
	{Research, 0.45, "paper|study|researchers|research|benchmark|arxiv|dataset|preprint|studie|forscher|étude|estudio|论文|研究|基准", "research"},
	{Product, 0.40, "feature|app|update|subscription|integration|plugin|api|pricing|tool|assistant|funktion|preise|fonction|función|功能|产品|应用", "a product or feature"},
}

// opinion marks what judges rather than reports.
const opinion = "opinion|op-ed|column|why i|my take|podcast|newsletter|weekly|roundup|interview|review|kommentar|meinung|tribune|opinión|观点|周报"

// Event says what kind of event a title and its lead tell of. The title counts
// three times as much. Where nothing speaks for any kind it is Other.
func Event(title, lead string) string {
	t, l := fold(title), fold(lead)
	if matches(t, opinion) > 0 {
		return Opinion
	}
	best, most := Other, 0
	for _, k := range kinds {
		if n := 3*matches(t, k.words) + min(matches(l, k.words), 3); n > most {
			best, most = k.event, n
		}
	}
	return best
}

// fold returns the words of s in lower case with one blank around each.
func fold(s string) string {
	var b strings.Builder
	b.WriteByte(' ')
	gap := true
	for _, r := range strings.ToLower(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' {
			b.WriteRune(r)
			gap = false
		} else if !gap {
			b.WriteByte(' ')
			gap = true
		}
	}
	b.WriteByte(' ')
	return b.String()
}

// matches counts which of the words, parted by |, stand in folded text. Words
// in Han characters stand anywhere, others as whole words.
func matches(folded, words string) int {
	n := 0
	for w := range strings.SplitSeq(words, "|") {
		if w[0] < 0xE3 { // below that, UTF-8 begins no Han character
			w = " " + w + " "
		}
		if strings.Contains(folded, w) {
			n++
		}
	}
	return n
}

// share returns what part of the event's points a kind earns, and its words.
func share(event string) (float64, string) {
	for _, k := range kinds {
		if k.event == event {
			return k.share, k.why
		}
	}
	if event == Opinion {
		return 0.10, "opinion or a round-up"
	}
	return 0.25, "no particular kind of event"
}
