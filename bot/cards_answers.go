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
func BriefCard(s news.Story, related []news.Story, now time.Time) Card {
	c := storyHead(s, now)
	c.Text = cmp.Or(brief.Credited(s.Brief.Summary, s.Brief.Credits.Summary), s.Brief.Standfirst)
	c.Image = s.Image
	c.Buttons = without(c.Buttons, "story "+s.ID)
	c.Facts = facts(
		Fact{"Status", statusLine(s.Status, now)},
		Fact{"Before", history(s.History)},
		Fact{"Figures", figures(s.Figures, fullFigures)},
		Fact{"Sources", sources(s)},
		Fact{"Topics", strings.Join(topicNames(s.Topics, 2*cardTopics), ", ")},
		Fact{"Last news", age(s.Updated, now)},
	)
	if len(s.Brief.Body) > 0 {
		sec := Section{Title: "The story"}
		for i, p := range s.Brief.Body {
			if i < len(s.Brief.Credits.Body) {
				p = brief.Credited(p, s.Brief.Credits.Body[i])
			}
			sec.Lines = append(sec.Lines, Line{Text: p})
		}
		c.Sections = append(c.Sections, sec)
	}
	if line := s.Timeline(); len(line) > 2 {
		sec := Section{Title: "Timeline"}
		for _, m := range line {
			sec.Lines = append(sec.Lines, Line{Text: m.Text, URL: m.URL, Note: m.Source + " · " + clock(m.At, now)})
		}
		c.Sections = append(c.Sections, sec)
	}
	if len(related) > 0 {
		c.Sections = append(c.Sections, relatedSection("Related", related, now))
	}
	return c
}

// sources reads "9 independent of 10: The Verge, Heise and 8 more".
func sources(s news.Story) string {
	names := listed(tellers(s), fullSources)
	if len(s.Sources) < 2 {
		return names
	}
	return fmt.Sprintf("%d independent of %d: %s", independent(s), len(s.Sources), names)
}

// statusLine reads "rumour since 09:15 UTC: The Verge: "people familiar"".
func statusLine(st brief.Status, now time.Time) string {
	if st.Value == "" {
		return ""
	}
	line := st.Value
	if !st.Since.IsZero() {
		line += " since " + clock(st.Since, now)
	}
	if st.Why != "" {
		line += ": " + st.Why
	}
	return line
}

// history names earlier statuses: "rumour, then reported".
func history(before []brief.Status) string {
	var vs []string
	for _, st := range before {
		vs = append(vs, st.Value)
	}
	return strings.Join(vs, ", then ")
}

// relatedSection lists stories with their two-sentence summaries.
func relatedSection(title string, related []news.Story, now time.Time) Section {
	sec := Section{Title: title}
	for _, s := range related[:min(len(related), cardRelated)] {
		sec.Lines = append(sec.Lines, Line{
			Text: s.Headline, URL: s.URL, Note: note(s, now) + " · " + s.ID, Detail: cmp.Or(s.Brief.Summary, s.Brief.Standfirst),
		})
	}
	return sec
}

// RelatedCard lists the stories close to s, closest first, at most three.
func RelatedCard(s news.Story, related []news.Story, now time.Time) Card {
	c := Card{Title: "Related to: " + s.Headline, URL: s.URL, Footer: "Newsdesk · story " + s.ID}
	if len(related) == 0 {
		c.Text = "No other story shares enough with this one."
		c.Buttons = without(storyButtons(s), "related "+s.ID)
		return c
	}
	c.Sections = []Section{relatedSection("", related, now)}
	for i, r := range related[:min(len(related), cardRelated)] {
		c.Buttons = append(c.Buttons, Button{Label: fmt.Sprintf("More on %d", i+1), Line: "story " + r.ID})
	}
	c.Buttons = append(c.Buttons, Button{Label: "Back", Line: "story " + s.ID})
	return c
}

