package adapters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var binary struct {
	sync.Once
	dir string
	err error
}

// newsdesk builds the binary once and returns its path.
func newsdesk(t *testing.T) string {
	t.Helper()
	binary.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "newsdesk-bin-"); binary.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", filepath.Join(binary.dir, "newsdesk"), ".")
		cmd.Dir = ".."
		if out, err := cmd.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.dir, "newsdesk")
}

func cleanBinary() {
	if binary.dir != "" {
		os.RemoveAll(binary.dir)
	}
}

// A process is one running newsdesk.
type process struct {
	cmd  *exec.Cmd
	log  *lockedBuffer
	url  string
	done chan error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// freePort returns an address that nothing listens on, below the ports that
// connections are given: one of those may be taken before it is listened on.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("a hundred ports below 32000 are taken")
	return ""
}

// start runs newsdesk with a configuration and waits until it is ready.
func start(t *testing.T, config, listen string, env ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "newsdesk.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(newsdesk(t), "--config", file), log: &lockedBuffer{}, url: "http://" + listen, done: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Env = append(p.cmd.Env, "REDIS_URL=") // the configuration's counts
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Dir = t.TempDir()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(p.kill)
	p.await(t, 20*time.Second, "readiness", p.ready)
	return p
}

// ready reports whether the process says that it is.
func (p *process) ready() bool {
	res, err := http.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	p.cmd.Process.Kill()
	select {
	case <-p.done:
		p.done <- nil // for a second kill
	case <-time.After(10 * time.Second):
	}
}

// stop asks the process to end and returns its exit code.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		p.done <- err
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(15 * time.Second):
		t.Fatalf("SIGTERM did not end it within 15 s\n%s", p.log)
		return -1
	}
}

// await polls until ok, or fails with the process's log.
func (p *process) await(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("no %s within %s\n%s", what, within, p.log)
}

// get decodes one of the process's JSON doors.
func (p *process) get(path string, into any) error {
	res, err := http.Get(p.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s: %s", path, res.Status, b)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// primed reports whether every feed was read once.
func (p *process) primed() bool {
	var out struct {
		Sources []struct {
			Feeds []struct{ Items int }
		}
	}
	if err := p.get("/api/sources", &out); err != nil || len(out.Sources) == 0 {
		return false
	}
	for _, s := range out.Sources {
		for _, f := range s.Feeds {
			if f.Items == 0 {
				return false
			}
		}
	}
	return true
}

// A newspaper is one feed to which a test adds articles.
type newspaper struct {
	*httptest.Server
	mu    sync.Mutex
	items []string
}

func newNewspaper(t *testing.T) *newspaper {
	n := &newspaper{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title><link>https://outlet.example/</link>%s</channel></rss>`, strings.Join(n.items, ""))
	}))
	t.Cleanup(n.Close)
	n.print("Backlog: an old article about nothing in particular", "It was there before.")
	return n
}

// print publishes an article at the head of the feed.
func (n *newspaper) print(title, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	// Each newspaper has a host of its own: a link is an identity.
	link := fmt.Sprintf("https://outlet%s.example/%d", n.URL[strings.LastIndexByte(n.URL, ':')+1:], len(n.items))
	n.items = append([]string{fmt.Sprintf("<item><title>%s</title><link>%s</link><guid>%s</guid><pubDate>%s</pubDate><description>%s</description></item>",
		title, link, link, time.Now().UTC().Format(time.RFC1123Z), text)}, n.items...)
}

// run executes newsdesk to its end.
func run(t *testing.T, dir string, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, newsdesk(t), args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "REDIS_URL="), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}
