package slack

import (
	"strings"
	"testing"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// Who made the channel is told, also of one that the bot cannot see any more.
func TestTell(t *testing.T) {
	p, s := open(t)
	private := bot.Channel("slack:" + slacktest.Private)
	if missing := p.Check(t.Context(), private); len(missing) > 0 {
		t.Fatal(missing)
	}
	s.Kick(slacktest.Private)
	told := bot.SuspendedCard(bot.English, "the bot is not in the channel", false, private)
	if err := p.Tell(t.Context(), private, told); err != nil {
		t.Fatal(err)
	}
	if ms := s.Messages(slacktest.Direct(slacktest.Person)); len(ms) != 1 || !strings.Contains(ms[0].Shown(), told.Title) {
		t.Errorf("told %+v", ms)
	}
	if err := p.Tell(t.Context(), "slack:"+slacktest.Foreign, told); err == nil || !strings.Contains(err.Error(), "who made slack channel") {
		t.Errorf("Tell about a channel that was never seen: %v", err)
	}
	p.direct = nil // as after a restart: a channel that was opened stays so
	s.RemoveScope("im:write")
	if err := p.Tell(t.Context(), private, told); err == nil || !strings.Contains(err.Error(), "scope") {
		t.Errorf("Tell without the scope: %v", err)
	}
}
