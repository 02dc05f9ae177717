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
	"json", "number", "state", "attempts", "not_before", "created", "tried", "settled", "message", "error", "doubt", "token",
}

var fieldsLua = "local FIELDS = {'" + strings.Join(fields, "', '") + "'}\n"

// outboxLua begins the scripts that move deliveries; outboxKeys and outboxArgs
// are its KEYS and its first ARGV.
//
// move notes the state of a delivery, schedule the channel's place in ready
// after the head of its queue changed (a head that may be claimed at once is
// due now, so that channels take turns), push puts a delivery at the end of
// its channel, pending.
var outboxLua = prelude + fieldsLua + `
local READY, SUSPENDED, OUTBOX, COUNTER = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local NOW = clock(ARGV[1])
local DELIVERY, QUEUE, CHANNEL, STORY, STATE = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local function count() return whole(redis.call('INCR', COUNTER)) end

local function move(id, number, old, new)
  if old and old ~= 'sent' then redis.call('ZREM', STATE .. old, id) end
  if new ~= 'sent' then redis.call('ZADD', STATE .. new, number, id) end
  redis.call('HSET', DELIVERY .. id, 'state', new)
end

local function schedule(channel)
  local head = redis.call('ZRANGE', QUEUE .. channel, 0, 0)[1]
  if not head or redis.call('HEXISTS', SUSPENDED, channel) == 1 then
    redis.call('ZREM', READY, channel)
    return
  end
  local due = tonumber(redis.call('HGET', DELIVERY .. head, 'due'))
  redis.call('ZADD', READY, whole(math.max(due, NOW)), channel)
end

local function push(id, number, channel, old)
  redis.call('ZADD', QUEUE .. channel, count(), id)
  move(id, number, old, 'pending')
  if not redis.call('ZSCORE', READY, channel) then schedule(channel) end
end
`

func (s *Store) outboxKeys() []string {
	return []string{s.keys.ready(), s.keys.suspended(), s.keys.outbox(), s.keys.counter()}
}

