package brief

import (
	"slices"
	"strings"
	"unicode"
)

// A name is what a sentence may be about: a run of capitalised words with the
// numbers and hyphens that belong to it, or the noun that such an adjective or
// an article begins.
type name struct {
	first, next int // tokens
	text        string
	oblique     bool // behind a preposition: the sentence only mentions it
	listed      bool // goes on with a list that the name before it begins
	common      bool // a noun with its article, in a language that capitalises nouns
}

// names finds those of a sentence, without benchmarks, units and figures.
func (r *reader) names() []name {
	var out []name
	figures := r.out
	for i := 0; i < len(r.ts); {
		for len(figures) > 0 && figures[0].next <= i {
			figures = figures[1:]
		}
		if len(figures) > 0 && i >= figures[0].first {
			i = figures[0].next
			continue
		}
		if _, next, ok := benchmarks.at(r.ts, i); ok {
			i = next
			continue
		}
		if _, next, ok := noNames.at(r.ts, i); ok && next > i+1 {
			i = next
			continue
		}
		if from, end := r.topic(i); end > from {
			out = append(out, name{first: from, next: end, text: r.text(from, end)})
			i = end
			continue
		}
		if !r.startsName(i) {
			i++
			continue
		}
		end := i + 1
		for end < len(r.ts) && (len(figures) == 0 || end < figures[0].first) && r.goesOn(end) {
			end++
		}
		if first, next := r.trim(i, end); next > first && !benchmarks.anywhere(r.ts[first:next]) {
			out = append(out, name{first: first, next: next, text: r.text(first, next)})
		}
		i = end
	}
	return r.placed(out)
}

// text is what stands from one token up to another.
func (r *reader) text(first, next int) string { return r.s[r.ts[first].start:r.ts[next-1].end] }

// placed says of names how they stand in the sentence, and leaves out those
// that only say more of the next: the Google of "Google scientist Ada Moor".
func (r *reader) placed(names []name) []name {
	var out []name
	for k, n := range names {
		if k+1 < len(names) && r.lang.nouns && names[k+1].first == n.next && germanRoles(r.ts[n.next-1].text) {
			continue // Start-up n8n
		}
		if k+1 < len(names) && (r.apposed(n, names[k+1]) || r.leadsTo(n, names[k+1])) {
			continue
		}
		before := n.first - 1
		if r.attributes(n.first) || follows.has(r.ts, n.next) || r.lang.article.has(r.ts, before) && r.attributes(before) {
			continue // it says so, and is not what is told of
		}
		if t := r.ts[n.first].text; t == "ai" || t == "ki" || t == "ia" {
			n.common = !r.ts[n.next-1].capital // AI chips
		}
		if r.lang.article.has(r.ts, before) {
			n.common = n.common || r.lang.nouns
			before--
		}
		n.oblique = r.lang.oblique.has(r.ts, before)
		if len(out) > 0 && r.joined(out[len(out)-1].next, n) {
			n.listed = true
			n.oblique = n.oblique || out[len(out)-1].oblique
		}
		out = append(out, n)
	}
	return out
}

// attributes reports whether "according to" ends before token i.
func (r *reader) attributes(i int) bool {
	_, _, ok := sayingOf.before(r.ts, i)
	return ok
}

// apposed reports whether only lower-case words stand between a and b, of which
// the last says what b is.
func (r *reader) apposed(a, b name) bool {
	const farthest = 6
	if b.first == a.next || b.first-a.next > farthest || !roles.has(r.ts, b.first-1) {
		return false
	}
	return !slices.ContainsFunc(r.ts[a.next:b.first], func(t token) bool {
		return t.kind != word && t.text != "-" && t.text != "'" || t.text == "and" || t.text == "or"
	})
}

// leadsTo reports whether a is a noun that only begins the sentence, in a language
// that writes nouns small: the Inference of "Inference on Groq". No name ends so.
func (r *reader) leadsTo(a, b name) bool {
	t := r.ts[a.first]
	return !r.lang.nouns && a.first == 0 && a.next == 1 && t.kind == word && b.first == 2 &&
		(r.ts[1].text == "on" || r.lang.genitives.has(r.ts, 1)) && !strings.ContainsFunc(r.text(0, 1)[1:], unicode.IsUpper)
}

// joined reports whether n goes on with a list at token from: behind an "and",
// or between commas.
func (r *reader) joined(from int, n name) bool {
	and := n.next < len(r.ts) && (r.ts[n.next].text == "," || r.lang.and.has(r.ts, n.next))
	for i := from; i < n.first; i++ {
		switch {
		case r.lang.and.has(r.ts, i), r.ts[i].text == "&":
			and = true
		case r.ts[i].text != "," && r.ts[i].text != "、":
			return false
		}
	}
	return and && from < n.first
}

