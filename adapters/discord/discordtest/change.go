package discordtest

import (
	"encoding/json"
	"net/http"
	"time"
)

// find returns a message by its path; s.mu is held.
func (s *Server) find(r *http.Request) (*channel, *Message, *refusal) {
	c, no := s.open(r.PathValue("channel"))
	if no != nil {
		return nil, nil, no
	}
	m := c.message(r.PathValue("message"))
	if m == nil {
		return nil, nil, refuse(10008)
	}
	return c, m, nil
}

func (s *Server) getMessage(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, no := s.find(r)
	if no != nil {
		return nil, no
	}
	if !c.may(ReadMessageHistory) {
		return nil, refuse(50001)
	}
	return s.show(m), nil
}

func (s *Server) editMessage(r *http.Request, body []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, no := s.find(r)
	if no != nil {
		return nil, no
	}
	if m.Author != s.UserID {
		return nil, refuse(50005)
	}
	if c.Archived {
		return nil, refuse(50083)
	}
	if code := s.knobs.refusals[r.PathValue("channel")]; code != 0 {
		return nil, refuse(code)
	}
	if no := m.edit(body); no != nil {
		return nil, no
	}
	return s.show(m), nil
}

// edit replaces what body names and keeps the rest.
func (m *Message) edit(body []byte) *refusal {
	p, no := readPayload(body, editFields)
	if no != nil {
		return no
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil {
		return refuse(50109)
	}
	if _, ok := given["content"]; ok {
		m.Content = p.Content
	}
	if _, ok := given["embeds"]; ok {
		m.Embeds = p.Embeds
	}
	if _, ok := given["components"]; ok {
		m.Components = p.Components
	}
	if _, ok := given["attachments"]; ok {
		m.Attachments = p.Attachments
	}
	m.Pings = m.Pings || p.pings()
	m.Edited = time.Now()
	return nil
}

func (s *Server) deleteMessage(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, no := s.find(r)
	if no != nil {
		return nil, no
	}
	c.remove(m.ID)
	return nil, nil
}
