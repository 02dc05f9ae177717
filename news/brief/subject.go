package brief

import (
	"strings"
	"unicode"
)

// subject is what a figure is of. The first of these that there is:
//
//   - whose it is, as the words around it say
//   - what a share is a share of, whose the users are: "5% of Surge's revenue"
//   - the model that parameters, tokens or scores are a property of
//   - the name that its clause is about
//   - the next name behind it
//   - the noun that its clause is about: "The model achieves 42.1"
func (r *reader) subject(f found, names []name) string {
	if s, ok := r.owner(f, names); ok {
		return s
	}
	if f.unit.name == "%" || f.unit.name == "users" {
		if s, ok := r.whole(f, names); ok {
			return s
		}
	}
	best := r.about(f, names)
	property := f.unit.name == "parameters" || f.unit.name == "tokens" || f.unit.name == "score" || r.perTokens(f)
	if property {
		if s, ok := r.model(f, names, best); ok {
			return s
		}
	}
	if best >= 0 {
		if s, ok := r.instead(f, names, names[best], property); ok {
			return s
		}
		n := names[best]
		if places.has(r.ts, n.first-2) && r.lang.genitives.has(r.ts, n.first-1) {
			return r.text(n.first-2, n.next) // campus de Fouju
		}
		if places.has(r.ts, n.next) && r.lang.article.has(r.ts, n.first-1) {
			return r.text(n.first, n.next+1) // the Memphis cluster
		}
		return n.text
	}
	noun := r.nounBefore(f)
	if noun == "" && r.standsFor(f) {
		return ""
	}
	if f.unit.name == "%" && noun == "" {
		if s := r.share(f, names); s != "" {
			return s
		}
	}
	for _, n := range names {
		if n.first >= f.next {
			if (noun != "" || r.ours(f)) && n.oblique && (givers.has(r.ts, n.first-1) || r.wholeOf(n, f)) {
				break
			}
			return n.text
		}
	}
	return noun
}

// wholeOf reports whether only an article and what stands before a whole part a
// share from a name: "8% of the Dax".
func (r *reader) wholeOf(n name, f found) bool {
	_, next, ok := r.lang.shareOf.at(r.ts, f.next)
	return ok && f.unit.name == "%" && n.first-next <= 1
}

// instead is what a figure is of where the name that its clause seems to be
// about is only mentioned: the clause has a noun of its own, or the name is a
// noun and another follows.
func (r *reader) instead(f found, names []name, n name, property bool) (string, bool) {
	if n.oblique && !at.has(r.ts, n.first-1) && !(property && numbered(n)) && r.clauseBetween(n.next, f.first, softMarks) {
		if noun := r.nounBefore(f); noun != "" {
			return noun, true // "Compared with GPT-4, the model ..."
		}
	}
	if n.oblique && locatives.has(r.ts, n.first-1) {
		i := n.first - 1
		if based.has(r.ts, i-1) {
			i--
		}
		_, _, role := roles.before(r.ts, i)
		if role || places.has(r.ts, i-1) {
			if noun := r.nounBefore(f); noun != "" {
				return noun, true // "The start-up in Paris raised ..."
			}
		}
	}
	_, measure := r.measure(n.first)
	if n.common && n.oblique && measure || generic.has(r.ts, n.first) {
		for _, o := range names {
			if o.first >= f.next && !o.oblique && !o.common {
				return o.text, true // "Mit einer Leistung von 11 MW gehört Jupiter ..."
			}
		}
	}
	return "", false
}

// at are prepositions before a company of which the clause tells: "Chez Atos, le ..."
var at = set("at|bei|chez|en")

// locatives are prepositions before where something is, and based may stand
// before them.
var (
	locatives = set("in|at|from|near|à|en")
	based     = set("based|basé|basée")
)

// perTokens reports whether a figure is the price of tokens.
func (r *reader) perTokens(f found) bool {
	if !f.unit.money() || !r.lang.each.has(r.ts, f.next) {
		return false
	}
	for i := f.next; i < min(f.next+5, len(r.ts)); i++ {
		if u, _, ok := r.lang.units.at(r.ts, i); ok && u.name == "tokens" {
			return true
		}
	}
	return false
}

