package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"newsdesk/bot"
)

// Codes of Discord's errors that are told apart elsewhere:
// discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes.
const (
	codeUnknownChannel     = 10003
	codeUnknownGuild       = 10004
	codeUnknownMember      = 10007
	codeUnknownMessage     = 10008
	codeUnknownCommand     = 10063
	codeForumTag           = 40067
	codeCrossposted        = 40033
	codeMissingAccess      = 50001
	codeMalformed          = 50035
	codeLocked             = 160005
	codeArchived           = 50083
	codeNoHistory          = 160002
	codeUnknownInteraction = 10062
	codeUnknownWebhook     = 10015
	codeWebhookToken       = 50027
	codeAlreadyAnswered    = 40060
	codeInvalidRecipient   = 50033
)

// A verdict is what a code means for the deliveries behind it.
type verdict struct {
	outcome bot.Outcome
	reason  string
}

var verdicts = map[int]verdict{
	10003: {bot.Suspended, "the channel does not exist any more, or the bot cannot see it"},
	10004: {bot.Suspended, "the server does not exist any more, or the bot was removed from it: invite it again"},
	40001: {bot.Halted, tokenDead},
	40007: {bot.Suspended, "the bot is banned from this server"},
	40333: {bot.Halted, "Discord's gatekeeper blocks this machine: check the User-Agent, and wait some minutes"},
	50001: {bot.Suspended, "the bot cannot see the channel: give it View Channel there"},
	10013: {bot.Suspended, "there is no such person on Discord"},
	50007: {bot.Suspended, "the person takes no direct messages from the bot"},
	50278: {bot.Suspended, "the person shares no server with the bot any more, and takes no direct messages from it"},
	50009: {bot.Suspended, "the channel's verification level keeps the bot out"},
	50013: {bot.Suspended, "the bot may not post there: give it Send Messages and Embed Links in the channel"},
	50014: {bot.Halted, tokenDead},
	50083: {bot.Suspended, "the thread is archived"},

	codeInvalidRecipient: {bot.Suspended, "Discord lets the bot send this person no direct messages"},
	160002:               {bot.Suspended, "the bot may not answer there: give it Read Message History in the channel"},
	160005:               {bot.Suspended, "the thread is locked: give the bot Manage Threads, or choose another channel"},
	160006:               {bot.Suspended, "the server has too many active threads"},
	160007:               {bot.Suspended, "the server has too many active announcement threads"},

	50008:  {bot.Suspended, "this is no text channel: choose another"},
	50024:  {bot.Suspended, "messages cannot be posted to a channel of this type: choose a text channel"},
	40058:  {bot.Suspended, "this is a forum, which takes posts and no messages: choose a text channel or a post in it"},
	40067:  {bot.Suspended, "this forum wants a tag for every post and has none that the bot may give: add one, or do not require it"},
	220001: {bot.Suspended, "this is a forum, which takes posts and no messages: choose a text channel"},

	codeUnknownWebhook: {bot.Rejected, webhookGone},
	codeWebhookToken:   {bot.Rejected, webhookGone},

	40005:  {bot.Rejected, "the message is larger than Discord takes"},
	50006:  {bot.Rejected, "Discord calls the message empty"},
	50035:  {bot.Rejected, "Discord calls a part of the message malformed"},
	50109:  {bot.Rejected, "Discord cannot read the message"},
	20009:  {bot.Rejected, "the server does not take explicit content"},
	200000: {bot.Rejected, "the server's AutoMod blocked the message"},
	200001: {bot.Rejected, "the server's AutoMod blocked the title"},
	240000: {bot.Rejected, "Discord blocks a link in the message as harmful"},

	40003:  {bot.Throttled, "the bot opens direct messages too fast"},
	20022:  {bot.Throttled, "published messages may be edited only so often"},
	20016:  {bot.Throttled, "the channel has slow mode"},
	20028:  {bot.Throttled, "the channel's limit for writes is used up"},
	20029:  {bot.Throttled, "the server's limit for writes is used up"},
	40062:  {bot.Throttled, "Discord limits this service for the moment"},
	130000: {bot.Throttled, "Discord is overloaded"},
}

const tokenDead = "the token is not valid any more: copy a new one from the page Bot of your application"

