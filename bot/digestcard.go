package bot

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/topic"
)

const (
	// digestPage is how many stories stand on one page of a digest: about as
	// many as a message has room for with a sentence each. Pages are counted and
	// not filled, so that a page is the same whatever its stories say by then.
	digestPage = 8
	// digestRoom is how long the sections of a page are at most, as width
	// counts: what Discord, which has the least room, takes as the description
	// of an embed, without the sentence above and the line that counts what does
	// not fit.
	digestRoom = 3800
)

// pages is how many pages t has, at least one.
func (t Told) pages() int { return max(1, (len(t.Stories)+len(t.Became)+digestPage-1)/digestPage) }

// DigestCard tells one page, from 1, of the stories of a period: the first in
// full, the others in a sentence each by theme, and what became of earlier ones.
func DigestCard(l Lang, t Told, sub Subscription, p Period, page int, now time.Time) Card {
	zone, err := location(sub.Zone)
	if err != nil {
		zone = time.UTC
	}
	c := Card{
		Title:  l.T("AI news digest, %s", l.date(p.To.In(zone), "Monday 2 January 2006")),
		Footer: l.T("Newsdesk · since %s", l.date(p.From.In(zone), "Monday 15:04 MST")),
	}
	all := len(t.Stories) + len(t.Became)
	if all == 0 {
		c.Text = l.T("A quiet day: no story reached what this channel asks for.")
		return c
	}
	if n := t.pages(); n > 1 {
		c.Footer += " · " + l.T("Page %d of %d", page, n) + " · " + l.T("%d stories in all", all)
	}
	if t.Beyond > 0 {
		c.Footer += " · " + l.T("%d more of lesser impact left out", t.Beyond)
	}
	from := min((page-1)*digestPage, all)
	to := min(from+digestPage, all)
	cut := func(of []news.Story, first int) []news.Story {
		return of[min(max(from-first, 0), len(of)):min(max(to-first, 0), len(of))]
	}
	stories, became := cut(t.Stories, 0), cut(t.Became, len(t.Stories))
	if from == 0 && len(stories) > 0 && stories[0].ID != "" {
		c.Tone = toneOf(stories[0].Impact)
		c.Sections = append(c.Sections, topSection(l, stories[0], now))
		stories = stories[1:]
	}
	c.Sections = append(c.Sections, byTheme(l, stories, now)...)
	sec := Section{Title: l.T("What became of it")}
	for _, s := range became {
		if s.ID != "" {
			sec.Lines = append(sec.Lines, Line{Text: s.Headline, URL: s.URL, Note: l.note(s, now) + " · " + s.ID, Detail: statusTitle(l, s.Status.Value) + ": " + l.reason(s.Status.Why)})
		}
	}
	if len(sec.Lines) > 0 {
		c.Sections = append(c.Sections, sec)
	}
	fit(c.Sections, digestRoom)
	return c
}

// topSection tells a story in full.
func topSection(l Lang, s news.Story, now time.Time) Section {
	sec := storySection(l, l.T("Top story"), []news.Story{s}, now)
	sec.Lines[0].Detail = cmp.Or(s.Brief.Summary, sec.Lines[0].Detail)
	if by := voices(l, s); by != "" {
		sec.Lines = append(sec.Lines, Line{Text: by, Note: l.T("Sources")})
	}
	return sec
}

// themeOf is the first of a story's topics that is a theme, "" where none is.
func themeOf(s news.Story) string {
	for _, id := range s.Topics {
		if t, ok := topic.Default().Lookup(id); ok && t.Kind == "theme" {
			return t.Name
		}
	}
	return ""
}

// themed sorts the stories of a page by theme, the themes in the order of their best stories
// and what has none last.
func themed(stories []news.Story) {
	order := map[string]int{"": len(stories)}
	for i, s := range stories {
		if _, ok := order[themeOf(s)]; !ok {
			order[themeOf(s)] = i
		}
	}
	slices.SortStableFunc(stories, func(a, b news.Story) int { return cmp.Compare(order[themeOf(a)], order[themeOf(b)]) })
}

// byTheme tells stories in a sentence each, in their order, a section for those
// of one theme that stand together.
func byTheme(l Lang, stories []news.Story, now time.Time) []Section {
	var out []Section
	last := ""
	for _, s := range stories {
		if s.ID == "" {
			continue
		}
		name := themeOf(s)
		if len(out) == 0 || name != last {
			title := name
			if name == "" && len(out) > 0 {
				title = l.T("Other stories")
			}
			out = append(out, Section{Title: capital(title)})
		}
		last = name
		sec := storySection(l, "", []news.Story{s}, now)
		sec.Lines[0].Detail = firstSentence(sec.Lines[0].Detail)
		out[len(out)-1].Lines = append(out[len(out)-1].Lines, sec.Lines...)
	}
	return out
}

// firstSentence cuts a text after its first sentence.
func firstSentence(text string) string {
	if all := brief.Sentences(text); len(all) > 0 {
		return all[0]
	}
	return ""
}

// fit shortens what the lines of sections say until they have room, the
// longest details first, so that none is left out.
func fit(sections []Section, room int) {
	each := func(f func(l *Line)) {
		for i := range sections {
			for j := range sections[i].Lines {
				f(&sections[i].Lines[j])
			}
		}
	}
	for _, most := range []struct{ text, url, detail int }{
		{400, 500, 600}, {300, 500, 400}, {300, 500, 300}, {300, 500, 220}, {200, 500, 160}, {160, 400, 120}, {120, 300, 80}, {100, 250, 0}, {80, 160, 0}, {80, 0, 0},
	} {
		used := 0
		for _, s := range sections {
			used += width(s.Title) + len("\n\n****\n")
			for _, l := range s.Lines {
				used += width(l.Text) + urlWidth(l.URL) + width(l.Note) + width(l.Detail) + len("\n- []() · \n  ")
			}
		}
		if used <= room {
			return
		}
		each(func(l *Line) {
			l.Text, l.Detail = narrow(l.Text, most.text), narrow(l.Detail, most.detail)
			if urlWidth(l.URL) > most.url {
				l.URL = ""
			}
		})
	}
}

// width is how long a text may become on a platform, in UTF-16 units: what
// could be markup is escaped.
func width(s string) (n int) {
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch r {
	case '\\', '*', '_', '~', '`', '|', '[', ']', '>', ':', '@':
		return 2
	case '<', '&':
		return 3
	}
	return utf16.RuneLen(r)
}

// urlWidth is width for an address, of which all may be written in percents
// that is not ASCII.
func urlWidth(s string) (n int) {
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f && c != '(' && c != ')' {
			n++
		} else {
			n += 3
		}
	}
	return n
}

// narrow cuts a text to a width.
func narrow(s string, most int) string {
	used, end := 0, 0 // end leaves room for the ellipsis
	for i, r := range s {
		if used += runeWidth(r); used > most {
			if end == 0 {
				return ""
			}
			return strings.TrimRight(s[:end], " ") + "…"
		}
		if used < most {
			end = i + utf8.RuneLen(r)
		}
	}
	return s
}
