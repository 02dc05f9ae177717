package bot_test

import (
	"fmt"
	"testing"
	"time"

	"newsdesk/bot"
)

// TestQuietAcrossClockChanges walks through the days around both changes of
// the clock minute by minute. A window begins and ends at the first minute whose
// clock shows its time, or, where that is skipped, as much later as it is late by.
func TestQuietAcrossClockChanges(t *testing.T) {
	for name, changes := range map[string][2]string{ // the local days on which clocks go forward and back
		"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
		"America/New_York":    {"2026-03-08", "2026-11-01"},
		"America/Santiago":    {"2026-09-06", "2026-04-04"}, // at midnight
		"Australia/Lord_Howe": {"2026-10-04", "2026-04-05"}, // by half an hour
		"Pacific/Auckland":    {"2026-09-27", "2026-04-05"},
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, hours := range []string{
			"22:00-07:00", "01:15-02:10", "02:05-02:25", "02:15-06:00", "23:30-00:20", "00:10-00:40", "23:10-01:50", "12:00-13:30", "02:45-02:15", "00:00-00:30",
		} {
			sub := bot.Subscription{Quiet: hours, Zone: name}
			for _, change := range changes {
				day, _ := time.Parse(time.DateOnly, change)
				ends := windows(t, zone, day, hours)
				for now := day.Add(-40 * time.Hour); now.Before(day.Add(60 * time.Hour)); now = now.Add(time.Minute) {
					var want time.Time
					for _, w := range ends {
						if !now.Before(w[0]) && now.Before(w[1]) {
							want = w[1]
							break
						}
					}
					if got := sub.QuietUntil(now); !got.Equal(want) {
						t.Fatalf("quiet %s in %s at %s: until %v, want %v", hours, name, now.In(zone), got, want.In(zone))
					}
				}
			}
		}
	}
}

// windows are the quiet hours that begin on the days around one.
func windows(t *testing.T, zone *time.Location, around time.Time, hours string) (out [][2]time.Time) {
	var h, m, h2, m2 int
	if _, err := fmt.Sscanf(hours, "%d:%d-%d:%d", &h, &m, &h2, &m2); err != nil {
		t.Fatal(err)
	}
	wraps := 0
	if h*60+m >= h2*60+m2 {
		wraps = 1
	}
	for day := -4; day <= 4; day++ {
		on := around.AddDate(0, 0, day)
		out = append(out, [2]time.Time{shows(zone, on, h*60+m), shows(zone, on.AddDate(0, 0, wraps), h2*60+m2)})
	}
	return out
}

// shows walks through the minutes of a local day to the one whose clock shows
// a time of day, in minutes.
func shows(zone *time.Location, day time.Time, want int) time.Time {
	last := -1
	for at := day.Add(-15 * time.Hour); at.Before(day.Add(40 * time.Hour)); at = at.Add(time.Minute) {
		local := at.In(zone)
		if local.Day() != day.Day() || local.Month() != day.Month() {
			continue
		}
		m := local.Hour()*60 + local.Minute()
		if m == want {
			return at
		}
		if last < want && m > want { // skipped: the clock jumped from last+1 to m
			return at.Add(time.Duration(want-last-1) * time.Minute)
		}
		last = m
	}
	panic(fmt.Sprint("no ", want, " on ", day))
}
