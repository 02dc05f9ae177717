package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack/slackevents"

	"newsdesk/bot"
	"newsdesk/news"
)

// teams are the workspaces of installations that were opened, in this process.
type teams struct {
	mu       sync.Mutex
	open     map[string]*workspace       // by space
	rotating map[string]*sync.Mutex      // by space
	unsaved  map[string]bot.Installation // pairs that Slack gave and the store did not take yet
	resting  map[string]time.Time        // until when no rotation is tried ahead of time
}

const (
	// storeWait is the wait after a read of the installations that failed.
	storeWait = 10 * time.Second
	// homeTime is how long the configured token may take to say whose it is,
	// once in the life of the process.
	homeTime = 2 * time.Second
)

// The reasons for which a workspace takes nothing.
const (
	notInstalled = "the app is not installed in this workspace: open the bot's page /slack/install and install it there"
	uninstalled  = "the app was removed from this workspace, or its token revoked: open the bot's page /slack/install and install it again"
	rotatedAway  = "the token of this workspace has run out and could not be renewed: open the bot's page /slack/install and install the app again"
	keyLost      = "the token of this workspace cannot be opened with slack.encryption_key: set the key that it was sealed with, or install the app there again"
	noHome       = "there is no slack.bot_token: set it, or name the channel with its workspace, as in slack:T0123456789/C0123456789"
)

// deadCodes are the errors by which Slack says that a token is gone for good.
var deadCodes = []string{"account_inactive", "invalid_auth", "not_authed", "token_revoked", "token_expired"}

// space names the workspace of a team.
func space(team string) string { return platformName + ":" + team }

// isTeam reports whether s is an id of a workspace.
func isTeam(s string) bool {
	return len(s) >= 2 && len(s) <= 32 && s[0] == 'T' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// in calls do with the workspace of a channel. Where its token has run out it
// is renewed and do called once more; where it is gone the installation ends.
// The error of do must be definite where it says so: nothing was posted.
func (p *Platform) in(ctx context.Context, c bot.Channel, do func(*workspace) error) error {
	w, err := p.at(ctx, c.Space())
	if err != nil {
		return err
	}
	err = do(w)
	switch {
	case err == nil || w.space == platformName || w.client.broken != nil:
		return err
	case hasCode(err, "token_expired") && w.install.Refresh != nil:
		if w, err = p.rotate(ctx, w.install); err != nil {
			return err
		}
		return do(w)
	case hasCode(err, deadCodes...):
		return p.doubted(ctx, w, err)
	}
	return err
}

// at returns the workspace of a space, with a token that lasts. Its error is
// definite: nothing was posted.
func (p *Platform) at(ctx context.Context, of string) (*workspace, error) {
	if of == platformName {
		if p.BotToken == "" {
			return nil, &bot.SendError{Outcome: bot.Suspended, Reason: noHome}
		}
		return p.workspace, nil
	}
	i, err := p.installation(ctx, of)
	if err != nil {
		return nil, err
	}
	return p.lasting(ctx, p.opened(ctx, i))
}

// installation reads one that has not ended.
func (p *Platform) installation(ctx context.Context, of string) (bot.Installation, error) {
	name, team, _ := strings.Cut(of, ":")
	if p.OAuth == nil || name != platformName || !isTeam(team) {
		return bot.Installation{}, &bot.SendError{Outcome: bot.Suspended, Reason: notInstalled}
	}
	i, err := p.OAuth.Store.Installation(ctx, of)
	switch {
	case errors.Is(err, news.ErrNotFound):
		return i, &bot.SendError{Outcome: bot.Suspended, Reason: notInstalled}
	case err != nil:
		return i, &bot.SendError{Outcome: bot.Throttled, RetryAfter: storeWait, Reason: "the store does not say how to reach the workspace", Err: err}
	case !i.Ended.IsZero():
		return i, &bot.SendError{Outcome: bot.Suspended, Gone: i.Why == uninstalled, Reason: i.Why}
	}
	return i, nil
}

// opened returns the workspace of an installation: another one than before
// where the installation was saved since, by whichever replica.
func (p *Platform) opened(ctx context.Context, i bot.Installation) *workspace {
	p.teams.mu.Lock()
	w := p.teams.open[i.Space]
	p.teams.mu.Unlock()
	if w != nil && w.install.Version == i.Version {
		return w
	}
	token, old, err := p.OAuth.vault.open(sealedToken, i.Space, i.Token)
	if old {
		i = p.resealed(ctx, i, token)
	}
	o := p.Options
	o.BotToken, o.AppToken = token, ""
	o.Logger = o.Logger.With("workspace", i.Space)
	w = &workspace{Options: o, space: i.Space, install: i, client: newClient(o, strings.TrimPrefix(i.Space, platformName+":"), p.client.http), asked: p.asked}
	if err != nil {
		w.client.broken = &bot.SendError{Outcome: bot.Halted, Reason: keyLost, Err: err}
		p.Logger.Error("the token of a slack workspace cannot be opened; its deliveries wait, and the others go on", "workspace", i.Space, "name", i.Name, "err", err)
	}
	p.teams.mu.Lock()
	defer p.teams.mu.Unlock()
	if p.teams.open == nil {
		p.teams.open = map[string]*workspace{}
	}
	p.teams.open[i.Space] = w
	return w
}

// resealed seals an installation with the first key. Where that cannot be
// saved, a later time will do.
func (p *Platform) resealed(ctx context.Context, i bot.Installation, token string) bot.Installation {
	v := p.OAuth.vault
	n := i
	n.Token = v.seal(sealedToken, i.Space, token)
	if i.Refresh != nil {
		refresh, _, err := v.open(sealedRefresh, i.Space, i.Refresh)
		if err != nil {
			return i
		}
		n.Refresh = v.seal(sealedRefresh, i.Space, refresh)
	}
	saved, err := p.OAuth.Store.SaveInstallation(ctx, n)
	if err != nil {
		p.Logger.Warn("the token of a slack workspace is still sealed with an old key", "workspace", i.Space, "err", err)
		return i
	}
	p.Logger.Info("the token of a slack workspace is sealed with the new key", "workspace", i.Space)
	return saved
}

// doubted finds out whether a token that was refused is gone, and ends the
// installation where it is. err is the refusal.
func (p *Platform) doubted(ctx context.Context, w *workspace, err error) error {
	now, readErr := p.installation(ctx, w.space)
	switch {
	case readErr != nil:
		return readErr
	case now.Version != w.install.Version:
		// Somebody renewed it or installed the app again meanwhile.
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "the token of this workspace was just replaced", Err: answerOf(err)}
	}
	// One refusal is not believed: what it costs is the token.
	asked := w.ask(ctx)
	if asked == nil || !hasCode(asked, deadCodes...) {
		return err
	}
	why := uninstalled
	if hasCode(asked, "token_expired") {
		why = rotatedAway
	}
	if endErr := p.end(ctx, now, why, answerOf(asked)); endErr != nil {
		return endErr
	}
	return &bot.SendError{Outcome: bot.Suspended, Gone: why == uninstalled, Reason: why, Err: answerOf(err)}
}

