package discord_test

import (
	"strings"
	"testing"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// Who owns the server is told, also of a channel that the bot cannot see any more.
func TestTell(t *testing.T) {
	s, p := newPlatform(t)
	if missing := p.Check(t.Context(), roomChannel); len(missing) > 0 {
		t.Fatal(missing)
	}
	s.SetPermissions(room, 0)
	told := bot.SuspendedCard(bot.English, "the bot cannot see the channel", false, roomChannel)
	for range 2 { // on one day once
		if err := p.Tell(t.Context(), roomChannel, told); err != nil {
			t.Fatal(err)
		}
	}
	ms := s.Messages(discordtest.Direct)
	if len(ms) != 1 || ms[0].Embeds[0].Title != told.Title {
		t.Fatalf("told %+v", ms)
	}
	// A channel that was never seen cannot be asked about.
	if err := p.Tell(t.Context(), "discord:999", told); err == nil || !strings.Contains(err.Error(), "the server of discord channel 999") {
		t.Errorf("Tell about an unknown channel: %v", err)
	}
	s.Refuse(discordtest.Direct, 50007)
	other := told
	other.Title = "Something else"
	if err := p.Tell(t.Context(), roomChannel, other); err == nil || !strings.Contains(err.Error(), "direct message to the owner") {
		t.Errorf("Tell to somebody who takes no messages: %v", err)
	}
}

// Discord blocks bots that open many direct messages: each is opened once.
func TestPersonIsOpenedOnce(t *testing.T) {
	s, p := newPlatform(t)
	person := bot.Person("discord", discordtest.Reader)
	opened := func() (n int) {
		for _, r := range s.Requests() {
			if r == "POST /users/@me/channels" {
				n++
			}
		}
		return n
	}
	for i := range 3 {
		m := post(i)
		m.Channel = person
		if _, err := p.Post(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened(); n != 1 {
		t.Errorf("three messages opened the channel %d times", n)
	}
	s.RemoveChannel(discordtest.DirectOf(discordtest.Reader))
	m := post(4)
	m.Channel = person
	if _, err := p.Post(t.Context(), m); err == nil {
		t.Error("a channel that is gone took a message")
	}
	if _, err := p.Post(t.Context(), m); err != nil || opened() != 2 {
		t.Errorf("Post after the channel was gone: %v, opened %d times", err, opened())
	}
}
