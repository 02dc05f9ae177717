package bot

import (
	"context"
	"time"
)

// A State is where a delivery stands.
type State string

// The states of a delivery; see the package comment for the transitions.
const (
	Pending State = "pending"
	Sending State = "sending"
	Sent    State = "sent"
	Dead    State = "dead"
)

// The kinds of delivery.
const (
	KindStory  = "story"
	KindDigest = "digest"
)

// A Delivery is one message owed to one channel. It lives in the outbox.
type Delivery struct {
	ID       string    `json:"id"` // see DeliveryID
	Channel  Channel   `json:"channel"`
	Kind     string    `json:"kind"`
	Story    string    `json:"story,omitempty"`  // with KindStory
	Digest   *Period   `json:"digest,omitempty"` // with KindDigest
	State    State     `json:"state"`
	Attempts int       `json:"attempts"` // claims so far
	Created  time.Time `json:"created"`
	// NotBefore delays the first claim, or the next.
	NotBefore time.Time `json:"not_before,omitzero"`
	// Tried is when it was first claimed: where Find begins to look.
	Tried   time.Time `json:"tried,omitzero"`
	Settled time.Time `json:"settled,omitzero"`
	Message MessageID `json:"message,omitempty"` // with Sent
	Error   string    `json:"error,omitempty"`   // of the last attempt, or why it is dead
	// InDoubt is set by Claim where an earlier claim ended without a
	// definite answer: the message may have been posted.
	InDoubt bool `json:"in_doubt,omitempty"`
	// Token fences this claim: Settle takes effect only while it is current.
	Token uint64 `json:"token,omitempty"`
}

// A Period is what a digest tells of: the stories of a subscription that were
// updated after From and not after To.
type Period struct {
	Subscription string    `json:"subscription"` // its ID
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
}

// A Result is how a claim of a delivery ended.
type Result struct {
	// State is Sent, Dead or Pending; Sending keeps it in doubt: the answer
	// was lost and the next claim must look first.
	State     State
	Message   MessageID
	NotBefore time.Time // with Pending and Sending: when it may be claimed again
	Error     string
	Suspend   bool // nothing more to this channel until Resume, whatever the state
}

// A DeliveryQuery selects deliveries; zero fields select all.
type DeliveryQuery struct {
	Channel Channel
	State   State
	Story   string
	Limit   int // at most this many, newest first; 0 means 100
}

// A Store keeps subscriptions, cursors and the outbox. Every method is safe
// for concurrent use; each write is one atomic step. The engine owns the
// clock. bottest.Store is the conformance suite that every engine passes.
type Store interface {
	// Lease and Unlease are those of news.Store.
	Lease(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, held bool, err error)
	Unlease(ctx context.Context, name, owner string) error

	// Cursor returns how far the named consumer has read, 0 at first.
	Cursor(ctx context.Context, name string) (uint64, error)
	// SaveCursor moves a cursor forward; a smaller value changes nothing.
	SaveCursor(ctx context.Context, name string, seq uint64) error
	// Once reports whether key is new, and remembers it for ttl.
	Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error)

	// Subscriptions returns all that people made by command, in order of channel.
	Subscriptions(ctx context.Context) ([]Subscription, error)
	// SaveSubscription adds s, or replaces the one of the same channel and ID.
	SaveSubscription(ctx context.Context, s Subscription) error
	// DeleteSubscription reports whether there was one.
	DeleteSubscription(ctx context.Context, c Channel, id string) (bool, error)

	// Enqueue adds those deliveries whose ID the outbox has never held,
	// whatever became of them, as Pending, and returns how many it added.
	// Created is set by the engine where zero.
	Enqueue(ctx context.Context, ds []Delivery) (added int, err error)
	// Claim takes up to limit deliveries that are due, at most one for each
	// channel, and makes them Sending for the length of lease. Within a
	// channel they come in the order of Enqueue, and a delivery that waits
	// (NotBefore, or a claim that still runs) holds back those behind it.
	// One whose lease ran out, or that was settled as Sending, comes again
	// with InDoubt. Channels that are suspended are left out.
	Claim(ctx context.Context, lease time.Duration, limit int) ([]Delivery, error)
	// Settle ends the claim that d.Token stands for. news.ErrFenced where
	// another claim has taken its place, or it was settled before; then
	// nothing changes.
	Settle(ctx context.Context, d Delivery, r Result) error
	// Retry makes a dead delivery Pending again, at the end of its channel.
	// news.ErrNotFound where there is no dead delivery of that ID.
	Retry(ctx context.Context, id string) error
	// Deliveries returns what q selects, the newest first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)

	// Suspensions returns the suspended channels and why.
	Suspensions(ctx context.Context) (map[Channel]Suspension, error)
	// Resume lets a suspended channel receive again; no error where it was not.
	Resume(ctx context.Context, c Channel) error
}

// A Suspension is why a channel receives nothing.
type Suspension struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}
