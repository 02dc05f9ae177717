package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// The methods that are called: docs.slack.dev/reference/methods.
const (
	methodAuth    = "auth.test"
	methodOpen    = "apps.connections.open"
	methodPost    = "chat.postMessage"
	methodUpdate  = "chat.update"
	methodHistory = "conversations.history"
	methodReplies = "conversations.replies"
	methodInfo    = "conversations.info"
	methodJoin    = "conversations.join"
	methodDirect  = "conversations.open"
	methodWhisper = "chat.postEphemeral"
	methodView    = "views.open"
	methodPublish = "views.publish"
	methodRespond = "response_url"

	methodUser     = "users.info"
	methodChannels = "users.conversations"
	methodGroup    = "usergroups.users.list"
	methodGroups   = "usergroups.list"

	methodUploadURL = "files.getUploadURLExternal"
	methodUpload    = "upload_url"
	methodUploaded  = "files.completeUploadExternal"
)

// A client makes single requests to Slack and repeats nothing.
type client struct {
	api     *slack.Client
	http    *http.Client
	pace    *pace
	log     *slog.Logger
	secrets []string
	// broken is why there is no token to make requests with, nil where there is
	// one. A response_url needs none.
	broken *bot.SendError
}

// answerMax bounds an answer: a hundred messages at their largest.
const answerMax = 16 << 20

// tokenName names a token in keys that others may read.
func tokenName(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:6])
}

// newHTTP makes what all clients of a Platform share.
func newHTTP() *http.Client {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 16
	return &http.Client{
		Timeout:   requestTimeout,
		Transport: &transport{base},
		// A redirected POST would be a second request.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newClient makes a client with the tokens of o. Its pace is shared with all of
// that name.
func newClient(o Options, name string, h *http.Client) *client {
	c := &client{
		http: h, pace: newPace(o.Limiter, name), log: o.Logger,
		api: slack.New(o.BotToken, slack.OptionAPIURL(o.APIURL), slack.OptionHTTPClient(h), slack.OptionAppLevelToken(o.AppToken)),
	}
	for _, s := range []string{o.BotToken, o.AppToken, o.SigningSecret, o.clientSecret()} {
		if s != "" {
			c.secrets = append(c.secrets, s)
		}
	}
	return c
}

// call makes the one request that f consists of. A *bot.SendError is Slack's
// definite refusal, or that nothing was sent; any other error leaves the
// request in doubt. What slack-go makes of a failure differs from one to the
// next, so the answer is judged as it came. No error holds a token.
func (c *client) call(ctx context.Context, method string, f func(context.Context) error) error {
	return c.callIn(ctx, method, "", f)
}

// callIn is call for a method that posts to a channel.
func (c *client) callIn(ctx context.Context, method, channel string, f func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "stopped before it was sent", Err: err}
	}
	if c.broken != nil && method != methodRespond {
		return c.broken
	}
	turns, err := c.pace.wait(ctx, method, channel)
	if err != nil {
		return err
	}
	x := &exchange{}
	defer func() {
		for _, t := range turns {
			t.End(ctx, x.connected)
		}
	}()
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.connected = true }})
	err = f(ctx)
	switch {
	case x.status == 0 && err == nil:
		return c.unanswered(method, true, errors.New("no answer"))
	case x.status == 0:
		return c.unanswered(method, x.connected, err)
	}
	refused := c.refusal(method, x)
	if e, ok := asSendError(refused); ok && e.Outcome == bot.Throttled && x.limited {
		if err := c.pace.pause(ctx, method, e.RetryAfter); err != nil {
			c.log.Warn("the other replicas were not told of Slack's limit", "method", method, "err", err)
		}
	}
	if refused == nil && err != nil {
		return c.unanswered(method, true, err) // an answer that slack-go could not read
	}
	return refused
}

// unanswered is the error of a request that got no answer. One that found no
// connection was not sent.
func (c *client) unanswered(method string, connected bool, err error) error {
	// The URL of a response holds a secret, so the error that names it goes.
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if t := err.Error(); c.redact(t) != t {
		err = errors.New(c.redact(t))
	}
	if !connected {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: unreachableWait, Reason: "Slack cannot be reached", Err: err}
	}
	return fmt.Errorf("slack: no answer to %s: %w", method, err)
}

// unreachableWait is the wait after a connection that was not made.
const unreachableWait = 5 * time.Second

// redact takes the tokens out of text that came from outside.
func (c *client) redact(s string) string {
	for _, secret := range c.secrets {
		s = strings.ReplaceAll(s, secret, "[redacted]")
	}
	return s
}

// An exchange is what came back for one request.
type exchange struct {
	connected bool // the request may have left
	status    int  // 0 while there is no whole answer
	header    http.Header
	body      []byte
	limited   bool // the answer is a rate limit
}

type exchangeKey struct{}

// A transport records the answers.
type transport struct{ base *http.Transport }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if x, ok := req.Context().Value(exchangeKey{}).(*exchange); ok {
		x.status, x.header, x.body = resp.StatusCode, resp.Header, body
	}
	return resp, nil
}

func (o Options) clientSecret() string {
	if o.OAuth == nil {
		return ""
	}
	return o.OAuth.ClientSecret
}
