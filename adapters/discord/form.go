package discord

import (
	"cmp"
	"slices"
	"strings"

	"newsdesk/bot"
)

// Limits of a modal:
// discord.com/developers/docs/components/reference#label and the components that it holds.
const (
	modalTitleMax = 45
	modalMost     = 5 // labels
	modalLabelMax = 45
	hintMax       = 100
	writtenMax    = 4000
	selectMost    = 25
)

const (
	typeSelect = 3
	typeText   = 4
	typeLabel  = 18
	oneLine    = 1
)

// A modal asks a person for several values.
type modal struct {
	CustomID   string  `json:"custom_id"`
	Title      string  `json:"title"`
	Components []label `json:"components"`
}

// A label is one value of a modal with what is said about it.
type label struct {
	Type      int    `json:"type"` // 18
	Label     string `json:"label"`
	Component any    `json:"component"` // a selection or a written
}

// A selection is chosen from a list.
type selection struct {
	Type     int      `json:"type"` // 3
	CustomID string   `json:"custom_id"`
	Options  []option `json:"options"`
	Least    int      `json:"min_values"`
	Most     int      `json:"max_values"`
	Required bool     `json:"required"`
}

type option struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// A written is a line of text.
type written struct {
	Type     int    `json:"type"` // 4
	CustomID string `json:"custom_id"`
	Style    int    `json:"style"` // 1, one line
	Value    string `json:"value,omitempty"`
	Hint     string `json:"placeholder,omitempty"`
	Required bool   `json:"required"`
}

// drawForm draws a form; ok is false where Discord would not take it, as it is
// or shortened to what asks for something else.
func drawForm(f bot.Form) (m modal, ok bool) {
	m = modal{CustomID: customID("", f.Line), Title: plain(f.Title, modalTitleMax)}
	if m.CustomID == "" || m.Title == "" || len(f.Fields) == 0 || len(f.Fields) > modalMost {
		return m, false
	}
	for _, field := range f.Fields {
		l := label{Type: typeLabel, Label: plain(cmp.Or(field.Label, field.Name), modalLabelMax)}
		if len(field.Choices) == 0 {
			if length(field.Value) > writtenMax {
				return m, false
			}
			l.Component = written{Type: typeText, CustomID: field.Name, Style: oneLine, Value: field.Value, Hint: plain(field.Hint, hintMax)}
		} else if l.Component, ok = drawSelection(field); !ok {
			return m, false
		}
		m.Components = append(m.Components, l)
	}
	return m, true
}

// drawSelection has one of several chosen always, and any number of many.
func drawSelection(f bot.Field) (s selection, ok bool) {
	chosen := strings.Split(f.Value, ",")
	s = selection{Type: typeSelect, CustomID: f.Name, Most: 1}
	for _, c := range f.Choices {
		o := option{Label: plain(cmp.Or(c.Label, c.Value), choiceMax), Value: c.Value, Default: slices.Contains(chosen, c.Value)}
		if o.Label == "" || o.Value == "" || length(o.Value) > choiceMax {
			return s, false
		}
		s.Required = s.Required || o.Default && !f.Many
		s.Options = append(s.Options, o)
	}
	if s.Required {
		s.Least = 1
	}
	if f.Many {
		s.Most = len(s.Options)
	}
	return s, len(s.Options) <= selectMost
}

// A submission is what comes back of a modal, which discordgo does not read:
// discord.com/developers/docs/components/reference#label-label-interaction-response-structure.
type submission struct {
	CustomID   string `json:"custom_id"`
	Components []struct {
		Component struct {
			CustomID string   `json:"custom_id"`
			Value    string   `json:"value"`
			Values   []string `json:"values"`
		} `json:"component"`
	} `json:"components"`
}

// fields are the values of a submission by their names. server is the id of
// its role that everybody has, which is no role to choose.
func (s submission) fields(server string) map[string]string {
	out := map[string]string{}
	for _, c := range s.Components {
		if v := c.Component; v.CustomID != "" {
			out[v.CustomID] = notEveryone(strings.TrimSpace(cmp.Or(v.Value, strings.Join(v.Values, ","))), server)
		}
	}
	return out
}

// notEveryone names the role that everybody in a server has as what it is: its
// id is that of the server.
func notEveryone(value, server string) string {
	if id := strings.TrimSuffix(strings.TrimPrefix(value, "<@&"), ">"); id != "" && id == server {
		return "@everyone"
	} else if isSnowflake(id) {
		return id
	}
	return value
}
