package adaptertest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

// persons: direct messages are a channel like any other.
func persons(t *testing.T, s Subject) {
	begun := time.Now()
	p := newPost(s)
	p.Channel = s.Person
	id := sent(t, s, p)
	if ms := s.Messages(s.Person); len(ms) != 1 || ms[0].ID != id || ms[0].Key != key || !strings.Contains(ms[0].Text, "Chips are back") {
		t.Fatalf("the person has %+v", ms)
	}
	shows(t, s, 0)
	found(t, s, p, begun, id)
	p.Card = story("Chips are gone")
	if err := s.Platform.Edit(within(t), p, id); err != nil {
		discreet(t, s, err)
		t.Fatal(err)
	}
	if ms := s.Messages(s.Person); len(ms) != 1 || !strings.Contains(ms[0].Text, "Chips are gone") {
		t.Errorf("after the edit the person has %+v", ms)
	}
	p.Key = otherKey
	found(t, s, p, begun, "")
	if missing := s.Platform.Check(within(t), s.Person); len(missing) > 0 {
		t.Errorf("Check finds fault with a person: %q", missing)
	}
	for _, c := range []bot.Channel{s.Shy, bot.Person(s.Platform.Name(), "nobody at all")} {
		if c == "" {
			continue
		}
		p.Channel = c
		_, err := s.Platform.Post(within(t), p)
		discreet(t, s, err)
		var e *bot.SendError
		if !errors.As(err, &e) || e.Outcome != bot.Suspended || e.Reason == "" {
			t.Errorf("Post to %s = %v, want it suspended with a reason", c, err)
		}
		if len(s.Messages(c)) > 0 {
			t.Errorf("%s has messages", c)
		}
	}
}
