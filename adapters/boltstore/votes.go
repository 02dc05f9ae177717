package boltstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
)

const secretLen = 32

// Secret implements bot.Store.
func (s *Store) Secret(ctx context.Context) (secret []byte, err error) {
	key := []byte("secret")
	err = s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(secrets)
		if secret = bytes.Clone(b.Get(key)); secret != nil {
			return errUnchanged
		}
		secret = make([]byte, secretLen)
		rand.Read(secret)
		return b.Put(key, secret)
	})
	if err != nil {
		return nil, fmt.Errorf("the secret: %w", err)
	}
	return secret, nil
}

// SaveVote implements bot.Store.
func (s *Store) SaveVote(ctx context.Context, v bot.Vote) error {
	key := join(string(v.Channel), v.Story, v.User)
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b, ages := tx.Bucket(votes), tx.Bucket(voteAge)
		var old bot.Vote
		was, err := load(b, key, &old)
		if err == nil && was {
			err = ages.Delete(append(timeKey(old.At), key...))
		}
		if err == nil {
			err = ages.Put(append(timeKey(v.At), key...), nil)
		}
		if err != nil {
			return err
		}
		return save(b, key, v)
	})
	if err != nil {
		return fmt.Errorf("save a vote on %s in %s: %w", v.Story, v.Channel, err)
	}
	return nil
}

// ForgetVotes implements bot.Store.
func (s *Store) ForgetVotes(ctx context.Context, before time.Time) (n int, err error) {
	for more := true; more && err == nil; {
		done := 0
		err = s.update(ctx, func(tx *bolt.Tx) error {
			c, end := tx.Bucket(voteAge).Cursor(), timeKey(before)
			for k, _ := c.First(); k != nil && done < forgetStep && bytes.Compare(k[:timeKeyLen], end) < 0; k, _ = c.First() {
				if err := tx.Bucket(votes).Delete(k[timeKeyLen:]); err != nil {
					return err
				}
				if err := c.Delete(); err != nil {
					return err
				}
				done++
			}
			if done == 0 {
				return errUnchanged
			}
			return nil
		})
		if err == nil {
			n += done
		}
		more = done == forgetStep
	}
	return n, wrap("forget votes", err)
}

func eachVote(b *bolt.Bucket, c bot.Channel, visit func(key []byte, v bot.Vote)) error {
	prefix := join(string(c), "")
	cursor := b.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		var v bot.Vote
		if _, err := load(b, k, &v); err != nil {
			return err
		}
		visit(k, v)
	}
	return nil
}

// Votes implements bot.Store.
func (s *Store) Votes(ctx context.Context, c bot.Channel, since time.Time) (out []bot.Vote, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		return eachVote(tx.Bucket(votes), c, func(_ []byte, v bot.Vote) {
			if !v.At.Before(since) {
				out = append(out, v)
			}
		})
	})
	return out, wrap("read the votes of "+string(c), err)
}
