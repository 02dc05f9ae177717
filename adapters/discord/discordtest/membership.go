package discordtest

// A guild is a server with what the bot is there.
type guild struct {
	present bool // the bot is a member
	outage  bool // Discord cannot reach it for a time
}

// AddGuild makes the bot a member of a server, for the first time or again.
func (s *Server) AddGuild(id string) {
	s.mu.Lock()
	s.guilds[id] = &guild{present: true}
	shown := s.showGuild(id)
	s.mu.Unlock()
	s.announce("GUILD_CREATE", shown)
}

// RemoveBot takes the bot out of a server, as who manages it does.
func (s *Server) RemoveBot(id string) {
	s.mu.Lock()
	s.guilds[id] = &guild{}
	s.mu.Unlock()
	s.announce("GUILD_DELETE", map[string]any{"id": id})
}

// Outage makes a server unavailable, or available again. Meanwhile its
// channels seem not to exist (LiveBot#30).
func (s *Server) Outage(id string, on bool) {
	s.mu.Lock()
	s.guilds[id].outage = on
	shown := s.showGuild(id)
	s.mu.Unlock()
	if on {
		s.announce("GUILD_DELETE", map[string]any{"id": id, "unavailable": true})
	} else {
		s.announce("GUILD_CREATE", shown)
	}
}

// announce sends an event to every connection; s.mu is not held.
func (s *Server) announce(event string, data any) {
	for _, k := range s.gateway.ready() {
		k.send(opDispatch, event, data)
	}
}

// kindOfEvent begins the names of events about a channel.
func kindOfEvent(kind int) string {
	if kind == typeThread {
		return "THREAD_"
	}
	return "CHANNEL_"
}

// open returns the channel of that id, or why the bot does not see it; s.mu is
// held.
func (s *Server) open(id string) (*channel, *refusal) {
	c := s.channels[id]
	if c == nil {
		return nil, refuse(10003)
	}
	g := s.guilds[c.Guild]
	switch {
	case c.Type == typeDirect:
		return c, nil
	case g == nil || !g.present:
		return nil, refuse(50001)
	case g.outage:
		return nil, refuse(10003)
	case !c.may(0):
		return nil, refuse(50001)
	}
	return c, nil
}

// member returns why the bot is not in a server, nil where it is; s.mu is held.
func (s *Server) member(id string) *refusal {
	if g := s.guilds[id]; g == nil || !g.present || g.outage {
		return refuse(10004)
	}
	return nil
}

// showGuild is a server as GUILD_CREATE has it; s.mu is held.
func (s *Server) showGuild(id string) any {
	channels, threads := []any{}, []any{}
	for _, c := range s.channels {
		switch {
		case c.Type == typeDirect || c.Guild != id:
		case c.Type != typeThread:
			channels = append(channels, s.showChannel(c))
		case !c.Archived && c.may(0):
			threads = append(threads, s.showChannel(c))
		}
	}
	return map[string]any{"id": id, "name": "test", "owner_id": Owner, "roles": s.roles(id), "channels": channels, "threads": threads}
}
