package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ends are the marks with which a sentence is complete, quotes behind them aside.
const ends = ".!?。！？"

// complete reports whether a sentence has its end: headings have none, and what
// a feed cuts off ends in dots.
func complete(s string) bool {
	s = strings.TrimRight(s, "\"'”’»」』)）] ")
	if s == "" || strings.HasSuffix(s, "..") {
		return false
	}
	end, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(ends, end)
}

// cutOff reports whether a feed left the end of a sentence out.
func cutOff(s string) bool {
	s = strings.TrimRight(s, ")] ")
	return strings.HasSuffix(s, "…") || strings.HasSuffix(s, "..")
}

// ended gives a text the full stop that it lacks.
func ended(s string) string {
	end, _ := utf8.DecodeLastRuneInString(s)
	switch {
	case complete(s), cutOff(s):
		return s
	case unicode.Is(unicode.Han, end):
		return s + "。"
	}
	return s + "."
}

// shortened is s, or where it has more than n characters what stands before the
// last mark within them: as a sentence before a strong mark, and with an
// ellipsis before a comma. ok is false where no mark leaves enough.
func shortened(s string, n int) (short string, ok bool) {
	if utf8.RuneCountInString(s) <= n {
		return s, true
	}
	head := string([]rune(s)[:n-1])
	const least = 60 // bytes of what is left
	for _, marks := range []string{";；:：—–", ",，"} {
		i := strings.LastIndexAny(head, marks)
		for i > 0 && i+1 < len(head) && head[i+1] != ' ' && head[i] < utf8.RuneSelf { // 1,000 and 10:30
			i = strings.LastIndexAny(head[:i], marks)
		}
		if i < least {
			continue
		}
		short = strings.TrimRight(head[:i], " -")
		if marks[0] == ',' {
			if i < len(head)/2 || subordinate.has(tokens(s[:min(len(s), 40)]), 0) {
				continue
			}
			return short + "…", true
		}
		return ended(short), true
	}
	return "", false
}

// cut shortens s to n characters at a word.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	r = r[:n-1]
	if i := strings.LastIndexByte(string(r), ' '); i > len(string(r))/2 {
		return string(r)[:i] + "…"
	}
	return string(r) + "…"
}

// ofOneself reports whether an author begins to tell of oneself.
func ofOneself(s string) bool {
	const first = 3 // tokens in which the subject of a sentence stands
	return ofTokens(s[:min(len(s), 40)], func(ts []token) bool {
		for i := range ts[:min(len(ts), first)] {
			if private.has(ts, i) && (i+1 == len(ts) || ts[i+1].text != "/" && ts[i+1].text != ".") { // I/O
				return true
			}
		}
		return false
	})
}

// What marks sentences that tell nothing of the story: phrases with which they
// begin, and phrases anywhere in them, in lower case.
var (
	idleOpenings = phrasesBy("subscribe|sign up|follow us|image:|photo:|points:|comments:|advertisement|watch:|read:|related:|also read|share this|download |register |table of contents|" +
		"in this post|in this article|in this issue|in this episode|dear friends|submitted by ")
	idlePhrases = phrasesBy("read more|continue reading|learn more at|learn more about|learn more here|click here|subscribe to|subscribe now|subscribe here|subscribe today|subscribe for|" +
		"sign up to our|sign up to the|sign up for our|sign up for the|our newsletter|newsletter here|use cookies|all rights reserved|photo by|image credit|photo illustration|getty images|" +
		"appeared first on|originally published|originally appeared|listen to this|min read|article url|comments url|submitted by /u/|[link]|[comments]|" +
		"weiterlesen|lesen sie auch|mehr zum thema|newsletter abonnieren|jetzt abonnieren|lire aussi|lire la suite|abonnez-vous|en savoir plus|leer más|suscríbete")
	idleHan = strings.Split("点击阅读|阅读全文|关注我们|原文链接|责任编辑|本文来自|扫码", "|")
)

// A phrasebook holds phrases by their first four bytes, which all have.
type phrasebook map[[4]byte][]string

func phrasesBy(list string) phrasebook {
	book := phrasebook{}
	for phrase := range strings.SplitSeq(list, "|") {
		key := [4]byte([]byte(phrase))
		book[key] = append(book[key], phrase)
	}
	return book
}

// begins reports whether s begins with a phrase.
func (b phrasebook) begins(s string) bool {
	if len(s) < 4 {
		return false
	}
	for _, phrase := range b[[4]byte([]byte(s[:4]))] {
		if strings.HasPrefix(s, phrase) {
			return true
		}
	}
	return false
}

// within reports whether a phrase stands in s where a word begins.
func (b phrasebook) within(s string) bool {
	inWord := false
	for i := range len(s) {
		letter := s[i] >= 'a' && s[i] <= 'z' || s[i] >= utf8.RuneSelf
		if (letter && !inWord || s[i] == '[') && b.begins(s[i:]) {
			return true
		}
		inWord = letter
	}
	return false
}

// boilerplate reports whether a sentence has no place in a brief.
func boilerplate(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || unread(s)
}

// unread reports whether a sentence tells nothing, not even a figure.
func unread(s string) bool {
	l := strings.ToLower(s)
	if idleOpenings.begins(l) || idlePhrases.within(l) || voted(l) {
		return true
	}
	if rest, ok := strings.CutPrefix(l, "the post "); ok && strings.Contains(rest, " appeared") {
		return true
	}
	return hasHan(l) && slices.ContainsFunc(idleHan, func(phrase string) bool { return strings.Contains(l, phrase) })
}

// voted reports whether s is what aggregators write of a link: "96 points, 240
// comments".
func voted(s string) bool {
	rest := strings.TrimLeft(s, "0123456789")
	word, _, _ := strings.Cut(strings.TrimPrefix(rest, " "), " ")
	switch strings.TrimRight(word, ".,;:|)") {
	case "points", "comments", "upvotes":
		return len(rest) < len(s) && strings.HasPrefix(rest, " ")
	}
	return false
}
