package redisstore_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// realRedis returns the URL of a real server: REDIS_URL, or one that lives as
// long as the test. Without either the test is skipped.
func realRedis(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("REDIS_URL"); url != "" {
		return url
	}
	return "redis://" + startRedis(t)
}

// startRedis starts a redis-server on a free port, with options as on its
// command line, and returns its address.
func startRedis(t testing.TB, options ...string) string {
	t.Helper()
	return startServer(t, options...).addr
}

// A server is a redis-server that a test may kill.
type server struct {
	addr   string
	kill   func()
	signal func(os.Signal) error
}

// startServer starts a server on a free port.
func startServer(t testing.TB, options ...string) server {
	t.Helper()
	s := runServer(t, freeAddr(t), options...)
	waitFor(t, s.addr)
	return s
}

// runServer starts a server at addr and does not wait for it.
func runServer(t testing.TB, addr string, options ...string) server {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED on a real Redis: set REDIS_URL or install redis-server")
	}
	_, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	args := append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--appendonly", "no"}, options...)
	cmd := runRedis(t, bin, filepath.Join(dir, "log"), args...)
	return server{addr, func() { cmd.Process.Kill(); cmd.Wait() }, cmd.Process.Signal}
}

// startCluster starts a cluster of one node and returns its address.
func startCluster(t *testing.T) string {
	t.Helper()
	addr := startRedis(t, "--cluster-enabled", "yes")
	c := waitFor(t, addr)
	if err := c.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(c.ClusterInfo(t.Context()).Val(), "cluster_state:ok"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the cluster does not come up")
		}
	}
	return addr
}

// runRedis runs one server process until the test ends.
func runRedis(t testing.TB, bin, logfile string, args ...string) *exec.Cmd {
	t.Helper()
	out, err := os.Create(logfile)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		out.Close()
		if t.Failed() {
			if log, err := os.ReadFile(logfile); err == nil {
				t.Logf("%s:\n%s", logfile, log)
			}
		}
	})
	return cmd
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// waitFor waits until the server at addr answers.
func waitFor(t testing.TB, addr string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { c.Close() })
	deadline := time.Now().Add(10 * time.Second)
	for {
		if err := c.Ping(t.Context()).Err(); err == nil || redis.HasErrorPrefix(err, "NOAUTH") {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server at %s does not come up", addr)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A proxy stands before a server. cut makes it end the connection in place of
// the answer to the next request that says "lost"; hang makes it keep all answers.
type proxy struct {
	addr      string
	cut, hang atomic.Bool
	requests  atomic.Int64 // that say "lost"
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(client, server) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return p
}

func (p *proxy) serve(client net.Conn, server string) {
	defer client.Close()
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer up.Close()
	var doomed atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { // answers
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := up.Read(buf)
			if err != nil || doomed.Load() {
				return
			}
			if !p.hang.Load() {
				client.Write(buf[:n])
			}
		}
	})
	defer up.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], []byte("lost")) {
			p.requests.Add(1)
			doomed.Store(p.cut.Swap(false))
		}
		up.Write(buf[:n])
	}
}
