package discord_test

import (
	"strings"
	"testing"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

func TestInvocations(t *testing.T) {
	t.Parallel()
	const direct, thread = "1500000000000000003", "1500000000000000004"
	s, p := newPlatform(t)
	s.AddChannel(thread, discordtest.Channel{Type: 11, Parent: room})
	s.AddChannel(direct, discordtest.Channel{Type: 1})
	h := &handler{}
	start(t, p, h)
	base := bot.Invocation{Channel: roomChannel, User: "1300000000000000002", Space: s.Guild, Locale: "en-GB"}
	with := func(change func(*bot.Invocation)) bot.Invocation {
		inv := base
		change(&inv)
		return inv
	}
	for _, test := range []struct {
		name string
		ask  discordtest.Invocation
		want bot.Invocation
	}{
		{"search", discordtest.Invocation{Channel: room, Command: "news", Options: map[string]any{"query": " deepseek r2 ", "min": 60}},
			with(func(i *bot.Invocation) { i.Call.Options = map[string]string{"query": "deepseek r2", "min": "60"} })},
		{"bare", discordtest.Invocation{Channel: room, Command: "news"}, base},
		{"subcommand", discordtest.Invocation{Channel: room, Command: "desk", Subcommand: "story", Options: map[string]any{"id": "k3j2"}},
			with(func(i *bot.Invocation) {
				i.Call = bot.Call{Command: "story", Options: map[string]string{"id": "k3j2"}}
			})},
		{"subcommand alone", discordtest.Invocation{Channel: room, Command: "desk", Subcommand: "help"},
			with(func(i *bot.Invocation) { i.Call.Command = "help" })},
		{"manager", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.ManageGuild},
			with(func(i *bot.Invocation) { i.Manager = true })},
		{"administrator", discordtest.Invocation{Channel: room, Command: "news", Permissions: 1 << 3},
			with(func(i *bot.Invocation) { i.Manager, i.Speaker = true, true })},
		{"who manages channels alone", discordtest.Invocation{Channel: room, Command: "news", Permissions: 1 << 4}, base},
		{"managers' command", discordtest.Invocation{Channel: room, Command: "desk-channel", Subcommand: "resume", Permissions: discordtest.ManageGuild},
			with(func(i *bot.Invocation) { i.Manager, i.Call.Command = true, "resume" })},
		{"managers' command opened to a role", discordtest.Invocation{Channel: room, Command: "desk-channel", Subcommand: "resume", Granted: true},
			with(func(i *bot.Invocation) { i.Call.Command = "resume" })},
		{"direct message", discordtest.Invocation{Channel: direct, Command: "news", User: "1300000000000000005"},
			with(func(i *bot.Invocation) {
				i.Channel, i.User, i.Space, i.Manager, i.Speaker = "discord:"+direct, "1300000000000000005", "", true, true
			})},
		{"speaker", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.SendMessages},
			with(func(i *bot.Invocation) { i.Speaker = true })},
		{"speaker in threads alone", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.SendMessagesInThreads}, base},
		{"speaker in a thread", discordtest.Invocation{Channel: thread, Command: "news", Permissions: discordtest.SendMessagesInThreads},
			with(func(i *bot.Invocation) { i.Channel, i.Speaker = "discord:"+thread, true })},
		{"speaker outside of threads", discordtest.Invocation{Channel: thread, Command: "news", Permissions: discordtest.SendMessages},
			with(func(i *bot.Invocation) { i.Channel = "discord:" + thread })},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := s.Invoke(deadline(t), test.ask); err != nil {
				t.Fatal(err)
			}
			got := h.last()
			if got.Call.Command != test.want.Call.Command || len(got.Call.Options) != len(test.want.Call.Options) {
				t.Errorf("call %+v, want %+v", got.Call, test.want.Call)
			}
			for name, v := range test.want.Call.Options {
				if got.Call.Options[name] != v {
					t.Errorf("option %s = %q, want %q", name, got.Call.Options[name], v)
				}
			}
			got.Call, test.want.Call = bot.Call{}, bot.Call{}
			if got.Channel != test.want.Channel || got.User != test.want.User || got.Space != test.want.Space ||
				got.Locale != test.want.Locale || got.Manager != test.want.Manager || got.Speaker != test.want.Speaker || got.Line != "" {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestPressedButton(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	h := &handler{}
	start(t, p, h)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	button := s.Messages(room)[0].Buttons()[0]
	r, err := s.Press(deadline(t), room, string(id), button.CustomID)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.last(); got.Line != "why k3j2" || got.Call.Command != "" || got.Call.Options != nil {
		t.Errorf("got %+v", got)
	}
	if len(s.Messages(room)) != 2 || !strings.Contains(r.Text(), "here") {
		t.Errorf("the answer is %q", r.Text())
	}
}
