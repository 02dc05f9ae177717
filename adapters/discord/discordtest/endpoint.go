package discordtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// An outgoing is how interactions leave for an endpoint of the bot's instead
// of its gateway: discord.com/developers/docs/interactions/overview#preparing-for-interactions.
type outgoing struct {
	key    ed25519.PrivateKey
	client *http.Client

	mu      sync.Mutex
	url     string // "" while they go over the gateway
	planned string // what url is to be once a bot runs there
	last    signed // interaction
}

// A signed request is one with its headers.
type signed struct {
	header http.Header
	body   []byte
}

func (o *outgoing) init() (err error) {
	_, o.key, err = ed25519.GenerateKey(nil)
	o.client = &http.Client{
		Timeout:       firstSign,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return err
}

func (o *outgoing) address() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.url
}

// PublicKey is what the developer page shows, in hex.
func (s *Server) PublicKey() string {
	return hex.EncodeToString(s.outgoing.key.Public().(ed25519.PublicKey))
}

// SetEndpoint fills in the Interactions Endpoint URL of the developer page: it
// pings the endpoint, tries forged signatures on it, and only where both are
// answered as they must be do interactions go there, and none over the gateway.
// "" empties it.
func (s *Server) SetEndpoint(ctx context.Context, url string) error {
	if url != "" {
		if err := s.validate(ctx, url); err != nil {
			return fmt.Errorf("the specified interactions endpoint url could not be verified: %w", err)
		}
	}
	s.outgoing.mu.Lock()
	defer s.outgoing.mu.Unlock()
	s.outgoing.url, s.outgoing.planned = url, ""
	return nil
}

// DeliverTo is SetEndpoint as soon as the bot there runs: whoever asks it waits
// for that.
func (s *Server) DeliverTo(url string) {
	s.outgoing.mu.Lock()
	defer s.outgoing.mu.Unlock()
	s.outgoing.planned = url
}

func (s *Server) validate(ctx context.Context, url string) error {
	s.mu.Lock()
	id := s.snowflake()
	s.mu.Unlock()
	body, err := json.Marshal(map[string]any{
		"id": id, "application_id": s.ApplicationID, "type": 1, "token": "ping-" + id, "version": 1,
		"user": map[string]any{"id": Owner, "username": "owner", "discriminator": "0"}, "entitlements": []any{},
	})
	if err != nil {
		return err
	}
	if err := s.probe(ctx, url, body); err != nil {
		return err
	}
	status, header, answer, err := s.send(ctx, url, s.Sign(body, time.Now()), body)
	if err != nil {
		return err
	}
	var pong struct {
		Type int `json:"type"`
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if json.Unmarshal(answer, &pong) != nil || status != http.StatusOK || pong.Type != 1 || kind != "application/json" {
		return fmt.Errorf("a PING was answered with %d %s %q", status, header.Get("Content-Type"), answer)
	}
	return nil
}

// probe sends body as somebody else would: 401 is the only right answer.
func (s *Server) probe(ctx context.Context, url string, body []byte) error {
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	now := time.Now()
	unsigned := s.Sign(body, now)
	unsigned.Del("X-Signature-Ed25519")
	for name, h := range map[string]http.Header{
		"another key's":  sign(stranger, body, now),
		"another body's": s.Sign(append([]byte(" "), body...), now),
		"no":             unsigned,
	} {
		if status, _, _, err := s.send(ctx, url, h, body); err != nil || status != http.StatusUnauthorized {
			return fmt.Errorf("%s signature was answered with %d, want 401 (%v)", name, status, err)
		}
	}
	return nil
}

// Sign returns the headers of a request with that body and timestamp.
func (s *Server) Sign(body []byte, at time.Time) http.Header { return sign(s.outgoing.key, body, at) }

func sign(key ed25519.PrivateKey, body []byte, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return http.Header{
		"Content-Type":          {"application/json"},
		"User-Agent":            {"Discord-Interactions/1.0 (+https://discord.com)"},
		"X-Signature-Ed25519":   {hex.EncodeToString(ed25519.Sign(key, append([]byte(stamp), body...)))},
		"X-Signature-Timestamp": {stamp},
	}
}

func (s *Server) send(ctx context.Context, url string, h http.Header, body []byte) (status int, header http.Header, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = h
	resp, err := s.outgoing.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, bodyMax))
	return resp.StatusCode, resp.Header, answer, err
}

// dispatch sends an interaction to wherever they go. The answer of an endpoint
// is 202 without a body: this fake takes answers over the callback alone.
// Discord looks now and then whether forgeries are still refused, and this
// fake each time: an endpoint that takes one is no longer used.
func (s *Server) dispatch(ctx context.Context, event any) error {
	url := s.outgoing.address()
	if url == "" {
		for _, k := range s.gateway.ready() {
			if err := k.send(opDispatch, "INTERACTION_CREATE", event); err != nil {
				return fmt.Errorf("send the interaction: %w", err)
			}
		}
		return nil
	}
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	if err := s.probe(ctx, url, body); err != nil {
		return errors.Join(fmt.Errorf("the endpoint is removed: %w", err), s.SetEndpoint(ctx, ""))
	}
	h := s.Sign(body, time.Now())
	s.outgoing.mu.Lock()
	s.outgoing.last = signed{h, body}
	s.outgoing.mu.Unlock()
	status, _, answer, err := s.send(ctx, url, h, body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoReply, err)
	}
	if status != http.StatusAccepted || len(answer) > 0 {
		return fmt.Errorf("%w: the endpoint answered %d %q", ErrNoReply, status, answer)
	}
	return nil
}

// Replay sends the last interaction to url again, byte for byte, as somebody
// who has recorded it would, and returns the status of the answer.
func (s *Server) Replay(ctx context.Context, url string) (status int, err error) {
	s.outgoing.mu.Lock()
	last := s.outgoing.last
	s.outgoing.mu.Unlock()
	if last.body == nil {
		return 0, errors.New("no interaction went to an endpoint")
	}
	status, _, _, err = s.send(ctx, url, last.header.Clone(), last.body)
	return status, err
}

// reachable reports whether people can ask a bot: it is connected, or has an
// endpoint and the commands that they choose from.
func (s *Server) reachable() bool {
	s.outgoing.mu.Lock()
	url, planned := s.outgoing.url, s.outgoing.planned
	s.outgoing.mu.Unlock()
	switch {
	case planned != "":
		return s.SetEndpoint(context.Background(), planned) == nil && s.reachable()
	case url != "":
		commands, _ := s.Commands()
		return len(commands) > 0
	}
	return s.Connected()
}
