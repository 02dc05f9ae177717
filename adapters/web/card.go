package web

import (
	"fmt"
	"math"
	"strings"

	"newsdesk/bot"
)

// A cardJSON is a bot.Card as /api/command shows it.
type cardJSON struct {
	Title    string        `json:"title,omitempty"`
	URL      string        `json:"url,omitempty"`
	Text     string        `json:"text,omitempty"`
	Badges   []badgeJSON   `json:"badges,omitempty"`
	Facts    []factJSON    `json:"facts,omitempty"`
	Sections []sectionJSON `json:"sections,omitempty"`
	Footer   string        `json:"footer,omitempty"`
	Image    string        `json:"image,omitempty"`
	Picture  *pictureJSON  `json:"picture,omitempty"`
	Buttons  []buttonJSON  `json:"buttons,omitempty"`
	Menu     *menuJSON     `json:"menu,omitempty"`
	Tone     string        `json:"tone"` // plain, low, medium, high, critical, mistake or failure
}

type badgeJSON struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Meter int    `json:"meter,omitempty"`
}

type factJSON struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type sectionJSON struct {
	Title string     `json:"title,omitempty"`
	Lines []lineJSON `json:"lines"`
}

type lineJSON struct {
	Mark   string `json:"mark,omitempty"`
	Text   string `json:"text"`
	URL    string `json:"url,omitempty"`
	Note   string `json:"note,omitempty"`
	Detail string `json:"detail,omitempty"`

	Channel bot.Channel `json:"channel,omitempty"`
}

type buttonJSON struct {
	Label  string `json:"label"`
	Line   string `json:"line,omitempty"` // to send as text
	URL    string `json:"url,omitempty"`
	Accent bool   `json:"accent,omitempty"`
}

// A menuJSON is fed by GET /api/suggest.
type menuJSON struct {
	Label   string `json:"label"`
	Command string `json:"command"`
	Option  string `json:"option"`
}

type pictureJSON struct {
	PNG []byte `json:"png"` // base64
	Alt string `json:"alt"`
}

var tones = [...]string{
	bot.Plain: "plain", bot.Low: "low", bot.Medium: "medium", bot.High: "high", bot.Critical: "critical",
	bot.Mistake: "mistake", bot.Failure: "failure",
}

func newCardJSON(c bot.Card) cardJSON {
	j := cardJSON{Title: c.Title, URL: c.URL, Text: c.Text, Footer: c.Footer, Image: c.Image, Tone: "plain"}
	if t := int(c.Tone); t >= 0 && t < len(tones) {
		j.Tone = tones[t]
	}
	if c.Menu != nil {
		j.Menu = (*menuJSON)(c.Menu)
	}
	if c.Picture != nil {
		j.Picture = (*pictureJSON)(c.Picture)
	}
	for _, b := range c.Badges {
		j.Badges = append(j.Badges, badgeJSON(b))
	}
	for _, f := range c.Facts {
		j.Facts = append(j.Facts, factJSON(f))
	}
	for _, s := range c.Sections {
		sec := sectionJSON{Title: s.Title, Lines: []lineJSON{}}
		for _, l := range s.Lines {
			sec.Lines = append(sec.Lines, lineJSON(l))
		}
		j.Sections = append(j.Sections, sec)
	}
	for _, b := range c.Buttons {
		j.Buttons = append(j.Buttons, buttonJSON(b))
	}
	return j
}

// plain is the card as text for terminals and logs: what matters, one thing a
// line, without buttons and without what would steer a terminal.
func plain(c bot.Card) string {
	var lines []string
	under := func(indent, s string) {
		if s = bot.Clean(s, true, math.MaxInt); s != "" {
			lines = append(lines, indent+s)
		}
	}
	add := func(s string) { under("", s) }
	add(c.Title)
	add(c.URL)
	add(c.Text)
	var badges []string
	for _, b := range c.Badges {
		badges = append(badges, strings.TrimSpace(b.Label+" "+b.Value))
	}
	add(strings.Join(badges, " · "))
	for _, f := range c.Facts {
		add(fmt.Sprintf("%s: %s", f.Label, f.Value))
	}
	for _, s := range c.Sections {
		add(s.Title)
		for _, l := range s.Lines {
			line := "- " + l.Text
			if l.Mark != "" {
				line = l.Mark + ". " + l.Text
			}
			if l.Note != "" {
				line += " (" + l.Note + ")"
			}
			add(line)
			under("  ", l.URL)
			under("  ", l.Detail)
		}
	}
	if c.Picture != nil {
		add("[" + c.Picture.Alt + "]")
	}
	add(c.Footer)
	return strings.Join(lines, "\n")
}
