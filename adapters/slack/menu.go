package slack

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

const (
	// docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
	placeholderMax = 150
	actionIDMax    = 255
	optionsMax     = 100
	// docs.slack.dev/reference/block-kit/composition-objects/option-object
	optionMax      = 75
	optionValueMax = 150
	// suggestWithin is how long choices are waited for, of the three seconds
	// in which Slack takes them: only the acknowledgement brings them.
	suggestWithin = 1500 * time.Millisecond
	// choicesRoom is what an acknowledgement may hold of them: Slack ignores one
	// of 20 KB.
	choicesRoom = 16 << 10
	// menuPrefix begins the action id of a menu: menuPrefix command ":" option.
	menuPrefix = idPrefix + "menu:"
)

// menu draws a menu, nil for none. It is asked for what may be chosen as soon
// as it is opened.
func menu(m *bot.Menu) slack.BlockElement {
	if m == nil {
		return nil
	}
	id := menuPrefix + m.Command + ":" + m.Option
	name := text(m.Label, plainText, placeholderMax)
	if name == "" || len(id) > actionIDMax {
		return nil
	}
	atOnce := 0
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plainObject(name), id)
	e.MinQueryLength = &atOnce
	return e
}

// MenuOption returns which command's option a menu's action id asks for; ok is
// false where it is none of ours.
func MenuOption(actionID string) (command, option string, ok bool) {
	rest, ok := strings.CutPrefix(actionID, menuPrefix)
	if !ok {
		return "", "", false
	}
	command, option, ok = strings.Cut(rest, ":")
	return command, option, ok && option != ""
}

// MenuLine returns the words of the command that a choice in a menu asks, as
// after /news; ok is false where the menu is for no option of table.
func MenuLine(table []bot.Command, actionID, value string) (line string, ok bool) {
	command, option, ok := MenuOption(actionID)
	if !ok || value == "" {
		return "", false
	}
	c, ok := bot.Suggested(table, command, option)
	return c.Line(option, value), ok
}

// A typing is what a person types in a menu, and where.
type typing struct {
	bot.Typing
	team string
}

// fromTyping reads what a person types in a menu:
// docs.slack.dev/reference/interaction-payloads/block_suggestion-payload.
func fromTyping(table []bot.Command, c slack.InteractionCallback) (typing, bool) {
	command, option, ok := MenuOption(c.ActionID)
	if _, has := bot.Suggested(table, command, option); !ok || !has {
		return typing{}, false
	}
	return typing{team: c.Team.ID, Typing: bot.Typing{
		Channel: bot.Channel(platformName + ":" + cmp.Or(c.Channel.ID, c.Container.ChannelID)),
		User:    c.User.ID, Command: command, Option: option, Text: unescape.Replace(c.Value),
	}}, true
}

// options is what an acknowledgement of block_suggestion holds. slack-go's own
// leaves an empty list out, which Slack takes for an error.
type options struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// drawChoices leaves out what Slack would refuse all of them for. A value that
// is too long is another value when it is shortened.
func drawChoices(of []bot.Choice) options {
	drawn, room := options{Options: []*slack.OptionBlockObject{}}, choicesRoom
	used := map[string]bool{}
	for _, c := range of {
		name := cmp.Or(text(c.Label, plainText, optionMax), text(c.Value, plainText, optionMax))
		value := bot.Clean(c.Value, false, optionValueMax+1)
		if name == "" || value == "" || length(value) > optionValueMax || used[value] || len(drawn.Options) == optionsMax {
			continue
		}
		o := slack.NewOptionBlockObject(value, plainObject(name), nil)
		// slack-go writes <, > and & as six characters each.
		if room -= len(encode(o)) + 5*strings.Count(name+value, "<") + 5*strings.Count(name+value, ">") + 5*strings.Count(name+value, "&"); room < 0 {
			break
		}
		used[value] = true
		drawn.Options = append(drawn.Options, o)
	}
	return drawn
}

// suggest answers what a person types in a menu: with nothing where that
// fails. ack acknowledges it.
func (p *Platform) suggest(ctx context.Context, h bot.Handler, t typing, ack func(payload any) bool) {
	at, err := func() (*workspace, error) {
		ctx, cancel := context.WithTimeout(ctx, suggestWithin/3)
		defer cancel()
		return p.located(ctx, t.team)
	}()
	if err != nil {
		ack(drawChoices(nil))
		return
	}
	t.Channel = bot.In(at.space, localID(t.Channel))
	found, wait := bot.SuggestWithin(ctx, h, t.Typing, suggestWithin)
	defer wait()
	ack(drawChoices(found))
}
