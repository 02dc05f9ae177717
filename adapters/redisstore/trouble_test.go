package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/news"
)

// TestTrouble takes away the server's ability to write, in each way that a
// Redis has: the error says what to do, nothing changes, and all goes on by
// itself when the trouble ends.
func TestTrouble(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		begin, end func(*testing.T, *redis.Client)
	}{
		{"full", "raise its maxmemory",
			func(t *testing.T, c *redis.Client) { set(t, c, "maxmemory", "1") },
			func(t *testing.T, c *redis.Client) { set(t, c, "maxmemory", "0") }},
		{"replica", "name the master",
			func(t *testing.T, c *redis.Client) { do(t, c, "REPLICAOF", "127.0.0.1", "1") },
			func(t *testing.T, c *redis.Client) { do(t, c, "REPLICAOF", "NO", "ONE") }},
		{"alone", "start one, or lower its min-replicas-to-write",
			func(t *testing.T, c *redis.Client) { set(t, c, "min-replicas-to-write", "1") },
			func(t *testing.T, c *redis.Client) { set(t, c, "min-replicas-to-write", "0") }},
		{"no snapshot", "cannot write to its disk",
			func(t *testing.T, c *redis.Client) {
				gone := t.TempDir()
				set(t, c, "save", "3600 1")
				set(t, c, "dir", gone)
				if err := os.Remove(gone); err != nil {
					t.Fatal(err)
				}
				do(t, c, "BGSAVE")
				await(t, "the failure of the snapshot", func() bool {
					return strings.Contains(c.Info(t.Context(), "persistence").Val(), "rdb_last_bgsave_status:err")
				})
			},
			func(t *testing.T, c *redis.Client) { set(t, c, "save", "") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := startRedis(t, "--enable-protected-configs", "yes")
			c, s, ctx := waitFor(t, addr), open(t, "redis://"+addr, nil), t.Context()
			var ds []bot.Delivery
			for i := range 3 {
				ds = append(ds, bot.Delivery{ID: fmt.Sprint("d", i), Channel: bot.Channel(fmt.Sprint("test:", i)), Kind: bot.KindStory})
			}
			if n, err := s.Enqueue(ctx, ds[:2]); n != 2 || err != nil {
				t.Fatal(n, err)
			}
			claimed, err := s.Claim(ctx, bot.AllShards, time.Minute, 1)
			if err != nil || len(claimed) != 1 {
				t.Fatal(claimed, err)
			}
			tt.begin(t, c)
			_, err1 := s.Enqueue(ctx, ds)
			_, err2 := s.Claim(ctx, bot.AllShards, time.Minute, 10)
			err3 := s.Settle(ctx, claimed[0], bot.Result{State: bot.Sent, Message: "m"})
			for what, err := range map[string]error{"Enqueue": err1, "Claim": err2, "Settle": err3} {
				if tt.name == "full" && what == "Settle" {
					if err != nil {
						t.Errorf("Settle of what was posted: %v; want it stored: it takes away more than it adds", err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), addr) {
					t.Errorf("%s: %v, want an error that says %q and names the server", what, err, tt.want)
				}
			}
			tt.end(t, c)
			if err := s.Settle(ctx, claimed[0], bot.Result{State: bot.Sent, Message: "m"}); err != nil && (err3 != nil || !errors.Is(err, news.ErrFenced)) {
				t.Errorf("Settle afterwards: %v", err)
			}
			if n, err := s.Enqueue(ctx, ds); n != 1 || err != nil {
				t.Errorf("Enqueue afterwards = %d, %v; want the third", n, err)
			}
			rest, err := s.Claim(ctx, bot.AllShards, time.Minute, 10)
			if err != nil || len(rest) != 2 || rest[0].InDoubt || rest[1].InDoubt || rest[0].Attempts != 1 {
				t.Errorf("Claim afterwards = %+v, %v; want the two others, untouched", rest, err)
			}
		})
	}
}

