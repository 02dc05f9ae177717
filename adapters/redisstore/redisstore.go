// Package redisstore keeps everything in Redis, for replicas that share it. It
// implements news.Store and bot.Store on a single server, behind Sentinel, or
// on Cluster. It needs Redis 5 or later, or one of its descendants.
//
// # Keys
//
// keys.go has a function for every key, with its type. All keys begin with one
// prefix whose hash tag keeps them in one slot, so that a script may touch
// several of them on Cluster too: the outbox and the news of one desk live on
// one node, and further nodes carry what else the cluster is used for.
//
// # Steps
//
// Whatever must be atomic is one Lua script. Articles, stories, feeds,
// subscriptions and what a delivery says of itself are JSON that scripts do not
// look into, but to forget a delivery; what they compare stands apart. Times are whole
// milliseconds and come from the server's clock, in the script that needs them
// (Options.Now replaces it in tests). Numbers that a caller brings are compared
// as strings: Lua's are exact to 2^53 only. Those that Redis counts itself
// begin at 1 and stay below that for ever.
//
// # Retries and crashes
//
// No command is sent twice: the client's own retries are off, since they repeat
// a write whose answer was lost. A method that fails may therefore have taken
// effect. Every caller can live with that: a batch or a delivery stored twice
// is stored once, a lost claim runs out, a lost settlement leaves the delivery
// in doubt. What survives a crash of Redis itself is for its configuration to
// say; Open warns where that is too little.
//
// A cancelled context ends a call before its command is sent, and a deadline
// ends it at any time; a server that hangs holds a call for readTimeout at most.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/news"
)

// Options open a Store.
type Options struct {
	Now    func() time.Time // nil for the server's clock, which is right wherever replicas share it
	Prefix string           // of every key; "{newsdesk}:". The braces keep the keys in one slot of a cluster
	Logger *slog.Logger     // slog.Default()
}

// DefaultPrefix begins every key where Options say nothing else.
const DefaultPrefix = "{newsdesk}:"

const (
	openTimeout = 4 * time.Second // for Open to find the server
	dialTimeout = 2 * time.Second
	readTimeout = 5 * time.Second // for one command
	settleTime  = 6 * time.Second // for the settlements of one script
	// poolMost is how many connections are open at the same time. A command
	// keeps one for as long as the server takes: go-redis's 10 for each core
	// make a queue of a server that is slow.
	poolMost = 128
)

// A Store is a pool of connections. Its methods are safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	addr   string // for people, without a password
	keys   keys
	clock  func() time.Time // nil for the server's
	log    *slog.Logger

	undurable atomic.Pointer[time.Time] // when the server last could not tell when a claim is on its disk, nil where it can

	running     sync.WaitGroup // of settleAll
	settling    sync.Mutex
	settlements []*settlement // that wait
	settles     bool          // settleAll runs
}

