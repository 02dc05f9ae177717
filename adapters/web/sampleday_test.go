package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/demo"
	"newsdesk/news/feed"
)

// The channels of a house's sample day.
const (
	instant bot.Channel = "web:preview"   // each story of some impact
	german  bot.Channel = "web:nachricht" // the same, in German
	digest  bot.Channel = "web:digest"    // a list in the evening
	night   bot.Channel = "web:night"     // quiet for most of the day
	reading bot.Channel = "web:reading"   // where people ask, and nothing is posted
	letters bot.Channel = "web:@web"      // direct messages to the page's person
)

// A house is a whole bot at 22:30 on the sample day: what was published by
// then was read, posted and followed up as its hours went by, and four weeks of
// invented news lie before it.
type house struct {
	*Server
	store *boltstore.Store
	desk  *news.Desk
	bot   *bot.Bot
}

// sampleDay lives the day through. All of it is the same every time.
func sampleDay(t *testing.T) house {
	t.Helper()
	ctx, now := t.Context(), demo.Start()
	clock := func() time.Time { return now }
	log := slog.New(slog.DiscardHandler)
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	before(t, store)
	base, stop, err := demo.Serve(clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	sources := append(demo.Sources(base), news.Source{
		ID: "moved", Name: "Attention Weekly", Kind: news.Newsletter, Authority: 0.5, Lang: "en", Site: "https://attention.example", Feeds: []string{base + "/feeds/moved.xml"},
	})
	desk := news.NewDesk(news.Options{
		Store: store, Sources: sources, Fetcher: feed.New(feed.Options{AllowPrivate: true}), Now: clock, Logger: log,
		Poll: news.Poll{Interval: time.Second, MinInterval: time.Second, Concurrency: 1},
	})
	orders := []bot.Subscription{
		{ID: "config", Channel: instant, Mode: bot.Instant, MinImpact: demo.MinImpact},
		{ID: "config", Channel: german, Mode: bot.Instant, MinImpact: demo.MinImpact, Locale: "de"},
		{ID: "config", Channel: digest, Mode: bot.Digest, DigestAt: "18:00", MinImpact: demo.MinImpact},
		{ID: "config", Channel: night, Mode: bot.Instant, MinImpact: demo.MinImpact, Quiet: "00:00-18:00"},
	}
	h := house{store: store, desk: desk}
	h.bot = bot.New(bot.Options{Desk: desk, Store: store, Now: clock, Logger: log, Version: "1.0", Book: bot.NewBook(store, orders)})
	h.Server, err = New(Options{Listen: "127.0.0.1:0", Desk: desk, Outbox: store, Channels: []bot.Channel{instant, reading}, Commands: bot.Table(), Now: clock, Logger: log, Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	run(t, h.Server, posed{h.bot})
	deliverer := bot.NewDeliverer(bot.DeliverOptions{Store: store, News: desk, Platforms: []bot.Platform{h.Server}, Book: bot.NewBook(store, orders), Now: clock, Logger: log})
	dispatcher := &bot.Dispatcher{Store: store, News: desk, Book: bot.NewBook(store, orders), Owner: "house", Now: clock, Logger: log}

	h.says(t, "follow deepseek min:40")
	end := demo.Start().Add(22*time.Hour + 30*time.Minute)
	for _, at := range append(demo.Times(), end) {
		if now = at; at.After(end) {
			now = end
		}
		err := errors.Join(desk.Poll(ctx), desk.Follow(ctx))
		_, err2 := dispatcher.Step(ctx)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for n := 1; n > 0; {
			if n, err = deliverer.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	return h
}

// says asks the bot as the page's person does.
func (h house) says(t *testing.T, line string) bot.Card {
	t.Helper()
	r, _ := h.bot.Handle(t.Context(), bot.Invocation{Channel: reading, User: "web", Space: "web", Manager: true, Speaker: true, Line: line})
	if r.Card.Tone == bot.Mistake || r.Card.Tone == bot.Failure {
		t.Fatalf("/news %s: %s: %s", line, r.Card.Title, r.Card.Text)
	}
	return r.Card
}

// sent returns what was posted to a channel of that kind, the newest first.
func (h house) sent(t *testing.T, c bot.Channel, kind string) []bot.Delivery {
	t.Helper()
	all, err := h.store.Deliveries(t.Context(), bot.DeliveryQuery{Channel: c, State: bot.Sent, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(d bot.Delivery) bool { return d.Kind != kind })
}

// rumour is the id of the story that the day is about.
func (h house) rumour(t *testing.T) string {
	t.Helper()
	r, err := h.desk.Search(t.Context(), news.Query{Text: "deepseek r2", Limit: 1})
	if err != nil || len(r.Stories) != 1 {
		t.Fatalf("no story about DeepSeek R2: %v", err)
	}
	return r.Stories[0].ID
}

// fails is what a posed bot fails to answer.
const fails = "story broken"

// posed is a bot that fails where a picture wants to show how that looks, with
// the same reference every time.
type posed struct{ *bot.Bot }

func (p posed) Handle(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
	if inv.Line == fails {
		return bot.Reply{Private: true, Card: bot.FailureCard(bot.LangOf(inv.Locale), "7f3a91c2")}, true
	}
	return p.Bot.Handle(ctx, inv)
}

// run runs a server until the test ends.
func run(t *testing.T, s *Server, h bot.Handler) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, h) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// earlier are small stories of the weeks before: their topics, how many there
// were on each day, and what they told, in turn.
var earlier = []struct {
	topics []string
	outlet string
	perDay string // one digit a day, over and over
	told   []string
}{
	{[]string{"deepseek"}, "Prompt Ledger", "1020010", []string{
		"DeepSeek opens a second office in Hangzhou", "A library lends its catalogue to DeepSeek", "DeepSeek's app gains a night mode",
		"Students compare DeepSeek with a textbook", "DeepSeek answers questions about its pricing page",
	}},
	{[]string{"openai", "chatgpt"}, "The Tensor Times", "01002110", []string{
		"OpenAI moves its newsletter to Thursdays", "ChatGPT gains voices for bedtime stories", "A town hall tries ChatGPT for its letters",
		"OpenAI explains how it names its models", "OpenAI's developer day gets a date",
	}},
	{[]string{"gpt"}, "Gradient Post", "0010100", []string{"What a letter costs that GPT writes", "GPT and the crossword, a comparison"}},
	{[]string{"nvidia"}, "Silicon Courier", "0101200", []string{
		"Nvidia updates a driver for workstations", "Nvidia shows a rack without a fan", "Nvidia's supplier in Taichung adds a shift",
		"Nvidia lends boards to a university",
	}},
	{[]string{"huawei", "ascend"}, "Waferline", "00010", []string{"Huawei shows Ascend boards at a fair", "A school in Shenzhen teaches with Ascend"}},
	{[]string{"mistral"}, "Modell-Merkur", "0100", []string{"Mistral AI hires in Munich", "Mistral AI publishes notes on its tokenizer"}},
}

// before stores four weeks of small stories that lie before the day, so that
// there is something to compare the day with.
func before(t *testing.T, store *boltstore.Store) {
	t.Helper()
	const owner = "before"
	fence, _, err := store.Lease(t.Context(), news.DeskLease, owner, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b := news.Batch{Fence: fence}
	for _, e := range earlier {
		n := 0
		for day := range 28 {
			for range e.perDay[day%len(e.perDay)] - '0' {
				at := demo.Start().AddDate(0, 0, day-28).Add(9*time.Hour + time.Duration(n%7)*time.Hour)
				title := e.told[n%len(e.told)]
				n++
				id := fmt.Sprintf("%s%02d", e.topics[0][:2], n)
				url := fmt.Sprintf("https://%s.example/%s", strings.ReplaceAll(strings.ToLower(e.outlet), " ", ""), id)
				b.Articles = append(b.Articles, news.Article{ID: id, Source: e.outlet, URL: url, Title: title, Lang: "en", Published: at, Seen: at, Backlog: true, Story: id})
				st := news.Story{
					ID: id, Headline: title, URL: url, Impact: 12, Topics: e.topics, Lang: "en", Backlog: true,
					First: at, Updated: at, Sources: []string{e.outlet},
					Articles: []news.Ref{{ID: id, URL: url, Title: title, Source: e.outlet, Published: at}},
				}
				st.Status.Value = "reported"
				b.Stories = append(b.Stories, st)
			}
		}
	}
	if err := store.Commit(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := store.Unlease(t.Context(), news.DeskLease, owner); err != nil {
		t.Fatal(err)
	}
}
