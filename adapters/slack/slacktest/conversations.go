package slacktest

import (
	"net/url"
	"slices"
	"strconv"
)

// The methods that run under mu.

func (s *Server) authTest(args url.Values) reply {
	t := s.caller(args)
	return reply{"ok": true, "url": "https://slacktest.slack.com/", "team": t.name, "user": "newsdesk", "team_id": t.id, "user_id": t.botUser, "bot_id": t.botID}
}

func (s *Server) update(args url.Values) reply {
	c, m, code, problems := s.judge(args, "chat.update")
	if code != "" {
		return withProblems(code, problems)
	}
	i := slices.IndexFunc(c.messages, func(o Message) bool { return o.TS == args.Get("ts") })
	if i < 0 {
		return refuse("message_not_found")
	}
	if c.messages[i].user != "" {
		return refuse("cant_update_message")
	}
	old := &c.messages[i]
	old.Text, old.Blocks, old.Edited = m.Text, m.Blocks, true // a text without blocks removes them
	if m.Metadata != nil {
		old.Metadata = m.Metadata
	}
	return reply{"ok": true, "channel": c.id, "ts": old.TS, "text": old.Text, "message": old.json(true)}
}

func (s *Server) info(args url.Values) reply {
	c, no := s.reach(args, "channels:read", "groups:read")
	if no != nil {
		return no
	}
	of := object{
		"id": c.id, "name": c.name, "is_channel": !c.private && !c.direct, "is_group": c.private, "is_private": c.private, "is_archived": c.archived,
		"is_member": c.member, "is_im": c.direct, "is_mpim": false, "created": 1600000000, "creator": s.caller(args).person, "is_read_only": c.readOnly,
	}
	if c.posters != nil {
		of["properties"] = object{"posting_restricted_to": c.posters}
	}
	return reply{"ok": true, "channel": of}
}

func (s *Server) join(args url.Values) reply {
	c, no := s.reach(args, "channels:join", "channels:join")
	switch {
	case no != nil:
		return no
	case c.private:
		return refuse("method_not_supported_for_channel_type")
	case c.archived:
		return refuse("is_archived")
	}
	c.member = true
	return reply{"ok": true, "channel": map[string]any{"id": c.id, "name": c.name, "is_channel": true, "is_member": true}}
}

// Direct returns the id of the direct messages with a person.
func Direct(person string) string { return "D" + person[1:] }

func (s *Server) direct(args url.Values) reply {
	if no := s.need("im:write"); no != nil {
		return no
	}
	t := s.caller(args)
	switch args.Get("users") {
	case t.person:
	case Away:
		return refuse("user_disabled")
	case Robot:
		return refuse("cannot_dm_bot")
	default:
		return refuse("user_not_found")
	}
	id := Direct(t.person)
	if s.channels[id] == nil {
		s.channels[id] = &channel{team: t.id, id: id, member: true, direct: true}
	}
	return reply{"ok": true, "channel": map[string]any{"id": id, "is_im": true, "user": t.person}}
}

func (s *Server) history(args url.Values) reply {
	c, no := s.reach(args, "channels:history", "groups:history")
	switch {
	case no != nil:
		return no
	case !c.member:
		return refuse("not_in_channel")
	}
	var shown []Message
	for _, m := range c.messages {
		if m.ThreadTS == "" && !m.Private {
			shown = append(shown, m)
		}
	}
	slices.Reverse(shown) // newest first
	return s.page(shown, args)
}

func (s *Server) replies(args url.Values) reply {
	c, no := s.reach(args, "channels:history", "groups:history")
	switch {
	case no != nil:
		return no
	case !c.member:
		return refuse("not_in_channel")
	}
	var shown []Message
	for _, m := range c.messages {
		if m.TS == args.Get("ts") || m.ThreadTS == args.Get("ts") {
			shown = append(shown, m)
		}
	}
	if len(shown) == 0 || shown[0].ThreadTS != "" {
		return refuse("thread_not_found")
	}
	return s.page(shown, args)
}

// page answers with those messages that the arguments choose. The caller holds mu.
func (s *Server) page(all []Message, args url.Values) reply {
	limit := 100
	if v := args.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 999 {
			return refuse("invalid_limit")
		}
		limit = n
	}
	limit = min(limit, s.pageMax)
	var oldest float64
	for _, bound := range []struct {
		name string
		code string
	}{{"oldest", "invalid_ts_oldest"}, {"latest", "invalid_ts_latest"}} {
		if v := args.Get(bound.name); v != "" {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return refuse(bound.code)
			}
			if bound.name == "oldest" {
				oldest = f
			}
		}
	}
	inclusive := truth(args.Get("inclusive"))
	var chosen []Message
	for _, m := range all {
		at, _ := strconv.ParseFloat(m.TS, 64)
		if at > oldest || at == oldest && inclusive {
			chosen = append(chosen, m)
		}
	}
	start := 0
	if v := args.Get("cursor"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > len(chosen) {
			return refuse("invalid_cursor")
		}
		start = n
	}
	end := min(start+limit, len(chosen))
	messages := []any{}
	for _, m := range chosen[start:end] {
		messages = append(messages, m.json(truth(args.Get("include_all_metadata"))))
	}
	next := ""
	if end < len(chosen) {
		next = strconv.Itoa(end)
	}
	return reply{"ok": true, "messages": messages, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}}
}

func truth(s string) bool { return s == "1" || s == "true" }
