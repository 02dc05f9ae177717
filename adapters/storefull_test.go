package adapters_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/redisstore"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
)

// A fullStore is a store whose room can be taken away and given back.
type fullStore struct {
	engine
	full, free func(t *testing.T)
}

// fullFile lets this process write nothing behind the first two pages of a
// file, which is what a full disk does to all but the mark of what is written.
func fullFile(t *testing.T) fullStore {
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(t *testing.T, r syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &r); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { limit(t, before) })
	return fullStore{
		s,
		func(t *testing.T) { limit(t, syscall.Rlimit{Cur: uint64(2 * os.Getpagesize()), Max: before.Max}) },
		func(t *testing.T) { limit(t, before) },
	}
}

// fullRedis is a Redis of its own that full spoils, and free mends.
func fullRedis(t *testing.T, full, free func(*testing.T, *goredis.Client)) fullStore {
	r := newFlakyRedis(t)
	r.heal(t)
	s, err := redisstore.Open(t.Context(), "redis://"+r.addr, redisstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := goredis.NewClient(&goredis.Options{Addr: r.addr})
	t.Cleanup(func() { c.Close() })
	return fullStore{s, func(t *testing.T) { full(t, c) }, func(t *testing.T) { free(t, c) }}
}

func configure(t *testing.T, c *goredis.Client, name, value string) {
	t.Helper()
	if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
		t.Fatal(err)
	}
}

// snapshots is the folder of a Redis.
func snapshots(t *testing.T, c *goredis.Client) string {
	t.Helper()
	dir, err := c.ConfigGet(t.Context(), "dir").Result()
	if err != nil {
		t.Fatal(err)
	}
	return dir["dir"]
}

// snapshot has a Redis write what it knows to its disk, which ends so.
func snapshot(t *testing.T, c *goredis.Client, end string) {
	t.Helper()
	if err := c.BgSave(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(c.Info(t.Context(), "persistence").Val(), "rdb_last_bgsave_status:"+end) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the snapshot does not end as %s", end)
		}
	}
}

// alone is set where a process runs one test.
const alone = "NEWSDESK_TEST_ALONE"

// TestStoreIsFull: while nothing can be written every command that orders says
// so and that nothing was changed, what was ordered before stands, and what is
// only read is answered. Then there is room, and the same commands do as they
// say, and what was owed is delivered.
func TestStoreIsFull(t *testing.T) {
	for name, open := range map[string]func(*testing.T) fullStore{
		"file": fullFile,
		"redis memory": func(t *testing.T) fullStore {
			return fullRedis(t,
				func(t *testing.T, c *goredis.Client) { configure(t, c, "maxmemory", "1") },
				func(t *testing.T, c *goredis.Client) { configure(t, c, "maxmemory", "0") })
		},
		"redis disk": func(t *testing.T) fullStore {
			return fullRedis(t, func(t *testing.T, c *goredis.Client) {
				configure(t, c, "save", "3600 1")
				if err := os.MkdirAll(filepath.Join(snapshots(t, c), "dump.rdb", "in the way"), 0o700); err != nil {
					t.Fatal(err)
				}
				snapshot(t, c, "err")
			}, func(t *testing.T, c *goredis.Client) {
				if err := os.RemoveAll(filepath.Join(snapshots(t, c), "dump.rdb")); err != nil {
					t.Fatal(err)
				}
				snapshot(t, c, "ok")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A process of its own has its files limited: in this one other
			// tests write, and what notes for go test which files are read.
			if name == "file" && os.Getenv(alone) == "" {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoreIsFull$/^file$", "-test.timeout=2m")
				cmd.Env = append(os.Environ(), alone+"=yes")
				if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
					t.Errorf("%v\n%s", err, out)
				}
				return
			}
			ordersWhileFull(t, open(t))
		})
	}
}

