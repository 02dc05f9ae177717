package brief

import "strings"

// owner is whose a figure is where the words around it say so: these go before
// the name that the clause is about. The first of them holds:
//
//   - who has to pay a fine or settles: "fined Tessera", "orders Tessera to pay"
//   - the name whose the figure is: "leads Tessera's $2bn round"
//   - the name that is valued, and whose a round is: "a $2bn round for Tessera"
//   - the name behind a property: "shares in Tessera", "the price of Orbit 3"
//   - of as many names as figures the one at its place: "respectively"
//   - in a comparison the name beside the figure: "ahead of Orbit 3 at 76%"
func (r *reader) owner(f found, names []name) (string, bool) {
	money := f.unit.money()
	if money {
		if s, ok := r.fined(f, names); ok {
			return s, true
		}
	}
	begin := r.amountStart(f)
	if s, ok := r.respective(f, names); ok {
		return s, true
	}
	for _, n := range names {
		if n.next < begin && r.possessed(n, begin) || n.next == begin && r.out[0].first < f.first {
			return n.text, true // "Orbit has 40 GPUs, Tessera 30 GPUs"
		}
	}
	if money {
		if s, ok := r.raised(f, names); ok {
			return s, true
		}
	}
	if s, ok := r.measured(f, names); ok {
		return s, true
	}
	return r.compared(f, names)
}

// respective is the name at a figure's place where a sentence lists as many
// names as figures: "Tessera and Halcyon rose 4% and 6%, respectively".
func (r *reader) respective(f found, names []name) (string, bool) {
	if len(r.out) < 2 || len(names) < len(r.out) || !respectively.anywhere(r.ts) {
		return "", false
	}
	for k, o := range r.out {
		if o.first == f.first && names[len(r.out)-1].next <= r.out[0].first {
			return names[k].text, true
		}
	}
	return "", false
}

// money reports whether a unit is a currency.
func (u unit) money() bool { return len(u.name) == 3 && strings.ToUpper(u.name) == u.name }

// amountStart is the first token of a figure, with the sign of its currency.
func (r *reader) amountStart(f found) int {
	if _, first, ok := r.ahead(f.first); ok {
		return first
	}
	return f.first
}

// possessed reports whether only "'s" and adjectives of time part a name from
// what begins at a token.
func (r *reader) possessed(n name, begin int) bool {
	i := n.next
	if r.ts[i].text != "'" {
		return false
	}
	for i++; i < begin && (r.ts[i].text == "s" && r.ts[i].glued || recent.has(r.ts, i)); i++ {
	}
	return i == begin
}

// nameFrom is the name at token i, behind an article or what says what it is.
func (r *reader) nameFrom(i int, names []name) (name, bool) {
	const farthest = 4
	if _, next, ok := r.lang.article.at(r.ts, i); ok {
		i = next
	}
	for _, n := range names {
		if n.first < i {
			continue
		}
		if n.first == i || n.first-i <= farthest && r.lower(i, n.first) && roles.has(r.ts, n.first-1) {
			return n, true
		}
		break
	}
	return name{}, false
}

// lower reports whether only words in lower case stand between two tokens.
func (r *reader) lower(from, to int) bool {
	for i := from; i < to; i++ {
		if t := r.ts[i]; t.kind != word && t.text != "-" || t.capital {
			return false
		}
	}
	return true
}

// fined is who has to pay what a fine comes to: the object of the verb, or the
// name behind one of the prepositions for it, "on" in English.
func (r *reader) fined(f found, names []name) (string, bool) {
	for _, n := range names {
		if n.next < f.first && toPay.has(r.ts, n.next) {
			return n.text, true
		}
	}
	at := -1
	for i := range r.ts {
		if penalties.has(r.ts, i) {
			at = i
			break
		}
	}
	if at < 0 {
		return "", false
	}
	for _, n := range names {
		if n.next < at && withWhat.has(r.ts, n.next) && r.lower(n.next, f.first-1) || n.first > at && n.next <= f.first && !n.oblique {
			return n.text, true
		}
	}
	if _, next, ok := r.lang.article.at(r.ts, at+1); ok && next < f.first {
		if end := r.nounEnd(next); end > next && end <= r.amountStart(f) {
			return r.text(next, end), true // fined the lawyer $6,000
		}
	}
	for i := f.next; i+1 < len(r.ts) && !endsClause(r.ts[i]); i++ {
		if !penalised.has(r.ts, i) {
			continue
		}
		after := i + 1
		if n, ok := r.nameFrom(after, names); ok {
			return n.text, true
		}
		if r.lang.article.has(r.ts, after) {
			_, after, _ = r.lang.article.at(r.ts, after)
		}
		if end := r.nounEnd(after); end > after && after > i+1 {
			return r.text(after, end), true
		}
	}
	for _, n := range names {
		if n.first < f.first && against.has(r.ts, n.first-1) {
			return n.text, true
		}
	}
	return "", false
}

