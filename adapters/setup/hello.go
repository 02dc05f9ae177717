package setup

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"newsdesk/bot"
)

// lookBack is how far back a channel is searched for an earlier hello that the
// file does not know of, as where it was lost.
const lookBack = 24 * time.Hour

// hello greets a channel that was not greeted before. An answer that is lost is
// looked for by the next run, and not repeated by this one.
func (t *talk) hello(c bot.Channel) error {
	if slices.Contains(t.file.greeted, c) {
		t.say("%s has had its hello.", c)
		return nil
	}
	var p bot.Platform = t.discord
	if c.Platform() != "discord" {
		p = t.slack
	}
	post := bot.Post{Key: bot.DeliveryID(c, "hello", ""), Channel: c, Card: bot.Card{
		Title: "Newsdesk is here", Text: "Stories of the AI industry come to this channel, each once, with their impact and where they come from. /news asks for them at any time.",
	}}
	_, found, err := p.Find(t.ctx, post, t.Now().Add(-lookBack))
	switch {
	case err == nil && found:
		t.say("%s has had its hello.", c)
		return t.note(c)
	case err != nil && !errors.Is(err, bot.ErrBlind):
		t.say("%s: whether it has had its hello cannot be told, so none is posted: %s", c, inWords(err))
		return fmt.Errorf("%s: no hello: %s", c, inWords(err))
	}
	if _, err := p.Post(t.ctx, post); err != nil {
		t.say("%s: the hello was not confirmed: %s", c, inWords(err))
		return fmt.Errorf("%s: no hello", c)
	}
	t.say("A hello stands in %s.", c)
	return t.note(c)
}

// inWords is the reason of a refusal, or the error.
func inWords(err error) string {
	var refused *bot.SendError
	if errors.As(err, &refused) && refused.Reason != "" {
		return refused.Reason
	}
	return err.Error()
}
