package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
)

// takeTime is how long the buttons of a suggestion work.
const takeTime = fortnight * 24 * time.Hour

// The pages of a line that takes a suggestion.
const (
	pageTake = 1
	pageUndo = 2
)

// sealTake seals the line of a button of the suggestion c: to take it, or back.
func sealTake(secret []byte, c Delivery, user string, undo bool) string {
	page := pageTake
	if undo {
		page = pageUndo
	}
	return seal(secret, verbTake+strconv.Itoa(page)+" "+c.ID, c.Channel, user, c.Created.Add(takeTime))
}

// take does what was suggested to a person by direct message, in the channel
// of the order: subscribe, as if they had said it there. They must manage that
// channel still.
func (b *Bot) take(ctx context.Context, inv Invocation, s sealed, l Lang) (Card, error) {
	c, err := b.o.Store.Delivery(ctx, strings.TrimSpace(s.words))
	if errors.Is(err, news.ErrNotFound) || err == nil && (c.Advice == nil || c.Channel != inv.here()) {
		return Card{}, &UsageError{Sentence: say("nobody knows any more what this button asks"), Hint: say("/news settings in the channel shows what can be changed")}
	} else if err != nil {
		return Card{}, err
	}
	a := *c.Advice
	ok, why := false, "the platform does not tell"
	if b.o.Manages != nil {
		ok, why = b.o.Manages(ctx, a.Channel, inv.User)
	}
	switch {
	case ok:
	case why != "":
		return Card{}, &UsageError{Sentence: say("a channel is changed by people who manage it, and who does cannot be found out: %s", l.trouble(why)), Hint: say("nothing was changed")}
	default:
		return Card{}, &UsageError{Sentence: say("a channel is changed by people who manage it"), Hint: say("nothing was changed")}
	}
	from, to := a.From, a.To
	if s.page == pageUndo {
		from, to = to, from
	}
	have, err := b.standing(ctx, a.Channel)
	if err != nil {
		return Card{}, err
	}
	i := slices.IndexFunc(have.made, func(s Subscription) bool { return s.ID == a.Order })
	if i < 0 {
		return Card{}, &UsageError{Sentence: say("what the channel gets was changed since"), Hint: say("/news settings in the channel shows what it gets now")}
	}
	order := have.made[i]
	if is := order.value(a.Setting); is != from && is != to {
		return Card{}, &UsageError{Sentence: say("what the channel gets was changed since"), Hint: say("/news settings in the channel shows what it gets now")}
	}
	inv.Channel, inv.Space, inv.Manager, inv.Rights = a.Channel, order.Space, true, nil
	q := question{
		Invocation: inv, lang: l, options: map[string]string{optMode: string(order.Mode), a.Setting: to, optSave: "yes"},
		seal: noSeal, sealed: func(string, string) string { return "" }, now: b.o.Now(),
	}
	card, err := b.subscribe(ctx, q)
	if err != nil {
		return Card{}, err
	}
	secret, err := b.secret(ctx)
	if err != nil {
		return Card{}, &unsure{err}
	}
	card.Buttons = []Button{{Label: l.undo(order.Mode), Line: sealTake(secret, c, inv.User, s.page == pageTake)}}
	if s.page == pageUndo {
		card.Buttons[0].Label = a.label(l)
	}
	return card, nil
}

// value is what a setting of the order is, as it would be typed.
func (s Subscription) value(name string) string {
	for _, set := range settings {
		if set.name == name {
			return set.get(s)
		}
	}
	return ""
}
