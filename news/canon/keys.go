// Package canon decides when two links, or two items of feeds, are the same
// thing. It is pure: no I/O, no clock, no state.
//
// An item has up to three keys: its feed's GUID, its canonical URL and its
// normalised title. Whoever finds any of them known has met the item before.
// The rules follow what real feeds do: some mint a GUID at every fetch, some
// have none, some link every item to one page, some differ by fragment alone.
package canon

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// A Kind says what a key was made from.
type Kind int

// The kinds of key, from the surest to the weakest.
const (
	KindGUID Kind = iota
	KindURL
	KindTitle
)

// A Key is one name under which an item is recognised.
type Key struct {
	Name string // 24 characters, safe for any store: a letter for the kind, a colon, a hash
	Kind Kind
}

// A Named is what identifies an item.
type Named struct{ GUID, URL, Title string }

// Keys returns the keys of all items of one body, in order of Kind, none for
// an item that has neither GUID nor URL nor title. source scopes the GUIDs. The
// items belong together because only side by side does one see that all links
// of a feed lead to one page, where a URL identifies nothing, or that they
// differ by fragment, where the fragment does.
func Keys(source string, items []Named) [][]Key {
	pages := make([]string, len(items))
	var links, titles = map[string]map[string]bool{}, map[string]map[string]bool{}
	add := func(m map[string]map[string]bool, key, value string) {
		if m[key] == nil {
			m[key] = map[string]bool{}
		}
		m[key][value] = true
	}
	for i, it := range items {
		if id, ok := URL(it.URL); ok {
			pages[i] = id
			add(links, id, strings.TrimSpace(it.URL))
		}
	}
	for i, it := range items {
		// Several links that differ by their fragment only are several things.
		if id := pages[i]; id != "" && len(links[id]) > 1 {
			if _, fragment, ok := strings.Cut(it.URL, "#"); ok && fragment != "" {
				pages[i] = id + "#" + fragment
			}
		}
	}
	named := map[string]map[string]bool{} // page -> the titles that link to it
	for i, it := range items {
		if pages[i] != "" {
			add(named, pages[i], Title(it.Title))
		}
		if t := Title(it.Title); t != "" {
			add(titles, t, pages[i]+"\x00"+it.GUID)
		}
	}
	out := make([][]Key, len(items))
	for i, it := range items {
		title := Title(it.Title)
		own := strings.TrimSpace(it.GUID)
		if own == "" {
			own = strings.TrimSpace(it.URL)
		}
		if own == "" {
			own = title
		}
		if own == "" {
			continue
		}
		out[i] = append(out[i], key(KindGUID, source+"\x00"+own))
		if pages[i] != "" && len(named[pages[i]]) == 1 {
			out[i] = append(out[i], key(KindURL, pages[i]))
		}
		if distinctive(title) && len(titles[title]) == 1 {
			out[i] = append(out[i], key(KindTitle, title))
		}
	}
	return out
}

func key(k Kind, s string) Key {
	sum := sha256.Sum256([]byte(s))
	return Key{Kind: k, Name: [...]string{"g:", "u:", "t:"}[k] + base64.RawURLEncoding.EncodeToString(sum[:])[:22]}
}

var fold = cases.Fold()

// Title returns a title as it is compared: letters and digits in their folded
// compatibility form, everything else a single space between them. "" where
// nothing is left.
func Title(s string) string {
	return strings.Join(strings.FieldsFunc(fold.String(norm.NFKC.String(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}), " ")
}

// Bounds below which a title is too common to identify anything: "Weekly
// update", "Release notes".
const (
	distinctiveWords = 5
	distinctiveHan   = 10
)

// distinctive reports whether a normalised title may identify an item.
func distinctive(title string) bool {
	if len(strings.Fields(title)) >= distinctiveWords {
		return true
	}
	han := 0
	for _, r := range title {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			han++
		}
	}
	return han >= distinctiveHan
}
