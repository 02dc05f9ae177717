package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Message is one that the server shows.
type Message struct {
	ID         string
	Channel    string
	Author     string // user id
	Content    string
	Embeds     []Embed
	Components []Row

	Attachments []Attachment
	Answers     string // the message it answers to, "" for none
	Flags       int
	Nonce       string
	Pings       bool     // its text could have notified people
	Mentions    []string // the roles that it could notify
	Posted      time.Time
	Edited      time.Time
}

// An Embed is the part of an embed that people see.
type Embed struct {
	Title       string `json:"title,omitempty"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
	Color       int    `json:"color,omitempty"`
	Fields      []struct {
		Name   string `json:"name"`
		Value  string `json:"value"`
		Inline bool   `json:"inline"`
	} `json:"fields,omitempty"`
	Footer *struct {
		Text string `json:"text"`
	} `json:"footer,omitempty"`
	Author *struct {
		Name string `json:"name"`
	} `json:"author,omitempty"`
	Image *struct {
		URL string `json:"url"`
	} `json:"image,omitempty"`
}

// A Row is a line of buttons.
type Row struct {
	Type       int      `json:"type"`
	Components []Button `json:"components"`
}

// A Button is one component of a Row.
type Button struct {
	Type     int    `json:"type"`
	Style    int    `json:"style"`
	Label    string `json:"label,omitempty"`
	CustomID string `json:"custom_id,omitempty"`
	URL      string `json:"url,omitempty"`
}

// Text is all that people read in the message, line by line.
func (m Message) Text() string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	add(m.Content)
	for _, e := range m.Embeds {
		if e.Author != nil {
			add(e.Author.Name)
		}
		add(e.Title)
		add(e.Description)
		for _, f := range e.Fields {
			add(f.Name)
			add(f.Value)
		}
		if e.Footer != nil {
			add(e.Footer.Text)
		}
	}
	for _, b := range m.Buttons() {
		add(b.Label)
	}
	return strings.Join(lines, "\n")
}

// Buttons returns the message's buttons in order.
func (m Message) Buttons() []Button {
	var out []Button
	for _, r := range m.Components {
		out = append(out, r.Components...)
	}
	return out
}

// payload is a message as it is sent.
type payload struct {
	Content         string          `json:"content"`
	Embeds          []Embed         `json:"embeds"`
	Components      []Row           `json:"components"`
	Attachments     []Attachment    `json:"attachments"`
	Nonce           json.RawMessage `json:"nonce"`
	EnforceNonce    bool            `json:"enforce_nonce"`
	Flags           int             `json:"flags"`
	AllowedMentions *struct {
		Parse []string `json:"parse"`
		Users []string `json:"users"`
		Roles []string `json:"roles"`
	} `json:"allowed_mentions"`
	Reference *struct {
		MessageID       string `json:"message_id"`
		FailIfNotExists *bool  `json:"fail_if_not_exists"`
	} `json:"message_reference"`
}

// pings reports whether the payload's text may notify people: embeds never do,
// and content does unless every mention is switched off.
func (p payload) pings() bool {
	a := p.AllowedMentions
	silent := a != nil && len(a.Parse)+len(a.Users)+len(a.Roles) == 0
	return !silent && strings.Contains(p.Content, "@")
}

// roles are those that the payload may notify.
func (p payload) roles() []string {
	if p.AllowedMentions == nil {
		return nil
	}
	return p.AllowedMentions.Roles
}

func (p payload) nonceText() string {
	var s string
	if json.Unmarshal(p.Nonce, &s) == nil {
		return s
	}
	return strings.Trim(string(p.Nonce), `"`)
}

// createMessage takes a message to a channel.
func (s *Server) createMessage(w http.ResponseWriter, r *http.Request) {
	s.creates(w, r, func(c *channel) bool { return c.Type != typeForum }, func(id string, body []byte) (any, *refusal) {
		m, no := s.create(id, body)
		if no != nil {
			return nil, no
		}
		return s.show(m), nil
	})
}

// createThread takes a post to a forum.
func (s *Server) createThread(w http.ResponseWriter, r *http.Request) {
	s.creates(w, r, func(c *channel) bool { return c.Type == typeForum }, s.createPost)
}

