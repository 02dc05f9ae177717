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
	doubtful    // an act or a declaration that hearsay or a hedge goes before
	conditional // a verb in the mood of hearsay: "aurait", "costaría"
	nobody      // this and the following are classes of words, found beside the wording above
	lack
	evidence
	speech
	voice
	matter
	dated
	past     // what follows is over: "after months of rumours"
	unproven // evidence that is said to be lacking
	unsaid   // something nobody says
	cueKinds
)

var cueNames = [cueKinds]string{"void", "hearsay", "hedge", "plan", "vouched", "asked", "study", "declared", "act", "denied", "negation", "self", "statement", "doubtful", "conditional", "nobody", "lack", "evidence", "speech", "voice", "matter", "dated", "past", "unproven", "unsaid"}

// A cue is a phrase of one kind.
type cue struct {
	kind  cueKind
	text  string
	words []cueWord
	first bool // it counts at the beginning of a text only
	sure  bool // nobody words it so and means another kind
}

// A cueWord matches one word, all words with a beginning or an ending, or a gap
// of up to maxGap words, which has no text.
type cueWord struct {
	text           string
	prefix, suffix bool
}

func (w cueWord) match(token string) bool {
	switch {
	case w.prefix:
		return strings.HasPrefix(token, w.text)
	case w.suffix:
		return strings.HasSuffix(token, w.text)
	}
	return token == w.text
}

const (
	maxGap    = 6 // words
	maxHanGap = 8 // characters
)

// A cueIndex finds the cues of a language by their first word, or by the first
// or last runes of it where it stands for all that begin or end so.
type cueIndex struct {
	exact, begin, end map[string][]cue
}

// beginning is how many runes of a word a prefix or a suffix is found by.
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
		name, sure := strings.CutSuffix(cells[0], "!")
		kind := slices.Index(cueNames[:], name)
		if kind < 0 {
			return nil, fmt.Errorf("line %d: there is no kind %q", line, name)
		}
		for text := range strings.SplitSeq(cells[2], "|") {
			c, err := newCue(cueKind(kind), text)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			c.sure = sure
			for _, lang := range []string{cells[1], ""} {
				if _, ok := index[lang]; !ok {
					index[lang] = newCueIndex()
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
		if strings.HasPrefix(field, "*") {
			c.words[len(c.words)-1].suffix = true
		}
	}
	if len(c.words) == 0 || c.words[0].text == "" || c.words[len(c.words)-1].text == "" {
		return c, fmt.Errorf("%q must begin and end with a word", text)
	}
	if first := c.words[0]; (first.prefix || first.suffix) && utf8.RuneCountInString(first.text) < beginning {
		return c, fmt.Errorf("%q: a beginning or an ending has %d letters or more", text, beginning)
	}
	return c, nil
}

func newCueIndex() cueIndex {
	return cueIndex{map[string][]cue{}, map[string][]cue{}, map[string][]cue{}}
}

func (x cueIndex) add(c cue) {
	switch first := c.words[0]; {
	case first.prefix:
		key := first.text[:start(first.text)]
		x.begin[key] = append(x.begin[key], c)
	case first.suffix:
		key := ending(first.text)
		x.end[key] = append(x.end[key], c)
	default:
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

// ending returns the last runes of a word, or all of a shorter one.
func ending(word string) string {
	from := len(word)
	for range beginning {
		_, size := utf8.DecodeLastRuneInString(word[:from])
		from -= size
	}
	return word[from:]
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

// find returns the cues of a text in order; of those that overlap, the longest,
// with classes of words and wording each on its own.
func (x cueIndex) find(words []string) []hit {
	var all []hit
	for i, w := range words {
		for _, list := range [3][]cue{x.exact[w], x.begin[w[:start(w)]], x.end[ending(w)]} {
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
		if d := int(a.kind) - int(b.kind); d != 0 || a.sure == b.sure {
			return d
		}
		if a.sure {
			return -1
		}
		return 1
	})
	kept := all[:0]
	for _, h := range all {
		if !slices.ContainsFunc(kept, func(k hit) bool {
			return h.from < k.to && k.from < h.to && (h.kind < nobody) == (k.kind < nobody)
		}) {
			kept = append(kept, h)
		}
	}
	slices.SortStableFunc(kept, func(a, b hit) int { return a.from - b.from })
	return inScope(kept)
}

// scope is how many words a cue that makes doubtful what follows it reaches:
// "reportedly about to launch", "könnte bald erscheinen".
const scope = 3

// pastScope is how many words a text's opening "after" or "despite" reaches.
const pastScope = 5

// lackScope is how many words a no reaches: "no one has seen the letter".
const lackScope = 4

// inScope reads the cues together. It makes doubtful the acts and declarations
// that follow hearsay or a hedge, and leaves out those that are planned: what
// is rumoured to launch has not launched. Hearsay and denials that an opening
// "after" tells of, up to its first act, are over and left out. Evidence is unproven and speech unsaid
// after a no, and evidence also right before "is lacking".
func inScope(hits []hit) []hit {
	out := hits[:0]
	until, by, lacking, over := -1, void, -1, -1
	for _, h := range hits {
		if h.from >= until {
			by = void
		}
		if (h.kind == hearsay || h.kind == denied) && h.from < over {
			continue
		}
		switch h.kind {
		case past:
			over = h.to + pastScope
		case negation, nobody, lack:
			lacking = h.to + lackScope
			if last := len(out) - 1; h.kind == lack && last >= 0 && out[last].kind == evidence && h.from <= out[last].to+1 {
				out[last].kind = unproven
			}
		case evidence:
			if h.from < lacking {
				h.kind = unproven
			}
		case speech:
			if h.from < lacking {
				h.kind = unsaid
			}
		case hearsay, hedge, plan, conditional:
			if until = h.to + scope; by == void || by == plan {
				by = h.kind
			}
		case declared, act:
			over = -1
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
