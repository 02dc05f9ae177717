package brief

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// figureSentences is how many sentences of an article are searched.
const figureSentences = 12

// A claim is a figure with the articles that name it.
type claim struct {
	Figure
	value float64
	by    []int
}

// Figures returns the numbers that a story claims, at most six: those of which
// a subject is known first, and of these those that most articles name. Two that agree within 2 per cent are one; where
// outlets contradict each other, the others' values stand beside the first.
func Figures(docs []Doc) []Figure {
	var all []claim
	for i, d := range docs {
		if d.Copy {
			continue
		}
		for _, s := range append([]string{d.Title}, firstSentences(d.Text, figureSentences)...) {
			if unread(s) {
				continue
			}
			for _, f := range sentenceFigures(s, d.Lang) {
				f.ClaimedBy = claimant(s, d)
				if f.Of == "" && d.Official && inFirstPerson(s) {
					f.Of = d.Source
				}
				value := Value(f)
				k := slices.IndexFunc(all, func(o claim) bool {
					// Shares that one article gives of two are two.
					if shares[f.Unit] && named(f.Of) && named(o.Of) && slices.Contains(o.by, i) && !strings.Contains(f.Of, o.Of) && !strings.Contains(o.Of, f.Of) {
						return false
					}
					return o.Unit == f.Unit && math.Abs(o.value-value) <= 0.02*math.Max(math.Abs(o.value), math.Abs(value))
				})
				if k >= 0 {
					if !slices.Contains(all[k].by, i) {
						all[k].by = append(all[k].by, i)
					}
					if all[k].Of == "" || !named(all[k].Of) && named(f.Of) {
						all[k].Of = f.Of
					}
					continue
				}
				all = append(all, claim{f, value, []int{i}})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b claim) int {
		if bare := a.Of == ""; bare != (b.Of == "") {
			if bare {
				return 1
			}
			return -1
		}
		return cmp.Compare(len(b.by), len(a.by))
	})
	all = sideBySide(all)
	var out []Figure
	for _, f := range all[:min(len(all), 6)] {
		out = append(out, f.Figure)
	}
	return out
}

// shares are units of which a story has many of one value.
var shares = map[string]bool{"%": true, "score": true, "points": true, "x": true}

// named reports whether a subject is a name, not "company".
func named(of string) bool {
	return strings.ContainsFunc(of, func(r rune) bool { return unicode.IsUpper(r) || unicode.Is(unicode.Han, r) })
}

// inFirstPerson reports whether a sentence tells what its writers did.
func inFirstPerson(s string) bool {
	return ofTokens(s, func(ts []token) bool { return possessives.anywhere(ts) || firsts.anywhere(ts) })
}

// sideBySide puts what contradicts a claim beside it.
func sideBySide(all []claim) []claim {
	var out []claim
	for _, c := range all {
		k := slices.IndexFunc(out, func(o claim) bool { return o.contradicts(c) })
		if k < 0 {
			out = append(out, c)
			continue
		}
		out[k].Others = append(out[k].Others, Claim{c.Value, c.Bound, c.ClaimedBy})
		out[k].by = append(out[k].by, c.by...)
	}
	return out
}

// disputed is how many times the smaller the greater of two values is at most
// that are about the same: beyond it they are two different things.
const disputed = 3

// contradicts reports whether two claims give the same thing different values:
// of one subject and unit, not far apart, and no article or claimant has both.
// Shares and factors are left out, a story has many.
func (c claim) contradicts(o claim) bool {
	if c.Unit != o.Unit || shares[c.Unit] || !named(c.Of) || !strings.EqualFold(c.Of, o.Of) || c.ClaimedBy == o.ClaimedBy {
		return false
	}
	if slices.ContainsFunc(c.by, func(i int) bool { return slices.Contains(o.by, i) }) {
		return false
	}
	return max(c.value, o.value) <= disputed*min(c.value, o.value)
}

// sentenceTokens is how much of a sentence is read. What is longer is a table or
// a list that lost its marks, and the grammar looks back and ahead in it.
const sentenceTokens = 300

// SentenceFigures returns the figures that one sentence names, in their order.
// Values are written as 1,234.5 with "thousand" to "trillion" behind, or for W
// and FLOPS with a prefix of the SI, whatever the sentence's language. Both
// ends of a range are figures. Names, versions, dates, ordinals and counts of
// what has no unit here are none.
//
// Units are %, points, score (what a benchmark gave), x, W, FLOPS, parameters,
// tokens, users, GPUs, chips and the codes of ISO 4217.
func SentenceFigures(s string) []Figure { return sentenceFigures(s, "") }

// sentenceFigures is SentenceFigures of a sentence of an article in lang, which
// decides where the sentence does not tell its own language.
func sentenceFigures(s, lang string) []Figure {
	buf := tokenBuffers.Get().(*[]token)
	defer tokenBuffers.Put(buf)
	ts := appendTokens((*buf)[:0], s)
	*buf = ts
	ts = ts[:min(len(ts), sentenceTokens)]
	if !mayCount(ts) {
		return nil
	}
	r := reader{s: s, ts: ts, lang: languageOf(ts, lang)}
	r.capitals = r.inCapitals()
	r.read()
	if len(r.out) == 0 {
		return nil
	}
	names := r.names()
	out := make([]Figure, 0, len(r.out))
	for _, f := range r.out {
		out = append(out, Figure{Value: f.text(), Unit: f.unit.name, Bound: r.bound(f), Of: r.subject(f, names)})
	}
	return out
}

// scales are the words and prefixes behind a number that multiply it, the
// greatest first.
var scales = []struct {
	word   string
	factor float64
}{{"trillion", 1e12}, {"billion", 1e9}, {"million", 1e6}, {"thousand", 1e3}}

// text writes a figure's value.
func (f found) text() string {
	v := f.value * f.unit.factor
	if v >= 1e24 {
		return strings.Replace(strconv.FormatFloat(v, 'g', 12, 64), "e+", "e", 1)
	}
	if f.unit.name == "W" || f.unit.name == "FLOPS" {
		for _, p := range slices.Backward(prefixes) {
			if v >= p.factor {
				return decimal(v/p.factor) + " " + p.sign
			}
		}
		return decimal(v)
	}
	if f.plain != "" && f.unit.factor == 1 {
		return f.plain
	}
	for _, s := range scales {
		if v >= s.factor {
			return decimal(v/s.factor) + " " + s.word
		}
	}
	return decimal(v)
}

// decimal writes a number without what only comes of computing it.
func decimal(v float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		short = v
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// Value returns the number that a figure stands for: 1.2e12 for "1.2 trillion",
// 1.2e9 for "1.2 G". It is 0 where there is none.
func Value(f Figure) float64 {
	number, scale, _ := strings.Cut(f.Value, " ")
	x, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	if err != nil || math.IsInf(x, 0) {
		return 0
	}
	for _, s := range scales {
		if s.word == scale {
			return x * s.factor
		}
	}
	for _, p := range prefixes {
		if p.sign == scale {
			return x * p.factor
		}
	}
	return x
}

// Amount is a figure's value with its unit, and with its bound before it: "1.2
// trillion parameters", "1.2 GW", "less than 1 %".
func (f Figure) Amount() string {
	n := len(f.Value)
	if n > 2 && f.Value[n-2] == ' ' {
		return strings.TrimSpace(f.Bound + " " + f.Value + f.Unit)
	}
	return strings.TrimSpace(f.Bound + " " + f.Value + " " + f.Unit)
}
