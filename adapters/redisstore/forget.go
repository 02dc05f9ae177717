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
local page = call('ZRANGEBYSCORE', OUTBOX, ARGV[7], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[8])
local before = tonumber(ARGV[9])
local ids = {}
for i = 1, #page, 2 do ids[#ids + 1] = page[i] end
fetch(ids)
for i, id in ipairs(ids) do
  last = '(' .. page[2 * i]
  local r = R[id]
  if not r then
    call('ZREM', OUTBOX, id) -- it is gone
  elseif tonumber(r[CREATED]) >= before then
    return {forgotten, ''}
  elseif (r[STATE] == 'sent' or r[STATE] == 'dead' or r[STATE] == 'moot') and tonumber(r[SETTLED]) < before then
    local was = cjson.decode(call('HGET', DELIVERY .. 'json', id) or '{}')
    call('ZREM', OUTBOX, id)
    call('ZREM', CHANNEL .. (was.channel or ''), id)
    call('ZREM', STORY .. (was.story or ''), id)
    call('ZREM', DEAD, id)
    for _, field in ipairs(FIELDS) do call('HDEL', DELIVERY .. field, id) end
    call('ZADD', KNOWN, TIME, id)
    forgotten = forgotten + 1
  end
end
if #page < 2 * ARGV[8] then last = '' end
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
