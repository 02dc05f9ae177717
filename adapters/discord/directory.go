package discord

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/bwmarrin/discordgo"
)

// A directory knows the channels of the servers that the bot is in, as far as
// the gateway has told of them or Discord was asked. It is a cache: what it
// does not know is asked.
type directory struct {
	mu       sync.Mutex
	channels map[string]string  // a channel's server; kept when the channel is deleted
	servers  map[string]*server // by id
	told     bool               // the gateway has named the servers
}

// A server is one that the bot is in, or was asked about.
type server struct {
	joined bool // the gateway says so
	outage bool // it is unavailable for a time, or has not been told of yet
	places map[string]place
}

// A place is what matters about a channel.
type place struct {
	kind   discordgo.ChannelType
	parent string // of a thread
	tags   []discordgo.ForumTag
	tagged bool // a post must have a tag
}

func (p place) forum() bool { return p.kind == discordgo.ChannelTypeGuildForum }

// placesMax bounds the channels that are remembered: twice what one
// connection's 2500 servers have with fifty each.
const placesMax = 250_000

func placeOf(c discordgo.Channel) place {
	return place{kind: c.Type, parent: c.ParentID, tags: c.AvailableTags, tagged: c.Flags&discordgo.ChannelFlagRequireTag != 0}
}

// server returns that of an id, made where it is new; d.mu is held.
func (d *directory) server(id string) *server {
	if d.servers == nil {
		d.servers, d.channels = map[string]*server{}, map[string]string{}
	}
	s := d.servers[id]
	if s == nil {
		s = &server{places: map[string]place{}}
		d.servers[id] = s
	}
	return s
}

// put notes a channel; d.mu is held.
func (d *directory) put(guild string, c discordgo.Channel) {
	s := d.server(guild)
	if _, known := d.channels[c.ID]; !known && len(d.channels) >= placesMax {
		return
	}
	d.channels[c.ID] = guild
	s.places[c.ID] = placeOf(c)
}

// remember notes a channel that Discord was asked about: one that the bot
// cannot see any more does not tell its server.
func (d *directory) remember(c discordgo.Channel) {
	if c.GuildID == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.put(c.GuildID, c)
}

// find returns what is known of a channel.
func (d *directory) find(channel string) (place, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.servers[d.channels[channel]]
	if s == nil {
		return place{}, false
	}
	p, ok := s.places[channel]
	return p, ok
}

// guildOf returns the server of a channel, "" where it is not known.
func (d *directory) guildOf(channel string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channels[channel]
}

// outage reports whether the channel's server is unavailable.
func (d *directory) outage(channel string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.servers[d.channels[channel]]
	return s != nil && s.outage
}

// joined returns the servers that the bot is in, once the gateway has named them.
func (d *directory) joined() (ids []string, told bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(d.servers)) {
		if d.servers[id].joined {
			ids = append(ids, id)
		}
	}
	return ids, d.told
}

// lookUp returns what Discord says of a channel, and notes it.
func (p *Platform) lookUp(ctx context.Context, channel string) (place, error) {
	var c discordgo.Channel
	if err := p.client.get(ctx, discordgo.EndpointChannel(channel), &c); err != nil {
		return place{}, err
	}
	p.known.remember(c)
	return placeOf(c), nil
}

// guild returns the server of a channel, from memory or from Discord.
func (p *Platform) guild(ctx context.Context, channel string) (string, error) {
	if known := p.known.guildOf(channel); known != "" {
		return known, nil
	}
	if _, err := p.lookUp(ctx, channel); err != nil {
		return "", fmt.Errorf("the server of discord channel %s: %w", channel, err)
	}
	known := p.known.guildOf(channel)
	if known == "" {
		return "", fmt.Errorf("discord channel %s is in no server", channel)
	}
	return known, nil
}
