package commandline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/discord"
	"newsdesk/adapters/llm"
	"newsdesk/adapters/redisstore"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
	"newsdesk/config"
	"newsdesk/news"
)

// writer is the language model of the configuration, nil without one.
func (a *App) writer() *llm.Writer {
	if a.Config.LLM.BaseURL == "" {
		return nil
	}
	return llm.New(llm.Options{BaseURL: a.Config.LLM.BaseURL, Model: a.Config.LLM.Model, APIKey: a.Config.LLM.APIKey.Reveal()})
}

// subscriptions are those of the configuration. Where it names no channel the
// preview is the only one: an empty page would tell a newcomer nothing.
func (a *App) subscriptions() []bot.Subscription {
	if all := a.Config.Subscriptions(); len(all) > 0 {
		return all
	}
	return []bot.Subscription{{ID: "preview", Channel: previewChannel, Mode: bot.Instant, MinImpact: config.DefaultMinImpact}}
}

// A store is an engine of both Stores.
type store interface {
	news.Store
	bot.Store
	Close() error
}

// open opens the engine that the configuration names. now is nil for the
// engine's own clock.
func (a *App) open(now func() time.Time) (store, error) {
	if url := a.Config.RedisURL.Reveal(); url != "" {
		return redisstore.Open(a.Context, url, redisstore.Options{Now: now, Logger: a.Log})
	}
	err := os.MkdirAll(a.Config.DataDir, 0o700)
	if err == nil {
		var s *boltstore.Store
		if s, err = boltstore.Open(filepath.Join(a.Config.DataDir, "newsdesk.db"), boltstore.Options{Now: now}); err == nil {
			return s, nil
		}
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS) {
		return nil, fmt.Errorf("data_dir %s: %w: set data_dir to a folder that this user may make and write", a.Config.DataDir, err)
	}
	return nil, err
}

// platforms makes those chat platforms that have a token; the error has what
// is wrong with the others. store is nil where there is none: then nobody can
// install the app on Slack. memory is nil for a bot that does not run.
func (a *App) platforms(limiter bot.Limiter, memory discord.Memory, store bot.Store) (ps []bot.Platform, err error) {
	if d := a.Config.Discord; d.Token != "" {
		o := discord.Options{
			Token: d.Token.Reveal(), ApplicationID: d.ApplicationID, APIURL: d.APIURL, GatewayURL: d.GatewayURL,
			Commands: bot.Table(), Guilds: d.Guilds, Limiter: limiter, Memory: memory, Logger: a.Log,
		}
		if d.Transport == "http" {
			o.PublicKey = d.PublicKey
		}
		p, failed := discord.New(o)
		if failed != nil {
			err = errors.Join(err, failed)
		} else {
			ps = append(ps, p)
		}
	}
	if s := a.Config.Slack; s.BotToken != "" || s.ClientID != "" && store != nil {
		p, failed := slack.New(slack.Options{
			BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), APIURL: s.APIURL, Commands: bot.Table(), Limiter: limiter, Logger: a.Log,
			Transport: s.Transport, SigningSecret: s.SigningSecret.Reveal(), Managers: s.Managers, OAuth: a.installs(store),
		})
		if failed != nil {
			err = errors.Join(err, failed)
		} else {
			ps = append(ps, p)
		}
	}
	return ps, err
}

// installs is what lets people install the app on Slack, nil where they may not.
func (a *App) installs(store bot.Store) *slack.OAuth {
	s := a.Config.Slack
	if s.ClientID == "" || store == nil {
		return nil
	}
	o := &slack.OAuth{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret.Reveal(), PublicURL: a.Config.Web.PublicURL, Store: store,
		Installed: func(ctx context.Context, space string) error { return bot.ResumeSpace(ctx, store, space) },
	}
	for _, k := range append([]config.Secret{s.EncryptionKey}, s.OldEncryptionKeys...) {
		key, _ := config.EncryptionKey(k) // the configuration was checked
		o.Keys = append(o.Keys, key)
	}
	return o
}
