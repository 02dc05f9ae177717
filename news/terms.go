package news

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// fold makes what people take for the same text the same: no case, no
// accents, no full-width forms. Broken UTF-8 is left out.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "")) {
		switch {
		case r == '\u3099' || r == '\u309a': // they make another letter, not another accent
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == '’':
			b.WriteByte('\'')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(b.String())
}

// isDense reports whether r belongs to a script that is written without
// spaces between words, or with more than words between them.
func isDense(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// eachWord calls yield with every word of a folded text: a run of letters and
// digits, with points between digits kept ("4.1") and a possessive s left
// out. Dense scripts come as pairs of neighbours, or alone where there is no
// neighbour. joined is the word with its predecessor where only a hyphen is
// between them and the word has a digit ("gpt-4o": "gpt4o"), else "".
func eachWord(folded string, yield func(word, joined string)) {
	before := "" // the word that ended just before a hyphen
	for i := 0; i < len(folded); {
		r, size := utf8.DecodeRuneInString(folded[i:])
		if !isWordRune(r) {
			if r != '-' {
				before = ""
			}
			i += size
			continue
		}
		end := i
		if isDense(r) {
			last := i
			for end < len(folded) {
				r, size := utf8.DecodeRuneInString(folded[end:])
				if !isDense(r) {
					break
				}
				if end > i {
					yield(folded[last:end+size], "")
					last = end
				}
				end += size
			}
			if last == i {
				yield(folded[i:end], "")
			}
			before, i = "", end
			continue
		}
		for end < len(folded) {
			r, size := utf8.DecodeRuneInString(folded[end:])
			if r == '.' && end > i && isDigitAt(folded, end-1) && isDigitAt(folded, end+1) {
				end++
				continue
			}
			if !isWordRune(r) || isDense(r) {
				break
			}
			end += size
		}
		word, joined := folded[i:end], ""
		if before != "" && strings.ContainsAny(word, "0123456789") {
			joined = before + word
		}
		yield(word, joined)
		before, i = "", end
		if rest := folded[i:]; strings.HasPrefix(rest, "-") {
			before = word
		} else if strings.HasPrefix(rest, "'s") && (len(rest) == 2 || !isWordRune(firstRune(rest[2:]))) {
			i += 2
		}
	}
}

func isDigitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// stem reduces a folded word to what its forms share. Words with digits and
// of other scripts than Latin stay as they are.
func stem(word string) string {
	for _, r := range word {
		if r > unicode.MaxLatin1 || unicode.IsDigit(r) {
			return word
		}
	}
	s := english.Stem(word, false)
	if strings.HasPrefix(word, s) {
		return word[:len(s)] // one string to keep instead of two
	}
	return s
}

// family returns the letters that a name with a version begins with, "qwen"
// of "qwen3", or "" where there are fewer than three or no digit behind them.
func family(word string) string {
	i := 0
	for i < len(word) && !isDigitAt(word, i) {
		i++
	}
	if i < 3 || i == len(word) {
		return ""
	}
	for _, r := range word[:i] {
		if !unicode.IsLetter(r) {
			return ""
		}
	}
	return word[:i]
}

// stopWords say nothing about what a text is about.
var stopWords = wordSet(`a an and are as at be been but by can could do does did for from had has have he her his how i if in
into is it its may might more most no not of on or our over said say says she should so than that the their them then there these
they this to up was we were what when where which who will with would you your
der die das den dem des ein eine einen einem einer und oder ist sind war wird werden im in ins zu zum zur von vom mit auf fur bei
nach als auch an aus dass nicht sich es er sie wir ihr hat haben wie was uber
的 了 在 是 和 与 将 被 也 为`)

// chatter is what people put around what they look for.
var chatter = wordSet(`news latest newest recent story stories about tell me show find any neues neueste nachrichten meldungen 新闻 最新`)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[fold(w)] = true
	}
	return set
}
