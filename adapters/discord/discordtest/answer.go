package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// ephemeral is the flag of a message that one person sees.
const ephemeral = 64

// shown returns a message that somebody sees in a channel; s.mu is held.
func (s *Server) shown(channel, id string) *Message {
	if c := s.channels[channel]; c != nil {
		if m := c.message(id); m != nil {
			return m
		}
	}
	for _, m := range s.whispers {
		if m.Channel == channel && m.ID == id {
			return m
		}
	}
	return nil
}

// kindOf is the type of a channel; s.mu is held.
func (s *Server) kindOf(channel string) int {
	if c := s.channels[channel]; c != nil {
		return c.Type
	}
	return typeText
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
	switch {
	case i.kind == 4 && c.Type == 8:
		var no *refusal
		if i.choices, no = readChoices(c.Data); no != nil {
			return nil, no
		}
		i.complete = true
	case i.kind == 4 || c.Type == 8:
		return nil, malformed("type", "INTERACTION_TYPE_INVALID", "autocomplete is answered with choices, and nothing else is")
	case c.Type == 9:
		if i.kind == 5 {
			return nil, malformed("type", "INTERACTION_TYPE_INVALID", "a modal is not answered with another")
		}
		if i.modal, no = readModal(c.Data); no != nil {
			return nil, no
		}
		i.modal.opened, i.complete = i.asked, true
	case c.Type == 4:
		p, no := readPayload(c.Data, answerFields)
		if no != nil {
			return nil, no
		}
		i.original, i.complete = s.say(i, p), true
	case c.Type == 5:
		var d struct {
			Flags int `json:"flags"`
		}
		if len(c.Data) > 0 && json.Unmarshal(c.Data, &d) != nil || d.Flags&^ephemeral != 0 {
			return nil, malformed("data.flags", "BITFIELD_NOT_ALLOWED", "only EPHEMERAL may be set")
		}
		i.original, i.deferred, i.loading = s.say(i, payload{Flags: d.Flags}), true, true
	case (c.Type == 6 || c.Type == 7) && i.pressed == nil:
		return nil, malformed("type", "INTERACTION_TYPE_INVALID", "only a component's message can be updated")
	case c.Type == 6:
		if len(c.Data) > 0 && string(c.Data) != "null" {
			return nil, malformed("data", "UNKNOWN_FIELD", "a deferred update has no data")
		}
		i.original, i.deferred = i.pressed, true
	case c.Type == 7:
		if no := i.pressed.edit(c.Data); no != nil {
			return nil, no
		}
		i.original, i.inPlace, i.complete = i.pressed, true, true
	default:
		return nil, malformed("type", "BASE_TYPE_CHOICES", "this fake takes the types 4 to 9")
	}
	i.acked, i.touched = true, time.Now()
	return nil, nil
}

// say shows an answer: in the channel, or to the person who asked alone; s.mu
// is held.
func (s *Server) say(i *interaction, p payload) *Message {
	m := &Message{
		ID: s.snowflake(), Channel: i.channel, Author: s.UserID, Content: p.Content, Embeds: p.Embeds,
		Components: p.Components, Attachments: p.Attachments, Flags: p.Flags, Pings: p.pings(), Posted: time.Now(),
	}
	if !i.public { // as Discord does where the person may not use external apps
		m.Flags |= ephemeral
	}
	if c := s.channels[i.channel]; c != nil && m.Flags&ephemeral == 0 {
		c.messages = append(c.messages, m)
	} else {
		s.whispers = append(s.whispers, m)
	}
	return m
}

// asked finds the interaction that a webhook's path belongs to; s.mu is held.
func (s *Server) asked(r *http.Request) (*interaction, *refusal) {
	if r.PathValue("application") != s.ApplicationID {
		return nil, refuse(10015)
	}
	for _, i := range s.interactions {
		if i.token == r.PathValue("token") {
			return i, nil
		}
	}
	return nil, refuse(10015)
}

// original finds the answer of a path; s.mu is held.
func (s *Server) original(r *http.Request) (*interaction, *refusal) {
	i, no := s.asked(r)
	if no == nil && i.original == nil {
		no = refuse(10008)
	}
	return i, no
}

func (s *Server) getOriginal(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	return s.show(i.original), nil
}

func (s *Server) editOriginal(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	if no := i.original.edit(body); no != nil {
		return nil, no
	}
	i.inPlace = i.original == i.pressed
	i.loading, i.complete, i.touched = false, true, time.Now()
	return s.show(i.original), nil
}

func (s *Server) deleteOriginal(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.original(r)
	if no != nil {
		return nil, no
	}
	if c := s.channels[i.channel]; c != nil {
		c.remove(i.original.ID)
	}
	s.whispers = slices.DeleteFunc(s.whispers, func(m *Message) bool { return m == i.original })
	i.original, i.complete, i.touched = nil, true, time.Now()
	return nil, nil
}

// followUpsMost bounds the later answers of a person's own installation.
const followUpsMost = 5

// postFollowUp takes another answer. While an announcement is shown as such,
// the first one fills it in and stays as private as it is
// (github.com/discord/discord-api-docs/issues/2742); where the announcement was
// deleted unanswered, none is taken any more (issues/2739).
func (s *Server) postFollowUp(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, no := s.asked(r)
	switch {
	case no != nil:
		return nil, no
	case !i.acked:
		return nil, refuse(10015)
	case i.loading && i.original == nil:
		return nil, refuse(10008)
	case i.own && len(i.followUps) == followUpsMost:
		return nil, refuse(40094)
	}
	p, no := readPayload(body, answerFields)
	if no != nil {
		return nil, no
	}
	if p.Flags&^(ephemeral|4|4096) != 0 {
		return nil, malformed("flags", "BITFIELD_NOT_ALLOWED", "only EPHEMERAL, SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS may be set")
	}
	i.complete, i.touched = true, time.Now()
	if i.loading {
		m := i.original
		m.Content, m.Embeds, m.Components, m.Attachments, i.loading = p.Content, p.Embeds, p.Components, p.Attachments, false
		return s.show(m), nil
	}
	m := s.say(i, p)
	i.followUps = append(i.followUps, m)
	return s.show(m), nil
}
