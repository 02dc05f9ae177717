package slack

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// openHTTP makes a platform that hears by its endpoints, and a Slack that knows
// their address.
func openHTTP(t testing.TB) (*Platform, *slacktest.Server) {
	t.Helper()
	p, s := openWith(t, Options{Transport: TransportHTTP, SigningSecret: slacktest.SigningSecret})
	s.DeliverTo(serve(t, p))
	return p, s
}

// serve mounts the endpoints and returns their address.
func serve(t testing.TB, p *Platform) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, h := range p.Endpoints() {
		mux.Handle(path, h)
	}
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	return front.URL
}

// counting answers as echo does, and counts.
func counting(n *atomic.Int64) handle {
	return func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		n.Add(1)
		return echo(ctx, inv)
	}
}

func TestHTTPAnswers(t *testing.T) {
	p, s := openHTTP(t)
	var asked atomic.Int64
	run(t, p, s, 1, counting(&asked))
	m, err := s.Slash(within(t), `"R&D" <b>`)
	if err != nil || !strings.Contains(m.Shown(), `to "R&D" <b>`) {
		t.Fatalf("answer %q, %v", m.Shown(), err)
	}
	if n := s.Calls("response_url"); n != 0 {
		t.Errorf("a quick answer took %d requests beside the acknowledgement", n)
	}
	if m, err = s.Press(within(t), m, "More"); err != nil || !strings.Contains(m.Shown(), `to more`) {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
	if s.Calls("apps.connections.open") != 0 || asked.Load() != 2 {
		t.Errorf("%d sockets were opened, %d questions handled", s.Calls("apps.connections.open"), asked.Load())
	}
}

// TestHTTPLateAndLargeAnswers go to the response_url, once the request is
// acknowledged.
func TestHTTPLateAndLargeAnswers(t *testing.T) {
	p, s := openHTTP(t)
	run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		c := bot.Card{Title: "An answer"}
		if inv.Line == "slow" {
			_ = sleep(ctx, 3500*time.Millisecond)
			return bot.Reply{Card: c, Private: true}, true
		}
		for range 40 {
			c.Sections = append(c.Sections, bot.Section{Lines: []bot.Line{{Text: strings.Repeat("人工智能", 60)}}})
		}
		return bot.Reply{Card: c}, true
	})
	for i, line := range []string{"large", "slow"} {
		if m, err := s.Slash(within(t), line); err != nil || s.Calls("response_url") != i+1 {
			t.Errorf("%s: answer %q, %v after %d requests", line, m.Shown(), err, s.Calls("response_url"))
		}
	}
}

