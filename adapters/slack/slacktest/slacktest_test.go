package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// call makes a request as a bot does and returns what came back.
func call(t *testing.T, s *Server, method string, args ...string) (status int, header http.Header, answer map[string]any) {
	t.Helper()
	form := url.Values{"token": {BotToken}}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	resp, err := http.PostForm(s.URL()+method, form)
	if err != nil {
		return 0, nil, nil
	}
	defer resp.Body.Close()
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, resp.Header, answer
}

const section = `[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`

func TestMethodsRefuse(t *testing.T) {
	long := strings.Repeat("x", 3001)
	for _, test := range []struct {
		name, method string
		args         []string
		knob         func(*Server)
		want         string // the error; "" for none
	}{
		{"post", "chat.postMessage", []string{"channel", Channel, "text", "x"}, nil, ""},
		{"no token", "auth.test", []string{"token", ""}, nil, "not_authed"},
		{"unknown token", "auth.test", []string{"token", "xoxb-other"}, nil, "invalid_auth"},
		{"app token for the bot", "auth.test", []string{"token", AppToken}, nil, "not_allowed_token_type"},
		{"revoked", "auth.test", nil, func(s *Server) { s.Revoke(BotToken) }, "token_revoked"},
		{"app token in the form", "apps.connections.open", []string{"token", AppToken}, nil, "not_authed"},
		{"unknown method", "chat.shout", nil, nil, "unknown_method"},
		{"unknown argument", "chat.postMessage", []string{"channel", Channel, "text", "x", "client_msg_id", "1"}, nil, "invalid_arg_name"},
		{"unknown channel", "chat.postMessage", []string{"channel", "C0NOWHERE", "text", "x"}, nil, "channel_not_found"},
		{"by name", "chat.postMessage", []string{"channel", "#news", "text", "x"}, nil, "channel_not_found"},
		{"not in it", "chat.postMessage", []string{"channel", Open, "text", "x"}, nil, "not_in_channel"},
		{"private and not in it", "chat.postMessage", []string{"channel", Foreign, "text", "x"}, nil, "channel_not_found"},
		{"archived", "chat.postMessage", []string{"channel", Archived, "text", "x"}, nil, "is_archived"},
		{"archived later", "chat.postMessage", []string{"channel", Channel, "text", "x"}, func(s *Server) { s.Archive(Channel) }, "is_archived"},
		{"scope", "chat.postMessage", []string{"channel", Channel, "text", "x"}, func(s *Server) { s.RemoveScope("chat:write") }, "missing_scope"},
		{"told so", "chat.postMessage", []string{"channel", Channel, "text", "x"}, func(s *Server) { s.Refuse(Channel, "restricted_action") }, "restricted_action"},
		{"told so elsewhere", "chat.postMessage", []string{"channel", Channel, "text", "x"}, func(s *Server) { s.Refuse(Open, "restricted_action") }, ""},
		{"empty", "chat.postMessage", []string{"channel", Channel}, nil, "no_text"},
		{"no such thread", "chat.postMessage", []string{"channel", Channel, "text", "x", "thread_ts", "1.000001"}, nil, "thread_not_found"},
		{"long text", "chat.postMessage", []string{"channel", Channel, "text", strings.Repeat(long, 14)}, nil, "msg_too_long"},
		{"metadata", "chat.postMessage", []string{"channel", Channel, "text", "x", "metadata", "{"}, nil, "invalid_metadata_format"},
		{"metadata without a payload", "chat.postMessage", []string{"channel", Channel, "text", "x", "metadata", `{"event_type":"a"}`}, nil, "invalid_metadata_schema"},
		{"large metadata", "chat.postMessage", []string{"channel", Channel, "text", "x", "metadata", `{"event_type":"a","event_payload":{"b":"` + long + long + `"}}`}, nil, "metadata_too_large"},
		{"blocks", "chat.postMessage", []string{"channel", Channel, "blocks", section}, nil, ""},
		{"no blocks", "chat.postMessage", []string{"channel", Channel, "blocks", "{"}, nil, "invalid_blocks_format"},
		{"update of nothing", "chat.update", []string{"channel", Channel, "ts", "1.000001", "text", "x"}, nil, "message_not_found"},
		{"long update", "chat.update", []string{"channel", Channel, "ts", "1.000001", "text", long + long}, nil, "msg_too_long"},
		{"history without scope", "conversations.history", []string{"channel", Channel}, func(s *Server) { s.RemoveScope("channels:history") }, "missing_scope"},
		{"private history without scope", "conversations.history", []string{"channel", Private}, func(s *Server) { s.RemoveScope("groups:history") }, "missing_scope"},
		{"history from outside", "conversations.history", []string{"channel", Open}, nil, "not_in_channel"},
		{"limit", "conversations.history", []string{"channel", Channel, "limit", "1000"}, nil, "invalid_limit"},
		{"join private", "conversations.join", []string{"channel", Private}, nil, "method_not_supported_for_channel_type"},
		{"join", "conversations.join", []string{"channel", Open}, nil, ""},
		{"info", "conversations.info", []string{"channel", Open}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := New(t)
			if test.knob != nil {
				test.knob(s)
			}
			status, _, got := call(t, s, test.method, test.args...)
			code, _ := got["error"].(string)
			if status != 200 || code != test.want || got["ok"] != (test.want == "") {
				t.Errorf("HTTP %d %v, want %q", status, got, test.want)
			}
		})
	}
}

