package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The options of subscribe that are no settings.
const (
	optMode = "mode"
	optForm = "form"
	optSave = "save"
)

// subscribeCommand is the row of the table that orders a channel's news.
func subscribeCommand() Command {
	least := func(name, summary string, least, most int) Option {
		return Option{Name: name, Summary: summary, Kind: Whole, Least: least, Most: most}
	}
	oneOf := func(name, summary string, choices ...string) Option {
		return Option{Name: name, Summary: summary, Kind: OneOf, Choices: choices}
	}
	c := Command{
		Name: cmdSubscribe, Summary: "What this channel gets: shows what last week would have brought, then saves", Manager: true,
		Options: []Option{
			{Name: "topics", Summary: "Only stories about these topics, with commas between them; or all", Positional: true, Suggest: true},
			least("min", "Only stories of at least this impact, 0 to 100", 0, 100),
			oneOf(optMode, "Each story at once, or a digest", string(Instant), string(Digest)),
			oneOf("days", "When a digest comes", DigestDays...),
			{Name: "at", Summary: "At which time of day a digest comes: 09:00"},
			{Name: "zone", Summary: "The time zone: Europe/Berlin", Suggest: true},
			{Name: "quiet", Summary: "When nothing is posted: 22:00-07:00; or none"},
			{Name: "status", Summary: "How certain stories are: confirmed,reported; or all"},
			{Name: "kinds", Summary: "Who tells them: lab,press,research; or all"},
			{Name: "languages", Summary: "In which languages they are told: en,de; or all"},
			least("cap", "At most so many stories a day, but for the greatest; 0 for no limit", 0, 100),
			oneOf("card", "How much a post shows", "full", "compact"),
			oneOf("image", "Whether a post shows the story's picture", "on", "off"),
			oneOf("edits", "Whether a post is kept up to date", "on", "off"),
			oneOf("updates", "Where it is told that a rumour was confirmed or denied", "thread", "channel"),
			oneOf("empty", "What a digest does on a day without stories", "say", "silent"),
			{Name: "mention", Summary: "The one role or group to mention; or none", Kind: Role},
			least("mention_at", "From which impact it is mentioned", 1, 100),
			oneOf("doubt", "Where nobody knows whether a post arrived: none, or perhaps two", string(Hold), string(Repost)),
			oneOf("locale", "The language of the bot's own words", Locales...),
			oneOf(optForm, "Fill in a form instead", formNames...),
			oneOf(optSave, "Save without looking first", "yes"),
		},
		Examples: []string{"/news subscribe deepseek,openai min:60", "/news subscribe mode:digest days:weekdays at:08:30 zone:Europe/Berlin", "/news subscribe quiet:22:00-07:00 cap:5"},
	}
	for i, o := range c.Options {
		for _, s := range settings {
			if s.name == o.Name {
				c.Options[i].Empty = s.empty
			}
		}
	}
	return c
}

// ParseOrder reads what /news subscribe takes in words as the order of a
// channel. Errors are *UsageError.
func ParseOrder(c Channel, words string) (Subscription, error) {
	call, err := ParseLine(Table(), cmdSubscribe+" "+words)
	if err != nil {
		return Subscription{}, err
	}
	return Apply(newOrder(c, cmp.Or(modeFor(call.Options), Instant)), call.Options)
}

// insteadOfConfig is said of an order that takes the place of configured ones.
func (l Lang) insteadOfConfig() string {
	return l.T("It takes the place of what the bot's configuration orders here, until it is ended.")
}

// orders are the standing orders of a channel.
type orders struct {
	made   []Subscription // by subscribe, at most one of each mode
	config []Subscription // in the configuration
	aside  []Subscription // in the configuration, whose place those of their mode by subscribe take
}

// of returns the order of that mode that was made here.
func (o orders) of(mode Mode) (Subscription, bool) {
	i := slices.IndexFunc(o.made, func(s Subscription) bool { return s.Mode == mode })
	if i < 0 {
		return Subscription{}, false
	}
	return o.made[i], true
}