// ask asks Slack whether the token is good.
func (p *workspace) ask(ctx context.Context) error {
	return p.client.call(ctx, methodAuth, func(ctx context.Context) error {
		_, err := p.client.api.AuthTestContext(ctx)
		return err
	})
}

// end notes that an installation has ended and forgets its token: its channels
// are suspended with the next thing that they are owed. The error is that of
// the store, as one that may pass.
func (p *Platform) end(ctx context.Context, i bot.Installation, why string, cause error) error {
	i.Token, i.Refresh, i.Expires = nil, nil, time.Time{}
	i.Ended, i.Why = p.OAuth.Now(), why
	_, err := p.OAuth.Store.SaveInstallation(context.WithoutCancel(ctx), i)
	if errors.Is(err, news.ErrFenced) {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "the token of this workspace was just replaced"}
	}
	if err != nil {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: storeWait, Reason: "the store does not take that the app was removed from the workspace", Err: err}
	}
	p.teams.mu.Lock()
	delete(p.teams.open, i.Space)
	p.teams.mu.Unlock()
	p.Logger.Error("the bot is not in a slack workspace any more; its channels are suspended, and the others go on", "workspace", i.Space, "name", i.Name, "reason", why, "err", cause)
	return nil
}

// ends reports whether an event tells that a bot's token is gone.
func ends(e slackevents.EventsAPIInnerEvent) bool {
	revoked, ok := e.Data.(*slackevents.TokensRevokedEvent)
	return e.Type == string(slackevents.AppUninstalled) || ok && len(revoked.Tokens.Bot) > 0
}

// eventTime is how long an event is known that was acted on. Slack repeats one
// within the hour: docs.slack.dev/apis/events-api#retries.
const eventTime = 2 * time.Hour

