package adapters_test

import (
	"strings"
	"testing"

	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
)

// TestTopicsAreSuggestedInTheForm has a manager choose topics among those that
// are suggested while they type, on both transports.
func TestTopicsAreSuggestedInTheForm(t *testing.T) {
	for _, transport := range []string{slack.TransportSocket, slack.TransportHTTP} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			h := newHoused(t, transport)
			modal := func(line string) slacktest.View {
				t.Helper()
				m, err := h.s.Slash(h.ctx, line)
				if err != nil || m.View == nil {
					t.Fatalf("%+v, %v", m, err)
				}
				return *m.View
			}
			submit := func(v slacktest.View, topics, want string) {
				t.Helper()
				m, err := h.s.Submit(h.ctx, v, map[string]string{"topics": topics})
				if err != nil || !strings.Contains(m.Shown(), want) {
					t.Errorf("the topics %q: %q, %v, want %q", topics, m.Shown(), err, want)
				}
			}
			v := modal("subscribe mode:instant form:what")
			offered, err := h.s.SuggestIn(h.ctx, v, "topics", "deeps")
			if err != nil || len(offered) == 0 || offered[0].Value != "deepseek" || offered[0].Text != "DeepSeek" {
				t.Fatalf("offered %q, %v", offered, err)
			}
			if _, err := h.s.Submit(h.ctx, v, map[string]string{"topics": "no such topic"}); err == nil {
				t.Error("the form takes what nobody offered")
			}
			submit(v, "deepseek", "DeepSeek · impact 50 and more")
			if offered, err = h.s.SuggestIn(h.ctx, v, "topics", ""); err != nil || len(offered) < 3 {
				t.Fatalf("before anything is typed %q is offered, %v", offered, err)
			}
			v = modal("subscribe mode:instant openai,deepseek form:what")
			submit(v, "openai,deepseek", "OpenAI and DeepSeek · impact") // as they stand there
			v = modal("subscribe mode:instant openai,deepseek form:what")
			submit(v, "", "all topics · impact")
		})
	}
}
