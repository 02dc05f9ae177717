package discord

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestGlobalPace: never more than fifty requests in any second, and not much less.
func TestGlobalPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		var at []time.Time
		for range 500 {
			if d, err := p.wait(t.Context(), "", time.Second, false); d != 0 || err != nil {
				t.Fatal(d, err)
			}
			at = append(at, time.Now())
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

func header(limit, left, after string) exchange {
	h := http.Header{}
	h.Set("X-RateLimit-Limit", limit)
	h.Set("X-RateLimit-Remaining", left)
	h.Set("X-RateLimit-Reset-After", after)
	return exchange{status: 200, header: h}
}

func TestPaceLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		wait := func(route string) time.Duration {
			d, err := p.wait(t.Context(), route, 0, true)
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
		p.learn("a", header("5", "2", "4.5"))
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
		p.learn("a", header("5", "4", "4.5"))
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
			p.learn("c", bad)
			if d := wait("c"); d != 0 {
				t.Errorf("%v limits", bad.header)
			}
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		p.learn("a", header("1", "0", "5"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := p.wait(ctx, "a", time.Minute, false); err == nil || time.Since(begun) != time.Second {
			t.Errorf("err %v after %s", err, time.Since(begun))
		}
	})
}

func TestPaceForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		for i := range 3 * routesMax {
			p.learn(string(rune(i)), header("5", "4", "1"))
			time.Sleep(time.Millisecond)
		}
		if len(p.routes) > routesMax+1 {
			t.Errorf("%d routes are kept", len(p.routes))
		}
	})
}