// both are those that a command can change, and those of the configuration.
func (o orders) both() []Subscription { return slices.Concat(o.made, o.config) }

// standing returns what a channel gets, paused where it is.
func (b *Bot) standing(ctx context.Context, c Channel) (o orders, err error) {
	all, err := b.o.Book.standing(ctx)
	if err != nil {
		return o, err
	}
	return all.ordered(c), nil
}

// ordered returns what a channel gets, without what a person follows there.
func (s *standing) ordered(c Channel) (o orders) {
	theirs := func(s Subscription) bool { return followed(s) != "" }
	config, byCommand := s.orders(c)
	o.aside = s.aside[c]
	o.config = slices.DeleteFunc(slices.Clone(config), theirs)
	o.made = slices.DeleteFunc(slices.Clone(byCommand), theirs)
	return o
}

// subscribe shows what an order would have brought last week, and saves it
// where that was asked for.
func (b *Bot) subscribe(ctx context.Context, q question) (Card, error) {
	l := q.lang
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return Card{}, err
	}
	asked := maps.Clone(q.options)
	maps.DeleteFunc(asked, func(name, _ string) bool { return name == optSave || name == optForm })
	mode := modeFor(asked)
	if mode == "" {
		if mode = Instant; len(have.both()) == 1 {
			mode = have.both()[0].Mode
		}
	}
	before, known := have.of(mode)
	config := slices.IndexFunc(have.config, func(s Subscription) bool { return s.Mode == mode })
	switch {
	case known:
	case config >= 0: // which the new one takes the place of
		before = have.config[config]
		before.ID, before.Paused = string(mode), time.Time{}
	default:
		before = newOrder(q.here(), mode)
		for _, other := range have.both() {
			before.Zone, before.Locale = other.Zone, other.Locale
		}
	}
	if v := asked["mention"]; len(q.Fields) > 0 && (v == "" || v == clearNone) {
		delete(asked, "mention_at") // which stands in the form, whoever is mentioned
	}
	order, err := Apply(before, asked)
	if err != nil {
		return Card{}, err
	}
	words := func(more map[string]string) string {
		options := changes(before, order)
		options[optMode] = string(mode)
		maps.Copy(options, more)
		return CallLine(b.o.Table, Call{Command: cmdSubscribe, Options: options})
	}
	if name := q.options[optForm]; name != "" && len(q.Fields) == 0 {
		line := q.sealed(verbForm, words(map[string]string{optForm: name}))
		if line == "" {
			return Card{}, &unsure{errors.New("the form cannot be sealed")}
		}
		return formCard(l, name, order, line), nil
	}
	now := q.now
	look := func(s Subscription) Outlook { return b.outlook(s, now) }
	if q.options[optSave] == "" {
		c := draftCard(l, draft{order, known || config >= 0, look, words, q.sealed, now})
		if config >= 0 {
			c.Footer = l.insteadOfConfig()
		}
		return c, nil
	}
	if (known || config >= 0) && order.same(before) {
		return orderCard(l, l.T("That is what this channel gets already"), order, look(order), now), nil
	}
	order.Space, order.By, order.Changed = q.Space, q.User, now.UTC()
	if !known {
		order.Made = order.Changed
	}
	if err := b.o.Store.SaveSubscription(ctx, order); err != nil {
		return Card{}, writing(err)
	}
	b.o.Logger.Info("an order was saved", "channel", order.Channel, "mode", order.Mode, "user", q.User)
	c := orderCard(l, l.T("Saved: this is what the channel gets from now on"), order, look(order), now)
	c.Text = ""
	if config >= 0 {
		c.Text = l.insteadOfConfig()
	}
	if !known {
		c.Buttons = []Button{{Label: l.T("End: %s", l.orderName(order)), Line: cmdEnd + " " + string(mode)}}
	}
	if known {
		back := changes(order, before)
		back[optMode], back[optSave] = string(mode), "yes"
		c.Buttons = []Button{{Label: l.undo(mode), Line: q.sealed(verbPage, CallLine(b.o.Table, Call{Command: cmdSubscribe, Options: back}))}}
	}
	if missing := b.missing(ctx, order.Channel); len(missing) > 0 {
		c.Tone, c.Text = Mistake, l.T("But the bot lacks something here, and posts once it is mended: %s.", strings.Join(missing, "; "))
	}
	return c, nil
}

