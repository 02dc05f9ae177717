package brief

import (
	"math"
	"strconv"
	"strings"
)

// A quantity is a number in a sentence with the magnitudes behind it, still
// without a unit.
type quantity struct {
	first, next int // tokens
	value       float64
	scale       float64 // what the magnitudes multiply by, 1 without
	plain       string  // the number as 1,234.5 where it is in digits and has no magnitude
	letter      bool    // the magnitude is one letter: the B of 910B may be a name's
	spelled     bool    // a word, not digits
	article     bool    // "a", which counts only with a magnitude
}

// scaled reports whether the number has a magnitude.
func (q quantity) scaled() bool { return q.scale >= 1e3 }

// quantity reads the one that begins at token i:
//
//	number    = digits | word [[-] word] ; 1.5, twenty-five, half a
//	quantity  = number ["and a half"] {[-] magnitude} ["et demi"]
//
// A magnitude multiplies all that is smaller before it: mil millones, 3千万,
// 1亿2000万.
func (r *reader) quantity(i int) (q quantity, ok bool) {
	q = quantity{first: i, scale: 1}
	n, next, ok := r.number(&q)
	if !ok {
		return q, false
	}
	if m, ok := r.halfMore(next); ok {
		n, next = n+0.5, m
	}
	var sum []float64
	for {
		k := r.skipJoin(next)
		m, end, ok := r.lang.magnitudes.at(r.ts, k)
		if ok && len(r.ts[k].text) == 1 {
			q.letter = r.ts[k].kind == word
			ok = r.ts[k].kind == han || !q.spelled // "a T-shirt" is no trillion
		}
		if !ok {
			break
		}
		q.scale *= m
		sum, n, next = times(sum, n, m), 0, end
		if half, ok := r.halfMore(next); ok {
			n, next = m/2, half
		}
		if r.lang.compound && next < len(r.ts) && r.ts[next].glued {
			more := quantity{first: next, scale: 1}
			if v, end, ok := r.number(&more); ok {
				n, next = v, end
			}
		}
	}
	q.value = n
	for _, s := range sum {
		q.value += s
	}
	if q.spelled && q.value >= 1e3 {
		q.scale = max(q.scale, 1e3)
	}
	if q.scale != 1 || q.spelled {
		q.plain = ""
	}
	q.next = next
	if next < len(r.ts) && r.ts[next].text == "+" && r.ts[next].glued {
		q.next++
	}
	halves := q.value == 0.5 && q.spelled
	return q, !halves && !r.partOfName(q)
}

// times multiplies what stands before a magnitude, and what is smaller than it
// in the sum so far.
func times(sum []float64, n, magnitude float64) []float64 {
	for len(sum) > 0 && sum[len(sum)-1] < magnitude {
		n += sum[len(sum)-1]
		sum = sum[:len(sum)-1]
	}
	if n == 0 {
		n = 1
	}
	return append(sum, n*magnitude)
}

// number reads digits or the words for a number.
func (r *reader) number(q *quantity) (v float64, next int, ok bool) {
	i := q.first
	if i >= len(r.ts) {
		return 0, i, false
	}
	if r.ts[i].kind != digits {
		v, next, ok = r.lang.numbers.at(r.ts, i)
		if !ok || i > 0 && r.ts[i].glued && r.ts[i-1].kind == word {
			return 0, i, false
		}
		q.spelled, q.article = true, v == 1
		if v >= 20 && v < 100 { // twenty-five
			if u, end, ok := r.lang.numbers.at(r.ts, r.skipJoin(next)); ok && u >= 1 && u < 10 {
				v, next = v+u, end
			}
		}
		return v, next, true
	}
	text := r.ts[i].text
	for next = i + 1; next < len(r.ts) && r.lang.spaced && thousands(text, r.ts[next], r.ts[next-1]); next++ {
		text += " " + r.ts[next].text
	}
	v, q.plain, ok = parseNumber(text, r.lang.decimal)
	if p, end, ok := r.power(v, next); ok {
		q.plain = ""
		return p, end, true
	}
	return v, next, ok
}

