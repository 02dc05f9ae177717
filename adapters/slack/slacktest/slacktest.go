// Package slacktest is a Slack of its own for tests: the part of the Web API,
// of Socket Mode, of signed HTTP requests and of response URLs that a news bot
// uses, on a real port of
// the loopback. It refuses what Slack refuses, in the same words, and is
// stricter where a mistake would otherwise pass unseen: lengths count in UTF-16
// units, arguments and block properties that it does not know are errors, and
// an acknowledgement counts on the socket alone that brought the envelope.
//
// Knobs such as LoseAnswer make it fail as Slack and the network do; they
// concern chat.postMessage unless they say otherwise. What a client does
// against the protocol of Socket Mode is a fault, which fails the test of a
// server made by New. All methods are safe for concurrent use. It knows no type
// of the bot, so that it also serves a bot that runs as a process of its own.
package slacktest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// What the server knows from the start.
const (
	BotToken = "xoxb-1111111111-2222222222-slacktestbottoken"
	AppToken = "xapp-1-A0TEST0001-3333333333-slacktestapptoken"

	Channel  = "C0NEWS00001" // public, the bot is in it
	Open     = "C0OPEN00001" // public, the bot is not in it
	Private  = "G0PRIV00001" // private, the bot is in it
	Foreign  = "G0FOREIGN01" // private, the bot is not in it
	Archived = "C0ARCHIVED1"

	Person = "U0PERSON001" // who asks
	Away   = "U0AWAY00001" // whose account is deactivated
	Robot  = "U0ROBOT0001" // another app's bot

	teamID  = "T0TEST00001"
	appID   = "A0TEST0001"
	botUser = "U0BOT000001"
	botID   = "B0BOT000001"
)

// A Server is one app, and the workspaces that it is in: one at first.
type Server struct {
	host  string
	http  *http.Server
	ended chan struct{} // closed with the server
	wg    sync.WaitGroup

	mu        sync.Mutex
	channels  map[string]*channel
	teams     map[string]*team
	scopes    []string
	tokens    map[string]*pass
	app       app
	calls     map[string]int
	limits    map[string]*rate.Limiter // method and channel -> what is left
	lastTS    int64
	ids       int
	tickets   map[string]bool
	sockets   []*socket
	turn      int
	waiting   map[string]*envelope // by envelope id
	urls      map[string]*responseURL
	whispers  []Message // that one person sees
	offered   []Option  // by the last menu that was typed in
	triggers  map[string]*trigger
	whispered chan Message // what chat.postEphemeral brought last
	files     map[string]*file
	slowFiles time.Duration
	last      *asked
	faults    []string
	pageMax   int
	latency   time.Duration
	throttled int
	throttle  time.Duration
	lose      int
	late      []time.Duration
	drop      int
	fail      int
	failWith  int
	refuse    map[string]string
	noBlocks  string // the error of every message with blocks
	outages   map[string]int
	people    map[string]Member
	asking    string // who asks in the first workspace, "" for Person
	groups    map[string][]string
	address   string // that everything is posted to, "" for sockets
	signed    map[string]bool
	request   Request // the last one to address
	tooFast   int

	triggersExpire bool

	homes      map[string]*View // by person
	publishing map[string]chan *View
	noHome     bool
	refuseHome int
	homeCode   string
}

type channel struct {
	team              string
	id, name          string
	private, archived bool
	direct            bool
	member            bool
	people            []string // beside the bot
	posters           object   // who may write there, nil for all
	readOnly          bool
	messages          []Message
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		for _, f := range s.Faults() {
			t.Errorf("slacktest: %s", f)
		}
	})
	return s
}

// Start starts a server that ends with Close.
func Start() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("slacktest: %w", err)
	}
	s := &Server{
		host: l.Addr().String(), ended: make(chan struct{}),
		channels: map[string]*channel{}, tokens: map[string]*pass{BotToken: {team: teamID}, AppToken: {}},
		teams:  map[string]*team{teamID: {id: teamID, name: "Slacktest", person: Person, botUser: botUser, botID: botID}},
		app:    app{codes: map[string]*code{}, refreshes: map[string]*refresh{}, redirects: map[string]bool{}},
		scopes: []string{"commands", "chat:write", "channels:read", "groups:read", "channels:join", "channels:history", "groups:history", "im:write", "im:history", "files:write", "users:read"},
		calls:  map[string]int{}, limits: map[string]*rate.Limiter{}, tickets: map[string]bool{}, waiting: map[string]*envelope{},
		outages: map[string]int{}, groups: map[string][]string{},
		people:   map[string]Member{Person: {}, Away: {}, Robot: {}},
		triggers: map[string]*trigger{}, whispered: make(chan Message, 1),
		homes: map[string]*View{}, publishing: map[string]chan *View{},
		urls: map[string]*responseURL{}, files: map[string]*file{}, slowFiles: fileWork, refuse: map[string]string{}, pageMax: 999,
	}
	for _, c := range []channel{
		{id: Channel, name: "news", member: true}, {id: Open, name: "open"}, {id: Private, name: "private", private: true, member: true},
		{id: Foreign, name: "foreign", private: true}, {id: Archived, name: "archived", archived: true, member: true},
	} {
		c.team, c.people = teamID, []string{Person}
		s.channels[c.id] = &c
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.method)
	mux.HandleFunc("/oauth/v2/authorize", s.authorize)
	mux.HandleFunc("/socket", s.socket)
	mux.HandleFunc("/respond/{id}", s.respond)
	mux.HandleFunc("/upload/{id}", s.upload)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() { _ = s.http.Serve(l) })
	return s, nil
}

