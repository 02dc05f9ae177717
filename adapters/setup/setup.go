// Package setup owns the first run: a conversation in a terminal that ends with
// a configuration, and the check of everything that a configuration names.
//
// # Flow
//
//	questions, each answer tried at once on its platform, store or port
//	-> the file, written whole or not at all
//	-> the check -> commands registered -> a hello in each channel
//
// Until all questions are answered nothing is written: who ends the input, or
// the process, has what they had before. A file that stood there is kept beside
// the new one. A hello is posted once: the file says which channels have had
// theirs, and the channel's history is asked before.
package setup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"newsdesk/bot"
)

// Options is what the conversation needs.
type Options struct {
	In   io.Reader
	Out  io.Writer
	Path string // of the file to write

	// What the environment holds: it is used, and not written to the file.
	DiscordToken, SlackBotToken, SlackAppToken, RedisURL string
	// Addresses other than the platforms' own, as of the file before.
	DiscordAPI, SlackAPI string

	Discord func(token string) (Discord, error)
	Slack   func(botToken, appToken string) (bot.Platform, error)
	Invite  func(applicationID string) string // the address that invites the bot to a server
	Store   func(redisURL, dataDir string) error
	Check   func(ctx context.Context) error // of the file at Path, in words on Out
	Secret  func() string                   // a new one, for the web page
	Now     func() time.Time
}

// Discord is what the conversation asks of Discord.
type Discord interface {
	bot.Platform
	Application(ctx context.Context) (id string, err error)
	Register(ctx context.Context) error
}

// ErrEnded reports that the input ended before every question was answered.
var ErrEnded = errors.New("the input ended before every question was answered, and nothing was written: run newsdesk setup in a terminal, or write the file by hand (docs/newsdesk.example.yaml)")

// An order is a channel with what it gets.
type order struct {
	channel   bot.Channel
	minImpact int
}

// A talk is one conversation.
type talk struct {
	Options
	ctx     context.Context
	in      *bufio.Reader
	file    answers
	discord Discord
	slack   bot.Platform
}

// answers is what comes into the file.
type answers struct {
	applicationID            string
	discordToken, bot, app   string // "" for those of the environment
	discordAPI, slackAPI     string
	redisURL, dataDir        string
	listen, webToken         string
	orders                   []order
	greeted                  []bot.Channel
	usesDiscord, usesSlack   bool
	redisFromEnv, envDiscord bool
	envSlackBot, envSlackApp bool
}

