// Package boltstore keeps everything in one file: it is the embedded default,
// for a bot that runs as one process. It implements news.Store and bot.Store.
//
// # Keys
//
// Every bucket is at the top level. Values are JSON where nothing else is
// said; numbers in keys are 8 bytes, big endian, and times 12 bytes that sort
// as the times do. "\0" is a zero byte, "" an empty value.
//
//	leases         name                  -> owner, fence, expiry
//	aliases        alias, see hashed     -> news.Known
//	articles       article               -> news.Article
//	members        story \0 article      -> ""   the articles of a story
//	stories        story                 -> news.Story
//	changed        sequence              -> story id; one entry for each story
//	updated        Story.Updated story   -> ""   what Purge looks at
//	feeds          URL                   -> news.FeedState
//	cursors        name                  -> number
//	once           key, see hashed       -> expiry
//	once_expiry    expiry key            -> ""
//	kept           key, see hashed       -> text and end; the bucket's sequence counts them
//	kept_ends      end key               -> ""
//	subscriptions  channel \0 id         -> bot.Subscription; the bucket's sequence counts their changes
//	installations  space                 -> bot.Installation
//	votes          channel \0 story \0 user -> bot.Vote
//	vote_age       Vote.At channel \0 story \0 user -> ""
//	secrets        "secret"              -> 32 bytes
//	deliveries     delivery              -> record: a bot.Delivery and where it stands
//	outbox         number                -> delivery id, in order of Enqueue
//	index          kind \0 value \0 number -> delivery id; kinds are channel, story and
//	                                        state (sent and moot have none: they would be nearly all)
//	queues         lane \0\0 position    -> delivery id of those pending and sending
//	ready          due lane              -> ""   when the head of a lane may be claimed
//	due            lane                  -> due  the lane's key in ready
//	suspended      channel               -> bot.Suspension
//	known          delivery              -> when it was forgotten, but for its id
//	known_age      time delivery         -> ""
//	shards         "table"               -> shardTable
//
// A lane is in ready and due exactly where it holds something and its channel
// is not suspended. Sequence numbers of deliveries, positions and tokens are
// drawn from the sequences of the buckets outbox, queues and deliveries.
//
// # Crashes
//
// Every write is one bbolt transaction that is on the disk (fsync) before the
// method returns, so what was acknowledged survives kill -9 and a loss of
// power, and what was not is there whole or not at all. One process at a time
// has the file; a second one is refused by Open.
package boltstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"newsdesk/news"
)

// Options open a Store.
type Options struct {
	Now    func() time.Time // time.Now
	NoSync bool             // leave writing to the operating system: a loss of power may ruin the file; for replay and demo only
}

// A Store is one open file. Its methods are safe for concurrent use.
type Store struct {
	db  *bolt.DB
	now func() time.Time
}

var (
	leases        = []byte("leases")
	aliases       = []byte("aliases")
	articles      = []byte("articles")
	members       = []byte("members")
	stories       = []byte("stories")
	changed       = []byte("changed")
	updated       = []byte("updated")
	feeds         = []byte("feeds")
	cursors       = []byte("cursors")
	once          = []byte("once")
	onceExpiry    = []byte("once_expiry")
	kept          = []byte("kept")
	keptEnds      = []byte("kept_ends")
	subscriptions = []byte("subscriptions")
	installations = []byte("installations")
	votes         = []byte("votes")
	voteAge       = []byte("vote_age")
	secrets       = []byte("secrets")
	deliveries    = []byte("deliveries")
	outbox        = []byte("outbox")
	index         = []byte("index")
	queues        = []byte("queues")
	ready         = []byte("ready")
	due           = []byte("due")
	suspended     = []byte("suspended")
	known         = []byte("known")
	knownAge      = []byte("known_age")
	shards        = []byte("shards")
)

const (
	// lockWait is how long Open waits for another process to let go of the file.
	lockWait = time.Second
	// batchWait is how long a write that may share its fsync waits for company.
	batchWait = 2 * time.Millisecond
)

// ErrInUse reports that another process has the file open.
var ErrInUse = errors.New("another newsdesk runs on it")

