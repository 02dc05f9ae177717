package bot_test

import (
	"slices"
	"testing"
	"time"

	"newsdesk/bot"
)

// Who takes the bot out of a server, and brings it back, loses nothing.
func TestLostPlaceWaitsAndComesBack(t *testing.T) {
	const other, elsewhere = bot.Channel("test:other"), bot.Channel("else:1")
	p := newPipe(t,
		bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant},
		bot.Subscription{ID: "config", Channel: elsewhere, Mode: bot.Instant, MinImpact: 100})
	for _, c := range []bot.Channel{channel, other} { // two orders of one channel, and one of another
		if err := p.store.SaveSubscription(t.Context(), bot.Subscription{ID: "x", Channel: c, Mode: bot.Digest, MinImpact: 100}); err != nil {
			t.Fatal(err)
		}
	}
	suspended := func(want ...bot.Channel) {
		t.Helper()
		all, err := p.store.Suspensions(t.Context())
		var got []bot.Channel
		for c, s := range all {
			got = append(got, c)
			if s.Reason != "the bot was removed" {
				t.Errorf("%s: reason %q", c, s.Reason)
			}
		}
		slices.Sort(got)
		if slices.Sort(want); err != nil || !slices.Equal(got, want) {
			t.Fatalf("suspended %v, %v; want %v", got, err, want)
		}
	}
	change := func(lost bool, holds ...bot.Channel) {
		p.platform.Change(t.Context(), bot.Change{Lost: lost, Reason: "the bot was removed", Holds: func(c bot.Channel) bool { return slices.Contains(holds, c) }})
	}
	change(true, "test:unknown")
	suspended()
	change(true, channel, elsewhere, "test:unknown") // elsewhere is another platform's
	suspended(channel)
	p.tell("a", 50)
	p.step(time.Hour)
	if n := p.platform.Requests(); n != 0 {
		t.Errorf("%d requests to a channel that is lost", n)
	}
	change(false, other)
	suspended(channel)
	p.platform.Lack(channel, "the bot lacks Send Messages")
	change(false, channel)
	suspended(channel) // it is back, and may not post yet
	p.platform.Lack(channel)
	change(false, channel)
	suspended()
	p.step(0)
	if p.posted() != "Headline a" {
		t.Errorf("after it came back posted %q", p.posted())
	}
	if n := len(p.platform.Told()); n != 0 {
		t.Errorf("%d were told what they did themselves", n)
	}
}