// raised is who gets what investors pay for a share: the name that they value,
// or the one behind the round.
func (r *reader) raised(f found, names []name) (string, bool) {
	valued := name{first: -1}
	for i := range r.ts {
		if !values.has(r.ts, i) {
			continue
		}
		if n, ok := r.nameFrom(i+1, names); ok && !r.lang.auxiliaries.has(r.ts, n.next) {
			if valued = n; n.next < f.first {
				return n.text, true
			}
		}
	}
	const farthest = 6
	at := -1
	if toWhom.has(r.ts, f.next) && rounds.anywhere(r.ts[:f.first]) {
		if n, ok := r.nameFrom(f.next+1, names); ok {
			return n.text, true
		}
	}
	for i := max(f.first-farthest, 0); i < min(f.next+farthest, len(r.ts)) && (i < f.next || !endsClause(r.ts[i])); i++ {
		if rounds.has(r.ts, i) || r.lang.nouns && hasEnd(r.ts[i].text, "runde", "finanzierung") {
			at = i
		}
	}
	if at < 0 {
		return "", false
	}
	for i := at + 1; i < len(r.ts) && !endsClause(r.ts[i]); i++ {
		if i != f.first && intoWhom.has(r.ts, i) && (i == at+1 || i == f.next) {
			if n, ok := r.nameFrom(i+1, names); ok {
				return n.text, true
			}
		}
	}
	if r.lang.compound {
		if _, first, ok := r.lang.links.before(r.ts, f.first); ok {
			for _, n := range names {
				if n.next == first {
					return n.text, true // 领投了月之暗面的10亿美元融资
				}
			}
		}
	}
	return valued.text, valued.first >= 0
}

// measured is the name behind a property that stands before the figure in one
// clause with it: "revenue at Tessera grew 20%".
func (r *reader) measured(f found, names []name) (string, bool) {
	const farthest = 3
	for i := f.first - 1; i >= 0; i-- {
		next, ok := r.measure(i)
		if !ok {
			continue
		}
		if n, ok := r.nameFrom(f.next+1, names); ok && holders.has(r.ts, f.next) && holders.has(r.ts, next) && next+1 == r.amountStart(f) {
			return n.text, true // a price of $5 for Orbit
		}
		// Its own noun may go on: "shares of the chipmaker Tessera".
		for k := next; k < min(next+farthest, f.first) && !endsClause(r.ts[k]); k++ {
			if !holders.has(r.ts, k) && !(r.ts[k].text == "in" && stocks.has(r.ts, i)) {
				continue
			}
			n, ok := r.nameFrom(k+1, names)
			if ok && n.next <= f.first && !n.common && !r.clauseBetween(n.next, f.first, hardMarks+",") {
				return n.text, true
			}
			break
		}
	}
	return "", false
}

// measure is where a property of things ends that begins at token i.
func (r *reader) measure(i int) (int, bool) {
	if _, next, ok := measures.at(r.ts, i); ok {
		return next, true
	}
	return i + 1, r.lang.nouns && r.ts[i].capital && hasEnd(r.ts[i].text, germanMeasures...)
}

// compared is the name that a figure stands beside in a comparison with the
// one before it: "ahead of Orbit 3 at 76%", "contre 88 % pour Orbit 3".
func (r *reader) compared(f found, names []name) (string, bool) {
	if _, _, ok := rivals.before(r.ts, r.amountStart(f)); toWhom.has(r.ts, f.next) && (ok || !f.unit.money()) {
		if n, ok := r.nameFrom(f.next+1, names); ok && n.first == f.next+1 {
			return n.text, true
		}
	}
	if f.unit.money() || r.out[0].first == f.first || !beside.has(r.ts, f.first-1) {
		return "", false
	}
	for _, n := range names {
		if n.next == f.first-1 {
			return n.text, true
		}
	}
	return "", false
}

// share is the noun of which a figure is a share, at the beginning of a clause
// that has no other subject: "5% of pilots earn money". Of a noun that a name
// owns it is the name.
func (r *reader) share(f found, names []name) string {
	if !r.lang.shareOf.has(r.ts, f.next) {
		return ""
	}
	_, first, _ := r.lang.shareOf.at(r.ts, f.next)
	if own.has(r.ts, first) || pronouns.has(r.ts, first) {
		return ""
	}
	if _, next, ok := r.lang.article.at(r.ts, first); ok {
		first = next
	}
	end := r.sharedNoun(first)
	if end == first {
		return ""
	}
	if _, next, ok := r.lang.genitives.at(r.ts, end); ok {
		if n, ok := r.nameFrom(next, names); ok {
			return n.text
		}
	}
	return r.text(first, end)
}

// sharedNoun is where a noun ends that begins at token i: at its plural, in
// French and Spanish with the adjectives that agree with it, in German at its
// capital.
func (r *reader) sharedNoun(i int) int {
	const longest = 5
	end := i
	for end < len(r.ts) && end-i < longest && (r.ts[end].kind == word || r.ts[end].kind == han) {
		t := r.ts[end]
		plural := strings.HasSuffix(t.text, "s") && !strings.HasSuffix(t.text, "ss") || strings.HasSuffix(t.text, "x")
		switch {
		case r.lang.verbs.has(r.ts, end), r.lang.prepositions.has(r.ts, end), r.lang.article.has(r.ts, end):
			return end
		case r.lang.nouns && t.capital:
			return end + 1
		case (r.lang.code == "fr" || r.lang.code == "es") && !plural:
			return max(end, min(i+1, r.nounEnd(i)))
		case r.lang.code == "en" && (plural || t.text == "people"):
			return end + 1
		}
		end++
	}
	if r.lang.code == "en" {
		return r.nounEnd(i)
	}
	return end
}

func hasEnd(w string, ends ...string) bool {
	for _, e := range ends {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	return false
}
