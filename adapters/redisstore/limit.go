package redisstore

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
)

// Limiter returns the limiter that all replicas on this server share.
func (s *Store) Limiter() bot.Limiter { return limiter{s} }

type limiter struct{ s *Store }

// KEYS: turns, pause. ARGV: now, most, per in ms, hold in ms, turn.
// Returns 0 where the turn was taken, else after how many ms to ask again.
var takeScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
local paused = redis.call('GET', KEYS[2])
if paused and tonumber(paused) > now then return tonumber(paused) - now end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  local first = tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2])
  return math.ceil(math.min(first - now, ARGV[3] / 2))
end
redis.call('ZADD', KEYS[1], whole(now + ARGV[4]), ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4] + ARGV[3])
return 0
`)

// Take implements bot.Limiter.
func (l limiter) Take(ctx context.Context, limit bot.Limit, hold time.Duration) (string, time.Duration, error) {
	turn := rand.Text()
	v, err := l.s.run(ctx, takeScript, l.keys(limit.Key), l.s.now(), limit.Most, millis(limit.Per), millis(hold), turn)
	if err != nil {
		return "", 0, l.s.fail("take a turn", err)
	}
	if wait, _ := v.(int64); wait > 0 {
		return "", time.Duration(wait) * time.Millisecond, nil
	}
	return turn, 0, nil
}

// KEYS: turns. ARGV: now, after how many ms the turn is free, turn.
var doneScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
if ARGV[1] == '' then now = now + 1 end -- the server's clock is rounded down; a turn is never free too soon
redis.call('ZADD', KEYS[1], 'XX', whole(now + ARGV[2]), ARGV[3])
`)

// Done implements bot.Limiter.
func (l limiter) Done(ctx context.Context, limit bot.Limit, turn string, early time.Duration) error {
	_, err := l.s.run(ctx, doneScript, l.keys(limit.Key)[:1], l.s.now(), millis(limit.Per-early), turn)
	return l.s.fail("give a turn back", err)
}

// Undo implements bot.Limiter.
func (l limiter) Undo(ctx context.Context, limit bot.Limit, turn string) error {
	c, err := l.s.master(ctx)
	if err == nil {
		err = c.ZRem(ctx, l.keys(limit.Key)[0], turn).Err()
	}
	return l.s.fail("give a turn back", err)
}

// KEYS: pause. ARGV: now, how many ms.
var pauseScript = redis.NewScript(prelude + `
local ends = clock(ARGV[1]) + ARGV[2]
local old = redis.call('GET', KEYS[1])
if old and tonumber(old) >= ends then return end
redis.call('SET', KEYS[1], whole(ends))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

// Pause implements bot.Limiter.
func (l limiter) Pause(ctx context.Context, key string, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	_, err := l.s.run(ctx, pauseScript, l.keys(key)[1:], l.s.now(), millis(d))
	return l.s.fail("pause", err)
}

func (l limiter) keys(key string) []string {
	return []string{l.s.keys.turns(key), l.s.keys.paused(key)}
}
