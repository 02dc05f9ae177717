// Package discord posts cards to Discord and takes commands from it. It owns
// the payloads, the pace of requests, what an answer means, and the gateway
// connection; it keeps nothing that outlives the process.
//
// # Posting
//
// Post is one request: create-message with the delivery key as nonce and
// enforce_nonce, so that Discord itself refuses a second message for some
// minutes, and with the key in each button's custom_id, so that Find knows
// the message for as long as it stands. No request is repeated here: an
// answer that says what happened becomes an id or a *bot.SendError, anything
// else (time-out, 5xx, cut connection) is returned as it is and leaves the
// post in doubt.
//
// # Pace
//
// Requests wait for the limits that Discord's own headers announce, and for
// its 50 a second in all; where the wait would be long, Post returns
// Throttled instead. See pace.go.
//
// # Commands
//
// Run registers the commands where they differ from what Discord has, and
// answers each interaction within the three seconds that Discord gives. They
// come over one gateway connection that asks for the GUILDS intent alone; one
// that ends or hangs is replaced by a new session, never more often than
// Discord allows. With the application's public key they come as signed HTTP
// requests instead, and no connection is opened: see endpoint.go. From there on
// both go the same way, answers included. A crash loses the commands under way
// and nothing else.
package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// Options make a Platform.
type Options struct {
	Token         string // of the bot, without the word "Bot"
	ApplicationID string // asked from Discord where empty
	APIURL        string // https://discord.com/api where empty
	GatewayURL    string // the socket to connect to; what Discord names where empty
	// PublicKey is the application's, 64 hexadecimal digits: with it interactions
	// are taken from Endpoints alone, and Run opens no gateway.
	PublicKey string
	Memory    Memory // of signed requests, shared by all replicas; this process's own where nil
	Commands  []bot.Command
	Guilds    []string    // the servers that alone have the commands; all, and direct messages, where empty
	Limiter   bot.Limiter // shared by all replicas of the bot; one of this process where nil
	Logger    *slog.Logger
	UserAgent string // "DiscordBot (url, version)", as Discord wants it; discordgo's where empty
}

const (
	platformName   = "discord"
	defaultAPIURL  = "https://discord.com/api"
	requestTimeout = 15 * time.Second
)

// A Platform is one bot account on Discord.
type Platform struct {
	Options
	client   *client
	endpoint *endpoint // nil where interactions come over the gateway
	patience patience
	named    *regexp.Regexp // commands as people type them elsewhere; nil for none

	known         directory
	changes       chan bot.Change // that the bot is told of
	announcements announcements

	mu      sync.Mutex
	self    string            // the bot's user id, once it is known
	direct  map[string]string // the channel of direct messages with each person
	noticed func(context.Context, bot.Change)
}

var (
	_ bot.Platform = (*Platform)(nil)
	_ bot.Teller   = (*Platform)(nil)
	_ bot.Sentry   = (*Platform)(nil)
)

