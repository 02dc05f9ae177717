package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cabinet is a store of orders.
type cabinet struct {
	mu      sync.Mutex
	version int
	subs    []Subscription
	reads   int
	during  func() // called within Subscriptions, after they were read
	err     error
}

func (s *cabinet) SubscriptionsVersion(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.version), s.err
}

func (s *cabinet) Subscriptions(context.Context) ([]Subscription, error) {
	s.mu.Lock()
	out := slices.Clone(s.subs)
	s.reads++
	during := s.during
	s.during = nil
	s.mu.Unlock()
	if during != nil {
		during()
	}
	return out, nil
}

func (s *cabinet) save(subs ...Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs, s.version = subs, s.version+1
}

func orderIDs(t *testing.T, b *Book, c Channel) (ids []string) {
	t.Helper()
	s, err := b.standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range s.of(c) {
		ids = append(ids, o.ID)
	}
	return ids
}

// TestBookReadsOnce: however often and by however many at once it is asked,
// orders that did not change are read once.
func TestBookReadsOnce(t *testing.T) {
	s := &cabinet{}
	s.save(Subscription{ID: "instant", Channel: "test:1"})
	b := NewBook(s, nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				if _, err := b.standing(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if s.reads != 1 {
		t.Errorf("the orders were read %d times, want once", s.reads)
	}
}

// TestBookSeesChanges: what is saved, paused or ended by whomever counts with
// the next question, that while they are read, too.
func TestBookSeesChanges(t *testing.T) {
	s := &cabinet{}
	config := []Subscription{{ID: "config", Channel: "test:1", Mode: Digest}}
	b, other := NewBook(s, config), NewBook(s, config)
	check := func(what string, want ...string) {
		t.Helper()
		for _, b := range []*Book{b, other} {
			if got := orderIDs(t, b, "test:1"); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	check("at first", "config")
	s.save(Subscription{ID: "instant", Channel: "test:1", Mode: Instant}, Subscription{ID: "digest", Channel: "test:0", Mode: Digest})
	check("after one was saved", "config", "instant")
	s.save()
	check("after it was ended", "config")

	s.save(Subscription{ID: "instant", Channel: "test:1"})
	s.during = func() { s.save(Subscription{ID: "later", Channel: "test:1"}) }
	orderIDs(t, b, "test:1")
	check("after one was saved while they were read", "config", "later")
}

// TestOrdersByCommandTakeThePlaceOfConfiguredOnes of their mode in their
// channel; pauses and what a person follows do not.
func TestOrdersByCommandTakeThePlaceOfConfiguredOnes(t *testing.T) {
	s := &cabinet{}
	b := NewBook(s, []Subscription{
		{ID: "config", Channel: "test:1", Mode: Instant}, {ID: "config 2", Channel: "test:1", Mode: Instant}, {ID: "config 3", Channel: "test:1", Mode: Digest},
		{ID: "config", Channel: "test:2", Mode: Instant}, {ID: "config", Channel: "test:@ada", Mode: Instant},
	})
	until := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s.save(
		Subscription{ID: "instant", Channel: "test:1", Mode: Instant}, Subscription{ID: pauseID, Channel: "test:1", Paused: until},
		Subscription{ID: followsTopic + "openai", Channel: "test:@ada", Mode: Instant},
	)
	for c, want := range map[Channel]string{"test:1": "config 3 instant", "test:2": "config", "test:@ada": "config " + followsTopic + "openai"} {
		if got := strings.Join(orderIDs(t, b, c), " "); got != want {
			t.Errorf("%s gets %q, want %q", c, got, want)
		}
	}
	all, err := b.standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := all.ordered("test:1")
	if len(o.aside) != 2 || len(o.config) != 1 || len(o.made) != 1 || !o.config[0].Paused.Equal(until) {
		t.Errorf("orders of the channel: %+v", o)
	}
	if s.save(); len(orderIDs(t, b, "test:1")) != 3 {
		t.Errorf("after it was ended: %v", orderIDs(t, b, "test:1"))
	}
}

// TestBookByChannel: the orders of a channel, those of the configuration apart
// from the others, and of no other.
func TestBookByChannel(t *testing.T) {
	s := &cabinet{}
	s.save(Subscription{ID: "instant", Channel: "test:2"}, Subscription{ID: "other", Channel: "test:2"}, Subscription{ID: "instant", Channel: "test:3"})
	b := NewBook(s, []Subscription{{ID: "config", Channel: "test:2", Mode: Digest}, {ID: "config", Channel: "test:1"}})
	for c, want := range map[Channel][2]int{"test:1": {1, 0}, "test:2": {1, 2}, "test:3": {0, 1}, "test:4": {0, 0}} {
		all, err := b.standing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		config, made := all.orders(c)
		if got := [2]int{len(config), len(made)}; got != want || len(all.of(c)) != want[0]+want[1] {
			t.Errorf("%s has %v of the configuration and by command and %d in all, want %v", c, got, len(all.of(c)), want)
		}
	}
}

// TestBookWithoutStore: an error of the store is told, and what was known
// lately is still there for who can do with that.
func TestBookWithoutStore(t *testing.T) {
	s := &cabinet{}
	s.save(Subscription{ID: "instant", Channel: "test:1"})
	b := NewBook(s, []Subscription{{ID: "config", Channel: "test:1", Mode: Digest}})
	if got := b.lately().of("test:1"); len(got) != 1 || got[0].ID != "config" {
		t.Errorf("before the store was asked: %v, want what is configured", got)
	}
	orderIDs(t, b, "test:1")
	s.err = errors.New("down")
	if _, err := b.standing(t.Context()); !errors.Is(err, s.err) {
		t.Errorf("err = %v, want %v", err, s.err)
	}
	if got := b.lately().of("test:1"); len(got) != 2 {
		t.Errorf("while the store is down: %v, want what it had", got)
	}
}
