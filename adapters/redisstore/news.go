package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/news"
)

// KEYS: lease. ARGV: now, owner, ttl in ms.
// Returns the fence and 1 where the owner holds it, else 0.
var leaseScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
local l = redis.call('HMGET', KEYS[1], 'owner', 'until', 'fence')
local free = not l[1] or l[1] == '' or tonumber(l[2]) <= now
if not free and l[1] ~= ARGV[2] then return {l[3], 0} end
if free then redis.call('HINCRBY', KEYS[1], 'fence', 1) end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'until', whole(now + ARGV[3]))
return {redis.call('HGET', KEYS[1], 'fence'), 1}
`)

// Lease implements news.Store and bot.Store.
func (s *Store) Lease(ctx context.Context, name, owner string, ttl time.Duration) (uint64, bool, error) {
	v, err := s.run(ctx, leaseScript, []string{s.keys.lease(name)}, s.now(), owner, millis(ttl))
	if err != nil {
		return 0, false, s.fail("lease "+name, err)
	}
	r := strs(v)
	if len(r) != 2 {
		return 0, false, s.fail("lease "+name, errReply)
	}
	fence, err := strconv.ParseUint(r[0], 10, 64)
	return fence, r[1] == "1", s.fail("lease "+name, err)
}

// KEYS: lease. ARGV: owner.
var unleaseScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('HSET', KEYS[1], 'owner', '') end
`)

// Unlease implements news.Store and bot.Store.
func (s *Store) Unlease(ctx context.Context, name, owner string) error {
	_, err := s.run(ctx, unleaseScript, []string{s.keys.lease(name)}, owner)
	return s.fail("give up the lease "+name, err)
}

