package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// fields are those of a delivery's hash that callers hear of, in the order of
// parseDelivery. json is what stays as it was enqueued. token is "0" where no
// claim is open. Times that are not set are missing, "" or "0".
var fields = []string{
	"json", "number", "state", "attempts", "not_before", "created", "tried", "settled", "message", "error", "doubt", "token", "status", "into",
}

var fieldsLua = "local FIELDS = {'" + strings.Join(fields, "', '") + "'}\n"

// outboxLua begins the scripts that move deliveries; outboxKeys and outboxArgs
// are its KEYS and its first ARGV.
//
// move notes the state of a delivery, schedule a lane's place in ready after
// the head of its queue changed (a head that may be claimed at once is due now,
// so that lanes take turns), add makes a delivery that the outbox has never
// held, push puts a delivery at the end of its lane, pending.
var outboxLua = prelude + fieldsLua + `
local SUSPENDED, OUTBOX, COUNTER, KNOWN = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local NOW = clock(ARGV[1])
local DELIVERY, QUEUE, CHANNEL, STORY, STATE, READY = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local UNLISTED = {sent = true, moot = true}

local function count() return whole(redis.call('INCR', COUNTER)) end

local function move(id, number, old, new)
  if old and not UNLISTED[old] then redis.call('ZREM', STATE .. old, id) end
  if not UNLISTED[new] then redis.call('ZADD', STATE .. new, number, id) end
  redis.call('HSET', DELIVERY .. id, 'state', new)
end

local function schedule(channel, lane, shard)
  local head = redis.call('ZRANGE', QUEUE .. lane, 0, 0)[1]
  if not head or redis.call('HEXISTS', SUSPENDED, channel) == 1 then
    redis.call('ZREM', READY .. shard, lane)
    return
  end
  local due = tonumber(redis.call('HGET', DELIVERY .. head, 'due'))
  redis.call('ZADD', READY .. shard, whole(math.max(due, NOW)), lane)
end

local function held(id)
  return redis.call('EXISTS', DELIVERY .. id) == 1 or redis.call('ZSCORE', KNOWN, id) ~= false
end

local function add(id, channel, lane, shard, story, due, json, status)
  local number = count()
  redis.call('HSET', DELIVERY .. id, 'json', json, 'channel', channel, 'lane', lane, 'shard', shard, 'number', number, 'attempts', '0',
    'token', '0', 'due', due, 'not_before', due, 'created', whole(NOW), 'status', status)
  redis.call('ZADD', OUTBOX, number, id)
  redis.call('ZADD', CHANNEL .. channel, number, id)
  if story ~= '' then redis.call('ZADD', STORY .. story, number, id) end
  return number
end

local function push(id, number, channel, lane, shard, old)
  redis.call('ZADD', QUEUE .. lane, count(), id)
  move(id, number, old, 'pending')
  if not redis.call('ZSCORE', READY .. shard, lane) then schedule(channel, lane, shard) end
end
`

func (s *Store) outboxKeys() []string {
	return []string{s.keys.suspended(), s.keys.outbox(), s.keys.counter(), s.keys.known()}
}

func (s *Store) outboxArgs(more ...any) []any {
	k := s.keys
	return append([]any{s.now(), k.delivery(""), k.queue(""), k.ofChannel(""), k.ofStory(""), k.ofState(""), k.ready("")}, more...)
}

// parseDelivery reads one reply of fields; number is its place in the outbox.
func parseDelivery(v any) (d bot.Delivery, number string, err error) {
	f := strs(v)
	if len(f) != len(fields) {
		return d, "", errReply
	}
	if err := json.Unmarshal([]byte(f[0]), &d); err != nil {
		return d, "", fmt.Errorf("%w: %w", errReply, err)
	}
	d.State, d.Message, d.Error, d.InDoubt, d.Status, d.Into = bot.State(f[2]), bot.MessageID(f[8]), f[9], f[10] == "1", f[12], f[13]
	attempts, err1 := strconv.Atoi(f[3])
	token, err2 := strconv.ParseUint(f[11], 10, 64)
	notBefore, err3 := parseStamp(f[4])
	created, err4 := parseStamp(f[5])
	tried, err5 := parseStamp(f[6])
	settled, err6 := parseStamp(f[7])
	if d.Created.IsZero() {
		d.Created = created
	}
	d.Attempts, d.Token, d.NotBefore, d.Tried, d.Settled = attempts, token, notBefore, tried, settled
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return d, "", fmt.Errorf("%w: delivery %s: %w", errReply, d.ID, err)
	}
	return d, f[1], nil
}

// addArgs are the arguments of add in outboxLua.
func addArgs(d bot.Delivery) ([]any, error) {
	raw, err := json.Marshal(bot.Delivery{
		ID: d.ID, Channel: d.Channel, Kind: d.Kind, Story: d.Story, Stories: d.Stories, Digest: d.Digest, Late: d.Late, Created: d.Created,
	})
	return []any{d.ID, string(d.Channel), d.Lane(), shard(d.Channel), d.Story, stamp(d.NotBefore), raw, d.Status}, err
}

func shard(c bot.Channel) string { return strconv.Itoa(bot.Shard(c)) }

