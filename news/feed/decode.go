package feed

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// toUTF8 returns a document as UTF-8. What its bytes are outranks what it
// says: a feed that is valid UTF-8 is that, whatever it declares. Otherwise its
// XML declaration counts, then contentType, then what undeclared bytes on the
// web are. The warning is for a feed that did not say the truth.
func toUTF8(body []byte, contentType string) (utf []byte, warning string) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		return transcode(body, "utf-16le"), ""
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		return transcode(body, "utf-16be"), ""
	}
	declared := declaredEncoding(body)
	stateful := strings.HasPrefix(declared, "iso-2022") // seven bits: always valid UTF-8
	if !stateful {
		if whole := wholeRunes(body); utf8.Valid(whole) {
			return whole, ""
		}
	}
	_, params, _ := mime.ParseMediaType(contentType)
	for i, name := range []string{declared, strings.ToLower(params["charset"])} {
		if name == "" || name == "utf-8" || name == "utf8" {
			continue
		}
		if b := transcode(body, name); b != nil {
			if i > 0 {
				warning = fmt.Sprintf("the feed does not declare its encoding; it was read as %s", name)
			}
			return b, warning
		}
	}
	if mostlyUTF8(body) {
		return bytes.ToValidUTF8(body, nil), "the feed holds bytes that are no UTF-8; they were left out"
	}
	fallback := "windows-1252" // by the WHATWG encoding standard
	if cyrillic(body) {
		fallback = "windows-1251"
	}
	return transcode(body, fallback), "the feed does not declare its encoding; it was read as " + fallback
}

// cyrillic reports whether bytes of an unknown 8-bit encoding look like
// Windows-1251: its words are runs of high bytes, where Latin text has single
// accented letters among ASCII.
func cyrillic(body []byte) bool {
	high, inRuns, run := 0, 0, 0
	for _, b := range append(body[:len(body):len(body)], 0) {
		if b >= 0xC0 {
			high, run = high+1, run+1
			continue
		}
		if run >= 4 {
			inRuns += run
		}
		run = 0
	}
	return high > 0 && 2*inRuns > high
}

// transcode decodes a body; nil where the encoding is not known.
func transcode(body []byte, name string) []byte {
	r, err := charset.NewReaderLabel(name, bytes.NewReader(body))
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return nil
	}
	return bytes.ToValidUTF8(bytes.TrimPrefix(b.Bytes(), []byte("\xef\xbb\xbf")), nil)
}

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// declaredEncoding is the encoding in an XML declaration, in lower case, or "".
func declaredEncoding(body []byte) string {
	if m := xmlEncoding.FindSubmatch(body[:min(len(body), 256)]); m != nil {
		return strings.ToLower(string(m[1]))
	}
	return ""
}

// wholeRunes drops a rune that the end of a body cut through.
func wholeRunes(body []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(body); n++ {
		tail := body[len(body)-n:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return body[:len(body)-n]
			}
			break
		}
	}
	return body
}

// mostlyUTF8 reports whether what is no ASCII in a body is UTF-8 for the most part: some
// damage must not turn all of it into another alphabet.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > bad
}

// legal drops from a UTF-8 document what XML forbids and parsers stop at:
// control characters, also as references, and U+FFFE and U+FFFF.
func legal(doc []byte) []byte {
	clean := bytes.IndexFunc(doc, illegal) < 0
	if clean && !bytes.Contains(doc, []byte("&#")) {
		return doc
	}
	out := make([]byte, 0, len(doc))
	for i := 0; i < len(doc); {
		if doc[i] == '&' {
			if n := illegalReference(doc[i:]); n > 0 {
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRune(doc[i:])
		if !illegal(r) {
			out = append(out, doc[i:i+n]...)
		}
		i += n
	}
	return out
}

func illegal(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// illegalReference returns the length of the reference to an illegal character
// that b begins with, or 0.
func illegalReference(b []byte) int {
	b = b[:min(len(b), 12)]
	end := bytes.IndexByte(b, ';')
	if end < 3 || b[1] != '#' {
		return 0
	}
	digits, base := string(b[2:end]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n <= utf8.MaxRune && !illegal(rune(n)) && !(n >= 0xD800 && n < 0xE000) {
		return 0
	}
	return end + 1
}
