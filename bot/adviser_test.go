package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// An advised is a pipe whose channel has an order of mia's that brings twice as
// much as it should, in every week there is.
type advised struct {
	*manager
	managers map[string]string // of all channels: who, and why that cannot be told
	least    func() int        // the impact of the least of the week's stories
}

var mia = bot.Person("test", "mia")

func newAdvised(t *testing.T, change func(*bot.Subscription)) *advised {
	t.Helper()
	p := newPipe(t, []bot.Subscription{}...)
	a := &advised{newManager(p), map[string]string{"mia": ""}, func() int { return 50 }}
	p.platform.Managers(func(c bot.Channel, user string) (bool, string) {
		why, ok := a.managers[user]
		return ok && why == "", why
	})
	a.Bot = bot.New(bot.Options{Desk: advisedDesk{deskOf{p.desk}, a}, Store: p.store, Now: a.clock, Manages: func(ctx context.Context, c bot.Channel, user string) (bool, string) {
		return p.deliverer.Manages(ctx, c, user)
	}})
	p.dispatcher.Past, p.deliverer.Past = a.past, a.past
	sub := bot.Subscription{ID: "instant", Channel: channel, Mode: bot.Instant, MinImpact: 40, By: "mia", Space: "s", Made: p.now.AddDate(0, 0, -7), Zone: "America/New_York"}
	if change != nil {
		change(&sub)
	}
	a.save(sub)
	a.vote("s0", false)
	return a
}

// An advisedDesk has the week of an advised.
type advisedDesk struct {
	deskOf
	*advised
}

func (d advisedDesk) Past(since time.Time) []news.Past { return d.past(since) }

func (a *advised) clock() time.Time { return a.now }

// past are ten stories of the week, s0 to s9, each greater than the one before.
func (a *advised) past(time.Time) (past []news.Past) {
	for i := range 10 {
		at := a.now.Add(-time.Duration(i+1) * 12 * time.Hour)
		past = append(past, news.Past{ID: fmt.Sprint("s", i), Turns: []news.Turn{{At: at, Impact: a.least() + 4*i, Status: brief.Reported, Fresh: at}}})
	}
	return past
}

func (a *advised) save(sub bot.Subscription) {
	a.t.Helper()
	if err := a.store.SaveSubscription(a.t.Context(), sub); err != nil {
		a.t.Fatal(err)
	}
}

func (a *advised) vote(story string, useful bool) {
	a.t.Helper()
	if err := a.store.SaveVote(a.t.Context(), bot.Vote{Channel: channel, Story: story, User: "ben", Useful: useful, At: a.now}); err != nil {
		a.t.Fatal(err)
	}
}

// order is what stands in the channel.
func (a *advised) order() bot.Subscription {
	a.t.Helper()
	subs, err := a.store.Subscriptions(a.t.Context())
	if err != nil || len(subs) != 1 {
		a.t.Fatalf("orders %v, %v", subs, err)
	}
	return subs[0]
}

// until goes on in steps of half an hour, restarts on the way, and returns when
// mia was told something.
func (a *advised) until(end time.Time) (told []time.Time) {
	a.t.Helper()
	for i := 0; a.now.Before(end); i++ {
		if i%7 == 0 { // what it remembers is gone
			a.dispatcher = &bot.Dispatcher{Store: a.store, News: a.desk, Past: a.past, Owner: "a", Now: a.clock, Logger: a.dispatcher.Logger}
		}
		before := len(a.platform.Messages(mia))
		a.dispatch()
		a.dispatch()
		a.step(0)
		if n := len(a.platform.Messages(mia)); n > before {
			told = append(told, a.now)
		}
		a.now = a.now.Add(30 * time.Minute)
	}
	return told
}

// zone is where the order of newAdvised is.
var zone = func() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}()

