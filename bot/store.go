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
	Dead    State = "dead" // given up; Retry makes it Pending again
	Moot    State = "moot" // nothing is left to send: the channel has it already, or gets it with another
)

// Settled reports whether the state is final.
func (s State) Settled() bool { return s == Sent || s == Dead || s == Moot }

// The kinds of delivery.
const (
	KindStory    = "story"
	KindDigest   = "digest"
	KindFollowUp = "follow-up" // a story's status changed: an answer to its message
	KindEdit     = "edit"      // a story grew: its message is brought up to date
	KindCatchUp  = "catch-up"  // late stories of one channel in one message
	KindAdvice   = "advice"    // what would make an order better, to the person who made it
)

// A Delivery is one message owed to one channel. It lives in the outbox.
type Delivery struct {
	ID       string    `json:"id"` // see DeliveryID
	Channel  Channel   `json:"channel"`
	Kind     string    `json:"kind"`
	Story    string    `json:"story,omitempty"`   // with KindStory, KindFollowUp and KindEdit
	Stories  []string  `json:"stories,omitempty"` // with KindCatchUp; with KindDigest once it is Sent: what it tells, all its pages
	Digest   *Period   `json:"digest,omitempty"`  // with KindDigest
	Advice   *Advice   `json:"advice,omitempty"`  // with KindAdvice, as it was when it was enqueued
	Late     bool      `json:"late,omitempty"`    // the news was late when it was enqueued: it may be folded into a catch-up
	State    State     `json:"state"`
	Attempts int       `json:"attempts"`           // claims so far
	Failures int       `json:"failures,omitempty"` // requests that ended without a definite answer
	Created  time.Time `json:"created"`
	// NotBefore delays the first claim, or the next.
	NotBefore time.Time `json:"not_before,omitzero"`
	// Tried is when it was first claimed: where Find begins to look.
	Tried   time.Time `json:"tried,omitzero"`
	Settled time.Time `json:"settled,omitzero"`
	Message MessageID `json:"message,omitempty"` // with Sent
	// Status is that of the story which the message shows, once it is Sent, or
	// was last told where it is Moot; before, what a follow-up is to tell.
	Status string `json:"status,omitempty"`
	Into   string `json:"into,omitempty"`  // with Moot: the ID of the delivery that tells it: a catch-up, or the post of a story that is the same
	Error  string `json:"error,omitempty"` // of the last attempt, or why it is dead
	// InDoubt is set by Claim where an earlier claim ended without a
	// definite answer: the message may have been posted.
	InDoubt bool `json:"in_doubt,omitempty"`
	// Token fences this claim: Settle takes effect only while it is current.
	Token uint64 `json:"token,omitempty"`
}

// Lane names the queue that d waits in: deliveries of one lane go one after
// the other. Edits have one of their own beside that of their channel, since
// they wait for a story to come to rest and must not hold back what is new.
func (d Delivery) Lane() string {
	if d.Kind == KindEdit {
		return string(d.Channel) + "\x00edit"
	}
	return string(d.Channel)
}

// Lanes returns every lane that deliveries to c may wait in.
func Lanes(c Channel) []string {
	return []string{Delivery{Channel: c}.Lane(), Delivery{Channel: c, Kind: KindEdit}.Lane()}
}

// A Period is what a digest tells of: what a subscription asks for after From
// and not after To, when the digest is due. From is when the one before was due
// by the same order; what is told begins where the last one ended that was.
type Period struct {
	Subscription string    `json:"subscription"` // its ID
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
}

// A Result is how a claim of a delivery ended.
type Result struct {
	// State is Sent, Dead, Moot or Pending; Sending keeps it in doubt: the
	// answer was lost and the next claim must look first.
	State   State
	Message MessageID
	Status  string   // with Sent and Moot: of the story that the message shows; "" leaves it as it was
	Into    string   // with Moot: the ID of the delivery that tells it, "" where none does
	Stories []string // with Sent: what Delivery.Stories becomes, where there are any
	// Wait is after what time, by the engine's clock, it may be claimed again,
	// with Pending and Sending; with Sent, what now waits behind it.
	Wait    time.Duration
	Error   string
	Failed  bool // counts in Failures
	Suspend bool // nothing more to this channel until Resume, whatever the state
	Gone    bool // with Suspend: see Suspension; of a channel that is gone already the time and the reason stay
	// CatchUp, with Moot, takes the place in the queue of the claimed delivery
	// and of those that Folded names, which become Moot too. They must be
	// Pending in the same lane; an engine that finds one that is not changes
	// nothing and returns an error.
	CatchUp *Delivery
	Folded  []string
}

// A DeliveryQuery selects deliveries; zero fields select all.
type DeliveryQuery struct {
	Channel Channel
	State   State
	Story   string
	Limit   int // at most this many, newest first; 0 means 100
}

