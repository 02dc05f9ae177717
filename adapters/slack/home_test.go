package slack

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// A host has a page that shows what it was asked, and opens a form for "form".
type host struct {
	mu     sync.Mutex
	visits []bot.Visit
	asked  []bot.Invocation
	shown  []bot.HomePart
}

func (h *host) Handle(_ context.Context, inv bot.Invocation) (bot.Reply, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, inv)
	r := bot.Reply{Card: bot.Card{Title: "to " + inv.Line, Buttons: []bot.Button{{Label: "On", Line: "on"}}}, Private: true}
	if inv.Line == "form" && inv.Fields == nil {
		r.Form = &bot.Form{Title: "What", Submit: "Look", Line: "filled", Fields: []bot.Field{{Name: "min", Label: "Min"}}}
	}
	return r, true
}

func (*host) Suggest(context.Context, bot.Typing) []bot.Choice { return nil }

func (h *host) Home(ctx context.Context, v bot.Visit) bot.Home {
	names, why := v.Sees(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.visits = append(h.visits, v)
	me := bot.Person(v.Space, v.User)
	parts := []bot.HomePart{{Channel: me, Card: bot.Card{Title: fmt.Sprintf("%s sees %d %s", v.User, len(names), why)}}}
	if v.Answer != nil {
		parts = append(parts, bot.HomePart{Channel: v.Asked, Card: *v.Answer})
	}
	for c, name := range names {
		parts = append(parts, bot.HomePart{Channel: c, Card: bot.Card{Title: name, Buttons: []bot.Button{{Label: "Do " + name, Line: "do"}, {Label: "Form " + name, Line: "form"}}}})
	}
	return bot.Home{Parts: append(parts, h.shown...), Line: bot.HomeLine + " 7"}
}

func (h *host) last(t *testing.T) (bot.Visit, bot.Invocation) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.visits) == 0 || len(h.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return h.visits[len(h.visits)-1], h.asked[len(h.asked)-1]
}

// TestHomeInEachWorkspace: a page is drawn with the token of its workspace, and
// shows nothing of another; its buttons and forms ask there.
func TestHomeInEachWorkspace(t *testing.T) {
	for _, home := range []bool{true, false} {
		h, on := openHall(t, home), &host{}
		runHost(t, h.Platform, h.slack, on)
		h.install(t, teamOne)
		short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if v, err := h.slack.OpenHomeIn(short, teamTwo); err == nil {
			t.Errorf("where the app is not installed somebody is shown %q", v.Shown())
		}
		user := h.slack.PersonIn(teamOne)
		v, err := h.slack.OpenHomeIn(within(t), teamOne)
		if err != nil || !strings.Contains(v.Shown(), user+" sees 1") || v.Metadata != bot.HomeLine+" 7" {
			t.Fatalf("%+v, %v", v, err)
		}
		m, err := h.slack.PressHome(within(t), v, "Do #news")
		if err != nil || m.View == nil || !strings.Contains(m.View.Shown(), "to do") {
			t.Fatalf("%+v, %v", m, err)
		}
		visit, inv := on.last(t)
		if inv.Channel != channelOne || !inv.Home || inv.Rights == nil || inv.Manager || visit.Space != space(teamOne) || visit.Asked != channelOne || visit.Line != bot.HomeLine+" 7" {
			t.Errorf("asked %+v, and visits %+v", inv, visit)
		}
		modal, err := h.slack.PressHome(within(t), *m.View, "Form #news")
		if err != nil || modal.View.Title != "What" {
			t.Fatalf("%+v, %v", modal, err)
		}
		filled, err := h.slack.Submit(within(t), *modal.View, map[string]string{"min": "5"})
		if err != nil || filled.View == nil || !strings.Contains(filled.View.Shown(), "to filled") {
			t.Fatalf("%+v, %v", filled, err)
		}
		if visit, inv = on.last(t); inv.Channel != channelOne || inv.Fields["min"] != "5" || !inv.Home || visit.Line != bot.HomeLine+" 7" {
			t.Errorf("filled in: %+v, and visits %+v", inv, visit)
		}
		// A form that was asked for in words is the workspace's, too.
		if modal, err = h.slack.SlashIn(within(t), localID(channelOne), "form"); err != nil || modal.View == nil {
			t.Fatalf("%+v, %v", modal, err)
		}
		if filled, err = h.slack.Submit(within(t), *modal.View, nil); err != nil || !strings.Contains(filled.Shown(), "to filled") {
			t.Fatalf("%+v, %v", filled, err)
		}
		if _, inv = on.last(t); inv.Channel != channelOne || inv.Home {
			t.Errorf("filled in: %+v", inv)
		}
		h.slack.ExpireURLs()
		if modal, err = h.slack.SlashIn(within(t), localID(channelOne), "form"); err != nil {
			t.Fatal(err)
		}
		h.slack.ExpireURLs()
		if filled, err = h.slack.Submit(within(t), *modal.View, nil); err != nil || !filled.Private || filled.Channel != localID(channelOne) {
			t.Errorf("an hour later: %+v, %v", filled, err)
		}
	}
}