func (s *Store) outboxArgs(more ...any) []any {
	k := s.keys
	return append([]any{s.now(), k.delivery(""), k.queue(""), k.ofChannel(""), k.ofStory(""), k.ofState("")}, more...)
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
	d.State, d.Message, d.Error, d.InDoubt = bot.State(f[2]), bot.MessageID(f[8]), f[9], f[10] == "1"
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

// KEYS, ARGV: see outboxLua; then id, channel, story, not before in ms and
// json of each delivery. Returns how many were added.
var enqueueScript = redis.NewScript(outboxLua + `
local added = 0
for i = 7, #ARGV, 5 do
  local id, channel, story, due, json = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local key = DELIVERY .. id
  if redis.call('EXISTS', key) == 0 then
    local number = count()
    redis.call('HSET', key, 'json', json, 'channel', channel, 'number', number, 'attempts', '0', 'token', '0',
      'due', due, 'not_before', due, 'created', whole(NOW))
    redis.call('ZADD', OUTBOX, number, id)
    redis.call('ZADD', CHANNEL .. channel, number, id)
    if story ~= '' then redis.call('ZADD', STORY .. story, number, id) end
    push(id, number, channel)
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
			raw, err := json.Marshal(bot.Delivery{ID: d.ID, Channel: d.Channel, Kind: d.Kind, Story: d.Story, Digest: d.Digest, Created: d.Created})
			if err != nil {
				return added, fmt.Errorf("enqueue %s: %w", d.ID, err)
			}
			args = append(args, d.ID, string(d.Channel), d.Story, stamp(d.NotBefore), raw)
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

// KEYS, ARGV: see outboxLua; then lease in ms, limit.
// Returns the fields of each claimed delivery.
var claimScript = redis.NewScript(outboxLua + `
local ends = whole(NOW + ARGV[7])
local out = {}
for _, channel in ipairs(redis.call('ZRANGEBYSCORE', READY, '-inf', whole(NOW), 'LIMIT', 0, ARGV[8])) do
  local id = redis.call('ZRANGE', QUEUE .. channel, 0, 0)[1]
  local key = DELIVERY .. id
  local d = redis.call('HMGET', key, 'state', 'number', 'tried')
  redis.call('HSET', key, 'token', count(), 'due', ends, 'doubt', d[1] == 'sending' and '1' or '0')
  redis.call('HINCRBY', key, 'attempts', 1)
  if not d[3] then redis.call('HSET', key, 'tried', whole(NOW)) end
  move(id, d[2], d[1], 'sending')
  redis.call('ZADD', READY, ends, channel)
  out[#out + 1] = redis.call('HMGET', key, unpack(FIELDS))
end
return out
`)

// Claim implements bot.Store. The channel that has waited longest comes first.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int) ([]bot.Delivery, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	v, err := s.run(ctx, claimScript, s.outboxKeys(), s.outboxArgs(millis(lease), limit)...)
	if err != nil {
		return nil, s.fail("claim", err)
	}
	list, _ := v.([]any)
	var out []bot.Delivery
	for _, e := range list {
		d, _, err := parseDelivery(e)
		if err != nil {
			return nil, s.fail("claim", err)
		}
		out = append(out, d)
	}
	return out, nil
}

// KEYS, ARGV: see outboxLua; then id, token, state, message, not before in ms,
// error, 1 to suspend. Returns 1, or 0 where the token is not current.
var settleScript = redis.NewScript(outboxLua + `
local id, token, state, message, due, err, suspend = unpack(ARGV, 7)
local key = DELIVERY .. id
local d = redis.call('HMGET', key, 'state', 'token', 'channel', 'number')
if d[1] ~= 'sending' or d[2] ~= token or token == '0' then return 0 end
local channel = d[3]
redis.call('HSET', key, 'token', '0', 'error', err, 'due', due, 'not_before', due)
if state ~= 'sending' then redis.call('HSET', key, 'doubt', '0') end
if state == 'sent' or state == 'dead' then
  redis.call('HSET', key, 'settled', whole(NOW), 'message', message)
  redis.call('ZREM', QUEUE .. channel, id)
end
move(id, d[4], 'sending', state)
if suspend == '1' then redis.call('HSET', SUSPENDED, channel, whole(NOW) .. ' ' .. err) end
schedule(channel)
return 1
`)

// Settle implements bot.Store.
func (s *Store) Settle(ctx context.Context, d bot.Delivery, r bot.Result) error {
	what := "settle " + d.ID
	notBefore := int64(0)
	switch r.State {
	case bot.Pending, bot.Sending:
		notBefore = stamp(r.NotBefore)
	case bot.Sent, bot.Dead:
	default:
		return fmt.Errorf("%s: a result has no state %q", what, r.State)
	}
	suspend := "0"
	if r.Suspend {
		suspend = "1"
	}
	v, err := s.run(ctx, settleScript, s.outboxKeys(), s.outboxArgs(
		d.ID, strconv.FormatUint(d.Token, 10), string(r.State), string(r.Message), notBefore, r.Error, suspend)...)
	if err != nil {
		return s.fail(what, err)
	}
	if v != int64(1) {
		return fmt.Errorf("%s: %w", what, news.ErrFenced)
	}
	return nil
}

// KEYS, ARGV: see outboxLua; then id. Returns the state it found, "" for none.
var retryScript = redis.NewScript(outboxLua + `
local id = ARGV[7]
local key = DELIVERY .. id
local d = redis.call('HMGET', key, 'state', 'channel', 'number')
if d[1] ~= 'dead' then return d[1] or '' end
redis.call('HDEL', key, 'settled')
push(id, d[3], d[2], 'dead')
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

// KEYS, ARGV: see outboxLua; then channel.
var resumeScript = redis.NewScript(outboxLua + `
if redis.call('HDEL', SUSPENDED, ARGV[7]) == 1 then schedule(ARGV[7]) end
`)

// Resume implements bot.Store.
func (s *Store) Resume(ctx context.Context, c bot.Channel) error {
	_, err := s.run(ctx, resumeScript, s.outboxKeys(), s.outboxArgs(string(c))...)
	return s.fail("resume "+string(c), err)
}
