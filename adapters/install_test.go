package adapters_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
)

// An installed bot is one that people install in their own workspaces.
type installed struct {
	paper *newspaper
	slack *slacktest.Server
	conf  string
	addr  string
	one   string // the channel of workspace T0ONE000001
	two   string // of T0TWO000002
}

const publicURL = "https://news.example"

func newInstalled(t *testing.T, store string) *installed {
	w := &installed{paper: newNewspaper(t), slack: slacktest.New(t), addr: freePort(t)}
	w.one, w.two = w.slack.AddWorkspace("T0ONE000001", "One"), w.slack.AddWorkspace("T0TWO000002", "Two")
	w.slack.Redirects(publicURL + "/slack/oauth")
	w.conf = fmt.Sprintf(`
data_dir: %s
%s
sources:
  catalogue: false
  add: [{name: Outlet, kind: press, feed: "%s/feed", authority: 0.8}]
poll: {interval: 500ms, min_interval: 200ms, allow_private: true}
slack: {api_url: "%s", client_id: "%s"}
web: {listen: "%s", public_url: "%s"}
channels:
  - {channel: "slack:T0ONE000001/%s", min_impact: 0}
  - {channel: "slack:T0TWO000002/%s", min_impact: 0}
  - {channel: "slack:%s", min_impact: 0}
`, t.TempDir(), store, w.paper.URL, w.slack.URL(), slacktest.ClientID, w.addr, publicURL, w.one, w.two, slacktest.Channel)
	return w
}

func (w *installed) env(key string) []string {
	return []string{
		"SLACK_BOT_TOKEN=" + slacktest.BotToken, "SLACK_APP_TOKEN=" + slacktest.AppToken,
		"SLACK_CLIENT_SECRET=" + slacktest.ClientSecret, "SLACK_ENCRYPTION_KEY=" + strings.Repeat(key, 32),
	}
}

func (w *installed) start(t *testing.T) *process { return start(t, w.conf, w.addr, w.env("a1")...) }

// visit opens an address of the public name as a browser behind its proxy does,
// with its cookies, and returns the page and where it leads.
func (w *installed) visit(t *testing.T, address string, cookies []*http.Cookie) (page, next string, set []*http.Cookie) {
	t.Helper()
	local := strings.Replace(address, publicURL, "http://"+w.addr, 1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, local, nil)
	if err != nil {
		t.Fatal(err)
	}
	if local != address {
		req.Host = strings.TrimPrefix(publicURL, "https://")
		for _, c := range cookies {
			req.AddCookie(c)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), resp.Header.Get("Location"), resp.Cookies()
}

// install has somebody of a workspace install the app there.
func (w *installed) install(t *testing.T, team string) {
	t.Helper()
	w.slack.Visit(team)
	_, next, cookies := w.visit(t, publicURL+"/slack/install", nil)
	if len(cookies) != 1 || !cookies[0].Secure || !cookies[0].HttpOnly {
		t.Errorf("cookies %v", cookies)
	}
	_, next, _ = w.visit(t, next, nil)
	page, _, _ := w.visit(t, next, cookies)
	if !strings.Contains(page, "is installed in") {
		t.Fatalf("installing in %s led to %s: %s", team, next, page)
	}
}

// shows reports whether each title stands in a channel, and none twice.
func (w *installed) shows(t *testing.T, channel string, titles []string) bool {
	t.Helper()
	all := true
	for _, title := range titles {
		n := 0
		for _, m := range w.slack.Messages(channel) {
			if first, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n"); strings.Contains(first, title) {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%q stands %d times in %s", title, n, channel)
		}
		all = all && n == 1
	}
	return all
}

// waits reports whether something waits for a channel for a reason.
func (p *process) waits(channel, why string) bool {
	var answer struct {
		Deliveries []struct{ State, Error string }
	}
	if p.get("/api/deliveries?channel="+channel, &answer) != nil {
		return false
	}
	for _, d := range answer.Deliveries {
		if d.State == "pending" && strings.Contains(d.Error, why) {
			return true
		}
	}
	return false
}

