package bot_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"newsdesk/bot"
)

// A fullStore takes no deliveries while it is full.
type fullStore struct {
	bot.Store
	full bool
}

func (s *fullStore) Enqueue(ctx context.Context, ds []bot.Delivery) (int, error) {
	if s.full {
		return 0, errors.New("no space left on device")
	}
	return s.Store.Enqueue(ctx, ds)
}

// The cursor stays before what could not be stored: nothing is passed over.
func TestDispatchAgainWhatCouldNotBeStored(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 50)
	store := &fullStore{p.store, true}
	p.dispatcher.Store = store
	b := p.desk.stories[0]
	b.ID, b.Headline, b.Seq = "b", "Headline b", 2
	p.desk.stories = append(p.desk.stories, b)
	for range 2 {
		if n, err := p.dispatcher.Step(t.Context()); n != 0 || err == nil {
			t.Fatalf("dispatched %d into a full store, %v", n, err)
		}
	}
	store.full = false
	p.dispatch()
	p.step(time.Second)
	p.step(time.Second)
	if got := p.posted(); got != "Headline a, Headline b" {
		t.Errorf("posted %q", got)
	}
}
