package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/bot"
)

// A verdict is what an error of Slack means for the deliveries behind it.
type verdict struct {
	outcome bot.Outcome
	reason  string
	wait    time.Duration // with Throttled, and with Halted where it ends by itself
	doubt   bool          // it was seen after the message had been posted
}

const (
	tokenDead  = "the token is not valid any more: install the app again and copy the new bot token from the page OAuth & Permissions"
	notAllowed = "the workspace does not let the bot do this: ask an administrator of the workspace"
	malformed  = "Slack calls a part of the message malformed"
	tooLong    = "the message is larger than Slack takes"
)

// Waits after refusals that name none.
const (
	busyWait = 30 * time.Second
	orgWait  = time.Hour // for a workspace that is being moved
	planWait = 24 * time.Hour
	// unknownLimit is the wait after a 429 that names none.
	unknownLimit = 30 * time.Second
	limitMost    = 24 * time.Hour
)

// verdicts are the errors of chat.postMessage, chat.update and the
// conversations methods: docs.slack.dev/reference/methods/chat.postMessage#errors.
var verdicts = map[string]verdict{
	"account_inactive":      {outcome: bot.Halted, reason: tokenDead},
	"invalid_auth":          {outcome: bot.Halted, reason: tokenDead},
	"not_authed":            {outcome: bot.Halted, reason: tokenDead},
	"token_revoked":         {outcome: bot.Halted, reason: tokenDead},
	"token_expired":         {outcome: bot.Halted, reason: "the token has expired: switch token rotation off for the app, or copy a new bot token from the page OAuth & Permissions"},
	"app_access_restricted": {outcome: bot.Halted, reason: notAllowed},
	"team_not_found":        {outcome: bot.Halted, reason: "the workspace does not exist any more"},
	"team_access_not_granted": {outcome: bot.Halted,
		reason: "the token is not for this workspace: install the app there"},
	"missing_scope":            {outcome: bot.Halted, reason: "the app lacks a scope: paste what `newsdesk manifest slack` prints as the app's manifest, and install the app again"},
	"no_scope":                 {outcome: bot.Halted, reason: "the app lacks a scope: paste what `newsdesk manifest slack` prints as the app's manifest, and install the app again"},
	"not_allowed_token_type":   {outcome: bot.Halted, reason: "this is another kind of token: slack.bot_token wants the one that begins with xoxb-, slack.app_token the one with xapp-"},
	"access_denied":            {outcome: bot.Halted, reason: notAllowed},
	"accesslimited":            {outcome: bot.Halted, reason: notAllowed},
	"enterprise_is_restricted": {outcome: bot.Halted, reason: notAllowed},
	"two_factor_setup_required": {outcome: bot.Halted,
		reason: "the workspace asks for two-factor authentication first: ask an administrator of the workspace"},
	"message_limit_exceeded": {outcome: bot.Halted, reason: "the workspace has reached the message limit of its plan: it takes no messages until some are gone or the plan is changed", wait: planWait},

	"channel_not_found":       {outcome: bot.Suspended, reason: "the channel does not exist any more, or it is private and the bot is not in it: invite the bot there"},
	"user_not_found":          {outcome: bot.Suspended, reason: "there is no such person in the workspace"},
	"users_not_found":         {outcome: bot.Suspended, reason: "there is no such person in the workspace"},
	"user_not_visible":        {outcome: bot.Suspended, reason: "the bot may not see this person: ask an administrator of the workspace"},
	"user_disabled":           {outcome: bot.Suspended, reason: "the person's account is deactivated"},
	"cannot_dm_bot":           {outcome: bot.Suspended, reason: "this is a bot, which takes no direct messages"},
	"is_archived":             {outcome: bot.Suspended, reason: "the channel is archived: restore it, or choose another"},
	"is_inactive":             {outcome: bot.Suspended, reason: "the channel is frozen: choose another"},
	"not_in_channel":          {outcome: bot.Suspended, reason: "the bot is not in the channel and may not join it: invite it there"},
	"no_permission":           {outcome: bot.Suspended, reason: "the bot may not post there: look at the channel's posting permissions"},
	"no_such_subteam":         {outcome: bot.Rejected, reason: "there is no such user group in the workspace"},
	"subteam_not_found":       {outcome: bot.Rejected, reason: "there is no such user group in the workspace"},
	"plan_upgrade_required":   {outcome: bot.Rejected, reason: "the workspace's plan has no user groups"},
	"ekm_access_denied":       {outcome: bot.Suspended, reason: notAllowed},
	"messages_tab_disabled":   {outcome: bot.Suspended, reason: "the app's messages tab is off: switch it on on the page App Home of your app"},
	"cannot_reply_to_message": {outcome: bot.Rejected, reason: "the message takes no answers"},
	"method_not_supported_for_channel_type": {outcome: bot.Suspended,
		reason: "channels of this type cannot be used: choose a channel"},
	"not_supported":                           {outcome: bot.Suspended, reason: "channels of this type cannot be used: choose a channel"},
	"as_user_not_supported":                   {outcome: bot.Suspended, reason: "channels of this type cannot be used: choose a channel"},
	"slack_connect_canvas_sharing_blocked":    {outcome: bot.Rejected, reason: notAllowed},
	"slack_connect_blocked_file_type":         {outcome: bot.Rejected, reason: notAllowed},
	"slack_connect_file_link_sharing_blocked": {outcome: bot.Rejected, reason: notAllowed},

	"msg_blocks_too_long":    {outcome: bot.Rejected, reason: tooLong},
	"msg_too_long":           {outcome: bot.Rejected, reason: tooLong},
	"no_text":                {outcome: bot.Rejected, reason: "Slack calls the message empty"},
	"markdown_text_conflict": {outcome: bot.Rejected, reason: malformed},
	"too_many_attachments":   {outcome: bot.Rejected, reason: tooLong},
	"metadata_too_large":     {outcome: bot.Rejected, reason: tooLong},
	"metadata_must_be_sent_from_app": {outcome: bot.Rejected,
		reason: "the message's mark was not taken from this kind of token: use a bot token"},
	"invalid_arguments":  {outcome: bot.Rejected, reason: malformed},
	"invalid_arg_name":   {outcome: bot.Rejected, reason: malformed},
	"invalid_array_arg":  {outcome: bot.Rejected, reason: malformed},
	"invalid_charset":    {outcome: bot.Rejected, reason: malformed},
	"invalid_form_data":  {outcome: bot.Rejected, reason: malformed},
	"invalid_post_type":  {outcome: bot.Rejected, reason: malformed},
	"missing_post_type":  {outcome: bot.Rejected, reason: malformed},
	"request_timeout":    {outcome: bot.Throttled, reason: "Slack did not receive the whole message", wait: 5 * time.Second},
	"message_not_found":  {outcome: bot.Rejected, reason: "the message was deleted"},
	"thread_not_found":   {outcome: bot.Rejected, reason: "the message to answer to was deleted"},
	"edit_window_closed": {outcome: bot.Rejected, reason: "the workspace does not let messages be edited after this time"},
	"cant_update_message": {outcome: bot.Rejected,
		reason: "the message is not the bot's own"},
	"not_enabled":                 {outcome: bot.Rejected, reason: "the app's Home tab is off: paste what `newsdesk manifest slack` prints as the app's manifest"},
	"duplicate_channel_not_found": {outcome: bot.Rejected, reason: malformed},
	"duplicate_message_not_found": {outcome: bot.Rejected, reason: malformed},

	"service_unavailable":        {outcome: bot.Throttled, reason: "Slack is not available", wait: time.Minute, doubt: true},
	"external_channel_migrating": {outcome: bot.Throttled, reason: "the channel is being moved", wait: 10 * time.Minute},
	"org_login_required":         {outcome: bot.Throttled, reason: "the workspace is being moved to an organisation", wait: orgWait},
	"team_added_to_org":          {outcome: bot.Throttled, reason: "the workspace is being moved to an organisation", wait: orgWait},
}

