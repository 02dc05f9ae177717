package discord

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

const (
	// deferAfter is when an answer is announced that is not there yet; Discord
	// waits three seconds for the first sign.
	deferAfter = 1500 * time.Millisecond
	// firstSign is until when Discord takes it.
	firstSign = 3 * time.Second
	// answerTime is until when Discord takes the answer itself, with a margin:
	// discord.com/developers/docs/interactions/receiving-and-responding#followup-messages.
	answerTime = 14 * time.Minute
)

// Types of an answer and its flag:
// discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object.
const (
	answerMessage = 4
	answerLater   = 5
	answerChoices = 8
	ephemeral     = 64 // only the person who asked sees it
)

// A callback is the first answer to an interaction.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// answer handles one interaction that was received at a given time.
func (p *Platform) answer(ctx context.Context, h bot.Handler, i *discordgo.Interaction, received time.Time) {
	ctx, cancel := context.WithDeadline(ctx, received.Add(answerTime))
	defer cancel()
	log := p.Logger.With("interaction", i.ID, "channel", i.ChannelID)
	if i.Type == discordgo.InteractionApplicationCommandAutocomplete {
		// It has to be answered, or the person sees an error.
		_ = p.callback(ctx, i, callback{Type: answerChoices, Data: map[string][]any{"choices": {}}}, received)
		return
	}
	inv, ok := invocation(i)
	if !ok {
		log.Warn("discord sent an interaction of an unknown kind", "type", int(i.Type))
		return
	}
	type result struct {
		reply bot.Reply
		ok    bool
	}
	done := make(chan result, 1)
	finished := make(chan struct{})
	defer func() { <-finished }()
	go func() {
		defer close(finished)
		r, ok := h.Handle(ctx, inv)
		done <- result{r, ok}
	}()
	timer := time.NewTimer(time.Until(received.Add(deferAfter)))
	defer timer.Stop()
	var r result
	var err error
	select {
	case r = <-done:
		if !r.ok {
			return
		}
		m := Render(r.reply.Card, "")
		if r.reply.Private {
			m.Flags = ephemeral
		}
		err = p.callback(ctx, i, callback{Type: answerMessage, Data: m}, received)
	case <-timer.C:
		// Whether the answer is private is not known yet, and cannot be
		// changed later.
		if err = p.callback(ctx, i, callback{Type: answerLater, Data: map[string]int{"flags": ephemeral}}, received); err != nil {
			cancel()
			break
		}
		if r = <-done; r.ok {
			err = p.original(ctx, i, http.MethodPatch, editOf(Render(r.reply.Card, "")))
		} else {
			err = p.original(ctx, i, http.MethodDelete, nil)
		}
	}
	switch {
	case hasCode(err, codeUnknownInteraction, codeAlreadyAnswered, codeUnknownWebhook, codeWebhookToken):
		log.Info("the interaction was answered elsewhere, or too late", "err", err)
	case err != nil:
		log.Error("the answer did not reach discord", "err", err)
	}
}

// callback sends the first answer, again while there is time where no answer
// comes back: a second one is refused as a duplicate, which is as good.
func (p *Platform) callback(ctx context.Context, i *discordgo.Interaction, c callback, received time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, received.Add(firstSign))
	defer cancel()
	r := request{method: http.MethodPost, endpoint: discordgo.EndpointInteractionResponse(i.ID, i.Token), body: c, unlimited: true}
	for tried := false; ; tried = true {
		_, err := p.client.do(ctx, r)
		switch {
		case err == nil:
			return nil
		case tried && hasCode(err, codeUnknownInteraction, codeAlreadyAnswered):
			return nil
		case definite(err) || sleep(ctx, again) != nil:
			return err
		}
	}
}

const (
	again = 300 * time.Millisecond // between attempts at an answer
	// originalTries bounds the attempts at a later answer; repeating one is harmless.
	originalTries = 4
)

// original edits or deletes the announced answer.
func (p *Platform) original(ctx context.Context, i *discordgo.Interaction, method string, body any) error {
	r := request{method: method, endpoint: discordgo.EndpointWebhookMessage(i.AppID, i.Token, "@original"), body: body, unlimited: true, patience: findPatience}
	for tries := 1; ; tries++ {
		_, err := p.client.do(ctx, r)
		if err == nil || definite(err) || tries == originalTries || sleep(ctx, time.Duration(tries)*again) != nil {
			return err
		}
	}
}

// definite reports whether asking again would change nothing.
func definite(err error) bool {
	e, ok := asSendError(err)
	return ok && e.Outcome != bot.Throttled
}

// invocation reads a command or a pressed button; ok is false for anything else.
func invocation(i *discordgo.Interaction) (inv bot.Invocation, ok bool) {
	inv = bot.Invocation{
		ID: i.ID, Channel: bot.Channel(platformName + ":" + i.ChannelID), Space: i.GuildID, Locale: string(i.Locale),
	}
	switch {
	case i.Member != nil && i.Member.User != nil:
		inv.User = i.Member.User.ID
		inv.Manager = i.Member.Permissions&(discordgo.PermissionAdministrator|discordgo.PermissionManageGuild|discordgo.PermissionManageChannels) != 0
	case i.User != nil:
		inv.User = i.User.ID
		inv.Manager = i.GuildID == "" // a direct message is the person's own
	}
	switch data := i.Data.(type) {
	case discordgo.ApplicationCommandInteractionData:
		given := data.Options
		if data.Name == deskCommand {
			if len(given) != 1 || given[0].Type != discordgo.ApplicationCommandOptionSubCommand {
				return inv, false
			}
			inv.Call.Command, given = given[0].Name, given[0].Options
		}
		inv.Call.Options = values(given)
		return inv, true
	case discordgo.MessageComponentInteractionData:
		inv.Line, ok = ButtonLine(data.CustomID)
		return inv, ok
	}
	return inv, false
}

// values reads options as the words a person would type.
func values(options []*discordgo.ApplicationCommandInteractionDataOption) map[string]string {
	if len(options) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, o := range options {
		switch v := o.Value.(type) {
		case string:
			out[o.Name] = strings.TrimSpace(v)
		case float64:
			out[o.Name] = strconv.FormatFloat(v, 'f', -1, 64)
		case nil:
		default:
			out[o.Name] = fmt.Sprint(v)
		}
	}
	return out
}
