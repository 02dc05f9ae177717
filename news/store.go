package news

import (
	"context"
	"time"
)

// DeskLease names the lease whose holder polls, ingests and commits.
const DeskLease = "desk"

// A Store keeps articles, aliases, stories and the state of feeds. Every
// method is safe for concurrent use and returns promptly once its context is
// done. The engine owns the clock: where it is shared by replicas it is the
// server's. newstest.Store is the conformance suite that every engine passes.
type Store interface {
	// Lease takes or renews the named lease for owner and holds it for ttl.
	// The fence grows with every change of owner, or when an expired lease is
	// taken again, and stays while the owner renews. held is false, with the
	// other owner's fence, while somebody else holds it.
	Lease(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, held bool, err error)
	// Unlease gives the named lease up where owner holds it.
	Unlease(ctx context.Context, name, owner string) error

	// Resolve looks up aliases in one round trip. The answer has one entry
	// for every key, the zero Known where it is unknown or expired.
	Resolve(ctx context.Context, keys []string) ([]Known, error)
	// Commit writes b in one atomic step: all of it, or nothing and an error.
	// ErrFenced where b.Fence is not the current fence of the desk lease,
	// ErrClaimed where an alias belongs to an article other than the one b
	// names. An alias held by the same article is renewed. Each story gets
	// the next change sequence, in order; Commit sets it in b.Stories.
	Commit(ctx context.Context, b *Batch) error

	// Articles and Stories return those of ids that exist, in the order asked for.
	Articles(ctx context.Context, ids []string) ([]Article, error)
	Stories(ctx context.Context, ids []string) ([]Story, error)
	// Changed returns the latest version of at most limit stories whose
	// sequence is greater than after, in order of sequence. Each story appears
	// once, at its last change. Sequences start at 1.
	Changed(ctx context.Context, after uint64, limit int) ([]Story, error)

	// Feeds returns the state of every feed ever saved, in no order.
	Feeds(ctx context.Context) ([]FeedState, error)
	SaveFeed(ctx context.Context, f FeedState) error

	// Purge forgets stories last updated before the given time with their
	// articles, and expired aliases, but no alias before its time; it returns
	// how many stories went. A purged story does not come back by Changed.
	Purge(ctx context.Context, before time.Time) (int, error)
}

// A Known is what an alias leads to.
type Known struct {
	Article string // "" where the alias is unknown
	Story   string // the story the article was in when the alias was claimed
	Source  string // the article's source ID
	Expires time.Time
}

// An Alias is a name under which an article is recognised when it is seen
// again. It lives on its own: longer than its article, so that a story that
// was purged is not news when a feed shows it again.
type Alias struct {
	Key     string
	Article string
	Story   string
	Source  string
	TTL     time.Duration // from the commit on; more than 0
}

// A Batch is what one ingestion writes.
type Batch struct {
	Fence    uint64 // of the desk lease
	Articles []Article
	Aliases  []Alias
	Stories  []Story
}

// A FeedState is what is remembered of one feed between checks.
type FeedState struct {
	URL          string        `json:"url"`
	Source       string        `json:"source"` // source ID
	ETag         string        `json:"etag,omitempty"`
	LastModified string        `json:"last_modified,omitempty"`
	Hash         string        `json:"hash,omitempty"` // of the last body that was read whole
	Checked      time.Time     `json:"checked,omitzero"`
	Succeeded    time.Time     `json:"succeeded,omitzero"`
	Primed       bool          `json:"primed,omitempty"` // its backlog was read: a body that had items
	Next         time.Time     `json:"next,omitzero"`
	Interval     time.Duration `json:"interval,omitempty"` // what Next was computed from
	Failures     int           `json:"failures,omitempty"` // since the last success
	Error        string        `json:"error,omitempty"`    // of the last check, "" after a success
	Warning      string        `json:"warning,omitempty"`  // read, but not cleanly: truncated, wrong charset, items refused
	Items        int           `json:"items,omitempty"`    // in the last body
}
