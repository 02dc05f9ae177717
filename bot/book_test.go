package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
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
	config := []Subscription{{ID: "config", Channel: "test:1"}}
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
	s.save(Subscription{ID: "instant", Channel: "test:1"}, Subscription{ID: "digest", Channel: "test:0"})
	check("after one was saved", "config", "instant")
	s.save()
	check("after it was ended", "config")

	s.save(Subscription{ID: "instant", Channel: "test:1"})
	s.during = func() { s.save(Subscription{ID: "digest", Channel: "test:1"}) }
	orderIDs(t, b, "test:1")
	check("after one was saved while they were read", "config", "digest")
}

// TestBookByChannel: the orders of a channel, those of the configuration apart
// from the others, and of no other.
func TestBookByChannel(t *testing.T) {
	s := &cabinet{}
	s.save(Subscription{ID: "instant", Channel: "test:2"}, Subscription{ID: "digest", Channel: "test:2"}, Subscription{ID: "instant", Channel: "test:3"})
	b := NewBook(s, []Subscription{{ID: "config", Channel: "test:2"}, {ID: "config", Channel: "test:1"}})
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
	b := NewBook(s, []Subscription{{ID: "config", Channel: "test:1"}})
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
