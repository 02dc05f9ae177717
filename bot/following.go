package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"newsdesk/news"
	"newsdesk/news/topic"
)

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
