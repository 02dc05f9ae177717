package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Requests to the app's own address, in place of sockets:
// docs.slack.dev/apis/events-api/using-http-request-urls and
// docs.slack.dev/authentication/verifying-requests-from-slack.

// SigningSecret signs them.
const SigningSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// The paths below the address, as the app's manifest has them.
const (
	commandsPath     = "/slack/commands"
	interactionsPath = "/slack/interactions"
	eventsPath       = "/slack/events"
)

// A Request is one that was sent to the app's address.
type Request struct {
	URL    string
	Header http.Header
	Body   []byte
}

// DeliverTo posts everything to an address from now on, signed, and nothing
// to sockets.
func (s *Server) DeliverTo(address string) {
	s.set(func() { s.address, s.signed = strings.TrimRight(address, "/"), map[string]bool{} })
}

// Sign returns the headers that prove a body to be Slack's at a time.
func Sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:", stamp)
	mac.Write(body)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// sign makes the headers of a body whose signature was not used before.
func (s *Server) sign(body []byte) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := time.Now(); ; at = at.Add(time.Second) {
		if h := Sign(SigningSecret, at, body); !s.signed[h.Get("X-Slack-Signature")] {
			s.signed[h.Get("X-Slack-Signature")] = true
			return h
		}
	}
}

// LastRequest returns the last request to the app's address, to be altered and
// sent again by Send.
func (s *Server) LastRequest() Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Request{s.request.URL, s.request.Header.Clone(), bytes.Clone(s.request.Body)}
}

// Send sends a request as it is and returns the status of its answer.
func (s *Server) Send(ctx context.Context, r Request) (status int, err error) {
	status, _, _, err = s.send1(ctx, r)
	return status, err
}

func (s *Server) send1(ctx context.Context, r Request) (status int, kind string, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, ackMax)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header = r.Header
	resp, err := appClient.Do(req)
	if err != nil {
		return 0, "", nil, fmt.Errorf("slacktest: not acknowledged within %s: %w", ackMax, err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	kind, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return resp.StatusCode, kind, answer, err
}

// appClient follows nothing: what it asks is to answer by itself.
var appClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// deliverHTTP posts an envelope's payload and returns what it was answered with.
func (s *Server) deliverHTTP(ctx context.Context, address, kind string, payload object, acceptsPayload bool, more object) (json.RawMessage, error) {
	r := Request{URL: address + interactionsPath}
	encoding := "application/x-www-form-urlencoded"
	switch kind {
	case "slash_commands":
		r.URL = address + commandsPath
		form := url.Values{}
		for name, v := range payload {
			form.Set(name, fmt.Sprint(v))
		}
		r.Body = []byte(form.Encode())
	case "events_api":
		r.URL, encoding = address+eventsPath, "application/json"
		r.Body = encode(payload)
	default:
		r.Body = []byte(url.Values{"payload": {string(encode(payload))}}.Encode())
	}
	r.Header = s.sign(r.Body)
	r.Header.Set("Content-Type", encoding)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	if n, _ := more["retry_attempt"].(int); n > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(n))
		r.Header.Set("X-Slack-Retry-Reason", "http_timeout")
	}
	s.set(func() { s.request = r })
	status, answered, body, err := s.send1(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case status < 200 || status > 299:
		return nil, fmt.Errorf("slacktest: %s was answered with HTTP %d", kind, status)
	case len(body) == 0:
		return nil, nil
	case !acceptsPayload && kind != "events_api":
		s.fault("%s, which takes no answer, was answered with %.200s", kind, body)
	case acceptsPayload && answered != "application/json":
		s.fault("%s was answered with %q, which the person sees as text: %.200s", kind, answered, body)
	}
	if !acceptsPayload {
		return nil, nil
	}
	return body, nil
}

func encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("slacktest: a payload of its own making: %v", err))
	}
	return out
}

// Verify asks whether the address is the app's, as when it is entered on the
// app's pages, and whether it has a certificate, as now and then later.
func (s *Server) Verify(ctx context.Context) error {
	s.mu.Lock()
	address, challenge := s.address, s.id("challenge-")
	s.mu.Unlock()
	r := Request{URL: address + eventsPath, Body: encode(object{"token": "verification-token", "challenge": challenge, "type": "url_verification"})}
	r.Header = s.sign(r.Body)
	r.Header.Set("Content-Type", "application/json")
	status, kind, body, err := s.send1(ctx, r)
	if err != nil {
		return err
	}
	echo := strings.TrimSpace(string(body))
	if kind == "application/json" {
		var a struct{ Challenge string }
		if err := json.Unmarshal(body, &a); err != nil {
			return fmt.Errorf("slacktest: the challenge was answered with %.200s", body)
		}
		echo = a.Challenge
	}
	if status != http.StatusOK || echo != challenge {
		return fmt.Errorf("slacktest: the challenge was answered with HTTP %d, %.200s", status, body)
	}
	r = Request{URL: address + commandsPath, Body: []byte("token=verification-token&ssl_check=1"), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	if status, _, body, err = s.send1(ctx, r); err != nil || status != http.StatusOK || len(body) > 0 {
		return fmt.Errorf("slacktest: the check of the certificate was answered with HTTP %d, %.200s, %v", status, body, err)
	}
	return nil
}