// trim takes from a run of capitalised words what belongs to no name: the
// office before a person, the backer before a firm ("Fund-backed Halcyon"). A lone adjective of a country or
// union goes on to its noun: "Finnish site".
func (r *reader) trim(first, next int) (int, int) {
	for i := first + 1; i+1 < next; i++ {
		if r.ts[i].text == "-" && backed[r.ts[i+1].text] {
			first = i + 2
		}
	}
	for i := next - 2; i >= first && r.lang.nouns; i-- {
		if germanRoles(r.ts[i].text) || r.ts[i].text == "up" && i > first && r.ts[i-1].text == "-" {
			first = i + 1 // Münchner Start-up Helix
			break
		}
	}
	for i := next - 1; i >= first; i-- {
		if !offices[r.ts[i].text] {
			continue
		}
		if i+1 < next {
			first = i + 1
		} else {
			for next = i; next > first && offices[r.ts[next-1].text]; next-- {
			}
			continue
		}
		break
	}
	if next-first != 1 {
		return first, next
	}
	if t := r.ts[first].text; origin(t) {
		if end := r.nounEnd(next); end > next && !(unions[t] && end == next+1 && r.predicate(next)) {
			return first, end
		}
		if t == "ai" || t == "ki" || t == "ia" {
			return first, first
		}
	}
	return first, next
}

// predicate reports whether the word at token i is a verb of the third person:
// an object, a figure or an infinitive follows.
func (r *reader) predicate(i int) bool {
	return strings.HasSuffix(r.ts[i].text, "s") && (r.lang.article.has(r.ts, i+1) || r.inFigure(i+1) || i+1 < len(r.ts) && r.ts[i+1].text == "to")
}

// topic is where the Han characters begin and end that begin a clause at token
// i, before its verb or a number. Where there are none both are the same.
func (r *reader) topic(i int) (from, end int) {
	const shortest, longest = 2, 10
	if _, _, object := objects.before(r.ts, i); i > 0 && !endsClause(r.ts[i-1]) && !object && !(r.ts[i-1].text == "的" && i > 1 && r.inFigure(i-2)) {
		return i, i
	}
	if i < len(r.ts) && r.ts[i].text == "其" {
		return i, i // its
	}
	for {
		_, next, ok := hearsays.at(r.ts, i)
		if !ok {
			break
		}
		i = next
	}
	end = i
	for end < len(r.ts) && r.ts[end].kind == han && !r.lang.numbers.has(r.ts, end) && !r.lang.ahead.has(r.ts, end) {
		if _, next, ok := hanNouns.at(r.ts, end); ok {
			end = next
			continue
		}
		if r.lang.verbs.has(r.ts, end) {
			break
		}
		end++
	}
	if end > i && strings.Contains("达为至约", r.ts[end-1].text) && end < len(r.ts) && r.ts[end].kind == digits {
		end--
	}
	for k := i; k < end; k++ {
		if _, next, ok := parents.at(r.ts, k); ok && end-next >= shortest {
			i = next // 字节跳动旗下豆包
		}
	}
	if end-i < shortest || end-i > longest {
		return i, i
	}
	for k := end - 1; k >= i+shortest; k-- {
		if _, next, ok := generic.at(r.ts, k); ok && next == end && !generic.has(r.ts, i) {
			end = k // 月之暗面估值
		}
	}
	if end+1 < len(r.ts) && r.ts[end].kind == digits && r.ts[end].glued && r.ts[end+1].glued && !r.inFigure(end) {
		switch {
		case r.ts[end+1].kind == word:
			end += 2 // 昇腾910C
		case strings.Contains(r.ts[end].text, "."), r.ts[end+1].kind == mark && !isDate(r.ts[end].text):
			end++ // 文心5.0
		}
	}
	return i, end
}

// inFigure reports whether a token is of a figure.
func (r *reader) inFigure(i int) bool {
	return slices.ContainsFunc(r.out, func(f found) bool { return i >= f.first && i < f.next })
}

// startsName reports whether a name may begin at token i.
func (r *reader) startsName(i int) bool {
	t := r.ts[i]
	if r.lettered(i) {
		return true
	}
	if t.kind != word || !t.capital || i > 0 && t.glued && r.ts[i-1].kind == digits {
		return false
	}
	if r.acronym(i) || t.text == "x" && (i+1 == len(r.ts) || !r.ts[i+1].glued) {
		return true // AT&T, X
	}
	if i > 0 && r.ts[i-1].kind == word && !r.ts[i-1].capital && !r.capitals && r.lang.article.has(r.ts, i) && i+1 < len(r.ts) && r.ts[i+1].capital && !t.glued {
		return true // à Le Chat
	}
	if (i == 0 || r.ts[i-1].kind == mark) && beginnings.has(r.ts, i) {
		return false
	}
	if (i == 0 || endsClause(r.ts[i-1])) && openings.has(r.ts, i) && i+1 < len(r.ts) && !r.ts[i+1].capital {
		return false
	}
	if noNames.has(r.ts, i) || r.capitals && headlineVerbs[t.text] || i == 0 && gerund(t.text) && len(r.ts) > 1 && !r.ts[1].capital && !r.lang.auxiliaries.has(r.ts, 1) && !headlineVerbs[r.ts[1].text] {
		return false
	}
	if (i == 0 || endsClause(r.ts[i-1])) && participle(t.text) && r.lang.oblique.has(r.ts, i+1) {
		return false // "Trained on 15 trillion tokens, Tessera ..."
	}
	return !r.lang.function.has(r.ts, i) && !r.lang.stops.has(r.ts, i) && !r.lang.units.has(r.ts, i) && !r.lang.ahead.has(r.ts, i)
}

