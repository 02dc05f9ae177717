package bot

import (
	"context"
	"time"
)

// An Installation is the bot in a workspace whose people let it in by
// themselves, with what it speaks by there. What is sealed no engine can read.
type Installation struct {
	Space      string    `json:"space"` // "slack:T0123456789": see Channel.Space
	Name       string    `json:"name,omitempty"`
	Enterprise string    `json:"enterprise,omitempty"` // the organisation that the workspace belongs to
	App        string    `json:"app,omitempty"`
	Bot        string    `json:"bot,omitempty"`       // the platform's id of the bot's user there
	Installer  string    `json:"installer,omitempty"` // and of the person who let it in
	Scopes     string    `json:"scopes,omitempty"`    // that were granted, with commas between them
	Installed  time.Time `json:"installed"`

	Token   []byte    `json:"token,omitempty"`   // sealed; nil once the installation has ended
	Refresh []byte    `json:"refresh,omitempty"` // sealed; nil where the token does not expire
	Expires time.Time `json:"expires,omitzero"`  // of Token; zero for never

	Ended time.Time `json:"ended,omitzero"` // zero while it lasts
	Why   string    `json:"why,omitempty"`  // with Ended: in words

	// Version counts the times it was saved, from 1.
	Version uint64 `json:"version"`
}

// Installations keeps installations. A Store does.
type Installations interface {
	// Installation returns that of a space, ended or not. news.ErrNotFound
	// where there has never been one.
	Installation(ctx context.Context, space string) (Installation, error)
	// Installations returns all, in order of space.
	Installations(ctx context.Context) ([]Installation, error)
	// SaveInstallation keeps i in the place of the one that has its Version,
	// where 0 stands for none, and returns it with its new Version.
	// news.ErrFenced where another one was saved meanwhile; then nothing
	// changes.
	SaveInstallation(ctx context.Context, i Installation) (Installation, error)
}
