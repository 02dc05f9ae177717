package slack

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// The pages on which people install the app: docs.slack.dev/authentication/installing-with-oauth.
const (
	InstallPath  = "/slack/install"
	CallbackPath = "/slack/oauth"

	stateTime  = 10 * time.Minute
	cookieName = "newsdesk_slack_install"
	// saveTries is how often an installation is stored where others change it
	// at the same time.
	saveTries = 5
)

// pages returns the handlers of InstallPath and CallbackPath; none where
// Options.OAuth is nil. They answer everybody.
//
// InstallPath sends the browser to Slack with a state: a time and the digest of
// a secret that stands in a cookie, signed. CallbackPath takes the state back
// once, within stateTime, from the browser that has the cookie, so that nobody
// can be made to install what somebody else began. An installation that begins
// on Slack's own pages, as an organisation's does, brings no state and is
// refused.
func (p *Platform) pages() map[string]http.Handler {
	if p.OAuth == nil {
		return nil
	}
	return map[string]http.Handler{
		InstallPath:  http.HandlerFunc(p.install),
		CallbackPath: http.HandlerFunc(p.callback),
	}
}

// install begins an installation.
func (p *Platform) install(w http.ResponseWriter, r *http.Request) {
	if !asks(w, r) {
		return
	}
	secret := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: secret, Path: CallbackPath, MaxAge: int(stateTime.Seconds()),
		HttpOnly: true, Secure: strings.HasPrefix(p.OAuth.PublicURL, "https:"), SameSite: http.SameSiteLaxMode,
	})
	var names []string
	for _, s := range scopesOf(p.Managers) {
		names = append(names, s.name)
	}
	q := url.Values{
		"client_id": {p.OAuth.ClientID}, "scope": {strings.Join(names, ",")},
		"redirect_uri": {p.redirectURI()}, "state": {p.OAuth.state(secret)},
	}
	http.Redirect(w, r, strings.TrimSuffix(p.APIURL, "api/")+"oauth/v2/authorize?"+q.Encode(), http.StatusFound)
}

func (p *Platform) redirectURI() string { return p.OAuth.PublicURL + CallbackPath }

// asks lets GET through and sets the headers of every page.
func asks(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "want GET", http.StatusMethodNotAllowed)
		return false
	}
	return true
}

// state makes the state of an installation whose browser has the secret.
func (o *OAuth) state(secret string) string {
	text := strconv.FormatInt(o.Now().Add(stateTime).Unix(), 10) + "." + tokenName(secret)
	return text + "." + o.vault.signed(text)
}

// The reasons for which a state is refused.
var (
	errState   = errors.New("the state is not of this bot")
	errExpired = errors.New("it took too long")
	errBrowser = errors.New("it was begun in another browser")
	errUsed    = errors.New("it was finished before")
)

// judge reports why a state may not be taken from the browser with a cookie.
func (o *OAuth) judge(ctx context.Context, state, cookie string) error {
	text, signature, _ := cutLast(state, ".")
	until, digest, _ := strings.Cut(text, ".")
	ends, err := strconv.ParseInt(until, 10, 64)
	switch {
	case err != nil || !o.vault.signature(text, signature):
		return errState
	case !o.Now().Before(time.Unix(ends, 0)):
		return errExpired
	case cookie == "" || tokenName(cookie) != digest:
		return errBrowser
	}
	switch first, err := o.Store.Once(ctx, "slack state:"+digest, 2*stateTime); {
	case err != nil:
		return err
	case !first:
		return errUsed
	}
	return nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// callback finishes an installation.
func (p *Platform) callback(w http.ResponseWriter, r *http.Request) {
	if !asks(w, r) {
		return
	}
	q := r.URL.Query()
	cookie := ""
	if c, err := r.Cookie(cookieName); err == nil {
		cookie = c.Value
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: CallbackPath, MaxAge: -1})
	switch code := q.Get("error"); {
	case code == "access_denied":
		p.show(w, r, http.StatusForbidden, notInstalledPage(phrase("Slack says that the installation was cancelled, or that you may not install apps there. Nothing was changed. If the workspace wants an administrator's approval, ask for it and begin again.")))
		return
	case code != "":
		p.show(w, r, http.StatusBadGateway, notInstalledPage(phrase("Slack ended the installation: %s. Nothing was changed.", firstLine(code))))
		return
	case q.Get("state") == "":
		p.show(w, r, http.StatusBadRequest, page{phrase("Begin on this bot's own page"), []said{phrase("This installation was begun on a page of Slack, and nothing proves that you want it. Installations for a whole organisation begin there and are not taken: install the app in one workspace. Nothing was changed here.")}, true})
		return
	}
	if err := p.OAuth.judge(r.Context(), q.Get("state"), cookie); err != nil {
		p.show(w, r, http.StatusForbidden, p.stateRefused(err))
		return
	}
	status, pg := p.finish(r.Context(), q.Get("code"))
	p.show(w, r, status, pg)
}

func (p *Platform) stateRefused(err error) page {
	switch {
	case errors.Is(err, errExpired):
		return notInstalledPage(phrase("More than %d minutes went by since the installation was begun. Nothing was changed.", int(stateTime.Minutes())))
	case errors.Is(err, errBrowser):
		return notInstalledPage(phrase("This installation was begun in another browser, or this one keeps no cookies. Nothing was changed."))
	case errors.Is(err, errUsed):
		return page{phrase("This installation was finished before"), []said{phrase("The page was opened a second time. What it did the first time stands, and nothing was changed now.")}, true}
	case errors.Is(err, errState):
		return notInstalledPage(phrase("This link was not made by this bot. Nothing was changed."))
	}
	p.Logger.Error("an installation in slack waits: the store does not answer", "err", err)
	return notInstalledPage(phrase("The database of this bot does not answer. Nothing was changed. Please begin again in a moment."))
}

