package slacktest

import (
	"encoding/json"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// A spec is what a method takes: docs.slack.dev/reference/methods.
type spec struct {
	arguments []string // beside token
	perMinute int
	serve     func(*Server, url.Values) reply
}

var methods map[string]spec

func init() {
	message := []string{
		"channel", "text", "blocks", "attachments", "metadata", "markdown_text", "link_names", "parse", "reply_broadcast", "as_user",
	}
	history := []string{"channel", "cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"}
	methods = map[string]spec{
		"auth.test":             {nil, 200, (*Server).authTest},
		"auth.revoke":           {[]string{"test"}, 50, (*Server).revoke},
		"apps.connections.open": {nil, 50, (*Server).open},
		"chat.postMessage": {append([]string{
			"thread_ts", "unfurl_links", "unfurl_media", "icon_emoji", "icon_url", "username", "mrkdwn",
		}, message...), 300, nil},
		"chat.update":                  {append([]string{"ts", "file_ids"}, message...), 50, (*Server).update},
		"conversations.history":        {history, 50, (*Server).history},
		"conversations.replies":        {append([]string{"ts"}, history...), 50, (*Server).replies},
		"conversations.info":           {[]string{"channel", "include_locale", "include_num_members"}, 50, (*Server).info},
		"conversations.join":           {[]string{"channel"}, 50, (*Server).join},
		"files.getUploadURLExternal":   {[]string{"filename", "length", "alt_txt", "snippet_type"}, 100, (*Server).uploadURL},
		"files.completeUploadExternal": {[]string{"files", "channel_id", "channels", "thread_ts", "initial_comment", "blocks"}, 100, (*Server).uploaded},
		"users.info":                   {[]string{"user", "include_locale"}, 100, (*Server).userInfo},
		"users.conversations":          {[]string{"user", "types", "limit", "cursor", "exclude_archived", "team_id"}, 50, (*Server).userChannels},
		"chat.postEphemeral":           {[]string{"channel", "user", "text", "blocks", "link_names"}, 50, (*Server).ephemeral},
		"views.open":                   {[]string{"trigger_id", "view"}, 50, (*Server).openView},
		"views.publish":                {[]string{"user_id", "view", "hash"}, 100, (*Server).publish},
		"usergroups.list":              {[]string{"include_count", "include_disabled", "include_users", "team_id"}, 20, (*Server).userGroups},
		"usergroups.users.list":        {[]string{"usergroup", "include_disabled", "team_id"}, 20, (*Server).userGroup},
		"conversations.open":           {[]string{"channel", "users", "return_im", "prevent_creation"}, 50, (*Server).direct},
	}
}

// A reply is the JSON object of an answer.
type reply map[string]any

func refuse(code string) reply { return reply{"ok": false, "error": code} }

// method answers a call of the Web API.
func (s *Server) method(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	sp, known := methods[name]
	s.mu.Lock()
	s.calls[name]++
	latency := s.latency
	s.mu.Unlock()
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-s.ended:
			return
		}
	}
	if r.Method != http.MethodPost {
		http.Error(w, "this server takes POST alone", http.StatusMethodNotAllowed)
		return
	}
	if s.away(w, name) {
		return
	}
	args, token, code := arguments(r, name)
	if name == "oauth.v2.access" && code == "" {
		s.access(w, r, args)
		return
	}
	switch {
	case !known:
		code = "unknown_method"
	case code == "":
		code = s.admit(name, token, r.Header.Get("Authorization") != "")
	}
	if code == "" {
		for arg := range args {
			if arg != "token" && !slices.Contains(sp.arguments, arg) {
				code = "invalid_arg_name"
			}
		}
	}
	team := ""
	if code == "" {
		args.Set("token", token)
		s.set(func() { team = s.tokens[token].team })
	}
	switch {
	case code != "":
		s.answer(w, refuse(code))
	case name == "chat.postMessage":
		s.post(w, args)
	case !s.within(name+" "+team, sp.perMinute, sp.perMinute):
		s.tooMany(w, time.Minute/time.Duration(sp.perMinute))
	default:
		s.mu.Lock()
		a := sp.serve(s, args)
		s.mu.Unlock()
		s.answer(w, a)
	}
}

