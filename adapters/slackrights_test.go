package adapters_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// TestRightsOnSlack has people without permission do, on both transports, what
// only a manager or only who may write there may: in words and by buttons. Each
// is told why not, and nothing changes; nor does it while Slack cannot be asked.
func TestRightsOnSlack(t *testing.T) {
	for _, transport := range []string{slack.TransportSocket, slack.TransportHTTP} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			const reader, admin = "U0READER001", "U0ADMIN0001"
			w := newConversed(t)
			on, s := slackStage(t, w, transport)
			s.AddMember(reader, slacktest.Member{})
			s.AddMember(admin, slacktest.Member{Admin: true})
			s.Join(slacktest.Channel, admin)
			w.start(on.platform)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- on.platform.Run(ctx, w.answers) }()
			defer func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			asking, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()

			given := w.giveUp(on.channel, "anth", bot.Result{State: bot.Dead, Error: "rejected: the message was blocked"})
			ask := func(user, line, want string) said {
				t.Helper()
				s.Be(user)
				m, err := on.ask(asking, inquiry{line: line})
				if err != nil || !strings.Contains(m.text, want) {
					t.Errorf("%s asks %q: %q, %v, want %q", user, line, m.text, err, want)
				}
				return m
			}
			stands := func(want bot.State) {
				t.Helper()
				if d, err := w.store.Delivery(t.Context(), given); err != nil || d.State != want {
					t.Errorf("the delivery is %s, %v, want it %s", d.State, err, want)
				}
			}
			mistake := ask(reader, "retry "+given, "Retry is for people who manage this channel. Ask one of them.")
			stands(bot.Dead)
			// A button asks just as words do.
			forged := mistake.whole.(slacktest.Message)
			forged.Blocks = []any{map[string]any{"type": "actions", "elements": []any{map[string]any{
				"type": "button", "action_id": "nd1:0", "value": "retry " + given, "text": map[string]any{"type": "plain_text", "text": "Retry"},
			}}}}
			if m, err := s.Press(asking, forged, "Retry"); err != nil || !strings.Contains(m.Shown(), "for people who manage") {
				t.Errorf("a button: %q, %v", m.Shown(), err)
			}
			stands(bot.Dead)
			s.Outage("users.info", 503)
			ask(reader, "retry "+given, "Retry is for people who manage this channel. Ask one of them.") // as Slack said a moment ago
			ask(admin, "retry "+given, "cannot be found out: Slack does not answer: try again in a minute. Nothing was changed.")
			stands(bot.Dead)
			s.Outage("users.info", 0)
			s.RemoveScope("users:read")
			ask(admin, "retry "+given, "cannot be found out: the app lacks the scope users:read")
			stands(bot.Dead)
			s.AddScope("users:read")
			ask(admin, "retry "+given, "It is posted again")
			stands(bot.Pending)

			share := func(user, line, want string, shared bool) {
				t.Helper()
				m := ask(user, line, "")
				before := len(on.shows(on.channel))
				i := slices.IndexFunc(m.buttons, func(b button) bool { return b.label == "Share" })
				if i < 0 {
					t.Fatalf("no button to share: %+v", m.buttons)
				}
				answer, err := on.press(asking, m, m.buttons[i])
				if err != nil || answer.private == shared || !strings.Contains(answer.text, want) {
					t.Errorf("%s shares %q: %q, %v, want %q", user, line, answer.text, err, want)
				}
				if n := len(on.shows(on.channel)) - before; n > 0 != shared {
					t.Errorf("%d messages were shared", n)
				}
			}
			share(reader, "why k3j2", "Only who may write in this channel may share here. Nothing was shared.", false) // is not in it
			s.Join(slacktest.Channel, reader)
			share(reader, "why k3j2", "R2", true)
			s.RestrictPosting(slacktest.Channel, []string{"admin"}, nil)
			share(reader, "why h20x", "Nothing was shared", false)
			s.Outage("conversations.info", 500)
			share(admin, "why h20x", "cannot be found out: Slack does not answer: try again in a minute. Nothing was shared.", false)
			s.Outage("conversations.info", 0)
			share(admin, "why h20x", "H20", true)
			on.check(t)
		})
	}
}
