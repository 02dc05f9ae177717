package adapters_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/redisstore"
	"newsdesk/bot"
	"newsdesk/news"
)

// silence is news without stories.
type silence struct{}

func (silence) Changed(context.Context, uint64, int) ([]news.Story, error) { return nil, nil }

// TestYearOfDigests lets a year pass in five zones, across both changes of
// their clocks, with a dispatcher that is restarted now and then: each date of
// each schedule has one digest, at its time.
func TestYearOfDigests(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	engines := map[string]func(t *testing.T, now func() time.Time) engine{
		"bolt": func(t *testing.T, now func() time.Time) engine {
			s, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{Now: now, NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	if url := redisServer(t); url != "" {
		engines["redis"] = func(t *testing.T, now func() time.Time) engine {
			s, err := redisstore.Open(t.Context(), url, redisstore.Options{Prefix: "{digestyear}:", Now: now})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			at := now
			yearOfDigests(t, &seldom{engine: open(t, func() time.Time { return at })}, &at)
		})
	}
}

// A seldom engine forgets old deliveries once in a week of its year and not
// each hour: that reads them all, and is not what is tested.
type seldom struct {
	engine
	last time.Time
}

func (s *seldom) Forget(ctx context.Context, settled, known time.Time) (int, error) {
	if settled.Sub(s.last) < 7*24*time.Hour {
		return 0, nil
	}
	s.last = settled
	return s.engine.Forget(ctx, settled, known)
}

func yearOfDigests(t *testing.T, store engine, at *time.Time) {
	defer store.Close()
	rnd := rand.New(rand.NewPCG(2026, 11))
	began, end := *at, at.AddDate(1, 0, 0)
	var subs []bot.Subscription
	// Each zone has times within the hour that is skipped, within the one that
	// comes twice, and beside them.
	for zone, times := range map[string][]string{
		"Europe/Berlin":       {"02:30", "02:00", "09:00"},
		"America/New_York":    {"02:30", "01:30", "23:59"},
		"America/Santiago":    {"00:30", "23:30", "00:00"}, // clocks change at midnight
		"Australia/Lord_Howe": {"02:15", "01:45", "12:00"}, // by half an hour
		"Pacific/Auckland":    {"02:45", "02:15", "07:00"},
	} {
		for _, clock := range times {
			for _, days := range []string{"daily", "weekdays", "sunday"} {
				subs = append(subs, bot.Subscription{
					ID: "config", Channel: bot.Channel("test:" + strings.Join([]string{zone, clock, days}, " ")),
					Mode: bot.Digest, Days: days, DigestAt: clock, Zone: zone,
				})
			}
		}
	}
	start := func() *bot.Dispatcher {
		return &bot.Dispatcher{
			Store: store, News: silence{}, Book: bot.NewBook(store, subs), Owner: "a", Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return *at },
		}
	}
	// The dispatcher is asked around each time at which a digest may be due,
	// whatever the change of the clock, and not in between.
	d := start()
	got := map[bot.Channel][]bot.Period{}
	moments := map[time.Time]bool{began: true}
	for _, s := range subs {
		zone, err := time.LoadLocation(s.Zone)
		if err != nil {
			t.Fatal(err)
		}
		clock, _ := time.Parse("15:04", s.DigestAt)
		for day := began.AddDate(0, 0, -1); day.Before(end.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
			near := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone).UTC()
			_, before := near.AddDate(0, 0, -2).In(zone).Zone()
			_, after := near.AddDate(0, 0, 2).In(zone).Zone()
			offs := []time.Duration{-1, 0}
			if before != after {
				offs = []time.Duration{-61, -60, -31, -30, -1, 0, 29, 30, 59, 60}
			}
			for _, off := range offs {
				moments[near.Add(off*time.Minute)] = true
			}
		}
	}
	var walk []time.Time
	for m := range moments {
		if !m.Before(began) && m.Before(end) {
			walk = append(walk, m)
		}
	}
	slices.SortFunc(walk, time.Time.Compare)
	for _, m := range walk {
		*at = m
		if rnd.IntN(50) == 0 {
			d = start()
		}
		if _, err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range subs {
		ds, err := store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: s.Channel, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(ds)
		for _, one := range ds {
			got[s.Channel] = append(got[s.Channel], *one.Digest)
		}
		checkYear(t, s, got[s.Channel], began, end)
	}
}

// checkYear compares the digests of a year with the calendar, which is read
// minute by minute: a date has its digest at the first minute of it whose clock
// shows its time, or as long after the gap began as it is late by.
func checkYear(t *testing.T, s bot.Subscription, got []bot.Period, began, end time.Time) {
	t.Helper()
	zone, _ := time.LoadLocation(s.Zone)
	want := map[string]time.Time{}
	var order []string
	for day := began.AddDate(0, 0, -9).In(zone); day.Before(end.AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		wd := day.Weekday()
		if s.Days == "weekdays" && (wd == time.Saturday || wd == time.Sunday) || s.Days == "sunday" && wd != time.Sunday {
			continue
		}
		date := day.Format(time.DateOnly)
		due := firstMinute(zone, day, s.DigestAt)
		if due.Before(end) {
			want[date] = due
			order = append(order, date)
		}
	}
	n := 0
	for i, date := range order {
		if want[date].Before(began) {
			continue
		}
		if n == len(got) {
			t.Errorf("%s: no digest of %s", s.Channel, date)
			return
		}
		g := got[n]
		n++
		if !g.To.Equal(want[date]) || !g.From.Equal(want[order[i-1]]) {
			t.Errorf("%s: the digest of %s is from %s to %s, want %s to %s", s.Channel, date, g.From, g.To, want[order[i-1]].UTC(), want[date].UTC())
			return
		}
	}
	if n != len(got) {
		t.Errorf("%s: %d digests more than dates", s.Channel, len(got)-n)
	}
}

// firstMinute walks through the minutes of a local day.
func firstMinute(zone *time.Location, day time.Time, clock string) time.Time {
	c, _ := time.Parse("15:04", clock)
	want := c.Hour()*60 + c.Minute()
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
	last := -1
	for at := noon.Add(-14 * time.Hour); at.Before(noon.Add(14 * time.Hour)); at = at.Add(time.Minute) {
		shown := at.In(zone)
		if shown.Day() != day.Day() {
			continue
		}
		m := shown.Hour()*60 + shown.Minute()
		if m == want {
			return at
		}
		if last < want && m > want { // skipped: the clock jumped from last+1 to m
			return at.Add(time.Duration(want-last-1) * time.Minute)
		}
		last = m
	}
	panic(fmt.Sprint("no ", clock, " on ", day))
}
