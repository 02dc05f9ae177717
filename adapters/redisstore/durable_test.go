package redisstore_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
)

// TestClaimWaitsForTheDisk puts a server of Redis 7.2 between: it is asked on
// the claim's own connection whether the claim is on its disk, and where it is
// not, nothing is handed out.
func TestClaimWaitsForTheDisk(t *testing.T) {
	p := newDiskProxy(t, startRedis(t, "--appendonly", "yes", "--appendfsync", "everysec"))
	var log bytes.Buffer
	s, err := redisstore.Open(t.Context(), "redis://"+p.addr, redisstore.Options{Prefix: "{disk}:", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if log.Len() > 0 {
		t.Errorf("Open warns of a server that can wait for its disk: %s", log.String())
	}
	enqueue := func(id string) {
		t.Helper()
		if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: id, Channel: bot.Channel("test:" + id), Kind: bot.KindStory}}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	claim := func(want string) error {
		t.Helper()
		ds, err := s.Claim(t.Context(), bot.AllShards, 50*time.Millisecond, 10)
		got := ""
		for _, d := range ds {
			got += fmt.Sprintf("%s doubt=%t ", d.ID, d.InDoubt)
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("claimed %q, want %q (%v)", got, want, err)
		}
		return err
	}
	enqueue("a")
	before := p.asked.Load()
	if err := claim("a doubt=false"); err != nil || p.asked.Load() == before || p.last.Load() != "evalsha" && p.last.Load() != "eval" {
		t.Errorf("Claim: %v, asked %d times, after %q on the same connection", err, p.asked.Load()-before, p.last.Load())
	}
	p.written.Store(0)
	enqueue("b")
	if err := claim(""); err == nil || !strings.Contains(err.Error(), "disk") {
		t.Errorf("Claim that is on no disk: %v", err)
	}
	p.written.Store(1)
	time.Sleep(60 * time.Millisecond) // the leases
	claim("a doubt=true b doubt=true")
	// As in the middle of a failover: the refusal passes.
	p.refusal.Store("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)")
	time.Sleep(60 * time.Millisecond)
	if err := claim(""); err == nil || !strings.Contains(err.Error(), "disk") || !strings.Contains(err.Error(), "UNBLOCKED") {
		t.Errorf("Claim while the master changes: %v", err)
	}
	p.refusal.Store("")
	time.Sleep(60 * time.Millisecond)
	before = p.asked.Load()
	if claim("a doubt=true b doubt=true"); p.asked.Load() == before {
		t.Error("after the master changed, no claim asks any more")
	}
	// Nothing to claim, nothing to wait for.
	before = p.asked.Load()
	if claim(""); p.asked.Load() != before {
		t.Error("a claim of nothing waits for the disk")
	}
	p.refusal.Store("ERR unknown command 'WAITAOF'") // a server of another kind
	for range 2 {
		time.Sleep(60 * time.Millisecond)
		if err := claim("a doubt=true b doubt=true"); err != nil || strings.Count(log.String(), "any more") != 1 {
			t.Errorf("Claim from a server that cannot wait: %v, log %q", err, log.String())
		}
	}
}

// A claim that no replica has would be forgotten by a failover, and posted
// again: where a replica follows, it must have it. One that hangs for a while
// costs time.
func TestClaimWaitsForAReplica(t *testing.T) {
	master := startServer(t)
	_, port, _ := net.SplitHostPort(master.addr)
	replica := startServer(t, "--replicaof", "127.0.0.1 "+port)
	c, s := waitFor(t, master.addr), open(t, "redis://"+master.addr, nil)
	await(t, "the replica", func() bool { return c.Wait(t.Context(), 1, time.Second).Val() == 1 })
	if n, err := s.Enqueue(t.Context(), []bot.Delivery{{ID: "a", Channel: "test:a", Kind: bot.KindStory}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	claim := func() (int, error) {
		ds, err := s.Claim(t.Context(), bot.AllShards, 50*time.Millisecond, 10)
		return len(ds), err
	}
	replica.signal(syscall.SIGSTOP)
	defer replica.signal(syscall.SIGCONT)
	if n, err := claim(); n != 0 || err == nil || !strings.Contains(err.Error(), "no replica") {
		t.Errorf("Claim that no replica has = %d, %v", n, err)
	}
	replica.signal(syscall.SIGCONT)
	await(t, "the replica again", func() bool {
		n, err := claim()
		return n == 1 && err == nil
	})
	replica.kill()
	await(t, "a master by itself", func() bool {
		n, err := claim()
		return n == 1 && err == nil
	})
}

// A diskProxy answers WAITAOF in the server's place: with how many disks have
// the write, or with refusal where it is not empty.
type diskProxy struct {
	addr    string
	written atomic.Int64
	refusal atomic.Value // a string
	asked   atomic.Int64
	last    atomic.Value // the command before WAITAOF on its connection
}

func newDiskProxy(t *testing.T, server string) *diskProxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &diskProxy{addr: l.Addr().String()}
	p.written.Store(1)
	p.refusal.Store("")
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(client, server) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return p
}

func (p *diskProxy) serve(client net.Conn, server string) {
	defer client.Close()
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer up.Close()
	in, answers, before := bufio.NewReader(client), bufio.NewReader(up), ""
	for {
		raw, words, err := readValue(in)
		if err != nil {
			return
		}
		name := strings.ToLower(words[0])
		if name != "waitaof" {
			before = name
			up.Write(raw)
			if raw, _, err = readValue(answers); err != nil {
				return
			}
			client.Write(raw)
			continue
		}
		p.asked.Add(1)
		p.last.Store(before)
		if r := p.refusal.Load().(string); r != "" {
			fmt.Fprintf(client, "-%s\r\n", r)
		} else {
			fmt.Fprintf(client, "*2\r\n:%d\r\n:0\r\n", p.written.Load())
		}
	}
}

// readValue reads one value of Redis' protocol, raw and as its strings.
func readValue(r *bufio.Reader) (raw []byte, words []string, err error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	raw = line
	n, _ := strconv.Atoi(strings.TrimSpace(string(line[1:])))
	switch line[0] {
	case '$', '=':
		if n < 0 {
			break
		}
		body := make([]byte, n+2)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, nil, err
		}
		return append(raw, body...), []string{string(body[:n])}, nil
	case '*', '~', '%', '>':
		if line[0] == '%' {
			n *= 2
		}
		for range n {
			more, w, err := readValue(r)
			if err != nil {
				return nil, nil, err
			}
			raw, words = append(raw, more...), append(words, w...)
		}
	}
	return raw, words, nil
}

func set(t *testing.T, c *redis.Client, name, value string) {
	t.Helper()
	do(t, c, "CONFIG", "SET", name, value)
}

func do(t *testing.T, c *redis.Client, command ...any) {
	t.Helper()
	if err := c.Do(t.Context(), command...).Err(); err != nil {
		t.Fatalf("%v: %v", command, err)
	}
}

// await waits for done, up to a bound that no healthy run comes near.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
