package slack

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

const (
	teamOne, teamTwo = "T0ONE000001", "T0TWO000002"
	channelOne       = bot.Channel("slack:T0ONE000001/C0ONE000001")
	channelTwo       = bot.Channel("slack:T0TWO000002/C0TWO000002")
)

// A hall is a platform that people may install in workspaces of theirs, with
// its pages, its store and its Slack.
type hall struct {
	*Platform
	slack *slacktest.Server
	pages *httptest.Server
	store *boltstore.Store
	log   *journal
	o     Options

	mu        sync.Mutex
	ahead     time.Duration // the clock of the platform
	installed []string
}

// A journal is a log that many write.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

func key(n byte) []byte { return bytes.Repeat([]byte{n}, keySize) }

// openHall makes one with the workspaces teamOne and teamTwo, in which the app
// is not installed yet. home tells whether there is a configured token too. No
// log line and no page may hold a token.
func openHall(t *testing.T, home bool) *hall {
	t.Helper()
	h := &hall{slack: slacktest.New(t), log: &journal{}}
	h.slack.AddWorkspace(teamOne, "One")
	h.slack.AddWorkspace(teamTwo, "Two")
	var err error
	if h.store, err = boltstore.Open(filepath.Join(t.TempDir(), "store"), boltstore.Options{Now: h.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	h.pages = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Endpoints()[r.URL.Path].ServeHTTP(w, r) }))
	t.Cleanup(h.pages.Close)
	h.slack.Redirects(h.pages.URL + CallbackPath)
	h.o = Options{
		AppToken: slacktest.AppToken, APIURL: h.slack.URL(), Commands: bot.Table(), Limiter: bot.NewLimiter(time.Now), Logger: slog.New(slog.NewTextHandler(h.log, nil)),
		OAuth: &OAuth{
			ClientID: slacktest.ClientID, ClientSecret: slacktest.ClientSecret, Keys: [][]byte{key(1)}, PublicURL: h.pages.URL, Store: h.store, Now: h.now,
			Installed: func(_ context.Context, space string) error {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.installed = append(h.installed, space)
				return nil
			},
		},
	}
	if home {
		h.o.BotToken = slacktest.BotToken
	}
	h.Platform = h.replica(t, nil)
	t.Cleanup(func() {
		for _, secret := range []string{"xoxb-", "xoxe", "xapp-", slacktest.ClientSecret, "/respond/", "code-"} {
			if strings.Contains(h.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		if t.Failed() {
			t.Logf("log:\n%s", h.log)
		}
	})
	return h
}

// replica makes another platform on the same store, as another process has, or
// this one after a restart.
func (h *hall) replica(t *testing.T, change func(*OAuth)) *Platform {
	t.Helper()
	o, auth := h.o, *h.o.OAuth
	if change != nil {
		change(&auth)
	}
	o.OAuth = &auth
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.stagger = 0
	return p
}

func (h *hall) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.ahead)
}

func (h *hall) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ahead += d
}

// A browser is one person's.
type browser struct {
	http.Client
	t    *testing.T
	stop bool // before Slack's answer is taken to the bot
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, Client: http.Client{Jar: jar}}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if b.stop && r.URL.Path == CallbackPath {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return b
}

// visit opens an address and returns what is shown in the end, or where it
// would have led on.
func (b *browser) visit(address string) (status int, text, next string) {
	b.t.Helper()
	resp, err := b.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if strings.Contains(string(body), "xox") {
		b.t.Errorf("a page holds a token: %s", body)
	}
	return resp.StatusCode, string(body), resp.Header.Get("Location")
}

// install has somebody install the app in a workspace.
func (h *hall) install(t *testing.T, team string) {
	t.Helper()
	h.slack.Visit(team)
	if status, text, _ := newBrowser(t).visit(h.pages.URL + InstallPath); status != http.StatusOK || !strings.Contains(text, "is installed in") {
		t.Fatalf("installing in %s: %d %s", team, status, text)
	}
}

func (h *hall) posts(t *testing.T, p *Platform, c bot.Channel, n string) error {
	t.Helper()
	_, err := p.Post(t.Context(), bot.Post{Key: testKey[:len(testKey)-1] + n, Channel: c, Card: storyCard()})
	return err
}

