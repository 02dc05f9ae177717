package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/topic"
)

const (
	// followsMost is how many topics and stories one person may follow.
	followsMost = 50
	// followImpact is the least impact of a story that a follower of its topic
	// is sent, where they say nothing.
	followImpact = 50
	// stopButtons is how many of the things that someone follows have a button.
	stopButtons = 20
	// stopsMost is how many buttons a story's message has to end what brought it.
	stopsMost = 3
)

// The IDs of the subscriptions that people make for themselves begin so.
const (
	followsTopic = "topic:"
	followsStory = "story:"
)

// follow sends a topic's stories, or what becomes of a story, to the person
// who asks, by direct message. Who asks wants them: messages that were refused
// or given up are tried again.
func (b *Bot) follow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	t, s, err := b.followable(ctx, q.options["topic"])
	if err != nil {
		return Card{}, err
	}
	person, mine, err := b.orders(ctx, q)
	if err != nil {
		return Card{}, err
	}
	sub := Subscription{Channel: person, Mode: Instant, MinImpact: followImpact, Locale: Locales[l]}
	if v := q.options["min"]; v != "" {
		if sub.MinImpact, err = strconv.Atoi(v); err != nil {
			return Card{}, &bug{fmt.Errorf("min: %w", err)}
		}
	}
	known := func(m Subscription) bool { return m.follows(s) }
	if s.ID != "" {
		sub.ID, sub.Story, sub.MinImpact = followsStory+s.ID, s.ID, 0
	} else {
		sub.ID, sub.Topics = followsTopic+t.ID, []string{t.ID}
		known = func(m Subscription) bool { return m.ID == sub.ID }
	}
	if i := slices.IndexFunc(mine, known); i >= 0 {
		sub.ID, sub.Story = mine[i].ID, mine[i].Story // of a story by the id that it had
	} else if len(mine) >= followsMost {
		return Card{}, &UsageError{
			Sentence: say("%d topics and stories are followed already, which is the most", len(mine)),
			Hint:     say("end one first: /news following lists them"),
		}
	}
	suspended, err := b.o.Store.Suspensions(ctx)
	if err != nil {
		return Card{}, err
	}
	if err := b.o.Store.SaveSubscription(ctx, sub); err != nil {
		return Card{}, writing(err)
	}
	c := Card{Buttons: []Button{{Label: l.T("Stop"), Line: cmdUnfollow + " " + followed(sub)}, {Label: l.T("What I follow"), Line: cmdFollowing}}}
	if s.ID == "" {
		c.Title = l.T("You follow %s", t.Name)
		c.Text = l.T("Stories of impact %d and more come by direct message, each once, and what becomes of them follows.", sub.MinImpact)
	} else {
		// The story itself is sent at once: what becomes of it answers that message.
		has, err := b.bring(ctx, person, s)
		if err != nil {
			return Card{}, &unsure{err}
		}
		c.Title, c.URL = l.T("You follow %s", s.Headline), s.URL
		c.Text = l.T("The story comes by direct message now, and an answer to it when it is confirmed, denied or else changes.")
		if has {
			c.Text = l.T("The story came by direct message before. An answer to it comes when it is confirmed, denied or else changes.")
		}
		if q.options["min"] != "" {
			c.Text += " " + l.T("A story is followed whatever its impact: min: is for topics.")
		}
	}
	if refused, ok := suspended[person]; ok {
		if err := b.o.Store.Resume(ctx, person); err != nil {
			return Card{}, &unsure{err}
		}
		b.o.Logger.Info("person is sent messages again: they follow something", "channel", person, "suspended", refused.Since)
		c.Text += " " + l.T("Direct messages to you were refused until now, and are tried again: where none comes, allow them from this bot and follow again.")
		c.Facts = refusal(l, refused, q.now)
	}
	return c, nil
}

// followable finds the topic or, where there is none of that name, the story
// that a person wants to follow.
func (b *Bot) followable(ctx context.Context, name string) (topic.Topic, news.Story, error) {
	what := strings.Trim(name, storyQuotes)
	if t, ok := findTopic(what); ok {
		return t, news.Story{}, nil
	}
	s, err := b.storyAt(ctx, what)
	if !errors.Is(err, news.ErrNotFound) {
		return topic.Topic{}, s, err
	}
	e := &UsageError{
		Sentence: say("there is no topic and no story %q", shorten(what)),
		Hint:     say("follow a lab, a model, a law or another topic, as in /news follow deepseek, or a story by its id"),
		Line:     "query:" + quoted(what),
	}
	if near := b.meant(news.Query{Text: what}, news.Result{}); len(near) > 0 {
		e.Hint = say("did you mean %s?", topicNames(near, 1)[0])
	}
	return topic.Topic{}, news.Story{}, e
}

