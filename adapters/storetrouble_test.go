package adapters_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/redisstore"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
	"newsdesk/news"
)

// storeWords are what every command of the table is asked with, and what its
// answer says.
var storeWords = map[string]struct {
	words, says string
	memory      bool // the answer needs no store
}{
	"":            {"openai", "stories", false},
	"top":         {"month", "Top of the month", false},
	"story":       {"s1", "Newsdesk", false},
	"why":         {"s1", "Why:", false},
	"related":     {"s1", "Related to", false},
	"trends":      {"", "Trends", true},
	"timeline":    {"s1", "imeline", false},
	"follow":      {"nvidia", "You follow Nvidia", false},
	"unfollow":    {"deepseek", "You do not follow DeepSeek any more", false},
	"following":   {"", "You follow 2", false},
	"useful":      {"s2", "Noted as useful", false},
	"noise":       {"s3", "Noted as noise", false},
	"sources":     {"s1", "Site", false},
	"status":      {"", "Newsdesk", true},
	"resume":      {"", "Nothing holds this channel back", false},
	"subscribe":   {"nvidia", "what this channel would get", false},
	"settings":    {"", "his channel gets", false},
	"unsubscribe": {"digest", "Nothing was subscribed here", false},
	"pause":       {"91d", "at most 90 days", true},
	"digest":      {"now", "igest", false},
	"retry":       {"nothing", "Nothing with the id", false},
	"help":        {"", "What you can ask", true},
}

// people are who ask on each platform.
var people = map[string]bot.Channel{
	"discord": bot.Person("discord", discordtest.Reader), "slack": bot.Person("slack", slacktest.Person),
}

// withFlakyStore runs a front on a real Redis behind a proxy. Who asks follows
// DeepSeek and a story.
func withFlakyStore(t *testing.T) (*front, *redisstore.Store, *flakyRedis) {
	t.Helper()
	r := newFlakyRedis(t)
	r.heal(t)
	store, err := redisstore.Open(t.Context(), "redis://"+r.proxy.Listen, redisstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	fill(t, store, 50)
	for _, person := range people {
		for _, sub := range []bot.Subscription{
			{Channel: person, ID: "topic:deepseek", Topics: []string{"deepseek"}, Mode: bot.Instant}, {Channel: person, ID: "story:s4", Story: "s4", Mode: bot.Instant},
		} {
			if err := store.SaveSubscription(t.Context(), sub); err != nil {
				t.Fatal(err)
			}
		}
	}
	desk := news.NewDesk(news.Options{Store: store, Logger: slog.New(slog.DiscardHandler)})
	if err := desk.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newFront(t, desk, store, time.Now), store, r
}

// buttonSays are the buttons that need the store's secret, and what their
// answers say.
var buttonSays = map[string]string{"More stories ▶": "Top of the month", "Share": "Why:"}

// buttons asks on each platform for an answer with each of these buttons.
func (f *front) buttons(t *testing.T) map[string]map[string]sight {
	out := map[string]map[string]sight{}
	for _, p := range f.places() {
		list, err := p.ask(t.Context(), "top", "month")
		why, err2 := p.ask(t.Context(), "why", "s1")
		if err != nil || err2 != nil {
			t.Fatalf("%s: %v, %v", p.name, err, err2)
		}
		out[p.name] = map[string]sight{"More stories ▶": list, "Share": why}
	}
	return out
}

// everywhere asks on all platforms at the same time what f asks on one.
func (f *front) everywhere(t *testing.T, ask func(ctx context.Context, p place)) {
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, p := range f.places() {
		wg.Go(func() { ask(ctx, p) })
	}
	wg.Wait()
}

// TestStoreIsSlow: with a store that takes two seconds for each answer, every
// command shows its first sign in time, which the fakes insist on, and then its
// answer, once.
func TestStoreIsSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT TESTED: waits for a slow store")
	}
	t.Parallel()
	f, store, r := withFlakyStore(t)
	buttons := f.buttons(t)
	slow := `{"name": "slow", "type": "latency", "stream": "downstream", "attributes": {"latency": 2000}}`
	if _, err := r.proxy.Toxics.AddToxicJson(strings.NewReader(slow)); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	f.everywhere(t, func(ctx context.Context, p place) {
		var wg sync.WaitGroup
		for _, c := range bot.Table() {
			q, ok := storeWords[c.Name]
			if !ok {
				t.Errorf("the command %q has no words here", c.Name)
			}
			wg.Go(func() {
				s, err := p.ask(ctx, c.Name, q.words)
				if err != nil || !s.private || !strings.Contains(s.text, q.says) && (c.Name != "following" || !strings.Contains(s.text, "You follow")) {
					t.Errorf("%s: %s %s after %v: private %t, %q, %v; want %q", p.name, c.Title(), q.words, time.Since(begun), s.private, s.text, err, q.says)
				}
			})
		}
		for label, on := range buttons[p.name] {
			wg.Go(func() {
				s, err := p.press(ctx, on, label)
				if err != nil || s.private != (label != "Share") || !strings.Contains(s.text, buttonSays[label]) {
					t.Errorf("%s: %s: private %t, %q, %v", p.name, label, s.private, s.text, err)
				}
			})
		}
		wg.Wait()
		again, cancel := context.WithTimeout(ctx, 8*time.Second)
		defer cancel()
		if s, err := p.again(again); err == nil {
			t.Errorf("%s: a question that came twice was answered twice: %q", p.name, s.text)
		}
		if s, err := p.press(ctx, buttons[p.name]["Share"], "Share"); err != nil || !s.private || !strings.Contains(s.text, "shared already") {
			t.Errorf("%s: shared twice: private %t, %q, %v", p.name, s.private, s.text, err)
		}
	})
	r.heal(t)
	f.wantStanding(t, 1)
	wantStore(t, store, "topic:nvidia", 2)
}

