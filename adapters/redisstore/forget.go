package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// KEYS, ARGV: see outboxLua; then number from which to look ("-inf" at first),
// how many to look at, before when they must have been settled.
// Returns how many were forgotten, and the number from which to go on, "" at
// the end: at the first delivery that was made too late.
var forgetScript = redis.NewScript(outboxLua + `
local forgotten, last = 0, ''
local page = redis.call('ZRANGEBYSCORE', OUTBOX, ARGV[7], '+inf', 'LIMIT', 0, ARGV[8])
local before = tonumber(ARGV[9])
for _, id in ipairs(page) do
  local key = DELIVERY .. id
  local d = redis.call('HMGET', key, 'number', 'created', 'state', 'settled', 'channel', 'json')
  if tonumber(d[2]) >= before then return {forgotten, ''} end
  last = '(' .. d[1]
  if (d[3] == 'sent' or d[3] == 'dead' or d[3] == 'moot') and tonumber(d[4]) < before then
    local story = cjson.decode(d[6]).story
    redis.call('ZREM', OUTBOX, id)
    redis.call('ZREM', CHANNEL .. d[5], id)
    if story then redis.call('ZREM', STORY .. story, id) end
    redis.call('ZREM', DEAD, id)
    redis.call('DEL', key)
    redis.call('ZADD', KNOWN, whole(NOW), id)
    forgotten = forgotten + 1
  end
end
if #page < tonumber(ARGV[8]) then last = '' end
return {forgotten, last}
`)

// forgetStep is how many deliveries one script looks at: others wait meanwhile.
const forgetStep = 500

// Forget implements bot.Store. It walks the outbox from its oldest delivery.
func (s *Store) Forget(ctx context.Context, settled, known time.Time) (int, error) {
	n := 0
	for from := "-inf"; from != ""; {
		v, err := s.run(ctx, forgetScript, s.outboxKeys(), s.outboxArgs(from, forgetStep, settled.UnixMilli())...)
		if err != nil {
			return n, s.fail("forget", err)
		}
		list, _ := v.([]any)
		if len(list) != 2 {
			return n, s.fail("forget", errReply)
		}
		done, _ := list[0].(int64)
		n += int(done)
		from, _ = list[1].(string)
	}
	c, err := s.master(ctx)
	if err == nil {
		err = c.ZRemRangeByScore(ctx, s.keys.known(), "-inf", fmt.Sprintf("(%d", known.UnixMilli())).Err()
	}
	return n, s.fail("forget", err)
}