func TestBlocksRefuse(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	plain := func(s string) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, s) }
	button := func(s string) string { return `{"type":"actions","elements":[` + s + `]}` }
	list := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	for _, test := range []struct{ name, blocks, want, at string }{
		{"good", `{"type":"header","text":` + plain(x(150)) + `},{"type":"divider"}`, "", ""},
		{"header", `{"type":"header","text":` + plain(x(151)) + `}`, "must be less than 151 characters", "/blocks/0/text/text"},
		{"header of mrkdwn", `{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "must be one of: plain_text", "/blocks/0/text/type"},
		{"section", `{"type":"section","text":` + plain(x(3001)) + `}`, "must be less than 3001 characters", "/blocks/0/text/text"},
		{"section in UTF-16", `{"type":"section","text":` + plain(strings.Repeat("👍", 1501)) + `}`, "must be less than 3001 characters", "/blocks/0/text/text"},
		{"empty text", `{"type":"section","text":` + plain("") + `}`, "must be more than 0 characters", "/blocks/0/text/text"},
		{"empty section", `{"type":"section"}`, "missing required field", "/blocks/0"},
		{"fields", `{"type":"section","fields":[` + list(plain("x"), 11) + `]}`, "no more than 10 items allowed", "/blocks/0/fields"},
		{"field", `{"type":"section","fields":[` + plain(x(2001)) + `]}`, "must be less than 2001", "/blocks/0/fields/0/text"},
		{"context", `{"type":"context","elements":[` + list(plain("x"), 11) + `]}`, "no more than 10 items allowed", "/blocks/0/elements"},
		{"empty actions", button(""), "must provide at least 1 item", "/blocks/0/elements"},
		{"actions", button(list(`{"type":"button","text":`+plain("x")+`}`, 26)), "no more than 25 items allowed", "/blocks/0/elements"},
		{"button text", button(`{"type":"button","text":` + plain(x(76)) + `}`), "must be less than 76", "/blocks/0/elements/0/text/text"},
		{"button value", button(`{"type":"button","text":` + plain("x") + `,"value":"` + x(2001) + `"}`), "must be less than 2001", "/blocks/0/elements/0/value"},
		{"button url", button(`{"type":"button","text":` + plain("x") + `,"url":"https://a.example/` + x(3000) + `"}`), "must be less than 3001", "/blocks/0/elements/0/url"},
		{"button script", button(`{"type":"button","text":` + plain("x") + `,"url":"javascript:a"}`), "invalid url", "/blocks/0/elements/0/url"},
		{"same action", button(list(`{"type":"button","action_id":"a","text":`+plain("x")+`}`, 2)), "action_id already exists", "/blocks/0/elements/1/action_id"},
		{"style", button(`{"type":"button","style":"red","text":` + plain("x") + `}`), "value must be one of", "/blocks/0/elements/0/style"},
		{"block id", `{"type":"divider","block_id":"` + x(256) + `"}`, "must be less than 256", "/blocks/0/block_id"},
		{"same block id", list(`{"type":"divider","block_id":"a"}`, 2), "block_id already exists", "/blocks/1/block_id"},
		{"blocks", list(`{"type":"divider"}`, 51), "no more than 50 items allowed", "/blocks"},
		{"unknown block", `{"type":"marquee"}`, "unsupported type: marquee", "/blocks/0/type"},
		{"unknown property", `{"type":"divider","colour":"red"}`, "invalid additional property: colour", "/blocks/0"},
		{"emoji of mrkdwn", `{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "invalid additional property: emoji", "/blocks/0/text"},
		{"picture", `{"type":"image","image_url":"https://a.invalid/x.png","alt_text":"x"}`, "downloading image failed", "/blocks/0/image_url"},
		{"no alt text", `{"type":"image","image_url":"https://a.example/x.png"}`, "alt_text", "/blocks/0/alt_text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, code, problems := checkBlocks("["+test.blocks+"]", nil)
			if test.want == "" {
				if code != "" {
					t.Errorf("refused: %s %q", code, problems)
				}
				return
			}
			all := strings.Join(problems, "\n")
			if code != "invalid_blocks" || !strings.Contains(all, test.want) || !strings.Contains(all, "[json-pointer:"+test.at) {
				t.Errorf("got %s %q, want %q at %s", code, problems, test.want, test.at)
			}
		})
	}
	five := "[" + list(`{"type":"section","text":`+plain(x(2900))+`}`, 5) + "]"
	if _, code, _ := checkBlocks(five, nil); code != "msg_blocks_too_long" {
		t.Errorf("14,500 characters: %q", code)
	}
}

