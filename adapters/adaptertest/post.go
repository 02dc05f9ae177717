package adaptertest

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"newsdesk/bot"
)

// A key has the shape of bot.DeliveryID.
const (
	key      = "abcdefghijklmnopqrstuv27"
	otherKey = "bcdefghijklmnopqrstuv27a"
)

// story is a card as deliveries have it.
func story(headline string) bot.Card {
	return bot.Card{
		Title:   headline,
		URL:     "https://news.example/story",
		Text:    "The lab says so.",
		Badges:  []bot.Badge{{Label: "Impact", Value: "81", Meter: 81}, {Label: "Status", Value: "rumour"}},
		Facts:   []bot.Fact{{Label: "Sources", Value: "The Verge, Heise"}},
		Buttons: []bot.Button{{Label: "Why 81?", Line: "why k3j2"}, {Label: "Open", URL: "https://news.example/story"}},
		Tone:    bot.Critical,
	}
}

func newPost(s Subject) bot.Post {
	return bot.Post{Key: key, Channel: s.Channel, Card: story("Chips are back")}
}

// within is a context for one part of the suite.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func need(t *testing.T, has bool) {
	t.Helper()
	if !has {
		t.Skip("NOT TESTED: the platform has no such thing")
	}
}

// sent posts and returns the id, or ends the test.
func sent(t *testing.T, s Subject, p bot.Post) bot.MessageID {
	t.Helper()
	id, err := s.Platform.Post(within(t), p)
	discreet(t, s, err)
	if err != nil || id == "" {
		t.Fatalf("Post = %q, %v", id, err)
	}
	return id
}

// discreet checks that an error holds no secret.
func discreet(t *testing.T, s Subject, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range s.Secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds a secret: %v", strings.ReplaceAll(err.Error(), secret, "[SECRET]"))
		}
	}
}

// inDoubt checks that err says neither that the post arrived nor that it did not.
func inDoubt(t *testing.T, s Subject, id bot.MessageID, err error) {
	t.Helper()
	discreet(t, s, err)
	var e *bot.SendError
	switch {
	case err == nil:
		t.Fatalf("Post = %q and no error, without an answer", id)
	case errors.As(err, &e):
		t.Fatalf("Post is sure that nothing was posted, without an answer: %v", err)
	}
}

// found checks what Find says.
func found(t *testing.T, s Subject, p bot.Post, since time.Time, want bot.MessageID) {
	t.Helper()
	id, ok, err := s.Platform.Find(within(t), p, since)
	discreet(t, s, err)
	if err != nil || ok != (want != "") || id != want {
		t.Fatalf("Find = %q, %v, %v; want %q", id, ok, err, want)
	}
}

// shows checks how many messages the channel has and returns them.
func shows(t *testing.T, s Subject, n int) []Message {
	t.Helper()
	ms := s.Messages(s.Channel)
	if len(ms) != n {
		t.Fatalf("the channel shows %d messages, want %d: %+v", len(ms), n, ms)
	}
	return ms
}

func postedIsShownAndFound(t *testing.T, s Subject) {
	begun := time.Now()
	p := newPost(s)
	id := sent(t, s, p)
	m := shows(t, s, 1)[0]
	if m.ID != id || m.Key != key || m.Answers != "" {
		t.Errorf("shown: %+v; posted as %s with key %s", m, id, key)
	}
	for _, want := range []string{"Chips are back", "The lab says so", "Impact", "81", "rumour", "The Verge", "Why 81?"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the message does not show %q: %q", want, m.Text)
		}
	}
	found(t, s, p, begun, id)
	found(t, s, p, begun.Add(3*time.Hour), id) // what noted the time had a fast clock
	p.Key = otherKey
	found(t, s, p, begun, "")
	if missing := s.Platform.Check(within(t), s.Channel); len(missing) > 0 {
		t.Errorf("Check finds fault with a good channel: %q", missing)
	}
	if !strings.HasPrefix(string(s.Channel), s.Platform.Name()+":") {
		t.Errorf("platform %q cannot own channel %q", s.Platform.Name(), s.Channel)
	}
}

