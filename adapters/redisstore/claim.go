package redisstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
)

// KEYS, ARGV: see outboxLua; then lease in ms, limit, and the shards.
// It takes the lane that has waited longest of all shards, again and again.
// Returns the fields of each claimed delivery; of one that is gone, as where
// Redis evicted it, its id alone.
var claimScript = redis.NewScript(outboxLua + `
local ends, limit = whole(NOW + ARGV[7]), tonumber(ARGV[8])
local PAGE = math.min(math.ceil(limit / (#ARGV - 8)) + 1, 500)

-- fill reads the next lanes of a shard that are due, with their times.
local function fill(h)
  h.lanes = call('ZRANGEBYSCORE', READY .. h.shard, '-inf', TIME, 'WITHSCORES', 'LIMIT', h.from, PAGE)
  h.from, h.at, h.due = h.from + PAGE, 1, tonumber(h.lanes[2])
  return h.due
end

-- pick returns up to n lanes that are due, with their shards and heads.
local function pick(n)
  local heads, lanes, shards, ids = {}, {}, {}, {}
  for i = 9, #ARGV do
    local h = {shard = ARGV[i], from = 0}
    if fill(h) then heads[#heads + 1] = h end
  end
  while #heads > 0 and #lanes < n do
    local first, h = 1, heads[1]
    local due = h.due
    for i = 2, #heads do
      local other = heads[i].due
      if other < due then first, h, due = i, heads[i], other end
    end
    local lane, at = h.lanes[h.at], h.at + 2
    lanes[#lanes + 1], shards[#shards + 1] = lane, h.shard
    ids[#ids + 1] = call('ZRANGE', QUEUE .. lane, 0, 0)[1] or ''
    h.at, h.due = at, tonumber(h.lanes[at + 1])
    if not h.due and (#h.lanes < 2 * PAGE or not fill(h)) then table.remove(heads, first) end
  end
  return lanes, shards, ids
end

local out, count = {}, nil
local function claim(lane, shard, id, json)
  if id == '' then return unready(lane, shard) end
  local r = R[id]
  if not r or not json then
    for _, key in ipairs({QUEUE .. lane, OPEN, OUTBOX}) do call('ZREM', key, id) end
    out[#out + 1] = {id}
    return -- what is behind it comes next
  end
  if r[STATE] == 'pending' and tonumber(r[NOT_BEFORE]) > NOW then
    return ready(lane, shard, r[NOT_BEFORE]) -- settle did not look
  end
  local before = r[ATTEMPTS] ~= '0' and call('HGET', DELIVERY .. 'error', id) or ''
  r[DOUBT] = r[STATE] == 'sending' and '1' or '0'
  r[STATE], r[ATTEMPTS], r[TOKEN], r[DUE] = 'sending', whole(r[ATTEMPTS] + 1), count(), ends
  if r[TRIED] == '0' then r[TRIED] = TIME end
  ready(lane, shard, ends)
  out[#out + 1] = {save(id), json, '', before, '', '', ''} -- as FIELDS
end

repeat
  local lanes, shards, ids = pick(limit - #out)
  if #lanes == 0 then break end
  count = count or counts(limit)
  fetch(ids)
  for from = 1, #ids, MOST do
    local to = math.min(from + MOST - 1, #ids)
    local jsons = call('HMGET', DELIVERY .. 'json', unpack(ids, from, to))
    for i = from, to do claim(lanes[i], shards[i], ids[i], jsons[i - from + 1]) end
  end
  flush()
  -- A lease of no time makes a lane due again in this very script.
until #out >= limit or ends == TIME
return out
`)

// Claim implements bot.Store. The lane that has waited longest comes first.
func (s *Store) Claim(ctx context.Context, shards bot.Shards, lease time.Duration, limit int) ([]bot.Delivery, error) {
	if limit <= 0 || shards == 0 {
		return nil, ctx.Err()
	}
	args := s.outboxArgs(millis(lease), limit)
	for n := range bot.ShardCount {
		if shards.Has(n) {
			args = append(args, strconv.Itoa(n))
		}
	}
	v, err := s.runDurable(ctx, claimScript, s.outboxKeys(), args...)
	if err != nil {
		return nil, s.fail("claim", err)
	}
	list, _ := v.([]any)
	list = slices.DeleteFunc(list, func(e any) bool {
		gone := strs(e)
		if len(gone) == 1 {
			s.log.Error("a delivery is gone from redis and cannot be made: has redis evicted it (set maxmemory-policy noeviction), or somebody deleted it?", "redis", s.addr, "delivery", gone[0])
		}
		return len(gone) == 1
	})
	var out []bot.Delivery
	var bad []error
	for _, e := range list {
		d, err := parseDelivery(e)
		if err != nil { // it holds up no other
			bad = append(bad, err)
			continue
		}
		out = append(out, d)
	}
	return out, s.fail("claim", errors.Join(bad...))
}
