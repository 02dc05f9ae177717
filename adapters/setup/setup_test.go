package setup_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/setup"
	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
	"newsdesk/config"
)

var update = flag.Bool("update", false, "write the golden file")

const room = "234567890123456789"

// A script is a person who types: lines, each shown as a terminal shows it, and
// deeds done before the next line.
type script struct {
	lines []any // string or func()
	out   io.Writer
}

func (s *script) Read(p []byte) (int, error) {
	for len(s.lines) > 0 {
		next := s.lines[0]
		s.lines = s.lines[1:]
		if do, ok := next.(func()); ok {
			do()
			continue
		}
		io.WriteString(s.out, next.(string)+"\n")
		return copy(p, next.(string)+"\n"), nil
	}
	return 0, io.EOF
}

// A desk is one person before a terminal, and both platforms.
type desk struct {
	discord *discordtest.Server
	slack   *slacktest.Server
	options setup.Options
	out     bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	d := &desk{discord: discordtest.New(t), slack: slacktest.New(t)}
	d.discord.AddChannel(room, discordtest.Channel{Name: "news"})
	path := filepath.Join(t.TempDir(), "newsdesk.yaml")
	limiter := bot.NewLimiter(time.Now)
	d.options = setup.Options{
		Out: &d.out, Path: path, DiscordAPI: d.discord.URL(), SlackAPI: d.slack.URL(), Invite: discord.Invite,
		Store: func(redisURL, dataDir string) error {
			if redisURL != "" {
				return errors.New("connection refused")
			}
			return nil
		},
		Secret: func() string { return "sesame" }, Now: time.Now,
		Discord: func(token string) (setup.Discord, error) {
			p, err := discord.New(discord.Options{Token: token, APIURL: d.discord.URL(), GatewayURL: d.discord.GatewayURL(), Commands: bot.Table(), Limiter: limiter})
			if err != nil {
				return nil, err
			}
			return p, nil
		},
		Slack: func(botToken, appToken string) (setup.Slack, error) {
			p, err := slack.New(slack.Options{BotToken: botToken, AppToken: appToken, APIURL: d.slack.URL(), Commands: bot.Table(), Limiter: limiter})
			if err != nil {
				return nil, err
			}
			return p, nil
		},
	}
	d.options.Check = func(ctx context.Context) error {
		c, err := config.Load(path, func(string) (string, bool) { return "", false })
		if err != nil {
			return err
		}
		up := setup.Checkup{Store: func() error { return nil }, Feeds: []setup.Feed{{Source: "lab", URL: "https://lab.example/feed"}},
			Fetch: func(context.Context, string) (string, error) { return "", nil }}
		p, err := d.options.Discord(c.Discord.Token.Reveal())
		if err != nil {
			return err
		}
		up.Platforms = append(up.Platforms, p)
		s, err := d.options.Slack(c.Slack.BotToken.Reveal(), c.Slack.AppToken.Reveal())
		if err != nil {
			return err
		}
		up.Platforms = append(up.Platforms, s)
		for _, s := range c.Subscriptions() {
			up.Channels = append(up.Channels, s.Channel)
		}
		return up.Run(ctx, &d.out)
	}
	return d
}

