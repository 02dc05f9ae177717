package boltstore

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

var shardsKey = []byte("table")

// Shards implements bot.Store.
func (s *Store) Shards(ctx context.Context, owner string, ttl time.Duration) (held bot.Shards, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		var t bot.ShardTable
		if _, err := load(tx.Bucket(shards), shardsKey, &t); err != nil {
			return err
		}
		held = t.Hold(owner, ttl, s.now())
		return save(tx.Bucket(shards), shardsKey, t)
	})
	if err != nil {
		return 0, fmt.Errorf("shards of %s: %w", owner, err)
	}
	return held, nil
}
