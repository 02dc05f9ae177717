package redisstore_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// realRedis returns the URL of a real server: REDIS_URL, or one that lives as
// long as the test. Without either the test is skipped.
func realRedis(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("REDIS_URL"); url != "" {
		return url
	}
	return "redis://" + startRedis(t)
}

// startRedis starts a redis-server on a free port, with options as on its
// command line, and returns its address.
func startRedis(t *testing.T, options ...string) string {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED on a real Redis: set REDIS_URL or install redis-server")
	}
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	args := append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--appendonly", "no"}, options...)
	runRedis(t, bin, filepath.Join(dir, "log"), args...)
	waitFor(t, addr)
	return addr
}

// runRedis runs one server process until the test ends.
func runRedis(t *testing.T, bin, logfile string, args ...string) *exec.Cmd {
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

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// waitFor waits until the server at addr answers.
func waitFor(t *testing.T, addr string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { c.Close() })
	deadline := time.Now().Add(10 * time.Second)
	for c.Ping(t.Context()).Err() != nil {
		if time.Now().After(deadline) {
			t.Fatalf("the server at %s does not come up", addr)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return c
}
