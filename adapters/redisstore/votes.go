package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
)

const secretLen = 32

// Secret implements bot.Store.
func (s *Store) Secret(ctx context.Context) ([]byte, error) {
	c, err := s.master(ctx)
	if err != nil {
		return nil, s.fail("the secret", err)
	}
	secret := make([]byte, secretLen)
	rand.Read(secret)
	if err := c.SetNX(ctx, s.keys.secret(), secret, 0).Err(); err != nil {
		return nil, s.fail("the secret", err)
	}
	if secret, err = c.Get(ctx, s.keys.secret()).Bytes(); err == nil && len(secret) != secretLen {
		err = errors.New("it has not 32 bytes")
	}
	return secret, s.fail("the secret", err)
}

// KEYS: votes, voted. ARGV: field, vote, when, when votes are too old.
var saveVoteScript = redis.NewScript(`
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4], 'LIMIT', 0, 1000)
for _, f in ipairs(old) do
  redis.call('HDEL', KEYS[1], f)
  redis.call('ZREM', KEYS[2], f)
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
`)

// SaveVote implements bot.Store.
func (s *Store) SaveVote(ctx context.Context, v bot.Vote) error {
	what := fmt.Sprintf("save a vote on %s in %s", v.Story, v.Channel)
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	c := string(v.Channel)
	_, err = s.run(ctx, saveVoteScript, []string{s.keys.votes(c), s.keys.voted(c)},
		v.Story+"\x00"+v.User, raw, v.At.UnixMilli(), v.At.Add(-bot.VoteTime).UnixMilli())
	return s.fail(what, err)
}

// Votes implements bot.Store.
func (s *Store) Votes(ctx context.Context, c bot.Channel, since time.Time) ([]bot.Vote, error) {
	all, err := values[bot.Vote](ctx, s, s.keys.votes(string(c)))
	if err != nil {
		return nil, s.fail("read the votes of "+string(c), err)
	}
	var out []bot.Vote
	for _, v := range all {
		if !v.At.Before(since) {
			out = append(out, v)
		}
	}
	return out, nil
}
