package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"newsdesk/bot"
)

// A pace keeps requests within Discord's limits, so that they wait here
// rather than be refused: ten thousand refusals in ten minutes get an address
// banned (discord.com/developers/docs/topics/rate-limits).
//
// The limit of all requests of a bot is one for all replicas, by the
// bot.Limiter. The limits of routes are those that the last answers announced;
// a route that is not known yet is not limited. They are this process' own:
// a channel is posted to by one replica, and the headers tell it what others used.
type pace struct {
	now    func() time.Time
	global *bot.Queue
	log    *slog.Logger

	mu      sync.Mutex
	buckets map[string]string  // route -> what it shares its limit with, where Discord has said so
	routes  map[string]*window // by bucket, or by route where there is none
	invalid []time.Time        // the refusals that count against this address
}

// A window is what is left of one route's limit.
type window struct {
	limit, left int
	ends        time.Time
	length      time.Duration // the longest time to its end that was announced
}

const (
	// globalMost is how many requests of a bot Discord takes in a second.
	globalMost = 50
	// routesMax bounds the windows that are kept; finished ones are dropped first.
	routesMax = 4096
	// invalidMost is how many refusals in invalidTime this process allows
	// itself of the ten thousand that an address has.
	invalidMost = 8000
	invalidTime = 10 * time.Minute
)

// newPace makes the pace of a bot that is known to l by its name.
func newPace(now func() time.Time, l bot.Limiter, name string, log *slog.Logger) *pace {
	return &pace{
		now: now, log: log, global: bot.NewQueue(l, bot.Limit{Key: "discord " + name + " all", Most: globalMost, Per: time.Second}),
		buckets: map[string]string{}, routes: map[string]*window{},
	}
}

// wait takes one request of route's limit, waiting up to patience for it, and
// a turn of the global one, which is to be ended. It returns how much longer
// the wait would be where that is not enough, and takes nothing then. err is
// that of ctx or of the limiter.
func (p *pace) wait(ctx context.Context, route string, patience time.Duration, unlimited bool) (*bot.Turn, time.Duration, error) {
	deadline := p.now().Add(patience)
	for {
		d := p.take(route)
		if d == 0 {
			break
		}
		if p.now().Add(d).After(deadline) {
			return nil, d, nil
		}
		if err := sleep(ctx, d); err != nil {
			return nil, 0, err
		}
	}
	if unlimited {
		return nil, 0, ctx.Err()
	}
	turn, d, err := p.global.Wait(ctx)
	if turn == nil {
		p.give(route)
	}
	return turn, d, err
}

// take uses one request of the route, or returns how long it has to wait.
func (p *pace) take(route string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if d := p.banned(now); d > 0 {
		return d
	}
	w := p.routes[p.bucket(route)]
	if w == nil || route == "" {
		return 0
	}
	if !now.Before(w.ends) {
		w.left, w.ends = w.limit, now.Add(w.length)
	}
	if w.left <= 0 {
		return w.ends.Sub(now)
	}
	w.left--
	return 0
}

// give returns what take took and was not sent.
func (p *pace) give(route string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.routes[p.bucket(route)]; w != nil {
		w.left = min(w.left+1, w.limit) // the window may be a later one
	}
}

// bucket is under what name a route's limit is kept; p.mu is held.
func (p *pace) bucket(route string) string { return cmp.Or(p.buckets[route], route) }

// banned returns how long nothing may be asked, lest Discord ban the address;
// p.mu is held.
func (p *pace) banned(now time.Time) time.Duration {
	if len(p.invalid) < invalidMost {
		return 0
	}
	return p.invalid[len(p.invalid)-invalidMost].Add(invalidTime).Sub(now)
}

// blame counts a refusal that counts against the address: 401, 403, and 429
// of what the bot itself used up; p.mu is held.
func (p *pace) blame(x exchange, now time.Time) {
	switch x.status {
	case http.StatusUnauthorized, http.StatusForbidden:
	case http.StatusTooManyRequests:
		if x.header.Get("X-RateLimit-Scope") == "shared" {
			return
		}
	default:
		return
	}
	if p.invalid = append(p.invalid, now); len(p.invalid) > invalidMost {
		p.invalid = slices.Delete(p.invalid, 0, len(p.invalid)-invalidMost)
	}
	if d := p.banned(now); d > 0 {
		p.log.Error("Discord refused too much: nothing is asked for a while, lest it ban this address; see what was refused", "refusals", invalidMost, "again_in", d)
	}
}