// runHost is run for a handler that has a page.
func runHost(t *testing.T, p *Platform, s *slacktest.Server, on *host) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, on) }()
	t.Cleanup(func() { cancel(); <-ended })
	if err := s.Connected(within(t), 1); err != nil {
		t.Fatal(err)
	}
}

// TestHomeIsDrawnWithinLimits whatever the cards hold.
func TestHomeIsDrawnWithinLimits(t *testing.T) {
	p, s := open(t)
	huge := bot.Card{
		Title: strings.Repeat("<", 400), Text: strings.Repeat("&<>", 3000), URL: "https://x.example/" + strings.Repeat("x", 4000), Image: "https://x.invalid/x.png",
		Badges: []bot.Badge{{Label: "<!channel>", Value: strings.Repeat("&", 500)}}, Footer: strings.Repeat("😀", 900),
	}
	for range 60 {
		huge.Buttons = append(huge.Buttons, bot.Button{Label: strings.Repeat("&", 90), Line: strings.Repeat("<", 90)})
		huge.Facts = append(huge.Facts, bot.Fact{Label: "L", Value: strings.Repeat("漢", 300)})
		huge.Sections = append(huge.Sections, bot.Section{Title: "S", Lines: []bot.Line{{Text: strings.Repeat("漢", 900), Detail: strings.Repeat("&", 900)}}})
	}
	on := &host{}
	for i := range 16 { // as many as the bot has
		on.shown = append(on.shown, bot.HomePart{Channel: bot.Channel(fmt.Sprintf("slack:C%d", i)), Card: huge})
	}
	on.shown = append(on.shown, bot.HomePart{Channel: bot.Person("slack", slacktest.Person), Card: bot.Card{Title: "The end"}})
	runHost(t, p, s, on)
	v, err := s.OpenHome(within(t))
	if err != nil || !strings.Contains(v.Shown(), "The end") || strings.Contains(v.Shown(), "<!channel>") {
		t.Errorf("%d blocks, %v", len(v.Blocks), err)
	}
}

// TestHomeThatCannotBeDrawn: a tab that is off, an older page and the other tab
// draw nothing, and a moment's failure costs nothing.
func TestHomeThatCannotBeDrawn(t *testing.T) {
	p, s := open(t)
	on := &host{}
	runHost(t, p, s, on)
	nothing := func(open func(context.Context) (slacktest.View, error), want int) {
		t.Helper()
		before := s.Calls("views.publish")
		short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if v, err := open(short); err == nil || s.Calls("views.publish") != before+want {
			t.Errorf("after %d calls of %d: %q", s.Calls("views.publish")-before, want, v.Shown())
		}
	}
	nothing(s.OpenMessages, 0)
	s.RefuseHome(1, "hash_conflict")
	nothing(s.OpenHome, 1)
	s.RefuseHome(2, "internal_error")
	v, err := s.OpenHome(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := s.PressHome(within(t), v, "Do #news"); err != nil || m.View == nil {
		t.Fatalf("%+v, %v", m, err)
	}
	// The page was drawn anew since: the answer is shown on the newer.
	if m, err := s.PressHome(within(t), v, "Do #news"); err != nil || m.View == nil || s.Calls("views.publish") != 7 {
		t.Errorf("%+v, %v after %d calls", m, err, s.Calls("views.publish"))
	}
	s.DisableHome()
	nothing(s.OpenHome, 1)
	if m, err := s.PressHome(within(t), v, "Do #news"); err != nil || !strings.Contains(m.Shown(), "to do") || m.Channel != slacktest.Direct(slacktest.Person) {
		t.Errorf("%+v, %v", m, err)
	}
}
