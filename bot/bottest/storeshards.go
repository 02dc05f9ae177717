package bottest

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// edit is the nth edit of a message in the channel "test:"+name.
func edit(name string, n int) bot.Delivery {
	d := owed(name, n)
	d.ID, d.Kind = fmt.Sprint("edit/", d.ID), bot.KindEdit
	return d
}

func (s storeSuite) lanes(t *testing.T) {
	waits := edit("a", 1)
	waits.NotBefore = storeStart.Add(time.Minute)
	s.enqueue(t, 4, waits, edit("a", 2), owed("a", 1), owed("a", 2))
	a1 := s.claim1(t, "a/1") // no edit holds it back
	s.clock.advance(time.Minute - time.Millisecond)
	s.wantClaim(t, 10) // and the edit behind the one that waits comes after it
	s.settle(t, a1, bot.Result{State: bot.Sent})
	s.clock.advance(time.Millisecond)
	ds := s.wantClaim(t, 10, "a/2", "edit/a/1")
	s.settle(t, ds[0], bot.Result{State: bot.Pending, Suspend: true})
	s.settle(t, ds[1], bot.Result{State: bot.Sent})
	s.wantClaim(t, 10) // the channel is suspended with all its lanes
	if err := s.Resume(s.ctx, "test:a"); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.wantClaim(t, 10, "a/2", "edit/a/2") {
		s.settle(t, d, bot.Result{State: bot.Sent})
	}
	s.wantClaim(t, 10)
	// What is suspended while the other lane is under way stays so.
	s.enqueue(t, 4, owed("b", 1), owed("b", 2), edit("b", 1), edit("b", 2))
	ds = s.wantClaim(t, 10, "b/1", "edit/b/1")
	s.settle(t, ds[0], bot.Result{State: bot.Dead, Suspend: true})
	s.settle(t, ds[1], bot.Result{State: bot.Sent})
	s.clock.advance(time.Hour)
	s.wantClaim(t, 10)
	// And so does a lane that was due already.
	s.enqueue(t, 1, owed("c", 1))
	c1 := s.claim1(t, "c/1")
	s.enqueue(t, 1, edit("c", 1))
	s.settle(t, c1, bot.Result{State: bot.Sent, Suspend: true})
	s.wantClaim(t, 10)
	if err := s.Resume(s.ctx, "test:c"); err != nil {
		t.Fatal(err)
	}
	s.claim1(t, "edit/c/1")
}

