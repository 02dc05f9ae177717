package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// KEYS, ARGV: see outboxLua; then of each settlement id, channel, lane, shard,
// token, state, message, wait in ms, error, 1 to suspend or "gone", 1 where it failed,
// status, stories with spaces between them, how many are folded and their ids, and 7 addArgs of the catch-up, or
// 1, the id of what tells it, or none.
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
    local r = call('ZSCORE', QUEUE .. lane, id) and get(id)
    if not r then return 'fold: delivery ' .. id .. ' does not wait in the lane' end
    if r[STATE] ~= 'pending' then return 'fold: delivery ' .. id .. ' is ' .. r[STATE] end
  end
end

local function fold(first, lane, into, folded)
  local id, channel, _, _, story, due, json = unpack(into)
  local position = call('ZSCORE', QUEUE .. lane, first)
  for _, f in ipairs(folded) do
    R[f][STATE], R[f][SETTLED] = 'moot', TIME
    save(f)
    set('into', f, id)
    call('ZREM', QUEUE .. lane, f)
    del(OPEN, f)
  end
  add(counts(1)(), id, channel, story, due, json)
  call('ZADD', QUEUE .. lane, position, id)
end

-- next reads what one settlement says.
local function next()
  local w = {take(14)}
  local folded, into = {}, {}
  for i = 1, tonumber(w[14]) do folded[i] = take(1) end
  for i = 1, tonumber((take(1))) do into[i] = take(1) end
  return {w, folded, into}
end

local function settle(w, folded, into)
  local id, channel, lane, shard, token, state, message, wait, err, suspends, failed, status, stories = unpack(w)
  local r = R[id]
  if not r or r[STATE] ~= 'sending' or r[TOKEN] ~= token or token == '0' then return 'fenced' end
  local bad = into[2] and wrong(id, lane, into, folded)
  if bad then return bad end
  if err ~= '' or r[ATTEMPTS] ~= '1' then set('error', id, err) end -- or that of the attempt before stays
  if failed == '1' then r[FAILURES] = whole(r[FAILURES] + 1) end
  r[STATE], r[TOKEN] = state, '0'
  local due, stays = whole(NOW + wait), state == 'pending' or state == 'sending'
  if stays then
    r[DUE], r[NOT_BEFORE] = due, due
    if state == 'pending' then r[DOUBT] = '0' end
  else
    r[NOT_BEFORE], r[DOUBT], r[SETTLED] = '0', '0', TIME
    if message ~= '' then set('message', id, message) end
    if state ~= 'dead' and status ~= '' then set('status', id, status) end
    if state == 'sent' and stories ~= '' then set('stories', id, stories) end
    if into[1] then set('into', id, into[1]) end
    if into[2] then fold(id, lane, into, folded) end
    call('ZREM', QUEUE .. lane, id) -- written first, since a Redis that is full takes what begins so
    del(OPEN, id)
    if state == 'dead' then put(DEAD, r[NUMBER], id) end
  end
  save(id)
  if suspends ~= '0' then
    suspend(channel, err, suspends == 'gone')
    flush() -- what was scheduled before goes first
    for _, suffix in ipairs(LANES) do unready(channel .. suffix, shard) end
    flush()
  elseif (stays or call('ZCARD', QUEUE .. lane) > 0) and not suspended(channel) then
    ready(lane, shard, due) -- or later: claim looks at what comes next
  else
    unready(lane, shard)
  end
  return 'ok'
end

local all, ids, out = {}, {}, {}
while at < #ARGV do
  all[#all + 1] = next()
  ids[#ids + 1] = all[#all][1][1]
end
fetch(ids)
for i, one in ipairs(all) do out[i] = settle(unpack(one)) end
flush()
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
	switch {
	case r.Suspend && r.Gone:
		suspend = "gone"
	case r.Suspend:
		suspend = "1"
	}
	if r.Failed {
		failed = "1"
	}
	if r.CatchUp != nil && r.State != bot.Moot {
		return nil, fmt.Errorf("a catch-up takes the place of what is moot, not of what is %s", r.State)
	}
	args := []any{
		d.ID, string(d.Channel), d.Lane(), shard(d.Channel), strconv.FormatUint(d.Token, 10), string(r.State), string(r.Message), millis(max(r.Wait, 0)), r.Error, suspend, failed, r.Status, strings.Join(r.Stories, " "), len(r.Folded),
	}
	for _, id := range r.Folded {
		args = append(args, id)
	}
	switch {
	case r.CatchUp != nil:
	case r.State == bot.Moot && r.Into != "":
		return append(args, 1, r.Into), nil
	default:
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
