package adapters_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/newstest"
)

// A conversed is the bot without its feeds: a store on the disk with the
// canned stories, a desk that found them there, and a clock that stands until
// it is put forward.
type conversed struct {
	t     *testing.T
	store *boltstore.Store
	log   *slog.Logger

	desk       *news.Desk
	answers    *switchboard
	dispatcher *bot.Dispatcher
	deliverer  *bot.Deliverer
	subs       []bot.Subscription

	mu sync.Mutex
	at time.Time
}

func (w *conversed) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *conversed) forward(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func newConversed(t *testing.T) *conversed {
	w := &conversed{t: t, at: newstest.Now(), log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), answers: &switchboard{}}
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w.store = store
	stories := append(append(newstest.Stories(), neighbours()...), whole())
	slices.Reverse(stories)
	w.commit(stories...)
	for i, f := range []news.FeedState{
		{Error: "https://press.example/feed: 503 Service Unavailable", Failures: 4, Succeeded: w.at.Add(-26 * time.Hour), Checked: w.at},
		{Succeeded: w.at.Add(-time.Minute), Checked: w.at.Add(-time.Minute), Items: 20},
	} {
		f.Source, f.URL = outlets[i].ID, outlets[i].Feeds[0]
		if err := store.SaveFeed(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	w.load()
	return w
}

// neighbours are two older stories that are close to k3j2.
func neighbours() []news.Story {
	tell := func(id, headline, source string, days, impact int) news.Story {
		at := newstest.Now().AddDate(0, 0, -days)
		return news.Story{
			ID: id, Headline: headline, URL: "https://wire.example/" + id, Lang: "en", Impact: impact, First: at, Updated: at, Fresh: at,
			Status: brief.Status{Value: brief.Reported, Why: source + " reports it as fact", Source: source, Since: at},
			Topics: []string{"deepseek", "r2", "huawei"}, Sources: []string{source},
			Brief:    brief.Brief{Standfirst: headline + ", " + source + " reports.", Summary: headline + ", " + source + " reports. Neither company commented."},
			Articles: []news.Ref{{ID: id + "-0", URL: "https://wire.example/" + id, Title: headline, Source: source, Published: at}},
		}
	}
	return []news.Story{
		tell("hire", "DeepSeek hires for the training of R2 on Huawei Ascend chips", "SemiDaily", 5, 41),
		tell("asce", "Huawei ships Ascend 910B clusters to DeepSeek for R2", "Reuters", 9, 47),
	}
}

// whole is an old story that is longer in every way than a message may be.
func whole() news.Story {
	at := newstest.Now().AddDate(0, 0, -20)
	s := news.Story{
		ID: "hear", Headline: "Minutes of a hearing on licences, in full", URL: "https://wire.example/hear", Lang: "en", Impact: 20, First: at, Updated: at, Backlog: true,
		Status: brief.Status{Value: brief.Reported, Why: "Reuters reports it as fact", Source: "Reuters", Since: at},
	}
	s.Brief.Standfirst = "A committee publishes its minutes."
	s.Brief.Summary = "A committee publishes its minutes. They are long."
	for i := range 40 {
		s.Brief.Body = append(s.Brief.Body, fmt.Sprintf("Witness %d. ", i)+strings.Repeat("The chair asks, and the witness answers. ", 14))
		source := fmt.Sprintf("Gazette of the Town Number %d", i)
		s.Sources = append(s.Sources, source)
		s.Articles = append(s.Articles, news.Ref{
			ID: fmt.Sprint("hear-", i), Source: source, Published: at.Add(time.Duration(i) * time.Minute),
			URL: fmt.Sprintf("https://wire.example/hear/%d?%s", i, strings.Repeat("section=minutes&", 20)), Title: strings.TrimSpace(strings.Repeat("Minutes, continued. ", 12)),
		})
	}
	return s
}

// load makes a desk that knows nothing but the store.
func (w *conversed) load() {
	w.t.Helper()
	w.desk = news.NewDesk(news.Options{Store: w.store, Sources: outlets, Now: w.now, Logger: w.log})
	if err := w.desk.Follow(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

var outlets = []news.Source{
	{ID: "press", Name: "Example Press", Kind: "press", Lang: "en", Authority: 0.8, Feeds: []string{"https://press.example/feed"}},
	{ID: "lab", Name: "Example Lab", Kind: "lab", Lang: "en", Authority: 0.9, Feeds: []string{"https://lab.example/feed"}},
	{ID: "new", Name: "Example Blog", Kind: "person", Lang: "en", Authority: 0.3, Feeds: []string{"https://blog.example/feed"}},
}

// commit writes stories to the store as the desk's leader does.
func (w *conversed) commit(stories ...news.Story) {
	w.t.Helper()
	fence, _, err := w.store.Lease(w.t.Context(), news.DeskLease, "test", time.Minute)
	if err == nil {
		err = w.store.Commit(w.t.Context(), &news.Batch{Fence: fence, Stories: stories})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// start makes everything that lives in memory anew, as after a restart.
func (w *conversed) start(p bot.Platform) {
	w.t.Helper()
	w.load()
	w.deliverer = bot.NewDeliverer(bot.DeliverOptions{
		Store: w.store, News: w.desk, Platforms: []bot.Platform{p}, Book: bot.NewBook(w.store, w.subs), Past: w.desk.Past, Now: w.now, Logger: w.log,
	})
	w.dispatcher = &bot.Dispatcher{Store: w.store, News: w.desk, Book: bot.NewBook(w.store, w.subs), Past: w.desk.Past, Owner: "test", Now: w.now, Logger: w.log}
	w.answers.connect(bot.New(bot.Options{
		Desk: w.desk, Store: w.store, Now: w.now, Logger: w.log, Version: "v1", Halted: w.deliverer.Halted, Manages: w.deliverer.Manages, Book: bot.NewBook(w.store, w.subs),
	}))
}

// deliver decides and posts all that is due.
func (w *conversed) deliver() {
	w.t.Helper()
	if err := w.desk.Follow(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.dispatcher.Step(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for {
		n, err := w.deliverer.Step(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
		w.forward(2 * time.Second) // a channel rests between two messages
	}
}

// giveUp makes a delivery of c that nobody could post, and returns its id.
func (w *conversed) giveUp(c bot.Channel, story string, r bot.Result) string {
	w.t.Helper()
	ctx := w.t.Context()
	id := bot.DeliveryID(c, bot.KindStory, story)
	shards, err := w.store.Shards(ctx, "newsdesk", 10*time.Second) // the deliverer's own
	if err == nil {
		_, err = w.store.Enqueue(ctx, []bot.Delivery{{ID: id, Channel: c, Kind: bot.KindStory, Story: story}})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	ds, err := w.store.Claim(ctx, shards, time.Minute, 1)
	if err != nil || len(ds) != 1 || ds[0].ID != id {
		w.t.Fatalf("claimed %+v, %v", ds, err)
	}
	if err := w.store.Settle(ctx, ds[0], r); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// confirm makes the story id confirmed, as its next article would.
func (w *conversed) confirm(id string) {
	w.t.Helper()
	s, err := w.desk.Story(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	s.History = append(s.History, s.Status)
	s.Status = brief.Status{Value: brief.Confirmed, Why: "announced on deepseek.example", Source: "DeepSeek", Since: w.now()}
	s.Articles = append(s.Articles, news.Ref{ID: id + "-own", URL: "https://deepseek.example/r2", Title: "Introducing DeepSeek R2", Source: "DeepSeek", Published: w.now()})
	s.Sources = append(s.Sources, "DeepSeek")
	s.Updated, s.Fresh, s.Impact = w.now(), w.now(), 88
	w.commit(s)
}

// late owes c more old stories than it is sent one by one.
func (w *conversed) late(c bot.Channel) {
	w.t.Helper()
	var owed []bot.Delivery
	for _, s := range newstest.Stories()[:7] {
		owed = append(owed, bot.Delivery{ID: bot.DeliveryID(c, bot.KindStory, s.ID), Channel: c, Kind: bot.KindStory, Story: s.ID, Late: true})
	}
	if n, err := w.store.Enqueue(w.t.Context(), owed); n != len(owed) || err != nil {
		w.t.Fatalf("enqueued %d, %v", n, err)
	}
}

// A switchboard hands questions to the bot that runs at the moment.
type switchboard struct {
	mu  sync.Mutex
	bot bot.Handler
}

func (s *switchboard) connect(h bot.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot = h
}

func (s *switchboard) current() bot.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot
}

func (s *switchboard) Handle(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
	return s.current().Handle(ctx, inv)
}

func (s *switchboard) Suggest(ctx context.Context, t bot.Typing) []bot.Choice {
	return s.current().Suggest(ctx, t)
}

func (s *switchboard) Home(ctx context.Context, v bot.Visit) bot.Home {
	return s.current().(bot.Host).Home(ctx, v)
}
