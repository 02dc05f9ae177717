package discordtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// An Invocation is what a person does: a slash command with its options, or a
// pressed button.
type Invocation struct {
	Channel     string
	User        string         // some person where empty
	Permissions int64          // of the person; none where 0
	Command     string         // "news"
	Subcommand  string         // "top" of "/desk top"; "" for a command without
	Options     map[string]any // string, int or bool
	Message     string         // the message whose button is pressed
	CustomID    string         // of that button
	Locale      string         // "en-GB" where empty
}

// A Reply is what the person sees.
type Reply struct {
	Message
	Private  bool // only the person sees it
	Deferred bool // it was announced first
	Deleted  bool // it was announced and then taken back
}

// ErrNoReply: Discord showed "The application did not respond".
var ErrNoReply = errors.New("no answer within three seconds")

// firstSign is how long Discord waits for the first answer.
const firstSign = 3 * time.Second

// An interaction is one question with what was answered to it.
type interaction struct {
	id, token, channel string
	event              any
	sent               time.Time
	kind               int // 2 command, 3 button
	attempts           int // of answers
	acked              bool
	complete           bool
	reply              Reply
}

// Invoke waits until a bot is connected, asks it, and returns its complete
// answer; ErrNoReply where the first sign of it does not come in time.
func (s *Server) Invoke(ctx context.Context, v Invocation) (Reply, error) {
	if !waitFor(ctx, s.Connected) {
		return Reply{}, errors.New("no bot is connected")
	}
	s.mu.Lock()
	i := s.newInteraction(v)
	s.interactions[i.id] = i
	s.mu.Unlock()
	return s.ask(ctx, i)
}

// Press presses the button of a message that has the custom id.
func (s *Server) Press(ctx context.Context, channel, message, customID string) (Reply, error) {
	for _, m := range s.Messages(channel) {
		if m.ID != message {
			continue
		}
		for _, b := range m.Buttons() {
			if b.CustomID == customID {
				return s.Invoke(ctx, Invocation{Channel: channel, Message: message, CustomID: customID})
			}
		}
	}
	return Reply{}, fmt.Errorf("message %s has no button %q", message, customID)
}

// Redeliver sends the last interaction again, with its id, and returns what is
// answered to that; ErrNoReply where nothing is.
func (s *Server) Redeliver(ctx context.Context) (Reply, error) {
	s.mu.Lock()
	var last *interaction
	for _, i := range s.interactions {
		if last == nil || later(i.id, last.id) {
			last = i
		}
	}
	if last == nil {
		s.mu.Unlock()
		return Reply{}, errors.New("there was no interaction")
	}
	again := &interaction{id: last.id, token: last.token, channel: last.channel, event: last.event, kind: last.kind}
	s.interactions[last.id] = again
	s.mu.Unlock()
	return s.ask(ctx, again)
}

func (s *Server) ask(ctx context.Context, i *interaction) (Reply, error) {
	s.mu.Lock()
	i.sent = time.Now()
	event := i.event
	s.mu.Unlock()
	for _, k := range s.gateway.ready() {
		if err := k.send(opDispatch, "INTERACTION_CREATE", event); err != nil {
			return Reply{}, fmt.Errorf("send the interaction: %w", err)
		}
	}
	first, cancel := context.WithTimeout(ctx, firstSign)
	defer cancel()
	if !waitFor(first, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return i.acked }) {
		return Reply{}, ErrNoReply
	}
	if !waitFor(ctx, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return i.complete }) {
		return Reply{}, errors.New("announced, and never answered")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.reply, nil
}

