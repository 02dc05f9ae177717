package brief

import (
	"regexp"
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

// ofOneself reports whether an author begins to tell of oneself.
func ofOneself(s string) bool {
	const first = 3 // tokens in which the subject of a sentence stands
	ts := tokens(s[:min(len(s), 40)])
	for i := range ts[:min(len(ts), first)] {
		if private.has(ts, i) && (i+1 == len(ts) || ts[i+1].text != "/" && ts[i+1].text != ".") { // I/O
			return true
		}
	}
	return false
}

// unusable marks sentences that tell nothing of the story.
var unusable = regexp.MustCompile(`^(?:subscribe|sign up|follow us|image:|photo:|points:|comments:|advertisement|watch:|read:|related:|also read|share this|download |register |table of contents|in this (?:post|article|issue|episode)|the post .* appeared|dear friends)` +
	`|read more|continue reading|learn more (?:at|about|here)|click here|subscribe (?:to|now|here|today|for)|sign up (?:to|for) (?:our|the)|our newsletter|newsletter here|use cookies|all rights reserved|photo by|image credit|photo illustration|getty images|appeared first on|originally (?:published|appeared)|listen to this|min read\b|article url|comments url|^submitted by |submitted by /u/|\[link\]|\[comments\]` +
	`|weiterlesen|lesen sie auch|mehr zum thema|newsletter abonnieren|jetzt abonnieren|lire aussi|lire la suite|abonnez-vous|en savoir plus|leer más|suscríbete` +
	`|点击阅读|阅读全文|关注我们|原文链接|责任编辑|本文来自|扫码`)

// votes are what aggregators write of a link: "96 points, 240 comments".
var votes = regexp.MustCompile(`^\d+ (points|comments|upvotes)\b`)

// boilerplate reports whether a sentence has no place in a brief.
func boilerplate(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || unread(s)
}

// unread reports whether a sentence tells nothing, not even a figure.
func unread(s string) bool {
	l := strings.ToLower(s)
	return votes.MatchString(l) || unusable.MatchString(l)
}
