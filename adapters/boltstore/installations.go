package boltstore

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"newsdesk/bot"
	"newsdesk/news"
)

// Installation implements bot.Installations.
func (s *Store) Installation(ctx context.Context, space string) (i bot.Installation, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		ok, err := load(tx.Bucket(installations), []byte(space), &i)
		if err == nil && !ok {
			err = news.ErrNotFound
		}
		return err
	})
	return i, wrap("read the installation in "+space, err)
}

// Installations implements bot.Installations.
func (s *Store) Installations(ctx context.Context) ([]bot.Installation, error) {
	return all[bot.Installation](ctx, s, installations)
}

// SaveInstallation implements bot.Installations.
func (s *Store) SaveInstallation(ctx context.Context, i bot.Installation) (bot.Installation, error) {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var old bot.Installation
		b := tx.Bucket(installations)
		if _, err := load(b, []byte(i.Space), &old); err != nil {
			return err
		}
		if old.Version != i.Version {
			return news.ErrFenced
		}
		i.Version++
		return save(b, []byte(i.Space), i)
	})
	if err != nil {
		return bot.Installation{}, fmt.Errorf("save the installation in %s: %w", i.Space, err)
	}
	return i, nil
}
