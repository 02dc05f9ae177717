package commandline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/setup"
	"newsdesk/bot"
	"newsdesk/news/feed"
)

// Check tries what the configuration names.
type Check struct{}

func (Check) Help() string { return "Example:\n  newsdesk check --config newsdesk.yaml" }

func (Check) Run(a *App) error {
	if err := a.Config.Ready(); err != nil {
		return err
	}
	return a.check()
}

// check tries everything that the configuration names.
func (a *App) check() error {
	store, failed := a.open(nil)
	var installed bot.Store // who reads the installations
	if failed == nil {
		installed = store
		defer store.Close()
	}
	c := setup.Checkup{
		Store: func() error { return failed }, InUse: boltstore.ErrInUse, Concurrency: a.Config.Poll.Concurrency,
	}
	for _, doubt := range a.Config.Doubts() {
		c.Doubts = append(c.Doubts, doubt.Error())
	}
	c.Platforms, c.Refused = a.platforms(bot.NewLimiter(time.Now), nil, installed)
	for _, s := range a.Config.Subscriptions() {
		c.Channels = append(c.Channels, s.Channel)
	}
	if w := a.writer(); w != nil {
		c.Writer = w.Check
	}
	fetcher := feed.New(feed.Options{AllowPrivate: a.Config.Poll.AllowPrivate, UserAgent: a.userAgent()})
	c.Fetch = func(ctx context.Context, url string) (string, error) {
		r, err := fetcher.Fetch(ctx, feed.Request{URL: url})
		return r.Warning, err
	}
	for _, s := range a.Config.Sources() {
		for _, u := range s.Feeds {
			c.Feeds = append(c.Feeds, setup.Feed{Source: s.ID, URL: u})
		}
	}
	if errors.Is(failed, boltstore.ErrInUse) && a.Config.Slack.ClientID != "" {
		fmt.Fprintln(a.Stdout, "slack: the workspaces that installed the app stand in that store, and are not checked while the other runs")
	}
	return c.Run(a.Context, a.Stdout)
}
