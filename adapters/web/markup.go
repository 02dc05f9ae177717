package web

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A paragraph is one line of a message as a platform lays it out.
type paragraph struct {
	Kind  string // "", "h1" to "h3", "small", "quote", "item" or "more"
	Spans []span
}

// A span is a run of text in one style; its Kids stand inside it. Templates
// write the HTML, so nothing here is ever markup.
type span struct {
	Kind string // "", "b", "i", "u", "s", "code", "a", "spoiler", "mention", "time" or "dot"
	Text string // without Kids; of "time" Discord's letter for its style, or ""; of "dot" its colour
	URL  string // of "a": http or https
	At   time.Time
	Kids []span
}

// A dialect finds the span that begins at the start of s, and how many bytes
// it takes; 0 where s begins with plain text. prev is the rune before s.
type dialect func(s string, prev rune) (span, int)

// inline cuts a line into spans.
func inline(s string, d dialect) []span {
	var out []span
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out = append(out, span{Text: text.String()})
			text.Reset()
		}
	}
	prev := ' '
	for len(s) > 0 {
		sp, n := d(s, prev)
		if n == 0 {
			r, size := utf8.DecodeRuneInString(s)
			if colour := dots[r]; colour != "" {
				flush()
				out = append(out, span{Kind: "dot", Text: colour})
			} else {
				text.WriteString(visible(string(r)))
			}
			prev, s = r, s[size:]
			continue
		}
		if sp.Kind == "" {
			text.WriteString(visible(sp.Text))
		} else {
			flush()
			out = append(out, sp)
		}
		prev, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
	flush()
	return out
}

// dots are emoji that are drawn, as the platforms do: not every machine has a
// font for them.
var dots = map[rune]string{'🔴': "red", '🟠': "orange", '🟡': "yellow", '🟢': "green", '🔵': "blue"}

// plainSpan is the dialect of a text without markup.
func plainSpan(string, rune) (span, int) { return span{}, 0 }

// visible removes characters that turn the direction of the text after them
// or that no page can show.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s)
}

// enclosed returns what stands between the delimiter at the start of s and the
// next one that no backslash precedes, with the bytes all of it takes.
func enclosed(s, delim string) (inside string, n int) {
	if !strings.HasPrefix(s, delim) {
		return "", 0
	}
	for i := len(delim); i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], delim) && i > len(delim) {
			return s[len(delim):i], i + len(delim)
		}
	}
	return "", 0
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// link is an "a" span, or its text alone where the address is not of the web.
func link(label []span, url string) span {
	if !webURL(url) {
		return span{Kind: "plain", Kids: label}
	}
	return span{Kind: "a", URL: url, Kids: label}
}

// Discord's markup: support.discord.com/hc/en-us/articles/210298617.

var (
	discordPairs = []struct{ delim, kind string }{
		{"**", "b"}, {"__", "u"}, {"~~", "s"}, {"||", "spoiler"}, {"*", "i"}, {"_", "i"},
	}
	discordLink  = regexp.MustCompile(`^\[((?:[^\[\]\\]|\\.)+)\]\(<?(https?://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?: "[^"]*")?\)`)
	discordTime  = regexp.MustCompile(`^<t:(-?[0-9]{1,11})(?::([tTdDfFR]))?>`)
	discordPing  = regexp.MustCompile(`^<(?:@[!&]?|#)[0-9]+>|^@(?:everyone|here)\b`)
	discordPlain = regexp.MustCompile(`^<?(https?://[^\s<>]+)>?`)
)

func discordSpan(s string, prev rune) (span, int) {
	switch s[0] {
	case '\\':
		if len(s) > 1 && s[1] < utf8.RuneSelf && !wordRune(rune(s[1])) && s[1] != ' ' {
			return span{Text: s[1:2]}, 2
		}
	case '`':
		if in, n := enclosed(s, "`"); n > 0 {
			return span{Kind: "code", Text: visible(in)}, n
		}
	case '[':
		if m := discordLink.FindStringSubmatch(s); m != nil {
			return link(inline(m[1], discordSpan), unescape(m[2])), len(m[0])
		}
	case '<', '@':
		if m := discordTime.FindStringSubmatch(s); m != nil {
			return timeSpan(m[1], m[2]), len(m[0])
		}
		if m := discordPing.FindString(s); m != "" {
			return span{Kind: "mention", Text: strings.Trim(m, "<>")}, len(m)
		}
	}
	if m := discordPlain.FindStringSubmatch(s); m != nil && !wordRune(prev) {
		return bareLink(m[0], m[1])
	}
	for _, p := range discordPairs {
		in, n := enclosed(s, p.delim)
		if n == 0 || strings.TrimSpace(in) == "" {
			continue
		}
		if p.delim == "_" { // never inside a word
			if next, _ := utf8.DecodeRuneInString(s[n:]); wordRune(prev) || n < len(s) && wordRune(next) {
				continue
			}
		}
		if p.delim == "*" && (in[0] == ' ' || in[len(in)-1] == ' ') {
			continue
		}
		return span{Kind: p.kind, Kids: inline(in, discordSpan)}, n
	}
	return span{}, 0
}

