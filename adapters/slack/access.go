package slack

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"newsdesk/bot"
)

// OAuth is what installs the app in workspaces: docs.slack.dev/authentication/installing-with-oauth.
type OAuth struct {
	ClientID     string // of the page Basic Information
	ClientSecret string
	// Keys are of 32 bytes: tokens are sealed with the first and opened with any.
	Keys [][]byte
	// PublicURL is where browsers find the bot's own pages, "https://news.example".
	PublicURL string
	// Store keeps installations; all replicas have the same.
	Store InstallStore
	// Installed is told of the space of each installation, once it is stored;
	// nil for nobody. It may be told of one more than once.
	Installed func(ctx context.Context, space string) error
	Now       func() time.Time // time.Now

	vault vault
	owner string // of leases: this process
}

// An InstallStore is the part of a bot.Store that installations need.
type InstallStore interface {
	bot.Installations
	Lease(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, held bool, err error)
	Unlease(ctx context.Context, name, owner string) error
	Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error)
}

// check completes o.
func (o *OAuth) check() (err error) {
	switch {
	case o.ClientID == "" || o.ClientSecret == "":
		return errors.New("slack: people can install the app only with slack.client_id and slack.client_secret of the page Basic Information of your app")
	case o.Store == nil:
		return errors.New("slack: installations need a store")
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if u, err := url.Parse(o.PublicURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("slack: public url %q: want the https:// address under which browsers find this bot", o.PublicURL)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.owner = rand.Text()
	o.vault, err = newVault(o.Keys)
	return err
}

const (
	methodAccess = "oauth.v2.access"
	methodRevoke = "auth.revoke"
)

// The errors of oauth.v2.access: docs.slack.dev/reference/methods/oauth.v2.access#errors.
var (
	codeGone    = []string{"invalid_code", "code_already_used", "code_expired"}
	refreshGone = []string{"invalid_refresh_token", "token_revoked", "token_expired", "account_inactive", "invalid_grant_type"}
	clientWrong = []string{"invalid_client_id", "bad_client_secret", "invalid_client", "bad_redirect_uri", "no_scopes"}
)

const wrongClient = "Slack does not know the app by slack.client_id and slack.client_secret: copy both from the page Basic Information of your app"

// A grant is what oauth.v2.access answers.
type grant struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	BotUser      string `json:"bot_user_id"`
	App          string `json:"app_id"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	Team         named  `json:"team"`
	Enterprise   named  `json:"enterprise"`
	OrgWide      bool   `json:"is_enterprise_install"`
	Installer    named  `json:"authed_user"`
}

type named struct{ ID, Name string }

// expires is until when the token lasts; zero for ever.
func (g grant) expires(now time.Time) time.Time {
	if g.ExpiresIn <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(g.ExpiresIn) * time.Second)
}

// installation is what is stored of g, sealed.
func (g grant) installation(v vault, now time.Time) bot.Installation {
	s := space(g.Team.ID)
	i := bot.Installation{
		Space: s, Name: firstLine(g.Team.Name), Enterprise: firstLine(g.Enterprise.ID), App: firstLine(g.App), Bot: firstLine(g.BotUser),
		Installer: firstLine(g.Installer.ID), Scopes: firstLine(g.Scope), Installed: now,
		Token: v.seal(sealedToken, s, g.AccessToken), Expires: g.expires(now),
	}
	if g.RefreshToken != "" {
		i.Refresh = v.seal(sealedRefresh, s, g.RefreshToken)
	}
	return i
}

// access calls oauth.v2.access as the app itself.
func (p *Platform) access(ctx context.Context, arguments map[string]string) (g grant, err error) {
	form := url.Values{}
	for name, v := range arguments {
		form.Set(name, v)
	}
	err = p.client.raw(ctx, methodAccess, p.APIURL+methodAccess, form, func(r *http.Request) { r.SetBasicAuth(p.OAuth.ClientID, p.OAuth.ClientSecret) }, &g)
	return g, err
}

// revoke gives a token back that is not kept.
func (p *Platform) revoke(ctx context.Context, token string) error {
	return p.client.raw(ctx, methodRevoke, p.APIURL+methodRevoke, url.Values{}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, &struct{}{})
}

// raw makes a request that is not the bot's own, and reads its answer into
// out. The answer of a success alone may hold tokens, and no error tells it.
func (c *client) raw(ctx context.Context, method, address string, form url.Values, auth func(*http.Request), out any) error {
	return c.call(ctx, method, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return errors.New("the address is none")
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		auth(req)
		resp, err := c.http.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			return errors.New("the answer is no JSON of the kind that was expected")
		}
		return nil
	})
}

// whose names a workspace for people.
func (g grant) whose() string { return cmp.Or(firstLine(g.Team.Name), g.Team.ID) }
