package discord

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// announcements are messages of announcement channels that are to be published
// to the channels that follow those. That is apart from posting: Discord lets
// about ten an hour of a channel through and then says to come back much later,
// which must hold up no post. What is lost with the process is found again in
// the channel's history when the next message is published there.
type announcements struct {
	mu      sync.Mutex
	waiting []announcement
	resumed map[string]bool // channels whose history was looked at
	wake    chan struct{}
}

// An announcement is one message to publish.
type announcement struct {
	channel, message string
	posted, due      time.Time
}

const (
	// publishFor is how long a message is tried to be published: the limit's
	// hour, once more. News that is older is left as it is.
	publishFor = 2 * time.Hour
	// publishAgain is the wait after an attempt without an answer.
	publishAgain = 30 * time.Second
	// publishMost bounds what waits; the oldest are left unpublished.
	publishMost = 1000
	// crossposted is the flag of a message that is published:
	// discord.com/developers/docs/resources/message#message-object-message-flags.
	crossposted = 1 << 0
)

// add queues a message, unless it is there already.
func (a *announcements) add(n announcement) (dropped bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.ContainsFunc(a.waiting, func(o announcement) bool { return o.message == n.message }) {
		return false
	}
	if len(a.waiting) >= publishMost {
		a.waiting, dropped = a.waiting[1:], true
	}
	a.waiting = append(a.waiting, n)
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return dropped
}

// next returns the first message that is due of a channel where none before it
// waits, or how long there is none.
func (a *announcements) next(now time.Time) (n announcement, ok bool, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait = time.Hour
	seen := map[string]bool{}
	for _, n := range a.waiting {
		if seen[n.channel] {
			continue
		}
		seen[n.channel] = true
		if d := n.due.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		return n, true, 0
	}
	return announcement{}, false, wait
}

// settle takes a message off, or lets it wait for another time.
func (a *announcements) settle(message string, due time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = slices.DeleteFunc(a.waiting, func(n announcement) bool { return n.message == message && due.IsZero() })
	for i := range a.waiting {
		if a.waiting[i].message == message {
			a.waiting[i].due = due
		}
	}
}

// first reports whether a channel's history was not looked at yet, and notes it.
func (a *announcements) first(channel string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.resumed == nil || len(a.resumed) >= publishMost {
		a.resumed = map[string]bool{}
	}
	was := a.resumed[channel]
	a.resumed[channel] = true
	return !was
}

// publish lets a message of an announcement channel be published. What is known
// to be no such channel has nothing to publish.
func (p *Platform) publish(channel, message string, posted time.Time) {
	if at, known := p.known.find(channel); known && at.kind != discordgo.ChannelTypeGuildNews {
		return
	}
	if p.announcements.add(announcement{channel: channel, message: message, posted: posted}) {
		p.Logger.Warn("too much waits to be published on discord: the oldest message is left as it is")
	}
}

// publishAll publishes what waits until ctx ends.
func (p *Platform) publishAll(ctx context.Context) {
	for {
		n, ok, wait := p.announcements.next(time.Now())
		if !ok {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-p.announcements.wake:
			case <-timer.C:
			}
			timer.Stop()
			if ctx.Err() != nil {
				return
			}
			continue
		}
		again := p.publishOne(ctx, n)
		if ctx.Err() != nil {
			return
		}
		p.announcements.settle(n.message, again)
	}
}

// publishOne tries once and returns when to try again; zero for never. A second
// attempt is harmless: Discord publishes a message once.
func (p *Platform) publishOne(ctx context.Context, n announcement) (again time.Time) {
	log := p.Logger.With("channel", n.channel, "message", n.message)
	at, known := p.known.find(n.channel)
	if !known {
		var err error
		if at, err = p.lookUp(ctx, n.channel); err != nil {
			return p.unpublished(n, err)
		}
	}
	if at.kind != discordgo.ChannelTypeGuildNews {
		return time.Time{}
	}
	if p.announcements.first(n.channel) {
		p.resumePublishing(ctx, n.channel)
	}
	_, err := p.client.do(ctx, request{
		method: http.MethodPost, endpoint: discordgo.EndpointChannelMessageCrosspost(n.channel, n.message), route: "CROSSPOST " + n.channel,
	})
	if err == nil || hasCode(err, codeCrossposted) {
		log.Info("published to the channels that follow")
		return time.Time{}
	}
	return p.unpublished(n, err)
}

// unpublished says when to try again after err.
func (p *Platform) unpublished(n announcement, err error) (again time.Time) {
	log := p.Logger.With("channel", n.channel, "message", n.message)
	now := time.Now()
	again = now.Add(publishAgain)
	if e, ok := asSendError(err); ok && e.Outcome == bot.Throttled {
		again = now.Add(max(e.RetryAfter, time.Second))
	} else if ok {
		log.Warn("a message stays unpublished: Discord refuses it", "err", err)
		return time.Time{}
	}
	if again.Sub(n.posted) > publishFor {
		log.Warn("a message stays unpublished: Discord publishes about ten an hour of a channel", "err", err)
		return time.Time{}
	}
	log.Info("a message is published later", "in", again.Sub(now).Round(time.Second), "err", err)
	return again
}

// resumePublishing looks for what an earlier process posted and did not publish.
func (p *Platform) resumePublishing(ctx context.Context, channel string) {
	me, err := p.me(ctx)
	if err != nil {
		return
	}
	messages, err := p.history(ctx, channel, "")
	if err != nil {
		return // the next message is published all the same
	}
	for _, m := range slices.Backward(messages) {
		posted, err := timeOf(m.ID)
		if err == nil && m.Author.ID == me && m.marked() && m.Flags&crossposted == 0 && time.Since(posted) < publishFor {
			p.publish(channel, m.ID, posted)
		}
	}
}
