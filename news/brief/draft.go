package brief

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Draft is a story in the words of a writer: a language model, as a rule. It
// stands nowhere until Check has passed it.
type Draft struct {
	Headline   string   `json:"headline"`
	Standfirst string   `json:"standfirst"`
	Summary    string   `json:"summary"`
	Body       []string `json:"body"`
}

// headlineMax is the length of a written headline, in characters.
const headlineMax = 110

// Check reports why a draft may not be shown, nil where it may: every number
// and every name in it must stand in the articles, nothing may be denied that
// they do not deny, and it keeps to the lengths of a Brief. Where it is shown
// is for the status to say, so a draft cannot make a rumour a fact.
func (d Draft) Check(docs []Doc) error {
	for _, part := range []struct {
		name, text string
		most       int
	}{{"headline", d.Headline, headlineMax}, {"standfirst", d.Standfirst, standfirstMax}, {"summary", d.Summary, summaryMax}} {
		if strings.TrimSpace(part.text) == "" {
			return fmt.Errorf("it has no %s", part.name)
		}
		if n := utf8.RuneCountInString(part.text); n > part.most {
			return fmt.Errorf("its %s has %d characters, more than %d", part.name, n, part.most)
		}
	}
	if len(d.Body) > 3 {
		return fmt.Errorf("it has %d paragraphs, more than three", len(d.Body))
	}
	for _, p := range d.Body {
		if n := utf8.RuneCountInString(p); n > paragraphMax {
			return fmt.Errorf("a paragraph has %d characters, more than %d", n, paragraphMax)
		}
	}
	source := ground{words: map[string]bool{}}
	for _, doc := range docs {
		source.add(doc.Title + ". " + doc.Text)
	}
	for _, text := range append([]string{d.Headline, d.Standfirst, d.Summary}, d.Body...) {
		if err := source.holds(text); err != nil {
			return err
		}
	}
	return nil
}

// A ground is what the articles say, as far as a draft is held to it.
type ground struct {
	words   map[string]bool // folded, numbers without marks
	negates bool
}

func (g *ground) add(text string) {
	for _, w := range pieces(text) {
		g.words[w.folded] = true
		g.negates = g.negates || negations[w.folded]
	}
}

// holds reports the first thing in text that the ground does not hold.
func (g *ground) holds(text string) error {
	for _, w := range pieces(text) {
		switch {
		case w.number && !g.words[w.folded]:
			return fmt.Errorf("no article has the number %s", w.text)
		case w.name && !g.words[w.folded] && !g.words[strings.TrimSuffix(w.folded, "s")] && !(w.first && openers[w.folded]):
			return fmt.Errorf("no article has the name %s", w.text)
		case negations[w.folded] && !g.negates:
			return fmt.Errorf("it denies something (%s), and no article does", w.text)
		}
	}
	return nil
}

// A piece is a word or a number of a text.
type piece struct {
	text, folded string
	number, name bool
	first        bool // of its sentence
}

// pieces parts a text. Chinese shows no names by capitals: there each character
// counts as one, but for those that only bind others.
func pieces(text string) []piece {
	var out []piece
	first := true
	add := func(w string) {
		r, _ := utf8.DecodeRuneInString(w)
		p := piece{text: w, folded: strings.ToLower(w), first: first}
		if strings.ContainsFunc(w, unicode.IsDigit) {
			p.number = true
			p.folded = strings.Map(func(r rune) rune {
				if r == ',' || r == '.' || r == '\'' || r == ' ' {
					return -1
				}
				return r
			}, p.folded)
		} else {
			p.name = unicode.IsUpper(r)
		}
		out, first = append(out, p), false
	}
	start := -1
	flush := func(end int) {
		if start >= 0 {
			w := strings.TrimRight(text[start:end], ".,'’-")
			w, _ = strings.CutSuffix(w, "'s")
			w, _ = strings.CutSuffix(w, "’s")
			if w != "" {
				add(w)
			}
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			flush(i)
			if !strings.ContainsRune(binders, r) {
				out = append(out, piece{text: string(r), folded: string(r), name: true})
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && strings.ContainsRune(".,'’-", r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
		if strings.ContainsRune(".!?:。！？", r) {
			if next := text[i+utf8.RuneLen(r):]; next == "" || next[0] == ' ' || r > unicode.MaxLatin1 {
				flush(i)
				first = true
			}
		}
	}
	flush(len(text))
	return out
}

// negations deny what they stand with.
var negations = wordsOf("not no never denies denied deny denying without nor neither cannot nicht kein keine keinen nie dementiert bestreitet ne pas jamais aucun aucune dément nie nunca niega desmiente 否认 没有 不实")

// openers begin sentences with a capital and name nobody.
var openers = wordsOf(`the a an it its in on at this that these those with by for but and he she they we after before while when as if since
according however meanwhile instead also both some many several most other another one two three now today yesterday there here what who how why
under over about from to of no not despite because although until during among between per der die das ein eine mit nach bei im am auf für und aber
es sie er wir laut seit während le la les un une des en dans avec pour mais et il elle ils selon depuis el los las una con para pero según desde`)

// binders are characters that only bind others.
const binders = "的了是在和与及将被也为并对从到等中这该其以而但或又已于由向把让使就都还"

func wordsOf(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// Wants reports whether a writer has anything to work with: text beyond a
// headline, in one language.
func Wants(docs []Doc) bool {
	return slices.ContainsFunc(docs, func(d Doc) bool { return utf8.RuneCountInString(d.Text) >= 80 })
}
