package bot

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A UsageError is a person's mistake: what was not understood, and what to do.
type UsageError struct {
	Sentence Phrase // what is wrong, as a clause: `min must be a whole number from 0 to 100, not "abc"`
	Hint     Phrase // what to do instead, none where there is nothing to say
	Line     string // the words of a command that may be what was meant, "" for none
}

func (e *UsageError) Error() string {
	if e.Hint.Format == "" {
		return e.Sentence.String()
	}
	return e.Sentence.String() + ": " + e.Hint.String()
}

// ParseLine reads the words after /news; a leading "/news" or "news" is
// passed over. The first word selects a command where it is exactly a
// command's name in any case, else the line is a search. Options read
// key:value or key:"several words", in any order; what remains is the
// command's positional option, where phrases keep their quotes. A key that is
// no option is text, as in gpt:oss or https://x, unless it is nearly one.
// Errors are *UsageError. The options of the Call are checked and in their
// one spelling, as Validate wants them.
func ParseLine(table []Command, line string) (Call, error) {
	words := split(line)
	if len(words) > 0 {
		if w := strings.ToLower(words[0].text); w == "/news" || w == "news" || w == "/desk" || w == "/desk-channel" {
			words = words[1:]
		}
	}
	cmd, _ := find(table, cmdSearch)
	if len(words) > 0 && words[0].key == "" && !words[0].quoted {
		if c, ok := find(table, words[0].text); ok && c.Name != cmdSearch {
			cmd, words = c, words[1:]
		}
	}
	call := Call{Command: cmd.Name, Options: map[string]string{}}
	pos, hasPos := cmd.positional()
	free := hasPos && pos.Kind == Words
	var rest []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		o, ok := cmd.option(w.key)
		if w.key == "" || !ok {
			if near, is := nearest(w.key, optionNames(cmd)); is && w.key != "" {
				e := &UsageError{Sentence: say("there is no option %q", w.key+":"), Hint: say("did you mean %s:%s?", near, w.text)}
				if cmd.Name == cmdSearch {
					e.Hint = say("did you mean %s:%s? To search for the words themselves, put them in quotes", near, w.text)
				}
				return Call{}, e
			}
			if cmd.Name == cmdSearch && orderOption(w.key) {
				return Call{}, &UsageError{
					Sentence: say("a search has no option %q", w.key+":"),
					Hint:     say("it takes %s. To search for the words themselves, put them in quotes", cmd.Usage()),
				}
			}
			if w.key != "" && (!free || cmd.Name == cmdSubscribe) {
				return Call{}, &UsageError{
					Sentence: say("%s has no option %q", cmd.Title(), w.key+":"),
					Hint:     say("it is used as %s", cmd.Usage()),
				}
			}
			rest = append(rest, w.String())
			continue
		}
		value := w.text
		if value == "" && !w.quoted && i+1 < len(words) && words[i+1].key == "" {
			// People type "since: 7d" as the usage line shows it.
			i++
			value = words[i].text
		}
		if value == "" {
			return Call{}, &UsageError{Sentence: say("%s has no value", o.Name), Hint: say("give one as in %s", example(o))}
		}
		if before, twice := call.Options[o.Name]; twice {
			if o.Kind != Words {
				return Call{}, &UsageError{Sentence: say("%s is given twice", o.Name), Hint: say("give it once")}
			}
			value = before + "," + value
		}
		call.Options[o.Name] = value
	}
	if len(rest) > 0 {
		text := strings.Join(rest, " ")
		if !hasPos {
			return Call{}, &UsageError{
				Sentence: say("%s takes nothing more, but there is %q", cmd.Title(), text),
				Hint:     say("to search for these words, put the first in quotes"),
				Line:     strconv.Quote(cmd.Name) + " " + text,
			}
		}
		if _, twice := call.Options[pos.Name]; twice {
			return Call{}, &UsageError{
				Sentence: say("%s is given twice, by name and as %q", pos.Name, text), Hint: say("give it once"),
			}
		}
		call.Options[pos.Name] = text
	}
	_, checked, err := resolve(table, call)
	if e, ok := errors.AsType[*UsageError](err); ok && cmd.Name != cmdSearch && !free && len(rest) > 0 {
		e.Line = strconv.Quote(cmd.Name) + " " + strings.Join(rest, " ")
	}
	return checked, err
}

