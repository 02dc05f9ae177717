package adapters_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// A front is one bot on both platforms: the real adapters against their fakes.
type front struct {
	discord *discordtest.Server
	slack   *slacktest.Server
	onSlack *slack.Platform
	log     *lockedBuffer
}

// newFront runs a bot that answers from desk and store on both platforms until
// the test ends. more runs with the same bot.
func newFront(t *testing.T, desk bot.Desk, store bot.Ledger, now func() time.Time, more ...bot.Platform) *front {
	t.Helper()
	f := &front{discord: discordtest.New(t), slack: slacktest.New(t), log: &lockedBuffer{}}
	f.discord.AddChannel(discordChannel, discordtest.Channel{})
	log := slog.New(slog.NewTextHandler(f.log, nil))
	d, err := discord.New(discord.Options{
		Token: f.discord.Token, ApplicationID: f.discord.ApplicationID, APIURL: f.discord.URL(), Commands: bot.Table(), Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.onSlack, err = slack.New(slack.Options{
		BotToken: slacktest.BotToken, AppToken: slacktest.AppToken, APIURL: f.slack.URL(), Commands: bot.Table(), Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := bot.New(bot.Options{Desk: desk, Store: store, Now: now, Logger: log})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, p := range append(more, d, f.onSlack) {
		running.Go(func() {
			if err := p.Run(ctx, handler); err != nil {
				t.Errorf("%s: %v", p.Name(), err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
		if t.Failed() {
			t.Logf("log:\n%s", tail(f.log.String(), 8000))
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		commands, _ := f.discord.Commands()
		if f.discord.Connected() && len(commands) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("discord is not connected")
		}
	}
	connected, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := f.slack.Connected(connected, 1); err != nil {
		t.Fatal(err)
	}
	return f
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// A sight is an answer as the person sees it.
type sight struct {
	text    string
	private bool
	pings   bool
	html    string // on the web, as both platforms would draw it
	form    string // on the web, the line of the form that was opened
	// deferred, on Discord: it was announced first.
	deferred bool

	discord discordtest.Message
	slack   slacktest.Message
}

// A place is one of the platforms that a person asks on.
type place struct {
	name string
	// ask types the command with its words, such as "top" with "week"; the
	// search has no name.
	ask func(ctx context.Context, command, words string) (sight, error)
	// press presses a button of an answer: the one that is labelled so.
	press func(ctx context.Context, on sight, label string) (sight, error)
	// forge presses, on an answer, a button that the bot did not make.
	forge func(ctx context.Context, on sight, id, value string) (sight, error)
	again func(ctx context.Context) (sight, error) // the last question is redelivered
}

func (f *front) places() []place {
	return []place{
		{
			"discord",
			func(ctx context.Context, command, words string) (sight, error) {
				return ofDiscord(f.discord.Invoke(ctx, discordQuestion(command, words)))
			},
			func(ctx context.Context, on sight, label string) (sight, error) {
				for _, b := range on.discord.Buttons() {
					if b.Label == label {
						return ofDiscord(f.discord.Invoke(ctx, discordtest.Invocation{
							Channel: discordChannel, Message: on.discord.ID, CustomID: b.CustomID, Permissions: discordtest.SendMessages,
						}))
					}
				}
				return sight{}, fmt.Errorf("no button %q", label)
			},
			func(ctx context.Context, on sight, id, value string) (sight, error) {
				return ofDiscord(f.discord.Invoke(ctx, discordtest.Invocation{
					Channel: discordChannel, Message: on.discord.ID, CustomID: id + value, Permissions: discordtest.SendMessages,
				}))
			},
			func(ctx context.Context) (sight, error) { return ofDiscord(f.discord.Redeliver(ctx)) },
		},
		{
			"slack",
			func(ctx context.Context, command, words string) (sight, error) {
				return ofSlack(f.slack.Slash(ctx, strings.TrimSpace(command+" "+words)))
			},
			func(ctx context.Context, on sight, label string) (sight, error) {
				return ofSlack(f.slack.Press(ctx, on.slack, label))
			},
			func(ctx context.Context, on sight, id, value string) (sight, error) {
				m := on.slack
				m.Blocks = []any{map[string]any{"type": "actions", "elements": []any{map[string]any{
					"type": "button", "action_id": id, "value": value, "text": map[string]any{"type": "plain_text", "text": "Forged"},
				}}}}
				return ofSlack(f.slack.Press(ctx, m, "Forged"))
			},
			func(ctx context.Context) (sight, error) { return ofSlack(f.slack.Again(ctx)) },
		},
	}
}

func ofDiscord(r discordtest.Reply, err error) (sight, error) {
	if err == nil && r.Deleted {
		err = fmt.Errorf("announced and taken back")
	}
	return sight{text: r.Text(), private: r.Private, pings: r.Pings, deferred: r.Deferred, discord: r.Message}, err
}

func ofSlack(m slacktest.Message, err error) (sight, error) {
	return sight{text: m.Text + "\n" + m.Shown(), private: m.Private, slack: m}, err
}

// discordQuestion fills the form that Discord shows for a command: words are
// what its positional option has.
func discordQuestion(command, words string) discordtest.Invocation {
	v := discordtest.Invocation{
		Channel: discordChannel, Command: deskOf(command), Subcommand: command, Permissions: discordtest.SendMessages | discordtest.ManageGuild, Options: map[string]any{},
	}
	if command == "" {
		v.Command = "news"
	}
	for _, c := range bot.Table() {
		for _, o := range c.Options {
			if c.Name == command && o.Positional && words != "" {
				v.Options[o.Name] = words
			}
		}
	}
	return v
}

// discordOptions are the options of a call as Discord sends them.
func discordOptions(call bot.Call) (map[string]any, error) {
	out := map[string]any{}
	for name, value := range call.Options {
		out[name] = value
		switch kind := optionOf(call.Command, name).Kind; {
		case kind == bot.Role && value != "none":
			out[name] = discordtest.Role(value)
		case kind == bot.Whole:
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil, err
			}
			out[name] = n
		}
	}
	return out, nil
}
