package slack

import (
	"context"
	"sync"
	"testing"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

func TestTyped(t *testing.T) {
	for given, want := range map[string]string{
		"subscribe mention:<!subteam^S0DESK|@desk> min:60":       "subscribe mention:S0DESK min:60",
		"subscribe mention:<!subteam^S0DESK>":                    "subscribe mention:S0DESK",
		"subscribe mention:&lt;!subteam^S0DESK&gt; min:60":       "subscribe mention:S0DESK min:60", // as somebody wrote it out
		"subscribe mention:&lt;!subteam^S0DESK|@desk&gt; min:60": "subscribe mention:S0DESK min:60",
		"&lt;!channel&gt; &amp;lt;!subteam^S0DESK&amp;gt;":       "<!channel> &lt;!subteam^S0DESK&gt;",
	} {
		if got := typed(given); got != want {
			t.Errorf("%q reads %q, want %q", given, got, want)
		}
	}
}

// TestGroupByItsHandle: what arrives of a group that somebody typed is its
// handle, which becomes its id where the app may look it up, and one of the
// person's own workspace alone.
func TestGroupByItsHandle(t *testing.T) {
	h := openHall(t, true)
	h.slack.AddScope("usergroups:read")
	h.slack.AddGroup("S0DESK", slacktest.Person)
	h.o.Managers = []string{"S0DESK"}
	h.Platform = h.replica(t, nil)
	h.install(t, teamOne)
	var mu sync.Mutex
	var got string
	run(t, h.Platform, h.slack, 2, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		mu.Lock()
		defer mu.Unlock()
		got = inv.Line
		return echo(ctx, inv)
	})
	for _, test := range []struct {
		channel     bot.Channel
		given, want string
	}{
		{newsChannel, "subscribe mention:@s0desk min:60", "subscribe mention:S0DESK min:60"},
		{newsChannel, `subscribe mention:"@S0Desk"`, `subscribe mention:"S0DESK"`},
		{newsChannel, "subscribe mention:@everyone", "subscribe mention:@everyone"},
		{newsChannel, "what @s0desk says", "what @s0desk says"},
		{channelOne, "subscribe mention:@s0desk", "subscribe mention:@s0desk"},
	} {
		if _, err := h.slack.SlashIn(within(t), localID(test.channel), test.given); err != nil || got != test.want {
			t.Errorf("%q asks %q, %v, want %q", test.given, got, err, test.want)
		}
	}
	if n := h.slack.Calls("usergroups.list"); n != 2 {
		t.Errorf("%d questions for the groups of two workspaces", n)
	}
	inv := bot.Invocation{Channel: newsChannel, Fields: map[string]string{"mention": "@s0desk"}}
	if h.identify(t.Context(), h.workspace, &inv); inv.Fields["mention"] != "S0DESK" {
		t.Errorf("the field of a form asks %q", inv.Fields)
	}
	// Without the rule there is no scope, and nothing is asked.
	h.o.Managers = nil
	inv.Fields["mention"] = "@s0desk"
	if h.replica(t, nil).identify(t.Context(), h.workspace, &inv); inv.Fields["mention"] != "@s0desk" || h.slack.Calls("usergroups.list") != 2 {
		t.Errorf("the field of a form asks %q", inv.Fields)
	}
}