// TestSuggestionsComeNowAndThen walks through ten weeks, across a change of the
// clock: a suggestion a fortnight, by day, on weekdays.
func TestSuggestionsComeNowAndThen(t *testing.T) {
	a := newAdvised(t, nil)
	began := a.now
	a.least = func() int { return 45 + 5*(int(a.now.Sub(began).Hours()/24/7)%8) } // something else each week
	told := a.until(began.AddDate(0, 0, 70))
	if len(told) < 4 || len(told) > 5 {
		t.Errorf("told %d times in ten weeks, want one each fortnight: %v", len(told), told)
	}
	for i, at := range told {
		local := at.In(zone)
		if local.Hour() < 10 || local.Hour() >= 17 || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
			t.Errorf("told at %s", local)
		}
		if i > 0 && at.Sub(told[i-1]) < 14*24*time.Hour {
			t.Errorf("told at %s, and at %s", told[i-1], at)
		}
	}
	card := a.platform.Messages(mia)[0].Post.Card
	if card.Title != "A suggestion for #1" || card.Text != "A least impact of 65 would halve the volume (10 → 5 last week) and leave out 1 story that was marked noise." {
		t.Errorf("told %q, %q", card.Title, card.Text)
	}
}

// What was not taken is not said again, however often it is looked at.
func TestTheSameSuggestionComesOnce(t *testing.T) {
	a := newAdvised(t, nil)
	if told := a.until(a.now.AddDate(0, 0, 56)); len(told) != 1 {
		t.Errorf("told %d times: %v", len(told), told)
	}
	a.least = func() int { return 60 }
	if told := a.until(a.now.AddDate(0, 0, 14)); len(told) != 1 {
		t.Errorf("told something else %d times: %v", len(told), told)
	}
}

// An order is looked at once on a working day.
func TestOrdersAreLookedAtOnceADay(t *testing.T) {
	a := newAdvised(t, nil)
	a.vote("s0", true) // there is nothing to suggest
	looks := 0
	a.dispatcher.Past = func(since time.Time) []news.Past { looks++; return a.past(since) }
	for end := a.now.AddDate(0, 0, 7); a.now.Before(end); a.now = a.now.Add(5 * time.Minute) {
		a.dispatch()
	}
	if looks != 5 {
		t.Errorf("looked %d times in a week, want 5", looks)
	}
}

// A weekend is waited for, and the morning.
func TestSuggestionsWaitForTheMorning(t *testing.T) {
	a := newAdvised(t, nil)
	a.now = time.Date(2026, 3, 6, 17, 0, 0, 0, zone) // a Friday
	a.vote("s0", false)
	told := a.until(a.now.AddDate(0, 0, 5))
	if want := time.Date(2026, 3, 9, 10, 0, 0, 0, zone); len(told) != 1 || !told[0].Equal(want) {
		t.Errorf("told at %v, want %s", told, want)
	}
}

// Whom nothing is suggested to.
func TestNobodyIsToldOf(t *testing.T) {
	for name, change := range map[string]func(a *advised, s *bot.Subscription){
		"a pause":                      func(a *advised, s *bot.Subscription) { s.ID, s.Paused = "pause", a.now.AddDate(0, 0, 30) },
		"an order that nobody made":    func(_ *advised, s *bot.Subscription) { s.By = "" },
		"an order of no space":         func(_ *advised, s *bot.Subscription) { s.Space = "" },
		"a zone that cannot be read":   func(_ *advised, s *bot.Subscription) { s.Zone = "Mars/Base" },
		"a digest":                     func(_ *advised, s *bot.Subscription) { s.Mode, s.DigestAt = bot.Digest, "23:00" },
		"an order of three days":       func(a *advised, s *bot.Subscription) { s.Changed = a.now },
		"what a person follows":        func(_ *advised, s *bot.Subscription) { s.Channel = mia },
		"somebody who manages nothing": func(a *advised, s *bot.Subscription) { delete(a.managers, "mia") },
		"rights that nobody knows":     func(a *advised, s *bot.Subscription) { a.managers["mia"] = "the platform is away" },
		"a suspended channel": func(a *advised, s *bot.Subscription) {
			if err := a.store.Suspend(t.Context(), "gone", s.Channel); err != nil {
				t.Fatal(err)
			}
		},
		"a person who takes no messages": func(a *advised, s *bot.Subscription) {
			if err := a.store.Suspend(t.Context(), "no direct messages", mia); err != nil {
				t.Fatal(err)
			}
		},
	} {
		a := newAdvised(t, nil)
		sub := a.order()
		if _, err := a.store.DeleteSubscription(t.Context(), channel, sub.ID); err != nil {
			t.Fatal(err)
		}
		changed := sub
		change(a, &changed)
		if a.save(changed); changed.ID == "pause" {
			a.save(sub)
		}
		if told := a.until(a.now.AddDate(0, 0, 3)); len(told) > 0 {
			t.Errorf("%s: told at %v", name, told)
		}
		ds, err := a.store.Deliveries(t.Context(), bot.DeliveryQuery{})
		if asked := strings.Contains(name, "manages") || strings.Contains(name, "rights"); err != nil || (len(ds) > 0) != asked && changed.Mode == bot.Instant {
			t.Errorf("%s: owed %+v, %v", name, ds, err)
		}
		if name == "a person who takes no messages" || name == "a suspended channel" { // nothing waits for the day when they are mended
			if err := bot.ResumeSpace(t.Context(), a.store, "test"); err != nil {
				t.Fatal(err)
			}
			if a.step(time.Hour); len(a.platform.Messages(mia)) > 0 {
				t.Errorf("%s: told once that is mended", name)
			}
		}
	}
}

