package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"golang.org/x/time/rate"
)

// The paths that Slack posts to. The menus' options come to PathInteractions.
const (
	PathCommands     = "/slack/commands"
	PathInteractions = "/slack/interactions"
	PathEvents       = "/slack/events"
)

const (
	// requestMax bounds the body of a request: a form is the largest thing in
	// one, 250 KB of JSON (docs.slack.dev/reference/methods/views.open), up to
	// three times as much as it is encoded.
	requestMax = 1 << 20
	// checkMax bounds the body of a check of the certificate.
	checkMax = 4 << 10
	// ackRoom is what an acknowledgement may hold, on either transport: of
	// sockets Slack ignores one of 20 KB, of HTTP it says nothing.
	ackRoom = 20 << 10
	// freshness is how far a request's time may be from this machine's, either
	// way, as slack-go has it:
	// docs.slack.dev/authentication/verifying-requests-from-slack.
	freshness = 5 * time.Minute
)

// Endpoints returns what answers requests by path: the pages on which people
// install the app, with Options.OAuth; and what Slack posts to, with
// TransportHTTP. Until Run runs those answer 503, and to questions after it. A request counts
// once, and only where its signature is Slack's and fresh: nothing else of it
// is read before. The same one again is refused; another replica that gets it
// finds its Invocation.ID taken.
func (p *Platform) Endpoints() map[string]http.Handler {
	all := map[string]http.Handler{}
	maps.Copy(all, p.pages())
	if p.Transport == TransportHTTP {
		all[PathCommands] = endpoint{p, readCommand}
		all[PathInteractions] = endpoint{p, readInteraction}
		all[PathEvents] = endpoint{p, readEvent}
	}
	return all
}

// An endpoint answers one path.
type endpoint struct {
	*Platform
	// read reads the body of a request of Slack's into an envelope's data.
	read func(r *http.Request, body []byte) (data any, answers bool, err error)
}

// A refused request has a status for Slack, and a reason for the log.
type refused struct {
	status int
	why    string
}

func (e *refused) Error() string { return e.why }

func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := e.serve(w, r); err != nil {
		status := http.StatusBadRequest
		if no := (*refused)(nil); errors.As(err, &no) {
			status = no.status
		}
		// Anybody may ask, so that the log is told now and then.
		e.taken.tell.Do(func() {
			e.Logger.Warn("a request to slack's endpoints was refused; others like it within a minute are not logged", "path", r.URL.Path, "status", status, "why", e.client.redact(err.Error()))
		})
		http.Error(w, http.StatusText(status), status)
	}
}

func (e endpoint) serve(w http.ResponseWriter, r *http.Request) error {
	switch {
	case checksCertificate(r):
		return nil // 200
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return &refused{http.StatusMethodNotAllowed, r.Method}
	}
	to := e.receiver.Load()
	if to == nil {
		return &refused{http.StatusServiceUnavailable, "the bot does not run yet"}
	}
	body, id, err := e.genuine(w, r)
	if err != nil {
		return err
	}
	data, answers, err := e.read(r, body)
	if err != nil {
		return err
	}
	switch data := data.(type) {
	case certificateCheck:
		return nil
	case challenge:
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(data)
	}
	a := &acknowledgement{w: w, request: r.Context(), done: make(chan struct{})}
	if !to.receive(envelope{id: id, data: data, answers: answers, ack: a.ack}) {
		return &refused{http.StatusServiceUnavailable, "the bot ends"}
	}
	return a.wait()
}

// genuine returns the body of a request that Slack signed just now, which was not
// seen before, with its signature.
func (e endpoint) genuine(w http.ResponseWriter, r *http.Request) (body []byte, id string, err error) {
	unsigned := func(why error) error { return &refused{http.StatusUnauthorized, why.Error()} }
	verifier, err := slack.NewSecretsVerifier(r.Header, e.SigningSecret)
	if err != nil {
		return nil, "", unsigned(err)
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, requestMax))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, "", &refused{http.StatusRequestEntityTooLarge, fmt.Sprintf("its body is larger than %d bytes", requestMax)}
	} else if err != nil {
		return nil, "", err
	}
	if _, err = verifier.Write(body); err == nil {
		err = verifier.Ensure()
	}
	if err != nil {
		return nil, "", unsigned(fmt.Errorf("%w: is slack.signing_secret that of the app?", err))
	}
	var signature [sha256.Size]byte
	// Of one signature there are several spellings.
	if _, err := hex.Decode(signature[:], []byte(strings.TrimPrefix(r.Header.Get("X-Slack-Signature"), "v0="))); err != nil {
		return nil, "", unsigned(err)
	}
	if !e.taken.first(signature, time.Now()) {
		return nil, "", unsigned(errors.New("the same request came before"))
	}
	return body, hex.EncodeToString(signature[:]), nil
}