// standsFor reports whether a pronoun is the subject of the clause of a figure.
func (r *reader) standsFor(f found) bool { return pronouns.has(r.ts, r.clauseStart(f)) }

// clauseStart is the first token of the clause of a figure.
func (r *reader) clauseStart(f found) int {
	from := f.first
	for from > 0 && !endsClause(r.ts[from-1]) {
		from--
	}
	return from
}

// ours reports whether a figure belongs to who writes: "our $40m round".
func (r *reader) ours(f found) bool {
	for i := max(f.first-3, 0); i < f.first; i++ {
		if possessives.has(r.ts, i) {
			return true
		}
	}
	return false
}

// about is the name before a figure that its clause is about, -1 where there is
// none. A name that a preposition holds, or a noun, gives way to one that is a
// subject; a new clause has a new one unless it only goes through a list.
func (r *reader) about(f found, names []name) int {
	best := -1
	for k, n := range names {
		if n.first >= f.first {
			break
		}
		if best < 0 {
			best = k
			continue
		}
		b := names[best]
		switch {
		case r.owns(b, n), b.common && n.first == b.next+1 && r.lang.genitives.has(r.ts, b.next):
			best = k
		case n.oblique, b.oblique && n.common && at.has(r.ts, b.first-1), r.apposition(b, n, f):
		case says.has(r.ts, b.next), r.ts[b.first].kind == han && n.first == b.next && r.ts[n.first].kind == word && !roles.has(r.ts, n.first):
			best = k // "Moor said Orbit has ..."; 谷歌 Gemini
		case r.clauseBetween(names[k-1].next, n.first, hardMarks) && !generic.has(r.ts, n.first):
			best = k
		case b.oblique && !n.common:
			best = k
		case r.clauseBetween(b.next, n.first, softMarks) && !r.listed(n, f) && !generic.has(r.ts, n.first):
			best = k
		}
	}
	return best
}

// apposition reports whether n only stands between commas in what is said of b:
// "Tessera, Halcyon's rival, raised", "Tessera, which left Halcyon, raised".
func (r *reader) apposition(b, n name, f found) bool {
	return !b.oblique && n.next < len(r.ts) && r.ts[b.next].text == "," && (r.ts[n.next].text == "'" || relatives.has(r.ts, b.next+1)) && r.clauseBetween(n.next, f.first, ",")
}

// What ends a clause, and what may only part what stands in one.
const (
	hardMarks = ";:.!?。；：！"
	softMarks = hardMarks + ",，、"
)

// clauseBetween reports whether one of the marks stands between two tokens, or
// with the soft ones an "and".
func (r *reader) clauseBetween(from, to int, marks string) bool {
	for i := from; i < to; i++ {
		if r.ts[i].kind == mark && strings.Contains(marks, r.ts[i].text) || marks == softMarks && !r.capitals && r.lang.and.has(r.ts, i) {
			return true
		}
	}
	return false
}

// listed reports whether a name is one of several, or has nothing to do with
// what is said behind it.
func (r *reader) listed(n name, f found) bool {
	if n.listed {
		return true
	}
	if n.next >= len(r.ts) || n.next+2 >= f.first {
		return false
	}
	return endsClause(r.ts[n.next]) || r.lang.and.has(r.ts, n.next) || r.lang.genitives.has(r.ts, n.next)
}

// owns reports whether a owns b: Meta's Hyperion, Moors' fund Birch.
func (r *reader) owns(a, b name) bool {
	if a.next < len(r.ts) && r.ts[a.next].text == "的" {
		return b.first == a.next+1
	}
	if a.next >= len(r.ts) || r.ts[a.next].text != "'" {
		return false
	}
	return b.first == a.next+1 && !r.ts[b.first].glued || b.first == a.next+2 && r.ts[a.next+1].text == "s"
}