// TestInstalledWorkspaces: from the install page to posts and commands in two
// workspaces beside that of the configured token, each by its own name.
func TestInstalledWorkspaces(t *testing.T) {
	h := openHall(t, true)
	h.install(t, teamOne)
	h.install(t, teamTwo)
	if len(h.installed) != 2 || h.installed[0] != "slack:"+teamOne {
		t.Errorf("told of %q", h.installed)
	}
	for _, c := range []bot.Channel{channelOne, channelTwo, newsChannel} {
		if err := h.posts(t, h.Platform, c, "a"); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if n := len(h.slack.Messages(localID(c))); n != 1 {
			t.Errorf("%d messages in %s", n, c)
		}
		post := bot.Post{Key: testKey[:len(testKey)-1] + "a", Channel: c}
		if _, found, err := h.Find(t.Context(), post, time.Now().Add(-time.Minute)); !found || err != nil {
			t.Errorf("the post in %s: found %t, %v", c, found, err)
		}
		if missing := h.Check(t.Context(), c); len(missing) != 0 {
			t.Errorf("%s lacks %q", c, missing)
		}
	}
	person := bot.Person("slack:"+teamTwo, h.slack.PersonIn(teamTwo))
	if err := h.posts(t, h.Platform, person, "p"); err != nil || len(h.slack.Messages(slacktest.Direct(h.slack.PersonIn(teamTwo)))) != 1 {
		t.Errorf("a direct message to %s: %v", person, err)
	}
	if err := h.Tell(t.Context(), channelTwo, bot.Card{Title: "Told"}); err != nil || len(h.slack.Messages(slacktest.Direct(h.slack.PersonIn(teamTwo)))) != 2 {
		t.Errorf("who made a channel of %s was not told: %v", teamTwo, err)
	}

	var asked []bot.Invocation
	run(t, h.Platform, h.slack, 2, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		asked = append(asked, inv)
		return echo(ctx, inv)
	})
	for _, c := range []bot.Channel{channelOne, channelTwo, newsChannel} {
		m, err := h.slack.SlashIn(within(t), localID(c), "deepseek")
		if err != nil || !strings.Contains(m.Shown(), "to deepseek") {
			t.Fatalf("%s: answer %q, %v", c, m.Shown(), err)
		}
		if got := asked[len(asked)-1]; got.Channel != c {
			t.Errorf("asked in %s, want %s", got.Channel, c)
		}
		if _, err := h.slack.Press(within(t), m, "More"); err != nil {
			t.Fatal(err)
		}
		if got := asked[len(asked)-1]; got.Channel != c {
			t.Errorf("pressed in %s, want %s", got.Channel, c)
		}
	}
	// It is not installed everywhere.
	elsewhere := h.slack.AddWorkspace("T0ELSE00003", "Else")
	n := len(asked)
	m, err := h.slack.SlashIn(within(t), elsewhere, "deepseek")
	if err != nil || !m.Private || !strings.Contains(m.Shown(), "/slack/install") || len(asked) != n {
		t.Errorf("asked from a workspace that it is not in: %q, %v, and %d were handled", m.Shown(), err, len(asked)-n)
	}
}

