package brief

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	titleMost     = 160 // characters of a headline; what is longer is a post, not a title
	creditedLeast = 70  // bytes of a title that may name an outlet alone
	titleLeast    = 20  // that a post's first sentence has as a headline
)

var (
	// credit ends the titles of digests, which are whole sentences: "(Ada
	// Moor/Outlet)", or "(Outlet)" alone.
	credit     = regexp.MustCompile(`\([^()/]{2,60}/([^()/]{2,40})\)$`)
	bareCredit = regexp.MustCompile(`\((\p{Lu}[\p{L}.&]{3,}(?: \p{Lu}[\p{L}.&]*){0,3})\)$`)
	asides     = wordsOf("updated update opinion video exclusive analysis review podcast sponsored corrected")
	// links are of no use in a sentence.
	links = regexp.MustCompile(`\s*https?://\S+`)
	// tail is what feeds add of themselves: " - Outlet", " | Outlet".
	tail = regexp.MustCompile(`\s+[-–—|·]\s+([^-–—|·]{2,40})$`)
)

// Headline is an article's title as a story shows it: without links, without the
// outlet's own name or the author behind it, and of a post that has no title
// its first sentence.
func Headline(title, source string) string {
	h := unlinked(title)
	if outlet(h) != "" {
		h = strings.TrimSpace(h[:strings.LastIndexByte(h, '(')])
	}
	if m := tail.FindStringSubmatch(h); m != nil && sameName(m[1], source) {
		h = strings.TrimSpace(h[:len(h)-len(m[0])])
	}
	h = strings.TrimLeftFunc(h, func(r rune) bool { return unicode.Is(unicode.So, r) || r == '\ufe0f' || unicode.IsSpace(r) })
	if utf8.RuneCountInString(h) > titleMost || cutOff(h) {
		for _, s := range Sentences(h) {
			if n := utf8.RuneCountInString(s); (n >= titleLeast || hasHan(s) && n >= titleLeast/2) && n <= titleMost {
				h = strings.TrimRight(s, ".。")
				break
			}
		}
	}
	if h == "" {
		return title
	}
	return h
}

// outlet is whom a title gives the credit, "" where it gives none.
func outlet(title string) string {
	if !strings.HasSuffix(title, ")") {
		return ""
	}
	if m := credit.FindStringSubmatch(title); m != nil {
		return strings.TrimSpace(m[1])
	}
	if m := bareCredit.FindStringSubmatch(title); m != nil && len(title) >= creditedLeast && !asides[strings.ToLower(m[1])] {
		return m[1]
	}
	return ""
}

// unlinked is s without its links.
func unlinked(s string) string {
	if strings.Contains(s, "://") {
		s = links.ReplaceAllString(s, "")
	}
	return strings.TrimSpace(s)
}

// sameName reports whether two names of an outlet are one but for case, marks
// and an article.
func sameName(a, b string) bool {
	fold := func(s string) string {
		s = strings.TrimPrefix(strings.ToLower(s), "the ")
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	a, b = fold(a), fold(b)
	return a != "" && (a == b || len(a) > 4 && strings.HasPrefix(b, a) || len(b) > 4 && strings.HasPrefix(a, b))
}

// dateline opens reports of agencies: "BERLIN (dpa) - ", "(Reuters) - ",
// "LONDON, May 3 — ", "某社8月11日消息，".
var dateline = regexp.MustCompile(`^(?:[\p{Lu}][\p{L}.,' /\d]{1,40}\s)?\([\p{Lu}\p{Ll}][\p{L}. ]{1,24}\)\s*[-–—]{1,2}\s*|^\p{Lu}[\p{Lu} .]{2,30}(?:, [\p{L}]{3,9}\.? \d{1,2})?,?\s*[-–—]{1,2}\s+|^.{1,12}?\s?\d{1,2}\s?月\s?\d{1,2}\s?日(?:消息|讯|电)[，,]\s*|^【[^】]{1,24}】\s*`)

// datelineMost is more bytes than stand before the mark that ends a dateline.
const datelineMost = 120

// opened is a text without the dateline or the outlet's own name before it.
func opened(text, source string) string {
	text = strings.TrimSpace(text)
	const label = 60
	if i := strings.Index(text, ": "); i > 0 && i < label && source != "" && strings.HasPrefix(strings.ToLower(text), strings.ToLower(source)) {
		text = text[i+2:]
	}
	if strings.ContainsAny(text[:min(len(text), datelineMost)], "-–—月】") {
		return text[len(dateline.FindString(text)):]
	}
	return text
}
