package bot_test

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
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A tide is a newsroom whose stories turn at times that are fixed beforehand.
// A turn can be read a while after its time: it was on its way into the store.
type tide struct {
	now     func() time.Time
	stories []news.Story // with all their turns
	lag     time.Duration
}

func (d *tide) visible(s news.Story) (news.Story, bool) {
	n := 0
	for n < len(s.Turns) && !s.Turns[n].At.Add(d.lag).After(d.now()) {
		n++
	}
	if n == 0 {
		return s, false
	}
	if !s.Left.IsZero() && s.Left.After(d.now()) {
		s.Left, s.Into = time.Time{}, ""
	}
	s.Turns = s.Turns[:n:n]
	last := s.Turns[n-1]
	s.Headline, s.Impact, s.Topics, s.Status, s.Fresh = "Headline "+s.ID, last.Impact, last.Topics, brief.Status{Value: last.Status}, last.Fresh
	s.Took = slices.DeleteFunc(slices.Clone(s.Took), func(id string) bool {
		return slices.ContainsFunc(d.stories, func(o news.Story) bool { return o.ID == id && o.Left.After(d.now()) })
	})
	return s, true
}

func (d *tide) Story(ctx context.Context, id string) (news.Story, error) {
	for _, s := range d.stories {
		if s, ok := d.visible(s); ok && s.ID == id {
			if s.Into != "" {
				return d.Story(ctx, s.Into)
			}
			return s, nil
		}
	}
	return news.Story{}, news.ErrNotFound
}

func (d *tide) Past(since time.Time) (out []news.Past) {
	for _, s := range d.stories {
		if s, ok := d.visible(s); ok && (!s.Turns[len(s.Turns)-1].At.Before(since) || !s.Left.Before(since)) {
			out = append(out, s.Past())
		}
	}
	return out
}

func (*tide) Related(context.Context, news.Story, int) ([]news.Story, error)   { return nil, nil }
func (*tide) Changed(context.Context, uint64, int) (s []news.Story, err error) { return nil, nil }

// tideOf invents stories over some days; a few go into others.
func tideOf(rng *rand.Rand, from time.Time, days int) (out []news.Story) {
	statuses := []string{brief.Rumour, brief.Reported, brief.Confirmed}
	for i := range days * 6 {
		s := news.Story{ID: fmt.Sprintf("s%03d", i)}
		at := from.Add(time.Duration(rng.Int64N(int64(days) * 24 * int64(time.Hour))))
		impact, topic, status := 30+rng.IntN(50), "openai", statuses[rng.IntN(3)]
		if rng.IntN(4) == 0 {
			topic = "nvidia"
		}
		for range 1 + rng.IntN(6) {
			s.Turns = append(s.Turns, news.Turn{
				At: at, Impact: impact, Status: status, Lang: "en", Topics: []string{topic}, Kinds: []news.Kind{news.Press},
				Fresh: at.Add(-time.Duration(rng.Int64N(int64(60 * time.Hour)))),
			})
			at = at.Add(time.Duration(rng.Int64N(int64(40 * time.Hour))))
			impact = min(max(impact+rng.IntN(25)-11, 0), 100)
			if rng.IntN(8) == 0 {
				topic = "openai"
			}
			if rng.IntN(8) == 0 {
				status = statuses[rng.IntN(3)]
			}
		}
		out = append(out, s)
	}
	for i := range out {
		into := &out[rng.IntN(len(out))]
		left := out[i].Turns[len(out[i].Turns)-1].At.Add(time.Hour)
		if rng.IntN(10) == 0 && into.ID != out[i].ID && into.Left.IsZero() && len(out[i].Took) == 0 && !left.Before(into.Turns[0].At) {
			out[i].Into, out[i].Left = into.ID, left
			into.Took = append(into.Took, out[i].ID)
		}
	}
	return out
}

