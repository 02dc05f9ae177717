package discordtest

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// bodyMax is the largest request: 25 MiB.
const bodyMax = 25 << 20

// An endpoint answers one kind of request with a status and a body, or a
// refusal. A nil body is 204.
type endpoint func(r *http.Request, body []byte) (any, *refusal)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	bot := func(pattern string, e endpoint) { mux.HandleFunc(pattern, s.serve(e, true)) }
	open := func(pattern string, e endpoint) { mux.HandleFunc(pattern, s.serve(e, false)) }
	bot("GET /users/@me", s.getMe)
	bot("POST /users/@me/channels", s.openDirect)
	bot("GET /applications/@me", s.getApplication)
	bot("GET /gateway/bot", s.getGatewayBot)
	open("GET /gateway", s.getGateway)
	bot("GET /channels/{channel}", s.getChannel)
	bot("GET /channels/{channel}/messages", s.getMessages)
	mux.HandleFunc("POST /channels/{channel}/messages", s.createMessage)
	bot("GET /channels/{channel}/messages/{message}", s.getMessage)
	bot("PATCH /channels/{channel}/messages/{message}", s.editMessage)
	bot("DELETE /channels/{channel}/messages/{message}", s.deleteMessage)
	bot("GET /guilds/{guild}", s.getGuild)
	bot("GET /guilds/{guild}/roles", s.getRoles)
	bot("GET /guilds/{guild}/members/{user}", s.getMember)
	for _, place := range []string{"/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"} {
		bot("GET "+place, s.getCommands)
		bot("PUT "+place, s.putCommands)
		bot("POST "+place, s.postCommand)
		bot("PATCH "+place+"/{command}", s.patchCommand)
		bot("DELETE "+place+"/{command}", s.deleteCommand)
	}
	bot("GET /guilds/{guild}/threads/active", s.getActiveThreads)
	bot("GET /channels/{channel}/threads/archived/public", s.getArchivedThreads)
	mux.HandleFunc("POST /channels/{channel}/threads", s.createThread)
	mux.HandleFunc("POST /channels/{channel}/messages/{message}/crosspost", s.crosspost)
	open("POST /interactions/{interaction}/{token}/callback", s.postCallback)
	open("POST /webhooks/{application}/{token}", s.postFollowUp)
	open("GET /webhooks/{application}/{token}/messages/@original", s.getOriginal)
	open("PATCH /webhooks/{application}/{token}/messages/@original", s.editOriginal)
	open("DELETE /webhooks/{application}/{token}/messages/@original", s.deleteOriginal)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, map[string]any{"message": "404: Not Found", "code": 0})
	})

	outer := http.NewServeMux()
	outer.HandleFunc("/gateway/", s.serveGateway)
	outer.HandleFunc("/gateway", s.serveGateway)
	outer.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		path := version.ReplaceAllString(r.URL.Path, "")
		if path == r.URL.Path {
			refuse(50035).write(w)
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+path)
		latency := s.knobs.latency
		s.mu.Unlock()
		select {
		case <-r.Context().Done():
			return
		case <-s.done:
			panic(http.ErrAbortHandler)
		case <-time.After(latency):
		}
		r2 := r.Clone(r.Context())
		r2.URL.Path, r2.URL.RawPath = path, ""
		mux.ServeHTTP(w, r2)
	})
	return outer
}

// version is the beginning of a path that is served.
var version = regexp.MustCompile(`^/api/v(9|10)`)

// serve does for every endpoint what is the same for all.
func (s *Server) serve(e endpoint, bot bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if no := s.admit(w, r, bot); no != nil {
			no.write(w)
			return
		}
		body, no := readBody(r)
		if no == nil {
			var answer any
			if answer, no = e(r, body); no == nil {
				if answer == nil {
					w.WriteHeader(http.StatusNoContent)
				} else {
					writeJSON(w, http.StatusOK, answer)
				}
				return
			}
		}
		no.write(w)
	}
}

// admit checks who asks, and the limits on how often.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, bot bool) *refusal {
	if !strings.HasPrefix(r.UserAgent(), "DiscordBot (") {
		return refuse(40333)
	}
	if bot && r.Header.Get("Authorization") != "Bot "+s.token() {
		return refuse(0)
	}
	if bot {
		return s.limitGlobal(w)
	}
	return nil
}

func (s *Server) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Token
}

// RevokeToken makes the bot's token invalid.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Token = "revoked"
}

func readBody(r *http.Request) ([]byte, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyMax))
	if err != nil {
		return nil, refuse(40005)
	}
	if len(body) == 0 {
		if r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut {
			return nil, refuse(50109)
		}
		return nil, nil
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return readForm(r, body)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || !json.Valid(body) {
		return nil, refuse(50109)
	}
	return body, nil
}
