// Package slack posts cards to Slack and takes commands from it. It owns the
// blocks, the pace of requests, what an answer means, and the Socket Mode
// connections; it keeps nothing that outlives the process.
//
// # Posting
//
// Slack has no idempotency key. Post writes the delivery key into the
// message's metadata and into a block's id, so that Find knows the message for
// as long as it stands. No request is repeated without a definite refusal of
// the one before: an answer that says what happened becomes an id or a
// *bot.SendError; anything else (time-out, 5xx, internal_error, cut connection)
// is returned as it is and leaves the post in doubt. Four refusals are put
// right at once: a public channel that was not joined is joined, a picture that
// Slack cannot fetch is left out, blocks that it takes for malformed are told
// as text, and an answer to a thread that is gone stands by itself.
//
// # Pace
//
// One message a second and channel, five a second in all, fifty calls a minute
// of each other method, and none of a method for as long as Slack said with its
// last 429: for all replicas together, by the bot.Limiter. Where the wait would
// be long, the call returns Throttled instead. See pace.go.
//
// # Commands
//
// They come as envelopes, over one of two transports, and from there on take
// one way. Run holds two Socket Mode connections, as Slack ends each of them every
// few hours and slack-go opens the next one only after that; or Slack posts
// them to the Endpoints, signed: see http.go. Every envelope is
// acknowledged within Slack's three seconds, with the answer where it is there
// by then; a later one goes to the envelope's response_url. Slack does not
// repeat commands: a crash loses those under way and nothing else.
//
// # Rights
//
// Slack says with no question what the person may do. Who manages a channel is
// Options.Managers, who may write there what Slack tells of the channel; both
// are asked at the deed alone, and an error of Slack is a no: see rights.go.
package slack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// Options make a Platform.
type Options struct {
	BotToken string // "xoxb-...", of the page OAuth & Permissions
	// AppToken is "xapp-...", of the page Basic Information, with the scope
	// connections:write. Without one the bot posts and hears no commands, but
	// for those that come over HTTP.
	AppToken string
	// Transport says how commands come: TransportSocket where empty.
	Transport string
	// SigningSecret, of the page Basic Information, proves with TransportHTTP
	// that a request is Slack's.
	SigningSecret string
	// Managers says who manages a channel: any of the words Admins, Creator and
	// Everyone, IDs of user groups (S...) and of persons (U..., W...). Admins and
	// Creator where empty.
	Managers []string
	APIURL   string // https://slack.com/api/ where empty
	// Commands are for menus: Slack takes no registration.
	Commands []bot.Command
	// Limiter is shared by all replicas of the bot; one of this process where nil.
	Limiter bot.Limiter
	Logger  *slog.Logger
	// OAuth lets people install the app in workspaces of their own, beside that
	// of BotToken or without one; nil where they may not.
	OAuth *OAuth
}

// The transports of commands.
const (
	TransportSocket = "socket" // Socket Mode: the bot opens the connections
	TransportHTTP   = "http"   // Slack posts to Endpoints, as through a load balancer
)

const (
	platformName   = "slack"
	defaultAPIURL  = "https://slack.com/api/"
	requestTimeout = 15 * time.Second
)

// A Platform is the bot in the workspace of its token, and in those where the
// app was installed.
type Platform struct {
	*workspace                          // of BotToken
	stagger    time.Duration            // between the first connection and the second
	receiver   atomic.Pointer[receiver] // of what comes to Endpoints, nil before Run
	taken      signatures
	teams      teams
}

// A workspace is the bot in one workspace, by one token.
type workspace struct {
	Options
	space   string // "slack", or "slack:T0123456789" of an installation
	client  *client
	install bot.Installation // where it is one
	asked   *asked           // what Slack said of people lately, in all workspaces

	mu   sync.Mutex
	self *slack.AuthTestResponse // who the bot is, once that is known

	creators map[string]string // who made each channel that was seen
	direct   map[string]string // the channel of direct messages with each person

	files map[[sha256.Size]byte]string // of the pictures that were uploaded
}

var (
	_ bot.Platform = (*Platform)(nil)
	_ bot.Teller   = (*Platform)(nil)
	_ bot.Rester   = (*Platform)(nil)
)