// newInteraction makes the event; s.mu is held.
func (s *Server) newInteraction(v Invocation) *interaction {
	i := &interaction{id: s.snowflake(), token: "interaction-" + rand.Text(), channel: v.Channel, kind: 2}
	if v.User == "" {
		v.User = "1300000000000000002"
	}
	if v.Locale == "" {
		v.Locale = "en-GB"
	}
	user := map[string]any{"id": v.User, "username": "reader", "discriminator": "0", "global_name": "Reader"}
	event := map[string]any{
		"id": i.id, "application_id": s.ApplicationID, "token": i.token, "version": 1, "channel_id": v.Channel,
		"channel": map[string]any{"id": v.Channel, "type": 0}, "locale": v.Locale, "guild_locale": "en-US",
		"entitlements": []any{}, "authorizing_integration_owners": map[string]any{"0": s.Guild}, "context": 0, "app_permissions": bits(Usual),
	}
	if c := s.channels[v.Channel]; c != nil && c.Type == typeDirect {
		event["user"], event["context"] = user, 1
	} else {
		event["guild_id"] = s.Guild
		event["member"] = map[string]any{
			"user": user, "roles": []any{}, "permissions": bits(v.Permissions | ViewChannel), "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0,
		}
	}
	if v.CustomID != "" {
		i.kind = 3
		event["data"] = map[string]any{"custom_id": v.CustomID, "component_type": 2}
		if c := s.channels[v.Channel]; c != nil && c.message(v.Message) != nil {
			event["message"] = s.show(c.message(v.Message))
		}
	} else {
		event["data"] = s.commandData(v)
	}
	event["type"] = i.kind
	i.event = event
	return i
}

func (s *Server) commandData(v Invocation) any {
	var given []any
	for name, value := range v.Options {
		kind := 3
		switch value.(type) {
		case int:
			kind = 4
		case bool:
			kind = 5
		}
		given = append(given, map[string]any{"name": name, "type": kind, "value": value})
	}
	if v.Subcommand != "" {
		given = []any{map[string]any{"name": v.Subcommand, "type": 1, "options": orEmpty(given)}}
	}
	return map[string]any{"id": "1400000000000000001", "name": v.Command, "type": 1, "options": orEmpty(given)}
}

// answerable finds the interaction of a path; s.mu is held.
func (s *Server) answerable(r *http.Request) (*interaction, *refusal) {
	i := s.interactions[r.PathValue("interaction")]
	if i == nil || i.token != r.PathValue("token") {
		return nil, refuse(10062)
	}
	i.attempts++
	switch {
	case i.acked:
		return nil, refuse(40060)
	case time.Since(i.sent) > firstSign:
		return nil, refuse(10062)
	}
	return i, nil
}

func (s *Server) postCallback(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.knobs.loseCallbacks > 0 {
		s.knobs.loseCallbacks--
		defer panic(http.ErrAbortHandler)
	}
	i, no := s.answerable(r)
	if no != nil {
		return nil, no
	}
	var c struct {
		Type int             `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, refuse(50109)
	}
	switch c.Type {
	case 4:
		p, no := readPayload(c.Data, answerFields)
		if no != nil {
			return nil, no
		}
		i.reply.Message = s.replyMessage(i, p)
		i.reply.Private = p.Flags&64 != 0
		i.acked, i.complete = true, true
	case 5:
		var d struct {
			Flags int `json:"flags"`
		}
		if len(c.Data) > 0 && json.Unmarshal(c.Data, &d) != nil || d.Flags&^64 != 0 {
			return nil, malformed("data.flags", "BITFIELD_NOT_ALLOWED", "only EPHEMERAL may be set")
		}
		i.reply.Private, i.reply.Deferred, i.acked = d.Flags&64 != 0, true, true
		i.reply.Message = Message{ID: s.snowflake(), Channel: i.channel, Author: s.UserID}
	default:
		return nil, malformed("type", "BASE_TYPE_CHOICES", "this fake takes the types 4 and 5")
	}
	return nil, nil
}

func (s *Server) replyMessage(i *interaction, p payload) Message {
	return Message{
		ID: s.snowflake(), Channel: i.channel, Author: s.UserID, Content: p.Content, Embeds: p.Embeds,
		Components: p.Components, Flags: p.Flags, Pings: p.pings(), Posted: time.Now(),
	}
}

// original finds the answer of a path; s.mu is held.
func (s *Server) original(r *http.Request) (*interaction, *refusal) {
	if r.PathValue("application") != s.ApplicationID {
		return nil, refuse(10015)
	}
	for _, i := range s.interactions {
		if i.token == r.PathValue("token") {
			if !i.acked || i.reply.Deleted {
				return nil, refuse(10008)
			}
			return i, nil
		}
	}
	return nil, refuse(10015)
}

func (s *Server) getOriginal(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	return s.show(&i.reply.Message), nil
}

func (s *Server) editOriginal(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	if no := i.reply.edit(body); no != nil {
		return nil, no
	}
	i.complete = true
	return s.show(&i.reply.Message), nil
}

func (s *Server) deleteOriginal(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	i.reply.Deleted, i.complete = true, true
	return nil, nil
}

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
