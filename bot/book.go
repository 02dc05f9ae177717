package bot

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// A Book has the standing orders of all channels: those of the configuration
// and those that people made by command, paused where they are. In a channel
// the latter take the place of the former of the same mode. It keeps them
// in memory and asks the store with each question whether they changed, so
// that what any replica saved counts at the next decision, and thousands of
// orders are read and decoded once. It is safe for concurrent use.
type Book struct {
	store      Orders
	configured []Subscription
	read       chan struct{} // held by who reads the orders from the store

	mu      sync.Mutex
	now     *standing
	version string // of now
	known   bool   // whether now is what the store had
}

// Orders is what a Book needs of a Store.
type Orders interface {
	Subscriptions(ctx context.Context) ([]Subscription, error)
	SubscriptionsVersion(ctx context.Context) (string, error)
}

// NewBook makes a Book of what is configured and what the store holds.
func NewBook(store Orders, configured []Subscription) *Book {
	return &Book{store: store, configured: configured, read: make(chan struct{}, 1), now: stand(configured, nil)}
}

// standing are the orders of one version. Nobody changes them.
type standing struct {
	all  []Subscription   // in order of channel, in each those of the configuration first
	made map[Channel]made // where the orders of a channel stand in all

	// aside are those of the configuration that do not count: who manages a
	// channel ordered something else of their mode there.
	aside map[Channel][]Subscription
}

// made is a part of standing.all: up to config those of the configuration,
// from there those made by command.
type made struct{ from, config, to int }

// of returns the orders of a channel.
func (s *standing) of(c Channel) []Subscription {
	m := s.made[c]
	return s.all[m.from:m.to:m.to]
}

// orders returns those of the configuration and those made by command.
func (s *standing) orders(c Channel) (config, byCommand []Subscription) {
	m := s.made[c]
	return s.all[m.from:m.config:m.config], s.all[m.config:m.to:m.to]
}

// standing returns the orders as they are now.
func (b *Book) standing(ctx context.Context) (*standing, error) {
	version, err := b.store.SubscriptionsVersion(ctx)
	if err != nil {
		return nil, err
	}
	if s := b.kept(version); s != nil {
		return s, nil
	}
	select {
	case b.read <- struct{}{}:
		defer func() { <-b.read }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s := b.kept(version); s != nil {
		return s, nil // who held it read them
	}
	// The version is older than what is read now: orders that change meanwhile
	// are read again, and never kept under a version that is newer than they.
	stored, err := b.store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	s := stand(b.configured, stored)
	b.mu.Lock()
	b.now, b.version, b.known = s, version, true
	b.mu.Unlock()
	return s, nil
}

// lately returns the orders as they were when the store was last asked, those
// of the configuration before. It asks nobody.
func (b *Book) lately() *standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *Book) kept(version string) *standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.known || b.version != version {
		return nil
	}
	return b.now
}

func stand(configured, stored []Subscription) *standing {
	type place struct {
		Channel
		Mode
	}
	taken := make(map[place]bool, len(stored))
	for _, s := range stored {
		taken[place{s.Channel, s.Mode}] = taken[place{s.Channel, s.Mode}] || s.ID != pauseID && followed(s) == ""
	}
	config, aside := map[Channel]int{}, map[Channel][]Subscription{}
	counts := make([]Subscription, 0, len(configured)+len(stored))
	for _, s := range configured {
		if taken[place{s.Channel, s.Mode}] {
			aside[s.Channel] = append(aside[s.Channel], s)
			continue
		}
		config[s.Channel]++
		counts = append(counts, s)
	}
	all := paused(append(counts, stored...))
	slices.SortStableFunc(all, func(a, b Subscription) int { return cmp.Compare(a.Channel, b.Channel) })
	s := &standing{all: all, made: make(map[Channel]made, len(all)), aside: aside}
	for from := 0; from < len(all); {
		c, to := all[from].Channel, from+1
		for to < len(all) && all[to].Channel == c {
			to++
		}
		s.made[c] = made{from, from + config[c], to}
		from = to
	}
	return s
}
