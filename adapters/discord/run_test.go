package discord_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// A handler keeps what it was asked and answers with reply.
type handler struct {
	mu    sync.Mutex
	asked []bot.Invocation
	reply func(bot.Invocation) (bot.Reply, bool)
}

func (*handler) Suggest(context.Context, bot.Typing) []bot.Choice { return nil }

func (h *handler) Handle(_ context.Context, inv bot.Invocation) (bot.Reply, bool) {
	h.mu.Lock()
	h.asked = append(h.asked, inv)
	h.mu.Unlock()
	if h.reply == nil {
		return bot.Reply{Card: card("here")}, true
	}
	return h.reply(inv)
}

// last returns the latest invocation without its ID, which is Discord's.
func (h *handler) last() bot.Invocation {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) == 0 {
		return bot.Invocation{}
	}
	inv := h.asked[len(h.asked)-1]
	inv.ID = ""
	return inv
}

// start runs p until the test ends; ended gets what Run returns.
func start(t *testing.T, p *discord.Platform, h bot.Handler) (stop func(), ended chan error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { ended <- p.Run(ctx, h) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return cancel, ended
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSlowAnswerIsDeferred(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	start(t, p, &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
		time.Sleep(1700 * time.Millisecond)
		return bot.Reply{Card: card("at last"), Private: true}, true
	}})
	r, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"})
	if err != nil || !r.Deferred || !r.Private || !strings.Contains(r.Text(), "at last") {
		t.Errorf("Invoke = %+v, %v", r, err)
	}
}

// TestSlowRefusalTakesTheAnnouncementBack: nothing is left that says "thinking".
func TestSlowRefusalTakesTheAnnouncementBack(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	start(t, p, &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
		time.Sleep(1700 * time.Millisecond)
		return bot.Reply{}, false
	}})
	r, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"})
	if err != nil || !r.Deleted {
		t.Errorf("Invoke = %+v, %v", r, err)
	}
}

// TestLostCallback: the answer was taken and its acknowledgement lost; the
// second attempt is refused as a duplicate, which is a success.
func TestLostCallback(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s, p := newPlatform(t, func(o *discord.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	start(t, p, &handler{})
	s.LoseCallbacks(1)
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond) // the second attempt
	n := 0
	for _, r := range s.Requests() {
		if strings.HasSuffix(r, "/callback") {
			n++
		}
	}
	if n != 2 || strings.Contains(log.String(), "ERROR") {
		t.Errorf("%d attempts; log:\n%s", n, log.String())
	}
}

// TestLostDeferral: the announcement was taken, so the answer follows, be it
// that no attempt to announce it was ever answered.
func TestLostDeferral(t *testing.T) {
	for _, lost := range []int{1, 20} {
		t.Run(strconv.Itoa(lost), func(t *testing.T) { lostDeferral(t, lost) })
	}
}

func lostDeferral(t *testing.T, lost int) {
	t.Parallel()
	s, p := newPlatform(t)
	start(t, p, &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
		time.Sleep(1700 * time.Millisecond)
		return bot.Reply{Card: card("at last")}, true
	}})
	s.LoseCallbacks(lost)
	r, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"})
	if err != nil || !strings.Contains(r.Text(), "at last") {
		t.Errorf("Invoke = %+v, %v", r, err)
	}
}

// TestLogsHoldNoSecret lets everything fail and reads the log.
func TestLogsHoldNoSecret(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s, p := newPlatform(t, func(o *discord.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	start(t, p, &handler{})
	s.LoseCallbacks(20)
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	s.CloseGateway(4000)
	for _, want := range []string{"connection to discord ended", "did not reach discord"} {
		for end := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the log does not tell %q:\n%s", want, log.String())
			}
		}
	}
	if text := log.String(); strings.Contains(text, s.Token) || strings.Contains(text, "interaction-") {
		t.Errorf("the log holds a secret:\n%s", text)
	}
}

// TestReconnects has the ways in which a connection ends that another follows.
func TestReconnects(t *testing.T) {
	for name, end := range map[string]func(*discordtest.Server){
		"closed":             func(s *discordtest.Server) { s.CloseGateway(4000) },
		"asked to reconnect": func(s *discordtest.Server) { s.Reconnect() },
		"session timed out":  func(s *discordtest.Server) { s.CloseGateway(4009) },
		"no greeting":        func(s *discordtest.Server) { s.StallGateway(1); s.CloseGateway(4000) },
		"refused once":       func(s *discordtest.Server) { s.RefuseSessions(1, 4000); s.CloseGateway(4000) },
		"deaf":               func(s *discordtest.Server) { s.IgnoreHeartbeats(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := newPlatform(t)
			s.Heartbeat(200 * time.Millisecond)
			p.SetPatience(500*time.Millisecond, 700*time.Millisecond, 50*time.Millisecond)
			start(t, p, &handler{})
			if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
				t.Fatal(err)
			}
			before := s.Sessions()
			end(s)
			for end := time.Now().Add(15 * time.Second); s.Sessions() == before || !s.Connected(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("no new session: %d", s.Sessions())
				}
			}
			s.IgnoreHeartbeats(false)
			time.Sleep(50 * time.Millisecond)
			if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
				t.Errorf("after the new session: %v", err)
			}
		})
	}
}

// TestFatalCloses end Run with what to do about it.
func TestFatalCloses(t *testing.T) {
	for code, want := range map[int]string{4004: "token", 4011: "2500", 4014: "intents"} {
		s, p := newPlatform(t)
		s.RefuseSessions(100, code)
		_, ended := start(t, p, &handler{})
		select {
		case err := <-ended:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%d: Run = %v, want %q in it", code, err, want)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%d: Run goes on", code)
		}
		if n := s.Sessions(); n != 1 {
			t.Errorf("%d: %d sessions were opened", code, n)
		}
	}
}

func TestRevokedTokenEndsRun(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	_, ended := start(t, p, &handler{})
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	s.RevokeToken()
	s.CloseGateway(4004)
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "token") {
			t.Errorf("Run = %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Run goes on")
	}
}

// TestEndsWhileUnreachable: Run ends at once even where Discord never answers.
func TestEndsWhileUnreachable(t *testing.T) {
	_, p := newPlatform(t, func(o *discord.Options) { o.APIURL = "http://127.0.0.1:1" })
	stop, ended := start(t, p, &handler{})
	time.Sleep(200 * time.Millisecond)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run = %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("Run goes on")
	}
}

// TestEndsDuringTheGreeting: the socket is open and silent.
func TestEndsDuringTheGreeting(t *testing.T) {
	s, p := newPlatform(t)
	s.StallGateway(10)
	stop, ended := start(t, p, &handler{})
	time.Sleep(300 * time.Millisecond)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run = %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("Run goes on")
	}
}

func TestGatewayURLOverrides(t *testing.T) {
	s, other := discordtest.New(t), discordtest.New(t)
	p, err := discord.New(discord.Options{Token: s.Token, APIURL: s.URL(), GatewayURL: other.GatewayURL()})
	if err != nil {
		t.Fatal(err)
	}
	start(t, p, &handler{})
	for end := time.Now().Add(10 * time.Second); !other.Connected(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not connect there")
		}
	}
	if s.Connected() {
		t.Error("it connected to what Discord named")
	}
}

// A lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
