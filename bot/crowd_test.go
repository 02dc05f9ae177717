package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// A platform that hangs and one slow request of another leave room for the
// rest of the other.
func TestOnePlatformHangsAnotherIsSlow(t *testing.T) {
	var subs []bot.Subscription
	for i := range 20 {
		subs = append(subs, bot.Subscription{ID: "config", Channel: bot.Channel(fmt.Sprintf("test:%d", i)), Mode: bot.Instant})
	}
	p := newPipe(t, subs...)
	other := &bottest.Platform{PlatformName: "other"}
	d := bot.NewDeliverer(bot.DeliverOptions{
		Store: p.store, News: p.desk, Platforms: []bot.Platform{p.platform, other}, Workers: 8, Lease: time.Minute, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler),
	})
	hang := make(chan struct{})
	for range 20 {
		p.platform.Answer(bottest.Answer{Land: true, Meanwhile: func() { <-hang }})
	}
	p.tell("a", 50)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	for p.platform.Requests() < 4 {
		time.Sleep(5 * time.Millisecond)
	}
	// The rest of what waits for the platform that hangs is put back.
	time.Sleep(time.Second)
	other.Answer(bottest.Answer{Land: true, Meanwhile: func() { <-hang }}) // one slow request of the other
	owe := func(c bot.Channel) {
		if _, err := p.store.Enqueue(ctx, []bot.Delivery{{ID: bot.DeliveryID(c, bot.KindStory, "a"), Channel: c, Kind: bot.KindStory, Story: "a"}}); err != nil {
			t.Error(err)
		}
	}
	owe("other:1")
	for other.Requests() < 1 {
		time.Sleep(5 * time.Millisecond)
	}
	owe("other:2")
	for began := time.Now(); len(other.Messages("other:2")) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Error("other:2 waits: 3 of 8 workers are idle, and none asks")
			break
		}
	}
	close(hang)
	stop()
	<-ended
}
