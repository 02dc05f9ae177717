package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// fsyncTime is how long a claim waits to be on the server's disk, and as long
// again to be on a replica. A server that writes once a second takes up to that
// long, and longer where its disk is slow.
const fsyncTime = 3 * time.Second

// Each reports a claim that a crash of Redis might forget. Nothing may be
// posted under it; it runs out.
var (
	errNotDurable    = errors.New("redis did not write the claim to its disk in time")
	errNotReplicated = errors.New("no replica of redis took the claim in time: after a failover nobody would know of it")
)

// askAgain is after what time a server that could not tell whether a claim is
// on its disk is asked again: another may be the master by then.
const askAgain = time.Minute

// runDurable is run for a script whose effect must outlive a crash of the
// server before anything is done about it: one that comes back, and one whose
// replica takes its place. WAIT and WAITAOF wait for what was written on their
// own connection (redis.io/docs/latest/commands/waitaof). Servers without
// WAITAOF have appendfsync always, or warn.
func (s *Store) runDurable(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	asked := s.undurable.Load()
	return s.try(ctx, func(c redis.UniversalClient) (any, error) {
		single, ok := c.(*redis.Client)
		if !ok {
			return nil, fmt.Errorf("%T has no connection of its own", c)
		}
		conn := single.Conn()
		defer conn.Close()
		v, err := script.Run(ctx, conn, keys, args...).Result()
		if list, _ := v.([]any); err != nil || len(list) == 0 {
			return v, err // nothing was claimed: there is nothing to wait for
		}
		if asked == nil || time.Since(*asked) >= askAgain {
			if err := s.settleOnDisk(ctx, conn, asked != nil); err != nil {
				return nil, err
			}
		}
		if err := waitForReplica(ctx, conn); err != nil {
			return nil, err
		}
		return v, nil
	})
}

// settleOnDisk waits for what was written on conn, as far as the server tells.
// undurable says that it did not at last.
func (s *Store) settleOnDisk(ctx context.Context, conn *redis.Conn, undurable bool) error {
	written, err := s.waitForDisk(ctx, conn)
	switch {
	case cannotWait(err):
		if !undurable {
			s.log.Warn("redis does not tell any more when a claim is on its disk: after a crash of redis, news may be posted again; set appendonly yes", "redis", s.addr, "err", err)
		}
		now := time.Now()
		s.undurable.Store(&now)
	case err != nil:
		return fmt.Errorf("%w: %w", errNotDurable, err)
	case !written:
		return errNotDurable
	case undurable:
		s.undurable.Store(nil)
		s.log.Info("redis tells again when a claim is on its disk", "redis", s.addr)
	}
	return nil
}

// waitForDisk waits until what was written on conn is on the server's disk.
func (s *Store) waitForDisk(ctx context.Context, conn interface {
	Do(ctx context.Context, args ...any) *redis.Cmd
}) (bool, error) {
	disks, err := conn.Do(ctx, "WAITAOF", 1, 0, fsyncTime.Milliseconds()).Slice()
	if err != nil || len(disks) == 0 {
		return false, err
	}
	local, _ := disks[0].(int64)
	return local >= 1, nil
}

// waitForReplica waits until a replica has what was written on conn, where one
// follows the server.
func waitForReplica(ctx context.Context, conn *redis.Conn) error {
	role, err := conn.Do(ctx, "ROLE").Slice() // of a master: its name, its offset, and the replicas that are in step
	if cannotWait(err) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%w: %w", errNotReplicated, err)
	}
	if len(role) < 3 {
		return nil
	}
	if replicas, _ := role[2].([]any); len(replicas) == 0 {
		return nil
	}
	n, err := conn.Do(ctx, "WAIT", 1, fsyncTime.Milliseconds()).Int64()
	switch {
	case cannotWait(err):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", errNotReplicated, err)
	case n == 0:
		return errNotReplicated
	}
	return nil
}

// cannotWait reports whether err says that the server has no such command, or
// no append-only file. Any other refusal, as in a failover, passes.
func cannotWait(err error) bool {
	// HasErrorPrefix passes over "ERR".
	return redis.HasErrorPrefix(err, "unknown command") || redis.HasErrorPrefix(err, "NOPERM") ||
		redis.HasErrorPrefix(err, "WAITAOF") && strings.Contains(err.Error(), "appendonly is disabled")
}

// warn says what a crash of Redis would cost, and finds out whether the server
// tells when a write is on its disk.
func (s *Store) warn(ctx context.Context) {
	c, err := s.master(ctx)
	if err != nil {
		return
	}
	config := func(name string) (string, bool) {
		m, err := c.ConfigGet(ctx, name).Result()
		return m[name], err == nil
	}
	// With nothing written on the connection before, this comes back at once.
	if _, err := s.waitForDisk(ctx, c); cannotWait(err) {
		now := time.Now()
		s.undurable.Store(&now)
		aof, told := config("appendonly")
		sync, _ := config("appendfsync")
		switch {
		case !told:
			s.log.Warn("redis does not tell its configuration, and cannot wait for its disk (WAITAOF, Redis 7.2): make sure that it has appendonly yes and appendfsync always, or after a crash of redis news may be posted again", "redis", s.addr)
		case aof != "yes":
			s.log.Warn("REDIS KEEPS NO APPEND-ONLY FILE: after a crash of redis, news may be posted again and news that wait may be lost; set appendonly yes, and appendfsync always before Redis 7.2", "redis", s.addr, "appendonly", aof)
		case sync != "always":
			s.log.Warn("redis writes its append-only file late and cannot wait for it (WAITAOF, Redis 7.2): after a crash of redis, news of the last second may be posted again; set appendfsync always, or update redis", "redis", s.addr, "appendfsync", sync)
		}
	}
	policy, told := config("maxmemory-policy")
	if !told {
		_, after, _ := strings.Cut(c.Info(ctx, "memory").Val(), "maxmemory_policy:")
		policy, _, _ = strings.Cut(after, "\r\n")
	}
	if policy != "" && policy != "noeviction" {
		s.log.Warn("redis evicts, when it is full, what the bot must remember: news may be posted again or lost; set maxmemory-policy noeviction", "redis", s.addr, "maxmemory-policy", policy)
	}
}
