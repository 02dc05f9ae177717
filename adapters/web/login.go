package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
)

// A login knows who holds the token. Its zero value lets everybody in.
type login struct {
	sum    [sha256.Size]byte // of the token
	cookie string            // what a browser that gave the token brings
	needed bool
}

const cookieName = "newsdesk"

// newLogin derives the cookie from the token, so that it holds over restarts,
// ends when the token changes and does not give the token away.
func newLogin(token string) login {
	if token == "" {
		return login{}
	}
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("newsdesk web cookie"))
	return login{sum: sha256.Sum256([]byte(token)), cookie: hex.EncodeToString(mac.Sum(nil)), needed: true}
}

// is reports whether token is the one; sums make the comparison take the same
// time whatever the length.
func (l login) is(token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], l.sum[:]) == 1
}

// admits reports whether r may enter: by bearer token, by ?token=, or by cookie.
func (l login) admits(r *http.Request) bool {
	if !l.needed {
		return true
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return l.is(strings.TrimSpace(token))
	}
	if c, err := r.Cookie(cookieName); err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(l.cookie)) == 1 {
		return true
	}
	token := r.URL.Query().Get("token")
	return token != "" && l.is(token)
}

func (s *Server) setCookie(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: s.login.cookie, Path: "/", MaxAge: 90 * 24 * 3600,
		HttpOnly: true, Secure: strings.HasPrefix(origin(r), "https:"),
		// Lax, because people come here by links that stand in a chat.
		SameSite: http.SameSiteLaxMode,
	})
}

// keepToken turns a page's ?token= into a cookie and a clean address, so that
// the token does not stay in the address bar. It reports whether it answered.
func (s *Server) keepToken(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if !s.login.needed || !q.Has("token") {
		return false
	}
	s.setCookie(w, r)
	q.Del("token")
	to := *r.URL
	to.Scheme, to.Host, to.RawQuery = "", "", q.Encode()
	http.Redirect(w, r, to.RequestURI(), http.StatusSeeOther)
	return true
}

// strange answers somebody without the token: a form for a browser.
func (s *Server) strange(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("WWW-Authenticate", `Bearer realm="newsdesk"`)
	if !wantsPage(r) {
		return &mistake{http.StatusUnauthorized, "a token is needed: send it as Authorization: Bearer TOKEN (web.token in the configuration)"}
	}
	s.page(w, http.StatusUnauthorized, "login.html", loginPage{s.frame("Log in"), r.URL.Query().Has("token")})
	return nil
}

// maxBody bounds the body of a request, in bytes.
const maxBody = 16 << 10

// enter is the login form's door.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if s.login.needed && !s.login.is(r.PostFormValue("token")) {
		s.page(w, http.StatusUnauthorized, "login.html", loginPage{s.frame("Log in"), true})
		return nil
	}
	if s.login.needed {
		s.setCookie(w, r)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
