package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Modals: docs.slack.dev/surfaces/modals.

// A View is a modal or a Home that a person sees.
type View struct {
	ID, CallbackID string
	Type           string // modal or home
	Title          string // of a modal
	Metadata       string // private_metadata
	Blocks         []any
	Hash           string // of a Home

	team string
}

// A trigger opens one modal, within three seconds.
type trigger struct {
	team    string
	made    time.Time
	used    bool
	expired bool
	opened  chan *View
}

const triggerLife = 3 * time.Second

// newTrigger makes a trigger_id. The caller holds mu.
func (s *Server) newTrigger(team string) string {
	id := s.id("111.222.")
	s.triggers[id] = &trigger{team: team, made: time.Now(), expired: s.triggersExpire, opened: make(chan *View, 1)}
	return id
}

// ExpireTriggers lets the triggers of later questions be good for nothing, or
// for three seconds again.
func (s *Server) ExpireTriggers(on bool) { s.set(func() { s.triggersExpire = on }) }

// openView answers views.open. The caller holds mu.
func (s *Server) openView(args url.Values) reply {
	t := s.triggers[args.Get("trigger_id")]
	switch {
	case t == nil, t.team != s.caller(args).id:
		return refuse("invalid_trigger_id")
	case t.used:
		return refuse("exchanged_trigger_id")
	case t.expired || time.Since(t.made) > triggerLife:
		return refuse("expired_trigger_id")
	}
	var v object
	if err := json.Unmarshal([]byte(args.Get("view")), &v); err != nil {
		return refuse("invalid_arguments")
	}
	j := &judgement{blockIDs: map[string]bool{}, actionIDs: map[string]bool{}, ready: func(string) bool { return false }}
	j.modal(v)
	if len(j.problems) > 0 {
		return withProblems("invalid_arguments", j.problems)
	}
	t.used = true
	title, _ := v["title"].(object)["text"].(string)
	callback, _ := v["callback_id"].(string)
	metadata, _ := v["private_metadata"].(string)
	blocks, _ := v["blocks"].([]any)
	opened := &View{ID: s.id("V0"), Type: "modal", team: t.team, CallbackID: callback, Title: title, Metadata: metadata, Blocks: blocks}
	t.opened <- opened
	return reply{"ok": true, "view": object{"id": opened.ID, "type": "modal", "title": v["title"], "blocks": blocks, "private_metadata": metadata, "callback_id": callback}}
}

// modal checks against docs.slack.dev/reference/views/modal-views; every block
// is an input.
func (j *judgement) modal(v object) {
	j.only("/view", v, "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close", "notify_on_close", "external_id", "submit_disabled")
	if v["type"] != "modal" {
		j.add("/view/type", "must be modal")
	}
	for _, name := range []string{"title", "submit", "close"} {
		if name != "close" || v[name] != nil {
			j.text("/view/"+name, v[name], 24, "plain_text")
		}
	}
	for name, most := range map[string]int{"private_metadata": 3000, "callback_id": 255} {
		s, _ := v[name].(string)
		j.length("/view/"+name, s, most)
	}
	for i, b := range j.list("/view/blocks", v["blocks"], 100) {
		at := fmt.Sprintf("/view/blocks/%d", i)
		o, _ := b.(object)
		if o["type"] != "input" {
			j.add(at+"/type", "unsupported type: %v", o["type"])
			continue
		}
		j.only(at, o, "type", "block_id", "label", "element", "hint", "optional", "dispatch_action")
		j.text(at+"/label", o["label"], 2000, "plain_text")
		for _, id := range []struct {
			at   string
			of   any
			used map[string]bool
		}{{at + "/block_id", o["block_id"], j.blockIDs}, {at + "/element/action_id", element(o)["action_id"], j.actionIDs}} {
			s, _ := id.of.(string)
			if s == "" || id.used[s] {
				j.add(id.at, "missing, or exists already: %q", s)
			}
			id.used[s] = true
			j.length(id.at, s, 255)
		}
		j.input(at+"/element", element(o))
	}
}