// left hears that the app was removed from a workspace. Events come late and
// more than once, as after it was installed again, so Slack is asked.
func (p *Platform) left(ctx context.Context, e slackevents.EventsAPIEvent) {
	i, err := p.installation(ctx, space(e.TeamID))
	if err != nil {
		return // it is none of ours, or has ended
	}
	if c, ok := e.Data.(*slackevents.EventsAPICallbackEvent); ok && c.EventID != "" {
		if first, err := p.OAuth.Store.Once(ctx, "slack event:"+c.EventID, eventTime); err == nil && !first {
			return
		}
	}
	w := p.opened(ctx, i)
	if err := w.ask(ctx); err == nil || !hasCode(err, deadCodes...) {
		p.Logger.Warn("slack says that the app was removed from a workspace, and its token is not refused", "workspace", i.Space, "err", err)
		return
	}
	if err := p.end(ctx, i, uninstalled, nil); err != nil {
		p.Logger.Warn("the end of an installation is not noted yet", "workspace", i.Space, "err", err)
	}
}

// located returns the workspace that a person asks from. No token is needed to
// answer, so it may be one that is broken.
func (p *Platform) located(ctx context.Context, team string) (*workspace, error) {
	if p.OAuth == nil {
		return p.workspace, nil
	}
	var homeErr error
	if p.BotToken != "" {
		soon, cancel := context.WithTimeout(ctx, homeTime)
		defer cancel()
		me, err := p.me(soon)
		if err == nil && me.TeamID == team {
			return p.workspace, nil
		}
		homeErr = err
	}
	i, err := p.installation(ctx, space(team))
	switch {
	case err != nil && homeErr != nil:
		return nil, homeErr // it may be the one of the configured token
	case err != nil:
		return nil, err
	}
	return p.opened(ctx, i), nil
}

// notHere answers people of a workspace that the bot is not in.
func notHere(err error) bot.Reply {
	c := bot.Card{Title: "Newsdesk is not set up in this workspace", Text: firstLine(notInstalled) + ".", Tone: bot.Failure}
	if e, ok := asSendError(err); ok {
		c.Text = strings.ToUpper(e.Reason[:1]) + e.Reason[1:] + "."
	}
	return bot.Reply{Card: c, Private: true}
}

// Post makes one chat.postMessage request, and another only after a refusal
// that could be put right.
func (p *Platform) Post(ctx context.Context, post bot.Post) (id bot.MessageID, err error) {
	err = p.in(ctx, post.Channel, func(w *workspace) (err error) {
		id, err = w.Post(ctx, post)
		return err
	})
	return id, err
}

// Edit replaces the card of a message. A message that was deleted is Rejected.
func (p *Platform) Edit(ctx context.Context, post bot.Post, message bot.MessageID) error {
	return p.in(ctx, post.Channel, func(w *workspace) error { return w.Edit(ctx, post, message) })
}

// Find looks through the channel's history from its end back to since.
func (p *Platform) Find(ctx context.Context, post bot.Post, since time.Time) (id bot.MessageID, found bool, err error) {
	err = p.in(ctx, post.Channel, func(w *workspace) (err error) {
		id, found, err = w.Find(ctx, post, since)
		return err
	})
	return id, found, err
}

// Tell sends card as a direct message to who made the channel: Slack tells a
// bot of nobody else who manages one.
func (p *Platform) Tell(ctx context.Context, c bot.Channel, card bot.Card) error {
	return p.in(ctx, c, func(w *workspace) error { return w.Tell(ctx, c, card) })
}

// Check looks for valid tokens and their scopes, in all workspaces, or for what
// keeps the bot from posting to a channel and reading it.
func (p *Platform) Check(ctx context.Context, c bot.Channel) []string {
	if c.ID() != "" {
		return p.checkIn(ctx, c)
	}
	var missing []string
	var err error
	if p.BotToken != "" {
		if missing, err = p.workspace.check(ctx, c); err != nil {
			missing = []string{"slack: " + inWords(err)}
		}
	}
	if err == nil {
		missing = append(missing, p.checkApp(ctx)...)
	}
	if p.OAuth == nil {
		return missing
	}
	all, err := p.OAuth.Store.Installations(ctx)
	if err != nil {
		return append(missing, "slack: the installations cannot be read: "+err.Error())
	}
	for _, i := range all {
		if i.Ended.IsZero() {
			missing = append(missing, p.checkIn(ctx, bot.In(i.Space, ""))...)
		}
	}
	return missing
}

// checkIn checks one workspace, or one channel in it.
func (p *Platform) checkIn(ctx context.Context, c bot.Channel) (missing []string) {
	err := p.in(ctx, c, func(w *workspace) (err error) {
		missing, err = w.check(ctx, c)
		return err
	})
	if err != nil {
		return []string{fmt.Sprintf("%s: %s", c.Space(), inWords(err))}
	}
	return missing
}
