package commandline

import (
	"time"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/feed"
)

// Run runs the bot.
type Run struct{}

func (Run) Help() string { return "Example:\n  newsdesk --config newsdesk.yaml" }

func (Run) Run(a *App) error {
	if err := a.Config.Ready(); err != nil {
		return err
	}
	store, err := a.open(nil)
	if err != nil {
		return err
	}
	defer store.Close()
	limiter := bot.NewLimiter(time.Now)
	if shared, ok := store.(*redisstore.Store); ok {
		limiter = shared.Limiter()
	}
	platforms, err := a.platforms(limiter, store, store)
	if err != nil {
		return err
	}
	p := a.Config.Poll
	for _, doubt := range a.Config.Doubts() {
		a.Log.Warn("something in the configuration may be a mistake", "what", doubt)
	}
	h := house{
		store: store, sources: a.Config.Sources(), subscriptions: a.subscriptions(), platforms: platforms,
		fetch: feed.Options{AllowPrivate: p.AllowPrivate, UserAgent: a.userAgent()},
		poll:  news.Poll{Interval: p.Interval, MinInterval: p.MinInterval, MaxInterval: p.MaxInterval, Concurrency: p.Concurrency},
		now:   time.Now,
	}
	if w := a.writer(); w != nil {
		h.writer = w
	}
	return a.serve(h)
}
