package bot

import (
	"math"
	"slices"
	"strings"

	"newsdesk/news"
)

// TrendsCard lists topics by how surprising their news is; called is the topic
// that was asked for, "" for all.
func TrendsCard(l Lang, trends []news.Trend, called string) Card {
	c := Card{Title: l.T("Trends of the last day"), Buttons: []Button{{Label: l.T("Top of the day"), Line: cmdTop, Accent: true}}}
	if called != "" {
		c.Title = l.T("Trend: %s", shorten(called))
	}
	if len(trends) == 0 {
		if c.Text = l.T("No topic made more news than usual in the last day."); called != "" {
			c.Text = l.T("No story about it in the last four weeks.")
		}
		return c
	}
	if trends[0].Thin {
		c.Text = l.T("There is too little history yet to say what is usual.")
		if called == "" {
			c.Text += " " + l.T("These topics have the most stories.")
		}
	}
	var sec Section
	for _, t := range trends {
		note := l.T("%d stories today", t.Stories)
		if !t.Thin {
			note += ", " + usually(l, t.Usual)
		}
		if t.Burst {
			note += " · " + l.T("burst")
		}
		sec.Lines = append(sec.Lines, Line{Text: t.Name, Note: note, Detail: spark(t.Days) + " " + l.T("four weeks")})
	}
	c.Sections = []Section{sec}
	return c
}

func usually(l Lang, n float64) string {
	if n < 0.5 {
		return l.T("usually hardly any")
	}
	return l.T("usually %d", int(math.RoundToEven(n)))
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
