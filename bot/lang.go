package bot

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
	"golang.org/x/text/number"

	"newsdesk/news/brief"
)

// A Lang is a language that the bot speaks: the words of its cards. What a
// story says stays in the language of its articles, and what people type, the
// names of commands and options and their values, is the same in all. The
// zero value is English.
type Lang int

// The languages.
const (
	English Lang = iota
	German
)

// Locales names the languages as a configuration does.
var Locales = []string{English: "en", German: "de"}

// LangOf returns the language for a reader's locale, a BCP 47 tag such as
// "de-AT": English where the bot does not speak it, or nobody knows it.
func LangOf(locale string) Lang {
	tag, err := language.Parse(locale)
	if err != nil {
		return English
	}
	_, i, sure := matcher.Match(tag)
	if sure == language.No {
		return English
	}
	return Lang(i)
}

var (
	tags     = []language.Tag{English: language.English, German: language.German}
	matcher  = language.NewMatcher(tags)
	printers = newPrinters()
)

// newPrinters makes a printer for each language, of one catalogue.
func newPrinters() []*message.Printer {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for lang, texts := range []map[string]string{English: english, German: german} {
		for key, text := range texts {
			if err := b.Set(tags[lang], key, entry(key, text)); err != nil {
				panic(fmt.Sprintf("catalogue: %s: %q: %v", tags[lang], key, err))
			}
		}
	}
	var ps []*message.Printer
	for _, t := range tags {
		ps = append(ps, message.NewPrinter(t, message.Catalog(b)))
	}
	return ps
}

// entry reads a text of a catalogue: two forms parted by | are for one and for
// any other number, which the first %d of the key counts.
func entry(key, text string) catalog.Message {
	one, other, ok := strings.Cut(text, "|")
	if !ok {
		return catalog.String(text)
	}
	counted := slices.Index(verb.FindAllString(key, -1), "%d") + 1
	return plural.Selectf(counted, "%d", "one", one, "other", other)
}

// verb is one of the verbs that texts use.
var verb = regexp.MustCompile(`%(?:\[\d\])?[.\d]*[a-z]`)

// T formats as fmt.Sprintf, in the language: format is the English text, and
// the key of the others. Numbers are written as readers of the language do.
// A Phrase among args is put into the language, too.
func (l Lang) T(format string, args ...any) string {
	args = slices.Clone(args)
	for i, a := range args {
		switch a := a.(type) {
		case Phrase:
			args[i] = l.Say(a)
		case int:
			if l == English && a >= 1000 {
				args[i] = number.Decimal(a, number.NoSeparator()) // English cards have 4711, not 4,711
			}
		}
	}
	return printers[l].Sprintf(format, args...)
}

// word puts a word or text that is no format into the language: a status, a
// kind of source, the summary of a command. What the catalogue has not stays.
func (l Lang) word(s string) string {
	if t, ok := german[s]; ok && l == German {
		return t
	}
	return s
}

// Word is word for what adapters take from the table of commands.
func (l Lang) Word(s string) string { return l.word(s) }

// A Phrase is a text whose reader's language is not known yet.
type Phrase struct {
	Format string // as for Lang.T
	Args   []any
}

func say(format string, args ...any) Phrase { return Phrase{format, args} }

// Say puts a phrase into the language.
func (l Lang) Say(p Phrase) string {
	if p.Format == "" {
		return ""
	}
	return l.T(p.Format, p.Args...)
}

// String is the phrase in English.
func (p Phrase) String() string { return English.Say(p) }

// date formats t by an English layout of package time, whose counterpart
// stands in the catalogue.
func (l Lang) date(t time.Time, layout string) string {
	s := t.Format(l.T(layout))
	for _, name := range []string{t.Month().String(), t.Weekday().String()} {
		s = strings.Replace(s, name, l.word(name), 1)
	}
	return s
}

// A pattern reads one of the reasons back that packages impact and brief give.
type pattern struct {
	format string
	verbs  []string
	match  *regexp.Regexp
}

