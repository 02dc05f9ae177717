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
	"json", "number", "state", "attempts", "not_before", "created", "tried", "settled", "message", "error", "doubt", "token", "status", "into", "failures",
}

var fieldsLua = "local FIELDS = {'" + strings.Join(fields, "', '") + "'}\n"

// lanesLua has what follows the channel in the name of each of its lanes.
var lanesLua = "local LANES = {'" + strings.ReplaceAll(strings.Join(bot.Lanes(""), "', '"), "\x00", `\0`) + "'}\n"

// outboxLua begins the scripts that move deliveries; outboxKeys and outboxArgs
// are its KEYS and its first ARGV. Redis is busy with little else than these
// scripts where many channels are posted to: each call in them counts.
//
// ready and unready note a lane's place in the ready set of its shard, and take
// effect with flush. schedule brings it in line with the head of the lane's
// queue; a head that may be claimed at once is due now, so that lanes take
// turns. add makes a delivery that the outbox has never held, push puts a
// delivery at the end of its lane, pending.
var outboxLua = prelude + fieldsLua + lanesLua + `
local SUSPENDED, OUTBOX, COUNTER, KNOWN, OPEN, DEAD = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local NOW = clock(ARGV[1])
local TIME = whole(NOW)
local DELIVERY, QUEUE, CHANNEL, STORY, READY = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local call = redis.call

local function count() return whole(call('INCR', COUNTER)) end

local someSuspended = call('HLEN', SUSPENDED) > 0
local adds, rems = {}, {}
local function ready(lane, shard, at)
  local c = adds[shard]
  if c then c[#c + 1] = at; c[#c + 1] = lane else adds[shard] = {at, lane} end
end
local function unready(lane, shard)
  local c = rems[shard]
  if c then c[#c + 1] = lane else rems[shard] = {lane} end
end
local function flush()
  for shard, c in pairs(rems) do call('ZREM', READY .. shard, unpack(c)) end
  for shard, c in pairs(adds) do call('ZADD', READY .. shard, unpack(c)) end
  adds, rems = {}, {}
end
local function suspended(channel) return someSuspended and call('HEXISTS', SUSPENDED, channel) == 1 end

local function schedule(channel, lane, shard)
  local head = call('ZRANGE', QUEUE .. lane, 0, 0)[1]
  if not head or suspended(channel) then return unready(lane, shard) end
  ready(lane, shard, whole(math.max(tonumber(call('HGET', DELIVERY .. head, 'due')), NOW)))
end

local function held(id)
  return redis.call('EXISTS', DELIVERY .. id) == 1 or redis.call('ZSCORE', KNOWN, id) ~= false
end

local function add(id, channel, lane, shard, story, due, json, status)
  local number = count()
  -- A small hash is searched from its beginning: what is asked most comes first.
  call('HSET', DELIVERY .. id, 'state', 'pending', 'token', '0', 'attempts', '0', 'not_before', due, 'due', due, 'doubt', '0',
    'channel', channel, 'lane', lane, 'shard', shard, 'status', status, 'json', json, 'created', TIME, 'number', number)
  call('ZADD', OUTBOX, number, id)
  call('ZADD', OPEN, number, id)
  call('ZADD', CHANNEL .. channel, number, id)
  if story ~= '' then call('ZADD', STORY .. story, number, id) end
end

local function push(id, channel, lane, shard)
  call('ZADD', QUEUE .. lane, count(), id)
  if call('ZCARD', QUEUE .. lane) == 1 then schedule(channel, lane, shard) end -- behind others it keeps its turn
end
`

func (s *Store) outboxKeys() []string {
	k := s.keys
	return []string{k.suspended(), k.outbox(), k.counter(), k.known(), k.open(), k.dead()}
}

func (s *Store) outboxArgs(more ...any) []any {
	k := s.keys
	return append([]any{s.now(), k.delivery(""), k.queue(""), k.ofChannel(""), k.ofStory(""), k.ready("")}, more...)
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
	if f[14] != "" {
		if d.Failures, err = strconv.Atoi(f[14]); err != nil {
			return d, "", fmt.Errorf("%w: failures %q", errReply, f[14])
		}
	}
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
for i = 7, #ARGV, 8 do
  local id, channel, lane, shard, story, due, json, status = unpack(ARGV, i, i + 7)
  if not held(id) then
    add(id, channel, lane, shard, story, due, json, status)
    push(id, channel, lane, shard)
    added = added + 1
  end
end
flush()
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
// Returns the fields of each claimed delivery, as FIELDS orders them.
var claimScript = redis.NewScript(outboxLua + `
local ends, limit = whole(NOW + ARGV[7]), tonumber(ARGV[8])
local PAGE = math.ceil(limit / (#ARGV - 8)) + 1

-- fill reads the next lanes of a shard that are due, with their times. Those
-- that were claimed are due later by now, and do not come again.
local function fill(h)
  h.lanes = call('ZRANGEBYSCORE', READY .. h.shard, '-inf', TIME, 'WITHSCORES', 'LIMIT', 0, PAGE)
  h.at, h.due = 1, tonumber(h.lanes[2])
  return h.due
end

local heads = {}
for i = 9, #ARGV do
  local h = {shard = ARGV[i]}
  if fill(h) then heads[#heads + 1] = h end
end
if #heads == 0 then return {} end
local token = call('INCRBY', COUNTER, limit) - limit -- they stay far below 2^53
local out = {}
while #heads > 0 and #out < limit do
  local first, h = 1, heads[1]
  for i = 2, #heads do
    if heads[i].due < h.due then first, h = i, heads[i] end
  end
  local lane = h.lanes[h.at]
  local key = DELIVERY .. call('ZRANGE', QUEUE .. lane, 0, 0)[1]
  local d = call('HMGET', key, 'state', 'attempts', 'not_before', 'status', 'json', 'created', 'tried', 'error', 'failures')
  if d[1] == 'pending' and tonumber(d[3]) > NOW then
    ready(lane, h.shard, d[3]) -- settle did not look
  else
    token = token + 1
    local doubt, attempts, tried = d[1] == 'sending' and '1' or '0', whole(d[2] + 1), d[7] or TIME
    call('HSET', key, 'state', 'sending', 'attempts', attempts, 'doubt', doubt, 'token', token, 'due', ends, 'tried', tried)
    ready(lane, h.shard, ends)
    out[#out + 1] = {d[5], '', 'sending', attempts, d[3], d[6], tried, '', '', d[8] or '', doubt, token, d[4], '', d[9] or ''} -- as FIELDS
  end
  h.at = h.at + 2
  h.due = tonumber(h.lanes[h.at + 1])
  if not h.due then
    flush()
    -- A lease of no time would make the lane due again in this very script.
    if #h.lanes < 2 * PAGE or ends == TIME or not fill(h) then table.remove(heads, first) end
  end
end
flush()
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
local id = ARGV[7]
local key = DELIVERY .. id
local d = redis.call('HMGET', key, 'state', 'number', 'channel', 'lane', 'shard')
if d[1] ~= 'dead' then return d[1] or '' end
redis.call('HSET', key, 'state', 'pending', 'settled', '0', 'due', '0')
redis.call('ZREM', DEAD, id)
redis.call('ZADD', OPEN, d[2], id)
push(id, d[3], d[4], d[5])
flush()
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
if redis.call('HDEL', SUSPENDED, ARGV[7]) == 1 then
  for i = 9, #ARGV do schedule(ARGV[7], ARGV[i], ARGV[8]) end
  flush()
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
