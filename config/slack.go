package config

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	slackUser       = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	slackGroup      = regexp.MustCompile(`^S[A-Z0-9]+$`)
	clientID        = regexp.MustCompile(`^[0-9]+\.[0-9]+$`) // two numbers
	slackTransports = []string{"socket", "http"}
	managerWords    = []string{"admins", "creator", "everyone"}
)

// checkSlack looks at the account on Slack.
func (c *Config) checkSlack(r *report) {
	s := &c.Slack
	checkURL(r, "slack.api_url", s.APIURL, "http", "https")
	if s.APIURL != "" && !strings.HasSuffix(s.APIURL, "/") {
		s.APIURL += "/"
	}
	if !slices.Contains(slackTransports, s.Transport) {
		r.add("slack.transport", "unknown transport %q%s want socket or http", s.Transport, orColon(didYouMean(s.Transport, slackTransports)))
	}
	checkManagers(r, s.Managers)
	if strings.HasPrefix(s.SigningSecret.Reveal(), "xapp-") || strings.HasPrefix(s.SigningSecret.Reveal(), "xoxb-") {
		r.add("slack.signing_secret", "holds a token: want the signing secret from the page Basic Information")
	}
	if strings.HasPrefix(s.BotToken.Reveal(), "xapp-") {
		r.add("slack.bot_token", "holds an app-level token (xapp-): want the bot token (xoxb-) from the page OAuth & Permissions")
	}
	if strings.HasPrefix(s.AppToken.Reveal(), "xoxb-") {
		r.add("slack.app_token", "holds a bot token (xoxb-): want the app-level token (xapp-) from the page Basic Information")
	}
	in := s.BotToken != "" || s.ClientID != "" // it is in a workspace, or may come into one
	switch {
	case r.isBad("slack.bot_token") || r.isBad("slack.app_token") || r.isBad("slack.signing_secret"):
	case in && s.Transport == "http" && s.SigningSecret == "":
		r.add("slack.transport", "http needs slack.signing_secret: set it (SLACK_SIGNING_SECRET) to the one from the page Basic Information, by which requests are known to be Slack's")
	case in && s.Transport == "socket" && s.AppToken == "" && s.SigningSecret == "":
		key := "slack.bot_token"
		if s.BotToken == "" {
			key = "slack.client_id"
		}
		r.add(key, "is set without slack.app_token: set it (SLACK_APP_TOKEN) for Socket Mode, by which commands come, or slack.transport: http")
	case !in && s.AppToken != "":
		r.add("slack.app_token", "is set without slack.bot_token: set it (SLACK_BOT_TOKEN) too")
	case !in && s.SigningSecret != "":
		r.add("slack.signing_secret", "is set without slack.bot_token: set it (SLACK_BOT_TOKEN) too")
	}
	c.checkInstalls(r)
}

// checkManagers looks at the rule of who manages a channel on Slack.
func checkManagers(r *report, rule []string) {
	if len(rule) == 0 {
		r.add("slack.managers", "names nobody: want any of admins, creator, everyone, IDs of user groups (S...) and of persons (U...)")
	}
	for i, who := range rule {
		if !slices.Contains(managerWords, who) && !slackUser.MatchString(who) && !slackGroup.MatchString(who) {
			r.add(index("slack.managers", i), "%q is nobody%s want admins, creator, everyone, the ID of a user group (S0123456789) or of a person (U0123456789)", who, orColon(didYouMean(who, managerWords)))
		}
	}
}

// checkInstalls looks at what lets people install the app on Slack.
func (c *Config) checkInstalls(r *report) {
	s := &c.Slack
	for i, k := range s.OldEncryptionKeys {
		if _, err := EncryptionKey(k); err != nil {
			r.addError(index("slack.old_encryption_keys", i), err)
		}
	}
	if s.EncryptionKey != "" {
		if _, err := EncryptionKey(s.EncryptionKey); err != nil {
			r.addError("slack.encryption_key", err)
		}
	}
	for _, set := range []struct {
		key string
		is  bool
	}{{"slack.client_secret", s.ClientSecret != ""}, {"slack.encryption_key", s.EncryptionKey != ""}, {"slack.old_encryption_keys", len(s.OldEncryptionKeys) > 0}} {
		if set.is && s.ClientID == "" && !r.isBad("slack.client_id") {
			r.add(set.key, "is set without slack.client_id: set both, so that people can install the app in their workspaces, or neither")
			return
		}
	}
	if s.ClientID == "" {
		return
	}
	if !clientID.MatchString(s.ClientID) { // it is not shown: a secret may stand there by mistake
		r.add("slack.client_id", "want the two numbers with a point between them from the page Basic Information of your app")
	}
	for _, want := range []struct {
		key, value, how string
	}{
		{"slack.client_secret", s.ClientSecret.Reveal(), "set it (SLACK_CLIENT_SECRET) to the one from the page Basic Information of your app"},
		{"slack.encryption_key", s.EncryptionKey.Reveal(), "set it (SLACK_ENCRYPTION_KEY) to what `openssl rand -hex 32` prints, and keep a copy: without it every workspace must install the app again"},
		{"web.public_url", c.Web.PublicURL, "set it to the https:// address under which browsers find this bot"},
	} {
		if want.value == "" && !r.isBad(want.key) {
			r.add(want.key, "is required with slack.client_id: %s", want.how)
		}
	}
}

// EncryptionKey reads a key of 32 bytes, as 64 hexadecimal digits or as base64.
// The error does not show it.
func EncryptionKey(s Secret) ([]byte, error) {
	const size = 32
	text := s.Reveal()
	if key, err := hex.DecodeString(text); err == nil && len(key) == size {
		return key, nil
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	if key, err := base64.RawStdEncoding.DecodeString(text); err == nil && len(key) == size {
		return key, nil
	}
	return nil, fmt.Errorf("want %d random bytes as 64 hexadecimal digits or as base64, such as `openssl rand -hex 32` prints", size)
}
