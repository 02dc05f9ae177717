package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

// BriefCard tells a story in full.
func BriefCard(l Lang, s news.Story, related []news.Story, now time.Time) Card {
	c := storyHead(l, s, now)
	c.Text = cmp.Or(brief.Credited(s.Brief.Summary, s.Brief.Credits.Summary), s.Brief.Standfirst)
	c.Image = s.Image
	c.Buttons = without(c.Buttons, "story "+s.ID)
	c.Badges = c.Badges[:1] // the status stands among the facts, with its reason
	c.Facts = facts(
		Fact{l.T("Status"), statusLine(l, s.Status, now)},
		Fact{l.T("Before"), history(l, s.History)},
		Fact{l.T("Figures"), l.figures(s.Figures, fullFigures)},
		Fact{l.T("Sources"), sources(l, s)},
		Fact{l.T("Topics"), strings.Join(topicNames(s.Topics, 2*cardTopics), ", ")},
		Fact{l.T("Last news"), l.age(s.Updated, now)},
	)
	if len(s.Brief.Body) > 0 {
		sec := Section{Title: l.T("The story")}
		for i, p := range s.Brief.Body {
			if i < len(s.Brief.Credits.Body) {
				p = brief.Credited(p, s.Brief.Credits.Body[i])
			}
			sec.Lines = append(sec.Lines, Line{Text: p})
		}
		c.Sections = append(c.Sections, sec)
	}
	if sec := timeline(l, s, now); len(sec.Lines) > 2 {
		sec.Title = l.T("Timeline")
		c.Sections = append(c.Sections, sec)
	}
	if len(related) > 0 {
		c.Sections = append(c.Sections, relatedSection(l, l.T("Related"), related, now))
	}
	return c
}

// sources reads "9 independent of 10: The Verge, Heise and 8 more".
func sources(l Lang, s news.Story) string {
	names := l.list(tellers(s), fullSources)
	if len(s.Sources) < 2 {
		return names
	}
	return l.T("%d independent of %d: %s", independent(s), len(s.Sources), names)
}

// statusLine reads "rumour since 09:15 UTC: The Verge: "people familiar"".
func statusLine(l Lang, st brief.Status, now time.Time) string {
	if st.Value == "" {
		return ""
	}
	line := l.word(st.Value)
	if !st.Since.IsZero() {
		line = l.T("%s since %s", line, l.clock(st.Since, now))
	}
	if why := because(l, st); why != "" {
		line += ": " + why
	}
	return line
}

// because is the reason of a status, beside its name: what it says of itself
// is not said twice.
func because(l Lang, st brief.Status) string {
	if st.Why == st.Value {
		return ""
	}
	return l.reason(strings.TrimPrefix(st.Why, st.Value+": "))
}

// history names earlier statuses: "rumour, then reported".
func history(l Lang, before []brief.Status) string {
	var vs []string
	for _, st := range before {
		vs = append(vs, l.word(st.Value))
	}
	return strings.Join(vs, l.T(", then "))
}

// relatedSection lists stories with their two-sentence summaries.
func relatedSection(l Lang, title string, related []news.Story, now time.Time) Section {
	sec := Section{Title: title}
	for _, s := range related[:min(len(related), cardRelated)] {
		sec.Lines = append(sec.Lines, Line{
			Text: s.Headline, URL: s.URL, Note: l.note(s, now) + " · " + s.ID, Detail: cmp.Or(s.Brief.Summary, s.Brief.Standfirst),
		})
	}
	return sec
}

// RelatedCard lists the stories close to s, closest first, at most three.
func RelatedCard(l Lang, s news.Story, related []news.Story, now time.Time) Card {
	c := Card{Title: l.T("Related to: %s", s.Headline), URL: s.URL, Footer: l.T("Newsdesk · story %s", s.ID)}
	if len(related) == 0 {
		c.Text = l.T("No other story shares enough with this one.")
		c.Buttons = without(storyButtons(l, s), "related "+s.ID)
		return c
	}
	c.Sections = []Section{relatedSection(l, "", related, now)}
	c.Buttons = numbered(l, &c.Sections[0], related[:min(len(related), cardRelated)])
	c.Buttons = append(c.Buttons, Button{Label: l.T("Back"), Line: "story " + s.ID})
	return c
}

