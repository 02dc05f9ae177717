package redisstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

// saveField stores v as JSON in a field of a hash.
func (s *Store) saveField(ctx context.Context, key, field string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c, err := s.master(ctx)
	if err != nil {
		return err
	}
	return c.HSet(ctx, key, field, raw).Err()
}

// values reads all fields of a hash, in no order.
func values[T any](ctx context.Context, s *Store, key string) ([]T, error) {
	c, err := s.master(ctx)
	if err != nil {
		return nil, err
	}
	raws, err := c.HVals(ctx, key).Result()
	if err != nil {
		return nil, err
	}
	out := make([]T, len(raws))
	for i, raw := range raws {
		if err := json.Unmarshal([]byte(raw), &out[i]); err != nil {
			return nil, fmt.Errorf("%w: %w", errReply, err)
		}
	}
	return out, nil
}

// Cursor implements bot.Store.
func (s *Store) Cursor(ctx context.Context, name string) (uint64, error) {
	c, err := s.master(ctx)
	if err != nil {
		return 0, s.fail("cursor "+name, err)
	}
	v, err := c.HGet(ctx, s.keys.cursors(), name).Result()
	if err == redis.Nil {
		return 0, nil
	} else if err != nil {
		return 0, s.fail("cursor "+name, err)
	}
	seq, err := strconv.ParseUint(v, 10, 64)
	return seq, s.fail("cursor "+name, err)
}

// KEYS: cursors. ARGV: name, number with 20 digits.
var saveCursorScript = redis.NewScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
if not old or old < ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
`)

// SaveCursor implements bot.Store.
func (s *Store) SaveCursor(ctx context.Context, name string, seq uint64) error {
	_, err := s.run(ctx, saveCursorScript, []string{s.keys.cursors()}, name, fmt.Sprintf("%020d", seq))
	return s.fail("save cursor "+name, err)
}

// KEYS: once. ARGV: now, ttl in ms. Returns 1 where the key is new, else 0.
var onceScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
local ends = redis.call('GET', KEYS[1])
if ends and tonumber(ends) > now then return 0 end
redis.call('SET', KEYS[1], whole(now + ARGV[2]))
-- A clock that is given may be slower than the server's, which ends keys.
if ARGV[1] == '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`)

// Once implements bot.Store.
func (s *Store) Once(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	v, err := s.run(ctx, onceScript, []string{s.keys.once(key)}, s.now(), millis(ttl))
	return v == int64(1), s.fail(fmt.Sprintf("remember %.200q", key), err)
}

// Subscriptions implements bot.Store.
func (s *Store) Subscriptions(ctx context.Context) ([]bot.Subscription, error) {
	out, err := values[bot.Subscription](ctx, s, s.keys.subscriptions())
	slices.SortFunc(out, func(a, b bot.Subscription) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.ID, b.ID))
	})
	return out, s.fail("read subscriptions", err)
}

// SubscriptionsVersion implements bot.Store.
func (s *Store) SubscriptionsVersion(ctx context.Context) (string, error) {
	c, err := s.master(ctx)
	if err != nil {
		return "", s.fail("version of the subscriptions", err)
	}
	version, err := c.Get(ctx, s.keys.subscriptionsVersion()).Result()
	if err == redis.Nil {
		return "", nil
	}
	return version, s.fail("version of the subscriptions", err)
}

// changeSubscriptions makes a change and a new version of it in one step. A
// version is random: after a failover that lost a change, a number could come
// again for another.
func (s *Store) changeSubscriptions(ctx context.Context, change func(redis.Pipeliner)) error {
	c, err := s.master(ctx)
	if err != nil {
		return err
	}
	steps, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		change(p)
		p.Set(ctx, s.keys.subscriptionsVersion(), rand.Text(), 0)
		return nil
	})
	// A server that refuses one of the steps does none of them, and says why at
	// that step.
	for _, step := range steps {
		if refusal(step.Err()) != "" {
			return step.Err()
		}
	}
	return err
}

// SaveSubscription implements bot.Store.
func (s *Store) SaveSubscription(ctx context.Context, sub bot.Subscription) error {
	what := fmt.Sprintf("save subscription %s of %s", sub.ID, sub.Channel)
	raw, err := json.Marshal(sub)
	if err != nil {
		return s.fail(what, err)
	}
	return s.fail(what, s.changeSubscriptions(ctx, func(p redis.Pipeliner) {
		p.HSet(ctx, s.keys.subscriptions(), subscriptionField(string(sub.Channel), sub.ID), raw)
	}))
}

// DeleteSubscription implements bot.Store.
func (s *Store) DeleteSubscription(ctx context.Context, c bot.Channel, id string) (bool, error) {
	what := fmt.Sprintf("delete subscription %s of %s", id, c)
	var n *redis.IntCmd
	err := s.changeSubscriptions(ctx, func(p redis.Pipeliner) {
		n = p.HDel(ctx, s.keys.subscriptions(), subscriptionField(string(c), id))
	})
	return err == nil && n.Val() == 1, s.fail(what, err)
}

