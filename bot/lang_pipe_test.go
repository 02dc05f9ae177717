package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/newstest"
)

// TestChannelIsToldInItsLanguage posts, answers, edits and complains in German.
func TestChannelIsToldInItsLanguage(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, Locale: "de"})
	p.tell("a", 80)
	p.step(0)
	p.change("a", status(brief.Confirmed))
	p.settleAll()
	ms := p.platform.Messages(channel)
	if len(ms) != 2 || ms[1].Post.Card.Title != "Bestätigt: Headline a" {
		t.Fatalf("want a message and an answer in German, got %+v", ms)
	}
	for _, m := range ms {
		if c := m.Post.Card; c.Lang != bot.German || c.Badges[0].Label != "Relevanz" {
			t.Errorf("the card is in another language: %+v", c)
		}
	}
	if got := ms[0].Post.Card.Badges[1].Value; got != "bestätigt" {
		t.Errorf("the edited message has the status %q", got)
	}
}

func TestManagersAreToldInTheChannelsLanguage(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, Locale: "de"})
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: "the channel does not exist any more, or the bot cannot see it", Err: errors.New("404: gone")}})
	p.tell("b", 80)
	p.step(0)
	told := p.platform.Told()
	if len(told) != 1 || told[0].Card.Facts[0].Value != "der Kanal besteht nicht mehr, oder der Bot sieht ihn nicht: 404: gone" {
		t.Errorf("who manages the channel was told %+v", told)
	}
}

// TestAnswersAreInTheReadersLanguage: the reader's own, and the channel's where
// the platform tells none.
func TestAnswersAreInTheReadersLanguage(t *testing.T) {
	b := bot.New(bot.Options{
		Desk: newNewsroom(newstest.Stories()...), Store: &ledger{}, Now: newstest.Now,
		Book: bot.NewBook(&ledger{}, []bot.Subscription{{Channel: "slack:DE", Locale: "de"}, {Channel: "discord:1", Locale: "de"}}),
	})
	for _, tt := range []struct {
		channel      bot.Channel
		locale, line string
		title, text  string
	}{
		{"discord:1", "", "top", "Top des Tages", ""},
		{"discord:2", "", "top", "Top of the day", ""},
		{"discord:2", "de", "top week", "Top der Woche", ""},
		{"discord:1", "en-US", "top week", "Top of the week", ""},
		{"discord:1", "fr", "top week", "Top of the week", ""},
		{"slack:DE", "", "deepseek", "DeepSeek: 2 Meldungen diese Woche", ""},
		{"web:x", "de-AT", "deepseek since:90d min:50 status:confirmed", "DeepSeek, seit 28. Januar, 12:00 UTC, Relevanz ab 50, bestätigt: 1 Meldung", ""},
		{"web:x", "de", "topic:deepseek min:99", "Keine Treffer: DeepSeek, Relevanz ab 99", "Ohne min:99 gäbe es 3 Meldungen."},
		{"web:x", "de", "story nope", "Das hat nicht geklappt", "Es gibt keine Meldung „nope“."},
		{"web:x", "de", "top id:x", "Das hat nicht geklappt", "Top hat keine Option „id:“."},
		{"web:x", "de", "resume", "Das hat nicht geklappt", "Resume ist nur für alle, die diesen Kanal verwalten."},
		{"web:x", "de", "story k3j2", "DeepSeek R2 said to launch in May with 1.2 trillion parameters", ""},
	} {
		r, _ := b.Handle(t.Context(), bot.Invocation{Channel: tt.channel, Locale: tt.locale, Line: tt.line})
		if r.Card.Title != tt.title || !strings.HasPrefix(r.Card.Text, tt.text) {
			t.Errorf("%s %q: %q: title %q, text %q, want %q, %q", tt.channel, tt.locale, tt.line, r.Card.Title, r.Card.Text, tt.title, tt.text)
		}
		if german := tt.locale != "fr" && tt.locale != "en-US" && tt.channel != "discord:2" || tt.locale == "de"; german != (r.Card.Lang == bot.German) {
			t.Errorf("%s %q: the card says it is in language %d", tt.channel, tt.locale, r.Card.Lang)
		}
	}
}

// TestChannelSpeaksAsItWasTold: at once, whoever was told and whether or not the
// store answers later.
func TestChannelSpeaksAsItWasTold(t *testing.T) {
	p := newPipe(t)
	m, other := newManager(p), newManager(p)
	if r := other.ask("help"); r.Card.Lang != bot.English {
		t.Errorf("before: %+v", r.Card)
	}
	m.ask("subscribe min:50 locale:de save:yes")
	for _, m := range []*manager{m, other} {
		if r := m.ask("help"); r.Card.Lang != bot.German {
			t.Errorf("after the channel was set to German: %q", r.Card.Title)
		}
	}
	down, cancel := context.WithCancel(t.Context())
	cancel()
	if r, _ := other.Handle(down, bot.Invocation{Channel: channel, User: "mia", Line: "help"}); r.Card.Lang != bot.German {
		t.Errorf("while the store does not answer: %q", r.Card.Title)
	}
}

// A timeline is made by package news, in English.
func TestTimelineIsInTheReadersLanguage(t *testing.T) {
	at := newstest.Now()
	s := news.Story{ID: "x", Headline: "5 billion users", First: at, Updated: at, Articles: []news.Ref{
		{ID: "1", Source: "A", Title: "5 billion users", Published: at.Add(-3 * time.Hour)}, {ID: "2", Source: "B", Title: "B", Published: at.Add(-2 * time.Hour)},
		{ID: "3", Source: "C", Title: "C", Published: at.Add(-time.Hour)},
	}, Status: brief.Status{Value: brief.Rumour, Source: "B", Since: at.Add(-2 * time.Hour)}}
	var got []string
	for _, l := range bot.BriefCard(bot.German, s, nil, at).Sections[0].Lines {
		got = append(got, l.Text)
	}
	if want := "5 billion users | Gerücht: B | 3 Medien berichten es | C"; strings.Join(got, " | ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " | "), want)
	}
}