// orderOption reports whether a key is an option of subscribe: who gives it to
// a search expects it to narrow the search, and no story about its words.
func orderOption(key string) bool {
	_, is := subscribeCommand().option(key)
	return is
}

// Validate checks a Call that came in structured form against the table.
// Errors are *UsageError.
func Validate(table []Command, c Call) error {
	_, _, err := resolve(table, c)
	return err
}

// CallLine writes a checked Call as the shortest words that ParseLine reads as the
// same.
func CallLine(table []Command, c Call) string {
	cmd, _ := find(table, c.Command)
	var words []string
	if cmd.Name != cmdSearch {
		words = append(words, cmd.Name)
	}
	named := slices.Clone(words)
	for _, o := range cmd.Options {
		v, ok := c.Options[o.Name]
		if !ok {
			continue
		}
		short := o.Name + ":" + v
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) || isColon(r) }) {
			short = o.Name + ":" + quoted(v)
		}
		named = append(named, short)
		if o.Positional {
			short = v
		}
		words = append(words, short)
	}
	line := strings.Join(words, " ")
	if same, err := ParseLine(table, line); err == nil && same.Command == c.Command && maps.Equal(same.Options, c.Options) {
		return line
	}
	return strings.Join(named, " ")
}

// resolve finds the command of c and returns c with its options checked and
// in their one spelling.
func resolve(table []Command, c Call) (Command, Call, error) {
	cmd, ok := find(table, c.Command)
	if !ok {
		names := make([]string, len(table))
		for i := range table {
			names[i] = table[i].Title()
		}
		e := &UsageError{Sentence: say("there is no command %q", shorten(c.Command)), Hint: say("see /news help")}
		if near, ok := nearest(c.Command, names); ok {
			e.Hint = say("did you mean /news %s?", near)
		}
		return Command{}, Call{}, e
	}
	out := Call{Command: cmd.Name, Options: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(c.Options)) {
		o, ok := cmd.option(name)
		if !ok {
			e := &UsageError{Sentence: say("%s has no option %q", cmd.Title(), shorten(name)), Hint: say("it is used as %s", cmd.Usage())}
			if near, ok := nearest(name, optionNames(cmd)); ok {
				e.Hint = say("did you mean %s?", near)
			}
			return Command{}, Call{}, e
		}
		value := strings.TrimSpace(strings.ToValidUTF8(c.Options[name], ""))
		if value == "" {
			continue
		}
		value, err := o.read(value)
		if err != nil {
			return Command{}, Call{}, err
		}
		out.Options[o.Name] = value
	}
	for _, o := range cmd.Options {
		if o.Required && out.Options[o.Name] == "" {
			return Command{}, Call{}, &UsageError{
				Sentence: say("%s needs the %s", cmd.Title(), o.Name),
				Hint:     say("as in %s", either(cmd.Examples)),
			}
		}
	}
	return cmd, out, nil
}

// read checks a value of the option and returns it in its one spelling.
func (o Option) read(value string) (string, error) {
	switch o.Kind {
	case Whole:
		n, err := strconv.Atoi(value)
		if err != nil || n < o.Least || n > o.Most {
			return "", &UsageError{
				Sentence: say("%s must be a whole number from %d to %d, not %q", o.Name, o.Least, o.Most, shorten(value)),
				Hint:     say("as in %s", example(o)),
			}
		}
		return strconv.Itoa(n), nil
	case Span:
		if _, err := ParseSpan(value, time.Unix(0, 0)); err != nil {
			return "", &UsageError{
				Sentence: say("%s must be a time span, not %q", o.Name, shorten(value)),
				Hint:     say(`hours, days or weeks, as in 12h, 7d or 2w, or "today"`),
			}
		}
		return strings.ToLower(value), nil
	case Since:
		if _, err := ParseSince(value, time.Unix(0, 0)); err != nil {
			return "", &UsageError{
				Sentence: say("%s must be a time span or a date, not %q", o.Name, shorten(value)),
				Hint:     say("as in 12h, 7d, 2w, today or 2025-04-20"),
			}
		}
		return strings.ToLower(value), nil
	case OneOf:
		if strings.EqualFold(value, "rumor") {
			value = "rumour"
		}
		for _, c := range o.Choices {
			if strings.EqualFold(c, value) {
				return c, nil
			}
		}
		e := &UsageError{Sentence: say("%s must be one of %s, not %q", o.Name, strings.Join(o.Choices, ", "), shorten(value))}
		if near, ok := nearest(value, o.Choices); ok {
			e.Hint = say("did you mean %s?", near)
		}
		return "", e
	default:
		return value, nil
	}
}

