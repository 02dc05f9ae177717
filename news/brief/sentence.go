package brief

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// abbreviations end with a full stop that ends no sentence.
var abbreviations = strings.Fields("dr. mr. mrs. ms. prof. inc. corp. ltd. co. vs. no. st. jr. sr. gen. sen. rep. gov. u.s. u.k. e.u. d.c. e.g. i.e. etc. approx. est. fig. vol. z.b. d.h. bzw. ca. nr. mio. mrd. usw. m. mme. sra. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec.")

// continues are abbreviations after which a sentence goes on even where a
// capital follows: a name comes.
var continues = strings.Fields("dr. mr. mrs. ms. prof. st. gen. sen. rep. gov. vs. no. nr. fig. vol. mme. sra. e.g. i.e. z.b. d.h. bzw. ca. mio. mrd. approx.")

// countries are abbreviations of names, which often go on: the U.S. Senate.
var countries = strings.Fields("u.s. u.k. u.n. e.u. d.c.")

// months follow an ordinal in German dates, as in "22. Mai".
var months = strings.Fields("januar jänner februar märz april mai juni juli august september oktober november dezember")

// Sentences parts a text into sentences by UAX #29, with those put together
// again that were parted after an abbreviation.
func Sentences(text string) []string { return firstSentences(text, math.MaxInt) }

// firstSentences returns the first n of Sentences, or all where there are fewer.
func firstSentences(text string, n int) []string {
	var out []string
	for it := sentences.FromString(text); it.Next(); {
		s := strings.TrimSpace(it.Value())
		if s == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && parted(out[last], s) {
			out[last] += " " + s
			continue
		}
		if len(out) == n {
			break
		}
		out = append(out, s)
	}
	return out
}

// parted reports whether b goes on with the sentence that a begins.
func parted(a, b string) bool {
	if !strings.HasSuffix(a, ".") {
		return false
	}
	last := strings.ToLower(a[strings.LastIndexByte(a, ' ')+1:])
	last = strings.TrimLeft(last, "(\"'“„«")
	if slices.Contains(continues, last) {
		return true
	}
	// An initial, as in "J. Smith".
	if r, size := utf8.DecodeRuneInString(last); size == len(last)-1 && unicode.IsLetter(r) {
		return true
	}
	if day := strings.TrimRight(last, "."); len(day) <= 2 && strings.Trim(day, "0123456789") == "" {
		month, _, _ := strings.Cut(strings.ToLower(b), " ")
		return slices.Contains(months, strings.TrimRight(month, ".,;:"))
	}
	rest := strings.TrimLeft(b, "(\"'“„«")
	first, size := utf8.DecodeRuneInString(rest)
	if slices.Contains(countries, last) && unicode.IsUpper(first) {
		next, _, _ := strings.Cut(strings.ToLower(rest), " ")
		return !openers[strings.TrimRight(next, ",")]
	}
	return slices.Contains(abbreviations, last) && size > 0 && !unicode.IsUpper(first)
}