func (s storeSuite) claimShards(t *testing.T) {
	var names []string
	seen := map[int]bool{}
	for i := range 40 {
		name := fmt.Sprintf("c%02d", i)
		names = append(names, name)
		seen[bot.Shard(bot.Channel("test:"+name))] = true
		s.enqueue(t, 1, owed(name, 1))
	}
	if len(seen) < 20 {
		t.Fatalf("40 channels are in %d shards only", len(seen))
	}
	if ds, err := s.Claim(s.ctx, 0, time.Minute, 100); len(ds) != 0 || err != nil {
		t.Fatalf("Claim of no shards took %q, %v", ids(ds), err)
	}
	for half, shards := range []bot.Shards{0xaaaaaaaaaaaaaaaa, 0x5555555555555555} {
		ds, err := s.Claim(s.ctx, shards, time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, d := range ds {
			got = append(got, d.ID)
		}
		for _, name := range names {
			if shards.Has(bot.Shard(bot.Channel("test:" + name))) {
				want = append(want, name+"/1")
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("half %d: claimed %v, want %v", half, got, want)
		}
	}
	// A limit is one for all shards together, and who waited longest comes first.
	for i := range 6 {
		s.clock.advance(time.Millisecond)
		s.enqueue(t, 1, owed(fmt.Sprint("late", 9-i), 1))
	}
	s.wantClaim(t, 2, "late8/1", "late9/1")
	s.wantClaim(t, 3, "late5/1", "late6/1", "late7/1")
}

func (s storeSuite) shardLeases(t *testing.T) {
	const ttl = 10 * time.Second
	hold := func(owner string, ttl time.Duration) bot.Shards {
		t.Helper()
		got, err := s.Shards(s.ctx, owner, ttl)
		if err != nil {
			t.Fatalf("Shards(%s): %v", owner, err)
		}
		return got
	}
	if got := hold("a", ttl); got != bot.AllShards {
		t.Fatalf("one replica holds %x, want all shards", got)
	}
	// b is counted at once; a gives up what is beyond its share when it asks.
	if got := hold("b", ttl); got != 0 {
		t.Fatalf("b holds %x while a has all", got)
	}
	a, b := hold("a", ttl), hold("b", ttl)
	if bits.OnesCount64(uint64(a)) != 32 || a|b != bot.AllShards || a&b != 0 {
		t.Fatalf("a %x and b %x: want 32 each, none twice", a, b)
	}
	if again := hold("a", ttl); again != a {
		t.Errorf("a holds %x, then %x: a share is kept while it is renewed", a, again)
	}
	// Of three, none has more than 22 and each shard has one owner.
	for range 3 {
		hold("a", ttl)
		hold("b", ttl)
		hold("c", ttl)
	}
	a, b, c := hold("a", ttl), hold("b", ttl), hold("c", ttl)
	for _, one := range []bot.Shards{a, b, c} {
		if n := bits.OnesCount64(uint64(one)); n > 22 || n < 20 {
			t.Errorf("a share of three is %d shards", n)
		}
	}
	if a&b|a&c|b&c != 0 || a|b|c != bot.AllShards {
		t.Fatalf("a %x, b %x, c %x: want each shard once", a, b, c)
	}
	// c dies; its shards stay its own until its time runs out.
	s.clock.advance(ttl - time.Millisecond)
	if got := hold("a", ttl); got&c != 0 {
		t.Fatalf("a took %x, which are c's until its time runs out", got&c)
	}
	hold("b", ttl)
	s.clock.advance(time.Millisecond)
	if a, b = hold("a", ttl), hold("b", ttl); a|b != bot.AllShards || a&b != 0 {
		t.Fatalf("after c died: a %x, b %x", a, b)
	}
	// b ends in an orderly way.
	if got := hold("b", 0); got != 0 {
		t.Errorf("b holds %x after it gave all up", got)
	}
	if got := hold("a", ttl); got != bot.AllShards {
		t.Errorf("a holds %x after b ended", got)
	}
	// More replicas than shards: some have none.
	var all bot.Shards
	for range 2 {
		all = 0
		for i := range 70 {
			got := hold(fmt.Sprint("many", i), ttl)
			if got&all != 0 || bits.OnesCount64(uint64(got)) > 1 {
				t.Fatalf("replica %d of 70 holds %x", i, got)
			}
			all |= got
		}
		hold("a", 0)
	}
	if all != bot.AllShards {
		t.Errorf("70 replicas hold %x", all)
	}
}

func (s storeSuite) moot(t *testing.T) {
	told := owed("a", 1)
	told.Kind, told.Status = bot.KindFollowUp, "denied"
	s.enqueue(t, 2, told, owed("a", 2))
	d := s.claim1(t, "a/1")
	if d.Status != "denied" {
		t.Errorf("claimed %+v; want the status it was enqueued with", d)
	}
	s.settle(t, d, bot.Result{State: bot.Moot, Error: "the message shows it"})
	s.wantFenced(t, d)
	if err := s.Retry(s.ctx, "a/1"); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("Retry of what is moot: %v, want ErrNotFound", err)
	}
	s.enqueue(t, 0, told)
	d = s.claim1(t, "a/2")
	s.settle(t, d, bot.Result{State: bot.Sent, Message: "m", Status: "rumour", Stories: []string{"s1", "s2"}})
	got, err := s.Delivery(s.ctx, "a/2")
	if err != nil || got.State != bot.Sent || got.Status != "rumour" || got.Message != "m" || !slices.Equal(got.Stories, []string{"s1", "s2"}) {
		t.Errorf("Delivery = %+v, %v; want it sent with its status", got, err)
	}
	if got, err := s.Delivery(s.ctx, "a/1"); err != nil || got.State != bot.Moot || got.Settled.IsZero() || got.Error != "the message shows it" {
		t.Errorf("Delivery = %+v, %v; want it moot", got, err)
	}
	if _, err := s.Delivery(s.ctx, "a/3"); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("Delivery of what is not there: %v, want ErrNotFound", err)
	}
	if got := ids(s.list1(t, bot.DeliveryQuery{State: bot.Moot})); got != "a/1" {
		t.Errorf("Deliveries moot = %q, want a/1", got)
	}
	s.wantClaim(t, 10)

	// What another delivery tells names it, and knows the status that it told.
	s.enqueue(t, 2, owed("b", 1), owed("b", 2))
	s.settle(t, s.claim1(t, "b/1"), bot.Result{State: bot.Moot, Into: "a/2", Status: "confirmed"})
	s.settle(t, s.claim1(t, "b/2"), bot.Result{State: bot.Sent, Into: "a/2", Status: "rumour"})
	for id, want := range map[string]string{"b/1": "a/2 confirmed", "b/2": " rumour"} {
		if got, err := s.Delivery(s.ctx, id); err != nil || got.Into+" "+got.Status != want {
			t.Errorf("Delivery = %+v, %v; want into and status %q", got, err, want)
		}
	}
}

