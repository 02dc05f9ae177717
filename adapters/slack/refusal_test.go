package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
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
		{"the plan's limit", 429, "", `{"ok":false,"error":"message_limit_exceeded"}`, bot.Halted, planWait},
		{"the plan's limit as a success", 200, "", `{"ok":false,"error":"message_limit_exceeded"}`, bot.Halted, planWait},

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

// TestVerdicts goes over a socket with every error that has a verdict, and
// with those that have none: what each means for the deliveries behind it.
func TestVerdicts(t *testing.T) {
	table := map[bot.Outcome]string{
		bot.Halted: `account_inactive invalid_auth not_authed token_revoked token_expired app_access_restricted team_not_found
			team_access_not_granted missing_scope no_scope not_allowed_token_type access_denied accesslimited
			enterprise_is_restricted two_factor_setup_required message_limit_exceeded`,
		bot.Suspended: `channel_not_found is_archived is_inactive no_permission ekm_access_denied messages_tab_disabled
			method_not_supported_for_channel_type not_supported as_user_not_supported not_in_channel
			user_not_found users_not_found user_not_visible user_disabled cannot_dm_bot
			restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel`,
		bot.Rejected: `invalid_blocks invalid_blocks_format msg_blocks_too_long no_text msg_too_long too_many_attachments
			invalid_metadata_format invalid_metadata_schema metadata_too_large invalid_arguments invalid_arg_name
			invalid_attachments markdown_text_conflict metadata_must_be_sent_from_app invalid_array_arg invalid_charset
			invalid_form_data invalid_post_type missing_post_type message_not_found thread_not_found edit_window_closed
			cant_update_message cannot_reply_to_message duplicate_channel_not_found duplicate_message_not_found
			slack_connect_canvas_sharing_blocked slack_connect_blocked_file_type slack_connect_file_link_sharing_blocked not_enabled
			no_such_subteam subteam_not_found plan_upgrade_required an_error_of_the_future`,
		bot.Throttled: `ratelimited rate_limited service_unavailable external_channel_migrating org_login_required
			team_added_to_org request_timeout`,
		doubt: `internal_error fatal_error`,
	}
	doubtful := map[string]bool{"ratelimited": true, "rate_limited": true, "service_unavailable": true}
	tested := map[string]bool{}
	for want, codes := range table {
		for _, code := range strings.Fields(codes) {
			tested[code] = true
			t.Run(code, func(t *testing.T) {
				t.Parallel()
				p, s := open(t)
				s.Refuse(slacktest.Private, code) // where nothing can be joined
				_, err := p.Post(t.Context(), bot.Post{Key: testKey, Channel: "slack:" + slacktest.Private, Card: bot.Card{Title: "News"}})
				e, definite := asSendError(err)
				switch {
				case err == nil:
					t.Error("posted")
				case want == doubt:
					if definite {
						t.Errorf("taken for definite: %v", err)
					}
				case !definite || e.Outcome != want:
					t.Errorf("got %v, want it %s", err, want)
				case e.Reason == "" || strings.HasSuffix(e.Reason, ".") || want == bot.Throttled && e.RetryAfter <= 0:
					t.Errorf("no reason, or no time to wait: %+v", e)
				case e.Doubtful != doubtful[code]:
					t.Errorf("doubtful: %t", e.Doubtful)
				case code == "message_limit_exceeded" && e.RetryAfter != 24*time.Hour:
					t.Errorf("the plan's limit ends after %v, want a day", e.RetryAfter)
				}
			})
		}
	}
	for code := range verdicts {
		if !tested[code] {
			t.Errorf("%s has a verdict and no test", code)
		}
	}
}