// Run leads through the first run. The error is ErrEnded, that of the check, or
// that of writing the file.
func Run(ctx context.Context, o Options) error {
	t := &talk{Options: o, ctx: ctx, in: bufio.NewReader(o.In)}
	t.say("This writes %s, step by step. Enter takes what stands in brackets; Ctrl-C ends it and changes nothing.", o.Path)
	t.say("What you paste is shown on the screen.")
	old, err := os.ReadFile(o.Path)
	if err == nil {
		t.file.greeted = greeted(old)
		if yes, err := t.yes(fmt.Sprintf("%s exists. Write it anew? What it says now is kept in a copy", o.Path), false); err != nil || !yes {
			if err == nil {
				t.say("Nothing was changed. newsdesk check looks at what the file says.")
			}
			return err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, step := range []func() error{t.askDiscord, t.askSlack, t.askStore, t.askWeb} {
		t.say("")
		if err := step(); err != nil {
			return err
		}
	}
	copied, err := replace(o.Path, old, t.file.yaml())
	if err != nil {
		return err
	}
	t.say("\nWritten: %s. Only you can read it.", o.Path)
	if copied != "" {
		t.say("What it said before is in %s.", copied)
	}
	return t.finish()
}

// finish checks what was written, registers the commands and says hello. What
// fails is said, and the rest goes on.
func (t *talk) finish() error {
	t.say("\nChecking everything; the feeds take up to a minute.")
	failed := t.Check(t.ctx)
	if t.discord != nil {
		if err := t.discord.Register(t.ctx); err != nil {
			t.say("The commands could not be registered with Discord: %v. The bot tries again when it starts.", err)
			failed = errors.Join(failed, errors.New("the commands are not registered"))
		} else {
			t.say("Discord knows the commands /news and /desk.")
		}
	}
	for _, o := range t.file.orders {
		if err := t.hello(o.channel); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	t.say("\nNext: newsdesk --config %s", t.Path)
	t.say("The first reading of the feeds is backlog and is not posted; the first story comes when the next one breaks. The web page is on http://%s/.", t.file.listen)
	return failed
}

// skip is the way out of a question.
const skip = "skip"

func (t *talk) askDiscord() error {
	yes, err := t.yes("Post to Discord?", true)
	if err != nil || !yes {
		return err
	}
	if t.DiscordToken != "" {
		t.say("The token is that of DISCORD_TOKEN, and is not written to the file.")
	} else {
		t.say("1. Open https://discord.com/developers/applications, New Application, and give it a name.")
		t.say("2. On its page Bot press Reset Token and copy the token. Leave the three privileged intents off.")
	}
	for {
		token := t.DiscordToken
		if token == "" {
			if token, err = t.ask("Token of the bot (or skip)", ""); err != nil {
				return err
			}
			if token == "" || token == skip {
				t.say("Without Discord.")
				return nil
			}
		}
		p, err := t.Discord(token)
		var id string
		if err == nil {
			id, err = p.Application(t.ctx)
		}
		if err == nil {
			t.discord, t.file.usesDiscord, t.file.applicationID, t.file.discordAPI = p, true, id, t.DiscordAPI
			if t.file.envDiscord = t.DiscordToken != ""; !t.file.envDiscord {
				t.file.discordToken = token
			}
			break
		}
		found := []string{err.Error()}
		if p != nil {
			if said := p.Check(t.ctx, "discord:"); len(said) > 0 {
				found = said
			}
		}
		t.problems(found)
		if t.DiscordToken != "" {
			t.say("Without Discord: set DISCORD_TOKEN to a token that works, or unset it, and run newsdesk setup again.")
			return nil
		}
	}
	t.problems(t.discord.Check(t.ctx, "discord:"))
	t.say("The token works; the application id is %s.", t.file.applicationID)
	t.say("3. Invite the bot to your server, with no more permissions than it needs:\n   %s", t.Invite(t.file.applicationID))
	return t.askChannel(t.discord, "Link or id of the first channel (Copy Link in its menu; or skip)", discordChannel)
}

func (t *talk) askSlack() error {
	yes, err := t.yes("Post to Slack?", false)
	if err != nil || !yes {
		return err
	}
	t.say("1. In another terminal: newsdesk manifest slack > manifest.json")
	t.say("2. Open https://api.slack.com/apps, Create New App, From a manifest, choose the workspace and paste that file; then Install to Workspace.")
	t.say("3. Copy the Bot User OAuth Token (xoxb-) from OAuth & Permissions.")
	t.say("4. On Basic Information, App-Level Tokens, generate one with connections:write and copy it (xapp-).")
	for {
		botToken, appToken := t.SlackBotToken, t.SlackAppToken
		if botToken == "" {
			if botToken, err = t.ask("Bot token xoxb- (or skip)", ""); err != nil {
				return err
			}
			if botToken == "" || botToken == skip {
				t.say("Without Slack.")
				return nil
			}
		} else {
			t.say("The bot token is that of SLACK_BOT_TOKEN, and is not written to the file.")
		}
		if appToken == "" {
			if appToken, err = t.ask("App-level token xapp-", ""); err != nil {
				return err
			}
		} else {
			t.say("The app-level token is that of SLACK_APP_TOKEN, and is not written to the file.")
		}
		p, err := t.Slack(botToken, appToken)
		found := []string{}
		if err != nil {
			found = append(found, err.Error())
		} else {
			found = p.Check(t.ctx, "slack:")
		}
		if !t.problems(found) {
			t.slack, t.file.usesSlack, t.file.slackAPI = p, true, t.SlackAPI
			if t.file.envSlackBot = t.SlackBotToken != ""; !t.file.envSlackBot {
				t.file.bot = botToken
			}
			if t.file.envSlackApp = t.SlackAppToken != ""; !t.file.envSlackApp {
				t.file.app = appToken
			}
			break
		}
		if t.SlackBotToken != "" && t.SlackAppToken != "" {
			t.say("Without Slack: mend that, and run newsdesk setup again.")
			return nil
		}
		t.say("Mend that, and paste both again.")
	}
	t.say("The tokens work.")
	return t.askChannel(t.slack, "Link or id of the first channel (Copy link in its menu; or skip)", slackChannel)
}

// askChannel asks for a channel until the bot may post there.
func (t *talk) askChannel(p bot.Platform, question string, read func(string) (string, bool)) error {
	last := ""
	for {
		answer, err := t.ask(question, last)
		if err != nil {
			return err
		}
		if answer == "" || answer == skip {
			t.say("No channel yet: who manages one can subscribe it later (docs/managers.md).")
			return nil
		}
		id, ok := read(answer)
		if !ok {
			t.say("  ! %q is neither a link to a channel nor its id", answer)
			continue
		}
		c := bot.Channel(p.Name() + ":" + id)
		if t.problems(p.Check(t.ctx, c)) {
			t.say("Mend that and press Enter, or name another channel.")
			last = id
			continue
		}
		t.say("The bot may post there.")
		n, err := t.number("Least impact of a story that is posted there, 0 to 100", 50, 100)
		t.file.orders = append(t.file.orders, order{c, n})
		return err
	}
}

func (t *talk) number(question string, def, most int) (int, error) {
	for {
		a, err := t.ask(question, strconv.Itoa(def))
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(a); err == nil && n >= 0 && n <= most {
			return n, nil
		}
		t.say("  ! want a number from 0 to %d", most)
	}
}

func (t *talk) askStore() error {
	if t.RedisURL != "" {
		t.file.redisFromEnv = true
		t.say("State is kept in the Redis of REDIS_URL, which is not written to the file.")
		if err := t.Store(t.RedisURL, ""); err != nil {
			t.say("  ! %v", err)
		}
		return nil
	}
	for {
		a, err := t.ask("Where is state kept? A folder, or a Redis as redis://localhost:6379/0", "./data")
		if err != nil {
			return err
		}
		redisURL, dir := "", a
		if strings.Contains(a, "://") {
			redisURL, dir = a, ""
		}
		if err := t.Store(redisURL, dir); err != nil {
			t.say("  ! %v", err)
			continue
		}
		t.file.redisURL, t.file.dataDir = redisURL, dir
		return nil
	}
}

func (t *talk) askWeb() error {
	for {
		a, err := t.ask("Where does the web page listen?", "127.0.0.1:8080")
		if err != nil {
			return err
		}
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			t.say("  ! want host:port, such as 127.0.0.1:8080")
			continue
		}
		l, err := net.Listen("tcp", a)
		if err != nil {
			t.say("  ! %v", err)
			continue
		}
		l.Close()
		t.file.listen = a
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			t.file.webToken = t.Secret()
			t.say("Others reach that address, so that the page asks for a token: web.token in the file.")
		}
		return nil
	}
}

var (
	discordLink = regexp.MustCompile(`^(?:https?://(?:[a-z]+\.)?discord(?:app)?\.com/channels/[0-9]+/|<#|discord:)?([0-9]{5,20})(?:/[0-9]*|>)?$`)
	slackLink   = regexp.MustCompile(`^(?:https?://[a-z0-9.-]+\.slack\.com/(?:archives|client/[TE][A-Z0-9]+)/|slack:)?([CG][A-Z0-9]{2,20})(?:[/?].*)?$`)
)

// discordChannel reads a channel's id or a link to it.
func discordChannel(s string) (id string, ok bool) { return first(discordLink, s) }

// slackChannel reads a channel's id or a link to it.
func slackChannel(s string) (id string, ok bool) { return first(slackLink, s) }

func first(re *regexp.Regexp, s string) (string, bool) {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[1], true
	}
	return "", false
}
