package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
	"newsdesk/news"
)

// A keptText is a text until its end.
type keptText struct {
	Ends time.Time `json:"ends"`
	Text string    `json:"text"`
}

// Keep implements bot.Store.
func (s *Store) Keep(ctx context.Context, key, text string, ttl time.Duration) error {
	err := s.batch(ctx, func(tx *bolt.Tx) error {
		b, byEnd, now, k := tx.Bucket(kept), tx.Bucket(keptEnds), s.now(), hashed(key)
		drop := func(end []byte) error {
			end = bytes.Clone(end)
			if err := b.Delete(end[timeKeyLen:]); err != nil {
				return err
			}
			if err := byEnd.Delete(end); err != nil {
				return err
			}
			return b.SetSequence(b.Sequence() - 1)
		}
		var old keptText
		if ok, err := load(b, k, &old); err != nil {
			return err
		} else if ok {
			if err := drop(append(timeKey(old.Ends), k...)); err != nil {
				return err
			}
		}
		for {
			end, _ := byEnd.Cursor().First()
			if end == nil || b.Sequence() < bot.KeptMost && bytes.Compare(end[:timeKeyLen], timeKey(now)) > 0 {
				break
			}
			if err := drop(end); err != nil {
				return err
			}
		}
		ends := now.Add(ttl)
		if err := byEnd.Put(append(timeKey(ends), k...), nil); err != nil {
			return err
		}
		if err := b.SetSequence(b.Sequence() + 1); err != nil {
			return err
		}
		return save(b, k, keptText{ends, text})
	})
	return wrap(fmt.Sprintf("keep %.200q", key), err)
}

// Kept implements bot.Store.
func (s *Store) Kept(ctx context.Context, key string) (string, error) {
	var found keptText
	err := s.view(ctx, func(tx *bolt.Tx) error {
		ok, err := load(tx.Bucket(kept), hashed(key), &found)
		if err == nil && (!ok || !s.now().Before(found.Ends)) {
			err = news.ErrNotFound
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("what is kept as %.200q: %w", key, err)
	}
	return found.Text, nil
}