func sameKeyTwice(t *testing.T, s Subject) {
	need(t, s.Dedups)
	first := sent(t, s, newPost(s))
	if second := sent(t, s, newPost(s)); second != first {
		t.Errorf("the second post of a key is %s, the first %s", second, first)
	}
	shows(t, s, 1)
}

func atTheSameTime(t *testing.T, s Subject) {
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			p := newPost(s)
			p.Key = key[:23] + string(rune('a'+i))
			// A limit of the platform may hold some of them back.
			for {
				_, err := s.Platform.Post(within(t), p)
				var e *bot.SendError
				if errors.As(err, &e) && e.Outcome == bot.Throttled {
					time.Sleep(e.RetryAfter)
					continue
				}
				if err != nil {
					t.Errorf("Post: %v", err)
				}
				return
			}
		})
	}
	wg.Wait()
	keys := map[string]bool{}
	for _, m := range shows(t, s, 6) {
		keys[m.Key] = true
	}
	if len(keys) != 6 {
		t.Errorf("six keys became %v", keys)
	}
}

func answersMessage(t *testing.T, s Subject) {
	first := sent(t, s, newPost(s))
	p := newPost(s)
	p.Key, p.Thread, p.Card = otherKey, first, story("Confirmed now")
	sent(t, s, p)
	m := shows(t, s, 2)[1]
	if m.Answers != first {
		t.Errorf("the follow-up answers %q, want %q", m.Answers, first)
	}
	found(t, s, p, time.Now().Add(3*time.Hour), m.ID)
}

func throttled(t *testing.T, s Subject) {
	need(t, s.Throttle != nil)
	const wait = 3 * time.Second
	s.Throttle(1, wait)
	_, err := s.Platform.Post(within(t), newPost(s))
	discreet(t, s, err)
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != bot.Throttled {
		t.Fatalf("Post = %v, want it throttled", err)
	}
	if e.RetryAfter < wait-time.Second || e.RetryAfter > wait+2*time.Second {
		t.Errorf("RetryAfter = %s, want %s", e.RetryAfter, wait)
	}
	shows(t, s, 0)
}

func lostAnswer(t *testing.T, s Subject) {
	need(t, s.LoseAnswer != nil)
	begun := time.Now()
	s.LoseAnswer(1)
	id, err := s.Platform.Post(within(t), newPost(s))
	inDoubt(t, s, id, err)
	found(t, s, newPost(s), begun, shows(t, s, 1)[0].ID)
}

func dropped(t *testing.T, s Subject) {
	need(t, s.Drop != nil)
	begun := time.Now()
	s.Drop(1)
	id, err := s.Platform.Post(within(t), newPost(s))
	inDoubt(t, s, id, err)
	shows(t, s, 0)
	found(t, s, newPost(s), begun, "")
	sent(t, s, newPost(s))
	shows(t, s, 1)
}

func landsLate(t *testing.T, s Subject) {
	need(t, s.LandLate != nil)
	begun := time.Now()
	s.LandLate(400 * time.Millisecond)
	id, err := s.Platform.Post(within(t), newPost(s))
	inDoubt(t, s, id, err)
	shows(t, s, 0)
	found(t, s, newPost(s), begun, "")
	for deadline := time.Now().Add(10 * time.Second); len(s.Messages(s.Channel)) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the message never landed")
		}
	}
	found(t, s, newPost(s), begun, shows(t, s, 1)[0].ID)
}

func refused(t *testing.T, s Subject) {
	need(t, s.Refuse != nil)
	for _, kind := range []bot.Outcome{bot.Rejected, bot.Suspended, bot.Halted} {
		if !s.Refuse(kind) {
			continue
		}
		_, err := s.Platform.Post(within(t), newPost(s))
		discreet(t, s, err)
		var e *bot.SendError
		if !errors.As(err, &e) || e.Outcome != kind {
			t.Fatalf("Post = %v, want it %s", err, kind)
		}
		if e.Reason == "" {
			t.Errorf("%s without a reason for people", kind)
		}
		shows(t, s, 0)
	}
}

// contextEnded: a platform may say that nothing was sent or that it does not
// know, and does so at once.
func contextEnded(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	id, err := s.Platform.Post(ctx, newPost(s))
	discreet(t, s, err)
	if err == nil || time.Since(begun) > 2*time.Second {
		t.Errorf("Post = %q, %v after %s, with a context that has ended", id, err, time.Since(begun))
	}
	shows(t, s, 0)
}

