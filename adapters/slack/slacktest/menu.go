package slacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// An Option is one that a menu offers.
type Option struct {
	Text  string
	Value string
}

// Suggest types in the menu of a message that has that action_id and returns
// what the app offers, by the acknowledgement alone:
// docs.slack.dev/reference/interaction-payloads/block_suggestion-payload.
func (s *Server) Suggest(ctx context.Context, m Message, action, typed string) ([]Option, error) {
	menu, blockID := find(m.Blocks, "external_select", action)
	if menu == nil {
		return nil, fmt.Errorf("slacktest: the message has no menu %q", action)
	}
	s.mu.Lock()
	in := s.teamOf(m.Channel)
	s.mu.Unlock()
	return s.suggested(ctx, in, menu, blockID, typed, object{
		"container": object{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Private},
		"channel":   object{"id": m.Channel, "name": "news"},
	})
}

// SuggestIn types in the menu of a modal, by the id of its block, as Suggest does.
// What it offers can be submitted.
func (s *Server) SuggestIn(ctx context.Context, v View, block, typed string) ([]Option, error) {
	for _, b := range v.Blocks {
		input, _ := b.(object)
		if e := element(input); input["block_id"] == block && e["type"] == "multi_external_select" {
			return s.suggested(ctx, s.teams[v.team], e, block, typed, object{
				"container": object{"type": "view", "view_id": v.ID}, "view": v.json(v.team),
			})
		}
	}
	return nil, fmt.Errorf("slacktest: the modal has no menu %q", block)
}

func (s *Server) suggested(ctx context.Context, in *team, menu object, blockID, typed string, where object) ([]Option, error) {
	least := 3.0
	if n, ok := menu["min_query_length"].(float64); ok {
		least = n
	}
	if float64(width(typed)) < least {
		return nil, fmt.Errorf("slacktest: Slack asks about %v characters at least", least)
	}
	s.mu.Lock()
	asking := s.asks(in)
	s.mu.Unlock()
	payload := object{
		"type": "block_suggestion", "token": "verification-token", "api_app_id": appID, "action_id": menu["action_id"], "block_id": blockID,
		"value": escaped.Replace(typed), "team": object{"id": in.id, "domain": "slacktest"},
		"user": object{"id": asking, "name": "person", "team_id": in.id}, "enterprise": nil, "is_enterprise_install": false,
	}
	for name, v := range where {
		payload[name] = v
	}
	ack, err := s.deliver(ctx, "interactive", payload, true, nil)
	if err != nil {
		return nil, err
	}
	options, err := readOptions(ack)
	s.set(func() { s.offered = options })
	return options, err
}

// Choose chooses an option that the last Suggest returned, by its text.
func (s *Server) Choose(ctx context.Context, m Message, action, text string) (Message, error) {
	menu, blockID := find(m.Blocks, "external_select", action)
	if menu == nil {
		return Message{}, fmt.Errorf("slacktest: the message has no menu %q", action)
	}
	s.mu.Lock()
	offered := s.offered
	s.mu.Unlock()
	for _, o := range offered {
		if o.Text == text {
			return s.act(ctx, m, object{
				"type": "external_select", "action_id": action, "block_id": blockID, "placeholder": menu["placeholder"],
				"selected_option": object{"text": object{"type": "plain_text", "text": o.Text, "emoji": true}, "value": escaped.Replace(o.Value)},
			})
		}
	}
	return Message{}, fmt.Errorf("slacktest: the menu offers no %q", text)
}

// readOptions checks what acknowledges block_suggestion: at most a hundred
// options, with a text of 75 characters and a value of 150.
func readOptions(ack json.RawMessage) ([]Option, error) {
	var a struct {
		Options []struct {
			Text  object `json:"text"`
			Value string `json:"value"`
		} `json:"options"`
	}
	d := json.NewDecoder(bytes.NewReader(ack))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return nil, fmt.Errorf("slacktest: the options cannot be read: %w", err)
	}
	if a.Options == nil || len(a.Options) > 100 {
		return nil, fmt.Errorf("slacktest: %d options in %.200s", len(a.Options), ack)
	}
	j := &judgement{}
	out := []Option{}
	for i, o := range a.Options {
		at := fmt.Sprintf("/options/%d", i)
		j.text(at+"/text", o.Text, 75, "plain_text")
		if o.Value == "" {
			j.add(at+"/value", "must be more than 0 characters")
		}
		j.length(at+"/value", o.Value, 150)
		s, _ := o.Text["text"].(string)
		out = append(out, Option{s, o.Value})
	}
	if len(j.problems) > 0 {
		return nil, fmt.Errorf("slacktest: the options are refused: %v", j.problems)
	}
	return out, nil
}
