package boltstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// TestExplore walks through every plan of crashes and answers.
func TestExplore(t *testing.T) {
	bottest.ExploreAll(t, func(now func() time.Time) bot.Store {
		s, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{Now: now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