func TestKnobs(t *testing.T) {
	s := New(t)
	say := func(text string) (int, http.Header, map[string]any) {
		return call(t, s, "chat.postMessage", "channel", Channel, "text", text)
	}
	s.Throttle(1, 1500*time.Millisecond)
	if status, h, _ := say("throttled"); status != 429 || h.Get("Retry-After") != "2" {
		t.Errorf("HTTP %d, Retry-After %q", status, h.Get("Retry-After"))
	}
	s.Drop(1)
	if status, _, _ := say("dropped"); status != 0 {
		t.Errorf("dropped: HTTP %d", status)
	}
	s.Fail(1, 502)
	if status, _, _ := say("failed"); status != 502 {
		t.Errorf("failed: HTTP %d", status)
	}
	s.LoseAnswer(1)
	if status, _, _ := say("lost"); status != 0 {
		t.Errorf("lost: HTTP %d", status)
	}
	s.LandLate(50 * time.Millisecond)
	if status, _, _ := say("late"); status != 0 {
		t.Errorf("late: HTTP %d", status)
	}
	if ms := s.Messages(Channel); len(ms) != 1 || ms[0].Text != "lost" {
		t.Errorf("shown: %+v", ms)
	}
	time.Sleep(150 * time.Millisecond)
	if ms := s.Messages(Channel); len(ms) != 2 || ms[1].Text != "late" || ms[1].TS <= ms[0].TS {
		t.Errorf("shown: %+v", ms)
	}
	begun := time.Now()
	s.Latency(100 * time.Millisecond)
	if status, _, _ := say("slow"); status != 200 || time.Since(begun) < 100*time.Millisecond {
		t.Errorf("HTTP %d after %s", status, time.Since(begun))
	}
	if n := s.Calls("chat.postMessage"); n != 6 {
		t.Errorf("%d calls", n)
	}
}

func TestLimitPerChannel(t *testing.T) {
	s := New(t)
	for i := range burst {
		if status, _, _ := call(t, s, "chat.postMessage", "channel", Channel, "text", "x"); status != 200 {
			t.Fatalf("message %d: HTTP %d", i, status)
		}
	}
	if status, h, _ := call(t, s, "chat.postMessage", "channel", Channel, "text", "x"); status != 429 || h.Get("Retry-After") != "1" {
		t.Errorf("HTTP %d, Retry-After %q", status, h.Get("Retry-After"))
	}
	for i := burst; i <= workspaceBurst; i++ {
		want := http.StatusOK
		if i == workspaceBurst {
			want = http.StatusTooManyRequests // of the whole workspace
		}
		if status, _, _ := call(t, s, "chat.postMessage", "channel", Private, "text", "x"); status != want {
			t.Errorf("message %d, to another channel: HTTP %d, want %d", i, status, want)
		}
	}
	if n := s.TooFast(); n != 2 {
		t.Errorf("%d requests exceeded the limits, want 2", n)
	}
}

