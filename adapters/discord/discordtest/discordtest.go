// Package discordtest is a Discord of its own for tests: the part of the REST
// interface (v9 and v10) and of the gateway that a news bot uses, on a real
// port of the loopback. It refuses what Discord refuses, in the same words,
// and is stricter where a mistake would otherwise pass unseen: lengths count
// in UTF-16 units, and fields that it does not know are errors.
//
// Knobs such as LoseAnswer make it fail as Discord and the network do; they
// concern requests that create a message unless they say otherwise. All
// methods are safe for concurrent use. It knows no type of the bot, so that it
// also serves a bot that runs as a process of its own.
package discordtest

import (
	"context"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Permissions: discord.com/developers/docs/topics/permissions.
const (
	ViewChannel           = 1 << 10
	SendMessages          = 1 << 11
	EmbedLinks            = 1 << 14
	ReadMessageHistory    = 1 << 16
	SendMessagesInThreads = 1 << 38
	ManageGuild           = 1 << 5
	ManageThreads         = 1 << 34
	UseExternalApps       = 1 << 50

	// Usual is what a bot has that was invited with all that it asks for.
	Usual = ViewChannel | SendMessages | EmbedLinks | ReadMessageHistory | SendMessagesInThreads
)

// A Server is one Discord with one bot account and one server (guild), to
// which AddGuild adds more.
type Server struct {
	Token         string // the bot's
	ApplicationID string
	UserID        string // the bot's
	Guild         string

	http *httptest.Server
	work sync.WaitGroup // what goes on beside requests
	done chan struct{}  // closed by Close
	stop sync.Once

	mu           sync.Mutex
	ids          int64
	channels     map[string]*channel
	guilds       map[string]*guild
	registries   map[string]*registry // of commands, by server; "" for all
	writes       int                  // of commands
	interactions map[string]*interaction
	whispers     []*Message       // messages that one person sees
	members      map[string]int64 // permissions of people in the server, by their roles
	requests     []string
	knobs        knobs
	limits       limits
	gateway      gateway
	outgoing     outgoing
}

// A channel is a place of the server with its messages.
type channel struct {
	Channel
	id        string
	owner     string // of a thread
	archived  time.Time
	messages  []*Message
	nonces    map[string]nonce
	window    window
	published window
}

// A Channel says what AddChannel adds. Its zero value is a text channel in
// which the bot has the Usual permissions.
type Channel struct {
	Name        string
	Type        int   // 0 text, 1 direct message, 5 announcement, 11 thread, 15 forum
	Permissions int64 // of the bot; Usual where 0, nothing where -1
	Parent      string
	Locked      bool
	Archived    bool
	Guild       string // the server's own Guild where empty
	Tags        []Tag  // of a forum
	TagRequired bool
	Applied     []string // the ids of a post's tags
}

// A Tag is one that posts of a forum may have.
type Tag struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Moderated bool   `json:"moderated"`
}

type nonce struct {
	message string
	at      time.Time
}

// dedupWindow is how long a nonce is remembered; Discord says "a few minutes".
const dedupWindow = 3 * time.Minute

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server; Close ends it.
func Start() (*Server, error) {
	s := &Server{
		Token:         "MTA0NTY3.GaBcDe.discordtest-secret-token",
		ApplicationID: "1100000000000000001",
		UserID:        "1100000000000000001",
		Guild:         "1200000000000000001",
		channels:      map[string]*channel{},
		registries:    map[string]*registry{},
		interactions:  map[string]*interaction{},
		members:       map[string]int64{},
		done:          make(chan struct{}),
	}
	s.guilds = map[string]*guild{s.Guild: {present: true}}
	s.gateway.init()
	if err := s.outgoing.init(); err != nil {
		return nil, err
	}
	s.http = httptest.NewServer(s.routes())
	return s, nil
}

// Close ends all connections and waits for what is under way.
func (s *Server) Close() {
	s.stop.Do(func() {
		close(s.done)
		s.gateway.closeAll(1001)
		s.outgoing.client.CloseIdleConnections()
		s.http.CloseClientConnections()
		s.http.Close()
		s.work.Wait()
	})
}

// URL is what stands for https://discord.com/api.
func (s *Server) URL() string { return s.http.URL + "/api" }

