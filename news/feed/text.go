package feed

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markup recognises text that still holds tags or entities after one decoding:
// many feeds escape their HTML twice.
var markup = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>|&(#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos|nbsp|[mn]dash|hellip|[lr][sd]quo);`)

// Title returns the visible text of a title that may hold HTML, on one line.
func Title(s string) string { return plain(s, maxTitle) }

// Text returns the visible text of HTML, one line for each block of it.
func Text(s string) string { return lines(s, maxText) }

// plain returns the visible text of HTML, its white space folded to single
// spaces, at most limit bytes of valid UTF-8.
func plain(s string, limit int) string {
	return cutAt(strings.Join(strings.Fields(clean(visible(s, limit))), " "), limit)
}

// lines is plain with a line for each block, that a heading is not taken for
// the beginning of the sentence behind it.
func lines(s string, limit int) string {
	var out []string
	for line := range strings.SplitSeq(visible(s, limit), "\n") {
		if words := strings.Fields(clean(line)); len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return cutAt(strings.Join(out, "\n"), limit)
}

func cutAt(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

// escaped recognises the line breaks of texts that were written as JSON twice.
var escaped = regexp.MustCompile(`(?:\\[rn])+(\s|$|\p{Lu})`)

// blank parts the paragraphs of a text without HTML.
var blank = regexp.MustCompile(`\r?\n[ \t]*\r?\n`)

// visible returns the text of HTML with a line break for each end of a block.
func visible(s string, limit int) string {
	// Tags take room too: what is cut off here could hardly have shown.
	if len(s) > 16*limit {
		s = s[:16*limit]
	}
	paragraphs := []string{escaped.ReplaceAllString(s, " $1")}
	if !marked(s) {
		paragraphs = blank.Split(paragraphs[0], -1)
	}
	for i := range paragraphs {
		paragraphs[i] = clean(paragraphs[i])
	}
	s = strings.Join(paragraphs, "\n")
	for range 2 {
		if !marked(s) {
			break
		}
		s = strip(s)
	}
	return s
}

func marked(s string) bool { return strings.ContainsAny(s, "<&") && markup.MatchString(s) }

// strip drops the tags of HTML and what only browsers read, and decodes entities.
func strip(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	skip := atom.Atom(0)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if skip == 0 && (a == atom.Script || a == atom.Style || a == atom.Template || a == atom.Noscript || a == atom.Iframe || a == atom.Svg) {
				skip = a
			}
			part(&b, a)
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if a == skip {
				skip = 0
			}
			part(&b, a)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			part(&b, atom.Lookup(name))
		}
	}
}

// part parts what stands on both sides of a tag: blocks by a line break, all
// else that is no inline tag by a space.
func part(b *strings.Builder, a atom.Atom) {
	switch a {
	case atom.A, atom.B, atom.I, atom.Em, atom.Strong, atom.Span, atom.Code, atom.Sub, atom.Sup, atom.Abbr, atom.Mark, atom.Small, atom.U, atom.Font, atom.Time:
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Ul, atom.Ol, atom.Blockquote, atom.Pre, atom.Tr, atom.Section, atom.Article, atom.Figure, atom.Figcaption:
		b.WriteByte('\n')
	default:
		b.WriteByte(' ')
	}
}

// clean drops what no text should hold: invalid UTF-8, control characters, and
// characters that reorder or hide what stands beside them.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\t' && r <= '\r':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r):
			return -1
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C, // bidi controls
			r == 0x200B, r == 0x2060, r == 0xFEFF, r == 0x00AD, // invisible
			r >= 0xE0000 && r <= 0xE007F: // tags
			return -1
		}
		return r
	}, s)
}

// firstSentence makes a title of a text that has none.
func firstSentence(s string) string {
	const least, most = 20, 120
	for i, r := range s {
		if i >= most {
			break
		}
		end := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？':
			return s[:end]
		case '.', '!', '?':
			// "3.5" and "Dr. Smith" end no sentence; whatever ends the text does.
			if end == len(s) || s[end] == ' ' && i >= least && !abbreviated(s[:i]) {
				return s[:end]
			}
		}
	}
	if len(s) <= most {
		return s
	}
	cut := strings.LastIndexByte(s[:most], ' ')
	if cut < most/2 {
		for cut = most; !utf8.RuneStart(s[cut]); cut-- {
		}
	}
	return s[:cut] + "…"
}

// abbreviated reports whether the full stop after s ends an abbreviation:
// "Inc", "vs", or a single letter.
func abbreviated(s string) bool {
	word := strings.ToLower(s[strings.LastIndexAny(s, " .")+1:])
	switch word {
	case "inc", "corp", "ltd", "co", "dr", "mr", "ms", "mrs", "prof", "vs", "no", "st", "etc":
		return true
	}
	return utf8.RuneCountInString(word) == 1
}

// htmlReason says that a page was found where a feed was expected, and which
// feed the page names.
func htmlReason(body []byte, base string) string {
	const reason = "this is a web page, not a feed"
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return reason
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.DataAtom != atom.Link {
				continue
			}
			attr := map[string]string{}
			for _, a := range t.Attr {
				attr[a.Key] = a.Val
			}
			kind := attr["type"]
			if strings.Contains(attr["rel"], "alternate") && (strings.Contains(kind, "rss") || strings.Contains(kind, "atom") || strings.Contains(kind, "feed+json")) {
				if u := absolute(base, attr["href"]); u != "" {
					return fmt.Sprintf("%s; its feed is %s", reason, u)
				}
			}
		}
	}
}