// missing is what the bot lacks in a channel, as far as anybody knows.
func (b *Bot) missing(ctx context.Context, c Channel) []string {
	if b.o.Check == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, onceWait)
	defer cancel()
	return b.o.Check(ctx, c)
}

// changes are the options that make after of before.
func changes(before, after Subscription) map[string]string {
	out := map[string]string{}
	for _, s := range settings {
		if v := s.get(after); v != s.get(before) {
			if v == "" {
				v = s.empty
			}
			out[s.name] = v
		}
	}
	if after.Mention == "" {
		delete(out, "mention_at")
	}
	return out
}

// undo is the label of the button that takes back what was done to an order.
func (l Lang) undo(mode Mode) string {
	if mode == Digest {
		return l.T("Undo: the digest")
	}
	return l.T("Undo: news at once")
}

// same reports whether two orders ask for the same.
func (s Subscription) same(o Subscription) bool { return len(changes(s, o)) == 0 && s.Mode == o.Mode }

// An Outlook is what the last week would have brought.
type Outlook struct {
	Posts  []Posting // in order of time
	Capped int       // what a daily cap left out
	Days   []int     // posts on each of the seven days, the newest last
}

// outlookDays is how many days an Outlook reaches back.
const outlookDays = 7

func (b *Bot) outlook(s Subscription, now time.Time) Outlook {
	from := now.Add(-outlookDays * 24 * time.Hour)
	o := Outlook{Days: make([]int, outlookDays)}
	o.Posts, o.Capped = Look(b.o.Desk.Past(from.AddDate(0, 0, -1)), s, from, now.Add(1))
	for _, p := range o.Posts {
		o.Days[min(int(p.At.Sub(from)/(24*time.Hour)), outlookDays-1)]++
	}
	return o
}

// settings shows what the channel gets.
func (b *Bot) settings(ctx context.Context, q question) (Card, error) {
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return Card{}, err
	}
	suspended, err := b.o.Store.Suspensions(ctx)
	if err != nil {
		return Card{}, err
	}
	s, out := suspended[q.here()]
	advise := func(Subscription) (Advice, bool) { return Advice{}, false } // to whom nothing is posted
	if !out {
		votes, err := b.o.Store.Votes(ctx, q.here(), q.now.Add(-VoteTime))
		if err != nil {
			return Card{}, err
		}
		past := b.o.Desk.Past(q.now.Add(-(outlookDays + 1) * 24 * time.Hour))
		advise = func(s Subscription) (Advice, bool) { return Advise(past, s, votes, q.now) }
	}
	c := settingsCard(q.lang, have, func(s Subscription) Outlook { return b.outlook(s, q.now) }, advise, q.now)
	if out {
		c.Tone, c.Text = Mistake, q.lang.T("Nothing is posted here since %s: %s", q.lang.clock(s.Since, q.now), sentence(q.lang.trouble(s.Reason)))
		c.Buttons = append(c.Buttons, Button{Label: q.lang.T("Try again"), Line: cmdResume})
	}
	return c, nil
}

