package bottest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

var storeStart = time.Date(2025, 4, 28, 9, 0, 0, 0, time.UTC)

type storeSuite struct {
	bot.Store
	clock *storeClock
	ctx   context.Context
}

type storeClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *storeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *storeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func (s storeSuite) rest(t *testing.T) {
	s.enqueue(t, 4, owed("a", 1), owed("a", 2), owed("b", 1), owed("c", 1))
	ds := s.wantClaim(t, 10, "a/1", "b/1", "c/1")
	s.settle(t, ds[0], bot.Result{State: bot.Sent, Wait: time.Second})
	s.settle(t, ds[1], bot.Result{State: bot.Sent, Wait: time.Second})
	s.settle(t, ds[2], bot.Result{State: bot.Sent})
	s.enqueue(t, 1, owed("a", 3))
	s.clock.advance(time.Second - time.Millisecond)
	s.wantClaim(t, 10)
	s.clock.advance(time.Millisecond)
	s.settle(t, s.claim1(t, "a/2"), bot.Result{State: bot.Sent})
	s.claim1(t, "a/3")
	s.enqueue(t, 1, owed("b", 2)) // nothing stood behind the message
	s.claim1(t, "b/2")
}

func (s storeSuite) suspend(t *testing.T) {
	s.wantSuspended(t)
	s.enqueue(t, 3, owed("a", 1), owed("a", 2), owed("b", 1))
	a1 := s.wantClaim(t, 10, "a/1", "b/1")[0]
	s.clock.advance(time.Second)
	s.settle(t, a1, bot.Result{State: bot.Pending, Error: "missing access", Suspend: true})
	s.wantSuspended(t, "test:a")
	got, err := s.Suspensions(s.ctx)
	if want := (bot.Suspension{Since: storeStart.Add(time.Second), Reason: "missing access"}); err != nil || !got["test:a"].Since.Equal(want.Since) || got["test:a"].Reason != want.Reason {
		t.Fatalf("Suspensions = %v, %v; want %v", got, err, want)
	}
	s.enqueue(t, 1, owed("a", 3)) // still owed, only not now
	s.clock.advance(time.Hour)
	s.wantClaim(t, 10, "b/1") // whose lease ran out
	for range 2 {
		if err := s.Resume(s.ctx, "test:a"); err != nil {
			t.Fatal(err)
		}
	}
	s.wantSuspended(t)
	for _, id := range []string{"a/1", "a/2", "a/3"} {
		d := s.claim1(t, id)
		if d.InDoubt {
			t.Errorf("%s is in doubt after Resume", id)
		}
		s.settle(t, d, bot.Result{State: bot.Sent})
	}
	if err := s.Resume(s.ctx, "test:never"); err != nil {
		t.Errorf("Resume of a channel that was not suspended: %v", err)
	}
	s.wantClaim(t, 10)
}

