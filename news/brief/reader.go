package brief

import "strings"

// A reader takes the figures out of one sentence, from its first token to its
// last. A quantity becomes a figure by the first of these that holds:
//
//   - money stands before it, or a unit behind it: $5m, 5 Mio. Euro
//   - it begins a range whose end has a unit: 15 to 20 euros
//   - it ends one whose beginning has money before it: $15-20 billion
//   - its unit was named before: a context window of 200K, 参数达1.2万亿
//   - it goes on with the unit of the last figure: with 145 million, to one
//   - it is what a benchmark gave: reached 91.2
type reader struct {
	s    string
	ts   []token
	lang *language
	out  []found
	last quantity // the last one read, figure or not
	open bool     // the last one had no unit: it may begin a range

	benchmark bool // the sentence names one
	capitals  bool // it is a headline in which all words begin with one
}

// A found figure is still a number.
type found struct {
	quantity
	unit unit
}

// read goes through all tokens.
func (r *reader) read() {
	r.benchmark = benchmarks.anywhere(r.ts)
	for i := 0; i < len(r.ts); {
		if v, next, ok := r.lang.multiples.at(r.ts, i); ok {
			r.emit(quantity{first: i, next: next, value: v, scale: 1, spelled: true}, unit{name: "x", factor: 1})
			i = next
			continue
		}
		q, ok := r.quantity(i)
		if ok && r.skipped(q) {
			r.last, r.open, ok = q, false, false
		}
		if ok {
			q = r.figure(q)
		}
		i = max(q.next, i+1)
	}
}

// figure makes a figure of q, if it is one, and completes the range that q
// ends. The quantity that it returns has its unit's tokens, too.
func (r *reader) figure(q quantity) quantity {
	u, next, ok := r.unit(q)
	if r.ranges(q) {
		switch before := r.before(); {
		case ok && r.open:
			r.emit(scaleLike(r.last, q), u)
		case ok && before != nil && before.unit == u:
			before.quantity = scaleLike(before.quantity, q)
		case !ok && before != nil && before.unit.rule == plainly:
			before.quantity = scaleLike(before.quantity, q)
			u, ok = before.unit, true
		}
	}
	if !ok {
		u, ok = r.context(q)
	}
	if !ok {
		r.last, r.open = q, !r.version(q)
		return q
	}
	q.next = next
	r.emit(q, u)
	return q
}

// version reports whether q is the number in a name, not the beginning of a
// range: "cuts the price of Opus 4.5 to $5".
func (r *reader) version(q quantity) bool {
	if q.first == 0 || q.spelled {
		return false
	}
	before := r.ts[q.first-1]
	return before.kind == word && before.capital && !r.lang.function.has(r.ts, q.first-1) && !r.lang.between.has(r.ts, q.first-1) && !noNames.has(r.ts, q.first-1)
}

// before is the figure that the last quantity is, if it is one.
func (r *reader) before() *found {
	if n := len(r.out); n > 0 && r.out[n-1].next == r.last.next {
		return &r.out[n-1]
	}
	return nil
}

// emit adds a figure.
func (r *reader) emit(q quantity, u unit) {
	if r.benchmark && (u.name == "%" || u.name == "points") && !r.difference(q) {
		u.name = "score"
	}
	r.out = append(r.out, found{q, u})
	r.last, r.open = q, false
}

// difference reports whether the clause of q says how far apart results are, or
// how they change.
func (r *reader) difference(q quantity) bool {
	from, to := q.first, q.next
	for from > 0 && !endsClause(r.ts[from-1]) {
		from--
	}
	for to < len(r.ts) && !endsClause(r.ts[to]) {
		to++
	}
	if levels.has(r.ts, q.first-1) && !(q.first > 1 && r.ts[q.first-2].text == "up") {
		return false // "rose to 94%"
	}
	_, _, by := r.lang.by.before(r.ts, q.first)
	return by || r.lang.differences.anywhere(r.ts[from:to])
}

func endsClause(t token) bool {
	return t.kind == mark && strings.Contains(",;:.!?，。；：、", t.text)
}

// unit reads the money before a quantity or the unit behind it, and the token
// after both.
func (r *reader) unit(q quantity) (u unit, next int, ok bool) {
	if u, _, ok := r.ahead(q.first); ok {
		_, after, same := r.lang.units.at(r.ts, q.next)
		if same && u.name == "USD" && strings.HasPrefix(r.ts[q.next].text, "us") {
			return u, after, true
		}
		return u, q.next, true
	}
	u, next, ok = r.unitAfter(q)
	if !ok {
		next = q.next
	}
	return u, next, ok
}

// ranges reports whether q ends a range that the last quantity begins.
func (r *reader) ranges(q quantity) bool {
	end := q.first
	if _, first, ok := r.ahead(end); ok {
		end = first
	}
	if r.last.next == 0 || isYear(r.last) {
		return false
	}
	if _, first, ok := r.lang.to.before(r.ts, end); ok && first == r.last.next {
		return true
	}
	begin := r.last.first
	if _, first, ok := r.ahead(begin); ok {
		begin = first
	}
	_, first, ok := r.lang.and.before(r.ts, end)
	return ok && first == r.last.next && r.lang.between.has(r.ts, begin-1)
}

