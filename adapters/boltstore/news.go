package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"newsdesk/news"
)

// A leaseRecord is the value of a lease. It stays when the lease is given up,
// so that the next fence is higher.
type leaseRecord struct {
	Owner   string    `json:"owner,omitempty"` // "" once given up
	Fence   uint64    `json:"fence"`
	Expires time.Time `json:"expires"`
}

// Lease implements news.Store and bot.Store.
func (s *Store) Lease(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, held bool, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		var l leaseRecord
		b, now := tx.Bucket(leases), s.now()
		if _, err := load(b, []byte(name), &l); err != nil {
			return err
		}
		free := l.Owner == "" || !now.Before(l.Expires)
		held = free || l.Owner == owner
		if !held {
			fence = l.Fence
			return errUnchanged
		}
		if free {
			l.Fence++
		}
		l.Owner, l.Expires, fence = owner, now.Add(ttl), l.Fence
		return save(b, []byte(name), l)
	})
	if err != nil {
		return 0, false, fmt.Errorf("lease %s: %w", name, err)
	}
	return fence, held, nil
}

// Unlease implements news.Store and bot.Store.
func (s *Store) Unlease(ctx context.Context, name, owner string) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var l leaseRecord
		b := tx.Bucket(leases)
		if ok, err := load(b, []byte(name), &l); err != nil {
			return err
		} else if !ok || l.Owner != owner {
			return errUnchanged
		}
		l.Owner = ""
		return save(b, []byte(name), l)
	})
	if err != nil {
		return fmt.Errorf("give up the lease %s: %w", name, err)
	}
	return nil
}

