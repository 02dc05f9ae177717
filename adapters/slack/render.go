package slack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// Limits of a message. Slack counts characters; see length for how they are
// counted here.
const (
	// docs.slack.dev/reference/block-kit/blocks
	blocksMax  = 50
	blockIDMax = 255
	// docs.slack.dev/reference/block-kit/blocks/section-block
	sectionMax = 3000
	fieldsMax  = 10
	fieldMax   = 2000
	// docs.slack.dev/reference/block-kit/blocks/header-block
	headerMax = 150
	// docs.slack.dev/reference/block-kit/blocks/context-block
	contextMax = 10
	// docs.slack.dev/reference/block-kit/blocks/actions-block
	actionsMax = 25
	// docs.slack.dev/reference/block-kit/block-elements/button-element
	buttonMax    = 75
	buttonValue  = 2000
	buttonURLMax = 3000
	// docs.slack.dev/reference/block-kit/blocks/image-block
	imageURLMax = 3000
	altMax      = 2000
	// docs.slack.dev/reference/methods/chat.postMessage and chat.update, which
	// refuses a longer text
	textMax = 4000
	// github.com/slackapi/bolt-js/issues/2509: msg_blocks_too_long comes at
	// about 13,200 characters, the blocks' own included, and is documented
	// nowhere. Counted here over the JSON of all blocks.
	blocksTotal = 12000
)

// How much of the total the parts may take at most.
const (
	titleMax    = 300  // of a linked title, without its address
	badgeMax    = 200  // of one badge
	footerMax   = 500  //
	buttonsPart = 5000 // of all buttons' JSON
	factMax     = 600  // of one fact
	entryMax    = 900  // of a line's text with its address, so that a list shows several
	noteMax     = 150
	detailMax   = 600
	markMax     = 10
)

// A Message is what chat.postMessage takes beside the channel:
// docs.slack.dev/reference/methods/chat.postMessage.
type Message struct {
	// Text is what notifications and screen readers have.
	Text     string               `json:"text"`
	Blocks   []slack.Block        `json:"blocks"`
	Metadata *slack.SlackMetadata `json:"metadata,omitempty"`
	// A card says all there is to say about its links.
	UnfurlLinks bool `json:"unfurl_links"`
	UnfurlMedia bool `json:"unfurl_media"`
}

const (
	// eventType names our metadata, which every app and member of the
	// workspace may read: it holds the key alone.
	eventType  = "newsdesk_delivery"
	payloadKey = "key"
	// idPrefix marks and dates the form of our block and action ids.
	// A block id is idPrefix key ":" a sum of the message's content.
	idPrefix = "nd1:"
)

// marks show the tone, as Slack colours no blocks.
var marks = map[bot.Tone]string{
	bot.Medium:   "🔵 ",
	bot.High:     "🟠 ",
	bot.Critical: "🔴 ",
	bot.Mistake:  "⚠️ ",
	bot.Failure:  "❗ ",
}

// Render draws a card as blocks. key marks the message so that Find knows it
// again; it is "" for answers. Whatever the card holds, the result is within
// every limit, and no text in it mentions, formats or links beyond what
// Render itself sets.
func Render(c bot.Card, key string) Message { return RenderWith(c, key, "") }

// RenderWith draws a card whose picture was uploaded as file. Without a file
// its words stand where it would be.
func RenderWith(c bot.Card, key, file string) Message {
	b := builder{left: blocksTotal - len("[]"), slots: blocksMax}
	blocks := b.card(c, file)
	if len(blocks) == 0 {
		blocks = []slack.Block{plainSection(ellipsis, nil)} // Slack refuses an empty message
	}
	m := Message{Text: fallback(c), Blocks: blocks}
	if key != "" {
		m.mark(key)
	}
	return m
}

