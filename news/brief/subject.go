package brief

import (
	"regexp"
	"strings"
)

// A name is a run of capitalised words with the numbers and hyphens that
// belong to it.
type name struct {
	first, next int // tokens
	text        string
}

// names finds those of a sentence s, without benchmarks, units and figures.
func (r *reader) names(s string) []name {
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
		if end := r.topic(i); end > i {
			out = append(out, name{i, end, s[r.ts[i].start:r.ts[end-1].end]})
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
		if !benchmarks.anywhere(r.ts[i:end]) {
			out = append(out, name{i, end, s[r.ts[i].start:r.ts[end-1].end]})
		}
		i = end
	}
	return out
}

// topic is where the Han characters end that begin a clause at token i, before
// its verb or a number. Where there are none it is i.
func (r *reader) topic(i int) int {
	const shortest, longest = 2, 10
	if i > 0 && !endsClause(r.ts[i-1]) {
		return i
	}
	end := i
	for end < len(r.ts) && r.ts[end].kind == han && !r.lang.verbs.has(r.ts, end) && !r.lang.numbers.has(r.ts, end) && !r.lang.ahead.has(r.ts, end) {
		end++
	}
	if end > i && strings.Contains("达为至约", r.ts[end-1].text) && end < len(r.ts) && r.ts[end].kind == digits {
		end--
	}
	if end-i < shortest || end-i > longest {
		return i
	}
	return end
}

// startsName reports whether a name may begin at token i.
func (r *reader) startsName(i int) bool {
	t := r.ts[i]
	return t.kind == word && t.capital && !(i > 0 && t.glued && r.ts[i-1].kind == digits) &&
		!r.lang.function.has(r.ts, i) && !r.lang.stops.has(r.ts, i) && !r.lang.units.has(r.ts, i) && !r.lang.ahead.has(r.ts, i) && !noNames.has(r.ts, i)
}

// goesOn reports whether token i belongs to the name before it.
func (r *reader) goesOn(i int) bool {
	t, before := r.ts[i], r.ts[i-1]
	switch t.kind {
	case word:
		return t.glued && before.kind != mark || t.glued && before.text == "-" || t.capital && !t.glued && !r.lang.function.has(r.ts, i)
	case digits:
		return !isDate(t.text)
	case mark:
		next := i + 1
		return (t.text == "-" || t.text == "." || t.text == "&") && t.glued && next < len(r.ts) && r.ts[next].glued && r.ts[next].kind != mark
	}
	return false
}

func isDate(text string) bool { return len(text) == 4 && (text[:2] == "19" || text[:2] == "20") }

// subject is the name that a figure is of: what it is a share of ("5% of
// Surge's revenue"), else the first of the nearest clause before it, else the
// next one behind it.
func (r *reader) subject(f found, names []name) string {
	if f.unit.name == "%" && r.lang.shareOf.has(r.ts, f.next) {
		for _, n := range names {
			if n.first == f.next+1 {
				return n.text
			}
		}
	}
	best := -1
	for k, n := range names {
		if n.first >= f.first {
			break
		}
		if best < 0 || r.clauseBetween(names[best].next, n.first) || r.owns(names[best], n) {
			best = k
		}
	}
	if best < 0 && len(names) > 0 {
		best = 0
	}
	if best < 0 {
		return ""
	}
	return names[best].text
}

// clauseBetween reports whether a clause ends between two tokens.
func (r *reader) clauseBetween(from, to int) bool {
	for i := from; i < to; i++ {
		if endsClause(r.ts[i]) || r.lang.and.has(r.ts, i) {
			return true
		}
	}
	return false
}

// owns reports whether a owns b: Meta's Hyperion.
func (r *reader) owns(a, b name) bool {
	return b.first == a.next+2 && r.ts[a.next].text == "'" && r.ts[a.next+1].text == "s"
}

// noNames are capitalised where sentences begin, in any of the languages.
var noNames = set("an|in|he|she|they|we|but|these|those|each|our|his|her|their|prices|posts|sources|analysts|unconfirmed|according|people|since|after|before|when|while|input|output|both|shares|there|one|twice|training|" +
	"nach|durch|beim|vom|rund|es|er|sie|wir|zwischen|zwei|drei|diese|dieser|dieses|" +
	"il|elle|ils|elles|ces|cet|on|nous|entre|chaque|je|se|ne|" +
	"un|una|lo|tiene|ahora|cada|no|" +
	"january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|" +
	"januar|februar|märz|mai|juni|juli|oktober|dezember|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag")

var attribution = regexp.MustCompile(`(?i)(?:according to|laut|selon|según) (?:the |a )?([A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,3})`)

// claimant is who a sentence attributes its claim to, else its outlet.
func claimant(s string, d Doc) string {
	if m := attribution.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return d.Source
}