// KEYS, ARGV: see outboxLua; then the addArgs of each delivery. Returns how
// many were added.
var enqueueScript = redis.NewScript(outboxLua + `
local added = 0
for i = 8, #ARGV, 8 do
  local id, channel, lane, shard, story, due, json, status = unpack(ARGV, i, i + 7)
  if not held(id) then
    push(id, add(id, channel, lane, shard, story, due, json, status), channel, lane, shard)
    added = added + 1
  end
end
return added
`)

// enqueueStep is how many deliveries one script adds: others wait meanwhile.
const enqueueStep = 250

// Enqueue implements bot.Store. Many deliveries take several steps: after an
// error some of them may have been added, and enqueueing all again adds the rest.
func (s *Store) Enqueue(ctx context.Context, ds []bot.Delivery) (int, error) {
	added := 0
	for len(ds) > 0 {
		step := ds[:min(len(ds), enqueueStep)]
		ds = ds[len(step):]
		args := s.outboxArgs()
		for _, d := range step {
			more, err := addArgs(d)
			if err != nil {
				return added, fmt.Errorf("enqueue %s: %w", d.ID, err)
			}
			args = append(args, more...)
		}
		v, err := s.run(ctx, enqueueScript, s.outboxKeys(), args...)
		if err != nil {
			return added, s.fail("enqueue", err)
		}
		n, _ := v.(int64)
		added += int(n)
	}
	return added, s.fail("enqueue", ctx.Err())
}

// KEYS, ARGV: see outboxLua; then lease in ms, limit, and the shards.
// It takes the lane that has waited longest of all shards, again and again.
// Returns the fields of each claimed delivery.
var claimScript = redis.NewScript(outboxLua + `
local ends, limit, due = whole(NOW + ARGV[8]), tonumber(ARGV[9]), whole(NOW)
local heads = {}
local function peek(shard)
  local first = redis.call('ZRANGEBYSCORE', READY .. shard, '-inf', due, 'WITHSCORES', 'LIMIT', 0, 1)
  if first[1] then return {shard, first[1], tonumber(first[2])} end
end
for i = 10, #ARGV do
  local h = peek(ARGV[i])
  if h then heads[#heads + 1] = h end
end
local out = {}
while #heads > 0 and #out < limit do
  local at = 1
  for i = 2, #heads do
    if heads[i][3] < heads[at][3] then at = i end
  end
  local shard, lane = heads[at][1], heads[at][2]
  local id = redis.call('ZRANGE', QUEUE .. lane, 0, 0)[1]
  local key = DELIVERY .. id
  local d = redis.call('HMGET', key, 'state', 'number', 'tried')
  redis.call('HSET', key, 'token', count(), 'due', ends, 'doubt', d[1] == 'sending' and '1' or '0')
  redis.call('HINCRBY', key, 'attempts', 1)
  if not d[3] then redis.call('HSET', key, 'tried', whole(NOW)) end
  move(id, d[2], d[1], 'sending')
  redis.call('ZADD', READY .. shard, ends, lane)
  out[#out + 1] = redis.call('HMGET', key, unpack(FIELDS))
  local next = ends ~= due and peek(shard)
  if next then heads[at] = next else table.remove(heads, at) end
end
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
	out, _, err := parseDeliveries(v)
	return out, s.fail("claim", err)
}

// parseDeliveries reads a list of replies of fields; last is the number of the
// last one.
func parseDeliveries(v any) (out []bot.Delivery, last string, err error) {
	list, _ := v.([]any)
	for _, e := range list {
		d, number, err := parseDelivery(e)
		if err != nil {
			return nil, "", err
		}
		out, last = append(out, d), number
	}
	return out, last, nil
}

// KEYS, ARGV: see outboxLua; then id. Returns the state it found, "" for none.
var retryScript = redis.NewScript(outboxLua + `
local id = ARGV[8]
local key = DELIVERY .. id
local d = redis.call('HMGET', key, 'state', 'number', 'channel', 'lane', 'shard')
if d[1] ~= 'dead' then return d[1] or '' end
redis.call('HDEL', key, 'settled')
push(id, d[2], d[3], d[4], d[5], 'dead')
return 'dead'
`)

// Retry implements bot.Store.
func (s *Store) Retry(ctx context.Context, id string) error {
	v, err := s.run(ctx, retryScript, s.outboxKeys(), s.outboxArgs(id)...)
	switch {
	case err != nil:
		return s.fail("retry", err)
	case v == "":
		return fmt.Errorf("retry: delivery %s: %w", id, news.ErrNotFound)
	case v != string(bot.Dead):
		return fmt.Errorf("retry: delivery %s is %s, not dead: %w", id, v, news.ErrNotFound)
	}
	return nil
}

// KEYS, ARGV: see outboxLua; then channel, shard, lanes.
var resumeScript = redis.NewScript(outboxLua + `
if redis.call('HDEL', SUSPENDED, ARGV[8]) == 1 then
  for i = 10, #ARGV do schedule(ARGV[8], ARGV[i], ARGV[9]) end
end
`)

// Resume implements bot.Store.
func (s *Store) Resume(ctx context.Context, c bot.Channel) error {
	args := s.outboxArgs(string(c), shard(c))
	for _, lane := range bot.Lanes(c) {
		args = append(args, lane)
	}
	_, err := s.run(ctx, resumeScript, s.outboxKeys(), args...)
	return s.fail("resume "+string(c), err)
}
