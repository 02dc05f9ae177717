package redisstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// fields are those of a delivery, in the order of parseDelivery. Each has one
// hash for all deliveries, since many of them are read or written in one call
// so. json is what stays as it was enqueued; the record is what changes with
// each claim. The others are missing until they have something to say.
var fields = []string{"record", "json", "message", "error", "status", "into", "stories"}

var fieldsLua = "local FIELDS = {'" + strings.Join(fields, "', '") + "'}\n"

// words are those of a record, in one field and with spaces between them, since
// a field of its own for each would cost more than all else that a claim does.
// Times are in ms, "0" where they are not set; token is "0" where no claim is
// open; due is when the delivery may be claimed, where it is the head of its lane.
var words = []string{"STATE", "NUMBER", "ATTEMPTS", "TOKEN", "DOUBT", "DUE", "NOT_BEFORE", "CREATED", "TRIED", "SETTLED", "FAILURES"}

// wordsLua has their places.
var wordsLua = func() string {
	places := make([]string, len(words))
	for i := range places {
		places[i] = strconv.Itoa(i + 1)
	}
	return "local " + strings.Join(words, ", ") + " = " + strings.Join(places, ", ") + "\n" +
		"local RECORD = '^" + strings.Repeat("(%S+) ", len(words)-1) + "(%S+)$'\n"
}()

// lanesLua has what follows the channel in the name of each of its lanes.
var lanesLua = "local LANES = {'" + strings.ReplaceAll(strings.Join(bot.Lanes(""), "', '"), "\x00", `\0`) + "'}\n"

