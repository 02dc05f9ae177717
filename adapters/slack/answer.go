package slack

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

const (
	// ackAfter is when a question is acknowledged whose answer is not there yet.
	ackAfter = 1500 * time.Millisecond
	// ackTime is until when Slack waits for the acknowledgement.
	ackTime = 3 * time.Second
	// answerTime is until when Slack takes the answer, with a margin, and
	// answerTries how often it is sent, of the five times that Slack allows:
	// docs.slack.dev/interactivity/handling-user-interaction#message_responses.
	answerTime  = 29 * time.Minute
	answerTries = 3
	answerAgain = 500 * time.Millisecond
)

// A question is an invocation with the way to answer it.
type question struct {
	invocation  bot.Invocation
	responseURL string // a secret for half an hour
	inAck       bool   // the acknowledgement may hold the answer, or what is wrong with a form
	replaces    bool   // replace_original means an earlier answer, as nothing else can be meant
	trigger     string // opens a modal within three seconds
	submitted   bool   // it is what was filled in
	whispered   bool   // the pressed button stands in a message that only the person sees
	team        string // where it was asked
	home        *home  // the person's page that it was asked on, nil where it was elsewhere
}

// An answer is what an acknowledgement or a response_url takes.
type answer struct {
	Type    string        `json:"response_type"` // ephemeral or in_channel
	Replace bool          `json:"replace_original"`
	Text    string        `json:"text"`
	Blocks  []slack.Block `json:"blocks"`
	Unfurl  bool          `json:"unfurl_links"`
	Media   bool          `json:"unfurl_media"`
}

// answerFrom renders a reply, without its picture: where Slack cannot fetch
// one it drops the whole answer, and says nothing to an acknowledgement. What
// is to take a message's place does so where that is one person's alone, and
// is private wherever it stands.
func (q question) answerFrom(r bot.Reply, file string) answer {
	r.Card.Image = ""
	m := RenderWith(r.Card, "", file)
	a := answer{Type: "in_channel", Text: m.Text, Blocks: m.Blocks, Replace: r.Replace && q.whispered}
	if r.Private || r.Replace {
		a.Type = "ephemeral"
	}
	return a
}

// pictured reports whether an answer shows its picture: no file can be shown in
// a message that one person sees (github.com/slackapi/node-slack-sdk/issues/1790),
// so there its words stand for it.
func pictured(r bot.Reply) bool { return fits(r.Card.Picture) && !r.Private && !r.Replace }

// fromCommand reads a slash command. The trigger is the same in a redelivered
// envelope, unlike the envelope's id.
func fromCommand(c slack.SlashCommand, envelope string) question {
	q := question{responseURL: c.ResponseURL, trigger: c.TriggerID, replaces: true, invocation: bot.Invocation{
		ID:      cmp.Or(c.TriggerID, envelope),
		Channel: bot.Channel(platformName + ":" + c.ChannelID),
		User:    c.UserID, Space: c.TeamID,
		Line: typed(c.Text),
	}, team: c.TeamID}
	return q.placed(c.ChannelID)
}

// fromAction reads a pressed button or a choice in a menu; ok is false for
// buttons that open a page. Those that are not ours ask bot.NoButton.
func fromAction(table []bot.Command, c slack.InteractionCallback, envelope string) (question, bool) {
	if c.Type != slack.InteractionTypeBlockActions {
		return question{}, false
	}
	for _, a := range c.ActionCallback.BlockActions {
		line, ok := ButtonLine(a.ActionID, unescape.Replace(a.Value))
		if !ok {
			line, ok = MenuLine(table, a.ActionID, unescape.Replace(a.SelectedOption.Value))
		}
		if !ok && opensPage(a) {
			continue
		}
		if !ok {
			line = bot.NoButton
		}
		on, channel, onHome := fromHome(c, a)
		if !onHome {
			channel = cmp.Or(c.Channel.ID, c.Container.ChannelID)
		}
		q := question{responseURL: c.ResponseURL, trigger: c.TriggerID, whispered: c.Container.IsEphemeral, invocation: bot.Invocation{
			ID:      cmp.Or(c.TriggerID, envelope),
			Channel: bot.Channel(platformName + ":" + channel),
			User:    c.User.ID, Space: c.Team.ID,
			Line: line, Home: onHome,
		}, team: c.Team.ID}
		if onHome {
			q.home = &on
		}
		return q.placed(channel), true
	}
	return question{}, false
}

