package impact

import (
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The kinds of event.
const (
	Release     = "release" // of a model
	Funding     = "funding"
	Acquisition = "acquisition"
	Regulation  = "regulation"
	Lawsuit     = "lawsuit"
	Security    = "security"
	Outage      = "outage"
	Research    = "research"
	Hardware    = "hardware"
	People      = "people"
	Business    = "business"
	Deal        = "deal"
	Product     = "product"
	Patch       = "patch"
	Showing     = "showing" // somebody shows what he made
	Opinion     = "opinion"
	Other       = "other"
)

// kinds are the events with the words that speak for them and the share of
// the event part that they earn, after the table in the methods of news
// judgement. Of two that as many words speak for, the first is it.
var kinds = []struct {
	event string
	share float64
	words string // words and "phrases with blanks", parted by |
	why   string
}{
	{Lawsuit, 0.65, "lawsuit|lawsuits|sues|sue|sued|suing|court|judge|ruling|settlement|settles|verdict|injunction|appeal|antitrust|trial|klage|klagt|verklagt|gericht|urteil|procès|tribunal|poursuit|demanda|juez|起诉|诉讼|法院", "a court case"},
	{Acquisition, 0.85, "acquires|acquire|acquired|acquiring|acquisition|to buy|buys|takeover|merger|merges|übernimmt|übernahme|kauft|rachète|rachat|adquiere|compra|收购|并购", "an acquisition"},
	{Funding, 0.70, "raises|raised|raising|to raise|funding|funding round|series a|series b|series c|series d|series e|seed round|valuation|valued at|valuing|investment|invests|invest|investors|backs|backed|ipo|goes public|stake|bond|finanzierungsrunde|bewertung|sammelt|börsengang|levée de fonds|lève|valorisation|recauda|ronda|融资|估值|投资|募资|上市", "money raised or invested"},
	{Regulation, 0.70, "law|laws|bill|regulation|regulations|regulator|regulators|regulate|export controls|export curbs|export ban|ban|bans|banned|sanctions|executive order|commission|ftc|senate|congress|lawmakers|governor|white house|ministry|guidelines|watchdog|tariffs|gesetz|verordnung|verbot|exportkontrollen|behörde|règlement|loi|régulateur|ley|reglamento|regulador|监管|法案|出口管制|禁令|新规", "law or regulation"},
	{Security, 0.70, "breach|breached|hacked|hack|hackers|hacking|cyberattack|cyberattacks|attack|attacks|vulnerability|vulnerabilities|jailbreak|jailbreaks|leaked data|data leak|malware|phishing|exploit|exploits|stealing|stolen|prompt injection|sicherheitslücke|datenleck|angriff|faille|piratage|vulnerabilidad|ataque|漏洞|泄露|攻击|黑客", "a security matter"},
	{Outage, 0.60, "outage|outages|is down|down for|goes down|goes dark|offline|disruption|ausfall|störung|panne|interrupción|caída|宕机|故障", "an outage"},
	{People, 0.55, "hires|hired|resigns|steps down|stepping down|appointed|appoints|joins|leaves|leaving|left|departs|departure|exits|quits|fired|ousted|executive|reshuffle|layoffs|lays off|wechselt|tritt zurück|verlässt|entlässt|démissionne|quitte|licencie|dimite|despide|离职|加入|任命|裁员|卸任", "people come or go"},
	{Business, 0.55, "revenue|revenues|earnings|profit|profits|sales|quarter|forecast|market share|monthly users|active users|billion users|million users|users|shares|stock|price hike|price cut|price cuts|prices|umsatz|gewinn|quartal|aktie|bénéfice|chiffre d affaires|ingresos|beneficio|营收|财报|利润|月活|股价|降价|涨价", "business figures"},
	{Hardware, 0.50, "chip|chips|gpu|gpus|accelerator|accelerators|data center|data centre|data centers|data centres|wafer|foundry|supercomputer|gigawatt|megawatt|rechenzentrum|rechenzentren|puce|puces|centre de données|centro de datos|芯片|算力|数据中心", "chips and computing power"},
	{Deal, 0.40, "partners|partner|partnership|signs|deal|agreement|teams up|contract|in talks|licensing|partnerschaft|vertrag|kooperation|partenariat|accord|acuerdo|alianza|合作|签约|协议", "a deal"},
	{Release, 1.00, "new model|open weights|open-weight|open-weights|model weights|frontier model|neues modell|nouveau modèle|nuevo modelo|新模型|大模型|模型权重", "a model or its release"},
	{Research, 0.45, "paper|study|researchers|research|scientists|benchmark|benchmarks|arxiv|dataset|preprint|findings|survey|studie|forscher|étude|chercheurs|estudio|investigadores|论文|研究|基准", "research"},
	{Product, 0.35, "launches|launch|launched|releases|released|release|unveils|introduces|introducing|ships|debuts|announces|rolls out|rolling out|open-sources|available|adds|brings|feature|features|app|update|subscription|integration|plugin|api|tool|assistant|agent|veröffentlicht|stellt vor|startet|funktion|lance|dévoile|fonction|lanza|presenta|función|发布|推出|上线|开源|功能|产品|应用", "a product or feature"},
}

// released are the words that make news of a model its release.
const released = "launches|launch|launched|releases|released|release|releasing|unveils|unveiled|introduces|introducing|ships|debuts|announces|announced|rolls out|open-sources|open-sourced|available|weights|lands|arrives|drops|veröffentlicht|stellt vor|vorgestellt|lance|dévoile|publie|lanza|presenta|publica|发布|推出|上线|开源|开放"

// foretold are the words by which a model is talked of before its release.
const foretold = "model|models|parameters|rumour|rumours|rumoured|rumor|rumors|rumored|leak|leaks|leaked|cheaper|training|trained|train|coming|soon|next|upcoming|modell|parameter|gerücht|gerüchte|modèle|rumeur|modelo|rumor|模型|参数|传闻|爆料"

// opinion marks what judges rather than reports, or teaches.
const opinion = "opinion|op-ed|column|essay|my take|podcast|newsletter|roundup|round-up|interview|explainer|analysis|guide|how to|how i|how we|why i|why we|why you|why your|i built|i tried|i made|lessons|tutorial|what is|a look at|kommentar|meinung|analyse|tribune|opinión|análisis|观点|周报|教程|盘点"

const (
	opinionShare = 0.05
	otherShare   = 0.20
	patchShare   = 0.05
	showingShare = 0.10
)

// fewWords is how many words a title has at most that is just the name of
// what it announces: "Introducing Orbit 3".
const fewWords = 5

// Event says what kind of event a title and its lead tell of. The title counts
// three times as much. models are the versions of models that the title names.
// Where nothing speaks for any kind it is Other.
func Event(title, lead string, models []string) string {
	t := fold(title)
	words := strings.Fields(t)
	var in, led [64]int
	events().count(t, &in)
	isReleased, isForetold, isOpinion := in[len(kinds)], in[len(kinds)+1], in[len(kinds)+2]
	switch {
	case strings.HasPrefix(t, " show hn "), strings.HasPrefix(t, " launch hn "), strings.HasPrefix(t, " ask hn "), strings.HasPrefix(t, " tell hn "):
		return Showing
	case len(models) == 0 && strings.Count(title, ".") >= 2 && patched.MatchString(title):
		return Patch
	case isOpinion > 0, len(words) > 0 && (words[0] == "how" || words[0] == "why"):
		return Opinion
	}
	events().count(fold(lead), &led)
	best, most := Other, 0
	for i, k := range kinds {
		n := 3*in[i] + min(led[i], 2)
		if k.event == Release && len(models) > 0 && (isReleased > 0 || isForetold > 0 || len(words) <= fewWords) {
			n += 6
		}
		if n > most {
			best, most = k.event, n
		}
	}
	if best == Other && strings.HasSuffix(strings.TrimSpace(title), "?") {
		return Opinion
	}
	return best
}

// patched is a title that names a release of software and little else.
var patched = regexp.MustCompile(`^(?:[\w./ -]{0,40}\s)?v?\d+\.\d+\.\d+\S*(?: released?)?$`)

// fold returns the words of s in lower case with one blank around each.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
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

// A lexicon finds the phrases of several lists in a text in one go.
type lexicon struct {
	byFirst map[string][]entry // by first word
	han     map[rune][]entry   // those in Han characters, which stand anywhere, by the first
}

type entry struct {
	phrase string // with a blank on each side, or Han characters
	lists  uint64 // a bit for each list that has it
}

func newLexicon(lists ...string) *lexicon {
	all := map[string]uint64{}
	for i, l := range lists {
		for p := range strings.SplitSeq(l, "|") {
			all[p] |= 1 << i
		}
	}
	x := &lexicon{byFirst: map[string][]entry{}, han: map[rune][]entry{}}
	for p, bits := range all {
		if r, _ := utf8.DecodeRuneInString(p); r >= firstHan {
			x.han[r] = append(x.han[r], entry{p, bits})
			continue
		}
		first, _, _ := strings.Cut(p, " ")
		x.byFirst[first] = append(x.byFirst[first], entry{" " + p + " ", bits})
	}
	return x
}

const firstHan = 0x3000

// count returns how many phrases of each list stand in folded text, each
// counted once.
func (x *lexicon) count(folded string, counts *[64]int) {
	var seen [32]string
	found := 0
	hit := func(e entry) {
		if slices.Contains(seen[:found], e.phrase) {
			return
		}
		if found < len(seen) {
			seen[found] = e.phrase
			found++
		}
		for l := e.lists; l != 0; l &= l - 1 {
			counts[bits.TrailingZeros64(l)]++
		}
	}
	for i := 0; i < len(folded); {
		if folded[i] != ' ' {
			r, size := utf8.DecodeRuneInString(folded[i:])
			if r >= firstHan {
				for _, e := range x.han[r] {
					if strings.HasPrefix(folded[i:], e.phrase) {
						hit(e)
					}
				}
			}
			i += size
			continue
		}
		end := strings.IndexByte(folded[i+1:], ' ')
		if end < 0 {
			return
		}
		for _, e := range x.byFirst[folded[i+1:i+1+end]] {
			if strings.HasPrefix(folded[i:], e.phrase) {
				hit(e)
			}
		}
		i++
	}
}

// The lists of events, in this order: the kinds, then these.
var events = sync.OnceValue(func() *lexicon {
	var lists []string
	for _, k := range kinds {
		lists = append(lists, k.words)
	}
	return newLexicon(append(lists, released, foretold, opinion)...)
})

// Share returns the part of the event's points that a kind earns, 0 to 1.
func Share(event string) float64 {
	x, _ := share(event)
	return x
}

// share returns what part of the event's points a kind earns, and its words.
func share(event string) (float64, string) {
	for _, k := range kinds {
		if k.event == event {
			return k.share, k.why
		}
	}
	switch event {
	case Opinion:
		return opinionShare, "opinion, a guide or a round-up"
	case Patch:
		return patchShare, "a small release of software"
	case Showing:
		return showingShare, "somebody shows or asks something"
	}
	return otherShare, "no particular kind of event"
}