// lettered reports whether a letter in lower case at token i begins the name of
// a model: o3, r1.
func (r *reader) lettered(i int) bool {
	t := r.ts[i]
	return t.kind == word && len(t.text) == 1 && !t.capital && !t.glued && t.text != "x" && i+1 < len(r.ts) && r.ts[i+1].glued && r.ts[i+1].kind == digits
}

// acronym reports whether token i is a short word in capitals with an ampersand
// behind it: the AT of AT&T is no preposition.
func (r *reader) acronym(i int) bool {
	t := r.ts[i]
	return i+2 < len(r.ts) && r.ts[i+1].text == "&" && r.ts[i+1].glued && r.ts[i+2].glued &&
		!strings.ContainsFunc(r.s[t.start:t.end], unicode.IsLower)
}

// goesOn reports whether token i belongs to the name before it.
func (r *reader) goesOn(i int) bool {
	t, before := r.ts[i], r.ts[i-1]
	switch t.kind {
	case word:
		if t.text == "of" && institutions[before.text] && i+1 < len(r.ts) && r.ts[i+1].capital {
			return true // Bank of America
		}
		if tiers[t.text] && (before.kind == digits || t.capital && !t.glued && !r.capitals) {
			return true // GPT-5 mini, Claude Pro
		}
		return t.glued && before.kind != mark || t.glued && (before.text == "-" || before.text == "&" || before.text == ".") || t.capital && !t.glued && !r.lang.function.has(r.ts, i) && !noNames.has(r.ts, i) && !(r.capitals && headlineVerbs[t.text])
	case digits:
		return !isDate(t.text)
	case mark:
		next := i + 1
		return (t.text == "-" || t.text == "." || t.text == "&") && t.glued && next < len(r.ts) && r.ts[next].glued && r.ts[next].kind != mark
	}
	return false
}

func isDate(text string) bool { return len(text) == 4 && (text[:2] == "19" || text[:2] == "20") }

// origin reports whether an adjective says where something comes from.
func origin(w string) bool {
	return origins[w] || len(w) > 5 && (strings.HasSuffix(w, "ish") || strings.HasSuffix(w, "ese"))
}

// participle reports whether a word may be one, before a preposition.
func participle(w string) bool {
	return len(w) > 4 && hasEnd(w, "ed", "é", "ée", "és", "ées", "ado", "ada", "ados", "adas", "ido", "ida") || w == "built" || w == "led" || strings.HasPrefix(w, "ge") && hasEnd(w, "t", "en") || strings.HasPrefix(w, "ange")
}

// gerund reports whether a word is a verb that may begin a headline.
func gerund(w string) bool { return len(w) > 5 && strings.HasSuffix(w, "ing") }

// nounEnd is where the words of lower case end that begin at token i and name a
// thing, i where they name none. A verb ends them: the last word that stands
// before a figure, a preposition or an adverb is taken for one, unless it is
// the only word.
func (r *reader) nounEnd(i int) int {
	const longest = 4
	end := i
	for end < len(r.ts) && end-i < longest && r.ts[end].kind == word && (!r.ts[end].capital || r.lang.nouns) && !r.ends(end) {
		end++
		for end+1 < len(r.ts) && r.ts[end].text == "-" && r.ts[end].glued && r.ts[end+1].glued && r.ts[end+1].kind == word {
			end += 2
		}
	}
	for k := i + 1; k+1 < end && r.lang.code == "en"; k++ {
		if t := r.ts[k].text; strings.HasSuffix(t, "s") && !strings.HasSuffix(t, "ss") && !strings.HasSuffix(r.ts[k-1].text, "s") && r.ts[k].kind == word {
			return k // "the update remembers files": a verb and its object
		}
	}
	if end == len(r.ts) || end-i < 2 || r.ts[end].text == "'" || r.lang.auxiliaries.has(r.ts, end) || r.lang.genitives.has(r.ts, end) {
		return end
	}
	if r.ts[end-1].kind == word && !r.ts[end-1].glued && !(r.lang.nouns && r.ts[end-1].capital) {
		end--
	}
	return end
}

// ends reports whether token i is no part of what a noun is.
func (r *reader) ends(i int) bool {
	return r.lang.function.has(r.ts, i) || r.lang.stops.has(r.ts, i) || r.lang.prepositions.has(r.ts, i) || r.lang.oblique.has(r.ts, i) || r.lang.auxiliaries.has(r.ts, i) ||
		r.lang.genitives.has(r.ts, i) || r.inFigure(i)
}

// inCapitals reports whether a sentence is a headline whose words all begin with
// capitals.
func (r *reader) inCapitals() bool {
	words, capitals := 0, 0
	for _, t := range r.ts {
		if t.kind == word && len(t.text) > 3 {
			words++
			if t.capital {
				capitals++
			}
		}
	}
	return words >= 2 && capitals*10 >= words*8 && !r.lang.nouns
}
