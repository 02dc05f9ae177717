package slacktest

import (
	"strings"
	"testing"
)

// TestPublishRefuses what Slack refuses of a Home.
func TestPublishRefuses(t *testing.T) {
	header := `{"type":"header","text":{"type":"plain_text","text":"x"}}`
	view := func(blocks string) string { return `{"type":"home","blocks":[` + blocks + `]}` }
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat(header+",", n), ",") }
	s := New(t)
	s.AddWorkspace("T0ONE000001", "One")
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"a Home", "", []string{"user_id", Person, "view", view(many(100))}},
		{"too many blocks", "invalid_arguments", []string{"user_id", Person, "view", view(many(101))}},
		{"no blocks", "invalid_arguments", []string{"user_id", Person, "view", view("")}},
		{"a modal", "invalid_arguments", []string{"user_id", Person, "view", `{"type":"modal","blocks":[` + header + `]}`}},
		{"a modal's property", "invalid_arguments", []string{"user_id", Person, "view", `{"type":"home","title":{"type":"plain_text","text":"x"},"blocks":[` + header + `]}`}},
		{"long metadata", "invalid_arguments", []string{"user_id", Person, "view", `{"type":"home","private_metadata":"` + strings.Repeat("x", 3001) + `","blocks":[` + header + `]}`}},
		{"a large view", "view_too_large", []string{"user_id", Person, "view", view(header) + strings.Repeat(" ", homeBytes)}},
		{"nobody", "invalid_arguments", []string{"user_id", "U0NOBODY001", "view", view(header)}},
		{"somebody of another workspace", "invalid_arguments", []string{"user_id", s.PersonIn("T0ONE000001"), "view", view(header)}},
		{"an older page", "hash_conflict", []string{"user_id", Person, "view", view(header), "hash", "1.old"}},
	} {
		_, _, a := call(t, s, "views.publish", test.args...)
		if code, _ := a["error"].(string); code != test.want {
			t.Errorf("%s: %v, want %q", test.name, a, test.want)
		}
	}
	if v, ok := s.Home(Person); !ok || len(v.Blocks) != 100 {
		t.Errorf("%d blocks are shown", len(v.Blocks))
	}
}
