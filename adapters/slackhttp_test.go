package adapters_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
)

// TestSlackOverHTTP runs the built bot as behind a load balancer: it opens no
// socket, and answers what Slack signs, and nothing else.
func TestSlackOverHTTP(t *testing.T) {
	s, listen := slacktest.New(t), freePort(t)
	s.AddMember("U0READER001", slacktest.Member{})
	config := fmt.Sprintf(`
data_dir: %s
sources: {catalogue: false}
slack: {api_url: %q, transport: http, managers: [U0MANAGER01]}
web: {listen: %q, token: a-token-of-this-test, public_url: "https://bot.example"}
channels: [{channel: "slack:%s", min_impact: 0}]
`, t.TempDir(), s.URL(), listen, slacktest.Channel)
	p := start(t, config, listen, "SLACK_BOT_TOKEN="+slacktest.BotToken, "SLACK_SIGNING_SECRET="+slacktest.SigningSecret)
	s.DeliverTo("http://" + listen)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Connected(ctx, 1); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	m, err := s.Slash(ctx, "status")
	if err != nil || !strings.Contains(m.Shown(), "Newsdesk") {
		t.Errorf("status: %q, %v", m.Shown(), err)
	}
	if m, err = s.Press(ctx, m, "Sources"); err != nil || !strings.Contains(m.Shown(), "0 feeds") {
		t.Errorf("a button: %q, %v", m.Shown(), err)
	}
	for user, want := range map[string]string{"U0READER001": "for people who manage this channel", "U0MANAGER01": "Nothing holds this channel back"} {
		s.Be(user)
		if m, err := s.Slash(ctx, "resume"); err != nil || !strings.Contains(m.Shown(), want) {
			t.Errorf("%s resumes: %q, %v", user, m.Shown(), err)
		}
	}
	r := s.LastRequest()
	if status, err := s.Send(ctx, r); err != nil || status != http.StatusUnauthorized {
		t.Errorf("the same request again: HTTP %d, %v", status, err)
	}
	r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
	if status, err := s.Send(ctx, r); err != nil || status != http.StatusUnauthorized {
		t.Errorf("a forged request: HTTP %d, %v", status, err)
	}
	if n := s.Calls("apps.connections.open"); n != 0 {
		t.Errorf("%d sockets were opened", n)
	}
	if code := p.stop(t); code != 0 {
		t.Errorf("SIGTERM: exit %d\n%s", code, p.log)
	}
	for _, secret := range []string{slacktest.BotToken, slacktest.SigningSecret, "a-token-of-this-test"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log tells a secret")
		}
	}
}

// TestSlackManifest prints where Slack posts to, and the scopes of the rule.
func TestSlackManifest(t *testing.T) {
	dir := t.TempDir()
	overHTTP := "slack: {transport: http, managers: [S0123456789]}\n"
	for _, tt := range []struct {
		config string
		args   []string
		code   int
		want   []string
		not    string
	}{
		{"", nil, 0, []string{`"socket_mode_enabled": true`, "users:read"}, "/slack/"},
		{"", []string{"--url", "https://bot.example/"}, 0, []string{`"socket_mode_enabled": false`, `"https://bot.example/slack/commands"`}, "example//"},
		{overHTTP, []string{"--url", "https://bot.example"}, 0, []string{`"https://bot.example/slack/interactions"`, "usergroups:read"}, "users:read"},
		{overHTTP + "web: {public_url: 'https://bot.example'}\n", nil, 0, []string{`"https://bot.example/slack/events"`}, "users:read"},
		{overHTTP, nil, 1, []string{"web.public_url", "--url"}, "{"},
		{"", []string{"--url", "http://bot.example"}, 2, []string{"--url", "https://"}, "{"},
		{"", []string{"--url", "https://bot.example/slack"}, 2, []string{"--url", "without a path"}, "{"},
	} {
		args := append([]string{"--config", write(t, "newsdesk.yaml", "data_dir: ./data\n"+tt.config), "manifest", "slack"}, tt.args...)
		code, out, errs := run(t, dir, nil, args...)
		shown := out
		if tt.code == 0 && !json.Valid([]byte(out)) {
			t.Errorf("%q %q prints no JSON: %s", tt.config, tt.args, out)
		} else if tt.code != 0 {
			shown = errs
		}
		if code != tt.code || strings.Contains(shown, tt.not) {
			t.Errorf("%q %q: exit %d, %s%s", tt.config, tt.args, code, out, errs)
		}
		for _, want := range tt.want {
			if !strings.Contains(shown, want) {
				t.Errorf("%q %q does not say %q: %s%s", tt.config, tt.args, want, out, errs)
			}
		}
	}
}
