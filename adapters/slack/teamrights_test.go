package slack

import (
	"context"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// TestRightsInEachWorkspace: who manages a channel, and who may write there, is
// asked with the token of the channel's workspace, and an office in one is none
// in another.
func TestRightsInEachWorkspace(t *testing.T) {
	const group = "S0GROUP0001"
	h := openHall(t, true)
	h.slack.AddScope("usergroups:read")
	h.slack.AddGroup(group, slacktest.Person)
	h.o.Managers = []string{Admins, group}
	h.Platform = h.replica(t, nil)
	h.install(t, teamOne)
	h.install(t, teamTwo)
	one, two := h.slack.PersonIn(teamOne), h.slack.PersonIn(teamTwo)
	h.slack.AddMember(one, slacktest.Member{Admin: true})
	for _, test := range []struct {
		channel         bot.Channel
		user            string
		manages, speaks bool
	}{
		{channelOne, one, true, true},
		{channelTwo, two, false, true},
		{channelTwo, one, false, false}, // nobody there, and remembered as somebody in One
		{channelOne, two, false, false},
		{newsChannel, slacktest.Person, true, true}, // by the group
	} {
		r := rights{h.Platform, test.channel, test.user}
		if ok, why := r.Manages(t.Context()); ok != test.manages {
			t.Errorf("%s manages %s: %v, %q", test.user, test.channel, ok, why)
		}
		if ok, why := r.Speaks(t.Context()); ok != test.speaks {
			t.Errorf("%s may write in %s: %v, %q", test.user, test.channel, ok, why)
		}
	}
	if ok, why := (rights{h.Platform, channelTwo, two}).Manages(t.Context()); ok || why != "" {
		t.Errorf("a user group of another workspace: %v, %q", ok, why)
	}
	if missing := h.Check(t.Context(), "slack:"); len(missing) > 0 {
		t.Errorf("check says %q", missing)
	}
}

// TestRightsAfterTheTokenRanOut: it is renewed for the question.
func TestRightsAfterTheTokenRanOut(t *testing.T) {
	h := openHall(t, false)
	h.slack.Rotate(12 * time.Hour)
	h.install(t, teamOne)
	var got bool
	var why string
	run(t, h.Platform, h.slack, 2, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		got, why = inv.Rights.Manages(ctx)
		return echo(ctx, inv)
	})
	h.slack.Expire(teamOne)
	if _, err := h.slack.SlashIn(within(t), localID(channelOne), "x"); err != nil || !got {
		t.Errorf("the creator of the channel manages it: %v, %q, %v", got, why, err)
	}
}
