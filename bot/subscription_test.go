package bot_test

import (
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

func TestDispatchDecides(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	fresh := news.Story{ID: "a", Impact: 60, Lang: "en", Topics: []string{"deepseek"}, Fresh: now.Add(-time.Hour)}
	edit := func(f func(*news.Story)) news.Story { s := fresh; f(&s); return s }
	sub := bot.Subscription{Channel: channel, Mode: bot.Instant, MinImpact: 60}
	with := func(f func(*bot.Subscription)) bot.Subscription { s := sub; f(&s); return s }
	tests := []struct {
		story  news.Story
		sub    bot.Subscription
		posted bool
		want   bot.Reason
	}{
		{fresh, sub, false, bot.Owed},
		{fresh, sub, true, bot.AlreadyPosted},
		{fresh, with(func(s *bot.Subscription) { s.MinImpact = 61 }), false, bot.BelowImpact},
		{fresh, with(func(s *bot.Subscription) { s.Topics = []string{"openai"} }), false, bot.OtherTopics},
		{fresh, with(func(s *bot.Subscription) { s.Languages = []string{"de", "fr"} }), false, bot.OtherLanguage},
		{fresh, with(func(s *bot.Subscription) { s.Languages = []string{"de", "en-US"} }), false, bot.Owed},
		{fresh, with(func(s *bot.Subscription) { s.Topics = []string{"openai", "deepseek"} }), false, bot.Owed},
		{fresh, with(func(s *bot.Subscription) { s.Mode = bot.Digest }), false, bot.NotInstant},
		{edit(func(s *news.Story) { s.Backlog = true }), sub, false, bot.OnlyBacklog},
		{edit(func(s *news.Story) { s.Fresh = now.Add(-49 * time.Hour) }), sub, false, bot.TooOld},
	}
	for _, tt := range tests {
		if got := bot.Decide(tt.story, tt.sub, tt.posted, now); got != tt.want {
			t.Errorf("Decide(%+v, %+v, %v) = %q, want %q", tt.story, tt.sub, tt.posted, got, tt.want)
		}
	}
}

func TestQuietUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct{ quiet, now, want string }{
		{"22:00-07:00", "2026-03-02 21:59", ""},
		{"22:00-07:00", "2026-03-02 22:00", "2026-03-03 07:00"},
		{"22:00-07:00", "2026-03-03 06:59", "2026-03-03 07:00"},
		{"22:00-07:00", "2026-03-03 07:00", ""},
		{"12:00-13:30", "2026-03-03 12:30", "2026-03-03 13:30"},
		{"22:00-07:00", "2026-03-28 23:00", "2026-03-29 07:00"}, // the clock goes forward in that night
		{"22:00-07:00", "2026-10-25 02:30", "2026-10-25 07:00"}, // and back
		{"", "2026-03-03 12:30", ""},
	}
	for _, tt := range tests {
		s := bot.Subscription{Quiet: tt.quiet, Zone: "Europe/Berlin"}
		var want time.Time
		if tt.want != "" {
			want = at(tt.want)
		}
		if got := s.QuietUntil(at(tt.now)); !got.Equal(want) {
			t.Errorf("quiet %s at %s: until %v, want %v", tt.quiet, tt.now, got, want)
		}
	}
}

func TestQuietHoursHoldDeliveries(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, Quiet: "08:00-10:00"})
	p.tell("a", 50)
	p.step(0)
	if p.posted() != "" {
		t.Fatal("posted in quiet hours")
	}
	p.step(time.Hour)
	if p.posted() != "Headline a" {
		t.Errorf("after quiet hours posted %q", p.posted())
	}
}