// outboxLua begins the scripts that move deliveries; outboxKeys and outboxArgs
// are its KEYS and its first ARGV. Redis is busy with little else than these
// scripts where many channels are posted to: each call in them counts, and each
// of its words.
//
// fetch reads the records of deliveries into R, which get asks: false stands
// for one that is not there. set, put and del gather what is to be written to
// fields and sorted sets, which flush does; save is set for a record. ready
// and unready note a lane's place in the ready set of its shard. schedule
// brings it in line with the head of the lane's queue; a head that may be
// claimed at once is due now, so that lanes take turns. add makes a delivery
// that the outbox has never held, push puts a delivery at the end of its lane,
// pending.
var outboxLua = prelude + fieldsLua + wordsLua + lanesLua + `
local SUSPENDED, OUTBOX, COUNTER, KNOWN, OPEN, DEAD = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local NOW = clock(ARGV[1])
local TIME = whole(NOW)
local DELIVERY, QUEUE, CHANNEL, STORY, READY = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local call = redis.call

local MOST = 2000 -- words of one call: Lua's stack has no room for many more
local R = {}
local function fetch(ids)
  for from = 1, #ids, MOST do
    local to = math.min(from + MOST - 1, #ids)
    local records = call('HMGET', DELIVERY .. 'record', unpack(ids, from, to))
    for i = from, to do
      local record = records[i - from + 1]
      R[ids[i]] = record and {string.match(record, RECORD)} or false
    end
  end
end
local function get(id)
  if R[id] == nil then fetch({id}) end
  return R[id]
end

-- counts returns a function that counts on, n times at most.
local function counts(n)
  local last = call('INCRBY', COUNTER, n) - n -- they stay far below 2^53
  return function() last = last + 1; return whole(last) end
end

local sets, puts, dels = {}, {}, {}
local function gather(batch, command, key, one, two)
  local c = batch[key] or {}
  c[#c + 1] = one
  c[#c + 1] = two
  if #c >= MOST then call(command, key, unpack(c)); c = nil end
  batch[key] = c
end
local function set(field, id, value) gather(sets, 'HSET', DELIVERY .. field, id, value) end
local function put(key, score, member) gather(puts, 'ZADD', key, score, member) end
local function del(key, member) gather(dels, 'ZREM', key, member) end
local function flush()
  for key, c in pairs(sets) do call('HSET', key, unpack(c)) end
  for key, c in pairs(dels) do call('ZREM', key, unpack(c)) end
  for key, c in pairs(puts) do call('ZADD', key, unpack(c)) end
  sets, puts, dels = {}, {}, {}
end
local function save(id)
  local record = table.concat(R[id], ' ')
  set('record', id, record)
  return record
end

local someSuspended = call('HLEN', SUSPENDED) > 0
local function suspend(channel, reason, gone)
  if string.sub(call('HGET', SUSPENDED, channel) or '', -1) ~= '\0' then
    call('HSET', SUSPENDED, channel, TIME .. ' ' .. reason .. (gone and '\0' or ''))
  end
  someSuspended = true
end
local function suspended(channel) return someSuspended and call('HEXISTS', SUSPENDED, channel) == 1 end
local function ready(lane, shard, due) put(READY .. shard, due, lane) end
local function unready(lane, shard) del(READY .. shard, lane) end

local function schedule(channel, lane, shard)
  local head = call('ZRANGE', QUEUE .. lane, 0, 0)[1]
  if not head or suspended(channel) then return unready(lane, shard) end
  local r = get(head)
  ready(lane, shard, r and whole(math.max(tonumber(r[DUE]), NOW)) or TIME) -- claim sees what is gone
end

local function held(id) return get(id) or call('ZSCORE', KNOWN, id) end

local function add(number, id, channel, story, due, json)
  R[id] = {'pending', number, '0', '0', '0', due, due, TIME, '0', '0', '0'}
  save(id)
  set('json', id, json)
  put(OUTBOX, number, id)
  put(OPEN, number, id)
  call('ZADD', CHANNEL .. channel, number, id)
  if story ~= '' then put(STORY .. story, number, id) end
end

local function push(id, position, channel, lane, shard, due)
  call('ZADD', QUEUE .. lane, position, id)
  if call('ZCARD', QUEUE .. lane) == 1 and not suspended(channel) then -- behind others it keeps its turn
    ready(lane, shard, whole(math.max(tonumber(due), NOW)))
  end
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

// parseDelivery reads one reply of fields.
func parseDelivery(v any) (d bot.Delivery, err error) {
	f := strs(v)
	if len(f) != len(fields) {
		return d, errReply
	}
	if err := json.Unmarshal([]byte(f[1]), &d); err != nil {
		return d, fmt.Errorf("%w: %w", errReply, err)
	}
	if f[6] != "" {
		d.Stories = strings.Split(f[6], " ")
	}
	w := strings.Split(f[0], " ")
	if len(w) != len(words) {
		return d, fmt.Errorf("%w: delivery %s: record %q", errReply, d.ID, f[0])
	}
	d.State, d.InDoubt = bot.State(w[0]), w[4] == "1"
	d.Message, d.Error, d.Status, d.Into = bot.MessageID(f[2]), f[3], cmp.Or(f[4], d.Status), f[5]
	attempts, err1 := strconv.Atoi(w[2])
	token, err2 := strconv.ParseUint(w[3], 10, 64)
	notBefore, err3 := parseStamp(w[6])
	created, err4 := parseStamp(w[7])
	tried, err5 := parseStamp(w[8])
	settled, err6 := parseStamp(w[9])
	failures, err7 := strconv.Atoi(w[10])
	if d.Created.IsZero() {
		d.Created = created
	}
	d.Attempts, d.Failures, d.Token, d.NotBefore, d.Tried, d.Settled = attempts, failures, token, notBefore, tried, settled
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return d, fmt.Errorf("%w: delivery %s: %w", errReply, d.ID, err)
	}
	return d, nil
}

// parseDeliveries reads a list of replies of fields.
func parseDeliveries(v any) (out []bot.Delivery, err error) {
	list, _ := v.([]any)
	for _, e := range list {
		d, err := parseDelivery(e)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// enqueued is what stays of a delivery as it was enqueued, by the names that
// bot.Delivery has for it.
type enqueued struct {
	ID      string      `json:"id"`
	Channel bot.Channel `json:"channel"`
	Kind    string      `json:"kind"`
	Story   string      `json:"story,omitempty"`
	Stories []string    `json:"stories,omitempty"`
	Digest  *bot.Period `json:"digest,omitempty"`
	Advice  *bot.Advice `json:"advice,omitempty"`
	Late    bool        `json:"late,omitempty"`
	Created time.Time   `json:"created,omitzero"`
	Status  string      `json:"status,omitempty"`
}

// addArgs says what add and push in outboxLua must know.
func addArgs(d bot.Delivery) ([]any, error) {
	raw, err := json.Marshal(enqueued{d.ID, d.Channel, d.Kind, d.Story, d.Stories, d.Digest, d.Advice, d.Late, d.Created, d.Status})
	return []any{d.ID, string(d.Channel), d.Lane(), shard(d.Channel), d.Story, stamp(d.NotBefore), raw}, err
}

func shard(c bot.Channel) string { return strconv.Itoa(bot.Shard(c)) }

// KEYS, ARGV: see outboxLua; then the addArgs of each delivery. Returns how
// many were added.
var enqueueScript = redis.NewScript(outboxLua + `
local added, count = 0, counts((#ARGV - 6) / 7)
local ids = {}
for i = 7, #ARGV, 7 do ids[#ids + 1] = ARGV[i] end
fetch(ids)
for i = 7, #ARGV, 7 do
  local id, channel, lane, shard, story, due, json = unpack(ARGV, i, i + 6)
  if not held(id) then
    local number = count()
    add(number, id, channel, story, due, json)
    push(id, number, channel, lane, shard, due)
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

// KEYS, ARGV: see outboxLua; then id, channel, lane, shard. Returns the state
// it found, "" for none.
var retryScript = redis.NewScript(outboxLua + `
local id, channel, lane, shard = unpack(ARGV, 7)
local r = get(id)
if not r then return '' end
if r[STATE] ~= 'dead' then return r[STATE] end
r[STATE], r[DUE], r[SETTLED], r[FAILURES] = 'pending', '0', '0', '0'
save(id)
del(DEAD, id)
put(OPEN, r[NUMBER], id)
push(id, counts(1)(), channel, lane, shard, '0')
flush()
return 'dead'
`)

// Retry implements bot.Store.
func (s *Store) Retry(ctx context.Context, id string) error {
	d, err := s.Delivery(ctx, id)
	if err != nil {
		return fmt.Errorf("retry: %w", err)
	}
	v, err := s.run(ctx, retryScript, s.outboxKeys(), s.outboxArgs(id, string(d.Channel), d.Lane(), shard(d.Channel))...)
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

// KEYS, ARGV: see outboxLua; then the reason, and of each lane of the channels
// channel, shard, lane.
var suspendScript = redis.NewScript(outboxLua + `
for i = 8, #ARGV, 3 do
  suspend(ARGV[i], ARGV[7], true)
  unready(ARGV[i + 2], ARGV[i + 1])
end
flush()
`)

// Suspend implements bot.Store.
func (s *Store) Suspend(ctx context.Context, reason string, cs ...bot.Channel) error {
	for some := range slices.Chunk(cs, suspendMost) {
		args := s.outboxArgs(reason)
		for _, c := range some {
			for _, lane := range bot.Lanes(c) {
				args = append(args, string(c), shard(c), lane)
			}
		}
		if _, err := s.run(ctx, suspendScript, s.outboxKeys(), args...); err != nil {
			return s.fail(fmt.Sprintf("suspend %d channels", len(cs)), err)
		}
	}
	return nil
}

// suspendMost is how many channels one script suspends: others wait meanwhile.
const suspendMost = 256

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
