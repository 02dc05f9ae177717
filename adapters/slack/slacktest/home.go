package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// The App Home: docs.slack.dev/surfaces/app-home.

// homeBytes is the most that a view may have.
const homeBytes = 250_000

// DisableHome switches the Home tab of the app off.
func (s *Server) DisableHome() { s.set(func() { s.noHome = true }) }

// RefuseHome answers the next n calls of views.publish with an error.
func (s *Server) RefuseHome(n int, code string) { s.set(func() { s.refuseHome, s.homeCode = n, code }) }

// Home returns what somebody's Home shows; ok is false where it is empty.
func (s *Server) Home(user string) (v View, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.homes[user]
	if shown == nil {
		return View{}, false
	}
	return *shown, true
}

// OpenHome opens the Home of who asks in the first workspace and returns what is
// published for them.
func (s *Server) OpenHome(ctx context.Context) (View, error) { return s.OpenHomeIn(ctx, teamID) }

// OpenHomeIn opens the Home of who asks in a workspace. An error says that
// nothing was published before ctx ended.
func (s *Server) OpenHomeIn(ctx context.Context, id string) (View, error) {
	return s.openTab(ctx, id, "home")
}

// OpenMessages opens the tab of direct messages in its place, of which Slack
// tells by the same event.
func (s *Server) OpenMessages(ctx context.Context) (View, error) {
	return s.openTab(ctx, teamID, "messages")
}

func (s *Server) openTab(ctx context.Context, id, tab string) (View, error) {
	s.mu.Lock()
	user := s.asks(s.teams[id])
	event := object{"type": "app_home_opened", "user": user, "channel": Direct(user), "event_ts": s.timestamp(), "tab": tab}
	if v := s.homes[user]; v != nil && tab == "home" {
		event["view"] = v.json(id)
	}
	published := s.published(user)
	s.mu.Unlock()
	if err := s.EventIn(ctx, id, event); err != nil {
		return View{}, err
	}
	select {
	case v := <-published:
		return *v, nil
	case <-ctx.Done():
		return View{}, fmt.Errorf("slacktest: nothing was published: %w", ctx.Err())
	}
}

// published is where the next view of somebody comes. The caller holds mu.
func (s *Server) published(user string) chan *View {
	c := make(chan *View, 10)
	s.publishing[user] = c
	return c
}

// PressHome presses a button of a Home, chosen by its action_id or its label, and
// returns what is published then, the modal that is opened, or the direct
// message that comes.
func (s *Server) PressHome(ctx context.Context, v View, action string) (Message, error) {
	button, blockID := find(v.Blocks, "button", action)
	if button == nil {
		return Message{}, fmt.Errorf("slacktest: the Home has no button %q", action)
	}
	pressed := object{"type": "button", "block_id": blockID}
	for _, name := range []string{"action_id", "text", "value", "url", "style"} {
		if of, ok := button[name]; ok {
			pressed[name] = of
		}
	}
	s.mu.Lock()
	in := s.teams[v.team]
	user := s.asks(in)
	id := s.newTrigger(in.id)
	pressed["action_ts"] = s.timestamp()
	payload := object{
		"type": "block_actions", "token": "verification-token", "api_app_id": appID, "trigger_id": id,
		"team": object{"id": in.id, "domain": "slacktest"}, "user": object{"id": user, "username": "person", "team_id": in.id},
		"container": object{"type": "view", "view_id": v.ID}, "view": v.json(in.id), "actions": []any{pressed}, "enterprise": nil, "is_enterprise_install": false,
	}
	opened, published := s.triggers[id].opened, s.published(user)
	s.mu.Unlock()
	if _, err := s.deliver(ctx, "interactive", payload, false, nil); err != nil {
		return Message{}, err
	}
	return s.seenBy(ctx, user, published, opened)
}

// seenBy waits for what somebody is shown on their Home or above it, or sent.
func (s *Server) seenBy(ctx context.Context, user string, published, opened chan *View) (Message, error) {
	s.mu.Lock()
	direct := s.channels[Direct(user)]
	before := 0
	if direct != nil {
		before = len(direct.messages)
	}
	s.mu.Unlock()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case v := <-published:
			return Message{Private: true, View: v}, nil
		case v := <-opened:
			return Message{Private: true, View: v}, nil
		case <-tick.C:
			if ms := s.Messages(Direct(user)); len(ms) > before {
				return ms[len(ms)-1], nil
			}
		case <-ctx.Done():
			return Message{}, fmt.Errorf("slacktest: acknowledged, and nothing was shown: %w", ctx.Err())
		}
	}
}

// publish answers views.publish. The caller holds mu.
func (s *Server) publish(args url.Values) reply {
	in, user := s.caller(args), args.Get("user_id")
	var v object
	member, known := s.people[user]
	switch shown := s.homes[user]; {
	case take(&s.refuseHome):
		return refuse(s.homeCode)
	case s.noHome:
		return refuse("not_enabled")
	case !known && user != s.asking, member.team != "" && member.team != in.id, user != in.person && in.id != teamID:
		return withProblems("invalid_arguments", []string{"invalid `user_id`"})
	case args.Get("hash") != "" && (shown == nil || shown.Hash != args.Get("hash")):
		return refuse("hash_conflict")
	case len(args.Get("view")) > homeBytes:
		return refuse("view_too_large")
	case json.Unmarshal([]byte(args.Get("view")), &v) != nil:
		return refuse("invalid_arguments")
	}
	j := &judgement{blockIDs: map[string]bool{}, actionIDs: map[string]bool{}, ready: func(string) bool { return false }}
	j.home(v)
	if len(j.problems) > 0 {
		return withProblems("invalid_arguments", j.problems)
	}
	callback, _ := v["callback_id"].(string)
	metadata, _ := v["private_metadata"].(string)
	blocks, _ := v["blocks"].([]any)
	shown := &View{ID: "VHOME" + user, Type: "home", CallbackID: callback, Metadata: metadata, Blocks: blocks, Hash: s.id("1600000000."), team: in.id}
	s.homes[user] = shown
	if c := s.publishing[user]; c != nil {
		select {
		case c <- shown:
		default:
		}
	}
	return reply{"ok": true, "view": shown.json(in.id)}
}

// home checks against docs.slack.dev/reference/views/home-tab-views.
func (j *judgement) home(v object) {
	j.only("/view", v, "type", "blocks", "private_metadata", "callback_id", "external_id")
	if v["type"] != "home" {
		j.add("/view/type", "must be home")
	}
	for name, most := range map[string]int{"private_metadata": 3000, "callback_id": 255} {
		s, _ := v[name].(string)
		j.length("/view/"+name, s, most)
	}
	for i, b := range j.list("/view/blocks", v["blocks"], 100) {
		if o, ok := b.(object); ok {
			j.block(fmt.Sprintf("/view/blocks/%d", i), o)
		} else {
			j.add("/view/blocks", "must be objects")
		}
	}
}

// json is a Home as Slack tells of it.
func (v View) json(team string) object {
	return object{
		"id": v.ID, "team_id": team, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.Metadata, "callback_id": v.CallbackID,
		"state": object{"values": object{}}, "hash": v.Hash, "title": object{"type": "plain_text", "text": "View Title", "emoji": true},
		"clear_on_close": false, "notify_on_close": false, "close": nil, "submit": nil, "previous_view_id": nil, "root_view_id": v.ID,
		"app_id": appID, "external_id": "", "app_installed_team_id": team, "bot_id": botID,
	}
}

// Shown returns all text that people see on a Home, each on a line.
func (v View) Shown() string { return Message{Blocks: v.Blocks}.Shown() }