// TestHTTPRefuses: whatever is not Slack's own, fresh and new changes nothing.
func TestHTTPRefuses(t *testing.T) {
	p, s := openHTTP(t)
	var asked atomic.Int64
	run(t, p, s, 1, counting(&asked))
	if _, err := s.Slash(within(t), "x"); err != nil {
		t.Fatal(err)
	}
	good, before := s.LastRequest(), asked.Load()
	sign := func(secret string, at time.Time, r slacktest.Request) slacktest.Request {
		for name, values := range slacktest.Sign(secret, at, r.Body) {
			r.Header[name] = values
		}
		return r
	}
	body := func(b string) slacktest.Request {
		r := good
		r.Header, r.Body = good.Header.Clone(), []byte(b)
		return r
	}
	without := func(name string) slacktest.Request {
		r := body(string(good.Body))
		r.Header.Del(name)
		return r
	}
	with := func(name, value string) slacktest.Request {
		r := body(string(good.Body))
		r.Header.Set(name, value)
		return r
	}
	now, secret := time.Now(), slacktest.SigningSecret
	at := func(path string, r slacktest.Request) slacktest.Request {
		r.URL = strings.Replace(r.URL, PathCommands, path, 1)
		return r
	}
	signature := good.Header.Get("X-Slack-Signature")
	interaction := func(payload string) slacktest.Request {
		return at(PathInteractions, sign(secret, now, body(url.Values{"payload": {payload}}.Encode())))
	}
	for _, test := range []struct {
		name string
		r    slacktest.Request
		want int
	}{
		{"the same again", good, http.StatusUnauthorized},
		{"the same, spelt otherwise", with("X-Slack-Signature", "v0="+strings.ToUpper(signature[3:])), http.StatusUnauthorized},
		{"no signature", without("X-Slack-Signature"), http.StatusUnauthorized},
		{"no time", without("X-Slack-Request-Timestamp"), http.StatusUnauthorized},
		{"no version", with("X-Slack-Signature", signature[3:]), http.StatusUnauthorized},
		{"half a signature", with("X-Slack-Signature", signature[:20]), http.StatusUnauthorized},
		{"no hexadecimal signature", with("X-Slack-Signature", "v0=zz"), http.StatusUnauthorized},
		{"another secret", sign("another", now, body(string(good.Body)+"&a=1")), http.StatusUnauthorized},
		{"another body", body(string(good.Body) + "&a=1"), http.StatusUnauthorized},
		{"another time", with("X-Slack-Request-Timestamp", fmt.Sprint(now.Unix()+1)), http.StatusUnauthorized},
		{"old", sign(secret, now.Add(-301*time.Second), body(string(good.Body))), http.StatusUnauthorized},
		{"of the future", sign(secret, now.Add(302*time.Second), body(string(good.Body))), http.StatusUnauthorized},
		{"no time at all", with("X-Slack-Request-Timestamp", "soon"), http.StatusUnauthorized},
		{"too large", sign(secret, now, body("text="+strings.Repeat("x", 1<<20))), http.StatusRequestEntityTooLarge},
		{"too large, forged", sign("another", now, body("text="+strings.Repeat("x", 1<<20))), http.StatusRequestEntityTooLarge},
		{"no command", sign(secret, now, body("text=hello")), http.StatusBadRequest},
		{"no form", sign(secret, now, body("%zz")), http.StatusBadRequest},
		{"a command as JSON", sign(secret, now, body(`{"command":"/news","channel_id":"C1","user_id":"U1"}`)), http.StatusBadRequest},
		{"no interaction", interaction(`{}`), http.StatusBadRequest},
		{"an empty interaction", interaction(``), http.StatusBadRequest},
		{"null", interaction(`null`), http.StatusBadRequest},
		{"no JSON", interaction(`{"type":"block_actions"`), http.StatusBadRequest},
		{"a list", interaction(`[1]`), http.StatusBadRequest},
		{"no event", at(PathEvents, sign(secret, now, body(`{"challenge":"x"}`))), http.StatusBadRequest},
		{"an event that is no JSON", at(PathEvents, sign(secret, now, body(`type=url_verification&challenge=x`))), http.StatusBadRequest},
		{"a forged challenge", at(PathEvents, sign("another", now, body(`{"type":"url_verification","challenge":"x"}`))), http.StatusUnauthorized},
		// Genuine, and of a kind that the bot does not know.
		{"an action of nothing", interaction(`{"type":"block_actions","user":{"id":"U1"},"actions":[null]}`), http.StatusOK},
		{"a shortcut", interaction(`{"type":"shortcut","user":{"id":"U1"}}`), http.StatusOK},
		{"a new kind of event", at(PathEvents, sign(secret, now, body(`{"type":"event_callback","event":{"type":"of_tomorrow"}}`))), http.StatusOK},
		{"a limit", at(PathEvents, sign(secret, now, body(`{"type":"app_rate_limited","minute_rate_limited":1}`))), http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, err := s.Send(within(t), test.r)
			if err != nil || status != test.want {
				t.Errorf("HTTP %d, %v, want %d", status, err, test.want)
			}
		})
	}
	if n := asked.Load() - before; n != 0 {
		t.Errorf("%d of these reached the bot", n)
	}
	// The same words again are another question: nothing was worn out.
	if status, err := s.Send(within(t), sign(secret, now.Add(time.Second), body(string(good.Body)))); err != nil || status != http.StatusOK || asked.Load() != before+1 {
		t.Errorf("HTTP %d, %v, after %d questions", status, err, asked.Load())
	}
}

