package boltstore

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

// A shardTable says which replica has which shard of the outbox.
type shardTable struct {
	Until  map[string]time.Time   `json:"until"`  // of each replica that delivers
	Owners [bot.ShardCount]string `json:"owners"` // of each shard; free where its owner is not in Until
}

var shardsKey = []byte("table")

// Shards implements bot.Store.
func (s *Store) Shards(ctx context.Context, owner string, ttl time.Duration) (held bot.Shards, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		var t shardTable
		if _, err := load(tx.Bucket(shards), shardsKey, &t); err != nil {
			return err
		}
		held = t.hold(owner, ttl, s.now())
		return save(tx.Bucket(shards), shardsKey, t)
	})
	if err != nil {
		return 0, fmt.Errorf("shards of %s: %w", owner, err)
	}
	return held, nil
}

// hold gives owner its share at now.
func (t *shardTable) hold(owner string, ttl time.Duration, now time.Time) (held bot.Shards) {
	for o, until := range t.Until {
		if !now.Before(until) {
			delete(t.Until, o)
		}
	}
	if ttl <= 0 {
		delete(t.Until, owner)
		return 0
	}
	if t.Until == nil {
		t.Until = map[string]time.Time{}
	}
	t.Until[owner] = now.Add(ttl)
	left := (bot.ShardCount + len(t.Until) - 1) / len(t.Until)
	for n, o := range t.Owners {
		if o != owner {
			continue
		}
		if left == 0 {
			t.Owners[n] = ""
			continue
		}
		held |= 1 << n
		left--
	}
	for n, o := range t.Owners {
		if _, lives := t.Until[o]; left > 0 && !lives {
			t.Owners[n] = owner
			held |= 1 << n
			left--
		}
	}
	return held
}
