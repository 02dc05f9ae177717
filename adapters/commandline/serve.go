package commandline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"newsdesk/adapters/web"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/feed"
)

// A house is all that differs between the bot and its demo.
type house struct {
	store         store
	sources       []news.Source
	subscriptions []bot.Subscription
	platforms     []bot.Platform
	fetch         feed.Options
	poll          news.Poll
	now           func() time.Time
	writer        news.Writer // nil for none
	name          string      // shown on the preview
	ready         func(url string)
}

// A served platform answers HTTP requests at these paths; none where it does not.
type served interface {
	Endpoints() map[string]http.Handler
}

// serve runs the bot until the context ends.
func (a *App) serve(h house) error {
	owner := a.replica()
	topics, err := a.Config.Gazetteer()
	if err != nil {
		return err
	}
	desk := news.NewDesk(news.Options{
		Store: h.store, Sources: h.sources, Gazetteer: topics, Fetcher: feed.New(h.fetch), Poll: h.poll, Owner: owner, Now: h.now, Logger: a.Log, Writer: h.writer,
	})
	var endpoints []web.Endpoint
	for _, p := range h.platforms {
		if p, ok := p.(served); ok {
			for path, handler := range p.Endpoints() {
				endpoints = append(endpoints, web.Endpoint{Path: path, Handler: handler})
			}
		}
	}
	page, err := web.New(web.Options{
		Listen: a.Config.Web.Listen, Token: a.Config.Web.Token.Reveal(), Desk: desk, Outbox: h.store, Ready: desk.Ready,
		Channels: []bot.Channel{previewChannel}, Commands: bot.Table(), Endpoints: endpoints, Logger: a.Log, Now: h.now, Version: a.Version, Name: h.name, Gazetteer: topics,
	})
	if err != nil {
		return err
	}
	platforms := append(h.platforms, page)
	book := bot.NewBook(h.store, h.subscriptions)
	deliverer := bot.NewDeliverer(bot.DeliverOptions{
		Store: h.store, News: desk, Platforms: platforms, Book: book, Past: desk.Past, Owner: owner, Now: h.now, Logger: a.Log,
	})
	handler := bot.New(bot.Options{
		Desk: desk, Store: h.store, Table: bot.Table(), Halted: deliverer.Halted, Now: h.now, Logger: a.Log, Version: a.Version,
		Book: book, Check: deliverer.Check, Manages: deliverer.Manages,
	})
	dispatcher := &bot.Dispatcher{
		Store: h.store, News: desk, Book: book, Past: desk.Past, Owner: owner, Now: h.now, Logger: a.Log, Wake: deliverer.Wake,
	}
	if err := desk.Follow(a.Context); err != nil {
		return err
	}
	if err := restore(a.Context, page, h.store, deliverer); err != nil {
		return err
	}
	a.Log.Info("newsdesk runs", "version", a.Version, "sources", len(h.sources), "preview", page.URL())
	if h.ready != nil {
		h.ready(page.URL())
	}

	ctx, stop := context.WithCancel(a.Context)
	defer stop()
	var wg sync.WaitGroup
	failed := make(chan error, 1)
	must := func(run func(context.Context) error) {
		wg.Go(func() {
			err := run(ctx)
			if err != nil && a.Context.Err() != nil {
				// Who asks for the end gets it: what could not be given back runs out.
				a.Log.Warn("something could not be tidied up at the end", "err", err)
				return
			}
			if err != nil {
				select {
				case failed <- err:
				default:
				}
				stop()
			}
		})
	}
	must(desk.Run)
	must(dispatcher.Run)
	must(deliverer.Run)
	must(func(ctx context.Context) error { return page.Run(ctx, handler) })
	for _, p := range h.platforms {
		wg.Go(func() {
			if err := p.Run(ctx, handler); err != nil {
				a.Log.Error("platform stopped; the others go on", "platform", p.Name(), "err", err)
				deliverer.Stopped(p.Name(), err)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		a.Log.Info("newsdesk ended")
		return nil
	}
}

// previewChannel is the channel of the web page.
const previewChannel bot.Channel = "web:preview"

// restored is how many messages the preview shows of earlier runs.
const restored = 50

// restore shows on the preview what earlier runs posted there.
func restore(ctx context.Context, page *web.Server, store bot.Store, deliverer *bot.Deliverer) error {
	sent, err := store.Deliveries(ctx, bot.DeliveryQuery{Channel: previewChannel, State: bot.Sent, Limit: restored})
	if err != nil {
		return err
	}
	var ms []web.Restored
	for _, d := range slices.Backward(sent) {
		if d.Kind == bot.KindEdit {
			continue // its message is shown as it stands now
		}
		card, err := deliverer.Card(ctx, d)
		if errors.Is(err, news.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		m := web.Restored{Channel: d.Channel, ID: d.Message, Card: card, At: d.Settled}
		if d.Kind == bot.KindFollowUp {
			m.Thread = bot.MessageID(bot.DeliveryID(d.Channel, bot.KindStory, d.Story)) // the preview's messages have the IDs of their deliveries
		}
		ms = append(ms, m)
	}
	page.Restore(ms)
	return nil
}

// replica names this process in leases. The embedded store has one process at
// a time, so that a restarted one goes on at once; on Redis there may be many,
// and each waits until the lease of one that died runs out.
func (a *App) replica() string {
	if a.Config.RedisURL == "" {
		return "newsdesk"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "newsdesk"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}
