package slacktest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Installing: docs.slack.dev/authentication/installing-with-oauth and
// docs.slack.dev/authentication/using-token-rotation.

// The app's own credentials.
const (
	ClientID     = "1111111111.4444444444"
	ClientSecret = "slacktestclientsecret00000000000"
	codeLife     = 10 * time.Minute
)

// A team is a workspace.
type team struct {
	id, name   string
	person     string // who asks there
	botUser    string
	botID      string
	token      string // the last that was given out by OAuth
	orgWide    bool   // its administrator installs for the whole organisation
	leaves     bool   // it is uninstalled by the next post
	enterprise string
}

// A pass is what a token is good for.
type pass struct {
	team    string    // "" for the app's token
	dead    string    // the error that it is answered with
	expires time.Time // zero for never
}

// An app is what its developer page says of it, and what it gave out.
type app struct {
	redirects map[string]bool
	visitor   string // the workspace of who is at the browser
	denies    bool
	rotation  time.Duration // how long tokens last; 0 for ever
	codes     map[string]*code
	refreshes map[string]*refresh
	lose      int // answers of oauth.v2.access
	refuse    string
}

type code struct {
	team, redirect string
	scopes         []string
	made           time.Time
	used           bool
}

type refresh struct {
	team string
	used bool
}

// AddWorkspace adds a workspace that the app is not installed in, with a public
// channel that a bot there would be a member of, and returns that one's id.
func (s *Server) AddWorkspace(id, name string) (channelID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tail := strings.TrimPrefix(id, "T")
	s.teams[id] = &team{id: id, name: name, person: "UP" + tail, botUser: "UB" + tail, botID: "B" + tail}
	channelID = "C" + tail
	s.channels[channelID] = &channel{team: id, id: channelID, name: "news", member: true, people: []string{"UP" + tail}}
	s.people["UP"+tail] = Member{team: id}
	return channelID
}

// PersonIn returns who asks in a workspace.
func (s *Server) PersonIn(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.teams[id].person
}

// Redirects registers an address that installations may lead to.
func (s *Server) Redirects(address string) { s.set(func() { s.app.redirects[address] = true }) }

// Visit chooses the workspace in which the person at the browser installs the app.
func (s *Server) Visit(id string) { s.set(func() { s.app.visitor, s.app.denies = id, false }) }

// Deny makes the person at the browser cancel.
func (s *Server) Deny() { s.set(func() { s.app.denies = true }) }

// InstallForOrganisation makes installations in a workspace those of its organisation.
func (s *Server) InstallForOrganisation(id string) {
	s.set(func() { s.teams[id].orgWide, s.teams[id].enterprise = true, "E0TEST0001" })
}

// Rotate switches token rotation on: tokens that are given out from now on last
// for d.
func (s *Server) Rotate(d time.Duration) { s.set(func() { s.app.rotation = d }) }

// Expire ends the present token of a workspace.
func (s *Server) Expire(id string) {
	s.set(func() { s.tokens[s.teams[id].token].expires = time.Now() })
}

// LoseAccess performs the next n calls of oauth.v2.access and cuts the
// connection unanswered.
func (s *Server) LoseAccess(n int) { s.set(func() { s.app.lose = n }) }

// RefuseAccess answers every call of oauth.v2.access with an error from now on;
// "" ends that.
func (s *Server) RefuseAccess(code string) { s.set(func() { s.app.refuse = code }) }

// Token returns the last token of a workspace that OAuth gave out.
func (s *Server) Token(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.teams[id].token
}

// Uninstall removes the app from a workspace. Tell tells it.
func (s *Server) Uninstall(id string) { s.set(func() { s.uninstall(s.teams[id]) }) }

// UninstallDuringPost removes the app while the next post to the workspace is
// on its way: it is answered so.
func (s *Server) UninstallDuringPost(id string) { s.set(func() { s.teams[id].leaves = true }) }

func (s *Server) uninstall(t *team) {
	t.leaves = false
	for _, p := range s.tokens {
		if p.team == t.id && p.dead == "" {
			p.dead = "account_inactive"
		}
	}
}

// TellUninstalled tells the app that it was removed from a workspace, as Slack
// does, by two events.
func (s *Server) TellUninstalled(ctx context.Context, id string) error {
	s.mu.Lock()
	bot := s.teams[id].botUser
	s.mu.Unlock()
	if err := s.EventIn(ctx, id, object{"type": "tokens_revoked", "tokens": object{"oauth": []any{}, "bot": []any{bot}}, "event_ts": "1"}); err != nil {
		return err
	}
	return s.EventIn(ctx, id, object{"type": "app_uninstalled", "event_ts": "1"})
}

// caller returns the workspace of a call's token. The caller holds mu.
func (s *Server) caller(args url.Values) *team { return s.teams[s.tokens[args.Get("token")].team] }

