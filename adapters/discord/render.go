package discord

import (
	"cmp"
	"strings"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// Limits of a message. Discord counts characters; all lengths here are in
// UTF-16 units, which are never fewer.
const (
	// discord.com/developers/docs/resources/message#embed-object-embed-limits
	titleMax       = 256
	descriptionMax = 4096
	fieldsMax      = 25
	fieldNameMax   = 256
	fieldValueMax  = 1024
	footerMax      = 2048
	embedMax       = 6000 // all of the above in sum
	// discord.com/developers/docs/resources/message#create-message
	nonceMax = 25
	// discord.com/developers/docs/components/reference
	rowsMax     = 5 // action rows in a message
	rowMax      = 5 // buttons in a row
	labelMax    = 80
	customIDMax = 100
	buttonURL   = 512
	// github.com/discord/discord-api-spec: RichEmbed.url
	urlMax = 2048
)

// A Message is the body of create-message, with only those fields that are set:
// discord.com/developers/docs/resources/message#create-message.
type Message struct {
	Content         string                    `json:"content,omitempty"`
	Embeds          []*discordgo.MessageEmbed `json:"embeds,omitempty"`
	Components      []Row                     `json:"components,omitempty"`
	Attachments     []Attachment              `json:"attachments,omitempty"`
	AllowedMentions AllowedMentions           `json:"allowed_mentions"`
	Nonce           string                    `json:"nonce,omitempty"`
	EnforceNonce    bool                      `json:"enforce_nonce,omitempty"`
	Reference       *Reference                `json:"message_reference,omitempty"`
	Flags           int                       `json:"flags,omitempty"`

	file []byte // of the attachment
}

// AllowedMentions lists who may be mentioned. Parse is always sent: where it
// is absent Discord lets a bot mention everyone.
type AllowedMentions struct {
	Parse []string `json:"parse"`
	Roles []string `json:"roles,omitempty"`
}

// mention has a message notify one role, beyond what its embed can do. An edit
// of it keeps the words and notifies nobody.
func (m *Message) mention(role string) {
	if isSnowflake(role) {
		m.Content, m.AllowedMentions.Roles = "<@&"+role+">", []string{role}
	}
}

// A Reference makes a message the answer to another.
type Reference struct {
	MessageID       string `json:"message_id"`
	FailIfNotExists bool   `json:"fail_if_not_exists"`
}

// A Row is one line of buttons.
type Row struct {
	Type       int      `json:"type"` // 1, an action row
	Components []Button `json:"components"`
}

// A Button asks a command (CustomID) or opens a page (URL).
type Button struct {
	Type     int    `json:"type"`  // 2
	Style    int    `json:"style"` // 1 primary, 2 secondary, 5 link
	Label    string `json:"label"`
	CustomID string `json:"custom_id,omitempty"`
	URL      string `json:"url,omitempty"`
}

const (
	typeRow        = 1
	typeButton     = 2
	stylePrimary   = 1
	styleSecondary = 2
	styleLink      = 5
)

// The colours of the bar beside an embed, by tone.
var colours = map[bot.Tone]int{
	bot.Plain:    0x5865f2,
	bot.Low:      0x80848e,
	bot.Medium:   0x3498db,
	bot.High:     0xe67e22,
	bot.Critical: 0xe74c3c,
	bot.Mistake:  0xf1c40f,
	bot.Failure:  0x992d22,
}

// Render draws a card as one embed with its buttons. key marks the message so
// that Find knows it again and Discord refuses a second one; it is "" for
// answers. Whatever the card holds, the result is within every limit, and no
// text in it mentions, formats or links beyond what Render itself sets.
func Render(c bot.Card, key string) Message {
	e := &discordgo.MessageEmbed{
		Title: markdown(c.Title, titleMax),
		Color: colours[c.Tone],
	}
	if e.Title != "" {
		e.URL = webURL(c.URL, urlMax)
	}
	var m Message
	if u := cmp.Or(m.attach(c.Picture), webURL(c.Image, urlMax)); u != "" {
		e.Image = &discordgo.MessageEmbedImage{URL: u}
	}
	rows, marked := components(c.Buttons, key)
	left := embedMax - length(e.Title)

	mark := ""
	if key != "" && !marked {
		mark = footerMark + key
	}
	if text := footer(c.Footer, mark); text != "" {
		e.Footer = &discordgo.MessageEmbedFooter{Text: text}
		left -= length(text)
	}
	// Half of what is left is kept for the description.
	e.Fields = fields(c, left/2)
	for _, f := range e.Fields {
		left -= length(f.Name) + length(f.Value)
	}
	e.Description = description(c, min(descriptionMax, left))
	if e.Title == "" && e.Description == "" && len(e.Fields) == 0 && e.Image == nil {
		e.Description = ellipsis // Discord refuses an empty message
	}
	m.Embeds, m.Components, m.AllowedMentions = []*discordgo.MessageEmbed{e}, rows, AllowedMentions{Parse: []string{}}
	if key != "" && len(key) <= nonceMax {
		m.Nonce, m.EnforceNonce = key, true
	}
	return m
}

// footerMark stands before the key in the footer of a message without command buttons.
const footerMark = "ref "

func footer(text, mark string) string {
	if mark == "" {
		return plain(text, footerMax)
	}
	const between = " · "
	if text = plain(text, footerMax-length(between+mark)); text == "" {
		return mark
	}
	return text + between + mark
}

// shortFact is the length up to which facts stand beside each other.
const shortFact = 40

// fields shows facts in at most n characters.
func fields(c bot.Card, n int) []*discordgo.MessageEmbedField {
	var out []*discordgo.MessageEmbedField
	add := func(name, value string, inline bool) {
		if name = markdown(name, fieldNameMax); name == "" {
			name = zeroWidth // Discord refuses a field without a name
		}
		room := n - length(name)
		if value == "" || len(out) == fieldsMax || room < shortFact && room < length(value) {
			return
		}
		f := &discordgo.MessageEmbedField{Name: name, Value: markdown(value, min(fieldValueMax, room)), Inline: inline}
		if f.Value == "" {
			return
		}
		out = append(out, f)
		n -= length(f.Name) + length(f.Value)
	}
	for _, f := range c.Facts {
		add(f.Label, f.Value, length(f.Value) <= shortFact)
	}
	return out
}

// barCells is how many blocks a full meter has.
const barCells = 10

// bar draws a meter of 1 to 100 percent, "" for none.
func bar(percent int) string {
	if percent <= 0 {
		return ""
	}
	full := (min(percent, 100)*barCells + 50) / 100
	return strings.Repeat("▰", full) + strings.Repeat("▱", barCells-full)
}

// textShare is how much of the description the text may fill before sections.
const textShare = 2500

// badges shows badges as a line of small print, which stands above the text:
// as fields Discord would draw them below everything else.
func badges(c bot.Card) string {
	var shown []string
	for _, b := range c.Badges {
		name, value := markdown(b.Label, badgeMax), markdown(b.Value, badgeMax)
		if value != "" {
			value = "**" + value + "**"
		}
		if s := strings.Join(strings.Fields(name+" "+value+" "+bar(b.Meter)), " "); s != "" && len(shown) < badgesMax {
			shown = append(shown, s)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	return "-# " + strings.Join(shown, " · ")
}

const (
	badgeMax  = 60
	badgesMax = 4
)

// description shows badges, the text and the sections in at most n characters.
// Lines that do not fit are counted at the end.
func description(c bot.Card, n int) string {
	d := badges(c)
	if length(d) > n {
		d = ""
	}
	share := n
	if len(c.Sections) > 0 {
		share = min(n, textShare)
	}
	if text := paragraphs(c.Text, max(0, share-length(d)-1)); d == "" {
		d = text
	} else if text != "" {
		d += "\n" + text
	}
	var entries []string
	for _, s := range c.Sections {
		heading := "\n" // a list stands off from what is above it
		if title := markdown(s.Title, fieldNameMax); title != "" {
			heading = "\n**" + title + "**\n"
		}
		for _, l := range s.Lines {
			if entry := line(l); entry != "" {
				// The heading goes with its first entry, or not at all.
				entries = append(entries, heading+entry)
				heading = ""
			}
		}
	}
	for i, entry := range entries {
		if d == "" {
			entry = strings.TrimPrefix(entry, "\n")
		} else {
			entry = "\n" + entry
		}
		room := n - length(d)
		if i < len(entries)-1 {
			room -= moreRoom
		}
		if length(entry) > room {
			if more := "\n" + c.Lang.T("… and %d more that do not fit here", len(entries)-i); length(d)+length(more) <= n {
				d += more
			}
			return d
		}
		d += entry
	}
	return d
}

// moreRoom is kept free for the line that counts what did not fit.
const moreRoom = 52

const (
	entryMax  = 700 // of a line's text with its address, so that a list shows several
	noteMax   = 150
	detailMax = 600
	markMax   = 10
)

// line shows one entry of a list, "" for an empty one.
func line(l bot.Line) string {
	text := link(l.Text, l.URL, entryMax)
	if text == "" {
		text = markdown(l.URL, entryMax)
	}
	if id, err := channelID(l.Channel); err == nil {
		text = "<#" + id + ">"
	}
	note, detail := markdown(l.Note, noteMax), markdown(l.Detail, detailMax)
	if text == "" {
		text, note = note, ""
	}
	if text == "" {
		text, detail = detail, ""
	}
	if text == "" {
		return ""
	}
	out, under := "- "+text, "\n  "
	if mark := markdown(l.Mark, markMax); mark != "" {
		out, under = "**"+mark+".** "+text, "\n"
	}
	if note != "" {
		out += " · " + note
	}
	if detail != "" {
		out += under + detail
	}
	return out
}

// components draws buttons in rows and reports whether one of them carries key.
func components(buttons []bot.Button, key string) (rows []Row, marked bool) {
	used := map[string]bool{}
	for _, b := range buttons {
		d := Button{Type: typeButton, Style: styleSecondary, Label: plain(b.Label, labelMax)}
		switch {
		case d.Label == "":
			continue
		case b.Line != "":
			if d.CustomID = customID(key, b.Line); d.CustomID == "" || used[d.CustomID] {
				continue
			}
			used[d.CustomID] = true
			if b.Accent {
				d.Style = stylePrimary
			}
		default:
			d.Style = styleLink
			if d.URL = webURL(b.URL, buttonURL); d.URL == "" {
				continue
			}
		}
		if n := len(rows); n == 0 || len(rows[n-1].Components) == rowMax {
			if n == rowsMax {
				break
			}
			rows = append(rows, Row{Type: typeRow})
		}
		last := &rows[len(rows)-1]
		last.Components = append(last.Components, d)
		marked = marked || d.CustomID != "" && key != ""
	}
	return rows, marked
}

// customPrefix marks and dates the form of our custom ids:
// "nd1:" delivery key ":" words of a command.
const customPrefix = "nd1:"

// customID returns what a button sends back, "" where it would be too long:
// a shortened command is another command.
func customID(key, line string) string {
	id := customPrefix + key + ":" + bot.Clean(line, false, customIDMax)
	if length(id) > customIDMax {
		return ""
	}
	return id
}

// ButtonLine returns the words of the command that a button's custom_id asks,
// as after /news; ok is false where the button is none of ours.
func ButtonLine(customID string) (line string, ok bool) {
	_, line, ok = splitCustomID(customID)
	return line, ok
}

func splitCustomID(id string) (key, line string, ok bool) {
	rest, ok := strings.CutPrefix(id, customPrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}
