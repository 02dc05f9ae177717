package bottest

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

const (
	exploreLease = 30 * time.Second
	// downTime is how long a process that died stays away: longer than any nonce.
	downTime = 10 * time.Minute
	// restless is after how many rounds a run counts as one without an end.
	restless = 200
)

// A world is one run: a process that dispatches and delivers two stories to
// one channel, of which the first is a rumour and confirmed a minute later.
type world struct {
	ExploreOptions
	t       testing.TB
	store   bot.Store
	clock   *storeClock
	plan    []int
	channel bot.Channel
	seq     uint64
	stories []news.Story

	mu       sync.Mutex
	made     []decision
	down     bool // the process died
	nested   bool // another worker runs inside of a slow request
	messages []landed
	coming   []landed // sent, and not there yet
	requests int
}

// A landed message is one that the platform has, or will have at a time.
type landed struct {
	Message
	at time.Time
}

func newWorld(t testing.TB, o ExploreOptions, store bot.Store, clock *storeClock, plan []int, run int, seq uint64) *world {
	w := &world{ExploreOptions: o, t: t, store: store, clock: clock, plan: plan, channel: bot.Channel(fmt.Sprint("test:", run)), seq: seq}
	clock.advance(time.Minute) // what the run before held has run out
	for _, name := range []string{"a", "b"} {
		w.seq++
		w.stories = append(w.stories, news.Story{
			ID: fmt.Sprintf("%s%d", name, run), Headline: "Headline " + name, Impact: 80, Seq: w.seq,
			Status: brief.Status{Value: brief.Rumour}, Fresh: clock.now(), First: clock.now(), Updated: clock.now(),
		})
	}
	return w
}

// confirm makes the first story's rumour a fact.
func (w *world) confirm() {
	w.seq++
	w.stories[0].Status = brief.Status{Value: brief.Confirmed, Why: "the lab said so"}
	w.stories[0].Seq = w.seq
}

// decide returns which of the alternatives the plan takes: the first, that all
// goes well, where it says nothing. beyond the depth all goes well.
func (w *world) decide(what string, alternatives ...string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := len(w.made)
	if i >= w.Depth {
		return alternatives[0]
	}
	d := decision{what: what, alternatives: alternatives}
	if i < len(w.plan) {
		d.choice = w.plan[i]
	}
	if d.choice >= len(alternatives) {
		panic(fmt.Sprintf("the run does not repeat its plan: decision %d is %q with %q now; before: %+v", i, what, alternatives, w.made))
	}
	w.made = append(w.made, d)
	return alternatives[d.choice]
}

// die ends the process: the goroutine that calls it, and every other step of it.
func (w *world) die() {
	w.mu.Lock()
	w.down = true
	w.mu.Unlock()
	runtime.Goexit()
}

// A process is what dies as one.
type process struct {
	dispatcher *bot.Dispatcher
	deliverer  *bot.Deliverer
}

func (w *world) start(owner string) process {
	log := slog.New(slog.DiscardHandler)
	subs := []bot.Subscription{{ID: "config", Channel: w.channel, Mode: bot.Instant}}
	store := faulty{w.store, w}
	return process{
		&bot.Dispatcher{Store: store, News: worldNews{w}, Book: bot.NewBook(store, subs), Owner: owner, Now: w.clock.now, Logger: log},
		bot.NewDeliverer(bot.DeliverOptions{
			Store: store, News: worldNews{w}, Platforms: []bot.Platform{worldPlatform{&Platform{}, w}}, Book: bot.NewBook(store, subs),
			Owner: owner, Lease: exploreLease, Now: w.clock.now, Logger: log,
			After: func(d time.Duration) <-chan time.Time {
				w.clock.advance(d)
				c := make(chan time.Time)
				close(c)
				return c
			},
		}),
	}
}

