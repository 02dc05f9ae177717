package discordtest

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const room = "1500000000000000001"

// call makes one request as a bot would.
func call(t *testing.T, s *Server, method, path, body string, change ...func(*http.Request)) (status int, answer map[string]any, h http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/v10"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+s.Token)
	req.Header.Set("User-Agent", "DiscordBot (test, 1)")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
	} else if len(raw) > 0 && raw[0] == '[' {
		var list []any
		json.Unmarshal(raw, &list)
		answer = map[string]any{"list": list}
	}
	return resp.StatusCode, answer, resp.Header
}

const messages = "/channels/" + room + "/messages"

func TestRefusesWhatDiscordRefuses(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	button := func(id string) string { return `{"type":2,"style":2,"label":"l","custom_id":"` + id + `"}` }
	for _, test := range []struct {
		name, body string
		status     int
		code       int
		where      string // in the tree of a malformed form
	}{
		{"plain", `{"content":"x"}`, 200, 0, ""},
		{"limit of content", `{"content":"` + long(2000) + `"}`, 200, 0, ""},
		{"content", `{"content":"` + long(2001) + `"}`, 400, 50035, "content"},
		{"empty", `{"content":" "}`, 400, 50006, ""},
		{"empty embed", `{"embeds":[{"color":1}]}`, 400, 50006, ""},
		{"no JSON", `{`, 400, 50109, ""},
		{"wrong type", `{"content":7}`, 400, 50035, "content"},
		{"unknown field", `{"content":"x","nonsense":1}`, 400, 50035, "nonsense"},
		{"nonce", `{"content":"x","nonce":"` + long(26) + `"}`, 400, 50035, "nonce"},
		{"title", `{"embeds":[{"title":"` + long(257) + `"}]}`, 400, 50035, "embeds"},
		{"emoji count twice", `{"embeds":[{"title":"` + strings.Repeat("😀", 129) + `"}]}`, 400, 50035, "embeds"},
		{"description", `{"embeds":[{"description":"` + long(4097) + `"}]}`, 400, 50035, "embeds"},
		{"field without value", `{"embeds":[{"fields":[{"name":"a","value":" "}]}]}`, 400, 50035, "embeds"},
		{"sum", `{"embeds":[{"description":"` + long(4000) + `"},{"description":"` + long(2001) + `"}]}`, 400, 50035, "embeds"},
		{"embed url", `{"embeds":[{"title":"a","url":"javascript:1"}]}`, 400, 50035, "embeds"},
		{"same custom ids", `{"components":[{"type":1,"components":[` + button("a") + `,` + button("a") + `]}]}`, 400, 50035, "components"},
		{"long custom id", `{"components":[{"type":1,"components":[` + button(long(101)) + `]}]}`, 400, 50035, "components"},
		{"six in a row", `{"components":[{"type":1,"components":[` + button("1") + strings.Repeat(`,`+button("2"), 5) + `]}]}`, 400, 50035, "components"},
		{"link without url", `{"components":[{"type":1,"components":[{"type":2,"style":5,"label":"l"}]}]}`, 400, 50035, "components"},
		{"button alone", `{"components":[` + button("a") + `]}`, 400, 50035, "components"},
		{"answer to nothing", `{"content":"x","message_reference":{"message_id":"5"}}`, 400, 50035, "message_reference"},
		{"mentions of what", `{"content":"x","allowed_mentions":{"parse":["all"]}}`, 400, 50035, "allowed_mentions"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := New(t)
			s.AddChannel(room, Channel{})
			status, answer, _ := call(t, s, "POST", messages, test.body)
			if code, _ := answer["code"].(float64); status != test.status || int(code) != test.code {
				t.Fatalf("%d, %v; want %d, code %d", status, answer, test.status, test.code)
			}
			tree, _ := answer["errors"].(map[string]any)
			if _, ok := tree[test.where]; test.where != "" && !ok {
				t.Errorf("the tree names %v, want %s", tree, test.where)
			}
			if n := len(s.Messages(room)); (n == 1) != (test.status == 200) {
				t.Errorf("%d messages", n)
			}
		})
	}
}

