package bot

import (
	"context"
	"maps"
	"slices"
	"time"
)

// A Teller is a Platform that can reach who manages a channel, in private.
type Teller interface {
	// Tell sends card to who manages c: once, or not at all.
	Tell(ctx context.Context, c Channel, card Card) error
}

const (
	// probeFirst is how long after its suspension a channel is looked at
	// again; the wait doubles up to probeMost. What a platform refuses counts
	// against the bot, so that it must not be asked often.
	probeFirst = 10 * time.Minute
	probeMost  = 6 * time.Hour
	// watchEvery is how often suspended channels are gone through, of which
	// probeAtOnce are looked at.
	watchEvery  = time.Minute
	probeAtOnce = 20
	// surveyMost is how many channels are looked at when the bot starts: each
	// costs requests that posts wait for.
	surveyMost = 25
	// tellAgain is how long a channel's manager is told of a suspension once.
	tellAgain = 24 * time.Hour
)

// A probe is when a suspended channel is looked at next, and after which wait.
type probe struct {
	at   time.Time
	wait time.Duration
}

// survey warns at the start of what the bot lacks in the configured channels,
// before a story is owed there.
func (d *Deliverer) survey(ctx context.Context) {
	seen := map[Channel]bool{}
	for _, s := range d.Book.configured {
		p := d.platform(s.Channel.Platform())
		if p == nil || seen[s.Channel] || len(seen) == surveyMost {
			continue
		}
		seen[s.Channel] = true
		for _, m := range p.Check(ctx, s.Channel) {
			if ctx.Err() == nil {
				d.Logger.Warn("something is missing in a channel", "channel", s.Channel, "missing", m)
			}
		}
	}
}

// watch looks after suspended channels until ctx ends.
func (d *Deliverer) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := d.Probe(ctx); err != nil && ctx.Err() == nil {
			d.Logger.Error("suspended channels cannot be looked at", "err", err)
		}
	}
}

// Probe asks the platforms about those suspended channels of this replica's
// shards whose time has come, and resumes the ones that lack nothing any more;
// not about those that are gone and where nothing is ordered.
func (d *Deliverer) Probe(ctx context.Context) error {
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return err
	}
	orders, err := d.Book.standing(ctx)
	if err != nil {
		return err
	}
	asked := 0
	for c, s := range suspended {
		if s.Gone && len(orders.of(c)) == 0 {
			continue // nobody waits for it
		}
		p := d.platform(c.Platform())
		if p == nil || asked == probeAtOnce || !d.held().Has(Shard(c)) || !d.due(c, s) {
			continue
		}
		asked++
		if err := d.resume(ctx, p, c, s); err != nil {
			return err
		}
	}
	return nil
}

// resume lets a suspended channel receive again where nothing is missing there.
func (d *Deliverer) resume(ctx context.Context, p Platform, c Channel, s Suspension) error {
	if missing := p.Check(ctx, c); len(missing) > 0 {
		d.Logger.Info("channel is still suspended", "channel", c, "missing", missing)
		return nil
	}
	if err := d.Store.Resume(ctx, c); err != nil {
		return err
	}
	d.Logger.Info("channel receives again", "channel", c, "suspended", s.Since)
	d.Wake()
	return nil
}

