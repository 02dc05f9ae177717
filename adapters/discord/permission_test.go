package discord

import (
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
)

func TestPermissions(t *testing.T) {
	const (
		me    = "9"
		guild = "1"
		role  = "2"
		other = "3"
		view  = int64(discordgo.PermissionViewChannel)
		send  = int64(discordgo.PermissionSendMessages)
		read  = int64(discordgo.PermissionReadMessageHistory)
	)
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	over := func(id string, kind discordgo.PermissionOverwriteType, allow, deny int64) *discordgo.PermissionOverwrite {
		return &discordgo.PermissionOverwrite{ID: id, Type: kind, Allow: allow, Deny: deny}
	}
	const byRole, byMember = discordgo.PermissionOverwriteTypeRole, discordgo.PermissionOverwriteTypeMember
	for _, test := range []struct {
		name       string
		owner      string
		everyone   int64
		role       int64
		overwrites []*discordgo.PermissionOverwrite
		timeout    *time.Time
		want       int64
	}{
		{name: "roles add up", everyone: view, role: send, want: view | send},
		{name: "everyone is denied", everyone: view | send, overwrites: []*discordgo.PermissionOverwrite{over(guild, byRole, 0, send)}, want: view},
		{name: "a role allows again", everyone: view | send, overwrites: []*discordgo.PermissionOverwrite{
			over(role, byRole, send, 0), over(guild, byRole, 0, send)}, want: view | send},
		{name: "another's role does not count", everyone: view, overwrites: []*discordgo.PermissionOverwrite{over(other, byRole, send, 0)}, want: view},
		{name: "the member comes last", everyone: view, overwrites: []*discordgo.PermissionOverwrite{
			over(me, byMember, read, send), over(role, byRole, send, read)}, want: view | read},
		{name: "a role with the member's id", everyone: view, overwrites: []*discordgo.PermissionOverwrite{over(me, byRole, send, 0)}, want: view},
		{name: "administrator", role: discordgo.PermissionAdministrator, overwrites: []*discordgo.PermissionOverwrite{over(guild, byRole, 0, view)}, want: everything},
		{name: "owner", owner: me, want: everything},
		{name: "time-out", everyone: view | send | read, timeout: &later, want: view | read},
		{name: "time-out that is over", everyone: view | send, timeout: &now, want: view | send},
		{name: "invisible", everyone: send | read, want: 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := discordgo.Guild{ID: guild, OwnerID: test.owner, Roles: []*discordgo.Role{
				{ID: guild, Permissions: test.everyone}, {ID: role, Permissions: test.role}, {ID: other, Permissions: everything},
			}}
			m := discordgo.Member{Roles: []string{role}, CommunicationDisabledUntil: test.timeout}
			if got := permissions(g, m, me, test.overwrites, now); got != test.want {
				t.Errorf("got %b, want %b", got, test.want)
			}
		})
	}
}
