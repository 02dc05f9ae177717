package redisstore_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

var prefixes int

// open opens a store under a prefix of its own.
func open(t testing.TB, url string, now func() time.Time) *redisstore.Store {
	t.Helper()
	prefixes++
	s, err := redisstore.Open(t.Context(), url, redisstore.Options{Now: now, Logger: slog.New(slog.DiscardHandler), Prefix: fmt.Sprintf("{newsdesk-test-%d-%d}:", os.Getpid(), prefixes)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func suites(t *testing.T, url string) {
	t.Run("news", func(t *testing.T) {
		newstest.Store(t, func(t *testing.T, now func() time.Time) news.Store { return open(t, url, now) })
	})
	t.Run("bot", func(t *testing.T) {
		bottest.Store(t, func(t *testing.T, now func() time.Time) bot.Store { return open(t, url, now) })
	})
}

func TestMiniredis(t *testing.T) {
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	suites(t, "redis://"+m.Addr())
}

func TestRedis(t *testing.T) { suites(t, realRedis(t)) }

// TestServerClock is what runs in production: the server's clock ends leases,
// aliases, keys and claims, and frees their memory.
func TestServerClock(t *testing.T) {
	url := realRedis(t)
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Skip("NOT TESTED with the server's clock: REDIS_URL is no single server")
	}
	c := redis.NewClient(o)
	defer c.Close()
	s, ctx := open(t, url, nil), t.Context()
	serverNow := c.Time(ctx).Val()

	fence, held, err := s.Lease(ctx, news.DeskLease, "a", 40*time.Millisecond)
	if fence != 1 || !held || err != nil {
		t.Fatalf("Lease = %d, %t, %v", fence, held, err)
	}
	b := &news.Batch{Fence: fence, Aliases: []news.Alias{
		{Key: "short", Article: "a", Story: "s", TTL: 40 * time.Millisecond},
		{Key: "long", Article: "a", Story: "s", TTL: time.Hour},
	}}
	if err := s.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if first, err := s.Once(ctx, "once", 40*time.Millisecond); !first || err != nil {
		t.Fatalf("Once = %t, %v", first, err)
	}
	if n, err := s.Enqueue(ctx, []bot.Delivery{{ID: "d", Channel: "test:a", Kind: bot.KindStory}}); n != 1 || err != nil {
		t.Fatalf("Enqueue = %d, %v", n, err)
	}
	ds, err := s.Claim(ctx, bot.AllShards, 40*time.Millisecond, 1)
	if err != nil || len(ds) != 1 || ds[0].InDoubt {
		t.Fatalf("Claim = %+v, %v", ds, err)
	}
	for what, at := range map[string]time.Time{"created": ds[0].Created, "tried": ds[0].Tried} {
		if d := at.Sub(serverNow); d < -time.Millisecond || d > 5*time.Second {
			t.Errorf("the delivery was %s %v after the server's time", what, d)
		}
	}
	if ds, err = s.Claim(ctx, bot.AllShards, time.Minute, 1); len(ds) != 0 || err != nil {
		t.Fatalf("Claim while one runs = %+v, %v", ds, err)
	}
	time.Sleep(60 * time.Millisecond)
	if ds, err = s.Claim(ctx, bot.AllShards, time.Minute, 1); len(ds) != 1 || !ds[0].InDoubt || err != nil {
		t.Errorf("Claim after the lease = %+v, %v; want one in doubt", ds, err)
	}
	ks, err := s.Resolve(ctx, []string{"short", "long"})
	if err != nil || ks[0].Article != "" || ks[1].Article != "a" {
		t.Errorf("Resolve = %v, %v; want the long alias alone", ks, err)
	} else if left := ks[1].Expires.Sub(serverNow); left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("the long alias expires in %v", left)
	}
	prefix := fmt.Sprintf("{newsdesk-test-%d-%d}:", os.Getpid(), prefixes)
	keys, err := c.Keys(ctx, prefix+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	var got []string
	for _, k := range keys {
		got = append(got, strings.TrimPrefix(k, prefix))
	}
	// Neither the short alias nor the once key take memory any more.
	want := []string{"alias:long", "channel:test:a", "counter", "delivery:json", "delivery:record", "lease:desk", "open", "outbox", "queue:test:a", "ready:4"}
	if !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
	if ttl := c.PTTL(ctx, prefix+"alias:long").Val(); ttl < 59*time.Minute || ttl > time.Hour {
		t.Errorf("the long alias lives for %v more", ttl)
	}
	if fence, held, err := s.Lease(ctx, news.DeskLease, "b", time.Minute); fence != 2 || !held || err != nil {
		t.Errorf("Lease after the lease = %d, %t, %v; want 2, true", fence, held, err)
	}
}

// TestPurgeFreesMemory leaves the keys of no story behind.
func TestPurgeFreesMemory(t *testing.T) {
	m := miniredis.RunT(t)
	s, ctx := open(t, "redis://"+m.Addr(), nil), t.Context()
	fence, _, err := s.Lease(ctx, news.DeskLease, "a", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b := &news.Batch{Fence: fence}
	for i := range 500 {
		id := fmt.Sprint(i)
		b.Articles = append(b.Articles, news.Article{ID: "a" + id, Story: "s" + id}, news.Article{ID: "b" + id, Story: "s" + id})
		b.Stories = append(b.Stories, news.Story{ID: "s" + id, Updated: time.Unix(int64(i), 0)})
	}
	if err := s.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Purge(ctx, time.Unix(500, 0)); n != 500 || err != nil {
		t.Fatalf("Purge = %d, %v; want 500", n, err)
	}
	if keys := m.Keys(); len(keys) != 2 { // the lease and the sequence
		t.Errorf("%d keys are left: %.200q", len(keys), keys)
	}
}

// BenchmarkOutbox runs on a server whose every write is on its disk before it
// answers.
func BenchmarkOutbox(b *testing.B) {
	bottest.Outbox(b, open(b, "redis://"+startRedis(b, "--appendonly", "yes", "--appendfsync", "always"), nil))
}

func TestLimiter(t *testing.T) {
	url := realRedis(t)
	bottest.Limiter(t, func(t *testing.T) (bot.Limiter, bot.Limiter, func(time.Duration)) {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		var mu sync.Mutex
		clock := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		prefixes++
		o := redisstore.Options{Now: clock, Logger: slog.New(slog.DiscardHandler), Prefix: fmt.Sprintf("{newsdesk-test-%d-%d}:", os.Getpid(), prefixes)}
		var both [2]bot.Limiter
		for i := range both {
			s, err := redisstore.Open(t.Context(), url, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			both[i] = s.Limiter()
		}
		return both[0], both[1], func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
		}
	})
}
