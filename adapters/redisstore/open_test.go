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
	"reflect"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/news"
)

func TestOpenErrors(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	dead := freeAddr(t)
	for _, tt := range []struct {
		name, url, prefix string
		want              []string
	}{
		{"dead", "redis://user:hunter2@" + dead, "", []string{"redis at " + dead + " does not answer: connection refused", "start it", "leave redis_url empty"}},
		{"hangs", "redis://:hunter2@" + silent.Addr().String(), "", []string{silent.Addr().String(), "does not answer within"}},
		{"dead cluster", "redis+cluster://:hunter2@" + dead, "", []string{"cluster " + dead, "does not answer"}},
		{"dead sentinel", "redis+sentinel://:hunter2@" + dead + "/desk", "", []string{"sentinel " + dead + " (master desk)", "does not answer"}},
		{"no socket", "unix:///no/such/redis.sock", "", []string{"/no/such/redis.sock", "does not answer"}},
		{"nothing", "localhost:6379", "", []string{"redis_url", "want redis://"}},
		{"http", "http://:hunter2@localhost", "", []string{"redis_url", "want redis://"}},
		{"slash in password", "redis://:hunter2/x@localhost", "", []string{"redis_url", "%XX"}},
		{"slash in cluster password", "redis+cluster://:hunter2/x@localhost", "", []string{"redis_url"}},
		{"slash in sentinel password", "redis+sentinel://:hunter2/x@localhost/m", "", []string{"redis_url", "%XX"}},
		{"slash behind a number", "redis://u:12/hunter2@localhost", "", []string{"redis_url", "%XX"}},
		{"question mark", "redis://u:12?hunter2@localhost", "", []string{"redis_url", "%XX"}},
		{"at sign", "redis+sentinel://u:hunter2@hunter2@localhost/m", "", []string{"redis_url", "%XX"}},
		{"port", "redis+cluster://localhost:hunter2", "", []string{"redis_url", ":port"}},
		{"percent", "redis://:hunter2%zz@localhost", "", []string{"redis_url", "%XX"}},
		{"database", "redis://localhost/main", "", []string{"redis_url", "main"}},
		{"parameter", "redis://:hunter2@localhost?retries=3", "", []string{"redis_url", `"retries"`, "db"}},
		{"no master", "redis+sentinel://a,b", "", []string{"redis_url", "master's name"}},
		{"no host", "redis+sentinel://a,,b/m", "", []string{"redis_url", "host1,host2"}},
		{"cluster database", "redis+cluster://a/1", "", []string{"redis_url", "no databases"}},
		{"sentinel database", "redis+sentinel://a/m?db=x", "", []string{"redis_url", "db=x"}},
		{"prefix", "redis://localhost", "newsdesk:", []string{"newsdesk:", "braces"}},
		{"empty tag", "redis://localhost", "{}x", []string{"braces"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			s, err := redisstore.Open(t.Context(), tt.url, redisstore.Options{Prefix: tt.prefix})
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("Open took %v to give up", took)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q tells the password", err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := redisstore.Open(ctx, "redis://"+dead, redisstore.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("Open = %v, want context.Canceled", err)
		}
	})
}

