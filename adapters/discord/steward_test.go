package discord_test

import (
	"testing"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// Who manages a channel is asked of Discord, from anywhere.
func TestManages(t *testing.T) {
	t.Parallel()
	const manager, admin, reader, stranger, thread, unseen = "1500000000000000001", "1500000000000000002", "1500000000000000003", "1500000000000000005", "1600000000000000001", "1600000000000000002"
	s, p := newPlatform(t)
	s.SetMember(manager, discordtest.ManageGuild)
	s.SetMember(admin, 1<<3)
	s.SetMember(reader, discordtest.SendMessages|1<<4) // Manage Channels
	s.AddChannel(thread, discordtest.Channel{Type: 11, Parent: room})
	s.AddChannel(unseen, discordtest.Channel{Permissions: -1})
	s.AddChannel(discordtest.DirectOf(manager), discordtest.Channel{Type: 1})
	for _, tt := range []struct {
		channel, user string
		ok, told      bool
	}{
		{room, manager, true, true},
		{room, admin, true, true},
		{room, reader, false, true},
		{room, stranger, false, true},
		{room, "somebody", false, true},
		{thread, manager, true, true},
		{thread, reader, false, true},
		{"1600000000000000009", manager, false, false}, // there is none
		{unseen, manager, false, false},
		{discordtest.DirectOf(manager), manager, false, true},
		{"@" + manager, manager, false, true},
	} {
		ok, why := p.Manages(t.Context(), bot.Channel("discord:"+tt.channel), tt.user)
		if ok != tt.ok || (why == "") != tt.told {
			t.Errorf("%s manages %s: %t, %q", tt.user, tt.channel, ok, why)
		}
	}
	// Who loses the right has it no more.
	s.SetMember(manager, 0)
	if ok, why := p.Manages(t.Context(), bot.Channel("discord:"+room), manager); ok || why != "" {
		t.Errorf("after the role is gone: %t, %q", ok, why)
	}
	if name, err := p.Called(t.Context(), bot.Channel("discord:"+room)); err != nil || name == "#" || name[0] != '#' {
		t.Errorf("called %q, %v", name, err)
	}
	if name, err := p.Called(t.Context(), "discord:1600000000000000009"); err == nil {
		t.Errorf("a channel that is not there is called %q", name)
	}
}
