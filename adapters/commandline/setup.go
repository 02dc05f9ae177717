package commandline

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/setup"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
	"newsdesk/config"
)

// tryStore opens the store and closes it again.
func (a *App) tryStore() error {
	store, err := a.open(nil)
	if err != nil {
		return err
	}
	return store.Close()
}

// Setup is the first run.
type Setup struct{}

func (Setup) Help() string {
	return "Example:\n  newsdesk setup --config newsdesk.yaml\n\n" +
		"It asks for the accounts, a channel on each, where state is kept and where the web page listens, tries each answer at once, " +
		"and writes the file when all are given. A file that exists is replaced only when you say so, and a copy of it is kept. " +
		"Secrets that the environment holds stay there. Then it checks everything as newsdesk check does, registers the commands and says hello in the channels, once."
}

func (Setup) Run(a *App) error {
	path := a.Path
	if path == "" {
		path = "newsdesk.yaml"
	}
	given, err := config.Load("", os.LookupEnv)
	if err != nil {
		return err
	}
	o := setup.Options{
		In: a.Stdin, Out: a.Stdout, Path: path, Secret: rand.Text, Now: time.Now,
		DiscordToken: given.Discord.Token.Reveal(), SlackBotToken: given.Slack.BotToken.Reveal(), SlackAppToken: given.Slack.AppToken.Reveal(),
		RedisURL: given.RedisURL.Reveal(),
		Invite:   discord.Invite,
	}
	// What stood in the file before may be wrong; its addresses go on where they can be read.
	if _, err := os.Stat(path); err == nil {
		before, _ := config.Load(path, os.LookupEnv)
		if before.Discord.APIURL != given.Discord.APIURL {
			o.DiscordAPI = before.Discord.APIURL
		}
		if before.Slack.APIURL != given.Slack.APIURL {
			o.SlackAPI = before.Slack.APIURL
		}
	}
	limiter := bot.NewLimiter(time.Now)
	o.Discord = func(token string) (setup.Discord, error) {
		p, err := discord.New(discord.Options{Token: token, APIURL: o.DiscordAPI, Commands: bot.Table(), Limiter: limiter, Logger: a.Log})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	o.Slack = func(botToken, appToken string) (setup.Slack, error) {
		p, err := slack.New(slack.Options{BotToken: botToken, AppToken: appToken, APIURL: o.SlackAPI, Commands: bot.Table(), Limiter: limiter, Logger: a.Log})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	o.Store = func(redisURL, dataDir string) error {
		try := *a
		try.Config = given
		try.Config.RedisURL, try.Config.DataDir = config.Secret(redisURL), dataDir
		return try.tryStore()
	}
	o.Check = func(context.Context) (err error) {
		if a.Config, err = config.Load(path, os.LookupEnv); err != nil {
			return err
		}
		return a.check()
	}
	return setup.Run(a.Context, o)
}
