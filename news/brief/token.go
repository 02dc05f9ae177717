package brief

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A token is a run of letters, a number with its separators, a Han character
// or another mark. Numbers and letters that touch are two tokens.
type token struct {
	text       string // in lower case; quotes, dashes and signs in one form
	start, end int    // in the sentence
	kind       kind
	glued      bool // nothing stands between it and the token before
	capital    bool
}

type kind uint8

const (
	mark kind = iota
	word
	han
	digits
)

// sameMark are marks that mean the same.
var sameMark = map[rune]string{
	'’': "'", '‘': "'", '–': "-", '—': "-", '‑': "-", '−': "-", '～': "~", '〜': "~", '％': "%", '￥': "¥", '＄': "$", '×': "x", '，': ",", '；': ";", '：': ":", '！': "!", '？': "?", '）': ")",
}

// tokens parts a sentence.
func tokens(s string) []token { return appendTokens(make([]token, 0, len(s)/5+4), s) }

// appendTokens appends the tokens of a sentence.
func appendTokens(out []token, s string) []token {
	glued := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		t := token{start: i, end: i + n, glued: glued}
		switch {
		case unicode.IsSpace(r):
			glued = false
			i += n
			continue
		case r >= '0' && r <= '9':
			t.kind, t.end = digits, numberEnd(s, i)
			t.text = s[i:t.end]
		case isHan(r):
			t.kind, t.text = han, s[i:t.end]
		case unicode.IsLetter(r):
			t.kind, t.end = word, i+letters(s[i:])
			t.capital = strings.ContainsFunc(s[i:t.end], unicode.IsUpper) // iPhone, too
			t.text = s[i:t.end]
			if t.capital {
				t.text = strings.ToLower(t.text)
			}
		default:
			t.text = s[i:t.end]
			if m, ok := sameMark[r]; ok {
				t.text = m
			}
		}
		out = append(out, t)
		i, glued = t.end, true
	}
	return out
}

// tokenBuffers are for tokens that nobody keeps.
var tokenBuffers = sync.Pool{New: func() any { return new([]token) }}

// ofTokens returns what is found in the tokens of a sentence.
func ofTokens[T any](s string, find func([]token) T) T {
	buf := tokenBuffers.Get().(*[]token)
	defer tokenBuffers.Put(buf)
	*buf = appendTokens((*buf)[:0], s)
	return find(*buf)
}

// letters is how many bytes of letters s begins with.
func letters(s string) int {
	for i, r := range s {
		if r != '\u0301' && (!unicode.IsLetter(r) || isHan(r)) {
			return i
		}
	}
	return len(s)
}

// numberEnd is where the number ends that begins at i: separators belong to it
// where a digit follows.
func numberEnd(s string, i int) int {
	for i < len(s) {
		n := 1
		switch r, size := utf8.DecodeRuneInString(s[i:]); {
		case isDigit(s[i]):
		case r == '.' || r == ',' || r == '\'' || r == '’' || r == '\u00a0' || r == '\u202f' || r == '\u2009':
			n = size
			if i+n >= len(s) || !isDigit(s[i+n]) {
				return i
			}
		default:
			return i
		}
		i += n
	}
	return i
}

func isHan(r rune) bool { return r >= 0x2e80 && unicode.Is(unicode.Han, r) }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// A lexicon finds phrases, the longest first, by their first word.
type lexicon[T any] map[string][]entry[T]

type entry[T any] struct {
	words []string
	means T
}

// add enters phrases parted by |.
func (l lexicon[T]) add(phrases string, means T) {
	for p := range strings.SplitSeq(phrases, "|") {
		var words []string
		for _, t := range tokens(p) {
			words = append(words, t.text)
		}
		if len(words) == 0 {
			continue
		}
		es := append(l[words[0]], entry[T]{words, means})
		slices.SortStableFunc(es, func(a, b entry[T]) int { return len(b.words) - len(a.words) })
		l[words[0]] = es
	}
}

// at returns what the longest phrase at token i means and the token after it.
func (l lexicon[T]) at(ts []token, i int) (means T, next int, ok bool) {
	if i < 0 || i >= len(ts) {
		return means, i, false
	}
	for _, e := range l[ts[i].text] {
		if len(e.words) <= len(ts)-i && slices.EqualFunc(e.words, ts[i:i+len(e.words)], func(w string, t token) bool { return w == t.text }) {
			return e.means, i + len(e.words), true
		}
	}
	return means, i, false
}

// before returns what the phrase means that ends before token i, and its first
// token.
func (l lexicon[T]) before(ts []token, i int) (means T, first int, ok bool) {
	const longest = 4
	for k := max(0, i-longest); k < i; k++ {
		if m, next, ok := l.at(ts, k); ok && next == i {
			return m, k, true
		}
	}
	return means, i, false
}

// set is a lexicon of phrases that only are there or not.
func set(phrases string) lexicon[bool] {
	l := lexicon[bool]{}
	l.add(phrases, true)
	return l
}

// has reports whether a phrase of l stands at token i.
func (l lexicon[T]) has(ts []token, i int) bool {
	_, _, ok := l.at(ts, i)
	return ok
}

// anywhere reports whether a phrase of l stands anywhere.
func (l lexicon[T]) anywhere(ts []token) bool {
	for i := range ts {
		if l.has(ts, i) {
			return true
		}
	}
	return false
}