func TestRefusesWhoMayNot(t *testing.T) {
	s := New(t)
	s.AddChannel(room, Channel{})
	want := func(status, code int, path string, change ...func(*http.Request)) {
		t.Helper()
		got, answer, _ := call(t, s, "POST", path, `{"embeds":[{"title":"x"}]}`, change...)
		if c, _ := answer["code"].(float64); got != status || int(c) != code {
			t.Errorf("%d, %v; want %d, code %d", got, answer, status, code)
		}
	}
	want(401, 0, messages, func(r *http.Request) { r.Header.Set("Authorization", "Bot x") })
	want(401, 0, messages, func(r *http.Request) { r.Header.Del("Authorization") })
	want(403, 40333, messages, func(r *http.Request) { r.Header.Set("User-Agent", "curl") })
	want(404, 10003, "/channels/7/messages")
	for _, test := range []struct{ lack, code int }{{SendMessages, 50013}, {EmbedLinks, 50013}, {ViewChannel, 50001}} {
		s.SetPermissions(room, Usual&^int64(test.lack))
		want(403, test.code, messages)
	}
	s.SetPermissions(room, Usual&^ReadMessageHistory)
	want(200, 0, messages)
	if status, answer, _ := call(t, s, "GET", messages, ""); status != 200 || len(answer["list"].([]any)) != 0 {
		t.Errorf("history %d, %v; want an empty one", status, answer)
	}
}

func TestNonces(t *testing.T) {
	s := New(t)
	s.AddChannel(room, Channel{})
	create := func(enforce bool) (int, any) {
		status, answer, _ := call(t, s, "POST", messages, fmt.Sprintf(`{"content":"x","nonce":"n","enforce_nonce":%v}`, enforce))
		return status, answer["id"]
	}
	_, first := create(true)
	if _, second := create(true); second != first || len(s.Messages(room)) != 1 {
		t.Errorf("%v, then %v", first, second)
	}
	if _, third := create(false); third == first || len(s.Messages(room)) != 2 {
		t.Error("without enforce_nonce there is one message")
	}
	s.Delete(room, s.Messages(room)[1].ID)
	if status, _ := create(true); status != 404 {
		t.Errorf("after deletion: %d, want 404", status)
	}
}

func TestKnobs(t *testing.T) {
	s := New(t)
	s.AddChannel(room, Channel{})
	create := func() int { status, _, _ := call(t, s, "POST", messages, `{"content":"x"}`); return status }
	shows := func(n int) {
		t.Helper()
		if got := len(s.Messages(room)); got != n {
			t.Fatalf("%d messages, want %d", got, n)
		}
	}
	s.Drop(1)
	if create() != 0 {
		t.Error("a dropped request was answered")
	}
	shows(0)
	s.LoseAnswer(1)
	if create() != 0 {
		t.Error("a lost answer came")
	}
	shows(1)
	s.LandLate(100 * time.Millisecond)
	if create() != 0 {
		t.Error("a late message was answered")
	}
	shows(1)
	time.Sleep(200 * time.Millisecond)
	shows(2)
	s.Throttle(1, 1500*time.Millisecond, "shared")
	status, answer, h := call(t, s, "POST", messages, `{"content":"x"}`)
	if status != 429 || answer["retry_after"] != 1.5 || h.Get("Retry-After") != "2" || h.Get("X-RateLimit-Scope") != "shared" {
		t.Errorf("%d, %v, %v", status, answer, h)
	}
	s.Refuse(room, 50013)
	if status := create(); status != 403 {
		t.Errorf("refused with %d", status)
	}
	s.Refuse(room, 0)
	if status := create(); status != 200 {
		t.Errorf("no longer refused, and %d", status)
	}
	shows(3)
}

