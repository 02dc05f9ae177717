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

// plain returns the visible text of HTML, its white space folded to single
// spaces, at most limit bytes of valid UTF-8.
func plain(s string, limit int) string {
	// Tags take room too: what is cut off here could hardly have shown.
	if len(s) > 16*limit {
		s = s[:16*limit]
	}
	for range 2 {
		if !strings.ContainsAny(s, "<&") || !markup.MatchString(s) {
			break
		}
		s = strip(s)
	}
	s = strings.Join(strings.Fields(clean(s)), " ")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

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
			space(&b, a)
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if a == skip {
				skip = 0
			}
			space(&b, a)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			space(&b, atom.Lookup(name))
		}
	}
}

// space parts the words on both sides of a tag that is no inline one.
func space(b *strings.Builder, a atom.Atom) {
	switch a {
	case atom.A, atom.B, atom.I, atom.Em, atom.Strong, atom.Span, atom.Code, atom.Sub, atom.Sup, atom.Abbr, atom.Mark, atom.Small, atom.U, atom.Font, atom.Time:
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
