package bottest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// Store checks that an engine keeps every sentence of the contract of
// bot.Store. open returns an empty store that takes all time from now; it
// closes it when the test ends. The clock counts in whole milliseconds and
// moves only where the suite moves it.
func Store(t *testing.T, open func(t *testing.T, now func() time.Time) bot.Store) {
	for _, tt := range []struct {
		name string
		run  func(storeSuite, *testing.T)
	}{
		{"a lease has one holder and a fence that grows", storeSuite.lease},
		{"a cursor moves forward only", storeSuite.cursor},
		{"a key is new once in its time", storeSuite.once},
		{"subscriptions are saved, replaced, sorted and deleted", storeSuite.subscriptions},
		{"a text is kept for its time, and so many of them", storeSuite.kept},
		{"a secret is made once", storeSuite.secret},
		{"an installation is saved over the version it was read at", storeSuite.installations},
		{"votes are kept, replaced, selected and forgotten", storeSuite.votes},
		{"an ID is enqueued once and for ever", storeSuite.enqueueOnce},
		{"a delivery is enqueued as pending, whatever it says of itself", storeSuite.enqueueFresh},
		{"many deliveries are enqueued at once, in order", storeSuite.enqueueMany},
		{"a channel's deliveries come in order, one at a time", storeSuite.order},
		{"a claim takes up to its limit, and channels take turns", storeSuite.limit},
		{"a delivery that waits holds back those behind it", storeSuite.headOfLine},
		{"a lane rests after a message", storeSuite.rest},
		{"a claim whose lease ran out comes again in doubt", storeSuite.expired},
		{"what is settled as sending comes again in doubt", storeSuite.inDoubt},
		{"a claim is settled once, by its token", storeSuite.fenced},
		{"results are remembered", storeSuite.results},
		{"a suspended channel waits for resume, and loses nothing", storeSuite.suspend},
		{"channels are suspended without a delivery, too", storeSuite.suspendAlone},
		{"a channel that is gone stays so", storeSuite.suspendGone},
		{"a suspension holds in every state of the result", storeSuite.suspendStates},
		{"a dead delivery is retried at the end of its channel", storeSuite.retry},
		{"deliveries are listed newest first and filtered", storeSuite.list},
		{"edits have a lane of their own", storeSuite.lanes},
		{"a claim takes from its shards alone", storeSuite.claimShards},
		{"shards are shared among the replicas that live", storeSuite.shardLeases},
		{"what is moot is settled, and a delivery remembers its status", storeSuite.moot},
		{"late deliveries are folded into one in one step", storeSuite.fold},
		{"forgetting keeps IDs", storeSuite.forget},
		{"a context that is done ends every method", storeSuite.done},
		{"eight workers settle each delivery once and in order", storeSuite.race},
		{"two enqueue the same, and one adds it", storeSuite.enqueueRace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &storeClock{t: storeStart}
			tt.run(storeSuite{open(t, c.now), c, t.Context()}, t)
		})
	}
}

func (s storeSuite) lease(t *testing.T) {
	for i, step := range []struct {
		owner string
		after time.Duration
		fence uint64
		held  bool
	}{
		{"a", 0, 1, true},
		{"b", 59 * time.Second, 1, false},
		{"a", 0, 1, true},
		{"b", 59 * time.Second, 1, false},
		{"b", time.Second, 2, true},
		{"b", time.Minute, 3, true},
	} {
		s.clock.advance(step.after)
		fence, held, err := s.Lease(s.ctx, "dispatch", step.owner, time.Minute)
		if err != nil || fence != step.fence || held != step.held {
			t.Fatalf("step %d: Lease by %s = %d, %t, %v; want %d, %t", i, step.owner, fence, held, err, step.fence, step.held)
		}
	}
	err := errors.Join(s.Unlease(s.ctx, "dispatch", "a"), s.Unlease(s.ctx, "dispatch", "b"))
	if fence, held, err2 := s.Lease(s.ctx, "dispatch", "a", time.Minute); fence != 4 || !held || err != nil || err2 != nil {
		t.Fatalf("Lease after Unlease = %d, %t, %v, %v; want 4, true", fence, held, err, err2)
	}
}

