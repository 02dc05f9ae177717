package bot

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Host is a Handler that has a page for each person, where a platform shows
// one, as Slack's App Home.
type Host interface {
	// Home returns the page. It never fails: an error becomes a sentence on it.
	Home(ctx context.Context, v Visit) Home
}

// A Visit is a person who looks at their page.
type Visit struct {
	Space  string // the platform or its workspace, as Channel.Space names it
	User   string
	Locale string // BCP 47, "" where unknown
	Line   string // of the button of the page that was pressed, or Home.Line; "" at first
	// Sees returns the channels of the space that may be shown to the person, with
	// their names; why is a clause for people where the platform does not tell.
	Sees func(ctx context.Context) (names map[Channel]string, why string)
	// Rights are the person's in a channel.
	Rights func(Channel) Rights
	// Answer, where it is not nil, is that to what a button of the page asked, in
	// the channel Asked.
	Answer *Card
	Asked  Channel
}

// A Home is what a person's page shows.
type Home struct {
	Parts []HomePart
	Line  string // of a Visit that is shown the same page again
}

// A HomePart is one card on a Home.
type HomePart struct {
	Channel Channel // that its buttons ask in: an Invocation with Home set
	Card    Card
}

// HomeLine begins the Line of a button that shows the page itself anew: the
// adapter makes a Visit of it, and no Invocation.
const HomeLine = sealMark + "home"

// homeSize is how many channels stand on one page of a Home. Slack takes a
// hundred blocks: two or three for each of them, and an answer of fifty.
const homeSize = 15

// Home implements Host. It shows no channel that v.Sees does not name but the
// person's own direct messages.
func (b *Bot) Home(ctx context.Context, v Visit) (h Home) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	me := Person(v.Space, v.User)
	l := b.lang(ctx, Invocation{Channel: me, Locale: v.Locale})
	parts, names, page, err := b.home(ctx, v, me, l)
	if err != nil {
		ref := reference()
		b.o.Logger.Error("a person's page was not made", "reference", ref, "space", v.Space, "user", v.User, "err", err)
		card := failed(l, ref, err)
		card.Buttons = append([]Button{{Label: l.T("Try again"), Line: HomeLine}}, card.Buttons...)
		parts, page = []HomePart{{me, card}}, 1
	}
	if v.Answer != nil {
		answer := *v.Answer
		if name := names[v.Asked]; name != "" && v.Asked != me { // which channel it speaks of
			answer.Badges = append([]Badge{{Value: name}}, answer.Badges...)
		}
		answer.Buttons = append(slices.Clone(answer.Buttons), Button{Label: l.T("Close"), Line: homeLine(page)})
		parts = slices.Insert(parts, 0, HomePart{cmp.Or(v.Asked, me), answer})
	}
	for i := range parts {
		parts[i].Card.Lang = l
	}
	return Home{Parts: parts, Line: homeLine(page)}
}

// homeLine is the line of a page, from 1.
func homeLine(page int) string { return HomeLine + " " + strconv.Itoa(page) }

