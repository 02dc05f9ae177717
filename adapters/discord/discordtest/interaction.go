package discordtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Invocation is what a person does: a slash command with its options, a
// pressed button, or a submitted modal.
type Invocation struct {
	Channel     string
	User        string         // some person where empty
	Permissions int64          // of the person; none where 0
	Granted     bool           // the server's own settings let the person use the command
	Command     string         // "news"
	Subcommand  string         // "top" of "/desk top"; "" for a command without
	Options     map[string]any // string, int, bool or Role
	Message     string         // the message whose button is pressed
	CustomID    string         // of that button
	Locale      string         // "en-GB" where empty
	Focus       string         // the option that is being typed; see Suggest
	// Elsewhere is a place that the bot is not in, where the person has it by
	// an installation of their own: Abroad or Group.
	Elsewhere string
	Submitted []any // the components of a modal with the custom id; see Submit
}

// A Role is the id of one that was chosen.
type Role string

// The places where a person may bring the bot.
const (
	Abroad = "a server"
	Group  = "a group's direct messages"
	// AbroadGuild is the server that Abroad means.
	AbroadGuild = "1200000000000000099"
)

// A Reply is what the person sees in the end: the last message that answers.
type Reply struct {
	Message
	Private  bool // only the person sees it
	Deferred bool // it was announced first
	Deleted  bool // it was announced and then taken back
	InPlace  bool // it took the place of the message whose button was pressed
	Modal    *Modal
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
	kind               int // 2 command, 3 button, 4 autocomplete, 5 modal
	asked              Invocation
	modal              *Modal
	choices            []Choice
	attempts           int // of answers
	acked              bool
	deferred, loading  bool      // announced; and nothing has come of it yet
	complete           bool      // something is there to be seen, or was taken back
	touched            time.Time // when something last came
	pressed            *Message  // whose button it is
	inPlace            bool      // the answer is pressed itself
	original           *Message  // the first answer; nil where there is none, or it is deleted
	followUps          []*Message
	own                bool // by the person's own installation
	public             bool // others may see the answer
}

// settled is how long nothing may have come after an announcement for the
// answer to count as whole: it may take several requests.
const settled = 200 * time.Millisecond

// finished reports whether the answer is whole; s.mu is held.
func (i *interaction) finished() bool {
	return i.complete && (!i.deferred || time.Since(i.touched) > settled)
}

// reply is what the person sees; s.mu is held.
func (i *interaction) reply() Reply {
	r := Reply{Deferred: i.deferred, InPlace: i.inPlace, Modal: i.modal}
	switch n := len(i.followUps); {
	case i.modal != nil:
		r.Private = true
		return r
	case n > 0:
		r.Message, r.InPlace = *i.followUps[n-1], false
	case i.original != nil:
		r.Message = *i.original
	default:
		r.Deleted = true
	}
	r.Private = r.Flags&ephemeral != 0
	return r
}

// Invoke waits until a bot can be reached, asks it, and returns its complete
// answer; ErrNoReply where the first sign of it does not come in time.
func (s *Server) Invoke(ctx context.Context, v Invocation) (Reply, error) {
	if !waitFor(ctx, s.reachable) {
		return Reply{}, errors.New("no bot is connected")
	}
	if v.Elsewhere != "" && !waitFor(ctx, func() bool { s.mu.Lock(); defer s.mu.Unlock(); _, ok := s.offered(v.Command, ""); return ok }) {
		return Reply{}, ErrNotOffered
	}
	s.mu.Lock()
	if !s.offers(v) {
		s.mu.Unlock()
		return Reply{}, ErrNotOffered
	}
	i := s.newInteraction(v)
	s.interactions[i.id] = i
	s.mu.Unlock()
	return s.ask(ctx, i)
}

// ErrNotOffered: Discord does not show the command to the person there.
var ErrNotOffered = errors.New("the command is not offered there")

// offers reports whether a registered command is shown to the person in that
// place. One that was not registered is, for tests of what asks; s.mu is held.
func (s *Server) offers(v Invocation) bool {
	guild := s.Guild
	if c := s.channels[v.Channel]; c != nil {
		guild = c.Guild
	}
	if v.Elsewhere != "" {
		guild = ""
	}
	c, ok := s.offered(v.Command, guild)
	if !ok || v.CustomID != "" {
		return v.Elsewhere == "" || v.CustomID != ""
	}
	context, member := 0, true
	switch ch := s.channels[v.Channel]; {
	case v.Elsewhere == Group:
		context, member = 2, false
	case ch != nil && ch.Type == typeDirect:
		context, member = 1, false
	}
	if c.Contexts != nil && !slices.Contains(c.Contexts, context) || v.Elsewhere != "" && !slices.Contains(c.Types, 1) {
		return false
	}
	need, some, err := c.permissions()
	if !some || !member || v.Granted {
		return true
	}
	const administrator = 1 << 3
	return err == nil && (v.Permissions&administrator != 0 || need != 0 && v.Permissions&need == need)
}

