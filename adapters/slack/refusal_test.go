package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

// doubt stands for an answer that says neither.
const doubt = bot.Outcome(-1)

func TestRefusal(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header string // Retry-After
		body   string
		want   bot.Outcome
		wait   time.Duration
	}{
		{"limit with wait", 429, "7", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, 7 * time.Second},
		{"limit without wait", 429, "", "", bot.Throttled, unknownLimit},
		{"limit with nonsense", 429, "soon", "<html>", bot.Throttled, unknownLimit},
		{"limit with a fraction", 429, "1.5", "", bot.Throttled, 1500 * time.Millisecond},
		{"limit of a year", 429, "31536000", "", bot.Throttled, limitMost},
		{"limit as a success", 200, "", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, unknownLimit},
		{"limit by another name", 200, "3", `{"ok":false,"error":"rate_limited"}`, bot.Throttled, 3 * time.Second},
		{"the plan's limit", 429, "", `{"ok":false,"error":"message_limit_exceeded"}`, bot.Halted, 0},
		{"the plan's limit as a success", 200, "", `{"ok":false,"error":"message_limit_exceeded"}`, bot.Halted, 0},

		{"500", 500, "", "<html>", doubt, 0},
		{"503 with an error that is definite elsewhere", 503, "", `{"ok":false,"error":"is_archived"}`, doubt, 0},
		{"408", 408, "", "", doubt, 0},
		{"internal error", 200, "", `{"ok":false,"error":"internal_error"}`, doubt, 0},
		{"fatal error", 200, "", `{"ok":false,"error":"fatal_error"}`, doubt, 0},
		{"no JSON", 200, "", `<html>`, doubt, 0},
		{"JSON of something else", 200, "", `{"status":"up"}`, doubt, 0},
		{"half an answer", 200, "", `{"ok":tr`, doubt, 0},
		{"no error named", 200, "", `{"ok":false}`, doubt, 0},

		{"dead token", 200, "", `{"ok":false,"error":"invalid_auth"}`, bot.Halted, 0},
		{"dead token as 401", 401, "", `{"ok":false,"error":"invalid_auth"}`, bot.Halted, 0},
		{"scope", 200, "", `{"ok":false,"error":"missing_scope","needed":"chat:write"}`, bot.Halted, 0},
		{"another server", 404, "", `<html>`, bot.Halted, 0},
		{"redirect", 302, "", ``, bot.Halted, 0},
		{"channel", 200, "", `{"ok":false,"error":"channel_not_found"}`, bot.Suspended, 0},
		{"archived", 200, "", `{"ok":false,"error":"is_archived"}`, bot.Suspended, 0},
		{"restricted", 200, "", `{"ok":false,"error":"restricted_action_read_only_channel"}`, bot.Suspended, 0},
		{"blocks", 200, "", `{"ok":false,"error":"invalid_blocks_format"}`, bot.Rejected, 0},
		{"too long", 200, "", `{"ok":false,"error":"msg_blocks_too_long"}`, bot.Rejected, 0},
		{"metadata", 200, "", `{"ok":false,"error":"invalid_metadata_schema"}`, bot.Rejected, 0},
		{"unknown", 200, "", `{"ok":false,"error":"new_in_2031"}`, bot.Rejected, 0},
		{"moving", 200, "", `{"ok":false,"error":"team_added_to_org"}`, bot.Throttled, orgWait},
		{"truncated request", 200, "", `{"ok":false,"error":"request_timeout"}`, bot.Throttled, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &client{secrets: []string{"xoxb-secret"}}
			h := http.Header{}
			if test.header != "" {
				h.Set("Retry-After", test.header)
			}
			err := c.refusal(methodPost, &exchange{status: test.status, header: h, body: []byte(test.body)})
			e, definite := asSendError(err)
			switch {
			case err == nil:
				t.Error("taken for a success")
			case test.want == doubt && definite:
				t.Errorf("taken for definite: %v", err)
			case test.want == doubt:
			case !definite || e.Outcome != test.want || e.RetryAfter != test.wait || e.Reason == "":
				t.Errorf("got %v after %v, want %s after %s", err, e, test.want, test.wait)
			}
		})
	}
}

func TestRefusalShowsWhereAndNoToken(t *testing.T) {
	c := &client{secrets: []string{"xoxb-secret"}}
	err := c.refusal(methodPost, &exchange{status: 200, body: []byte(
		`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] token xoxb-secret must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]}}`)})
	if s := err.Error(); strings.Contains(s, "xoxb-secret") || !strings.Contains(s, "/blocks/0/text/text") {
		t.Errorf("error %q", s)
	}
	if !hasCode(fmt.Errorf("wrapped: %w", err), "invalid_blocks") || hasCode(errors.New("invalid_blocks"), "invalid_blocks") {
		t.Error("hasCode reads the text")
	}
}

func TestVerdictsSpeakToPeople(t *testing.T) {
	for code, v := range verdicts {
		if v.reason == "" || strings.HasSuffix(v.reason, ".") || v.outcome == bot.Throttled != (v.wait > 0) {
			t.Errorf("%s: %+v", code, v)
		}
	}
}
