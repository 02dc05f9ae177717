package bottest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// Outbox measures how many deliveries a second an engine takes from claim to
// settlement, and how many it enqueues: alone, where 1024 workers settle what
// one goroutine claims and do nothing else, and through the real Deliverer with
// a platform that answers at once. The engine's clock must be the real one.
func Outbox(b *testing.B, store bot.Store) {
	b.Run("alone", func(b *testing.B) {
		outbox(b, store, "alone", func(total int) { settleAll(b, store, total) })
	})
	b.Run("deliverer", func(b *testing.B) {
		outbox(b, store, "deliverer", func(total int) {
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			settled := &counting{Store: store, want: int64(total), done: stop}
			d := bot.NewDeliverer(bot.DeliverOptions{
				Store: settled, News: anyNews{}, Platforms: []bot.Platform{instant{&Platform{}}}, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
			})
			if err := d.Run(ctx); err != nil {
				b.Fatal(err)
			}
			if n := settled.n.Load(); n != int64(total) {
				b.Errorf("%d deliveries were settled, want %d", n, total)
			}
		})
	})
}

// outbox enqueues deliveries to many channels and times deliver, which is to
// settle them all.
func outbox(b *testing.B, store bot.Store, name string, deliver func(total int)) {
	const channels = 2000
	var enqueued, delivered time.Duration
	total := 0
	for round := 0; b.Loop(); round++ {
		ds := make([]bot.Delivery, 10*channels)
		for i := range ds {
			c := bot.Channel(fmt.Sprint("test:", i%channels))
			story := fmt.Sprintf("%s-%d-%d-%d", name, b.N, round, i/channels)
			ds[i] = bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, story), Channel: c, Kind: bot.KindStory, Story: story}
		}
		began := time.Now()
		if n, err := store.Enqueue(b.Context(), ds); n != len(ds) || err != nil {
			b.Fatal(n, err)
		}
		enqueued += time.Since(began)
		total += len(ds)
		began = time.Now()
		deliver(len(ds))
		delivered += time.Since(began)
	}
	b.ReportMetric(float64(total)/delivered.Seconds(), "deliveries/s")
	b.ReportMetric(float64(total)/enqueued.Seconds(), "enqueued/s")
	b.ReportMetric(0, "ns/op")
}

// settleAll claims and settles as the Deliverer does.
func settleAll(b *testing.B, store bot.Store, total int) {
	const workers = 1024
	slots := make(chan struct{}, workers)
	wake := make(chan struct{}, 1)
	var wg sync.WaitGroup
	defer wg.Wait()
	for left := total; left > 0; {
		free := workers - len(slots)
		if free*2 <= workers {
			<-wake
			continue
		}
		claimed, err := store.Claim(b.Context(), bot.AllShards, time.Minute, free)
		if err != nil {
			b.Fatal(err)
		}
		left -= len(claimed)
		for _, d := range claimed {
			slots <- struct{}{}
			wg.Go(func() {
				if err := store.Settle(b.Context(), d, bot.Result{State: bot.Sent, Message: "m"}); err != nil {
					b.Errorf("Settle: %v", err)
				}
				<-slots
				select {
				case wake <- struct{}{}:
				default:
				}
			})
		}
	}
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
func (anyNews) Past(time.Time) []news.Past                                     { return nil }