// WhyCard explains a story's impact part by part, and its status.
func WhyCard(l Lang, s news.Story, now time.Time) Card {
	c := storyHead(l, s, now)
	c.Title = l.T("Why: %s", s.Headline)
	c.Buttons = without(c.Buttons, "why "+s.ID)
	parts := Section{Title: l.T("Impact: %d of 100", s.Impact)}
	for _, p := range s.Parts {
		parts.Lines = append(parts.Lines, Line{Text: strings.TrimSpace(fmt.Sprintf("%+d %s %s", p.Points, l.word(p.Name), bar(p.Points))), Note: l.reason(p.Why)})
	}
	if len(parts.Lines) == 0 {
		parts.Lines = []Line{{Text: l.T("Nothing about it adds points")}}
	}
	if line := course(l, s, now); line != "" {
		parts.Lines = append(parts.Lines, Line{Text: line})
	}
	c.Sections = append(c.Sections, parts)
	if s.Status.Value != "" {
		sec := Section{Title: l.T("Status: %s", l.word(s.Status.Value))}
		for _, st := range slices.Backward(append(s.History[:len(s.History):len(s.History)], s.Status)) {
			note := st.Source
			if !st.Since.IsZero() {
				note = strings.TrimPrefix(note+" · "+l.clock(st.Since, now), " · ")
			}
			text := because(l, st)
			switch before := st.Value != s.Status.Value; {
			case before && text == "":
				text = l.T("%s before", l.word(st.Value))
			case before:
				text = l.T("%s before: %s", l.word(st.Value), text)
			case text == "":
				text = cmp.Or(l.word(st.Why), l.T("no reason was kept"))
			}
			sec.Lines = append(sec.Lines, Line{Text: text, Note: note})
		}
		c.Sections = append(c.Sections, sec)
	}
	c.Sections = append(c.Sections, Section{Title: l.T("What would change it"), Lines: outlook(l, s)})
	return c
}

// courseShown is how many earlier values of an impact are told.
const courseShown = 5

// course tells how the impact went, "" where it is what it always was.
func course(l Lang, s news.Story, now time.Time) string {
	if len(s.Course) < 2 {
		return ""
	}
	shown := s.Course[max(0, len(s.Course)-courseShown-1):]
	var values []string
	for _, m := range shown {
		values = append(values, fmt.Sprint(m.Impact))
	}
	peak := slices.MaxFunc(s.Course, func(a, b news.Mark) int { return cmp.Compare(a.Impact, b.Impact) })
	text := l.T("It went %s since %s", strings.Join(values, " → "), l.clock(shown[0].At, now))
	if peak.Impact > s.Impact {
		text += l.T("; its peak was %d, %s", peak.Impact, l.clock(peak.At, now))
	}
	return text
}

// outlook says what would raise or lower a story's impact.
func outlook(l Lang, s news.Story) []Line {
	up := []string{l.T("more independent sources (now %d)", independent(s))}
	var down []string
	switch s.Status.Value {
	case brief.Rumour:
		up = append(up, l.T("reports that name their evidence"), l.T("a confirmation by those it is about"))
		down = append(down, l.T("a denial by those it is about"))
	case brief.Reported:
		up = append(up, l.T("a confirmation by those it is about"))
		down = append(down, l.T("a denial by those it is about"))
	case brief.Denied:
		up = append(up, l.T("a confirmation after all"))
	}
	if len(s.Figures) == 0 {
		up = append(up, l.T("figures that show its size"))
	}
	lines := []Line{{Text: l.T("Up: %s", strings.Join(up, ", "))}}
	if len(down) > 0 {
		lines = append(lines, Line{Text: l.T("Down: %s", strings.Join(down, ", "))})
	}
	return lines
}

// timeline lists the moments of a story.
func timeline(l Lang, s news.Story, now time.Time) Section {
	var sec Section
	for _, m := range s.Timeline() {
		sec.Lines = append(sec.Lines, Line{Text: l.moment(m.Text), URL: m.URL, Note: m.Source + " · " + l.clock(m.At, now)})
	}
	return sec
}

// TimelineCard tells how a story came about.
func TimelineCard(l Lang, s news.Story, now time.Time) Card {
	c := Card{Title: l.T("Timeline: %s", s.Headline), URL: s.URL, Tone: toneOf(s.Impact), Footer: l.T("Newsdesk · story %s", s.ID)}
	c.Buttons = without(storyButtons(l, s), "timeline "+s.ID)
	c.Sections = []Section{timeline(l, s, now)}
	return c
}

// TellersCard tells who tells a story, and who only copies another.
func TellersCard(l Lang, s news.Story, now time.Time) Card {
	c := Card{
		Title: l.T("Sources: %s", s.Headline), URL: s.URL, Tone: toneOf(s.Impact), Footer: l.T("Newsdesk · story %s", s.ID),
		Text: l.T("%d independent of %d", independent(s), len(s.Sources)),
	}
	if n := len(s.Articles); n != len(s.Sources) { // whose lines follow
		c.Text += " · " + l.T("%d articles", n)
	}
	c.Buttons = without(storyButtons(l, s), "sources "+s.ID)
	outlets := map[string]string{} // by article
	for _, a := range s.Articles {
		outlets[a.ID] = a.Source
	}
	var sec Section
	for _, a := range s.Articles {
		line := Line{Text: a.Source, URL: a.URL, Note: l.clock(a.Published, now), Detail: a.Title}
		if a.CopyOf != "" {
			line.Note += " · " + l.T("copies %s", cmp.Or(outlets[a.CopyOf], "?"))
		}
		if a.Source == s.Status.Source && a.Published.Equal(s.Status.Since) {
			line.Note += " · " + l.word(s.Status.Value)
		}
		sec.Lines = append(sec.Lines, line)
	}
	c.Sections = []Section{sec}
	return c
}
