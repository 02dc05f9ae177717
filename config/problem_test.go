package config

import (
	"strings"
	"testing"
)

func TestEveryProblemAtOnce(t *testing.T) {
	_, msg := load(t, `redis_url: redis//:hunter2@x
data_dir: true
intervall: 5m
discord: hunter2
sources:
  catalog: true
  add:
    - {name: My Lab, kind: labb, feed: ftp://x, authority: 3}
    - name: My lab
      feeds: [https://x.example/f, "https://u:hunter2@y.example/"]
    -
    - {id: No Slug, name: ..., feed: "https://z.example/"}
  remove: [opneai, zzzzzz]
poll:
  interval: "10x"
  min_interval: 5
  concurrency: lots
  concurrency: 3
  alow_private: no
slack: {bot_token: [hunter2], signing_secret: x}
web: {listen: "0.0.0.0:8080"}
channels:
  - {channel: "discrod:12", min_impact: 300, topics: deepseek, mode: instnt}
  - {channel: "discord:12", mode: digest, digest_at: 9:00, zone: Europe/Berln, quiet: "22-7"}
  - {channel: "slack:#general"}
  - {mode: instant, digest_at: "09:00"}
  - [x]
llm: *nope
token: x
`, map[string]string{"LLM_API_KEY": "a", "LLM_API_KEY_FILE": "b"})
	want := `newsdesk.yaml:1:12: redis_url: want an address such as "redis://localhost:6379/0"
newsdesk.yaml:2:11: data_dir: want a text, got true: write it in quotes if it is one
newsdesk.yaml:3:1: intervall: unknown key: did you mean poll.interval? want one of redis_url, data_dir, sources, poll, discord, slack, web, channels, topics, llm
newsdesk.yaml:4:10: discord: want a mapping with keys such as token and application_id, got a text
newsdesk.yaml:6:3: sources.catalog: unknown key: did you mean "catalogue"? want one of catalogue, add, remove
newsdesk.yaml:8:28: sources.add[0].kind: unknown kind "labb": did you mean "lab"? want one of lab, press, newsletter, research, policy, chips, community
newsdesk.yaml:8:40: sources.add[0].feed: want a feed's address that begins with https:// or http://, got "ftp://x"
newsdesk.yaml:8:60: sources.add[0].authority: want 0 to 1, got 3
newsdesk.yaml:9:7: sources.add[1].id: the id "my-lab" is that of sources.add[0] too: give each its own id
newsdesk.yaml:10:36: sources.add[1].feeds[1]: a feed's address is shown to readers: want it without a user name and password
newsdesk.yaml:11:6: sources.add[2]: is empty
newsdesk.yaml:12:12: sources.add[3].id: want lower-case letters, digits and hyphens, as in "no-slug", got "No Slug"
newsdesk.yaml:13:12: sources.remove[0]: the catalogue has no source "opneai": did you mean "openai"? ` + "`newsdesk sources list`" + ` shows all
newsdesk.yaml:13:20: sources.remove[1]: the catalogue has no source "zzzzzz": ` + "`newsdesk sources list`" + ` shows all
newsdesk.yaml:15:13: poll.interval: want a duration such as "10m" or "1h30m", got "10x"
newsdesk.yaml:16:17: poll.min_interval: want a duration with its unit, such as "5s" or "5m", got 5
newsdesk.yaml:17:16: poll.concurrency: want a whole number, got "lots"
newsdesk.yaml:18:3: poll.concurrency: is given twice: the first is in line 17
newsdesk.yaml:19:3: poll.alow_private: unknown key: did you mean "allow_private"? want one of interval, min_interval, max_interval, concurrency, allow_private
newsdesk.yaml:20:20: slack.bot_token: want a text, got a list
newsdesk.yaml:21:6: web.token: a token is required where web.listen (0.0.0.0:8080) is not a loopback address: set it (WEB_TOKEN), or listen on 127.0.0.1
newsdesk.yaml:23:15: channels[0].channel: unknown platform "discrod": did you mean "discord"? want one of discord, slack, web
newsdesk.yaml:23:41: channels[0].min_impact: want 0 to 100, got 300
newsdesk.yaml:23:54: channels[0].topics: want a list, as in [one, two], got "deepseek"
newsdesk.yaml:23:70: channels[0].mode: unknown mode "instnt": did you mean "instant"? want instant or digest
newsdesk.yaml:24:54: channels[1].digest_at: want a time from "00:00" to "23:59", got "9:00"
newsdesk.yaml:24:66: channels[1].zone: unknown time zone "Europe/Berln": did you mean "Europe/Berlin"? want an IANA name such as Europe/Berlin
newsdesk.yaml:24:87: channels[1].quiet: want two times such as "22:00-07:00", got "22-7"
newsdesk.yaml:25:15: channels[2].channel: "slack:#general" is a channel's name: want its id, as in "slack:C0123456789" (at the foot of its details)
newsdesk.yaml:26:5: channels[3].channel: is required: want platform:id, as in "discord:123456789012345678" or "slack:C0123456789"
newsdesk.yaml:26:32: channels[3].digest_at: only a digest has a time: set mode: digest, or leave digest_at out
newsdesk.yaml:27:5: channels[4]: want a mapping with keys such as channel and min_impact, got a list
newsdesk.yaml:28:6: llm: no anchor &nope in this file
newsdesk.yaml:29:1: token: unknown key: did you mean discord.token or web.token? want one of redis_url, data_dir, sources, poll, discord, slack, web, channels, topics, llm
environment: LLM_API_KEY: is set, and LLM_API_KEY_FILE too: want one of them`
	got, expect := strings.Split(msg, "\n"), strings.Split(want, "\n")
	for i := range max(len(got), len(expect)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(expect) {
			w = expect[i]
		}
		if g != w {
			t.Fatalf("line %d\ngot  %s\nwant %s", i+1, g, w)
		}
	}
}