// home makes the parts of a page, and says what their channels are called and
// which page it is.
func (b *Bot) home(ctx context.Context, v Visit, me Channel, l Lang) (parts []HomePart, names map[Channel]string, page int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &bug{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	reading, cancel := context.WithTimeout(ctx, onceWait) // nothing else is shown meanwhile
	defer cancel()
	all, err := b.o.Book.standing(reading)
	if err != nil {
		return nil, nil, 0, err
	}
	suspended, err := b.o.Store.Suspensions(reading)
	if err != nil {
		return nil, nil, 0, err
	}
	follows, err := b.following(reading, question{Invocation: Invocation{Channel: me, User: v.User}, lang: l, now: b.o.Now()})
	if err != nil {
		return nil, nil, 0, err
	}
	channels, names, why := v.listed(ctx, all, l)
	head := Card{
		Title:   l.T("News in your channels"),
		Text:    l.T("Of the channels that you are in, these get news."),
		Buttons: []Button{{Label: l.T("Help"), Line: cmdHelp}, {Label: l.T("Top of the day"), Line: cmdTop}},
	}
	switch {
	case why != "":
		head.Tone, head.Text = Mistake, sentence(l.T("which channels you are in cannot be found out: %s", l.trouble(why)))
		head.Buttons = append([]Button{{Label: l.T("Try again"), Line: HomeLine}}, head.Buttons...)
	case len(channels) == 0:
		head.Text = l.T("None of the channels that you are in gets news yet.")
	}
	head.Text += "\n" + l.T("To order news for a channel, invite the bot there with /invite @Newsdesk, and say /news subscribe.")
	parts = append(parts, HomePart{me, head})

	pages := max(1, (len(channels)+homeSize-1)/homeSize)
	page = min(v.page(), pages)
	for _, c := range channels[(page-1)*homeSize : min(page*homeSize, len(channels))] {
		orders := all.ordered(c)
		manages := c == me
		if rights := v.Rights; !manages && rights != nil {
			ok, why := rights(c).Manages(ctx)
			manages = ok || why != "" // at the deed it is asked again, and said
		}
		card := homeCard(l, names[c], orders, manages, b.o.Now())
		if s, is := suspended[c]; is {
			card.Tone, card.Text = Mistake, l.T("Nothing is posted here since %s: %s", l.clock(s.Since, b.o.Now()), sentence(l.trouble(s.Reason)))
		}
		parts = append(parts, HomePart{c, card})
	}
	if pages > 1 {
		turn := Card{Text: l.T("Page %d of %d", page, pages) + " · " + l.T("%d channels", len(channels))}
		if page > 1 {
			turn.Buttons = append(turn.Buttons, Button{Label: l.T("◀ Back"), Line: homeLine(page - 1)})
		}
		if page < pages {
			turn.Buttons = append(turn.Buttons, Button{Label: l.T("More channels ▶"), Line: homeLine(page + 1)})
		}
		parts = append(parts, HomePart{me, turn})
	}
	return append(parts, HomePart{me, follows}), names, page, nil
}

// page is the page of the list that is looked at, from 1.
func (v Visit) page() int {
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(v.Line, HomeLine)))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// listed returns the channels with orders that the person may see, by name:
// their own direct messages first. The platform is not asked where there is
// nothing that it could show.
func (v Visit) listed(ctx context.Context, all *standing, l Lang) (channels []Channel, names map[Channel]string, why string) {
	me := Person(v.Space, v.User)
	var others []Channel
	for c := range all.made {
		switch _, direct := c.Person(); {
		case c.Space() != v.Space || direct && c != me || len(all.ordered(c).both()) == 0:
		case direct:
			channels = append(channels, c)
		default:
			others = append(others, c)
		}
	}
	if len(others) > 0 {
		names, why = v.Sees(ctx)
	}
	others = slices.DeleteFunc(others, func(c Channel) bool { return why != "" || names[c] == "" })
	slices.SortFunc(others, func(a, b Channel) int {
		return cmp.Or(strings.Compare(strings.ToLower(names[a]), strings.ToLower(names[b])), strings.Compare(string(a), string(b)))
	})
	shown := map[Channel]string{me: l.T("Direct messages")}
	for _, c := range others {
		shown[c] = names[c]
	}
	return append(channels, others...), shown, why
}

// homeCard shows the orders of a channel, with buttons for who manages it.
func homeCard(l Lang, name string, have orders, manages bool, now time.Time) Card {
	c := Card{Title: name, Sections: []Section{{}}}
	isPaused := false
	for i, s := range have.both() {
		var what []string
		for _, f := range describe(l, s, now) {
			what = append(what, f.Value)
		}
		line := Line{Text: l.orderName(s), Detail: strings.Join(what, " · ")}
		if i >= len(have.made) {
			line.Note = l.T("It stands in the bot's configuration, and is changed there.")
		}
		c.Sections[0].Lines = append(c.Sections[0].Lines, line)
		isPaused = isPaused || s.Paused.After(now)
	}
	if !manages {
		return c
	}
	c.Buttons = append(c.Buttons, Button{Label: l.T("Settings"), Line: cmdSettings})
	for _, s := range have.made {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Change: %s", l.orderName(s)), Line: cmdSubscribe + " " + optMode + ":" + string(s.Mode) + " " + optForm + ":" + formNames[0]})
	}
	if isPaused {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Go on now"), Line: cmdResume})
	} else {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Pause for a day"), Line: cmdPause + " 1d"})
	}
	for _, s := range have.made {
		c.Buttons = append(c.Buttons, Button{Label: l.T("End: %s", l.orderName(s)), Line: cmdEnd + " " + string(s.Mode)})
	}
	return c
}

// GoneCard answers somebody who asks from their page about a channel that they
// are not in any more, or where that cannot be told, which why says.
func GoneCard(locale, why string) Card {
	l := LangOf(locale)
	e := &UsageError{Sentence: say("you are not in this channel any more, or the bot is not"), Hint: say("nothing was changed")}
	if why != "" {
		e.Sentence = say("which channels you are in cannot be found out: %s", l.trouble(why))
	}
	c := MistakeCard(l, e)
	c.Lang = l
	return c
}
