package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// directMax bounds the persons whose channel is remembered.
const directMax = 10_000

// place returns Discord's own id of a channel, which is opened where it is a
// person's direct messages. Its error is definite: nothing was posted.
func (p *Platform) place(ctx context.Context, c bot.Channel) (string, error) {
	user, ok := c.Person()
	if !ok {
		return channelID(c)
	}
	if c.Platform() != platformName || !isSnowflake(user) {
		return "", &bot.SendError{
			Outcome: bot.Suspended,
			Reason:  fmt.Sprintf("%q is nobody on Discord: want discord:@ and the number that Copy User ID gives", c),
		}
	}
	p.mu.Lock()
	id := p.direct[user]
	p.mu.Unlock()
	if id != "" {
		return id, nil
	}
	id, err := p.open(ctx, user)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.direct == nil || len(p.direct) >= directMax {
		p.direct = map[string]string{}
	}
	p.direct[user] = id
	return id, nil
}

// open asks Discord for the channel of direct messages with a person, which is
// the same one each time. Discord blocks a bot that opens many quickly:
// discord.com/developers/docs/resources/user#create-dm.
func (p *Platform) open(ctx context.Context, user string) (string, error) {
	answer, err := p.client.do(ctx, request{
		method: http.MethodPost, endpoint: discordgo.EndpointUserChannels("@me"), route: "POST @me",
		body: map[string]string{"recipient_id": user},
	})
	var direct struct {
		ID string `json:"id"`
	}
	if err == nil {
		if err = json.Unmarshal(answer, &direct); err == nil && direct.ID == "" {
			err = errors.New("the answer names no channel")
		}
	}
	if err == nil {
		return direct.ID, nil
	}
	e, definite := asSendError(err)
	switch {
	case !definite:
		return "", &bot.SendError{Outcome: bot.Throttled, RetryAfter: busyWait, Reason: "the person's direct messages could not be opened", Err: err}
	case e.Outcome == bot.Rejected: // by what the number is, not by what the message is
		return "", &bot.SendError{Outcome: bot.Suspended, Reason: verdicts[codeInvalidRecipient].reason, Err: e.Err}
	}
	return "", err
}

// forget drops the channel of direct messages with a person.
func (p *Platform) forget(c bot.Channel) {
	if user, ok := c.Person(); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.direct, user)
	}
}
