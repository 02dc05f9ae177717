// Package web is the bot's own pages and its HTTP interface: a chat platform
// named "web" that needs no account, and the doors through which operators,
// scripts and probes look in.
//
// # Flow
//
// The [Server] is a [bot.Platform]. Post keeps a message in memory under its
// key; GET / draws the messages of one channel twice, from the very payloads
// that package discord and package slack would send, and asks every two
// seconds whether something changed. Words typed into the page's box, and
// buttons pressed in its messages, go to POST /api/command as they would go to
// a platform's endpoint, and to the [bot.Handler] that Run was given.
//
// # Who may enter
//
// On a loopback address everybody on the machine may; then only loopback Host
// headers are answered, so that no page of another site can reach the server
// by rebinding its name. On any other address a token is required, as a bearer
// token or once as ?token= or in the login form, which sets a cookie. Probes
// (/healthz, /readyz) never need it. A command from another site's page is
// refused whatever it carries. An [Endpoint] answers everybody and proves by
// itself, as by a signature, who asks.
//
// # Crash
//
// Nothing here is durable. After a crash the messages are gone from memory;
// the outbox still knows what was sent, and Restore shows it again.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/topic"
)

// Options make a Server. Desk is needed; zero values of the others have the
// defaults that stand beside them.
type Options struct {
	Listen    string // host:port; "127.0.0.1:8080". Port 0 takes a free one
	Token     string // required where Listen is not a loopback address
	Desk      Desk
	Outbox    Outbox                      // nil: /api/deliveries says that there is none
	Ready     func(context.Context) error // nil: ready as soon as Run runs
	Registry  *prometheus.Registry        // a new one
	Channels  []bot.Channel               // the preview's first channels; "web:preview"
	Commands  []bot.Command               // hints for the box
	Endpoints []Endpoint                  // of other platforms; none
	Logger    *slog.Logger                // slog.Default()
	Now       func() time.Time            // time.Now
	Gazetteer *topic.Gazetteer            // names of topics; topic.Default()
	Version   string                      // shown in the page's foot
	Name      string                      // shown as a banner, such as "demo"; none
}

// An Endpoint is a path that another platform's servers, or people it sends,
// ask: it proves by itself who they are, so that it needs no token and answers
// under every name, as behind a tunnel or a load balancer.
type Endpoint struct {
	Path    string // as in http.ServeMux, without a method: "/slack/events"
	Handler http.Handler
}

// A Desk answers questions about the news; news.Desk is one.
type Desk interface {
	// Search returns one page of the stories that match q.
	Search(ctx context.Context, q news.Query) (news.Result, error)
	// Story returns one story, or news.ErrNotFound.
	Story(ctx context.Context, id string) (news.Story, error)
	// Related returns up to n stories close to s, the closest first.
	Related(ctx context.Context, s news.Story, n int) ([]news.Story, error)
	// NameRelated fills each story's Related, from memory.
	NameRelated(ss []news.Story)
	// Sources returns every source with the state of its feeds.
	Sources(ctx context.Context) ([]news.SourceState, error)
}

// An Outbox has the deliveries; bot.Store is one.
type Outbox interface {
	Deliveries(ctx context.Context, q bot.DeliveryQuery) ([]bot.Delivery, error)
	// Suspensions returns the channels that receive nothing, and why.
	Suspensions(ctx context.Context) (map[bot.Channel]bot.Suspension, error)
	// Retry makes a dead delivery Pending again, or returns news.ErrNotFound.
	Retry(ctx context.Context, id string) error
}

// A Server is the platform named "web" and the HTTP server behind it.
type Server struct {
	o       Options
	log     *slog.Logger
	ln      net.Listener
	addr    netip.AddrPort // that ln listens on
	http    *http.Server
	metrics *metrics
	login   login
	board   *board
	album   album

	mu       sync.RWMutex
	handler  bot.Handler    // nil until Run
	thinking sync.WaitGroup // suggestions that came too late
}