func (d *desk) run(t *testing.T, lines ...any) (said string, err error) {
	t.Helper()
	d.out.Reset()
	d.options.In = &script{lines, &d.out}
	err = setup.Run(t.Context(), d.options)
	return d.out.String(), err
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestFirstRun is the whole conversation: a wrong token, a missing permission
// that is mended, a scope that is missing, a Redis that is not there. A second
// run says no second hello and keeps the first file.
func TestFirstRun(t *testing.T) {
	d := newDesk(t)
	web := freeAddress(t)
	lines := []any{
		"maybe", "y", "banana", "MTA0NTY3.GaBcDe.revoked", d.discord.Token,
		func() { d.discord.SetPermissions(room, discordtest.Usual&^discordtest.EmbedLinks) },
		"#news", "https://discord.com/channels/123456789012345678/" + room,
		func() { d.discord.SetPermissions(room, discordtest.Usual) },
		"", "101", "60",
		func() { d.slack.RemoveScope("chat:write") },
		"y", "banana", slacktest.BotToken, "banana", slacktest.AppToken,
		func() { d.slack.AddScope("chat:write") },
		"", "", "https://w.slack.com/archives/" + slacktest.Channel, "",
		"redis://127.0.0.1:1/0", "", "nowhere", "localhost:99999", web,
	}
	said, err := d.run(t, lines...)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	file, err := os.ReadFile(d.options.Path)
	if err != nil {
		t.Fatal(err)
	}
	stable := strings.NewReplacer(d.discord.Token, "(the token)", slacktest.BotToken, "(the bot token)", slacktest.AppToken, "(the app token)", d.options.Path, "newsdesk.yaml", web, "127.0.0.1:8080", d.discord.URL(), "https://discord.test/api", d.slack.URL(), "https://slack.test/api/")
	got := stable.Replace(said + "\n--- newsdesk.yaml\n" + string(file))
	golden := filepath.Join("testdata", "firstrun.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || got != string(want) {
		t.Errorf("%v: the conversation is not that of %s:\n%s", err, golden, got)
	}
	info, err := os.Stat(d.options.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	if commands, _ := d.discord.Commands(); len(commands) == 0 {
		t.Error("no command is registered")
	}
	if n := len(d.discord.Messages(room)); n != 1 {
		t.Errorf("%d hellos on Discord", n)
	}
	if n := len(d.slack.Messages(slacktest.Channel)); n != 1 {
		t.Errorf("%d hellos on Slack", n)
	}

	again := []any{"y", "y", d.discord.Token, room, "", "y", slacktest.BotToken, slacktest.AppToken, slacktest.Channel, "", "", freeAddress(t)}
	if said, err := d.run(t, again...); err != nil {
		t.Fatalf("again: %v\n%s", err, said)
	}
	if kept, err := os.ReadFile(d.options.Path + ".1"); err != nil || !bytes.Equal(kept, file) {
		t.Errorf("the copy: %v\n%s", err, kept)
	}
	// Without the file the channel's history tells.
	if err := os.Remove(d.options.Path); err != nil {
		t.Fatal(err)
	}
	if said, err := d.run(t, again[1:]...); err != nil {
		t.Fatalf("without the file: %v\n%s", err, said)
	}
	if n, m := len(d.discord.Messages(room)), len(d.slack.Messages(slacktest.Channel)); n != 1 || m != 1 {
		t.Errorf("%d and %d hellos after three runs", n, m)
	}
}

// TestNothingIsWritten wherever the input ends, nor where a file is to be kept.
func TestNothingIsWritten(t *testing.T) {
	d := newDesk(t)
	all := []any{"y", d.discord.Token, room, "60", "n", "./data"}
	for n := range len(all) + 1 {
		said, err := d.run(t, all[:n]...)
		if !errors.Is(err, setup.ErrEnded) {
			t.Errorf("after %d answers: %v\n%s", n, err, said)
		}
		if _, err := os.Stat(d.options.Path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("after %d answers there is a file: %v", n, err)
		}
	}
	if err := os.WriteFile(d.options.Path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := d.run(t, ""); err != nil || !strings.Contains(said, "Nothing was changed") {
		t.Errorf("%v\n%s", err, said)
	}
	if text, _ := os.ReadFile(d.options.Path); string(text) != "mine" {
		t.Errorf("the file says %q", text)
	}
}

// TestSecretsOfTheEnvironmentStayThere and off loopback the page gets a token.
func TestSecretsOfTheEnvironmentStayThere(t *testing.T) {
	d := newDesk(t)
	d.options.DiscordToken, d.options.SlackBotToken, d.options.SlackAppToken = d.discord.Token, slacktest.BotToken, slacktest.AppToken
	d.options.Check = func(context.Context) error { return nil }
	_, port, _ := net.SplitHostPort(freeAddress(t))
	said, err := d.run(t, "y", "skip", "y", "skip", "", "0.0.0.0:"+port)
	if err != nil || strings.Contains(said, "http://0.0.0.0") || !strings.Contains(said, "Open http://localhost:"+port+"/?token=... once") || strings.Contains(said, "sesame") {
		t.Fatalf("%v\n%s", err, said)
	}
	file, _ := os.ReadFile(d.options.Path)
	for _, secret := range []string{d.discord.Token, slacktest.BotToken, slacktest.AppToken} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("the file holds a secret of the environment:\n%s", file)
		}
	}
	env := map[string]string{"DISCORD_TOKEN": d.discord.Token, "SLACK_BOT_TOKEN": slacktest.BotToken, "SLACK_APP_TOKEN": slacktest.AppToken}
	c, err := config.Load(d.options.Path, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil || c.Web.Token.Reveal() != "sesame" || c.Slack.BotToken == "" {
		t.Errorf("%v: %+v", err, c)
	}
}

// TestTokensThatCannotBeTried are tried again, kept as they are or given up,
// and pasted once. What has no token's form is never sent.
func TestTokensThatCannotBeTried(t *testing.T) {
	d := newDesk(t)
	d.options.Check = func(context.Context) error { return nil }
	d.discord.Answer(2, 503, `{}`)
	d.slack.Fail(2, 503)
	said, err := d.run(t, "y", "banana", d.discord.Token, "maybe", "", "AGAIN", "skip", "y", slacktest.BotToken, slacktest.AppToken, "", "", "skip", "", freeAddress(t))
	if err != nil || !strings.Contains(said, "The token works") || !strings.Contains(said, "The tokens work") {
		t.Errorf("tried again: %v\n%s", err, said)
	}

	requests := func() int {
		return len(d.discord.Requests()) + d.slack.Calls("auth.test") + d.slack.Calls("apps.connections.open")
	}
	before := requests()
	said, err = d.run(t, "y", "y", "banana", strings.Repeat("0", 64), "skip", "y", "banana", "xapp-1", slacktest.BotToken, "xoxb-1", "skip", "", freeAddress(t))
	if n := requests() - before; err != nil || n != 0 {
		t.Errorf("what is no token was sent %d times: %v\n%s", n, err, said)
	}

	// Nobody is there: all is written, and what cannot be done is said.
	d.discord.Close()
	d.slack.Close()
	said, err = d.run(t, "y", "y", "MTA0NTY3.GaBcDe.another", "paste", d.discord.Token, "keep", room, "60", "y", slacktest.BotToken, "xapp-1-other", "paste", "", slacktest.AppToken, "keep", slacktest.Channel, "", "", freeAddress(t))
	if err == nil || !strings.Contains(said, "may it reach discord.com?") || !strings.Contains(said, "may it reach slack.com?") || !strings.Contains(said, "The token is kept untested") || !strings.Contains(said, "The tokens are kept untested") {
		t.Errorf("kept untested: %v\n%s", err, said)
	}
	c, err := config.Load(d.options.Path, func(string) (string, bool) { return "", false })
	if err != nil || c.Discord.Token.Reveal() != d.discord.Token || c.Slack.BotToken.Reveal() != slacktest.BotToken || c.Slack.AppToken.Reveal() != slacktest.AppToken || len(c.Subscriptions()) != 2 {
		t.Errorf("kept untested: %v: %+v", err, c)
	}
	said, err = d.run(t, "y", "y", d.discord.Token, "skip", "y", slacktest.BotToken, slacktest.AppToken, "skip", "", freeAddress(t))
	if err != nil || !strings.Contains(said, "Without Discord") || !strings.Contains(said, "Without Slack") {
		t.Errorf("given up: %v\n%s", err, said)
	}
}

// TestWhereThePageListens says in words what is wrong with an address.
func TestWhereThePageListens(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	d := newDesk(t)
	d.options.Check = func(context.Context) error { return nil }
	web := freeAddress(t)
	said, err := d.run(t, "n", "n", "", "8080", "localhost:99999", "localhost:0", taken.Addr().String(), "192.0.2.1:8080", "no.such.host.invalid:8080", web)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{"want host:port", `"99999" is no port`, `"0" is no port`, "already", "192.0.2.1 is no address of this machine", `no host "no.such.host.invalid"`, "The web page is on http://" + web + "/."} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "listen tcp") {
		t.Errorf("an error of the system is shown:\n%s", said)
	}
}
