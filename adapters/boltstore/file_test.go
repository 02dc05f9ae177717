package boltstore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/news"
)

// childEnv makes the test binary another newsdesk: "write" commits for ever
// and prints what is acknowledged, "hold" only keeps the file open.
const childEnv = "BOLTSTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode, path, ok := strings.Cut(os.Getenv(childEnv), ":"); ok {
		if err := child(mode, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(mode, path string) error {
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	if mode == "hold" {
		time.Sleep(time.Minute)
		return nil
	}
	ctx := context.Background()
	fence, _, err := s.Lease(ctx, news.DeskLease, fmt.Sprint(os.Getpid()), time.Nanosecond)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		b := &news.Batch{
			Fence:    fence,
			Articles: []news.Article{{ID: "a" + id, Story: "s" + id, Text: strings.Repeat("text ", 500)}},
			Aliases:  []news.Alias{{Key: "k" + id, Article: "a" + id, Story: "s" + id, TTL: time.Hour}},
			Stories:  []news.Story{{ID: "s" + id}},
		}
		if err := s.Commit(ctx, b); err != nil {
			return err
		}
		if n, err := s.Enqueue(ctx, []bot.Delivery{{ID: "d" + id, Channel: "test:" + bot.Channel(id), Kind: bot.KindStory, Story: "s" + id}}); n != 1 || err != nil {
			return fmt.Errorf("enqueued %d: %w", n, err)
		}
		ds, err := s.Claim(ctx, bot.AllShards, time.Hour, 1)
		if err != nil || len(ds) != 1 {
			return fmt.Errorf("claimed %v: %w", ds, err)
		}
		if err := s.Settle(ctx, ds[0], bot.Result{State: bot.Sent, Message: "m" + bot.MessageID(ds[0].ID)}); err != nil {
			return err
		}
		fmt.Println(id, ds[0].ID)
	}
}

// startChild runs another newsdesk on the file at path and returns it with
// the lines it prints, once it has the file.
func startChild(t *testing.T, mode, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+mode+":"+path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "open" {
		cmd.Wait()
		t.Fatalf("the other process does not open the store: %s", stderr.String())
	}
	return cmd, lines
}

// TestKill kills a process again and again while it writes: whatever it said
// was done is there, and what it did not is there whole or not at all.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newsdesk.db")
	acknowledged := map[string]string{} // id of commit -> delivery settled
	for round := range 5 {
		cmd, lines := startChild(t, "write", path)
		time.AfterFunc(time.Duration(60+37*round)*time.Millisecond, func() { cmd.Process.Kill() })
		for lines.Scan() {
			if id, delivery, ok := strings.Cut(lines.Text(), " "); ok {
				acknowledged[id] = delivery
			}
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("the writer ended with %v, want it killed", err)
		}
	}
	if len(acknowledged) < 10 {
		t.Fatalf("only %d commits were acknowledged: nothing is tested", len(acknowledged))
	}
	s := openAt(t, path)
	sent, err := s.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Sent, Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	message := map[string]bot.MessageID{}
	for _, d := range sent {
		message[d.ID] = d.Message
	}
	for id, delivery := range acknowledged {
		if got, want := message[delivery], "m"+bot.MessageID(delivery); got != want {
			t.Errorf("delivery %s was settled as %q, and is now %q", delivery, want, got)
		}
		wantWhole(t, s, id)
	}
	var last uint64
	changed, err := s.Changed(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range changed {
		if st.Seq != last+1 {
			t.Errorf("story %s has sequence %d after %d", st.ID, st.Seq, last)
		}
		last = st.Seq
		wantWhole(t, s, st.ID[1:])
	}
}

// wantWhole checks that article, alias and story of a commit are there.
func wantWhole(t *testing.T, s *boltstore.Store, id string) {
	t.Helper()
	as, err1 := s.Articles(t.Context(), []string{"a" + id})
	ss, err2 := s.Stories(t.Context(), []string{"s" + id})
	ks, err3 := s.Resolve(t.Context(), []string{"k" + id})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if len(as) != 1 || len(ss) != 1 || ks[0].Article != "a"+id {
		t.Errorf("of commit %s there are %d articles, %d stories, alias %v", id, len(as), len(ss), ks[0])
	}
}

func openAt(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newsdesk.db")
	cmd, _ := startChild(t, "hold", path)
	began := time.Now()
	s, err := boltstore.Open(path, boltstore.Options{})
	if err == nil {
		s.Close()
		t.Fatal("two processes have the same file")
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Open took %v to give up", took)
	}
	for _, want := range []string{path, "another newsdesk", "data_dir"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %q", err, want)
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	openAt(t, path)
}

func TestBadFile(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	s := openAt(t, good)
	var many []bot.Delivery
	for i := range 2000 {
		many = append(many, bot.Delivery{ID: fmt.Sprint(i), Channel: "test:a", Kind: bot.KindStory})
	}
	if _, err := s.Enqueue(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	for i := range uint64(50) { // what is read first moves away from the end
		if err := s.SaveCursor(t.Context(), "c", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 100_000)
	rand.Read(noise)
	overwritten := bytes.Clone(whole)
	copy(overwritten[2*os.Getpagesize():], bytes.Repeat([]byte{0xff}, len(whole)-2*os.Getpagesize()))
	used := len(bytes.TrimRight(whole, "\x00"))
	for name, data := range map[string][]byte{
		"text":        []byte("redis_url: redis://localhost\n"),
		"one byte":    {0},
		"noise":       noise,
		"zeros":       make([]byte, 1<<20),
		"header only": whole[:2*os.Getpagesize()],
		"half":        whole[:len(whole)/2],
		"no end":      whole[:(used-1)/os.Getpagesize()*os.Getpagesize()],
		"overwritten": overwritten,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := boltstore.Open(path, boltstore.Options{})
			if err == nil {
				s.Close()
				t.Fatal("Open takes it")
			}
			for _, want := range []string{path, "damaged, or no store at all", "move it away"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, data) {
				t.Errorf("Open changed the file, or %v", err)
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		if _, err := boltstore.Open(dir, boltstore.Options{}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("Open of a folder: %v, want an error that names it", err)
		}
	})
	t.Run("empty", func(t *testing.T) { // as touch makes it
		path := filepath.Join(dir, "touched")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		openAt(t, path)
	})
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "not", "there", "newsdesk.db")
	s := openAt(t, path)
	ctx := t.Context()
	if _, err := s.Enqueue(ctx, []bot.Delivery{{ID: "d1", Channel: "test:a"}, {ID: "d2", Channel: "test:a"}}); err != nil {
		t.Fatal(err)
	}
	first, err := s.Claim(ctx, bot.AllShards, time.Nanosecond, 1)
	if err != nil || len(first) != 1 {
		t.Fatalf("Claim = %v, %v", first, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := s.Cursor(ctx, "c"); err == nil {
		t.Error("a closed store answers")
	}
	s = openAt(t, path)
	again, err := s.Claim(ctx, bot.AllShards, time.Minute, 10)
	if err != nil || len(again) != 1 || again[0].ID != "d1" || !again[0].InDoubt || again[0].Token <= first[0].Token {
		t.Errorf("Claim after a restart = %+v, %v; want d1, in doubt, with a new token", again, err)
	}
}
