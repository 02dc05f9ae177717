package discordtest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// knobs are the failures that were asked for.
type knobs struct {
	throttle   int
	retryAfter time.Duration
	scope      string
	lose       int
	late       []time.Duration
	drop       int
	answers    []canned
	refusals   map[string]int // by channel
	latency    time.Duration

	loseCallbacks  int
	publishRefusal int
	losePublishes  int
}

type canned struct {
	status int
	body   string
}

func (s *Server) turn(f func(k *knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.knobs)
}

// Heal takes back every failure that was asked for and did not happen yet.
func (s *Server) Heal() { s.turn(func(k *knobs) { *k = knobs{} }) }

// Throttle refuses the next n messages with 429. scope is "user", "global" or
// "shared".
func (s *Server) Throttle(n int, retryAfter time.Duration, scope string) {
	s.turn(func(k *knobs) { k.throttle, k.retryAfter, k.scope = n, retryAfter, scope })
}

// LoseAnswer creates the next n messages and cuts the connection unanswered.
func (s *Server) LoseAnswer(n int) { s.turn(func(k *knobs) { k.lose = n }) }

// LandLate cuts the next message's connection; the message is created when d
// has passed.
func (s *Server) LandLate(d time.Duration) { s.turn(func(k *knobs) { k.late = append(k.late, d) }) }

// Drop cuts the connection of the next n messages without creating them.
func (s *Server) Drop(n int) { s.turn(func(k *knobs) { k.drop = n }) }

// Answer refuses the next n messages with a status and a body as they are,
// such as a gateway's 502 in HTML.
func (s *Server) Answer(n, status int, body string) {
	s.turn(func(k *knobs) {
		for range n {
			k.answers = append(k.answers, canned{status, body})
		}
	})
}

// LoseCallbacks takes the next n first answers to interactions and cuts the
// connection unanswered.
func (s *Server) LoseCallbacks(n int) { s.turn(func(k *knobs) { k.loseCallbacks = n }) }

// Refuse answers every message to a channel, and every edit there, with the
// error of that code from now on; 0 ends it.
func (s *Server) Refuse(channel string, code int) {
	s.turn(func(k *knobs) {
		if k.refusals == nil {
			k.refusals = map[string]int{}
		}
		if k.refusals[channel] = code; code == 0 {
			delete(k.refusals, channel)
		}
	})
}

// Latency delays every request.
func (s *Server) Latency(d time.Duration) { s.turn(func(k *knobs) { k.latency = d }) }

// spoil applies the knobs to a request that creates a message. A non-nil
// result answers it; an aborted connection never returns.
func (s *Server) spoil(w http.ResponseWriter, channel string) (fate fate, no *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := &s.knobs
	switch {
	case k.throttle > 0:
		k.throttle--
		throttled(w, k.retryAfter, k.scope)
		return answered, nil
	case k.drop > 0:
		k.drop--
		return dropped, nil
	case len(k.answers) > 0:
		a := k.answers[0]
		k.answers = k.answers[1:]
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(a.status)
		w.Write([]byte(a.body))
		return answered, nil
	case k.refusals[channel] != 0:
		return served, refuse(k.refusals[channel])
	case len(k.late) > 0:
		return lateLanding, nil
	case k.lose > 0:
		k.lose--
		return lost, nil
	}
	return served, nil
}

// A fate is what becomes of a request.
type fate int

const (
	served fate = iota
	answered
	dropped
	lost
	lateLanding
)

// limits are the rate limits that are enforced; none at first.
type limits struct {
	perChannel int
	perWindow  time.Duration
	global     int         // a second
	counted    []time.Time // the latest requests that counted

	published     int // messages of a channel in publishWindow
	publishWindow time.Duration
}

type window struct {
	used int
	ends time.Time
}

// Limit enforces Discord's limits from now on: so many messages for each
// channel in a window of time, and so many requests a second in all. Discord's
// own are known as 5 in 5 s and 50.
func (s *Server) Limit(perChannel int, window time.Duration, global int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.perChannel, s.limits.perWindow, s.limits.global, s.limits.counted = perChannel, window, global, nil
}

// take uses one of limit requests and returns what is left, negative where
// there was none, and the time to the window's end.
func (w *window) take(limit int, length time.Duration) (left int, ends time.Duration) {
	now := time.Now()
	if !now.Before(w.ends) {
		w.used, w.ends = 0, now.Add(length)
	}
	if w.used >= limit {
		return -1, w.ends.Sub(now)
	}
	w.used++
	return limit - w.used, w.ends.Sub(now)
}

// limitGlobal counts one request of the bot; the answer is written where there is one.
func (s *Server) limitGlobal(w http.ResponseWriter) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limits.global == 0 {
		return nil
	}
	// In any second: stricter than windows that stand still.
	l, now := &s.limits, time.Now()
	if len(l.counted) < l.global || now.Sub(l.counted[0]) >= time.Second {
		l.counted = append(l.counted[max(0, len(l.counted)-l.global+1):], now)
		return nil
	}
	ends := time.Second - now.Sub(l.counted[0])
	s.refused429()
	setLimitHeaders(w, ends, "global")
	return &refusal{status: http.StatusTooManyRequests, message: "You are being rate limited.", wait: max(ends, time.Millisecond)}
}

// limitChannel counts one message to c and sets the headers; s.mu is held.
func (s *Server) limitChannel(w http.ResponseWriter, c *channel) (ok bool) {
	if s.limits.perChannel == 0 {
		return true
	}
	left, ends := c.window.take(s.limits.perChannel, s.limits.perWindow)
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.limits.perChannel))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	h.Set("X-RateLimit-Reset", decimal(float64(time.Now().Add(ends).UnixMilli())/1000))
	h.Set("X-RateLimit-Reset-After", decimal(ends.Seconds()))
	h.Set("X-RateLimit-Bucket", "80c17d2f203122d936070c88c8d10f33")
	if left >= 0 {
		return true
	}
	s.refused429()
	throttled(w, ends, "user")
	return false
}

func (s *Server) refused429() { s.requests = append(s.requests, "429") }

// Throttled returns how many requests exceeded the limits.
func (s *Server) Throttled() int {
	n := 0
	for _, r := range s.Requests() {
		if r == "429" {
			n++
		}
	}
	return n
}

// throttled answers 429. As with some of Discord's limits the header is
// rounded while the body is exact.
func throttled(w http.ResponseWriter, d time.Duration, scope string) {
	setLimitHeaders(w, d, scope)
	writeJSON(w, http.StatusTooManyRequests, map[string]any{
		"message": "You are being rate limited.", "retry_after": d.Seconds(), "global": scope == "global",
	})
}

func setLimitHeaders(w http.ResponseWriter, d time.Duration, scope string) {
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(d.Seconds()))))
	h.Set("X-RateLimit-Scope", scope)
	if scope == "global" {
		h.Set("X-RateLimit-Global", "true")
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }
