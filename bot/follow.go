package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
)

// The IDs of the subscriptions that people make for themselves begin so.
const (
	followsTopic = "topic:"
	followsStory = "story:"
)

// follow sends a topic's stories, or what becomes of a story, to the person
// who asks, by direct message.
func (b *Bot) follow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, err := q.person()
	if err != nil {
		return Card{}, err
	}
	sub := Subscription{Channel: person, Mode: Instant, MinImpact: followImpact, Locale: Locales[l]}
	what := strings.Trim(q.options["topic"], ` "#`)
	if v := q.options["min"]; v != "" {
		if sub.MinImpact, err = strconv.Atoi(v); err != nil {
			return Card{}, &bug{fmt.Errorf("min: %w", err)}
		}
	}
	t, isTopic := findTopic(what)
	var s news.Story
	if isTopic {
		sub.ID, sub.Topics = followsTopic+t.ID, []string{t.ID}
	} else {
		s, err = b.o.Desk.Story(ctx, strings.ToLower(what))
		if errors.Is(err, news.ErrNotFound) {
			e := &UsageError{
				Sentence: say("there is no topic and no story %q", shorten(what)),
				Hint:     say("follow a lab, a model, a law or another topic, as in /news follow deepseek, or a story by its id"),
				Line:     "query:" + quoted(what),
			}
			if near := b.meant(news.Query{Text: what}, news.Result{}); len(near) > 0 {
				e.Hint = say("did you mean %s?", topicNames(near, 1)[0])
			}
			return Card{}, e
		} else if err != nil {
			return Card{}, err
		}
		sub.ID, sub.Story, sub.MinImpact = followsStory+s.ID, s.ID, 0
	}
	mine, err := b.follows(ctx, person)
	if err != nil {
		return Card{}, err
	}
	known := slices.ContainsFunc(mine, func(m Subscription) bool { return m.ID == sub.ID })
	if !known && len(mine) >= followsMost {
		return Card{}, &UsageError{
			Sentence: say("%d topics and stories are followed already, which is the most", len(mine)),
			Hint:     say("end one first: /news following lists them"),
		}
	}
	if err := b.o.Store.SaveSubscription(ctx, sub); err != nil {
		return Card{}, writing(err)
	}
	c := Card{Buttons: []Button{{Label: l.T("Stop"), Line: cmdUnfollow + " " + followed(sub)}, {Label: l.T("What I follow"), Line: cmdFollowing}}}
	if isTopic {
		c.Title = l.T("You follow %s", t.Name)
		c.Text = l.T("Stories of impact %d and more come by direct message, each once, and what becomes of them follows.", sub.MinImpact)
		return c, nil
	}
	// The story itself is sent at once: what becomes of it answers that message.
	added, err := b.o.Store.Enqueue(ctx, []Delivery{{
		ID: DeliveryID(person, KindStory, s.ID), Channel: person, Kind: KindStory, Story: s.ID, Status: s.Status.Value,
	}})
	if err != nil {
		return Card{}, &unsure{err}
	}
	c.Title, c.URL = l.T("You follow %s", s.Headline), s.URL
	c.Text = l.T("The story comes by direct message now, and an answer to it when it is confirmed, denied or else changes.")
	if added == 0 {
		c.Text = l.T("The story came by direct message before. An answer to it comes when it is confirmed, denied or else changes.")
	}
	return c, nil
}

