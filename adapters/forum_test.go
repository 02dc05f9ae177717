package adapters_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A dying store ends the goroutine that settles, as the end of its process
// would, once where it is due to.
type dying struct {
	*boltstore.Store
	due, died atomic.Bool
}

func (d *dying) Settle(ctx context.Context, of bot.Delivery, r bot.Result) error {
	if d.due.Swap(false) {
		d.died.Store(true)
		runtime.Goexit()
	}
	return d.Store.Settle(ctx, of, r)
}

// A shelf is a newsroom of what stands on it.
type shelf struct{ stories []news.Story }

func (s *shelf) Story(_ context.Context, id string) (news.Story, error) {
	for _, st := range s.stories {
		if st.ID == id {
			return st, nil
		}
	}
	return news.Story{}, news.ErrNotFound
}

func (s *shelf) Changed(_ context.Context, after uint64, _ int) (out []news.Story, err error) {
	for _, st := range s.stories {
		if st.Seq > after {
			out = append(out, st)
		}
	}
	slices.SortFunc(out, func(a, b news.Story) int { return int(a.Seq) - int(b.Seq) })
	return out, nil
}

func (*shelf) Related(context.Context, news.Story, int) ([]news.Story, error) { return nil, nil }
func (*shelf) Past(time.Time) []news.Past                                     { return nil }

// TestForumOutlivesCrashes: Discord knows no second post of a forum again.
// Stories that are rumours and then confirmed go to one, while answers are
// lost, posts land late or not at all, and the bot dies after the post: each
// story is one post with one answer in it, and its card is up to date.
func TestForumOutlivesCrashes(t *testing.T) {
	t.Parallel()
	const forum, seed = "1500000000000000001", 7
	channel := bot.Channel("discord:" + forum)
	server := discordtest.New(t)
	server.AddChannel(forum, discordtest.Channel{Type: 15, TagRequired: true, Tags: []discordtest.Tag{{ID: "1", Name: "Confirmed"}, {ID: "2", Name: "Rumour"}}})
	now := time.Now()
	clock := func() time.Time { return now }
	file, err := boltstore.Open(filepath.Join(t.TempDir(), "bot.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	store, desk, log := &dying{Store: file}, &shelf{}, slog.New(slog.DiscardHandler)
	subs := []bot.Subscription{{ID: "config", Channel: channel, Mode: bot.Instant}}
	dispatcher := &bot.Dispatcher{Store: store, News: desk, Book: bot.NewBook(store, subs), Owner: "a", Now: clock, Logger: log}
	deaths := 0
	begin := func() *bot.Deliverer {
		p, err := discord.New(discord.Options{Token: server.Token, ApplicationID: server.ApplicationID, APIURL: server.URL(), Commands: bot.Table()})
		if err != nil {
			t.Fatal(err)
		}
		return bot.NewDeliverer(bot.DeliverOptions{
			Store: store, News: desk, Platforms: []bot.Platform{p}, Book: bot.NewBook(store, subs), Owner: fmt.Sprint("d", deaths), Now: clock, Logger: log,
		})
	}
	deliverer := begin()
	random := rand.New(rand.NewPCG(seed, seed))
	faults := map[string]int{}
	step := func(faulty bool) {
		fault := "none"
		if faulty {
			fault = []string{"none", "lost", "dropped", "late", "throttled", "dies", "lost and dies"}[random.IntN(7)]
		}
		switch fault {
		case "lost":
			server.LoseAnswer(1)
		case "dropped":
			server.Drop(1)
		case "late":
			server.LandLate(20 * time.Millisecond)
		case "throttled":
			server.Throttle(1, 100*time.Millisecond, "user")
		case "dies":
			store.due.Store(true)
		case "lost and dies":
			server.LoseAnswer(1)
			store.due.Store(true)
		}
		if _, err := dispatcher.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := deliverer.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Millisecond) // what is late lands, and a limit ends
		now = now.Add(40 * time.Second)   // longer than a lease, and than the wait in doubt
		server.Heal()
		store.due.Store(false)
		if store.died.Swap(false) {
			deaths++
			deliverer = begin()
		}
		faults[fault]++
	}
	const stories = 12
	for n := range stories {
		desk.stories = append(desk.stories, news.Story{
			ID: fmt.Sprint("s", n), Headline: fmt.Sprintf("Headline %d is here", n), Impact: 80, Seq: uint64(n + 1),
			Status: brief.Status{Value: brief.Rumour}, Fresh: now, First: now, Updated: now,
		})
		step(true)
	}
	for range 3 * stories {
		step(true)
	}
	for range 5 {
		step(false)
	}
	for n := range desk.stories {
		desk.stories[n].Status = brief.Status{Value: brief.Confirmed, Why: "the lab said so"}
		desk.stories[n].Seq = uint64(stories + n + 1)
		step(true)
	}
	for range 3 * stories {
		step(true)
	}
	for range 20 {
		step(false)
	}
	t.Logf("faults %v, %d deaths", faults, deaths)
	posts := server.Posts(forum)
	seen := map[string]int{}
	for _, p := range posts {
		seen[p.Name]++
		if len(p.Messages) != 2 || !strings.Contains(strings.ToLower(p.Messages[0].Text()), "confirmed") || !slices.Equal(p.Applied, []string{"2"}) {
			t.Errorf("post %q with the tags %q has %d messages; the first: %s", p.Name, p.Applied, len(p.Messages), p.Messages[0].Text())
		}
	}
	for n := range stories {
		if name := fmt.Sprintf("Headline %d is here", n); seen[name] != 1 {
			t.Errorf("%q is there %d times", name, seen[name])
		}
	}
	if len(posts) != stories || deaths == 0 {
		t.Errorf("%d posts for %d stories, %d deaths", len(posts), stories, deaths)
	}
}