// TestNoTokenIsStoredInTheClear looks into the very bytes.
func TestNoTokenIsStoredInTheClear(t *testing.T) {
	h := openHall(t, false)
	h.slack.Rotate(12 * time.Hour)
	h.install(t, teamOne)
	i, err := h.store.Installation(t.Context(), "slack:"+teamOne)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(i.Token, []byte("xox")) || bytes.Contains(i.Refresh, []byte("xox")) || len(i.Token) == 0 || len(i.Refresh) == 0 {
		t.Errorf("stored %q and %q", i.Token, i.Refresh)
	}
	if i.Name != "One" || i.Installer != h.slack.PersonIn(teamOne) || i.App == "" || i.Bot == "" || i.Installed.IsZero() || i.Expires.IsZero() {
		t.Errorf("stored %+v", i)
	}
	// A token that was moved to another workspace opens nothing there.
	i.Space, i.Version = "slack:"+teamTwo, 0
	if _, err := h.store.SaveInstallation(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	e := wantOutcome(t, h.posts(t, h.Platform, channelTwo, "a"), bot.Halted)
	if !strings.Contains(e.Err.Error(), "another workspace's") {
		t.Errorf("%v", e)
	}
}

// TestStates: nobody can be made to finish what another began.
func TestStates(t *testing.T) {
	h := openHall(t, false)
	h.slack.Visit(teamOne)
	begun := func(b *browser) string {
		b.stop = true
		_, _, next := b.visit(h.pages.URL + InstallPath)
		b.stop = false
		if !strings.HasPrefix(next, h.pages.URL+CallbackPath) {
			t.Fatalf("slack leads to %q", next)
		}
		return next
	}
	with := func(address, name, value string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set(name, value)
		if u.RawQuery = q.Encode(); value == "" {
			q.Del(name)
			u.RawQuery = q.Encode()
		}
		return u.String()
	}
	stateOf := func(address string) string {
		u, _ := url.Parse(address)
		return u.Query().Get("state")
	}
	for _, test := range []struct {
		name string
		open func(b *browser) string
		want string
	}{
		{"none", func(b *browser) string { return with(begun(b), "state", "") }, "whole organisation"},
		{"forged", func(b *browser) string {
			a := begun(b)
			return with(a, "state", "99999999999"+stateOf(a)[10:])
		}, "not made by this bot"},
		{"nonsense", func(b *browser) string { return with(begun(b), "state", "x") }, "not made by this bot"},
		{"another browser's", func(*browser) string { return begun(newBrowser(t)) }, "another browser"},
		{"another installation's", func(b *browser) string { first := begun(b); begun(b); return first }, "another browser"},
		{"late", func(b *browser) string { a := begun(b); h.forward(stateTime + time.Second); return a }, "10 minutes"},
		{"used code", func(b *browser) string {
			a := begun(b)
			other := newBrowser(t)
			c := begun(other)
			other.visit(c)
			u, _ := url.Parse(c)
			return with(a, "code", u.Query().Get("code"))
		}, "finished before"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBrowser(t)
			calls := h.slack.Calls("oauth.v2.access")
			status, text, _ := b.visit(test.open(b))
			if status < 400 || !strings.Contains(text, test.want) || !strings.Contains(text, InstallPath) {
				t.Errorf("%d %s, want %q", status, text, test.want)
			}
			if n := h.slack.Calls("oauth.v2.access"); n != calls && test.name != "used code" {
				t.Error("the code was exchanged all the same")
			}
		})
	}
	b := newBrowser(t)
	address := begun(b)
	cookies := b.Jar.Cookies(must(url.Parse(address)))
	if status, text, _ := b.visit(address); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.Jar.SetCookies(must(url.Parse(address)), cookies) // as a page that is loaded again may have it
	calls := h.slack.Calls("oauth.v2.access")
	if status, text, _ := b.visit(address); status != http.StatusForbidden || !strings.Contains(text, "finished before") || h.slack.Calls("oauth.v2.access") != calls {
		t.Errorf("a second time: %d %s after %d exchanges", status, text, h.slack.Calls("oauth.v2.access")-calls)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestInstallTroubles: every way it can end, in words, with nothing stored.
func TestInstallTroubles(t *testing.T) {
	for _, test := range []struct {
		name string
		home bool
		knob func(*hall)
		want string
	}{
		{"denied", false, func(h *hall) { h.slack.Deny() }, "cancelled"},
		{"wrong secret", false, func(h *hall) { h.OAuth.ClientSecret = "another" }, "client ID"},
		{"lost answer", false, func(h *hall) { h.slack.LoseAccess(1) }, "did not arrive"},
		{"unknown refusal", false, func(h *hall) { h.slack.RefuseAccess("new_in_2031") }, "the log says why"},
		{"an organisation", false, func(h *hall) { h.slack.InstallForOrganisation(teamOne) }, "whole organisation"},
		{"the store", false, func(h *hall) { h.OAuth.Store = &deaf{InstallStore: h.store} }, "did not take the installation"},
		{"the configured workspace", true, func(h *hall) { h.slack.Visit("T0TEST00001") }, "already"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := openHall(t, test.home)
			h.slack.Visit(teamOne)
			test.knob(h)
			_, text, _ := newBrowser(t).visit(h.pages.URL + InstallPath)
			if !strings.Contains(text, test.want) {
				t.Errorf("%s, want %q", text, test.want)
			}
			if all, err := h.store.Installations(t.Context()); len(all) != 0 || err != nil {
				t.Errorf("stored %+v, %v", all, err)
			}
			if test.name == "an organisation" && h.slack.Calls("auth.revoke") != 1 {
				t.Error("the token was not given back")
			}
		})
	}
}

// A deaf store takes nothing.
type deaf struct {
	InstallStore
	deaf func() bool // nil for always
}

func (d *deaf) SaveInstallation(ctx context.Context, i bot.Installation) (bot.Installation, error) {
	if d.deaf == nil || d.deaf() {
		return bot.Installation{}, io.ErrUnexpectedEOF
	}
	return d.InstallStore.SaveInstallation(ctx, i)
}