func TestHistory(t *testing.T) {
	s := New(t)
	var ts []string
	for _, text := range []string{"a", "b", "c"} {
		_, _, m := call(t, s, "chat.postMessage", "channel", Channel, "text", text, "metadata", `{"event_type":"e","event_payload":{"k":"v"}}`)
		ts = append(ts, m["ts"].(string))
	}
	call(t, s, "chat.postMessage", "channel", Channel, "text", "in the thread", "thread_ts", ts[0])
	texts := func(method string, args ...string) (out []string, answer map[string]any) {
		_, _, answer = call(t, s, method, append([]string{"channel", Channel}, args...)...)
		messages, _ := answer["messages"].([]any)
		for _, m := range messages {
			out = append(out, m.(map[string]any)["text"].(string))
		}
		return out, answer
	}
	for _, test := range []struct {
		name   string
		method string
		args   []string
		want   string
	}{
		{"newest first, no threads", "conversations.history", nil, "[c b a]"},
		{"oldest", "conversations.history", []string{"oldest", ts[1]}, "[c]"},
		{"oldest inclusive", "conversations.history", []string{"oldest", ts[1], "inclusive", "1"}, "[c b]"},
		{"limit", "conversations.history", []string{"limit", "2"}, "[c b]"},
		{"cursor", "conversations.history", []string{"limit", "2", "cursor", "2"}, "[a]"},
		{"thread", "conversations.replies", []string{"ts", ts[0]}, "[a in the thread]"},
	} {
		if got, _ := texts(test.method, test.args...); fmt.Sprint(got) != test.want {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
	}
	has := func(answer map[string]any) bool {
		return answer["messages"].([]any)[0].(map[string]any)["metadata"] != nil
	}
	_, without := texts("conversations.history")
	_, with := texts("conversations.history", "include_all_metadata", "1")
	if has(without) || !has(with) {
		t.Error("metadata is shown where it was asked for, and only there")
	}
}

// dial opens a socket as a client does.
func dial(t *testing.T, s *Server) (address string, conn *websocket.Conn) {
	t.Helper()
	req, _ := http.NewRequest(http.MethodPost, s.URL()+"apps.connections.open", nil)
	req.Header.Set("Authorization", "Bearer "+AppToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var opened struct {
		OK  bool   `json:"ok"`
		URL string `json:"url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&opened); err != nil || !opened.OK {
		t.Fatalf("%+v, %v", opened, err)
	}
	conn, _, err = websocket.DefaultDialer.Dial(opened.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return opened.URL, conn
}

func frame(t *testing.T, conn *websocket.Conn) map[string]any {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var f map[string]any
	if err := conn.ReadJSON(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFramesLookLikeSlacks holds ours against samples of Slack's own.
func TestFramesLookLikeSlacks(t *testing.T) {
	const file = "../../../../shared/data/slack-socket-envelopes.json"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("NOT TESTED: Slack's sample frames are not there, so ours are not held against them: %v", err)
	}
	var samples []map[string]any
	if err := json.Unmarshal(raw, &samples); err != nil {
		t.Fatal(err)
	}
	s := New(t)
	_, conn := dial(t, s)
	ours := map[string]map[string]any{}
	keep := func() map[string]any {
		f := frame(t, conn)
		ours[f["type"].(string)] = f
		return f
	}
	keep() // hello
	ack := func(f map[string]any) {
		if err := conn.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	go s.Slash(ctx, "x")
	ack(keep())
	go s.Event(ctx, map[string]any{"type": "app_mention"})
	ack(keep())
	go s.Press(ctx, Message{Channel: Channel, TS: "1.000001", Blocks: []any{map[string]any{"type": "actions", "elements": []any{
		map[string]any{"type": "button", "action_id": "a", "value": "b", "text": map[string]any{"type": "plain_text", "text": "c"}},
	}}}}, "a")
	ack(keep())
	s.Disconnect("refresh_requested")
	keep()
	for _, sample := range samples {
		kind := sample["type"].(string)
		f := ours[kind]
		if f == nil {
			t.Errorf("no frame of type %s was sent", kind)
			continue
		}
		// What an event or a shortcut is about differs from sample to sample.
		if p, ok := sample["payload"].(map[string]any); ok {
			for _, name := range []string{"event", "callback_id"} {
				delete(p, name)
			}
		}
		like(t, kind, f, sample)
	}
}

// like checks that what the sample has is there, with the same type.
func like(t *testing.T, at string, got, sample any) {
	t.Helper()
	if reflect.TypeOf(got) != reflect.TypeOf(sample) {
		t.Errorf("%s is a %T, Slack's a %T", at, got, sample)
		return
	}
	if o, ok := sample.(map[string]any); ok {
		for name, v := range o {
			mine, has := got.(map[string]any)[name]
			if !has {
				t.Errorf("%s.%s is missing", at, name)
				continue
			}
			like(t, at+"."+name, mine, v)
		}
	}
}

func TestSocketRules(t *testing.T) {
	s := New(t)
	address, conn := dial(t, s)
	if _, resp, err := websocket.DefaultDialer.Dial(address, nil); err == nil || resp.StatusCode != 403 {
		t.Error("a ticket was good for two")
	}
	if f := frame(t, conn); f["type"] != "hello" {
		t.Errorf("first frame %v", f)
	}
	for range socketsMax - 1 {
		_, c := dial(t, s)
		frame(t, c)
	}
	_, eleventh := dial(t, s)
	if f := frame(t, eleventh); f["reason"] != "too_many_websockets" {
		t.Errorf("the eleventh socket got %v", f)
	}
}

// TestEachQuestionGoesToOneSocket, in turn.
func TestEachQuestionGoesToOneSocket(t *testing.T) {
	s := New(t)
	got := make(chan int, 16)
	for i := range 2 {
		_, conn := dial(t, s)
		go func() {
			for {
				var f map[string]any
				if conn.ReadJSON(&f) != nil {
					return
				}
				if f["type"] == "slash_commands" {
					got <- i
					_ = conn.WriteJSON(map[string]any{"envelope_id": f["envelope_id"], "payload": map[string]any{"text": "yes", "response_type": "ephemeral"}})
				}
			}
		}()
	}
	if err := s.Connected(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for range 4 {
		m, err := s.Slash(t.Context(), "x")
		if err != nil || m.Text != "yes" || !m.Private {
			t.Fatalf("%+v, %v", m, err)
		}
		seen[<-got]++
	}
	if seen[0] != 2 || seen[1] != 2 {
		t.Errorf("by socket: %v", seen)
	}
}

func TestUnacknowledgedEventIsRedelivered(t *testing.T) {
	s := New(t)
	_, conn := dial(t, s)
	frame(t, conn)
	done := make(chan error, 1)
	go func() { done <- s.Event(t.Context(), map[string]any{"type": "x"}) }()
	if f := frame(t, conn); f["retry_attempt"] != 0.0 {
		t.Errorf("first %v", f)
	}
	f := frame(t, conn) // after ackMax
	if f["retry_attempt"] != 1.0 || f["retry_reason"] != "timeout" {
		t.Errorf("second %v", f)
	}
	_ = conn.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]})
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNobodyConnected(t *testing.T) {
	s := New(t)
	if _, err := s.Slash(t.Context(), "x"); err == nil {
		t.Error("answered by nobody")
	}
}

func TestResponseURL(t *testing.T) {
	s := New(t)
	s.mu.Lock()
	address := s.newURL(Channel, "")
	s.mu.Unlock()
	send := func(body string) int {
		resp, err := http.Post(address, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, bad := range []string{`{`, `{}`, `{"text":"x","colour":"red"}`, `{"text":"x","response_type":"loud"}`} {
		if got := send(bad); got != 400 {
			t.Errorf("%s: HTTP %d", bad, got)
		}
	}
	if got := send(`{"text":"first","response_type":"in_channel"}`); got != 200 {
		t.Errorf("HTTP %d", got)
	}
	if got := send(`{"text":"sixth"}`); got != 404 {
		t.Errorf("a URL of five uses was used a sixth time: HTTP %d", got)
	}
	if ms := s.Messages(Channel); len(ms) != 1 || ms[0].Text != "first" || !ms[0].Answer {
		t.Errorf("shown: %+v", ms)
	}
}

// TestFaults: an answer where none is taken would be lost without a word.
func TestFaults(t *testing.T) {
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, conn := dial(t, s)
	frame(t, conn)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	go s.Event(ctx, map[string]any{"type": "x"})
	f := frame(t, conn)
	_ = conn.WriteJSON(map[string]any{"envelope_id": f["envelope_id"], "payload": map[string]any{"text": "x"}})
	_ = conn.WriteJSON(map[string]any{"hello": "there"})
	for deadline := time.Now().Add(5 * time.Second); len(s.Faults()) < 2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("faults: %q", s.Faults())
		}
	}
}