func ordersWhileFull(t *testing.T, store fullStore) {
	channels := map[string]bot.Channel{"discord": "discord:" + discordChannel, "slack": "slack:" + slacktest.Channel}
	fill(t, store, 50)
	ctx := t.Context()
	for _, c := range channels {
		if err := store.SaveSubscription(ctx, bot.Subscription{Channel: c, ID: "instant", Mode: bot.Instant, MinImpact: 99, Topics: []string{"openai"}, By: "u"}); err != nil {
			t.Fatal(err)
		}
	}
	owed := bot.Delivery{ID: bot.DeliveryID("test:1", bot.KindStory, "s1"), Channel: "test:1", Kind: bot.KindStory, Story: "s1"}
	if n, err := store.Enqueue(ctx, []bot.Delivery{owed}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	before, err := store.Subscriptions(ctx)
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	log := slog.New(slog.DiscardHandler)
	desk := news.NewDesk(news.Options{Store: store, Logger: log})
	if err := desk.Follow(ctx); err != nil {
		t.Fatal(err)
	}
	f := newFront(t, desk, store, time.Now)
	platform := &bottest.Platform{}
	deliverer := bot.NewDeliverer(bot.DeliverOptions{Store: store, News: desk, Platforms: []bot.Platform{platform}, Owner: "o", Now: time.Now, Logger: log})
	running, stop := context.WithCancel(ctx)
	var run sync.WaitGroup
	defer func() { stop(); run.Wait() }()

	ask := func(when, words, want string) {
		t.Helper()
		call, err := bot.ParseLine(bot.Table(), words)
		if err != nil {
			t.Fatal(err)
		}
		f.everywhere(t, func(ctx context.Context, p place) {
			command, rest, _ := strings.Cut(words, " ")
			s, err := p.ask(ctx, command, rest)
			if p.name == "discord" {
				s, err = f.askDiscord(ctx, call)
			}
			if err != nil || !s.private || !strings.Contains(s.text, want) {
				t.Errorf("%s, %s on %s: private %t, %q, %v; want %q", when, words, p.name, s.private, s.text, err, want)
			}
		})
	}
	store.full(t)
	run.Go(func() { deliverer.Run(running) })
	const refused = "can save nothing just now"
	for _, words := range []string{"subscribe nvidia min:70 save:yes", "subscribe mode:digest at:09:00 save:yes", "unsubscribe", "pause 3d", "follow nvidia", "useful s1"} {
		ask("full", words, refused)
		ask("full", words, "Nothing was changed.")
	}
	ask("full", "settings", "OpenAI")
	ask("full", "subscribe nvidia", "what this channel would get")
	if got, err := store.Subscriptions(ctx); err != nil || !reflect.DeepEqual(got, before) {
		t.Errorf("full: the orders are %+v, %v; want %+v", got, err, before)
	}
	if n := platform.Requests(); n != 0 {
		t.Errorf("full: %d requests without a claim", n)
	}

	store.free(t)
	for _, o := range []struct{ words, says string }{
		{"subscribe nvidia min:70 save:yes", "Saved"}, {"subscribe mode:digest at:09:00 save:yes", "Saved"},
		{"pause 3d", "Paused until"}, {"unsubscribe mode:digest", "Ended"}, {"follow nvidia", "You follow Nvidia"}, {"useful s1", "Noted as useful"},
	} {
		ask("free", o.words, o.says)
	}
	after, err := store.Subscriptions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range after {
		got = append(got, string(s.Channel)+" "+s.ID+" "+strings.Join(s.Topics, ","))
	}
	want := []string{
		"discord:" + discordChannel + " instant nvidia", "discord:" + discordChannel + " pause ", string(people["discord"]) + " topic:nvidia nvidia",
		string(people["slack"]) + " topic:nvidia nvidia", "slack:" + slacktest.Channel + " instant nvidia", "slack:" + slacktest.Channel + " pause ",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("free: the orders are %q", got)
	}
	for deadline := time.Now().Add(20 * time.Second); len(platform.Messages("test:1")) != 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("free: what was owed does not come")
		}
	}
}

// askDiscord fills in the options of a command.
func (f *front) askDiscord(ctx context.Context, call bot.Call) (sight, error) {
	v := discordQuestion(call.Command, "")
	var err error
	if v.Options, err = discordOptions(call); err != nil {
		return sight{}, err
	}
	return ofDiscord(f.discord.Invoke(ctx, v))
}