func element(input object) object { e, _ := input["element"].(object); return e }

func (j *judgement) input(at string, e object) {
	if e["placeholder"] != nil {
		j.text(at+"/placeholder", e["placeholder"], 150, "plain_text")
	}
	switch e["type"] {
	case "plain_text_input":
		j.only(at, e, "type", "action_id", "placeholder", "initial_value", "multiline", "min_length", "max_length", "focus_on_load")
		s, _ := e["initial_value"].(string)
		j.length(at+"/initial_value", s, 3000)
	case "multi_external_select":
		j.only(at, e, "type", "action_id", "placeholder", "min_query_length", "initial_options", "max_selected_items", "focus_on_load")
		if many, ok := e["initial_options"]; ok {
			for _, o := range j.list(at+"/initial_options", many, 100) {
				j.option(at+"/initial_options", o)
			}
		}
	case "static_select", "multi_static_select":
		j.only(at, e, "type", "action_id", "placeholder", "options", "initial_option", "initial_options", "max_selected_items", "focus_on_load")
		values := map[string]bool{}
		for i, o := range j.list(at+"/options", e["options"], 100) {
			values[j.option(fmt.Sprintf("%s/options/%d", at, i), o)] = true
		}
		var chosen []any
		if many, ok := e["initial_options"]; ok {
			chosen = j.list(at+"/initial_options", many, 100)
		}
		if one, ok := e["initial_option"]; ok {
			chosen = append(chosen, one)
		}
		if e["type"] == "static_select" && e["initial_options"] != nil || e["type"] != "static_select" && e["initial_option"] != nil {
			j.add(at, "the other kind of select is filled in so")
		}
		for _, o := range chosen {
			if !values[j.option(at+"/initial_option", o)] {
				j.add(at+"/initial_option", "must exactly match one of the options")
			}
		}
	default:
		j.add(at+"/type", "unsupported type: %v", e["type"])
	}
}

// option checks an option and returns its value.
func (j *judgement) option(at string, v any) string {
	o, _ := v.(object)
	j.only(at, o, "text", "value")
	j.text(at+"/text", o["text"], 75, "plain_text")
	value, _ := o["value"].(string)
	if value == "" {
		j.add(at+"/value", "must be more than 0 characters")
	}
	j.length(at+"/value", value, 150)
	return value
}

// Submit fills in a modal and returns what is answered. What changed does not
// name, by the id of its block, stays as it stands there; of many values commas
// stand between. What Slack does not let people fill in is an error. A modal can be submitted
// again, as it is where its acknowledgement was lost.
func (s *Server) Submit(ctx context.Context, v View, changed map[string]string) (Message, error) {
	values, named := object{}, 0
	for _, b := range v.Blocks {
		input := b.(object)
		id, e := input["block_id"].(string), element(input)
		given, has := changed[id]
		if has {
			named++
		}
		state, err := s.filled(e, given, has)
		if err != nil {
			return Message{}, fmt.Errorf("slacktest: %s: %w", id, err)
		}
		if empty := state["value"] == nil && state["selected_option"] == nil && len(list(state["selected_options"])) == 0; empty && input["optional"] != true {
			return Message{}, fmt.Errorf("slacktest: %s must be filled in", id)
		}
		values[id] = object{e["action_id"].(string): state}
	}
	if named < len(changed) {
		return Message{}, fmt.Errorf("slacktest: the modal has not all of %v", changed)
	}
	s.mu.Lock()
	in := s.teams[v.team]
	user := s.asks(in)
	payload := object{
		"type": "view_submission", "token": "verification-token", "api_app_id": appID, "trigger_id": s.newTrigger(in.id),
		"team": object{"id": in.id, "domain": "slacktest"}, "user": object{"id": user, "username": "person", "name": "person", "team_id": in.id},
		"response_urls": []any{}, "is_enterprise_install": false, "enterprise": nil,
		"view": object{
			"id": v.ID, "team_id": in.id, "type": "modal", "blocks": v.Blocks, "private_metadata": v.Metadata, "callback_id": v.CallbackID,
			"state": object{"values": values}, "hash": "1.hash", "title": object{"type": "plain_text", "text": v.Title, "emoji": true},
			"clear_on_close": false, "notify_on_close": false, "root_view_id": v.ID, "previous_view_id": nil, "app_id": appID, "external_id": "", "bot_id": botID,
		},
	}
	// The answer comes where the question before it had its own, or to the person.
	var m struct{ URL string }
	_ = json.Unmarshal([]byte(v.Metadata), &m)
	u := s.urls[m.URL[strings.LastIndexByte(m.URL, '/')+1:]]
	if u == nil {
		u = &responseURL{answers: make(chan Message)}
	}
	published := s.published(user)
	s.mu.Unlock()
	ack, err := s.deliver(ctx, "interactive", payload, true, nil)
	switch {
	case err != nil:
		return Message{}, err
	case len(ack) > 0:
		return Message{}, fmt.Errorf("slacktest: the modal stays open: %s", ack)
	}
	select {
	case m := <-u.answers:
		return m, nil
	case m := <-s.whispered:
		return m, nil
	case v := <-published:
		return Message{Private: true, View: v}, nil
	case <-ctx.Done():
		return Message{}, errors.New("slacktest: the modal was closed, and no answer came")
	}
}

