package bottest

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// Outbox measures how many deliveries a second an engine takes through the
// real Deliverer, from claim to settlement, where the platform answers at
// once: what is left is the outbox. now is the engine's clock.
func Outbox(b *testing.B, store bot.Store) {
	const channels = 2000
	log := slog.New(slog.DiscardHandler)
	settled := &counting{Store: store}
	var enqueued, delivered time.Duration
	total := 0
	for round := 0; b.Loop(); round++ {
		ds := make([]bot.Delivery, 10*channels)
		for i := range ds {
			c := bot.Channel(fmt.Sprint("test:", i%channels))
			story := fmt.Sprintf("s%d-%d", round, i/channels)
			ds[i] = bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, story), Channel: c, Kind: bot.KindStory, Story: story}
		}
		began := time.Now()
		if _, err := store.Enqueue(b.Context(), ds); err != nil {
			b.Fatal(err)
		}
		enqueued += time.Since(began)
		total += len(ds)
		d := bot.NewDeliverer(bot.DeliverOptions{
			Store: settled, News: anyNews{}, Platforms: []bot.Platform{instant{&Platform{}}}, Now: time.Now, Logger: log,
		})
		ctx, stop := context.WithCancel(b.Context())
		settled.done, settled.want = stop, int64(total)
		began = time.Now()
		if err := d.Run(ctx); err != nil {
			b.Fatal(err)
		}
		delivered += time.Since(began)
	}
	if n := settled.n.Load(); n != int64(total) {
		b.Errorf("%d deliveries were settled, want %d", n, total)
	}
	b.ReportMetric(float64(total)/delivered.Seconds(), "deliveries/s")
	b.ReportMetric(float64(total)/enqueued.Seconds(), "enqueued/s")
	b.ReportMetric(0, "ns/op")
}

// counting counts what was settled, and ends the run with the last.
type counting struct {
	bot.Store
	n    atomic.Int64
	want int64
	done func()
}

func (c *counting) Settle(ctx context.Context, d bot.Delivery, r bot.Result) error {
	err := c.Store.Settle(ctx, d, r)
	if err == nil && r.State == bot.Sent && c.n.Add(1) == c.want {
		c.done()
	}
	return err
}

// instant is a platform that takes everything at once.
type instant struct{ *Platform }

func (instant) Name() string                                          { return "test" }
func (instant) Post(context.Context, bot.Post) (bot.MessageID, error) { return "m", nil }
func (instant) Check(context.Context, bot.Channel) []string           { return nil }

// anyNews has every story.
type anyNews struct{}

func (anyNews) Story(_ context.Context, id string) (news.Story, error) {
	return news.Story{ID: id, Headline: "Headline " + id}, nil
}
func (anyNews) Related(context.Context, news.Story, int) ([]news.Story, error) { return nil, nil }
func (anyNews) Search(context.Context, news.Query) (news.Result, error)        { return news.Result{}, nil }
