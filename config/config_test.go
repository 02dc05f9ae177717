package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// load writes text as newsdesk.yaml and loads it; the folder's name is cut
// from the error.
func load(t *testing.T, text string, env map[string]string) (Config, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "newsdesk.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err == nil {
		err = c.Ready()
	}
	if err == nil {
		return c, ""
	}
	return c, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

func TestDefaults(t *testing.T) {
	c, err := Load("", nil)
	if err != nil || !reflect.DeepEqual(c, Defaults()) {
		t.Errorf("Load without file and environment: %+v, %v", c, err)
	}
	for _, text := range []string{"", "\n\n", "# nothing\n", "---\n", "{}", "~", "\ufeff", "poll:\nsources: ~\n"} {
		if c, msg := load(t, text, nil); msg != "" || !reflect.DeepEqual(c, Defaults()) {
			t.Errorf("Load(%q) = %+v, %s", text, c, msg)
		}
	}
}

const everything = `
redis_url: redis+sentinel://:pass@one:26379,two:26379/mymaster/0
data_dir: /var/lib/newsdesk
sources:
  catalogue: false
  add: [{name: My Lab, kind: lab, feed: https://lab.example/feed.xml, authority: 0.8}]
  remove: [openai]
poll: {interval: 10m, min_interval: 1m, max_interval: 6h, concurrency: 32, allow_private: true}
discord: {token: d, application_id: 123456789012345678, transport: http, public_key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff, api_url: http://127.0.0.1:9/api/, gateway_url: "ws://127.0.0.1:9", guilds: [123456789012345679]}
slack: {bot_token: b, app_token: a, signing_secret: s, transport: http, managers: [S0123456789, admins], api_url: http://127.0.0.1:9/api, client_id: "1.2", client_secret: c, encryption_key: ` + sealKey + `, old_encryption_keys: [` + sealKey + `]}
web: {listen: "0.0.0.0:80", token: w, public_url: "https://bot.example/"}
channels:
  - {channel: "discord:123456789012345678", min_impact: 70, topics: [DeepSeek, Export Controls], mode: instant, on_doubt: repost}
  - {channel: "slack:C0123456789", digest_at: "09:30", zone: Europe/Berlin, quiet: "22:00-07:00"}
  - {channel: "slack:C0123456789"}
llm: {base_url: https://llm.example/v1, model: 4.1, api_key: k}
`