func (s storeSuite) fold(t *testing.T) {
	late := func(n int) bot.Delivery { d := owed("a", n); d.Late = true; return d }
	s.enqueue(t, 7, late(1), late(2), owed("a", 3), late(4), owed("a", 5), owed("b", 1), owed("b", 2))
	d := s.wantClaim(t, 10, "a/1", "b/1")[0]
	for limit, want := range map[int]string{10: "a/1 a/2 a/3 a/4 a/5", 2: "a/1 a/2"} {
		if ds, err := s.Waiting(s.ctx, "test:a", limit); ids(ds) != want || err != nil {
			t.Errorf("Waiting(%d) = %q, %v; want %q", limit, ids(ds), err, want)
		}
	}
	if !d.Late {
		t.Errorf("claimed %+v; want it late", d)
	}
	catchUp := bot.Delivery{ID: "catch", Channel: "test:a", Kind: bot.KindCatchUp, Stories: []string{"s1", "s2", "s4"}}
	fold := func(folded ...string) bot.Result {
		return bot.Result{State: bot.Moot, CatchUp: &catchUp, Folded: folded}
	}
	before := s.list1(t, bot.DeliveryQuery{})
	for _, bad := range [][]string{{"a/2", "unknown"}, {"a/2", "b/1"}, {"a/2", "b/2"}, {"a/1"}} { // b/1 is sending, b/2 in another lane; a/1 is the claim itself
		if err := s.Settle(s.ctx, d, fold(bad...)); err == nil || errors.Is(err, news.ErrFenced) {
			t.Errorf("Settle that folds %v: %v, want an error that says so", bad, err)
		}
	}
	sameJSON(t, "Deliveries after a fold that was refused", s.list1(t, bot.DeliveryQuery{}), before)
	stale := d
	stale.Token++
	if err := s.Settle(s.ctx, stale, fold("a/2")); !errors.Is(err, news.ErrFenced) {
		t.Errorf("Settle with another token: %v, want ErrFenced", err)
	}
	s.clock.advance(time.Second)
	s.settle(t, d, fold("a/2", "a/4"))
	for _, id := range []string{"a/1", "a/2", "a/4"} {
		got, err := s.Delivery(s.ctx, id)
		if err != nil || got.State != bot.Moot || got.Into != "catch" || !got.Settled.Equal(storeStart.Add(time.Second)) {
			t.Errorf("%s = %+v, %v; want it moot, into catch", id, got, err)
		}
	}
	s.enqueue(t, 0, catchUp, late(2))
	d = s.claim1(t, "catch") // in the place of the first
	if fmt.Sprint(d.Stories) != "[s1 s2 s4]" || d.Kind != bot.KindCatchUp || d.Attempts != 1 || d.InDoubt || d.Created.IsZero() {
		t.Errorf("claimed %+v; want the catch-up as a new delivery", d)
	}
	s.settle(t, d, bot.Result{State: bot.Sent, Message: "m"})
	for _, id := range []string{"a/3", "a/5"} {
		s.settle(t, s.claim1(t, id), bot.Result{State: bot.Sent})
	}
	s.wantClaim(t, 10)

	// An ID that the outbox knows is not enqueued again: nothing changes.
	s.enqueue(t, 1, owed("c", 1))
	d = s.claim1(t, "c/1")
	known := catchUp
	known.Channel = "test:c"
	if err := s.Settle(s.ctx, d, bot.Result{State: bot.Moot, CatchUp: &known}); err == nil || errors.Is(err, news.ErrFenced) {
		t.Errorf("Settle with a catch-up that the outbox knows: %v, want an error", err)
	}
	s.settle(t, d, bot.Result{State: bot.Sent})
}