// card draws a card in what is left.
func (b *builder) card(c bot.Card, file string) []slack.Block {
	if c.Picture != nil {
		c.Image = ""
	}
	// What a card cannot do without is given its room first, and its place last.
	title := b.keep(titleBlock(c))
	buttons := b.keep(actions(c))
	footer := b.keep(footerBlock(c.Footer))
	picture := b.keep(pictureBlock(c.Picture, file))
	badges := b.keep(badgesBlock(c.Badges))

	blocks := slices.Concat(title, badges)
	blocks = append(blocks, b.keep(textBlock(c, b.left))...)
	blocks = append(blocks, picture...)
	for _, facts := range factBlocks(c.Facts) {
		blocks = append(blocks, b.keep(facts)...)
	}
	blocks = append(blocks, b.sections(c.Lang, c.Sections)...)
	return slices.Concat(blocks, buttons, footer)
}

// mark writes the delivery's key into the metadata and a block's id. The id
// changes with the content, as Slack asks of messages that are updated.
func (m *Message) mark(key string) {
	m.Metadata = &slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{payloadKey: key}}
	sum := sha256.Sum256(encode(m.Blocks))
	id := idPrefix + key + ":" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	if len(id) > blockIDMax {
		return
	}
	switch b := m.Blocks[0].(type) {
	case *slack.SectionBlock:
		b.BlockID = id
	case *slack.HeaderBlock:
		b.BlockID = id
	case *slack.ContextBlock:
		b.BlockID = id
	case *slack.ActionBlock:
		b.BlockID = id
	case *slack.ImageBlock:
		b.BlockID = id
	case *slack.DividerBlock:
		b.BlockID = id
	}
}

// keyOf returns the delivery key within a block's id.
func keyOf(blockID string) (string, bool) {
	rest, ok := strings.CutPrefix(blockID, idPrefix)
	if !ok {
		return "", false
	}
	key, _, ok := strings.Cut(rest, ":")
	return key, ok && key != ""
}

// A builder gives out what is left of a message's limits.
type builder struct {
	left, slots int
}

// idRoom is kept for the id that mark writes into one block.
const idRoom = 64

// keep takes the block's size from what is left and returns it, or nothing
// where it is nil or does not fit.
func (b *builder) keep(block slack.Block) []slack.Block {
	if block == nil || b.slots == 0 {
		return nil
	}
	n := size(block) + 1
	if n > b.left-idRoom {
		return nil
	}
	b.left -= n
	b.slots--
	return []slack.Block{block}
}

// encode writes v as JSON without more escapes than JSON needs.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("slack: blocks of our own making: %v", err))
	}
	return bytes.TrimSpace(buf.Bytes())
}

// size counts the characters of v's JSON.
func size(v any) int {
	n := 0
	for _, r := range string(encode(v)) {
		n += utf16.RuneLen(r)
	}
	return n
}

