package slacktest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Member is somebody in the workspace, as users.info tells.
type Member struct {
	Admin, Owner, Guest bool
	Stranger            bool // of another organisation, in a channel that both share
	Locale              string

	team string // the one workspace that knows them, "" for all
}

// AddMember adds somebody, or changes them.
func (s *Server) AddMember(user string, m Member) {
	s.set(func() { m.team = s.people[user].team; s.people[user] = m })
}

// Be makes somebody the one who asks and presses in the first workspace from now
// on; Person at first. In the others it is PersonIn.
func (s *Server) Be(user string) { s.set(func() { s.asking = user }) }

// asks returns who asks in a workspace. The caller holds mu.
func (s *Server) asks(in *team) string {
	if in.id == teamID && s.asking != "" {
		return s.asking
	}
	return in.person
}

// AddGroup makes a user group of the first workspace.
func (s *Server) AddGroup(id string, members ...string) { s.set(func() { s.groups[id] = members }) }

// Join puts somebody into a channel.
func (s *Server) Join(channel, user string) {
	s.set(func() { s.channels[channel].people = append(s.channels[channel].people, user) })
}

// Leave takes somebody out of a channel.
func (s *Server) Leave(channel, user string) {
	s.set(func() {
		c := s.channels[channel]
		c.people = slices.DeleteFunc(c.people, func(in string) bool { return in == user })
	})
}

// RestrictPosting lets only people of some types, and some people, write in a channel.
func (s *Server) RestrictPosting(channel string, types, users []string) {
	s.set(func() { s.channels[channel].posters = object{"type": types, "user": users} })
}

// ReadOnly says of a channel that it is read-only, and no more.
func (s *Server) ReadOnly(channel string) { s.set(func() { s.channels[channel].readOnly = true }) }

// Outage answers every call of a method with an HTTP status and a page for
// people from now on; 0 ends that.
func (s *Server) Outage(method string, status int) { s.set(func() { s.outages[method] = status }) }

// away answers a call of a method that is out.
func (s *Server) away(w http.ResponseWriter, method string) bool {
	s.mu.Lock()
	status := s.outages[method]
	s.mu.Unlock()
	if status != 0 {
		http.Error(w, "<html>Something went wrong</html>", status)
	}
	return status != 0
}

// userInfo answers users.info. The caller holds mu.
func (s *Server) userInfo(args url.Values) reply {
	if no := s.need("users:read"); no != nil {
		return no
	}
	m, ok := s.people[args.Get("user")]
	in := s.caller(args)
	if !ok || m.team != "" && m.team != in.id {
		return refuse("user_not_found")
	}
	team := in.id
	if m.Stranger {
		team = "T0ELSEWHERE"
	}
	return reply{"ok": true, "user": object{
		"id": args.Get("user"), "team_id": team, "name": "member", "deleted": args.Get("user") == Away, "is_bot": args.Get("user") == Robot,
		"is_admin": m.Admin || m.Owner, "is_owner": m.Owner, "is_primary_owner": false, "is_restricted": m.Guest, "is_ultra_restricted": false,
		"is_stranger": m.Stranger, "is_app_user": false, "updated": 1600000000, "locale": cmp.Or(m.Locale, "en-US"),
	}}
}

// userGroup answers usergroups.users.list. The caller holds mu.
func (s *Server) userGroup(args url.Values) reply {
	if no := s.need("usergroups:read"); no != nil {
		return no
	}
	members, ok := s.groups[args.Get("usergroup")]
	if !ok || s.caller(args).id != teamID {
		return refuse("no_such_subteam")
	}
	return reply{"ok": true, "users": members}
}

// userGroups answers usergroups.list. The handle of a group is its id in small
// letters. The caller holds mu.
func (s *Server) userGroups(args url.Values) reply {
	if no := s.need("usergroups:read"); no != nil {
		return no
	}
	out := []any{}
	for id := range s.groups {
		if s.caller(args).id == teamID {
			out = append(out, object{"id": id, "team_id": teamID, "is_usergroup": true, "name": id, "handle": strings.ToLower(id), "date_delete": 0})
		}
	}
	return reply{"ok": true, "usergroups": out}
}

// userChannels answers users.conversations. The caller holds mu.
func (s *Server) userChannels(args url.Values) reply {
	types := strings.Split(args.Get("types"), ",")
	for kind, scope := range map[string]string{"public_channel": "channels:read", "private_channel": "groups:read", "mpim": "mpim:read", "im": "im:read"} {
		if slices.Contains(types, kind) {
			if no := s.need(scope); no != nil {
				return no
			}
		}
	}
	user := args.Get("user")
	in := s.caller(args)
	if m, ok := s.people[user]; !ok || m.team != "" && m.team != in.id {
		return refuse("user_not_found")
	}
	out := []any{}
	for _, c := range s.channels {
		kind := "public_channel"
		if c.private {
			kind = "private_channel"
		}
		if c.team == in.id && !c.direct && slices.Contains(types, kind) && slices.Contains(c.people, user) && (!c.private || c.member) && !(c.archived && truth(args.Get("exclude_archived"))) {
			out = append(out, object{"id": c.id, "name": c.name, "is_channel": !c.private, "is_private": c.private, "creator": in.person})
		}
	}
	return reply{"ok": true, "channels": out, "response_metadata": object{"next_cursor": ""}}
}

// AddScope gives scopes to the bot's token.
func (s *Server) AddScope(scopes ...string) {
	s.set(func() {
		for _, sc := range scopes {
			if !slices.Contains(s.scopes, sc) {
				s.scopes = append(s.scopes, sc)
			}
		}
	})
}
