package slacktest

import "testing"

// The methods that tell of people refuse without their scopes, and who is not
// there.
func TestPeopleAreToldWithTheirScopes(t *testing.T) {
	s := New(t)
	s.AddGroup("S1", Person)
	for _, test := range []struct {
		method, scope string
		args          map[string]string
		unknown       string // of whom else is asked
		name          string
	}{
		{"users.info", "users:read", map[string]string{"user": Person}, "user_not_found", "user"},
		{"usergroups.users.list", "usergroups:read", map[string]string{"usergroup": "S1"}, "no_such_subteam", "usergroup"},
		{"users.conversations", "channels:read", map[string]string{"user": Person, "types": "public_channel"}, "user_not_found", "user"},
	} {
		ask := func() any {
			args := map[string][]string{"token": {BotToken}}
			for name, v := range test.args {
				args[name] = []string{v}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			return methods[test.method].serve(s, args)["error"]
		}
		s.RemoveScope(test.scope)
		if code := ask(); code != "missing_scope" {
			t.Errorf("%s without %s: %v", test.method, test.scope, code)
		}
		s.AddScope(test.scope)
		if code := ask(); code != nil {
			t.Errorf("%s: %v", test.method, code)
		}
		test.args[test.name] = "X0NOWHERE"
		if code := ask(); code != test.unknown {
			t.Errorf("%s of nobody: %v", test.method, code)
		}
	}
}
