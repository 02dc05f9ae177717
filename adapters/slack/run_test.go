package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// A handle answers as a function.
type handle func(context.Context, bot.Invocation) (bot.Reply, bool)

func (f handle) Handle(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) { return f(ctx, inv) }

func (handle) Suggest(context.Context, bot.Typing) []bot.Choice { return nil }

// echo answers with the words that were asked.
func echo(_ context.Context, inv bot.Invocation) (bot.Reply, bool) {
	return bot.Reply{Card: bot.Card{Title: "to " + inv.Line, Buttons: []bot.Button{{Label: "More", Line: "more " + inv.Line}}}}, true
}

// run starts the platform and waits until n sockets are open.
func run(t *testing.T, p *Platform, s *slacktest.Server, n int, h handle) (ended chan error, stop context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- p.Run(ctx, h) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("Run does not end")
		}
	})
	if err := s.Connected(within(t), n); err != nil {
		t.Fatal(err)
	}
	return ended, cancel
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSlashAsTyped(t *testing.T) {
	p, s := open(t)
	var got bot.Invocation
	run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		got = inv
		return echo(ctx, inv)
	})
	m, err := s.Slash(within(t), `"R&D" <b>`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Shown(), `to "R&D" <b>`) || m.Private {
		t.Errorf("answer %q, private %v", m.Shown(), m.Private)
	}
	if got.Line != `"R&D" <b>` || got.Channel != newsChannel || got.User != slacktest.Person || got.Space == "" || got.ID == "" || got.Manager || got.Rights == nil {
		t.Errorf("invocation %+v", got)
	}
	if n := s.Calls("response_url"); n != 0 {
		t.Errorf("a quick answer took %d requests beside the acknowledgement", n)
	}
}

func TestButtonOfAPostedMessage(t *testing.T) {
	p, s := open(t)
	run(t, p, s, 2, echo)
	if _, err := post(t, p, newsChannel, testKey, storyCard()); err != nil {
		t.Fatal(err)
	}
	posted := s.Messages(slacktest.Channel)[0]
	m, err := s.Press(within(t), posted, "Why 81?")
	if err != nil || !strings.Contains(m.Shown(), "to why k3j2") {
		t.Fatalf("answer %q, %v", m.Shown(), err)
	}
	if now := s.Messages(slacktest.Channel)[0]; now.Edited || now.Shown() != posted.Shown() {
		t.Error("the answer replaced the message that was pressed")
	}
	ctx, cancel := context.WithTimeout(within(t), time.Second)
	defer cancel()
	if m, err := s.Press(ctx, posted, "Open"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "acknowledged") {
		t.Errorf("a link was answered with %q, %v", m.Shown(), err)
	}
	// The button of an answer asks further.
	if m, err = s.Press(within(t), m, "More"); err != nil || !strings.Contains(m.Shown(), "to more why k3j2") {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
}

func TestSlowAnswerComesByItself(t *testing.T) {
	p, s := open(t)
	run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		_ = sleep(ctx, 3500*time.Millisecond) // beyond Slack's patience
		r, ok := echo(ctx, inv)
		r.Private = true
		return r, ok
	})
	m, err := s.Slash(within(t), "slow")
	if err != nil || !m.Private || s.Calls("response_url") != 1 {
		t.Errorf("answer %q, private %v, %v after %d requests", m.Shown(), m.Private, err, s.Calls("response_url"))
	}
}

// TestLargeAnswer: Slack drops an acknowledgement of 20 kB without a word.
func TestLargeAnswer(t *testing.T) {
	p, s := open(t)
	run(t, p, s, 1, func(context.Context, bot.Invocation) (bot.Reply, bool) {
		c := bot.Card{Title: "Long"}
		for range 40 {
			c.Sections = append(c.Sections, bot.Section{Lines: []bot.Line{{Text: strings.Repeat("人工智能", 60)}}})
		}
		return bot.Reply{Card: c}, true
	})
	m, err := s.Slash(within(t), "long")
	if err != nil || !strings.Contains(m.Shown(), "人工智能") || s.Calls("response_url") != 1 {
		t.Errorf("%d characters, %v, after %d requests", len(m.Shown()), err, s.Calls("response_url"))
	}
}

