package discord

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// A client makes single requests to Discord's REST interface: it waits for
// the pace, sends once and reads the answer, and repeats nothing.
type client struct {
	session *discordgo.Session // for requests alone, never opened
	pace    *pace
	token   string
}

// A request is one call. endpoint is one of discordgo's.
type request struct {
	method, endpoint string
	route            string        // what Discord's limit counts: method and channel; "" where only the global one holds
	body             any           // as JSON, with the file of one that is filed; nil for none
	patience         time.Duration // how long it may wait for its turn; shortWait where 0
	unlimited        bool          // interactions are outside of the global limit
}

// shortWait is how long a request waits for its turn rather than be refused.
const shortWait = 2 * time.Second

// answerMax bounds an answer: a hundred messages at their largest.
const answerMax = 16 << 20

func newClient(o Options) (*client, error) {
	s, err := discordgo.New("Bot " + o.Token)
	if err != nil {
		return nil, fmt.Errorf("discord: %w", err)
	}
	s.ShouldRetryOnRateLimit = false
	s.MaxRestRetries = 0
	s.StateEnabled = false
	s.UserAgent = cmp.Or(o.UserAgent, s.UserAgent)
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 16
	s.Client = &http.Client{
		Timeout:   requestTimeout,
		Transport: &transport{base: base, api: o.APIURL},
		// A redirected POST would be a second request.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	sum := sha256.Sum256([]byte(o.Token))
	name := hex.EncodeToString(sum[:6]) // of the token, for keys that others may read
	return &client{session: s, pace: newPace(time.Now, o.Limiter, name, o.Logger), token: o.Token}, nil
}

// do makes one request and returns the body of a successful answer. A
// *bot.SendError is Discord's definite refusal, or that nothing was sent; any
// other error leaves the request in doubt. No error holds the token.
func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	turn, err := c.wait(ctx, r)
	if err != nil {
		return nil, err
	}
	var x exchange
	defer func() { turn.End(ctx, x.connected) }()
	ctx = context.WithValue(ctx, exchangeKey{}, &x)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.connected = true }})
	body, kind, err := encode(r.body)
	if err != nil {
		return nil, &bot.SendError{Outcome: bot.Rejected, Reason: "the message cannot be written as JSON", Err: err}
	}
	// A bucket of its own for each call: discordgo sleeps in a bucket that is
	// used up without looking at the context, and never forgets one. What it
	// makes of the answer is left aside; the exchange has it as it came.
	bucket := discordgo.NewRatelimiter().LockBucket("once")
	_, err = c.session.RequestWithLockedBucket(r.method, r.endpoint, kind, body, bucket, 0, discordgo.WithContext(ctx))
	if x.status == 0 {
		if err == nil {
			err = errors.New("no answer")
		}
		return nil, c.unanswered(r, x.connected, err)
	}
	c.pace.learn(ctx, r.route, x)
	if x.status/100 == 2 {
		return x.body, nil
	}
	return nil, refusal(r, x, c.redact)
}

// get reads endpoint into out.
func (c *client) get(ctx context.Context, endpoint string, out any) error {
	answer, err := c.do(ctx, request{method: http.MethodGet, endpoint: endpoint})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("discord: GET %s: %w", path(endpoint), err)
	}
	return nil
}

// wait returns when r may be sent, or Throttled where that is too far off.
func (c *client) wait(ctx context.Context, r request) (*bot.Turn, error) {
	patience := r.patience
	if patience == 0 {
		patience = shortWait
	}
	turn, d, err := c.pace.wait(ctx, r.route, patience, r.unlimited)
	if err != nil && ctx.Err() == nil {
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second, Reason: "the limiter that the replicas share does not answer", Err: err}
	} else if err != nil {
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "stopped while it waited for its turn", Err: err}
	}
	if d > 0 {
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: d, Reason: "Discord's rate limit is used up"}
	}
	return turn, nil
}

// unanswered is the error of a request that got no answer. One that found no
// connection was not sent.
func (c *client) unanswered(r request, connected bool, err error) error {
	// The URL of an interaction holds its token, so the error that names it goes.
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if text := err.Error(); c.redact(text) != text {
		err = errors.New(c.redact(text))
	}
	if !connected {
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second, Reason: "Discord cannot be reached", Err: err}
	}
	return fmt.Errorf("discord: no answer to %s %s: %w", r.method, path(r.endpoint), err)
}

// redact takes the token out of text that came from outside.
func (c *client) redact(text string) string { return strings.ReplaceAll(text, c.token, "[redacted]") }

// path names an endpoint in errors and logs, without the secrets that some hold.
func path(endpoint string) string {
	p := strings.TrimPrefix(endpoint, discordgo.EndpointAPI)
	for _, secret := range []string{"interactions/", "webhooks/"} {
		if strings.HasPrefix(p, secret) {
			return secret + "…"
		}
	}
	p, _, _ = strings.Cut(p, "?")
	return p
}

// An exchange is what came back for one request.
type exchange struct {
	connected bool // the request may have left
	status    int  // 0 while there is no whole answer
	header    http.Header
	body      []byte
}

type exchangeKey struct{}

// A transport sends requests for Discord's API to api and records the answers.
type transport struct {
	base http.RoundTripper
	api  string
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	rest, ok := strings.CutPrefix(req.URL.String(), discordAPI)
	if !ok {
		return nil, fmt.Errorf("%s is not Discord's API", req.URL.Host)
	}
	target, err := url.Parse(t.api + rest)
	if err != nil {
		return nil, fmt.Errorf("api url: %w", err)
	}
	req = req.Clone(req.Context())
	req.URL, req.Host = target, target.Host
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

// discordAPI is what all of discordgo's endpoints begin with, before the version.
var discordAPI = discordgo.EndpointDiscord + "api"
