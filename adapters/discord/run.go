package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"newsdesk/bot"
)

// patience is how long a connection is waited for.
type patience struct {
	// open is how long a session may take to open: discordgo waits for
	// Discord's greeting without a deadline.
	open time.Duration
	// ack is the age of the last heartbeat's answer at which a connection
	// counts as dead. Discord asks for a heartbeat every 41 s.
	ack time.Duration
	// look is how often that age is looked at.
	look time.Duration
}

var usualPatience = patience{open: 30 * time.Second, ack: 100 * time.Second, look: 5 * time.Second}

const (
	// A thousand sessions a day are allowed, and the token is reset after
	// them: the wait between sessions doubles from the least to the most, and
	// begins anew after one that held.
	reopenLeast = time.Second
	reopenMost  = 5 * time.Minute
	heldAfter   = 10 * time.Minute
	// Between attempts to register the commands.
	registerLeast = 10 * time.Second
	registerMost  = 10 * time.Minute
	// registerLook is how often it is looked whether the servers are known.
	registerLook = 200 * time.Millisecond
	// drain is how long commands under way may take after the end was asked for.
	drain = 2 * time.Second
	// closeMax is how long a session is given to close.
	closeMax = 2 * time.Second
)

// Run registers the commands and answers them until ctx ends.
func (p *Platform) Run(ctx context.Context, h bot.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	// Commands under way outlive ctx by drain.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		t := time.AfterFunc(drain, stop)
		context.AfterFunc(work, func() { t.Stop() })
	})()
	var answers sync.WaitGroup
	defer answers.Wait()
	defer cancel()
	receive := func(q question) {
		answers.Go(func() { p.answer(work, h, q) })
	}
	if p.endpoint != nil {
		p.endpoint.open(receive)
		defer p.endpoint.open(nil)
		p.registerOnce(ctx)
		<-ctx.Done()
		return nil
	}
	answers.Go(func() { p.registerOnce(ctx) })
	answers.Go(func() { p.publishAll(ctx) })
	answers.Go(func() { p.report(ctx) })
	for wait := reopenLeast; ; {
		begun := time.Now()
		err := p.session(ctx, receive)
		if ctx.Err() != nil {
			return nil
		}
		if halts(err) {
			return fmt.Errorf("discord: %w", err)
		}
		if time.Since(begun) > heldAfter {
			wait = reopenLeast
		}
		jittered := wait/2 + rand.N(wait)
		p.Logger.Warn("the connection to discord ended; it is opened again", "err", err, "in", jittered)
		if sleep(ctx, jittered) != nil {
			return nil
		}
		wait = min(2*wait, reopenMost)
	}
}

// registerOnce registers the commands, and withdraws those of servers that have
// them no more. The bot can post, and answer with the commands it had, meanwhile.
func (p *Platform) registerOnce(ctx context.Context) {
	p.insist(ctx, "the commands are not registered with discord", p.register)
	for len(p.Commands) > 0 {
		if _, told := p.known.joined(); told {
			break
		}
		if sleep(ctx, registerLook) != nil {
			return
		}
	}
	if len(p.Commands) > 0 {
		p.insist(ctx, "commands of single servers are not withdrawn from discord", p.sweep)
	}
}

// insist does what it is told, trying again while Discord fails.
func (p *Platform) insist(ctx context.Context, trouble string, do func(context.Context) error) {
	for wait := registerLeast; ; wait = min(2*wait, registerMost) {
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		again := wait
		if e, ok := asSendError(err); ok && e.Outcome == bot.Throttled {
			again = max(wait, e.RetryAfter)
		}
		p.Logger.Error(trouble, "err", err, "again_in", again)
		if definite(err) || sleep(ctx, again) != nil {
			return
		}
	}
}

// fatalCloses are the close codes after which Discord must not be asked again:
// discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes.
var fatalCloses = map[int]string{
	4004: tokenDead,
	4010: "the shard is not valid",
	4011: "the bot is in too many servers for one connection (more than 2500), which this release does not serve",
	4012: "Discord has retired this version of its gateway: update newsdesk",
	4013: "Discord does not know the intents: update newsdesk",
	4014: "Discord does not allow the intents: update newsdesk, or look at the page Bot of your application",
}

// A fatalClose is a close code that ends Run.
type fatalClose struct{ code int }

func (e fatalClose) Error() string {
	return fmt.Sprintf("closed with %d: %s", e.code, fatalCloses[e.code])
}

// halts reports whether err ends Run: no later attempt can succeed.
func halts(err error) bool {
	var a *answerError
	if errors.As(err, &a) {
		return a.status == http.StatusUnauthorized || a.code == 40001 || a.code == 50014
	}
	return errors.As(err, &fatalClose{})
}

