package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/topic"
)

// topicNames returns the names of topics, given by ID or by another name, as
// people know them, at most limit.
func topicNames(ids []string, limit int) []string {
	var names []string
	for _, id := range ids[:min(len(ids), limit)] {
		if t, ok := topic.Default().Lookup(id); ok {
			id = t.Name
		} else if t, ok := topic.Default().Find(id); ok {
			id = t.Name
		}
		names = append(names, id)
	}
	return names
}

// age says how long before now t was: "just now", "25 min ago", "3 h ago",
// "2 days ago", and from 30 days on the date.
func (l Lang) age(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute:
		return l.T("just now")
	case d < time.Hour:
		return l.T("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return l.T("%d h ago", int(d.Hours()))
	case d < 30*24*time.Hour:
		return l.T("%d days ago", int(d.Hours()/24))
	default:
		return l.date(t.UTC(), "2 January 2006")
	}
}

// clock names a moment: "09:14 UTC" on the day of now, "27 April, 09:14 UTC"
// in the same year, and else with the year.
func (l Lang) clock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return l.date(t, "15:04 UTC")
	case t.Year() == now.Year():
		return l.date(t, "2 January, 15:04 UTC")
	default:
		return l.date(t, "2 January 2006, 15:04 UTC")
	}
}

// list joins names: "A", "A and B", "A, B and C"; of more than most it names
// one fewer and counts the rest: "A, B and 3 more".
func (l Lang) list(names []string, most int) string {
	last := ""
	if n := len(names); n > most {
		names, last = names[:most-1], l.T("%d more", n-most+1)
	} else if n > 1 {
		names, last = names[:n-1], names[n-1]
	}
	s := strings.Join(names, ", ")
	if last == "" {
		return s
	}
	return l.T("%s and %s", s, last)
}

// tellers names the outlets of a story, first the one that decided its status.
func tellers(s news.Story) []string {
	i := slices.Index(s.Sources, s.Status.Source)
	if i < 1 {
		return s.Sources
	}
	return append([]string{s.Status.Source}, slices.Concat(s.Sources[:i], s.Sources[i+1:])...)
}

// independent counts the outlets that did not just copy another's article.
func independent(s news.Story) int {
	var own []string
	for _, a := range s.Articles {
		if a.CopyOf == "" && !slices.Contains(own, a.Source) {
			own = append(own, a.Source)
		}
	}
	if len(own) == 0 {
		return len(s.Sources)
	}
	return len(own)
}

// note is what stands beside a story in a list:
// "81 · rumour · 9 sources · 3 h ago".
func (l Lang) note(s news.Story, now time.Time) string {
	return strings.Join(append(l.verdict(s), l.T("%d sources", independent(s)), l.age(s.Updated, now)), " · ")
}

// verdict is a story's impact and, where it is known, its status.
func (l Lang) verdict(s news.Story) []string {
	v := []string{strconv.Itoa(s.Impact)}
	if s.Status.Value != "" {
		v = append(v, l.word(s.Status.Value))
	}
	return v
}

// figure reads "1.2 trillion parameters (DeepSeek-R2, says The Verge)", and
// where others contradict it "(..., says The Verge, but 1 trillion says Wired)".
func (l Lang) figure(f brief.Figure) string {
	s := l.amount(f.Amount())
	var by []string
	if f.Of != "" {
		by = append(by, f.Of)
	}
	if f.ClaimedBy != "" {
		by = append(by, l.T("says %s", f.ClaimedBy))
	}
	for _, o := range f.Others {
		by = append(by, l.T("but %s says %s", l.amount(brief.Figure{Value: o.Value, Bound: o.Bound, Unit: f.Unit}.Amount()), o.ClaimedBy))
	}
	if len(by) > 0 {
		s += " (" + strings.Join(by, ", ") + ")"
	}
	return s
}

// figures joins the first few figures.
func (l Lang) figures(fs []brief.Figure, most int) string {
	var out []string
	for _, f := range fs[:min(len(fs), most)] {
		out = append(out, l.figure(f))
	}
	return strings.Join(out, "; ")
}

// bar draws points as blocks, one for about every five and at least one: full
// ones for what adds, light ones for what takes away.
func bar(points int) string {
	block := "▇"
	if points < 0 {
		block, points = "░", -points
	}
	if points == 0 {
		return ""
	}
	return strings.Repeat(block, min(max((points+2)/5, 1), 20))
}

// toneOf is the tone of an impact.
func toneOf(impact int) Tone {
	switch {
	case impact >= 80:
		return Critical
	case impact >= 60:
		return High
	case impact >= 40:
		return Medium
	default:
		return Low
	}
}
