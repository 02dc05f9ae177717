package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// KEYS: kept, kept_ends. ARGV: now, ttl in ms, key, text, how many are kept at most.
var keepScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
local function drop(fields)
  for _, f in ipairs(fields) do
    redis.call('HDEL', KEYS[1], f)
    redis.call('ZREM', KEYS[2], f)
  end
end
drop({ARGV[3]})
drop(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', whole(now)))
local over = redis.call('ZCARD', KEYS[2]) - ARGV[5]
if over >= 0 then drop(redis.call('ZRANGE', KEYS[2], 0, over)) end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
redis.call('ZADD', KEYS[2], whole(now + ARGV[2]), ARGV[3])
-- A clock that is given may be slower than the server's, which ends keys.
if ARGV[1] == '' then
  local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
  redis.call('PEXPIRE', KEYS[1], whole(last - now))
  redis.call('PEXPIRE', KEYS[2], whole(last - now))
end
`)

// Keep implements bot.Store.
func (s *Store) Keep(ctx context.Context, key, text string, ttl time.Duration) error {
	_, err := s.run(ctx, keepScript, []string{s.keys.kept(), s.keys.keptEnds()}, s.now(), millis(ttl), key, text, bot.KeptMost)
	return s.fail(fmt.Sprintf("keep %.200q", key), err)
}

// KEYS: kept, kept_ends. ARGV: now, key. Returns the text, or nil.
var keptScript = redis.NewScript(prelude + `
local ends = redis.call('ZSCORE', KEYS[2], ARGV[2])
if not ends or tonumber(ends) <= clock(ARGV[1]) then return false end
return redis.call('HGET', KEYS[1], ARGV[2])
`)

// Kept implements bot.Store.
func (s *Store) Kept(ctx context.Context, key string) (string, error) {
	what := fmt.Sprintf("what is kept as %.200q", key)
	v, err := s.run(ctx, keptScript, []string{s.keys.kept(), s.keys.keptEnds()}, s.now(), key)
	if err != nil {
		return "", s.fail(what, err)
	}
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s: %w", what, news.ErrNotFound)
	}
	return text, nil
}