// power reads on where a power of ten follows v: 10^25, 3e25, 3 x 10^25.
func (r *reader) power(v float64, i int) (float64, int, bool) {
	is := func(k int, text string) bool { return k < len(r.ts) && r.ts[k].text == text }
	switch {
	case v == 10 && is(i, "^"):
		v, i = 1, i+1
	case is(i, "e") && r.ts[i].glued:
		i++
	case is(i, "x") && is(i+1, "10") && is(i+2, "^"):
		i += 3
	default:
		return 0, i, false
	}
	if i >= len(r.ts) || r.ts[i].kind != digits || !r.ts[i].glued {
		return 0, i, false
	}
	e, err := strconv.Atoi(r.ts[i].text)
	return v * math.Pow10(e), i + 1, err == nil && e < 100
}

// thousands reports whether t continues a number whose thousands are parted by
// spaces: 325 000, but not 01 42 55.
func thousands(text string, t, before token) bool {
	head := text[strings.LastIndexByte(text, ' ')+1:]
	return t.kind == digits && !t.glued && t.start == before.end+1 && text[0] != '0' &&
		len(head) <= 3 && strings.Trim(head, "0123456789") == "" &&
		len(t.text) >= 3 && strings.Trim(t.text[:3], "0123456789") == "" && (len(t.text) == 3 || t.text[3] == ',')
}

// skipJoin skips what may stand between a number and its magnitude or unit: a
// hyphen, the plus of "100+", the 多 of 100多万.
func (r *reader) skipJoin(i int) int {
	for i < len(r.ts) && r.ts[i].glued && (r.ts[i].text == "-" || r.ts[i].text == "+" || r.ts[i].text == "多" || r.ts[i].text == "余") {
		i++
	}
	return i
}

// halfMore skips "and a half".
func (r *reader) halfMore(i int) (int, bool) {
	_, next, ok := r.lang.halfMore.at(r.ts, i)
	return next, ok
}

// partOfName reports whether the number belongs to a name, a date or a
// version: the 910 of Ascend910C, the 5 of GPT-5, the 3 of 3rd, 24/7, 07:30.
func (r *reader) partOfName(q quantity) bool {
	t := r.ts[q.first]
	if q.first > 0 && t.glued {
		before := r.ts[q.first-1]
		switch {
		case t.kind != han && before.kind == digits, t.kind != han && before.kind == word && !r.lang.ahead.has(r.ts, q.first-1):
			return true
		case strings.Contains(":/._#@", before.text) && (before.glued || before.text == "#"):
			return true
		case before.text == "-" && before.glued && q.first != r.last.next+1:
			return true
		}
	}
	if q.next+1 >= len(r.ts) || !r.ts[q.next].glued {
		return q.next < len(r.ts) && r.ts[q.next].glued && r.ts[q.next].kind == word && !r.lang.units.has(r.ts, q.next)
	}
	after, next := r.ts[q.next], r.ts[q.next+1]
	switch {
	case after.kind == word:
		return !r.lang.units.has(r.ts, q.next)
	case after.kind == digits:
		return true
	case after.text == "-":
		return next.glued && next.kind == word && !r.lang.units.has(r.ts, q.next+1) && !r.lang.units.has(r.ts, q.next) && !r.lang.links.has(r.ts, q.next+1)
	case after.text == "/" || after.text == ":" || after.text == ".":
		return next.glued && next.kind == digits
	}
	return false
}

// parseNumber reads digits whose decimals stand behind the mark decimal, and
// writes them as 1,234.5. The other mark parts thousands; where a mark can only
// be the one or the other it is that, whatever the language says.
func parseNumber(text string, decimal byte) (v float64, plain string, ok bool) {
	text = separators.Replace(text)
	last := strings.LastIndexAny(text, ".,")
	whole, fraction := text, ""
	if last >= 0 {
		after := text[last+1:]
		both := strings.ContainsRune(text[:last], rune(other(text[last])))
		again := strings.IndexByte(text, text[last]) < last
		if both && again {
			return 0, "", false
		}
		if both || !again && (text[last] == decimal || len(after) != 3 || text[0] == '0') {
			whole, fraction = text[:last], after
		}
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == '.' || r == ' ' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return 0, "", false
		}
	}
	bare, plain := strings.Join(groups, ""), strings.Join(groups, ",")
	if fraction != "" {
		bare, plain = bare+"."+fraction, plain+"."+fraction
	}
	v, err := strconv.ParseFloat(bare, 64)
	return v, plain, err == nil
}

// separators turns what may part thousands besides comma and point into spaces.
var separators = strings.NewReplacer("'", " ", "’", " ", "\u00a0", " ", "\u202f", " ", "\u2009", " ")

func other(mark byte) byte {
	if mark == '.' {
		return ','
	}
	return '.'
}