// unsubscribe ends the orders that were made in a channel.
func (b *Bot) unsubscribe(ctx context.Context, q question) (Card, error) {
	l, mode := q.lang, Mode(q.options[optMode])
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return Card{}, err
	}
	var ended []Subscription
	c := Card{Title: l.T("Nothing was subscribed here")}
	for _, s := range have.made {
		if mode != "" && mode != clearAll && s.Mode != mode {
			continue
		}
		if _, err := b.o.Store.DeleteSubscription(ctx, s.Channel, s.ID); len(ended) > 0 && err != nil {
			return Card{}, &unsure{err}
		} else if err != nil {
			return Card{}, writing(err)
		}
		ended = append(ended, s)
		options := changes(newOrder(s.Channel, s.Mode), s)
		options[optMode], options[optSave] = string(s.Mode), "yes"
		c.Buttons = append(c.Buttons, Button{Label: l.undo(s.Mode), Line: q.sealed(verbPage, CallLine(b.o.Table, Call{Command: cmdSubscribe, Options: options}))})
	}
	if len(ended) > 0 {
		b.o.Logger.Info("orders were ended", "channel", q.here(), "orders", len(ended), "user", q.User)
		c.Title, c.Text = l.T("Ended: nothing more comes here because of it"), l.T("What was posted stays, and is still answered when a rumour is confirmed or denied.")
	}
	if slices.ContainsFunc(have.aside, func(s Subscription) bool { return mode == "" || mode == clearAll || s.Mode == mode }) {
		c.Text = strings.TrimSpace(c.Text + " " + l.T("What the bot's configuration orders here counts again."))
	} else if len(have.config) > 0 {
		c.Text = strings.TrimSpace(c.Text + " " + l.T("An order that stands in the bot's configuration remains: who runs the bot can take it out there."))
	}
	return c, nil
}

// pauseMost is how long a pause may last.
const pauseMost = 90 * 24 * time.Hour

// pause lets what a channel is owed wait for a time.
func (b *Bot) pause(ctx context.Context, q question) (Card, error) {
	l := q.lang
	before, err := ParseSpan(q.options["time"], q.now)
	if err != nil {
		return Card{}, &bug{fmt.Errorf("time: %w", err)}
	}
	length := q.now.Sub(before)
	if q.options["time"] == "today" {
		length = 24*time.Hour - length
	}
	if length > pauseMost {
		return Card{}, &UsageError{Sentence: say("a pause lasts at most 90 days"), Hint: say("to end what was subscribed, say /news unsubscribe")}
	}
	until := q.now.Add(length).UTC().Truncate(time.Minute)
	n, err := b.setPause(ctx, q, until)
	if err != nil {
		return Card{}, err
	}
	if n == 0 {
		return nothingHere(l), nil
	}
	return Card{
		Title:   l.T("Paused until %s", l.clock(until, q.now)),
		Text:    l.T("Nothing new is posted here until then. What is still news then comes as one message."),
		Buttons: []Button{{Label: l.T("Go on now"), Line: cmdResume}},
	}, nil
}

// setPause pauses what a channel gets until then, or ends a pause with the
// zero time, and returns how many orders there are. An order of the
// configuration is covered by one of the same ID in the store.
func (b *Bot) setPause(ctx context.Context, q question, until time.Time) (int, error) {
	have, err := b.standing(ctx, q.here())
	if err != nil {
		return 0, err
	}
	if len(have.made)+len(have.config) == 0 {
		return 0, nil
	}
	if until.IsZero() {
		_, err = b.o.Store.DeleteSubscription(ctx, q.here(), pauseID)
	} else {
		err = b.o.Store.SaveSubscription(ctx, Subscription{ID: pauseID, Channel: q.here(), Paused: until, Space: q.Space, By: q.User, Made: q.now.UTC()})
	}
	if err == nil {
		b.o.Logger.Info("a channel is paused", "channel", q.here(), "until", until, "user", q.User)
	}
	return len(have.made) + len(have.config), writing(err)
}

// pauseID is the ID of what is no order, but stops those of a channel for a time.
const pauseID = "pause"

// paused applies the pauses among subs to the orders of their channels.
func paused(subs []Subscription) []Subscription {
	until := map[Channel]time.Time{}
	for _, s := range subs {
		if s.ID == pauseID {
			until[s.Channel] = s.Paused
		}
	}
	if len(until) == 0 {
		return subs
	}
	out := make([]Subscription, 0, len(subs))
	for _, s := range subs {
		if s.ID == pauseID {
			continue
		}
		s.Paused = until[s.Channel]
		out = append(out, s)
	}
	return out
}
