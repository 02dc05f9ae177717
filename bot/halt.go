package bot

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// halt leaves a space alone that refuses everything; the other workspaces of
// its platform go on.
func (d *Deliverer) halt(c Delivery, e *SendError) Result {
	wait, space := cmp.Or(e.RetryAfter, haltWait), c.Channel.Space()
	d.mu.Lock()
	d.halted[space] = Halt{space, d.Now().Add(wait), e.Reason}
	d.mu.Unlock()
	d.Logger.Error("platform refuses the bot; its deliveries wait", "platform", space, "reason", e.Reason, "again_in", wait)
	return d.later(wait, e.Error(), c.InDoubt)
}

// blocked notes that a platform answered c with what stops everything, and
// reports whether c alone is the cause, as where the wall before a platform
// dislikes its words: all else would stop again and again on its account.
func (d *Deliverer) blocked(c Delivery) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.troubles[c.ID]
	if !t.halted.IsZero() && d.posted[c.Channel.Space()].After(t.halted) {
		t.strikes++
	}
	t.halted = d.Now()
	d.troubles[c.ID] = t
	return t.strikes >= strikesMost
}

// A Halt is a platform, or a workspace of it, that refuses everything, and is
// left alone for a time.
type Halt struct {
	Platform string    // see Channel.Space
	Until    time.Time // zero where nobody knows
	Reason   string
}

// Halted returns the spaces that refuse everything, as this replica found.
func (d *Deliverer) Halted() []Halt {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Halt
	for _, h := range d.halted {
		if h.Until.IsZero() || d.Now().Before(h.Until) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Halt) int { return strings.Compare(a.Platform, b.Platform) })
	return out
}

// Stopped hears that a platform gave up receiving commands, as it does where
// its token is refused: people shall learn of it before anything is owed.
func (d *Deliverer) Stopped(platform string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h, known := d.halted[platform]; !known || !h.Until.IsZero() && !d.Now().Before(h.Until) {
		d.halted[platform] = Halt{Platform: platform, Reason: err.Error()}
	}
}