func blind(t *testing.T, s Subject) {
	need(t, s.Blind != nil)
	begun := time.Now()
	sent(t, s, newPost(s))
	s.Blind()
	id, ok, err := s.Platform.Find(within(t), newPost(s), begun)
	discreet(t, s, err)
	if !errors.Is(err, bot.ErrBlind) {
		t.Errorf("Find = %q, %v, %v, want ErrBlind", id, ok, err)
	}
	if missing := s.Platform.Check(within(t), s.Channel); len(missing) == 0 {
		t.Error("Check finds nothing missing")
	}
}

func edit(t *testing.T, s Subject) {
	begun := time.Now()
	p := newPost(s)
	id := sent(t, s, p)
	p.Card = story("Chips are gone")
	for range 2 {
		if err := s.Platform.Edit(within(t), p, id); err != nil {
			discreet(t, s, err)
			t.Fatal(err)
		}
	}
	m := shows(t, s, 1)[0]
	if !strings.Contains(m.Text, "Chips are gone") || strings.Contains(m.Text, "Chips are back") || m.Key != key {
		t.Errorf("after the edit: %+v", m)
	}
	found(t, s, p, begun, id)
}

// anyMention matches the mentions of the platforms in use.
var anyMention = regexp.MustCompile(`(?i)@everyone|@here|<@[!&UW]?\w|<#\w|<!\w`)

var invisible = regexp.MustCompile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]")

func hostile(t *testing.T, s Subject) {
	mention := s.Mention
	if mention == nil {
		mention = anyMention
	}
	for _, test := range []struct{ name, text string }{
		{"mentions", "@everyone @here <@123456789012345678> <@&1> <#1> <@U012AB3CD> <!channel> <!here> <#C0123> <!subteam^S1>"},
		{"markup", "# a *b* _c_ ~d~ `e` ```f``` ||g|| > h\n> i\n- j\n1. k [l](https://evil.example) <https://evil.example|m> &lt;n"},
		{"direction", "abc \u202egnp.exe\u202c \u2066x\u2069 \x00\x1b[31m"},
		{"length", strings.Repeat("long ", 2000)},
		{"one word", strings.Repeat("x", 10000)},
		{"escapes", strings.Repeat("*<&>", 2500)},
		{"emoji", strings.Repeat("👩‍👩‍👧‍👦🇩🇪", 1000)},
		{"combining", strings.Repeat("e\u0301", 5000)},
		{"invalid", "a\xff\xfe\xc3b"},
		{"blank", " \u200b\u3164 "},
		{"empty", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(s.Messages(s.Channel))
			c := bot.Card{Title: test.text, URL: "https://evil.example/" + test.text, Text: test.text, Footer: test.text, Image: "javascript:" + test.text}
			for range 30 {
				c.Badges = append(c.Badges, bot.Badge{Label: test.text, Value: test.text, Meter: 250})
				c.Facts = append(c.Facts, bot.Fact{Label: test.text, Value: test.text})
				c.Sections = append(c.Sections, bot.Section{Title: test.text, Lines: []bot.Line{
					{Text: test.text, URL: "https://evil.example/)" + test.text, Note: test.text, Detail: test.text},
				}})
				c.Buttons = append(c.Buttons, bot.Button{Label: test.text, Line: "why " + test.text}, bot.Button{Label: test.text, URL: test.text})
			}
			p := newPost(s)
			p.Card = c
			p.Key = hostileKey(test.name)
			begun := time.Now()
			id := sent(t, s, p)
			m := shows(t, s, before+1)[before]
			if hit := mention.FindString(m.Text); hit != "" {
				t.Errorf("a mention survives: %q", hit)
			}
			if hit := invisible.FindString(m.Text); hit != "" || !utf8.ValidString(m.Text) {
				t.Errorf("text is not clean: %q", hit)
			}
			found(t, s, p, begun, id)
			if err := s.Platform.Edit(within(t), p, id); err != nil {
				t.Errorf("Edit: %v", err)
			}
		})
	}
}

func hostileKey(name string) string {
	return (strings.ReplaceAll(name, " ", "") + key)[:len(key)]
}
