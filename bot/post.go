package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"newsdesk/news"
)

const (
	// doubtWait is how long a platform is given to show a message whose answer
	// was lost before it is asked: both may commit late. It doubles with every
	// attempt up to doubtWaitMax.
	doubtWait    = 10 * time.Second
	doubtWaitMax = 10 * time.Minute
	// doubtMax is how long a delivery may stay in doubt, and doubtFailures how
	// often it must have failed then, whatever the clock says: a message that
	// makes the platform fail each time must not be tried for ever.
	doubtMax      = 6 * time.Hour
	doubtFailures = 20
	// poisonFailures is after how many failures a message counts as the cause
	// of them, where the platform takes others meanwhile.
	poisonFailures = 8
	// haltWait is how long a platform that refuses everything is left alone.
	haltWait = 5 * time.Minute
	// strikesMost is how often a message may stop a platform that takes others.
	strikesMost = 3
	// crowdedWait is how long a delivery waits while its platform has taken all
	// the workers that it may: about as long as one request may hang.
	crowdedWait = 10 * time.Second
	// findMargin widens the search in doubt by how far clocks may differ.
	findMargin = time.Minute
	// relatedPosted is how many related stories a posted card names.
	relatedPosted = 3
)

// deliver makes at most one post for the claim c and says how it ended.
func (d *Deliverer) deliver(ctx context.Context, cl claim) Result {
	// What is still on its way then is in doubt like any other. Who takes the
	// claim over searches at once: the platform must have had time to show it.
	ends := cl.until.Add(-min(doubtWait, d.Lease/3))
	ctx, cancel := context.WithTimeout(ctx, ends.Sub(d.Now().Round(0)))
	defer cancel()
	c := cl.Delivery
	p := d.platform(c.Channel.Platform())
	if p == nil {
		return d.later(haltWait, fmt.Sprintf("no platform %q is configured", c.Channel.Platform()), c.InDoubt)
	}
	space := c.Channel.Space()
	d.mu.Lock()
	halt := d.halted[space]
	d.mu.Unlock()
	if wait := halt.Until.Sub(d.Now()); wait > 0 {
		return d.later(wait, space+" refuses the bot: "+halt.Reason, c.InDoubt)
	}
	if !d.enter(p.Name()) {
		return d.later(crowdedWait, p.Name()+" is slow: it takes all the workers it may", c.InDoubt)
	}
	defer d.leave(p.Name())
	if r, held := d.heldBack(ctx, c); held {
		return r
	}
	if r, folded := d.catchUp(ctx, c); folded {
		return r
	}
	post := Post{Key: c.ID, Channel: c.Channel}
	var parent Delivery
	if c.Kind == KindFollowUp || c.Kind == KindEdit {
		var r Result
		var ok bool
		if parent, r, ok = d.parent(ctx, c); !ok {
			return r
		}
	}
	if c.Kind == KindEdit {
		return d.edit(ctx, p, c, parent)
	}
	if post.Thread = parent.Message; c.Kind == KindFollowUp {
		mine, err := d.ordersOf(ctx, c.Channel)
		if err != nil {
			return d.later(doubtWait, err.Error(), c.InDoubt)
		}
		if slices.ContainsFunc(mine, func(s Subscription) bool { return s.Apart }) {
			post.Thread = ""
		}
	}
	if c.InDoubt {
		if r, known := d.lookUp(ctx, p, c, post); known {
			if r.State == Sent && c.Kind == KindDigest && c.Digest != nil {
				// As near as anybody knows: the answer was lost with what it told.
				if t, _, _, err := d.tellsNow(ctx, c); err == nil {
					r.Stories = t.ids()
				}
			}
			return r
		}
	}
	if c.Kind == KindStory {
		if r, told := d.same(ctx, c); told {
			return r
		}
	}
	var stories []string
	var card Card
	var status string
	var err error
	if c.Kind == KindDigest && c.Digest != nil {
		card, stories, err = d.digest(ctx, c)
	} else {
		card, status, err = d.card(ctx, c)
	}
	if err != nil {
		return d.noCard(c, err)
	}
	post.Card = card
	if !d.Now().Round(0).Before(ends) {
		// Another worker may have it by the time of an answer: nothing may leave any more.
		return d.later(0, "the claim ran out before the request left", c.InDoubt)
	}
	id, err := p.Post(ctx, post)
	if err != nil {
		return d.refused(c, err)
	}
	d.mu.Lock()
	d.posted[space] = d.Now()
	if space != p.Name() { // the platform's own Halt may be for its commands
		delete(d.halted, space)
	}
	delete(d.probes, c.Channel)
	d.mu.Unlock()
	r := Result{State: Sent, Message: id, Status: status, Stories: stories}
	if rester, ok := p.(Rester); ok {
		r.Wait = rester.Rest()
	}
	return r
}

