package adapters_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

var redis struct {
	sync.Once
	url  string
	stop func()
}

// redisServer returns the URL of a real Redis: that of REDIS_URL, or of a
// server that is started for the length of the tests; "" where there is none.
func redisServer(tb testing.TB) string {
	redis.Do(func() {
		if redis.url = os.Getenv("REDIS_URL"); redis.url != "" {
			return
		}
		bin, err := exec.LookPath("redis-server")
		if err != nil {
			return
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		addr := l.Addr().(*net.TCPAddr)
		l.Close()
		dir, err := os.MkdirTemp("", "newsdesk-redis-")
		if err != nil {
			tb.Fatal(err)
		}
		cmd := exec.Command(bin, "--bind", "127.0.0.1", "--port", fmt.Sprint(addr.Port), "--dir", dir, "--save", "", "--appendonly", "yes")
		if err := cmd.Start(); err != nil {
			tb.Fatal(err)
		}
		redis.stop = func() {
			cmd.Process.Kill()
			cmd.Wait()
			os.RemoveAll(dir)
		}
		for range 100 {
			if c, err := net.Dial("tcp", addr.String()); err == nil {
				c.Close()
				redis.url = "redis://" + addr.String()
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		redis.stop()
		tb.Fatal("redis-server does not answer")
	})
	if redis.url == "" {
		const without = "NOT TESTED on Redis: set REDIS_URL or install redis-server"
		if t, ok := tb.(*testing.T); ok { // the other half runs, so that this shows as a test that was skipped
			t.Run("redis", func(t *testing.T) { t.Skip(without) })
		} else {
			tb.Log(without)
		}
	}
	return redis.url
}

func TestMain(m *testing.M) {
	code := m.Run()
	if redis.stop != nil {
		redis.stop()
	}
	cleanBinary()
	os.Exit(code)
}
