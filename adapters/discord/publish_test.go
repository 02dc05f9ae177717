package discord_test

import (
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// newAnnouncements is newPlatform with an announcement channel, running.
func newAnnouncements(t *testing.T, log *lockedBuffer) (*discordtest.Server, *discord.Platform) {
	s, p := newPlatform(t, func(o *discord.Options) { o.Logger = logTo(log) })
	s.AddChannel(room, discordtest.Channel{Type: 5})
	start(t, p, &handler{})
	return s, p
}

// published waits until so many messages of the channel are published.
func published(t *testing.T, s *discordtest.Server, want int) {
	t.Helper()
	n := 0
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		n = 0
		for _, m := range s.Messages(room) {
			if m.Published() {
				n++
			}
		}
		if n == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d messages are published, want %d", n, want)
		}
	}
}

func mustPost(t *testing.T, p bot.Platform, n int) bot.MessageID {
	t.Helper()
	id, err := p.Post(t.Context(), post(n))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAnnouncementsArePublished(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s, p := newAnnouncements(t, &log)
	mustPost(t, p, 1)
	published(t, s, 1)
	// A message that a search found after a lost answer is published, too.
	s.LoseAnswer(1)
	if _, err := p.Post(t.Context(), post(2)); err == nil {
		t.Fatal("the answer came")
	}
	if _, found, err := p.Find(t.Context(), post(2), time.Now()); err != nil || !found {
		t.Fatal(found, err)
	}
	published(t, s, 2)
	// What Discord calls published already is.
	s.RefusePublishing(40033)
	mustPost(t, p, 5)
	time.Sleep(200 * time.Millisecond)
	if strings.Contains(log.String(), "stays unpublished") {
		t.Errorf("the log:\n%s", log.String())
	}
	s.RefusePublishing(0)
	// An attempt whose answer was lost is made again, and is none too many.
	s.LosePublishing(1)
	mustPost(t, p, 3)
	published(t, s, 3)
	if n := len(s.Messages(room)); n != 4 {
		t.Errorf("%d messages, want 4", n)
	}
	// Other channels have nothing to publish.
	s.AddChannel(room, discordtest.Channel{})
	before := count(s, "POST /channels/"+room+"/messages/")
	mustPost(t, p, 4)
	time.Sleep(100 * time.Millisecond)
	if n := count(s, "POST /channels/"+room+"/messages/"); n != before {
		t.Error("it was tried in a text channel")
	}
}

// Discord's limit on publishing holds up no post, and what it let wait is
// published when it may.
func TestPublishingHoldsUpNothing(t *testing.T) {
	t.Parallel()
	s, p := newAnnouncements(t, &lockedBuffer{})
	const window = 1500 * time.Millisecond
	s.LimitPublishing(2, window)
	begun := time.Now()
	for n := range 5 {
		mustPost(t, p, n)
	}
	if d := time.Since(begun); d > window/2 {
		t.Errorf("five posts took %s", d)
	}
	published(t, s, 5)
	if n := s.Throttled(); n > 4 {
		t.Errorf("%d attempts were refused for two waits", n)
	}
	if n := len(s.Messages(room)); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
}

// What cannot be published stays as it is, and the log says why.
func TestPublishingIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*discordtest.Server)
		why   string
	}{
		"refused":                    {func(s *discordtest.Server) { s.RefusePublishing(50013) }, "code 50013"},
		"only after the news is old": {func(s *discordtest.Server) { s.LimitPublishing(0, 0); s.LimitPublishing(1, 3*time.Hour) }, "ten an hour"},
	} {
		t.Run(name, func(t *testing.T) {
			var log lockedBuffer
			s, p := newAnnouncements(t, &log)
			tt.spoil(s)
			mustPost(t, p, 1)
			mustPost(t, p, 2)
			for end := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), "stays unpublished"); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("the log says nothing:\n%s", log.String())
				}
			}
			if text := log.String(); !strings.Contains(text, tt.why) {
				t.Errorf("want %q in the log:\n%s", tt.why, text)
			}
			if n := len(s.Messages(room)); n != 2 {
				t.Errorf("%d messages, want 2", n)
			}
		})
	}
}

// A process that died between a post and its publishing has it done by the
// next, with the next message; answers are not published.
func TestPublishingIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	s.AddChannel(room, discordtest.Channel{Type: 5})
	mustPost(t, p, 1) // never published: the process does not run
	s.AddMessage(room, "hello")
	next, err := discord.New(discord.Options{Token: s.Token, APIURL: s.URL(), Commands: testTable()})
	if err != nil {
		t.Fatal(err)
	}
	start(t, next, &handler{})
	if _, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"}); err != nil {
		t.Fatal(err)
	}
	mustPost(t, next, 2)
	published(t, s, 2)
	time.Sleep(100 * time.Millisecond)
	published(t, s, 2)
}
