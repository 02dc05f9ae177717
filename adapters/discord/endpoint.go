package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
)

// InteractionsPath is where Discord's requests are served.
const InteractionsPath = "/discord/interactions"

const (
	// interactionMax bounds a request: many times the largest, which is a
	// pressed button with its message and what Discord adds about it.
	interactionMax = 1 << 20
	// fresh is how far a request's timestamp may be from now, either way.
	fresh = 5 * time.Minute
	// remembered is how long a signature is known again. A timestamp may be
	// ahead by fresh, and so be good for twice that; the rest is for replicas
	// whose clocks differ.
	remembered = 3 * fresh
	// memoryWait is how long the shared memory may delay a person, of the three
	// seconds that Discord waits.
	memoryWait = 500 * time.Millisecond
)

// A Memory knows again what came before; bot.Store is one.
type Memory interface {
	// Once reports whether key is new, and remembers it for ttl.
	Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error)
}

// An endpoint takes interactions over HTTP and hands them to whoever runs.
// Everybody can reach it: only what Discord has signed, just now and for the
// first time, is read at all.
type endpoint struct {
	key         ed25519.PublicKey
	application string // "" where any that has the key will do
	shared      Memory // nil where there is one process
	own         recent
	log         *slog.Logger

	mu      sync.RWMutex
	receive func(question) // nil while nobody runs
}

// newEndpoint reads the application's public key, as the developer page shows it.
func newEndpoint(o Options) (*endpoint, error) {
	key, err := hex.DecodeString(o.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("discord: public key: want the 64 hexadecimal digits from the page General Information of your application")
	}
	return &endpoint{key: key, application: o.ApplicationID, shared: o.Memory, log: o.Logger}, nil
}

// Endpoints returns what is to be served where Discord sends interactions over
// HTTP, by path; nothing where they come over the gateway. They answer 503
// while Run does not run.
func (p *Platform) Endpoints() map[string]http.Handler {
	if p.endpoint == nil {
		return nil
	}
	return map[string]http.Handler{InteractionsPath: p.endpoint}
}

// open hands interactions to receive from now on; nil hands them to nobody, and
// none is under way when it returns.
func (e *endpoint) open(receive func(question)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.receive = receive
}