func TestHTTPMethods(t *testing.T) {
	p, s := openHTTP(t)
	run(t, p, s, 1, echo)
	if err := s.Verify(within(t)); err != nil {
		t.Error(err)
	}
	front := serve(t, p)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, PathCommands + "?ssl_check=1&token=x", "", http.StatusOK},
		{http.MethodPost, PathCommands, "ssl_check=1&token=x", http.StatusOK},
		{http.MethodGet, PathCommands, "", http.StatusMethodNotAllowed},
		{http.MethodGet, PathEvents + "?ssl_check=1", "", http.StatusMethodNotAllowed},
		{http.MethodPut, PathInteractions, "", http.StatusMethodNotAllowed},
		{http.MethodPost, PathInteractions, "ssl_check=1", http.StatusUnauthorized},
		{http.MethodPost, PathCommands, "ssl_check=1&pad=" + strings.Repeat("x", checkMax), http.StatusUnauthorized},
		{http.MethodPost, PathCommands, "command=%2Fnews&channel_id=C1&user_id=U1", http.StatusUnauthorized},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, front+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("%s %s %.30q = %d, want %d", test.method, test.path, test.body, resp.StatusCode, test.want)
		}
		if test.want == http.StatusMethodNotAllowed && resp.Header.Get("Allow") != http.MethodPost {
			t.Errorf("%s %s allows %q", test.method, test.path, resp.Header.Get("Allow"))
		}
	}
}

// TestHTTPEventIsRepeatedUntilAcknowledged: a bot that starts is told of what
// happened meanwhile.
func TestHTTPEventIsRepeatedUntilAcknowledged(t *testing.T) {
	p, s := openHTTP(t)
	event := map[string]any{"type": "app_mention", "user": "U1", "text": "hi", "ts": "1.000001", "channel": "C1", "event_ts": "1.000001"}
	if err := s.Event(within(t), event); err == nil || s.LastRequest().Header.Get("X-Slack-Retry-Num") != "3" {
		t.Errorf("before Run: %v, retry %q", err, s.LastRequest().Header.Get("X-Slack-Retry-Num"))
	}
	run(t, p, s, 1, echo)
	if err := s.Event(within(t), event); err != nil || s.LastRequest().Header.Get("X-Slack-Retry-Num") != "" {
		t.Errorf("%v, retry %q", err, s.LastRequest().Header.Get("X-Slack-Retry-Num"))
	}
}

