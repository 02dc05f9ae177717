package slacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Slack's answers: docs.slack.dev/interactivity/handling-user-interaction.
const (
	urlUses = 5
	urlLife = 30 * time.Minute
)

// A responseURL takes answers to one question.
type responseURL struct {
	channel string
	made    time.Time
	used    int
	answers chan Message
	// target is the message that replace_original means: the one with the
	// button, or the first answer.
	target string
}

// asked is the last question, for Again.
type asked struct {
	kind    string
	payload object
	accepts bool
	url     string
}

// escaped is how Slack sends what people typed.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Slash types "/news" and text in Channel and returns the answer.
func (s *Server) Slash(ctx context.Context, text string) (Message, error) {
	return s.SlashIn(ctx, Channel, text)
}

// SlashIn types "/news" and text in a channel and returns the answer. An error
// says that none came before ctx ended.
func (s *Server) SlashIn(ctx context.Context, channel, text string) (Message, error) {
	s.mu.Lock()
	address, in := s.newURL(channel, ""), s.teamOf(channel)
	payload := object{
		"token": "verification-token", "team_id": in.id, "team_domain": "slacktest", "channel_id": channel, "channel_name": "news",
		"user_id": s.asks(in), "user_name": "person", "command": "/news", "text": escaped.Replace(text), "api_app_id": appID,
		"is_enterprise_install": "false", "response_url": address, "trigger_id": s.newTrigger(in.id),
	}
	s.last = &asked{"slash_commands", payload, true, address}
	question := *s.last
	s.mu.Unlock()
	return s.ask(ctx, question)
}

// Press presses a button of a message, chosen by its action_id or its label.
func (s *Server) Press(ctx context.Context, m Message, action string) (Message, error) {
	button, blockID := find(m.Blocks, "button", action)
	if button == nil {
		return Message{}, fmt.Errorf("slacktest: the message has no button %q", action)
	}
	pressed := object{"type": "button", "block_id": blockID}
	for _, name := range []string{"action_id", "text", "value", "url", "style"} {
		if v, ok := button[name]; ok {
			pressed[name] = v
		}
	}
	return s.act(ctx, m, pressed)
}

// act tells the app of an action in a message and returns the answer.
func (s *Server) act(ctx context.Context, m Message, action object) (Message, error) {
	s.mu.Lock()
	at := s.timestamp()
	address, in := s.newURL(m.Channel, m.TS), s.teamOf(m.Channel)
	action["action_ts"] = at
	payload := object{
		"type": "block_actions", "token": "verification-token", "action_ts": at, "api_app_id": appID,
		"team": object{"id": in.id, "domain": "slacktest"}, "user": object{"id": s.asks(in), "username": "person", "team_id": in.id},
		"channel":               object{"id": m.Channel, "name": "news"},
		"container":             object{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Private},
		"is_enterprise_install": false, "enterprise": nil,
		"trigger_id": s.newTrigger(in.id), "response_url": address, "actions": []any{action},
	}
	// Of a message that one person sees, Slack sends no more than where it stands.
	if !m.Private {
		payload["message"] = m.json(false)
	}
	s.last = &asked{"interactive", payload, false, address}
	question := *s.last
	s.mu.Unlock()
	return s.ask(ctx, question)
}

// Again delivers the last question once more, in an envelope of its own.
func (s *Server) Again(ctx context.Context) (Message, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last == nil {
		return Message{}, errors.New("slacktest: nothing was asked before")
	}
	return s.ask(ctx, *last)
}

// newURL makes a response_url. The caller holds mu.
func (s *Server) newURL(channel, target string) string {
	id := s.id("response-")
	s.urls[id] = &responseURL{channel: channel, made: time.Now(), target: target, answers: make(chan Message, urlUses)}
	return "http://" + s.host + "/respond/" + id
}

// find looks for an element by its action_id or its label.
func find(blocks []any, kind, action string) (button object, blockID string) {
	for i, b := range blocks {
		block, _ := b.(object)
		elements, _ := block["elements"].([]any)
		for _, v := range append(elements, block["accessory"]) {
			e, _ := v.(object)
			label, _ := e["text"].(object)
			if e["type"] == kind && (e["action_id"] == action || label["text"] == action) {
				id, _ := block["block_id"].(string)
				if id == "" {
					id = fmt.Sprintf("auto%d", i)
				}
				return e, id
			}
		}
	}
	return nil, ""
}

