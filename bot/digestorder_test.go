package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

// TestDigestOfAChangedOrder changes when a digest comes while it is running:
// what is told begins where the last one ended, nothing is lost or told twice,
// and no date has two.
func TestDigestOfAChangedOrder(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", "2026-03-"+s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	type step struct{ at, words string } // "" ends the order
	for _, tt := range []struct {
		name    string
		changes []step // the first makes the order
		down    [2]string
		news    []string // when there is a story, which is called so
		until   string
		want    string // "when posted: stories", in order
	}{
		{
			"as ordered", []step{{"02 12:00", "at:18:00"}}, [2]string{}, []string{"02 15:00", "02 20:00", "03 10:00", "03 17:59", "03 18:00", "03 18:01"}, "04 19:00",
			"02 18:00: 02 15:00 | 03 18:00: 02 20:00, 03 10:00, 03 17:59, 03 18:00 | 04 18:00: 03 18:01",
		},
		{
			"earlier, after the day's digest", []step{{"02 12:00", "at:18:00"}, {"03 18:30", "at:09:00"}}, [2]string{}, []string{"03 10:00", "03 18:10", "03 20:00", "04 08:00", "04 10:00"}, "05 12:00",
			"02 18:00: | 03 18:00: 03 10:00 | 04 09:00: 03 18:10, 03 20:00, 04 08:00 | 05 09:00: 04 10:00",
		},
		{
			// That day's digest was due at nine by the order as it is now: it comes at once.
			"earlier, before the day's digest", []step{{"02 12:00", "at:18:00"}, {"03 10:00", "at:09:00"}}, [2]string{}, []string{"02 20:00", "03 08:00", "03 09:30", "03 17:00"}, "04 12:00",
			"02 18:00: | 03 10:00: 02 20:00, 03 08:00 | 04 09:00: 03 09:30, 03 17:00",
		},
		{
			"later, after the day's digest", []step{{"01 12:00", "at:09:00"}, {"02 10:00", "at:18:00"}}, [2]string{}, []string{"02 08:00", "02 09:30", "02 20:00", "03 17:00"}, "03 19:00",
			"02 09:00: 02 08:00 | 03 18:00: 02 09:30, 02 20:00, 03 17:00",
		},
		{
			"later, before the day's digest", []step{{"01 12:00", "at:09:00"}, {"03 08:00", "at:18:00"}}, [2]string{}, []string{"02 12:00", "03 08:30", "03 17:00"}, "03 19:00",
			"02 09:00: | 03 18:00: 02 12:00, 03 08:30, 03 17:00",
		},
		{
			"on other days", []step{{"02 12:00", "at:18:00"}, {"04 12:00", "days:monday"}}, [2]string{}, []string{"03 20:00", "06 12:00", "09 17:00", "10 12:00"}, "16 19:00",
			"02 18:00: | 03 18:00: | 09 18:00: 03 20:00, 06 12:00, 09 17:00 | 16 18:00: 10 12:00",
		},
		{
			// The last of those days lies before the last digest.
			"on a day of last week", []step{{"02 12:00", "at:18:00 days:weekdays"}, {"09 19:00", "days:sunday"}}, [2]string{}, []string{"06 20:00", "09 18:30", "12 12:00"}, "15 19:00",
			"02 18:00: | 03 18:00: | 04 18:00: | 05 18:00: | 06 18:00: | 09 18:00: 06 20:00 | 15 18:00: 09 18:30, 12 12:00",
		},
		{
			// The date is the same there, and has had its digest.
			"in a zone where it is earlier", []step{{"02 12:00", "at:18:00"}, {"03 19:00", "zone:America/New_York"}}, [2]string{}, []string{"03 18:30", "04 12:00"}, "04 23:30",
			"02 18:00: | 03 18:00: | 04 23:00: 03 18:30, 04 12:00",
		},
		{
			// The outage ends after two were due: the last of them tells of both days.
			"nobody dispatched", []step{{"02 12:00", "at:18:00"}}, [2]string{"03 12:00", "04 20:00"}, []string{"02 20:00", "03 20:00", "04 19:00"}, "05 19:00",
			"02 18:00: | 04 20:00: 02 20:00, 03 20:00 | 05 18:00: 04 19:00",
		},
		{
			"nobody dispatched for long", []step{{"02 12:00", "at:18:00"}}, [2]string{"03 12:00", "14 20:00"}, []string{"04 12:00", "06 17:30", "06 18:30", "14 12:00"}, "14 21:00",
			"02 18:00: | 14 20:00: 06 18:30, 14 12:00",
		},
		{
			// Of the time without an order there is nothing to tell; the day before is.
			"ended and made again", []step{{"02 12:00", "at:18:00"}, {"03 19:00", ""}, {"06 19:00", "at:18:00"}}, [2]string{}, []string{"04 12:00", "06 18:30", "07 12:00"}, "07 19:00",
			"02 18:00: | 03 18:00: | 07 18:00: 06 18:30, 07 12:00",
		},
	} {
		p := newPipe(t, []bot.Subscription{}...)
		m := newManager(p)
		for _, n := range tt.news {
			p.newsOf(n, at(n), 60, nil)
		}
		p.now = at("01 10:00")
		for p.now.Before(at(tt.until)) {
			for _, c := range tt.changes {
				if p.now.Equal(at(c.at)) && c.words == "" {
					m.ask("unsubscribe")
				} else if p.now.Equal(at(c.at)) {
					if c := m.ask("subscribe mode:digest empty:say save:yes " + c.words).Card; !strings.HasPrefix(c.Title, "Saved") {
						t.Fatalf("%s: %+v", tt.name, c)
					}
				}
			}
			if tt.down[0] == "" || p.now.Before(at(tt.down[0])) || !p.now.Before(at(tt.down[1])) {
				p.dispatch()
			}
			p.step(0)
			p.step(30 * time.Minute)
		}
		ds, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Sent})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := len(ds) - 1; i >= 0; i-- {
			// In order of time, as the stories are called.
			told := append([]string(nil), ds[i].Stories...)
			slices.Sort(told)
			got = append(got, strings.TrimSpace(ds[i].Settled.Format("02 15:04")+": "+strings.Join(told, ", ")))
		}
		if got := strings.Join(got, " | "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
