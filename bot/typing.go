package bot

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
)

// SuggestWithin asks h for choices and returns none where they take longer
// than d: a person who types waits for nothing. wait returns once h has
// finished all the same.
func SuggestWithin(ctx context.Context, h Handler, t Typing, d time.Duration) (choices []Choice, wait func()) {
	ctx, cancel := context.WithTimeout(ctx, d)
	found, finished := make(chan []Choice, 1), make(chan struct{})
	go func() {
		defer close(finished)
		found <- h.Suggest(ctx, t)
	}()
	select {
	case choices = <-found:
	case <-ctx.Done():
	}
	cancel()
	return choices[:min(len(choices), ChoicesMost)], func() { <-finished }
}

// Suggested returns the command of table and its option, where the option has
// suggestions.
func Suggested(table []Command, command, option string) (Command, bool) {
	i := slices.IndexFunc(table, func(c Command) bool { return c.Name == command })
	if i < 0 || !slices.ContainsFunc(table[i].Options, func(o Option) bool { return o.Name == option && o.Suggest }) {
		return Command{}, false
	}
	return table[i], true
}

// Line is how a person types the command with one option's value, as after
// /news: "trends deepseek", `trends topic:"export controls"`. ParseLine reads
// it as that value, without quotes if it had any.
func (c Command) Line(option, value string) string {
	value = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if isQuote(r) {
			return ' '
		}
		return r
	}, value)), " ")
	one := value != "" && !strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || isColon(r) })
	// A search's first word may be a command's name.
	if pos, ok := c.positional(); ok && pos.Name == option && one && c.Name != cmdSearch {
		return c.Name + " " + value
	}
	if !one {
		value = `"` + value + `"`
	}
	return strings.TrimSpace(c.Name + " " + option + ":" + value)
}
