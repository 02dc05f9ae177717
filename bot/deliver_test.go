package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/bot/bottest"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A desk is a newsroom and a feed in memory.
type desk struct{ stories []news.Story }

func (d *desk) Story(ctx context.Context, id string) (news.Story, error) {
	for _, s := range d.stories {
		if s.ID == id {
			if s.Into != "" {
				return d.Story(ctx, s.Into)
			}
			return s, nil
		}
	}
	return news.Story{}, news.ErrNotFound
}

// Past has what the stories were; one without turns is as it was told.
func (d *desk) Past(since time.Time) []news.Past {
	var out []news.Past
	for _, s := range d.stories {
		if len(s.Turns) == 0 {
			out = append(out, pastOf([]news.Story{s}, since)...)
		} else if !s.Turns[len(s.Turns)-1].At.Before(since) || !s.Left.Before(since) {
			out = append(out, s.Past())
		}
	}
	return out
}

func (d *desk) Related(context.Context, news.Story, int) ([]news.Story, error) { return nil, nil }

func (d *desk) Changed(_ context.Context, after uint64, limit int) ([]news.Story, error) {
	var out []news.Story
	for _, s := range d.stories {
		if s.Seq > after && len(out) < limit {
			out = append(out, s)
		}
	}
	return out, nil
}

// A pipe is everything from a changed story to a posted message, with a clock
// that stands until it is moved.
type pipe struct {
	t          *testing.T
	now        time.Time
	store      *boltstore.Store
	desk       *desk
	platform   *bottest.Platform
	dispatcher *bot.Dispatcher
	deliverer  *bot.Deliverer
}

const channel bot.Channel = "test:1"

