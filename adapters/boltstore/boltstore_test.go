package boltstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

func open(t *testing.T, now func() time.Time) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{Now: now})
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

func TestNewsStore(t *testing.T) {
	newstest.Store(t, func(t *testing.T, now func() time.Time) news.Store { return open(t, now) })
}

func TestBotStore(t *testing.T) {
	bottest.Store(t, func(t *testing.T, now func() time.Time) bot.Store { return open(t, now) })
}

// BenchmarkOutbox has every claim and every settlement on the disk.
func BenchmarkOutbox(b *testing.B) {
	s, err := boltstore.Open(filepath.Join(b.TempDir(), "bot.db"), boltstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	bottest.Outbox(b, s)
}