// patterns reads reasons: stories keep them in English, with their numbers and
// names filled in.
var patterns = sync.OnceValue(func() []pattern {
	var ps []pattern
	for _, f := range slices.Sorted(maps.Keys(germanReasons)) {
		if verbs := verb.FindAllString(f, -1); len(verbs) > 0 {
			m := regexp.QuoteMeta(f)
			for of, as := range map[string]string{`%d`: `(\d+)`, `%\.1f`: `(\d+\.\d)`, `%s`: `(.+)`} {
				m = strings.ReplaceAll(m, of, as)
			}
			ps = append(ps, pattern{f, verbs, regexp.MustCompile(`(?s)^` + m + `$`)})
		}
	}
	return ps
})

// reason puts a reason of an impact or a status into the language; the
// sentence of an article that it may end with stays.
func (l Lang) reason(s string) string {
	if l == English {
		return s
	}
	if t, ok := l.read(s); ok {
		return t
	}
	if head, sentence, ok := strings.Cut(s, ": "); ok {
		if t, ok := germanReasons[head]; ok {
			return t + ": " + l.quote(sentence)
		}
	}
	return l.amount(l.quote(s))
}

// quote has the marks of the language around what package brief quotes.
func (l Lang) quote(s string) string {
	said, quoted := strings.CutPrefix(s, "“")
	if said, ok := strings.CutSuffix(said, "”"); ok && quoted {
		return l.T("“%s”", said)
	}
	return s
}

// moment puts a moment of a story's timeline into the language; the headline
// that it may end with stays.
func (l Lang) moment(s string) string {
	if l == English {
		return s
	}
	head, _, _ := strings.Cut(s, ": ")
	switch head {
	case brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied:
		return l.word(head) + s[len(head):]
	}
	t, ok := l.read(s)
	if !ok {
		return s
	}
	return t
}

// trouble puts a platform's reason, as a SendError tells it, into the language;
// what the platform itself said behind it stays.
func (l Lang) trouble(s string) string {
	if l == English {
		return s
	}
	why := s
	for o := Throttled; o <= Duplicated; o++ {
		why = strings.TrimPrefix(why, o.String()+": ")
	}
	for end := len(why); end > 0; end = strings.LastIndex(why[:end], ": ") {
		if t, ok := germanTroubles[why[:end]]; ok {
			return t + why[end:]
		}
	}
	return s
}

// read puts a reason into the language; ok is false where nobody gives such a
// reason.
func (l Lang) read(s string) (text string, ok bool) {
	if t, ok := germanReasons[s]; ok {
		return t, true
	}
	for _, p := range patterns() {
		found := p.match.FindStringSubmatch(s)
		if found == nil {
			continue
		}
		args := make([]any, len(p.verbs))
		for i, v := range p.verbs {
			text := found[i+1]
			switch v {
			case "%d":
				args[i], _ = strconv.Atoi(text)
			case "%.1f":
				args[i], _ = strconv.ParseFloat(text, 64)
			default:
				args[i] = text
			}
		}
		return l.T(p.format, args...), true
	}
	return "", false
}

// scaled is a number as package brief writes it, with what follows.
var scaled = regexp.MustCompile(`^([\d,]+(?:\.\d+)?)( (?:thousand|million|billion|trillion|quadrillion))?( .+)?$`)

// amount puts the value of a figure into the language: "1.2 trillion
// parameters" is "1,2 Bio. Parameter".
func (l Lang) amount(s string) string {
	if l == English {
		return s
	}
	for _, bound := range brief.Bounds {
		if rest, ok := strings.CutPrefix(s, bound+" "); ok {
			return l.word(bound) + " " + l.amount(rest)
		}
	}
	m := scaled.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	value := strings.NewReplacer(",", ".", ".", ",").Replace(m[1])
	for _, w := range m[2:] {
		if w = strings.TrimSpace(w); w != "" {
			value += " " + l.word(w)
		}
	}
	return value
}
