package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
)

// render renders a card for both platforms and reads what would be sent, as
// their servers would. key is the delivery's, or "" for an answer; private says
// that one person sees it, where Slack shows no pictures.
func render(c bot.Card, key string, private bool) (d discordMessage, s slackMessage, err error) {
	file := ""
	if c.Picture != nil && !private {
		file = drawnFile
	}
	payload, err := json.Marshal(discord.Render(c, key))
	if err != nil {
		return d, s, fmt.Errorf("render for discord: %w", err)
	}
	if d, err = readDiscord(payload, discord.ButtonLine); err != nil {
		return d, s, err
	}
	if payload, err = json.Marshal(slack.RenderWith(c, key, file)); err != nil {
		return d, s, fmt.Errorf("render for slack: %w", err)
	}
	s, err = readSlack(payload, slack.ButtonLine, slack.MenuOption)
	return d, s, err
}

// drawnFile stands for the file that Slack would have of a picture.
const drawnFile = "F0DRAWN"

// dataURL is a picture as an address of its own.
func dataURL(p *bot.Picture) template.URL {
	if p == nil || !bytes.HasPrefix(p.PNG, []byte("\x89PNG\r\n\x1a\n")) {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(p.PNG))
}
