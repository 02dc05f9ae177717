package brief

import (
	"math/bits"
	"slices"
)

// A language is what the grammar of figures knows of one. Phrases are parted
// by | and in lower case.
type language struct {
	code       string
	decimal    byte // the mark before decimals
	spaced     bool // spaces may part thousands
	compound   bool // a number goes on behind its magnitude: 1亿2000万
	adjectives int  // how many unknown words may stand before a counted noun

	function     lexicon[bool] // words by which the language is told, and its units
	numbers      lexicon[float64]
	magnitudes   lexicon[float64]
	halfMore     lexicon[bool] // "and a half"
	multiples    lexicon[float64]
	ahead        lexicon[unit] // before a number: $, a factor of
	units        lexicon[unit] // behind one
	leads        lexicon[unit] // nouns before a number that say what it counts
	verbs        lexicon[bool] // what ends the topic of a clause, in Chinese
	shareOf      lexicon[bool] // between a share and its whole
	links        lexicon[bool] // between a number and its unit
	modifiers    lexicon[bool] // between a number and the noun it counts
	stops        lexicon[bool] // never there
	to           lexicon[bool] // between the ends of a range
	and          lexicon[bool] // there, behind one of between
	between      lexicon[bool]
	several      lexicon[bool] // the number word behind is no figure: 数百万
	each         lexicon[bool] // the number behind is no figure: per million, no. 5
	outOf        lexicon[bool] // one in five
	compare      lexicon[bool] // behind "times"
	prepositions lexicon[bool] // no noun is counted where they follow
	by           lexicon[bool] // points behind it are a difference
	differences  lexicon[bool] // a sentence with them gives differences
	nouns        bool          // all nouns begin with a capital
	article      lexicon[bool] // before a noun
	auxiliaries  lexicon[bool] // verbs behind which a noun has ended
	genitives    lexicon[bool] // between a noun and whose it is
	oblique      lexicon[bool] // prepositions: the name behind is no subject
}

// A table is how a language is written down; see language.
type table struct {
	code       string
	decimal    byte
	spaced     bool
	compound   bool
	adjectives int

	function                                                                                                                string
	numbers                                                                                                                 map[string]float64
	magnitudes                                                                                                              map[string]float64
	halfMore                                                                                                                string
	multiples                                                                                                               map[float64]string
	ahead                                                                                                                   map[string]string // by unit
	units                                                                                                                   map[string]string // by unit, x~ where a comparison must follow, 0.01 USD for cents
	leads                                                                                                                   map[string]string // by unit
	nouns                                                                                                                   bool
	article, auxiliaries, genitives, oblique                                                                                string
	verbs, shareOf, links, modifiers, stops, to, and, between, several, each, outOf, compare, prepositions, by, differences string
}

// compile makes lexicons of a table, with what all languages share.
func compile(t table) *language {
	l := &language{
		code: t.code, decimal: t.decimal, spaced: t.spaced, compound: t.compound, adjectives: t.adjectives,
		function: set(t.function), halfMore: set(t.halfMore), and: set(t.and), between: set(t.between), several: set(t.several), verbs: set(t.verbs), shareOf: set(t.shareOf), links: set(t.links), modifiers: set(t.modifiers + "|" + shared.modifiers),
		stops: set(t.stops + "|" + t.prepositions), to: set(t.to + "|" + shared.to), each: set(t.each + "|" + shared.each), outOf: set(t.outOf),
		compare: set(t.compare), prepositions: set(t.prepositions), by: set(t.by), differences: set(t.differences),
		nouns: t.nouns, article: set(t.article), auxiliaries: set(t.auxiliaries), genitives: set(t.genitives), oblique: set(t.oblique),
		numbers: lexicon[float64]{}, magnitudes: lexicon[float64]{}, multiples: lexicon[float64]{},
		ahead: lexicon[unit]{}, units: lexicon[unit]{}, leads: lexicon[unit]{},
	}
	for _, words := range t.units {
		l.function.add(words, true)
	}
	for w, v := range t.numbers {
		l.numbers.add(w, v)
	}
	for _, m := range []map[string]float64{shared.magnitudes, t.magnitudes} {
		for w, v := range m {
			l.magnitudes.add(w, v)
		}
	}
	for v, w := range t.multiples {
		l.multiples.add(w, v)
	}
	for _, s := range []table{shared, t} {
		addUnits(l.units, s.units)
		for name, words := range s.ahead {
			l.ahead.add(words, unit{name, 1, plainly})
		}
		for name, words := range s.leads {
			l.leads.add(words, unit{name, 1, countsOf})
		}
	}
	return l
}

// languages are those that the grammar knows, English first.
var languages = []*language{compile(english), compile(german), compile(french), compile(spanish), compile(chinese)}

// spokenIn tells in which languages a word tells the language: bit k is set for
// the one at k.
var spokenIn = func() map[string]uint8 {
	m := map[string]uint8{}
	for k, l := range languages {
		for w, es := range l.function {
			if slices.ContainsFunc(es, func(e entry[bool]) bool { return len(e.words) == 1 }) {
				m[w] |= 1 << k
			}
		}
	}
	return m
}()

// languageOf tells a sentence's language by its characters and the words that
// only one language has; code, a BCP 47 tag, decides where nothing else does.
func languageOf(ts []token, code string) *language {
	var votes [8]int
	for _, t := range ts {
		if t.kind == han {
			return languages[len(languages)-1]
		}
		for in := spokenIn[t.text]; in != 0; in &= in - 1 {
			votes[bits.TrailingZeros8(in)]++
		}
	}
	best := 0
	for k, l := range languages {
		if len(code) >= 2 && code[:2] == l.code {
			best = k
		}
	}
	for k := range languages {
		if votes[k] > votes[best] {
			best = k
		}
	}
	return languages[best]
}

// counting are words without which, and without digits, no sentence has a
// figure: the longest word of each phrase for a number, and the units of power
// of which there may be one: "one gigawatt".
var counting = func() map[string]bool {
	m := map[string]bool{}
	for _, l := range languages {
		for w, es := range l.units {
			if u := es[0].means; u.factor >= 1e6 && len(w) > 6 {
				m[w] = true
			}
		}
		for _, phrases := range []lexicon[float64]{l.numbers, l.magnitudes, l.multiples} {
			for _, es := range phrases {
				for _, e := range es {
					if w := slices.MaxFunc(e.words, func(a, b string) int { return len(a) - len(b) }); e.means != 1 && len(w) > 2 {
						m[w] = true
					}
				}
			}
		}
	}
	return m
}()

// mayCount reports whether the tokens are worth reading.
func mayCount(ts []token) bool {
	return slices.ContainsFunc(ts, func(t token) bool { return t.kind == digits || counting[t.text] })
}
