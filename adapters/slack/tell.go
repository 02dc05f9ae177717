package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// creatorsMax bounds the channels whose creator is remembered.
const creatorsMax = 10_000

// remember notes who made a channel: one that the bot cannot see any more does
// not tell it.
func (p *workspace) remember(ch *slack.Channel) {
	if ch.Creator == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.creators == nil || len(p.creators) >= creatorsMax {
		p.creators = map[string]string{}
	}
	p.creators[ch.ID] = ch.Creator
}

// creator returns who made a channel, from memory or from Slack.
func (p *workspace) creator(ctx context.Context, channel string) (string, error) {
	p.mu.Lock()
	known := p.creators[channel]
	p.mu.Unlock()
	if known != "" {
		return known, nil
	}
	ch, err := p.info(ctx, channel)
	if err != nil {
		return "", fmt.Errorf("who made slack channel %s: %w", channel, err)
	}
	if ch.Creator == "" {
		return "", fmt.Errorf("slack does not say who made channel %s", channel)
	}
	return ch.Creator, nil
}

// info asks Slack about a channel.
func (p *workspace) info(ctx context.Context, channel string) (ch *slack.Channel, err error) {
	err = p.client.call(ctx, methodInfo, func(ctx context.Context) (err error) {
		ch, err = p.client.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		return err
	})
	if err == nil {
		p.remember(ch)
	}
	return ch, err
}

// Tell sends card as a direct message to who made the channel: Slack tells a
// bot of nobody else who manages one.
func (p *workspace) Tell(ctx context.Context, c bot.Channel, card bot.Card) error {
	id, err := channelID(c)
	if err != nil {
		return err
	}
	who, err := p.creator(ctx, id)
	if err != nil {
		return err
	}
	key := bot.DeliveryID(c, "tell", time.Now().UTC().Format(time.DateOnly)+" "+card.Title)
	if _, err := p.Post(ctx, bot.Post{Key: key, Channel: bot.Person(p.space, who), Card: card}); err != nil {
		return fmt.Errorf("a direct message to who made slack channel %s: %w", id, err)
	}
	return nil
}