// step runs f as a part of the process, which may die in it.
func step(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// run plays the plan until nothing is left to do, and returns what is wrong.
func (w *world) run() []flaw {
	ctx := context.Background()
	p := w.start("a")
	confirmed := false
	for round := range restless {
		moved := 0
		step(func() { n, _ := p.dispatcher.Step(ctx); moved += n })
		if !w.dead() {
			step(func() { n, _ := p.deliverer.Step(ctx); moved += n })
		}
		switch {
		case w.dead():
			w.clock.advance(downTime)
			w.down = false
			p = w.start("a")
		case moved == 0 && !confirmed:
			w.confirm()
			confirmed = true
		case moved == 0 && w.atRest():
			return w.audit()
		case moved == 0 && round%4 != 3:
			w.clock.advance(11 * time.Second)
		case moved == 0: // what waits this long is an edit
			w.clock.advance(2 * time.Minute)
		}
	}
	return []flaw{{otherwise, "nothing comes to rest"}}
}

func (w *world) dead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

func (w *world) atRest() bool {
	ds := w.ledger()
	w.land()
	return len(w.coming) == 0 && len(ds) > 0 && !slices.ContainsFunc(ds, func(d bot.Delivery) bool { return !d.State.Settled() })
}

// ledger returns what the store holds of the channel, in order of Enqueue.
func (w *world) ledger() []bot.Delivery {
	ds, err := w.store.Deliveries(context.Background(), bot.DeliveryQuery{Channel: w.channel})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(ds)
	return ds
}

// describe lists the messages and the ledger.
func (w *world) describe() string {
	var b strings.Builder
	for _, m := range w.messages {
		fmt.Fprintf(&b, "  message %s %q in thread %q, key %s, at %v\n", m.ID, m.Post.Card.Title, m.Post.Thread, m.Post.Key, m.at.Sub(storeStart))
	}
	for _, d := range w.ledger() {
		fmt.Fprintf(&b, "  delivery %s %s %s: %s %s %s\n", d.ID, d.Kind, d.Story, d.State, d.Message, d.Error)
	}
	return b.String()
}

type flawKind int

const (
	lost flawKind = iota
	twice
	otherwise
)

type flaw struct {
	kind flawKind
	text string
}

// audit compares the channel with what it was owed, and with the ledger.
func (w *world) audit() (wrong []flaw) {
	bad := func(kind flawKind, format string, args ...any) {
		wrong = append(wrong, flaw{kind, fmt.Sprintf(format, args...)})
	}
	ledger := w.ledger()
	byKey := map[string][]landed{}
	for _, m := range w.messages {
		byKey[m.Post.Key] = append(byKey[m.Post.Key], m)
	}
	var posts []string
	for _, s := range w.stories {
		key := bot.DeliveryID(w.channel, bot.KindStory, s.ID)
		posts = append(posts, key)
		if len(byKey[key]) == 0 {
			bad(lost, "story %s is not in the channel", s.ID)
		}
	}
	for key, ms := range byKey {
		if len(ms) > 1 {
			bad(twice, "%q is in the channel %d times (key %s)", ms[0].Post.Card.Title, len(ms), key)
		}
	}
	followed := false
	for _, d := range ledger {
		if d.Kind == bot.KindEdit {
			continue
		}
		ms := byKey[d.ID]
		delete(byKey, d.ID)
		switch {
		case d.State == bot.Sent && len(ms) > 0 && !slices.ContainsFunc(ms, func(m landed) bool { return m.ID == d.Message }):
			bad(otherwise, "the ledger says that %s is message %s", d.ID, d.Message)
		case d.State == bot.Sent && len(ms) == 0:
			bad(lost, "the ledger says that %s %s is sent, and it is not there", d.Kind, d.ID)
		case d.State != bot.Sent && len(ms) > 0:
			bad(otherwise, "%s %s is in the channel and %s in the ledger", d.Kind, d.ID, d.State)
		}
		if d.Kind == bot.KindFollowUp && d.State == bot.Sent && len(ms) > 0 {
			followed = true
			if parent := w.byKey(posts[0]); parent == nil || ms[0].Post.Thread != parent.ID {
				bad(otherwise, "the follow-up is in thread %q", ms[0].Post.Thread)
			}
		}
	}
	for key, ms := range byKey {
		bad(otherwise, "%q is in the channel and not in the ledger (key %s)", ms[0].Post.Card.Title, key)
	}
	first, second := w.byKey(posts[0]), w.byKey(posts[1])
	if first == nil || second == nil {
		return wrong
	}
	if first.at.After(second.at) || slices.IndexFunc(w.messages, func(m landed) bool { return m.ID == first.ID }) > slices.IndexFunc(w.messages, func(m landed) bool { return m.ID == second.ID }) {
		bad(otherwise, "the stories are in the wrong order")
	}
	if status := first.Post.Card.Badges[1].Value; status != brief.Confirmed {
		bad(otherwise, "the message says %q: it was not edited", status)
	}
	if told := ledger[0].Status; !followed && told != brief.Confirmed {
		bad(lost, "nobody told that the rumour was confirmed: the message went out as %q", told)
	}
	return wrong
}

// byKey returns the first message that has a key.
func (w *world) byKey(key string) *landed {
	for i := range w.messages {
		if w.messages[i].Post.Key == key {
			return &w.messages[i]
		}
	}
	return nil
}