// ask delivers a question and waits for the answer, in the acknowledgement or
// at the response_url.
func (s *Server) ask(ctx context.Context, q asked) (Message, error) {
	s.mu.Lock()
	u := s.urls[q.url[strings.LastIndexByte(q.url, '/')+1:]]
	t := s.triggers[q.payload["trigger_id"].(string)]
	s.mu.Unlock()
	payload, err := s.deliver(ctx, q.kind, q.payload, q.accepts, nil)
	if err != nil {
		return Message{}, err
	}
	if len(payload) > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		m, code, problems := s.answered(u, payload)
		if code != "" {
			return Message{}, fmt.Errorf("slacktest: the acknowledgement is refused: %s %v", code, problems)
		}
		return m, nil
	}
	select {
	case m := <-u.answers:
		return m, nil
	case v := <-t.opened:
		return Message{Channel: u.channel, Private: true, View: v}, nil
	case <-ctx.Done():
		return Message{}, fmt.Errorf("slacktest: acknowledged, and no answer came: %w", ctx.Err())
	}
}

// respond serves a response_url.
func (s *Server) respond(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls["response_url"]++
	u := s.urls[r.PathValue("id")]
	switch {
	case u == nil || time.Since(u.made) > urlLife:
		http.Error(w, "expired_url", http.StatusNotFound)
		return
	case u.used >= urlUses:
		http.Error(w, "used_url", http.StatusNotFound)
		return
	}
	u.used++
	m, code, problems := s.answered(u, body)
	if strings.HasPrefix(code, "invalid_blocks") {
		// As in github.com/slackapi/java-slack-sdk/issues/1349.
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, code)
		return
	}
	if code != "" {
		http.Error(w, code+" "+strings.Join(problems, "; "), http.StatusBadRequest)
		return
	}
	select {
	case u.answers <- m:
	default:
	}
	fmt.Fprint(w, "ok")
}

// answered shows an answer. The caller holds mu.
func (s *Server) answered(u *responseURL, raw []byte) (m Message, code string, problems []string) {
	var a struct {
		Type     string            `json:"response_type"`
		Replace  bool              `json:"replace_original"`
		Delete   bool              `json:"delete_original"`
		Text     string            `json:"text"`
		Blocks   []any             `json:"blocks"`
		Unfurl   bool              `json:"unfurl_links"`
		Media    bool              `json:"unfurl_media"`
		ThreadTS string            `json:"thread_ts"`
		Metadata *Metadata         `json:"metadata"`
		Attached []json.RawMessage `json:"attachments"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return m, "invalid_payload", []string{err.Error()}
	}
	in := s.teamOf(u.channel)
	ready := s.readyIn(in.id)
	if a.Type != "in_channel" {
		// github.com/slackapi/node-slack-sdk/issues/1790: there is no way.
		ready = func(string) bool { return false }
	}
	if code, problems = judgeBlocks(a.Blocks, ready); code != "" {
		return m, code, problems
	}
	switch {
	case a.Text == "" && len(a.Blocks) == 0 && !a.Delete:
		return m, "no_text", nil
	case a.Type != "" && a.Type != "ephemeral" && a.Type != "in_channel":
		return m, "invalid_response_type", nil
	}
	m = Message{
		team: in, Channel: u.channel, Text: a.Text, Blocks: a.Blocks, ThreadTS: a.ThreadTS, Metadata: a.Metadata,
		Private: a.Type != "in_channel", Answer: true,
	}
	c := s.channels[u.channel]
	if a.Replace && u.target != "" {
		if old := s.seen(u.channel, u.target); old != nil {
			m.TS, m.Private, m.Answer, m.Edited, m.Metadata, m.InPlace = old.TS, old.Private, old.Answer, true, old.Metadata, true
			*old = m
			return m, "", nil
		}
	}
	if c == nil || m.Private {
		m.TS = s.timestamp()
		s.whispers = append(s.whispers, m)
	} else {
		m = s.place(c, m)
	}
	if u.target == "" {
		u.target = m.TS
	}
	return m, "", nil
}

// seen returns a message that somebody sees in a channel. The caller holds mu.
func (s *Server) seen(channel, ts string) *Message {
	if c := s.channels[channel]; c != nil {
		for i := range c.messages {
			if c.messages[i].TS == ts {
				return &c.messages[i]
			}
		}
	}
	for i := range s.whispers {
		if s.whispers[i].Channel == channel && s.whispers[i].TS == ts {
			return &s.whispers[i]
		}
	}
	return nil
}

// ExpireURLs ends the half hour of every response_url there is.
func (s *Server) ExpireURLs() { s.set(func() { s.urls = map[string]*responseURL{} }) }