// unfollow ends one thing that a person follows, or all.
func (b *Bot) unfollow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, err := q.person()
	if err != nil {
		return Card{}, err
	}
	mine, err := b.follows(ctx, person)
	if err != nil {
		return Card{}, err
	}
	what := strings.Trim(q.options["topic"], ` "#`)
	all := strings.EqualFold(what, "all")
	id := strings.ToLower(what)
	if t, ok := findTopic(what); ok {
		id = t.ID
	}
	var ended []Subscription
	for _, sub := range mine {
		if !all && followed(sub) != id {
			continue
		}
		if _, err := b.o.Store.DeleteSubscription(ctx, person, sub.ID); len(ended) > 0 && err != nil {
			return Card{}, &unsure{err}
		} else if err != nil {
			return Card{}, writing(err)
		}
		ended = append(ended, sub)
	}
	c := Card{Buttons: []Button{{Label: l.T("What I follow"), Line: cmdFollowing}}}
	switch {
	case all && len(ended) == 0:
		c.Title, c.Text = l.T("You follow nothing"), l.T("There was nothing to end.")
	case all:
		c.Title, c.Text = l.T("You follow nothing any more"), l.T("%d ended. No more direct messages come.", len(ended))
	case len(ended) == 0:
		return Card{}, &UsageError{Sentence: say("you do not follow %q", shorten(what)), Hint: say("/news following lists what is")}
	default:
		name := b.followedName(ctx, l, ended[0])
		c.Title, c.Text = l.T("You do not follow %s any more", name), l.T("No more direct messages come because of it.")
		c.Buttons = append(c.Buttons, Button{Label: l.T("Follow again"), Line: cmdFollow + " " + followed(ended[0])})
	}
	return c, nil
}

// following lists what a person follows.
func (b *Bot) following(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, err := q.person()
	if err != nil {
		return Card{}, err
	}
	mine, err := b.follows(ctx, person)
	if err != nil {
		return Card{}, err
	}
	if len(mine) == 0 {
		return Card{
			Title: l.T("You follow nothing yet"),
			Text:  l.T("/news follow deepseek brings the stories about a topic by direct message; the button Follow below a story, what becomes of it."),
		}, nil
	}
	c := Card{Title: l.T("You follow %d", len(mine))}
	var topics, stories Section
	topics.Title, stories.Title = l.T("Topics"), l.T("Stories")
	for i, sub := range mine {
		name := b.followedName(ctx, l, sub)
		if sub.Story != "" {
			stories.Lines = append(stories.Lines, Line{Text: name, Note: sub.Story})
		} else {
			topics.Lines = append(topics.Lines, Line{Text: name, Note: l.T("impact %d and more", sub.MinImpact)})
		}
		if i < stopButtons {
			c.Buttons = append(c.Buttons, Button{Label: l.T("Stop: %s", shorten(name)), Line: cmdUnfollow + " " + followed(sub)})
		}
	}
	for _, sec := range []Section{topics, stories} {
		if len(sec.Lines) > 0 {
			c.Sections = append(c.Sections, sec)
		}
	}
	if len(mine) > 1 {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Stop all"), Line: cmdUnfollow + " all"})
	}
	return c, nil
}

// person is where direct messages to the one who asks go.
func (q question) person() (Channel, error) {
	if q.User == "" {
		return "", &UsageError{Sentence: say("nobody can tell who asks"), Hint: say("direct messages need a person")}
	}
	return Person(q.Channel.Platform(), q.User), nil
}

// here is where what stands before the person is posted: the channel, or their
// direct messages.
func (q question) here() Channel {
	if q.Space == "" && q.User != "" {
		return Person(q.Channel.Platform(), q.User)
	}
	return q.Channel
}

// follows returns what a person follows, in order of ID.
func (b *Bot) follows(ctx context.Context, person Channel) ([]Subscription, error) {
	all, err := b.o.Book.standing(ctx)
	if err != nil {
		return nil, err
	}
	_, mine := all.orders(person)
	return slices.DeleteFunc(slices.Clone(mine), func(s Subscription) bool { return followed(s) == "" }), nil
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

// followedName is what a subscription follows as people know it.
func (b *Bot) followedName(ctx context.Context, l Lang, sub Subscription) string {
	if sub.Story == "" {
		return topicNames([]string{followed(sub)}, 1)[0]
	}
	s, err := b.o.Desk.Story(ctx, sub.Story)
	if err != nil { // forgotten by now, or the store is down
		return l.T("story %s", sub.Story)
	}
	return cmp.Or(s.Headline, sub.Story)
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
func stops(l Lang, s news.Story, person Channel, subs []Subscription) []Button {
	var out []Button
	for _, sub := range subs {
		if sub.Channel != person || followed(sub) == "" || len(out) == 3 {
			continue
		}
		switch {
		case sub.follows(s):
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