// KeptMost is how many texts Store.Keep keeps at a time: with texts of a few
// kilobytes, some megabytes.
const KeptMost = 4096

// A Store keeps subscriptions, cursors and the outbox. Every method is safe
// for concurrent use; each write is one atomic step. One that an engine cannot
// save, as where its disk is full, is news.ErrReadOnly. The engine owns the
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
	// SubscriptionsVersion returns a text that stands for what Subscriptions
	// returns, and is another after each change of it, whoever made it. It costs
	// one short answer of the engine, however many there are.
	SubscriptionsVersion(ctx context.Context) (string, error)
	// SaveSubscription adds s, or replaces the one of the same channel and ID.
	SaveSubscription(ctx context.Context, s Subscription) error
	// DeleteSubscription reports whether there was one.
	DeleteSubscription(ctx context.Context, c Channel, id string) (bool, error)

	// Keep keeps text under key for ttl, in the place of what stood there. Of
	// more than KeptMost texts those that end first are forgotten before.
	Keep(ctx context.Context, key, text string, ttl time.Duration) error
	// Kept returns the text that is kept under key. news.ErrNotFound where
	// there is none, or none any more.
	Kept(ctx context.Context, key string) (string, error)

	Installations

	// Secret returns 32 random bytes, the same for every replica and ever
	// after: what proves that a button is the bot's own is made with them.
	Secret(ctx context.Context) ([]byte, error)
	// SaveVote keeps v in the place of an earlier vote of the same channel,
	// story and user. It costs the same however many votes there are.
	SaveVote(ctx context.Context, v Vote) error
	// Votes returns the votes of a channel that were given at or after since,
	// in no order.
	Votes(ctx context.Context, c Channel, since time.Time) ([]Vote, error)
	// ForgetVotes forgets the votes of all channels that were given before a
	// time, and returns how many they were.
	ForgetVotes(ctx context.Context, before time.Time) (int, error)

	// Shards counts owner among the replicas that deliver for ttl and returns
	// the shards that belong to it until then: up to its share of all shards,
	// which is ShardCount divided by the replicas, rounded up. It takes free
	// ones and those whose owner's time ran out, and gives up what is beyond its
	// share. No shard belongs to two owners. A ttl of 0 gives everything up.
	Shards(ctx context.Context, owner string, ttl time.Duration) (Shards, error)

	// Enqueue adds those deliveries whose ID the outbox has never held,
	// whatever became of them, as Pending, and returns how many it added.
	// Created is set by the engine where zero. On Redis many deliveries take
	// several steps: after an error, enqueueing all again adds the rest.
	Enqueue(ctx context.Context, ds []Delivery) (added int, err error)
	// Claim takes up to limit deliveries of shards that are due, at most one of
	// each lane, and makes them Sending for the length of lease. Within a lane
	// they come in the order of Enqueue, and a delivery that waits (NotBefore,
	// or a claim that still runs) holds back those behind it. One whose lease
	// ran out, or that was settled as Sending, comes again with InDoubt.
	// Channels that are suspended are left out. The claim is durable when
	// Claim returns, as far as the engine can make it so. An error beside
	// deliveries is of others, that cannot be read.
	Claim(ctx context.Context, shards Shards, lease time.Duration, limit int) ([]Delivery, error)
	// Settle ends the claim that d.Token stands for. news.ErrFenced where
	// another claim has taken its place, or it was settled before; then
	// nothing changes.
	Settle(ctx context.Context, d Delivery, r Result) error
	// Forget forgets deliveries that were settled before the one time, all but
	// their IDs, which Enqueue still knows, and IDs that were forgotten so
	// before the other. It returns how many deliveries it forgot.
	Forget(ctx context.Context, settled, known time.Time) (int, error)
	// Retry makes a dead delivery Pending again, at the end of its lane.
	// news.ErrNotFound where there is no dead delivery of that ID.
	Retry(ctx context.Context, id string) error
	// Delivery returns one delivery. news.ErrNotFound where there is none.
	Delivery(ctx context.Context, id string) (Delivery, error)
	// Waiting returns up to limit of what stands in c's own lane, Pending or
	// Sending, in its order.
	Waiting(ctx context.Context, c Channel, limit int) ([]Delivery, error)
	// Deliveries returns what q selects, the newest first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)

	// Suspensions returns the suspended channels and why.
	Suspensions(ctx context.Context) (map[Channel]Suspension, error)
	// Suspend lets channels that are gone receive nothing until Resume, as a
	// Result with Suspend and Gone does. A claim that runs goes on.
	Suspend(ctx context.Context, reason string, cs ...Channel) error
	// Resume lets a suspended channel receive again; no error where it was not.
	Resume(ctx context.Context, c Channel) error
}

// A Suspension is why a channel receives nothing.
type Suspension struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
	// Gone is set where the bot has no channel to come back to: it was deleted,
	// or the bot was removed from its space.
	Gone bool `json:"gone,omitempty"`
}