// New makes a platform. It asks Slack nothing; Check does.
func New(o Options) (*Platform, error) {
	switch {
	case o.BotToken == "" && o.OAuth != nil:
	case o.BotToken == "":
		return nil, errors.New("slack: no bot token: set slack.bot_token or SLACK_BOT_TOKEN to the one from the page OAuth & Permissions of your app")
	case strings.HasPrefix(o.BotToken, "xapp-"):
		return nil, errors.New("slack: the bot token is an app token: slack.bot_token wants the one that begins with xoxb-, slack.app_token the one with xapp-")
	case !strings.HasPrefix(o.BotToken, "xox") || strings.ContainsAny(o.BotToken, " \t\r\n"):
		return nil, errors.New("slack: the bot token has an unknown form: want the one from the page OAuth & Permissions of your app, which begins with xoxb-")
	}
	switch {
	case o.AppToken != "" && (!strings.HasPrefix(o.AppToken, "xapp-") || strings.ContainsAny(o.AppToken, " \t\r\n")):
		return nil, errors.New("slack: the app token has an unknown form: want the one from the page Basic Information of your app, which begins with xapp-")
	case o.Transport != "" && o.Transport != TransportSocket && o.Transport != TransportHTTP:
		return nil, fmt.Errorf("slack: transport %q: want socket or http", o.Transport)
	case o.Transport == TransportHTTP && o.SigningSecret == "":
		return nil, errors.New("slack: no signing secret: over HTTP, set slack.signing_secret or SLACK_SIGNING_SECRET to the one from the page Basic Information of your app")
	}
	managers, err := parseManagers(o.Managers)
	if err != nil {
		return nil, err
	}
	o.Managers = managers
	o.APIURL = strings.TrimRight(cmp.Or(o.APIURL, defaultAPIURL), "/") + "/" // slack-go appends the method's name
	if u, err := url.Parse(o.APIURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("slack: api url %q: want http:// or https:// and a host", o.APIURL)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limiter == nil {
		o.Limiter = bot.NewLimiter(time.Now)
	}
	if o.OAuth != nil {
		if err := o.OAuth.check(); err != nil {
			return nil, err
		}
	}
	home := &workspace{Options: o, space: platformName, client: newClient(o, tokenName(o.BotToken), newHTTP()), asked: newAsked()}
	p := &Platform{workspace: home, stagger: defaultStagger}
	p.taken.tell.Interval = time.Minute
	return p, nil
}

// Name returns "slack".
func (p *Platform) Name() string { return platformName }

// Post makes one chat.postMessage request, and another only after a refusal
// that could be put right.
func (p *workspace) Post(ctx context.Context, post bot.Post) (bot.MessageID, error) {
	id, err := p.place(ctx, post.Channel)
	if err != nil {
		return "", err
	}
	joined, plain, file := false, false, p.file(ctx, post.Card.Picture)
	for {
		var ts bot.MessageID
		err := p.shown(ctx, file, func(with string) (err error) {
			file = with
			ts, err = p.post(ctx, id, post, with, plain)
			return err
		})
		switch {
		case err == nil:
			return ts, nil
		case !joined && hasCode(err, "not_in_channel"):
			if joinErr := p.join(ctx, id); joinErr != nil {
				return "", joinErr
			}
			joined = true
		case post.Card.Image != "" && hasCode(err, "invalid_blocks"):
			p.Logger.Warn("slack refuses the message; it is sent without its picture", "channel", post.Channel, "err", err)
			post.Card.Image = ""
		case !plain && blocksRefused(err):
			p.Logger.Warn("slack refuses the message; it is sent as text", "channel", post.Channel, "err", err)
			plain = true
		case post.Thread != "" && hasCode(err, "thread_not_found", "message_not_found"):
			post.Thread = ""
		default:
			return "", err
		}
	}
}

// message is what is sent of a post. A plain one has no blocks, so that the
// metadata alone marks it.
func message(post bot.Post, file string, plain bool) Message {
	m := RenderWith(post.Card, post.Key, file)
	if plain {
		m.Blocks = nil
		if u := entities.Replace(webURL(post.Card.URL, linkURLMax)); u != "" && length(m.Text+"\n<"+u+">") <= textMax {
			m.Text += "\n<" + u + ">"
		}
	}
	return m
}

// post makes the request itself.
func (p *workspace) post(ctx context.Context, channel string, post bot.Post, file string, plain bool) (bot.MessageID, error) {
	m := message(post, file, plain)
	m.mention(post.Card.Mention)
	options := append(m.options(), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if post.Thread != "" {
		options = append(options, slack.MsgOptionTS(string(post.Thread)))
	}
	var ts string
	err := p.client.callIn(ctx, methodPost, channel, func(ctx context.Context) (err error) {
		_, ts, err = p.client.api.PostMessageContext(ctx, channel, options...)
		return err
	})
	if err == nil && ts == "" {
		err = fmt.Errorf("post to slack channel %s: the answer names no message", channel)
	}
	return bot.MessageID(ts), err
}

// options are what posting and updating have in common.
func (m Message) options() []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionLinkNames(false),
	}
	if m.Metadata != nil {
		options = append(options, slack.MsgOptionMetadata(*m.Metadata))
	}
	return options
}