const sealKey = "0011223344556677889900112233445566778899001122334455667788990011"

func TestProblems(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"poll: {interval: -1m}", `1:18: poll.interval: want a duration above 0 such as "10m", got "-1m0s"`},
		{"poll: {interval: 1m, min_interval: 2m}", "1:18: poll.interval: want at least min_interval (2m0s), got"},
		{"poll: {interval: 3h, max_interval: 2h}", "1:18: poll.interval: want at most max_interval (2h0m0s), got"},
		{"poll: {min_interval: 2h, max_interval: 1h}", "1:22: poll.min_interval: want at most max_interval (1h0m0s)"},
		{"poll: {concurrency: 0}", "1:21: poll.concurrency: want 1 to 1024, got 0"},
		{"poll: {concurrency: 1.5}", "1:21: poll.concurrency: want a whole number, got 1.5"},
		{`poll: {concurrency: "5"}`, `1:21: poll.concurrency: want a whole number, got "5"`},
		{"poll: {allow_private: yes}", `1:23: poll.allow_private: want true or false, got "yes"`},
		{"poll: [1]", "1:7: poll: want a mapping with keys such as interval and min_interval, got a list"},
		{"data_dir: ''", "1:11: data_dir: is empty: want a folder"},
		{"data_dir: {a: 1}", "1:11: data_dir: want a text, got a mapping"},
		{"redis_url: http://h:1", `1:12: redis_url: unknown scheme "http": want one of redis,`},
		{"redis_url: rediss+sentinl://h:1", `1:12: redis_url: unknown scheme "rediss+sentinl": did you mean "rediss+sentinel"?`},
		{`redis_url: "redis://:hunter2@"`, "1:12: redis_url: names no host"},
		{"web: {listen: '8080'}", `1:15: web.listen: want host:port such as "127.0.0.1:8080", got "8080"`},
		{"web: {listen: ':99999', token: x}", "1:15: web.listen: want host:port"},
		{"web: {listen: ':8080'}", "1:6: web.token: a token is required"},
		{"web: {listen: 'example.org:8080'}", "1:6: web.token: a token is required"},
		{"web: {listen: '[::]:8080'}", "1:6: web.token: a token is required"},
		{"slack: {bot_token: xoxb-hunter2}", "1:20: slack.bot_token: is set without slack.app_token: set it (SLACK_APP_TOKEN) for Socket Mode"},
		{"slack: {bot_token: xoxb-hunter2, transport: http}", "1:45: slack.transport: http needs slack.signing_secret: set it (SLACK_SIGNING_SECRET)"},
		{"slack: {bot_token: xoxb-hunter2, signing_secret: xapp-hunter2, transport: http}", "1:50: slack.signing_secret: holds a token"},
		{"slack: {transport: https}", `1:20: slack.transport: unknown transport "https": did you mean "http"? want socket or http`},
		{"slack: {managers: []}", "1:19: slack.managers: names nobody"},
		{"slack: {managers: [admins, creatr]}", `1:28: slack.managers[1]: "creatr" is nobody: did you mean "creator"? want admins`},
		{"slack: {managers: ['@ann']}", `1:20: slack.managers[0]: "@ann" is nobody: want admins, creator, everyone, the ID`},
		{"web: {public_url: http://bot.example}", `1:19: web.public_url: want https:// and a host without a path`},
		{"web: {public_url: https://bot.example/slack}", `1:19: web.public_url: want https:// and a host without a path`},
		{"web: {public_url: https://u:hunter2@bot.example}", `1:19: web.public_url: want https:// and a host without a path, such as "https://bot.example", got "...@bot.example"`},
		{"slack: {app_token: xapp-hunter2}", "1:20: slack.app_token: is set without slack.bot_token"},
		{"slack: {bot_token: xapp-hunter2, app_token: xoxb-hunter2}", "1:20: slack.bot_token: holds an app-level token"},
		{"slack: {bot_token: xapp-hunter2, app_token: xoxb-hunter2}", "1:45: slack.app_token: holds a bot token"},
		{"slack: {client_id: '1.2', client_secret: s, encryption_key: " + sealKey + "}\nweb: {public_url: 'https://n.example'}", "1:20: slack.client_id: is set without slack.app_token"},
		{"slack: {client_id: '1.2', transport: http, client_secret: s, encryption_key: " + sealKey + "}\nweb: {public_url: 'https://n.example'}", "1:38: slack.transport: http needs slack.signing_secret"},
		{"slack: {client_id: '1.2', app_token: xapp-1, encryption_key: " + sealKey + "}\nweb: {public_url: 'https://n.example'}", "1:8: slack.client_secret: is required with slack.client_id: set it (SLACK_CLIENT_SECRET)"},
		{"slack: {client_id: '1.2', app_token: xapp-1, client_secret: s}\nweb: {public_url: 'https://n.example'}", "1:8: slack.encryption_key: is required with slack.client_id: set it (SLACK_ENCRYPTION_KEY) to what `openssl rand -hex 32` prints"},
		{"slack: {client_id: '1.2', app_token: xapp-1, client_secret: s, encryption_key: " + sealKey + "}", "1:1: web.public_url: is required with slack.client_id"},
		{"slack: {client_id: hunter2, app_token: xapp-1, client_secret: s, encryption_key: " + sealKey + "}\nweb: {public_url: 'https://n.example'}", "1:20: slack.client_id: want the two numbers"},
		{"slack: {client_secret: hunter2}", "1:24: slack.client_secret: is set without slack.client_id"},
		{"slack: {encryption_key: hunter2}", "1:25: slack.encryption_key: want 32 random bytes as 64 hexadecimal digits or as base64"},
		{"slack: {old_encryption_keys: [hunter2]}", "1:31: slack.old_encryption_keys[0]: want 32 random bytes"},
		{"slack: {encryption_key: 00112233445566778899001122334455667788990011223344556677889900}", "1:25: slack.encryption_key: want 32 random bytes"},
		{`channels: [{channel: "slack:T1/general"}]`, `1:22: channels[0].channel: "slack:T1/general" is no channel of a workspace: want the ids of both`},
		{`channels: [{channel: "slack:T1/C1"}]`, `1:22: channels[0].channel: "slack:T1/C1" needs slack.client_id`},
		{`channels: [{channel: "slack:T1/@U1"}]`, `1:22: channels[0].channel: "slack:T1/@U1" needs slack.client_id`},
		{"slack: {api_url: slack.com}", `1:18: slack.api_url: want an address that begins with http:// or https://, got "slack.com"`},
		{"discord: {token: Bot hunter2}", `1:18: discord.token: leave out the word "Bot"`},
		{"discord: {application_id: hunter2}", "1:27: discord.application_id: want the number"},
		{"discord: {public_key: hunter2}", "1:23: discord.public_key: want the 64 hexadecimal digits"},
		{"discord: {transport: htp}", `1:22: discord.transport: unknown transport "htp": did you mean "http"? want gateway or http`},
		{"discord: {transport: http}", "1:22: discord.transport: http needs discord.public_key: set it to the 64 hexadecimal digits"},
		{"discord: {transport: http, public_key: [1]}", "1:40: discord.public_key: want a text, got a list"},
		{"discord: {gateway_url: https://x}", "1:24: discord.gateway_url: want an address that begins with ws:// or wss://"},
		{"discord: {guilds: [my-server]}", `1:20: discord.guilds[0]: "my-server" is no server of Discord: want its number`},
		{`discord: {guilds: ["12", "34", "12"]}`, "1:32: discord.guilds[2]: names the server 12 again"},
		{`channels: [{channel: "discord:123"}]`, `1:22: channels[0].channel: "discord:123" needs discord.token: set it (DISCORD_TOKEN)`},
		{`channels: [{channel: "slack:C1"}]`, `1:22: channels[0].channel: "slack:C1" needs slack.bot_token: set it (SLACK_BOT_TOKEN)`},
		{`channels: [{channel: "discord:general"}]`, `1:22: channels[0].channel: "discord:general" is no channel of Discord`},
		{`channels: [{channel: "discord:@ann"}]`, `1:22: channels[0].channel: "discord:@ann" is nobody on Discord: want the person's number`},
		{`channels: [{channel: "slack:@ann"}]`, `1:22: channels[0].channel: "slack:@ann" is a person's name: want the id`},
		{`channels: [{channel: "discord:@123"}]`, `1:22: channels[0].channel: "discord:@123" needs discord.token`},
		{`channels: [{channel: "slack:@U123"}]`, `1:22: channels[0].channel: "slack:@U123" needs slack.bot_token`},
		{`channels: [{channel: general}]`, `1:22: channels[0].channel: channel "general": want platform:id`},
		{`channels: [{channel: "web:x", quiet: "09:00-09:00"}]`, "1:38: channels[0].quiet: ends when it begins (09:00)"},
		{`channels: [{channel: "web:x", quiet: "25:00-09:00"}]`, "1:38: channels[0].quiet: want two times"},
		{`channels: [{channel: "web:x", mode: digest, digest_at: "24:00"}]`, "1:56: channels[0].digest_at: want a time"},
		{`channels: [{channel: "web:x", status: [gossip]}]`, `1:39: channels[0].status: status must be one of rumour, reported, confirmed, denied, not "gossip"`},
		{`channels: [{channel: "web:x", card: tiny}]`, `1:37: channels[0].card: card must be one of full, compact, not "tiny"`},
		{`channels: [{channel: "web:x", days: monday}]`, `1:37: channels[0].days: mode instant has no use for it: leave it out`},
		{`channels: [{channel: "web:x", mention_at: 70}]`, `1:43: channels[0].mention_at: mention_at says from which impact`},
		{`channels: [{channel: "web:x", cap: -1}]`, `1:36: channels[0].cap: cap must be a whole number from 0 to 100`},
		{`channels: [{channel: "web:x", on_doubt: reposts}]`, `1:41: channels[0].on_doubt: unknown choice "reposts": did you mean "repost"? want hold`},
		{`channels: [{channel: "web:x", locale: fr}]`, `1:39: channels[0].locale: posts are not written in "fr": want en or de`},
		{`channels: [{channel: "web:x", languages: [en, deutsch!]}]`, `1:47: channels[0].languages[1]: no language "deutsch!": want a tag`},
		{`channels: [{channel: "web:x", zone: Local}]`, `1:37: channels[0].zone: unknown time zone "Local"`},
		{`channels: [{channel: "web:x", zone: CEST}]`, `1:37: channels[0].zone: unknown time zone "CEST"`},
		{`channels: [{channel: "web:x", min_impact: -1}]`, "1:43: channels[0].min_impact: want 0 to 100, got -1"},
		{`channels: [{channel: "web:x", topics: [a, " "]}]`, "1:43: channels[0].topics[1]: is empty"},
		{`channels: {channel: "web:x"}`, "1:11: channels: want a list, got a mapping"},
		{"llm: {base_url: https://x/v1}", "1:6: llm.model: is required with llm.base_url"},
		{"topics: nowhere.tsv", "1:9: topics: open nowhere.tsv: "},
		{"topics: problem_test.go", "1:9: topics: problem_test.go: line 1: 1 column, want 8 parted by tabs"},
		{"llm: {model: x}", "1:6: llm.base_url: is required with llm.model"},
		{"sources: {add: [{feed: https://x.example/}]}", "1:17: sources.add[0].name: is required"},
		{"sources: {add: [{name: x}]}", "1:17: sources.add[0].feed: is required"},
		{"sources: {add: [{name: '!', feed: https://x.example/}]}", "1:17: sources.add[0].id: is required, as none can be made"},
		{"sources: {add: [{name: x, feed: https://x.example/, authority: .nan}]}", "1:64: sources.add[0].authority: want a number"},
		{"sources: {add: [{id: a, name: x, feed: https://x.example/}, {id: a, name: y, feed: https://y.example/}]}", `1:66: sources.add[1].id: the id "a" is that of sources.add[0] too`},
		{"minInterval: 1m", "1:1: minInterval: unknown key: did you mean poll.min_interval?"},
		{"web:\n  tokken: hunter2", `2:3: web.tokken: unknown key: did you mean "token"?`},
		{"poll: *y\na: &x {}\n", "1:7: poll: no anchor &y in this file"},
		{"poll: &x !t *x\n", "1:7: poll: an alias leads to itself"},
		{"poll: {<<: 3}", "1:8: poll.<<: want an alias of a mapping, got a number"},
	} {
		_, msg := load(t, tt.text, nil)
		if !strings.Contains("\n"+msg, "\nnewsdesk.yaml:"+tt.want) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.text, msg, tt.want)
		}
		if strings.Contains(msg, "hunter2") {
			t.Errorf("%s\nshows the secret: %s", tt.text, msg)
		}
	}
}

