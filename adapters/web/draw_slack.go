package web

import (
	"encoding/json"
	"fmt"
	"html/template"
)

// A slackMessage is what a chat.postMessage payload shows: the part of Block
// Kit that Newsdesk sends, docs.slack.dev/reference/block-kit.
type slackMessage struct {
	Text        string            `json:"text"` // shown where there are no blocks
	Blocks      []slackBlock      `json:"blocks"`
	Attachments []slackAttachment `json:"attachments"`
}

type slackAttachment struct {
	Color  string       `json:"color"` // "#rrggbb"
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type      string         `json:"type"`
	Text      *slackText     `json:"text"`
	Fields    []slackText    `json:"fields"`
	Elements  []slackElement `json:"elements"`
	Accessory *slackElement  `json:"accessory"`
	ImageURL  string         `json:"image_url"`
	AltText   string         `json:"alt_text"`
	Title     *slackText     `json:"title"`

	File  *struct{}    `json:"slack_file"`
	Drawn template.URL `json:"-"` // of File
}

// show puts the uploaded picture where a block refers to its file.
func (m slackMessage) show(picture template.URL) {
	for i := range m.Blocks {
		if m.Blocks[i].File != nil {
			m.Blocks[i].Drawn = picture
		}
	}
}

type slackText struct {
	Type string `json:"type"` // plain_text or mrkdwn
	Text string `json:"text"`
}

// A slackElement stands in a context, among actions or beside a section.
type slackElement struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"` // a string in a context, an object in a button
	URL      string          `json:"url"`
	Value    string          `json:"value"`
	ActionID string          `json:"action_id"`
	Style    string          `json:"style"` // primary, danger or ""
	ImageURL string          `json:"image_url"`
	AltText  string          `json:"alt_text"`

	Placeholder *slackText `json:"placeholder"`

	Line string `json:"-"` // the command that a button asks, "" for a link
	// Of a menu: the option that it is for.
	Command string `json:"-"`
	Option  string `json:"-"`
}

// readSlack reads a payload. line tells which command a button asks, option
// which option a menu is for.
func readSlack(payload []byte, line func(actionID, value string) (string, bool), option func(actionID string) (command, option string, ok bool)) (slackMessage, error) {
	var m slackMessage
	if err := json.Unmarshal(payload, &m); err != nil {
		return m, fmt.Errorf("draw a slack message: %w", err)
	}
	command := func(e *slackElement) {
		if e != nil && e.Type == "button" && e.URL == "" {
			e.Line, _ = line(e.ActionID, e.Value)
		}
		if e != nil && e.Type == "external_select" {
			e.Command, e.Option, _ = option(e.ActionID)
		}
	}
	each := func(blocks []slackBlock) {
		for _, b := range blocks {
			command(b.Accessory)
			for i := range b.Elements {
				command(&b.Elements[i])
			}
		}
	}
	each(m.Blocks)
	for _, a := range m.Attachments {
		each(a.Blocks)
	}
	return m, nil
}

// Lines lays the text out by its type.
func (t slackText) Lines() []paragraph {
	if t.Type == "mrkdwn" {
		return slackMarkup(t.Text)
	}
	return paragraphs(t.Text, plainSpan, func(line string) (kind, rest string) { return "", line })
}

// Words is the text of an element, whatever its shape.
func (e slackElement) Words() slackText {
	var s string
	if json.Unmarshal(e.Text, &s) == nil {
		return slackText{e.Type, s}
	}
	var t slackText
	if json.Unmarshal(e.Text, &t) != nil {
		return slackText{}
	}
	return t
}

// Bar is the colour beside an attachment.
func (a slackAttachment) Bar() string {
	if a.Color == "" {
		return "#dddddd"
	}
	return a.Color
}
