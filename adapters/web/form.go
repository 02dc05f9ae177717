package web

import (
	"unicode/utf8"

	"newsdesk/bot"
)

// A formJSON is a bot.Form as /api/command shows it. It is filled in by a
// command with its line as text and the values as fields.
type formJSON struct {
	Title  string      `json:"title"`
	Submit string      `json:"submit"`
	Line   string      `json:"line"`
	Fields []fieldJSON `json:"fields"`
}

type fieldJSON struct {
	Name    string       `json:"name"`
	Label   string       `json:"label"`
	Hint    string       `json:"hint,omitempty"`
	Value   string       `json:"value"` // several with commas
	Choices []optionJSON `json:"choices,omitempty"`
	Many    bool         `json:"many,omitempty"`    // any number of choices
	Command string       `json:"command,omitempty"` // GET /api/suggest knows values of its option called so
}

type optionJSON struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// An errorJSON says what is wrong with a field that was filled in.
type errorJSON struct {
	Field string `json:"field"` // its name
	Text  string `json:"text"`
}

func newFormJSON(f *bot.Form) *formJSON {
	if f == nil {
		return nil
	}
	j := &formJSON{Title: f.Title, Submit: f.Submit, Line: f.Line, Fields: []fieldJSON{}}
	for _, field := range f.Fields {
		n := fieldJSON{Name: field.Name, Label: field.Label, Hint: field.Hint, Value: field.Value, Many: field.Many && len(field.Choices) > 0}
		if field.Suggest {
			n.Command = field.Command
		}
		for _, c := range field.Choices {
			n.Choices = append(n.Choices, optionJSON(c))
		}
		j.Fields = append(j.Fields, n)
	}
	return j
}

// maxFields is more than any form has.
const maxFields = 25

func checkFields(fields map[string]string) error {
	if len(fields) > maxFields {
		return badRequest("%d fields: at most %d, please", len(fields), maxFields)
	}
	for name, v := range fields {
		if len(name) > maxName || len(v) > maxLine || !utf8.ValidString(name+v) {
			return badRequest("a field may have up to %d bytes of UTF-8, its name %d", maxLine, maxName)
		}
	}
	return nil
}
