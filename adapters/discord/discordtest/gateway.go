package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The opcodes: discord.com/developers/docs/topics/opcodes-and-status-codes#gateway.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// gateway has the sockets that are open. Its mutex is apart from the
// server's, and never held while that is taken.
type gateway struct {
	mu         sync.Mutex
	sockets    []*socket
	identifies int
	closing    []int // codes that the next identifies are answered with
	stalled    int   // sockets that get no greeting
	deaf       bool  // heartbeats are not answered
	heartbeat  time.Duration
	remaining  int
}

func (g *gateway) init() { g.heartbeat, g.remaining = 41250*time.Millisecond, 1000 }

// A socket is one connection of the bot.
type socket struct {
	conn  *websocket.Conn
	write sync.Mutex
	seq   int
	ready bool // identified
}

type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int            `json:"s,omitempty"`
	Type string          `json:"t,omitempty"`
}

func (k *socket) send(op int, event string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	k.write.Lock()
	defer k.write.Unlock()
	f := frame{Op: op, Data: raw, Type: event}
	if op == opDispatch {
		k.seq++
		f.Seq = &k.seq
	}
	return k.conn.WriteJSON(f)
}

func (k *socket) close(code int) {
	k.write.Lock()
	defer k.write.Unlock()
	k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	k.conn.Close()
}

// CloseGateway closes every connection with a code, such as 4000 for an
// error that may be resumed or 4004 for a token that is no longer valid.
func (s *Server) CloseGateway(code int) { s.gateway.closeAll(code) }

func (g *gateway) closeAll(code int) {
	g.mu.Lock()
	open := g.sockets
	g.sockets = nil
	g.mu.Unlock()
	for _, k := range open {
		k.close(code)
	}
}

// RefuseSessions answers the next n identifies by closing with code.
func (s *Server) RefuseSessions(n, code int) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	for range n {
		s.gateway.closing = append(s.gateway.closing, code)
	}
}

// StallGateway accepts the next n connections and greets none of them.
func (s *Server) StallGateway(n int) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.stalled = n
}

// Heartbeat sets the interval that later connections are asked for.
func (s *Server) Heartbeat(d time.Duration) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.heartbeat = d
}

// IgnoreHeartbeats leaves heartbeats unanswered from now on, or no more.
func (s *Server) IgnoreHeartbeats(on bool) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.deaf = on
}

// Reconnect asks every connection to reconnect, as Discord does now and then.
func (s *Server) Reconnect() {
	for _, k := range s.gateway.ready() {
		k.send(opReconnect, "", nil)
	}
}

// Sessions returns how many identifies there were.
func (s *Server) Sessions() int {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return s.gateway.identifies
}

// Connected reports whether a bot is ready to take commands.
func (s *Server) Connected() bool { return len(s.gateway.ready()) > 0 }

func (g *gateway) ready() []*socket {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []*socket
	for _, k := range g.sockets {
		if k.ready {
			out = append(out, k)
		}
	}
	return out
}

func (s *Server) getGateway(*http.Request, []byte) (any, *refusal) {
	return map[string]any{"url": s.GatewayURL()}, nil
}

func (s *Server) getGatewayBot(*http.Request, []byte) (any, *refusal) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return map[string]any{
		"url": s.GatewayURL(), "shards": 1,
		"session_start_limit": map[string]any{
			"total": 1000, "remaining": max(s.gateway.remaining-s.gateway.identifies, 0), "reset_after": 14400000, "max_concurrency": 1,
		},
	}, nil
}

// intentsPrivileged need an approval on the developer page, which this bot has not.
const intentsPrivileged = 1<<1 | 1<<8 | 1<<15

func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	if v := r.URL.Query().Get("v"); v != "9" && v != "10" || r.URL.Query().Get("encoding") != "json" {
		http.Error(w, "want v=10&encoding=json", http.StatusBadRequest)
		return
	}
	conn, err := (&websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	k := &socket{conn: conn}
	defer conn.Close()
	g := &s.gateway
	g.mu.Lock()
	select {
	case <-s.done:
		g.mu.Unlock()
		return
	default:
	}
	g.sockets = append(g.sockets, k)
	stall := g.stalled > 0
	if stall {
		g.stalled--
	}
	interval := g.heartbeat
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.sockets = slices.DeleteFunc(g.sockets, func(o *socket) bool { return o == k })
	}()
	if !stall && k.send(opHello, "", map[string]any{"heartbeat_interval": interval.Milliseconds()}) != nil {
		return
	}
	for {
		var f frame
		if err := conn.ReadJSON(&f); err != nil {
			return
		}
		if code := s.receive(k, f); code != 0 {
			k.close(code)
			return
		}
	}
}

// receive handles one frame of the bot; a code closes the connection.
func (s *Server) receive(k *socket, f frame) (code int) {
	g := &s.gateway
	switch f.Op {
	case opHeartbeat:
		g.mu.Lock()
		deaf := g.deaf
		g.mu.Unlock()
		if !deaf {
			k.send(opAck, "", nil)
		}
		return 0
	case opIdentify:
		return s.identify(k, f.Data)
	case opResume:
		// No session outlives its connection here.
		k.send(opInvalid, "", false)
		return 0
	}
	return 4001
}

func (s *Server) identify(k *socket, data json.RawMessage) (code int) {
	var id struct {
		Token      string         `json:"token"`
		Intents    *int           `json:"intents"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(data, &id); err != nil || id.Properties == nil {
		return 4002
	}
	valid := s.token()
	g := &s.gateway
	g.mu.Lock()
	g.identifies++
	if len(g.closing) > 0 {
		code, g.closing = g.closing[0], g.closing[1:]
	}
	again := k.ready
	g.mu.Unlock()
	switch {
	case code != 0:
		return code
	case again:
		return 4005
	case id.Token != "Bot "+valid && id.Token != valid:
		return 4004
	case id.Intents == nil:
		return 4013
	case *id.Intents&intentsPrivileged != 0:
		return 4014
	}
	me, _ := s.getMe(nil, nil)
	waiting, created := []any{}, []any{}
	s.mu.Lock()
	for id, g := range s.guilds {
		if g.present {
			waiting = append(waiting, map[string]any{"id": id, "unavailable": true})
		}
		if g.present && !g.outage {
			created = append(created, s.showGuild(id))
		}
	}
	s.mu.Unlock()
	err := k.send(opDispatch, "READY", map[string]any{
		"v": 10, "user": me, "session_id": "session", "resume_gateway_url": s.GatewayURL(),
		"guilds":      waiting,
		"application": map[string]any{"id": s.ApplicationID, "flags": 0},
	})
	for _, guild := range created {
		if err == nil && *id.Intents&1 != 0 {
			err = k.send(opDispatch, "GUILD_CREATE", guild)
		}
	}
	if err != nil {
		return 4000
	}
	g.mu.Lock()
	k.ready = true
	g.mu.Unlock()
	return 0
}
