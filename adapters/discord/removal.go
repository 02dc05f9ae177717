package discord

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// What people read about a place that the bot lost.
const (
	botRemoved     = "the bot was removed from the server: invite it again"
	channelDeleted = "the channel was deleted: choose another"
	threadDeleted  = "the thread was deleted: choose another"
)

// changesMost is how many changes wait for the bot to take them; of more the
// next refusal tells.
const changesMost = 1000

// Notice implements bot.Sentry.
func (p *Platform) Notice(f func(context.Context, bot.Change)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noticed = f
}

// report passes changes on until ctx ends.
func (p *Platform) report(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-p.changes:
			p.mu.Lock()
			f := p.noticed
			p.mu.Unlock()
			if f != nil {
				f(ctx, c)
			}
		}
	}
}

// hear takes an event of the gateway about servers and channels:
// discord.com/developers/docs/events/gateway-events#guilds.
func (p *Platform) hear(event string, data json.RawMessage) {
	changes, err := p.known.hear(event, data)
	if err != nil {
		p.Logger.Warn("discord sent an event that cannot be read", "event", event, "err", err)
	}
	for _, c := range changes {
		select {
		case p.changes <- c:
		default:
			p.Logger.Warn("too much changes at once; the next refusal tells", "event", event)
		}
	}
}

// hear brings the directory up to date and returns what the bot lost or has
// again.
func (d *directory) hear(event string, data json.RawMessage) (changes []bot.Change, err error) {
	var e struct {
		ID          string              `json:"id"`
		GuildID     string              `json:"guild_id"`
		Unavailable *bool               `json:"unavailable"`
		Guilds      []discordgo.Guild   `json:"guilds"`
		Channels    []discordgo.Channel `json:"channels"`
		Threads     []discordgo.Channel `json:"threads"`
	}
	var c discordgo.Channel
	switch event {
	case "READY", "GUILD_CREATE", "GUILD_DELETE", "THREAD_LIST_SYNC":
		err = json.Unmarshal(data, &e)
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE":
		err = json.Unmarshal(data, &c)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch event {
	case "READY":
		return d.ready(e.Guilds), nil
	case "GUILD_CREATE":
		if e.Unavailable != nil && *e.Unavailable {
			d.server(e.ID).outage = true
			return nil, nil
		}
		return d.created(e.ID, append(e.Channels, e.Threads...)), nil
	case "GUILD_DELETE":
		// With the field set it is an outage, and the bot is still in the server.
		if e.Unavailable != nil {
			s := d.server(e.ID)
			s.joined, s.outage = true, true
			return nil, nil
		}
		return d.removed(e.ID), nil
	case "THREAD_LIST_SYNC":
		for _, t := range e.Threads {
			d.put(e.GuildID, t)
		}
	case "CHANNEL_DELETE":
		return d.deleted(c, channelDeleted), nil
	case "THREAD_DELETE":
		return d.deleted(c, threadDeleted), nil
	case "THREAD_UPDATE":
		if c.ThreadMetadata != nil && c.ThreadMetadata.Archived { // it is told of again when it opens
			d.drop(c.ID)
			break
		}
		d.put(c.GuildID, c)
	default:
		if c.GuildID != "" {
			d.put(c.GuildID, c)
		}
	}
	return nil, nil
}

// ready takes the list of a new session: servers that it does not name any more
// have removed the bot while it was away. Each is told of by itself afterwards.
func (d *directory) ready(guilds []discordgo.Guild) (changes []bot.Change) {
	named := map[string]bool{}
	for _, g := range guilds {
		named[g.ID] = true
		s := d.server(g.ID)
		s.joined, s.outage = true, true
	}
	for id, s := range maps.Clone(d.servers) {
		if s.joined && !named[id] {
			changes = append(changes, d.removed(id)...)
		}
	}
	d.told = true
	return changes
}

// created takes a server with all its channels: one that the bot was not in
// before has invited it, and channels that are not there any more were deleted
// while it was away.
func (d *directory) created(guild string, channels []discordgo.Channel) (changes []bot.Change) {
	s := d.server(guild)
	old := s.places
	s.places, s.outage = map[string]place{}, false
	for _, c := range channels {
		d.put(guild, c)
	}
	if !s.joined {
		s.joined = true
		now := maps.Clone(s.places)
		return []bot.Change{{Holds: func(c bot.Channel) bool { _, ok := now[c.ID()]; return ok }}}
	}
	gone := map[string]bool{}
	for id, p := range old {
		_, there := s.places[id]
		_, above := s.places[p.parent]
		switch {
		case there:
		case p.parent != "" && above && threadKind(p.kind):
			s.places[id] = p // archived threads are not told of
		default:
			gone[id] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return []bot.Change{{Lost: true, Reason: channelDeleted, Holds: func(c bot.Channel) bool { return gone[c.ID()] }}}
}

// removed takes it that the bot is not in a server any more.
func (d *directory) removed(guild string) []bot.Change {
	gone := d.server(guild).places
	delete(d.servers, guild)
	for id := range gone {
		delete(d.channels, id)
	}
	return []bot.Change{{Lost: true, Reason: botRemoved, Holds: func(c bot.Channel) bool { _, ok := gone[c.ID()]; return ok }}}
}

// deleted takes it that a channel is gone, with its threads.
func (d *directory) deleted(c discordgo.Channel, why string) []bot.Change {
	gone := map[string]bool{c.ID: true}
	if !c.IsThread() {
		for id, p := range d.server(c.GuildID).places {
			if p.parent == c.ID && threadKind(p.kind) {
				gone[id] = true
			}
		}
	}
	for id := range gone {
		d.drop(id)
	}
	return []bot.Change{{Lost: true, Reason: why, Holds: func(c bot.Channel) bool { return gone[c.ID()] }}}
}

// drop forgets what a channel is, and keeps which server it is of.
func (d *directory) drop(channel string) {
	if s := d.servers[d.channels[channel]]; s != nil {
		delete(s.places, channel)
	}
}

func threadKind(k discordgo.ChannelType) bool { return (&discordgo.Channel{Type: k}).IsThread() }

// inOutage is the refusal of a channel whose server Discord cannot reach: it
// says that there is no such channel, which is not so.
func (p *Platform) inOutage(channel string, err error) error {
	if !hasCode(err, codeUnknownChannel, codeUnknownGuild, codeMissingAccess) || !p.known.outage(channel) {
		return err
	}
	return &bot.SendError{Outcome: bot.Throttled, RetryAfter: outageWait, Reason: "Discord cannot reach the channel's server", Err: err}
}
