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
	"os"
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
	Slack   func(botToken, appToken string) (Slack, error)
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

// Slack is what the conversation asks of Slack.
type Slack interface {
	bot.Platform
	// Reach asks Slack whose the bot token is. A *bot.SendError says why there
	// is no answer.
	Reach(ctx context.Context) error
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
	slack   Slack
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
			t.say("The commands could not be registered with Discord: %s. The bot tries again when it starts.", inWords(err))
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
	t.say("The first reading of the feeds is backlog and is not posted; the first story comes when the next one breaks. %s", t.pageAt())
	return failed
}

// skip is the way out of a question.
const skip = "skip"

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
