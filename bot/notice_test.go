package bot_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
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

// deleted says of channels that they were deleted.
func (p *pipe) deleted(cs ...bot.Channel) {
	p.platform.Change(p.t.Context(), bot.Change{Lost: true, Reason: "the channel was deleted: choose another", Holds: func(c bot.Channel) bool { return slices.Contains(cs, c) }})
}

// order is what the user by ordered by command.
func (p *pipe) order(c bot.Channel, id, by string) {
	p.t.Helper()
	if err := p.store.SaveSubscription(p.t.Context(), bot.Subscription{ID: id, Channel: c, Mode: bot.Digest, MinImpact: 90, By: by}); err != nil {
		p.t.Fatal(err)
	}
}

// Who ordered is told by direct message that a channel is gone: once, of all
// the channels together, and nobody else is. Whom no message reaches is left alone.
func TestWhoOrderedIsToldThatAChannelIsGone(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: "test:4", Mode: bot.Instant})
	p.order("test:1", "instant", "ann")
	p.order("test:1", "digest", "ann")
	p.order("test:2", "instant", "ann")
	p.order("test:2", "digest", "bob")
	p.order("test:3", "instant", "ann")
	p.platform.Answer(bottest.Answer{Land: true}, bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: "no server is shared"}})
	for range 2 { // each replica hears of it
		p.deleted("test:1", "test:2", "test:4")
	}
	ms := p.platform.Messages(bot.Person("test", "ann"))
	if len(ms) != 1 || len(ms[0].Post.Card.Sections[0].Lines) != 2 || ms[0].Post.Card.Sections[0].Lines[1].Channel != "test:2" || !strings.Contains(ms[0].Post.Card.Facts[0].Value, "deleted") || !strings.Contains(ms[0].Post.Card.Text, "90 days") {
		t.Errorf("ann was told %+v", ms)
	}
	if n := p.platform.Requests(); n != 2 {
		t.Errorf("%d messages were tried, want one to ann and one to bob, who cannot be reached", n)
	}
	if n := len(p.platform.Told()); n != 0 {
		t.Errorf("%d managers were told", n)
	}
}

// Who ordered hears of a refusal, too; who manages the channel where they cannot.
func TestWhoOrderedIsToldOfARefusal(t *testing.T) {
	for name, unreached := range map[string]error{"reached": nil, "not reached": errors.New("no")} {
		p := newPipe(t)
		p.order(channel, "instant", "ann")
		p.platform.Answer(suspended("the bot may not post there"), bottest.Answer{Land: unreached == nil, Err: unreached})
		p.tell("a", 50)
		p.step(0)
		told := p.platform.Messages(bot.Person("test", "ann"))
		if len(told) != 1-len(p.platform.Told()) || (unreached == nil) != (len(told) == 1) || unreached == nil && !strings.Contains(told[0].Post.Card.Text, "/news resume") {
			t.Errorf("%s: ann was told %+v, managers %+v", name, told, p.platform.Told())
		}
	}
}

// Orders of a channel that is gone for 90 days are forgotten; those of one that
// came back, that is refused, or of the configuration are not.
func TestOrdersOfAChannelThatIsGoneAreForgotten(t *testing.T) {
	const day = 24 * time.Hour
	p := newPipe(t, bot.Subscription{ID: "config", Channel: "test:1", Mode: bot.Instant})
	for _, c := range []bot.Channel{"test:1", "test:2", "test:3", "test:4"} {
		p.order(c, "instant", "ann")
		p.order(c, "pause", "ann")
	}
	p.order("test:5", "instant", "ann")
	p.platform.Answer(suspended("the bot may not post there"))
	p.tell("a", 50) // to test:1, by the configuration
	p.step(0)
	p.deleted("test:2", "test:3")
	p.now = p.now.Add(day)
	p.deleted("test:1", "test:4")
	left := func(after time.Duration, want ...string) {
		t.Helper()
		p.now = p.now.Add(after)
		p.dispatch()
		all, err := p.store.Subscriptions(t.Context())
		var got []string
		for _, s := range all {
			got = append(got, string(s.Channel)+" "+s.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: left %q, %v, want %q", p.now, got, err, want)
		}
	}
	p.platform.Change(t.Context(), bot.Change{Holds: func(c bot.Channel) bool { return c == "test:3" }})
	all := []string{"test:1 instant", "test:1 pause", "test:2 instant", "test:2 pause", "test:3 instant", "test:3 pause", "test:4 instant", "test:4 pause", "test:5 instant"}
	left(89*day-time.Minute, all...)
	left(2*time.Hour, slices.Concat(all[:2], all[4:])...)
	left(day, "test:3 instant", "test:3 pause", "test:5 instant")
	// Who waits for nothing is not looked after.
	p.step(0)
	if err := p.deliverer.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := p.store.Suspensions(t.Context())
	if _, waits := got["test:1"]; err != nil || waits || !got["test:2"].Gone || !got["test:4"].Gone {
		t.Errorf("after a look suspended are %+v, %v; want those without an order alone", got, err)
	}
}
