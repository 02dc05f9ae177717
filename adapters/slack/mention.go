package slack

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// mentioned matches a user group as Slack writes one into a text.
var mentioned = regexp.MustCompile(`<!subteam\^(S[A-Z0-9]+)(?:\|[^<>]*)?>`)

// groups puts the IDs of user groups in the place of their mentions.
func groups(s string) string { return mentioned.ReplaceAllString(s, "$1") }

// typed reads what a person wrote. A mention arrives in Slack's own form only
// where Slack made one of it, and with "<" as an entity where it was typed so.
func typed(s string) string { return groups(unescape.Replace(groups(s))) }

// called matches the one option that names a user group, where a person typed its
// handle: without should_escape, of which Slack documents nothing for groups,
// "@editors" arrives as these letters, and so it does from a form.
var called = regexp.MustCompile(`\bmention:\s*"?(@[\p{L}\p{N}._-]+)`)

// identify puts the ID of a user group in the place of its handle, where the
// app may look groups up: usergroups:read is asked for only where slack.managers
// names one. Elsewhere the handle stays, and its answer says what to give.
func (p *Platform) identify(ctx context.Context, at *workspace, inv *bot.Invocation) {
	handle, inField := inv.Fields["mention"], true
	if m := called.FindStringSubmatch(inv.Line); m != nil && len(inv.Fields) == 0 {
		handle, inField = m[1], false
	}
	name, ok := strings.CutPrefix(handle, "@")
	if !ok || !slices.ContainsFunc(p.Managers, isGroup) {
		return
	}
	var id string
	err := p.in(ctx, inv.Channel, func(w *workspace) error {
		of, err := w.handles(ctx)
		id = of[strings.ToLower(name)]
		return err
	})
	switch {
	case err != nil:
		p.Logger.Info("slack does not tell the user groups of a workspace", "workspace", at.space, "err", err)
	case id == "":
	case inField:
		inv.Fields["mention"] = id
	default:
		inv.Line = strings.Replace(inv.Line, handle, id, 1)
	}
}

// handles asks Slack for the user groups by their handles, or remembers.
func (p *workspace) handles(ctx context.Context) (map[string]string, error) {
	return p.asked.handles.get(p.space, func() (map[string]string, error) {
		var all []slack.UserGroup
		err := p.client.call(ctx, methodGroups, func(ctx context.Context) (err error) {
			all, err = p.client.api.GetUserGroupsContext(ctx)
			return err
		})
		of := map[string]string{}
		for _, g := range all {
			of[strings.ToLower(g.Handle)] = g.ID
		}
		return of, err
	})
}

// mention has a message notify one user group, beyond what its card can do. It
// stands in the text for the notification, and in a block for its readers: of a
// message with blocks Slack shows nothing else.
func (m *Message) mention(group string) {
	if !isGroup(group) {
		return
	}
	to := "<!subteam^" + group + ">"
	if length(to+"\n"+m.Text) <= textMax {
		m.Text = to + "\n" + m.Text
	}
	if len(m.Blocks) > 0 && len(m.Blocks) < blocksMax {
		m.Blocks = append(m.Blocks, slack.NewSectionBlock(mrkdwnObject(to), nil, nil))
	}
}