// GatewayURL is the socket that GET /gateway names.
func (s *Server) GatewayURL() string {
	return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/gateway"
}

// AddChannel adds a channel, or replaces it without its messages.
func (s *Server) AddChannel(id string, c Channel) {
	if c.Permissions == 0 {
		c.Permissions = Usual
	}
	if c.Name == "" {
		c.Name = "channel-" + id
	}
	if c.Guild == "" {
		c.Guild = s.Guild
	}
	s.mu.Lock()
	added := &channel{Channel: c, id: id, nonces: map[string]nonce{}, archived: time.Now()}
	event := "CREATE"
	if s.channels[id] != nil {
		event = "UPDATE"
	}
	s.channels[id] = added
	shown := s.showChannel(added)
	s.mu.Unlock()
	if c.Type != typeDirect {
		s.announce(kindOfEvent(c.Type)+event, shown)
	}
}

// Posted returns how many messages stand in all channels.
func (s *Server) Posted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.channels {
		n += len(c.messages)
	}
	return n
}

// RemoveChannel deletes a channel with its messages, and its threads.
func (s *Server) RemoveChannel(id string) {
	s.mu.Lock()
	c := s.channels[id]
	if c == nil {
		s.mu.Unlock()
		return
	}
	delete(s.channels, id)
	shown := s.showChannel(c)
	for thread, t := range s.channels {
		if t.Parent == id {
			delete(s.channels, thread)
		}
	}
	s.mu.Unlock()
	s.announce(kindOfEvent(c.Type)+"DELETE", shown)
}

// SetPermissions changes what the bot may do in a channel and its threads; 0
// is nothing.
func (s *Server) SetPermissions(id string, bits int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		if bits == 0 {
			bits = -1
		}
		c.Permissions = bits
		for _, t := range s.channels {
			if t.Parent == id {
				t.Permissions = bits
			}
		}
	}
}

// may reports whether the bot has all of bits in c.
func (c *channel) may(bits int64) bool {
	return c.Type == typeDirect || c.bits()&(bits|ViewChannel) == bits|ViewChannel
}

func (c *channel) bits() int64 { return max(c.Permissions, 0) }

// The types of channel that matter here.
const (
	typeText         = 0
	typeDirect       = 1
	typeAnnouncement = 5
	typeThread       = 11
	typeForum        = 15
)

// Messages returns a channel's messages, the oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil {
		return nil
	}
	out := make([]Message, len(c.messages))
	for i, m := range c.messages {
		out[i] = *m
	}
	return out
}

// Delete removes a message as a moderator would.
func (s *Server) Delete(channel, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channel]; c != nil {
		c.remove(message)
	}
}

// AddMessage posts a message as another person would, and returns its id.
func (s *Server) AddMessage(channel, content string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &Message{ID: s.snowflake(), Channel: channel, Author: "1300000000000000009", Content: content, Posted: time.Now()}
	if c := s.channels[channel]; c != nil {
		c.messages = append(c.messages, m)
	}
	return m.ID
}

// Copy posts a message again as another bot would, with all that it shows and
// carries, and returns the copy's id; "" where there is no such message.
func (s *Server) Copy(channel, message string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || c.message(message) == nil {
		return ""
	}
	m := *c.message(message)
	m.ID, m.Author, m.Posted, m.Nonce = s.snowflake(), "1300000000000000008", time.Now(), ""
	c.messages = append(c.messages, &m)
	return m.ID
}

// Requests returns "METHOD /path" of every request so far, without the
// version and the query.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// snowflake returns a new id, later than all before; s.mu is held.
func (s *Server) snowflake() string {
	const epoch = 1420070400000
	id := (time.Now().UnixMilli() - epoch) << 22
	s.ids = max(s.ids+1, id)
	return strconv.FormatInt(s.ids, 10)
}

// after runs f when d has passed, unless the server is closed first.
func (s *Server) after(d time.Duration, f func()) {
	s.work.Go(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-s.done:
		case <-t.C:
			f()
		}
	})
}

// waitFor polls until ok or the end of ctx.
func waitFor(ctx context.Context, ok func() bool) bool {
	for {
		if ok() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}
