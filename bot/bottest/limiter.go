package bottest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
)

// Limiter checks that an implementation keeps the contract of bot.Limiter.
// open returns one that nobody used before, twice for the two replicas of a
// test; advance lets its time pass.
func Limiter(t *testing.T, open func(t *testing.T) (a, b bot.Limiter, advance func(time.Duration))) {
	limit := bot.Limit{Key: "k", Most: 3, Per: time.Second}
	take := func(t *testing.T, l bot.Limiter, want bool) string {
		t.Helper()
		turn, wait, err := l.Take(t.Context(), limit, time.Minute)
		if err != nil || (turn != "") != want || (wait > 0) == want {
			t.Fatalf("Take = %q, %v, %v; want a turn: %t", turn, wait, err, want)
		}
		return turn
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Run("replicas share the turns", func(t *testing.T) {
		a, b, advance := open(t)
		turns := []string{take(t, a, true), take(t, b, true), take(t, a, true)}
		take(t, a, false)
		take(t, b, false)
		must(t, a.Done(t.Context(), limit, turns[1], 0)) // whoever gives it back
		take(t, b, false)
		advance(time.Second - time.Millisecond)
		take(t, b, false)
		advance(time.Millisecond)
		take(t, b, true)
		take(t, a, false)
		must(t, b.Undo(t.Context(), limit, turns[0]))
		take(t, a, true)
		take(t, a, false)
		must(t, b.Done(t.Context(), limit, turns[2], 900*time.Millisecond))
		advance(100 * time.Millisecond)
		take(t, a, true)
	})
	t.Run("a turn that is never given back comes back", func(t *testing.T) {
		a, _, advance := open(t)
		for range 3 {
			take(t, a, true)
		}
		advance(time.Minute - time.Millisecond)
		take(t, a, false)
		advance(time.Millisecond)
		for range 3 {
			take(t, a, true)
		}
	})
	t.Run("what was taken back is not given back twice", func(t *testing.T) {
		a, _, advance := open(t)
		late := take(t, a, true)
		advance(time.Minute)
		for range 3 {
			take(t, a, true)
		}
		must(t, a.Undo(t.Context(), limit, late))
		must(t, a.Done(t.Context(), limit, late, time.Second))
		take(t, a, false)
	})
	t.Run("a pause holds everybody", func(t *testing.T) {
		a, b, advance := open(t)
		must(t, a.Pause(t.Context(), "k", 2*time.Second))
		must(t, b.Pause(t.Context(), "k", time.Second))
		advance(2*time.Second - time.Millisecond)
		if _, wait, err := b.Take(t.Context(), limit, time.Minute); wait != time.Millisecond || err != nil {
			t.Errorf("Take = wait %v, %v; want 1ms", wait, err)
		}
		if turn, _, err := b.Take(t.Context(), bot.Limit{Key: "other", Most: 1, Per: time.Second}, time.Minute); turn == "" || err != nil {
			t.Errorf("another key is paused, too: %v", err)
		}
		advance(time.Millisecond)
		take(t, b, true)
	})
	t.Run("a context that is done ends Take", func(t *testing.T) {
		a, _, _ := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := a.Take(ctx, limit, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("Take: %v, want context.Canceled", err)
		}
	})
	t.Run("no window holds more, and nearly as many", func(t *testing.T) {
		a, b, advance := open(t)
		limit := bot.Limit{Key: "w", Most: 10, Per: time.Second}
		r := rand.New(rand.NewPCG(1, 2))
		type request struct {
			l      bot.Limiter
			turn   string
			counts int // when the platform counts it, in ms
			ends   int // when its answer is there
		}
		var under []request
		var counted []int
		const length = 20_000
		for now := 0; now < length; now++ {
			under = slices.DeleteFunc(under, func(q request) bool {
				if q.ends == now {
					must(t, q.l.Done(t.Context(), limit, q.turn, 0))
				}
				return q.ends == now
			})
			for _, l := range []bot.Limiter{a, b} {
				if now%5 > 0 { // asked now and then, as those in a line do
					continue
				}
				turn, _, err := l.Take(t.Context(), limit, time.Minute)
				must(t, err)
				if turn != "" {
					slow := 1 + r.IntN(20)
					if r.IntN(50) == 0 {
						slow = 500 + r.IntN(500)
					}
					q := request{l, turn, now + r.IntN(slow+1), now + slow}
					under, counted = append(under, q), append(counted, q.counts)
				}
			}
			advance(time.Millisecond)
		}
		slices.Sort(counted)
		for i := 10; i < len(counted); i++ {
			if counted[i]-counted[i-10] < 1000 {
				t.Fatalf("11 requests in %d ms", counted[i]-counted[i-10])
			}
		}
		if got, want := len(counted), length/100; got < want*9/10 {
			t.Errorf("%d requests in 20 s of which some were slow, want about %d", got, want)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		a, b, _ := open(t)
		limit := bot.Limit{Key: "r", Most: 50, Per: time.Hour}
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[string]bool{}
		for i := range 8 {
			wg.Go(func() {
				for range 20 {
					turn, _, err := []bot.Limiter{a, b}[i%2].Take(t.Context(), limit, time.Hour)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					if turn != "" && got[turn] {
						t.Errorf("turn %s was given twice", turn)
					}
					got[turn] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if delete(got, ""); len(got) != 50 {
			t.Errorf("%d turns were given, want 50", len(got))
		}
	})
}
