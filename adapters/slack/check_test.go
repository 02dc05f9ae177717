package slack

import (
	"strings"
	"testing"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name    string
		channel bot.Channel
		knob    func(*Platform, *slacktest.Server)
		want    []string // a part of each sentence
	}{
		{"tokens", "slack:", nil, nil},
		{"channel", newsChannel, nil, nil},
		{"private channel", "slack:" + slacktest.Private, nil, nil},
		{"public channel to be joined", "slack:" + slacktest.Open, nil, nil},
		{"bot token", "slack:", func(_ *Platform, s *slacktest.Server) { s.Revoke(slacktest.BotToken) }, []string{"install the app again"}},
		{"no app token", "slack:", func(p *Platform, _ *slacktest.Server) { p.AppToken = "" }, []string{"SLACK_APP_TOKEN"}},
		{"app token", "slack:", func(_ *Platform, s *slacktest.Server) { s.Revoke(slacktest.AppToken) }, []string{"connections:write"}},
		{"scopes", "slack:", func(_ *Platform, s *slacktest.Server) { s.RemoveScope("commands", "groups:history") }, []string{"scope commands", "scope groups:history"}},
		{"both", "slack:", func(_ *Platform, s *slacktest.Server) {
			s.RemoveScope("chat:write")
			s.Revoke(slacktest.AppToken)
		}, []string{"chat:write", "app token"}},
		{"unknown channel", "slack:C0NOWHERE", nil, []string{"does not exist"}},
		{"no id", "slack:#news", nil, []string{"C0123456789"}},
		{"foreign channel", "slack:" + slacktest.Foreign, nil, []string{"invite"}},
		{"archived", "slack:" + slacktest.Archived, nil, []string{"archived"}},
		{"not to be joined", "slack:" + slacktest.Open, func(_ *Platform, s *slacktest.Server) { s.RemoveScope("channels:join") }, []string{"invite"}},
		{"kicked from private", "slack:" + slacktest.Private, func(_ *Platform, s *slacktest.Server) { s.Kick(slacktest.Private) }, []string{"invite"}},
		{"history", newsChannel, func(_ *Platform, s *slacktest.Server) { s.RemoveScope("channels:history") }, []string{"channels:history"}},
		{"person", bot.Person("slack", slacktest.Person), nil, nil},
		{"person without a history", bot.Person("slack", slacktest.Person), func(_ *Platform, s *slacktest.Server) { s.RemoveScope("im:history") }, []string{"im:history"}},
		{"person whom the app may not write to", bot.Person("slack", slacktest.Person), func(_ *Platform, s *slacktest.Server) { s.RemoveScope("im:write") }, []string{"im:write"}},
		{"person who left", bot.Person("slack", slacktest.Away), nil, []string{"deactivated"}},
		{"a bot", bot.Person("slack", slacktest.Robot), nil, []string{"this is a bot"}},
		{"nobody", bot.Person("slack", "U0NOBODY"), nil, []string{"no such person"}},
		{"a person's name", bot.Person("slack", "ann"), nil, []string{"U0123456789"}},
		{"away", newsChannel, func(_ *Platform, s *slacktest.Server) { s.Close() }, []string{"cannot be reached"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, s := open(t)
			if test.knob != nil {
				test.knob(p, s)
			}
			got := p.Check(t.Context(), test.channel)
			ok := len(got) == len(test.want)
			for i := range min(len(got), len(test.want)) {
				ok = ok && strings.Contains(got[i], test.want[i])
			}
			if !ok {
				t.Errorf("Check(%q) = %q, want %q", test.channel, got, test.want)
			}
			for _, secret := range []string{slacktest.BotToken, slacktest.AppToken} {
				if strings.Contains(strings.Join(got, " "), secret) {
					t.Error("a sentence holds a token")
				}
			}
		})
	}
}