// lookUp asks the platform whether it has the message of a claim in doubt.
// known is false where it has not, and the message is to be posted.
func (d *Deliverer) lookUp(ctx context.Context, p Platform, c Delivery, post Post) (r Result, known bool) {
	id, found, err := p.Find(ctx, post, c.Tried.Add(-findMargin))
	switch {
	case err == nil && found:
		return Result{State: Sent, Message: id}, true
	case errors.Is(err, ErrBlind) && d.throttledAlone(c):
		return Result{}, false // a refusal is believed where nothing tells otherwise
	case errors.Is(err, ErrBlind):
		switch repost, err := d.reposts(ctx, c.Channel); {
		case err != nil:
			return d.later(doubtWait, err.Error(), true), true
		case repost:
			d.Logger.Warn("posted again although it may have been posted: the channel's history cannot be read, and on_doubt says repost", "delivery", c.ID, "channel", c.Channel)
			return Result{}, false
		}
		return Result{State: Dead, Error: "held: it may have been posted, and the channel's history cannot be read to make sure; look, then retry it, or set on_doubt: repost"}, true
	case err != nil:
		return d.unseen(c, fmt.Errorf("look for the message: %w", err)), true
	}
	d.mu.Lock()
	t := d.troubles[c.ID]
	t.searches = 0
	d.troubles[c.ID] = t
	others := d.posted[c.Channel.Space()].After(c.Tried)
	d.mu.Unlock()
	if d.Now().Sub(c.Tried) > doubtMax && c.Failures >= doubtFailures || c.Failures >= poisonFailures && others {
		return Result{State: Dead, Error: fmt.Sprintf("given up after %d requests without a definite answer; last: %s", c.Failures, c.Error)}, true
	}
	return Result{}, false
}

// unseen is the result of a claim in doubt whose message could not be looked
// for. That says nothing about the message, and is no failure of it; but a
// search that never succeeds must not hold up the channel for ever.
func (d *Deliverer) unseen(c Delivery, err error) Result {
	var e *SendError
	definite := errors.As(err, &e) && e.Outcome != Rejected && e.Outcome != Duplicated
	switch {
	case definite && e.Outcome == Halted:
		return d.halt(c, e)
	case definite && e.Outcome != Throttled:
		return d.refused(c, err)
	}
	d.mu.Lock()
	t := d.troubles[c.ID]
	t.searches++
	d.troubles[c.ID] = t
	d.mu.Unlock()
	n := t.searches
	if d.Now().Sub(c.Tried) > doubtMax && n >= doubtFailures {
		return Result{State: Dead, Error: fmt.Sprintf("held: it may have been posted, and %d searches for it failed; look, then retry it; last: %v", n, err)}
	}
	if definite {
		return d.refused(c, err)
	}
	return d.later(min(doubtWait<<min(n, 10), doubtWaitMax), err.Error(), true)
}

// reposts reports whether a standing order of c prefers a double post to a
// missing one.
func (d *Deliverer) reposts(ctx context.Context, c Channel) (bool, error) {
	mine, err := d.ordersOf(ctx, c)
	return slices.ContainsFunc(mine, func(s Subscription) bool { return s.OnDoubt == Repost }), err
}

// lang returns the language that a standing order of c asks for.
func (d *Deliverer) lang(ctx context.Context, c Channel) (Lang, error) {
	mine, err := d.ordersOf(ctx, c)
	return channelLang(mine, c), err
}

// Card makes the message of c, as the news stands now. news.ErrNotFound where
// there is nothing to make it from any more.
func (d *Deliverer) Card(ctx context.Context, c Delivery) (Card, error) {
	card, _, err := d.card(ctx, c)
	if errors.Is(err, errMoot) || errors.Is(err, errUnsubscribed) {
		err = fmt.Errorf("%w: %w", news.ErrNotFound, err)
	}
	return card, err
}

// errMoot reports that nothing is left to send.
var errMoot = errors.New("nothing is left to tell")

// card makes the message that c owes, or has sent, and the status of its story.
func (d *Deliverer) card(ctx context.Context, c Delivery) (card Card, status string, err error) {
	if c.Kind == KindAdvice && c.Advice != nil {
		card, err = d.adviceCard(ctx, c)
		return card, "", err
	}
	l, err := d.lang(ctx, c.Channel)
	if err != nil {
		return Card{}, "", err
	}
	defer func() { card.Lang = l }()
	switch {
	case c.Kind == KindDigest && c.Digest != nil:
		card, _, err = d.digestCard(ctx, l, c)
		return card, "", err
	case c.Kind == KindCatchUp:
		card, err = d.catchUpCard(ctx, l, c)
		return card, "", err
	}
	story, err := d.News.Story(ctx, c.Story)
	if err != nil {
		return Card{}, "", fmt.Errorf("the story to post: %w", err)
	}
	if c.Kind == KindFollowUp && c.State != Sent { // a story that is on its way arrives: it is owed once, and may be followed again
		if wanted, err := d.wanted(ctx, c.Channel, story); err != nil {
			return Card{}, "", err
		} else if !wanted {
			return Card{}, "", fmt.Errorf("%w: the person does not follow it any more", errMoot)
		}
	}
	if c.Kind == KindFollowUp {
		if story.Status.Value != c.Status && c.State != Sent {
			return Card{}, "", fmt.Errorf("%w: the story is %s by now", errMoot, story.Status.Value)
		}
		card = FollowUpCard(l, asOf(story, c.Status), d.Now())
		more, err := d.buttons(ctx, l, c, story)
		card.Buttons = append(card.Buttons, more...)
		return card, c.Status, err
	}
	related, err := d.News.Related(ctx, story, relatedPosted)
	if err != nil {
		return Card{}, "", err
	}
	mine, err := d.ordersOf(ctx, c.Channel)
	if err != nil {
		return Card{}, "", err
	}
	card = brought(mine, story).dress(StoryCard(l, story, related, d.Now()), story)
	more, err := d.buttons(ctx, l, c, story)
	card.Buttons = append(card.Buttons, more...)
	return card, story.Status.Value, err
}

