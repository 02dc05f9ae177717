package brief

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed cues.tsv
var cueTable string

// A cueKind is a way in which wording speaks of a claim; cues.tsv says what
// each is.
type cueKind uint8

const (
	void cueKind = iota
	hearsay
	hedge
	plan
	vouched
	asked
	study
	declared
	act
	denied
	negation
	self
	statement
	doubtful // an act or a declaration that hearsay or a hedge goes before
	cueKinds
)

var cueNames = [cueKinds]string{"void", "hearsay", "hedge", "plan", "vouched", "asked", "study", "declared", "act", "denied", "negation", "self", "statement", "doubtful"}

// A cue is a phrase of one kind.
type cue struct {
	kind  cueKind
	text  string
	words []cueWord
	first bool // it counts at the beginning of a text only
}

// A cueWord matches one word, all words with a beginning, or a gap of up to
// maxGap words, which has no text.
type cueWord struct {
	text   string
	prefix bool
}

func (w cueWord) match(token string) bool {
	if w.prefix {
		return strings.HasPrefix(token, w.text)
	}
	return token == w.text
}

const (
	maxGap    = 6 // words
	maxHanGap = 8 // characters
)

// A cueIndex finds the cues of a language by their first word, or by the first
// runes of it where it stands for all that begin so.
type cueIndex struct {
	exact, begin map[string][]cue
}

// beginning is how many runes of a word a prefix is found by.
const beginning = 3

// cuesOf holds the index of each language, and of all together under "".
var cuesOf = mustReadCues(cueTable)

func mustReadCues(table string) map[string]cueIndex {
	index, err := readCues(table)
	if err != nil {
		panic("cues.tsv: " + err.Error())
	}
	return index
}

func readCues(table string) (map[string]cueIndex, error) {
	index := map[string]cueIndex{}
	line := 0
	for row := range strings.Lines(table) {
		line++
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		cells := strings.Split(row, "\t")
		if len(cells) != 3 {
			return nil, fmt.Errorf("line %d has %d cells, want kind, language and phrases", line, len(cells))
		}
		kind := slices.Index(cueNames[:], cells[0])
		if kind < 0 {
			return nil, fmt.Errorf("line %d: there is no kind %q", line, cells[0])
		}
		for text := range strings.SplitSeq(cells[2], "|") {
			c, err := newCue(cueKind(kind), text)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			for _, lang := range []string{cells[1], ""} {
				if _, ok := index[lang]; !ok {
					index[lang] = cueIndex{map[string][]cue{}, map[string][]cue{}}
				}
				index[lang].add(c)
			}
		}
	}
	return index, nil
}

func newCue(kind cueKind, text string) (cue, error) {
	text, first := strings.CutPrefix(text, "^")
	c := cue{kind: kind, text: strings.NewReplacer("*", "", " _ ", " … ").Replace(text), first: first}
	for field := range strings.FieldsSeq(text) {
		if field == "_" {
			c.words = append(c.words, cueWord{})
			continue
		}
		for _, token := range words(field) {
			c.words = append(c.words, cueWord{text: token})
		}
		if strings.HasSuffix(field, "*") {
			c.words[len(c.words)-1].prefix = true
		}
	}
	if len(c.words) == 0 || c.words[0].text == "" || c.words[len(c.words)-1].text == "" {
		return c, fmt.Errorf("%q must begin and end with a word", text)
	}
	if first := c.words[0]; first.prefix && utf8.RuneCountInString(first.text) < beginning {
		return c, fmt.Errorf("%q: a beginning has %d letters or more", text, beginning)
	}
	return c, nil
}

func (x cueIndex) add(c cue) {
	first := c.words[0]
	if first.prefix {
		key := first.text[:start(first.text)]
		x.begin[key] = append(x.begin[key], c)
	} else {
		x.exact[first.text] = append(x.exact[first.text], c)
	}
}

// start returns the length in bytes of the first runes of a word, or of all of
// a shorter one.
func start(word string) int {
	n := 0
	for i := range word {
		if n == beginning {
			return i
		}
		n++
	}
	return len(word)
}

// words returns the words and the single Han characters of a text.
func words(text string) []string {
	buf := tokenBuffers.Get().(*[]token)
	defer tokenBuffers.Put(buf)
	ts := appendTokens((*buf)[:0], text)
	*buf = ts
	out := make([]string, 0, len(ts))
	for _, t := range ts {
		if t.kind != mark {
			out = append(out, t.text)
		}
	}
	return out
}

// A hit is a cue found in a text, at tokens [from, to).
type hit struct {
	*cue
	kind     cueKind
	from, to int
}

// find returns the cues of a text in order; of those that overlap, the longest.
func (x cueIndex) find(words []string) []hit {
	var all []hit
	for i, w := range words {
		for _, list := range [2][]cue{x.exact[w], x.begin[w[:start(w)]]} {
			for j := range list {
				if to := list[j].match(words, i); to > 0 {
					all = append(all, hit{&list[j], list[j].kind, i, to})
				}
			}
		}
	}
	if len(all) < 2 {
		return all
	}
	slices.SortStableFunc(all, func(a, b hit) int {
		if d := len(b.words) - len(a.words); d != 0 {
			return d
		}
		return int(a.kind) - int(b.kind)
	})
	kept := all[:0]
	for _, h := range all {
		if !slices.ContainsFunc(kept, func(k hit) bool { return h.from < k.to && k.from < h.to }) {
			kept = append(kept, h)
		}
	}
	slices.SortFunc(kept, func(a, b hit) int { return a.from - b.from })
	return inScope(kept)
}

// scope is how many words a cue that makes doubtful what follows it reaches:
// "reportedly about to launch", "könnte bald erscheinen".
const scope = 3

// inScope makes doubtful the acts and declarations that follow hearsay or a
// hedge, and leaves out those that are planned: what is rumoured to launch has
// not launched.
func inScope(hits []hit) []hit {
	out := hits[:0]
	until, by := -1, void
	for _, h := range hits {
		if h.from >= until {
			by = void
		}
		switch h.kind {
		case hearsay, hedge, plan:
			if until = h.to + scope; by == void || by == plan {
				by = h.kind
			}
		case declared, act:
			if h.from < until && by == plan {
				continue
			}
			if h.from < until {
				h.kind = doubtful
			}
		}
		out = append(out, h)
	}
	return out
}

// match returns the end of the cue in words from i on, 0 where it does not
// stand there.
func (c *cue) match(words []string, i int) int {
	if c.first && i > 0 {
		return 0
	}
	return matchWords(c.words, words, i)
}

func matchWords(pattern []cueWord, words []string, i int) int {
	for n, w := range pattern {
		if w.text == "" {
			gap := maxGap
			if i < len(words) && unicode.Is(unicode.Han, firstRune(words[i])) {
				gap = maxHanGap
			}
			for skip := 0; skip <= gap && i+skip < len(words); skip++ {
				if to := matchWords(pattern[n+1:], words, i+skip); to > 0 {
					return to
				}
			}
			return 0
		}
		if i >= len(words) || !w.match(words[i]) {
			return 0
		}
		i++
	}
	return i
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
