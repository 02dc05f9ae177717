package discord

import (
	"context"
	"encoding/json"
)

// Application asks Discord for the id of the application that the token is of.
func (p *Platform) Application(ctx context.Context) (string, error) { return p.application(ctx) }

// Register makes Discord's commands those of the table, as Run does first.
func (p *Platform) Register(ctx context.Context) error { return p.register(ctx) }

// Invite is the address that invites the bot of an application to a server, as
// Manifest has it.
func Invite(applicationID string) string {
	var m manifest
	if err := json.Unmarshal(Manifest(nil, applicationID), &m); err != nil {
		panic(err) // of our own making
	}
	return m.Invite
}
