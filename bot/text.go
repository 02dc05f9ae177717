package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// marksMax bounds how many combining marks may follow each other: more are
// drawn over the neighbouring lines.
const marksMax = 4

// Clean returns s as valid UTF-8 without control characters and invisible or
// direction-changing ones, with its white space folded. Line breaks stay where
// lines is set, at most two in a row. It stops at the
// first character beyond n. Every text from outside passes through it before an
// adapter escapes what its platform would read as markup.
func Clean(s string, lines bool, n int) string {
	var b strings.Builder
	breaks, space, marks := 0, false, 0
	for _, r := range s {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			breaks++
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			continue
		}
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > marksMax {
				continue
			}
		} else {
			marks = 0
		}
		if b.Len() > 0 {
			switch {
			case breaks > 0 && lines:
				b.WriteString("\n\n"[:min(breaks, 2)])
			case breaks > 0 || space:
				b.WriteByte(' ')
			}
		}
		breaks, space = 0, false
		b.WriteRune(r)
		if n--; n < 0 {
			break
		}
	}
	return b.String()
}

// invisible reports characters that change the direction of what follows or
// hide in it. The joiner (U+200D) and the variation selectors stay: emoji and
// several scripts need them.
func invisible(r rune) bool {
	switch {
	case r == 0x00ad, r == 0x061c, r == 0x180e, r == 0xfeff: // soft hyphen, Arabic letter mark, Mongolian vowel separator, BOM
		return true
	case r == 0x200b, r == 0x200c, r == 0x200e, r == 0x200f: // zero-width space and non-joiner, direction marks
		return true
	case 0x202a <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f: // bidi embeddings, overrides and isolates
		return true
	case 0xfff9 <= r && r <= 0xfffb, r == 0x3164, r == 0x115f, r == 0x1160, r == 0xffa0: // annotations, Hangul fillers
		return true
	case 0xe000 <= r && r <= 0xf8ff, 0xe0000 <= r && r <= 0xe007f: // private use, tags
		return true
	}
	return false
}
