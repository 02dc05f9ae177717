package discord

import (
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"newsdesk/bot"
)

// Everything that comes from outside passes through this file: bot.Clean takes
// away what no text should hold, tokens what Discord would read as markup.
// The markup is that of support.discord.com/hc/en-us/articles/210298617 and
// discord.com/developers/docs/reference#message-formatting.

const (
	ellipsis  = "…"
	zeroWidth = "\u200b"
)

// tokens splits clean text into its user-perceived characters, each escaped
// so that Discord shows it as it stands.
func tokens(s string) []string {
	var out []string
	lineStart, digits := true, false
	for it := graphemes.FromString(s); it.Next(); {
		g := it.Value()
		rest := s[it.End():]
		out = append(out, escape(g, rest, lineStart, digits))
		switch {
		case g == "\n":
			lineStart, digits = true, false
		case lineStart && isDigit(g[0]):
			lineStart, digits = false, true
		case digits && isDigit(g[0]):
		case lineStart && g == " ":
		default:
			lineStart, digits = false, false
		}
	}
	return out
}

// escape returns the character g, which rest follows. lineStart tells that
// only blanks stand before it on its line, digits that only a number does.
func escape(g, rest string, lineStart, digits bool) string {
	switch c := g[0]; c {
	case '\\', '*', '_', '~', '`', '|', '[', ']', '>':
		return "\\" + g
	case '<':
		if references(rest) {
			g += zeroWidth // for readers that know no backslash
		}
		return "\\" + g
	case '#', '-', '+':
		if lineStart {
			return "\\" + g
		}
	case '.', ')':
		if digits {
			return "\\" + g // "1." would begin a numbered list
		}
	case ':':
		// "https://" would become a link, ":name:" an emoji.
		if rest != "" && rest[0] != ' ' && rest[0] != '\n' {
			return "\\" + g
		}
	case '@':
		if mentions(rest) {
			return g + zeroWidth
		}
	}
	return g
}

// mentions reports whether an @ before rest could mention somebody.
func mentions(rest string) bool {
	for _, word := range []string{"everyone", "here"} {
		if len(rest) >= len(word) && strings.EqualFold(rest[:len(word)], word) {
			return true
		}
	}
	return rest != "" && (rest[0] == '&' || rest[0] == '!' || isDigit(rest[0]))
}

// references reports whether a < before rest could stand for a person, a
// channel, a time, an emoji or a command.
func references(rest string) bool {
	for _, form := range []string{"@", "#", "t:", ":", "a:", "id:", "/"} {
		if strings.HasPrefix(rest, form) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// markdown returns s cleaned, escaped and cut to at most n characters.
func markdown(s string, n int) string { return fit(tokens(bot.Clean(s, false, n)), n) }

// paragraphs is markdown that keeps line breaks.
func paragraphs(s string, n int) string { return fit(tokens(bot.Clean(s, true, n)), n) }

// plain returns s cleaned and cut to at most n characters, for places where
// Discord reads no markup and would show a backslash: footers and labels.
func plain(s string, n int) string {
	s = bot.Clean(s, false, n)
	var out []string
	for it := graphemes.FromString(s); it.Next(); {
		g := it.Value()
		if rest := s[it.End():]; g == "@" && mentions(rest) || g == "<" && references(rest) {
			g += zeroWidth
		}
		out = append(out, g)
	}
	return fit(out, n)
}

// fit joins as many parts as fit into n characters; an ellipsis stands for
// those that do not.
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

// length counts s as Discord's strictest reader does: in UTF-16 units.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
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
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"'<>\\^`{|}()[]*@", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	safe := b.String()
	// The brackets of an IPv6 host were escaped with the others: no news is
	// at a bare address.
	if _, err := url.Parse(safe); err != nil || len(safe) > n || strings.Contains(u.Host, "%") || strings.ContainsAny(u.Host, "[]\"'<>\\^`{|}()*@ ") {
		return ""
	}
	return safe
}

// link returns text, cut to n characters, as a masked link to address, or
// the text alone where the address is unusable or does not fit. n counts the
// address too.
func link(text, address string, n int) string {
	u := webURL(address, urlMax)
	room := n - length(u) - len("[]()")
	if u == "" || room < linkTextMin {
		return markdown(text, n)
	}
	// A bracket ends the label for some clients even when it is escaped.
	text = strings.NewReplacer("[", "(", "]", ")").Replace(text)
	label := markdown(text, room)
	if label == "" {
		return ""
	}
	return "[" + label + "](" + u + ")"
}

// linkTextMin is the least room for a label that is worth a link.
const linkTextMin = 20
