package bot

import (
	"context"
	"errors"

	"newsdesk/news"
)

// A shelf is the part of a Store that knows single deliveries.
type shelf interface {
	Delivery(ctx context.Context, id string) (Delivery, error)
}

// postsOf returns the posts of s that c was or is owed, under whichever id:
// stories that are one by now may have been owed each for itself. That of the
// story itself comes first.
func postsOf(ctx context.Context, store shelf, c Channel, s news.Story) ([]Delivery, error) {
	var posts []Delivery
	for _, id := range append([]string{s.ID}, s.Took...) {
		d, err := store.Delivery(ctx, DeliveryID(c, KindStory, id))
		switch {
		case err == nil:
			posts = append(posts, d)
		case !errors.Is(err, news.ErrNotFound):
			return nil, err
		}
	}
	return posts, nil
}

// tells reports whether d brings its story to the channel, or has, itself or
// in the message of another.
func (d Delivery) tells() bool {
	return d.Kind == KindStory && d.State != Dead && (d.State != Moot || d.Into != "")
}

// toldBy returns the post that has told s to the channel of c, which is under
// way. What c itself tells does not count, and what only waits has told
// nothing: it finds what c told when its turn comes.
func (d *Deliverer) toldBy(ctx context.Context, c Delivery, s news.Story) (by Delivery, ok bool, err error) {
	posts, err := postsOf(ctx, d.Store, c.Channel, s)
	for _, p := range posts {
		if p.Into != c.ID && p.tells() && p.State.Settled() {
			return p, true, nil
		}
	}
	return Delivery{}, false, err
}

// same is the result of the claim c where its story turned out to be the same
// as another, which the channel has: what becomes of it answers that message.
func (d *Deliverer) same(ctx context.Context, c Delivery) (r Result, told bool) {
	s, err := d.News.Story(ctx, c.Story)
	if err != nil {
		return Result{}, false // no card can be made either, which says why
	}
	by, told, err := d.toldBy(ctx, c, s)
	if err == nil && !told {
		return Result{}, false
	}
	r = Result{State: Moot, Error: "it is told as story " + by.Story, Into: by.ID}
	if by.Into != "" {
		r.Into = by.Into
	}
	if err == nil {
		r.Status, err = d.lastTold(ctx, by)
	}
	if err != nil {
		return d.later(doubtWait, err.Error(), c.InDoubt), true
	}
	return r, true
}
