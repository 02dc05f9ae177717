package discord_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/adaptertest"
	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// room is the channel that tests post to.
const room = "1500000000000000001"

const roomChannel = bot.Channel("discord:" + room)

// testTable has a command of each shape.
func testTable() []bot.Command {
	return []bot.Command{
		{Name: "", Summary: "Find stories", Options: []bot.Option{
			{Name: "query", Summary: "Words", Positional: true, Suggest: true},
			{Name: "min", Summary: "Least impact", Kind: bot.Whole, Most: 100},
			{Name: "status", Summary: "Only these", Kind: bot.OneOf, Choices: []string{"rumour", "confirmed"}},
		}},
		{Name: "story", Summary: "One story", Options: []bot.Option{
			{Name: "form", Summary: "How much of it"},
			{Name: "id", Summary: "Its id", Required: true, Positional: true},
		}},
		{Name: "resume", Summary: "Post again", Manager: true},
		{Name: "help", Summary: "What can be asked"},
	}
}

// newPlatform starts a fake with one good channel and a platform on it.
func newPlatform(t *testing.T, change ...func(*discord.Options)) (*discordtest.Server, *discord.Platform) {
	t.Helper()
	s := discordtest.New(t)
	s.AddChannel(room, discordtest.Channel{Name: "news"})
	o := discord.Options{
		Token: s.Token, ApplicationID: s.ApplicationID, APIURL: s.URL(), Commands: testTable(), Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, f := range change {
		f(&o)
	}
	p, err := discord.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// TestPlatform has both ways in which interactions come.
func TestPlatform(t *testing.T) {
	t.Run("gateway", func(t *testing.T) { conforms(t, newPlatform) })
	t.Run("http", func(t *testing.T) { conforms(t, overHTTP) })
}

func overHTTP(t *testing.T, change ...func(*discord.Options)) (*discordtest.Server, *discord.Platform) {
	s, p, _ := newEndpoint(t, change...)
	return s, p
}

func conforms(t *testing.T, open func(*testing.T, ...func(*discord.Options)) (*discordtest.Server, *discord.Platform)) {
	adaptertest.Run(t, func(t *testing.T) adaptertest.Subject {
		s, p := open(t)
		return subject(t, s, p)
	})
}

// TestForum: a forum owes what a channel does, but that Discord knows no second
// post again.
func TestForum(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) adaptertest.Subject {
		s, p := newPlatform(t)
		s.AddChannel(room, discordtest.Channel{Type: 15, Name: "news"})
		in := subject(t, s, p)
		in.Dedups = false
		return in
	})
}

// shown returns the messages of a channel, or of a forum's posts, oldest first.
// The name of a post is what it was when it was made.
func shown(s *discordtest.Server, channel string) []adaptertest.Message {
	var out []adaptertest.Message
	add := func(m discordtest.Message, id, answers, name string) {
		out = append(out, adaptertest.Message{
			ID: bot.MessageID(id), Text: name + m.Text(), Key: keyOf(m), Answers: bot.MessageID(answers), Picture: pictureOf(m),
		})
	}
	for _, m := range s.Messages(channel) {
		add(m, m.ID, m.Answers, "")
	}
	for _, p := range s.Posts(channel) {
		for i, m := range p.Messages {
			id, answers, name := p.ID+"/"+m.ID, "", p.Name+"\n"
			if !m.Edited.IsZero() {
				name = ""
			}
			if i > 0 {
				answers, name = p.ID+"/"+p.ID, ""
			}
			add(m, id, answers, name)
		}
	}
	return out
}

func subject(t *testing.T, s *discordtest.Server, p *discord.Platform) adaptertest.Subject {
	var last discordtest.Reply
	return adaptertest.Subject{
		Platform: p,
		Channel:  roomChannel,
		Person:   bot.Person("discord", discordtest.Reader),
		Shy:      bot.Person("discord", discordtest.Shy),
		Secrets:  []string{s.Token},
		Dedups:   true,
		Mention:  regexp.MustCompile(`(?i)@everyone|@here|<@[!&]?\d|<#\d|<t:|<a?:|</`),
		Messages: func(c bot.Channel) []adaptertest.Message {
			id := c.ID()
			if user, ok := c.Person(); ok {
				id = discordtest.DirectOf(user)
			}
			for _, m := range everything(s, id) {
				if m.Pings {
					t.Errorf("message %s notifies people", m.ID)
				}
			}
			return shown(s, id)
		},
		Throttle:   func(n int, d time.Duration) { s.Throttle(n, d, "user") },
		LoseAnswer: s.LoseAnswer,
		LandLate:   s.LandLate,
		Drop:       s.Drop,
		Refuse: func(kind bot.Outcome) bool {
			code := map[bot.Outcome]int{bot.Rejected: 200000, bot.Suspended: 50013, bot.Halted: 50014}[kind]
			s.Refuse(room, code)
			return code != 0
		},
		Blind: func() { s.SetPermissions(room, discordtest.Usual&^discordtest.ReadMessageHistory) },
		Ask: func(ctx context.Context, line string, again bool) (string, bool, error) {
			var r discordtest.Reply
			var err error
			if again {
				r, err = s.Redeliver(ctx)
			} else {
				r, err = s.Invoke(ctx, discordtest.Invocation{Channel: room, Command: "news", Permissions: discordtest.SendMessages, Options: map[string]any{"query": line}})
			}
			if err == nil && r.Deleted {
				err = errors.New("the answer was taken back")
			}
			last = r
			return r.Text(), r.Private, err
		},
		Suggest: func(ctx context.Context, command, option, text string) ([]bot.Choice, error) {
			cs, err := s.Suggest(ctx, discordtest.Invocation{Channel: room, Command: "news", Subcommand: command, Focus: option, Options: map[string]any{option: text}})
			var out []bot.Choice
			for _, c := range cs {
				out = append(out, bot.Choice{Label: c.Name, Value: c.Value})
			}
			return out, err
		},
		Press: func(ctx context.Context, posted bool, label string) (adaptertest.Answer, error) {
			m, in := last.Message, room
			if ms := everything(s, room); posted {
				m = ms[len(ms)-1]
				in = m.Channel
			}
			for _, b := range m.Buttons() {
				if b.Label == label {
					r, err := s.Press(ctx, in, m.ID, b.CustomID)
					if !posted {
						last = r
					}
					return adaptertest.Answer{Text: r.Text(), Private: r.Private, InPlace: r.InPlace, Picture: pictureOf(r.Message)}, err
				}
			}
			return adaptertest.Answer{}, fmt.Errorf("no button %q", label)
		},
	}
}

// everything returns the messages of a channel and of its posts.
func everything(s *discordtest.Server, channel string) []discordtest.Message {
	out := s.Messages(channel)
	for _, p := range s.Posts(channel) {
		out = append(out, p.Messages...)
	}
	return out
}

// pictureOf returns the picture that the message shows.
func pictureOf(m discordtest.Message) *bot.Picture {
	if content, alt := m.Picture(); content != nil {
		return &bot.Picture{PNG: content, Alt: alt}
	}
	return nil
}

// keyOf reads the delivery key where the message shows it.
func keyOf(m discordtest.Message) string {
	for _, b := range m.Buttons() {
		if rest, ok := strings.CutPrefix(b.CustomID, "nd1:"); ok {
			key, _, _ := strings.Cut(rest, ":")
			return key
		}
	}
	for _, e := range m.Embeds {
		if e.Footer != nil {
			if i := strings.LastIndex(e.Footer.Text, "ref "); i >= 0 {
				return e.Footer.Text[i+len("ref "):]
			}
		}
	}
	return ""
}
