package brief

import "strings"

// A unit is what a quantity counts. Value is in the unit times its factor: a
// cent is 0.01 USD, a megawatt 1e6 W.
type unit struct {
	name   string
	factor float64
	rule   rule
}

// A rule says what else a unit asks of its sentence.
type rule uint8

const (
	plainly  rule = iota
	countsOf      // a noun: words may stand before it, "a user" is no figure
	compared      // a comparison follows: "three times as fast", not "three times"
)

// ruleOf holds the rules of units; those that are missing follow plainly.
var ruleOf = map[string]rule{"parameters": countsOf, "tokens": countsOf, "GPUs": countsOf, "chips": countsOf, "users": countsOf}

// prefixes are those of the SI, in Value's form.
var prefixes = []struct {
	sign   string
	factor float64
	words  string // before watt and FLOPS
	signs  string // before W and FLOPS
}{
	{"k", 1e3, "kilo", "k"},
	{"M", 1e6, "mega|méga|兆", "m"},
	{"G", 1e9, "giga|吉", "g"},
	{"T", 1e12, "tera|téra|太", "t"},
	{"P", 1e15, "peta|péta", "p"},
	{"E", 1e18, "exa", "e"},
	{"Z", 1e21, "zetta", "z"},
}

// addUnits enters a language's units, or those of all.
func addUnits(l lexicon[unit], units map[string]string) {
	for name, words := range units {
		name, r := strings.CutSuffix(name, "~")
		u := unit{name, 1, ruleOf[name]}
		if r {
			u.rule = compared
		}
		if n, ok := strings.CutPrefix(name, "0.01 "); ok {
			u = unit{n, 0.01, plainly}
		}
		l.add(words, u)
		if name != "W" && name != "FLOPS" {
			continue
		}
		for _, p := range prefixes {
			for w := range strings.SplitSeq(words, "|") {
				with := p.words + "|" + p.signs
				if name == "W" && w != "w" {
					with = p.words
				} else if name == "W" {
					with = p.signs
				}
				for prefix := range strings.SplitSeq(with, "|") {
					l.add(prefix+w, unit{name, p.factor, plainly})
				}
			}
		}
	}
}

// unitAfter finds the unit behind a quantity, and the token after it:
//
//	unit = [-] [link] (name | modifiers noun)
//
// with links such as "of" and modifiers such as "weekly active".
func (r *reader) unitAfter(q quantity) (u unit, next int, ok bool) {
	i := r.skipJoin(q.next)
	for {
		u, next, ok = r.lang.units.at(r.ts, i)
		if ok {
			break
		}
		_, after, link := r.lang.links.at(r.ts, i)
		if !link {
			return r.noun(q, i)
		}
		i = after
	}
	if u.name == "" || u.rule == countsOf && !r.counts(q, i) || u.rule == compared && !r.comparesAt(next) {
		return u, next, false
	}
	if !r.meant(q, u, i) || u.name == "tokens" && r.rate(next) {
		return u, next, false
	}
	if next < len(r.ts) && r.ts[next].glued && r.ts[next].kind == digits && u.name != "%" {
		return u, next, false // 1920x1080, the RTX 5090 $1,999
	}
	return u, next, true
}

// meant reports whether the unit at token i is what it seems: a team has won, a
// 40-pound catfish is heavy, and version 7.1 points to a new phone.
func (r *reader) meant(q quantity, u unit, i int) bool {
	switch r.ts[i].text {
	case "won":
		return q.scaled() && !q.spelled || u.name != "KRW"
	case "pound":
		return r.ts[i-1].text != "-" || q.scaled()
	case "points":
		return i+2 >= len(r.ts) || r.ts[i+1].text != "to" || r.ts[i+2].kind == digits
	}
	return true
}

// rate reports whether what stands before token i is counted by time.
func (r *reader) rate(i int) bool {
	if i+1 >= len(r.ts) || r.ts[i].text != "/" && r.ts[i].text != "per" && r.ts[i].text != "pro" && r.ts[i].text != "par" && r.ts[i].text != "por" {
		return false
	}
	return shortTimes[r.ts[i+1].text]
}

var shortTimes = wordsOf("s sec second seconde segundo sekunde minute minuto")

const (
	mostModifiers    = 4
	mostHanModifiers = 8
)

// noun finds the noun that a quantity counts behind words that say more of it.
func (r *reader) noun(q quantity, i int) (u unit, next int, ok bool) {
	most, unknown := mostModifiers, 0
	if r.lang.compound {
		most = mostHanModifiers
	}
	for n := 0; n <= most && i < len(r.ts); n++ {
		if u, next, ok = r.lang.units.at(r.ts, i); ok {
			return u, next, u.rule == countsOf && r.counts(q, i)
		}
		_, after, known := r.lang.modifiers.at(r.ts, i)
		t := r.ts[i]
		switch {
		case known:
			i = after
			continue
		case t.kind == word && i+2 < len(r.ts) && r.ts[i+1].text == "-" && r.ts[i+1].glued && r.ts[i+2].glued && !r.lang.units.has(r.ts, i+2):
			i += 3 // next-generation
			continue
		case r.lang.stops.has(r.ts, i), t.kind == digits && !t.glued, t.kind == mark && t.text != "-":
			return u, i, false
		case t.kind == word && !t.capital && !t.glued:
			// One word that the table does not know may be an adjective, in a
			// language whose adjectives stand before nouns.
			if unknown++; unknown > r.lang.adjectives {
				return u, i, false
			}
		case t.kind == digits || t.kind == mark: // H100, next-generation
			n--
		}
		i++
	}
	return u, i, false
}

// counts reports whether q may count the noun at token i: not the 5.1 of
// "GPT 5.1 users", the 910B of "Ascend 910B chips" or the "a" of "a user".
func (r *reader) counts(q quantity, i int) bool {
	if r.lang.compound && !q.scaled() && q.plain != "" && i == q.next && q.first > 0 && r.ts[q.first].glued && r.ts[q.first-1].kind == han && !r.verbBefore(q.first) {
		return false // 昇腾920加速卡: what is counted has a measure word
	}
	if !q.scaled() && (q.article || strings.ContainsRune(q.plain, '.')) {
		return false
	}
	if q.letter && q.scale >= 1e9 && (r.ts[i].text != "token" && r.ts[i].text != "tokens" && !strings.HasPrefix(r.ts[i].text, "param")) {
		return false
	}
	if q.first == 0 || q.scaled() || q.value >= 1e4 || strings.ContainsRune(q.plain, ',') {
		return true
	}
	before := r.ts[q.first-1]
	return !before.capital || r.lang.function.has(r.ts, q.first-1)
}

// verbBefore reports whether a verb ends before token i, in Chinese.
func (r *reader) verbBefore(i int) bool {
	_, _, ok := r.lang.verbs.before(r.ts, i)
	return ok
}

// comparesAt reports whether a comparison follows: as, more, faster.
func (r *reader) comparesAt(i int) bool {
	if i >= len(r.ts) {
		return false
	}
	t := r.ts[i]
	return r.lang.compare.has(r.ts, i) || r.lang.adjectives > 0 && t.kind == word && len(t.text) > 4 && strings.HasSuffix(t.text, "er")
}
