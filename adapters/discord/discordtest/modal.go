package discordtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Modal is a form that a person sees.
type Modal struct {
	CustomID   string  `json:"custom_id"`
	Title      string  `json:"title"`
	Components []Label `json:"components"`

	opened Invocation // what it answers
}

// A Label is one value of a Modal.
type Label struct {
	Type        int       `json:"type"` // 18
	Label       string    `json:"label"`
	Description string    `json:"description,omitempty"`
	Component   Component `json:"component"`
}

// A Component is where the value is written (4) or chosen (3).
type Component struct {
	Type        int      `json:"type"`
	CustomID    string   `json:"custom_id"`
	Style       int      `json:"style,omitempty"`
	Value       string   `json:"value,omitempty"`
	Placeholder string   `json:"placeholder,omitempty"`
	Required    *bool    `json:"required,omitempty"` // as if true where absent
	MinValues   *int     `json:"min_values,omitempty"`
	MaxValues   *int     `json:"max_values,omitempty"`
	Options     []Option `json:"options,omitempty"`
}

// An Option is one that may be chosen.
type Option struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// readModal checks against discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal.
func readModal(data json.RawMessage) (*Modal, *refusal) {
	m := &Modal{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, malformed("data", "MODEL_TYPE_CONVERT", err.Error())
	}
	f := form{}
	f.text("data.custom_id", m.CustomID, 1, 100)
	f.text("data.title", m.Title, 1, 45)
	if n := len(m.Components); n < 1 || n > 5 {
		f.add("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
	}
	ids := map[string]bool{}
	for i, l := range m.Components {
		at := "data.components." + strconv.Itoa(i)
		if l.Type != 18 {
			f.add(at+".type", "UNION_TYPE_CHOICES", "this fake takes labels alone")
		}
		f.text(at+".label", l.Label, 1, 45)
		f.text(at+".description", l.Description, 0, 100)
		at += ".component"
		c := l.Component
		f.text(at+".custom_id", c.CustomID, 1, 100)
		if ids[c.CustomID] {
			f.add(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
		}
		ids[c.CustomID] = true
		f.component(at, c)
	}
	if len(f.problems) > 0 {
		return nil, f.refusal()
	}
	return m, nil
}

func (f *form) component(at string, c Component) {
	switch c.Type {
	case 4:
		if c.Style != 1 && c.Style != 2 {
			f.add(at+".style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
		}
		f.text(at+".value", c.Value, 0, 4000)
		f.text(at+".placeholder", c.Placeholder, 0, 100)
		if c.Options != nil || c.MinValues != nil || c.MaxValues != nil {
			f.add(at, "UNKNOWN_FIELD", "nothing is chosen in a text input")
		}
	case 3:
		f.text(at+".placeholder", c.Placeholder, 0, 150)
		if n := len(c.Options); n < 1 || n > 25 {
			f.add(at+".options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
		}
		if c.Style != 0 || c.Value != "" {
			f.add(at, "UNKNOWN_FIELD", "nothing is written in a select")
		}
		least, most := c.bounds()
		if least < 0 || least > 25 || most < max(least, 1) || most > len(c.Options) {
			f.add(at+".max_values", "BASE_TYPE_CHOICES", "min_values and max_values do not fit the options")
		}
		if c.required() && least == 0 {
			f.add(at+".min_values", "BASE_TYPE_CHOICES", "min_values must be 1 or more where the select is required")
		}
		chosen, seen := 0, map[string]bool{}
		for i, o := range c.Options {
			at := at + ".options." + strconv.Itoa(i)
			f.text(at+".label", o.Label, 1, 100)
			f.text(at+".value", o.Value, 1, 100)
			if seen[o.Value] {
				f.add(at+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
			}
			seen[o.Value] = true
			if o.Default {
				chosen++
			}
		}
		if chosen > most {
			f.add(at+".options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "more options are chosen than may be")
		}
	default:
		f.add(at+".type", "UNION_TYPE_CHOICES", "this fake takes text inputs and string selects")
	}
}

func (c Component) required() bool { return c.Required == nil || *c.Required }

func (c Component) bounds() (least, most int) {
	least, most = 1, 1
	if c.MinValues != nil {
		least = *c.MinValues
	}
	if c.MaxValues != nil {
		most = *c.MaxValues
	}
	return least, most
}

// Submit fills in a modal that was opened, and returns what is answered to it.
// What changed does not name stays as it stands there; of many values commas
// stand between. What Discord does not let people fill in is an error. A modal
// can be submitted again, as it is where the first attempt seemed to fail.
func (s *Server) Submit(ctx context.Context, m Modal, changed map[string]string) (Reply, error) {
	v := m.opened
	v.Command, v.Subcommand, v.Options, v.CustomID = "", "", nil, m.CustomID
	for _, l := range m.Components {
		c := l.Component
		given, has := changed[c.CustomID]
		if c.Type == 4 {
			if !has {
				given = c.Value
			}
			if c.required() && given == "" {
				return Reply{}, fmt.Errorf("%s is required", c.CustomID)
			}
			v.Submitted = append(v.Submitted, map[string]any{"type": 18, "id": 1, "component": map[string]any{"type": 4, "id": 2, "custom_id": c.CustomID, "value": given}})
			continue
		}
		values := []string{}
		if has && given != "" {
			values = strings.Split(given, ",")
		}
		for _, o := range c.Options {
			if !has && o.Default {
				values = append(values, o.Value)
			}
		}
		for _, value := range values {
			if !slices.ContainsFunc(c.Options, func(o Option) bool { return o.Value == value }) {
				return Reply{}, fmt.Errorf("%s has no option %q", c.CustomID, value)
			}
		}
		least, most := c.bounds()
		if n := len(values); n < least && c.required() || n > most {
			return Reply{}, fmt.Errorf("%d values of %s, want %d to %d", n, c.CustomID, least, most)
		}
		v.Submitted = append(v.Submitted, map[string]any{"type": 18, "id": 1, "component": map[string]any{"type": 3, "id": 2, "custom_id": c.CustomID, "values": values}})
	}
	for name := range changed {
		if !slices.ContainsFunc(m.Components, func(l Label) bool { return l.Component.CustomID == name }) {
			return Reply{}, fmt.Errorf("the modal has no field %q", name)
		}
	}
	return s.Invoke(ctx, v)
}

// As is the modal in the hands of a person with other permissions.
func (m Modal) As(permissions int64) Modal {
	m.opened.Permissions = permissions
	return m
}

// In is the modal submitted in another channel, by another person where user is
// not empty.
func (m Modal) In(channel, user string) Modal {
	if m.opened.Channel = channel; user != "" {
		m.opened.User = user
	}
	return m
}
