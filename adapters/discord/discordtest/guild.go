package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The bot's role in the server.
const botRole = "1250000000000000001"

func (s *Server) getMe(*http.Request, []byte) (any, *refusal) {
	return map[string]any{"id": s.UserID, "username": "newsdesk", "discriminator": "0", "bot": true, "avatar": nil}, nil
}

func (s *Server) getApplication(*http.Request, []byte) (any, *refusal) {
	app := map[string]any{"id": s.ApplicationID, "name": "newsdesk", "description": "", "verify_key": s.PublicKey(), "interactions_endpoint_url": nil}
	if url := s.outgoing.address(); url != "" {
		app["interactions_endpoint_url"] = url
	}
	return app, nil
}

// Owner is who owns the server, and Direct the channel of direct messages with
// that person.
const (
	Owner  = "1300000000000000001"
	Direct = "1310000000000000001"
	Reader = "1300000000000000002" // who asks
	Shy    = "1300000000000000004" // takes no direct messages
)

// DirectOf is the channel of direct messages with a person.
func DirectOf(user string) string { return "131" + strings.TrimPrefix(user, "130") }

// openDirect opens the channel of direct messages with somebody.
func (s *Server) openDirect(_ *http.Request, body []byte) (any, *refusal) {
	var p struct {
		RecipientID string `json:"recipient_id"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, refuse(50109)
	}
	if _, err := strconv.ParseUint(p.RecipientID, 10, 64); err != nil {
		return nil, malformed("recipient_id", "NUMBER_TYPE_COERCE", "Value is not snowflake.")
	}
	if !slices.Contains([]string{Owner, Reader, Shy}, p.RecipientID) {
		return nil, refuse(50033)
	}
	id := DirectOf(p.RecipientID)
	s.mu.Lock()
	known := s.channels[id] != nil
	s.mu.Unlock()
	if !known {
		s.AddChannel(id, Channel{Type: typeDirect})
	}
	return map[string]any{"id": id, "type": typeDirect, "recipients": []any{map[string]any{"id": p.RecipientID, "username": "somebody"}}}, nil
}

func (s *Server) getChannel(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, no := s.open(r.PathValue("channel"))
	if no != nil {
		return nil, no
	}
	return s.showChannel(c), nil
}

func bits(n int64) string { return strconv.FormatInt(n, 10) }

// roles are those of a server.
func (s *Server) roles(guild string) []any {
	role := func(id, name string, permissions int64) any {
		return map[string]any{
			"id": id, "name": name, "permissions": bits(permissions), "position": 0, "color": 0,
			"hoist": false, "managed": false, "mentionable": false, "flags": 0,
		}
	}
	roles := []any{
		role(guild, "@everyone", ViewChannel),
		role(botRole, "newsdesk", Usual),
	}
	for user, permissions := range s.members {
		roles = append(roles, role(user, "of "+user, permissions)) // one of their own
	}
	return roles
}

// SetMember makes a person a member of the servers, with these permissions beside
// everyone's. Interactions have their own: Invocation.Permissions.
func (s *Server) SetMember(user string, permissions int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[user] = permissions
}

func (s *Server) getGuild(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	guild := r.PathValue("guild")
	if no := s.member(guild); no != nil {
		return nil, no
	}
	return map[string]any{"id": guild, "name": "test", "owner_id": Owner, "roles": s.roles(guild)}, nil
}

func (s *Server) getRoles(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	guild := r.PathValue("guild")
	if no := s.member(guild); no != nil {
		return nil, no
	}
	return s.roles(guild), nil
}

func (s *Server) getMember(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if no := s.member(r.PathValue("guild")); no != nil {
		return nil, no
	}
	if user := r.PathValue("user"); user != s.UserID {
		if _, is := s.members[user]; !is {
			return nil, refuse(10007)
		}
		return map[string]any{
			"user":  map[string]any{"id": user, "username": "reader", "discriminator": "0"},
			"roles": []string{user}, "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0,
		}, nil
	}
	me, no := s.getMe(r, nil)
	return map[string]any{"user": me, "roles": []string{botRole}, "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0}, no
}
