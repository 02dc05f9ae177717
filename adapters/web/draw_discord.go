package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
)

// A discordMessage is what a create-message payload shows: the part of
// discord.com/developers/docs/resources/message that Newsdesk sends.
type discordMessage struct {
	Content    string         `json:"content"`
	Embeds     []discordEmbed `json:"embeds"`
	Components []discordRow   `json:"components"`

	Attachments []discordAttachment `json:"attachments"`
}

type discordEmbed struct {
	Title       string         `json:"title"`
	URL         string         `json:"url"`
	Description string         `json:"description"`
	Color       int            `json:"color"` // 0xRRGGBB
	Fields      []discordField `json:"fields"`
	Author      struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	} `json:"author"`
	Footer struct {
		Text string `json:"text"`
	} `json:"footer"`
	Image     discordImage `json:"image"`
	Thumbnail discordImage `json:"thumbnail"`
	Timestamp string       `json:"timestamp"` // RFC 3339
}

type discordField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

type discordImage struct {
	URL string `json:"url"`

	Drawn template.URL `json:"-"` // of an attachment
	Alt   string       `json:"-"`
}

type discordAttachment struct {
	Filename    string `json:"filename"`
	Description string `json:"description"`
}

// show puts the attached picture where embeds refer to it.
func (m discordMessage) show(picture template.URL) {
	for i := range m.Embeds {
		for _, a := range m.Attachments {
			if image := &m.Embeds[i].Image; image.URL == "attachment://"+a.Filename {
				image.Drawn, image.Alt = picture, a.Description
			}
		}
	}
}

type discordRow struct {
	Components []discordButton `json:"components"`
}

type discordButton struct {
	Style    int    `json:"style"`
	Label    string `json:"label"`
	URL      string `json:"url"`
	CustomID string `json:"custom_id"`
	Disabled bool   `json:"disabled"`
	Emoji    struct {
		Name string `json:"name"`
	} `json:"emoji"`

	Line string `json:"-"` // the command that CustomID stands for, "" for a link
}

// readDiscord reads a payload. line tells which command a custom_id asks.
func readDiscord(payload []byte, line func(customID string) (string, bool)) (discordMessage, error) {
	var m discordMessage
	if err := json.Unmarshal(payload, &m); err != nil {
		return m, fmt.Errorf("draw a discord message: %w", err)
	}
	for _, row := range m.Components {
		for i := range row.Components {
			b := &row.Components[i]
			if b.URL == "" {
				b.Line, _ = line(b.CustomID)
			}
		}
	}
	return m, nil
}

// Bar is the colour of the embed's bar; Discord draws none as grey.
func (e discordEmbed) Bar() string {
	if e.Color == 0 {
		return "#4e5058"
	}
	return fmt.Sprintf("#%06x", e.Color&0xffffff)
}

// Look is the style of the button: discord.com/developers/docs/components/reference#button-button-styles.
func (b discordButton) Look() string {
	switch b.Style {
	case 1:
		return "primary"
	case 3:
		return "success"
	case 4:
		return "danger"
	case 5:
		return "link"
	}
	return "secondary"
}

// Rows are the fields as they stand beside each other: up to three inline
// ones in a row, every other one on a row of its own.
func (e discordEmbed) Rows() [][]discordField {
	var rows [][]discordField
	for _, f := range e.Fields {
		last := len(rows) - 1
		if f.Inline && last >= 0 && rows[last][0].Inline && len(rows[last]) < 3 {
			rows[last] = append(rows[last], f)
			continue
		}
		rows = append(rows, []discordField{f})
	}
	return rows
}

// host is the address's host, to name a picture that is not loaded.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	name, _, _ := strings.Cut(rest, "/")
	return name
}