// signatures remembers those of requests that were taken for as long as they
// are fresh, and at most twice as long. Only who has the secret adds to them.
type signatures struct {
	tell rate.Sometimes

	mu       sync.Mutex
	begun    time.Time
	now, old map[[sha256.Size]byte]bool
}

// first reports whether the signature was not seen before, and notes it.
func (s *signatures) first(signature [sha256.Size]byte, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	// From the first moment in which it is fresh to the last.
	if s.now == nil || at.Sub(s.begun) > 2*freshness {
		s.now, s.old, s.begun = map[[sha256.Size]byte]bool{}, s.now, at
	}
	if s.now[signature] || s.old[signature] {
		return false
	}
	s.now[signature] = true
	return true
}

// An acknowledgement is the answer to a request that waits for it.
type acknowledgement struct {
	w       http.ResponseWriter
	request context.Context // ends where nobody waits any more
	done    chan struct{}

	mu     sync.Mutex
	closed bool // answered, or given up
}

var errNobodyWaits = errors.New("slack does not wait for it any more")

// ack answers the request. It may be called once more where what it was to
// hold is too large.
func (a *acknowledgement) ack(_ context.Context, payload any) error {
	var body []byte
	if payload != nil {
		if body = encode(payload); len(body) >= ackRoom {
			return fmt.Errorf("%d bytes are more than an acknowledgement may hold", len(body))
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.request.Err() != nil {
		return errNobodyWaits
	}
	a.closed = true
	defer close(a.done)
	if payload != nil {
		a.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	if _, err := a.w.Write(body); err != nil {
		return err
	}
	return http.NewResponseController(a.w).Flush()
}

// wait returns when the request is answered, or Slack waits no more.
func (a *acknowledgement) wait() error {
	timer := time.NewTimer(ackTime)
	defer timer.Stop()
	select {
	case <-a.done:
		return nil
	case <-a.request.Done():
	case <-timer.C:
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	return &refused{http.StatusGatewayTimeout, "it was not acknowledged in time"}
}

// A certificateCheck is a request by which Slack looks, now and then, whether the
// address has a valid certificate.
type certificateCheck struct{}

// checksCertificate reports whether a request is such, without a signature:
// docs.slack.dev/interactivity/implementing-slash-commands. It is answered, and
// does nothing.
func checksCertificate(r *http.Request) bool {
	switch {
	case r.URL.Path != PathCommands || r.Header.Get("X-Slack-Signature") != "":
		return false
	case r.Method == http.MethodGet:
		return r.URL.Query().Get("ssl_check") == "1"
	case r.Method != http.MethodPost || r.ContentLength < 0 || r.ContentLength > checkMax:
		return false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, checkMax))
	if err != nil {
		return false
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && form.Get("ssl_check") == "1"
}

// readCommand reads a slash command.
func readCommand(r *http.Request, body []byte) (any, bool, error) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	c, err := slack.SlashCommandParse(r)
	switch {
	case err != nil:
		return nil, false, err
	case r.PostForm.Get("ssl_check") == "1":
		return certificateCheck{}, false, nil
	case c.Command == "" || c.ChannelID == "" || c.UserID == "":
		return nil, false, errors.New("this is no slash command")
	}
	return c, true, nil
}

// readInteraction reads what a person pressed, chose, filled in or types in a
// menu.
func readInteraction(r *http.Request, body []byte) (any, bool, error) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	c, err := slack.InteractionCallbackParse(r)
	switch {
	case err != nil:
		return nil, false, err
	case c.Type == "" || c.User.ID == "":
		return nil, false, errors.New("this is no interaction")
	}
	return c, c.Type == slack.InteractionTypeBlockSuggestion || c.Type == slack.InteractionTypeViewSubmission, nil
}

// A challenge is Slack's question whether the address is the bot's, and its answer.
type challenge struct {
	Challenge string `json:"challenge"`
}

// readEvent reads an event. Slack repeats one that is not acknowledged, also
// where the bot does not know its kind.
func readEvent(_ *http.Request, body []byte) (any, bool, error) {
	var outer struct {
		Type string `json:"type"`
		challenge
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return nil, false, err
	}
	switch outer.Type {
	case "":
		return nil, false, errors.New("this is no event")
	case slackevents.URLVerification:
		return outer.challenge, false, nil
	}
	e, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
	if err != nil {
		return nil, false, nil
	}
	return e, false, nil
}