func newPipe(t *testing.T, subs ...bot.Subscription) *pipe {
	t.Helper()
	p := &pipe{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), desk: &desk{}, platform: &bottest.Platform{}}
	clock := func() time.Time { return p.now }
	var err error
	if p.store, err = boltstore.Open(filepath.Join(t.TempDir(), "bot.db"), boltstore.Options{Now: clock, NoSync: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	if subs == nil {
		subs = []bot.Subscription{{ID: "config", Channel: channel, Mode: bot.Instant}}
	}
	log := slog.New(slog.DiscardHandler)
	p.dispatcher = &bot.Dispatcher{Store: p.store, News: p.desk, Book: bot.NewBook(p.store, subs), Owner: "a", Now: clock, Logger: log}
	p.deliverer = bot.NewDeliverer(bot.DeliverOptions{
		Store: p.store, News: p.desk, Platforms: []bot.Platform{p.platform}, Book: bot.NewBook(p.store, subs), Lease: time.Minute, Now: clock, Logger: log,
	})
	return p
}

// tell adds a fresh story of the given impact and dispatches it.
func (p *pipe) tell(id string, impact int) {
	p.t.Helper()
	seq := uint64(1)
	if n := len(p.desk.stories); n > 0 {
		seq = p.desk.stories[n-1].Seq + 1
	}
	p.desk.stories = append(p.desk.stories, news.Story{
		ID: id, Headline: "Headline " + id, Impact: impact, Fresh: p.now, First: p.now, Updated: p.now, Seq: seq,
		Status: brief.Status{Value: brief.Reported},
	})
	p.dispatch()
}

// dispatch decides what changed.
func (p *pipe) dispatch() {
	p.t.Helper()
	if _, err := p.dispatcher.Step(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// step delivers what is due after some time has passed.
func (p *pipe) step(after time.Duration) {
	p.t.Helper()
	p.now = p.now.Add(after)
	if _, err := p.deliverer.Step(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipe) delivery(story string) bot.Delivery {
	p.t.Helper()
	ds, err := p.store.Deliveries(p.t.Context(), bot.DeliveryQuery{Story: story})
	if err != nil || len(ds) != 1 {
		p.t.Fatalf("deliveries of %s: %v, %v", story, ds, err)
	}
	return ds[0]
}

// posted lists the titles of the channel's messages.
func (p *pipe) posted() string {
	var titles []string
	for _, m := range p.platform.Messages(channel) {
		titles = append(titles, m.Post.Card.Title)
	}
	return strings.Join(titles, ", ")
}

func TestDeliverPostsOnceAndInOrder(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 50)
	p.tell("b", 50)
	for range 4 {
		p.step(time.Second)
	}
	if got, want := p.posted(), "Headline a, Headline b"; got != want {
		t.Errorf("posted %q, want %q", got, want)
	}
	d := p.delivery("a")
	if d.State != bot.Sent || d.Message != "m1" || d.ID != bot.DeliveryID(channel, bot.KindStory, "a") {
		t.Errorf("delivery is %+v", d)
	}
	// A story that changes is decided again and posted no second time.
	p.desk.stories[0].Seq = 3
	if n, err := p.dispatcher.Step(t.Context()); n != 0 || err != nil {
		t.Errorf("dispatching a changed story added %d, %v", n, err)
	}
}

func TestDeliverByAnswer(t *testing.T) {
	refuse := func(o bot.Outcome, after ...time.Duration) bottest.Answer {
		e := &bot.SendError{Outcome: o, Reason: "no"}
		if len(after) > 0 {
			e.RetryAfter = after[0]
		}
		return bottest.Answer{Err: e}
	}
	lost := func(landed bool) bottest.Answer { return bottest.Answer{Land: landed, Err: bottest.ErrLost} }
	type check struct {
		after    time.Duration
		state    bot.State
		posted   int
		requests int
	}
	tests := []struct {
		name    string
		answers []bottest.Answer
		checks  []check
	}{
		{"throttled: again when the platform says", []bottest.Answer{refuse(bot.Throttled, 5*time.Second)}, []check{
			{0, bot.Pending, 0, 1}, {4 * time.Second, bot.Pending, 0, 1}, {2 * time.Second, bot.Sent, 1, 2}}},
		{"throttled, and posted all the same", []bottest.Answer{{Land: true, Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second, Doubtful: true}}}, []check{
			{0, bot.Sending, 1, 1}, {6 * time.Second, bot.Sent, 1, 1}}},
		{"rejected: dead, never again", []bottest.Answer{refuse(bot.Rejected)}, []check{
			{0, bot.Dead, 0, 1}, {time.Hour, bot.Dead, 0, 1}}},
		{"suspended: waits for somebody", []bottest.Answer{refuse(bot.Suspended)}, []check{
			{0, bot.Pending, 0, 1}, {time.Hour, bot.Pending, 0, 1}}},
		{"halted: the platform is left alone", []bottest.Answer{refuse(bot.Halted)}, []check{
			{0, bot.Pending, 0, 1}, {time.Minute, bot.Pending, 0, 1}, {5 * time.Minute, bot.Sent, 1, 2}}},
		{"halted: for as long as the platform says", []bottest.Answer{refuse(bot.Halted, 24*time.Hour)}, []check{
			{0, bot.Pending, 0, 1}, {23 * time.Hour, bot.Pending, 0, 1}, {time.Hour, bot.Sent, 1, 2}}},
		{"duplicated: it was there", []bottest.Answer{refuse(bot.Duplicated)}, []check{{0, bot.Sent, 0, 1}}},
		{"lost answer, landed: found, not repeated", []bottest.Answer{lost(true)}, []check{
			{0, bot.Sending, 1, 1}, {5 * time.Second, bot.Sending, 1, 1}, {6 * time.Second, bot.Sent, 1, 1}}},
		{"lost request: posted again after asking", []bottest.Answer{lost(false)}, []check{
			{0, bot.Sending, 0, 1}, {11 * time.Second, bot.Sent, 1, 2}}},
		{"lost twice", []bottest.Answer{lost(false), lost(true)}, []check{
			{0, bot.Sending, 0, 1}, {11 * time.Second, bot.Sending, 1, 2}, {11 * time.Second, bot.Sending, 1, 2}, {11 * time.Second, bot.Sent, 1, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPipe(t)
			p.platform.Answer(tt.answers...)
			p.tell("a", 50)
			for i, c := range tt.checks {
				p.step(c.after)
				d := p.delivery("a")
				if got := len(p.platform.Messages(channel)); d.State != c.state || got != c.posted || p.platform.Requests() != c.requests {
					t.Fatalf("step %d: %s with %d posted by %d requests, want %s, %d, %d (%s)",
						i, d.State, got, p.platform.Requests(), c.state, c.posted, c.requests, d.Error)
				}
			}
		})
	}
}

func TestDeliverHoldsWhereItCannotLook(t *testing.T) {
	p := newPipe(t)
	p.platform.Blind()
	p.platform.Answer(bottest.Answer{Land: true, Err: bottest.ErrLost})
	p.tell("a", 50)
	p.step(0)
	p.step(time.Minute)
	if d := p.delivery("a"); d.State != bot.Dead || !strings.Contains(d.Error, "held") || p.platform.Requests() != 1 {
		t.Errorf("blind platform: %s (%s), %d requests; want it held after one", d.State, d.Error, p.platform.Requests())
	}
}

func TestDeliverAfterACrash(t *testing.T) {
	p := newPipe(t)
	p.tell("a", 50)
	// A worker claims, posts and dies before it settles.
	claimed, err := p.store.Claim(t.Context(), bot.AllShards, time.Minute, 10)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claim: %v, %v", claimed, err)
	}
	post := bot.Post{Key: claimed[0].ID, Channel: channel, Card: bot.Card{Title: "Headline a"}}
	if _, err := p.platform.Post(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	p.step(30 * time.Second)
	if d := p.delivery("a"); d.State != bot.Sending {
		t.Fatalf("while the claim runs the delivery is %s", d.State)
	}
	p.step(time.Minute)
	if d := p.delivery("a"); d.State != bot.Sent || p.posted() != "Headline a" {
		t.Errorf("after the claim ran out: %s, posted %q", d.State, p.posted())
	}
	// The dead worker wakes up: its result comes too late.
	if err := p.store.Settle(t.Context(), claimed[0], bot.Result{State: bot.Pending}); !errors.Is(err, news.ErrFenced) {
		t.Errorf("a late settle returned %v, want ErrFenced", err)
	}
}

func TestDeliverResumedChannel(t *testing.T) {
	p := newPipe(t)
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Suspended, Reason: "the bot was removed from the channel"}})
	p.tell("a", 50)
	p.tell("b", 50)
	p.step(0)
	sus, err := p.store.Suspensions(t.Context())
	if err != nil || !strings.Contains(sus[channel].Reason, "removed") {
		t.Fatalf("suspensions: %v, %v", sus, err)
	}
	if err := p.store.Resume(t.Context(), channel); err != nil {
		t.Fatal(err)
	}
	p.step(time.Second)
	p.step(time.Second)
	if got, want := p.posted(), "Headline a, Headline b"; got != want {
		t.Errorf("after resuming posted %q, want %q", got, want)
	}
}

