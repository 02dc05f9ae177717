package discord_test

import (
	"bytes"
	"context"
	"log/slog"
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

func TestInvocations(t *testing.T) {
	t.Parallel()
	const direct, thread = "1500000000000000003", "1500000000000000004"
	s, p := newPlatform(t)
	s.AddChannel(thread, discordtest.Channel{Type: 11, Parent: room})
	s.AddChannel(direct, discordtest.Channel{Type: 1})
	h := &handler{}
	start(t, p, h)
	base := bot.Invocation{Channel: roomChannel, User: "1300000000000000002", Space: s.Guild, Locale: "en-GB"}
	with := func(change func(*bot.Invocation)) bot.Invocation {
		inv := base
		change(&inv)
		return inv
	}
	for _, test := range []struct {
		name string
		ask  discordtest.Invocation
		want bot.Invocation
	}{
		{"search", discordtest.Invocation{Channel: room, Command: "news", Options: map[string]any{"query": " deepseek r2 ", "min": 60}},
			with(func(i *bot.Invocation) { i.Call.Options = map[string]string{"query": "deepseek r2", "min": "60"} })},
		{"bare", discordtest.Invocation{Channel: room, Command: "news"}, base},
		{"subcommand", discordtest.Invocation{Channel: room, Command: "desk", Subcommand: "story", Options: map[string]any{"id": "k3j2"}},
			with(func(i *bot.Invocation) {
				i.Call = bot.Call{Command: "story", Options: map[string]string{"id": "k3j2"}}
			})},
		{"subcommand alone", discordtest.Invocation{Channel: room, Command: "desk", Subcommand: "help"},
			with(func(i *bot.Invocation) { i.Call.Command = "help" })},
		{"manager", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.ManageGuild},
			with(func(i *bot.Invocation) { i.Manager = true })},
		{"direct message", discordtest.Invocation{Channel: direct, Command: "news", User: "1300000000000000005"},
			with(func(i *bot.Invocation) {
				i.Channel, i.User, i.Space, i.Manager, i.Speaker = "discord:"+direct, "1300000000000000005", "", true, true
			})},
		{"speaker", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.SendMessages},
			with(func(i *bot.Invocation) { i.Speaker = true })},
		{"speaker in threads alone", discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.SendMessagesInThreads}, base},
		{"speaker in a thread", discordtest.Invocation{Channel: thread, Command: "news", Permissions: discordtest.SendMessagesInThreads},
			with(func(i *bot.Invocation) { i.Channel, i.Speaker = "discord:"+thread, true })},
		{"speaker outside of threads", discordtest.Invocation{Channel: thread, Command: "news", Permissions: discordtest.SendMessages},
			with(func(i *bot.Invocation) { i.Channel = "discord:" + thread })},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := s.Invoke(deadline(t), test.ask); err != nil {
				t.Fatal(err)
			}
			got := h.last()
			if got.Call.Command != test.want.Call.Command || len(got.Call.Options) != len(test.want.Call.Options) {
				t.Errorf("call %+v, want %+v", got.Call, test.want.Call)
			}
			for name, v := range test.want.Call.Options {
				if got.Call.Options[name] != v {
					t.Errorf("option %s = %q, want %q", name, got.Call.Options[name], v)
				}
			}
			got.Call, test.want.Call = bot.Call{}, bot.Call{}
			if got.Channel != test.want.Channel || got.User != test.want.User || got.Space != test.want.Space ||
				got.Locale != test.want.Locale || got.Manager != test.want.Manager || got.Speaker != test.want.Speaker || got.Line != "" {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestPressedButton(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	h := &handler{}
	start(t, p, h)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	button := s.Messages(room)[0].Buttons()[0]
	r, err := s.Press(deadline(t), room, string(id), button.CustomID)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.last(); got.Line != "why k3j2" || got.Call.Command != "" || got.Call.Options != nil {
		t.Errorf("got %+v", got)
	}
	if len(s.Messages(room)) != 2 || !strings.Contains(r.Text(), "here") {
		t.Errorf("the answer is %q", r.Text())
	}
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

// TestLostDeferral: the announcement was taken, so the answer follows.
func TestLostDeferral(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	start(t, p, &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
		time.Sleep(1700 * time.Millisecond)
		return bot.Reply{Card: card("at last")}, true
	}})
	s.LoseCallbacks(1)
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

func TestCommandsAreRegisteredWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	// once runs p until it has looked at the commands and had time to write.
	once := func(p *discord.Platform, writes int) {
		t.Helper()
		looks := func() int {
			return strings.Count(strings.Join(s.Requests(), "\n"), "GET /applications/"+s.ApplicationID+"/commands")
		}
		before := looks()
		stop, ended := start(t, p, &handler{})
		for end := time.Now().Add(10 * time.Second); looks() == before; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it did not ask for the commands")
			}
		}
		time.Sleep(300 * time.Millisecond)
		stop()
		<-ended
		if commands, n := s.Commands(); len(commands) != 2 || n != writes {
			t.Errorf("%d commands, %d writes, want 2 and %d", len(commands), n, writes)
		}
	}
	once(p, 1)
	again, err := discord.New(discord.Options{Token: s.Token, APIURL: s.URL(), Commands: testTable()}) // asks for its id itself
	if err != nil {
		t.Fatal(err)
	}
	once(again, 1)
	table := testTable()
	table[0].Options[2].Choices = append(table[0].Options[2].Choices, "denied")
	changed, err := discord.New(discord.Options{Token: s.Token, ApplicationID: s.ApplicationID, APIURL: s.URL(), Commands: table})
	if err != nil {
		t.Fatal(err)
	}
	once(changed, 2)
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