// TestDisconnectLeavesNoGap: while one socket is replaced the other answers.
func TestDisconnectLeavesNoGap(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested"} {
		t.Run(reason, func(t *testing.T) {
			p, s := open(t)
			run(t, p, s, 2, echo)
			for i := range 6 {
				s.Disconnect(reason)
				for j := range 3 {
					if _, err := s.Slash(within(t), fmt.Sprint(i, j)); err != nil {
						t.Fatalf("after %d ends: %v", i+1, err)
					}
				}
				if err := s.Connected(within(t), 2); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestAnswerWhoseSocketIsGone: its acknowledgement would not count any more.
func TestAnswerWhoseSocketIsGone(t *testing.T) {
	p, s := open(t)
	p.stagger = time.Hour // one socket, so that it is the one that goes
	started := make(chan struct{})
	run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		close(started)
		_ = sleep(ctx, 800*time.Millisecond)
		return echo(ctx, inv)
	})
	go func() {
		<-started
		s.Disconnect("refresh_requested")
	}()
	// The person is told of a time-out, and gets the answer nevertheless.
	if m, err := s.Slash(within(t), "x"); err == nil {
		t.Errorf("acknowledged over another socket: %q", m.Shown())
	}
	if n := s.Calls("response_url"); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestRedeliveredButtonHasTheSameID(t *testing.T) {
	p, s := open(t)
	var mu sync.Mutex
	ids := map[string]int{}
	run(t, p, s, 2, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		mu.Lock()
		defer mu.Unlock()
		ids[inv.ID]++
		return echo(ctx, inv)
	})
	first, err := s.Slash(within(t), "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Press(within(t), first, "More"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Again(within(t)); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ids) != 2 {
		t.Errorf("two questions, one of them twice, have the IDs %v", ids)
	}
}

// TestTurnedAwayIsNoStampede: the eleventh socket of an app is ended at once.
func TestTurnedAwayIsNoStampede(t *testing.T) {
	p, s := open(t)
	for range 5 {
		other, err := New(p.Options)
		if err != nil {
			t.Fatal(err)
		}
		other.stagger = 0
		run(t, other, s, 0, echo)
	}
	if err := s.Connected(within(t), 10); err != nil {
		t.Fatal(err)
	}
	before := s.Calls("apps.connections.open")
	ended, stop := run(t, p, s, 10, echo)
	time.Sleep(time.Second)
	if n := s.Calls("apps.connections.open") - before; n < connections || n > 2*connections*flapMost { // slack-go asks once or twice more before it hears of the end
		t.Errorf("%d attempts within a second", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	ended <- nil
}

func TestAnswerLeavesPicturesOut(t *testing.T) {
	p, s := open(t)
	run(t, p, s, 1, func(context.Context, bot.Invocation) (bot.Reply, bool) {
		return bot.Reply{Card: bot.Card{Title: "x", Image: "https://pictures.invalid/a.png"}}, true
	})
	if m, err := s.Slash(within(t), "x"); err != nil || m.Shown() != "x" {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
}

func TestEventsAreAcknowledged(t *testing.T) {
	p, s := open(t)
	run(t, p, s, 1, echo)
	if err := s.Event(within(t), map[string]any{"type": "app_mention", "user": "U1", "text": "hi", "ts": "1.000001", "channel": "C1", "event_ts": "1.000001"}); err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithADeadAppToken(t *testing.T) {
	p, s := open(t)
	ended, _ := run(t, p, s, 2, echo)
	s.Revoke(slacktest.AppToken)
	s.Disconnect("link_disabled")
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "app token") || strings.Contains(err.Error(), slacktest.AppToken) {
			t.Errorf("Run = %v", err)
		}
		ended <- err
	case <-time.After(10 * time.Second):
		t.Error("Run goes on")
	}
}

func TestRunWithoutAnAppToken(t *testing.T) {
	p, s := open(t)
	p.AppToken = ""
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.Run(ctx, handle(echo)); err != nil || s.Calls("apps.connections.open") != 0 {
		t.Errorf("Run = %v after %d connections", err, s.Calls("apps.connections.open"))
	}
}

// TestRunFinishesWhatIsUnderWay: a deployment loses no question that was taken.
func TestRunFinishesWhatIsUnderWay(t *testing.T) {
	p, s := open(t)
	var began atomic.Bool
	_, stop := run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
		began.Store(true)
		_ = sleep(ctx, 400*time.Millisecond)
		return echo(ctx, inv)
	})
	go func() {
		for !began.Load() {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	if m, err := s.Slash(within(t), "last"); err != nil {
		t.Errorf("answer %q, %v", m.Shown(), err)
	}
}
