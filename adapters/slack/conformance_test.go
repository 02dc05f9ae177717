package slack

import (
	"context"
	"regexp"
	"testing"
	"time"

	"newsdesk/adapters/adaptertest"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

func TestConformance(t *testing.T) { adaptertest.Run(t, subject(open)) }

func TestConformanceOverHTTP(t *testing.T) { adaptertest.RunCommands(t, subject(openHTTP)) }

func subject(open func(testing.TB) (*Platform, *slacktest.Server)) func(t *testing.T) adaptertest.Subject {
	return func(t *testing.T) adaptertest.Subject {
		p, s := open(t)
		var last slacktest.Message
		pictureOf := func(m slacktest.Message) *bot.Picture {
			if content, alt := s.Picture(m); content != nil {
				return &bot.Picture{PNG: content, Alt: alt}
			}
			return nil
		}
		return adaptertest.Subject{
			Platform: p,
			Channel:  newsChannel,
			Person:   bot.Person("slack", slacktest.Person),
			Shy:      bot.Person("slack", slacktest.Away),
			Bare:     true,
			Secrets:  []string{slacktest.BotToken, slacktest.AppToken, slacktest.SigningSecret, "/respond/"},
			Mention:  regexp.MustCompile(`<[!@#]`),
			Messages: func(c bot.Channel) []adaptertest.Message {
				var out []adaptertest.Message
				id := c.ID()
				if user, ok := c.Person(); ok {
					id = slacktest.Direct(user)
				}
				for _, m := range s.Messages(id) {
					shown := adaptertest.Message{ID: bot.MessageID(m.TS), Text: m.Text + "\n" + m.Shown(), Answers: bot.MessageID(m.ThreadTS), Picture: pictureOf(m)}
					if m.Metadata != nil {
						shown.Key, _ = m.Metadata.EventPayload["key"].(string)
					}
					out = append(out, shown)
				}
				return out
			},
			Throttle: s.Throttle, LoseAnswer: s.LoseAnswer, LandLate: s.LandLate, Drop: s.Drop,
			Refuse: func(kind bot.Outcome) bool {
				code := map[bot.Outcome]string{bot.Rejected: "invalid_blocks", bot.Suspended: "is_archived", bot.Halted: "account_inactive"}[kind]
				s.Refuse("", code)
				return code != ""
			},
			Blind: func() { s.RemoveScope("channels:history") },
			Ask: func(ctx context.Context, line string, again bool) (string, bool, error) {
				if err := s.Connected(ctx, 1); err != nil {
					return "", false, err
				}
				ask := func(ctx context.Context) (slacktest.Message, error) { return s.Slash(ctx, line) }
				if again {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
					ask = s.Again
				}
				m, err := ask(ctx)
				last = m
				return m.Shown(), m.Private, err
			},
			Suggest: func(ctx context.Context, command, option, text string) ([]bot.Choice, error) {
				menu := bot.Card{Title: "Choose", Menu: &bot.Menu{Label: "Another", Command: command, Option: option}}
				if _, err := p.Post(ctx, bot.Post{Key: testKey, Channel: newsChannel, Card: menu}); err != nil {
					return nil, err
				}
				if err := s.Connected(ctx, 1); err != nil {
					return nil, err
				}
				last = s.Messages(slacktest.Channel)[0]
				options, err := s.Suggest(ctx, last, "nd1:menu:"+command+":"+option, text)
				var out []bot.Choice
				for _, o := range options {
					out = append(out, bot.Choice{Label: o.Text, Value: o.Value})
				}
				return out, err
			},
			Choose: func(ctx context.Context, label string) (adaptertest.Answer, error) {
				m, err := s.Choose(ctx, last, "nd1:menu::query", label)
				return adaptertest.Answer{Text: m.Shown(), Private: m.Private, InPlace: m.InPlace, Picture: pictureOf(m)}, err
			},
			Press: func(ctx context.Context, posted bool, label string) (adaptertest.Answer, error) {
				pressed := last
				if ms := s.Messages(slacktest.Channel); posted {
					pressed = ms[len(ms)-1]
				}
				m, err := s.Press(ctx, pressed, label)
				if !posted {
					last = m
				}
				return adaptertest.Answer{Text: m.Shown(), Private: m.Private, InPlace: m.InPlace, Picture: pictureOf(m)}, err
			},
		}
	}
}
