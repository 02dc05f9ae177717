package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"newsdesk/news"
)

const (
	// pileMost is how many late stories a channel is sent one by one.
	pileMost = 5
	// pileAge is how long a delivery may have waited before it is late.
	pileAge = 15 * time.Minute
	// lateNews is how old news may be when it is decided before it is late:
	// many outlets date an article hours before their feed shows it.
	lateNews = 12 * time.Hour
	// catchUpMost is how many stories one catch-up takes.
	catchUpMost = 50
	// catchUpTold is how many of them it tells with a link; the others it names.
	catchUpTold = 10
)

// catchUp folds what piled up in the channel of c, as in an outage or in quiet
// hours, into one message. folded is false where nothing has, or c itself is
// not late.
func (d *Deliverer) catchUp(ctx context.Context, c Delivery) (r Result, folded bool) {
	now := d.Now()
	late := func(c Delivery) bool {
		return c.Kind == KindStory && !c.InDoubt && (c.Late || now.Sub(c.Created) > pileAge)
	}
	if !late(c) {
		return Result{}, false
	}
	waiting, err := d.Store.Waiting(ctx, c.Channel, catchUpMost)
	if err != nil {
		return d.later(doubtWait, err.Error(), false), true
	}
	stories, ids := []string{c.Story}, []string(nil)
	for _, w := range waiting {
		if w.ID != c.ID && w.State == Pending && late(w) {
			stories, ids = append(stories, w.Story), append(ids, w.ID)
		}
	}
	if len(stories) <= pileMost {
		return Result{}, false
	}
	into := Delivery{ID: DeliveryID(c.Channel, KindCatchUp, c.ID), Channel: c.Channel, Kind: KindCatchUp, Stories: stories}
	return Result{State: Moot, Error: "told with others that came late", CatchUp: &into, Folded: ids}, true
}

// catchUpCard makes the message of a catch-up. news.ErrNotFound where all of
// its stories were forgotten.
func (d *Deliverer) catchUpCard(ctx context.Context, l Lang, c Delivery) (Card, error) {
	var stories []news.Story
	seen, known, ended := map[string]bool{}, 0, 0
	for _, id := range c.Stories {
		s, err := d.News.Story(ctx, id)
		if errors.Is(err, news.ErrNotFound) {
			continue
		} else if err != nil {
			return Card{}, err
		}
		told := seen[s.ID]
		if !told {
			if _, told, err = d.toldBy(ctx, c, s); err != nil {
				return Card{}, err
			}
		}
		if told {
			known++
			continue
		}
		if wanted, err := d.wanted(ctx, c.Channel, s); err != nil {
			return Card{}, err
		} else if !wanted {
			ended++
			continue
		}
		seen[s.ID] = true
		stories = append(stories, s)
	}
	if len(stories) == 0 && ended > 0 { // they may be followed again
		return Card{}, errUnsubscribed
	}
	if len(stories) == 0 && known > 0 {
		return Card{}, fmt.Errorf("%w: the channel has its stories", errMoot)
	}
	if len(stories) == 0 {
		return Card{}, fmt.Errorf("the stories to catch up with: %w", news.ErrNotFound)
	}
	return CatchUpCard(l, stories, d.Now()), nil
}

// CatchUpCard tells stories that could not be posted when they came, the
// highest impact first.
func CatchUpCard(l Lang, stories []news.Story, now time.Time) Card {
	stories = slices.Clone(stories)
	slices.SortStableFunc(stories, func(a, b news.Story) int { return cmp.Compare(b.Impact, a.Impact) })
	first := slices.MinFunc(stories, func(a, b news.Story) int { return a.First.Compare(b.First) })
	c := Card{
		Title:  l.T("Catching up: %d stories since %s", len(stories), l.clock(first.First, now)),
		Text:   l.T("They could not be posted when they came."),
		Tone:   toneOf(stories[0].Impact),
		Footer: l.T("Newsdesk · the highest impact first"),
	}
	told := Section{}
	for _, s := range stories[:min(len(stories), catchUpTold)] {
		told.Lines = append(told.Lines, Line{Text: s.Headline, URL: s.URL, Note: l.note(s, now) + " · " + s.ID})
	}
	c.Sections = []Section{told}
	if len(stories) > catchUpTold {
		named := Section{Title: l.T("And")}
		for _, s := range stories[catchUpTold:] {
			named.Lines = append(named.Lines, Line{Text: shorten(s.Headline), Note: fmt.Sprintf("%d · %s", s.Impact, s.ID)})
		}
		c.Sections = append(c.Sections, named)
	}
	return c
}