// Press presses the button of a message that has the custom id.
func (s *Server) Press(ctx context.Context, channel, message, customID string) (Reply, error) {
	s.mu.Lock()
	m := s.shown(channel, message)
	has := m != nil && slices.ContainsFunc(m.Buttons(), func(b Button) bool { return b.CustomID == customID })
	s.mu.Unlock()
	if has {
		return s.Invoke(ctx, Invocation{Channel: channel, Message: message, CustomID: customID})
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
	again := &interaction{id: last.id, token: last.token, channel: last.channel, event: last.event, kind: last.kind, asked: last.asked, pressed: last.pressed}
	s.interactions[last.id] = again
	s.mu.Unlock()
	return s.ask(ctx, again)
}

func (s *Server) ask(ctx context.Context, i *interaction) (Reply, error) {
	s.mu.Lock()
	i.sent = time.Now()
	event := i.event
	s.mu.Unlock()
	if err := s.dispatch(ctx, event); err != nil {
		return Reply{}, err
	}
	first, cancel := context.WithTimeout(ctx, firstSign)
	defer cancel()
	if !waitFor(first, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return i.acked }) {
		return Reply{}, ErrNoReply
	}
	if !waitFor(ctx, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return i.finished() }) {
		return Reply{}, errors.New("announced, and never answered")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.reply(), nil
}

// newInteraction makes the event; s.mu is held.
func (s *Server) newInteraction(v Invocation) *interaction {
	i := &interaction{id: s.snowflake(), token: "interaction-" + rand.Text(), channel: v.Channel, kind: 2, asked: v}
	if v.User == "" {
		v.User = Reader
	}
	if v.Locale == "" {
		v.Locale = "en-GB"
	}
	user := map[string]any{"id": v.User, "username": "reader", "discriminator": "0", "global_name": "Reader"}
	event := map[string]any{
		"id": i.id, "application_id": s.ApplicationID, "token": i.token, "version": 1, "channel_id": v.Channel,
		"channel": map[string]any{"id": v.Channel, "type": s.kindOf(v.Channel)}, "locale": v.Locale, "guild_locale": "en-US",
		"entitlements": []any{}, "authorizing_integration_owners": map[string]any{"0": s.Guild}, "context": 0, "app_permissions": bits(Usual),
	}
	i.own, i.public = v.Elsewhere != "", v.Elsewhere == "" || v.Permissions&UseExternalApps != 0
	if i.own {
		event["authorizing_integration_owners"], event["app_permissions"] = map[string]any{"1": v.User}, "0"
	}
	if c := s.channels[v.Channel]; v.Elsewhere == Group {
		event["user"], event["context"], i.public = user, 2, true
	} else if c != nil && c.Type == typeDirect {
		event["user"], event["context"] = user, 1
	} else {
		event["guild_id"] = s.Guild
		if c != nil {
			event["guild_id"] = c.Guild
		}
		if i.own {
			event["guild_id"] = AbroadGuild
		}
		event["member"] = map[string]any{
			"user": user, "roles": []any{}, "permissions": bits(v.Permissions | ViewChannel), "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0,
		}
	}
	if v.CustomID != "" {
		i.kind = 3
		event["data"] = map[string]any{"custom_id": v.CustomID, "component_type": 2}
		if v.Submitted != nil {
			i.kind = 5
			event["data"] = map[string]any{"custom_id": v.CustomID, "components": v.Submitted}
		}
		if i.pressed = s.shown(v.Channel, v.Message); i.pressed != nil {
			event["message"] = s.show(i.pressed)
		}
	} else {
		if v.Focus != "" {
			i.kind = 4
		}
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
		case Role:
			kind = 8
		}
		option := map[string]any{"name": name, "type": kind, "value": value}
		if name == v.Focus {
			option["focused"] = true
		}
		given = append(given, option)
	}
	if v.Subcommand != "" {
		given = []any{map[string]any{"name": v.Subcommand, "type": 1, "options": orEmpty(given)}}
	}
	return map[string]any{"id": "1400000000000000001", "name": v.Command, "type": 1, "options": orEmpty(given)}
}
