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
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
// items belong together, because only side by side does one see what of them
// identifies anything:
//
//   - a link that many titles share, or that all items share, leads to a page
//     about them, as the root of a site always does: it is left out;
//   - links that differ by fragment only are several things, as in changelogs:
//     the fragment is kept;
//   - a GUID that stands on different pages with different titles is none;
//   - a title that stands twice, or that is short, is left out.
//
// Where the GUID is missing or none, the raw link takes its place, and where
// that identifies nothing, the title: every item that can be told from the
// others has a key of KindGUID.
func Keys(source string, items []Named) [][]Key {
	seen := survey(items)
	out := make([][]Key, len(items))
	for i, it := range items {
		out[i] = make([]Key, 0, 3)
		if own := seen.own(i, it); own != "" {
			out[i] = append(out[i], key(KindGUID, source+"\x00"+own))
		}
		if page := seen.pages[i]; seen.identifies(page) {
			out[i] = append(out[i], key(KindURL, page))
		}
		if t := seen.titles[i]; distinctive(t) && len(seen.named[t].values) == 1 {
			out[i] = append(out[i], key(KindTitle, t))
		}
	}
	return out
}

// sharedBy is how many titles may link to one page before it is a page about
// all of them: an article that was retitled or is listed twice has few.
const sharedBy = 3

// A crowd is what the items of one body have in common.
type crowd struct {
	pages  []string // of each item: its canonical URL, with the fragment where that tells; or ""
	titles []string // of each item: normalised
	linked int      // how many items have a page

	links map[string]*spread // page -> the titles that link to it
	guids map[string]*spread // GUID -> the titles it has
	on    map[string]*spread // GUID -> the pages it stands on
	named map[string]*spread // title -> the items it has, by page and GUID
}

// A spread is how many items share something, and the values they differ by:
// all, or the first of more than sharedBy.
type spread struct {
	items  int
	values []string
}

func add(m map[string]*spread, key, value string) {
	s := m[key]
	if s == nil {
		s = &spread{}
		m[key] = s
	}
	s.items++
	if len(s.values) <= sharedBy && !slices.Contains(s.values, value) {
		s.values = append(s.values, value)
	}
}

func survey(items []Named) crowd {
	c := crowd{
		pages: make([]string, len(items)), titles: make([]string, len(items)),
		links: map[string]*spread{}, guids: map[string]*spread{}, on: map[string]*spread{}, named: map[string]*spread{},
	}
	fragments := map[string]*spread{}
	for i, it := range items {
		c.titles[i] = Title(it.Title)
		if id, ok := URL(it.URL); ok {
			c.pages[i] = id
			add(fragments, id, fragment(it.URL))
		}
	}
	for i, it := range items {
		page, title, guid := c.pages[i], c.titles[i], strings.TrimSpace(it.GUID)
		if page != "" {
			if f := fragment(it.URL); f != "" && len(fragments[page].values) > 1 {
				page += "#" + f
				c.pages[i] = page
			}
			c.linked++
			add(c.links, page, title)
		}
		if guid != "" {
			add(c.guids, guid, title)
			add(c.on, guid, page)
		}
		if title != "" {
			add(c.named, title, page+"\x00"+guid)
		}
	}
	return c
}

// identifies reports whether a page is the page of one item.
func (c *crowd) identifies(page string) bool {
	if page == "" || !strings.Contains(strings.TrimPrefix(page, "https://"), "/") && !strings.ContainsAny(page, "?#") {
		return false // none, or the root of a site
	}
	by := c.links[page]
	all := by.items == c.linked
	return len(by.values) == 1 || len(by.values) <= sharedBy && !all
}

// own returns what names the item within its source, "" where nothing does.
func (c *crowd) own(i int, it Named) string {
	guid, raw := strings.TrimSpace(it.GUID), strings.TrimSpace(it.URL)
	switch {
	case guid != "" && (len(c.guids[guid].values) == 1 || len(c.on[guid].values) == 1):
		return guid
	case raw != "" && (c.pages[i] == "" || c.identifies(c.pages[i]) || c.titles[i] == ""):
		return raw
	case c.titles[i] != "":
		return c.titles[i]
	}
	return guid
}

// fragment returns the fragment of a link, "" for one that is part of the
// page's canonical URL already.
func fragment(raw string) string {
	_, f, _ := strings.Cut(strings.TrimSpace(raw), "#")
	if strings.HasPrefix(f, "!") {
		return ""
	}
	return f
}

func key(k Kind, s string) Key {
	sum := sha256.Sum256([]byte(s))
	name := [2 + 24]byte{"gut"[k], ':'}
	base64.RawURLEncoding.Encode(name[2:], sum[:18])
	return Key{Kind: k, Name: string(name[:2+22])}
}

var fold = cases.Fold()

// Title returns a title as it is compared: letters and digits in their folded
// compatibility form, everything else a single space between them. "" where
// nothing is left.
func Title(s string) string {
	// Folding may leave what the form had composed, so it is taken again; and it
	// goes back and forth between the cases of Cherokee, so all is made lower.
	s = norm.NFKC.String(strings.ToLower(fold.String(norm.NFKC.String(s))))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}), " ")
}

// Bounds below which a title is too common to identify anything: "Weekly
// update", "Release notes", "Release v1.2.3".
const (
	distinctiveWords = 4 // that have a letter and are no version
	distinctiveRunes = 10
)

// distinctive reports whether a normalised title may identify an item.
func distinctive(title string) bool {
	words, cjk := 0, 0
	for _, w := range strings.Fields(title) {
		letters := 0
		for _, r := range w {
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
				cjk++
			}
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if letters == utf8.RuneCountInString(w) || letters > 1 {
			words++
		}
	}
	return words >= distinctiveWords || cjk >= distinctiveRunes
}
