package slack

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// sections shows lists, several entries to a block. Entries that do not fit
// are counted at the end.
func (b *builder) sections(l bot.Lang, sections []bot.Section) []slack.Block {
	const overhead = 120 // of a block around its text, and of the last line
	var entries []string
	for i, s := range sections {
		heading := ""
		if title := text(s.Title, mrkdwn, badgeMax); title != "" {
			heading = "*" + title + "*\n"
		}
		if i > 0 {
			heading = "\n" + heading
		}
		airy := slices.ContainsFunc(s.Lines, func(l bot.Line) bool { return length(l.Detail) > shortDetail })
		for _, line := range s.Lines {
			if e := entry(line, airy); e != "" {
				// The heading goes with its first entry, or not at all.
				entries = append(entries, heading+e)
				heading = ""
			}
		}
	}
	var blocks []slack.Block
	body := ""
	flush := func() {
		if body = strings.Trim(body, "\n"); body != "" {
			blocks = append(blocks, b.keep(slack.NewSectionBlock(mrkdwnObject(body), nil, nil))...)
		}
		body = ""
	}
	for i, e := range entries {
		if length(body)+length(e)+2 > sectionMax-moreRoom || strings.HasPrefix(e, "\n") {
			flush()
		}
		if b.slots < 2 || length(body)+length(e) > b.left-idRoom-2*overhead-moreRoom {
			body += "\n" + l.T("… and %d more that do not fit here", len(entries)-i)
			break
		}
		body += "\n" + strings.TrimPrefix(e, "\n")
	}
	flush()
	return blocks
}

// moreRoom is kept free for the line that counts what did not fit.
const moreRoom = 56

// shortDetail is the length up to which a detail stands on one line, indented
// below its entry. Slack has no hanging indents: longer ones are set flush, with
// an empty line after each entry of their list.
const shortDetail = 80

// entry shows one line of a list, "" for an empty one; with an empty line below
// it where the list is airy.
func entry(l bot.Line, airy bool) string {
	head := link(l.Text, l.URL, entryMax)
	if head == "" {
		head = text(l.URL, mrkdwn, entryMax)
	}
	if id, err := channelID(l.Channel); err == nil {
		head = "<#" + id + ">"
	}
	note, detail := text(l.Note, mrkdwn, noteMax), text(l.Detail, mrkdwn, detailMax)
	if head = joined(" · ", head, note); head == "" {
		head, detail = detail, ""
	}
	if head == "" {
		return ""
	}
	switch {
	case detail != "" && length(detail) <= shortDetail && !airy:
		detail = "\n    " + detail
	case detail != "":
		detail = "\n" + detail
	}
	if airy {
		detail += "\n"
	}
	if mark := text(l.Mark, mrkdwn, markMax); mark != "" {
		return "*" + mark + ".* " + head + detail
	}
	return "• " + head + detail
}

// fallback tells the card in words.
func fallback(c bot.Card) string {
	lines := []string{c.Title}
	var badges []string
	for _, b := range c.Badges {
		badges = append(badges, joined(" ", b.Label, b.Value))
	}
	lines = append(lines, joined(" · ", badges...), c.Text)
	for _, s := range c.Sections {
		lines = append(lines, s.Title)
		for _, l := range s.Lines {
			lines = append(lines, joined(" · ", l.Text, l.Note))
		}
	}
	var parts []string
	for _, l := range lines {
		one := escape(bot.Clean(l, false, textMax), mrkdwn)
		if len(one) == 0 {
			continue
		}
		if len(parts) > 0 {
			parts = append(parts, "\n")
		}
		if parts = append(parts, one...); len(parts) > textMax {
			break
		}
	}
	if len(parts) == 0 {
		return ellipsis
	}
	return fit(parts, textMax)
}
