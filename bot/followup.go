package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

const (
	// editFor is how long after it was posted a message is kept up to date.
	editFor = 48 * time.Hour
	// editWindow is the time in which all changes of a story become one edit.
	// A story in many channels has a longer one: edits take at most
	// editsPerSecond of what a platform lets through, posts come first.
	editWindow     = 5 * time.Minute
	editsPerSecond = 5
	// parentWait is how long an answer waits for the message it belongs to.
	parentWait = 30 * time.Second
	// followUpsMost is far more than a story has.
	followUpsMost = 100
)

// Updates returns what is owed to those who have the story s already: an
// answer in its thread where its status is another than they were told, and
// an edit of its message where changed says that its card has changed. told is
// what the outbox holds about the story, in order of Enqueue; wants tells
// which channels still follow, and until when they are quiet.
func Updates(s news.Story, told []Delivery, changed bool, wants func(Channel) (quiet time.Time, ok bool), now time.Time) []Delivery {
	type message struct {
		post    Delivery
		status  string // that the channel was last told
		answers int
		fixed   bool // an edit was refused for ever
	}
	posts := map[Channel]*message{}
	var order []Channel
	for _, d := range told {
		m := posts[d.Channel]
		switch {
		case d.Kind == KindStory && d.State != Dead:
			posts[d.Channel] = &message{post: d, status: d.Status}
			order = append(order, d.Channel)
		case m == nil:
		case d.Kind == KindFollowUp:
			m.answers++
			if d.State != Moot {
				m.status = d.Status
			}
		case d.Kind == KindEdit && (d.State == Dead || d.State == Moot):
			m.fixed = true
		}
	}
	var owed []Delivery
	window, spread := editPace(len(order))
	for _, c := range order {
		quiet, ok := wants(c)
		if !ok {
			continue
		}
		m := posts[c]
		if v := s.Status.Value; v != "" && m.status != "" && v != m.status {
			owed = append(owed, Delivery{
				ID: followUpID(c, s.ID, m.answers+1, v), Channel: c, Kind: KindFollowUp, Story: s.ID,
				Status: v, NotBefore: quiet,
			})
		}
		if changed && !m.fixed && (m.post.State == Sending || m.post.State == Sent && now.Sub(m.post.Settled) < editFor) {
			ends := now.Truncate(window).Add(window)
			owed = append(owed, Delivery{
				ID: DeliveryID(c, KindEdit, s.ID+" "+strconv.FormatInt(ends.Unix(), 10)), Channel: c, Kind: KindEdit, Story: s.ID,
				NotBefore: ends.Add(spread(c)),
			})
		}
	}
	return owed
}

// editPace returns the window of a story that n channels have, and how long
// after its end the edit of a channel is due.
func editPace(n int) (window time.Duration, spread func(Channel) time.Duration) {
	need := time.Duration(n) * time.Second / editsPerSecond
	// Doubling keeps the windows of a growing story aligned.
	for window = editWindow; window < need; window *= 2 {
	}
	return window, func(c Channel) time.Duration {
		if need < time.Second {
			return 0
		}
		h := fnv.New64a()
		h.Write([]byte(c))
		return time.Duration(h.Sum64() % uint64(need))
	}
}

// face identifies what people see of a story's card, without what changes by
// itself with the time.
func face(s news.Story) uint64 {
	c := StoryCard(English, s, nil, s.First)
	h := fnv.New64a()
	fmt.Fprintf(h, "%v", c)
	return h.Sum64()
}

// parent returns the delivery whose message c answers or edits. ok is false
// where r is the result of c already.
func (d *Deliverer) parent(ctx context.Context, c Delivery) (parent Delivery, r Result, ok bool) {
	post, err := d.Store.Delivery(ctx, DeliveryID(c.Channel, KindStory, c.Story))
	parent = post
	if err == nil && post.State == Moot && post.Into != "" && c.Kind == KindFollowUp {
		parent, err = d.Store.Delivery(ctx, post.Into)
	}
	moot := func(why string) (Delivery, Result, bool) { return parent, Result{State: Moot, Error: why}, false }
	switch {
	case errors.Is(err, news.ErrNotFound):
		return moot("the message it belongs to was forgotten")
	case err != nil:
		return parent, d.later(parentWait, err.Error(), c.InDoubt), false
	case c.Kind == KindFollowUp && !parent.State.Settled():
		// It was retried, and stands behind c in the same lane: each would wait for the other.
		return moot("the message it belongs to comes after it, and tells it")
	case !parent.State.Settled():
		return parent, d.later(parentWait, "the message it belongs to is not posted yet", c.InDoubt), false
	case parent.State != Sent || parent.Message == "":
		return moot("there is no message that it belongs to")
	case c.Kind == KindEdit || c.InDoubt:
		return parent, Result{}, true
	}
	last, err := d.lastTold(ctx, post)
	switch {
	case err != nil:
		return parent, d.later(parentWait, err.Error(), false), false
	case last == c.Status:
		return moot("the channel knows it already")
	}
	return parent, Result{}, true
}