// What is on its way when the end is asked for is finished, and its result stored.
func TestTheEndWaitsForWhatIsUnderWay(t *testing.T) {
	p := newPipe(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p.platform.Answer(bottest.Answer{Land: true, Meanwhile: stop})
	p.tell("a", 50)
	if err := p.deliverer.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if d := p.delivery("a"); d.State != bot.Sent || d.Message != "m1" {
		t.Errorf("%s as %q (%s), want it sent", d.State, d.Message, d.Error)
	}
}

// A resting platform takes one message a second of each channel.
type resting struct{ *bottest.Platform }

func (resting) Rest() time.Duration { return time.Second }

// What waits for its turn waits unclaimed: a claim would be in doubt after a crash.
func TestChannelsRest(t *testing.T) {
	p := newPipe(t)
	p.deliverer.Platforms = []bot.Platform{resting{p.platform}}
	p.tell("a", 50)
	p.tell("b", 50)
	p.step(0)
	p.step(999 * time.Millisecond)
	if d := p.delivery("b"); d.State != bot.Pending || d.Attempts != 0 || p.posted() != "Headline a" {
		t.Errorf("within a second: %s after %d attempts, posted %q", d.State, d.Attempts, p.posted())
	}
	p.step(time.Millisecond)
	if got := p.posted(); got != "Headline a, Headline b" {
		t.Errorf("after a second: posted %q", got)
	}
}

func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	var subs []bot.Subscription
	for i := range 20 {
		subs = append(subs, bot.Subscription{ID: "config", Channel: bot.Channel(fmt.Sprintf("test:%d", i)), Mode: bot.Instant})
	}
	p := newPipe(t, subs...)
	p.platform.Answer(bottest.Answer{Err: &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Hour}})
	p.tell("a", 50)
	p.step(0)
	p.step(0)
	if n := p.platform.Requests(); n != 20 {
		t.Errorf("%d requests for 20 channels of which one is throttled", n)
	}
}

// A platform that hangs takes half of the workers and no more: what is owed on
// another goes out.
func TestOnePlatformHangs(t *testing.T) {
	var subs []bot.Subscription
	for i := range 20 {
		subs = append(subs, bot.Subscription{ID: "config", Channel: bot.Channel(fmt.Sprintf("test:%d", i)), Mode: bot.Instant})
	}
	subs = append(subs, bot.Subscription{ID: "config", Channel: "other:1", Mode: bot.Instant})
	p := newPipe(t, subs...)
	other := &bottest.Platform{PlatformName: "other"}
	d := bot.NewDeliverer(bot.DeliverOptions{
		Store: p.store, News: p.desk, Platforms: []bot.Platform{p.platform, other}, Workers: 8, Lease: time.Minute, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler),
	})
	hang := make(chan struct{})
	for range 20 {
		p.platform.Answer(bottest.Answer{Land: true, Meanwhile: func() { <-hang }})
	}
	p.tell("a", 50)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); len(other.Messages("other:1")) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the other platform waits for the one that hangs")
			break
		}
	}
	if n := p.platform.Requests(); n > 4 {
		t.Errorf("%d of 8 workers hang", n)
	}
	close(hang)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
