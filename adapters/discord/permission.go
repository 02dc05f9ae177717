package discord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// An access is what the bot may do in a channel.
type access struct {
	channel     discordgo.Channel
	permissions int64
}

// everything is the permissions of who may do anything.
const everything = ^int64(0)

// access is what the bot may do in a channel, as accessOf has it.
func (p *Platform) access(ctx context.Context, channel string) (access, error) {
	return p.accessOf(ctx, channel, "")
}

// accessOf asks Discord for the channel, its server and the roles that a person
// has there, the bot's own for "", and adds up the permissions.
func (p *Platform) accessOf(ctx context.Context, channel, user string) (access, error) {
	var a access
	if err := p.client.get(ctx, discordgo.EndpointChannel(channel), &a.channel); err != nil {
		return a, err
	}
	p.known.remember(a.channel)
	if a.channel.GuildID == "" {
		a.permissions = everything // a direct message
		return a, nil
	}
	if user == "" {
		me, err := p.me(ctx)
		if err != nil {
			return a, err
		}
		user = me
	}
	overwrites := a.channel.PermissionOverwrites
	if a.channel.IsThread() {
		var parent discordgo.Channel
		if err := p.client.get(ctx, discordgo.EndpointChannel(a.channel.ParentID), &parent); err != nil {
			return a, err
		}
		overwrites = parent.PermissionOverwrites
	}
	var guild discordgo.Guild
	if err := p.client.get(ctx, discordgo.EndpointGuild(a.channel.GuildID), &guild); err != nil {
		return a, err
	}
	var member discordgo.Member
	if err := p.client.get(ctx, discordgo.EndpointGuildMember(a.channel.GuildID, user), &member); err != nil {
		return a, err
	}
	a.permissions = permissions(guild, member, user, overwrites, time.Now())
	return a, nil
}

// permissions follows discord.com/developers/docs/topics/permissions#permission-hierarchy:
// the roles in sum, then the channel's overwrites for everyone, for the roles
// together and for the member, each taking before it gives.
func permissions(guild discordgo.Guild, member discordgo.Member, me string, overwrites []*discordgo.PermissionOverwrite, now time.Time) int64 {
	if guild.OwnerID == me {
		return everything
	}
	roles := map[string]bool{guild.ID: true} // everyone's role has the server's id
	for _, r := range member.Roles {
		roles[r] = true
	}
	var sum int64
	for _, r := range guild.Roles {
		if roles[r.ID] {
			sum |= r.Permissions
		}
	}
	if sum&discordgo.PermissionAdministrator != 0 {
		return everything
	}
	var roleDeny, roleAllow, ownDeny, ownAllow int64
	for _, o := range overwrites {
		switch {
		case o.ID == guild.ID:
			sum = sum&^o.Deny | o.Allow
		case o.Type == discordgo.PermissionOverwriteTypeRole && roles[o.ID]:
			roleDeny |= o.Deny
			roleAllow |= o.Allow
		case o.Type == discordgo.PermissionOverwriteTypeMember && o.ID == me:
			ownDeny, ownAllow = o.Deny, o.Allow
		}
	}
	sum = sum&^roleDeny | roleAllow
	sum = sum&^ownDeny | ownAllow
	if until := member.CommunicationDisabledUntil; until != nil && now.Before(*until) {
		sum &= readable // a member in time-out may only read
	}
	if sum&discordgo.PermissionViewChannel == 0 {
		return 0
	}
	return sum
}

// A permission is one that the bot asks for.
type permission struct {
	bit  int64
	name string // as Discord's settings call it
	why  string
}

// wanted is what the invitation asks for.
var wanted = []permission{
	{discordgo.PermissionViewChannel, "View Channel", "nothing can be posted to a channel that the bot cannot see"},
	{discordgo.PermissionSendMessages, "Send Messages", "nothing can be posted without it"},
	{discordgo.PermissionEmbedLinks, "Embed Links", "news are posted as embeds, which stay empty without it"},
	{discordgo.PermissionReadMessageHistory, "Read Message History", "without it the bot cannot tell after a lost connection whether a post arrived, and holds it"},
	{discordgo.PermissionSendMessagesInThreads, "Send Messages in Threads", "nothing can be posted to threads without it"},
}

// Check looks for a valid token and that commands come where the bot expects
// them, or for what the bot lacks in a channel.
func (p *Platform) Check(ctx context.Context, c bot.Channel) []string {
	if _, err := p.me(ctx); err != nil {
		return []string{"discord: " + inWords(err)}
	}
	if c.ID() == "" {
		return p.checkTransport(ctx)
	}
	id, err := p.place(ctx, c)
	if err != nil {
		return []string{fmt.Sprintf("%s: %s", c, inWords(err))}
	}
	a, err := p.access(ctx, id)
	if err != nil {
		return []string{fmt.Sprintf("%s: %s", c, inWords(err))}
	}
	var missing []string
	unused := int64(discordgo.PermissionSendMessagesInThreads)
	switch t := a.channel.Type; {
	case t == discordgo.ChannelTypeGuildCategory || t == discordgo.ChannelTypeGuildMedia:
		missing = append(missing, fmt.Sprintf("%s: #%s takes no messages: choose a text channel or a forum", c, a.channel.Name))
	case placeOf(a.channel).forum():
		unused = 0 // posts are messages of the forum, and what follows them stands in threads
		if tags := placeOf(a.channel); tags.tagged && len(tagsFor(tags, nil)) == 0 {
			missing = append(missing, fmt.Sprintf("%s: the forum #%s wants a tag for every post and has none that the bot may give: add one, or do not require it", c, a.channel.Name))
		}
	case a.channel.IsThread():
		unused = discordgo.PermissionSendMessages
		if m := a.channel.ThreadMetadata; m != nil && m.Locked && a.permissions&discordgo.PermissionManageThreads == 0 {
			missing = append(missing, fmt.Sprintf("%s: the thread %q is locked: unlock it, or give the bot Manage Threads", c, a.channel.Name))
		}
	}
	for _, w := range wanted {
		if w.bit == unused || a.permissions&w.bit != 0 {
			continue
		}
		missing = append(missing, fmt.Sprintf("%s: the bot lacks %s in #%s: %s", c, w.name, a.channel.Name, w.why))
	}
	return missing
}

// inWords is what err says to the person who set the bot up.
func inWords(err error) string {
	if e, ok := asSendError(err); ok {
		return strings.TrimSuffix(e.Reason, ".")
	}
	return err.Error()
}
