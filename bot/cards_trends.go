package bot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"newsdesk/bot/chart"
	"newsdesk/news"
)

// TrendsCard lists topics by how surprising their news is; called is the topic
// that was asked for, "" for all.
func TrendsCard(l Lang, trends []news.Trend, called string) Card {
	c := Card{Title: l.T("Trends of the last day"), Menu: topicMenu(l, cmdTrends), Buttons: []Button{{Label: l.T("Top of the day"), Line: cmdTop, Accent: true}}}
	if called != "" {
		c.Title = l.T("Trend: %s", shorten(called))
	}
	if len(trends) == 0 {
		if c.Text = l.T("No topic made more news than usual in the last day."); called != "" {
			c.Text = l.T("No story about it in the last four weeks.")
		}
		return c
	}
	if called != "" {
		c.Title = l.T("Trend: %s", trends[0].Name)
	}
	if trends[0].Thin {
		c.Text = l.T("There is too little history yet to say what is usual.")
		if called == "" {
			c.Text += " " + l.T("These topics have the most stories.")
		}
	}
	var sec Section
	for _, t := range trends {
		note := trendNote(l, t)
		if t.Great > 0 {
			note += ", " + l.T("impact up to %d", t.Great)
		}
		if t.Burst {
			note += " · " + l.T("burst")
		}
		sec.Lines = append(sec.Lines, Line{Text: t.Name, Note: note, Detail: spark(t.Days) + " " + l.T("four weeks")})
	}
	c.Sections = []Section{sec}
	return c
}

// trendNote reads "14 stories today, usually 3".
func trendNote(l Lang, t news.Trend) string {
	note := l.T("%d stories today", t.Stories)
	if !t.Thin {
		note += ", " + usually(l, t.Usual)
	}
	return note
}

// chartsMost is how many charts are kept: topics change by the minute, and
// many ask.
const chartsMost = 50

// chart draws trends.
func (b *Bot) chart(l Lang, trends []news.Trend) *Picture {
	var rows []chart.Row
	for _, t := range trends {
		note := trendNote(l, t)
		rows = append(rows, chart.Row{Name: t.Name, Note: note, Days: t.Days, Usual: t.Usual, Loud: t.Burst})
	}
	key := fmt.Sprint(l, rows)
	b.mu.Lock()
	drawn, ok := b.charts[key]
	b.mu.Unlock()
	if !ok {
		drawn = chart.Draw(rows, l.T("stories a day, four weeks"), l.T("today"))
		b.mu.Lock()
		if len(b.charts) >= chartsMost || b.charts == nil {
			b.charts = map[string][]byte{}
		}
		b.charts[key] = drawn
		b.mu.Unlock()
	}
	return &Picture{PNG: drawn, Alt: l.T("Bars of how many stories there were on each day of four weeks")}
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
