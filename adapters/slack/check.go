package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// A scope is one that the bot asks for.
type scope struct {
	name string
	why  string
}

// scopes is what the manifest asks for: docs.slack.dev/reference/scopes.
var scopes = []scope{
	{"commands", "without it nobody can ask /news"},
	{"chat:write", "nothing can be posted without it"},
	{"channels:read", "without it the bot cannot tell whether a channel is fit to post to"},
	{"groups:read", "without it the bot cannot tell whether a private channel is fit to post to"},
	{"channels:join", "without it somebody has to invite the bot to every channel"},
	{"channels:history", "without it the bot cannot tell after a lost connection whether a post arrived, and holds it"},
	{"groups:history", "without it the bot cannot tell so in private channels"},
	{"im:write", "without it nobody gets direct messages, nor is told that the bot cannot post to a channel any more"},
	{"files:write", "without it messages have no pictures"},
	{"im:history", "without it the bot cannot tell after a lost connection whether a direct message arrived, and holds it"},
}

// scopesOf adds to them what a rule of who manages a channel needs.
func scopesOf(managers []string) []scope {
	of := slices.Clone(scopes)
	if slices.Contains(managers, Admins) {
		of = append(of, scope{"users:read", "without it the bot cannot tell who administrates the workspace, and lets them manage no channel"})
	}
	if slices.ContainsFunc(managers, isGroup) {
		of = append(of, scope{"usergroups:read", "without it the bot cannot tell who is in the user group of slack.managers, and lets them manage no channel"})
	}
	return of
}

// check looks for a valid token and its scopes, or for what keeps the bot from
// posting to a channel and reading it. err is what the token was answered with.
func (p *workspace) check(ctx context.Context, c bot.Channel) (missing []string, err error) {
	header, err := p.who(ctx)
	if err != nil {
		return nil, err
	}
	granted := strings.FieldsFunc(header.Get("X-Oauth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	has := func(name string) bool { return len(granted) == 0 || slices.Contains(granted, name) }
	if localID(c) == "" {
		for _, s := range scopesOf(p.Managers) {
			if !has(s.name) {
				missing = append(missing, fmt.Sprintf("%s: the app lacks the scope %s: %s", p.space, s.name, s.why))
			}
		}
		for _, who := range p.Managers {
			if !isGroup(who) || !has("usergroups:read") {
				continue
			}
			if _, err := p.group(ctx, who); err != nil {
				missing = append(missing, fmt.Sprintf("%s: the user group %s of slack.managers: %s", p.space, who, inWords(err)))
			}
		}
		return missing, nil
	}
	id, err := p.place(ctx, c)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("%s: %s", c, inWords(err))}, nil
	case id[0] == 'D':
		return p.checkDirect(ctx, c, id, has), nil
	}
	return p.checkChannel(ctx, c, id, has), nil
}

// who asks Slack whose the bot token is, and returns the head of the answer.
func (p *workspace) who(ctx context.Context) (header http.Header, err error) {
	err = p.client.call(ctx, methodAuth, func(ctx context.Context) error {
		me, err := p.client.api.AuthTestContext(ctx)
		if err == nil {
			header = me.Header
		}
		return err
	})
	return header, err
}

// Reach asks Slack whose the bot token is. A *bot.SendError says why there is no
// answer, or none that names somebody.
func (p *Platform) Reach(ctx context.Context) error {
	_, err := p.workspace.who(ctx)
	return err
}

// checkApp looks for an app token that opens connections, where they are needed.
func (p *workspace) checkApp(ctx context.Context) []string {
	if p.Transport == TransportHTTP {
		return nil
	}
	if p.AppToken == "" {
		return []string{"slack: there is no app token, so nobody can ask /news: set slack.app_token or SLACK_APP_TOKEN to the one from the page Basic Information of your app"}
	}
	err := p.client.call(ctx, methodOpen, func(ctx context.Context) error {
		_, _, err := p.client.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return []string{"slack: the app token opens no connection: " + appWords(err)}
	}
	return nil
}

// checkChannel looks at one channel. has tells which scopes the token has.
func (p *workspace) checkChannel(ctx context.Context, c bot.Channel, id string, has func(string) bool) []string {
	ch, err := p.info(ctx, id)
	if err != nil {
		return []string{fmt.Sprintf("%s: %s", c, inWords(err))}
	}
	name := "#" + firstLine(ch.Name)
	private := ch.IsPrivate || ch.IsGroup || ch.IsMpIM
	history, visible := "channels:history", "public"
	if private {
		history, visible = "groups:history", "private"
	}
	var missing []string
	add := func(format string, args ...any) {
		missing = append(missing, fmt.Sprintf("%s: ", c)+fmt.Sprintf(format, args...))
	}
	if ch.IsArchived {
		add("%s is archived: restore it, or choose another", name)
	}
	if !has("chat:write") {
		add("the app lacks the scope chat:write: nothing can be posted without it")
	}
	if !has(history) {
		add("the app lacks the scope %s: without it the bot cannot tell after a lost connection whether a post to a %s channel arrived, and holds it", history, visible)
	}
	if len(missing) > 0 {
		return missing
	}
	if !ch.IsMember {
		if private || !has("channels:join") {
			add("the bot is not in %s: invite it there", name)
		}
		return missing // it joins with the first post, and reads from then on
	}
	if err := p.look(ctx, id); err != nil {
		add("the history of %s cannot be read: %s", name, inWords(err))
	}
	return missing
}

// checkDirect looks at direct messages, of which Slack tells more only to apps
// with yet another scope.
func (p *workspace) checkDirect(ctx context.Context, c bot.Channel, id string, has func(string) bool) []string {
	var missing []string
	for _, s := range scopes {
		if (s.name == "chat:write" || s.name == "im:history") && !has(s.name) {
			missing = append(missing, fmt.Sprintf("%s: the app lacks the scope %s: %s", c, s.name, s.why))
		}
	}
	if len(missing) > 0 {
		return missing
	}
	if err := p.look(ctx, id); err != nil {
		return []string{fmt.Sprintf("%s: the history cannot be read: %s", c, inWords(err))}
	}
	return nil
}

// look reads the end of a channel's history.
func (p *workspace) look(ctx context.Context, id string) error {
	return p.client.call(ctx, methodHistory, func(ctx context.Context) error {
		_, err := p.client.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: id, Limit: 1})
		return err
	})
}

// inWords is what err says to the person who set the bot up.
func inWords(err error) string {
	if e, ok := asSendError(err); ok {
		return strings.TrimSuffix(e.Reason, ".")
	}
	return err.Error()
}