// New makes a platform. It asks Discord nothing; Check does.
func New(o Options) (*Platform, error) {
	switch {
	case o.Token == "":
		return nil, fmt.Errorf("discord: no token: set discord.token or DISCORD_TOKEN to the one from the page Bot of your application")
	case strings.HasPrefix(o.Token, "Bot ") || strings.ContainsAny(o.Token, " \t\r\n"):
		return nil, fmt.Errorf(`discord: the token holds a blank: leave out the word "Bot" and line breaks`)
	case o.ApplicationID != "" && !isSnowflake(o.ApplicationID):
		return nil, fmt.Errorf("discord: application id %q: want the number from the page General Information of your application", o.ApplicationID)
	}
	o.APIURL = strings.TrimRight(cmp.Or(o.APIURL, defaultAPIURL), "/")
	if !strings.HasPrefix(o.APIURL, "http://") && !strings.HasPrefix(o.APIURL, "https://") {
		return nil, fmt.Errorf("discord: api url %q: want http:// or https://", o.APIURL)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limiter == nil {
		o.Limiter = bot.NewLimiter(time.Now)
	}
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	p := &Platform{
		Options: o, client: c, patience: usualPatience, named: commandsOf(o.Commands),
		changes: make(chan bot.Change, changesMost), announcements: announcements{wake: make(chan struct{}, 1)},
	}
	if o.PublicKey != "" {
		if p.endpoint, err = newEndpoint(o); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Name returns "discord".
func (p *Platform) Name() string { return platformName }

// Post makes one create-message request, or one that adds a post to a forum,
// and another only where the first was refused for what the channel is. The key
// of a message that was deleted since is Duplicated.
func (p *Platform) Post(ctx context.Context, post bot.Post) (bot.MessageID, error) {
	channel, err := p.place(ctx, post.Channel)
	if err != nil {
		return "", err
	}
	id, err := p.postTo(ctx, channel, post)
	if hasCode(err, codeUnknownChannel) {
		p.forget(post.Channel) // it is opened anew with the next try
	}
	if err == nil {
		p.announced(post.Channel, channel, id)
	}
	return id, p.inOutage(channel, err)
}

func (p *Platform) postTo(ctx context.Context, channel string, post bot.Post) (bot.MessageID, error) {
	if thread, _, ok := splitForum(post.Thread); ok {
		if id, gone, err := p.answerInPost(ctx, thread, post); !gone {
			return id, err
		}
		post.Thread = "" // it stands by itself
	}
	of, _ := p.known.find(channel)
	if of.forum() {
		return p.postThread(ctx, channel, of, post)
	}
	m := Render(post.Card, post.Key)
	m.mention(post.Card.Mention)
	if isSnowflake(string(post.Thread)) {
		// An answer to a message that is gone stands by itself.
		m.Reference = &Reference{MessageID: string(post.Thread)}
	}
	id, err := p.send(ctx, channel, m)
	if m.Reference != nil && hasCode(err, codeNoHistory) {
		m.Reference = nil // so does one that the bot may not point to
		id, err = p.send(ctx, channel, m)
	}
	if noMessages(err) {
		if of, failed := p.lookUp(ctx, channel); failed == nil && of.forum() {
			return p.postThread(ctx, channel, of, post)
		}
	}
	return bot.MessageID(id), err
}

// send makes one create-message request.
func (p *Platform) send(ctx context.Context, channel string, m Message) (id string, err error) {
	answer, err := p.client.do(ctx, request{method: http.MethodPost, endpoint: discordgo.EndpointChannelMessages(channel), route: "POST " + channel, body: m})
	if err != nil {
		return "", err
	}
	var posted struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &posted); err != nil || posted.ID == "" {
		return "", fmt.Errorf("post to discord channel %s: the answer names no message", channel)
	}
	return posted.ID, nil
}

// announced lets a message that stands in a channel of many be published,
// where it is one of an announcement channel.
func (p *Platform) announced(c bot.Channel, channel string, id bot.MessageID) {
	if _, person := c.Person(); !person && isSnowflake(string(id)) {
		p.publish(channel, string(id), time.Now())
	}
}

// An edit is the body of edit-message. Fields are always sent, as an absent
// one would keep what the message had: allowed_mentions its defaults, which
// mention everybody.
type edit struct {
	Embeds          []*discordgo.MessageEmbed `json:"embeds"`
	Components      []Row                     `json:"components"`
	Attachments     []Attachment              `json:"attachments"`
	AllowedMentions AllowedMentions           `json:"allowed_mentions"`

	file []byte // of the attachment
}

func editOf(m Message) edit {
	e := edit{Embeds: m.Embeds, Components: m.Components, AllowedMentions: m.AllowedMentions, Attachments: m.Attachments, file: m.file}
	if e.Components == nil {
		e.Components = []Row{}
	}
	if e.Attachments == nil {
		e.Attachments = []Attachment{}
	}
	return e
}

// Edit replaces the card of a message. A message that was deleted is Rejected.
func (p *Platform) Edit(ctx context.Context, post bot.Post, message bot.MessageID) error {
	id, err := p.place(ctx, post.Channel)
	if err != nil {
		return err
	}
	thread, inPost, ok := splitForum(message)
	if ok {
		id, message = thread, bot.MessageID(inPost)
	}
	if !isSnowflake(string(message)) {
		return &bot.SendError{Outcome: bot.Rejected, Reason: fmt.Sprintf("%q is no message of Discord", message)}
	}
	_, err = p.client.do(ctx, request{
		method: http.MethodPatch, endpoint: discordgo.EndpointChannelMessage(id, string(message)), route: "PATCH " + id,
		body: editOf(Render(post.Card, post.Key)),
	})
	err = p.inOutage(id, err)
	if ok {
		err = editInPost(err)
	}
	return err
}

// channelID returns Discord's own id of a channel of many.
func channelID(c bot.Channel) (string, error) {
	if c.Platform() != platformName || !isSnowflake(c.ID()) {
		return "", &bot.SendError{
			Outcome: bot.Suspended,
			Reason:  fmt.Sprintf("%q is no channel of Discord: want discord: and the number that Copy Channel ID gives", c),
		}
	}
	return c.ID(), nil
}

// isSnowflake reports whether s is an id of Discord: a decimal number.
func isSnowflake(s string) bool {
	if s == "" || len(s) > 20 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// me returns the bot's user id.
func (p *Platform) me(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.self != "" {
		return p.self, nil
	}
	var u struct {
		ID string `json:"id"`
	}
	if err := p.client.get(ctx, discordgo.EndpointUser("@me"), &u); err != nil {
		return "", err
	}
	p.self = u.ID
	return p.self, nil
}
