package redisstore_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

var prefixes int

// open opens a store under a prefix of its own.
func open(t *testing.T, url string, now func() time.Time) *redisstore.Store {
	t.Helper()
	prefixes++
	s, err := redisstore.Open(t.Context(), url, redisstore.Options{Now: now, Prefix: fmt.Sprintf("{newsdesk-test-%d-%d}:", os.Getpid(), prefixes)})
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