// webhookGone is what becomes of an interaction's webhook after a quarter of an hour.
const webhookGone = "the time to answer is over"

// outageWait is how long a server that Discord cannot reach is left alone.
const outageWait = time.Minute

// busyWait is the wait after a moment's refusal that names none.
const busyWait = 30 * time.Second

// refusal turns an answer that is no success into an error: a *bot.SendError
// where it is definite.
func refusal(r request, x exchange, redact func(string) string) error {
	var body struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	isJSON := json.Unmarshal(x.body, &body) == nil
	answer := &answerError{method: r.method, path: path(r.endpoint), status: x.status, code: body.Code}
	answer.message = redact(firstLine(body.Message))
	if where := firstProblem(body.Errors); where != "" {
		answer.message += ": " + redact(where)
	}
	refused := func(v verdict) error {
		e := &bot.SendError{Outcome: v.outcome, Reason: v.reason, Err: answer}
		e.Gone = body.Code == codeUnknownChannel || body.Code == codeUnknownGuild
		if e.Outcome == bot.Throttled {
			if l := readLimit(x); l.known {
				e.RetryAfter = l.after
			} else {
				e.RetryAfter = busyWait
			}
		}
		return e
	}
	switch {
	case x.status == http.StatusTooManyRequests:
		l := readLimit(x)
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: l.after, Reason: "Discord's rate limit is used up", Err: answer}
	case x.status >= 500 || x.status == http.StatusRequestTimeout:
		return answer
	case x.status == http.StatusUnauthorized && body.Code != codeWebhookToken: // which is not the bot's
		return refused(verdict{bot.Halted, tokenDead})
	case body.Code == codeUnknownMessage && r.method == http.MethodPost:
		// Discord found the nonce, and the message that had it is gone.
		return refused(verdict{bot.Duplicated, "it was posted before and deleted since"})
	case body.Code == codeArchived && r.method == http.MethodPatch:
		// A post opens the thread again; an edit does not.
		return refused(verdict{bot.Rejected, "the thread of the message is archived"})
	case body.Code == codeUnknownMessage:
		return refused(verdict{bot.Rejected, "the message was deleted"})
	}
	if v, ok := verdicts[body.Code]; ok {
		return refused(v)
	}
	switch {
	case !isJSON && x.status == http.StatusForbidden:
		return refused(verdicts[40333])
	case !isJSON:
		return refused(verdict{bot.Halted, "what answers is not Discord's API: check discord.api_url"})
	case x.status == http.StatusForbidden, x.status == http.StatusNotFound:
		return refused(verdict{bot.Suspended, "Discord refuses the bot there"})
	}
	return refused(verdict{bot.Rejected, "Discord refuses the message"})
}

// An answerError is an answer that is no success.
type answerError struct {
	method, path string
	status, code int
	message      string
}

func (e *answerError) Error() string {
	return fmt.Sprintf("discord: %s %s: HTTP %d, code %d: %s", e.method, e.path, e.status, e.code, e.message)
}

// asSendError finds a definite refusal in err.
func asSendError(err error) (*bot.SendError, bool) {
	var e *bot.SendError
	return e, errors.As(err, &e)
}

// hasCode reports whether err is Discord's answer with one of codes.
func hasCode(err error, codes ...int) bool {
	var a *answerError
	return errors.As(err, &a) && slices.Contains(codes, a.code)
}

// firstLine bounds a text from outside for errors and logs.
func firstLine(s string) string { return plain(s, 200) }

// firstProblem returns the first path in the tree of a malformed form, as in
// "embeds.0.title: Must be 256 or fewer in length."
func firstProblem(tree json.RawMessage) string {
	var node map[string]json.RawMessage
	if json.Unmarshal(tree, &node) != nil {
		return ""
	}
	if list, ok := node["_errors"]; ok {
		var problems []struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(list, &problems) == nil && len(problems) > 0 {
			return ": " + firstLine(problems[0].Message)
		}
		return ""
	}
	names := make([]string, 0, len(node))
	for name := range node {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if below := firstProblem(node[name]); below != "" {
			if !strings.HasPrefix(below, ":") {
				below = "." + below
			}
			return firstLine(name) + below
		}
	}
	return ""
}