// finish exchanges the code and stores what comes of it.
func (p *Platform) finish(ctx context.Context, code string) (status int, pg page) {
	failed := func(status int, text string) (int, page) {
		return status, notInstalledPage(phrase(text))
	}
	g, err := p.access(ctx, map[string]string{"code": code, "redirect_uri": p.redirectURI()})
	e, definite := asSendError(err)
	switch {
	case hasCode(err, codeGone...):
		return failed(http.StatusForbidden, "Slack says that this installation was finished before, or took too long. Nothing was changed.")
	case hasCode(err, clientWrong...):
		p.Logger.Error("slack refuses to install the app: "+wrongClient, "err", err, "redirect_uri", p.redirectURI())
		return failed(http.StatusBadGateway, "Slack does not know this app by its client ID, its secret or this address. Tell who runs this bot: the log says which. Nothing was changed.")
	case definite && e.Outcome == bot.Throttled:
		return failed(http.StatusBadGateway, "Slack cannot be reached, or is busy. Nothing was changed. Please begin again in a moment.")
	case definite:
		p.Logger.Error("slack refuses to install the app", "err", err)
		return failed(http.StatusBadGateway, "Slack refused to install the app. Tell who runs this bot: the log says why.")
	case err != nil:
		p.Logger.Error("slack's answer to an installation was lost", "err", err)
		return failed(http.StatusBadGateway, "Slack's answer did not arrive. Please begin again: it does no harm.")
	}
	if why := p.unfit(g); why != "" {
		if err := p.revoke(ctx, g.AccessToken); err != nil {
			p.Logger.Warn("a token that is not kept was not given back to slack", "err", err)
		}
		return failed(http.StatusBadRequest, why)
	}
	if p.BotToken != "" {
		if me, err := p.me(ctx); err == nil && me.TeamID == g.Team.ID {
			return http.StatusOK, page{phrase("Newsdesk is in %s already", g.whose()), []said{phrase("Its token stands in this bot's configuration (slack.bot_token), which goes on as before. Nothing was changed.")}, false}
		}
	}
	i, err := p.keep(ctx, g)
	if err != nil {
		p.Logger.Error("an installation in slack was not stored", "workspace", space(g.Team.ID), "err", err)
		return failed(http.StatusServiceUnavailable, "The database of this bot did not take the installation. Please begin again in a moment: it does no harm.")
	}
	p.Logger.Info("the bot was installed in a slack workspace", "workspace", i.Space, "name", i.Name, "installer", i.Installer)
	if p.OAuth.Installed != nil {
		if err := p.OAuth.Installed(ctx, i.Space); err != nil {
			p.Logger.Warn("the channels of a slack workspace that was installed again are not resumed yet; each is when it is looked at", "workspace", i.Space, "err", err)
		}
	}
	pg = page{phrase("Newsdesk is installed in %s", g.whose()), []said{
		phrase("You can close this page. In Slack, open the channel that shall get news and type %[1]s subscribe; %[1]s help shows the rest.", commandName),
		phrase("The bot joins public channels by itself. Into a private one somebody has to invite it: /invite @Newsdesk."),
	}, false}
	if lacking := p.lacks(g.Scope); len(lacking) > 0 {
		pg.text = append(pg.text, phrase("Slack did not grant all that was asked for, so that something will not work: %s.", strings.Join(lacking, ", ")))
	}
	return http.StatusOK, pg
}

// unfit says why a grant is not taken, "" where it is.
func (p *Platform) unfit(g grant) string {
	switch {
	case g.OrgWide:
		return "This was installed for a whole organisation, which this bot does not take: install the app in one workspace of it. The token was given back."
	case g.TokenType != "" && g.TokenType != "bot", !strings.HasPrefix(g.AccessToken, "xox"), !isTeam(g.Team.ID):
		return "Slack's answer names no workspace, or no token of a bot. Tell who runs this bot to look at the app's scopes."
	}
	return ""
}

func (p *Platform) lacks(granted string) (lacking []string) {
	has := strings.Split(granted, ",")
	for _, s := range scopesOf(p.Managers) {
		if granted != "" && !slices.Contains(has, s.name) {
			lacking = append(lacking, s.name)
		}
	}
	return lacking
}

// keep stores an installation in the place of an earlier one of its workspace.
func (p *Platform) keep(ctx context.Context, g grant) (bot.Installation, error) {
	ctx = context.WithoutCancel(ctx) // the code is used up: nobody can finish this again
	i := g.installation(p.OAuth.vault, p.OAuth.Now())
	var err error
	for try := range saveTries {
		if try > 0 {
			_ = sleep(ctx, saveWaits[min(try, len(saveWaits))-1])
		}
		old, readErr := p.OAuth.Store.Installation(ctx, i.Space)
		if readErr != nil && !errors.Is(readErr, news.ErrNotFound) {
			err = readErr
			continue
		}
		i.Version = old.Version
		var saved bot.Installation
		if saved, err = p.OAuth.Store.SaveInstallation(ctx, i); err == nil {
			return saved, nil
		}
	}
	return i, cmp.Or(err, errors.New("others change it at the same time"))
}