// arguments reads the form of a request, or the JSON of a view's.
func arguments(r *http.Request, method string) (args url.Values, token, code string) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, "", "request_timeout"
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "application/x-www-form-urlencoded":
		if args, err = url.ParseQuery(string(body)); err != nil {
			return nil, "", "invalid_form_data"
		}
	case kind == "application/json" && strings.HasPrefix(method, "views."):
		var o map[string]json.RawMessage
		if json.Unmarshal(body, &o) != nil {
			return nil, "", "invalid_json"
		}
		args = url.Values{}
		for name, v := range o {
			s := string(v)
			_ = json.Unmarshal(v, &s) // a string stands for itself
			args.Set(name, s)
		}
	case kind == "application/json":
		if args = (url.Values{}); len(body) > 0 {
			return nil, "", "json_not_supported_here"
		}
	default:
		return nil, "", "missing_post_type"
	}
	for name, values := range args {
		if len(values) != 1 {
			return nil, "", "invalid_array_arg"
		}
		if name == "" {
			return nil, "", "invalid_arg_name"
		}
	}
	token = args.Get("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return args, token, ""
}

// admit judges a token.
func (s *Server) admit(method, token string, inHeader bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := method == "apps.connections.open"
	p := s.tokens[token]
	switch {
	case token == "", app && !inHeader:
		return "not_authed"
	case p == nil:
		return "invalid_auth"
	case p.dead != "":
		return p.dead
	case !p.expires.IsZero() && !time.Now().Before(p.expires):
		return "token_expired"
	case app != strings.HasPrefix(token, "xapp-"):
		return "not_allowed_token_type"
	}
	return ""
}

// within takes one request from a limit.
func (s *Server) within(what string, perMinute, burst int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.limits[what]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst)
		s.limits[what] = l
	}
	return l.Allow()
}

// tooMany answers 429 with the wait in whole seconds.
func (s *Server) tooMany(w http.ResponseWriter, d time.Duration) {
	s.set(func() { s.tooFast++ })
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(max(d, time.Second).Seconds()))))
	s.send(w, http.StatusTooManyRequests, refuse("ratelimited"))
}

func (s *Server) answer(w http.ResponseWriter, a reply) { s.send(w, http.StatusOK, a) }

func (s *Server) send(w http.ResponseWriter, status int, a reply) {
	s.mu.Lock()
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.scopes, ","))
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a)
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

const (
	// burst is how many messages a channel takes at once beside one a second.
	burst = 5
	// workspacePerMinute are the several hundred messages that Slack speaks
	// of, with no more than workspaceBurst of them at once.
	workspacePerMinute, workspaceBurst = 300, 6
)

// post answers chat.postMessage, through the knobs.
func (s *Server) post(w http.ResponseWriter, args url.Values) {
	s.mu.Lock()
	dropped, failed, throttled := take(&s.drop), 0, false
	if !dropped && take(&s.fail) {
		failed = s.failWith
	} else if !dropped {
		throttled = take(&s.throttled)
	}
	wait := s.throttle
	s.mu.Unlock()
	switch {
	case dropped:
		cut(w)
		return
	case failed != 0:
		http.Error(w, "<html>Something went wrong</html>", failed)
		return
	case throttled:
		s.tooMany(w, wait)
		return
	}
	s.mu.Lock()
	of := s.caller(args)
	if of.leaves { // while this post is on its way
		s.uninstall(of)
		s.mu.Unlock()
		s.answer(w, refuse("account_inactive"))
		return
	}
	c, m, code, problems := s.judge(args, "chat.postMessage")
	s.mu.Unlock()
	if code != "" {
		s.answer(w, withProblems(code, problems))
		return
	}
	if !s.within("chat.postMessage "+c.id, 60, burst) || !s.within("chat.postMessage in "+of.id, workspacePerMinute, workspaceBurst) {
		s.tooMany(w, time.Second)
		return
	}
	s.mu.Lock()
	if len(s.late) > 0 {
		d := s.late[0]
		s.late = s.late[1:]
		s.mu.Unlock()
		s.wg.Go(func() {
			select {
			case <-time.After(d):
				s.set(func() { s.place(c, m) })
			case <-s.ended:
			}
		})
		cut(w)
		return
	}
	m = s.place(c, m)
	lost := take(&s.lose)
	s.mu.Unlock()
	if lost {
		cut(w)
		return
	}
	s.answer(w, reply{"ok": true, "channel": c.id, "ts": m.TS, "message": m.json(true)})
}

