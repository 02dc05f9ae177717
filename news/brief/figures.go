package brief

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// scales are the words behind a number that multiply it.
var scales = map[string]float64{
	"k": 1e3, "thousand": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3,
	"m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6, "mio": 1e6, "millones": 1e6,
	"b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9, "milliard": 1e9, "milliards": 1e9,
	"t": 1e12, "tn": 1e12, "trillion": 1e12, "trillions": 1e12, "billionen": 1e12,
	"万": 1e4, "亿": 1e8, "万亿": 1e12,
}

const (
	number = `(\d{1,3}(?:[,'  ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)`
	// counted is a scale that no name of a chip ends with.
	counted = `(thousand|tausend|billions?|millions?|millionen|millones|mio\.?|万|亿|[km]\b)?`
	scale   = `(thousand|tausend|trillions?|billionen|billions?|millions?|millionen|millones|milliarden?|milliards?|mio\.?|mrd\.?|bn|tn|mn|万亿|亿|万|[kmbt])?`
)

// A pattern finds one kind of figure: the number is in group 1, its scale in
// 2. Only sentences that hold one of its marks, in lower case, are worth the
// search.
type pattern struct {
	unit  string
	marks string // parted by |
	re    *regexp.Regexp
}

func money(before, after string) string {
	return `(?i)(?:` + before + `)\s?` + number + `[\s-]?` + scale + `\b|` + number + `[\s-]?` + scale + `[\s-]?(?:` + after + `)`
}

var patterns = []pattern{
	{"parameters", "param|parám|paràm|参数", regexp.MustCompile(`(?i)` + number + `[\s-]?` + scale + `[\s-]*(?:active |total |aktive )?(?:parameters?|params|parametern?|paramètres|parámetros|参数)`)},
	{"parameters", "param|parám|paràm|参数", regexp.MustCompile(`(?i)(?:参数|parameters?)[^\d。.]{0,8}?` + number + `\s?(万亿|亿|trillion|billion|[bt])`)},
	{"tokens", "token|context", regexp.MustCompile(`(?i)` + number + `[\s-]?` + scale + `[\s-]?(?:tokens?|context)`)},
	{"%", "%|cent|prozent|ciento", regexp.MustCompile(`(?i)` + number + `()\s?(?:%|per ?cent|prozent|pour ?cent|por ciento)`)},
	{"USD", "$|dollar|dólar|usd|美元", regexp.MustCompile(money(`US\$|\$|USD`, `(?:US[- ])?dollars?|USD|美元|dólares`))},
	{"EUR", "€|euro|eur|欧元", regexp.MustCompile(money(`€|EUR`, `euros?|EUR|€|欧元`))},
	{"GBP", "£|pounds|gbp", regexp.MustCompile(money(`£|GBP`, `pounds|GBP`))},
	{"CNY", "rmb|cny|¥|yuan|元", regexp.MustCompile(money(`RMB|CNY|¥`, `yuan|RMB|人民币|元`))},
	{"GPUs", "gpu|accelerator", regexp.MustCompile(`(?i)` + number + `[\s-]?` + counted + `[\s-]?(?:[\w-]+ )?(?:GPUs|accelerators)`)},
	{"chips", "chips|芯片", regexp.MustCompile(`(?i)` + number + `[\s-]?` + counted + `[\s-]?(?:[\w-]+ ){0,2}(?:chips|芯片)`)},
	{"users", "user|customer|nutzer|utilisateur|usuario|用户", regexp.MustCompile(`(?i)` + number + `[\s-]?` + counted + `[\s-]?(?:[\w-]+ ){0,2}(?:users|customers|nutzer|utilisateurs|usuarios|用户)`)},
	{"W", "watt|gw|mw|kw", regexp.MustCompile(`(?i)` + number + `\s?(?:(giga|mega|kilo)watts?|(G|M|k)W)\b`)},
	{"x", "x |times", regexp.MustCompile(`(?i)` + number + `()(?:x| times)\s?(?:faster|cheaper|more|larger|smaller|better|the)`)},
}

// figureSentences is how many sentences of an article are searched.
const figureSentences = 12

// Figures returns the numbers that a story claims, those that most articles
// name first, at most six. Two that agree within 2 per cent are one.
func Figures(docs []Doc) []Figure {
	type found struct {
		Figure
		value float64
		n     int
		first int
	}
	var all []found
	for i, d := range docs {
		if d.Copy {
			continue
		}
		ss := Sentences(d.Text)
		for _, s := range append([]string{d.Title}, ss[:min(len(ss), figureSentences)]...) {
			for _, f := range SentenceFigures(s) {
				f.ClaimedBy = claimant(s, d)
				value := Value(f)
				k := slices.IndexFunc(all, func(o found) bool {
					return o.Unit == f.Unit && math.Abs(o.value-value) <= 0.02*math.Max(math.Abs(o.value), math.Abs(value))
				})
				if k >= 0 {
					if all[k].first != i {
						all[k].n++
					}
					all[k].Of = cmp.Or(all[k].Of, f.Of)
					continue
				}
				all = append(all, found{f, value, 1, i})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.n, a.n) })
	var out []Figure
	for _, f := range all[:min(len(all), 6)] {
		out = append(out, f.Figure)
	}
	return out
}

