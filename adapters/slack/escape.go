package slack

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"newsdesk/bot"
)

// Everything that comes from outside passes through this file: bot.Clean takes
// away what no text should hold, escape what Slack would read as markup. The
// markup is that of docs.slack.dev/messaging/formatting-message-text, which
// knows three entities and no way to write * _ ~ ` as themselves.

const (
	ellipsis  = "…"
	zeroWidth = "\u200b"
)

// A dialect is how Slack reads a text.
type dialect int

const (
	plainText dialect = iota // a text object of type plain_text
	mrkdwn                   // of type mrkdwn, and a message's text
	label                    // of a link within mrkdwn
)

// entities are the three that Slack asks for, and no others.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// unescape is the inverse of entities, for what Slack sends.
var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// lookAlikes stand for the characters that format, in their Latin and their
// full-width forms: nothing else is certain to show them, in a link least of all.
var lookAlikes = strings.NewReplacer(
	"*", "∗", "_", "ˍ", "~", "∼", "`", "ˋ",
	"＊", "∗", "＿", "ˍ", "～", "∼", "｀", "ˋ",
)

// formatting are the characters of lookAlikes.
const formatting = "*_~`＊＿～｀"

// inLabel takes from a link's label what could end it.
var inLabel = strings.NewReplacer("|", "/", "<", "‹", ">", "›")

// escape splits clean text into its user-perceived characters, each in the
// form in which the dialect shows it as it stands.
func escape(s string, d dialect) []string {
	if d == label {
		s = inLabel.Replace(s)
	}
	var out []string
	before := rune('\n')
	for it := graphemes.FromString(s); it.Next(); {
		g := it.Value()
		rest := s[it.End():]
		switch {
		case d == plainText:
			// Slack takes no markup from plain text; this is the second lock.
			if strings.HasSuffix(g, "<") && rest != "" && strings.IndexByte("!@#", rest[0]) >= 0 {
				g += zeroWidth
			}
		case g == ":" && isShortcode(rest):
			g += zeroWidth
		case strings.ContainsAny(g, formatting):
			after, _ := utf8.DecodeRuneInString(rest)
			if g == "`" || g == "｀" || !isWord(before) || !isWord(after) {
				g = lookAlikes.Replace(g)
			}
		case before == '\n' && strings.ContainsAny(g, ">＞"):
			g = zeroWidth + entities.Replace(g) // an entity too would begin a quotation
		default:
			g = entities.Replace(g)
		}
		out = append(out, g)
		before, _ = utf8.DecodeLastRuneInString(it.Value())
	}
	return out
}

// isShortcode reports whether a colon before rest would begin an emoji's name.
func isShortcode(rest string) bool {
	end := strings.IndexAny(rest, ": \n")
	return end > 0 && rest[end] == ':'
}

// isWord reports characters beside which * _ ~ format nothing.
func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// text returns s on one line, for the dialect, in at most n characters.
func text(s string, d dialect, n int) string { return fit(escape(bot.Clean(s, false, n), d), n) }

// paragraphs is text with line breaks kept.
func paragraphs(s string, d dialect, n int) string { return fit(escape(bot.Clean(s, true, n), d), n) }

// fit joins as many parts as fit into n characters; an ellipsis stands for
// those that do not. No part is cut, so that no entity is.
func fit(parts []string, n int) string {
	var b strings.Builder
	used, safe := 0, 0 // safe is the length in bytes that leaves room for the ellipsis
	for _, p := range parts {
		w := length(p)
		if used+w > n {
			if n < 1 {
				return ""
			}
			return strings.TrimRight(b.String()[:safe], " \n") + ellipsis
		}
		b.WriteString(p)
		if used += w; used < n {
			safe = b.Len()
		}
	}
	return b.String()
}

// length counts s as the strictest reader of Slack's "characters" could: in
// UTF-16 units, with two for what JSON escapes.
func length(s string) int {
	n := 0
	for _, r := range s {
		switch r {
		case '"', '\\', '\n':
			n += 2
		default:
			n += utf16.RuneLen(r)
		}
	}
	return n
}

// webURL returns address in a form that is safe everywhere in a message, or
// "" where it is no http or https address, holds a password, or is longer
// than n.
func webURL(address string, n int) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"'<>\\^`{|}*", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	safe := b.String()
	if v, err := url.Parse(safe); err != nil || v.Host != u.Host || len(safe) > n || strings.ContainsAny(u.Host, "%@") {
		return ""
	}
	return safe
}

// link returns s, in at most n characters, as a link within mrkdwn, or s alone
// where the address is unusable or does not fit. n counts the address too.
func link(s, address string, n int) string {
	u := entities.Replace(webURL(address, linkURLMax))
	room := n - length(u) - len("<|>")
	if u == "" || room < linkTextMin {
		return text(s, mrkdwn, n)
	}
	l := text(s, label, room)
	if l == "" {
		return ""
	}
	return "<" + u + "|" + l + ">"
}

const (
	// linkTextMin is the least room for a label that is worth a link.
	linkTextMin = 20
	// linkURLMax bounds an address within a text: a longer one would leave no
	// room for what it is about.
	linkURLMax = 1500
)
