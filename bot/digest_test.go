package bot_test

import (
	"errors"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

func TestDigestDue(t *testing.T) {
	tests := []struct{ zone, days, at, now, due, before string }{
		{"UTC", "", "09:00", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-01T09:00:00Z"},
		{"UTC", "daily", "09:00", "2026-03-02T08:59:59Z", "2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z"},
		{"Europe/Berlin", "", "09:00", "2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z", "2026-03-01T08:00:00Z"},
		{"Asia/Tokyo", "", "09:00", "2026-03-02T01:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"},
		// Monday's reaches back to Friday.
		{"UTC", "weekdays", "09:00", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-02-27T09:00:00Z"},
		{"UTC", "weekdays", "09:00", "2026-03-01T12:00:00Z", "2026-02-27T09:00:00Z", "2026-02-26T09:00:00Z"},
		{"UTC", "wednesday", "09:00", "2026-03-03T12:00:00Z", "2026-02-25T09:00:00Z", "2026-02-18T09:00:00Z"},
		{"UTC", "wednesday", "09:00", "2026-03-04T08:00:00Z", "2026-02-25T09:00:00Z", "2026-02-18T09:00:00Z"},
		// 02:30 does not exist on 29 March in Berlin, and comes twice on
		// 25 October: then the first one counts. So it does in the west, where
		// 00:30 does not exist in Santiago on 6 September.
		{"Europe/Berlin", "", "02:30", "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z", "2026-03-28T01:30:00Z"},
		{"Europe/Berlin", "", "02:30", "2026-10-25T00:29:00Z", "2026-10-24T00:30:00Z", "2026-10-23T00:30:00Z"},
		{"Europe/Berlin", "", "02:30", "2026-10-25T00:45:00Z", "2026-10-25T00:30:00Z", "2026-10-24T00:30:00Z"},
		{"America/New_York", "", "02:30", "2026-03-08T12:00:00Z", "2026-03-08T07:30:00Z", "2026-03-07T07:30:00Z"},
		{"America/New_York", "", "01:30", "2026-11-01T12:00:00Z", "2026-11-01T05:30:00Z", "2026-10-31T05:30:00Z"},
		{"America/Santiago", "", "00:30", "2026-09-06T12:00:00Z", "2026-09-06T04:30:00Z", "2026-09-05T04:30:00Z"},
		{"Australia/Lord_Howe", "", "02:15", "2026-10-04T00:00:00Z", "2026-10-03T15:45:00Z", "2026-10-02T15:45:00Z"},
		{"Australia/Lord_Howe", "", "01:45", "2026-04-05T00:00:00Z", "2026-04-04T14:45:00Z", "2026-04-03T14:45:00Z"},
	}
	for _, tt := range tests {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		sub := bot.Subscription{Mode: bot.Digest, Days: tt.days, DigestAt: tt.at, Zone: tt.zone}
		due, _, ok := bot.DigestDue(sub, now)
		if got := due.UTC().Format(time.RFC3339); !ok || got != tt.due {
			t.Errorf("digest %s at %s %s, asked %s: due %s, want %s", tt.days, tt.at, tt.zone, tt.now, got, tt.due)
		}
		before, _, _ := bot.DigestDue(sub, due.Add(-1))
		if got := before.UTC().Format(time.RFC3339); got != tt.before {
			t.Errorf("digest %s at %s %s: before %s due %s, want %s", tt.days, tt.at, tt.zone, tt.due, got, tt.before)
		}
		if next, ok := bot.NextDigest(sub, before); !ok || !next.Equal(due) {
			t.Errorf("digest %s at %s %s: after %s due %s, want %s", tt.days, tt.at, tt.zone, tt.before, next, tt.due)
		}
	}
	for _, sub := range []bot.Subscription{
		{Mode: bot.Instant, DigestAt: "09:00"},
		{Mode: bot.Digest, DigestAt: "9 o'clock"},
		{Mode: bot.Digest, DigestAt: "09:00", Zone: "Mars/Base"},
		{Mode: bot.Digest, DigestAt: "09:00", Days: "someday"},
	} {
		if _, _, ok := bot.DigestDue(sub, time.Now()); ok {
			t.Errorf("%+v has a digest", sub)
		}
	}
}

// TestDigestOncePerDate walks through a year in steps of half an hour, across
// both changes of the clock, with a dispatcher that is restarted now and then.
func TestDigestOncePerDate(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York"} {
		sub := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "02:30", Zone: zone}
		p := newPipe(t, sub)
		end := p.now.AddDate(1, 0, 0)
		for i := 0; p.now.Before(end); i++ {
			if i%100 == 0 {
				p.dispatcher = &bot.Dispatcher{Store: p.store, News: p.desk, Book: p.dispatcher.Book, Owner: "a", Now: p.dispatcher.Now, Logger: p.dispatcher.Logger}
			}
			n, err := p.dispatcher.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				p.step(0)
			}
			p.now = p.now.Add(30 * time.Minute)
		}
		// The digest that was due before the walk began is nobody's.
		if days := len(p.platform.Messages(channel)); days != 365 {
			t.Errorf("%s: %d digests in a year, want 365", zone, days)
		}
	}
}

// A channel that was suspended for days is not sent a digest of each of them.
func TestDigestsDoNotPileUp(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00"})
	p.platform.Answer(suspended("the bot may not post there"))
	for range 10 * 24 {
		p.dispatch()
		p.step(time.Hour)
	}
	if err := p.store.Resume(t.Context(), channel); err != nil {
		t.Fatal(err)
	}
	p.settleAll()
	if got, want := p.posted(), "AI news digest, Tuesday 10 March 2026, AI news digest, Wednesday 11 March 2026"; got != want {
		t.Errorf("posted %q, want %q", got, want)
	}
	p.now = p.now.AddDate(0, 0, 7)
	p.shown()
	p.deliverer.Book = bot.NewBook(p.store, nil)
	d, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Sent, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.deliverer.Card(t.Context(), d[0]); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("Card of a digest that nobody follows any more: %v, want ErrNotFound", err)
	}
}

func TestDigestTellsOfItsPeriod(t *testing.T) {
	sub := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00", MinImpact: 40}
	p := newPipe(t, sub)
	p.tell("low", 39)
	p.step(0) // the digest of the day before
	p.tell("high", 80)
	p.tell("middle", 40)
	p.now = p.now.Add(8 * time.Hour)
	p.tell("later", 90)
	p.now = p.now.Add(90 * time.Minute)
	p.dispatch()
	p.step(time.Minute)
	ms := p.platform.Messages(channel)
	if len(ms) == 0 {
		t.Fatal("no digest was posted")
	}
	var got []string
	for _, s := range ms[len(ms)-1].Post.Card.Sections {
		for _, l := range s.Lines {
			got = append(got, l.Text)
		}
	}
	want := []string{"Headline later", "Headline high", "Headline middle"}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("the digest names %q, want %q", got, want)
	}
}