// SentenceFigures returns the figures that one sentence names, in the order of
// their units.
func SentenceFigures(s string) []Figure {
	if !strings.ContainsFunc(s, unicode.IsDigit) {
		return nil
	}
	var out []Figure
	lower := strings.ToLower(s)
	taken := make([]bool, len(s))
	for _, p := range patterns {
		if !slices.ContainsFunc(strings.Split(p.marks, "|"), func(m string) bool { return strings.Contains(lower, m) }) {
			continue
		}
		for _, m := range p.re.FindAllStringSubmatchIndex(s, -1) {
			if slices.Contains(taken[m[0]:m[1]], true) || m[0] > 0 && (isWordByte(s[m[0]-1]) && isWordByte(s[m[0]])) || partOfName(s, m) {
				continue
			}
			for i := m[0]; i < m[1]; i++ {
				taken[i] = true
			}
			num, sc := group(s, m, 1), group(s, m, 2)
			for g := 3; num == "" && g+1 < len(m)/2; g += 2 {
				num, sc = group(s, m, g), group(s, m, g+1)
			}
			if p.unit == "W" {
				sc = cmp.Or(group(s, m, 2), group(s, m, 3))
			}
			value := strings.TrimSpace(num + " " + spelled(sc))
			unit := p.unit
			if unit == "W" {
				value, unit = num, strings.ToUpper(sc[:1])+"W"
			}
			out = append(out, Figure{Value: value, Unit: unit, Of: subject(s[:m[0]], s)})
		}
	}
	return out
}

// partOfName reports whether the number is glued to a letter that is no scale:
// the 910 of an Ascend 910B counts no chips.
func partOfName(s string, m []int) bool {
	// So does the 5.1 of "GPT-5.1 users".
	if start := m[2]; start > 1 && s[start-1] == '-' && isWordByte(s[start-2]) {
		return true
	}
	end := m[3]
	return m[2] >= 0 && group(s, m, 2) == "" && end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') && s[end] != 'x'
}

func isWordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '.'
}

func group(s string, m []int, g int) string {
	if 2*g+1 >= len(m) || m[2*g] < 0 {
		return ""
	}
	return s[m[2*g]:m[2*g+1]]
}

// spelled writes a scale out: "1.2T" is "1.2 trillion".
func spelled(sc string) string {
	switch scales[strings.TrimSuffix(strings.ToLower(sc), ".")] {
	case 1e3:
		return "thousand"
	case 1e4:
		return "万"
	case 1e6:
		return "million"
	case 1e8:
		return "亿"
	case 1e9:
		return "billion"
	case 1e12:
		return "trillion"
	}
	return ""
}

// Value returns the number that a figure stands for: 1.2e12 for "1.2 trillion".
// It is 0 where there is none.
func Value(f Figure) float64 {
	num, sc, _ := strings.Cut(f.Value, " ")
	num = strings.NewReplacer("'", "", " ", "", " ", "").Replace(num)
	// A comma parts thousands where three digits follow, else decimals.
	if i := strings.LastIndexByte(num, ','); i >= 0 {
		if len(num)-i-1 == 3 {
			num = strings.ReplaceAll(num, ",", "")
		} else {
			num = strings.Replace(num, ",", ".", 1)
		}
	}
	x, err := strconv.ParseFloat(num, 64)
	if err != nil {
		return 0
	}
	if m, ok := scales[sc]; ok {
		x *= m
	}
	switch f.Unit {
	case "KW":
		x *= 1e3
	case "MW":
		x *= 1e6
	case "GW":
		x *= 1e9
	}
	return x
}

var capitalised = regexp.MustCompile(`\b[A-Z][\w-]*(?: (?:[A-Z][\w.-]*|\d[\w.-]*))*`)

// subject is the nearest name before the figure, or the first of the sentence.
func subject(before, all string) string {
	for _, n := range slices.Backward(capitalised.FindAllString(before, -1)) {
		if n = name(n); n != "" {
			return n
		}
	}
	for _, n := range capitalised.FindAllString(all, -1) {
		if n = name(n); n != "" {
			return n
		}
	}
	return ""
}

// name drops the words at its front that are capitalised without being names.
func name(s string) string {
	for {
		first, rest, more := strings.Cut(s, " ")
		if !sentenceStart[first] {
			return s
		}
		if !more {
			return ""
		}
		s = rest
	}
}

// sentenceStart are words that are capitalised without being names.
var sentenceStart = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("The A An It Its In On At This That These With By For But And He She They We Prices Posts Sources Analysts Unconfirmed According People Der Die Das Ein Eine Mit Nach Le La Les Un Une El Los RMB USD EUR US CNY GBP") {
		m[w] = true
	}
	return m
}()

var attribution = regexp.MustCompile(`(?i)(?:according to|laut|selon|según) (?:the |a )?([A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,3})`)

// claimant is who a sentence attributes its claim to, else its outlet.
func claimant(s string, d Doc) string {
	if m := attribution.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return d.Source
}
