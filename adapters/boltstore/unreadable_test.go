package boltstore

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

// What another version wrote, or a bad disk, holds up no other channel.
func TestUnreadable(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "newsdesk.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: "a", Channel: "test:a", Kind: bot.KindStory}, {ID: "b", Channel: "test:b", Kind: bot.KindStory}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(deliveries).Put([]byte("a"), []byte("{")) }); err != nil {
		t.Fatal(err)
	}
	ds, err := s.Claim(t.Context(), bot.AllShards, time.Minute, 10)
	if len(ds) != 1 || ds[0].ID != "b" || err == nil || !strings.Contains(err.Error(), "channel test:a") {
		t.Errorf("Claim = %+v, %v; want b, and an error about the other", ds, err)
	}
}

// A vote neither reads nor needs the others of its channel: it costs what one
// costs, however many there are.
func TestAVoteReadsNoOther(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "newsdesk.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(votes).Put(join("test:a", "k1", "u1"), []byte("{")) }); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveVote(t.Context(), bot.Vote{Channel: "test:a", Story: "k1", User: "u2", At: time.Now()}); err != nil {
		t.Error(err)
	}
}