// bareLink is an address that stands in the text, without the full stop after it.
func bareLink(all, url string) (span, int) {
	n := len(all)
	if !strings.HasPrefix(all, "<") {
		url = strings.TrimRight(url, ".,:;!?'\")")
		n = len(url)
	}
	return link([]span{{Text: url}}, url), n
}

var escaped = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

func unescape(s string) string { return escaped.ReplaceAllString(s, "$1") }

func timeSpan(unix, style string) span {
	n, _ := strconv.ParseInt(unix, 10, 64)
	return span{Kind: "time", Text: style, At: time.Unix(n, 0).UTC()}
}

var discordItem = regexp.MustCompile(`^\s*[-*] `)

// discordMarkup lays a text out as Discord does.
func discordMarkup(text string) []paragraph {
	return paragraphs(text, discordSpan, func(line string) (kind, rest string) {
		for _, p := range []struct{ mark, kind string }{
			{"### ", "h3"}, {"## ", "h2"}, {"# ", "h1"}, {"-# ", "small"}, {"> ", "quote"},
		} {
			if rest, ok := strings.CutPrefix(line, p.mark); ok {
				return p.kind, rest
			}
		}
		if m := discordItem.FindString(line); m != "" {
			return "item", line[len(m):]
		}
		if rest, ok := strings.CutPrefix(line, "  "); ok {
			return "more", rest // of the item above
		}
		return "", line
	})
}

// Slack's markup: docs.slack.dev/messaging/formatting-message-text.

var (
	slackPairs = []struct{ delim, kind string }{{"*", "b"}, {"_", "i"}, {"~", "s"}}
	slackAngle = regexp.MustCompile(`^<([^<>|\n]+)(?:\|([^<>\n]*))?>`)
	slackDate  = regexp.MustCompile(`^!date\^(-?[0-9]{1,11})\^`)
	slackAmp   = regexp.MustCompile(`^&(?:amp|lt|gt);`)
	slackEmoji = regexp.MustCompile(`^:[a-z0-9_+-]+:`)
	slackNamed = map[string]string{
		":newspaper:": "📰", ":rotating_light:": "🚨", ":fire:": "🔥", ":zap:": "⚡", ":warning:": "⚠️",
		":white_check_mark:": "✅", ":x:": "❌", ":question:": "❓", ":grey_question:": "❔", ":link:": "🔗",
		":chart_with_upwards_trend:": "📈", ":mag:": "🔍", ":bell:": "🔔", ":no_entry:": "⛔", ":speech_balloon:": "💬",
	}
)

func slackSpan(s string, prev rune) (span, int) {
	switch s[0] {
	case '&':
		if m := slackAmp.FindString(s); m != "" {
			return span{Text: html.UnescapeString(m)}, len(m)
		}
	case '`':
		if in, n := enclosed(s, "`"); n > 0 {
			return span{Kind: "code", Text: visible(html.UnescapeString(in))}, n
		}
	case ':':
		if m := slackEmoji.FindString(s); slackNamed[m] != "" {
			return span{Text: slackNamed[m]}, len(m)
		}
	case '<':
		if m := slackAngle.FindStringSubmatch(s); m != nil {
			return slackReference(m[1], m[2]), len(m[0])
		}
	}
	if wordRune(prev) { // a style begins at the edge of a word only
		return span{}, 0
	}
	for _, p := range slackPairs {
		in, n := enclosed(s, p.delim)
		if n == 0 || strings.TrimSpace(in) != in {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[n:]); n < len(s) && wordRune(next) {
			continue
		}
		return span{Kind: p.kind, Kids: inline(in, slackSpan)}, n
	}
	return span{}, 0
}

// slackReference is what stands in angle brackets: a link, a date or a mention.
func slackReference(target, label string) span {
	if m := slackDate.FindStringSubmatch(target); m != nil {
		return timeSpan(m[1], "")
	}
	if strings.HasPrefix(target, "!") || strings.HasPrefix(target, "@") || strings.HasPrefix(target, "#") {
		if label == "" {
			label = "@" + strings.TrimLeft(target, "!@#")
			if target[0] == '#' {
				label = target
			}
		}
		return span{Kind: "mention", Text: visible(html.UnescapeString(label))}
	}
	url := html.UnescapeString(target)
	if label == "" {
		return link([]span{{Text: visible(url)}}, url)
	}
	// A label is plain text but for its entities.
	return link([]span{{Text: visible(html.UnescapeString(label))}}, url)
}

// slackMarkup lays a text of type mrkdwn out as Slack does.
func slackMarkup(text string) []paragraph {
	return paragraphs(text, slackSpan, func(line string) (kind, rest string) {
		for _, mark := range []string{"&gt; ", "&gt;", "> ", ">"} {
			if rest, ok := strings.CutPrefix(line, mark); ok {
				return "quote", rest
			}
		}
		return "", line
	})
}

// paragraphs cuts text into lines; head takes the mark from the start of one.
func paragraphs(text string, d dialect, head func(string) (kind, rest string)) []paragraph {
	var out []paragraph
	for line := range strings.SplitSeq(text, "\n") {
		kind, rest := head(line)
		out = append(out, paragraph{kind, inline(rest, d)})
	}
	return out
}
