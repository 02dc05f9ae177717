package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
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

func queuePrefix(lane string) []byte { return join(lane, "", "") }

func queueKey(lane string, position uint64) []byte {
	return append(queuePrefix(lane), numberKey(position)...)
}

// channelOf returns the channel whose lane it is.
func channelOf(lane string) bot.Channel {
	c, _, _ := strings.Cut(lane, "\x00")
	return bot.Channel(c)
}

func loadRecord(tx *bolt.Tx, id string) (*record, error) {
	r := new(record)
	ok, err := load(tx.Bucket(deliveries), []byte(id), r)
	if err == nil && !ok {
		err = fmt.Errorf("delivery %s: %w", id, news.ErrNotFound)
	}
	return r, err
}

// listed reports whether deliveries in state s stand in the index by state:
// those that came to a good end would be nearly all.
func listed(s bot.State) bool { return s != bot.Sent && s != bot.Moot }

// setState stores r in state s; the index by state follows.
func setState(tx *bolt.Tx, r *record, s bot.State) error {
	b := tx.Bucket(index)
	if r.State != s && listed(r.State) {
		if err := b.Delete(indexKey(byState, string(r.State), r.Number)); err != nil {
			return err
		}
	}
	was := r.State
	r.State = s
	if was != s && listed(s) {
		if err := b.Put(indexKey(byState, string(s), r.Number), []byte(r.ID)); err != nil {
			return err
		}
	}
	return save(tx.Bucket(deliveries), []byte(r.ID), r)
}

// push puts r, as Pending, at the end of its lane.
func push(tx *bolt.Tx, r *record, now time.Time) (err error) {
	if r.Position, err = tx.Bucket(queues).NextSequence(); err != nil {
		return err
	}
	if err := place(tx, r); err != nil {
		return err
	}
	if tx.Bucket(due).Get([]byte(r.Lane())) != nil {
		return nil // behind others: the lane keeps its turn
	}
	return schedule(tx, r.Lane(), now)
}

// place puts r, as Pending, at its position in its lane.
func place(tx *bolt.Tx, r *record) error {
	if err := tx.Bucket(queues).Put(queueKey(r.Lane(), r.Position), []byte(r.ID)); err != nil {
		return err
	}
	return setState(tx, r, bot.Pending)
}

// head returns the first delivery of a lane, nil where it is empty.
func head(tx *bolt.Tx, lane string) (*record, error) {
	prefix := queuePrefix(lane)
	k, id := tx.Bucket(queues).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return nil, nil
	}
	return loadRecord(tx, string(id))
}

// schedule brings ready and due in line with the head of a lane, which is due
// at first at the soonest: that is now, or when the lane has rested. A head that
// could be claimed before is due then, so that lanes take turns.
func schedule(tx *bolt.Tx, lane string, first time.Time) error {
	byDue, at := tx.Bucket(ready), tx.Bucket(due)
	if old := at.Get([]byte(lane)); old != nil {
		if err := byDue.Delete(append(bytes.Clone(old), lane...)); err != nil {
			return err
		}
		if err := at.Delete([]byte(lane)); err != nil {
			return err
		}
	}
	r, err := head(tx, lane)
	if err != nil || r == nil || tx.Bucket(suspended).Get([]byte(channelOf(lane))) != nil {
		return err
	}
	when := r.due()
	if when.Before(first) {
		when = first
	}
	k := timeKey(when)
	if err := at.Put([]byte(lane), k); err != nil {
		return err
	}
	return byDue.Put(append(k, lane...), nil)
}