func (s storeSuite) cursor(t *testing.T) {
	for _, step := range []struct{ save, want uint64 }{
		{0, 0}, {5, 5}, {9, 9}, {10, 10}, {9, 10}, {10, 10}, {1 << 53, 1 << 53}, {1<<53 + 1, 1<<53 + 1}, {1 << 53, 1<<53 + 1},
		{1<<64 - 1, 1<<64 - 1}, {1<<64 - 2, 1<<64 - 1},
	} {
		if err := s.SaveCursor(s.ctx, "c", step.save); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Cursor(s.ctx, "c"); got != step.want || err != nil {
			t.Fatalf("Cursor after SaveCursor(%d) = %d, %v; want %d", step.save, got, err, step.want)
		}
	}
	if got, err := s.Cursor(s.ctx, "another"); got != 0 || err != nil {
		t.Errorf("Cursor of a new consumer = %d, %v; want 0", got, err)
	}
}

func (s storeSuite) once(t *testing.T) {
	wantOnce := func(key string, ttl time.Duration, want bool) {
		t.Helper()
		if first, err := s.Once(s.ctx, key, ttl); first != want || err != nil {
			t.Fatalf("Once(%.20q) = %t, %v; want %t", key, first, err, want)
		}
	}
	long := strings.Repeat("k", 50_000)
	wantOnce("a", time.Minute, true)
	wantOnce("b", time.Hour, true)
	wantOnce("a", time.Minute, false)
	wantOnce(long, time.Hour, true)
	wantOnce(long+"k", time.Hour, true)
	wantOnce(long, time.Hour, false)
	s.clock.advance(time.Minute - time.Millisecond)
	wantOnce("a", time.Hour, false) // asking does not prolong
	s.clock.advance(time.Millisecond)
	wantOnce("a", time.Hour, true)
	wantOnce("a", time.Hour, false)
	wantOnce("b", time.Hour, false)
	s.clock.advance(59 * time.Minute)
	wantOnce("b", time.Hour, true)
	wantOnce("a", time.Hour, false)
	for i := range 50 {
		wantOnce(fmt.Sprint("short", i), time.Second, true)
	}
	s.clock.advance(time.Second)
	for i := range 50 {
		wantOnce(fmt.Sprint("short", 49-i), time.Second, true)
	}
	for i := range 50 {
		wantOnce(fmt.Sprint("short", i), time.Second, false)
	}
}