// whole is what a share is of, or whose the users are: the name behind "of", or
// one within the figure, as in "800 million ChatGPT users".
func (r *reader) whole(f found, names []name) (string, bool) {
	if r.lang.shareOf.has(r.ts, f.next) {
		for _, n := range names {
			if n.first == f.next+1 && !n.common {
				return n.text, true
			}
		}
	}
	if f.unit.name != "users" {
		return "", false
	}
	first, next := 0, 0
	for i := f.first + 1; i < f.next; i++ {
		t := r.ts[i]
		_, _, scale := r.lang.magnitudes.at(r.ts, i)
		switch {
		case t.kind == word && t.capital && !t.glued && !scale && !r.lang.units.has(r.ts, i) && !origin(t.text):
			if next == 0 {
				first = i
			}
			next = i + 1
		case next > 0 && i == next && t.glued:
			next++
		}
	}
	if next == 0 {
		return "", false
	}
	return r.text(first, next), true
}

// model is the model that a figure is a property of: the name behind a "model"
// that follows the figure, else the nearest before it that has a number or a
// "model" behind it, unless the name that the clause is about has one.
func (r *reader) model(f found, names []name, best int) (string, bool) {
	const farthest = 5
	for i := f.next; i < min(f.next+farthest, len(r.ts)) && !endsClause(r.ts[i]); i++ {
		if !modelWords.has(r.ts, i) {
			continue
		}
		for _, n := range names {
			if n.first == i+1 {
				return n.text, true
			}
		}
	}
	if best < 0 || numbered(names[best]) {
		return "", false
	}
	s, ok := "", false
	for _, n := range names {
		if n.first < f.first && (numbered(n) || modelWords.has(r.ts, n.next) || r.behind(releases, n) || r.behind(modelWords, n)) && !r.behind(rivals, n) && !r.clauseBetween(n.next, f.first, ";.!?。；！") {
			s, ok = n.text, true
		}
	}
	return s, ok
}

// behind reports whether a phrase of l ends before a name.
func (r *reader) behind(l lexicon[bool], n name) bool {
	_, _, ok := l.before(r.ts, n.first)
	return ok
}

func numbered(n name) bool { return strings.ContainsFunc(n.text, unicode.IsDigit) }

// nounBefore is what the clause of a figure is about where it has no name: the
// words behind the first article of the clause, or of the sentence where the
// clause goes on with it: "The start-up, based in Paris, raised $5m".
func (r *reader) nounBefore(f found) string {
	from := r.clauseStart(f)
	if r.standsFor(f) {
		return ""
	}
	for i := from; i < f.first; i++ {
		if s, ok := r.nounAt(i, f); ok {
			return s
		}
	}
	s, _ := r.nounAt(0, f)
	return s
}

// nounAt is the noun behind an article at token i.
func (r *reader) nounAt(i int, f found) (string, bool) {
	_, next, ok := r.lang.article.at(r.ts, i)
	if !ok || i >= f.first || i > 0 && r.lang.oblique.has(r.ts, i-1) {
		return "", false
	}
	end := r.nounEnd(next)
	_, first, ahead := r.ahead(f.first)
	if end <= next || end >= f.first || ahead && end >= first { // "a whopping 30%"
		return "", false
	}
	if _, measure := r.measure(next); measure && r.lang.genitives.has(r.ts, end) {
		_, k, _ := r.lang.genitives.at(r.ts, end)
		if r.lang.article.has(r.ts, k) && k < f.first {
			_, next, _ = r.lang.article.at(r.ts, k)
			if whose := r.nounEnd(next); whose > next && whose < f.first {
				return r.text(next, whose), true // les effectifs de la start-up
			}
		}
	}
	if end == next+1 && !roles.has(r.ts, next) && !r.lang.nouns && r.lang.code != "en" && r.lang.genitives.has(r.ts, end) {
		if _, k, _ := r.lang.genitives.at(r.ts, end); k < f.first && r.ts[k].kind == word && !r.ts[k].capital && !r.ends(k) {
			end = k + 1 // centro de datos, chiffre d'affaires
		}
	}
	return r.text(next, end), true
}