// TestInstallations runs the built binary from the install page to posts and
// answers in two workspaces beside that of the configured token, and takes one
// of them away: its news wait, the others' do not, and nothing is lost or
// posted twice, over kill -9 too.
func TestInstallations(t *testing.T) {
	stores := map[string]string{"bolt": ""}
	if url := redisServer(t); url != "" {
		stores["redis"] = fmt.Sprintf("redis_url: %s/11", strings.TrimSuffix(url, "/0"))
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newInstalled(t, store)
			p := w.start(t)
			p.await(t, 30*time.Second, "first reading of the feed", p.primed)
			var titles []string
			print := func(title string) {
				titles = append(titles, title)
				w.paper.print(title, "The outlet tells more about it below.")
			}
			print("DeepSeek is said to prepare R2")
			p.await(t, 30*time.Second, "the post of the configured token", func() bool { return w.shows(t, slacktest.Channel, titles) })
			p.await(t, 30*time.Second, "words about workspaces that nobody installed", func() bool {
				return p.waits("slack:T0ONE000001/"+w.one, "not installed") && p.waits("slack:T0TWO000002/"+w.two, "not installed")
			})
			w.install(t, "T0ONE000001")
			w.install(t, "T0TWO000002")
			everywhere := func() bool {
				return w.shows(t, w.one, titles) && w.shows(t, w.two, titles) && w.shows(t, slacktest.Channel, titles)
			}
			p.await(t, 30*time.Second, "posts in the installed workspaces", everywhere)

			p.kill()
			p = w.start(t)
			w.slack.UninstallDuringPost("T0ONE000001")
			print("Nvidia opens a factory for accelerators in Arizona")
			p.await(t, 60*time.Second, "posts of all but one", func() bool { return w.shows(t, w.two, titles) && w.shows(t, slacktest.Channel, titles) })
			p.await(t, 30*time.Second, "words about the workspace that left", func() bool { return p.waits("slack:T0ONE000001/"+w.one, "was removed from this workspace") })

			w.install(t, "T0ONE000001")
			p.await(t, 60*time.Second, "what waited for the workspace", everywhere)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := w.slack.Connected(ctx, 1); err != nil {
				t.Fatal(err)
			}
			for _, c := range []string{w.one, w.two, slacktest.Channel} {
				m, err := w.slack.SlashIn(ctx, c, "deepseek")
				if err != nil || !strings.Contains(m.Shown(), "R2") {
					t.Errorf("asked in %s: %q, %v", c, m.Shown(), err)
				}
			}
			if code := p.stop(t); code != 0 {
				t.Errorf("SIGTERM: exit %d\n%s", code, p.log)
			}
			if log := p.log.String(); strings.Contains(log, "xoxb-") || strings.Contains(log, slacktest.ClientSecret) {
				t.Error("the log tells a token")
			}

			file := write(t, "newsdesk.yaml", w.conf)
			code, out, errs := run(t, t.TempDir(), w.env("b2"), "--config", file, "check")
			for _, want := range []string{
				"slack:T0ONE000001: the token of this workspace cannot be opened", "slack:T0TWO000002: the token of this workspace cannot be opened",
				"slack:" + slacktest.Channel + ": well",
			} {
				if !strings.Contains(out, want) {
					t.Errorf("check with another key does not say %q", want)
				}
			}
			if code != 1 || strings.Contains(out+errs, "xoxb-") {
				t.Errorf("check with another key: exit %d\n%s%s", code, out, errs)
			}
			code, out, errs = run(t, t.TempDir(), w.env("a1"), "--config", file, "check")
			for _, c := range []string{"slack:T0ONE000001/" + w.one, "slack:T0TWO000002/" + w.two} {
				if !strings.Contains(out, c+": well") {
					t.Errorf("check with the key does not call %s well: exit %d\n%s%s", c, code, out, errs)
				}
			}
		})
	}
}