// suspendAlone suspends channels without a claim.
func (s storeSuite) suspendAlone(t *testing.T) {
	s.enqueue(t, 4, owed("a", 1), owed("b", 1), owed("c", 1), edit("a", 1))
	s.wantClaim(t, 10, "a/1", "b/1", "c/1", "edit/a/1")
	s.clock.advance(time.Hour) // all leases ran out: each may be claimed again
	if err := s.Suspend(s.ctx, "the bot was removed", "test:a", "test:b", "test:empty"); err != nil {
		t.Fatal(err)
	}
	since := storeStart.Add(time.Hour)
	s.clock.advance(time.Second)
	if err := s.Suspend(s.ctx, "something else", "test:a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Suspend(s.ctx, "nothing"); err != nil {
		t.Errorf("Suspend of no channel: %v", err)
	}
	s.wantSuspended(t, "test:a", "test:b", "test:empty")
	got, err := s.Suspensions(s.ctx)
	if a := got["test:a"]; err != nil || !a.Since.Equal(since) || a.Reason != "the bot was removed" {
		t.Errorf("suspended %+v, %v; want the first reason and time %v", a, err, since)
	}
	c1 := s.claim1(t, "c/1")
	if err := s.Suspend(s.ctx, "the bot was removed", "test:c"); err != nil {
		t.Fatal(err)
	}
	s.settle(t, c1, bot.Result{State: bot.Sent}) // a claim that runs goes on
	s.enqueue(t, 2, owed("c", 2), owed("empty", 1))
	s.clock.advance(time.Hour)
	s.wantClaim(t, 10)
	for _, c := range []bot.Channel{"test:a", "test:empty", "test:c"} {
		if err := s.Resume(s.ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	s.wantClaim(t, 10, "a/1", "c/2", "edit/a/1", "empty/1")
}

// suspendGone: a channel that is gone stays so since then, whatever is said of
// it, and whatever was before.
func (s storeSuite) suspendGone(t *testing.T) {
	want := func(c bot.Channel, v bot.Suspension) {
		t.Helper()
		all, err := s.Suspensions(s.ctx)
		if got := all[c]; err != nil || !got.Since.Equal(v.Since) || got.Reason != v.Reason || got.Gone != v.Gone {
			t.Errorf("%s is suspended as %+v, %v; want %+v", c, got, err, v)
		}
	}
	s.enqueue(t, 3, owed("a", 1), owed("b", 1), owed("c", 1))
	claimed := s.wantClaim(t, 10, "a/1", "b/1", "c/1")
	if err := s.Suspend(s.ctx, "deleted", "test:b"); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(time.Second)
	s.settle(t, claimed[0], bot.Result{State: bot.Pending, Error: "may not", Suspend: true})
	s.settle(t, claimed[1], bot.Result{State: bot.Pending, Error: "may not", Suspend: true})
	s.settle(t, claimed[2], bot.Result{State: bot.Pending, Error: "unknown", Suspend: true, Gone: true})
	want("test:a", bot.Suspension{Since: storeStart.Add(time.Second), Reason: "may not"})
	want("test:b", bot.Suspension{Since: storeStart, Reason: "deleted", Gone: true})
	want("test:c", bot.Suspension{Since: storeStart.Add(time.Second), Reason: "unknown", Gone: true})
	s.clock.advance(time.Second)
	if err := s.Suspend(s.ctx, "deleted", "test:a", "test:b", "test:c"); err != nil {
		t.Fatal(err)
	}
	want("test:a", bot.Suspension{Since: storeStart.Add(2 * time.Second), Reason: "deleted", Gone: true})
	want("test:b", bot.Suspension{Since: storeStart, Reason: "deleted", Gone: true})
	want("test:c", bot.Suspension{Since: storeStart.Add(time.Second), Reason: "unknown", Gone: true})
	if err := s.Resume(s.ctx, "test:b"); err != nil {
		t.Fatal(err)
	}
	s.wantSuspended(t, "test:a", "test:c")
}

func (s storeSuite) suspendStates(t *testing.T) {
	for _, state := range []bot.State{bot.Pending, bot.Sending, bot.Dead, bot.Sent} {
		c := string(state)
		s.enqueue(t, 2, owed(c, 1), owed(c, 2))
		s.settle(t, s.claim1(t, c+"/1"), bot.Result{State: state, Error: "no", Suspend: true})
		s.wantSuspended(t, bot.Channel("test:"+c))
		s.clock.advance(time.Hour)
		s.wantClaim(t, 10)
		if err := s.Resume(s.ctx, bot.Channel("test:"+c)); err != nil {
			t.Fatal(err)
		}
		if state == bot.Pending || state == bot.Sending {
			d := s.claim1(t, c+"/1")
			if d.InDoubt != (state == bot.Sending) {
				t.Errorf("claimed after %s and Resume: in doubt %t", state, d.InDoubt)
			}
			s.settle(t, d, bot.Result{State: bot.Sent})
		}
		s.settle(t, s.claim1(t, c+"/2"), bot.Result{State: bot.Sent})
	}
}

func (s storeSuite) retry(t *testing.T) {
	s.enqueue(t, 3, owed("a", 1), owed("a", 2), owed("a", 3))
	wantNotFound := func(id string) {
		t.Helper()
		if err := s.Retry(s.ctx, id); !errors.Is(err, news.ErrNotFound) {
			t.Fatalf("Retry(%s) = %v, want ErrNotFound", id, err)
		}
	}
	wantNotFound("unknown")
	wantNotFound("a/1") // pending
	s.claim1(t, "a/1")
	wantNotFound("a/1") // sending
	s.clock.advance(time.Hour)
	d := s.claim1(t, "a/1") // in doubt
	s.settle(t, d, bot.Result{State: bot.Dead, Error: "held"})
	if err := s.Retry(s.ctx, "a/1"); err != nil {
		t.Fatal(err)
	}
	wantNotFound("a/1") // pending again
	l := s.list1(t, bot.DeliveryQuery{State: bot.Pending})
	if len(l) != 3 || l[2].ID != "a/1" || !l[2].Settled.IsZero() || l[2].Error != "held" {
		t.Fatalf("Deliveries after Retry = %+v; want a/1 pending, not settled, with its last error", l)
	}
	for _, id := range []string{"a/2", "a/3"} {
		s.settle(t, s.claim1(t, id), bot.Result{State: bot.Sent})
	}
	d = s.claim1(t, "a/1")
	if d.Attempts != 3 || d.InDoubt || !d.Tried.Equal(storeStart) {
		t.Errorf("claimed after Retry: %+v; want attempt 3, no doubt, first tried at the start", d)
	}
	s.settle(t, d, bot.Result{State: bot.Sent})
	wantNotFound("a/1") // sent

	// In a channel that is empty, and in one that is suspended.
	s.enqueue(t, 1, owed("b", 1))
	s.settle(t, s.claim1(t, "b/1"), bot.Result{State: bot.Dead, Suspend: true})
	if err := s.Retry(s.ctx, "b/1"); err != nil {
		t.Fatal(err)
	}
	s.wantClaim(t, 10)
	if err := s.Resume(s.ctx, "test:b"); err != nil {
		t.Fatal(err)
	}
	s.claim1(t, "b/1")
}

func (s storeSuite) list(t *testing.T) {
	story := func(d bot.Delivery, id string) bot.Delivery { d.Story = id; return d }
	s.enqueue(t, 3, story(owed("a", 1), "s1"), story(owed("b", 1), "s1"), story(owed("a", 2), "s2"))
	ds := s.wantClaim(t, 10, "a/1", "b/1")
	s.settle(t, ds[0], bot.Result{State: bot.Sent, Message: "m"})
	s.settle(t, ds[1], bot.Result{State: bot.Dead, Error: "e"})
	s.claim1(t, "a/2")
	s.enqueue(t, 2, story(owed("c", 1), "s1"), story(owed("a", 3), ""))
	for _, tt := range []struct {
		q    bot.DeliveryQuery
		want string
	}{
		{bot.DeliveryQuery{}, "a/3 c/1 a/2 b/1 a/1"},
		{bot.DeliveryQuery{Limit: 2}, "a/3 c/1"},
		{bot.DeliveryQuery{Channel: "test:a"}, "a/3 a/2 a/1"},
		{bot.DeliveryQuery{Channel: "test:a", Limit: 1}, "a/3"},
		{bot.DeliveryQuery{Channel: "test:none"}, ""},
		{bot.DeliveryQuery{Channel: "test:"}, ""},
		{bot.DeliveryQuery{State: bot.Pending}, "a/3 c/1"},
		{bot.DeliveryQuery{State: bot.Sending}, "a/2"},
		{bot.DeliveryQuery{State: bot.Sent}, "a/1"},
		{bot.DeliveryQuery{State: bot.Dead}, "b/1"},
		{bot.DeliveryQuery{State: "none"}, ""},
		{bot.DeliveryQuery{Story: "s1"}, "c/1 b/1 a/1"},
		{bot.DeliveryQuery{Story: "s1", Limit: 2}, "c/1 b/1"},
		{bot.DeliveryQuery{Story: "s"}, ""},
		{bot.DeliveryQuery{Story: "s1", Channel: "test:a"}, "a/1"},
		{bot.DeliveryQuery{Story: "s1", State: bot.Pending}, "c/1"},
		{bot.DeliveryQuery{Channel: "test:a", State: bot.Sent}, "a/1"},
		{bot.DeliveryQuery{Channel: "test:a", State: bot.Sent, Story: "s1", Limit: 5}, "a/1"},
		{bot.DeliveryQuery{Channel: "test:a", State: bot.Dead}, ""},
	} {
		if got := ids(s.list1(t, tt.q)); got != tt.want {
			t.Errorf("Deliveries(%+v) = %q, want %q", tt.q, got, tt.want)
		}
	}
	var many []bot.Delivery
	for i := range 500 {
		many = append(many, owed(fmt.Sprint("m", i%7), i))
	}
	s.enqueue(t, 500, many...)
	if l := s.list1(t, bot.DeliveryQuery{}); len(l) != 100 || l[0].ID != "m2/499" {
		t.Errorf("Deliveries without a limit = %d, want 100, the newest first", len(l))
	}
	// The filter is not over after the first page of those that do not match.
	if got := ids(s.list1(t, bot.DeliveryQuery{State: bot.Sent})); got != "a/1" {
		t.Errorf("Deliveries sent = %q, want a/1", got)
	}
}

// owed is the nth delivery to the channel "test:"+name.
func owed(name string, n int) bot.Delivery {
	return bot.Delivery{ID: fmt.Sprint(name, "/", n), Channel: bot.Channel("test:" + name), Kind: bot.KindStory, Story: fmt.Sprint("s", n)}
}

func (s storeSuite) enqueue(t *testing.T, want int, ds ...bot.Delivery) {
	t.Helper()
	if n, err := s.Enqueue(s.ctx, ds); n != want || err != nil {
		t.Fatalf("Enqueue = %d, %v; want %d", n, err, want)
	}
}

// claim1 claims for a minute and expects exactly the delivery id.
func (s storeSuite) claim1(t *testing.T, id string) bot.Delivery {
	t.Helper()
	return s.wantClaim(t, 10, id)[0]
}

func (s storeSuite) wantClaim(t *testing.T, limit int, want ...string) []bot.Delivery {
	t.Helper()
	return s.wantClaimFor(t, time.Minute, limit, want...)
}

// wantClaimFor returns what Claim took, sorted by ID.
func (s storeSuite) wantClaimFor(t *testing.T, lease time.Duration, limit int, want ...string) []bot.Delivery {
	t.Helper()
	ds, err := s.Claim(s.ctx, bot.AllShards, lease, limit)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	slices.SortFunc(ds, func(a, b bot.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	if got := ids(ds); got != strings.Join(want, " ") {
		t.Fatalf("Claim took %q, want %q", got, strings.Join(want, " "))
	}
	for _, d := range ds {
		if d.State != bot.Sending || d.Token == 0 || d.Tried.IsZero() {
			t.Fatalf("claimed %+v; want it sending, with a token and when it was first tried", d)
		}
	}
	return ds
}

func (s storeSuite) settle(t *testing.T, d bot.Delivery, r bot.Result) {
	t.Helper()
	if err := s.Settle(s.ctx, d, r); err != nil {
		t.Fatalf("Settle(%s, %s): %v", d.ID, r.State, err)
	}
}

// wantFenced checks that no state settles d, and that nothing changes by it.
func (s storeSuite) wantFenced(t *testing.T, d bot.Delivery) {
	t.Helper()
	before := s.list1(t, bot.DeliveryQuery{})
	for _, state := range []bot.State{bot.Sent, bot.Dead, bot.Pending, bot.Sending} {
		if err := s.Settle(s.ctx, d, bot.Result{State: state, Message: "stale", Error: "stale", Suspend: true}); !errors.Is(err, news.ErrFenced) {
			t.Fatalf("Settle(%s, %s) with token %d = %v, want ErrFenced", d.ID, state, d.Token, err)
		}
	}
	sameJSON(t, "Deliveries after a fenced Settle", s.list1(t, bot.DeliveryQuery{}), before)
	s.wantSuspended(t)
}

func (s storeSuite) wantSuspended(t *testing.T, want ...bot.Channel) {
	t.Helper()
	got, err := s.Suspensions(s.ctx)
	if channels := slices.Sorted(maps.Keys(got)); err != nil || !slices.Equal(channels, want) {
		t.Fatalf("Suspensions = %v, %v; want %v", got, err, want)
	}
}

func (s storeSuite) list1(t *testing.T, q bot.DeliveryQuery) []bot.Delivery {
	t.Helper()
	ds, err := s.Deliveries(s.ctx, q)
	if err != nil {
		t.Fatalf("Deliveries: %v", err)
	}
	return ds
}

func ids(ds []bot.Delivery) string {
	var out []string
	for _, d := range ds {
		out = append(out, d.ID)
	}
	return strings.Join(out, " ")
}

// sameJSON compares what two values are as JSON, which is how they are stored.
func sameJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Fatalf("%s:\n got %s\nwant %s", what, g, w)
	}
}