// TestASuggestionIsMadeAnew changes what it is about while it waits.
func TestASuggestionIsMadeAnew(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(a *advised)
		state  bot.State
	}{
		{"nothing", func(*advised) {}, bot.Sent},
		{"the order is changed", func(a *advised) { s := a.order(); s.MinImpact = 60; a.save(s) }, bot.Moot},
		{"the order is changed and back", func(a *advised) { s := a.order(); s.Changed = a.now; a.save(s) }, bot.Moot},
		{"the order is ended", func(a *advised) { a.ask("unsubscribe") }, bot.Moot},
		{"the channel is paused", func(a *advised) { a.ask("pause 1d") }, bot.Moot},
		{"something else than noise", func(a *advised) { a.vote("s0", true) }, bot.Moot},
		{"another week", func(a *advised) { a.least = func() int { return 70 } }, bot.Moot},
		{"who made it manages nothing any more", func(a *advised) { delete(a.managers, "mia") }, bot.Moot},
		{"the answer was lost", func(a *advised) { a.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost}) }, bot.Sent},
	} {
		a := newAdvised(t, nil)
		a.now = a.now.Add(6 * time.Hour)
		a.dispatch()
		tt.change(a)
		a.step(0)
		a.step(time.Minute)
		ds, err := a.store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: mia})
		if err != nil || len(ds) != 1 || ds[0].State != tt.state {
			t.Errorf("%s: %+v, %v; want %s", tt.name, ds, err, tt.state)
		}
		if n := len(a.platform.Messages(mia)); (n == 1) != (tt.state == bot.Sent) {
			t.Errorf("%s: %d messages", tt.name, n)
		}
	}
}

// toldOne is an advised that was told the suggestion.
func toldOne(t *testing.T) (*advised, bot.Button) {
	t.Helper()
	a := newAdvised(t, nil)
	a.now = a.now.Add(6 * time.Hour)
	a.dispatch()
	a.step(0)
	ms := a.platform.Messages(mia)
	if len(ms) != 1 || len(ms[0].Post.Card.Buttons) != 1 || ms[0].Post.Card.Buttons[0].Label != "Set it to 70" {
		t.Fatalf("told %+v", ms)
	}
	return a, ms[0].Post.Card.Buttons[0]
}

// direct presses a button in the direct messages of a person, whose channel has
// an id of its own.
func (a *advised) direct(user, line string) bot.Card {
	a.t.Helper()
	r, ok := a.Handle(a.t.Context(), bot.Invocation{Channel: bot.Channel("test:direct-" + user), User: user, Manager: true, Speaker: true, Line: line})
	if !ok || !r.Private {
		a.t.Fatalf("answered %t, %+v", ok, r)
	}
	return r.Card
}

func TestOnePressTakesASuggestion(t *testing.T) {
	a, b := toldOne(t)
	was := a.order()
	c := a.direct("mia", b.Line)
	is := a.order()
	if want := "Saved: this is what the channel gets from now on"; c.Title != want || is.MinImpact != 70 || is.By != "mia" || is.Space != "s" || !is.Changed.Equal(a.now) || is.Zone != was.Zone {
		t.Fatalf("answered %q, order %+v", c.Title, is)
	}
	if again := a.direct("mia", b.Line); again.Title != "That is what this channel gets already" {
		t.Errorf("pressed again: %q", again.Title)
	}
	if c = a.direct("mia", c.Buttons[0].Line); a.order().MinImpact != 40 || c.Buttons[0].Label != "Set it to 70" {
		t.Errorf("undone to %+v, answered %+v", a.order(), c)
	}
	if a.direct("mia", c.Buttons[0].Line); a.order().MinImpact != 70 {
		t.Errorf("done again to %+v", a.order())
	}
}

func TestASuggestionIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(a *advised, line *string)
		user   string
		want   string
	}{
		{"another's button", func(a *advised, _ *string) { a.managers["eve"] = "" }, "eve", "no button of mine"},
		{"who does not manage the channel any more", func(a *advised, _ *string) { delete(a.managers, "mia") }, "mia", "changed by people who manage it"},
		{"rights that nobody knows", func(a *advised, _ *string) { a.managers["mia"] = "the platform is away" }, "mia", "cannot be found out: the platform is away"},
		{"an order that was changed since", func(a *advised, _ *string) { s := a.order(); s.MinImpact = 55; a.save(s) }, "mia", "was changed since"},
		{"an order that was ended", func(a *advised, _ *string) { a.ask("unsubscribe") }, "mia", "was changed since"},
		{"one of two weeks ago", func(a *advised, _ *string) { a.now = a.now.Add(14*24*time.Hour + time.Minute) }, "mia", "too old"},
		{"another delivery", func(_ *advised, l *string) { *l = (*l)[:len(*l)-1] + "a" }, "mia", "no button of mine"},
		{"one that is written anew", func(_ *advised, l *string) { *l = strings.Replace(*l, ".t1 ", ".t2 ", 1) }, "mia", "no button of mine"},
	} {
		a, b := toldOne(t)
		tt.change(a, &b.Line)
		before, err := a.store.Subscriptions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := a.direct(tt.user, b.Line)
		after, err := a.store.Subscriptions(t.Context())
		if c.Tone != bot.Mistake || !strings.Contains(c.Text, tt.want) || err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%s: answered %q, %v, orders %v, before %v", tt.name, c.Text, err, after, before)
		}
	}
}

// A line that was sealed for the deliverer's card opens nothing but a suggestion.
func TestASuggestionIsNoOtherDelivery(t *testing.T) {
	a, b := toldOne(t)
	if c := a.ask(b.Line); c.Card.Tone != bot.Mistake || !strings.Contains(c.Card.Text, "no button of mine") {
		t.Errorf("pressed in the channel: %+v", c.Card)
	}
}

func TestSettingsSuggest(t *testing.T) {
	a := newAdvised(t, nil)
	said := "A least impact of 70 would halve the volume (10 → 5 last week) and leave out 1 story that was marked noise."
	c := a.ask("settings").Card
	if lines := c.Sections[0].Lines; lines[len(lines)-1] != (bot.Line{Text: said, Note: "Suggestion"}) {
		t.Fatalf("settings: %+v", lines)
	}
	saved := a.press(c, "Set it to 70").Card
	if a.order().MinImpact != 70 || saved.Title != "Saved: this is what the channel gets from now on" {
		t.Errorf("pressed: %+v, order %+v", saved, a.order())
	}
	if a.press(saved, "Undo"); a.order().MinImpact != 40 {
		t.Errorf("undone to %+v", a.order())
	}
	if c := a.ask("settings").Card; strings.Contains(labels(c), "Set it") { // it is new
		t.Errorf("settings after the change: %+v", c)
	}

	// What is suspended has other troubles; of what is configured another order takes the place.
	a = newAdvised(t, nil)
	if err := a.store.Suspend(t.Context(), "gone", channel); err != nil {
		t.Fatal(err)
	}
	if c := a.ask("settings").Card; strings.Contains(labels(c), "Set it") {
		t.Errorf("settings of a suspended channel: %+v", c)
	}
	a = newAdvised(t, func(s *bot.Subscription) { s.Channel = "test:other" })
	a.Bot = bot.New(bot.Options{Desk: advisedDesk{deskOf{a.desk}, a}, Store: a.store, Now: a.clock,
		Book: bot.NewBook(a.store, []bot.Subscription{{ID: "config", Channel: channel, Mode: bot.Instant, MinImpact: 40}})})
	c = a.ask("settings").Card
	if !strings.Contains(fmt.Sprint(c.Sections), said) {
		t.Errorf("settings of the configuration: %+v", c)
	}
	if c := a.press(c, "Set it to 70").Card; !strings.HasPrefix(c.Title, "Saved") || !strings.Contains(c.Facts[0].Value, "impact 70") {
		t.Errorf("taken: %+v", c)
	}
}