// The limits of one connection. An answer takes no longer than the handler of
// a command may, with time to send it over a slow line.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 15 * time.Second
	commandTimeout = 25 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	drainTimeout   = 5 * time.Second
	maxHeader      = 32 << 10
)

// shortToken is the length below which a token that guards a public address is warned of.
const shortToken = 16

// New binds the address at once, so that a port in use is known before
// anything else starts. The server answers when Run runs.
func New(o Options) (*Server, error) {
	if o.Desk == nil {
		return nil, errors.New("web: a desk is needed")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:8080"
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Gazetteer == nil {
		o.Gazetteer = topic.Default()
	}
	if len(o.Channels) == 0 {
		o.Channels = []bot.Channel{"web:preview"}
	}
	for _, c := range o.Channels {
		if err := checkChannel(c); err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
	}
	ln, addr, err := listen(o.Listen, o.Token)
	if err != nil {
		return nil, err
	}
	if o.Token != "" && len(o.Token) < shortToken && !loopback(addr.Addr()) {
		o.Logger.Warn("web.token is short: whoever guesses it manages every web channel", "length", len(o.Token), "want", shortToken)
	}
	s := &Server{o: o, log: o.Logger, ln: ln, addr: addr, login: newLogin(o.Token), board: newBoard(o.Channels)}
	if s.metrics, err = newMetrics(o.Registry); err != nil {
		ln.Close()
		return nil, fmt.Errorf("web: metrics: %w", err)
	}
	if _, err := register(o.Registry, newHealth(s)); err != nil {
		ln.Close()
		return nil, fmt.Errorf("web: metrics: %w", err)
	}
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// listen binds address, and refuses one that others can reach without a token.
func listen(address, token string) (net.Listener, netip.AddrPort, error) {
	none := netip.AddrPort{}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, none, fmt.Errorf("web.listen %q: want host:port, as in 127.0.0.1:8080: %w", address, err)
	}
	public := fmt.Errorf("web.listen %s can be reached from other machines: set web.token to a secret, or web.listen to 127.0.0.1:%s", address, port)
	if ip, err := netip.ParseAddr(host); token == "" && (host == "" || err == nil && !loopback(ip)) {
		return nil, none, public
	}
	ln, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, none, fmt.Errorf("web.listen %s is in use by another program: stop it, or set web.listen to a free port, as with WEB_LISTEN=127.0.0.1:8081: %w", address, err)
	case errors.Is(err, syscall.EACCES):
		return nil, none, fmt.Errorf("web.listen %s may not be bound by this user: set web.listen to a port above 1023: %w", address, err)
	case err != nil:
		return nil, none, fmt.Errorf("web.listen %s cannot be bound: set web.listen to an address of this machine: %w", address, err)
	}
	addr, err := netip.ParseAddrPort(ln.Addr().String())
	if err == nil && token == "" && !loopback(addr.Addr()) { // a host name may lead anywhere
		err = public
	}
	if err != nil {
		ln.Close()
		return nil, none, err
	}
	return ln, addr, nil
}

func loopback(ip netip.Addr) bool { return ip.Unmap().IsLoopback() }

// URL is where a browser on this machine finds the preview.
func (s *Server) URL() string {
	addr := s.addr
	if ip := addr.Addr(); ip.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", addr.Port())
	}
	return "http://" + addr.String()
}

// Run answers requests and hands commands to h until ctx ends; requests that
// are under way then have five seconds. A Server runs once.
func (s *Server) Run(ctx context.Context, h bot.Handler) error {
	s.mu.Lock()
	s.handler = h
	s.mu.Unlock()

	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", s.URL(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.http.Shutdown(drain); err != nil {
		s.log.Warn("requests were cut off at shutdown", "err", err)
		s.http.Close()
	}
	<-served
	s.thinking.Wait()
	return nil
}

// Close gives the address up where Run is never called.
func (s *Server) Close() error { return s.ln.Close() }

func (s *Server) running() bot.Handler {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.handler
}