// TestStoreIsDown: without a store every command says in private that it does
// not answer and that nothing was changed, or does without it, in time.
func TestStoreIsDown(t *testing.T) {
	t.Parallel()
	f, store, r := withFlakyStore(t)
	buttons := f.buttons(t)
	r.proxy.Stop()
	const says, sure = "The database of this bot does not answer.", "Nothing was changed."
	f.everywhere(t, func(ctx context.Context, p place) {
		check := func(what, want string, ask func() (sight, error)) {
			begun := time.Now()
			s, err := ask()
			if took := time.Since(begun); err != nil || took > signWithin || !s.private || !strings.Contains(s.text, want) || strings.Contains(s.text, says) && !strings.Contains(s.text, sure) {
				t.Errorf("%s: %s after %v: private %t, %q, %v; want %q", p.name, what, took, s.private, s.text, err, want)
			}
			if strings.Contains(s.text, "127.0.0.1") || strings.Contains(s.text, "redis") {
				t.Errorf("%s: %s tells people of the machinery: %q", p.name, what, s.text)
			}
		}
		for _, c := range bot.Table() {
			q := storeWords[c.Name]
			want := says
			if q.memory {
				want = q.says
			}
			check(c.Title(), want, func() (sight, error) { return p.ask(ctx, c.Name, q.words) })
		}
		for label, on := range buttons[p.name] {
			check(label, says, func() (sight, error) { return p.press(ctx, on, label) })
		}
	})
	if err := r.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if _, err := store.Cursor(t.Context(), "any"); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	f.wantStanding(t, 0)
	wantStore(t, store, "topic:deepseek", 0)
	// What failed was not used up.
	f.everywhere(t, func(ctx context.Context, p place) {
		if s, err := p.press(ctx, buttons[p.name]["Share"], "Share"); err != nil || s.private {
			t.Errorf("%s: Share afterwards: private %t, %q, %v", p.name, s.private, s.text, err)
		}
	})
	f.wantStanding(t, 1)
}

// wantStanding checks how many messages all can see on each platform.
func (f *front) wantStanding(t *testing.T, want int) {
	t.Helper()
	if d, s := len(f.discord.Messages(discordChannel)), len(f.slack.Messages(slacktest.Channel)); d != want || s != want {
		t.Errorf("%d messages stand on discord and %d on slack, want %d", d, s, want)
	}
}

// wantStore checks that each person follows the topic, and nothing else but the
// story, and what votes there are on each platform.
func wantStore(t *testing.T, store *redisstore.Store, topic string, votes int) {
	t.Helper()
	subs, err := store.Subscriptions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range subs {
		got = append(got, string(s.Channel)+" "+s.ID)
	}
	var want []string
	for _, platform := range []string{"discord", "slack"} {
		want = append(want, string(people[platform])+" story:s4", string(people[platform])+" "+topic)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("people follow\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, c := range []bot.Channel{"discord:" + discordChannel, "slack:" + slacktest.Channel} {
		if vs, err := store.Votes(t.Context(), c, time.Time{}); err != nil || len(vs) != votes {
			t.Errorf("%s: votes %v, %v; want %d", c, vs, err, votes)
		}
	}
}

// TestStoreHangs: a store that takes questions and answers none delays the
// answer, not its first sign, and then people are told.
func TestStoreHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT TESTED: waits for a store that hangs")
	}
	t.Parallel()
	f, store, r := withFlakyStore(t)
	hangs := `{"name": "hangs", "type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`
	if _, err := r.proxy.Toxics.AddToxicJson(strings.NewReader(hangs)); err != nil {
		t.Fatal(err)
	}
	f.everywhere(t, func(ctx context.Context, p place) {
		var wg sync.WaitGroup
		for _, command := range []string{"", "why", "follow", "useful", "status"} {
			wg.Go(func() {
				want := "The database of this bot does not answer. Nothing was changed."
				if command == "status" {
					want = "tories cannot be read"
				}
				begun := time.Now()
				s, err := p.ask(ctx, command, storeWords[command].words)
				if err != nil || !s.private || !strings.Contains(s.text, want) {
					t.Errorf("%s: %s after %v: private %t, %q, %v; want %q", p.name, command, time.Since(begun), s.private, s.text, err, want)
				}
			})
		}
		wg.Wait()
	})
	r.heal(t)
	wantStore(t, store, "topic:deepseek", 0)
}
