package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A pace keeps requests within Discord's limits, so that they wait here
// rather than be refused: ten thousand refusals in ten minutes get an address
// banned. The limits of a route are those that the last answers announced
// (discord.com/developers/docs/topics/rate-limits); a route that is not known
// yet is not limited. It serves one process; where several share a token, the
// headers tell each what the others used.
type pace struct {
	now    func() time.Time
	global *rate.Limiter

	mu     sync.Mutex
	paused time.Time // Discord refused everything until then
	routes map[string]*window
}

// A window is what is left of one route's limit.
type window struct {
	limit, left int
	ends        time.Time
	length      time.Duration // the longest time to its end that was announced
}

const (
	// globalRate is Discord's limit for a bot, less the one that is let
	// through at once.
	globalRate = 49
	// routesMax bounds the windows that are kept; finished ones are dropped first.
	routesMax = 4096
)

func newPace(now func() time.Time) *pace {
	return &pace{now: now, global: rate.NewLimiter(globalRate, 1), routes: map[string]*window{}}
}

// wait takes one request of route's limit, waiting up to patience for it. It
// returns how much longer the wait would be where that is not enough, and
// takes nothing then. err is that of ctx.
func (p *pace) wait(ctx context.Context, route string, patience time.Duration, unlimited bool) (time.Duration, error) {
	deadline := p.now().Add(patience)
	for {
		d := p.take(route)
		if d == 0 {
			break
		}
		if p.now().Add(d).After(deadline) {
			return d, nil
		}
		if err := sleep(ctx, d); err != nil {
			return 0, err
		}
	}
	if unlimited {
		return 0, ctx.Err()
	}
	r := p.global.ReserveN(p.now(), 1)
	d := r.DelayFrom(p.now())
	if p.now().Add(d).After(deadline) {
		r.CancelAt(p.now())
		p.give(route)
		return d, nil
	}
	if err := sleep(ctx, d); err != nil {
		r.CancelAt(p.now())
		p.give(route)
		return 0, err
	}
	return 0, nil
}

// take uses one request of the route, or returns how long it has to wait.
func (p *pace) take(route string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if d := p.paused.Sub(now); d > 0 {
		return d
	}
	w := p.routes[route]
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
	if w := p.routes[route]; w != nil {
		w.left++
	}
}

// learn reads the limits that an answer announces.
func (p *pace) learn(route string, x exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if x.status == http.StatusTooManyRequests {
		l := readLimit(x)
		if l.global {
			p.paused = now.Add(l.after)
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

// window returns the route's window, made where it is new.
func (p *pace) window(route string) *window {
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
