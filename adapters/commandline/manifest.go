package commandline

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
)

// Manifest prints what a platform's developer page takes.
type Manifest struct {
	Platform string `arg:"" enum:"slack,discord" help:"slack or discord."`
	URL      string `name:"url" help:"Where Slack reaches the bot, with slack.transport: http; web.public_url where not given." placeholder:"https://bot.example"`
}

func (Manifest) Help() string { return "Example:\n  newsdesk manifest slack > manifest.json" }

// Validate is called by kong; what it finds is wrong usage.
func (c Manifest) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return nil
	case c.Platform != "slack":
		return errors.New("--url is for slack")
	case err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("--url is %q: want https:// and a host without a path, such as https://bot.example", c.URL)
	}
	return nil
}

func (c Manifest) Run(a *App) error {
	if c.Platform == "discord" {
		_, err := a.Stdout.Write(discord.Manifest(bot.Table(), a.Config.Discord.ApplicationID))
		return err
	}
	o := slack.App{
		Commands: bot.Table(), URL: strings.TrimRight(c.URL, "/"), Managers: a.Config.Slack.Managers,
		Public: a.Config.Web.PublicURL, // slack.client_id is not known before the app is made
	}
	if a.Config.Slack.Transport == slack.TransportHTTP && o.URL == "" {
		if o.URL = a.Config.Web.PublicURL; o.URL == "" {
			return errors.New("slack.transport is http, and where Slack reaches the bot is not known: set web.public_url, or --url https://bot.example")
		}
	}
	m, err := slack.Manifest(o)
	if err != nil {
		return err
	}
	_, err = a.Stdout.Write(m)
	return err
}
