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
// judgement. Of two that as many words speak for, the first is it: what
// somebody does tells more than what it is about.
var kinds = [kindCount]struct {
	event string
	share float64
	tells string // words and "phrases with blanks", parted by |, that tell of it
	words string // those that only go with it: they count half as much
	why   string
}{
	{Lawsuit, 0.70, "lawsuit|lawsuits|sues|sued|suing|settles|verdict|injunction|on trial|goes to trial|klagt|verklagt|klage|poursuit|demanda|起诉|诉讼",
		"sue|court|judge|ruling|settlement|appeal|antitrust|gericht|urteil|procès|tribunal|juez|法院", "a court case"},
	{Acquisition, 0.85, "acquires|acquire|acquired|acquiring|acquisition|to buy|to acquire|buys|merges|übernimmt|übernahme|rachète|rachat|adquiere|收购|并购",
		"takeover|merger|kauft|compra", "an acquisition"},
	{Funding, 0.70, "raises|raised|raising|to raise|funding round|series a|series b|series c|series d|series e|series f|seed round|valuation|valued at|valuing|ipo|goes public|finanzierungsrunde|bewertung|sammelt|börsengang|levée de fonds|lève|valorisation|recauda|ronda|融资|估值|募资|上市",
		"funding|investment|invests|invest|investors|backs|backed|stake|bond|投资", "money raised or invested"},
	{Regulation, 0.70, "bill|regulation|regulations|regulator|regulators|regulate|export controls|export curbs|export ban|ban|bans|banned|sanctions|executive order|ftc|lawmakers|watchdog|tariffs|gesetz|verordnung|verbot|exportkontrollen|règlement|régulateur|reglamento|regulador|监管|法案|出口管制|禁令|新规",
		"law|laws|commission|senate|congress|governor|white house|ministry|guidelines|guidance|kommission|behörde|leitlinien|loi|lignes directrices|ley|directrices|指南|指引", "law or regulation"},
	{Security, 0.90, "breach|breached|hacked|hackers|hacking|cyberattack|cyberattacks|vulnerability|vulnerabilities|jailbreak|jailbreaks|leaked data|data leak|malware|phishing|exploit|exploits|stealing|stolen|prompt injection|sicherheitslücke|datenleck|faille|piratage|vulnerabilidad|漏洞|泄露|黑客",
		"hack|attack|attacks|angriff|ataque|攻击", "a security matter"},
	{Outage, 0.60, "outage|outages|is down|goes down|goes dark|ausfall|störung|panne|interrupción|caída|宕机|故障",
		"down for|offline|disruption", "an outage"},
	{People, 0.60, "hires|hired|resigns|steps down|stepping down|appointed|appoints|joins|leaves|leaving|departs|departure|quits|fired|ousted|reshuffle|layoffs|lays off|tritt zurück|verlässt|entlässt|démissionne|quitte|licencie|dimite|despide|离职|任命|裁员|卸任",
		"left|exits|executive|wechselt|加入", "people come or go"},
	{Business, 0.55, "revenue|revenues|earnings|profit|profits|quarter|market share|monthly users|active users|billion users|million users|price hike|price cut|price cuts|umsatz|gewinn|quartal|bénéfice|chiffre d affaires|ingresos|beneficio|营收|财报|利润|月活|股价|降价|涨价",
		"sales|forecast|users|shares|stock|prices|aktie", "business figures"},
	{Hardware, 0.45, "chip|chips|gpu|gpus|accelerator|accelerators|data center|data centre|data centers|data centres|wafer|foundry|supercomputer|gigawatt|megawatt|rechenzentrum|rechenzentren|puce|puces|centre de données|centro de datos|芯片|数据中心",
		"算力", "chips and computing power"},
	{Deal, 0.40, "partners|partnership|signs|deal|teams up|in talks|licensing|partnerschaft|kooperation|partenariat|acuerdo|alianza|签约",
		"partner|agreement|contract|vertrag|accord|合作|协议", "a deal"},
	{Release, 1.00, "new model|open weights|open-weight|open-weights|model weights|frontier model|neues modell|nouveau modèle|nuevo modelo|新模型|模型权重",
		"大模型", "a model or its release"},
	{Research, 0.45, "paper|study|researchers|scientists|arxiv|preprint|studie|forscher|étude|chercheurs|estudio|investigadores|论文",
		"research|benchmark|benchmarks|dataset|findings|survey|研究|基准", "research"},
	{Product, 0.25, "launches|launch|launched|releases|released|release|unveils|introduces|introducing|ships|debuts|rolls out|rolling out|open-sources|veröffentlicht|stellt vor|startet|lance|dévoile|lanza|presenta|发布|推出|上线|开源",
		"announces|available|adds|brings|feature|features|app|update|subscription|integration|plugin|api|tool|assistant|agent|funktion|fonction|función|功能|产品|应用", "a product or feature"},
}

// released are the words that make news of a model its release.
const released = "is here|are here|brings out|comes out|out now|launches|launch|launched|releases|released|release|releasing|unveils|unveiled|introduces|introducing|ships|debuts|announces|announced|rolls out|open-sources|open-sourced|available|weights|lands|arrives|drops|veröffentlicht|stellt vor|vorgestellt|lance|dévoile|publie|lanza|presenta|publica|发布|推出|上线|开源|开放"

// foretold are the words by which a model is talked of before its release.
const foretold = "model|models|parameters|rumour|rumours|rumoured|rumor|rumors|rumored|leak|leaks|leaked|cheaper|training|trained|train|coming|soon|next|upcoming|modell|parameter|gerücht|gerüchte|modèle|rumeur|modelo|rumor|模型|参数|传闻|爆料"

// model is what a model is called that has no version of a known family.
const model = "model|models|llm|modell|modèle|modelo|模型"

// opinion marks what judges rather than reports, or teaches.
const opinion = "opinion|op-ed|column|essay|my take|podcast|newsletter|roundup|round-up|interview|explainer|analysis|guide|how to|how i|how we|why i|why we|why you|why your|i built|i tried|i made|lessons|tutorial|what is|a look at|kommentar|meinung|analyse|tribune|opinión|análisis|观点|周报|教程|盘点"

const kindCount = 13

const (
	opinionShare = 0.05
	otherShare   = 0.12
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
	const special = 2 * kindCount // the lists behind those of the kinds
	isReleased, isForetold, isModel, isOpinion := in[special], in[special+1], in[special+2], in[special+3]
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
		n := 6*in[2*i] + 3*in[2*i+1] + min(2*led[2*i]+led[2*i+1], 4)
		if k.event == Release && len(models) > 0 && (isReleased > 0 || isForetold > 0 || len(words) <= fewWords) {
			n += 12
		} else if k.event == Release && isReleased > 0 && isModel > 0 {
			n += 7
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

// The lists of events, in this order: two of each kind, then these.
var events = sync.OnceValue(func() *lexicon {
	var lists []string
	for _, k := range kinds {
		lists = append(lists, k.tells, k.words)
	}
	return newLexicon(append(lists, released, foretold, model, opinion)...)
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
