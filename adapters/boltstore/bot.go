package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

// all returns the values of a bucket in order of their keys.
func all[T any](ctx context.Context, s *Store, bucket []byte) ([]T, error) {
	var out []T
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		return b.ForEach(func(k, _ []byte) error {
			var v T
			if _, err := load(b, k, &v); err != nil {
				return err
			}
			out = append(out, v)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", bucket, err)
	}
	return out, nil
}

// Cursor implements bot.Store.
func (s *Store) Cursor(ctx context.Context, name string) (seq uint64, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		_, err := load(tx.Bucket(cursors), []byte(name), &seq)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cursor %s: %w", name, err)
	}
	return seq, nil
}

// SaveCursor implements bot.Store.
func (s *Store) SaveCursor(ctx context.Context, name string, seq uint64) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var old uint64
		if _, err := load(tx.Bucket(cursors), []byte(name), &old); err != nil {
			return err
		}
		if seq <= old {
			return errUnchanged
		}
		return save(tx.Bucket(cursors), []byte(name), seq)
	})
	if err != nil {
		return fmt.Errorf("save cursor %s: %w", name, err)
	}
	return nil
}

// onceStep is how many expired keys each new one takes with it: more than one,
// so that the bucket shrinks after a rush.
const onceStep = 4

// Once implements bot.Store.
func (s *Store) Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error) {
	known := false
	err = s.view(ctx, func(tx *bolt.Tx) error {
		var expires time.Time
		ok, err := load(tx.Bucket(once), hashed(key), &expires)
		known = ok && s.now().Before(expires)
		return err
	})
	if err != nil || known {
		return false, wrap(fmt.Sprintf("remember %.200q", key), err)
	}
	err = s.batch(ctx, func(tx *bolt.Tx) error {
		first = false
		b, byExpiry, now := tx.Bucket(once), tx.Bucket(onceExpiry), s.now()
		for range onceStep {
			k, _ := byExpiry.Cursor().First()
			if k == nil || bytes.Compare(k[:timeKeyLen], timeKey(now)) > 0 {
				break
			}
			k = bytes.Clone(k)
			if err := b.Delete(k[timeKeyLen:]); err != nil {
				return err
			}
			if err := byExpiry.Delete(k); err != nil {
				return err
			}
		}
		k := hashed(key)
		var expires time.Time
		if ok, err := load(b, k, &expires); err != nil {
			return err
		} else if ok && now.Before(expires) {
			return nil
		} else if ok {
			if err := byExpiry.Delete(append(timeKey(expires), k...)); err != nil {
				return err
			}
		}
		first, expires = true, now.Add(ttl)
		if err := byExpiry.Put(append(timeKey(expires), k...), nil); err != nil {
			return err
		}
		return save(b, k, expires)
	})
	if err != nil {
		return false, fmt.Errorf("remember %.200q: %w", key, err)
	}
	return first, nil
}

// Subscriptions implements bot.Store.
func (s *Store) Subscriptions(ctx context.Context) ([]bot.Subscription, error) {
	return all[bot.Subscription](ctx, s, subscriptions)
}

// SubscriptionsVersion implements bot.Store.
func (s *Store) SubscriptionsVersion(ctx context.Context) (version string, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		version = strconv.FormatUint(tx.Bucket(subscriptions).Sequence(), 10)
		return nil
	})
	return version, wrap("version of the subscriptions", err)
}

// SaveSubscription implements bot.Store.
func (s *Store) SaveSubscription(ctx context.Context, sub bot.Subscription) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(subscriptions)
		if _, err := b.NextSequence(); err != nil {
			return err
		}
		return save(b, join(string(sub.Channel), sub.ID), sub)
	})
	if err != nil {
		return fmt.Errorf("save subscription %s of %s: %w", sub.ID, sub.Channel, err)
	}
	return nil
}

// DeleteSubscription implements bot.Store.
func (s *Store) DeleteSubscription(ctx context.Context, c bot.Channel, id string) (was bool, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		b, k := tx.Bucket(subscriptions), join(string(c), id)
		if was = b.Get(k) != nil; !was {
			return errUnchanged
		}
		if _, err := b.NextSequence(); err != nil {
			return err
		}
		return b.Delete(k)
	})
	if err != nil {
		return false, fmt.Errorf("delete subscription %s of %s: %w", id, c, err)
	}
	return was, nil
}