// Open opens the file at path, and makes it, with its folder, where it is not
// there. Close it in the end.
func Open(path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open the store: make its folder: %w", err)
	}
	db, err := openFile(path, o)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("open the store %s: %w: stop that one, or give this one a data_dir of its own", path, ErrInUse)
	case errors.Is(err, errDamaged), errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, fmt.Errorf("open the store %s: it is damaged, or no store at all (%w): move it away, or restore a copy", path, err)
	case err != nil:
		return nil, fmt.Errorf("open the store: %w", err)
	}
	db.MaxBatchDelay = batchWait
	return &Store{db: db, now: o.Now}, nil
}

var errDamaged = errors.New("damaged")

// openFile opens and prepares the file. bbolt maps it into memory and trusts
// what it reads there: a page that is missing or nonsense shows as a panic,
// which leaves the file locked until this process ends.
func openFile(path string, o Options) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, NoSync: o.NoSync, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		if info, err := os.Stat(path); err != nil {
			return err
		} else if info.Size() < tx.Size() {
			return fmt.Errorf("%w: %d of its %d bytes are there", errDamaged, info.Size(), tx.Size())
		}
		for _, name := range [][]byte{
			leases, aliases, articles, members, stories, changed, updated, feeds, cursors, once, onceExpiry, kept, keptEnds,
			subscriptions, installations, votes, voteAge, secrets, deliveries, outbox, index, queues, ready, due, suspended, known, knownAge, shards,
		} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return fmt.Errorf("bucket %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close lets go of the file after the transactions under way.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// view runs fn on a snapshot.
func (s *Store) view(ctx context.Context, fn func(tx *bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.View(fn)
}

// errUnchanged ends a transaction that has nothing to write: it costs no fsync.
var errUnchanged = errors.New("nothing to write")

// update runs fn in a transaction of its own. fn may return errUnchanged.
func (s *Store) update(ctx context.Context, fn func(tx *bolt.Tx) error) error {
	err := s.write(ctx, s.db.Update, func(tx *bolt.Tx) error {
		// The wait for the writer before may have been long.
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(tx)
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// batch is as update, but may share the transaction, and so the fsync, with
// others that come at the same time. Where one of them fails, nothing of it is
// written and the others run again: fn may run more than once.
func (s *Store) batch(ctx context.Context, fn func(tx *bolt.Tx) error) error {
	if s.db.NoSync { // nothing to share
		return s.update(ctx, fn)
	}
	return s.write(ctx, s.db.Batch, fn)
}

// write runs fn in a transaction by way of commit. Its error is news.ErrReadOnly
// where fn had none and nothing reached the file all the same.
func (s *Store) write(ctx context.Context, commit func(func(*bolt.Tx) error) error, fn func(tx *bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	id, done := 0, false
	err := commit(func(tx *bolt.Tx) error {
		id, done = tx.ID(), false
		err := fn(tx)
		done = err == nil
		return err
	})
	if err == nil || !done {
		return err
	}
	// bbolt writes last, by itself, the page that makes the rest count, and
	// reads of it which transaction was the last. One that only failed to
	// reach the disk counts, and so may one of another writer since.
	if s.db.View(func(tx *bolt.Tx) error {
		if tx.ID() >= id {
			return errUnchanged
		}
		return nil
	}) == nil {
		err = fmt.Errorf("%w: %w: make room on its disk; all is kept, and goes on when there is some", news.ErrReadOnly, err)
	}
	return err
}

// wrap says what failed, where something did.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// load reads a JSON value; ok is false where the key is not there.
func load(b *bolt.Bucket, key []byte, v any) (ok bool, err error) {
	raw := b.Get(key)
	if raw == nil {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fmt.Errorf("stored value of %q: %w", key, err)
	}
	return true, nil
}

func save(b *bolt.Bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// timeKey sorts as t does, over all of time.Time's range.
func timeKey(t time.Time) []byte {
	k := binary.BigEndian.AppendUint64(nil, uint64(t.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(k, uint32(t.Nanosecond()))
}

// timeKeyLen is the length of every timeKey.
const timeKeyLen = 12

// join puts parts together with "\0" between them.
func join(parts ...string) []byte {
	var k []byte
	for i, p := range parts {
		if i > 0 {
			k = append(k, 0)
		}
		k = append(k, p...)
	}
	return k
}

// hashed is key, or its SHA-256 where it is longer than bbolt takes or empty:
// such names come from feeds and platforms.
func hashed(key string) []byte {
	if len(key) > 0 && len(key) <= 1024 {
		return []byte(key)
	}
	sum := sha256.Sum256([]byte(key))
	return append([]byte("sha256\x00"), sum[:]...)
}
