package discord

import (
	"context"
	"fmt"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// Tell sends card to the owner of the channel's server as a direct message.
// Discord tells a bot of nobody else who manages a channel that the bot may
// not see. An owner who takes no direct messages is an error.
func (p *Platform) Tell(ctx context.Context, c bot.Channel, card bot.Card) error {
	id, err := channelID(c)
	if err != nil {
		return err
	}
	server, err := p.guild(ctx, id)
	if err != nil {
		return err
	}
	var g discordgo.Guild
	if err := p.client.get(ctx, discordgo.EndpointGuild(server), &g); err != nil {
		return fmt.Errorf("the owner of discord server %s: %w", server, err)
	}
	// The key makes one of two that are sent on the same day.
	key := bot.DeliveryID(c, "tell", time.Now().UTC().Format(time.DateOnly)+" "+card.Title)
	if _, err := p.Post(ctx, bot.Post{Key: key, Channel: bot.Person(platformName, g.OwnerID), Card: p.spoken(card)}); err != nil {
		return fmt.Errorf("a direct message to the owner of discord server %s: %w", server, err)
	}
	return nil
}
