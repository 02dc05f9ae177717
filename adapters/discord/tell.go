package discord

import (
	"context"
	"fmt"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// guildsMax bounds the channels whose server is remembered.
const guildsMax = 10_000

// remember notes the server of a channel: a channel that the bot cannot see
// any more does not tell it.
func (p *Platform) remember(c discordgo.Channel) {
	if c.GuildID == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.guilds == nil || len(p.guilds) >= guildsMax {
		p.guilds = map[string]string{}
	}
	p.guilds[c.ID] = c.GuildID
}

// guild returns the server of a channel, from memory or from Discord.
func (p *Platform) guild(ctx context.Context, channel string) (string, error) {
	p.mu.Lock()
	known := p.guilds[channel]
	p.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var c discordgo.Channel
	if err := p.client.get(ctx, discordgo.EndpointChannel(channel), &c); err != nil {
		return "", fmt.Errorf("the server of discord channel %s: %w", channel, err)
	}
	if c.GuildID == "" {
		return "", fmt.Errorf("discord channel %s is in no server", channel)
	}
	p.remember(c)
	return c.GuildID, nil
}

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
