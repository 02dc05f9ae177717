package replay

import (
	"context"
	"slices"
	"time"

	"newsdesk/news"
)

// A Posting is one message that a channel would have been sent: a story as it
// stood then, or the answer under it that says what its status has become.
type Posting struct {
	news.Story
	FollowUp *FollowUp `json:"follow_up,omitempty"` // nil for the story itself
}

// A FollowUp is the change of status that an answer tells.
type FollowUp struct {
	From   string    `json:"from"` // what the channel was told last
	To     string    `json:"to"`
	Why    string    `json:"why"`
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"` // when it was posted, by the articles' dates
}

// A channel is sent what Options.Owed says, and what becomes of it.
type channel struct {
	desk *news.Desk
	owed func(s news.Story, now time.Time) bool
	told map[string]string // the status that it was told last, by story
	sent []Posting
}

// hear decides what is owed to the channel for stories that changed: each is
// posted once, and answered whenever its status is another than was told. What
// a posted story was folded into is known to the channel by that one.
func (c *channel) hear(ctx context.Context, changed []news.Story, now time.Time) error {
	for _, s := range changed {
		if s.Into != "" {
			continue // the story that took it has changed, too
		}
		was, posted := c.told[s.ID]
		for i := 0; !posted && i < len(s.Took); i++ {
			was, posted = c.told[s.Took[i]]
		}
		if posted && was == s.Status.Value || !posted && !c.owed(s, now) {
			continue
		}
		c.told[s.ID] = s.Status.Value
		whole, err := c.desk.Story(ctx, s.ID)
		if err != nil {
			return err
		}
		one := []news.Story{whole}
		c.desk.NameRelated(one)
		p := Posting{Story: one[0]}
		if posted {
			p.FollowUp = &FollowUp{was, s.Status.Value, s.Status.Why, s.Status.Source, now}
		}
		c.sent = append(c.sent, p)
	}
	return nil
}

// undate takes out of a posting what was no date of an article: replay gives
// an undated one the time of the record before it, to have an order.
func undate(p Posting, undated map[string]bool) Posting {
	var first, last time.Time
	p.Articles = slices.Clone(p.Articles)
	for i := range p.Articles {
		a := &p.Articles[i]
		if undated[a.ID] {
			a.Published = time.Time{}
			continue
		}
		if first.IsZero() || a.Published.Before(first) {
			first = a.Published
		}
		if a.Published.After(last) {
			last = a.Published
		}
	}
	p.First, p.Updated = first, last
	// What the story's own articles do not date is dated by nobody.
	invented := func(t time.Time) bool { return first.IsZero() || t.Before(first) }
	drop := func(t *time.Time) {
		if invented(*t) {
			*t = time.Time{}
		}
	}
	drop(&p.Fresh)
	drop(&p.Status.Since)
	p.History, p.Course = slices.Clone(p.History), slices.Clone(p.Course)
	for i := range p.History {
		drop(&p.History[i].Since)
	}
	for i := range p.Course {
		drop(&p.Course[i].At)
	}
	if p.FollowUp != nil {
		f := *p.FollowUp
		drop(&f.At)
		p.FollowUp = &f
	}
	return p
}