// bring sees to it that a story comes to a person, and reports whether it has
// come already. What was given up is tried again, also the catch-up that was to
// tell it.
func (b *Bot) bring(ctx context.Context, person Channel, s news.Story) (has bool, err error) {
	posts, err := postsOf(ctx, b.o.Store, person, s)
	if err != nil {
		return false, err
	}
	waits, dead := false, ""
	for _, p := range posts {
		if p.Into != "" {
			if p, err = b.o.Store.Delivery(ctx, p.Into); errors.Is(err, news.ErrNotFound) {
				return true, nil // so long ago that it was forgotten
			} else if err != nil {
				return false, err
			}
		}
		switch p.State {
		case Sent:
			return true, nil
		case Dead:
			dead = p.ID
		case Pending, Sending:
			waits = true
		}
	}
	switch {
	case waits:
		return false, nil
	case dead != "":
		if err = b.o.Store.Retry(ctx, dead); errors.Is(err, news.ErrNotFound) { // somebody else retried it
			err = nil
		}
		return false, err
	}
	// An ID that the outbox knows and has no delivery of was forgotten.
	added, err := b.o.Store.Enqueue(ctx, []Delivery{{
		ID: DeliveryID(person, KindStory, s.ID), Channel: person, Kind: KindStory, Story: s.ID, Status: s.Status.Value,
	}})
	return added == 0, err
}

// refusal says since when and why nothing reaches a channel.
func refusal(l Lang, s Suspension, now time.Time) []Fact {
	return facts(Fact{l.T("Suspended"), l.T("since %s", l.clock(s.Since, now))}, Fact{l.T("Reason"), l.trouble(s.Reason)})
}

// unfollow ends one thing that a person follows, or all.
func (b *Bot) unfollow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, mine, err := b.orders(ctx, q)
	if err != nil {
		return Card{}, err
	}
	what := strings.Trim(q.options["topic"], storyQuotes)
	all := strings.EqualFold(what, "all")
	id := what
	var s news.Story
	if t, ok := findTopic(what); ok {
		id = t.ID
	} else if s, err = b.storyAt(ctx, what); err != nil {
		s = news.Story{} // forgotten by now, or all
	}
	var ended []Subscription
	stories := 0 // of them
	for _, sub := range mine {
		if !all && !strings.EqualFold(followed(sub), id) && !sub.follows(s) {
			continue
		}
		if _, err := b.o.Store.DeleteSubscription(ctx, person, sub.ID); len(ended) > 0 && err != nil {
			return Card{}, &unsure{err}
		} else if err != nil {
			return Card{}, writing(err)
		}
		if ended = append(ended, sub); sub.Story != "" {
			stories++
		}
	}
	c := Card{Buttons: []Button{{Label: l.T("What I follow"), Line: cmdFollowing}}}
	switch {
	case all && len(ended) == 0:
		c.Title, c.Text = l.T("You follow nothing"), l.T("There was nothing to end.")
	case all:
		c.Title, c.Text = l.T("You follow nothing any more"), l.T("You followed %s. No more direct messages come.", whatOf(l, len(ended)-stories, stories))
	case len(ended) == 0:
		return Card{}, &UsageError{Sentence: say("you do not follow %q", shorten(what)), Hint: say("/news following lists what is")}
	default:
		name, _ := b.followedName(ctx, l, ended[0])
		c.Title, c.Text = l.T("You do not follow %s any more", name), l.T("No more direct messages come because of it.")
		c.Buttons = append(c.Buttons, Button{Label: l.T("Follow again"), Line: followLine(ended[0])})
	}
	return c, nil
}

// followLine is the command that makes a person's own subscription again.
func followLine(sub Subscription) string {
	line := cmdFollow + " " + followed(sub)
	if sub.Story == "" && sub.MinImpact != followImpact {
		line += " min:" + strconv.Itoa(sub.MinImpact)
	}
	return line
}

// following lists what a person follows. Stories that became one are one.
func (b *Bot) following(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, mine, err := b.orders(ctx, q)
	if err != nil {
		return Card{}, err
	}
	if len(mine) == 0 {
		return Card{
			Title: l.T("You follow nothing yet"),
			Text:  l.T("/news follow deepseek brings the stories about a topic by direct message; the button Follow below a story, what becomes of it."),
		}, nil
	}
	suspended, err := b.o.Store.Suspensions(ctx)
	if err != nil {
		return Card{}, err
	}
	var c Card
	var topics, stories Section
	topics.Title, stories.Title = l.T("Topics"), l.T("Stories")
	seen := map[string]bool{}
	for _, sub := range mine {
		name, story := b.followedName(ctx, l, sub)
		if story == "" {
			topics.Lines = append(topics.Lines, Line{Text: name, Note: l.T("impact %d and more", sub.MinImpact)})
		} else if !seen[story] {
			seen[story] = true
			stories.Lines = append(stories.Lines, Line{Text: name, Note: story})
		} else {
			continue
		}
		if len(c.Buttons) < stopButtons {
			c.Buttons = append(c.Buttons, Button{Label: l.T("Stop: %s", shorten(name)), Line: cmdUnfollow + " " + followed(sub)})
		}
	}
	n := len(topics.Lines) + len(stories.Lines)
	c.Title = l.T("You follow %s", whatOf(l, len(topics.Lines), len(stories.Lines)))
	for _, sec := range []Section{topics, stories} {
		if len(sec.Lines) > 0 {
			c.Sections = append(c.Sections, sec)
		}
	}
	if n > 1 {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Stop all"), Line: cmdUnfollow + " all"})
	}
	if refused, ok := suspended[person]; ok {
		c.Text = l.T("Nothing of it comes: direct messages to you are refused. Allow them from this bot, then follow anything again.")
		c.Facts = refusal(l, refused, q.now)
	}
	return c, nil
}

