package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// People and things that a sentence can only mean where they were named.
var (
	persons = wordsOf("he she him his himself herself")
	things  = wordsOf("it they them its their er sie ihn ihm ihnen il elle ils elles él ella ellos ellas")
	// pointing begins what points back, beside the leaning words.
	pointing = set("one of them|neither|the former|the latter|the same|dazu|darin|darauf|darüber|hierzu|ersterer|letzterer|celui-ci|celle-ci|ceux-ci|celles-ci|ce dernier|cette dernière|" +
		"éste|ésta|ese|esa|esos|esas|aquel|ello|este último|esta última|él|ella|对此|为此|其中|上述|前者|后者|这些|那")
)

// relative words behind "those" say who is meant.
var relative = wordsOf("who whose with without that which")

// nobodies begin sentences and name nobody, beside the openers.
var nobodies = wordsOf("nobody somebody everybody everyone someone nothing everything niemand jemand jeder alle personne chacun rien nadie alguien todos nada then later earlier recently currently previously dann danach heute gestern später inzwischen derzeit nun zuletzt bislang ebenso auch bereits jetzt " +
	"puis ensuite hier aujourd'hui désormais actuellement bientôt déjà luego después ayer hoy ahora actualmente ya pronto")

// pronounsWithin is within how many tokens of its beginning a sentence has the
// pronoun that is its subject: "In March it ...".
const pronounsWithin = 4

// leans reports whether a sentence can only be understood behind the one
// before it: it begins with what binds it, or it has a pronoun before anybody
// was named.
func leans(s string) bool {
	ts := tokens(s)
	within := pronounsWithin
	for len(ts) > 0 && ts[0].kind == mark {
		ts, within = ts[1:], len(s) // a quote: whoever speaks means what was said before
	}
	if len(ts) > 1 && ts[0].text == "those" && relative[ts[1].text] {
		return false
	}
	if leaning.has(ts, 0) || pointing.has(ts, 0) {
		return true
	}
	for i, t := range ts {
		switch {
		case t.kind == han:
			return false
		case persons[t.text], i < within && things[t.text]:
			return true
		case t.capital && !noNames.has(ts, i) && (i > 0 || !openers[t.text] && !nobodies[t.text]):
			return false // a name, or a German noun
		}
	}
	return false
}

// datelineWords is how many words a dateline has at most.
const datelineWords = 8

// isDateline reports whether a sentence is only where and when an article was
// written: "TALLINN, 28 April 2025."
func isDateline(s string) bool {
	if hasHan(s) {
		s = strings.TrimRight(s, "。. ")
		return utf8.RuneCountInString(s) <= 2*datelineWords && strings.ContainsFunc(s, unicode.IsDigit) &&
			slices.ContainsFunc([]string{"日", "日电", "日讯", "日消息"}, func(end string) bool { return strings.HasSuffix(s, end) })
	}
	words, digit := 0, false
	for _, t := range tokens(s) {
		switch {
		case t.kind == digits:
			digit = true
		case t.kind == mark:
			continue
		case !t.capital && !monthsOf[t.text] && !inDatelines[t.text]:
			return false
		}
		words++
	}
	return digit && words <= datelineWords
}

var (
	monthsOf    = wordsOf("janvier février mars avril mai juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
	inDatelines = wordsOf("den dem der am le la el de du del st nd rd th of")
)

// overtaken drops what was told before the story became what it is, where that
// contradicts it: of an article that told a rumour or denied it, or, where the
// story is denied now, of any other. What says who said it may stay, unless it
// says no. Articles that told nothing else remain as they are.
func overtaken(all []candidate) []candidate {
	now := ""
	for _, c := range all {
		if c.doc.Current {
			now = c.doc.verdict().status
			break
		}
	}
	if now == "" {
		return all
	}
	out := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool {
		if c.doc.Current {
			return false
		}
		was := c.doc.verdict().status
		if was == now || was != Rumour && was != Denied && now != Denied {
			return false
		}
		ts := tokens(c.text)
		return saysNoWithin(c.text, ts) || !says.anywhere(ts) && !sayingOf.anywhere(ts)
	})
	return out
}

// saysNoWithin reports whether a sentence denies anything.
func saysNoWithin(s string, ts []token) bool {
	if slices.ContainsFunc(ts, func(t token) bool { return negations[t.text] }) {
		return true
	}
	return hasHan(s) && slices.ContainsFunc([]string{"否认", "没有", "不实", "并未", "从未"}, func(no string) bool { return strings.Contains(s, no) })
}
