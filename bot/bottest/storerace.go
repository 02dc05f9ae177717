package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
)

func (s storeSuite) done(t *testing.T) {
	s.enqueue(t, 1, owed("a", 1))
	d := s.claim1(t, "a/1")
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	for name, call := range map[string]func() error{
		"Lease":                func() error { _, _, err := s.Lease(ctx, "l", "a", time.Minute); return err },
		"Unlease":              func() error { return s.Unlease(ctx, "l", "a") },
		"Cursor":               func() error { _, err := s.Cursor(ctx, "c"); return err },
		"SaveCursor":           func() error { return s.SaveCursor(ctx, "c", 1) },
		"Once":                 func() error { _, err := s.Once(ctx, "k", time.Minute); return err },
		"Subscriptions":        func() error { _, err := s.Subscriptions(ctx); return err },
		"SubscriptionsVersion": func() error { _, err := s.SubscriptionsVersion(ctx); return err },
		"SaveSubscription":     func() error { return s.SaveSubscription(ctx, bot.Subscription{ID: "i", Channel: "test:a"}) },
		"DeleteSubscription":   func() error { _, err := s.DeleteSubscription(ctx, "test:a", "i"); return err },
		"Keep":                 func() error { return s.Keep(ctx, "k", "text", time.Minute) },
		"Kept":                 func() error { _, err := s.Kept(ctx, "k"); return err },
		"Secret":               func() error { _, err := s.Secret(ctx); return err },
		"Installation":         func() error { _, err := s.Installation(ctx, "test:a"); return err },
		"Installations":        func() error { _, err := s.Installations(ctx); return err },
		"SaveInstallation":     func() error { _, err := s.SaveInstallation(ctx, bot.Installation{Space: "test:a"}); return err },
		"SaveVote":             func() error { return s.SaveVote(ctx, bot.Vote{Channel: "test:a", Story: "s", User: "u"}) },
		"Votes":                func() error { _, err := s.Votes(ctx, "test:a", storeStart); return err },
		"ForgetVotes":          func() error { _, err := s.ForgetVotes(ctx, storeStart); return err },
		"Enqueue":              func() error { _, err := s.Enqueue(ctx, []bot.Delivery{owed("b", 1)}); return err },
		"Claim":                func() error { _, err := s.Claim(ctx, bot.AllShards, time.Minute, 1); return err },
		"Settle":               func() error { return s.Settle(ctx, d, bot.Result{State: bot.Sent}) },
		"Retry":                func() error { return s.Retry(ctx, "a/1") },
		"Shards":               func() error { _, err := s.Shards(ctx, "a", time.Minute); return err },
		"Forget":               func() error { _, err := s.Forget(ctx, storeStart, storeStart); return err },
		"Waiting":              func() error { _, err := s.Waiting(ctx, "test:a", 1); return err },
		"Delivery":             func() error { _, err := s.Delivery(ctx, "a/1"); return err },
		"Deliveries":           func() error { _, err := s.Deliveries(ctx, bot.DeliveryQuery{}); return err },
		"Suspensions":          func() error { _, err := s.Suspensions(ctx); return err },
		"Suspend":              func() error { return s.Suspend(ctx, "gone", "test:a") },
		"Resume":               func() error { return s.Resume(ctx, "test:a") },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that is done: %v, want context.Canceled", name, err)
		}
	}
	if l := s.list1(t, bot.DeliveryQuery{}); len(l) != 1 || l[0].State != bot.Sending {
		t.Errorf("Deliveries = %+v, want a/1 alone, still sending", l)
	}
}

// race lets eight workers empty fifty channels.
func (s storeSuite) race(t *testing.T) {
	const workers, channels, total = 8, 50, 500
	var ds []bot.Delivery
	for i := range total {
		ds = append(ds, owed(fmt.Sprint("c", i%channels), i))
	}
	s.enqueue(t, total, ds...)
	var (
		mu      sync.Mutex
		settled = map[bot.Channel][]string{}
		tokens  = map[uint64]bool{}
		left    = total
		wg      sync.WaitGroup
	)
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				stop := left == 0 || t.Failed()
				mu.Unlock()
				if stop {
					return
				}
				claimed, err := s.Claim(s.ctx, bot.AllShards, time.Hour, 5)
				if err != nil {
					t.Errorf("Claim: %v", err)
					return
				}
				for _, d := range claimed {
					mu.Lock()
					if tokens[d.Token] || d.InDoubt || d.Attempts != 1 {
						t.Errorf("claimed %+v; want a token of its own, one attempt, no doubt", d)
					}
					tokens[d.Token] = true
					// Before Settle: after it another worker may have the next.
					settled[d.Channel] = append(settled[d.Channel], d.ID)
					left--
					mu.Unlock()
					if err := s.Settle(s.ctx, d, bot.Result{State: bot.Sent, Message: bot.MessageID(d.ID)}); err != nil {
						t.Errorf("Settle: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	for c, got := range settled {
		var want []string
		for _, d := range ds {
			if d.Channel == c {
				want = append(want, d.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: settled %v, want %v", c, got, want)
		}
	}
	if l := s.list1(t, bot.DeliveryQuery{State: bot.Sent, Limit: 2 * total}); len(l) != total {
		t.Errorf("%d deliveries are sent, want %d", len(l), total)
	}
}

func (s storeSuite) enqueueRace(t *testing.T) {
	const rounds, each = 20, 10
	var mu sync.Mutex
	var wg sync.WaitGroup
	added := 0
	for range 4 {
		wg.Go(func() {
			for r := range rounds {
				var ds []bot.Delivery
				for i := range each {
					ds = append(ds, owed(fmt.Sprint("c", i), r))
				}
				n, err := s.Enqueue(s.ctx, ds)
				if err != nil {
					t.Errorf("Enqueue: %v", err)
				}
				mu.Lock()
				added += n
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if added != rounds*each {
		t.Errorf("%d deliveries were added, want %d", added, rounds*each)
	}
	if l := s.list1(t, bot.DeliveryQuery{Limit: 1000}); len(l) != rounds*each {
		t.Errorf("the outbox holds %d deliveries, want %d", len(l), rounds*each)
	}
}