// teamOf returns the workspace of a channel. The caller holds mu.
func (s *Server) teamOf(channel string) *team {
	if c := s.channels[channel]; c != nil {
		return s.teams[c.team]
	}
	return s.teams[teamID]
}

// authorize serves the page on which a person lets the app in, who does so at
// once.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	var scopes []string
	for _, scope := range strings.Split(q.Get("scope"), ",") {
		if slices.Contains(s.scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	t := s.teams[s.app.visitor]
	switch {
	case q.Get("client_id") != ClientID:
		http.Error(w, "invalid_client_id", http.StatusBadRequest)
		return
	case !s.app.redirects[q.Get("redirect_uri")]:
		http.Error(w, "bad_redirect_uri", http.StatusBadRequest)
		return
	case len(scopes) == 0 || t == nil:
		http.Error(w, "invalid_scope, or nobody is at the browser", http.StatusBadRequest)
		return
	}
	to := url.Values{"state": {q.Get("state")}}
	if s.app.denies {
		to.Set("error", "access_denied")
	} else {
		id := s.id("code-")
		s.app.codes[id] = &code{team: t.id, redirect: q.Get("redirect_uri"), scopes: scopes, made: time.Now()}
		to.Set("code", id)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+to.Encode(), http.StatusFound)
}

// access answers oauth.v2.access. It takes the app's credentials by HTTP Basic
// alone, which Slack prefers.
func (s *Server) access(w http.ResponseWriter, r *http.Request, args url.Values) {
	id, secret, ok := r.BasicAuth()
	s.mu.Lock()
	lost := take(&s.app.lose)
	answer := reply(nil)
	switch {
	case s.app.refuse != "":
		answer = refuse(s.app.refuse)
	case !ok || id != ClientID:
		answer = refuse("invalid_client_id")
	case secret != ClientSecret:
		answer = refuse("bad_client_secret")
	default:
		answer = s.exchange(args)
	}
	s.mu.Unlock()
	if lost {
		cut(w)
		return
	}
	s.answer(w, answer)
}

// exchange gives tokens for a code or a refresh token. The caller holds mu.
func (s *Server) exchange(args url.Values) reply {
	for name := range args {
		if !slices.Contains([]string{"code", "redirect_uri", "grant_type", "refresh_token"}, name) {
			return refuse("invalid_arg_name")
		}
	}
	if args.Get("grant_type") == "refresh_token" {
		r := s.app.refreshes[args.Get("refresh_token")]
		if r == nil || r.used {
			return refuse("invalid_refresh_token")
		}
		if t := s.teams[r.team]; s.tokens[t.token].dead != "" {
			return refuse("token_revoked")
		}
		r.used = true
		return s.grant(s.teams[r.team], s.scopes)
	}
	c := s.app.codes[args.Get("code")]
	switch {
	case c == nil || time.Since(c.made) > codeLife:
		return refuse("invalid_code")
	case c.used:
		return refuse("code_already_used")
	case c.redirect != args.Get("redirect_uri"):
		return refuse("bad_redirect_uri")
	}
	c.used = true
	return s.grant(s.teams[c.team], c.scopes)
}

// grant gives a token out: the same one again where it neither ends nor is
// dead. The caller holds mu.
func (s *Server) grant(t *team, scopes []string) reply {

	a := reply{
		"ok": true, "token_type": "bot", "scope": strings.Join(scopes, ","), "bot_user_id": t.botUser, "app_id": appID,
		"team": map[string]any{"id": t.id, "name": t.name}, "enterprise": nil, "is_enterprise_install": t.orgWide,
		"authed_user": map[string]any{"id": t.person},
	}
	if t.enterprise != "" {
		a["enterprise"] = map[string]any{"id": t.enterprise, "name": "Organisation"}
	}
	if t.orgWide {
		a["team"] = nil
	}
	old := s.tokens[t.token]
	if old == nil || old.dead != "" || s.app.rotation > 0 {
		t.token = s.id("xoxb-2222222222-" + strings.ToLower(t.id) + "slacktesttoken")
		p := &pass{team: t.id}
		if s.app.rotation > 0 {
			t.token = "xoxe." + t.token
			p.expires = time.Now().Add(s.app.rotation)
		}
		s.tokens[t.token] = p
	}
	a["access_token"] = t.token
	if s.app.rotation > 0 {
		refreshToken := s.id("xoxe-1-" + strings.ToLower(t.id) + "slacktestrefresh")
		s.app.refreshes[refreshToken] = &refresh{team: t.id}
		a["refresh_token"], a["expires_in"] = refreshToken, int(s.app.rotation.Seconds())
	}
	return a
}

// revoke answers auth.revoke. The caller holds mu.
func (s *Server) revoke(args url.Values) reply {
	s.tokens[args.Get("token")].dead = "token_revoked"
	return reply{"ok": true, "revoked": true}
}
