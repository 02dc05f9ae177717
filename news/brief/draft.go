package brief

import (
	"fmt"
	"math"
	"regexp"
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
// with its magnitude and unit and every name in it must stand in the articles,
// nothing may be denied that they do not deny, and it keeps to the lengths of a Brief. Where it is shown
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
	source := ground{words: map[string]bool{}, figures: map[string][]float64{}}
	for _, doc := range docs {
		source.lang = doc.Lang
		source.add(doc.Title)
		source.add(doc.Text)
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
	words   map[string]bool      // folded, numbers without marks
	figures map[string][]float64 // their values by kind of unit
	negates bool
	lang    string
}

// unitKind is what one text may call so and another otherwise: 90% on a
// benchmark is a score.
func unitKind(unit string) string {
	if unit == "score" || unit == "points" {
		return "%"
	}
	return unit
}

// eachFigure calls do with the figures of a text.
func eachFigure(text, lang string, do func(Figure)) {
	for _, s := range Sentences(text) {
		for _, f := range sentenceFigures(s, lang) {
			do(f)
		}
	}
}

func (g *ground) add(text string) {
	for _, w := range pieces(text) {
		g.words[w.folded] = true
		g.negates = g.negates || negations[w.folded]
	}
	eachFigure(text, g.lang, func(f Figure) {
		g.figures[unitKind(f.Unit)] = append(g.figures[unitKind(f.Unit)], Value(f))
	})
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
	var wrong error
	eachFigure(text, g.lang, func(f Figure) {
		v := Value(f)
		if wrong == nil && !slices.ContainsFunc(g.figures[unitKind(f.Unit)], func(x float64) bool { return math.Abs(x-v) <= 1e-6*math.Abs(v) }) {
			wrong = fmt.Errorf("no article has the figure %s", f.Amount())
		}
	})
	return wrong
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
			p.folded = foldNumber(p.folded)
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

// grouped is a number whose thousands are parted.
var grouped = regexp.MustCompile(`^\d{1,3}(?:[,.'’]\d{3})+$`)

// foldNumber writes numbers alike whatever marks their language has: 1,250 and
// 1.250 are 1250, and 1,5 is 1.5.
func foldNumber(s string) string {
	if grouped.MatchString(s) {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	return strings.ReplaceAll(strings.NewReplacer("'", "", "’", "").Replace(s), ",", ".")
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
