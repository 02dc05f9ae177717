package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

// forgetStep is how many deliveries one transaction forgets: others wait meanwhile.
const forgetStep = 500

// Forget implements bot.Store. It walks the outbox from its oldest delivery up
// to the first that was made too late to have been settled before.
func (s *Store) Forget(ctx context.Context, settled, forgotten time.Time) (n int, err error) {
	for from, more := []byte(nil), true; more && err == nil; {
		err = s.update(ctx, func(tx *bolt.Tx) error {
			var done int
			done, from, err = forgetSome(tx, from, settled, s.now())
			n, more = n+done, from != nil
			if err == nil && done == 0 {
				return errUnchanged
			}
			return err
		})
	}
	for more := true; more && err == nil; {
		err = s.update(ctx, func(tx *bolt.Tx) error {
			done := 0
			c := tx.Bucket(knownAge).Cursor()
			for k, _ := c.First(); k != nil && done < forgetStep && bytes.Compare(k[:timeKeyLen], timeKey(forgotten)) < 0; k, _ = c.First() {
				if err := tx.Bucket(known).Delete(k[timeKeyLen:]); err != nil {
					return err
				}
				if err := c.Delete(); err != nil {
					return err
				}
				done++
			}
			if more = done == forgetStep; done == 0 {
				return errUnchanged
			}
			return nil
		})
	}
	if err != nil {
		return n, fmt.Errorf("forget: %w", err)
	}
	return n, nil
}

// forgetSome looks at up to forgetStep deliveries after the key from and
// forgets those that were settled before. next is nil at the end.
func forgetSome(tx *bolt.Tx, from []byte, settled, now time.Time) (done int, next []byte, err error) {
	var old []*record
	c := tx.Bucket(outbox).Cursor()
	k, id := c.First()
	if from != nil {
		if k, id = c.Seek(from); bytes.Equal(k, from) {
			k, id = c.Next()
		}
	}
	for looked := 0; k != nil && looked < forgetStep; k, id = c.Next() {
		r, err := loadRecord(tx, string(id))
		if err != nil {
			return 0, nil, err
		}
		if !r.Created.Before(settled) {
			next = nil
			break
		}
		if r.State.Settled() && r.Settled.Before(settled) {
			old = append(old, r)
		}
		next = bytes.Clone(k)
		looked++
	}
	if k == nil {
		next = nil
	}
	for _, r := range old {
		if err := forget(tx, r, now); err != nil {
			return 0, nil, fmt.Errorf("delivery %s: %w", r.ID, err)
		}
	}
	return len(old), next, nil
}

// forget keeps nothing of r but its ID.
func forget(tx *bolt.Tx, r *record, now time.Time) error {
	b := tx.Bucket(index)
	for _, k := range [][]byte{
		indexKey(byChannel, string(r.Channel), r.Number), indexKey(byStory, r.Story, r.Number), indexKey(byState, string(r.State), r.Number),
	} {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	if err := tx.Bucket(outbox).Delete(numberKey(r.Number)); err != nil {
		return err
	}
	if err := tx.Bucket(deliveries).Delete([]byte(r.ID)); err != nil {
		return err
	}
	if err := tx.Bucket(known).Put([]byte(r.ID), timeKey(now)); err != nil {
		return err
	}
	return tx.Bucket(knownAge).Put(append(timeKey(now), r.ID...), nil)
}

var _ bot.Store = (*Store)(nil)
