package discord_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// newEndpoint starts a fake that sends interactions to url, where the platform
// is served.
func newEndpoint(t *testing.T, change ...func(*discord.Options)) (s *discordtest.Server, p *discord.Platform, url string) {
	t.Helper()
	s = discordtest.New(t)
	s.AddChannel(room, discordtest.Channel{Name: "news"})
	p, url = replica(t, s, change...)
	s.DeliverTo(url)
	return s, p, url
}

// replica is one process of the bot on s.
func replica(t *testing.T, s *discordtest.Server, change ...func(*discord.Options)) (p *discord.Platform, url string) {
	t.Helper()
	o := discord.Options{
		Token: s.Token, ApplicationID: s.ApplicationID, APIURL: s.URL(), PublicKey: s.PublicKey(), Commands: testTable(),
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, f := range change {
		f(&o)
	}
	p, err := discord.New(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for path, h := range p.Endpoints() {
		mux.Handle(path, h)
	}
	served := httptest.NewServer(mux)
	t.Cleanup(served.Close)
	return p, served.URL + discord.InteractionsPath
}

// ping is an interaction that is answered at once.
func ping(s *discordtest.Server) []byte {
	return fmt.Appendf(nil, `{"id":"1","application_id":%q,"type":1,"token":"t","version":1}`, s.ApplicationID)
}

// question is a command that its person has just put.
func question(s *discordtest.Server, id string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"application_id":%q,"type":2,"token":"t","version":1,"channel_id":%q,"user":{"id":"7"},"data":{"id":"2","name":"news","type":1}}`, id, s.ApplicationID, room)
}

// deliver sends a request and returns the status and the body of its answer.
func deliver(t *testing.T, url string, h http.Header, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = h
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestEndpointRefuses what Discord has not signed just now, and what is no
// interaction of this application: nothing is asked, nothing is answered.
func TestEndpointRefuses(t *testing.T) {
	t.Parallel()
	s, p, url := newEndpoint(t)
	h := &handler{}
	start(t, p, h)
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	stranger := discordtest.New(t)
	now := time.Now()
	with := func(h http.Header, name, value string) http.Header { h.Set(name, value); return h }
	for n, test := range []struct {
		name   string
		body   []byte
		header func(body []byte) http.Header // signed now by Discord where nil
		status int
	}{
		{"no signature", question(s, "101"), func([]byte) http.Header { return http.Header{} }, 401},
		{"signature of nobody", question(s, "102"), func(b []byte) http.Header {
			return with(s.Sign(b, now), "X-Signature-Ed25519", strings.Repeat("00", 64))
		}, 401},
		{"signature that is no hex", question(s, "103"), func(b []byte) http.Header {
			return with(s.Sign(b, now), "X-Signature-Ed25519", strings.Repeat("xy", 64))
		}, 401},
		{"short signature", question(s, "104"), func(b []byte) http.Header {
			h := s.Sign(b, now)
			return with(h, "X-Signature-Ed25519", h.Get("X-Signature-Ed25519")[:126])
		}, 401},
		{"another key", question(s, "105"), func(b []byte) http.Header { return stranger.Sign(b, now) }, 401},
		{"another body", question(s, "106"), func([]byte) http.Header { return s.Sign(question(s, "1060"), now) }, 401},
		{"another time", question(s, "107"), func(b []byte) http.Header {
			return with(s.Sign(b, now), "X-Signature-Timestamp", fmt.Sprint(now.Unix()+1))
		}, 401},
		{"no time", question(s, "108"), func(b []byte) http.Header {
			h := s.Sign(b, now)
			h.Del("X-Signature-Timestamp")
			return h
		}, 401},
		{"stale", question(s, "109"), func(b []byte) http.Header { return s.Sign(b, now.Add(-5*time.Minute-30*time.Second)) }, 401},
		{"of the future", question(s, "110"), func(b []byte) http.Header { return s.Sign(b, now.Add(5*time.Minute+30*time.Second)) }, 401},
		{"stale ping", ping(s), func(b []byte) http.Header { return s.Sign(b, now.Add(-time.Hour)) }, 401},
		{"too large", append(question(s, "111"), bytes.Repeat([]byte(" "), 1<<20)...), nil, 413},
		{"nothing", nil, nil, 400},
		{"no JSON", []byte("payload=x"), nil, 400},
		{"half", question(s, "112")[:60], nil, 400},
		{"a list", []byte("[]"), nil, 400},
		{"no data", fmt.Appendf(nil, `{"id":"113","application_id":%q,"type":2,"token":"t"}`, s.ApplicationID), nil, 400},
		{"no token", fmt.Appendf(nil, `{"id":"114","application_id":%q,"type":2,"data":{"name":"news"}}`, s.ApplicationID), nil, 400},
		{"an id that leads elsewhere", fmt.Appendf(nil, `{"id":"../1","application_id":%q,"type":2,"token":"t","data":{"name":"news"}}`, s.ApplicationID), nil, 400},
		{"unknown kind", fmt.Appendf(nil, `{"id":"115","application_id":%q,"type":99,"token":"t","data":{}}`, s.ApplicationID), nil, 400},
		{"another application", bytes.Replace(question(s, "116"), []byte(s.ApplicationID), []byte("42"), 1), nil, 400},
		{"another application's ping", bytes.Replace(ping(s), []byte(s.ApplicationID), []byte("42"), 1), nil, 400},
	} {
		before := len(s.Requests())
		header := s.Sign(test.body, now.Add(time.Duration(-n)*time.Second))
		if test.header != nil {
			header = test.header(test.body)
		}
		status, answer := deliver(t, url, header, test.body)
		if status != test.status || strings.Contains(answer, `"type"`) {
			t.Errorf("%s: %d %q, want %d", test.name, status, answer, test.status)
		}
		if requests := s.Requests()[before:]; len(requests) > 0 {
			t.Errorf("%s: the bot asked for %q", test.name, requests)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodHead, http.MethodOptions} {
		req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: %d, allowed is %q", method, resp.StatusCode, resp.Header.Get("Allow"))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) != 1 {
		t.Errorf("the bot was asked %+v", h.asked[1:])
	}
}

// TestEndpointTakes what is signed at the edge of what is fresh, in capital
// letters too, and answers a ping by itself.
func TestEndpointTakes(t *testing.T) {
	t.Parallel()
	s, p, url := newEndpoint(t)
	h := &handler{}
	start(t, p, h)
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	for _, ago := range []time.Duration{0, -4*time.Minute - 30*time.Second, 4*time.Minute + 30*time.Second} {
		body := ping(s)
		if status, answer := deliver(t, url, s.Sign(body, time.Now().Add(-ago)), body); status != 200 || answer != `{"type":1}` {
			t.Errorf("a ping of %s ago: %d %q", ago, status, answer)
		}
	}
	body := question(s, "901")
	header := s.Sign(body, time.Now())
	header.Set("X-Signature-Ed25519", strings.ToUpper(header.Get("X-Signature-Ed25519")))
	if status, answer := deliver(t, url, header, body); status != 202 || answer != "" {
		t.Errorf("a question: %d %q", status, answer)
	}
	if s.Sessions() != 0 {
		t.Error("a gateway was opened")
	}
}

// A ledger is a memory that replicas share, or that has failed.
type ledger struct {
	mu   sync.Mutex
	seen map[string]bool
	fail bool
}

func (l *ledger) Once(_ context.Context, key string, ttl time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail {
		return false, errors.New("the store is away")
	}
	if ttl <= 10*time.Minute { // a timestamp five minutes ahead is good for ten
		return false, fmt.Errorf("forgotten after %s", ttl)
	}
	again := l.seen[key]
	l.seen[key] = true
	return !again, nil
}

// TestReplayIsRefused: who has recorded a request can do nothing with it, at no
// replica, and not while the store is away where it was first sent.
func TestReplayIsRefused(t *testing.T) {
	t.Parallel()
	shared := &ledger{seen: map[string]bool{}}
	s, p, url := newEndpoint(t, func(o *discord.Options) { o.Memory = shared })
	other, elsewhere := replica(t, s, func(o *discord.Options) { o.Memory = shared })
	h := &handler{}
	start(t, p, h)
	start(t, other, h)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	replayed := func(kind, url string) {
		t.Helper()
		h.mu.Lock()
		before := len(h.asked)
		h.mu.Unlock()
		requests, shown := len(s.Requests()), s.Posted()
		if status, err := s.Replay(deadline(t), url); err != nil || status != http.StatusUnauthorized {
			t.Errorf("a replayed %s: %d, %v", kind, status, err)
		}
		time.Sleep(50 * time.Millisecond) // for what must not come
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.asked) != before || len(s.Requests()) != requests || s.Posted() != shown {
			t.Errorf("a replayed %s did something", kind)
		}
	}
	ask := map[string]func() error{
		"command": func() error {
			_, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"})
			return err
		},
		"button": func() error {
			_, err := s.Press(deadline(t), room, string(id), s.Messages(room)[0].Buttons()[0].CustomID)
			return err
		},
		"typing": func() error {
			_, err := s.Suggest(deadline(t), discordtest.Invocation{Channel: room, Command: "news", Focus: "query", Options: map[string]any{"query": "x"}})
			return err
		},
	}
	for kind, ask := range ask {
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		replayed(kind, url)
		replayed(kind, elsewhere)
	}
	body := ping(s)
	header := s.Sign(body, time.Now())
	deliver(t, url, header, body)
	if status, _ := deliver(t, elsewhere, header.Clone(), body); status != http.StatusUnauthorized {
		t.Errorf("a replayed ping: %d", status)
	}

	shared.mu.Lock()
	shared.fail = true
	shared.mu.Unlock()
	if err := ask["command"](); err != nil {
		t.Errorf("while the store is away: %v", err)
	}
	replayed("command while the store is away", url)
}

// TestEndpointOfNobody: before Run and after it nothing is taken, and a forgery
// is told from that.
func TestEndpointOfNobody(t *testing.T) {
	t.Parallel()
	s, p, url := newEndpoint(t)
	expect := func(when string, want int) {
		t.Helper()
		body := question(s, "201")
		if status, _ := deliver(t, url, s.Sign(body, time.Now()), body); status != want {
			t.Errorf("%s: %d, want %d", when, status, want)
		}
		if status, _ := deliver(t, url, http.Header{}, body); status != http.StatusUnauthorized {
			t.Errorf("%s a forgery is answered with %d", when, status)
		}
	}
	expect("before Run", http.StatusServiceUnavailable)
	stop, ended := start(t, p, &handler{})
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	expect("after Run", http.StatusServiceUnavailable)
}

func TestPublicKey(t *testing.T) {
	for _, key := range []string{"x", strings.Repeat("a", 63), strings.Repeat("a", 66), strings.Repeat("zz", 32)} {
		_, err := discord.New(discord.Options{Token: "t", PublicKey: key})
		if err == nil || !strings.Contains(err.Error(), "64 hexadecimal digits") || strings.Contains(err.Error(), key) && len(key) > 1 {
			t.Errorf("%q: %v", key, err)
		}
	}
	p, err := discord.New(discord.Options{Token: "t"})
	if err != nil || len(p.Endpoints()) != 0 {
		t.Errorf("without a key it has the endpoints %v, %v", p.Endpoints(), err)
	}
}

// TestCheckTellsWhereCommandsGo: one that waits where Discord sends nothing is
// silent, and its operator has to be told.
func TestCheckTellsWhereCommandsGo(t *testing.T) {
	s, p, url := newEndpoint(t)
	start(t, p, &handler{})
	gateway, err := discord.New(discord.Options{Token: s.Token, APIURL: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	wrongKey, err := discord.New(discord.Options{Token: s.Token, APIURL: s.URL(), PublicKey: hex.EncodeToString(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(p *discord.Platform, want ...string) {
		t.Helper()
		got := p.Check(t.Context(), bot.Channel("discord:"))
		if len(got) != len(want) {
			t.Fatalf("Check = %q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("Check = %q, want %q", got, want)
			}
		}
	}
	expect(gateway)
	expect(p, "has no Interactions Endpoint URL: set it")
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	expect(p)
	expect(gateway, "commands go to the Interactions Endpoint URL "+url+" and not over the gateway")
	expect(wrongKey, "discord.public_key is not that")
}

// FuzzEndpoint sends anything at all, signed and unsigned: nothing is taken
// unsigned, and nothing that is signed breaks the bot.
func FuzzEndpoint(f *testing.F) {
	s := discordtest.New(f)
	of := func(rest string) string {
		return fmt.Sprintf(`{"id":"1","application_id":%q,"token":"t",%s}`, s.ApplicationID, rest)
	}
	for _, body := range []string{
		of(`"type":1`),
		of(`"type":2,"channel_id":"5","guild_id":"6","locale":"de","member":{"user":{"id":"7"},"permissions":"32"},"data":{"id":"2","name":"news","type":1,"options":[{"name":"query","type":3,"value":"x"},{"name":"min","type":4,"value":3},{"name":"flag","type":5,"value":true}]}`),
		of(`"type":2,"user":{"id":"7"},"data":{"name":"desk","options":[{"name":"story","type":1,"options":[{"name":"id","type":3,"value":"k3j2"}]}]}`),
		of(`"type":2,"data":{"name":"desk","options":[null]}`),
		of(`"type":4,"data":{"name":"news","options":[null,{"name":"query","focused":true,"value":null,"options":[null]}]}`),
		of(`"type":4,"data":{"name":"desk","options":[{"type":1,"name":"story","options":[null]}]}`),
		of(`"type":3,"member":{},"message":{"id":"8","flags":64,"components":[{"type":1,"components":[{"type":2}]}]},"data":{"custom_id":"nd1:k:why k3j2","component_type":2}`),
		of(`"type":3,"message":{"components":[{"type":99}]},"data":{"custom_id":""}`),
		of(`"type":5,"channel":{"type":-1},"data":{"custom_id":"x","components":[{"type":1,"components":[{"type":4,"custom_id":"a","value":"b"}]}]}`),
		`{}`, `[]`, `null`, ``, `{"type":"x"}`,
	} {
		f.Add([]byte(body), true, "", "")
		f.Add([]byte(body), false, strings.Repeat("00", 64), "1")
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	f.Cleanup(api.Close)
	f.Fuzz(func(t *testing.T, body []byte, sign bool, signature, stamp string) {
		p, err := discord.New(discord.Options{Token: s.Token, ApplicationID: s.ApplicationID, APIURL: api.URL, PublicKey: s.PublicKey()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, &handler{}) }()
		defer func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		h := http.Header{"X-Signature-Ed25519": {signature}, "X-Signature-Timestamp": {stamp}}
		if sign {
			h = s.Sign(body, time.Now())
		}
		var w *httptest.ResponseRecorder
		for end := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) {
			w = httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, discord.InteractionsPath, bytes.NewReader(body))
			r.Header = h
			p.Endpoints()[discord.InteractionsPath].ServeHTTP(w, r)
			if w.Code != http.StatusServiceUnavailable || time.Now().After(end) {
				break
			}
		}
		switch {
		case !sign && w.Code != http.StatusUnauthorized && len(body) <= 1<<20:
			t.Errorf("%q is taken unsigned: %d %s", body, w.Code, w.Body)
		case sign && w.Code >= 500:
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		case w.Code == http.StatusOK && w.Body.String() != `{"type":1}`:
			t.Errorf("%q: %s", body, w.Body)
		}
	})
}