func TestLimits(t *testing.T) {
	s := New(t)
	s.AddChannel(room, Channel{})
	s.Limit(2, time.Minute, 0)
	for i, want := range []int{200, 200, 429} {
		status, _, h := call(t, s, "POST", messages, `{"content":"x"}`)
		if status != want || h.Get("X-RateLimit-Remaining") != fmt.Sprint(max(1-i, 0)) {
			t.Errorf("request %d: %d, %v", i, status, h)
		}
	}
	s.Limit(0, 0, 1)
	call(t, s, "GET", "/users/@me", "")
	if status, answer, _ := call(t, s, "GET", "/users/@me", ""); status != 429 || answer["global"] != true || answer["retry_after"] == nil {
		t.Errorf("%d, %v, want a global limit", status, answer)
	}
}

func TestHistoryPages(t *testing.T) {
	s := New(t)
	s.AddChannel(room, Channel{})
	for i := range 5 {
		s.AddMessage(room, fmt.Sprint(i))
	}
	all := s.Messages(room)
	ids := func(query string) string {
		_, answer, _ := call(t, s, "GET", messages+query, "")
		var out string
		list, _ := answer["list"].([]any)
		for _, m := range list {
			out += m.(map[string]any)["content"].(string)
		}
		return out
	}
	for query, want := range map[string]string{
		"":                                  "43210",
		"?limit=2":                          "43",
		"?limit=2&after=" + all[1].ID:       "32",
		"?limit=2&after=0":                  "10",
		"?limit=100&before=" + all[2].ID:    "10",
		"?limit=101":                        "",
		"?limit=2&after=" + all[4].ID + "0": "",
	} {
		if got := ids(query); got != want {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
	}
}

func TestCommandsAreChecked(t *testing.T) {
	s := New(t)
	path := "/applications/" + s.ApplicationID + "/commands"
	for body, want := range map[string]int{
		`[{"name":"news","description":"d","type":1}]`:                    200,
		`[{"name":"News","description":"d"}]`:                             400,
		`[{"name":"a b","description":"d"}]`:                              400,
		`[{"name":"a","description":""}]`:                                 400,
		`[{"name":"a","description":"d"},{"name":"a","description":"d"}]`: 400,
		`[{"name":"a","description":"d","options":[{"type":1,"name":"b","description":"d"},{"type":3,"name":"c","description":"d"}]}]`:                 400,
		`[{"name":"a","description":"d","options":[{"type":3,"name":"b","description":"d"},{"type":3,"name":"c","description":"d","required":true}]}]`: 400,
	} {
		if status, answer, _ := call(t, s, "PUT", path, body); status != want {
			t.Errorf("%s: %d %v, want %d", body, status, answer, want)
		}
	}
	if commands, writes := s.Commands(); len(commands) != 1 || writes != 1 {
		t.Errorf("%d commands, %d writes", len(commands), writes)
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Invoke(ctx, Invocation{Channel: room, Command: "news"}); err == nil {
		t.Error("answered without a bot")
	}
}

// An announcement is filled by the first follow-up and stays private; one that
// was edited before is left alone, and one that was deleted takes none.
func TestFollowUpToAnAnnouncement(t *testing.T) {
	s := New(t)
	s.AddChannel("77", Channel{})
	webhook := func(i *interaction, method, path, body string) (int, map[string]any) {
		t.Helper()
		status, answer, _ := call(t, s, method, "/webhooks/"+s.ApplicationID+"/"+i.token+path, body)
		return status, answer
	}
	for _, test := range []struct {
		name, method, body string
		status, shown      int
	}{
		{"at once", "", "", 200, 0},
		{"after an edit", "PATCH", `{"content":"soon"}`, 200, 1},
		{"after it was deleted", "DELETE", "", 404, 0},
	} {
		s.mu.Lock()
		i := s.newInteraction(Invocation{Channel: "77", Command: "news"})
		i.sent = time.Now()
		s.interactions[i.id] = i
		before := len(s.channels["77"].messages)
		s.mu.Unlock()
		if status, answer, _ := call(t, s, "POST", "/interactions/"+i.id+"/"+i.token+"/callback", `{"type":5,"data":{"flags":64}}`); status/100 != 2 {
			t.Fatalf("%s: %d %v", test.name, status, answer)
		}
		if test.method != "" {
			if status, answer := webhook(i, test.method, "/messages/@original", test.body); status/100 != 2 {
				t.Fatalf("%s: %d %v", test.name, status, answer)
			}
		}
		if status, answer := webhook(i, "POST", "", `{"content":"for all"}`); status != test.status {
			t.Errorf("%s: a follow-up is answered %d %v, want %d", test.name, status, answer, test.status)
		}
		if n := len(s.Messages("77")) - before; n != test.shown {
			t.Errorf("%s: %d messages are for all to see, want %d", test.name, n, test.shown)
		}
	}
}

// TestEndpointsThatAreRefused: what is not as Discord wants it is not used, and
// one that takes a forgery later is no longer.
func TestEndpointsThatAreRefused(t *testing.T) {
	pong := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"type":1}`)
	}
	for name, h := range map[string]func(w http.ResponseWriter, signed bool){
		"takes everybody":   func(w http.ResponseWriter, _ bool) { pong(w) },
		"takes nobody":      func(w http.ResponseWriter, _ bool) { w.WriteHeader(http.StatusUnauthorized) },
		"says no type":      func(w http.ResponseWriter, signed bool) { answerWith(w, signed, "application/json", `{}`) },
		"says no JSON":      func(w http.ResponseWriter, signed bool) { answerWith(w, signed, "text/plain", `{"type":1}`) },
		"leads elsewhere":   func(w http.ResponseWriter, _ bool) { w.Header().Set("Location", "/"); w.WriteHeader(302) },
		"refuses otherwise": func(w http.ResponseWriter, signed bool) { pongOr(w, signed, http.StatusForbidden, pong) },
	} {
		s := New(t)
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, signedBy(s, r)) }))
		if err := s.SetEndpoint(t.Context(), web.URL); err == nil || s.outgoing.address() != "" {
			t.Errorf("one that %s is used", name)
		}
		web.Close()
	}

	s := New(t)
	s.AddChannel(room, Channel{})
	var careless atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pongOr(w, signedBy(s, r) || careless.Load(), http.StatusUnauthorized, pong)
	}))
	defer web.Close()
	if err := s.SetEndpoint(t.Context(), web.URL); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := call(t, s, "PUT", "/applications/"+s.ApplicationID+"/commands", `[{"name":"news","description":"x","type":1}]`); status != 200 {
		t.Fatal(status)
	}
	if _, err := s.Invoke(t.Context(), Invocation{Channel: room, Command: "news"}); !errors.Is(err, ErrNoReply) || s.outgoing.address() == "" {
		t.Errorf("an answer that is none: %v", err)
	}
	careless.Store(true)
	if _, err := s.Invoke(t.Context(), Invocation{Channel: room, Command: "news"}); err == nil || errors.Is(err, ErrNoReply) || s.outgoing.address() != "" {
		t.Errorf("one that takes a forgery is used on: %v", err)
	}
}

func signedBy(s *Server, r *http.Request) bool {
	body, _ := io.ReadAll(r.Body)
	signature, _ := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	key, _ := hex.DecodeString(s.PublicKey())
	return ed25519.Verify(key, append([]byte(r.Header.Get("X-Signature-Timestamp")), body...), signature)
}

func pongOr(w http.ResponseWriter, signed bool, status int, pong func(http.ResponseWriter)) {
	if signed {
		pong(w)
		return
	}
	w.WriteHeader(status)
}

func answerWith(w http.ResponseWriter, signed bool, kind, body string) {
	pongOr(w, signed, http.StatusUnauthorized, func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, body)
	})
}