// TestEachStoryIsInOneDigest lets weeks pass in which dispatching and
// delivering stop for hours and days, answers are lost, and the order's time
// and zone are changed. Whatever was owed and stayed so is told, and nothing is
// told again unless it grew or its status changed.
func TestEachStoryIsInOneDigest(t *testing.T) {
	const days = 30
	asks := func(t news.Turn) bool { return t.Impact >= 50 && slices.Contains(t.Topics, "openai") }
	digests, stories, late, again := 0, 0, 0, 0
	for _, tt := range []struct {
		days    []string // of the order, in turn
		changes int      // one in so many days changes the order; 0 for never
		outage  time.Duration
	}{
		{[]string{"daily"}, 0, 4 * 24 * time.Hour},
		{[]string{"weekdays"}, 0, 2 * 24 * time.Hour},
		{[]string{"monday"}, 0, 40 * time.Hour},
		{[]string{"daily", "weekdays"}, 3, 40 * time.Hour},
	} {
		for seed := range uint64(8) {
			rng := rand.New(rand.NewPCG(seed, 7))
			start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
			now := start
			clock := func() time.Time { return now }
			store, err := boltstore.Open(filepath.Join(t.TempDir(), "bot.db"), boltstore.Options{Now: clock, NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			order := bot.Subscription{ID: "digest", Channel: channel, Mode: bot.Digest, DigestAt: "09:00", Zone: "Europe/Berlin", Days: tt.days[0], MinImpact: 50, Topics: []string{"openai"}}
			if err := store.SaveSubscription(t.Context(), order); err != nil {
				t.Fatal(err)
			}
			room := &tide{now: clock, stories: tideOf(rng, start.AddDate(0, 0, -2), days), lag: time.Duration(rng.Int64N(int64(10 * time.Minute)))}
			platform, log, book := &bottest.Platform{}, slog.New(slog.DiscardHandler), bot.NewBook(store, nil)
			dispatcher := &bot.Dispatcher{Store: store, News: room, Book: book, Owner: "a", Now: clock, Logger: log}
			deliverer := bot.NewDeliverer(bot.DeliverOptions{Store: store, News: room, Platforms: []bot.Platform{platform}, Book: book, Lease: time.Minute, Now: clock, Logger: log})
			down := map[string]time.Time{}
			up := func(what string) bool {
				if rng.IntN(24*8) == 0 && now.After(down[what]) {
					down[what] = now.Add(time.Duration(rng.Int64N(int64(tt.outage))))
				}
				return now.After(down[what])
			}
			for now.Before(start.AddDate(0, 0, days)) {
				if tt.changes > 0 && rng.IntN(24*tt.changes) == 0 {
					order.DigestAt, order.Zone = fmt.Sprintf("%02d:%02d", rng.IntN(24), rng.IntN(60)), bot.Zones[rng.IntN(len(bot.Zones))]
					order.Days = tt.days[rng.IntN(len(tt.days))]
					if err := store.SaveSubscription(t.Context(), order); err != nil {
						t.Fatal(err)
					}
				}
				if up("dispatcher") {
					if _, err := dispatcher.Step(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if rng.IntN(20) == 0 {
					platform.Answer(bottest.Answer{Land: rng.IntN(2) == 0, Err: bottest.ErrLost})
				}
				if up("deliverer") {
					if _, err := deliverer.Step(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				now = now.Add(time.Duration(1+rng.IntN(90)) * time.Minute)
			}
			sent, err := store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: channel, State: bot.Sent, Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(sent)
			n := checkDigests(t, fmt.Sprintf("%s, seed %d", strings.Join(tt.days, "/"), seed), room.stories, sent, platform.Messages(channel), asks)
			digests, stories, late, again = digests+len(sent), stories+n.told, late+n.late, again+n.again
		}
	}
	t.Logf("%d digests told %d stories, %d of them came when their digest was due already; %d were told again", digests, stories, late, again)
	if digests < 400 || stories < 1500 || late < 50 || again < 50 {
		t.Error("that is not enough to tell anything")
	}
}

type tally struct{ told, late, again int }

// checkDigests looks each story up in the digests that were sent.
func checkDigests(t *testing.T, name string, stories []news.Story, sent []bot.Delivery, messages []bottest.Message, asks func(news.Turn) bool) (n tally) {
	t.Helper()
	if len(messages) != len(sent) {
		t.Errorf("%s: %d messages of %d digests", name, len(messages), len(sent))
		return n
	}
	dates := map[string]bool{}
	for i, d := range sent {
		if dates[d.ID] || i > 0 && !d.Digest.To.After(sent[i-1].Digest.To) {
			t.Errorf("%s: the digest of %s came twice or out of order", name, d.Digest.To)
		}
		dates[d.ID] = true
		shown := 0
		for _, sec := range messages[i].Post.Card.Sections {
			for _, l := range sec.Lines {
				if l.URL == "" && !strings.HasPrefix(l.Text, "Headline") {
					continue
				}
				id := strings.TrimPrefix(l.Text, "Headline ")
				if !slices.ContainsFunc(d.Stories, func(told string) bool { return told == id || into(stories, told, id) }) && !gone(stories, id) {
					t.Errorf("%s: the digest of %s shows %q, which it is not said to tell", name, d.Digest.To, l.Text)
				}
				shown++
			}
		}
		// Two that became one after their message was lost are one in what it told.
		if want := min(len(d.Stories), 8); shown < want {
			t.Errorf("%s: the digest of %s shows %d stories, want %d", name, d.Digest.To, shown, want)
		}
	}
	first, last := sent[0].Digest.From, sent[len(sent)-1].Digest.To
	for _, s := range stories {
		p := s.Past()
		var tellings []bot.Delivery
		for _, d := range sent {
			if slices.Contains(d.Stories, s.ID) {
				tellings = append(tellings, d)
			}
		}
		for i, d := range tellings {
			then, ok := p.AsOf(d.Digest.To)
			if i == 0 && len(s.Took) == 0 && (!ok || !asks(then)) {
				t.Errorf("%s: %s was told at %s although it was not asked for", name, s.ID, d.Digest.To)
			}
			if i == 0 {
				continue
			}
			n.again++
			was, _ := p.AsOf(tellings[i-1].Settled)
			if then.Impact < was.Impact+10 && then.Status == was.Status {
				t.Errorf("%s: %s was told at %s and again at %s, and was the same", name, s.ID, tellings[i-1].Settled, d.Digest.To)
			}
		}
		// Owed since: the first turn that was news, from which on it was asked for.
		owed := -1
		for i := len(s.Turns) - 1; i >= 0 && asks(s.Turns[i]); i-- {
			if s.Turns[i].At.Sub(s.Turns[i].Fresh) <= bot.MaxAge {
				owed = i
			}
		}
		if owed < 0 || !s.Left.IsZero() || len(s.Took) > 0 {
			continue // for the story that took it to be told
		}
		at := s.Turns[owed].At
		if !at.After(first) || at.After(last) {
			continue
		}
		n.told++
		if len(tellings) == 0 {
			t.Errorf("%s: %s was owed since %s and is in no digest", name, s.ID, at)
			continue
		}
		next := slices.IndexFunc(sent, func(d bot.Delivery) bool { return !d.Digest.To.Before(at) })
		if next > 0 && at.Before(sent[next-1].Settled) {
			n.late++
		}
		if tellings[0].Digest.To.After(sent[min(next+1, len(sent)-1)].Digest.To) {
			t.Errorf("%s: %s was owed since %s and was told at %s only", name, s.ID, at, tellings[0].Digest.To)
		}
	}
	return n
}

// into reports whether the story went into the other.
func into(stories []news.Story, id, other string) bool {
	return slices.ContainsFunc(stories, func(s news.Story) bool { return s.ID == id && s.Into == other })
}

// gone reports whether the story went into another, which may have been told
// before it was known what a message whose answer was lost had told.
func gone(stories []news.Story, id string) bool {
	return slices.ContainsFunc(stories, func(s news.Story) bool { return s.ID == id && s.Into != "" })
}
