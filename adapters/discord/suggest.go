package discord

import (
	"context"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// suggestWithin is how long choices are waited for, of the three seconds that
// Discord waits for them: they cannot be announced.
const suggestWithin = 1500 * time.Millisecond

// A choice is one that Discord shows while a person types:
// discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure.
type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// choices is what an answer with choices holds.
type choices struct {
	Choices []choice `json:"choices"`
}

// suggest answers an option that a person has not finished: with nothing where
// that fails, or else the person sees an error.
func (p *Platform) suggest(ctx context.Context, h bot.Handler, q question) {
	drawn, wait := choices{Choices: []choice{}}, func() {}
	if t, ok := typing(q); ok {
		var found []bot.Choice
		found, wait = bot.SuggestWithin(ctx, h, t, suggestWithin)
		drawn = drawChoices(found)
	}
	defer wait()
	if err := p.callback(ctx, q, callback{Type: answerChoices, Data: drawn}); err != nil {
		p.Logger.Info("the suggestions did not reach discord", "err", err) // the next letter asks again
	}
}

// drawChoices leaves out what Discord would refuse all of them for. A value
// that is too long is another value when it is shortened.
func drawChoices(of []bot.Choice) choices {
	drawn := choices{Choices: []choice{}}
	for _, c := range of {
		name := plain(c.Label, choiceMax)
		if name == "" {
			name = plain(c.Value, choiceMax)
		}
		if value := bot.Clean(c.Value, false, choiceMax+1); name != "" && value != "" && length(value) <= choiceMax && len(drawn.Choices) < choicesMax {
			drawn.Choices = append(drawn.Choices, choice{Name: name, Value: value})
		}
	}
	return drawn
}

// typing reads which option the person types in.
func typing(q question) (t bot.Typing, ok bool) {
	inv, ok := invocation(q)
	data, is := q.Data.(discordgo.ApplicationCommandInteractionData)
	if !ok || !is {
		return t, false
	}
	given := data.Options
	if hasSubcommands(data.Name) {
		given = given[0].Options // invocation has looked at it
	}
	for _, o := range given {
		if o.Focused {
			return bot.Typing{
				Channel: inv.Channel, User: inv.User, Locale: inv.Locale,
				Command: inv.Call.Command, Option: o.Name, Text: inv.Call.Options[o.Name],
			}, true
		}
	}
	return t, false
}
