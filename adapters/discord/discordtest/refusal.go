package discordtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A refusal is an error answer of the API.
type refusal struct {
	status  int
	code    int
	message string
	errors  any           // the tree of a malformed form
	wait    time.Duration // of a global limit
}

func (r *refusal) write(w http.ResponseWriter) {
	body := map[string]any{"message": r.message, "code": r.code}
	if r.errors != nil {
		body["errors"] = r.errors
	}
	if r.wait > 0 {
		body = map[string]any{"message": r.message, "retry_after": r.wait.Seconds(), "global": true}
	}
	writeJSON(w, r.status, body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// codes are the refusals by code:
// discord.com/developers/docs/topics/opcodes-and-status-codes.
var codes = map[int]refusal{
	0:      {status: 401, message: "401: Unauthorized"},
	10003:  {status: 404, message: "Unknown Channel"},
	10004:  {status: 404, message: "Unknown Guild"},
	10007:  {status: 404, message: "Unknown Member"},
	10008:  {status: 404, message: "Unknown Message"},
	10013:  {status: 404, message: "Unknown User"},
	40003:  {status: 429, message: "You are opening direct messages too fast"},
	50033:  {status: 400, message: "Invalid Recipient(s)"},
	50278:  {status: 403, message: "Cannot send messages to this user due to having no mutual guilds"},
	10063:  {status: 404, message: "Unknown application command"},
	20022:  {status: 429, message: "This message cannot be edited due to announcement rate limits"},
	30034:  {status: 429, message: "Max number of daily application command creates has been reached (200)"},
	40033:  {status: 400, message: "This message has already been crossposted"},
	40094:  {status: 400, message: "Maximum number of follow-up messages for this interaction reached"},
	10015:  {status: 404, message: "Unknown Webhook"},
	10062:  {status: 404, message: "Unknown interaction"},
	20009:  {status: 403, message: "Explicit content cannot be sent to the desired recipient(s)"},
	20016:  {status: 429, message: "This action cannot be performed due to slowmode rate limit"},
	20029:  {status: 429, message: "The write action you are performing on the server has hit the write rate limit"},
	40062:  {status: 429, message: "Service resource is being rate limited."},
	40067:  {status: 400, message: "A tag is required to create a forum post in this channel"},
	50007:  {status: 403, message: "Cannot send messages to this user"},
	50009:  {status: 403, message: "Channel verification level is too high for you to gain access"},
	50024:  {status: 400, message: "Cannot execute action on this channel type"},
	50027:  {status: 401, message: "Invalid Webhook Token"},
	160006: {status: 400, message: "Maximum number of active threads reached"},
	160007: {status: 400, message: "Maximum number of active announcement threads reached"},
	200001: {status: 400, message: "Title was blocked by automatic moderation"},
	220001: {status: 400, message: "Webhooks posted to forum channels must have a thread_name or thread_id"},
	20028:  {status: 429, message: "The write action you are performing on the channel has hit the write rate limit."},
	20012:  {status: 403, message: "You are not authorized to perform this action on this application"},
	40001:  {status: 401, message: "Unauthorized. Provide a valid token and try again"},
	40005:  {status: 413, message: "Request entity too large"},
	40007:  {status: 403, message: "The user is banned from this guild."},
	40058:  {status: 400, message: "Cannot message this channel until after one message was created"},
	40060:  {status: 400, message: "Interaction has already been acknowledged."},
	40333:  {status: 403, message: "internal network error"},
	50001:  {status: 403, message: "Missing Access"},
	50005:  {status: 403, message: "Cannot edit a message authored by another user"},
	50006:  {status: 400, message: "Cannot send an empty message"},
	50008:  {status: 400, message: "Cannot send messages in a non-text channel"},
	50013:  {status: 403, message: "Missing Permissions"},
	50014:  {status: 401, message: "Invalid authentication token provided"},
	50035:  {status: 400, message: "Invalid Form Body"},
	50083:  {status: 400, message: "Thread is archived"},
	50109:  {status: 400, message: "The request body contains invalid JSON."},
	130000: {status: 503, message: "API resource is currently overloaded. Try again a little later"},
	160002: {status: 400, message: "Cannot reply without permission to read message history"},
	160005: {status: 403, message: "Thread is locked"},
	200000: {status: 400, message: "Message was blocked by automatic moderation"},
	240000: {status: 400, message: "Message blocked by harmful links filter"},
}

// refuse returns the refusal of that code.
func refuse(code int) *refusal {
	r, ok := codes[code]
	if !ok {
		r = refusal{status: 400, message: fmt.Sprintf("Error %d", code)}
	}
	r.code = code
	return &r
}
