package adapters_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/news"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func lines(t *testing.T, out string) []news.Story {
	t.Helper()
	var all []news.Story
	for l := range strings.Lines(out) {
		var s news.Story
		if err := json.Unmarshal([]byte(l), &s); err != nil {
			t.Fatalf("%v in %.200s", err, l)
		}
		all = append(all, s)
	}
	return all
}

// TestDemo plays the sample day and looks at what it is there for.
func TestDemo(t *testing.T) {
	code, out, errs := run(t, t.TempDir(), nil, "demo", "--once")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	stories := lines(t, out)
	if len(stories) < 30 {
		t.Errorf("%d stories", len(stories))
	}
	if !slices.ContainsFunc(stories, func(s news.Story) bool { return len(s.Related) > 0 }) {
		t.Error("no story names what is related to it")
	}
	var r2 []news.Story
	for _, s := range stories {
		sum := 0
		for _, p := range s.Parts {
			sum += p.Points
		}
		if sum != s.Impact || s.Brief.Standfirst == "" || s.Brief.Summary == "" || s.Status.Value == "" || s.Status.Why == "" {
			t.Errorf("%q: impact %d of parts %d, brief %+v, status %+v", s.Headline, s.Impact, sum, s.Brief, s.Status)
		}
		for _, a := range s.Articles {
			if strings.HasPrefix(a.Title, "EU-Kommission legt Leitlinien") && len(s.Sources) < 3 {
				t.Errorf("the German report on the guidance is in a story of %v", s.Sources)
			}
			if strings.Contains(a.Title, "R2") && strings.Contains(a.Title, "DeepSeek") {
				r2 = append(r2, s)
				break
			}
		}
	}
	if len(r2) != 1 {
		t.Fatalf("the R2 articles are in %d stories", len(r2))
	}
	s := r2[0]
	var history []string
	for _, h := range append(s.History, s.Status) {
		history = append(history, h.Value)
	}
	if got := strings.Join(history, " "); got != "rumour denied confirmed" || len(s.Sources) < 10 || s.Impact < 80 {
		t.Errorf("the R2 story: status %s, %d sources, impact %d", got, len(s.Sources), s.Impact)
	}
	if _, again, _ := run(t, t.TempDir(), nil, "demo", "--once"); again != out {
		t.Error("a second run printed something else")
	}
}

// TestDemoSaysThatItsDayIsOver: the page stays up, and the log says why nothing
// more comes.
func TestDemoSaysThatItsDayIsOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	listen := freePort(t)
	cmd := exec.CommandContext(ctx, newsdesk(t), "demo", "--speed", "86400")
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "REDIS_URL=", "WEB_LISTEN="+listen)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewScanner(errs); in.Scan(); {
		if !strings.Contains(in.Text(), "the sample day has ended") {
			continue
		}
		if resp, err := http.Get("http://" + listen + "/healthz"); err != nil || resp.StatusCode != 200 {
			t.Errorf("the page is gone: %v", err)
		}
		cmd.Process.Signal(syscall.SIGTERM)
		io.Copy(io.Discard, errs)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("it never said so: %v", cmd.Wait())
}

// TestReplayRealFeeds accounts for each item of an archive of real feeds.
func TestReplayRealFeeds(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "data", "feeds")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("NOT TESTED: the archive of real feeds is not on this machine: it was not replayed")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, t.TempDir(), nil, "replay", abs)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	seen := map[string]bool{}
	for _, s := range lines(t, out) {
		for _, a := range s.Articles {
			if seen[a.ID] {
				t.Errorf("%s is in two places", a.ID)
			}
			seen[a.ID] = true
		}
	}
	t.Logf("%d articles", len(seen))
	if len(seen) < 3000 {
		t.Errorf("%d articles, the archive has 3,033 items of which a few share their link", len(seen))
	}
	if _, again, _ := run(t, t.TempDir(), nil, "replay", abs); again != out {
		t.Error("a second run printed something else")
	}
}

