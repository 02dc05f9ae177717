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
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(votes)
		old, err := votesBefore(b, v.Channel, v.At.Add(-bot.VoteTime))
		if err != nil {
			return err
		}
		for _, k := range old {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return save(b, join(string(v.Channel), v.Story, v.User), v)
	})
	if err != nil {
		return fmt.Errorf("save a vote on %s in %s: %w", v.Story, v.Channel, err)
	}
	return nil
}

// votesBefore returns the keys of votes of a channel from before a time.
func votesBefore(b *bolt.Bucket, c bot.Channel, t time.Time) (old [][]byte, err error) {
	err = eachVote(b, c, func(k []byte, v bot.Vote) {
		if v.At.Before(t) {
			old = append(old, bytes.Clone(k))
		}
	})
	return old, err
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