func (s storeSuite) subscriptions(t *testing.T) {
	want := func(keys ...string) []bot.Subscription {
		t.Helper()
		subs, err := s.Subscriptions(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, sub := range subs {
			got = append(got, string(sub.Channel)+" "+sub.ID)
		}
		if !slices.Equal(got, keys) {
			t.Fatalf("Subscriptions = %q, want %q", got, keys)
		}
		return subs
	}
	save := func(sub bot.Subscription) {
		t.Helper()
		if err := s.SaveSubscription(s.ctx, sub); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(c bot.Channel, id string, want bool) {
		t.Helper()
		if was, err := s.DeleteSubscription(s.ctx, c, id); was != want || err != nil {
			t.Fatalf("DeleteSubscription(%s, %s) = %t, %v; want %t", c, id, was, err, want)
		}
	}
	var versions []string // each but the last of something else
	version := func(changed bool) {
		t.Helper()
		v, err := s.SubscriptionsVersion(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if was := slices.Contains(versions, v); was == changed {
			t.Fatalf("version %q after %q: changed %t", v, versions, changed)
		}
		if changed {
			versions = append(versions, v)
		}
	}
	want()
	version(true)
	remove("test:1", "a", false)
	full := bot.Subscription{
		ID: "a", Channel: "test:2", MinImpact: 70, Topics: []string{"deepseek", "r2"}, Mode: bot.Digest,
		DigestAt: "09:00", Zone: "Europe/Berlin", Quiet: "22:00-07:00",
	}
	save(bot.Subscription{ID: "a", Channel: "test:2", Mode: bot.Instant})
	save(bot.Subscription{ID: "b", Channel: "test:10", Mode: bot.Instant})
	save(bot.Subscription{ID: "b", Channel: "test:1", Mode: bot.Instant})
	save(bot.Subscription{ID: "a", Channel: "test:1", Mode: bot.Instant})
	version(true)
	version(false)
	save(full)
	version(true)
	subs := want("test:1 a", "test:1 b", "test:10 b", "test:2 a")
	sameJSON(t, "the replaced subscription", subs[3], full)
	remove("test:1", "b", true)
	version(true)
	remove("test:1", "b", false)
	want("test:1 a", "test:10 b", "test:2 a")
}

func (s storeSuite) enqueueOnce(t *testing.T) {
	s.enqueue(t, 2, owed("a", 1), owed("a", 2), owed("a", 1)) // the third is the first again
	s.enqueue(t, 0, owed("a", 1))
	d := s.claim1(t, "a/1")
	s.enqueue(t, 0, owed("a", 1)) // under way
	s.settle(t, d, bot.Result{State: bot.Sent, Message: "m"})
	s.enqueue(t, 0, owed("a", 1)) // sent
	d = s.claim1(t, "a/2")
	s.settle(t, d, bot.Result{State: bot.Dead, Error: "no"})
	s.enqueue(t, 1, owed("a", 1), owed("a", 2), owed("a", 3)) // sent, dead, new
	s.clock.advance(10_000 * time.Hour)
	s.enqueue(t, 0, owed("a", 1), owed("a", 2), owed("a", 3))
	s.settle(t, s.claim1(t, "a/3"), bot.Result{State: bot.Sent})
	s.wantClaim(t, 10)
	s.enqueue(t, 0)
}

func (s storeSuite) enqueueFresh(t *testing.T) {
	d := owed("a", 1)
	d.State, d.Attempts, d.Token, d.InDoubt, d.Message, d.Error = bot.Sent, 7, 7, true, "m", "e"
	d.Tried, d.Settled = storeStart, storeStart
	created := owed("b", 1)
	created.Created = storeStart.Add(-time.Hour)
	created.Kind, created.Story, created.Digest = bot.KindDigest, "", &bot.Period{Subscription: "config", From: storeStart.Add(-time.Hour), To: storeStart}
	created.Advice = &bot.Advice{Channel: "test:a", Order: "instant", Setting: "min", From: "50", To: "70", Before: 31, After: 14}
	s.enqueue(t, 2, d, created)
	want := owed("a", 1)
	want.State, want.Created = bot.Pending, storeStart
	created.State = bot.Pending
	sameJSON(t, "Deliveries", s.list1(t, bot.DeliveryQuery{}), []bot.Delivery{created, want})
	got := s.wantClaim(t, 10, "a/1", "b/1")[0]
	want.State, want.Attempts, want.Tried, want.Token = bot.Sending, 1, storeStart, got.Token
	sameJSON(t, "Claim", got, want)
}

func (s storeSuite) enqueueMany(t *testing.T) {
	const channels, each = 3, 700
	var ds []bot.Delivery
	for i := range each {
		for c := range channels {
			ds = append(ds, owed(fmt.Sprint("c", c), i))
		}
	}
	s.enqueue(t, channels*each, ds...)
	s.enqueue(t, 1, append(ds, owed("c0", each))...)
	newest := s.list1(t, bot.DeliveryQuery{Channel: "test:c1", Limit: 2 * each})
	if len(newest) != each || newest[0].ID != fmt.Sprint("c1/", each-1) || newest[each-1].ID != "c1/0" {
		t.Fatalf("%d deliveries of the channel, want %d, the newest first", len(newest), each)
	}
	for i := range 3 {
		for _, d := range s.wantClaim(t, 10, fmt.Sprint("c0/", i), fmt.Sprint("c1/", i), fmt.Sprint("c2/", i)) {
			s.settle(t, d, bot.Result{State: bot.Sent})
		}
	}
}

func (s storeSuite) order(t *testing.T) {
	s.wantClaim(t, 10)
	s.enqueue(t, 4, owed("a", 2), owed("a", 1), owed("b", 1), owed("a", 3))
	a2 := s.wantClaim(t, 10, "a/2", "b/1")[0]
	s.wantClaim(t, 10)
	s.settle(t, a2, bot.Result{State: bot.Sent})
	s.enqueue(t, 1, owed("a", 0))
	for _, id := range []string{"a/1", "a/3", "a/0"} {
		s.settle(t, s.claim1(t, id), bot.Result{State: bot.Sent})
	}
	s.wantClaim(t, 10)
	s.enqueue(t, 1, owed("a", 4)) // the channel was empty in between
	s.claim1(t, "a/4")
}

func (s storeSuite) limit(t *testing.T) {
	for i := range 4 {
		s.enqueue(t, 3, owed("a", i), owed("b", i), owed("c", i))
	}
	for _, step := range []struct{ limit, want int }{{0, 0}, {2, 2}, {1, 1}, {5, 0}} {
		if ds, err := s.Claim(s.ctx, bot.AllShards, time.Minute, step.limit); len(ds) != step.want || err != nil {
			t.Fatalf("Claim of up to %d = %d deliveries, %v; want %d", step.limit, len(ds), err, step.want)
		}
	}
	s.clock.advance(time.Hour) // the leases are gone: everybody is due
	turns := map[bot.Channel]int{}
	for range 9 {
		s.clock.advance(time.Millisecond)
		ds, err := s.Claim(s.ctx, bot.AllShards, time.Minute, 1)
		if len(ds) != 1 || err != nil {
			t.Fatalf("Claim = %v, %v; want one delivery", ds, err)
		}
		turns[ds[0].Channel]++
		s.settle(t, ds[0], bot.Result{State: bot.Sent})
	}
	if len(turns) != 3 || turns["test:a"] != 3 || turns["test:b"] != 3 {
		t.Errorf("nine claims of one went to %v, want three to each channel", turns)
	}
	// More for a channel that waits does not send it to the end of the line.
	s.wantClaim(t, 10, "a/3", "b/3", "c/3")
	for _, d := range []bot.Delivery{owed("y", 1), owed("x", 1), owed("y", 2)} {
		s.clock.advance(time.Millisecond)
		s.enqueue(t, 1, d)
	}
	s.wantClaim(t, 1, "y/1")
	s.wantClaim(t, 1, "x/1")
}

func (s storeSuite) headOfLine(t *testing.T) {
	late := owed("a", 1)
	late.NotBefore = storeStart.Add(time.Minute)
	s.enqueue(t, 3, late, owed("a", 2), owed("b", 1))
	s.claim1(t, "b/1")
	s.clock.advance(time.Minute - time.Millisecond)
	s.wantClaim(t, 10)
	s.clock.advance(time.Millisecond)
	d := s.wantClaimFor(t, 10*time.Minute, 10, "a/1", "b/1")[0] // and b's lease of a minute is over
	s.settle(t, d, bot.Result{State: bot.Pending, Wait: 2 * time.Minute, Error: "throttled"})
	s.clock.advance(2*time.Minute - time.Millisecond)
	s.wantClaim(t, 10)
	s.clock.advance(time.Millisecond)
	d = s.claim1(t, "a/1")
	if d.Attempts != 2 || d.InDoubt || d.Error != "throttled" || !d.Tried.Equal(storeStart.Add(time.Minute)) {
		t.Errorf("claimed after Pending: %+v; want the second attempt, not in doubt, first tried after a minute", d)
	}
	s.settle(t, d, bot.Result{State: bot.Pending})
	if d = s.claim1(t, "a/1"); d.Error != "" {
		t.Errorf("claimed after an attempt without an error: %+v", d)
	}
	s.settle(t, d, bot.Result{State: bot.Sent})
	s.claim1(t, "a/2")
}

func (s storeSuite) expired(t *testing.T) {
	s.enqueue(t, 2, owed("a", 1), owed("a", 2))
	first := s.wantClaimFor(t, 30*time.Second, 10, "a/1")[0]
	if first.InDoubt || first.Attempts != 1 {
		t.Fatalf("first claim: %+v; want attempt 1, not in doubt", first)
	}
	s.clock.advance(30*time.Second - time.Millisecond)
	s.wantClaim(t, 10)
	s.clock.advance(time.Millisecond)
	second := s.claim1(t, "a/1")
	if !second.InDoubt || second.Attempts != 2 || second.Token == first.Token || !second.Tried.Equal(storeStart) {
		t.Fatalf("second claim: %+v; want attempt 2, in doubt, another token, first tried at the start", second)
	}
	s.settle(t, second, bot.Result{State: bot.Pending, Error: "looked, it is not there"})
	third := s.claim1(t, "a/1")
	if third.InDoubt {
		t.Errorf("claimed after a definite answer: %+v; want no doubt", third)
	}
	s.clock.advance(time.Hour)
	// Nobody took it over: the late answer of the third still counts.
	s.settle(t, third, bot.Result{State: bot.Sent, Message: "m"})
	s.claim1(t, "a/2")
}

func (s storeSuite) inDoubt(t *testing.T) {
	s.enqueue(t, 2, owed("a", 1), owed("a", 2))
	d := s.claim1(t, "a/1")
	s.settle(t, d, bot.Result{State: bot.Sending, Wait: 10 * time.Second, Error: "EOF", Failed: true})
	if l := s.list1(t, bot.DeliveryQuery{State: bot.Sending}); len(l) != 1 || l[0].Error != "EOF" {
		t.Fatalf("Deliveries in state sending: %+v; want a/1 with its error", l)
	}
	s.clock.advance(10*time.Second - time.Millisecond)
	s.wantClaim(t, 10)
	s.clock.advance(time.Millisecond)
	d = s.claim1(t, "a/1")
	if !d.InDoubt || d.Attempts != 2 || d.Error != "EOF" {
		t.Fatalf("claimed after Sending: %+v; want attempt 2, in doubt", d)
	}
	if d.Failures != 1 {
		t.Errorf("claimed %+v; want one failure", d)
	}
	s.settle(t, d, bot.Result{State: bot.Sending, Failed: true}) // at once
	if d = s.claim1(t, "a/1"); !d.InDoubt {
		t.Fatalf("claimed after Sending again: %+v; want it in doubt", d)
	}
	s.settle(t, d, bot.Result{State: bot.Sent, Message: "found"})
	if d.Failures != 2 {
		t.Errorf("claimed %+v; want two failures", d)
	}
	if l := s.list1(t, bot.DeliveryQuery{State: bot.Sent}); len(l) != 1 || l[0].InDoubt || l[0].Failures != 2 {
		t.Errorf("Deliveries sent: %+v; want a/1, no longer in doubt", l)
	}
	if d = s.claim1(t, "a/2"); d.InDoubt {
		t.Errorf("the next delivery is in doubt: %+v", d)
	}
}

func (s storeSuite) fenced(t *testing.T) {
	s.enqueue(t, 1, owed("a", 1))
	first := s.claim1(t, "a/1")
	for _, token := range []uint64{0, first.Token + 1, first.Token + 1<<53, 1<<64 - 1} {
		d := first
		d.Token = token
		s.wantFenced(t, d)
	}
	s.clock.advance(time.Hour)
	second := s.claim1(t, "a/1")
	s.wantFenced(t, first)
	s.settle(t, second, bot.Result{State: bot.Sending})
	s.wantFenced(t, second) // settled before
	none := second
	none.Token = 0
	s.wantFenced(t, none) // no claim is open, and none has this token
	third := s.claim1(t, "a/1")
	s.wantFenced(t, first)
	s.wantFenced(t, second)
	s.settle(t, third, bot.Result{State: bot.Pending})
	s.wantFenced(t, third)
	s.wantFenced(t, none)
	fourth := s.claim1(t, "a/1")
	s.settle(t, fourth, bot.Result{State: bot.Sent, Message: "m"})
	s.wantFenced(t, fourth)
	s.enqueue(t, 1, owed("b", 1))
	d := s.claim1(t, "b/1")
	s.settle(t, d, bot.Result{State: bot.Dead})
	s.wantFenced(t, d)
	if err := s.Retry(s.ctx, "b/1"); err != nil {
		t.Fatal(err)
	}
	s.wantFenced(t, d)
	s.wantFenced(t, bot.Delivery{ID: "unknown", Channel: "test:a", Token: 1})
	if err := s.Settle(s.ctx, s.claim1(t, "b/1"), bot.Result{}); err == nil || errors.Is(err, news.ErrFenced) {
		t.Errorf("Settle without a state: %v, want an error that says so", err)
	}
}

func (s storeSuite) results(t *testing.T) {
	s.enqueue(t, 3, owed("a", 1), owed("b", 1), owed("c", 1))
	ds := s.wantClaim(t, 10, "a/1", "b/1", "c/1")
	s.clock.advance(time.Second)
	settled := storeStart.Add(time.Second)
	s.settle(t, ds[0], bot.Result{State: bot.Sent, Message: "12345678901234567890"})
	s.settle(t, ds[1], bot.Result{State: bot.Dead, Error: "no such\nchannel: é"})
	s.settle(t, ds[2], bot.Result{State: bot.Pending, Error: "throttled"})
	sent, dead, pending := ds[0], ds[1], ds[2]
	sent.State, sent.Token, sent.Settled, sent.Message = bot.Sent, 0, settled, "12345678901234567890"
	dead.State, dead.Token, dead.Settled, dead.Error = bot.Dead, 0, settled, "no such\nchannel: é"
	pending.State, pending.Token, pending.NotBefore, pending.Error = bot.Pending, 0, settled, "throttled"
	sameJSON(t, "Deliveries", s.list1(t, bot.DeliveryQuery{}), []bot.Delivery{pending, dead, sent})
}