// Suspensions implements bot.Store.
func (s *Store) Suspensions(ctx context.Context) (map[bot.Channel]bot.Suspension, error) {
	c, err := s.master(ctx)
	if err != nil {
		return nil, s.fail("read suspensions", err)
	}
	all, err := c.HGetAll(ctx, s.keys.suspended()).Result()
	if err != nil {
		return nil, s.fail("read suspensions", err)
	}
	out := make(map[bot.Channel]bot.Suspension, len(all))
	for channel, v := range all {
		since, reason, _ := strings.Cut(v, " ")
		at, err := parseStamp(since)
		if err != nil {
			return nil, s.fail("read suspensions", err)
		}
		reason, gone := strings.CutSuffix(reason, goneMark)
		out[bot.Channel(channel)] = bot.Suspension{Since: at, Reason: reason, Gone: gone}
	}
	return out, nil
}

// goneMark ends the reason of a channel that is gone.
const goneMark = "\x00"

// tellLua has tell, which returns the fields of deliveries. Those that are not
// there, as where Redis evicted them, are left out.
var tellLua = fieldsLua + `
local function tell(delivery, ids)
  local out = {}
  if #ids == 0 then return out end
  local columns = {}
  for f, field in ipairs(FIELDS) do columns[f] = redis.call('HMGET', delivery .. field, unpack(ids)) end
  for i = 1, #ids do
    local d = {}
    for f = 1, #FIELDS do d[f] = columns[f][i] end
    if d[1] and d[2] then out[#out + 1] = d end
  end
  return out
end
`

// KEYS: the records. ARGV: prefix of deliveries, id. Returns a list of its
// fields, empty for none.
var deliveryScript = redis.NewScript(tellLua + `return tell(ARGV[1], {ARGV[2]})`)

// Delivery implements bot.Store.
func (s *Store) Delivery(ctx context.Context, id string) (bot.Delivery, error) {
	v, err := s.run(ctx, deliveryScript, []string{s.keys.delivery("record")}, s.keys.delivery(""), id)
	if err != nil {
		return bot.Delivery{}, s.fail("read delivery", err)
	}
	ds, err := parseDeliveries(v)
	if err == nil && len(ds) == 0 {
		return bot.Delivery{}, fmt.Errorf("read delivery %s: %w", id, news.ErrNotFound)
	}
	if err != nil {
		return bot.Delivery{}, s.fail("read delivery", err)
	}
	return ds[0], nil
}

// KEYS: the queue. ARGV: how many, prefix of deliveries.
var waitingScript = redis.NewScript(tellLua + `
return tell(ARGV[2], redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1))
`)

// Waiting implements bot.Store.
func (s *Store) Waiting(ctx context.Context, c bot.Channel, limit int) ([]bot.Delivery, error) {
	what := "read what waits for " + string(c)
	v, err := s.run(ctx, waitingScript, []string{s.keys.queue(bot.Delivery{Channel: c}.Lane())}, limit, s.keys.delivery(""))
	if err != nil {
		return nil, s.fail(what, err)
	}
	out, err := parseDeliveries(v)
	return out, s.fail(what, err)
}

// KEYS: the index. ARGV: number below which to read ("+inf" at first), how
// many, prefix of deliveries.
// Returns below which number to go on, "" at the end, and the fields of each
// delivery, the newest first.
var listScript = redis.NewScript(tellLua + `
local page = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids = {}
for i = 1, #page, 2 do ids[#ids + 1] = page[i] end
return {#page == 2 * ARGV[2] and '(' .. page[#page] or '', tell(ARGV[3], ids)}
`)

// listPage is how many deliveries one script reads: others wait meanwhile.
const listPage = 500

// Deliveries implements bot.Store. It walks the narrowest index there is for q.
func (s *Store) Deliveries(ctx context.Context, q bot.DeliveryQuery) ([]bot.Delivery, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	index := s.keys.outbox()
	switch {
	case q.Story != "":
		index = s.keys.ofStory(q.Story)
	case q.Channel != "":
		index = s.keys.ofChannel(string(q.Channel))
	case q.State == bot.Pending, q.State == bot.Sending:
		index = s.keys.open()
	case q.State == bot.Dead:
		index = s.keys.dead()
	}
	var out []bot.Delivery
	for below := "+inf"; below != ""; {
		v, err := s.run(ctx, listScript, []string{index}, below, listPage, s.keys.delivery(""))
		if err != nil {
			return nil, s.fail("read deliveries", err)
		}
		list, _ := v.([]any)
		if len(list) != 2 {
			return nil, s.fail("read deliveries", errReply)
		}
		below, _ = list[0].(string)
		page, err := parseDeliveries(list[1])
		if err != nil {
			return nil, s.fail("read deliveries", err)
		}
		for _, d := range page {
			if (q.Channel != "" && q.Channel != d.Channel) || (q.State != "" && q.State != d.State) {
				continue
			}
			if out = append(out, d); len(out) == limit {
				return out, nil
			}
		}
	}
	return out, nil
}
