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

// KEYS: votes, voted. ARGV: field, vote, when, channel.
var saveVoteScript = redis.NewScript(`
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4] .. '\0' .. ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
`)

// SaveVote implements bot.Store.
func (s *Store) SaveVote(ctx context.Context, v bot.Vote) error {
	what := fmt.Sprintf("save a vote on %s in %s", v.Story, v.Channel)
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	c := string(v.Channel)
	_, err = s.run(ctx, saveVoteScript, []string{s.keys.votes(c), s.keys.voted()}, v.Story+"\x00"+v.User, raw, v.At.UnixMilli(), c)
	return s.fail(what, err)
}

// KEYS: voted. ARGV: before when votes were given, how many to forget at most,
// votes of no channel. Returns how many were forgotten.
var forgetVotesScript = redis.NewScript(`
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, vote in ipairs(old) do
  local zero = string.find(vote, '\0', 1, true)
  redis.call('HDEL', ARGV[3] .. string.sub(vote, 1, zero - 1), string.sub(vote, zero + 1))
  redis.call('ZREM', KEYS[1], vote)
end
return #old
`)

// ForgetVotes implements bot.Store.
func (s *Store) ForgetVotes(ctx context.Context, before time.Time) (n int, err error) {
	for more := true; more && err == nil; {
		var v any
		v, err = s.run(ctx, forgetVotesScript, []string{s.keys.voted()}, before.UnixMilli(), forgetStep, s.keys.votes(""))
		done, _ := v.(int64)
		n += int(done)
		more = done == forgetStep
	}
	return n, s.fail("forget votes", err)
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