// MaxSpan is the longest time span of an option.
const MaxSpan = 3650 * 24 * time.Hour

// ParseSpan returns the moment that lies a span such as "30m", "12h", "7d" or
// "2w" before now, or for "today" the midnight in UTC that began now's day. A
// span is more than nothing and at most MaxSpan.
func ParseSpan(s string, now time.Time) (time.Time, error) {
	s = strings.ToLower(s)
	if s == "today" {
		return now.UTC().Truncate(24 * time.Hour), nil
	}
	if len(s) >= 2 && len(s) <= 7 {
		units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
		n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
		d := time.Duration(n) * units[s[len(s)-1]]
		if err == nil && d > 0 && d <= MaxSpan {
			return now.Add(-d), nil
		}
	}
	return time.Time{}, fmt.Errorf(`time span %q: want minutes, hours, days or weeks, as in 30m, 12h, 7d or 2w, or "today"`, shorten(s))
}

// ParseSince returns the moment that s names: a span before now as ParseSpan
// reads it, or the midnight in UTC that begins a date such as "2025-04-20".
func ParseSince(s string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return ParseSpan(s, now)
}

// A word is one piece of a line: text between spaces or in quotes, with the
// key before a colon, if any.
type word struct {
	key    string // "" where there is none
	text   string // without quotes
	quoted bool
}

// String is the word as it was typed.
func (w word) String() string {
	s := w.text
	if w.quoted {
		s = `"` + s + `"`
	}
	if w.key != "" {
		s = w.key + ":" + s
	}
	return s
}

// isQuote reports whether r opens or closes a phrase; phones type curly ones.
func isQuote(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

// isColon reports whether r ends a key; Chinese keyboards type the wide one.
func isColon(r rune) bool { return r == ':' || r == '\uff1a' }

// split cuts a line into words. A quote that is never closed reaches to the end.
func split(line string) []word {
	var words []word
	line = strings.ToValidUTF8(line, "")
	for {
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" {
			return words
		}
		var w word
		if end := strings.IndexFunc(line, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) || isColon(r) }); end > 0 {
			if r, size := utf8.DecodeRuneInString(line[end:]); isColon(r) {
				w.key, line = line[:end], line[end+size:]
			}
		}
		r, size := utf8.DecodeRuneInString(line)
		if w.quoted = isQuote(r) && line != ""; w.quoted {
			line = line[size:]
			end := strings.IndexFunc(line, isQuote)
			if end < 0 {
				end = len(line)
			}
			w.text, line = strings.Join(strings.Fields(line[:end]), " "), line[end:]
			if _, size := utf8.DecodeRuneInString(line); line != "" {
				line = line[size:]
			}
			if w.text == "" && w.key == "" {
				continue
			}
		} else {
			end := strings.IndexFunc(line, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
			if end < 0 {
				end = len(line)
			}
			w.text, line = line[:end], line[end:]
		}
		words = append(words, w)
	}
}

func optionNames(c Command) []string {
	names := make([]string, len(c.Options))
	for i, o := range c.Options {
		names[i] = o.Name
	}
	return names
}

// example shows an option with a value.
func example(o Option) string {
	v := map[OptionKind]string{Words: "deepseek", Whole: strconv.Itoa((o.Least + o.Most) / 2), Span: "7d", Since: "7d"}[o.Kind]
	if len(o.Choices) > 0 {
		v = o.Choices[0]
	}
	return o.Name + ":" + v
}

// either joins texts of which any will do.
func either(texts []string) any {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	n := len(texts) - 1
	return say("%s or %s", either(texts[:n]), texts[n])
}

// shorten keeps an answer readable that quotes what a person typed.
func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// nearest returns the candidate that a person may have meant by word: one
// letter added, dropped, changed or two swapped, or two such slips where both
// have five letters or more. The first of several as near.
func nearest(word string, candidates []string) (string, bool) {
	word = strings.ToLower(word)
	best, at := "", 3
	for _, c := range candidates {
		allowed := 1
		if min(len(word), len(c)) >= 5 {
			allowed = 2
		}
		if d := slips(word, c); d <= allowed && d < at && len(word) > 1 {
			best, at = c, d
		}
	}
	return best, best != ""
}

// slips is the edit distance between a and b where swapping two neighbours
// counts once, and 9 where their lengths differ by more than two.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 {
		return 9
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
