package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
	"newsdesk/news"
)

// A record is a delivery and where it stands in the engine. Its Token is 0
// where no claim is open.
type record struct {
	bot.Delivery
	Number   uint64    `json:"number"`         // in the outbox, for ever
	Position uint64    `json:"position"`       // in the queue of its channel, while pending or sending
	Until    time.Time `json:"until,omitzero"` // Sending: when it may be claimed again
}

// due is when the delivery may be claimed, where it is the head of its queue.
func (r *record) due() time.Time {
	if r.State == bot.Sending {
		return r.Until
	}
	return r.NotBefore
}

// Kinds of index.
const (
	byChannel = "channel"
	byStory   = "story"
	byState   = "state"
)

func indexPrefix(kind, value string) []byte { return join(kind, value, "") }

func indexKey(kind, value string, number uint64) []byte {
	return append(indexPrefix(kind, value), numberKey(number)...)
}

func queuePrefix(c bot.Channel) []byte { return join(string(c), "") }

func queueKey(c bot.Channel, position uint64) []byte {
	return append(queuePrefix(c), numberKey(position)...)
}

func loadRecord(tx *bolt.Tx, id string) (*record, error) {
	r := new(record)
	ok, err := load(tx.Bucket(deliveries), []byte(id), r)
	if err == nil && !ok {
		err = fmt.Errorf("delivery %s: %w", id, news.ErrNotFound)
	}
	return r, err
}

// setState stores r in state s; the index by state follows.
func setState(tx *bolt.Tx, r *record, s bot.State) error {
	b := tx.Bucket(index)
	if err := b.Delete(indexKey(byState, string(r.State), r.Number)); err != nil {
		return err
	}
	r.State = s
	if s != bot.Sent {
		if err := b.Put(indexKey(byState, string(s), r.Number), []byte(r.ID)); err != nil {
			return err
		}
	}
	return save(tx.Bucket(deliveries), []byte(r.ID), r)
}

// push puts r, as Pending, at the end of its channel's queue.
func push(tx *bolt.Tx, r *record, now time.Time) (err error) {
	b := tx.Bucket(queues)
	if r.Position, err = b.NextSequence(); err != nil {
		return err
	}
	if err := b.Put(queueKey(r.Channel, r.Position), []byte(r.ID)); err != nil {
		return err
	}
	if err := setState(tx, r, bot.Pending); err != nil {
		return err
	}
	if tx.Bucket(due).Get([]byte(r.Channel)) != nil {
		return nil // behind others: the channel keeps its turn
	}
	return schedule(tx, r.Channel, now)
}

// head returns the first delivery of a channel's queue, nil where it is empty.
func head(tx *bolt.Tx, c bot.Channel) (*record, error) {
	prefix := queuePrefix(c)
	k, id := tx.Bucket(queues).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return nil, nil
	}
	return loadRecord(tx, string(id))
}

// schedule brings ready and due in line with the head of a channel's queue. A
// head that may be claimed at once is due now, so that channels take turns.
func schedule(tx *bolt.Tx, c bot.Channel, now time.Time) error {
	byDue, at := tx.Bucket(ready), tx.Bucket(due)
	if old := at.Get([]byte(c)); old != nil {
		if err := byDue.Delete(append(bytes.Clone(old), c...)); err != nil {
			return err
		}
		if err := at.Delete([]byte(c)); err != nil {
			return err
		}
	}
	r, err := head(tx, c)
	if err != nil || r == nil || tx.Bucket(suspended).Get([]byte(c)) != nil {
		return err
	}
	when := r.due()
	if when.Before(now) {
		when = now
	}
	k := timeKey(when)
	if err := at.Put([]byte(c), k); err != nil {
		return err
	}
	return byDue.Put(append(k, c...), nil)
}

// Enqueue implements bot.Store.
func (s *Store) Enqueue(ctx context.Context, ds []bot.Delivery) (added int, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		now := s.now()
		for _, d := range ds {
			if tx.Bucket(deliveries).Get([]byte(d.ID)) != nil {
				continue
			}
			if err := add(tx, d, now); err != nil {
				return fmt.Errorf("delivery %s: %w", d.ID, err)
			}
			added++
		}
		if added == 0 {
			return errUnchanged
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("enqueue: %w", err)
	}
	return added, nil
}

// add writes a delivery that the outbox has never held.
func add(tx *bolt.Tx, d bot.Delivery, now time.Time) (err error) {
	r := &record{Delivery: bot.Delivery{
		ID: d.ID, Channel: d.Channel, Kind: d.Kind, Story: d.Story, Digest: d.Digest, State: bot.Pending, Created: d.Created, NotBefore: d.NotBefore,
	}}
	if r.Created.IsZero() {
		r.Created = now
	}
	b := tx.Bucket(outbox)
	if r.Number, err = b.NextSequence(); err != nil {
		return err
	}
	if err := b.Put(numberKey(r.Number), []byte(r.ID)); err != nil {
		return err
	}
	if err := tx.Bucket(index).Put(indexKey(byChannel, string(r.Channel), r.Number), []byte(r.ID)); err != nil {
		return err
	}
	if r.Story != "" {
		if err := tx.Bucket(index).Put(indexKey(byStory, r.Story, r.Number), []byte(r.ID)); err != nil {
			return err
		}
	}
	return push(tx, r, now)
}