// take counts a knob down.
func take(n *int) bool {
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

// place shows a message. The caller holds mu.
func (s *Server) place(c *channel, m Message) Message {
	m.TS = s.timestamp()
	c.messages = append(c.messages, m)
	return m
}

func withProblems(code string, problems []string) reply {
	a := refuse(code)
	if len(problems) > 0 {
		a["response_metadata"] = map[string]any{"messages": problems}
		a["errors"] = problems
	}
	return a
}

// reach returns the channel of a call. The caller holds mu.
func (s *Server) reach(args url.Values, public, private string) (*channel, reply) {
	c := s.channels[args.Get("channel")]
	if c == nil || c.team != s.caller(args).id || c.private && !c.member {
		return nil, refuse("channel_not_found")
	}
	needed := public
	switch {
	case c.private:
		needed = private
	case c.direct:
		if kind, history := strings.CutSuffix(public, ":history"); history && kind == "channels" {
			needed = "im:history"
		} else if public == "channels:read" {
			needed = "im:read"
		}
	}
	return c, s.need(needed)
}

// need refuses where the token lacks a scope. The caller holds mu.
func (s *Server) need(scope string) reply {
	if slices.Contains(s.scopes, scope) {
		return nil
	}
	a := refuse("missing_scope")
	a["needed"], a["provided"] = scope, strings.Join(s.scopes, ",")
	return a
}

// judge reads the message of chat.postMessage or chat.update. The caller
// holds mu.
func (s *Server) judge(args url.Values, method string) (c *channel, m Message, code string, problems []string) {
	for _, channel := range []string{"", args.Get("channel")} {
		if code := s.refuse[channel]; code != "" {
			return nil, m, code, nil
		}
	}
	c, no := s.reach(args, "chat:write", "chat:write")
	switch {
	case no != nil:
		return nil, m, no["error"].(string), nil
	case c.archived:
		return nil, m, "is_archived", nil
	case !c.member:
		return nil, m, "not_in_channel", nil
	}
	m = Message{team: s.caller(args), Channel: c.id, Text: args.Get("text"), ThreadTS: args.Get("thread_ts")}
	if m.ThreadTS != "" && !slices.ContainsFunc(c.messages, func(o Message) bool { return o.TS == m.ThreadTS && o.ThreadTS == "" }) {
		return nil, m, "thread_not_found", nil
	}
	if blocks, ok := args["blocks"]; ok {
		if m.Blocks, code, problems = checkBlocks(blocks[0], s.readyIn(c.team)); code != "" {
			return nil, m, code, problems
		}
		if s.noBlocks != "" && len(m.Blocks) > 0 {
			return nil, m, s.noBlocks, nil
		}
	}
	if meta, ok := args["metadata"]; ok {
		if m.Metadata, code = checkMetadata(meta[0]); code != "" {
			return nil, m, code, nil
		}
	}
	switch {
	case m.Text == "" && len(m.Blocks) == 0:
		return nil, m, "no_text", nil
	case width(m.Text) > 40000, method == "chat.update" && width(m.Text) > 4000:
		return nil, m, "msg_too_long", nil
	}
	return c, m, "", nil
}

// json is the message as the Web API shows it.
func (m Message) json(metadata bool) map[string]any {
	out := map[string]any{"type": "message", "ts": m.TS, "text": m.Text, "app_id": appID, "blocks": m.Blocks}
	if m.team != nil {
		out["user"], out["bot_id"], out["team"] = m.team.botUser, m.team.botID, m.team.id
	}
	if m.Blocks == nil {
		delete(out, "blocks")
	}
	if m.user != "" {
		out["user"] = m.user
		delete(out, "bot_id")
		delete(out, "app_id")
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Edited {
		out["edited"] = map[string]any{"user": out["user"], "ts": m.TS}
	}
	if metadata && m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	return out
}
