package discord_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

func logTo(b *lockedBuffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// Who installed the app for themselves asks where the bot is not: for
// themselves, and only they see the answer.
func TestAskedWhereTheBotIsNot(t *testing.T) {
	t.Parallel()
	for _, slow := range []bool{false, true} {
		s, p := newPlatform(t)
		h := &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
			if slow {
				time.Sleep(1700 * time.Millisecond)
			}
			return bot.Reply{Card: card("here")}, true // for all to see, if it could
		}}
		start(t, p, h)
		for _, place := range []string{discordtest.Abroad, discordtest.Group} {
			ask := discordtest.Invocation{
				Channel: "1590000000000000001", Command: "desk", Subcommand: "help", Elsewhere: place,
				Permissions: discordtest.ManageGuild | discordtest.SendMessages | discordtest.UseExternalApps,
			}
			r, err := s.Invoke(deadline(t), ask)
			if err != nil || !r.Private {
				t.Errorf("in %s, slow %v: %+v, %v; want a private answer", place, slow, r, err)
			}
			want := bot.Invocation{Channel: bot.Person("discord", discordtest.Reader), User: discordtest.Reader, Locale: "en-GB", Call: bot.Call{Command: "help"}}
			if got := h.last(); got.Channel != want.Channel || got.User != want.User || got.Space != "" || got.Manager || got.Speaker || got.Call.Command != "help" {
				t.Errorf("in %s asked %+v, want %+v", place, got, want)
			}
			ask.Command, ask.Subcommand = "desk-channel", "resume"
			if _, err := s.Invoke(deadline(t), ask); !errors.Is(err, discordtest.ErrNotOffered) {
				t.Errorf("in %s the managers' command: %v", place, err)
			}
		}
	}
}

// Discord shows the managers' command to who may manage the server.
func TestManagersCommandIsOfferedToManagers(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	s.AddChannel(discordtest.DirectOf(discordtest.Reader), discordtest.Channel{Type: 1})
	start(t, p, &handler{})
	for end := time.Now().Add(10 * time.Second); len(s.GuildCommands("")) < 3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is registered")
		}
	}
	for _, tt := range []struct {
		channel     string
		permissions int64
		offered     bool
	}{
		{room, discordtest.SendMessages, false},
		{room, 1 << 4, false}, // Manage Channels
		{room, discordtest.ManageGuild, true},
		{room, 1 << 3, true},
		{discordtest.DirectOf(discordtest.Reader), 0, true}, // a person's own
	} {
		_, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: tt.channel, Command: "desk-channel", Subcommand: "resume", Permissions: tt.permissions})
		if offered := !errors.Is(err, discordtest.ErrNotOffered); offered != tt.offered {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
