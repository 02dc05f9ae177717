package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A registry holds the commands of one place: all servers and direct messages,
// or one server.
type registry struct {
	commands []registered
	creates  int
}

// A registered command is one that was sent, with what Discord gave it.
type registered struct {
	id  string
	raw json.RawMessage
}

// createsMost is how many new names a place takes in a day:
// discord.com/developers/docs/interactions/application-commands#registering-a-command.
const createsMost = 200

// place is the registry that a path names, "" being the one of all; s.mu is held.
func (s *Server) place(r *http.Request) (*registry, *refusal) {
	guild := r.PathValue("guild")
	switch {
	case r.PathValue("application") != s.ApplicationID:
		return nil, refuse(20012)
	case guild != "" && (s.guilds[guild] == nil || !s.guilds[guild].present):
		return nil, refuse(50001)
	}
	return s.registry(guild), nil
}

func (s *Server) registry(guild string) *registry {
	if s.registries[guild] == nil {
		s.registries[guild] = &registry{}
	}
	return s.registries[guild]
}

// Commands returns the commands that are registered for all servers, as they
// were sent, and how often any were written.
func (s *Server) Commands() (commands []json.RawMessage, writes int) {
	return s.GuildCommands(""), s.Writes()
}

// GuildCommands returns the commands that are registered in one server, as
// they were sent.
func (s *Server) GuildCommands(guild string) (commands []json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.registry(guild).commands {
		commands = append(commands, c.raw)
	}
	return commands
}

// Writes returns how often commands were written.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// SetCommands registers commands as another release of the bot would have; ""
// is all servers.
func (s *Server) SetCommands(guild string, raw ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.registry(guild)
	r.commands = nil
	for _, c := range raw {
		r.commands = append(r.commands, registered{s.snowflake(), json.RawMessage(c)})
	}
}

// ExhaustCommands uses up the creates of the day in a place.
func (s *Server) ExhaustCommands(guild string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registry(guild).creates = createsMost
}

func (s *Server) getCommands(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, no := s.place(r)
	if no != nil {
		return nil, no
	}
	out := []any{}
	for _, c := range place.commands {
		out = append(out, s.showCommand(r, c, r.URL.Query().Get("with_localizations") == "true"))
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

// showCommand is a command as Discord returns it: with an id, and with the
// defaults of what was left out.
func (s *Server) showCommand(r *http.Request, of registered, localizations bool) any {
	var c map[string]any
	if err := json.Unmarshal(of.raw, &c); err != nil {
		return nil // checked when it was written
	}
	fill := func(name string, v any) {
		if c[name] == nil {
			c[name] = v
		}
	}
	c["id"], c["version"], c["application_id"] = of.id, of.id, s.ApplicationID
	fill("type", 1)
	fill("default_member_permissions", nil)
	if bits, ok := c["default_member_permissions"].(float64); ok {
		c["default_member_permissions"] = strconv.FormatFloat(bits, 'f', 0, 64)
	}
	fill("name_localizations", nil)
	fill("description_localizations", nil)
	fill("contexts", nil)
	fill("integration_types", []int{0})
	c["nsfw"] = false
	if guild := r.PathValue("guild"); guild != "" {
		c["guild_id"] = guild
	} else {
		c["dm_permission"] = true
	}
	if !localizations {
		dropLocalizations(c)
	}
	return c
}

// putCommands replaces all commands of a place. Only new names are creates.
func (s *Server) putCommands(r *http.Request, body []byte) (any, *refusal) {
	var commands []json.RawMessage
	if err := json.Unmarshal(body, &commands); err != nil {
		return nil, refuse(50109)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	place, no := s.place(r)
	if no == nil {
		no = checkCommands(commands, r.PathValue("guild") != "")
	}
	if no != nil {
		return nil, no
	}
	old := place.commands
	var all []registered
	for _, raw := range commands {
		c := registered{s.snowflake(), raw}
		if i := named(old, raw); i >= 0 {
			c.id = old[i].id
		} else if place.creates++; place.creates > createsMost {
			return nil, refuse(30034)
		}
		all = append(all, c)
	}
	place.commands = all
	s.writes++
	out := []any{}
	for _, c := range all {
		out = append(out, s.showCommand(r, c, true))
	}
	return out, nil
}

// named returns where the command of raw's name and type is, or -1.
func named(commands []registered, raw json.RawMessage) int {
	name := func(raw json.RawMessage) (c command) {
		json.Unmarshal(raw, &c)
		if c.Type == 0 {
			c.Type = 1
		}
		return c
	}
	want := name(raw)
	return slices.IndexFunc(commands, func(c registered) bool {
		got := name(c.raw)
		return got.Name == want.Name && got.Type == want.Type
	})
}

// postCommand adds a command, or replaces the one that has its name.
func (s *Server) postCommand(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, no := s.place(r)
	if no != nil {
		return nil, no
	}
	at := named(place.commands, body)
	if at < 0 {
		if place.creates++; place.creates > createsMost {
			return nil, refuse(30034)
		}
		at = len(place.commands)
		place.commands = append(place.commands, registered{id: s.snowflake()})
	}
	return s.writeCommand(r, place, at, body)
}

// patchCommand replaces those fields of a command that the body names.
func (s *Server) patchCommand(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, at, no := s.commandAt(r)
	if no != nil {
		return nil, no
	}
	var c, given map[string]json.RawMessage
	if json.Unmarshal(place.commands[at].raw, &c) != nil || json.Unmarshal(body, &given) != nil {
		return nil, refuse(50109)
	}
	for name, v := range given {
		if c[name] = v; string(v) == "null" {
			delete(c, name)
		}
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, refuse(50109)
	}
	return s.writeCommand(r, place, at, raw)
}

// writeCommand checks all commands of a place with one that is new; s.mu is held.
func (s *Server) writeCommand(r *http.Request, place *registry, at int, raw json.RawMessage) (any, *refusal) {
	all := slices.Clone(place.commands)
	all[at].raw = raw
	var raws []json.RawMessage
	for _, c := range all {
		raws = append(raws, c.raw)
	}
	if no := checkCommands(raws, r.PathValue("guild") != ""); no != nil {
		place.commands = slices.DeleteFunc(place.commands, func(c registered) bool { return c.raw == nil })
		return nil, no
	}
	place.commands = all
	s.writes++
	return s.showCommand(r, all[at], true), nil
}

func (s *Server) deleteCommand(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, at, no := s.commandAt(r)
	if no != nil {
		return nil, no
	}
	place.commands = slices.Delete(slices.Clone(place.commands), at, at+1)
	s.writes++
	return nil, nil
}

// commandAt finds the command of a path; s.mu is held.
func (s *Server) commandAt(r *http.Request) (*registry, int, *refusal) {
	place, no := s.place(r)
	if no != nil {
		return nil, 0, no
	}
	at := slices.IndexFunc(place.commands, func(c registered) bool { return c.id == r.PathValue("command") })
	if at < 0 {
		return nil, 0, refuse(10063)
	}
	return place, at, nil
}

// offered returns the command that a person is offered, and false where nobody
// registered one of that name; s.mu is held.
func (s *Server) offered(name, guild string) (c command, ok bool) {
	for _, g := range []string{guild, ""} {
		for _, r := range s.registry(g).commands {
			if json.Unmarshal(r.raw, &c) == nil && strings.EqualFold(c.Name, name) {
				return c, true
			}
			c = command{}
		}
	}
	return c, false
}
