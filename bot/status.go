package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"newsdesk/news"
)

// countedMost is how many deliveries status counts before it says "or more".
const countedMost = 1000

// rightsWait is how long a status waits for who asks: it comes without what
// managers see where the platform does not answer.
const rightsWait = 2 * time.Second

// status gathers what the bot knows of itself. Of what the store should say
// and does not, it says just that: a status must come above all when
// something is broken. All is asked at the same time, since the store may be
// slow.
func (b *Bot) status(ctx context.Context, q question) (Card, error) {
	st := Status{Version: cmp.Or(b.o.Version, "devel"), Here: q.here(), Stories: -1}
	var asked sync.WaitGroup
	ask := func(what string, missing *bool, read func() error) {
		asked.Go(func() {
			var err error
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
				if *missing = err != nil; err != nil {
					b.o.Logger.Error("status: "+what, "err", err)
				}
			}()
			err = read()
		})
	}
	var stories, feeds, orders, suspended, outbox, noHere, votes bool // what cannot be read
	ask("stories", &stories, func() error {
		r, err := b.o.Desk.Search(ctx, news.Query{Limit: 1, Order: news.Newest})
		if err != nil {
			return err
		}
		if st.Stories = r.Total; len(r.Stories) > 0 {
			st.Latest = r.Stories[0].Updated
		}
		return nil
	})
	ask("orders", &orders, func() error {
		have, err := b.standing(ctx, st.Here)
		for _, s := range have.both() {
			if s.Paused.After(st.Paused) {
				st.Paused = s.Paused
			}
		}
		return err
	})
	ask("sources", &feeds, func() error {
		states, err := b.o.Desk.Sources(ctx)
		if err == nil {
			st.Feeds = tally(states)
		}
		return err
	})
	ask("suspensions", &suspended, func() error {
		channels, err := b.o.Store.Suspensions(ctx)
		if err == nil {
			maps.DeleteFunc(channels, func(c Channel, _ Suspension) bool {
				_, person := c.Person()
				return person && c != st.Here || elsewhere(c.Space(), st.Here) // their own affair
			})
			st.Suspended = channels
		}
		return err
	})
	asked.Go(func() {
		if q.Space == "" {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, rightsWait)
		defer cancel()
		st.Manager, _ = q.Manages(ctx)
	})
	counted := [...]State{Pending, Sending, Dead}
	var counts [len(counted)]int
	var uncounted [len(counted)]bool
	for i, state := range counted {
		ask("outbox", &uncounted[i], func() error {
			ds, err := b.o.Store.Deliveries(ctx, DeliveryQuery{State: state, Limit: countedMost})
			counts[i] = len(ds)
			return err
		})
	}
	ask("what was given up here", &noHere, func() (err error) {
		st.GivenUp, err = b.o.Store.Deliveries(ctx, DeliveryQuery{Channel: q.here(), State: Dead, Limit: givenUpShown})
		return err
	})
	ask("votes", &votes, func() (err error) {
		st.Votes, err = b.o.Store.Votes(ctx, q.Channel, q.now.Add(-VoteTime))
		return err
	})
	if b.o.Halted != nil {
		st.Halted = slices.DeleteFunc(b.o.Halted(), func(h Halt) bool { return elsewhere(h.Platform, st.Here) })
	}
	asked.Wait()
	if outbox = slices.Contains(uncounted[:], true); !outbox {
		st.Waiting = map[State]int{}
		for i, state := range counted {
			st.Waiting[state] = counts[i]
		}
	}
	for _, trouble := range []struct {
		is   bool
		says string
	}{
		{stories, q.lang.T("stories cannot be read")},
		{feeds, q.lang.T("the state of the feeds cannot be read")},
		{suspended || orders, q.lang.T("suspended channels cannot be read")},
		{outbox || noHere, q.lang.T("the outbox cannot be read")},
		{votes && !stories && !feeds && !suspended && !outbox && !noHere, q.lang.T("the votes cannot be read")},
	} {
		if trouble.is {
			st.Troubles = append(st.Troubles, trouble.says)
		}
	}
	return StatusCard(q.lang, st, q.now), nil
}

// elsewhere reports whether space is a workspace of its own that is not here's:
// what happens there is not for other people's eyes. The preview is its
// operator's, who sees all.
func elsewhere(space string, here Channel) bool {
	return strings.Contains(space, ":") && space != here.Space() && here.Platform() != "web"
}
