package adapters_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/redisstore"
	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// TestFanOut posts one story to many channels of both platforms at once,
// against fakes that enforce the platforms' limits, by one replica on the
// embedded store and by two that share Redis. NEWSDESK_FANOUT=1 takes as many
// channels as docs/benchmarks.md speaks of, which takes minutes.
func TestFanOut(t *testing.T) {
	onDiscord, onSlack := 150, 15
	if os.Getenv("NEWSDESK_FANOUT") != "" {
		onDiscord, onSlack = 10_000, 1_000
	}
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) { fanOut(t, open(), onDiscord, onSlack) })
	}
}

// one is a newsroom with one story, which is news.
type one struct{ story news.Story }

func (n one) Story(context.Context, string) (news.Story, error)              { return n.story, nil }
func (n one) Related(context.Context, news.Story, int) ([]news.Story, error) { return nil, nil }
func (n one) Past(time.Time) []news.Past                                     { return nil }
func (n one) Changed(_ context.Context, after uint64, _ int) ([]news.Story, error) {
	if after >= n.story.Seq {
		return nil, nil
	}
	return []news.Story{n.story}, nil
}

func fanOut(t *testing.T, store engine, onDiscord, onSlack int) {
	defer store.Close()
	d, s := discordtest.New(t), slacktest.New(t)
	d.Limit(5, 5*time.Second, 50)
	var subs []bot.Subscription
	subscribe := func(c string) {
		subs = append(subs, bot.Subscription{ID: "config", Channel: bot.Channel(c), Mode: bot.Instant})
	}
	for i := range onDiscord {
		id := fmt.Sprint(300000000000000000 + i)
		d.AddChannel(id, discordtest.Channel{})
		subscribe("discord:" + id)
	}
	for i := range onSlack {
		id := fmt.Sprintf("C%09d", i)
		s.AddChannel(id)
		subscribe("slack:" + id)
	}
	newsroom := one{news.Story{
		ID: "k3j2", Headline: "DeepSeek R2 is here", Impact: 90, Seq: 1, Status: brief.Status{Value: brief.Confirmed}, Fresh: time.Now(), First: time.Now(),
	}}
	log := slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	replicas, limiter := 1, func() bot.Limiter { return bot.NewLimiter(time.Now) }
	if shared, ok := store.(*redisstore.Store); ok {
		replicas, limiter = 2, shared.Limiter
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	for i := range replicas {
		dp, err := discord.New(discord.Options{Token: d.Token, ApplicationID: d.ApplicationID, APIURL: d.URL(), Limiter: limiter(), Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		sp, err := slack.New(slack.Options{BotToken: slacktest.BotToken, APIURL: s.URL(), Limiter: limiter(), Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		deliverer := bot.NewDeliverer(bot.DeliverOptions{
			Store: store, News: newsroom, Platforms: []bot.Platform{dp, sp}, Owner: fmt.Sprint("replica ", i), Now: time.Now, Logger: log,
		})
		wg.Go(func() {
			if err := deliverer.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	dispatcher := bot.Dispatcher{Store: store, News: newsroom, Book: bot.NewBook(store, subs), Owner: "a", Now: time.Now, Logger: log}
	began := time.Now()
	if n, err := dispatcher.Step(ctx); n != len(subs) || err != nil {
		t.Fatalf("dispatched %d, %v", n, err)
	}
	var discordTook, slackTook time.Duration
	for deadline := began.Add(10 * time.Minute); slackTook == 0 || discordTook == 0; time.Sleep(20 * time.Millisecond) {
		if discordTook == 0 && d.Posted() >= onDiscord {
			discordTook = time.Since(began)
		}
		if slackTook == 0 && s.Calls("chat.postMessage") >= onSlack {
			slackTook = time.Since(began)
		}
		if time.Now().After(deadline) {
			t.Fatalf("after ten minutes %d and %d messages are posted", d.Posted(), s.Calls("chat.postMessage"))
		}
	}
	stop()
	wg.Wait()
	if n := d.Throttled(); n > 0 {
		t.Errorf("Discord refused %d requests as too many", n)
	}
	if n := s.TooFast(); n > 0 {
		t.Errorf("Slack refused %d requests as too many", n)
	}
	for _, sub := range subs {
		var n int
		if c := sub.Channel; c.Platform() == "discord" {
			n = len(d.Messages(c.ID()))
		} else {
			n = len(s.Messages(c.ID()))
		}
		if n != 1 {
			t.Errorf("%s has the story %d times", sub.Channel, n)
		}
	}
	// The first second's worth may leave at once.
	share := func(n, perSecond int, took time.Duration) float64 {
		return 100 * float64(n-perSecond) / took.Seconds() / float64(perSecond)
	}
	t.Logf("%d replicas: %d Discord channels in %v, %.1f %% of 50/s; %d Slack channels in %v, %.1f %% of 5/s", replicas,
		onDiscord, discordTook.Round(10*time.Millisecond), share(onDiscord, 50, discordTook), onSlack, slackTook.Round(10*time.Millisecond), share(onSlack, 5, slackTook))
}
