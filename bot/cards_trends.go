package bot

import (
	"fmt"
	"slices"
	"strings"

	"newsdesk/news"
)

// TrendsCard lists topics by how surprising their news is; called is the topic
// that was asked for, "" for all.
func TrendsCard(trends []news.Trend, called string) Card {
	c := Card{Title: "Trends of the last day", Buttons: []Button{{Label: "Top of the day", Line: cmdTop, Accent: true}}}
	if called != "" {
		c.Title = "Trend: " + shorten(called)
	}
	if len(trends) == 0 {
		if c.Text = "No topic made more news than usual in the last day."; called != "" {
			c.Text = "No story about it in the last four weeks."
		}
		return c
	}
	if trends[0].Thin {
		c.Text = "There is too little history yet to say what is usual."
		if called == "" {
			c.Text += " These topics have the most stories."
		}
	}
	var sec Section
	for _, t := range trends {
		note := count(t.Stories, "story") + " today"
		if !t.Thin {
			note += ", usually " + usually(t.Usual)
		}
		if t.Burst {
			note += " · burst"
		}
		sec.Lines = append(sec.Lines, Line{Text: t.Name, Note: note, Detail: spark(t.Days) + " four weeks"})
	}
	c.Sections = []Section{sec}
	return c
}

func usually(n float64) string {
	if n < 0.5 {
		return "hardly any"
	}
	return fmt.Sprintf("%.0f", n)
}

// spark draws numbers as a line of bars, the largest at full height.
func spark(values []int) string {
	most := max(1, slices.Max(values))
	var b strings.Builder
	for _, v := range values {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[(v*7+most-1)/most])
	}
	return b.String()
}
