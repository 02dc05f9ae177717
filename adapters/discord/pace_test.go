package discord

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
)

// TestGlobalPace: never more than fifty requests in any second, and not much less.
func TestGlobalPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		var at []time.Time
		for range 500 {
			turn, d, err := p.wait(t.Context(), "", time.Second, false)
			if d != 0 || err != nil {
				t.Fatal(d, err)
			}
			at = append(at, time.Now())
			turn.End(t.Context(), true)
		}
		for i := 50; i < len(at); i++ {
			if at[i].Sub(at[i-50]) < time.Second {
				t.Fatalf("51 requests in %s", at[i].Sub(at[i-50]))
			}
		}
		if took := at[499].Sub(at[0]); took > 10500*time.Millisecond {
			t.Errorf("500 requests took %s", took)
		}
	})
}

func testPace() *pace {
	return newPace(time.Now, bot.NewLimiter(time.Now), "test", slog.New(slog.DiscardHandler))
}

// TestPaceSharesBuckets: routes that Discord counts together are kept together,
// each channel by itself.
func TestPaceSharesBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		for _, route := range []string{"POST 1", "PATCH 1", "POST 2"} {
			x := header("5", "1", "4")
			x.header.Set("X-RateLimit-Bucket", "b")
			p.learn(t.Context(), route, x)
		}
		for _, tt := range []struct {
			route string
			free  bool
		}{{"PATCH 1", true}, {"POST 1", false}, {"POST 2", true}} {
			if _, d, err := p.wait(t.Context(), tt.route, 0, true); err != nil || (d == 0) != tt.free {
				t.Errorf("%s waits %v (%v), want it free: %t", tt.route, d, err, tt.free)
			}
		}
	})
}

// TestPaceStopsBeforeTheBan: an address that is refused too often is banned.
func TestPaceStopsBeforeTheBan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		refused := func(status int, scope string) {
			h := http.Header{}
			h.Set("X-RateLimit-Scope", scope)
			p.learn(t.Context(), "POST 1", exchange{status: status, header: h})
		}
		for range invalidMost - 1 {
			refused(http.StatusForbidden, "")
		}
		for range 100 {
			refused(http.StatusTooManyRequests, "shared") // others used it up
			refused(http.StatusNotFound, "")
		}
		time.Sleep(time.Minute)
		if _, d, err := p.wait(t.Context(), "POST 2", 0, true); d != 0 || err != nil {
			t.Errorf("before the budget is used up: waits %v, %v", d, err)
		}
		refused(http.StatusUnauthorized, "")
		if _, d, err := p.wait(t.Context(), "POST 2", 0, true); d != invalidTime-time.Minute || err != nil {
			t.Errorf("waits %v, %v; want until the first refusal is ten minutes old", d, err)
		}
		time.Sleep(invalidTime)
		if _, d, err := p.wait(t.Context(), "POST 2", 0, true); d != 0 || err != nil {
			t.Errorf("afterwards: waits %v, %v", d, err)
		}
	})
}

// TestGlobalLimitPausesAllReplicas: what one was told, all keep to.
func TestGlobalLimitPausesAllReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, log := bot.NewLimiter(time.Now), slog.New(slog.DiscardHandler)
		a, b := newPace(time.Now, l, "test", log), newPace(time.Now, l, "test", log)
		h := http.Header{}
		h.Set("X-RateLimit-Scope", "global")
		a.learn(t.Context(), "POST 1", exchange{status: 429, header: h, body: []byte(`{"retry_after": 7.5, "global": true}`)})
		if turn, d, err := b.wait(t.Context(), "POST 2", time.Second, false); turn != nil || d != 7500*time.Millisecond || err != nil {
			t.Errorf("the other replica waits %v, %v; want 7.5s", d, err)
		}
		if _, d, err := b.wait(t.Context(), "POST 2", 0, true); d != 0 || err != nil {
			t.Errorf("an interaction waits %v, %v", d, err)
		}
	})
}