// Open connects to the Redis at url and makes sure that it answers:
//
//	redis://[user:password@]host[:port][/db]       rediss:// for TLS
//	unix://[user:password@]/path/to.sock[?db=0]
//	redis+sentinel://[user:password@]host1[:port],host2/master[?db=0]
//	redis+cluster://[user:password@]host1[:port],host2
//
// Close it in the end.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if err := checkPrefix(o.Prefix); err != nil {
		return nil, err
	}
	opts, addr, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	// What the client would print of failed connections comes back as errors.
	redis.SetLogger(quiet{})
	s := &Store{client: redis.NewUniversalClient(opts), addr: addr, keys: keys{o.Prefix}, clock: o.Now, log: o.Logger}
	if err := s.ping(ctx); err != nil {
		return nil, errors.Join(err, s.client.Close())
	}
	s.warn(ctx)
	return s, nil
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// checkPrefix refuses a prefix whose keys a cluster would spread.
func checkPrefix(p string) error {
	if i := strings.IndexByte(p, '{'); i < 0 || strings.IndexByte(p[i:], '}') < 2 {
		return fmt.Errorf("redis prefix %q: want a name in braces, as in %q: they keep the keys in one slot of a cluster", p, DefaultPrefix)
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error {
	s.running.Wait()
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return s.fail("close", err)
	}
	return nil
}

// ping asks the server that has the keys whether it is there.
func (s *Store) ping(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	c, err := s.master(wait)
	if err == nil {
		err = c.Ping(wait).Err()
	}
	if err == nil || ctx.Err() != nil {
		return s.fail("open", errors.Join(err, ctx.Err()))
	}
	const hint = "start it, or leave redis_url empty to use the embedded store"
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("redis at %s does not answer: %w: %s", s.addr, syscall.ECONNREFUSED, hint)
	case errors.As(err, &dns):
		return fmt.Errorf("redis at %s does not answer: no such host %s: correct redis_url, or leave it empty to use the embedded store", s.addr, dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("redis at %s does not answer within %v: %s", s.addr, openTimeout, hint)
	case redis.HasErrorPrefix(err, "WRONGPASS"), redis.HasErrorPrefix(err, "NOAUTH"), redis.HasErrorPrefix(err, "NOPERM"), redis.HasErrorPrefix(err, "AUTH"):
		return fmt.Errorf("redis at %s refuses the login: %w: correct user and password in redis_url", s.addr, err)
	}
	return fmt.Errorf("redis at %s does not answer: %w: %s", s.addr, err, hint)
}

// master returns the client of the server that has the keys. On Cluster that
// is the slot's own node: the cluster client would repeat commands whose
// answer was lost.
func (s *Store) master(ctx context.Context) (redis.UniversalClient, error) {
	if c, ok := s.client.(*redis.ClusterClient); ok {
		return c.MasterForKey(ctx, s.keys.prefix)
	}
	return s.client, nil
}

const (
	redirects    = 10                     // how often one call follows the slot to another node
	redirectWait = 100 * time.Millisecond // for the map of the cluster to be read again
)

// run runs a script on the master and returns its reply, nil where that is
// empty. A cluster that is moving the slot refuses the script before it runs:
// then, and only then, it is sent again.
func (s *Store) run(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	return s.try(ctx, func(c redis.UniversalClient) (any, error) { return script.Run(ctx, c, keys, args...).Result() })
}

func (s *Store) try(ctx context.Context, run func(redis.UniversalClient) (any, error)) (any, error) {
	cluster, _ := s.client.(*redis.ClusterClient)
	for try := 0; ; try++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := s.master(ctx)
		if err != nil {
			return nil, err
		}
		v, err := run(c)
		if errors.Is(err, redis.Nil) {
			return nil, nil
		}
		if err == nil || cluster == nil {
			return v, err
		}
		cluster.ReloadState(ctx)
		if try == redirects || !refusedBySlot(err) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(redirectWait):
		}
	}
}

func refusedBySlot(err error) bool {
	for _, p := range []string{"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY"} {
		if redis.HasErrorPrefix(err, p) {
			return true
		}
	}
	return false
}

// fail names the step and the server, where err is one, and says what to do.
func (s *Store) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	prefix := refusal(err)
	switch prefix {
	case "":
		return fmt.Errorf("%s: redis at %s: %w", what, s.addr, err)
	case "LOADING": // which refuses to read, too
	default:
		err = fmt.Errorf("%w: %w", news.ErrReadOnly, err)
	}
	return fmt.Errorf("%s: redis at %s: %w: %s", what, s.addr, err, hints[prefix])
}

// refusal is the prefix of hints that err has, "" for none.
func refusal(err error) string {
	for prefix := range hints {
		if redis.HasErrorPrefix(err, prefix) {
			return prefix
		}
	}
	return ""
}

// hints are for the errors by which a server refuses all writes. It refuses a
// script before its first write, so that none is half done.
var hints = map[string]string{
	"OOM":      "redis is full: raise its maxmemory; all is kept and goes on when there is room",
	"READONLY": "this is a replica: name the master in redis_url, or let Sentinel name it with redis+sentinel://; all goes on when it is the master",
	"MISCONF":  "redis cannot write to its disk: see its log; all goes on when it can",
	"LOADING":  "redis is starting; all goes on when it has read its data",
	// min-replicas-to-write
	"NOREPLICAS": "too few replicas follow this redis: start one, or lower its min-replicas-to-write; all goes on when they follow",
}

// now is the first argument of every script that asks for the time: empty, or
// milliseconds since 1970.
func (s *Store) now() string {
	if s.clock == nil {
		return ""
	}
	return strconv.FormatInt(s.clock().UnixMilli(), 10)
}

// millis is d in milliseconds, rounded up: nothing ends before its time.
func millis(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

// stamp is t in milliseconds since 1970, rounded up, and 0 for the zero time.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Add(time.Millisecond - 1).UnixMilli()
}

// prelude begins every script that asks for the time.
const prelude = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function whole(n) return string.format('%.0f', n) end
`

// strs reads a reply as strings; what is missing or no string is "".
func strs(v any) []string {
	list, _ := v.([]any)
	out := make([]string, len(list))
	for i, e := range list {
		switch e := e.(type) {
		case string:
			out[i] = e
		case int64:
			out[i] = strconv.FormatInt(e, 10)
		}
	}
	return out
}

// errReply reports a reply that no script of this package gives.
var errReply = errors.New("unexpected reply: is it written by another version of newsdesk?")

func parseStamp(s string) (time.Time, error) {
	if s == "" || s == "0" {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time %q", errReply, s)
	}
	return time.UnixMilli(ms).UTC(), nil
}