// KEYS: aliases. ARGV: now.
// Returns article, story, source and expiry for each key, all "" where unknown.
var resolveScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
local out = {}
for i, key in ipairs(KEYS) do
  local a = redis.call('HMGET', key, 'article', 'story', 'source', 'until')
  local known = a[4] and tonumber(a[4]) > now
  for f = 1, 4 do out[#out + 1] = known and a[f] or '' end
end
return out
`)

// Resolve implements news.Store.
func (s *Store) Resolve(ctx context.Context, aliases []string) ([]news.Known, error) {
	out := make([]news.Known, len(aliases))
	if len(aliases) == 0 {
		return out, ctx.Err()
	}
	v, err := s.run(ctx, resolveScript, each(s.keys.alias, aliases), s.now())
	if err != nil {
		return nil, s.fail("resolve", err)
	}
	r := strs(v)
	if len(r) != 4*len(aliases) {
		return nil, s.fail("resolve", errReply)
	}
	for i := range out {
		expires, err := parseStamp(r[4*i+3])
		if err != nil {
			return nil, s.fail("resolve", err)
		}
		out[i] = news.Known{Article: r[4*i], Story: r[4*i+1], Source: r[4*i+2], Expires: expires}
	}
	return out, nil
}

// KEYS: desk lease, sequence, changed, updated; a key for each alias, article
// and story, in this order.
// ARGV: now, fence, prefix of members, how many aliases, articles, stories;
// article, story, source, ttl in ms of each alias; id, story, json of each
// article; id, updated in ms, json of each story.
// Returns the last sequence, or "fenced", or "claimed", which alias (from 1)
// and the article that has it. It looks at everything before it writes.
var commitScript = redis.NewScript(prelude + `
local now = clock(ARGV[1])
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then return {'fenced'} end
local aliases, articles, stories = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local claims = {}
for i = 1, aliases do
  local key, article = KEYS[4 + i], ARGV[6 + 4 * i - 3]
  local a = redis.call('HMGET', key, 'article', 'until')
  local holder = claims[key]
  if a[2] and tonumber(a[2]) > now then holder = a[1] end
  if holder and holder ~= article then return {'claimed', whole(i), holder} end
  claims[key] = article
end

for i = 1, aliases do
  local key, at = KEYS[4 + i], 6 + 4 * i - 3
  local ttl = tonumber(ARGV[at + 3])
  redis.call('HSET', key, 'article', ARGV[at], 'story', ARGV[at + 1], 'source', ARGV[at + 2], 'until', whole(now + ttl))
  -- A clock that is given may be slower than the server's, which ends keys.
  if ARGV[1] == '' then redis.call('PEXPIRE', key, whole(ttl)) end
end
for i = 1, articles do
  local key, at = KEYS[4 + aliases + i], 6 + 4 * aliases + 3 * i - 2
  local id, story = ARGV[at], ARGV[at + 1]
  local old = redis.call('HGET', key, 'story')
  if old and old ~= story then redis.call('SREM', ARGV[3] .. old, id) end
  redis.call('SADD', ARGV[3] .. story, id)
  redis.call('HSET', key, 'story', story, 'json', ARGV[at + 2])
end
local last
for i = 1, stories do
  local key, at = KEYS[4 + aliases + articles + i], 6 + 4 * aliases + 3 * articles + 3 * i - 2
  last = whole(redis.call('INCR', KEYS[2]))
  redis.call('ZADD', KEYS[3], last, ARGV[at])
  redis.call('ZADD', KEYS[4], ARGV[at + 1], ARGV[at])
  redis.call('HSET', key, 'seq', last, 'json', ARGV[at + 2])
end
return {last or '0'}
`)

// Commit implements news.Store.
func (s *Store) Commit(ctx context.Context, b *news.Batch) error {
	k := []string{s.keys.lease(news.DeskLease), s.keys.sequence(), s.keys.changed(), s.keys.updated()}
	args := []any{s.now(), strconv.FormatUint(b.Fence, 10), s.keys.members(""), len(b.Aliases), len(b.Articles), len(b.Stories)}
	for _, a := range b.Aliases {
		k = append(k, s.keys.alias(a.Key))
		args = append(args, a.Article, a.Story, a.Source, millis(a.TTL))
	}
	for _, a := range b.Articles {
		raw, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("commit: article %s: %w", a.ID, err)
		}
		k = append(k, s.keys.article(a.ID))
		args = append(args, a.ID, a.Story, raw)
	}
	for _, st := range b.Stories {
		raw, err := json.Marshal(st)
		if err != nil {
			return fmt.Errorf("commit: story %s: %w", st.ID, err)
		}
		k = append(k, s.keys.story(st.ID))
		args = append(args, st.ID, st.Updated.UnixMilli(), raw)
	}
	v, err := s.run(ctx, commitScript, k, args...)
	if err != nil {
		return s.fail("commit", err)
	}
	switch r := strs(v); {
	case len(r) == 1 && r[0] == "fenced":
		return fmt.Errorf("commit: %w", news.ErrFenced)
	case len(r) == 3 && r[0] == "claimed":
		i, err := strconv.Atoi(r[1])
		if err != nil || i < 1 || i > len(b.Aliases) {
			return s.fail("commit", errReply)
		}
		a := b.Aliases[i-1]
		return fmt.Errorf("commit: %w: %s claims %.200q of %s", news.ErrClaimed, a.Article, a.Key, r[2])
	case len(r) == 1:
		last, err := strconv.ParseUint(r[0], 10, 64)
		if err != nil {
			return s.fail("commit", errReply)
		}
		for i := range b.Stories {
			b.Stories[i].Seq = last - uint64(len(b.Stories)-1-i)
		}
		return nil
	}
	return s.fail("commit", errReply)
}

// KEYS: hashes of articles or stories.
// Returns json and seq of each; both are nil where it is missing.
var lookupScript = redis.NewScript(`
local out = {}
for i, key in ipairs(KEYS) do
  local v = redis.call('HMGET', key, 'json', 'seq')
  out[#out + 1] = v[1] or ''
  out[#out + 1] = v[2] or ''
end
return out
`)

// lookupStep bounds how many hashes one script reads: others wait meanwhile.
const lookupStep = 500

func lookup[T any](ctx context.Context, s *Store, keys []string, setSeq func(*T, uint64)) ([]T, error) {
	var out []T
	for len(keys) > 0 {
		step := keys[:min(len(keys), lookupStep)]
		keys = keys[len(step):]
		v, err := s.run(ctx, lookupScript, step)
		if err != nil {
			return nil, err
		}
		if out, err = decode(out, strs(v), setSeq); err != nil {
			return nil, err
		}
	}
	return out, ctx.Err()
}

// decode appends what pairs of json and seq say to out.
func decode[T any](out []T, pairs []string, setSeq func(*T, uint64)) ([]T, error) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "" {
			continue
		}
		var v T
		if err := json.Unmarshal([]byte(pairs[i]), &v); err != nil {
			return nil, fmt.Errorf("%w: %w", errReply, err)
		}
		if setSeq != nil {
			seq, err := strconv.ParseUint(pairs[i+1], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%w: sequence %q", errReply, pairs[i+1])
			}
			setSeq(&v, seq)
		}
		out = append(out, v)
	}
	return out, nil
}

func setSeq(st *news.Story, seq uint64) { st.Seq = seq }

// Articles implements news.Store.
func (s *Store) Articles(ctx context.Context, ids []string) ([]news.Article, error) {
	out, err := lookup[news.Article](ctx, s, each(s.keys.article, ids), nil)
	return out, s.fail("read articles", err)
}

// Stories implements news.Store.
func (s *Store) Stories(ctx context.Context, ids []string) ([]news.Story, error) {
	out, err := lookup(ctx, s, each(s.keys.story, ids), setSeq)
	return out, s.fail("read stories", err)
}

// KEYS: changed. ARGV: after, limit, prefix of stories.
// Returns json and seq of each.
var changedScript = redis.NewScript(`
local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
  local v = redis.call('HMGET', ARGV[3] .. id, 'json', 'seq')
  out[#out + 1] = v[1] or ''
  out[#out + 1] = v[2] or ''
end
return out
`)

// Changed implements news.Store.
func (s *Store) Changed(ctx context.Context, after uint64, limit int) ([]news.Story, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	v, err := s.run(ctx, changedScript, []string{s.keys.changed()}, strconv.FormatUint(after, 10), limit, s.keys.story(""))
	if err != nil {
		return nil, s.fail("changed stories", err)
	}
	out, err := decode(nil, strs(v), setSeq)
	return out, s.fail("changed stories", err)
}

// Feeds implements news.Store.
func (s *Store) Feeds(ctx context.Context) ([]news.FeedState, error) {
	out, err := values[news.FeedState](ctx, s, s.keys.feeds())
	return out, s.fail("read feeds", err)
}

// SaveFeed implements news.Store.
func (s *Store) SaveFeed(ctx context.Context, f news.FeedState) error {
	return s.fail("save the state of feed "+f.URL, s.saveField(ctx, s.keys.feeds(), f.URL, f))
}

// KEYS: changed, updated. ARGV: before in ms, limit, prefixes of stories,
// members and articles. Returns how many stories went.
var purgeScript = redis.NewScript(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  for _, article in ipairs(redis.call('SMEMBERS', ARGV[4] .. id)) do redis.call('DEL', ARGV[5] .. article) end
  redis.call('DEL', ARGV[3] .. id, ARGV[4] .. id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
return #ids
`)

// purgeStep bounds how many stories one script forgets: others wait meanwhile.
const purgeStep = 200

// Purge implements news.Store. It takes several steps, each of which forgets
// some stories whole. Aliases go by themselves when they expire.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	k := []string{s.keys.changed(), s.keys.updated()}
	for total := 0; ; {
		v, err := s.run(ctx, purgeScript, k, before.UnixMilli(), purgeStep, s.keys.story(""), s.keys.members(""), s.keys.article(""))
		if err != nil {
			return total, s.fail("purge", err)
		}
		n, _ := v.(int64)
		total += int(n)
		if n < purgeStep {
			return total, nil
		}
	}
}
