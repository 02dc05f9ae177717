package adapters_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// A flakyRedis is a real server that is restarted now and then, behind a proxy
// that cuts and delays its connections.
type flakyRedis struct {
	addr, dir string
	cmd       *exec.Cmd
	proxy     *toxiproxy.Proxy
}

func newFlakyRedis(t *testing.T) *flakyRedis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("NOT TESTED on Redis: install redis-server")
	}
	r := &flakyRedis{addr: freePort(t), dir: t.TempDir()}
	r.start(t)
	t.Cleanup(func() { r.end(syscall.SIGKILL) })
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	r.proxy = toxiproxy.NewProxy(server, "redis", freePort(t), r.addr)
	if err := r.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.proxy.Stop)
	return r
}

func (r *flakyRedis) start(t *testing.T) {
	_, port, _ := net.SplitHostPort(r.addr)
	r.cmd = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", r.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always")
	if err := r.cmd.Start(); err != nil {
		t.Error(err)
	}
}

func (r *flakyRedis) end(how syscall.Signal) {
	r.cmd.Process.Signal(how)
	r.cmd.Wait()
}

// spoil does one bad thing to the server or its connections, and undoes it.
func (r *flakyRedis) spoil(t *testing.T, rnd *rand.Rand, did func(string)) {
	time.Sleep(time.Duration(1000+rnd.IntN(4000)) * time.Millisecond)
	pause := time.Duration(200+rnd.IntN(1500)) * time.Millisecond
	switch rnd.IntN(6) {
	case 0:
		r.end(syscall.SIGKILL)
		did("kills of Redis")
		time.Sleep(pause)
		r.start(t)
	case 1:
		r.end(syscall.SIGTERM)
		did("restarts of Redis")
		time.Sleep(pause)
		r.start(t)
	case 2, 3:
		did("delays of Redis")
		r.toxic(t, fmt.Sprintf(`{"name": "x", "type": "latency", "stream": "downstream", "attributes": {"latency": %d, "jitter": 100}}`, 100+rnd.IntN(300)), pause)
	case 4:
		did("cuts of Redis")
		r.toxic(t, `{"name": "x", "type": "reset_peer", "stream": "downstream", "attributes": {"timeout": 0}}`, pause)
	case 5: // an answer is cut in its middle
		did("cuts of Redis")
		r.toxic(t, fmt.Sprintf(`{"name": "x", "type": "limit_data", "stream": "downstream", "attributes": {"bytes": %d}}`, 1+rnd.IntN(2000)), pause)
	}
}

func (r *flakyRedis) toxic(t *testing.T, toxic string, pause time.Duration) {
	if _, err := r.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Errorf("toxiproxy: %v", err)
		return
	}
	time.Sleep(pause)
	r.proxy.Toxics.ResetToxics(context.Background())
}

// heal leaves a server that answers.
func (r *flakyRedis) heal(t *testing.T) {
	r.proxy.Toxics.ResetToxics(context.Background())
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", r.addr); err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("redis does not come back")
		}
	}
}
