package bot_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

func TestLimiter(t *testing.T) {
	bottest.Limiter(t, func(*testing.T) (bot.Limiter, bot.Limiter, func(time.Duration)) {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		l := bot.NewLimiter(func() time.Time { return now })
		return l, l, func(d time.Duration) { now = now.Add(d) }
	})
}

// A thousand requests come to a line of fifty a second: nobody is served before
// who came earlier, nobody waits for long, and those who are sent home come
// again when there is room, and find it.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := bot.NewQueue(bot.NewLimiter(time.Now), bot.Limit{Key: "k", Most: 50, Per: time.Second})
		began := time.Now()
		var mu sync.Mutex
		var served []time.Time
		var wg sync.WaitGroup
		tries := 0
		for range 1000 {
			wg.Go(func() {
				for {
					came := time.Now()
					turn, wait, err := line.Wait(t.Context())
					mu.Lock()
					tries++
					mu.Unlock()
					if err != nil {
						t.Error(err)
						return
					}
					if time.Since(came) > 3*time.Second {
						t.Errorf("stood in line for %v", time.Since(came))
					}
					if turn == nil {
						time.Sleep(wait)
						continue
					}
					time.Sleep(10 * time.Millisecond) // the request
					turn.End(t.Context(), true)
					mu.Lock()
					served = append(served, time.Now())
					mu.Unlock()
					return
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took < 19*time.Second || took > 21*time.Second {
			t.Errorf("1000 requests took %v, want about 20 s", took)
		}
		if tries > 2500 {
			t.Errorf("%d tries for 1000 requests", tries)
		}
	})
}

func TestQueueEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := bot.NewQueue(bot.NewLimiter(time.Now), bot.Limit{Key: "k", Most: 2, Per: 2 * time.Second})
		for range 2 {
			if turn, _, err := line.Wait(t.Context()); turn == nil || err != nil {
				t.Fatal(err)
			} else {
				turn.End(t.Context(), true)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if turn, _, err := line.Wait(ctx); turn != nil || err == nil || time.Since(began) != time.Second {
			t.Errorf("Wait = %v, %v after %v", turn, err, time.Since(began))
		}
		// It left the line, and took no turn.
		time.Sleep(time.Second)
		if turn, wait, err := line.Wait(t.Context()); turn == nil {
			t.Errorf("Wait = %v, %v", wait, err)
		}
		// A request that was not sent costs nothing.
		turn, _, _ := line.Wait(t.Context())
		turn.End(t.Context(), false)
		if turn, wait, _ := line.Wait(t.Context()); turn == nil || wait > 0 {
			t.Error("a turn that was not used is not free")
		}
		if err := line.Pause(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if turn, wait, _ := line.Wait(t.Context()); turn != nil || wait != time.Minute {
			t.Errorf("while it is paused: %v, %v", turn, wait)
		}
	})
}