// ahead is the unit that ends before token i, such as US$, and its first token.
func (r *reader) ahead(i int) (u unit, first int, ok bool) {
	u, first, ok = r.lang.ahead.before(r.ts, i)
	if ok && r.ts[first].kind == word && r.ts[i-1].kind == mark && r.ts[first].text != "us" && (!r.ts[i-1].glued || r.ts[first].glued) {
		u, _, ok = r.lang.ahead.at(r.ts, i-1) // "a $5m round", "OpenAI's $5m"
		return u, i - 1, ok
	}
	return u, first, ok
}

// scaleLike gives the beginning of a range the magnitude of its end: the 20 of
// 20 to 30 billion.
func scaleLike(q, end quantity) quantity {
	if q.scale == 1 && end.scaled() && q.value <= end.value/end.scale {
		q.value *= end.scale
		q.scale, q.plain = end.scale, ""
	}
	return q
}

// context is the unit of a quantity that has none beside it.
func (r *reader) context(q quantity) (unit, bool) {
	if !r.closes(q.next) {
		return unit{}, false
	}
	if q.scaled() && !q.letterAlone() {
		if u, ok := r.lead(q.first); ok {
			return u, true
		}
	}
	if n := len(r.out); n > 0 {
		u := r.out[n-1].unit
		switch u.name {
		case "%", "points", "score", "x":
		default:
			if q.scaled() && !q.letter && u.factor == 1 {
				return u, true
			}
			// A name and a preposition: "Prometheus to one".
			if i := q.first - 1; !q.scaled() && !r.lang.article.has(r.ts, q.first) && !isYear(q) && i > 0 && r.lang.prepositions.has(r.ts, i) && r.ts[i-1].capital {
				return u, true
			}
		}
	}
	if r.benchmark && r.result(q) {
		return unit{name: "score", factor: 1}, true
	}
	return unit{}, false
}

func (q quantity) letterAlone() bool { return q.letter && q.scale >= 1e9 }

// lead finds a noun before token i, in its clause, that says what is counted.
func (r *reader) lead(i int) (unit, bool) {
	const farthest = 7
	for k := i - 1; k >= max(0, i-farthest); k-- {
		if u, _, ok := r.lang.leads.at(r.ts, k); ok {
			return u, true
		}
		if r.ts[k].kind == digits || r.ts[k].kind == mark && r.ts[k].text != "-" {
			break
		}
	}
	return unit{}, false
}

// result reports whether q is what a benchmark gave: a bare number, no year or
// digit and not behind a name, whose version it would be.
func (r *reader) result(q quantity) bool {
	if q.spelled || q.scaled() || isYear(q) || q.first == 0 || q.value < 10 && !strings.ContainsRune(q.plain, '.') {
		return false
	}
	before := r.ts[q.first-1]
	if before.capital && !r.lang.function.has(r.ts, q.first-1) {
		// "Gemini 3.5" is a name, "Gemini 88.4" a result.
		return strings.ContainsRune(q.plain, '.') && q.value >= 10
	}
	return true
}

func isYear(q quantity) bool {
	return q.value >= 1900 && q.value < 2100 && len(q.plain) == 4
}

// closes reports whether nothing that could be counted stands at token i: the
// end of a clause or a word such as a preposition.
func (r *reader) closes(i int) bool {
	if i >= len(r.ts) {
		return true
	}
	if _, next, ok := r.lang.modifiers.at(r.ts, i); ok && r.ts[i].kind == word {
		if r.lang.genitives.has(r.ts, i) && next < len(r.ts) && r.ts[next].capital && !r.lang.modifiers.has(r.ts, next) && !r.lang.units.has(r.ts, next) && !r.lang.units.has(r.ts, next+1) {
			return true // "frente a los 800 millones de Orbit": whose they are
		}
		return r.closes(next)
	}
	t := r.ts[i]
	joins := t.text == "%" || t.text == "'" || t.glued && (t.text == "-" || t.text == "/")
	return t.kind == mark && !joins || r.lang.prepositions.has(r.ts, i) || r.lang.compound && r.lang.links.has(r.ts, i)
}

// skipped reports whether q is the million of "per million", the 5 of "no. 5",
// the 百万 of 数百万 or the five of "one in five".
func (r *reader) skipped(q quantity) bool {
	if _, _, ok := r.ahead(q.first); ok {
		return false
	}
	_, _, each := r.lang.each.before(r.ts, q.first)
	_, _, several := r.lang.several.before(r.ts, q.first)
	_, first, outOf := r.lang.outOf.before(r.ts, q.first)
	return each || several && q.spelled || outOf && r.last.next > 0 && first == r.last.next && r.last.value < q.value
}
