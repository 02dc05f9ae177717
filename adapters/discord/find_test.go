package discord_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// TestFindInABusyChannel: the message may stand behind hundreds of others.
func TestFindInABusyChannel(t *testing.T) {
	s, p := newPlatform(t)
	begun := time.Now()
	for range 130 {
		s.AddMessage(room, "nd1:"+key(1)+":why k3j2")
	}
	s.LoseAnswer(1)
	if _, err := p.Post(t.Context(), post(1)); err == nil {
		t.Fatal("an answer came")
	}
	for range 130 {
		s.AddMessage(room, "chatter")
	}
	id, found, err := p.Find(t.Context(), post(1), begun)
	if want := s.Messages(room)[130].ID; err != nil || !found || string(id) != want {
		t.Errorf("Find = %q, %v, %v; want %s", id, found, err, want)
	}
	if _, found, err := p.Find(t.Context(), post(2), begun); found || err != nil {
		t.Errorf("Find of what was not posted = %v, %v", found, err)
	}
	if _, found, err := p.Find(t.Context(), post(1), time.Now().Add(time.Hour)); found || err != nil {
		t.Errorf("Find in the future = %v, %v", found, err)
	}
}

// TestFindMarkedInFooter: a card without command buttons is found as well.
func TestFindMarkedInFooter(t *testing.T) {
	_, p := newPlatform(t)
	begun := time.Now()
	bare := post(1)
	bare.Card = bot.Card{Title: "bare", Footer: "of today"}
	id, err := p.Post(t.Context(), bare)
	if err != nil {
		t.Fatal(err)
	}
	if got, found, err := p.Find(t.Context(), bare, begun); err != nil || !found || got != id {
		t.Errorf("Find = %q, %v, %v", got, found, err)
	}
}

// TestFindTakesOnlyOwnMessages: a bridge may repost ours, buttons and all.
func TestFindTakesOnlyOwnMessages(t *testing.T) {
	s, p := newPlatform(t)
	begun := time.Now()
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	if s.Copy(room, string(id)) == "" {
		t.Fatal("not copied")
	}
	s.Delete(room, string(id))
	if got, found, err := p.Find(t.Context(), post(1), begun); found || err != nil {
		t.Errorf("Find = %q, %v, %v", got, found, err)
	}
}

// TestFindKnowsWhetherItSees: an empty history counts only where the bot may
// read it.
func TestFindKnowsWhetherItSees(t *testing.T) {
	for _, test := range []struct {
		name    string
		channel discordtest.Channel
		blind   bool
	}{
		{"all", discordtest.Channel{}, false},
		{"no history", discordtest.Channel{Permissions: discordtest.Usual &^ discordtest.ReadMessageHistory}, true},
		{"direct message", discordtest.Channel{Type: 1}, false},
		{"thread", discordtest.Channel{Type: 11, Parent: parent}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, p := newPlatform(t)
			s.AddChannel(parent, discordtest.Channel{})
			s.AddChannel(room, test.channel)
			_, found, err := p.Find(t.Context(), post(1), time.Now())
			if found || errors.Is(err, bot.ErrBlind) != test.blind || err != nil && !test.blind {
				t.Errorf("Find = %v, %v; want it blind: %v", found, err, test.blind)
			}
		})
	}
}

func TestFindInAHiddenChannel(t *testing.T) {
	s, p := newPlatform(t)
	s.SetPermissions(room, 0)
	_, _, err := p.Find(t.Context(), post(1), time.Now())
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != bot.Suspended {
		t.Errorf("Find = %v, want it suspended", err)
	}
}

// parent is the channel of threads.
const parent = "1500000000000000007"

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name    string
		channel discordtest.Channel
		want    []string
	}{
		{"all", discordtest.Channel{}, nil},
		{"invisible", discordtest.Channel{Permissions: -1}, []string{"View Channel"}},
		{"mute", discordtest.Channel{Permissions: discordtest.Usual &^ discordtest.SendMessages}, []string{"Send Messages in #channel"}},
		{"mute and blind", discordtest.Channel{Permissions: discordtest.ViewChannel | discordtest.EmbedLinks},
			[]string{"Send Messages in #channel", "Read Message History"}},
		{"no embeds", discordtest.Channel{Permissions: discordtest.Usual &^ discordtest.EmbedLinks}, []string{"Embed Links"}},
		{"category", discordtest.Channel{Type: 4}, []string{"takes no messages"}},
		{"forum", discordtest.Channel{Type: 15}, nil},
		{"forum without answers", discordtest.Channel{Type: 15, Permissions: discordtest.Usual &^ discordtest.SendMessagesInThreads}, []string{"Send Messages in Threads"}},
		{"forum without posts", discordtest.Channel{Type: 15, Permissions: discordtest.Usual &^ discordtest.SendMessages}, []string{"Send Messages in #channel"}},
		{"forum that wants a tag", discordtest.Channel{Type: 15, TagRequired: true, Tags: []discordtest.Tag{{ID: "1", Name: "news"}}}, nil},
		{"forum that wants a moderator's tag", discordtest.Channel{Type: 15, TagRequired: true, Tags: []discordtest.Tag{{ID: "1", Name: "news", Moderated: true}}}, []string{"wants a tag"}},
		{"announcements", discordtest.Channel{Type: 5}, nil},
		{"thread", discordtest.Channel{Type: 11, Parent: parent}, nil},
		{"archived thread", discordtest.Channel{Type: 11, Parent: parent, Archived: true}, nil},
		{"locked thread", discordtest.Channel{Type: 11, Parent: parent, Locked: true}, []string{"locked"}},
		{"locked thread of a moderator", discordtest.Channel{Type: 11, Parent: parent, Locked: true, Permissions: discordtest.Usual | discordtest.ManageThreads}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, p := newPlatform(t)
			s.AddChannel(parent, discordtest.Channel{Permissions: test.channel.Permissions})
			s.AddChannel(room, test.channel)
			got := p.Check(t.Context(), roomChannel)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i := range got {
				if !strings.Contains(got[i], test.want[i]) || !strings.Contains(got[i], room) {
					t.Errorf("got %q, want %q in it", got[i], test.want[i])
				}
			}
		})
	}
}

func TestCheckOfTheTokenAlone(t *testing.T) {
	s, p := newPlatform(t)
	s.RevokeToken()
	if got := p.Check(t.Context(), "discord:"); len(got) != 1 || !strings.Contains(got[0], "token") {
		t.Errorf("got %q", got)
	}
}

func TestCheckOfAChannelThatIsGone(t *testing.T) {
	_, p := newPlatform(t)
	if got := p.Check(t.Context(), "discord:1500000000000000099"); len(got) != 1 || !strings.Contains(got[0], "does not exist") {
		t.Errorf("got %q", got)
	}
}