// ResumeSpace lets the channels of a space receive again that were suspended:
// somebody has let the bot in there again. One that lacks something else is
// suspended again with its next message.
func ResumeSpace(ctx context.Context, store Store, space string) error {
	suspended, err := store.Suspensions(ctx)
	if err != nil {
		return err
	}
	for c := range suspended {
		if c.Space() != space {
			continue
		}
		if err := store.Resume(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// due reports whether c is to be looked at now, and plans the next time. The
// plan is forgotten when c takes a message.
func (d *Deliverer) due(c Channel, s Suspension) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	pr, ok := d.probes[c]
	if !ok {
		pr = probe{at: s.Since.Add(probeFirst), wait: probeFirst}
	}
	now := d.Now()
	if due := !now.Before(pr.at); due {
		pr.wait = min(2*pr.wait, probeMost)
		pr.at = now.Add(pr.wait)
		d.probes[c] = pr
		return true
	}
	d.probes[c] = pr
	return false
}

// tell lets those who ordered what channels receive know that they receive
// nothing, and why: each person once. Where no direct message reaches one of
// them, or nobody ordered it by command, who manages the channel is told, but
// for what is gone: who takes the bot out knows it.
func (d *Deliverer) tell(ctx context.Context, why string, gone bool, cs ...Channel) {
	theirs := map[Channel][]Channel{} // by the person who ordered there
	for _, c := range cs {
		if _, person := c.Person(); person { // whom no direct message reaches cannot be told so by one
			continue
		}
		first, err := d.Store.Once(ctx, "suspended:"+string(c), tellAgain)
		if err != nil || !first {
			continue
		}
		by, err := d.ordered(ctx, c)
		if err != nil {
			d.Logger.Warn("who ordered for the channel is not known", "channel", c, "err", err)
		}
		for _, person := range by {
			theirs[person] = append(theirs[person], c)
		}
		if len(by) == 0 && !gone {
			d.tellManager(ctx, c, why)
		}
	}
	for _, person := range slices.Sorted(maps.Keys(theirs)) {
		of := theirs[person]
		key := DeliveryID(person, "tell", d.Now().UTC().Format(time.DateOnly)+" "+string(of[0]))
		_, err := d.platform(person.Platform()).Post(ctx, Post{Key: key, Channel: person, Card: SuspendedCard(d.langOf(ctx, of[0]), why, gone, of...)})
		if err == nil {
			continue
		}
		d.Logger.Info("who ordered for channels could not be told that they receive nothing", "person", person, "channels", of, "err", err)
		for _, c := range of {
			if !gone {
				d.tellManager(ctx, c, why)
			}
		}
	}
}

// ordered returns the direct messages of those who ordered by command what c receives.
func (d *Deliverer) ordered(ctx context.Context, c Channel) (people []Channel, err error) {
	all, err := d.Book.standing(ctx)
	if err != nil || d.platform(c.Platform()) == nil {
		return nil, err
	}
	_, byCommand := all.orders(c)
	for _, s := range byCommand {
		if person := Person(c.Space(), s.By); s.By != "" && !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	return people, nil
}

// tellManager lets who manages a channel know that it receives nothing, and why.
func (d *Deliverer) tellManager(ctx context.Context, c Channel, why string) {
	t, ok := d.platform(c.Platform()).(Teller)
	if !ok {
		return
	}
	if err := t.Tell(ctx, c, SuspendedCard(d.langOf(ctx, c), why, false, c)); err != nil {
		d.Logger.Warn("who manages the channel could not be told", "channel", c, "err", err)
	}
}

// langOf is lang, and English where the orders cannot be read.
func (d *Deliverer) langOf(ctx context.Context, c Channel) Lang {
	l, err := d.lang(ctx, c)
	if err != nil {
		d.Logger.Warn("the channel's language is not known", "channel", c, "err", err)
	}
	return l
}

// namedMost is how many channels a person is told of by name.
const namedMost = 10

// SuspendedCard tells that channels receive nothing.
func SuspendedCard(l Lang, why string, gone bool, cs ...Channel) Card {
	sec := Section{Title: l.T("Channel")}
	for _, c := range cs[:min(len(cs), namedMost)] {
		sec.Lines = append(sec.Lines, channelLine(l, c))
	}
	if more := len(cs) - len(sec.Lines); more > 0 {
		sec.Lines = append(sec.Lines, Line{Text: l.T("and %d more", more)})
	}
	c := Card{
		Title: l.T("Newsdesk cannot post to a channel"), Tone: Failure,
		Text:     l.T("Nothing is lost: its news wait. The bot looks again by itself, and at once where somebody says /news resume in the channel."),
		Facts:    facts(Fact{l.T("Reason"), l.trouble(why)}),
		Sections: []Section{sec},
		Footer:   l.T("Newsdesk · you are told once in %d hours", int(tellAgain.Hours())), Lang: l,
	}
	if gone {
		c.Text = l.T("What was ordered there is kept for %d days. Where the bot is let in again meanwhile, it goes on.", int(goneFor.Hours()/24))
		c.Footer = l.T("Newsdesk · you are told because you ordered its news there")
	}
	return c
}

// goneFor is how long the orders of a channel that is gone are kept.
const goneFor = 90 * 24 * time.Hour

// forgetGone forgets what was ordered by command in channels that are gone
// since goneFor. Orders of the configuration stand in no store, and stay.
func (d *Dispatcher) forgetGone(ctx context.Context, now time.Time) error {
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return err
	}
	orders, err := d.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		s := suspended[o.Channel]
		if !s.Gone || now.Sub(s.Since) < goneFor {
			continue
		}
		if _, err := d.Store.DeleteSubscription(ctx, o.Channel, o.ID); err != nil {
			return err
		}
		d.Logger.Info("an order was forgotten: its channel is gone for long", "channel", o.Channel, "order", o.ID, "since", s.Since, "reason", s.Reason)
	}
	return nil
}
