package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Socket Mode: docs.slack.dev/apis/events-api/using-socket-mode.

const (
	socketsMax  = 10
	ackMax      = 3 * time.Second
	ackSizeMax  = 20 << 10 // a larger acknowledgement is ignored, as by Slack
	pingEvery   = 2 * time.Second
	warningTime = 500 * time.Millisecond // between a warning and the end of the socket; Slack's is 10 s
)

// open answers apps.connections.open. The caller holds mu.
func (s *Server) open(url.Values) reply {
	ticket := s.id("ticket-")
	s.tickets[ticket] = true
	return reply{"ok": true, "url": "ws://" + s.host + "/socket?ticket=" + ticket + "&app_id=" + appID}
}

// A socket is one connection of Socket Mode.
type socket struct {
	conn    *websocket.Conn
	writing sync.Mutex
	ending  bool // it is sent nothing more; under Server.mu
}

func (k *socket) write(frame any) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return k.conn.WriteJSON(frame)
}

func (k *socket) ping() error {
	return k.conn.WriteControl(websocket.PingMessage, []byte("Ping from slacktest"), time.Now().Add(time.Second))
}

// socket serves one connection. Its URL is good for one use.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	valid := s.tickets[ticket]
	delete(s.tickets, ticket)
	full := len(s.sockets) >= socketsMax
	s.mu.Unlock()
	if !valid {
		http.Error(w, "the ticket was used, or is none", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	k := &socket{conn: conn}
	if full {
		_ = k.write(s.disconnectFrame("too_many_websockets"))
		return
	}
	s.mu.Lock()
	select {
	case <-s.ended:
		s.mu.Unlock()
		return
	default:
	}
	s.wg.Add(1)
	defer s.wg.Done()
	s.sockets = append(s.sockets, k)
	s.mu.Unlock()
	defer s.set(func() { s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k }) })
	if k.write(s.helloFrame()) != nil {
		return
	}
	done := make(chan struct{})
	defer close(done)
	s.wg.Go(func() {
		for tick := time.NewTicker(pingEvery); ; {
			if k.ping() != nil {
				tick.Stop()
				return
			}
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	})
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		s.acknowledged(k, frame)
	}
}

func (s *Server) helloFrame() object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return object{
		"type": "hello", "num_connections": len(s.sockets), "connection_info": object{"app_id": appID},
		"debug_info": object{"host": "slacktest", "build_number": 1, "approximate_connection_time": 18060},
	}
}

func (s *Server) disconnectFrame(reason string) object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return object{
		"type": "disconnect", "reason": reason, "num_connections": len(s.sockets),
		"debug_info": object{"host": "slacktest"}, "connection_info": object{"app_id": appID},
	}
}

// Disconnect asks the client of the oldest socket to go, with "warning" or
// "refresh_requested", or every client with "link_disabled".
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	var gone []*socket
	for _, k := range s.sockets {
		if !k.ending && (len(gone) == 0 || reason == "link_disabled") {
			k.ending = true
			gone = append(gone, k)
		}
	}
	s.mu.Unlock()
	frame := s.disconnectFrame(reason)
	for _, k := range gone {
		_ = k.write(frame)
		s.wg.Go(func() {
			if reason == "warning" {
				select {
				case <-time.After(warningTime):
				case <-s.ended:
				}
			}
			k.conn.Close()
		})
	}
}

// Connected waits for n open sockets, or for the app's address to answer.
func (s *Server) Connected(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		address := s.address
		s.mu.Unlock()
		if address != "" && s.Verify(ctx) == nil {
			return nil
		}
		s.mu.Lock()
		open := 0
		for _, k := range s.sockets {
			if !k.ending {
				open++
			}
		}
		s.mu.Unlock()
		if address == "" && open >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("slacktest: %d sockets of %d: %w", open, n, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// An envelope waits for its acknowledgement.
type envelope struct {
	id             string
	socket         *socket
	acceptsPayload bool
	acked          chan json.RawMessage // its payload, nil for none
}

var errNobody = errors.New("slacktest: no socket is open: the person sees that the app did not respond")

// deliver sends an envelope to one of the sockets, or to the app's address, and
// returns what it was acknowledged with.
func (s *Server) deliver(ctx context.Context, kind string, payload object, acceptsPayload bool, more object) (json.RawMessage, error) {
	s.mu.Lock()
	if address := s.address; address != "" {
		s.mu.Unlock()
		return s.deliverHTTP(ctx, address, kind, payload, acceptsPayload, more)
	}
	var open []*socket
	for _, k := range s.sockets {
		if !k.ending {
			open = append(open, k)
		}
	}
	if len(open) == 0 {
		s.mu.Unlock()
		return nil, errNobody
	}
	s.turn++
	e := &envelope{
		id: s.id("envelope-"), socket: open[s.turn%len(open)], acceptsPayload: acceptsPayload, acked: make(chan json.RawMessage, 1),
	}
	s.waiting[e.id] = e
	s.mu.Unlock()
	defer s.set(func() { delete(s.waiting, e.id) })
	frame := object{"envelope_id": e.id, "type": kind, "payload": payload, "accepts_response_payload": acceptsPayload}
	for name, v := range more {
		frame[name] = v
	}
	if err := e.socket.write(frame); err != nil {
		return nil, fmt.Errorf("slacktest: %w", err)
	}
	select {
	case p := <-e.acked:
		return p, nil
	case <-time.After(ackMax):
		return nil, fmt.Errorf("slacktest: %s was not acknowledged within %s", kind, ackMax)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// acknowledged reads a frame of the client.
func (s *Server) acknowledged(k *socket, frame []byte) {
	if len(frame) >= ackSizeMax {
		return
	}
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(frame, &ack); err != nil || ack.EnvelopeID == "" {
		s.fault("a frame that is no acknowledgement: %.200s", frame)
		return
	}
	s.mu.Lock()
	e := s.waiting[ack.EnvelopeID]
	s.mu.Unlock()
	switch {
	case e == nil || e.socket != k:
		return // too late, or over another socket
	case len(ack.Payload) > 0 && !e.acceptsPayload:
		s.fault("an envelope that takes no answer was acknowledged with one: %.200s", ack.Payload)
	}
	select {
	case e.acked <- ack.Payload:
	default:
		s.fault("envelope %s was acknowledged twice", e.id)
	}
}

// Event delivers an event of the first workspace, again up to three times while
// it is not acknowledged.
func (s *Server) Event(ctx context.Context, event map[string]any) error {
	return s.EventIn(ctx, teamID, event)
}

// EventIn delivers an event of a workspace as Event does.
func (s *Server) EventIn(ctx context.Context, teamID string, event map[string]any) error {
	s.mu.Lock()
	id, botUser := s.id("Ev"), ""
	if t := s.teams[teamID]; t != nil {
		botUser = t.botUser
	}
	s.mu.Unlock()
	payload := object{
		"token": "verification-token", "team_id": teamID, "api_app_id": appID, "event": event, "type": "event_callback",
		"event_id": id, "event_time": time.Now().Unix(), "is_ext_shared_channel": false, "event_context": "1-" + id,
		"authorizations": []any{object{"enterprise_id": nil, "team_id": teamID, "user_id": botUser, "is_bot": true, "is_enterprise_install": false}},
	}
	var err error
	for try := range 4 {
		more := object{"retry_attempt": try, "retry_reason": ""}
		if try > 0 {
			more["retry_reason"] = "timeout"
		}
		if _, err = s.deliver(ctx, "events_api", payload, false, more); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}
