package redisstore

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// parseURL returns the client's options and the address as people may see it.
// No error holds the url: it may have a password.
func parseURL(raw string) (*redis.UniversalOptions, string, error) {
	scheme, rest, _ := strings.Cut(raw, "://")
	// A password with a bare "/", "?" or "#" would end up in an error as
	// database or parameter.
	if i := strings.IndexAny(rest, "/?#"); i >= 0 && strings.Contains(rest[i:], "@") && scheme != "unix" || strings.Count(rest, "@") > 1 {
		return nil, "", fmt.Errorf("redis_url: %w", errShape)
	}
	var (
		o    *redis.UniversalOptions
		addr string
		err  error
	)
	switch scheme {
	case "redis", "rediss", "unix":
		o, err = parseSingle(raw)
		if err == nil {
			addr = o.Addrs[0]
		}
	case "redis+sentinel", "rediss+sentinel":
		o, err = parseMany(rest, "26379", "db", "sentinel_username", "sentinel_password")
		if err == nil && o.MasterName == "" {
			err = errors.New("the master's name is missing: want redis+sentinel://host1,host2/mastername")
		}
		if err == nil {
			addr = fmt.Sprintf("sentinel %s (master %s)", strings.Join(o.Addrs, ","), o.MasterName)
		}
	case "redis+cluster", "rediss+cluster":
		o, err = parseMany(rest, "6379")
		if err == nil && o.MasterName != "" {
			err = errors.New("a cluster has no databases and no names: want redis+cluster://host1,host2")
		}
		if err == nil {
			o.IsClusterMode = true
			addr = "cluster " + strings.Join(o.Addrs, ",")
		}
	default:
		err = errors.New("want redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// and an address, as in redis://localhost:6379/0")
	}
	if err != nil {
		return nil, "", fmt.Errorf("redis_url: %w", err)
	}
	if strings.HasPrefix(scheme, "rediss") && o.TLSConfig == nil {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	o.MaxRetries = -1 // see the package comment
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.PoolSize = poolMost
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, addr, nil
}

func parseSingle(raw string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errShape
	}
	if err := onlyParams(u.Query(), "db", "skip_verify"); err != nil {
		return nil, err
	}
	p, err := redis.ParseURL(raw)
	if err != nil {
		// Its errors speak of the parts behind the password alone.
		return nil, errors.New(strings.TrimPrefix(err.Error(), "redis: "))
	}
	return &redis.UniversalOptions{Addrs: []string{p.Addr}, DB: p.DB, Username: p.Username, Password: p.Password, TLSConfig: p.TLSConfig}, nil
}

var errShape = errors.New("it cannot be read as a URL: write special characters of the password as %XX")

// parseMany reads what follows the scheme of a URL with several hosts, which
// package url does not take: [user:password@]host[:port],host[:port][/name][?params].
func parseMany(rest, port string, params ...string) (*redis.UniversalOptions, error) {
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	login, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		login, hosts = authority[:i+1], authority[i+1:]
	}
	u, err := url.Parse("redis://" + login + "host" + tail)
	if err != nil {
		return nil, errShape
	}
	q := u.Query()
	if err := onlyParams(q, params...); err != nil {
		return nil, err
	}
	o := &redis.UniversalOptions{
		Username: u.User.Username(), MasterName: strings.Trim(u.Path, "/"),
		SentinelUsername: q.Get("sentinel_username"), SentinelPassword: q.Get("sentinel_password"),
	}
	o.Password, _ = u.User.Password()
	if db := q.Get("db"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, fmt.Errorf("db=%s: want a number from 0", db)
		}
	}
	for h := range strings.SplitSeq(hosts, ",") {
		host, p, err := net.SplitHostPort(h)
		if err != nil {
			host, p = strings.Trim(h, "[]"), port
		}
		if _, err := strconv.ParseUint(p, 10, 16); err != nil || host == "" {
			return nil, errors.New("want host1,host2, each with or without :port")
		}
		o.Addrs = append(o.Addrs, net.JoinHostPort(host, p))
	}
	return o, nil
}

func onlyParams(q url.Values, known ...string) error {
	for name := range q {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown parameter %q: known are %v", name, known)
		}
	}
	return nil
}