// whatOf says what and how much of it is followed: "2 topics and 1 story".
func whatOf(l Lang, topics, stories int) string {
	var all []string
	if topics > 0 {
		all = append(all, l.T("%d topics", topics))
	}
	if stories > 0 {
		all = append(all, l.T("%d stories", stories))
	}
	return l.list(all, len(all))
}

// person is where direct messages to the one who asks go.
func (q question) person() (Channel, error) {
	if q.User == "" {
		return "", &UsageError{Sentence: say("nobody can tell who asks"), Hint: say("direct messages need a person")}
	}
	return Person(q.Channel.Space(), q.User), nil
}

// here is where what stands before the person is posted: the channel, or their
// direct messages.
func (inv Invocation) here() Channel {
	if inv.Space == "" && inv.User != "" {
		return Person(inv.Channel.Space(), inv.User)
	}
	return inv.Channel
}

// orders returns where direct messages to the one who asks go, and what they
// follow, in order of ID.
func (b *Bot) orders(ctx context.Context, q question) (person Channel, mine []Subscription, err error) {
	if person, err = q.person(); err != nil {
		return "", nil, err
	}
	all, err := b.o.Book.standing(ctx)
	if err != nil {
		return "", nil, err
	}
	return person, followedBy(all.of(person)), nil
}

// followedBy are those of a person's orders that they made for themselves.
func followedBy(orders []Subscription) []Subscription {
	return slices.DeleteFunc(slices.Clone(orders), func(s Subscription) bool { return followed(s) == "" })
}

// followed is what a person's own subscription follows: the id of a topic or
// a story, "" where the subscription is none of theirs.
func followed(s Subscription) string {
	for _, prefix := range []string{followsTopic, followsStory} {
		if id, ok := strings.CutPrefix(s.ID, prefix); ok {
			return id
		}
	}
	return ""
}

// followedName is what a subscription follows as people know it, and the id
// that its story has by now, "" for a topic.
func (b *Bot) followedName(ctx context.Context, l Lang, sub Subscription) (name, story string) {
	if sub.Story == "" {
		return topicNames([]string{followed(sub)}, 1)[0], ""
	}
	s, err := b.o.Desk.Story(ctx, sub.Story)
	if err != nil { // forgotten by now, or the store is down
		return l.T("story %s", sub.Story), sub.Story
	}
	return cmp.Or(s.Headline, s.ID), s.ID
}

// findTopic looks a topic up by its id or by any of its names.
func findTopic(name string) (topic.Topic, bool) {
	g := topic.Default()
	if t, ok := g.Lookup(strings.ToLower(name)); ok {
		return t, true
	}
	return g.Find(name)
}

// stops are the buttons that end what brought a story to a person.
func stops(l Lang, s news.Story, orders []Subscription) []Button {
	var out []Button
	itself := false
	for _, sub := range followedBy(orders) {
		switch {
		case len(out) == stopsMost:
			return out
		case sub.follows(s) && !itself: // one ends all that follow it
			itself = true
			out = append(out, Button{Label: l.T("Stop following"), Line: cmdUnfollow + " " + followed(sub)})
		case sub.Story == "" && slices.Contains(s.Topics, followed(sub)):
			out = append(out, Button{Label: l.T("Stop: %s", topicNames([]string{followed(sub)}, 1)[0]), Line: cmdUnfollow + " " + followed(sub)})
		}
	}
	return out
}

// brings reports whether what s orders brings the story, whatever its impact.
func (s Subscription) brings(story news.Story) bool {
	if s.Story != "" {
		return s.follows(story)
	}
	return len(s.Topics) == 0 || slices.ContainsFunc(s.Topics, func(t string) bool { return slices.Contains(story.Topics, t) })
}

// follows reports whether s is the one story, or took the one story, that sub is about.
func (s Subscription) follows(story news.Story) bool {
	return s.Story != "" && (s.Story == story.ID || slices.Contains(story.Took, s.Story))
}
