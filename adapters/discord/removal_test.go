package discord_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

const (
	otherGuild = "1200000000000000002"
	otherRoom  = "1500000000000000021"
	story      = "1500000000000000031" // a thread of room
)

// A listener keeps what changed, of the channels that it knows.
type listener struct {
	mu   sync.Mutex
	told []string
}

func (l *listener) take(_ context.Context, c bot.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what := "back"
	if c.Lost {
		what = c.Reason
	}
	for _, id := range []string{room, otherRoom, story} {
		if c.Holds(bot.Channel("discord:" + id)) {
			l.told = append(l.told, id+" "+what)
		}
	}
}

// expect waits until as much was told, and then a little.
func (l *listener) expect(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		got = slices.Clone(l.told)
		l.mu.Unlock()
		if len(got) >= len(want) {
			break
		}
	}
	time.Sleep(50 * time.Millisecond)
	l.mu.Lock()
	got = l.told
	l.told = nil
	l.mu.Unlock()
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

func newHouses(t *testing.T) (*discordtest.Server, *discord.Platform, *listener) {
	s, p := newPlatform(t)
	l := &listener{}
	p.Notice(l.take)
	s.AddGuild(otherGuild)
	s.AddChannel(otherRoom, discordtest.Channel{Guild: otherGuild})
	s.AddChannel(story, discordtest.Channel{Type: 11, Parent: room})
	p.SetPatience(2*time.Second, 2*time.Second, 20*time.Millisecond)
	start(t, p, &handler{})
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	l.expect(t)
	return s, p, l
}

const (
	removed = " the bot was removed from the server: invite it again"
	deleted = " the channel was deleted: choose another"
	ended   = " the thread was deleted: choose another"
)

func TestRemovalIsNoticed(t *testing.T) {
	t.Parallel()
	s, _, l := newHouses(t)
	s.RemoveBot(otherGuild)
	l.expect(t, otherRoom+removed)
	s.AddGuild(otherGuild)
	l.expect(t, otherRoom+" back")
	s.RemoveBot(s.Guild)
	l.expect(t, room+removed, story+removed)
	s.AddGuild(s.Guild)
	l.expect(t, room+" back", story+" back")
	s.RemoveChannel(story)
	l.expect(t, story+ended)
	s.AddChannel(story, discordtest.Channel{Type: 11, Parent: room})
	l.expect(t)
	s.RemoveChannel(room)
	l.expect(t, room+deleted, story+deleted)
}

// An outage is not a removal: the server says so, and so does its channel,
// which seems not to exist meanwhile.
func TestOutageIsNoRemoval(t *testing.T) {
	t.Parallel()
	s, p, l := newHouses(t)
	s.Outage(s.Guild, true)
	l.expect(t)
	for what, err := range map[string]error{
		"a post":   func() error { _, err := p.Post(t.Context(), post(1)); return err }(),
		"an edit":  p.Edit(t.Context(), post(1), "1600000000000000001"),
		"a search": func() error { _, _, err := p.Find(t.Context(), post(1), time.Now()); return err }(),
	} {
		var e *bot.SendError
		if !errors.As(err, &e) || e.Outcome != bot.Throttled || e.RetryAfter < time.Second {
			t.Errorf("%s in an outage: %v, want it throttled", what, err)
		}
	}
	s.Outage(s.Guild, false)
	l.expect(t)
	if _, err := p.Post(t.Context(), post(1)); err != nil {
		t.Errorf("after the outage: %v", err)
	}
	// A channel that is deleted is no outage.
	s.RemoveChannel(room)
	l.expect(t, room+deleted, story+deleted)
	_, err := p.Post(t.Context(), post(2))
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != bot.Suspended {
		t.Errorf("a deleted channel: %v", err)
	}
}

// What happened while the connection was away is noticed with the next.
func TestRemovalWhileAwayIsNoticed(t *testing.T) {
	t.Parallel()
	s, _, l := newHouses(t)
	s.RefuseSessions(1, 4000) // so that the bot is away for a moment
	s.CloseGateway(4000)
	s.RemoveBot(otherGuild)
	s.RemoveChannel(room)
	l.expect(t, otherRoom+removed, room+deleted, story+deleted)
	if r := s.Requests(); slices.ContainsFunc(r, func(r string) bool { return strings.Contains(r, otherRoom) }) {
		t.Error("a channel was asked for")
	}
}
