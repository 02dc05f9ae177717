package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"newsdesk/news"
)

// A door is one path and what stands behind it.
type door struct {
	path   string
	method string // the only one besides HEAD
	open   bool   // needs no token
	serve  func(http.ResponseWriter, *http.Request) error
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, d := range []door{
		{"/{$}", http.MethodGet, false, s.preview},
		{"/messages", http.MethodGet, false, s.messages},
		{"/stories", http.MethodGet, false, s.storyList},
		{"/stories/{id}", http.MethodGet, false, s.storyPage},
		{"/api/command", http.MethodPost, false, s.command},
		{"/api/suggest", http.MethodGet, false, s.suggest},
		{"/api/stories", http.MethodGet, false, s.stories},
		{"/api/stories/{id}", http.MethodGet, false, s.story},
		{"/api/deliveries", http.MethodGet, false, s.deliveries},
		{"/api/deliveries/{id}/retry", http.MethodPost, false, s.retry},
		{"/api/sources", http.MethodGet, false, s.sources},
		{"/feed.atom", http.MethodGet, false, s.atom},
		{"/metrics", http.MethodGet, false, s.exposition},
		{"/healthz", http.MethodGet, true, s.healthz},
		{"/readyz", http.MethodGet, true, s.readyz},
		{"/login", http.MethodPost, true, s.enter},
		{"/static/{file}", http.MethodGet, true, s.static},
		{"/", "", false, func(w http.ResponseWriter, r *http.Request) error {
			return &mistake{http.StatusNotFound, fmt.Sprintf("there is nothing at %s", r.URL.Path)}
		}},
	} {
		mux.Handle(d.path, s.guard(d))
	}
	for _, e := range s.o.Endpoints {
		mux.Handle(e.Path, s.endpoint(e))
	}
	return mux
}

// endpoint counts the requests of e and leaves the rest to it.
func (s *Server) endpoint(e Endpoint) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &recorder{ResponseWriter: rw}
		defer s.metrics.observe(e.Path, r.Method, w, time.Now())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		e.Handler.ServeHTTP(w, r)
	})
}

// The policy of every answer: nothing is loaded from elsewhere, no script or
// style stands in a page, a picture may, and no other page may frame it.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard lets those in who may enter, counts, and answers errors.
func (s *Server) guard(d door) http.Handler {
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &recorder{ResponseWriter: rw}
		defer s.metrics.observe(d.path, r.Method, w, time.Now())

		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")

		err := func() error {
			if s.o.Token == "" && !loopbackHost(r.Host) {
				return &mistake{http.StatusMisdirectedRequest, fmt.Sprintf("this server answers as localhost and not as %q: open %s, or set web.token to use another name", r.Host, s.URL())}
			}
			if !d.open && !s.login.admits(r) {
				return s.strange(w, r)
			}
			if d.method != "" && r.Method != d.method && !(d.method == http.MethodGet && r.Method == http.MethodHead) {
				h.Set("Allow", d.method)
				return &mistake{http.StatusMethodNotAllowed, fmt.Sprintf("%s does not answer %s: use %s", r.URL.Path, r.Method, d.method)}
			}
			if err := foreign.Check(r); err != nil {
				return &mistake{http.StatusForbidden, "this request comes from a page of another site: send it from this one"}
			}
			return d.serve(w, r)
		}()
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// loopbackHost reports whether a Host header names this machine's loopback.
func loopbackHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && loopback(ip)
}

// A mistake is an error of the person who asks: its text is shown.
type mistake struct {
	code int
	text string
}

func (m *mistake) Error() string { return m.text }

func badRequest(format string, args ...any) error {
	return &mistake{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// fail answers with an error: a mistake is shown as it is, anything else
// becomes a reference number that stands in the log beside it.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var m *mistake
	switch {
	case errors.As(err, &m):
	case errors.Is(err, news.ErrNotFound):
		m = &mistake{http.StatusNotFound, "there is no such story; it may have been forgotten since"}
	case r.Context().Err() != nil:
		return // nobody is listening any more
	default:
		ref := rand.Text()[:8]
		s.log.Error("a request failed", "ref", ref, "method", r.Method, "path", r.URL.Path, "err", err)
		m = &mistake{http.StatusInternalServerError, fmt.Sprintf("something went wrong here; the log has it under reference %s", ref)}
	}
	if wantsPage(r) {
		s.page(w, m.code, "error.html", errorPage{s.frame(http.StatusText(m.code)), m.code, m.text})
		return
	}
	writeJSON(w, m.code, map[string]string{"error": m.text})
}

// wantsPage reports whether an error is for a person at a browser.
func wantsPage(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/messages" {
		return false
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // no type that is answered here can fail
		code, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(append(body, '\n'))
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	if s.o.Ready != nil {
		if err := s.o.Ready(r.Context()); err != nil {
			text := "not ready"
			if s.login.admits(r) {
				text = fmt.Sprintf("not ready: %v", err)
			}
			return &mistake{http.StatusServiceUnavailable, text}
		}
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

// origin is the scheme and host under which the person reached the server.
func origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}
