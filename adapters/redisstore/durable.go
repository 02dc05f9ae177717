package redisstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// fsyncTime is how long a claim waits to be on the server's disk. A server
// that writes once a second takes up to that long, and longer where its disk
// is slow.
const fsyncTime = 3 * time.Second

// errNotDurable reports a claim that a crash of Redis might forget. Nothing
// may be posted under it; it runs out.
var errNotDurable = errors.New("redis did not write the claim to its disk in time")

// runDurable is run for a script whose effect must outlive a crash of the
// server before anything is done about it. WAITAOF waits for what was written
// on its own connection, so that both go in one pipeline
// (redis.io/docs/latest/commands/waitaof). Servers without it have
// appendfsync always, or warn.
func (s *Store) runDurable(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	if s.undurable.Load() {
		return s.run(ctx, script, keys, args...)
	}
	return s.try(ctx, func(c redis.UniversalClient) (any, error) {
		v, wait, err := s.pipeline(ctx, c, script.EvalSha, keys, args...)
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			v, wait, err = s.pipeline(ctx, c, script.Eval, keys, args...)
		}
		if err != nil {
			return nil, err
		}
		if list, _ := v.([]any); len(list) == 0 {
			return v, nil // nothing was claimed
		}
		written, err := wait.Slice()
		if refused := (redis.Error)(nil); errors.As(err, &refused) {
			// As after a failover to a server of another kind.
			s.undurable.Store(true)
			s.log.Warn("redis does not tell any more when a claim is on its disk: after a crash of redis, news may be posted again", "redis", s.addr, "err", err)
			return v, nil
		} else if err != nil {
			return nil, err
		}
		if local, _ := written[0].(int64); local < 1 {
			return nil, errNotDurable
		}
		return v, nil
	})
}

type eval func(ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd

func (s *Store) pipeline(ctx context.Context, c redis.UniversalClient, eval eval, keys []string, args ...any) (any, *redis.Cmd, error) {
	p := c.Pipeline()
	script := eval(ctx, p, keys, args...)
	wait := p.Do(ctx, "WAITAOF", 1, 0, fsyncTime.Milliseconds())
	p.Exec(ctx) // the error is that of the first command that failed; each is asked below
	v, err := script.Result()
	return v, wait, err
}

// warn says what a crash of Redis would cost, and finds out whether the server
// tells when a write is on its disk.
func (s *Store) warn(ctx context.Context) {
	c, err := s.master(ctx)
	if err != nil {
		return
	}
	// With nothing written on the connection before, this comes back at once.
	err = c.Do(ctx, "WAITAOF", 1, 0, fsyncTime.Milliseconds()).Err()
	s.undurable.Store(err != nil)
	config := func(name string) (string, bool) {
		m, err := c.ConfigGet(ctx, name).Result()
		return m[name], err == nil
	}
	aof, told := config("appendonly")
	sync, _ := config("appendfsync")
	switch {
	case err == nil: // the claim waits for the disk
	case !told:
		s.log.Warn("redis does not tell its configuration, and cannot wait for its disk (WAITAOF, Redis 7.2): make sure that it has appendonly yes and appendfsync always, or after a crash of redis news may be posted again", "redis", s.addr)
	case aof != "yes":
		s.log.Warn("REDIS KEEPS NO APPEND-ONLY FILE: after a crash of redis, news may be posted again and news that wait may be lost; set appendonly yes, and appendfsync always before Redis 7.2", "redis", s.addr, "appendonly", aof)
	case sync != "always":
		s.log.Warn("redis writes its append-only file late and cannot wait for it (WAITAOF, Redis 7.2): after a crash of redis, news of the last second may be posted again; set appendfsync always, or update redis", "redis", s.addr, "appendfsync", sync)
	}
	if p, _ := config("maxmemory-policy"); strings.HasPrefix(p, "allkeys-") {
		s.log.Warn("redis may evict what the bot must remember; set maxmemory-policy noeviction", "redis", s.addr, "maxmemory-policy", p)
	}
}