// families are the errors of which only the beginning is fixed.
var families = []struct {
	prefix  string
	verdict verdict
}{
	{"restricted_action", verdict{outcome: bot.Suspended, reason: "a preference of the workspace keeps the bot from posting there: ask an administrator of the workspace"}},
	{"invalid_blocks", verdict{outcome: bot.Rejected, reason: malformed}},
	{"invalid_metadata", verdict{outcome: bot.Rejected, reason: malformed}},
	{"invalid_attachments", verdict{outcome: bot.Rejected, reason: malformed}},
}

// refusal turns an answer into nil where it is a success, a *bot.SendError
// where it is a definite refusal, and another error where it is neither.
func (c *client) refusal(method string, x *exchange) error {
	var body struct {
		OK       *bool  `json:"ok"`
		Error    string `json:"error"`
		Needed   string `json:"needed"`
		Metadata struct {
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	isJSON := json.Unmarshal(x.body, &body) == nil && body.OK != nil
	answer := &answerError{method: method, status: x.status, code: c.redact(firstLine(body.Error))}
	if len(body.Metadata.Messages) > 0 {
		answer.detail = c.redact(firstLine(body.Metadata.Messages[0]))
	}
	if body.Needed != "" {
		answer.needed = c.redact(firstLine(body.Needed))
		answer.detail = "needs " + answer.needed
	}
	refused := func(v verdict) error {
		return &bot.SendError{Outcome: v.outcome, RetryAfter: v.wait, Reason: v.reason, Err: answer, Doubtful: v.doubt && method == methodPost}
	}
	switch {
	case body.Error == "message_limit_exceeded":
		return refused(verdicts[body.Error])
	case x.status == http.StatusTooManyRequests, body.Error == "ratelimited", body.Error == "rate_limited":
		x.limited = true
		// github.com/argoproj-labs/argocd-notifications/issues/211: one was
		// answered so whose message stood in the channel.
		return refused(verdict{outcome: bot.Throttled, reason: "Slack's rate limit is used up", wait: retryAfter(x.header), doubt: true})
	case x.status >= 500, x.status == http.StatusRequestTimeout:
		return answer
	case x.status != http.StatusOK && method == methodRespond:
		return refused(verdict{outcome: bot.Rejected, reason: "Slack takes no answer to this question any more"})
	case x.status != http.StatusOK:
		if v, ok := verdictOf(body.Error); ok {
			return refused(v)
		}
		return refused(verdict{outcome: bot.Halted, reason: "what answers is not Slack: check slack.api_url"})
	case method == methodRespond, method == methodUpload:
		return nil // its answer is the word ok
	case !isJSON:
		return answer
	case *body.OK:
		return nil
	case body.Error == "internal_error", body.Error == "fatal_error", body.Error == "":
		// Some of it may have been done before the error came.
		return answer
	}
	if v, ok := verdictOf(body.Error); ok {
		return refused(v)
	}
	return refused(verdict{outcome: bot.Rejected, reason: "Slack refuses the message"})
}

func verdictOf(code string) (verdict, bool) {
	if v, ok := verdicts[code]; ok {
		return v, true
	}
	for _, f := range families {
		if strings.HasPrefix(code, f.prefix) {
			return f.verdict, true
		}
	}
	return verdict{}, false
}

// retryAfter reads the wait that a 429 asks for.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get("Retry-After")), 64)
	if err != nil || !(n >= 0) {
		return unknownLimit
	}
	return time.Duration(min(n, limitMost.Seconds()) * float64(time.Second))
}

// An answerError is an answer that is no success.
type answerError struct {
	method string
	status int
	code   string // Slack's error, "" where the answer is none of Slack's
	detail string
	needed string // the scope that is missing
}

func (e *answerError) Error() string {
	s := fmt.Sprintf("slack: %s: HTTP %d", e.method, e.status)
	for _, more := range []string{e.code, e.detail} {
		if more != "" {
			s += ": " + more
		}
	}
	return s
}

// asSendError finds a definite refusal in err.
func asSendError(err error) (*bot.SendError, bool) {
	var e *bot.SendError
	return e, errors.As(err, &e)
}

// hasCode reports whether err is Slack's answer with one of codes.
func hasCode(err error, codes ...string) bool {
	var a *answerError
	return errors.As(err, &a) && slices.Contains(codes, a.code)
}

// blocksRefused reports whether Slack found fault with a message's blocks.
func blocksRefused(err error) bool {
	var a *answerError
	return errors.As(err, &a) && (strings.HasPrefix(a.code, "invalid_blocks") || a.code == "msg_blocks_too_long")
}

// firstLine bounds a text from outside for errors and logs.
func firstLine(s string) string { return text(s, plainText, 200) }

// answerOf is the answer within err, without what it means for deliveries.
func answerOf(err error) error {
	var a *answerError
	if errors.As(err, &a) {
		return a
	}
	return err
}

// appVerdicts are the errors of apps.connections.open after which no later
// attempt can succeed: docs.slack.dev/reference/methods/apps.connections.open#errors.
var appVerdicts = map[string]string{
	"invalid_auth":           appTokenDead,
	"not_authed":             appTokenDead,
	"token_revoked":          appTokenDead,
	"token_expired":          appTokenDead,
	"account_inactive":       appTokenDead,
	"app_not_found":          appTokenDead,
	"not_allowed_token_type": "this is another kind of token: slack.app_token wants the one that begins with xapp-",
	"missing_scope":          "the app token lacks the scope connections:write: make a new one on the page Basic Information of your app",
	"no_permission":          "the app token lacks the scope connections:write: make a new one on the page Basic Information of your app",
	"forbidden_team":         notAllowed,
	"org_login_required":     notAllowed,
	"link_disabled":          socketOff,
	"socket_mode_disabled":   socketOff,
}

const (
	appTokenDead = "the app token is not valid any more: make a new one with the scope connections:write on the page Basic Information of your app"
	socketOff    = "Socket Mode is switched off: switch it on on the page Socket Mode of your app"
)

// appWords says what an error of apps.connections.open means.
func appWords(err error) string {
	var a *answerError
	if errors.As(err, &a) && appVerdicts[a.code] != "" {
		return appVerdicts[a.code]
	}
	return inWords(err)
}
