package config

import (
	"os"
	"strings"
	"unicode/utf8"
)

// maxSecret bounds a secret's file, in bytes.
const maxSecret = 64 << 10

// A variable of the environment sets one key.
type variable struct {
	name, key string
	set       func(c *Config, value string)
	plain     bool // no secret: has no _FILE form
}

var variables = []variable{
	{name: "DISCORD_TOKEN", key: "discord.token", set: func(c *Config, v string) { c.Discord.Token = Secret(v) }},
	{name: "SLACK_BOT_TOKEN", key: "slack.bot_token", set: func(c *Config, v string) { c.Slack.BotToken = Secret(v) }},
	{name: "SLACK_APP_TOKEN", key: "slack.app_token", set: func(c *Config, v string) { c.Slack.AppToken = Secret(v) }},
	{name: "SLACK_SIGNING_SECRET", key: "slack.signing_secret", set: func(c *Config, v string) { c.Slack.SigningSecret = Secret(v) }},
	{name: "SLACK_CLIENT_SECRET", key: "slack.client_secret", set: func(c *Config, v string) { c.Slack.ClientSecret = Secret(v) }},
	{name: "SLACK_ENCRYPTION_KEY", key: "slack.encryption_key", set: func(c *Config, v string) { c.Slack.EncryptionKey = Secret(v) }},
	{name: "REDIS_URL", key: "redis_url", set: func(c *Config, v string) { c.RedisURL = Secret(v) }},
	{name: "LLM_API_KEY", key: "llm.api_key", set: func(c *Config, v string) { c.LLM.APIKey = Secret(v) }},
	{name: "WEB_TOKEN", key: "web.token", set: func(c *Config, v string) { c.Web.Token = Secret(v) }},
	{name: "WEB_LISTEN", key: "web.listen", set: func(c *Config, v string) { c.Web.Listen = v }, plain: true},
}

// environ lets the environment win over the file. A variable that is set but
// empty counts as not set: that is how compose files pass on a variable that
// nobody set.
func (c *Config) environ(r *report, env func(string) (string, bool)) {
	if env == nil {
		return
	}
	for _, v := range variables {
		value, _ := env(v.name)
		value = strings.TrimSpace(value)
		from, file := v.name, ""
		if !v.plain {
			file, _ = env(v.name + "_FILE")
		}
		switch {
		case value != "" && file != "":
			r.addAt(place{variable: v.name}, v.key, "is set, and %s_FILE too: want one of them", v.name)
			continue
		case file != "":
			from = v.name + "_FILE"
			var ok bool
			if value, ok = r.readSecret(from, v.key, file); !ok {
				continue
			}
		case value == "":
			continue
		}
		v.set(c, value)
		r.at[v.key] = place{variable: from}
	}
}

func (r *report) readSecret(from, key, file string) (string, bool) {
	fail := func(format string, args ...any) (string, bool) {
		r.addAt(place{variable: from}, key, "file %s: "+format, append([]any{file}, args...)...)
		return "", false
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return fail("%v", pathless(err))
	case info.IsDir():
		return fail("is a directory: want a file that holds the secret alone")
	case info.Size() > maxSecret:
		return fail("has %d bytes: want a file that holds the secret alone", info.Size())
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return fail("%v", pathless(err))
	}
	value := strings.TrimSpace(string(b))
	switch {
	case value == "":
		return fail("is empty")
	case !utf8.ValidString(value):
		return fail("is not UTF-8 text")
	}
	return value, true
}
