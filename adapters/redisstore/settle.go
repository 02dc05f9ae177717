package redisstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// KEYS, ARGV: see outboxLua; then of each settlement id, channel, lane, shard,
// token, state, message, wait in ms, error, 1 to suspend, 1 where it failed, status, how many
// are folded and their ids, and 8 or 0 addArgs of the catch-up.
// Returns for each "ok", "fenced", or what is wrong with it.
var settleScript = redis.NewScript(outboxLua + `
local at = 6
local function take(n)
  at = at + n
  return unpack(ARGV, at - n + 1, at)
end

-- wrong says why a catch-up cannot take the place of first, in whose lane it
-- and what it tells must be.
local function wrong(first, lane, into, folded)
  if into[3] ~= lane or held(into[1]) then return 'catch-up ' .. into[1] .. ' cannot take the place of ' .. first end
  for _, id in ipairs(folded) do
    local f = call('HMGET', DELIVERY .. id, 'state', 'lane')
    if f[1] ~= 'pending' or f[2] ~= lane then return 'fold: delivery ' .. id .. ' is ' .. (f[1] or 'not there') end
  end
end

local closed, dead = {}, {}

local function fold(first, lane, into, folded)
  local position = call('ZSCORE', QUEUE .. lane, first)
  call('HSET', DELIVERY .. first, 'into', into[1])
  for _, f in ipairs(folded) do
    call('HSET', DELIVERY .. f, 'into', into[1], 'state', 'moot', 'settled', TIME)
    call('ZREM', QUEUE .. lane, f)
    call('ZREM', OPEN, f)
  end
  add(unpack(into))
  call('ZADD', QUEUE .. lane, position, into[1])
end

local function settle()
  local id, channel, lane, shard, token, state, message, wait, err, suspend, failed, status, n = take(13)
  local folded, into = {}, {}
  for i = 1, tonumber(n) do folded[i] = take(1) end
  for i = 1, tonumber((take(1))) do into[i] = take(1) end
  local key = DELIVERY .. id
  local d = call('HMGET', key, 'state', 'token', 'doubt')
  if d[1] ~= 'sending' or d[2] ~= token or token == '0' then return 'fenced' end
  local bad = into[1] and wrong(id, lane, into, folded)
  if bad then return bad end
  if failed == '1' then call('HINCRBY', key, 'failures', 1) end
  local left, due = true, nil
  if state == 'pending' or state == 'sending' then
    local doubt = state == 'sending' and d[3] or '0'
    due = whole(NOW + wait)
    call('HSET', key, 'state', state, 'token', '0', 'error', err, 'due', due, 'not_before', due, 'doubt', doubt)
  else
    local set = {'state', state, 'token', '0', 'error', err, 'not_before', '0', 'doubt', '0', 'settled', TIME, 'message', message}
    if state == 'sent' and status ~= '' then set[#set + 1] = 'status'; set[#set + 1] = status end
    call('HSET', key, unpack(set))
    if into[1] then fold(id, lane, into, folded) end
    call('ZREM', QUEUE .. lane, id)
    closed[#closed + 1] = id
    if state == 'dead' then dead[#dead + 1] = call('HGET', key, 'number'); dead[#dead + 1] = id end
    left = call('ZCARD', QUEUE .. lane) > 0
    due = TIME -- or later: claim looks
  end
  if suspend == '1' then
    call('HSET', SUSPENDED, channel, TIME .. ' ' .. err)
    someSuspended = true
    flush() -- what was scheduled before goes first
    for _, suffix in ipairs(LANES) do unready(channel .. suffix, shard) end
    flush()
  elseif left and not suspended(channel) then
    ready(lane, shard, due)
  else
    unready(lane, shard)
  end
  return 'ok'
end

local out = {}
while at < #ARGV do out[#out + 1] = settle() end
flush()
if #closed > 0 then call('ZREM', OPEN, unpack(closed)) end
if #dead > 0 then call('ZADD', DEAD, unpack(dead)) end
return out
`)

// A settlement waits for the script that settles it with others.
type settlement struct {
	args []any
	done chan error // takes one
}

// settleMost bounds how many settlements one script makes: others wait meanwhile.
const settleMost = 256

// Settle implements bot.Store. Settlements that come while a script runs wait
// for it and are made by the next one together. One whose context ends while
// it waits may still take effect.
func (s *Store) Settle(ctx context.Context, d bot.Delivery, r bot.Result) error {
	what := "settle " + d.ID
	args, err := settleArgs(d, r)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	w := &settlement{args, make(chan error, 1)}
	s.settling.Lock()
	s.settlements = append(s.settlements, w)
	if !s.settles {
		s.settles = true
		s.running.Go(s.settleAll)
	}
	s.settling.Unlock()
	select {
	case err = <-w.done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func settleArgs(d bot.Delivery, r bot.Result) ([]any, error) {
	switch r.State {
	case bot.Pending, bot.Sending, bot.Sent, bot.Dead, bot.Moot:
	default:
		return nil, fmt.Errorf("a result has no state %q", r.State)
	}
	suspend, failed := "0", "0"
	if r.Suspend {
		suspend = "1"
	}
	if r.Failed {
		failed = "1"
	}
	if r.CatchUp != nil && r.State != bot.Moot {
		return nil, fmt.Errorf("a catch-up takes the place of what is moot, not of what is %s", r.State)
	}
	args := []any{
		d.ID, string(d.Channel), d.Lane(), shard(d.Channel), strconv.FormatUint(d.Token, 10), string(r.State), string(r.Message), millis(max(r.Wait, 0)), r.Error, suspend, failed, r.Status, len(r.Folded),
	}
	for _, id := range r.Folded {
		args = append(args, id)
	}
	if r.CatchUp == nil {
		return append(args, 0), nil
	}
	into, err := addArgs(*r.CatchUp)
	return append(append(args, len(into)), into...), err
}

// settleAll settles until none waits.
func (s *Store) settleAll() {
	for {
		s.settling.Lock()
		batch := s.settlements[:min(len(s.settlements), settleMost)]
		s.settlements = s.settlements[len(batch):]
		s.settles = len(batch) > 0
		s.settling.Unlock()
		if len(batch) == 0 {
			return
		}
		args := s.outboxArgs()
		for _, w := range batch {
			args = append(args, w.args...)
		}
		// The script serves many callers: none of their contexts may end it.
		ctx, cancel := context.WithTimeout(context.Background(), settleTime)
		v, err := s.run(ctx, settleScript, s.outboxKeys(), args...)
		cancel()
		answers := strs(v)
		if err == nil && len(answers) != len(batch) {
			err = errReply
		}
		for i, w := range batch {
			switch {
			case err != nil:
				w.done <- s.fail("write", err)
			case answers[i] == "ok":
				w.done <- nil
			case answers[i] == "fenced":
				w.done <- news.ErrFenced
			default:
				w.done <- fmt.Errorf("%s", answers[i])
			}
		}
	}
}