// filled is the state of an element that a person has filled in.
func (s *Server) filled(e object, given string, has bool) (object, error) {
	state := object{"type": e["type"]}
	if e["type"] == "plain_text_input" {
		if !has {
			given, _ = e["initial_value"].(string)
		}
		if state["value"] = any(nil); given != "" {
			state["value"] = escaped.Replace(given)
		}
		return state, nil
	}
	chosen := list(e["initial_options"])
	if o, ok := e["initial_option"]; ok {
		chosen = []any{o}
	}
	options := list(e["options"])
	if e["type"] == "multi_external_select" {
		options = slices.Clone(chosen)
		s.mu.Lock()
		for _, o := range s.offered {
			options = append(options, object{"text": object{"type": "plain_text", "text": o.Text, "emoji": true}, "value": o.Value})
		}
		s.mu.Unlock()
	}
	if has {
		chosen = []any{}
		for _, value := range strings.Split(given, ",") {
			i := slices.IndexFunc(options, func(o any) bool { return o.(object)["value"] == value })
			if i < 0 && given != "" {
				return nil, fmt.Errorf("there is no option %q", value)
			} else if i >= 0 {
				chosen = append(chosen, options[i])
			}
		}
	}
	switch kind, _ := e["type"].(string); {
	case strings.HasPrefix(kind, "multi_"):
		state["selected_options"] = append([]any{}, chosen...)
	case len(chosen) > 1:
		return nil, errors.New("one alone can be chosen")
	case len(chosen) == 1:
		state["selected_option"] = chosen[0]
	default:
		state["selected_option"] = nil
	}
	return state, nil
}

func list(v any) []any { l, _ := v.([]any); return l }

// ephemeral answers chat.postEphemeral. The caller holds mu.
func (s *Server) ephemeral(args url.Values) reply {
	c, no := s.reach(args, "chat:write", "chat:write")
	switch {
	case no != nil:
		return no
	case !c.member:
		return refuse("not_in_channel")
	case !slices.Contains(c.people, args.Get("user")):
		return refuse("user_not_in_channel")
	}
	m := Message{Channel: c.id, Text: args.Get("text"), TS: s.timestamp(), Private: true, Answer: true}
	blocks, code, problems := checkBlocks(args.Get("blocks"), func(string) bool { return false })
	if code != "" {
		return withProblems(code, problems)
	}
	m.Blocks = blocks
	s.whispers = append(s.whispers, m)
	select {
	case s.whispered <- m:
	default:
	}
	return reply{"ok": true, "message_ts": m.TS}
}