func TestFine(t *testing.T) {
	for _, text := range []string{
		"slack: {bot_token: xoxb-1, signing_secret: s}",
		"slack: {bot_token: xoxb-1, signing_secret: s, transport: http, managers: [everyone, U0123456789, W1, S0123456789]}",
		"slack: {transport: http}", // as for the manifest, before there are secrets
		"web: {public_url: https://bot.example:8443/}",
		"web: {listen: 'localhost:0'}",
		`channels: [{channel: "slack:T1/C1"}, {channel: "slack:T1/@U1"}]
web: {public_url: "https://news.example"}
slack: {client_id: "1.2", client_secret: s, app_token: xapp-1, encryption_key: 0011223344556677889900112233445566778899001122334455667788990011,
  old_encryption_keys: [ABEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABE=, ABEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABE]}`,
		"web: {listen: '[::1]:8080'}",
		"web: {listen: '0.0.0.0:8080', token: 1234}",
		"redis_url: rediss+cluster://u:p@a:1,b:2?x=y",
		"redis_url: unix:///run/redis.sock",
		"channels: [{channel: web:preview, zone: UTC, topics: [4o, r2, 2025]}]",
		"discord: {public_key: 0011223344556677889900112233445566778899001122334455667788990011}",
		"sources: {add: [{id: openai, name: Mine, feed: https://openai.com/news/rss.xml}]}",
	} {
		if _, msg := load(t, text, nil); msg != "" {
			t.Errorf("%s\n%s", text, msg)
		}
	}
}

func TestNearest(t *testing.T) {
	among := []string{"interval", "min_interval", "bot_token", "api_url", "id"}
	for got, want := range map[string]string{
		"intervall": "interval", "itnerval": "interval", "mininterval": "min_interval", "INTERVAL": "interval",
		"bot": "bot_token", "url": "api_url", "di": "id", "x": "", "quiet": "", "": "",
	} {
		if n := nearest(got, among); n != want {
			t.Errorf("nearest(%q) = %q, want %q", got, n, want)
		}
	}
}

// TestSlackChannelsAreIDs: a name in the place of an id is told from it.
func TestSlackChannelsAreIDs(t *testing.T) {
	for channel, ok := range map[string]bool{"slack:general": false, "slack:c0123456789": false, "slack:C0123456789": true, "slack:D0123456789": true} {
		_, msg := load(t, "slack: {bot_token: xoxb-1-2-abc, app_token: xapp-1-A-1-abc}\nchannels: [{channel: \""+channel+"\"}]\n", nil)
		if told := strings.Contains(msg, "is a channel's name"); told == ok {
			t.Errorf("%s: %q", channel, msg)
		}
	}
}