// WhyCard explains a story's impact part by part, and its status.
func WhyCard(s news.Story, now time.Time) Card {
	c := storyHead(s, now)
	c.Title = "Why: " + s.Headline
	c.Buttons = without(c.Buttons, "why "+s.ID)
	parts := Section{Title: fmt.Sprintf("Impact: %d of 100", s.Impact)}
	for _, p := range s.Parts {
		parts.Lines = append(parts.Lines, Line{Text: strings.TrimSpace(fmt.Sprintf("%+d %s %s", p.Points, p.Name, bar(p.Points))), Note: p.Why})
	}
	if len(parts.Lines) == 0 {
		parts.Lines = []Line{{Text: "Nothing about it adds points"}}
	}
	if line := course(s, now); line != "" {
		parts.Lines = append(parts.Lines, Line{Text: line})
	}
	c.Sections = append(c.Sections, parts)
	if s.Status.Value != "" {
		sec := Section{Title: "Status: " + s.Status.Value}
		for _, st := range slices.Backward(append(s.History[:len(s.History):len(s.History)], s.Status)) {
			note := st.Source
			if !st.Since.IsZero() {
				note = strings.TrimPrefix(note+" · "+clock(st.Since, now), " · ")
			}
			text := cmp.Or(st.Why, "no reason was kept")
			if st.Value != s.Status.Value {
				text = st.Value + " before: " + text
			}
			sec.Lines = append(sec.Lines, Line{Text: text, Note: note})
		}
		c.Sections = append(c.Sections, sec)
	}
	c.Sections = append(c.Sections, Section{Title: "What would change it", Lines: outlook(s)})
	return c
}

// courseShown is how many earlier values of an impact are told.
const courseShown = 5

// course tells how the impact went, "" where it is what it always was.
func course(s news.Story, now time.Time) string {
	if len(s.Course) < 2 {
		return ""
	}
	shown := s.Course[max(0, len(s.Course)-courseShown-1):]
	var values []string
	for _, m := range shown {
		values = append(values, fmt.Sprint(m.Impact))
	}
	peak := slices.MaxFunc(s.Course, func(a, b news.Mark) int { return cmp.Compare(a.Impact, b.Impact) })
	text := "It went " + strings.Join(values, " → ") + " since " + clock(shown[0].At, now)
	if peak.Impact > s.Impact {
		text += fmt.Sprintf("; its peak was %d, %s", peak.Impact, clock(peak.At, now))
	}
	return text
}

// outlook says what would raise or lower a story's impact.
func outlook(s news.Story) []Line {
	up := []string{"more independent sources (now " + fmt.Sprint(independent(s)) + ")"}
	var down []string
	switch s.Status.Value {
	case brief.Rumour:
		up = append(up, "reports that name their evidence", "a confirmation by those it is about")
		down = append(down, "a denial by those it is about")
	case brief.Reported:
		up = append(up, "a confirmation by those it is about")
		down = append(down, "a denial by those it is about")
	case brief.Denied:
		up = append(up, "a confirmation after all")
	}
	if len(s.Figures) == 0 {
		up = append(up, "figures that show its size")
	}
	lines := []Line{{Text: "Up: " + strings.Join(up, ", ")}}
	if len(down) > 0 {
		lines = append(lines, Line{Text: "Down: " + strings.Join(down, ", ")})
	}
	return lines
}

// TimelineCard tells how a story came about.
func TimelineCard(s news.Story, now time.Time) Card {
	c := Card{Title: "Timeline: " + s.Headline, URL: s.URL, Tone: toneOf(s.Impact), Footer: "Newsdesk · story " + s.ID}
	c.Buttons = without(storyButtons(s), "timeline "+s.ID)
	var sec Section
	for _, m := range s.Timeline() {
		sec.Lines = append(sec.Lines, Line{Text: m.Text, URL: m.URL, Note: m.Source + " · " + clock(m.At, now)})
	}
	c.Sections = []Section{sec}
	return c
}

// TellersCard tells who tells a story, and who only copies another.
func TellersCard(s news.Story, now time.Time) Card {
	c := Card{
		Title: "Sources: " + s.Headline, URL: s.URL, Tone: toneOf(s.Impact), Footer: "Newsdesk · story " + s.ID,
		Text: fmt.Sprintf("%s, %s independent.", count(len(s.Sources), "source"), fmt.Sprint(independent(s))),
	}
	c.Buttons = without(storyButtons(s), "sources "+s.ID)
	own := map[string]string{} // article -> outlet
	for _, a := range s.Articles {
		own[a.ID] = a.Source
	}
	var sec Section
	for _, a := range s.Articles {
		l := Line{Text: a.Source, URL: a.URL, Note: clock(a.Published, now), Detail: a.Title}
		if a.CopyOf != "" {
			l.Note += " · copied from " + cmp.Or(own[a.CopyOf], "another")
		}
		if a.Source == s.Status.Source {
			l.Note += " · decided that it is " + s.Status.Value
		}
		sec.Lines = append(sec.Lines, l)
	}
	c.Sections = []Section{sec}
	return c
}
