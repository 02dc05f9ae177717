package web

import (
	"context"

	"newsdesk/bot"
)

var _ bot.Steward = (*Server)(nil)

// Called is the name of a channel, with a #.
func (s *Server) Called(_ context.Context, c bot.Channel) (string, error) { return "#" + c.ID(), nil }

// Manages reports that everybody manages every channel: the web's people are
// its operators.
func (s *Server) Manages(context.Context, bot.Channel, string) (ok bool, why string) { return true, "" }