// join makes the bot a member of a public channel. Its error is that of the
// post which needed it.
func (p *workspace) join(ctx context.Context, channel string) error {
	err := p.client.call(ctx, methodJoin, func(ctx context.Context) error {
		_, _, _, err := p.client.api.JoinConversationContext(ctx, channel)
		return err
	})
	if err == nil {
		p.Logger.Info("joined a slack channel to post to it", "channel", channel)
		return nil
	}
	e, definite := asSendError(err)
	switch {
	case !definite:
		// Nothing was posted, whatever became of joining.
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: busyWait, Reason: "the channel could not be joined", Err: err}
	case e.Outcome == bot.Throttled, e.Outcome == bot.Halted && !hasCode(err, "missing_scope"):
		return err
	}
	return &bot.SendError{Outcome: bot.Suspended, Reason: verdicts["not_in_channel"].reason, Err: e.Err}
}

// Edit replaces the card of a message. A message that was deleted is Rejected.
func (p *workspace) Edit(ctx context.Context, post bot.Post, message bot.MessageID) error {
	id, err := p.place(ctx, post.Channel)
	if err != nil {
		return err
	}
	if !isTimestamp(string(message)) {
		return &bot.SendError{Outcome: bot.Rejected, Reason: fmt.Sprintf("%q is no message of Slack", message)}
	}
	err = p.shown(ctx, p.file(ctx, post.Card.Picture), func(file string) error { return p.update(ctx, id, post, message, file, false) })
	if post.Card.Image != "" && hasCode(err, "invalid_blocks") {
		post.Card.Image = ""
		err = p.update(ctx, id, post, message, "", false)
	}
	if blocksRefused(err) {
		err = p.update(ctx, id, post, message, "", true)
	}
	return err
}

func (p *workspace) update(ctx context.Context, channel string, post bot.Post, ts bot.MessageID, file string, plain bool) error {
	m := message(post, file, plain)
	return p.client.call(ctx, methodUpdate, func(ctx context.Context) error {
		_, _, _, err := p.client.api.UpdateMessageContext(ctx, channel, string(ts), m.options()...)
		return err
	})
}

// channelID returns Slack's own id of a channel of many.
func channelID(c bot.Channel) (string, error) {
	id := localID(c)
	if c.Platform() != platformName || len(id) < 2 || len(id) > 32 || strings.IndexByte("CGD", id[0]) < 0 ||
		strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", &bot.SendError{
			Outcome: bot.Suspended,
			Reason:  fmt.Sprintf("%q is no channel of Slack: want slack: and the id at the bottom of the channel's details, such as C0123456789", c),
		}
	}
	return id, nil
}

// localID is the id of a channel or person within its workspace.
func localID(c bot.Channel) string {
	id := c.ID()
	return id[strings.LastIndexByte(id, '/')+1:]
}

// isTimestamp reports whether s is an id of a message: seconds, a point and
// six digits.
func isTimestamp(s string) bool {
	whole, part, ok := strings.Cut(s, ".")
	return ok && whole != "" && part != "" && len(s) <= 32 && strings.Trim(whole+part, "0123456789") == ""
}

// me returns who the bot is.
func (p *workspace) me(ctx context.Context) (*slack.AuthTestResponse, error) {
	p.mu.Lock()
	self := p.self
	p.mu.Unlock()
	if self != nil {
		return self, nil
	}
	err := p.client.call(ctx, methodAuth, func(ctx context.Context) (err error) {
		self, err = p.client.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.self = self
	return self, nil
}