// digest is card for a digest, and the stories that it tells.
func (d *Deliverer) digest(ctx context.Context, c Delivery) (Card, []string, error) {
	l, err := d.lang(ctx, c.Channel)
	if err != nil {
		return Card{}, nil, err
	}
	card, stories, err := d.digestCard(ctx, l, c)
	card.Lang = l
	return card, stories, err
}

// wanted reports whether a story is still for c: a person may have ended what
// would have brought it.
func (d *Deliverer) wanted(ctx context.Context, c Channel, s news.Story) (bool, error) {
	if _, person := c.Person(); !person {
		return true, nil
	}
	mine, err := d.ordersOf(ctx, c)
	return slices.ContainsFunc(mine, func(sub Subscription) bool { return sub.brings(s) }), err
}

// buttons are those that go with where a message is: a channel says what a
// story was worth, a person ends what brought it.
func (d *Deliverer) buttons(ctx context.Context, l Lang, c Delivery, s news.Story) ([]Button, error) {
	if _, person := c.Channel.Person(); person {
		mine, err := d.ordersOf(ctx, c.Channel)
		return stops(l, s, mine), err
	}
	if c.Kind == KindFollowUp {
		return nil, nil
	}
	return voteButtons(l, s.ID), nil
}

// noCard is the result of a claim whose message cannot be made.
func (d *Deliverer) noCard(c Delivery, err error) Result {
	switch {
	case errors.Is(err, errMoot):
		return Result{State: Moot, Error: err.Error()}
	case errors.Is(err, news.ErrNotFound), errors.Is(err, errUnsubscribed):
		return Result{State: Dead, Error: err.Error()}
	}
	return d.later(doubtWait, err.Error(), c.InDoubt)
}

// refused turns an error of a platform into the result of the claim c.
func (d *Deliverer) refused(c Delivery, err error) Result {
	var e *SendError
	if !errors.As(err, &e) {
		wait := min(doubtWait<<min(c.Failures, 10), doubtWaitMax)
		return Result{State: Sending, Wait: wait, Error: err.Error(), Failed: true}
	}
	switch e.Outcome {
	case Throttled:
		if e.Doubtful && (!c.InDoubt || d.throttledAlone(c)) {
			d.mu.Lock()
			t := d.troubles[c.ID]
			t.throttled = c.Attempts
			d.troubles[c.ID] = t
			d.mu.Unlock()
		}
		// A search that was refused decides nothing about the earlier post.
		return d.later(e.RetryAfter, e.Error(), c.InDoubt || e.Doubtful)
	case Suspended:
		d.Logger.Error("channel suspended", "channel", c.Channel, "reason", e.Reason, "err", e.Err)
		r := d.later(0, e.Error(), c.InDoubt)
		r.Suspend, r.Gone = true, e.Gone
		return r
	case Halted:
		if d.blocked(c) {
			return Result{State: Dead, Error: fmt.Sprintf("given up: %s answered it with what stops everything, and took others meanwhile, %d times; %v", c.Channel.Space(), strikesMost, e)}
		}
		return d.halt(c, e)
	case Duplicated:
		return Result{State: Sent, Error: "posted before, and removed since"}
	default:
		return Result{State: Dead, Error: e.Error()}
	}
}

// throttledAlone reports whether the claim c is in doubt for no other reason
// than that the platform refused the attempt before, for a time.
func (d *Deliverer) throttledAlone(c Delivery) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.troubles[c.ID].throttled
	return n > 0 && n == c.Attempts-1
}

// later postpones a claim; inDoubt keeps it in doubt.
func (d *Deliverer) later(wait time.Duration, why string, inDoubt bool) Result {
	r := Result{State: Pending, Wait: wait, Error: why}
	if inDoubt {
		r.State = Sending
	}
	return r
}

// Check asks the channel's platform what the bot lacks there.
func (d *Deliverer) Check(ctx context.Context, c Channel) []string {
	p := d.platform(c.Platform())
	if p == nil {
		return []string{fmt.Sprintf("no platform %q is configured", c.Platform())}
	}
	return p.Check(ctx, c)
}

func (d *Deliverer) platform(name string) Platform {
	for _, p := range d.Platforms {
		if p.Name() == name {
			return p
		}
	}
	return nil
}