func TestLoginRefused(t *testing.T) {
	addr := startRedis(t, "--requirepass", "swordfish")
	for _, url := range []string{"redis://" + addr, "redis://:hunter2@" + addr} {
		_, err := redisstore.Open(t.Context(), url, redisstore.Options{})
		if err == nil || !strings.Contains(err.Error(), "redis at "+addr+" refuses the login") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open without the password: %v, want an error that says so and tells none", err)
		}
	}
	s, err := redisstore.Open(t.Context(), "redis://:swordfish@"+addr, redisstore.Options{Prefix: "{t}:"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SaveCursor(t.Context(), "c", 1); err != nil {
		t.Error(err)
	}
}

// TestWarnings reads what Open says of a server that forgets.
func TestWarnings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options []string
		want    string // "" for nothing
	}{
		{"no append-only file", nil, "KEEPS NO APPEND-ONLY FILE"},
		{"late", []string{"--appendonly", "yes", "--appendfsync", "everysec"}, "late"},
		{"always", []string{"--appendonly", "yes", "--appendfsync", "always"}, ""},
		{"evicts", []string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"}, "evict"},
		{"evicts what expires", []string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "volatile-ttl"}, "evict"},
		{"evicts and does not tell", []string{"--rename-command", "CONFIG", "", "--maxmemory-policy", "volatile-lru"}, "evict"},
		{"does not tell", []string{"--rename-command", "CONFIG", ""}, "make sure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			s, err := redisstore.Open(t.Context(), "redis://"+startRedis(t, tt.options...), redisstore.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			if !strings.Contains(log.String(), tt.want) || tt.want == "" && log.Len() > 0 {
				t.Errorf("Open logs %q, want %q", log.String(), tt.want)
			}
		})
	}
}

func TestUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "r") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	sock := filepath.Join(dir, "s")
	startRedis(t, "--unixsocket", sock)
	s, err := redisstore.Open(t.Context(), "unix://"+sock+"?db=3", redisstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SaveCursor(t.Context(), "c", 7); err != nil {
		t.Error(err)
	}
}

// TestCluster runs the suites on a cluster of one node: it refuses scripts
// whose keys do not share a slot.
func TestCluster(t *testing.T) { suites(t, "redis+cluster://"+startCluster(t)) }

func TestSentinel(t *testing.T) {
	addr := startRedis(t)
	host, port, _ := net.SplitHostPort(addr)
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED with Sentinel: install redis-server")
	}
	dir, sentinel := t.TempDir(), freeAddr(t)
	_, sentinelPort, _ := net.SplitHostPort(sentinel)
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor desk %s %s 1\n", sentinelPort, dir, host, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runRedis(t, bin, filepath.Join(dir, "log"), conf, "--sentinel")
	waitFor(t, sentinel)
	s := open(t, "redis+sentinel://"+sentinel+"/desk?db=2", nil)
	if fence, held, err := s.Lease(t.Context(), "l", "a", time.Minute); fence != 1 || !held || err != nil {
		t.Errorf("Lease = %d, %t, %v; want 1, true", fence, held, err)
	}
	if _, err := redisstore.Open(t.Context(), "redis+sentinel://"+sentinel+"/other", redisstore.Options{}); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("Open of a master that Sentinel does not know: %v, want an error that names it", err)
	}
}

// TestLostAnswer cuts the connection after the server has the command: it
// must not be sent again.
func TestLostAnswer(t *testing.T) {
	t.Run("single", func(t *testing.T) {
		p := newProxy(t, startRedis(t))
		lostAnswer(t, p, "redis://"+p.addr)
	})
	t.Run("cluster", func(t *testing.T) {
		addr := startCluster(t)
		p := newProxy(t, addr)
		_, port, _ := net.SplitHostPort(p.addr)
		if err := waitFor(t, addr).ConfigSet(t.Context(), "cluster-announce-port", port).Err(); err != nil {
			t.Fatal(err)
		}
		lostAnswer(t, p, "redis+cluster://"+p.addr)
	})
}

func lostAnswer(t *testing.T, p *proxy, url string) {
	s, ctx := open(t, url, nil), t.Context()
	if _, err := s.Once(ctx, "warm", time.Minute); err != nil { // the script is known now
		t.Fatal(err)
	}
	p.cut.Store(true)
	if _, err := s.Once(ctx, "lost", time.Minute); err == nil {
		t.Fatal("Once with a lost answer succeeds")
	}
	if n := p.requests.Load(); n != 1 {
		t.Errorf("the command was sent %d times", n)
	}
	if first, err := s.Once(ctx, "lost", time.Minute); first || err != nil {
		t.Errorf("Once after the lost answer = %t, %v; want it remembered", first, err)
	}
}

