package slack

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		begun := time.Now()
		for i := range 3 {
			if err := p.wait(t.Context(), methodPost, "C1", shortWait); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(begun); d != time.Duration(i)*time.Second {
				t.Errorf("message %d left after %s", i, d)
			}
		}
		if err := p.wait(t.Context(), methodPost, "C2", shortWait); err != nil || time.Since(begun) != 2*time.Second {
			t.Errorf("another channel waited: %v after %s", err, time.Since(begun))
		}
	})
}

func TestPaceRefusesLongWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		for range 4 {
			p.take(methodPost, "C1", time.Hour)
		}
		e := wantOutcome(t, p.wait(t.Context(), methodPost, "C1", shortWait), bot.Throttled)
		if e.RetryAfter != 4*time.Second {
			t.Errorf("RetryAfter = %s", e.RetryAfter)
		}
		// What was refused took no turn.
		time.Sleep(4 * time.Second)
		if d, ok := p.take(methodPost, "C1", 0); d != 0 || !ok {
			t.Errorf("the next turn is in %s", d)
		}
	})
}

func TestPausePausesOneMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		p.pause(methodPost, 10*time.Second)
		p.pause(methodPost, time.Second) // a later, shorter one takes nothing back
		wantOutcome(t, p.wait(t.Context(), methodPost, "C1", shortWait), bot.Throttled)
		if err := p.wait(t.Context(), methodHistory, "", 0); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		if err := p.wait(t.Context(), methodPost, "C1", 0); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantOutcome(t, p.wait(ctx, methodPost, "C1", shortWait), bot.Throttled)
	})
}

func TestPaceForgetsChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		for i := range 3 * channelsMax {
			p.take(methodPost, string(rune('a'+i)), 0)
			if i%channelsMax == 0 {
				time.Sleep(2 * time.Second)
			}
		}
		if len(p.next) > 2*channelsMax {
			t.Errorf("%d channels are kept", len(p.next))
		}
	})
}