// opensPage reports whether a button asks nothing: Slack tells of it all the
// same.
func opensPage(a *slack.BlockAction) bool {
	return a.Type == "button" && a.Value == "" && strings.HasPrefix(a.ActionID, idPrefix)
}

// placed leaves the workspace out in a direct message, which is the person's own.
func (q question) placed(channel string) question {
	if channel != "" && (channel[0] == 'D' || channel[0] == bot.PersonMark[0]) {
		q.invocation.Space, q.invocation.Manager, q.invocation.Speaker = "", true, true
	}
	return q
}

// answer handles one question that was received at a given time. ack
// acknowledges it, with an answer or nil, and reports whether that was taken.
func (p *Platform) answer(ctx context.Context, h bot.Handler, q question, received time.Time, ack func(payload any) bool) {
	ctx, cancel := context.WithDeadline(ctx, received.Add(answerTime))
	defer cancel()
	type result struct {
		reply bot.Reply
		ok    bool
		at    *workspace
	}
	done := make(chan result, 1)
	finished := make(chan struct{})
	defer func() { <-finished }()
	go func() {
		defer close(finished)
		at, err := p.located(ctx, q.team)
		if err != nil {
			p.Logger.Warn("a question from a workspace that the bot is not in", "team", firstLine(q.team), "err", err)
			done <- result{notHere(err), true, p.workspace}
			return
		}
		inv := q.invocation
		inv.Channel = bot.In(at.space, localID(inv.Channel))
		p.entitle(&inv)
		p.identify(ctx, at, &inv)
		if q.home != nil {
			inv.Locale = p.locale(ctx, at.space, inv.User)
			if r, no := p.strange(ctx, at.space, inv); no {
				done <- result{r, true, at}
				return
			}
		}
		r, ok := h.Handle(ctx, inv)
		done <- result{r, ok, at}
	}()
	if !q.inAck {
		ack(nil)
	}
	timer := time.NewTimer(time.Until(received.Add(ackAfter)))
	defer timer.Stop()
	var r result
	acked := !q.inAck
	for waiting := true; waiting; {
		select {
		case r = <-done:
			waiting = false
		case <-timer.C:
			if !acked {
				acked = true
				ack(nil)
			}
		}
	}
	switch {
	case !acked && q.submitted && len(r.reply.Wrong) > 0 && ack(stayWith(r.reply.Wrong)):
		return
	case q.home != nil:
		if !acked {
			ack(nil)
		}
		if r.ok {
			p.replied(ctx, h, q, r.at, r.reply, received)
		}
		return
	case !r.ok:
		if !acked {
			ack(nil)
		}
		return
	case !acked && !q.submitted && r.reply.Form == nil && !pictured(r.reply) && ack(q.answerFrom(r.reply, "")):
		return
	case !acked:
		ack(nil) // the answer is a form, that of one, or larger than an acknowledgement, or its socket is gone
	}
	if r.reply.Form != nil && q.trigger != "" && p.opens(ctx, q, r.at, *r.reply.Form, received) {
		return
	}
	file := ""
	if pictured(r.reply) {
		file = r.at.file(ctx, r.reply.Card.Picture)
	}
	err := r.at.shown(ctx, file, func(file string) error { return p.respond(ctx, q, r.at, q.answerFrom(r.reply, file)) })
	if err != nil {
		p.Logger.Error("the answer did not reach slack", "channel", q.invocation.Channel, "err", err)
	}
}

// respond sends the answer to the question's response_url. Where no answer
// comes back it is sent again only if Slack can be told to replace the first:
// for a button that would replace the message it stands in, which is harmless
// where just that is meant.
func (p *Platform) respond(ctx context.Context, q question, at *workspace, a answer) error {
	for tries := 1; ; tries++ {
		if q.responseURL == "" {
			return p.whisper(ctx, q, at, a)
		}
		err := p.client.respond(ctx, q.responseURL, a)
		if err == nil || tries == answerTries {
			return err
		}
		wait := time.Duration(tries) * answerAgain
		if e, definite := asSendError(err); definite {
			if e.Outcome != bot.Throttled && q.submitted {
				q.responseURL = "" // its time was over before the form was filled in
				continue
			} else if e.Outcome != bot.Throttled {
				return err
			}
			wait = max(wait, e.RetryAfter)
		} else if a.Replace = a.Replace || q.replaces; !a.Replace {
			return err
		}
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// respond makes one request to a response_url.
func (c *client) respond(ctx context.Context, address string, a answer) error {
	return c.call(ctx, methodRespond, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(encode(a)))
		if err != nil {
			return fmt.Errorf("the response_url is no address")
		}
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		resp, err := c.http.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}
