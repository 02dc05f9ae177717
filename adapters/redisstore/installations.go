package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"newsdesk/bot"
	"newsdesk/news"
)

func parseInstallation(raw string) (i bot.Installation, err error) {
	_, value, _ := strings.Cut(raw, " ")
	if err := json.Unmarshal([]byte(value), &i); err != nil {
		return i, fmt.Errorf("%w: %w", errReply, err)
	}
	return i, nil
}

// Installation implements bot.Installations.
func (s *Store) Installation(ctx context.Context, space string) (bot.Installation, error) {
	what := "read the installation in " + space
	c, err := s.master(ctx)
	if err != nil {
		return bot.Installation{}, s.fail(what, err)
	}
	raw, err := c.HGet(ctx, s.keys.installations(), space).Result()
	if errors.Is(err, redis.Nil) {
		return bot.Installation{}, fmt.Errorf("%s: %w", what, news.ErrNotFound)
	} else if err != nil {
		return bot.Installation{}, s.fail(what, err)
	}
	i, err := parseInstallation(raw)
	return i, s.fail(what, err)
}

// Installations implements bot.Installations.
func (s *Store) Installations(ctx context.Context) ([]bot.Installation, error) {
	const what = "read the installations"
	c, err := s.master(ctx)
	if err != nil {
		return nil, s.fail(what, err)
	}
	raws, err := c.HVals(ctx, s.keys.installations()).Result()
	if err != nil {
		return nil, s.fail(what, err)
	}
	out := make([]bot.Installation, len(raws))
	for n, raw := range raws {
		if out[n], err = parseInstallation(raw); err != nil {
			return nil, s.fail(what, err)
		}
	}
	slices.SortFunc(out, func(a, b bot.Installation) int { return strings.Compare(a.Space, b.Space) })
	return out, nil
}

// KEYS: installations. ARGV: space, the version it must have, "version json".
// Returns 1 where it was saved, else 0.
var saveInstallationScript = redis.NewScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
local version = old and string.match(old, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`)

// SaveInstallation implements bot.Installations.
func (s *Store) SaveInstallation(ctx context.Context, i bot.Installation) (bot.Installation, error) {
	what, old := "save the installation in "+i.Space, i.Version
	i.Version++
	raw, err := json.Marshal(i)
	if err != nil {
		return bot.Installation{}, fmt.Errorf("%s: %w", what, err)
	}
	v, err := s.run(ctx, saveInstallationScript, []string{s.keys.installations()}, i.Space, fmt.Sprint(old), fmt.Sprintf("%d %s", i.Version, raw))
	switch {
	case err != nil:
		return bot.Installation{}, s.fail(what, err)
	case v != int64(1):
		return bot.Installation{}, fmt.Errorf("%s: %w", what, news.ErrFenced)
	}
	return i, nil
}
