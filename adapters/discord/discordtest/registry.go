package discordtest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

func (s *Server) getCommands(r *http.Request, _ []byte) (any, *refusal) {
	if r.PathValue("application") != s.ApplicationID {
		return nil, refuse(20012)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []any{}
	for n, raw := range s.commands {
		out = append(out, s.registered(n, raw, r.URL.Query().Get("with_localizations") == "true"))
	}
	return out, nil
}

// dropLocalizations leaves out of a command, and of its options, what Discord
// shows only to those who ask for it.
func dropLocalizations(c map[string]any) {
	delete(c, "name_localizations")
	delete(c, "description_localizations")
	options, _ := c["options"].([]any)
	for _, o := range options {
		dropLocalizations(o.(map[string]any))
	}
}

// registered is a command as Discord returns it: with an id, and with the
// defaults of what was left out.
func (s *Server) registered(n int, raw json.RawMessage, localizations bool) any {
	var c map[string]any
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil // checked by putCommands
	}
	c["id"], c["version"] = "15000000000000000"+strconv.Itoa(10+n), "1600000000000000001"
	c["application_id"] = s.ApplicationID
	c["default_member_permissions"], c["nsfw"], c["dm_permission"] = nil, false, true
	c["name_localizations"] = nil
	if !localizations {
		dropLocalizations(c)
	}
	return c
}

func (s *Server) putCommands(r *http.Request, body []byte) (any, *refusal) {
	if r.PathValue("application") != s.ApplicationID {
		return nil, refuse(20012)
	}
	var commands []json.RawMessage
	if err := json.Unmarshal(body, &commands); err != nil {
		return nil, refuse(50109)
	}
	if no := checkCommands(commands); no != nil {
		return nil, no
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = commands
	s.writes++
	out := []any{}
	for n, raw := range commands {
		out = append(out, s.registered(n, raw, true))
	}
	return out, nil
}
