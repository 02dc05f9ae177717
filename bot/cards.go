package bot

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
)

// How much of a story the cards name.
const (
	cardRelated = 3
	cardTopics  = 5
	cardFigures = 3
	cardSources = 3
	fullFigures = 8
	fullSources = 12
)

// StoryCard is what a channel is posted about a story, in its language, with up to three
// related stories. related comes closest first. What they are by now is left to
// answers: a posted card is not edited when a story beside it changes.
func StoryCard(l Lang, s news.Story, related []news.Story, now time.Time) Card {
	c := storyHead(l, s, now)
	c.Text = standfirst(s)
	c.Image = s.Image
	c.Facts = facts(
		Fact{l.T("Sources"), voices(l, s)},
		Fact{l.T("Topics"), strings.Join(topicNames(s.Topics, cardTopics), ", ")},
		Fact{l.T("Figures"), l.figures(s.Figures, cardFigures)},
	)
	if len(related) > 0 {
		sec := Section{Title: l.T("Related")}
		for _, r := range related[:min(len(related), cardRelated)] {
			sec.Lines = append(sec.Lines, Line{
				Text: r.Headline, URL: r.URL, Note: l.word(r.Status.Value), Detail: cmp.Or(r.Brief.Summary, r.Brief.Standfirst),
			})
		}
		c.Sections = append(c.Sections, sec)
	}
	return c
}

// voices names the first outlets of a story, and counts the independent ones
// where there are several: "The Verge, Heise and 8 more · 9 independent".
func voices(l Lang, s news.Story) string {
	names := l.list(tellers(s), cardSources)
	if len(s.Sources) < 2 {
		return names
	}
	return names + " · " + l.T("%d independent", independent(s))
}

// standfirst is what stands below the headline: where nothing but headlines is
// known of a story it would repeat it, and what others add stands there instead.
func standfirst(s news.Story) string {
	first := s.Brief.Standfirst
	if strings.TrimRight(first, ".。") == strings.TrimRight(s.Headline, ".。") {
		return strings.TrimSpace(strings.TrimPrefix(s.Brief.Summary, first))
	}
	return cmp.Or(first, s.Brief.Summary)
}

// storyHead is what every card about one story begins and ends with.
func storyHead(l Lang, s news.Story, now time.Time) Card {
	c := Card{
		Title: s.Headline, URL: s.URL, Tone: toneOf(s.Impact),
		Badges:  []Badge{{Label: l.T("Impact"), Value: fmt.Sprint(s.Impact), Meter: s.Impact}},
		Footer:  l.T("Newsdesk · story %s · first seen %s", s.ID, l.clock(s.First, now)),
		Buttons: storyButtons(l, s),
	}
	if s.Status.Value != "" {
		c.Badges = append(c.Badges, Badge{Label: l.T("Status"), Value: l.word(s.Status.Value)})
		c.Tags = append(c.Tags, l.word(s.Status.Value))
	}
	c.Tags = append(c.Tags, topicNames(s.Topics, cardTopics)...)
	return c
}

// storyButtons asks further about a story, and opens it where it can be opened.
func storyButtons(l Lang, s news.Story) []Button {
	bs := []Button{
		{Label: l.T("More"), Line: "story " + s.ID, Accent: true},
		{Label: l.T("Why"), Line: "why " + s.ID},
		{Label: l.T("Related"), Line: "related " + s.ID},
		{Label: l.T("Sources"), Line: "sources " + s.ID},
		{Label: l.T("Timeline"), Line: "timeline " + s.ID},
		{Label: l.T("Follow"), Line: "follow " + s.ID},
	}
	if s.URL != "" {
		bs = append(bs, Button{Label: l.T("Open"), URL: s.URL})
	}
	return bs
}

// voteButtons ask a channel what it thinks of a story that it was sent.
func voteButtons(l Lang, id string) []Button {
	return []Button{{Label: l.T("👍 Useful"), Line: cmdUseful + " " + id}, {Label: l.T("👎 Noise"), Line: cmdNoise + " " + id}}
}

// without leaves out the button that asks line, which the card answers.
func without(bs []Button, line string) []Button {
	var out []Button
	for _, b := range bs {
		if b.Line != line {
			out = append(out, b)
		}
	}
	return out
}

// facts leaves out those without a value.
func facts(all ...Fact) []Fact {
	var out []Fact
	for _, f := range all {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// storySection lists stories with their standfirsts.
func storySection(l Lang, title string, stories []news.Story, now time.Time) Section {
	sec := Section{Title: title}
	for _, s := range stories {
		sec.Lines = append(sec.Lines, Line{
			Text: s.Headline, URL: s.URL, Note: l.note(s, now) + " · " + s.ID, Detail: standfirst(s),
		})
	}
	return sec
}

// ListCard answers with a list of stories. Of one story it has all buttons, of
// several one each, by its number. head says what was asked for, more what else there is or "".
func ListCard(l Lang, head, more string, stories []news.Story, now time.Time) Card {
	c := Card{Title: head, Footer: more}
	if len(stories) > 0 {
		c.Tone = toneOf(stories[0].Impact)
		c.Sections = []Section{storySection(l, "", stories, now)}
		c.Buttons = storyButtons(l, stories[0])
	}
	if len(stories) > 1 {
		c.Buttons = numbered(l, &c.Sections[0], stories)
	}
	return c
}

// numbered numbers the lines of a section, and has a button for each story.
func numbered(l Lang, sec *Section, stories []news.Story) []Button {
	var bs []Button
	for i, s := range stories {
		sec.Lines[i].Mark = strconv.Itoa(i + 1)
		bs = append(bs, Button{Label: l.T("Story %d", i+1), Line: cmdStory + " " + s.ID, Accent: i == 0})
	}
	return bs
}