// TestGone deletes what deliveries say of themselves, as a Redis that evicts
// would: it is logged, and holds up no other.
func TestGone(t *testing.T) {
	addr := startRedis(t)
	var log bytes.Buffer
	s, err := redisstore.Open(t.Context(), "redis://"+addr, redisstore.Options{Prefix: "{gone}:", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	var ds []bot.Delivery
	for _, id := range []string{"a1", "a2", "b1"} {
		ds = append(ds, bot.Delivery{ID: id, Channel: bot.Channel("test:" + id[:1]), Kind: bot.KindStory, Story: "s"})
	}
	if n, err := s.Enqueue(ctx, ds); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	do(t, waitFor(t, addr), "HDEL", "{gone}:delivery:record", "a1")
	var got []string
	for range 2 {
		ds, err := s.Claim(ctx, bot.AllShards, time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			got = append(got, d.ID)
		}
	}
	if fmt.Sprint(got) != "[b1 a2]" || strings.Count(log.String(), "delivery=a1") != 1 {
		t.Errorf("claimed %v, want b1 and a2; log %q", got, log.String())
	}
	for _, q := range []bot.DeliveryQuery{{}, {Story: "s"}, {Channel: "test:a"}, {State: bot.Sending}} {
		if l, err := s.Deliveries(ctx, q); err != nil || len(l) == 0 || l[len(l)-1].ID == "a1" {
			t.Errorf("Deliveries(%+v) = %+v, %v", q, l, err)
		}
	}
	do(t, waitFor(t, addr), "HDEL", "{gone}:delivery:json", "b1")
	if err := s.Settle(ctx, bot.Delivery{ID: "a1", Channel: "test:a", Token: 1}, bot.Result{State: bot.Sent}); !errors.Is(err, news.ErrFenced) {
		t.Errorf("Settle of what is gone: %v, want ErrFenced", err)
	}
	if n, err := s.Forget(ctx, time.Now().Add(time.Hour), time.Time{}); n != 0 || err != nil {
		t.Errorf("Forget = %d, %v", n, err)
	}
}

// TestUnreadable: what another version wrote holds up no other.
func TestUnreadable(t *testing.T) {
	addr := startRedis(t)
	s, err := redisstore.Open(t.Context(), "redis://"+addr, redisstore.Options{Prefix: "{odd}:", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: "a", Channel: "test:a", Kind: bot.KindStory}, {ID: "b", Channel: "test:b", Kind: bot.KindStory}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	do(t, waitFor(t, addr), "HSET", "{odd}:delivery:json", "a", "{")
	ds, err := s.Claim(t.Context(), bot.AllShards, time.Minute, 10)
	if len(ds) != 1 || ds[0].ID != "b" || err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("Claim = %+v, %v; want b, and an error about the other", ds, err)
	}
}

// TestLoading starts a server that takes long to read its data.
func TestLoading(t *testing.T) {
	dir := t.TempDir()
	options := []string{"--dir", dir, "--appendonly", "yes", "--appendfsync", "always"}
	first := startServer(t, options...)
	s := open(t, "redis://"+first.addr, nil)
	const total = 300
	var ds []bot.Delivery
	for i := range total {
		ds = append(ds, bot.Delivery{ID: fmt.Sprint("d", i), Channel: bot.Channel(fmt.Sprint("test:", i)), Kind: bot.KindStory})
	}
	if n, err := s.Enqueue(t.Context(), ds); n != total || err != nil {
		t.Fatal(n, err)
	}
	do(t, waitFor(t, first.addr), "BGREWRITEAOF")
	await(t, "the file", func() bool {
		return strings.Contains(waitFor(t, first.addr).Info(t.Context(), "persistence").Val(), "aof_rewrite_in_progress:0")
	})
	first.kill()
	second := runServer(t, first.addr, append(options, "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")...)
	defer second.kill()
	loading := false
	await(t, "the server", func() bool {
		ds, err := s.Claim(t.Context(), bot.AllShards, time.Minute, total)
		if err != nil && strings.Contains(err.Error(), "redis is starting") {
			loading = true
		}
		return err == nil && len(ds) == total
	})
	if !loading {
		t.Error("no claim said that the server is starting")
	}
}

// TestFailover kills the master behind Sentinel: the replica takes its place,
// and knows each claim.
func TestFailover(t *testing.T) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED with a failover: install redis-server")
	}
	master := startServer(t)
	_, masterPort, _ := net.SplitHostPort(master.addr)
	replica := startServer(t, "--replicaof", "127.0.0.1 "+masterPort)
	dir, sentinel := t.TempDir(), freeAddr(t)
	_, port, _ := net.SplitHostPort(sentinel)
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor desk 127.0.0.1 %s 1\nsentinel down-after-milliseconds desk 500\nsentinel failover-timeout desk 3000\n", port, dir, masterPort)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runRedis(t, bin, filepath.Join(dir, "log"), conf, "--sentinel")
	watch := waitFor(t, sentinel)
	await(t, "Sentinel to know the replica", func() bool {
		return strings.Contains(watch.Info(t.Context(), "sentinel").Val(), "slaves=1")
	})
	s := open(t, "redis+sentinel://"+sentinel+"/desk", nil)
	if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: "a", Channel: "test:a", Kind: bot.KindStory}, {ID: "b", Channel: "test:b", Kind: bot.KindStory}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	claimed, err := s.Claim(t.Context(), bot.AllShards, time.Minute, 1)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	await(t, "the replica to follow", func() bool {
		n, err := waitFor(t, master.addr).Wait(t.Context(), 1, time.Second).Result()
		return err == nil && n == 1
	})
	await(t, "Sentinel to see it", func() bool {
		return strings.Contains(waitFor(t, replica.addr).Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	master.kill()
	// Each try is short: one that hangs must not hide the end of the trouble.
	try := func(f func(context.Context) error) {
		t.Helper()
		await(t, "the failover", func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return f(ctx) == nil
		})
	}
	try(func(ctx context.Context) error {
		return s.Settle(ctx, claimed[0], bot.Result{State: bot.Sent, Message: "m"})
	})
	var rest []bot.Delivery
	try(func(ctx context.Context) (err error) {
		rest, err = s.Claim(ctx, bot.AllShards, time.Minute, 10)
		return err
	})
	if len(rest) != 1 || rest[0].ID == claimed[0].ID || rest[0].InDoubt {
		t.Errorf("claimed after the failover: %+v, want the other delivery alone", rest)
	}
	if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: "a", Channel: "test:a", Kind: bot.KindStory}}); n != 0 || err != nil {
		t.Errorf("Enqueue of what the master knew = %d, %v", n, err)
	}
}
