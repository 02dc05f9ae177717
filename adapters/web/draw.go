package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"newsdesk/bot"
)

// A drawing is a message as people on each platform would see it, in HTML
// that package html/template has escaped.
type drawing struct {
	Discord template.HTML `json:"discord"`
	Slack   template.HTML `json:"slack"`
}

// A view is what the templates "discord" and "slack" draw.
type view struct {
	ID      string
	At      time.Time
	Edited  bool
	Answers string // title of the message that it answers, or ""
	Asked   string // the command that it answers, or ""
	Private bool
	Discord discordMessage
	Slack   slackMessage
}

// draw draws m. answers is the title of the message that it answers, if any.
func (m message) draw(answers string) (drawing, error) {
	v := view{ID: string(m.ID), At: m.At.UTC(), Edited: !m.Edited.IsZero(), Answers: answers, Asked: m.Asked}
	if m.Asked != "" {
		return v.draw(m.Card, "") // as it was answered: without a delivery's key
	}
	return v.draw(m.Card, string(m.ID))
}

// draw renders the card for both platforms and draws what they would be sent.
func (v view) draw(c bot.Card, key string) (drawing, error) {
	var err error
	picture := dataURL(c.Picture)
	if v.Discord, v.Slack, err = render(c, key, v.Private); err != nil {
		return drawing{}, err
	}
	v.Discord.show(picture)
	v.Slack.show(picture)
	var discord, slack bytes.Buffer
	if err := pages.ExecuteTemplate(&discord, "discord", v); err != nil {
		return drawing{}, fmt.Errorf("draw: %w", err)
	}
	if err := pages.ExecuteTemplate(&slack, "slack", v); err != nil {
		return drawing{}, fmt.Errorf("draw: %w", err)
	}
	return drawing{template.HTML(discord.String()), template.HTML(slack.String())}, nil
}

// An album keeps drawings, as a page shows many messages and few change.
type album struct {
	mu    sync.Mutex
	drawn map[bot.Channel]map[bot.MessageID]leaf
}

type leaf struct {
	change  uint64 // of the message that was drawn
	answers string
	drawing drawing
}

// of returns the drawings of ms, which are all of channel c that are shown.
func (a *album) of(c bot.Channel, ms []message, titles map[bot.MessageID]string) ([]drawing, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	had, have := a.drawn[c], make(map[bot.MessageID]leaf, len(ms))
	out := make([]drawing, len(ms))
	for i, m := range ms {
		l, ok := had[m.ID]
		if answers := titles[m.Thread]; !ok || l.change != m.change || l.answers != answers {
			d, err := m.draw(answers)
			if err != nil {
				return nil, err
			}
			l = leaf{m.change, answers, d}
		}
		have[m.ID], out[i] = l, l.drawing
	}
	if a.drawn == nil {
		a.drawn = make(map[bot.Channel]map[bot.MessageID]leaf)
	}
	a.drawn[c] = have
	return out, nil
}

// functions are what the templates call.
var functions = template.FuncMap{
	"discord": discordMarkup,
	"slack":   slackMarkup,
	"text":    visible,
	"web":     webURL,
	"host":    host,
	"asset":   asset,
	"word":    func(s string) string { return strings.Join(strings.FieldsFunc(s, notWord), "") },
	"tone":    func(impact int) string { return tones[toneOf(impact)] },
	"outlets": outletNames,
	"clock":   func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") },
	"rfc3339": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"stamp": func(s string) any {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t
		}
		return nil
	},
}

// notWord keeps what comes from outside to one name of a class.
func notWord(r rune) bool { return !wordRune(r) }

// toneOf is the tone of an impact: see bot.Tone.
func toneOf(impact int) bot.Tone {
	switch {
	case impact >= 80:
		return bot.Critical
	case impact >= 60:
		return bot.High
	case impact >= 40:
		return bot.Medium
	}
	return bot.Low
}

// outletNames names the first outlets and counts the others.
func outletNames(names []string) string {
	const shown = 2
	if len(names) <= shown {
		return visible(strings.Join(names, ", "))
	}
	return visible(fmt.Sprintf("%s (+%d)", strings.Join(names[:shown], ", "), len(names)-shown))
}