// Enqueue implements bot.Store.
func (s *Store) Enqueue(ctx context.Context, ds []bot.Delivery) (added int, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		now := s.now()
		for _, d := range ds {
			if held(tx, d.ID) {
				continue
			}
			r, err := add(tx, d, now)
			if err == nil {
				err = push(tx, r, now)
			}
			if err != nil {
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

// held reports whether the outbox has ever held the ID.
func held(tx *bolt.Tx, id string) bool {
	return tx.Bucket(deliveries).Get([]byte(id)) != nil || tx.Bucket(known).Get([]byte(id)) != nil
}

// add makes the record of a delivery that the outbox has never held, all but
// its place in a lane.
func add(tx *bolt.Tx, d bot.Delivery, now time.Time) (r *record, err error) {
	r = &record{Delivery: bot.Delivery{
		ID: d.ID, Channel: d.Channel, Kind: d.Kind, Story: d.Story, Stories: d.Stories, Digest: d.Digest, Advice: d.Advice, Late: d.Late, Status: d.Status,
		Created: d.Created, NotBefore: d.NotBefore,
	}}
	if r.Created.IsZero() {
		r.Created = now
	}
	b := tx.Bucket(outbox)
	if r.Number, err = b.NextSequence(); err != nil {
		return nil, err
	}
	if err := b.Put(numberKey(r.Number), []byte(r.ID)); err != nil {
		return nil, err
	}
	if err := tx.Bucket(index).Put(indexKey(byChannel, string(r.Channel), r.Number), []byte(r.ID)); err != nil {
		return nil, err
	}
	if r.Story != "" {
		if err := tx.Bucket(index).Put(indexKey(byStory, r.Story, r.Number), []byte(r.ID)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Claim implements bot.Store. The lane that has waited longest comes first.
func (s *Store) Claim(ctx context.Context, shards bot.Shards, lease time.Duration, limit int) ([]bot.Delivery, error) {
	// Workers ask many times a second: nothing to do must not cost an fsync.
	var lanes []string
	err := s.view(ctx, func(tx *bolt.Tx) error {
		lanes = dueLanes(tx, shards, s.now(), 1)
		return nil
	})
	if err != nil || len(lanes) == 0 {
		return nil, wrap("claim", err)
	}
	var out []bot.Delivery
	var bad []error
	err = s.update(ctx, func(tx *bolt.Tx) error {
		now := s.now()
		for _, lane := range dueLanes(tx, shards, now, limit) {
			r, err := head(tx, lane)
			if err == nil && r == nil {
				err = errors.New("is ready, but its queue is empty")
			}
			if err != nil { // no lane holds up the others
				bad = append(bad, fmt.Errorf("channel %s: %w", channelOf(lane), err))
				continue
			}
			if err := claimHead(tx, r, lane, now, lease); err != nil {
				return fmt.Errorf("channel %s: %w", channelOf(lane), err)
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
	return out, wrap("claim", errors.Join(bad...))
}

// dueLanes returns up to limit lanes of shards whose head may be claimed at now.
func dueLanes(tx *bolt.Tx, shards bot.Shards, now time.Time, limit int) (out []string) {
	end := timeKey(now)
	c := tx.Bucket(ready).Cursor()
	for k, _ := c.First(); k != nil && len(out) < limit && bytes.Compare(k[:timeKeyLen], end) <= 0; k, _ = c.Next() {
		lane := string(k[timeKeyLen:])
		if shards == bot.AllShards || shards.Has(bot.Shard(channelOf(lane))) {
			out = append(out, lane)
		}
	}
	return out
}

// claimHead makes r, the head of a lane, Sending.
func claimHead(tx *bolt.Tx, r *record, lane string, now time.Time, lease time.Duration) (err error) {
	r.InDoubt = r.State == bot.Sending
	r.Attempts++
	r.Until = now.Add(lease)
	if r.Tried.IsZero() {
		r.Tried = now
	}
	if r.Token, err = tx.Bucket(deliveries).NextSequence(); err != nil {
		return err
	}
	if err := setState(tx, r, bot.Sending); err != nil {
		return err
	}
	return schedule(tx, lane, now)
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
	if res.Failed {
		r.Failures++
	}
	switch res.State {
	case bot.Pending:
		r.NotBefore, r.InDoubt = now.Add(res.Wait), false
	case bot.Sending:
		r.NotBefore = now.Add(res.Wait)
		r.Until = r.NotBefore
	case bot.Sent, bot.Dead, bot.Moot:
		if res.State != bot.Dead && res.Status != "" {
			r.Status = res.Status
		}
		if res.State == bot.Moot {
			r.Into = res.Into
		}
		if res.State == bot.Sent && len(res.Stories) > 0 {
			r.Stories = res.Stories
		}
		if err := leave(tx, r, now); err != nil {
			return err
		}
		r.Message = res.Message
	default:
		return fmt.Errorf("a result has no state %q", res.State)
	}
	if res.Suspend {
		if err := suspend(tx, r.Channel, bot.Suspension{Since: now, Reason: res.Error, Gone: res.Gone}); err != nil {
			return err
		}
	}
	if res.CatchUp != nil {
		if err := fold(tx, r, res, now); err != nil {
			return err
		}
	}
	if err := setState(tx, r, res.State); err != nil {
		return err
	}
	lanes := []string{r.Lane()}
	if res.Suspend {
		lanes = bot.Lanes(r.Channel)
	}
	for _, lane := range lanes {
		if err := schedule(tx, lane, now.Add(max(res.Wait, 0))); err != nil {
			return err
		}
	}
	return nil
}

// leave takes r, which is settled, out of its lane.
func leave(tx *bolt.Tx, r *record, now time.Time) error {
	r.Settled, r.InDoubt = now, false
	return tx.Bucket(queues).Delete(queueKey(r.Lane(), r.Position))
}

// fold puts res.CatchUp in the place of first and makes what it tells moot.
func fold(tx *bolt.Tx, first *record, res bot.Result, now time.Time) error {
	if res.State != bot.Moot || res.CatchUp.Lane() != first.Lane() || held(tx, res.CatchUp.ID) {
		return fmt.Errorf("catch-up %s cannot take the place of %s", res.CatchUp.ID, first.ID)
	}
	first.Into = res.CatchUp.ID
	for _, id := range res.Folded {
		r, err := loadRecord(tx, id)
		if err != nil {
			return fmt.Errorf("fold: %w", err)
		}
		if r.State != bot.Pending || r.Lane() != first.Lane() {
			return fmt.Errorf("fold: delivery %s is %s in %s", id, r.State, r.Channel)
		}
		r.Into = res.CatchUp.ID
		if err := leave(tx, r, now); err != nil {
			return err
		}
		if err := setState(tx, r, bot.Moot); err != nil {
			return err
		}
	}
	r, err := add(tx, *res.CatchUp, now)
	if err != nil {
		return err
	}
	r.Position = first.Position
	return place(tx, r)
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
		r.Settled, r.Failures = time.Time{}, 0
		return push(tx, r, s.now())
	})
	if err != nil {
		return fmt.Errorf("retry: %w", err)
	}
	return nil
}