// Delivery implements bot.Store.
func (s *Store) Delivery(ctx context.Context, id string) (d bot.Delivery, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		r, err := loadRecord(tx, id)
		d = r.Delivery
		return err
	})
	if err != nil {
		return bot.Delivery{}, fmt.Errorf("read delivery: %w", err)
	}
	return d, nil
}

// Waiting implements bot.Store.
func (s *Store) Waiting(ctx context.Context, c bot.Channel, limit int) (out []bot.Delivery, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		prefix := queuePrefix(bot.Delivery{Channel: c}.Lane())
		cursor := tx.Bucket(queues).Cursor()
		for k, id := cursor.Seek(prefix); bytes.HasPrefix(k, prefix) && len(out) < limit; k, id = cursor.Next() {
			r, err := loadRecord(tx, string(id))
			if err != nil {
				return err
			}
			out = append(out, r.Delivery)
		}
		return nil
	})
	return out, wrap("read what waits for "+string(c), err)
}

// Deliveries implements bot.Store. It walks the narrowest index there is for q.
func (s *Store) Deliveries(ctx context.Context, q bot.DeliveryQuery) ([]bot.Delivery, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	b, prefix := index, []byte(nil)
	switch {
	case q.Story != "":
		prefix = indexPrefix(byStory, q.Story)
	case q.Channel != "":
		prefix = indexPrefix(byChannel, string(q.Channel))
	case q.State != "" && listed(q.State):
		prefix = indexPrefix(byState, string(q.State))
	default:
		b = outbox
	}
	var out []bot.Delivery
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := tx.Bucket(b).Cursor()
		for k, id := lastOf(c, prefix); bytes.HasPrefix(k, prefix) && len(k) == len(prefix)+8 && len(out) < limit; k, id = c.Prev() {
			if err := ctx.Err(); err != nil {
				return err
			}
			d, err := loadRecord(tx, string(id))
			if err != nil {
				return err
			}
			if (q.Channel == "" || q.Channel == d.Channel) && (q.State == "" || q.State == d.State) {
				out = append(out, d.Delivery)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return out, nil
}

// lastOf moves c to the last of the keys that are prefix and a number.
func lastOf(c *bolt.Cursor, prefix []byte) (key, value []byte) {
	if k, _ := c.Seek(append(bytes.Clone(prefix), numberKey(1<<64-1)...)); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// Suspensions implements bot.Store.
func (s *Store) Suspensions(ctx context.Context) (map[bot.Channel]bot.Suspension, error) {
	out := map[bot.Channel]bot.Suspension{}
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(suspended)
		return b.ForEach(func(k, _ []byte) error {
			var v bot.Suspension
			_, err := load(b, k, &v)
			out[bot.Channel(k)] = v
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read suspensions: %w", err)
	}
	return out, nil
}

// suspend notes why c receives nothing, but where it is gone already.
func suspend(tx *bolt.Tx, c bot.Channel, why bot.Suspension) error {
	b := tx.Bucket(suspended)
	var before bot.Suspension
	if _, err := load(b, []byte(c), &before); err != nil || before.Gone {
		return err
	}
	return save(b, []byte(c), why)
}

// Suspend implements bot.Store.
func (s *Store) Suspend(ctx context.Context, reason string, cs ...bot.Channel) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		now := s.now()
		for _, c := range cs {
			if err := suspend(tx, c, bot.Suspension{Since: now, Reason: reason, Gone: true}); err != nil {
				return err
			}
			for _, lane := range bot.Lanes(c) {
				if err := schedule(tx, lane, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("suspend %d channels: %w", len(cs), err)
	}
	return nil
}

// Resume implements bot.Store.
func (s *Store) Resume(ctx context.Context, c bot.Channel) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(suspended)
		if b.Get([]byte(c)) == nil {
			return errUnchanged
		}
		if err := b.Delete([]byte(c)); err != nil {
			return err
		}
		for _, lane := range bot.Lanes(c) {
			if err := schedule(tx, lane, s.now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("resume %s: %w", c, err)
	}
	return nil
}
