package web

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"newsdesk/bot"
)

func TestPostIsKeptOnceUnderItsKey(t *testing.T) {
	now := noon
	s, _ := start(t, Options{Now: func() time.Time { return now }})
	p := bot.Post{Key: "K1", Channel: "web:lab", Card: bot.Card{Title: "one"}}
	for range 2 {
		id, err := s.Post(t.Context(), p)
		if err != nil || id != "K1" {
			t.Fatalf("Post: %q, %v", id, err)
		}
	}
	ms, version := s.board.list("web:lab")
	if len(ms) != 1 {
		t.Fatalf("%d messages after the same key twice", len(ms))
	}
	if id, found, err := s.Find(t.Context(), p, noon.Add(-time.Minute)); id != "K1" || !found || err != nil {
		t.Errorf("Find: %q, %v, %v", id, found, err)
	}
	if _, found, _ := s.Find(t.Context(), bot.Post{Key: "K1", Channel: "web:other"}, noon.Add(-time.Minute)); found {
		t.Error("Find saw another channel's message")
	}

	now = now.Add(time.Minute)
	p.Card.Title = "two"
	if err := s.Edit(t.Context(), p, "K1"); err != nil {
		t.Fatal(err)
	}
	ms, edited := s.board.list("web:lab")
	if ms[0].Card.Title != "two" || !ms[0].Edited.Equal(now) || !ms[0].At.Equal(noon) || edited == version {
		t.Errorf("edited: %+v at version %d after %d", ms[0], edited, version)
	}
	for name, err := range map[string]error{
		"edit of a message that is gone": s.Edit(t.Context(), p, "K9"),
		"post without a key":             func() error { _, err := s.Post(t.Context(), bot.Post{Channel: "web:lab"}); return err }(),
		"post to another platform":       func() error { _, err := s.Post(t.Context(), bot.Post{Key: "K", Channel: "chat:1"}); return err }(),
	} {
		if refused, ok := errors.AsType[*bot.SendError](err); !ok || refused.Reason == "" {
			t.Errorf("%s: %v, want a definite refusal", name, err)
		}
	}
}

func TestRestoreStandsInOrderOfTime(t *testing.T) {
	s, _ := start(t, Options{})
	if _, err := s.Post(t.Context(), bot.Post{Key: "now", Channel: "web:preview", Card: bot.Card{Title: "of this run"}}); err != nil {
		t.Fatal(err)
	}
	s.Restore([]Restored{
		{Channel: "web:preview", ID: "later", Thread: "earlier", At: noon.Add(-time.Hour)},
		{Channel: "web:preview", ID: "earlier", At: noon.Add(-2 * time.Hour)},
		{Channel: "web:preview", ID: "now", Card: bot.Card{Title: "of an earlier run"}, At: noon.Add(-3 * time.Hour)},
		{Channel: "chat:1", ID: "elsewhere", At: noon},
		{Channel: "web:other", ID: "other", At: noon},
	})
	ms, _ := s.board.list("web:preview")
	var ids []bot.MessageID
	for _, m := range ms {
		ids = append(ids, m.ID)
	}
	if got := fmt.Sprint(ids); got != "[earlier later now]" || ms[1].Thread != "earlier" || ms[2].Card.Title != "of this run" {
		t.Errorf("shown: %s, the last %q", got, ms[2].Card.Title)
	}
	if known := s.board.known(); fmt.Sprint(known) != "[web:preview web:other]" {
		t.Errorf("channels %v", known)
	}
}

func TestBoardIsBounded(t *testing.T) {
	s, _ := start(t, Options{})
	for i := range maxMessages + 10 {
		if _, err := s.Post(t.Context(), bot.Post{Key: fmt.Sprint(i), Channel: "web:preview"}); err != nil {
			t.Fatal(err)
		}
	}
	ms, _ := s.board.list("web:preview")
	if len(ms) != maxMessages || ms[0].ID != "10" {
		t.Errorf("%d messages, the first %s", len(ms), ms[0].ID)
	}
}

// One channel more than there may be takes the place of the one that has been
// idle for longest, never of one that the operator set; and that one comes
// back in the same way.
func TestIdleChannelMakesPlace(t *testing.T) {
	s, _ := start(t, Options{Channels: []bot.Channel{"web:preview", "web:lab"}})
	post := func(c bot.Channel) {
		t.Helper()
		if _, err := s.Post(t.Context(), bot.Post{Key: "K " + fmt.Sprint(c), Channel: c}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxChannels {
		post(bot.Channel(fmt.Sprintf("web:c%d", i)))
	}
	if err := s.Edit(t.Context(), bot.Post{Channel: "web:c0"}, "K web:c0"); err != nil { // it is not idle
		t.Fatal(err)
	}
	for _, tt := range []struct{ comes, goes bot.Channel }{{"web:onemore", "web:c1"}, {"web:another", "web:c2"}, {"web:c1", "web:c3"}} {
		if s.board.room(tt.comes) {
			t.Errorf("there is room for %s", tt.comes)
		}
		post(tt.comes)
		known := s.board.known()
		if ms, _ := s.board.list(tt.goes); len(ms) > 0 || slices.Contains(known, tt.goes) || len(known) != 2+maxChannels {
			t.Errorf("after %s came %s has %d messages; %d channels are known", tt.comes, tt.goes, len(ms), len(known))
		}
		if ms, _ := s.board.list(tt.comes); len(ms) != 1 || !s.board.room(tt.comes) {
			t.Errorf("%s has %d messages", tt.comes, len(ms))
		}
	}
	// What an earlier run sent drives nothing of this one away.
	s.Restore([]Restored{{Channel: "web:old", ID: "old", At: noon.Add(-time.Hour)}, {Channel: "web:lab", ID: "old", At: noon.Add(-time.Hour)}})
	if known := s.board.known(); slices.Contains(known, "web:old") || !slices.Contains(known, "web:c4") {
		t.Errorf("restored into %v", known)
	}
	if ms, _ := s.board.list("web:lab"); len(ms) != 1 {
		t.Errorf("the operator's channel has %d messages", len(ms))
	}
}

func TestCheck(t *testing.T) {
	s, _ := start(t, Options{})
	for c, problems := range map[bot.Channel]int{"web:": 0, "web:preview": 0, "web:a-b_c.9": 0, "chat:1": 1, "web:a/b": 1, "web:a b": 1} {
		if got := s.Check(t.Context(), c); len(got) != problems {
			t.Errorf("%s: %q", c, got)
		}
	}
}