// learn reads the limits that an answer announces.
func (p *pace) learn(ctx context.Context, route string, x exchange) {
	if l := readLimit(x); x.status == http.StatusTooManyRequests && l.global {
		if err := p.global.Pause(context.WithoutCancel(ctx), l.after); err != nil {
			p.log.Warn("the other replicas were not told of Discord's global limit", "err", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.blame(x, now)
	if x.status == http.StatusTooManyRequests {
		l := readLimit(x)
		if l.global {
			return
		}
		if route != "" && l.known {
			p.window(route).close(now, l.after)
		}
		return
	}
	limit, err1 := strconv.Atoi(x.header.Get("X-RateLimit-Limit"))
	left, err2 := strconv.Atoi(x.header.Get("X-RateLimit-Remaining"))
	after, ok := seconds(x.header.Get("X-RateLimit-Reset-After"))
	if route == "" || err1 != nil || err2 != nil || !ok || limit < 1 {
		return
	}
	if b := x.header.Get("X-RateLimit-Bucket"); b != "" {
		p.share(route, b)
	}
	w := p.window(route)
	// Answers may overtake each other: within one window the smaller counts.
	if ends := now.Add(after); ends.Sub(w.ends) > after/2 {
		w.left = left
		w.ends = ends
	} else {
		w.left = min(w.left, left)
		w.ends = ends
	}
	w.limit, w.length = limit, max(w.length, after)
}

// close uses the window up until after has passed.
func (w *window) close(now time.Time, after time.Duration) {
	w.left, w.ends = 0, now.Add(after)
	w.limit = max(w.limit, 1)
}

// share notes that a route, "METHOD channel", has the bucket's limit in its
// channel; p.mu is held.
func (p *pace) share(route, bucket string) {
	_, channel, _ := strings.Cut(route, " ")
	name := bucket + " " + channel
	if p.buckets[route] == name {
		return
	}
	if len(p.buckets) >= routesMax {
		clear(p.buckets) // they are announced again
	}
	p.buckets[route] = name
}

// window returns the window of the route's bucket, made where it is new.
func (p *pace) window(route string) *window {
	route = p.bucket(route)
	if w := p.routes[route]; w != nil {
		return w
	}
	if len(p.routes) >= routesMax {
		for r, w := range p.routes {
			if p.now().After(w.ends) {
				delete(p.routes, r)
			}
		}
	}
	w := &window{}
	p.routes[route] = w
	return w
}

// A limit is what a 429 says.
type limit struct {
	after  time.Duration
	known  bool // the answer said so; otherwise after is a default
	global bool
}

const (
	// unknownLimit is the wait after a 429 that names none.
	unknownLimit = 5 * time.Second
	// wallLimit is the wait after a 429 that did not come from Discord's API
	// but from what stands before it.
	wallLimit = time.Minute
)

// readLimit reads a 429. The body counts more than the header: for some
// limits the header says a second where the body says twenty minutes
// (github.com/discord/discord-api-docs/issues/6109).
func readLimit(x exchange) limit {
	var body struct {
		RetryAfter *float64 `json:"retry_after"`
		Global     bool     `json:"global"`
	}
	l := limit{after: wallLimit}
	if json.Unmarshal(x.body, &body) == nil {
		l.after = unknownLimit
	}
	l.global = body.Global || x.header.Get("X-RateLimit-Global") == "true" || x.header.Get("X-RateLimit-Scope") == "global"
	if body.RetryAfter != nil && *body.RetryAfter >= 0 {
		l.after, l.known = fromSeconds(*body.RetryAfter), true
		return l
	}
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset-After"} {
		if d, ok := seconds(x.header.Get(name)); ok {
			l.after, l.known = d, true
			return l
		}
	}
	return l
}

// seconds reads a number of seconds that may have a fraction.
func seconds(s string) (time.Duration, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0) {
		return 0, false
	}
	return fromSeconds(f), true
}

// fromSeconds bounds what comes from outside to a day.
func fromSeconds(f float64) time.Duration {
	return time.Duration(min(f, 86400) * float64(time.Second))
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
