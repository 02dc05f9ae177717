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
// who asks, by direct message; or those of several, with commas between them, and
// where one of them is unknown of none. Who asks wants them: messages that were
// refused or given up are tried again.
func (b *Bot) follow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	least, err := followImpact, error(nil)
	if v := q.options["min"]; v != "" {
		if least, err = strconv.Atoi(v); err != nil {
			return Card{}, &bug{fmt.Errorf("min: %w", err)}
		}
	}
	var all []wish
	for _, name := range several(q.options["topic"]) {
		t, s, err := b.followable(ctx, name)
		if err != nil {
			return Card{}, err
		}
		w := wish{Subscription{Mode: Instant, MinImpact: least, Locale: Locales[l], ID: followsTopic + t.ID, Topics: []string{t.ID}}, s}
		if s.ID != "" {
			w.sub.ID, w.sub.Topics, w.sub.Story, w.sub.MinImpact = followsStory+s.ID, nil, s.ID, 0
		}
		if !slices.ContainsFunc(all, func(o wish) bool { return o.sub.ID == w.sub.ID }) {
			all = append(all, w)
		}
	}
	person, mine, err := b.orders(ctx, q)
	if err != nil {
		return Card{}, err
	}
	more := 0
	for i := range all {
		w := &all[i]
		w.sub.Channel = person
		if at := slices.IndexFunc(mine, w.is); at >= 0 {
			w.sub.ID, w.sub.Story = mine[at].ID, mine[at].Story // of a story by the id that it had
		} else {
			more++
		}
	}
	if more > 0 && len(mine)+more > followsMost {
		return Card{}, &UsageError{
			Sentence: say("%d topics and stories are followed already; %d is the most", len(mine), followsMost),
			Hint:     say("end one first: /news following lists them"),
		}
	}
	suspended, err := b.o.Store.Suspensions(ctx)
	if err != nil {
		return Card{}, err
	}
	var ids, names, texts []string
	stories := 0
	for i, w := range all {
		if err := b.o.Store.SaveSubscription(ctx, w.sub); err != nil && i > 0 {
			return Card{}, &unsure{err}
		} else if err != nil {
			return Card{}, writing(err)
		}
		name := cmp.Or(w.story.Headline, w.story.ID)
		text := l.T("Stories of impact %d and more come by direct message, each once, and what becomes of them follows.", least)
		if w.story.ID == "" {
			name = topicNames(w.sub.Topics, 1)[0]
		} else {
			stories++
			// The story itself is sent at once: what becomes of it answers that message.
			has, err := b.bring(ctx, person, w.story)
			if err != nil {
				return Card{}, &unsure{err}
			}
			text = l.T("The story comes by direct message now, and an answer to it when it is confirmed, denied or else changes.")
			if has {
				text = l.T("The story came by direct message before. An answer to it comes when it is confirmed, denied or else changes.")
			}
		}
		ids, names = append(ids, followed(w.sub)), append(names, name)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if stories == len(all) && q.options["min"] != "" {
		texts = append(texts, l.T("A story is followed whatever its impact: min: is for topics."))
	}
	c := Card{
		Title:   l.T("You follow %s", l.list(names, len(names))),
		Buttons: []Button{{Label: l.T("Stop"), Line: cmdUnfollow + " " + strings.Join(ids, ",")}, {Label: l.T("What I follow"), Line: cmdFollowing}},
	}
	if len(all) == 1 {
		c.URL = all[0].story.URL
	}
	if refused, ok := suspended[person]; ok {
		if err := b.o.Store.Resume(ctx, person); err != nil {
			return Card{}, &unsure{err}
		}
		b.o.Logger.Info("person is sent messages again: they follow something", "channel", person, "suspended", refused.Since)
		texts = append(texts, l.T("Direct messages to you were refused until now, and are tried again: where none comes, allow them from this bot and follow again."))
		c.Facts = refusal(l, refused, q.now)
	}
	c.Text = strings.Join(texts, " ")
	return c, nil
}

// A wish is what a person wants to follow.
type wish struct {
	sub   Subscription
	story news.Story // zero for a topic
}

// is reports whether a subscription of the person already follows that.
func (w wish) is(m Subscription) bool {
	return m.ID == w.sub.ID || w.story.ID != "" && m.follows(w.story)
}

// several returns the topics or stories that a person names, with commas
// between them. The address of an article may have commas of its own.
func several(given string) []string {
	var names []string
	for name := range strings.FieldsFuncSeq(given, func(r rune) bool { return strings.ContainsRune(",，、", r) && !strings.Contains(given, "://") }) {
		if name = strings.Trim(name, storyQuotes); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return []string{given}
	}
	return names
}

// followable finds the topic or, where there is none of that name, the story
// that a person wants to follow.
func (b *Bot) followable(ctx context.Context, what string) (topic.Topic, news.Story, error) {
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

// unfollow ends what a person follows: what is named, with commas between
// several, or all. Where one of them is not followed nothing ends.
func (b *Bot) unfollow(ctx context.Context, q question) (Card, error) {
	l := q.lang
	person, mine, err := b.orders(ctx, q)
	if err != nil {
		return Card{}, err
	}
	given := several(q.options["topic"])
	all := len(given) == 1 && strings.EqualFold(given[0], "all")
	named := map[string]bool{} // by ID of the subscription
	for _, what := range given {
		id := what
		var s news.Story
		if t, ok := findTopic(what); ok {
			id = t.ID
		} else if s, err = b.storyAt(ctx, what); err != nil {
			s = news.Story{} // forgotten by now, or all
		}
		found := false
		for _, sub := range mine {
			if all || strings.EqualFold(followed(sub), id) || sub.follows(s) {
				named[sub.ID], found = true, true
			}
		}
		if !found && !all {
			return Card{}, &UsageError{Sentence: say("you do not follow %q", shorten(what)), Hint: say("nothing was changed; /news following lists what you follow")}
		}
	}
	var ended []Subscription
	stories := 0 // of them
	for _, sub := range mine {
		if !named[sub.ID] {
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
	default:
		var names []string
		for _, sub := range ended {
			if name, _ := b.followedName(ctx, l, sub); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		c.Title, c.Text = l.T("You do not follow %s any more", l.list(names, len(names))), l.T("No more direct messages come because of it.")
		c.Buttons = append(c.Buttons, Button{Label: l.T("Follow again"), Line: followLine(ended)})
	}
	return c, nil
}

// followLine is the command that makes a person's own subscriptions again, ""
// where no one command does.
func followLine(subs []Subscription) string {
	var ids []string
	least := -1
	for _, sub := range subs {
		ids = append(ids, followed(sub))
		if sub.Story != "" {
			continue
		}
		if least >= 0 && least != sub.MinImpact {
			return ""
		}
		least = sub.MinImpact
	}
	line := cmdFollow + " " + strings.Join(ids, ",")
	if least >= 0 && least != followImpact {
		line += " min:" + strconv.Itoa(least)
	}
	return line
}
