package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretsNeverPrint(t *testing.T) {
	var c Config
	secrets := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[Secret]():
			v.SetString("redis://:hunter2@h/0")
			secrets++
		case v.Type() == reflect.TypeFor[[]Secret]():
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		}
	}
	fill(reflect.ValueOf(&c).Elem())
	if secrets != 10 {
		t.Fatalf("%d secrets in Config, want 10", secrets)
	}

	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s", "% x", "%U"} {
		shown["secret "+verb] = fmt.Sprintf(verb, c.RedisURL)
		shown["pointer "+verb] = fmt.Sprintf(verb, &c.RedisURL)
		shown["config "+verb] = fmt.Sprintf(verb, c)
		shown["config pointer "+verb] = fmt.Sprintf(verb, &c)
	}
	j, err := json.Marshal(map[string]any{"c": c, "s": c.RedisURL})
	if err != nil {
		t.Fatal(err)
	}
	y, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	x, err := xml.Marshal(c.Slack)
	if err != nil {
		t.Fatal(err)
	}
	var text, logged bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "secret", c.RedisURL, "config", c, "group", slog.GroupValue(slog.Any("s", c.Web.Token)))
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", c.RedisURL, "config", c, "pointer", &c)
	shown["json"], shown["yaml"], shown["xml"], shown["slog text"], shown["slog json"] = string(j), string(y), string(x), text.String(), logged.String()
	shown["error"] = fmt.Errorf("dial %s: %w", c.RedisURL, os.ErrClosed).Error()

	for how, got := range shown {
		if strings.Contains(got, "hunter2") || strings.Contains(got, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s shows the secret: %s", how, got)
		}
		if !strings.Contains(got, "[redacted]") && !strings.HasPrefix(how, "pointer") {
			t.Errorf("%s does not say [redacted]: %s", how, got)
		}
	}
	if got := c.RedisURL.Reveal(); got != "redis://:hunter2@h/0" {
		t.Errorf("Reveal() = %q", got)
	}
	if got := fmt.Sprintf("%v|%q", Secret(""), Secret("")); got != `|""` {
		t.Errorf("an empty secret prints %s", got)
	}
}

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, msg := load(t, "discord: {token: from-file}\nslack: {bot_token: from-file, client_id: '1.2'}\nredis_url: redis://file/0\nweb: {listen: '127.0.0.1:1', public_url: 'https://n.example'}", map[string]string{
		"DISCORD_TOKEN":             "  from-env\n",
		"SLACK_APP_TOKEN_FILE":      file("app", "\n xapp-1 \r\n"),
		"SLACK_BOT_TOKEN":           "",
		"SLACK_BOT_TOKEN_FILE":      "",
		"SLACK_SIGNING_SECRET":      "sign",
		"SLACK_CLIENT_SECRET_FILE":  file("client", "shh"),
		"SLACK_ENCRYPTION_KEY_FILE": file("key", sealKey+"\n"),
		"REDIS_URL":                 "redis://env/1",
		"LLM_API_KEY_FILE":          file("llm", "key"),
		"WEB_TOKEN":                 "web",
		"WEB_LISTEN":                "0.0.0.0:8080",
	})
	if msg != "" {
		t.Fatal(msg)
	}
	for _, tt := range []struct{ key, got, want string }{
		{"discord.token", c.Discord.Token.Reveal(), "from-env"},
		{"slack.bot_token", c.Slack.BotToken.Reveal(), "from-file"},
		{"slack.app_token", c.Slack.AppToken.Reveal(), "xapp-1"},
		{"slack.client_secret", c.Slack.ClientSecret.Reveal(), "shh"},
		{"slack.encryption_key", c.Slack.EncryptionKey.Reveal(), sealKey},
		{"slack.signing_secret", c.Slack.SigningSecret.Reveal(), "sign"},
		{"redis_url", c.RedisURL.Reveal(), "redis://env/1"},
		{"llm.api_key", c.LLM.APIKey.Reveal(), "key"},
		{"web.token", c.Web.Token.Reveal(), "web"},
		{"web.listen", c.Web.Listen, "0.0.0.0:8080"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.key, tt.got, tt.want)
		}
	}

	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"DISCORD_TOKEN": "hunter2", "DISCORD_TOKEN_FILE": "x"}, "environment: DISCORD_TOKEN: is set, and DISCORD_TOKEN_FILE too: want one of them"},
		{map[string]string{"REDIS_URL_FILE": dir + "/absent"}, "environment: REDIS_URL_FILE: file " + dir + "/absent: no such file or directory"},
		{map[string]string{"REDIS_URL_FILE": dir}, "environment: REDIS_URL_FILE: file " + dir + ": is a directory: want a file that holds the secret alone"},
		{map[string]string{"REDIS_URL_FILE": file("empty", " \n")}, "environment: REDIS_URL_FILE: file " + dir + "/empty: is empty"},
		{map[string]string{"LLM_API_KEY_FILE": file("bin", "\xff")}, "environment: LLM_API_KEY_FILE: file " + dir + "/bin: is not UTF-8 text"},
		{map[string]string{"LLM_API_KEY_FILE": file("big", strings.Repeat("x", maxSecret+1))}, "environment: LLM_API_KEY_FILE: file " + dir + "/big: has 65537 bytes: want a file that holds the secret alone"},
		{map[string]string{"REDIS_URL": "http://:hunter2@h"}, `environment: REDIS_URL: unknown scheme "http": want one of ` + strings.Join(redisSchemes, ", ")},
		{map[string]string{"SLACK_BOT_TOKEN": "xoxb-hunter2"}, "environment: SLACK_BOT_TOKEN: is set without slack.app_token: set it (SLACK_APP_TOKEN) for Socket Mode, by which commands come, or slack.transport: http"},
		{map[string]string{"WEB_LISTEN": "0.0.0.0:1"}, "configuration: web.token: a token is required where web.listen (0.0.0.0:1) is not a loopback address: set it (WEB_TOKEN), or listen on 127.0.0.1"},
	} {
		_, err := Load("", func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
		if err == nil || err.Error() != tt.want {
			t.Errorf("%v\ngot  %v\nwant %s", tt.env, err, tt.want)
		}
	}
}