func TestWrongUsage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().String()
	locked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(locked, []byte("this is no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		config string
		args   []string
		env    []string
		code   int
		stderr []string
	}{
		{"an unknown command", "", []string{"rnu"}, nil, 2, []string{"rnu"}},
		{"an unknown flag", "", []string{"--colour"}, nil, 2, []string{"--colour"}},
		{"an argument too few", "", []string{"replay"}, nil, 2, []string{"file"}},
		{"an unknown platform", "", []string{"manifest", "irc"}, nil, 2, []string{"slack"}},
		{"a time that is none", "", []string{"replay", "--since", "yesterday", "-"}, nil, 2, []string{"--since", "yesterday", "2025-04-28"}},
		{"an impact beyond the scale", "", []string{"replay", "--min-impact", "101", "-"}, nil, 2, []string{"--min-impact", "101", "0 to 100"}},
		{"a day that stands still", "", []string{"demo", "--speed", "0"}, nil, 2, []string{"--speed", "above 0"}},
		{"a config that is not there", "", []string{"--config", "/none/newsdesk.yaml"}, nil, 1, []string{"/none/newsdesk.yaml"}},
		{"two mistakes at once", "pol: {}\nweb: {listem: x}\n", nil, nil, 1, []string{":1:1", "poll", ":2:7", "listen"}},
		{"a port in use", "data_dir: DIR\nsources: {catalogue: false}\nweb: {listen: " + port + "}\n", nil, nil, 1, []string{port, "in use", "web.listen"}},
		{"a dead Redis", "redis_url: redis://:secret@127.0.0.1:1/0\n", nil, nil, 1, []string{"127.0.0.1:1", "refused", "redis_url"}},
		{"a data folder that is a file", "data_dir: " + locked + "\n", nil, nil, 1, []string{locked, "data_dir"}},
		{"a token file that is not there", "", nil, []string{"DISCORD_TOKEN_FILE=/none/token"}, 1, []string{"DISCORD_TOKEN_FILE", "/none/token"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			args := tt.args
			if tt.config != "" {
				args = append([]string{"--config", write(t, "newsdesk.yaml", strings.ReplaceAll(tt.config, "DIR", dir))}, args...)
			}
			code, _, errs := run(t, dir, tt.env, args...)
			if code != tt.code {
				t.Errorf("exit %d, want %d", code, tt.code)
			}
			for _, want := range tt.stderr {
				if !strings.Contains(errs, want) {
					t.Errorf("stderr does not say %q: %s", want, errs)
				}
			}
			if strings.Contains(errs, "secret") {
				t.Errorf("stderr tells a secret: %s", errs)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	dir := t.TempDir()
	if code, out, _ := run(t, dir, nil, "version"); code != 0 || !strings.HasPrefix(out, "newsdesk ") {
		t.Errorf("version: exit %d, %q", code, out)
	}
	for _, cmd := range []string{"", "run", "demo", "replay", "check", "sources", "sources list", "sources import", "sources export", "manifest", "version"} {
		code, out, _ := run(t, dir, nil, append(strings.Fields(cmd), "--help")...)
		if n := strings.Count(out, "\n"); code != 0 || n > 40 || !strings.Contains(out, "Example:") {
			t.Errorf("%s --help: exit %d, %d lines:\n%s", cmd, code, n, out)
		}
	}
	_, opml, _ := run(t, dir, nil, "sources", "export")
	if _, yaml, errs := run(t, dir, nil, "sources", "import", write(t, "feeds.opml", opml)); strings.Count(yaml, "feed") < 150 {
		t.Errorf("exported sources come back as %.300s\n%s", yaml, errs)
	}
	if _, list, _ := run(t, dir, nil, "sources", "list"); strings.Count(list, "\n") < 150 {
		t.Errorf("sources list: %.300s", list)
	}
	for platform, want := range map[string]string{"slack": "chat:write", "discord": "permissions"} {
		code, out, errs := run(t, dir, nil, "manifest", platform)
		if !json.Valid([]byte(out)) || code != 0 || !strings.Contains(out, want) {
			t.Errorf("manifest %s: exit %d, %s %s", platform, code, out, errs)
		}
	}
}

// TestCheckNamesEveryProblem checks a configuration with one good feed and two
// bad ones.
func TestCheckNamesEveryProblem(t *testing.T) {
	paper := newNewspaper(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("<!doctype html><html></html>"))
	}))
	defer page.Close()
	dead := freePort(t)
	dir := t.TempDir()
	config := write(t, "newsdesk.yaml", `
data_dir: `+dir+`
poll: {allow_private: true}
sources:
  catalogue: false
  add:
    - {name: Good, kind: press, feed: "`+paper.URL+`/feed", authority: 0.5}
    - {name: A Page, kind: press, feed: "`+page.URL+`/feed", authority: 0.5}
    - {name: Dead, kind: press, feed: "http://`+dead+`/feed", authority: 0.5}
`)
	began := time.Now()
	code, out, errs := run(t, dir, nil, "--config", config, "check")
	if code != 1 || !strings.Contains(out, "a-page: ") || !strings.Contains(out, "web page") || !strings.Contains(out, "dead: ") || strings.Contains(out, "good") || !strings.Contains(errs, "2 problems") {
		t.Errorf("exit %d after %v\n%s%s", code, time.Since(began), out, errs)
	}
}

// TestCheckOfChannels proves for each channel that the bot may post, read the
// history and answer in threads, or says what is missing.
func TestCheckOfChannels(t *testing.T) {
	d, s, dir := discordtest.New(t), slacktest.New(t), t.TempDir()
	d.AddChannel("100", discordtest.Channel{Name: "well"})
	d.AddChannel("200", discordtest.Channel{Name: "blind", Permissions: discordtest.Usual &^ discordtest.ReadMessageHistory})
	d.AddChannel("300", discordtest.Channel{Name: "mute", Permissions: discordtest.Usual &^ discordtest.SendMessages})
	s.RemoveScope("groups:history")
	config := write(t, "newsdesk.yaml", fmt.Sprintf(`
data_dir: %s
sources: {catalogue: false}
discord: {token: %q, application_id: %q, api_url: %q}
slack: {bot_token: %q, app_token: %q, api_url: %q}
channels:
  - {channel: "discord:100"}
  - {channel: "discord:100", mode: digest, topics: [deepsek]}
  - {channel: "discord:200"}
  - {channel: "discord:300"}
  - {channel: "discord:400"}
  - {channel: "slack:%s"}
  - {channel: "slack:%s"}
  - {channel: "slack:%s"}
`, dir, d.Token, d.ApplicationID, d.URL(), slacktest.BotToken, slacktest.AppToken, s.URL(), slacktest.Channel, slacktest.Private, slacktest.Archived))
	code, out, errs := run(t, dir, nil, "--config", config, "check")
	for _, want := range []string{
		`channels[1].topics[0]: no topic is called "deepsek": did you mean "deepseek"?`, "sources: none: no feed is read", "discord:100: well", "discord:200: the bot lacks Read Message History in #blind", "discord:300: the bot lacks Send Messages in #mute",
		"discord:400: the channel does not exist any more", "slack:" + slacktest.Channel + ": well", "groups:history", "is archived",
	} {
		if strings.Count(out, want) == 0 {
			t.Errorf("check does not say %q", want)
		}
	}
	if code != 1 || strings.Count(out, "discord:100") != 1 || strings.Count(out, "discord:200") != 1 || strings.Contains(out+errs, d.Token) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestEndWithoutStore takes Redis away for good: SIGTERM still ends the bot,
// and calls it no failure.
func TestEndWithoutStore(t *testing.T) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED: no redis-server is installed: the end without it was not tried")
	}
	_, port, err := net.SplitHostPort(freePort(t))
	if err != nil {
		t.Fatal(err)
	}
	store := exec.Command(bin, "--bind", "127.0.0.1", "--port", port, "--dir", t.TempDir(), "--save", "")
	if err := store.Start(); err != nil {
		t.Fatal(err)
	}
	gone := sync.OnceFunc(func() { store.Process.Kill(); store.Wait() })
	t.Cleanup(gone)
	for range 100 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	listen := freePort(t)
	p := start(t, "redis_url: redis://127.0.0.1:"+port+"\nsources: {catalogue: false}\nweb: {listen: \""+listen+"\"}\n", listen)
	gone()
	p.await(t, 10*time.Second, "word of the store", func() bool { return strings.Contains(p.log.String(), "the store does not answer") })
	began := time.Now()
	if code := p.stop(t); code != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("exit %d after %v\n%s", code, time.Since(began), p.log)
	}
}

// TestPreviewWithoutChannels starts a bot that nobody configured channels for:
// what matters is posted to the preview.
func TestPreviewWithoutChannels(t *testing.T) {
	paper, listen := newNewspaper(t), freePort(t)
	p := start(t, `
data_dir: `+t.TempDir()+`
poll: {interval: 1s, allow_private: true}
sources: {catalogue: false, add: [{name: Outlet, kind: press, feed: "`+paper.URL+`/feed", authority: 0.8}]}
web: {listen: "`+listen+`"}
`, listen)
	p.await(t, 20*time.Second, "first reading", p.primed)
	paper.print("OpenAI releases GPT-6 with 2 trillion parameters", "OpenAI released GPT-6 today.")
	paper.print("Norrvik opens a bakery", "In the harbour of Bergen.")
	var out struct {
		Deliveries []struct{ Channel, State, Message string }
	}
	p.await(t, 20*time.Second, "message on the preview", func() bool {
		return p.get("/api/deliveries?state=sent", &out) == nil && len(out.Deliveries) > 0
	})
	if d := out.Deliveries; len(d) != 1 || d[0].Channel != "web:preview" || d[0].Message == "" {
		t.Errorf("%+v", d)
	}
}