func plainObject(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// mrkdwnObject is verbatim: Slack links no address or name in it by itself.
func mrkdwnObject(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

func plainSection(s string, accessory *slack.Accessory) *slack.SectionBlock {
	return slack.NewSectionBlock(plainObject(s), nil, accessory)
}

// titleBlock is the card's first line: a link where it has an address, as a
// header holds none.
func titleBlock(c bot.Card) slack.Block {
	mark := marks[c.Tone]
	if u := entities.Replace(webURL(c.URL, linkURLMax)); u != "" {
		if title := text(c.Title, label, titleMax); title != "" {
			return slack.NewSectionBlock(mrkdwnObject(mark+"*<"+u+"|"+title+">*"), nil, nil)
		}
	}
	if title := text(c.Title, plainText, headerMax-length(mark)); title != "" {
		return slack.NewHeaderBlock(plainObject(mark + title))
	}
	return nil
}

func footerBlock(s string) slack.Block {
	if s = text(s, plainText, footerMax); s == "" {
		return nil
	}
	return slack.NewContextBlock("", plainObject(s))
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

func badgesBlock(badges []bot.Badge) slack.Block {
	var elements []slack.MixedElement
	for _, b := range badges {
		name, value := text(b.Label, mrkdwn, badgeMax), text(b.Value, mrkdwn, badgeMax)
		if value != "" {
			value = "*" + value + "*"
		}
		if s := joined(" ", name, value, bar(b.Meter)); s != "" && len(elements) < contextMax {
			elements = append(elements, mrkdwnObject(s))
		}
	}
	if len(elements) == 0 {
		return nil
	}
	return slack.NewContextBlock("", elements...)
}

// textBlock shows the card's text in at most n characters, the picture beside
// it. Without a text the picture stands alone.
func textBlock(c bot.Card, n int) slack.Block {
	alt := text(c.Title, plainText, headerMax)
	if alt == "" {
		alt = "picture"
	}
	var picture *slack.ImageBlockElement
	if u := webURL(c.Image, imageURLMax); u != "" && length(u)*2 < n {
		picture = slack.NewImageBlockElement(u, alt)
		n -= length(u) + length(alt)
	}
	const overhead = 250
	s := paragraphs(c.Text, plainText, min(sectionMax, n-overhead))
	switch {
	case s == "" && picture == nil:
		return nil
	case s == "":
		return slack.NewImageBlock(*picture.ImageURL, alt, "", nil)
	case picture == nil:
		return plainSection(s, nil)
	}
	return plainSection(s, slack.NewAccessory(picture))
}

// shortFact is the length up to which facts stand beside each other: fields
// have half the width.
const shortFact = 60

// factBlocks shows facts in their order, short ones in two columns, long ones
// over the whole width.
func factBlocks(facts []bot.Fact) []slack.Block {
	var blocks []slack.Block
	var fields []*slack.TextBlockObject
	flush := func() {
		switch len(fields) {
		case 0:
		case 1: // half of the width would stay empty
			blocks = append(blocks, slack.NewSectionBlock(fields[0], nil, nil))
		default:
			blocks = append(blocks, slack.NewSectionBlock(nil, fields, nil))
		}
		fields = nil
	}
	for _, f := range facts {
		value := text(f.Value, mrkdwn, factMax)
		if value == "" {
			continue
		}
		long := length(value) > shortFact
		if name := text(f.Label, mrkdwn, badgeMax); name != "" {
			value = "*" + name + "*\n" + value
		}
		if long {
			flush()
			blocks = append(blocks, slack.NewSectionBlock(mrkdwnObject(value), nil, nil))
			continue
		}
		if fields = append(fields, mrkdwnObject(value)); len(fields) == fieldsMax {
			flush()
		}
	}
	flush()
	return blocks
}

// actions draws the buttons and the menu in one block, empty and too long ones
// left out: a shortened command is another command.
func actions(c bot.Card) slack.Block {
	var elements []slack.BlockElement
	used, most := 0, actionsMax
	choices := menu(c.Menu)
	if choices != nil {
		most--
	}
	for i, b := range c.Buttons {
		name := text(b.Label, plainText, buttonMax)
		if name == "" || len(elements) == most {
			continue
		}
		e := slack.NewButtonBlockElement(idPrefix+strconv.Itoa(i), "", plainObject(name))
		switch {
		case b.Line != "":
			e.Value = bot.Clean(b.Line, false, buttonValue)
			if e.Value == "" || length(e.Value) > buttonValue {
				continue
			}
			if b.Accent {
				e.Style = slack.StylePrimary
			}
		default:
			if e.URL = webURL(b.URL, buttonURLMax); e.URL == "" {
				continue
			}
		}
		n := size(e) + 1
		if used+n > buttonsPart {
			continue
		}
		used += n
		elements = append(elements, e)
	}
	if choices != nil {
		elements = append(elements, choices)
	}
	if len(elements) == 0 {
		return nil
	}
	return slack.NewActionBlock("", elements...)
}

// ButtonLine returns the words of the command that a button asks, as after
// /news; ok is false where the button is none of ours or opens a page.
func ButtonLine(actionID, value string) (line string, ok bool) {
	return value, strings.HasPrefix(actionID, idPrefix) && value != ""
}

// joined puts sep between those of parts that are not empty.
func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "" }), sep)
}