// TestHTTPRedeliveryHasTheSameID: what comes by another replica, or again with a
// signature of its own, is known by its ID.
func TestHTTPRedeliveryHasTheSameID(t *testing.T) {
	p, s := openHTTP(t)
	ids := make(chan string, 9)
	run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		ids <- inv.ID
		return echo(ctx, inv)
	})
	for _, ask := range []func(context.Context) (slacktest.Message, error){
		func(ctx context.Context) (slacktest.Message, error) { return s.Slash(ctx, "x") }, s.Again,
	} {
		if _, err := ask(within(t)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := <-ids, <-ids; a != b || a == "" {
		t.Errorf("one question has the IDs %q and %q", a, b)
	}
}

func TestHTTPBeforeAndAfterRun(t *testing.T) {
	p, s := openHTTP(t)
	if m, err := s.Slash(within(t), "early"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
	began := make(chan struct{})
	ended, stop := run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		close(began)
		_ = sleep(ctx, 400*time.Millisecond)
		return echo(ctx, inv)
	})
	go func() {
		<-began
		stop()
	}()
	if m, err := s.Slash(within(t), "last"); err != nil {
		t.Errorf("what was under way got %q, %v", m.Shown(), err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	ended <- nil
	if m, err := s.Slash(within(t), "late"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
}

// TestHTTPNobodyWaits: an answer that Slack does not wait for any more is not
// taken for given, so that it goes to the response_url.
func TestHTTPNobodyWaits(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	a := &acknowledgement{w: httptest.NewRecorder(), request: gone, done: make(chan struct{})}
	leave()
	if err := a.ack(t.Context(), answer{Text: "late"}); err == nil {
		t.Error("given to who has gone")
	}
	w := httptest.NewRecorder()
	a = &acknowledgement{w: w, request: t.Context(), done: make(chan struct{})}
	if err := a.ack(t.Context(), answer{Text: strings.Repeat("x", 20<<10)}); err == nil || w.Body.Len() > 0 {
		t.Errorf("too large, and given: %v", err)
	}
	if err := a.ack(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := a.ack(t.Context(), answer{Text: "twice"}); err == nil || w.Body.Len() > 0 {
		t.Errorf("given twice: %v", err)
	}
	if err := a.wait(); err != nil {
		t.Error(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		a := &acknowledgement{w: w, request: t.Context(), done: make(chan struct{})}
		began := time.Now()
		if err := a.wait(); err == nil || time.Since(began) != 3*time.Second {
			t.Errorf("waits %s, %v", time.Since(began), err)
		}
		if err := a.ack(t.Context(), answer{Text: "late"}); err == nil || w.Body.Len() > 0 {
			t.Errorf("given after that: %v", err)
		}
	})
}

func TestNoEndpointsForSockets(t *testing.T) {
	p, _ := open(t)
	if es := p.Endpoints(); len(es) != 0 {
		t.Errorf("%v", es)
	}
}

// TestSignaturesAreForgotten, but for as long as they are fresh.
func TestSignaturesAreForgotten(t *testing.T) {
	var s signatures
	at := time.Now()
	one, two, three := [32]byte{1}, [32]byte{2}, [32]byte{3}
	for _, step := range []struct {
		after     time.Duration
		signature [32]byte
		first     bool
	}{
		{0, one, true}, {0, one, false}, {2 * freshness, two, true}, {2 * freshness, one, false},
		{2*freshness + 1, three, true}, {4 * freshness, two, false}, {4 * freshness, three, false}, {4*freshness + 2, one, true},
	} {
		if got := s.first(step.signature, at.Add(step.after)); got != step.first {
			t.Errorf("signature %d after %s: first %v", step.signature[0], step.after, got)
		}
	}
}

// FuzzEndpoints: no request makes them fail, and none that is not signed
// reaches the bot.
func FuzzEndpoints(f *testing.F) {
	command := "command=%2Fnews&text=x&channel_id=C1&user_id=U1&team_id=T1&trigger_id=1"
	press := `{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"type":"button","action_id":"nd1:0","value":"top"}]}`
	for _, path := range []string{PathCommands, PathInteractions, PathEvents} {
		for _, signed := range []bool{true, false} {
			for _, body := range []string{
				"", command, "ssl_check=1", "payload=" + url.QueryEscape(press), "payload=null", press,
				`payload={"type":"block_suggestion","user":{"id":"U1"},"action_id":"nd1:menu::query","value":"d"}`,
				`{"type":"url_verification","challenge":"x"}`, `{"type":"event_callback","event":{"type":"app_mention"}}`, `{"type":"event_callback"}`,
			} {
				f.Add(path, body, signed)
			}
		}
	}
	p, err := New(Options{BotToken: slacktest.BotToken, Transport: TransportHTTP, SigningSecret: slacktest.SigningSecret, Commands: bot.Table(), APIURL: "http://127.0.0.1:1/"})
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	var asked atomic.Int64
	go func() {
		ended <- p.Run(ctx, handle(func(context.Context, bot.Invocation) (bot.Reply, bool) {
			asked.Add(1)
			return bot.Reply{}, false
		}))
	}()
	f.Cleanup(func() { cancel(); <-ended })
	for p.receiver.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	endpoints := p.Endpoints()
	f.Fuzz(func(t *testing.T, path, body string, signed bool) {
		h := endpoints[path]
		if h == nil {
			return
		}
		before := asked.Load()
		r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader([]byte(body)))
		if signed {
			r.Header = slacktest.Sign(slacktest.SigningSecret, time.Now(), []byte(body))
		} else {
			r.Header = slacktest.Sign("another", time.Now(), []byte(body))
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case !signed && (w.Code != http.StatusUnauthorized || asked.Load() != before):
			t.Errorf("a forged request is answered with HTTP %d", w.Code)
		case signed && w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusUnauthorized: // the same within a second
			t.Errorf("HTTP %d", w.Code)
		}
	})
}