func TestEveryKey(t *testing.T) {
	c, msg := load(t, everything, nil)
	if msg != "" {
		t.Fatal(msg)
	}
	want := Config{
		RedisURL: "redis+sentinel://:pass@one:26379,two:26379/mymaster/0",
		DataDir:  "/var/lib/newsdesk",
		Outlets: Outlets{
			Add: []Outlet{{
				ID: "my-lab", Name: "My Lab", Kind: "lab", Lang: "en", Authority: 0.8,
				Feed: "https://lab.example/feed.xml",
			}},
			Remove: []string{"openai"},
		},
		Poll:    Poll{10 * time.Minute, time.Minute, 6 * time.Hour, 32, true},
		Discord: Discord{Token: "d", ApplicationID: "123456789012345678", Transport: "http", PublicKey: strings.Repeat("00112233445566778899aabbccddeeff", 2), APIURL: "http://127.0.0.1:9/api", GatewayURL: "ws://127.0.0.1:9", Guilds: []string{"123456789012345679"}},
		Slack: Slack{
			BotToken: "b", AppToken: "a", SigningSecret: "s", APIURL: "http://127.0.0.1:9/api/", Transport: "http", Managers: []string{"S0123456789", "admins"},
			ClientID: "1.2", ClientSecret: "c", EncryptionKey: sealKey, OldEncryptionKeys: []Secret{sealKey},
		},
		Web: Web{Listen: "0.0.0.0:80", Token: "w", PublicURL: "https://bot.example"},
		Channels: []Channel{
			{Channel: "discord:123456789012345678", MinImpact: 70, Topics: []string{"deepseek", "export-controls"}, Mode: "instant", OnDoubt: "repost"},
			{Channel: "slack:C0123456789", Mode: "digest", DigestAt: "09:30", Zone: "Europe/Berlin", Quiet: "22:00-07:00"},
			{Channel: "slack:C0123456789", Mode: "instant", MinImpact: DefaultMinImpact},
		},
		LLM: LLM{BaseURL: "https://llm.example/v1", Model: "4.1", APIKey: "k"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %#v\nwant %#v", reveal(c), reveal(want))
	}

	subs := c.Subscriptions()
	if len(subs) != 3 || subs[1].ID != "config" || subs[2].ID != "config-2" ||
		!reflect.DeepEqual(subs[0], bot.Subscription{ID: "config", Channel: "discord:123456789012345678", MinImpact: 70, Topics: []string{"deepseek", "export-controls"}, Mode: bot.Instant, OnDoubt: bot.Repost}) {
		t.Errorf("Subscriptions() = %+v", subs)
	}
}

// reveal is for the message of a test that fails.
func reveal(c Config) string {
	return c.RedisURL.Reveal() + c.Discord.Token.Reveal() + reflect.ValueOf(c).String() + c.Outlets.Add[0].Name
}

func TestSettingsOfAChannel(t *testing.T) {
	c, msg := load(t, `channels:
  - {channel: "web:a", status: [confirmed], kinds: [lab, press], cap: 5, card: compact, image: off, edits: off, updates: channel, mention: "42", mention_at: 90}
  - {channel: "web:a", mode: digest, days: weekdays, empty: silent}`, nil)
	subs := c.Subscriptions()
	want := []bot.Subscription{
		{
			ID: "config", Channel: "web:a", Mode: bot.Instant, MinImpact: DefaultMinImpact, Statuses: []string{"confirmed"}, Kinds: []news.Kind{news.Lab, news.Press},
			DailyCap: 5, Compact: true, NoImage: true, NoEdits: true, Apart: true, Mention: "42", MentionAt: 90,
		},
		{ID: "config-2", Channel: "web:a", Mode: bot.Digest, DigestAt: DefaultDigestAt, Days: "weekdays", Silent: true},
	}
	if msg != "" || !reflect.DeepEqual(subs, want) {
		t.Errorf("%s\ngot  %+v\nwant %+v", msg, subs, want)
	}
}

func TestZeroMinImpactIsKept(t *testing.T) {
	c, msg := load(t, `channels: [{channel: "web:preview", min_impact: 0}]`, nil)
	if msg != "" || c.Channels[0].MinImpact != 0 {
		t.Errorf("%+v %s", c.Channels, msg)
	}
}

func TestIntervalBeyondADefaultBound(t *testing.T) {
	for text, want := range map[string]Poll{
		"poll: {interval: 2s}":                    {2 * time.Second, 2 * time.Second, 6 * time.Hour, 32, false},
		"poll: {interval: 24h}":                   {24 * time.Hour, time.Minute, 24 * time.Hour, 32, false},
		"poll: {interval: 2s, min_interval: 1s}":  {2 * time.Second, time.Second, 6 * time.Hour, 32, false},
		"poll: {interval: 2h, max_interval: 12h}": {2 * time.Hour, time.Minute, 12 * time.Hour, 32, false},
	} {
		if c, msg := load(t, text, nil); msg != "" || c.Poll != want {
			t.Errorf("%s: %+v %s", text, c.Poll, msg)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct{ path, want string }{
		{filepath.Join(dir, "absent.yaml"), "absent.yaml: no such file or directory"},
		{dir, ": is a directory: want a YAML file"},
		{write("latin1.yaml", "data_dir: x\n# gr\xfc\xdfe\n"), "latin1.yaml:2:5: byte 0xfc is not UTF-8: save the file as UTF-8"},
		{write("utf16.yaml", "\xff\xfea\x00"), "utf16.yaml:1:1: is UTF-16: want UTF-8"},
		{write("big.yaml", strings.Repeat("#", maxFile+1)), "big.yaml: has 1048577 bytes: want a YAML file of at most 1048576"},
		{write("two.yaml", "data_dir: x\n---\nweb: {}\n"), "two.yaml:3:1: a second document begins: want one"},
		{write("text.yaml", "hello"), "text.yaml:1:1: want a mapping with keys such as redis_url and data_dir, got a text"},
		{write("quote.yaml", "data_dir: x\ndiscord: {token: \"hunter2}\n"), "quote.yaml:2:18: no YAML: a text in double quotes has no end: want a closing \""},
	} {
		_, err := Load(tt.path, nil)
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Load(%s) = %v, want ...%s", tt.path, err, tt.want)
		}
	}
}

func TestJSON(t *testing.T) {
	text := "{\n\t\"data_dir\": \"\\ud83d\\ude00 \\/\",\n\t\"poll\": {\n\t\t\"concurrency\": 7,\n\t\t\"interval\": \"20m\"\n\t},\n\t\"sources\": {\"add\": null, \"remove\": []},\n\t\"channels\": [{\"channel\": \"web:preview\", \"min_impact\": 12}]\n}\n"
	c, msg := load(t, text, nil)
	if msg != "" || c.DataDir != "😀 /" || c.Poll.Concurrency != 7 || c.Poll.Interval != 20*time.Minute || len(c.Channels) != 1 {
		t.Errorf("%+v\n%s", c, msg)
	}
	_, msg = load(t, "{\n\t\"poll\": {\n\t\t\"concurency\": 7\n\t}\n}", nil)
	if !strings.HasPrefix(msg, `newsdesk.yaml:3:3: poll.concurency: unknown key: did you mean "concurrency"?`) {
		t.Error(msg)
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	c, msg := load(t, `
channels:
  - &quiet {channel: "web:a", quiet: "22:00-07:00", min_impact: 10}
  - {<<: *quiet, channel: "web:b"}
  - *quiet
  - channel: "web:c"
    topics: &topics [r2]
  - {channel: !!str "web:d", topics: *topics}
`, nil)
	if msg != "" {
		t.Fatal(msg)
	}
	got := c.Channels
	if got[1].Channel != "web:b" || got[1].Quiet != "22:00-07:00" || got[1].MinImpact != 10 || got[2].Channel != "web:a" || got[4].Topics[0] != "r2" {
		t.Errorf("%+v", got)
	}
}

// The sample in docs must load as it is, and with its examples switched on.
func TestExample(t *testing.T) {
	text, err := os.ReadFile("../docs/newsdesk.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, msg := load(t, string(text), nil)
	if msg != "" {
		t.Error(msg)
	}
	c.Outlets.Add, c.Outlets.Remove, c.Channels, c.Slack.OldEncryptionKeys = nil, nil, nil, nil
	if !reflect.DeepEqual(c, Defaults()) {
		t.Errorf("the example does not show the defaults: %+v", c)
	}

	on := regexp.MustCompile(`(?m)^( *)# ( *(- )?[a-z_]+:.*)$`).ReplaceAllString(string(text), "$1$2")
	on = strings.NewReplacer("add: []", "add:", "channels: []", "channels:").Replace(on)
	c, msg = load(t, on, map[string]string{"DISCORD_TOKEN": "d", "SLACK_BOT_TOKEN": "b", "SLACK_APP_TOKEN": "a"})
	if msg != "" {
		t.Error(msg)
	}
	if len(c.Outlets.Add) != 1 || len(c.Channels) != 2 || c.Channels[1].DigestAt != "09:00" {
		t.Errorf("%+v %+v", c.Outlets, c.Channels)
	}
	for _, key := range paths(reflect.TypeFor[Config](), "") {
		if name := key[strings.LastIndexAny(key, ".]")+1:]; !strings.Contains(string(text), name+":") && name != "feeds" {
			t.Errorf("the example does not show %s", key)
		}
	}
}

func TestProblemsAreAnErrorByType(t *testing.T) {
	_, err := Load("testdata/absent.yaml", nil)
	ps, ok := errors.AsType[Problems](err)
	if !ok || len(ps) != 1 || ps[0].File != "testdata/absent.yaml" {
		t.Errorf("%#v", err)
	}
}

// Whatever stands in the file, Load ends and says where.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{everything, "a: &x [*x]\nb: *x", "poll: &p\n  <<: *p\n", "? [a]\n: b", "channels:\n- \n-\n", "poll: {<<: [1]}", "&a *a", "!!map x", "web: !t", "{", "? ", "a: *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, r := Defaults(), newReport("f.yaml")
		if b, ok := r.checkText([]byte(text)); ok {
			r.decode(b, &c)
		}
		c.complete(r)
		c.check(r)
		c.Sources()
		c.Subscriptions()
		for _, p := range r.problems {
			if p.Text == "" || p.File != "f.yaml" {
				t.Errorf("%q: %+v", text, p)
			}
		}
	})
}

// Topics are known by any of their names; one that nobody knows is a doubt.
func TestTopicsOfAChannel(t *testing.T) {
	c, msg := load(t, "channels: [{channel: \"web:x\", topics: [Deep Seek, OpenAI, deepsek]}]", nil)
	if msg != "" {
		t.Fatal(msg)
	}
	if got := c.Channels[0].Topics; !reflect.DeepEqual(got, []string{"deepseek", "openai", "deepsek"}) {
		t.Error(got)
	}
	doubts := c.Doubts()
	if len(doubts) != 1 || doubts[0].Error() != `channels[0].topics[2]: no topic is called "deepsek": did you mean "deepseek"?` {
		t.Error(doubts)
	}
}

// What needs no platform works without its token.
func TestReady(t *testing.T) {
	c, err := Load("", nil)
	if err != nil || c.Ready() != nil {
		t.Fatal(err, c.Ready())
	}
	path := filepath.Join(t.TempDir(), "newsdesk.yaml")
	if err := os.WriteFile(path, []byte(`channels: [{channel: "slack:C1"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = Load(path, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(); err == nil || !strings.Contains(err.Error(), "1:22: channels[0].channel: \"slack:C1\" needs slack.bot_token") {
		t.Error(err)
	}
}
