package bottest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

var errBroken = errors.New("connection to the store broken")

// faulty is a store whose every step is a decision: it succeeds, it fails
// without or with effect, or the process dies before or after it.
type faulty struct {
	bot.Store
	w *world
}

// alive ends what a dead process still wants of the store.
func (f faulty) alive() {
	if f.w.dead() {
		runtime.Goexit()
	}
}

func (f faulty) Enqueue(ctx context.Context, ds []bot.Delivery) (int, error) {
	f.alive()
	switch f.w.decide("enqueue", "stored", "dies after it", "the answer is lost") {
	case "dies after it":
		f.Store.Enqueue(ctx, ds)
		f.w.die()
	case "the answer is lost":
		f.Store.Enqueue(ctx, ds)
		return 0, errBroken
	}
	return f.Store.Enqueue(ctx, ds)
}

func (f faulty) Claim(ctx context.Context, shards bot.Shards, lease time.Duration, _ int) ([]bot.Delivery, error) {
	f.alive()
	// One at a time: two workers would make their decisions in no order.
	ds, err := f.Store.Claim(ctx, shards, lease, 1)
	if err != nil || !slices.ContainsFunc(ds, func(d bot.Delivery) bool { return d.Kind != bot.KindEdit }) {
		return ds, err
	}
	choices := []string{"claimed", "the answer is lost"}
	if !f.w.nested {
		choices = append(choices, "the answer comes when the lease is over and another has it")
	}
	switch f.w.decide("claim", choices...) {
	case choices[0]:
		return ds, nil
	case choices[1]:
		return nil, errBroken
	}
	f.w.overtake()
	return ds, nil
}

func (f faulty) Settle(ctx context.Context, d bot.Delivery, r bot.Result) error {
	f.alive()
	if d.Kind == bot.KindEdit {
		return f.Store.Settle(ctx, d, r)
	}
	switch f.w.decide(fmt.Sprintf("settle %s as %s", d.Kind, r.State), "stored", "dies before it", "dies after it", "the answer is lost") {
	case "dies before it":
		f.w.die()
	case "dies after it":
		f.Store.Settle(ctx, d, r)
		f.w.die()
	case "the answer is lost":
		f.Store.Settle(ctx, d, r)
		return errBroken
	}
	return f.Store.Settle(ctx, d, r)
}

// overtake lets the lease of what this process holds run out, and another
// process take its turn.
func (w *world) overtake() {
	w.clock.advance(exploreLease + time.Second)
	w.nested = true
	other := w.start("b")
	for range 3 {
		step(func() { other.deliverer.Step(context.Background()) })
		w.clock.advance(time.Second)
	}
	w.nested = false
	// What dies in there is the other process.
	w.mu.Lock()
	w.down = false
	w.mu.Unlock()
}

// worldPlatform is a platform whose every answer is a decision.
type worldPlatform struct {
	*Platform
	w *world
}

// land makes what is on its way and due take effect.
func (w *world) land() {
	now := w.clock.now()
	w.coming = slices.DeleteFunc(w.coming, func(m landed) bool {
		if now.Before(m.at) {
			return false
		}
		w.accept(m)
		return true
	})
}

// accept takes a message, or returns the one that has its key already.
func (w *world) accept(m landed) bot.MessageID {
	if w.Semantics.Nonce > 0 && !w.NoNonce && (m.Post.Thread != "" || !w.Semantics.Posts) {
		for _, o := range w.messages {
			if o.Post.Key == m.Post.Key && m.at.Sub(o.at) < w.Semantics.Nonce {
				return o.ID
			}
		}
	}
	w.requests++
	m.ID = bot.MessageID(fmt.Sprint("m", w.requests))
	w.messages = append(w.messages, m)
	return m.ID
}

func (p worldPlatform) Post(_ context.Context, post bot.Post) (bot.MessageID, error) {
	w := p.w
	if w.dead() {
		runtime.Goexit()
	}
	choices := []string{
		"posted", "posted, the answer is lost", "nothing is posted, the answer is lost", "posted late, the answer is lost",
		"throttled", "dies before it is sent", "dies after it is posted",
	}
	const slow, stale = "the answer comes when the lease is over and another has it", "it is sent when the lease is over and another has it"
	if !w.nested {
		choices = append(choices, slow)
		if w.Semantics.Stale || w.Residue {
			choices = append(choices, stale)
		}
	}
	did := w.decide("post "+post.Card.Title, choices...)
	if did == stale {
		w.overtake()
	}
	w.mu.Lock()
	w.land()
	m := landed{Message: Message{Post: post}, at: w.clock.now()}
	var id bot.MessageID
	switch did {
	case choices[0], choices[1], choices[6], slow, stale:
		id = w.accept(m)
	case choices[3]:
		m.at = m.at.Add(w.Semantics.Late)
		w.coming = append(w.coming, m)
	}
	w.mu.Unlock()
	switch did {
	case choices[1], choices[2], choices[3]:
		return "", ErrLost
	case choices[4]:
		return "", &bot.SendError{Outcome: bot.Throttled, RetryAfter: 3 * time.Second, Reason: "too fast"}
	case choices[5], choices[6]:
		w.die()
	case slow:
		w.overtake()
	}
	return id, nil
}

func (p worldPlatform) Find(_ context.Context, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	w := p.w
	if w.dead() {
		runtime.Goexit()
	}
	if w.decide("find", "answered", "throttled", "the answer is lost") != "answered" {
		if w.made[len(w.made)-1].choice == 1 {
			return "", false, &bot.SendError{Outcome: bot.Throttled, RetryAfter: 3 * time.Second, Reason: "too fast"}
		}
		return "", false, ErrLost
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.land()
	if w.NoFind {
		return "", false, nil
	}
	for _, m := range w.messages {
		if m.Post.Key == post.Key && !m.at.Before(since) {
			return m.ID, true, nil
		}
	}
	return "", false, nil
}

func (p worldPlatform) Edit(_ context.Context, post bot.Post, id bot.MessageID) error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.messages {
		if w.messages[i].ID == id {
			w.messages[i].Post.Card = post.Card
			return nil
		}
	}
	return &bot.SendError{Outcome: bot.Rejected, Reason: "there is no such message"}
}

// worldNews is the newsroom of a world, and its feed.
type worldNews struct{ w *world }

func (n worldNews) Story(_ context.Context, id string) (news.Story, error) {
	for _, s := range n.w.stories {
		if s.ID == id {
			return s, nil
		}
	}
	return news.Story{}, news.ErrNotFound
}

func (n worldNews) Changed(_ context.Context, after uint64, limit int) ([]news.Story, error) {
	var out []news.Story
	for _, s := range n.w.stories {
		if s.Seq > after {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b news.Story) int { return int(a.Seq) - int(b.Seq) })
	return out[:min(len(out), limit)], nil
}

func (worldNews) Related(context.Context, news.Story, int) ([]news.Story, error) { return nil, nil }
func (worldNews) Past(time.Time) []news.Past                                     { return nil }