// Close ends the server and every connection.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.ended:
		s.mu.Unlock()
		return
	default:
	}
	close(s.ended)
	for _, k := range s.sockets {
		k.conn.Close()
	}
	s.mu.Unlock()
	s.http.Close()
	s.wg.Wait()
}

// URL is what slack.api_url is set to: it ends in "/api/".
func (s *Server) URL() string { return "http://" + s.host + "/api/" }

// Faults returns what clients did against the protocol of Socket Mode.
func (s *Server) Faults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

func (s *Server) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// Calls returns how many requests for a method came, whatever became of them.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// AddChannel adds a public channel that the bot is in.
func (s *Server) AddChannel(id string) {
	s.set(func() {
		s.channels[id] = &channel{team: teamID, id: id, name: strings.ToLower(id), member: true, people: []string{Person}}
	})
}

// TooFast returns how many requests exceeded the limits.
func (s *Server) TooFast() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooFast
}

// Messages returns what a channel shows, oldest first, threads included.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil {
		return nil
	}
	return slices.Clone(c.messages)
}

// Delete removes a message as its moderator would.
func (s *Server) Delete(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	c.messages = slices.DeleteFunc(c.messages, func(m Message) bool { return m.TS == ts })
}

// Say shows a message of somebody else in a channel.
func (s *Server) Say(channel, user string, m Message) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Channel, m.user = channel, user
	return s.place(s.channels[channel], m)
}

// Throttle refuses the next n posts with a rate limit, rounded up to seconds
// as Slack's are.
func (s *Server) Throttle(n int, retryAfter time.Duration) {
	s.set(func() { s.throttled, s.throttle = n, retryAfter })
}

// Heal takes back every failure that was asked for and did not happen yet.
func (s *Server) Heal() {
	s.set(func() { s.throttled, s.lose, s.late, s.drop, s.fail = 0, 0, nil, 0, 0 })
}

// LoseAnswer performs the next n posts and cuts the connection unanswered.
func (s *Server) LoseAnswer(n int) { s.set(func() { s.lose = n }) }

// LandLate cuts the next post unanswered; its message is shown after d.
func (s *Server) LandLate(d time.Duration) { s.set(func() { s.late = append(s.late, d) }) }

// Drop cuts the next n posts before they are performed.
func (s *Server) Drop(n int) { s.set(func() { s.drop = n }) }

// Fail answers the next n posts with an HTTP status and a page for people.
func (s *Server) Fail(n, status int) { s.set(func() { s.fail, s.failWith = n, status }) }

// Refuse answers every post and edit in the channel with an error from now
// on, in all channels for "". An empty error ends that.
func (s *Server) Refuse(channel, err string) { s.set(func() { s.refuse[channel] = err }) }

// RefuseBlocks answers every message that has blocks with an error from now on.
func (s *Server) RefuseBlocks(err string) { s.set(func() { s.noBlocks = err }) }

// Latency delays every answer of the Web API.
func (s *Server) Latency(d time.Duration) { s.set(func() { s.latency = d }) }

// PageMax bounds how many messages a page of history has, as Slack does to
// apps that it did not review.
func (s *Server) PageMax(n int) { s.set(func() { s.pageMax = n }) }

// RemoveScope takes scopes from the bot's token.
func (s *Server) RemoveScope(scopes ...string) {
	s.set(func() {
		s.scopes = slices.DeleteFunc(s.scopes, func(have string) bool { return slices.Contains(scopes, have) })
	})
}

// Revoke makes a token invalid.
func (s *Server) Revoke(token string) { s.set(func() { s.tokens[token].dead = "token_revoked" }) }

// Archive archives a channel.
func (s *Server) Archive(channel string) { s.set(func() { s.channels[channel].archived = true }) }

// Kick takes the bot out of a channel.
func (s *Server) Kick(channel string) { s.set(func() { s.channels[channel].member = false }) }

func (s *Server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// timestamp returns the next message id. The caller holds mu.
func (s *Server) timestamp() string {
	s.lastTS = max(s.lastTS+1, time.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// id returns a new id of a kind. The caller holds mu.
func (s *Server) id(kind string) string {
	s.ids++
	return fmt.Sprintf("%s%d", kind, s.ids)
}

// A Message is one that a channel or a person sees.
type Message struct {
	Channel, TS string
	ThreadTS    string // of the message it answers to, "" for none
	Text        string
	Blocks      []any // as JSON has them
	Metadata    *Metadata
	Edited      bool
	Private     bool  // only the person who asked sees it
	Answer      bool  // it came as an answer and not by chat.postMessage
	InPlace     bool  // as an answer it took the place of an earlier message
	View        *View // a modal was opened in the place of an answer, or a Home drawn

	user string // who said it, "" for the bot
	team *team
}

// Metadata is what an app wrote beside a message.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// Shown returns all text that people see, each on a line, as it was sent.
func (m Message) Shown() string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if s, ok := v["text"].(string); ok {
				out = append(out, s)
			}
			for _, k := range []string{"text", "fields", "elements", "accessory", "title"} {
				walk(v[k])
			}
		}
	}
	walk(m.Blocks)
	if len(m.Blocks) == 0 {
		out = append(out, m.Text)
	}
	return strings.Join(out, "\n")
}
