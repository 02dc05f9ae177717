package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"newsdesk/bot"
)

// A drawing is a message as people on each platform would see it, in HTML
// that package html/template has escaped.
type drawing struct {
	Discord string `json:"discord"`
	Slack   string `json:"slack"`
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

// view renders m for both platforms.
func (m message) view() (view, error) {
	v := view{ID: string(m.ID), At: m.At.UTC(), Edited: !m.Edited.IsZero()}
	var err error
	v.Discord, v.Slack, err = render(m.Card, string(m.ID))
	return v, err
}

// draw draws one message that answers a command.
func (s *Server) draw(m message, asked string, private bool) (drawing, error) {
	v := view{ID: string(m.ID), At: m.At.UTC(), Asked: asked, Private: private}
	var err error
	if v.Discord, v.Slack, err = render(m.Card, ""); err != nil {
		return drawing{}, err
	}
	var d, sl bytes.Buffer
	if err := pages.ExecuteTemplate(&d, "discord", v); err != nil {
		return drawing{}, fmt.Errorf("draw: %w", err)
	}
	if err := pages.ExecuteTemplate(&sl, "slack", v); err != nil {
		return drawing{}, fmt.Errorf("draw: %w", err)
	}
	return drawing{d.String(), sl.String()}, nil
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
