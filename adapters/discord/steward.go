package discord

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

var _ bot.Steward = (*Platform)(nil)

// Called is the name of a channel, with its #.
func (p *Platform) Called(ctx context.Context, c bot.Channel) (string, error) {
	id, err := channelID(c)
	if err != nil {
		return "", err
	}
	var channel discordgo.Channel
	if err := p.client.get(ctx, discordgo.EndpointChannel(id), &channel); err != nil {
		return "", err
	}
	return "#" + channel.Name, nil
}

// Manages reports whether a person sees the channel and has Manage Server: what
// an interaction there would say of them. An interaction elsewhere, as in a
// direct message, says nothing of it, so that Discord is asked.
func (p *Platform) Manages(ctx context.Context, c bot.Channel, user string) (ok bool, why string) {
	id, err := channelID(c)
	if err != nil || !isSnowflake(user) {
		return false, ""
	}
	a, err := p.accessOf(ctx, id, user)
	switch {
	case hasCode(err, codeUnknownMember):
		return false, ""
	case err != nil:
		p.Logger.Warn("discord does not tell who manages a channel, so that somebody is refused", "channel", c, "err", err)
		if e, definite := asSendError(err); definite && e.Reason != "" {
			return false, inWords(err)
		}
		return false, "Discord does not answer: try again in a minute"
	}
	return a.channel.GuildID != "" && a.permissions&managing != 0, ""
}