func (s storeSuite) forget(t *testing.T) {
	s.enqueue(t, 5, owed("a", 1), owed("b", 1), owed("c", 1), owed("d", 1), owed("d", 2))
	ds := s.wantClaim(t, 10, "a/1", "b/1", "c/1", "d/1")
	s.settle(t, ds[0], bot.Result{State: bot.Sent, Message: "m"})
	s.settle(t, ds[1], bot.Result{State: bot.Dead, Error: "no"})
	s.settle(t, ds[2], bot.Result{State: bot.Moot})
	s.clock.advance(time.Hour)
	s.settle(t, ds[3], bot.Result{State: bot.Sent})
	forget := func(settled, known time.Time, want int) {
		t.Helper()
		if n, err := s.Forget(s.ctx, settled, known); n != want || err != nil {
			t.Fatalf("Forget = %d, %v; want %d", n, err, want)
		}
	}
	forget(storeStart, time.Time{}, 0) // settled before, not at, that time
	forget(storeStart.Add(time.Second), time.Time{}, 3)
	if got := ids(s.list1(t, bot.DeliveryQuery{})); got != "d/2 d/1" {
		t.Errorf("Deliveries after Forget = %q, want d/2 d/1", got)
	}
	for _, q := range []bot.DeliveryQuery{{Channel: "test:a"}, {Story: "s1", Channel: "test:b"}, {State: bot.Dead}, {State: bot.Moot}} {
		if l := s.list1(t, q); len(l) != 0 {
			t.Errorf("Deliveries(%+v) = %v, want none", q, l)
		}
	}
	// Forgetting never posts again.
	s.enqueue(t, 0, owed("a", 1), owed("b", 1), owed("c", 1), owed("d", 1), owed("d", 2))
	if err := s.Retry(s.ctx, "b/1"); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("Retry of what was forgotten: %v, want ErrNotFound", err)
	}
	s.wantFenced(t, ds[0])
	s.settle(t, s.claim1(t, "d/2"), bot.Result{State: bot.Sent})
	s.wantClaim(t, 10)
	s.clock.advance(time.Hour)
	forget(storeStart.Add(3*time.Hour), storeStart.Add(2*time.Hour), 2) // the IDs known since one hour go, those of now stay
	s.enqueue(t, 0, owed("d", 1), owed("d", 2))
	forget(storeStart.Add(3*time.Hour), storeStart.Add(4*time.Hour), 0)
	s.enqueue(t, 5, owed("a", 1), owed("b", 1), owed("c", 1), owed("d", 1), owed("d", 2))
	s.wantClaim(t, 10, "a/1", "b/1", "c/1", "d/1")

	// Many, over several steps of an engine.
	var many []bot.Delivery
	for i := range 1200 {
		many = append(many, owed("m", i))
	}
	s.enqueue(t, len(many), many...)
	for range many {
		ds, err := s.Claim(s.ctx, bot.AllShards, time.Hour, 1)
		if err != nil || len(ds) != 1 {
			t.Fatal(ds, err)
		}
		s.settle(t, ds[0], bot.Result{State: bot.Sent})
	}
	s.clock.advance(time.Second)
	forget(s.clock.now(), time.Time{}, len(many))
	s.enqueue(t, 0, many...)
}