// ServeHTTP answers one request of Discord's. An interaction is answered over
// the callback, as on the gateway; here it is only taken (202):
// discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback.
// A ping has no callback (github.com/discord/discord-api-docs/issues/7311).
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Discord sends interactions here, with POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, interactionMax))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, fmt.Sprintf("more than %d bytes", tooLarge.Limit), http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		http.Error(w, "the request has no end", http.StatusBadRequest)
		return
	}
	// Discord tries forged signatures now and then, and takes the endpoint
	// away where one is answered with anything but 401.
	signature, ok := e.signed(r.Header, body)
	if !ok {
		e.log.Debug("a request that discord has not signed", "from", r.RemoteAddr)
		http.Error(w, "invalid request signature", http.StatusUnauthorized)
		return
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.receive == nil {
		http.Error(w, "the bot does not run", http.StatusServiceUnavailable)
		return
	}
	if age, ok := ageOf(r.Header, received); !ok {
		e.log.Warn("discord signed a request at another time: is this machine's clock right?", "age", age)
		http.Error(w, "the signature is not of this time", http.StatusUnauthorized)
		return
	}
	if !e.first(r.Context(), signature) {
		e.log.Warn("a request of discord's came a second time and is refused")
		http.Error(w, "the signature was used before", http.StatusUnauthorized)
		return
	}
	switch i, err := readQuestion(body, received); {
	case err != nil:
		e.log.Warn("discord sent what is no interaction", "err", err)
		http.Error(w, "no interaction", http.StatusBadRequest)
	case e.application != "" && i.AppID != e.application:
		e.log.Warn("discord sent an interaction of another application: is discord.application_id right?", "application", i.AppID)
		http.Error(w, "an interaction of another application", http.StatusBadRequest)
	case i.Type == discordgo.InteractionPing:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"type":1}`)
	case i.Data == nil || i.Token == "" || !isSnowflake(i.ID) || !isSnowflake(i.AppID):
		e.log.Warn("discord sent an interaction of an unknown kind", "interaction", i.ID, "type", int(i.Type))
		http.Error(w, "an interaction of an unknown kind", http.StatusBadRequest)
	default:
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusAccepted)
		http.NewResponseController(w).Flush() // before the callback
		e.receive(i)
	}
}

// Headers of a request:
// discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers.
const (
	signatureHeader = "X-Signature-Ed25519"   // hex
	timestampHeader = "X-Signature-Timestamp" // Unix seconds
)

// signed returns the signature, and whether the application's key made it for
// the timestamp and the body.
func (e *endpoint) signed(h http.Header, body []byte) (signature []byte, ok bool) {
	signature, err := hex.DecodeString(h.Get(signatureHeader))
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, false
	}
	return signature, ed25519.Verify(e.key, append([]byte(h.Get(timestampHeader)), body...), signature)
}

// ageOf returns how old the timestamp is, and whether that is fresh.
func ageOf(h http.Header, now time.Time) (age time.Duration, ok bool) {
	seconds, err := strconv.ParseInt(h.Get(timestampHeader), 10, 64)
	if err != nil {
		return 0, false
	}
	age = now.Sub(time.Unix(seconds, 0))
	return age, age.Abs() <= fresh
}

// first reports whether no request had this signature before, here or at
// another replica. Where the shared memory does not answer, this process's own
// has to do: without its store the bot can change nothing anyway.
func (e *endpoint) first(ctx context.Context, signature []byte) bool {
	key := hex.EncodeToString(signature)
	if !e.own.once(key, time.Now()) {
		return false
	}
	if e.shared == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, memoryWait)
	defer cancel()
	first, err := e.shared.Once(ctx, "sig:"+platformName+":"+key, remembered)
	if err != nil {
		e.log.Warn("the store does not answer; a replayed request of discord's would not be known again by other replicas", "err", err)
		return true
	}
	return first
}

// recent is a memory of this process.
type recent struct {
	mu    sync.Mutex
	seen  map[string]bool
	order []sighting // the oldest first
}

type sighting struct {
	key string
	at  time.Time
}

// once reports whether key was not seen in the time that is remembered.
func (r *recent) once(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.order) > 0 && now.Sub(r.order[0].at) > remembered {
		delete(r.seen, r.order[0].key)
		r.order = r.order[1:]
	}
	if r.seen[key] {
		return false
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.seen[key] = true
	r.order = append(r.order, sighting{key, now})
	return true
}

// checkTransport says where Discord sends commands past the bot.
func (p *Platform) checkTransport(ctx context.Context) []string {
	var app struct {
		Endpoint string `json:"interactions_endpoint_url"`
		Key      string `json:"verify_key"`
	}
	if err := p.client.get(ctx, discordgo.EndpointApplications+"/@me", &app); err != nil {
		return []string{"discord: " + inWords(err)}
	}
	var wrong []string
	switch {
	case p.endpoint == nil && app.Endpoint != "":
		wrong = append(wrong, fmt.Sprintf("discord: commands go to the Interactions Endpoint URL %s and not over the gateway: "+
			"empty it on the page General Information of your application, or set discord.transport to http", app.Endpoint))
	case p.endpoint != nil && app.Endpoint == "":
		wrong = append(wrong, "discord: discord.transport is http and the application has no Interactions Endpoint URL: "+
			"set it on the page General Information to https://YOUR.HOST"+InteractionsPath+" while the bot runs")
	}
	if p.endpoint != nil && app.Key != "" && !strings.EqualFold(app.Key, p.PublicKey) {
		wrong = append(wrong, "discord: discord.public_key is not that of the token's application: copy it from the page General Information")
	}
	return wrong
}