// creates is what the requests that create a message have in common, apart
// from the other endpoints for the sake of the knobs: those spoil what would
// create something, and fits tells the channels where that can be. create runs
// with s.mu held.
func (s *Server) creates(w http.ResponseWriter, r *http.Request, fits func(*channel) bool, create func(id string, body []byte) (any, *refusal)) {
	if no := s.admit(w, r, true); no != nil {
		no.write(w)
		return
	}
	body, no := readBody(r)
	if no != nil {
		no.write(w)
		return
	}
	id := r.PathValue("channel")
	s.mu.Lock()
	c := s.channels[id]
	s.mu.Unlock()
	fate := served
	if c == nil || fits(c) {
		fate, no = s.spoil(w, id)
	}
	switch {
	case no != nil:
		no.write(w)
		return
	case fate == answered:
		return
	case fate == dropped:
		panic(http.ErrAbortHandler)
	case fate == lateLanding:
		s.mu.Lock()
		d := s.knobs.late[0]
		s.knobs.late = s.knobs.late[1:]
		s.mu.Unlock()
		s.after(d, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			create(id, body)
		})
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	if c := s.channels[id]; c != nil && !s.limitChannel(w, c) {
		s.mu.Unlock()
		return
	}
	shown, no := create(id, body)
	s.mu.Unlock()
	switch {
	case fate == lost:
		panic(http.ErrAbortHandler)
	case no != nil:
		no.write(w)
	default:
		writeJSON(w, http.StatusOK, shown)
	}
}

// create adds a message, or returns the one that has its nonce; s.mu is held.
func (s *Server) create(id string, body []byte) (*Message, *refusal) {
	c, no := s.open(id)
	if no == nil {
		no = c.writable()
	}
	if no != nil {
		return nil, no
	}
	p, no := readPayload(body, createFields)
	if no != nil {
		return nil, no
	}
	if len(p.Embeds) > 0 && !c.may(EmbedLinks) {
		return nil, refuse(50013)
	}
	m := &Message{
		ID: s.snowflake(), Channel: id, Author: s.UserID, Content: p.Content, Embeds: p.Embeds, Components: p.Components, Attachments: p.Attachments,
		Flags: p.Flags, Nonce: p.nonceText(), Pings: p.pings(), Mentions: p.roles(), Posted: time.Now(),
	}
	if p.EnforceNonce && m.Nonce != "" {
		if n, ok := c.nonces[m.Nonce]; ok && time.Since(n.at) < dedupWindow {
			if old := c.message(n.message); old != nil {
				return old, nil
			}
			return nil, refuse(10008)
		}
	}
	if ref := p.Reference; ref != nil {
		switch {
		case !c.may(ReadMessageHistory):
			return nil, refuse(160002)
		case c.message(ref.MessageID) != nil:
			m.Answers = ref.MessageID
		case ref.FailIfNotExists == nil || *ref.FailIfNotExists:
			return nil, malformed("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
		}
	}
	c.messages, c.Archived = append(c.messages, m), false // a message opens a thread again
	if m.Nonce != "" {
		c.nonces[m.Nonce] = nonce{m.ID, time.Now()}
	}
	return m, nil
}

// writable returns why the bot may not post to c.
func (c *channel) writable() *refusal {
	send := int64(SendMessages)
	if c.Type == typeThread {
		send = SendMessagesInThreads
	}
	switch {
	case c.id == DirectOf(Shy):
		return refuse(50007)
	case c.Type == typeForum:
		return refuse(50008)
	case c.Locked && !c.may(ManageThreads):
		return refuse(160005)
	case !c.may(send):
		return refuse(50013)
	}
	return nil
}

func (c *channel) message(id string) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (c *channel) remove(id string) {
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == id })
}

// show is a message as the API returns it; s.mu is held.
func (s *Server) show(m *Message) any {
	out := map[string]any{
		"id": m.ID, "channel_id": m.Channel, "type": 0, "content": m.Content,
		"author":    map[string]any{"id": m.Author, "username": "newsdesk", "discriminator": "0", "bot": m.Author == s.UserID},
		"timestamp": m.Posted.UTC().Format(time.RFC3339Nano), "edited_timestamp": nil,
		"tts": false, "mention_everyone": false, "mentions": []any{}, "mention_roles": []any{}, "attachments": []any{},
		"pinned": false, "flags": m.Flags,
		"embeds": orEmpty(m.Embeds), "components": orEmpty(m.Components),
	}
	if !m.Edited.IsZero() {
		out["edited_timestamp"] = m.Edited.UTC().Format(time.RFC3339Nano)
	}
	if m.Answers != "" {
		out["message_reference"] = map[string]any{"message_id": m.Answers, "channel_id": m.Channel}
		out["type"] = 19
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