// followUpID identifies the nth follow-up of a story in a channel.
func followUpID(c Channel, story string, n int, status string) string {
	return DeliveryID(c, KindFollowUp, fmt.Sprintf("%s %d %s", story, n, status))
}

// lastTold returns the status that the channel of post was told last of its
// story. The IDs of follow-ups are known: a search would walk through what all
// channels were told.
func (d *Deliverer) lastTold(ctx context.Context, post Delivery) (string, error) {
	last := post.Status
	for n, more := 1, true; more && n < followUpsMost; n++ {
		more = false
		for _, v := range []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied} {
			t, err := d.Store.Delivery(ctx, followUpID(post.Channel, post.Story, n, v))
			switch {
			case errors.Is(err, news.ErrNotFound):
				continue
			case err != nil:
				return "", err
			case t.State == Sent:
				last = t.Status
			}
			more = true
		}
	}
	return last, nil
}

// edit brings the message of parent up to date. Repeating it is harmless, so
// that an answer that was lost leaves no doubt.
func (d *Deliverer) edit(ctx context.Context, p Platform, c, parent Delivery) Result {
	card, _, err := d.card(ctx, Delivery{Channel: c.Channel, Kind: KindStory, Story: c.Story, State: Sent})
	if err != nil {
		return d.noCard(c, err)
	}
	err = p.Edit(ctx, Post{Key: parent.ID, Channel: c.Channel, Card: card}, parent.Message)
	if err == nil {
		return Result{State: Sent, Message: parent.Message}
	}
	var e *SendError
	if !errors.As(err, &e) && c.Failures >= poisonFailures {
		return Result{State: Dead, Error: fmt.Sprintf("given up after %d requests without a definite answer; last: %v", c.Failures, err)}
	}
	c.InDoubt = false
	r := d.refused(c, err)
	switch r.State {
	case Sending:
		r.State = Pending
	case Dead: // as where somebody deleted the message
		r.State = Moot
	}
	return r
}

// asOf returns the story as it was when status was its status last.
func asOf(s news.Story, status string) news.Story {
	for i := len(s.History) - 1; i >= 0 && s.Status.Value != status; i-- {
		s.Status, s.History = s.History[i], s.History[:i]
	}
	return s
}

// FollowUpCard tells those who have a story that its status changed.
func FollowUpCard(l Lang, s news.Story, now time.Time) Card {
	c := storyHead(l, s, now)
	c.Title = statusTitle(l, s.Status.Value) + ": " + s.Headline
	c.Text = changed(l, s)
	c.Facts = facts(Fact{l.T("Before"), history(l, s.History)}, Fact{l.T("Sources"), voices(l, s)})
	return c
}

// changed tells what changed: why the status is what it is, without the
// headline, which stands above it, and what the story says now.
func changed(l Lang, s news.Story) string {
	why := s.Status.Why
	if before, _, ok := strings.Cut(why, ": “"); ok && strings.Contains(why, s.Headline) {
		why = before
	}
	said := sentence(l.reason(why))
	if first := standfirst(s); first != "" && !strings.Contains(said, strings.TrimRight(first, ".。")) {
		said = strings.TrimSpace(said + " " + first)
	}
	return said
}

// statusTitle is how a follow-up begins.
func statusTitle(l Lang, status string) string {
	switch status {
	case brief.Rumour:
		return l.T("A rumour again")
	case brief.Reported:
		return l.T("Now reported")
	}
	word := l.word(status)
	return strings.ToUpper(word[:1]) + word[1:]
}
