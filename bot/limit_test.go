package bot_test

import (
	"context"
	"math/rand/v2"
	"slices"
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

// On the real way to a platform every answer takes its time: the queue keeps to
// the limit where the platform counts, and wastes little of it.
func TestQueueFillsTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, workers, length = 50, 100, 60 * time.Second
		queue := bot.NewQueue(bot.NewLimiter(time.Now), bot.Limit{Key: "k", Most: most, Per: time.Second})
		began := time.Now()
		var mu sync.Mutex
		var counted []time.Time
		var wg sync.WaitGroup
		for seed := range workers {
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			wg.Go(func() {
				for time.Since(began) < length {
					turn, wait, err := queue.Wait(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					if turn == nil {
						time.Sleep(wait)
						continue
					}
					slow := time.Duration(0)
					if r.IntN(30) == 0 {
						slow = time.Duration(r.IntN(400)) * time.Millisecond
					}
					time.Sleep(40*time.Millisecond + time.Duration(r.IntN(20_000))*time.Microsecond + slow)
					mu.Lock()
					counted = append(counted, time.Now())
					mu.Unlock()
					time.Sleep(90*time.Millisecond + time.Duration(r.IntN(30_000))*time.Microsecond)
					turn.End(t.Context(), true)
				}
			})
		}
		wg.Wait()
		slices.SortFunc(counted, time.Time.Compare)
		over := 0
		for i := most; i < len(counted); i++ {
			if counted[i].Sub(counted[i-most]) < time.Second {
				over++
			}
		}
		if over > 0 {
			t.Errorf("%d of %d requests were more than %d in a second", over, len(counted), most)
		}
		half := began.Add(length / 2)
		n, _ := slices.BinarySearchFunc(counted, half, time.Time.Compare)
		end, _ := slices.BinarySearchFunc(counted, began.Add(length), time.Time.Compare)
		if rate := float64(end-n) / (length / 2).Seconds(); rate < 0.93*most {
			t.Errorf("%.1f requests a second of %d", rate, most)
		} else {
			t.Logf("%.1f requests a second of %d", rate, most)
		}
	})
}

// A platform that is slow at first and quick afterwards has not shown how quick
// it is: the slow answers open no window too soon.
func TestQueueDoesNotTrustASlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := bot.NewQueue(bot.NewLimiter(time.Now), bot.Limit{Key: "k", Most: 50, Per: time.Second})
		var counted []time.Time
		send := func(there time.Duration) {
			turn, wait, err := queue.Wait(t.Context())
			if turn == nil {
				t.Fatal(wait, err)
			}
			time.Sleep(there)
			counted = append(counted, time.Now())
			time.Sleep(time.Millisecond)
			turn.End(t.Context(), true)
		}
		send(300 * time.Millisecond)
		for range 100 {
			send(time.Millisecond)
		}
		for i := 50; i < len(counted); i++ {
			if d := counted[i].Sub(counted[i-50]); d < time.Second {
				t.Fatalf("51 requests in %v", d)
			}
		}
	})
}