// TestLostSettlement repeats a settlement whose answer was lost: it is fenced,
// and takes no second effect on what has happened since.
func TestLostSettlement(t *testing.T) {
	for _, tt := range []struct {
		result bot.Result
		want   bot.State // after the delivery was claimed again, where it can be
	}{
		{bot.Result{State: bot.Sent, Message: "lost"}, bot.Sent},
		{bot.Result{State: bot.Dead, Error: "lost", Suspend: true}, bot.Dead},
		{bot.Result{State: bot.Pending, Error: "lost", Failed: true}, bot.Sending},
		{bot.Result{State: bot.Sending, Error: "lost"}, bot.Sending},
		{bot.Result{State: bot.Moot, Error: "lost", Folded: []string{"d2"}, CatchUp: &bot.Delivery{ID: "c", Channel: "test:a", Kind: bot.KindCatchUp}}, bot.Moot},
	} {
		t.Run(string(tt.result.State), func(t *testing.T) {
			p := newProxy(t, startRedis(t))
			s, ctx := open(t, "redis://"+p.addr, nil), t.Context()
			if n, err := s.Enqueue(ctx, []bot.Delivery{
				{ID: "warm", Channel: "test:warm", Kind: bot.KindStory}, {ID: "d1", Channel: "test:a", Kind: bot.KindStory}, {ID: "d2", Channel: "test:a", Kind: bot.KindStory},
			}); n != 3 || err != nil {
				t.Fatal(n, err)
			}
			var d bot.Delivery
			ds, err := s.Claim(ctx, bot.AllShards, time.Minute, 10)
			for _, c := range ds {
				if c.ID == "d1" {
					d = c
				} else if err := s.Settle(ctx, c, bot.Result{State: bot.Sent}); err != nil { // the script is known now
					t.Fatal(err)
				}
			}
			if d.ID == "" || err != nil {
				t.Fatal(ds, err)
			}
			p.cut.Store(true)
			if err := s.Settle(ctx, d, tt.result); err == nil || errors.Is(err, news.ErrFenced) {
				t.Fatalf("Settle with a lost answer: %v", err)
			}
			if tt.result.Suspend {
				if err := s.Resume(ctx, "test:a"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Claim(ctx, bot.AllShards, time.Minute, 10); err != nil {
				t.Fatal(err)
			}
			before, err := s.Deliveries(ctx, bot.DeliveryQuery{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Settle(ctx, d, tt.result); !errors.Is(err, news.ErrFenced) {
				t.Errorf("Settle again: %v, want ErrFenced", err)
			}
			after, err := s.Deliveries(ctx, bot.DeliveryQuery{})
			if err != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("Settle again changed\n%+v\ninto\n%+v, %v", before, after, err)
			}
			if got, err := s.Delivery(ctx, "d1"); got.State != tt.want || err != nil {
				t.Errorf("the delivery is %s, %v; want %s", got.State, err, tt.want)
			}
			if on, err := s.Suspensions(ctx); len(on) != 0 || err != nil {
				t.Errorf("Settle again suspended %v, %v", on, err)
			}
		})
	}
}

// TestForgottenScripts is what a restart of the server does.
func TestForgottenScripts(t *testing.T) {
	addr := startRedis(t)
	s := open(t, "redis://"+addr, nil)
	c := waitFor(t, addr)
	for i := range uint64(3) {
		if err := c.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if fence, held, err := s.Lease(t.Context(), "l", fmt.Sprint(i), time.Minute); fence != 1 || held != (i == 0) || err != nil {
			t.Fatalf("Lease = %d, %t, %v", fence, held, err)
		}
	}
}

// TestHang checks that a deadline ends a call to a server that does not answer.
func TestHang(t *testing.T) {
	p := newProxy(t, startRedis(t))
	s := open(t, "redis://"+p.addr, nil)
	p.hang.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := s.Commit(ctx, &news.Batch{Fence: 1})
	if took := time.Since(began); err == nil || took > 2*time.Second {
		t.Errorf("Commit = %v after %v, want an error at the deadline", err, took)
	}
}
