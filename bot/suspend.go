package bot

import (
	"context"
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
// shards whose time has come, and resumes the ones that lack nothing any more.
func (d *Deliverer) Probe(ctx context.Context) error {
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return err
	}
	asked := 0
	for c, s := range suspended {
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

// tell lets who manages a channel know that it receives nothing, and why.
func (d *Deliverer) tell(ctx context.Context, c Channel, why string) {
	t, ok := d.platform(c.Platform()).(Teller)
	if _, person := c.Person(); !ok || person { // whom no direct message reaches cannot be told so by one
		return
	}
	first, err := d.Store.Once(ctx, "suspended:"+string(c), tellAgain)
	if err != nil || !first {
		return
	}
	l, err := d.lang(ctx, c)
	if err != nil {
		d.Logger.Warn("the channel's language is not known", "channel", c, "err", err)
	}
	if err := t.Tell(ctx, c, SuspendedCard(l, c, why)); err != nil {
		d.Logger.Warn("who manages the channel could not be told", "channel", c, "err", err)
	}
}

// SuspendedCard tells that a channel receives nothing.
func SuspendedCard(l Lang, c Channel, why string) Card {
	line := channelLine(l, c)
	line.Detail = l.trouble(why)
	return Card{
		Title: l.T("Newsdesk cannot post to a channel"), Tone: Failure,
		Text:     l.T("Nothing is lost: its news wait. The bot looks again by itself, and at once where somebody says /news resume in the channel."),
		Sections: []Section{{Title: l.T("Channel"), Lines: []Line{line}}},
		Footer:   l.T("Newsdesk · you are told once in %d hours", int(tellAgain.Hours())), Lang: l,
	}
}
