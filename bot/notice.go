package bot

import (
	"context"
	"slices"
)

// notice takes the word of a platform that the bot lost its place in channels,
// or has it again. Orders stay as they are, and what their channels are owed
// waits as in any suspension: who took the bot out by mistake loses nothing.
func (d *Deliverer) notice(ctx context.Context, p Platform, ch Change) {
	var err error
	if ch.Lost {
		err = d.lost(ctx, p, ch)
	} else {
		err = d.back(ctx, p, ch)
	}
	if err != nil && ctx.Err() == nil {
		d.Logger.Error("a change on the platform was not noted; the next refusal or look at the channel tells it", "platform", p.Name(), "reason", ch.Reason, "err", err)
	}
}

// lost suspends the channels with an order that ch holds, and tells who made it.
func (d *Deliverer) lost(ctx context.Context, p Platform, ch Change) error {
	all, err := d.Book.standing(ctx)
	if err != nil {
		return err
	}
	var cs []Channel
	for c := range all.made {
		if c.Platform() == p.Name() && ch.Holds(c) {
			cs = append(cs, c)
		}
	}
	if len(cs) == 0 {
		return nil
	}
	slices.Sort(cs)
	d.Logger.Warn("channels are suspended", "channels", cs, "reason", ch.Reason)
	if err := d.Store.Suspend(ctx, ch.Reason, cs...); err != nil {
		return err
	}
	d.tell(ctx, ch.Reason, true, cs...)
	return nil
}

// back resumes those suspended channels that ch holds and that lack nothing.
// Which replica does so is the same.
func (d *Deliverer) back(ctx context.Context, p Platform, ch Change) error {
	suspended, err := d.Store.Suspensions(ctx)
	if err != nil {
		return err
	}
	for c, s := range suspended {
		if c.Platform() != p.Name() || !ch.Holds(c) {
			continue
		}
		if err := d.resume(ctx, p, c, s); err != nil {
			return err
		}
	}
	return nil
}
