package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// directMax bounds the persons whose channel is remembered.
const directMax = 10_000

// place returns Slack's own id of a channel, which is opened where it is a
// person's direct messages. Its error is definite: nothing was posted.
func (p *workspace) place(ctx context.Context, c bot.Channel) (string, error) {
	user, ok := c.Person()
	if !ok {
		return channelID(c)
	}
	if c.Platform() != platformName || !isUser(user) {
		return "", &bot.SendError{
			Outcome: bot.Suspended,
			Reason:  fmt.Sprintf("%q is nobody on Slack: want slack:@ and the member ID of the person's profile, such as U0123456789", c),
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

// open asks Slack for the channel of direct messages with a person, which is
// the same one each time: docs.slack.dev/reference/methods/conversations.open.
func (p *workspace) open(ctx context.Context, user string) (string, error) {
	var direct *slack.Channel
	err := p.client.call(ctx, methodDirect, func(ctx context.Context) (err error) {
		direct, _, _, err = p.client.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
		return err
	})
	if err == nil && (direct == nil || direct.ID == "") {
		err = errors.New("slack: the answer names no channel")
	}
	if err == nil {
		return direct.ID, nil
	}
	e, definite := asSendError(err)
	switch {
	case !definite:
		return "", &bot.SendError{Outcome: bot.Throttled, RetryAfter: busyWait, Reason: "the person's direct messages could not be opened", Err: err}
	case hasCode(err, "missing_scope", "no_scope"):
		// Without it the channels go on.
		return "", &bot.SendError{Outcome: bot.Suspended, Reason: "the app lacks the scope im:write: install it again with what newsdesk manifest slack prints", Err: e.Err}
	case e.Outcome == bot.Rejected: // by whom it is for, not by what the message is
		return "", &bot.SendError{Outcome: bot.Suspended, Reason: "Slack lets the bot send this person no direct messages", Err: e.Err}
	}
	return "", err
}

// isUser reports whether s is an id of a person: U, or W in an organisation.
func isUser(s string) bool {
	return len(s) >= 2 && len(s) <= 32 && (s[0] == 'U' || s[0] == 'W') && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
