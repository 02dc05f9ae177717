package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
)

// KEYS: shards. ARGV: the table that was read, "" for none; the new one.
// Returns 1, or 0 where the table is another by now.
var swapScript = redis.NewScript(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`)

// swaps is how often a table that others change meanwhile is read again.
const swaps = 100

// Shards implements bot.Store.
func (s *Store) Shards(ctx context.Context, owner string, ttl time.Duration) (bot.Shards, error) {
	held, err := s.shards(ctx, owner, ttl)
	return held, s.fail("shards of "+owner, err)
}

func (s *Store) shards(ctx context.Context, owner string, ttl time.Duration) (bot.Shards, error) {
	c, err := s.master(ctx)
	if err != nil {
		return 0, err
	}
	for range swaps {
		now, err := s.time(ctx, c)
		if err != nil {
			return 0, err
		}
		old, err := c.Get(ctx, s.keys.shards()).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return 0, err
		}
		var t bot.ShardTable
		if old != "" {
			if err := json.Unmarshal([]byte(old), &t); err != nil {
				return 0, fmt.Errorf("%w: %w", errReply, err)
			}
		}
		held := t.Hold(owner, ttl, now)
		raw, err := json.Marshal(t)
		if err != nil {
			return 0, err
		}
		v, err := s.run(ctx, swapScript, []string{s.keys.shards()}, old, raw)
		if err != nil {
			return 0, err
		}
		if v == int64(1) {
			return held, nil
		}
	}
	return 0, errors.New("too many replicas ask at once")
}

// time is the server's, or that of Options.Now.
func (s *Store) time(ctx context.Context, c redis.Cmdable) (time.Time, error) {
	if s.clock != nil {
		return s.clock(), ctx.Err()
	}
	return c.Time(ctx).Result()
}