func header(limit, left, after string) exchange {
	h := http.Header{}
	h.Set("X-RateLimit-Limit", limit)
	h.Set("X-RateLimit-Remaining", left)
	h.Set("X-RateLimit-Reset-After", after)
	return exchange{status: 200, header: h}
}

func TestPaceLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		wait := func(route string) time.Duration {
			_, d, err := p.wait(t.Context(), route, 0, true)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		for range 100 {
			if d := wait("a"); d != 0 {
				t.Fatal("a route that nobody announced is limited")
			}
		}
		p.learn(t.Context(), "a", header("5", "2", "4.5"))
		for range 2 {
			if wait("a") != 0 {
				t.Error("what was left is refused")
			}
		}
		if d := wait("a"); d != 4500*time.Millisecond {
			t.Errorf("the third waits %s", d)
		}
		if d := wait("b"); d != 0 {
			t.Errorf("another route waits %s", d)
		}
		// An answer that was overtaken says that more is left.
		p.learn(t.Context(), "a", header("5", "4", "4.5"))
		if d := wait("a"); d == 0 {
			t.Error("an overtaken answer opened the window")
		}
		time.Sleep(4500 * time.Millisecond)
		for range 5 {
			if d := wait("a"); d != 0 {
				t.Fatalf("the new window waits %s", d)
			}
		}
		if wait("a") == 0 {
			t.Error("the sixth of five passes before an answer tells more")
		}
		for _, bad := range []exchange{header("x", "1", "1"), header("5", "", "1"), header("5", "1", "NaN"), header("0", "0", "9")} {
			p.learn(t.Context(), "c", bad)
			if d := wait("c"); d != 0 {
				t.Errorf("%v limits", bad.header)
			}
		}
	})
}

// A refusal closes the route that it was for, for as long as its body says,
// and nothing else.
func TestPaceLearnsFromRefusals(t *testing.T) {
	for _, scope := range []string{"user", "shared"} {
		synctest.Test(t, func(t *testing.T) {
			p := testPace()
			x := exchange{status: http.StatusTooManyRequests, header: http.Header{}, body: []byte(`{"code":20028,"retry_after":1163.5,"global":false}`)}
			x.header.Set("X-RateLimit-Scope", scope)
			x.header.Set("Retry-After", "1")
			p.learn(t.Context(), "POST 1", x)
			for _, tt := range []struct {
				route string
				want  time.Duration
			}{{"POST 1", 1163500 * time.Millisecond}, {"PATCH 1", 0}, {"POST 2", 0}} {
				if turn, d, err := p.wait(t.Context(), tt.route, 0, false); d != tt.want || err != nil || (turn == nil) != (d > 0) {
					t.Errorf("%s: %s waits %v (%v), want %v", scope, tt.route, d, err, tt.want)
				}
			}
			time.Sleep(1163500 * time.Millisecond)
			if d := p.take("POST 1"); d != 0 {
				t.Errorf("%s: after its time it waits %v", scope, d)
			}
		})
	}
}

// What is given back into a later window makes it no larger.
func TestPaceGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.take("a")
		p.learn(t.Context(), "a", header("2", "2", "1"))
		p.give("a")
		for i, want := range []time.Duration{0, 0, time.Second} {
			if d := p.take("a"); d != want {
				t.Errorf("request %d waits %v, want %v", i+1, d, want)
			}
		}
		p.learn(t.Context(), "a", header("2", "0", "1"))
		p.give("a")
		if d := p.take("a"); d != 0 {
			t.Errorf("what was given back waits %v", d)
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.learn(t.Context(), "a", header("1", "0", "5"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if _, _, err := p.wait(ctx, "a", time.Minute, false); err == nil || time.Since(begun) != time.Second {
			t.Errorf("err %v after %s", err, time.Since(begun))
		}
	})
}

func TestPaceForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		for i := range 3 * routesMax {
			p.learn(t.Context(), string(rune(i)), header("5", "4", "1"))
			time.Sleep(time.Millisecond)
		}
		if len(p.routes) > routesMax+1 {
			t.Errorf("%d routes are kept", len(p.routes))
		}
	})
}
