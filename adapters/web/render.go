package web

import (
	"encoding/json"
	"fmt"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
)

// render renders a card for both platforms and reads what would be sent, as
// their servers would. key is the delivery's, or "" for an answer.
func render(c bot.Card, key string) (d discordMessage, s slackMessage, err error) {
	payload, err := json.Marshal(discord.Render(c, key))
	if err != nil {
		return d, s, fmt.Errorf("render for discord: %w", err)
	}
	if d, err = readDiscord(payload, discord.ButtonLine); err != nil {
		return d, s, err
	}
	if payload, err = json.Marshal(slack.Render(c, key)); err != nil {
		return d, s, fmt.Errorf("render for slack: %w", err)
	}
	s, err = readSlack(payload, slack.ButtonLine, slack.MenuOption)
	return d, s, err
}
