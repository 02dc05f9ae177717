package discord

import (
	"context"
	"net/http"
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
	answerMessage      = 4
	answerLater        = 5
	answerLaterInPlace = 6 // nothing is shown meanwhile
	answerInPlace      = 7
	answerChoices      = 8
	answerForm         = 9  // only as the first answer
	ephemeral          = 64 // only the person who asked sees it
)

// A callback is the first answer to an interaction.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// answer handles one interaction.
func (p *Platform) answer(ctx context.Context, h bot.Handler, q question) {
	ctx, cancel := context.WithDeadline(ctx, q.received.Add(answerTime))
	defer cancel()
	log := p.Logger.With("interaction", q.ID, "channel", q.ChannelID)
	if q.Type == discordgo.InteractionApplicationCommandAutocomplete {
		p.suggest(ctx, h, q)
		return
	}
	inv, ok := invocation(q)
	if !ok {
		log.Warn("discord sent an interaction of an unknown kind", "type", int(q.Type))
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
	timer := time.NewTimer(time.Until(q.received.Add(deferAfter)))
	defer timer.Stop()
	var err error
	select {
	case r := <-done:
		if r.ok {
			err = p.answerNow(ctx, q, r.reply)
		}
	case <-timer.C:
		// An announcement whose answer was lost may stand there, and wait.
		if err = p.announce(ctx, q); definite(err) {
			cancel()
			break
		}
		if r := <-done; r.ok {
			err = p.answerAnnounced(ctx, q, r.reply)
		} else if !q.whispered() {
			err = p.original(ctx, q, http.MethodDelete, nil)
		}
	}
	switch {
	case hasCode(err, codeUnknownInteraction, codeAlreadyAnswered, codeUnknownWebhook, codeWebhookToken):
		log.Info("the interaction was answered elsewhere, or too late", "err", err)
	case err != nil:
		log.Error("the answer did not reach discord", "err", err)
	}
}

// private reports whether only the person may see the answer. One that was to
// take a private message's place is private wherever it stands, and so is one
// in a place that the bot is not in.
func (q question) private(r bot.Reply) bool { return r.Private || r.Replace || q.own }

// answerNow is the first answer where it is there in time.
func (p *Platform) answerNow(ctx context.Context, q question, r bot.Reply) error {
	if r.Form != nil && q.Type != discordgo.InteractionModalSubmit {
		if m, ok := drawForm(*r.Form); ok {
			return p.callback(ctx, q, callback{Type: answerForm, Data: m})
		}
		p.Logger.Warn("discord would not take a form", "title", r.Form.Title)
	}
	m := Render(p.spoken(r.Card), "")
	if r.Replace && q.whispered() {
		return p.callback(ctx, q, callback{Type: answerInPlace, Data: editOf(m)})
	}
	if q.private(r) {
		m.Flags = ephemeral
	}
	return p.callback(ctx, q, callback{Type: answerMessage, Data: m})
}

// announce tells Discord that the answer comes later. Whether it is private is
// not known yet and cannot be changed later, so what is announced is private.
// Nothing is shown for a button of a private message: its answer may take that
// message's place, and only this way can it do so later.
func (p *Platform) announce(ctx context.Context, q question) error {
	if q.whispered() {
		return p.callback(ctx, q, callback{Type: answerLaterInPlace})
	}
	return p.callback(ctx, q, callback{Type: answerLater, Data: map[string]int{"flags": ephemeral}})
}

// answerAnnounced is the answer after announce. One for all to see is a
// message of its own, which Discord takes only once the announcement has been
// edited: until then it would fill the announcement in its place
// (github.com/discord/discord-api-docs/issues/2742), and fail where that was
// deleted (issues/2739). So the announcement becomes the answer first, and goes
// when all can see it.
func (p *Platform) answerAnnounced(ctx context.Context, q question, r bot.Reply) error {
	m := Render(p.spoken(r.Card), "")
	switch {
	case q.whispered() && !r.Replace:
		if r.Private || q.own {
			m.Flags = ephemeral
		}
		return p.followUp(ctx, q, m)
	case q.whispered(), q.private(r):
		return p.original(ctx, q, http.MethodPatch, editOf(m))
	}
	if err := p.original(ctx, q, http.MethodPatch, editOf(m)); err != nil {
		return err
	}
	if err := p.followUp(ctx, q, m); err != nil {
		return err // the person has the answer
	}
	return p.original(ctx, q, http.MethodDelete, nil)
}

// callback sends the first answer, again while there is time where no answer
// comes back: a second one is refused as a duplicate, which is as good.
func (p *Platform) callback(ctx context.Context, q question, c callback) error {
	ctx, cancel := context.WithDeadline(ctx, q.received.Add(firstSign))
	defer cancel()
	r := request{method: http.MethodPost, endpoint: discordgo.EndpointInteractionResponse(q.ID, q.Token), body: c, unlimited: true}
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
	// laterTries bounds the attempts at a later answer.
	laterTries = 4
)

// original edits or deletes the announced answer, or the message whose button
// was pressed. Repeating either is harmless.
func (p *Platform) original(ctx context.Context, q question, method string, body any) error {
	r := request{method: method, endpoint: discordgo.EndpointWebhookMessage(q.AppID, q.Token, "@original"), body: body, unlimited: true, patience: findPatience}
	return p.later(ctx, r, func(err error) bool { return !definite(err) })
}

// followUp sends another answer. It is repeated only where nothing was sent:
// Discord knows no second one again.
func (p *Platform) followUp(ctx context.Context, q question, m Message) error {
	r := request{method: http.MethodPost, endpoint: discordgo.EndpointWebhookToken(q.AppID, q.Token), body: m, unlimited: true, patience: findPatience}
	return p.later(ctx, r, func(err error) bool {
		e, ok := asSendError(err)
		return ok && e.Outcome == bot.Throttled
	})
}

// later makes a request of a later answer, again where that may help.
func (p *Platform) later(ctx context.Context, r request, repeat func(error) bool) error {
	for tries := 1; ; tries++ {
		_, err := p.client.do(ctx, r)
		if err == nil || !repeat(err) || tries == laterTries {
			return err
		}
		wait := time.Duration(tries) * again
		if e, ok := asSendError(err); ok {
			wait = max(wait, e.RetryAfter)
		}
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// definite reports whether asking again would change nothing.
func definite(err error) bool {
	e, ok := asSendError(err)
	return ok && e.Outcome != bot.Throttled
}