// Resolve implements news.Store.
func (s *Store) Resolve(ctx context.Context, keys []string) ([]news.Known, error) {
	out := make([]news.Known, len(keys))
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b, now := tx.Bucket(aliases), s.now()
		for i, key := range keys {
			var k news.Known
			if _, err := load(b, hashed(key), &k); err != nil {
				return err
			}
			if now.Before(k.Expires) {
				out[i] = k
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("resolve %d aliases: %w", len(keys), err)
	}
	return out, nil
}

// Commit implements news.Store.
func (s *Store) Commit(ctx context.Context, b *news.Batch) error {
	seqs := make([]uint64, len(b.Stories))
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var l leaseRecord
		if ok, err := load(tx.Bucket(leases), []byte(news.DeskLease), &l); err != nil {
			return err
		} else if !ok || l.Fence != b.Fence {
			return news.ErrFenced
		}
		if err := claimAliases(tx.Bucket(aliases), b.Aliases, s.now()); err != nil {
			return err
		}
		for _, a := range b.Articles {
			if err := putArticle(tx, a); err != nil {
				return fmt.Errorf("article %s: %w", a.ID, err)
			}
		}
		for i, st := range b.Stories {
			var err error
			if seqs[i], err = putStory(tx, st); err != nil {
				return fmt.Errorf("story %s: %w", st.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for i, seq := range seqs {
		b.Stories[i].Seq = seq
	}
	return nil
}

// claimAliases writes as, or fails where one belongs to another article; the
// caller's transaction then undoes those written before.
func claimAliases(b *bolt.Bucket, as []news.Alias, now time.Time) error {
	for _, a := range as {
		var held news.Known
		key := hashed(a.Key)
		if _, err := load(b, key, &held); err != nil {
			return err
		}
		if now.Before(held.Expires) && held.Article != a.Article {
			return fmt.Errorf("%w: %s claims %.200q of %s", news.ErrClaimed, a.Article, a.Key, held.Article)
		}
		if err := save(b, key, news.Known{Article: a.Article, Story: a.Story, Source: a.Source, Expires: now.Add(a.TTL)}); err != nil {
			return fmt.Errorf("alias %.200q: %w", a.Key, err)
		}
	}
	return nil
}

func putArticle(tx *bolt.Tx, a news.Article) error {
	b, m := tx.Bucket(articles), tx.Bucket(members)
	var old news.Article
	if ok, err := load(b, []byte(a.ID), &old); err != nil {
		return err
	} else if ok && old.Story != a.Story {
		if err := m.Delete(join(old.Story, a.ID)); err != nil {
			return err
		}
	}
	if err := m.Put(join(a.Story, a.ID), nil); err != nil {
		return err
	}
	return save(b, []byte(a.ID), a)
}

// putStory writes st at the next change sequence and returns that.
func putStory(tx *bolt.Tx, st news.Story) (seq uint64, err error) {
	b, c := tx.Bucket(stories), tx.Bucket(changed)
	if err := dropStory(tx, st.ID); err != nil {
		return 0, err
	}
	if st.Seq, err = c.NextSequence(); err != nil {
		return 0, err
	}
	if err := c.Put(numberKey(st.Seq), []byte(st.ID)); err != nil {
		return 0, err
	}
	if err := tx.Bucket(updated).Put(append(timeKey(st.Updated), st.ID...), nil); err != nil {
		return 0, err
	}
	return st.Seq, save(b, []byte(st.ID), st)
}

// dropStory removes the story id and its places in changed and updated, where
// it is there.
func dropStory(tx *bolt.Tx, id string) error {
	var old news.Story
	b := tx.Bucket(stories)
	if ok, err := load(b, []byte(id), &old); err != nil || !ok {
		return err
	}
	if err := tx.Bucket(changed).Delete(numberKey(old.Seq)); err != nil {
		return err
	}
	if err := tx.Bucket(updated).Delete(append(timeKey(old.Updated), id...)); err != nil {
		return err
	}
	return b.Delete([]byte(id))
}

// Articles implements news.Store.
func (s *Store) Articles(ctx context.Context, ids []string) ([]news.Article, error) {
	return lookup[news.Article](ctx, s, articles, ids)
}

// Stories implements news.Store.
func (s *Store) Stories(ctx context.Context, ids []string) ([]news.Story, error) {
	return lookup[news.Story](ctx, s, stories, ids)
}

func lookup[T any](ctx context.Context, s *Store, bucket []byte, ids []string) ([]T, error) {
	var out []T
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		for _, id := range ids {
			var v T
			if ok, err := load(b, []byte(id), &v); err != nil {
				return err
			} else if ok {
				out = append(out, v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", bucket, err)
	}
	return out, nil
}

// Changed implements news.Store.
func (s *Store) Changed(ctx context.Context, after uint64, limit int) ([]news.Story, error) {
	var out []news.Story
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b, c := tx.Bucket(stories), tx.Bucket(changed).Cursor()
		k, id := c.Seek(numberKey(after))
		if k != nil && binary.BigEndian.Uint64(k) == after {
			k, id = c.Next()
		}
		for ; k != nil && len(out) < limit; k, id = c.Next() {
			var st news.Story
			if _, err := load(b, id, &st); err != nil {
				return err
			}
			out = append(out, st)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("stories changed after %d: %w", after, err)
	}
	return out, nil
}

// Feeds implements news.Store.
func (s *Store) Feeds(ctx context.Context) ([]news.FeedState, error) {
	return all[news.FeedState](ctx, s, feeds)
}

// SaveFeed implements news.Store.
func (s *Store) SaveFeed(ctx context.Context, f news.FeedState) error {
	err := s.batch(ctx, func(tx *bolt.Tx) error { return save(tx.Bucket(feeds), hashed(f.URL), f) })
	if err != nil {
		return fmt.Errorf("save the state of feed %s: %w", f.URL, err)
	}
	return nil
}

// purgeStep bounds what one transaction of Purge removes, so that others are
// not kept waiting.
const purgeStep = 200

// Purge implements news.Store. It takes several transactions, each of which
// forgets some stories whole.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		n, err := s.purgeStories(ctx, before)
		total += n
		if err != nil {
			return total, fmt.Errorf("purge stories: %w", err)
		}
		if n < purgeStep {
			break
		}
	}
	if err := s.purgeAliases(ctx); err != nil {
		return total, fmt.Errorf("purge aliases: %w", err)
	}
	return total, nil
}

func (s *Store) purgeStories(ctx context.Context, before time.Time) (n int, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		end := timeKey(before)
		var gone []string
		c := tx.Bucket(updated).Cursor()
		for k, _ := c.First(); k != nil && len(gone) < purgeStep && bytes.Compare(k[:timeKeyLen], end) < 0; k, _ = c.Next() {
			gone = append(gone, string(k[timeKeyLen:]))
		}
		if n = len(gone); n == 0 {
			return errUnchanged
		}
		for _, id := range gone {
			if err := dropStory(tx, id); err != nil {
				return err
			}
			if err := dropMembers(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// dropMembers removes the articles of a story.
func dropMembers(tx *bolt.Tx, story string) error {
	m, prefix := tx.Bucket(members), join(story, "")
	var keys [][]byte
	c := m.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := tx.Bucket(articles).Delete(k[len(prefix):]); err != nil {
			return err
		}
		if err := m.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// purgeAliases looks at a snapshot and asks again before it removes: an alias
// may have been renewed in between.
func (s *Store) purgeAliases(ctx context.Context) error {
	var expired [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := tx.Bucket(aliases).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			var a news.Known
			if _, err := load(tx.Bucket(aliases), k, &a); err != nil {
				return err
			}
			if !s.now().Before(a.Expires) {
				expired = append(expired, bytes.Clone(k))
			}
		}
		return nil
	})
	for len(expired) > 0 && err == nil {
		step := expired[:min(len(expired), 10*purgeStep)]
		expired = expired[len(step):]
		err = s.update(ctx, func(tx *bolt.Tx) error {
			b := tx.Bucket(aliases)
			for _, k := range step {
				var a news.Known
				if _, err := load(b, k, &a); err != nil {
					return err
				}
				if s.now().Before(a.Expires) {
					continue
				}
				if err := b.Delete(k); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}
