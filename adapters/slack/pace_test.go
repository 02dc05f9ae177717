package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
)

// send takes the turns of a request and ends them at once.
func send(t *testing.T, p *pace, method, channel string) error {
	t.Helper()
	turns, err := p.wait(t.Context(), method, channel)
	for _, turn := range turns {
		if err == nil {
			turn.End(t.Context(), true)
		}
	}
	return err
}

func testPace() *pace { return newPace(bot.NewLimiter(time.Now), "test") }

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		begun := time.Now()
		for i := range 3 {
			if err := send(t, p, methodPost, "C1"); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(begun); d != time.Duration(i)*time.Second {
				t.Errorf("message %d left after %s", i, d)
			}
		}
		if err := send(t, p, methodPost, "C2"); err != nil || time.Since(begun) != 2*time.Second {
			t.Errorf("another channel waited: %v after %s", err, time.Since(begun))
		}
	})
}

// Five messages a second in all, and fifty edits a minute beside them.
func TestPaceOfTheWorkspace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		begun := time.Now()
		for i := range 50 {
			if err := send(t, p, methodPost, string(rune('A'+i))); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took != 9*time.Second {
			t.Errorf("50 messages to as many channels left within %s, want 9s", took)
		}
		for range tier3 {
			if err := send(t, p, methodUpdate, ""); err != nil {
				t.Fatal(err)
			}
		}
		if e := wantOutcome(t, send(t, p, methodUpdate, ""), bot.Throttled); e.RetryAfter != 30*time.Second {
			t.Errorf("RetryAfter = %s", e.RetryAfter)
		}
		if err := send(t, p, methodHistory, ""); err != nil {
			t.Errorf("another method waits: %v", err)
		}
		if err := send(t, p, methodAuth, ""); err != nil {
			t.Errorf("a method without a limit waits: %v", err)
		}
	})
}

// A request that did not leave costs nothing, of no limit.
func TestPaceGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		if err := p.pause(t.Context(), methodPost, time.Minute); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if e := wantOutcome(t, send(t, p, methodPost, "C1"), bot.Throttled); e.RetryAfter != time.Minute {
				t.Errorf("RetryAfter = %s, want the pause and not the channel's limit", e.RetryAfter)
			}
		}
	})
}

func TestPausePausesOneMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		for _, d := range []time.Duration{10 * time.Second, time.Second} { // a later, shorter one takes nothing back
			if err := p.pause(t.Context(), methodPost, d); err != nil {
				t.Fatal(err)
			}
		}
		wantOutcome(t, send(t, p, methodPost, "C1"), bot.Throttled)
		if err := send(t, p, methodHistory, ""); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		if err := send(t, p, methodPost, "C1"); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.wait(ctx, methodPost, "C1")
		wantOutcome(t, err, bot.Throttled)
	})
}

// brokenLimiter is one whose store is away.
type brokenLimiter struct{ bot.Limiter }

func (brokenLimiter) Take(context.Context, bot.Limit, time.Duration) (string, time.Duration, error) {
	return "", 0, errors.New("redis is away")
}

func TestPaceWithoutItsLimiter(t *testing.T) {
	p := newPace(brokenLimiter{}, "test")
	for _, channel := range []string{"", "C1"} {
		_, err := p.wait(t.Context(), methodPost, channel)
		if e := wantOutcome(t, err, bot.Throttled); !strings.Contains(e.Reason, "limiter") || e.RetryAfter <= 0 {
			t.Errorf("without its limiter: %v", e)
		}
	}
}