// session opens one gateway session and returns when it ends, and why.
func (p *Platform) session(ctx context.Context, receive func(question)) error {
	address, err := p.gateway(ctx)
	if err != nil {
		return err
	}
	s, err := discordgo.New("Bot " + p.Token)
	if err != nil {
		return err
	}
	w := &wire{ctx: ctx}
	defer w.cut()
	s.ShouldReconnectOnError = false
	s.StateEnabled = false
	s.SyncEvents = true
	s.LogLevel = -1 // what ends a session is returned from here
	s.Identify.Intents = discordgo.IntentsGuilds
	s.Identify.Compress, s.Compress = false, false
	s.Client = &http.Client{Transport: gatewayIs(address)}
	s.Dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: requestTimeout, NetDialContext: w.dial}
	ended := make(chan struct{})
	var once sync.Once
	s.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) { once.Do(func() { close(ended) }) })
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		if _, ok := e.Struct.(*discordgo.InteractionCreate); ok {
			if q, err := readQuestion(e.RawData, time.Now()); err != nil {
				p.Logger.Warn("discord sent what is no interaction", "err", err)
			} else {
				receive(q)
			}
			return
		}
		p.hear(e.Type, e.RawData)
	})

	if err := open(ctx, p.patience.open, s, w); err != nil {
		return err
	}
	p.Logger.Info("connected to discord")
	defer shut(s)
	tick := time.NewTicker(p.patience.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return errors.New("disconnected")
		case <-tick.C:
			if age := ackAge(s); age > p.patience.ack {
				return fmt.Errorf("no heartbeat was answered for %s", age.Round(time.Second))
			}
		}
	}
}

// open is s.Open with an end: the wire is cut when ctx or the time runs out.
func open(ctx context.Context, most time.Duration, s *discordgo.Session, w *wire) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	defer context.AfterFunc(ctx, w.cut)()
	err := s.Open()
	if c := (*websocket.CloseError)(nil); errors.As(err, &c) && fatalCloses[c.Code] != "" {
		return fatalClose{c.Code}
	}
	if err != nil {
		return fmt.Errorf("open the gateway: %w", err)
	}
	return ctx.Err()
}

// shut closes the session properly; cutting the wire does the rest.
func shut(s *discordgo.Session) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Close()
	}()
	select {
	case <-done:
	case <-time.After(closeMax):
	}
}

// ackAge returns how long ago Discord last answered a heartbeat.
func ackAge(s *discordgo.Session) time.Duration {
	s.RLock()
	defer s.RUnlock()
	return time.Since(s.LastHeartbeatAck)
}

// gateway returns the socket to connect to, once Discord allows another
// session.
func (p *Platform) gateway(ctx context.Context) (string, error) {
	var answer struct {
		URL    string `json:"url"`
		Shards int    `json:"shards"`
		Limit  struct {
			Remaining  *int  `json:"remaining"`
			ResetAfter int64 `json:"reset_after"` // ms
		} `json:"session_start_limit"`
	}
	if err := p.client.get(ctx, discordgo.EndpointGatewayBot, &answer); err != nil {
		return "", fmt.Errorf("ask for the gateway: %w", err)
	}
	if left := answer.Limit.Remaining; left != nil && *left == 0 {
		d := time.Duration(answer.Limit.ResetAfter) * time.Millisecond
		p.Logger.Error("discord allows no more sessions today; commands wait", "for", d)
		if err := sleep(ctx, d); err != nil {
			return "", err
		}
	}
	if answer.Shards > 1 {
		p.Logger.Warn("discord recommends several shards; newsdesk opens one", "recommended", answer.Shards)
	}
	if p.GatewayURL != "" {
		return p.GatewayURL, nil
	}
	if u, err := url.Parse(answer.URL); err != nil || u.Scheme != "ws" && u.Scheme != "wss" {
		return "", fmt.Errorf("discord names no gateway: %q", answer.URL)
	}
	return answer.URL, nil
}

// gatewayIs answers a session's one question, where the gateway is.
type gatewayIs string

func (g gatewayIs) RoundTrip(req *http.Request) (*http.Response, error) {
	body := fmt.Sprintf(`{"url":%q}`, strings.TrimRight(string(g), "/")+"/")
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// A wire is the connection below a session, so that one that hangs can be cut.
type wire struct {
	ctx context.Context // of the session; discordgo dials without one

	mu   sync.Mutex
	conn net.Conn
	dead bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		conn.Close()
		return nil, net.ErrClosed
	}
	w.conn = conn
	return conn, nil
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
	if w.conn != nil {
		w.conn.Close()
	}
}