// Claim implements bot.Store. The channel that has waited longest comes first.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int) ([]bot.Delivery, error) {
	// Workers ask many times a second: nothing to do must not cost an fsync.
	var channels []bot.Channel
	err := s.view(ctx, func(tx *bolt.Tx) error {
		channels = dueChannels(tx, s.now(), limit)
		return nil
	})
	if err != nil || len(channels) == 0 {
		return nil, wrap("claim", err)
	}
	var out []bot.Delivery
	err = s.update(ctx, func(tx *bolt.Tx) error {
		now := s.now()
		for _, c := range dueChannels(tx, now, limit) {
			r, err := claimHead(tx, c, now, lease)
			if err != nil {
				return fmt.Errorf("channel %s: %w", c, err)
			}
			out = append(out, r.Delivery)
		}
		if len(out) == 0 {
			return errUnchanged
		}
		return nil
	})
	if err != nil {
		return nil, wrap("claim", err)
	}
	return out, nil
}

// dueChannels returns up to limit channels whose head may be claimed at now.
func dueChannels(tx *bolt.Tx, now time.Time, limit int) (out []bot.Channel) {
	end := timeKey(now)
	c := tx.Bucket(ready).Cursor()
	for k, _ := c.First(); k != nil && len(out) < limit && bytes.Compare(k[:timeKeyLen], end) <= 0; k, _ = c.Next() {
		out = append(out, bot.Channel(k[timeKeyLen:]))
	}
	return out
}

// claimHead makes the head of a channel's queue Sending.
func claimHead(tx *bolt.Tx, c bot.Channel, now time.Time, lease time.Duration) (*record, error) {
	r, err := head(tx, c)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, errors.New("is ready, but its queue is empty")
	}
	r.InDoubt = r.State == bot.Sending
	r.Attempts++
	r.Until = now.Add(lease)
	if r.Tried.IsZero() {
		r.Tried = now
	}
	if r.Token, err = tx.Bucket(deliveries).NextSequence(); err != nil {
		return nil, err
	}
	if err := setState(tx, r, bot.Sending); err != nil {
		return nil, err
	}
	return r, schedule(tx, c, now)
}

// Settle implements bot.Store.
func (s *Store) Settle(ctx context.Context, d bot.Delivery, res bot.Result) error {
	if err := s.batch(ctx, func(tx *bolt.Tx) error { return settle(tx, d, res, s.now()) }); err != nil {
		return fmt.Errorf("settle %s: %w", d.ID, err)
	}
	return nil
}

func settle(tx *bolt.Tx, d bot.Delivery, res bot.Result, now time.Time) error {
	r, err := loadRecord(tx, d.ID)
	if errors.Is(err, news.ErrNotFound) {
		return news.ErrFenced
	} else if err != nil {
		return err
	}
	if r.State != bot.Sending || r.Token == 0 || r.Token != d.Token {
		return news.ErrFenced
	}
	r.Token, r.Error, r.Until, r.NotBefore = 0, res.Error, time.Time{}, time.Time{}
	switch res.State {
	case bot.Pending:
		r.NotBefore, r.InDoubt = res.NotBefore, false
	case bot.Sending:
		r.NotBefore, r.Until = res.NotBefore, res.NotBefore
	case bot.Sent, bot.Dead:
		r.Message, r.Settled, r.InDoubt = res.Message, now, false
		if err := tx.Bucket(queues).Delete(queueKey(r.Channel, r.Position)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a result has no state %q", res.State)
	}
	if res.Suspend {
		if err := save(tx.Bucket(suspended), []byte(r.Channel), bot.Suspension{Since: now, Reason: res.Error}); err != nil {
			return err
		}
	}
	if err := setState(tx, r, res.State); err != nil {
		return err
	}
	return schedule(tx, r.Channel, now)
}

// Retry implements bot.Store.
func (s *Store) Retry(ctx context.Context, id string) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		r, err := loadRecord(tx, id)
		if err != nil {
			return err
		}
		if r.State != bot.Dead {
			return fmt.Errorf("delivery %s is %s, not dead: %w", id, r.State, news.ErrNotFound)
		}
		r.Settled = time.Time{}
		return push(tx, r, s.now())
	})
	if err != nil {
		return fmt.Errorf("retry: %w", err)
	}
	return nil
}
