package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// Who is who in these tests; slacktest.Person made every channel.
const (
	admin    = "U0ADMIN0001"
	owner    = "U0OWNER0001"
	member   = "U0MEMBER001"
	guest    = "U0GUEST0001"
	stranger = "U0STRANGER1"
	group    = "S0DESK00001"
)

func populate(s *slacktest.Server) {
	s.AddMember(admin, slacktest.Member{Admin: true})
	s.AddMember(owner, slacktest.Member{Owner: true})
	s.AddMember(member, slacktest.Member{})
	s.AddMember(guest, slacktest.Member{Guest: true})
	s.AddMember(stranger, slacktest.Member{Admin: true, Stranger: true})
	s.AddGroup(group, member)
	for _, user := range []string{admin, owner, guest, stranger} {
		s.Join(slacktest.Channel, user)
	}
}

func TestParseManagers(t *testing.T) {
	for _, test := range []struct{ rule, want []string }{
		{nil, []string{"creator", "admins"}},
		{[]string{"admins", "S1", "creator", "U1", "everyone", "S1"}, []string{"everyone", "U1", "creator", "S1", "admins"}},
		{[]string{"W1"}, []string{"W1"}},
	} {
		if got, err := parseManagers(test.rule); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q = %q, %v, want %q", test.rule, got, err, test.want)
		}
	}
	for _, who := range []string{"", "admin", "@ann", "C0123", "S", "s0123", "U 1"} {
		if _, err := parseManagers([]string{who}); err == nil {
			t.Errorf("%q is taken for somebody", who)
		}
	}
}

func TestManages(t *testing.T) {
	all := []string{slacktest.Person, admin, owner, member, guest, stranger, "U0NOBODY001"}
	for _, test := range []struct {
		name string
		rule []string
		who  []string // of all
	}{
		{"by default", nil, []string{slacktest.Person, admin, owner}},
		{"creator", []string{"creator"}, []string{slacktest.Person}},
		{"admins", []string{"admins"}, []string{admin, owner}},
		{"group", []string{group}, []string{member}},
		{"named", []string{guest}, []string{guest}},
		{"several", []string{group, guest, "creator"}, []string{slacktest.Person, member, guest}},
		{"everyone", []string{"everyone"}, all},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, s := openWith(t, Options{Managers: test.rule})
			populate(s)
			s.RemoveScope("users:read", "usergroups:read")
			for _, sc := range scopesOf(p.Managers) {
				if strings.HasPrefix(sc.name, "user") {
					s.AddScope(sc.name) // what the manifest asks for, and no more
				}
			}
			for _, user := range all {
				ok, why := rights{p, "slack:" + slacktest.Channel, user}.Manages(t.Context())
				if ok != slices.Contains(test.who, user) {
					t.Errorf("%s manages the channel: %v", user, ok)
				}
				if unknown := user == "U0NOBODY001" && slices.Contains(p.Managers, Admins); unknown != strings.Contains(why, "no such person") {
					t.Errorf("%s: %q", user, why)
				}
			}
		})
	}
}

// TestManagesFromElsewhere: who is not in a channel does not manage it from
// another place, whatever the rule.
func TestManagesFromElsewhere(t *testing.T) {
	p, s := openWith(t, Options{Managers: []string{Everyone}})
	populate(s)
	s.Join(slacktest.Private, admin)
	for _, test := range []struct {
		channel bot.Channel
		user    string
		ok      bool
	}{
		{"slack:" + slacktest.Channel, admin, true},
		{"slack:" + slacktest.Private, admin, true},
		{"slack:" + slacktest.Private, guest, false},
		{"slack:" + slacktest.Channel, member, false},
		{"slack:" + slacktest.Channel, "U0NOBODY001", false},
	} {
		if ok, why := p.Manages(t.Context(), test.channel, test.user); ok != test.ok || ok && why != "" {
			t.Errorf("%s manages %s: %v, %q", test.user, test.channel, ok, why)
		}
	}
	s.Leave(slacktest.Private, admin)
	if ok, why := p.Manages(t.Context(), "slack:"+slacktest.Private, admin); ok || why != "" {
		t.Errorf("after leaving: %v, %q", ok, why)
	}
	p, s = openWith(t, Options{Managers: []string{Creator}})
	populate(s)
	if ok, why := p.Manages(t.Context(), "slack:"+slacktest.Channel, admin); ok || why != "" {
		t.Errorf("in the channel, and not named by the rule: %v, %q", ok, why)
	}
	if name, err := p.Called(t.Context(), "slack:"+slacktest.Channel); name != "#news" || err != nil {
		t.Errorf("called %q, %v", name, err)
	}
	if name, err := p.Called(t.Context(), "slack:C0NOWHERE01"); err == nil {
		t.Errorf("a channel that is not there is called %q", name)
	}
}

// TestManagesWhereSlackFails: nobody is let in by an error, each has a sentence,
// and who is named by what can be told manages all the same.
func TestManagesWhereSlackFails(t *testing.T) {
	for _, test := range []struct {
		name string
		rule []string
		knob func(*slacktest.Server)
		want string
		// The creator, whom the rule names without any question to people.
		creator bool
	}{
		{"users:read", nil, func(s *slacktest.Server) { s.RemoveScope("users:read") }, "lacks the scope users:read", true},
		{"usergroups:read", []string{group}, func(s *slacktest.Server) { s.RemoveScope("usergroups:read") }, "lacks the scope usergroups:read", false},
		{"channels:read", []string{"creator"}, func(s *slacktest.Server) { s.RemoveScope("channels:read") }, "lacks the scope channels:read", false},
		{"group", []string{"S0NOWHERE01"}, func(*slacktest.Server) {}, "no such user group", false},
		{"down", nil, func(s *slacktest.Server) { s.Outage("users.info", 503) }, "Slack does not answer", true},
		{"all down", nil, func(s *slacktest.Server) { s.Outage("users.info", 503); s.Outage("conversations.info", 500) }, "Slack does not answer", false},
		{"nonsense", nil, func(s *slacktest.Server) { s.Outage("users.info", 200) }, "Slack does not answer", true},
		{"away", nil, func(s *slacktest.Server) { s.Close() }, "Slack cannot be reached", false},
		{"revoked", nil, func(s *slacktest.Server) { s.Revoke(slacktest.BotToken) }, "token is not valid", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, s := openWith(t, Options{Managers: test.rule})
			populate(s)
			s.AddScope("usergroups:read")
			test.knob(s)
			for _, user := range []string{member, admin} {
				if ok, why := (rights{p, "slack:" + slacktest.Channel, user}).Manages(t.Context()); ok || !strings.Contains(why, test.want) {
					t.Errorf("%s: %v, %q, want %q", user, ok, why, test.want)
				}
			}
			if ok, _ := (rights{p, "slack:" + slacktest.Channel, slacktest.Person}).Manages(t.Context()); ok != test.creator {
				t.Errorf("who made the channel manages it: %v", ok)
			}
		})
	}
}

// TestManagesIsAskedBriefly: what Slack said counts for a minute, and an error
// not at all.
func TestManagesIsAskedBriefly(t *testing.T) {
	p, s := openWith(t, Options{Managers: []string{"admins", group}})
	populate(s)
	s.AddScope("usergroups:read")
	now := time.Now()
	p.asked.people.now = func() time.Time { return now }
	p.asked.groups.now = p.asked.people.now
	manages := func(want bool) {
		t.Helper()
		if ok, why := (rights{p, "slack:" + slacktest.Channel, admin}).Manages(t.Context()); ok != want {
			t.Errorf("%v, %q", ok, why)
		}
	}
	manages(true)
	manages(true)
	if n, m := s.Calls("users.info"), s.Calls("usergroups.users.list"); n != 1 || m != 1 {
		t.Errorf("asked %d and %d times", n, m)
	}
	s.AddMember(admin, slacktest.Member{})
	manages(true)
	now = now.Add(time.Minute)
	s.Outage("users.info", 503)
	manages(false)
	s.Outage("users.info", 0)
	manages(false)
	s.AddMember(admin, slacktest.Member{Admin: true})
	manages(false)
	now = now.Add(time.Minute)
	manages(true)
	if n := s.Calls("users.info"); n != 4 {
		t.Errorf("asked %d times", n)
	}
	for i := range askedMax + 10 {
		p.asked.people.of[fmt.Sprint(i)] = told[person]{}
	}
	_, _ = p.person(t.Context(), member)
	if n := len(p.asked.people.of); n > askedMax {
		t.Errorf("%d people are remembered", n)
	}
}

func TestSpeaks(t *testing.T) {
	all := []string{slacktest.Person, admin, owner, member, guest, stranger}
	in := []string{slacktest.Person, admin, owner, guest, stranger} // of the channel
	for _, test := range []struct {
		name    string
		channel string
		knob    func(*slacktest.Server)
		who     []string // of all
	}{
		{"open", slacktest.Channel, nil, in},
		{"left", slacktest.Channel, func(s *slacktest.Server) { s.Leave(slacktest.Channel, owner) }, []string{slacktest.Person, admin, guest, stranger}},
		{"private", slacktest.Private, nil, all}, // who asks there is in it
		{"archived", slacktest.Archived, nil, nil},
		{"private archived", slacktest.Private, func(s *slacktest.Server) { s.Archive(slacktest.Private) }, nil},
		{"admins", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{"admin"}, nil) }, []string{admin, owner}},
		{"owners", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{"owner"}, nil) }, []string{owner}},
		{"no guests", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{"ra"}, nil) }, []string{slacktest.Person, admin, owner}},
		{"named", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, nil, []string{guest, member}) }, []string{guest}},
		{"admins and named", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{"admin"}, []string{guest}) }, []string{admin, owner, guest}},
		{"unknown", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{"of_tomorrow"}, nil) }, nil},
		{"no rule", slacktest.Channel, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Channel, []string{}, []string{}) }, in},
		{"read-only", slacktest.Channel, func(s *slacktest.Server) { s.ReadOnly(slacktest.Channel) }, []string{admin, owner}},
		{"private admins", slacktest.Private, func(s *slacktest.Server) { s.RestrictPosting(slacktest.Private, []string{"admin"}, nil) }, []string{admin, owner}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, s := open(t)
			populate(s)
			if test.knob != nil {
				test.knob(s)
			}
			for _, user := range all {
				ok, why := rights{p, bot.In("slack", test.channel), user}.Speaks(t.Context())
				if ok != slices.Contains(test.who, user) || why != "" {
					t.Errorf("%s may write in the channel: %v, %q", user, ok, why)
				}
			}
		})
	}
}

func TestSpeaksWhereSlackFails(t *testing.T) {
	for _, test := range []struct {
		name, channel string
		knob          func(*slacktest.Server)
		want          string
	}{
		{"foreign", slacktest.Foreign, nil, "invite the bot there"},
		{"channels:read", slacktest.Channel, func(s *slacktest.Server) { s.RemoveScope("channels:read") }, "scope channels:read"},
		{"info", slacktest.Channel, func(s *slacktest.Server) { s.Outage("conversations.info", 503) }, "does not answer"},
		{"membership", slacktest.Channel, func(s *slacktest.Server) { s.Outage("users.conversations", 503) }, "does not answer"},
		{"people", slacktest.Channel, func(s *slacktest.Server) {
			s.RestrictPosting(slacktest.Channel, []string{"admin"}, nil)
			s.RemoveScope("users:read")
		}, "scope users:read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, s := open(t)
			populate(s)
			if test.knob != nil {
				test.knob(s)
			}
			if ok, why := (rights{p, bot.In("slack", test.channel), admin}).Speaks(t.Context()); ok || !strings.Contains(why, test.want) {
				t.Errorf("%v, %q, want %q", ok, why, test.want)
			}
		})
	}
}

// TestRightsComeWithEveryQuestion, in words and by a button, on both
// transports; direct messages are the person's own.
func TestRightsComeWithEveryQuestion(t *testing.T) {
	for name, openOn := range map[string]func(testing.TB) (*Platform, *slacktest.Server){"socket": open, "http": openHTTP} {
		t.Run(name, func(t *testing.T) {
			p, s := openOn(t)
			populate(s)
			run(t, p, s, 1, func(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
				title := inv.User + " is nobody here"
				if ok, _ := inv.Manages(ctx); ok {
					title = inv.User + " manages"
				}
				return bot.Reply{Card: bot.Card{Title: title, Buttons: []bot.Button{{Label: "Again", Line: "again"}}}}, true
			})
			for user, manages := range map[string]bool{member: false, admin: true} {
				s.Be(user)
				m, err := s.Slash(within(t), "x")
				if err != nil || strings.Contains(m.Shown(), user+" manages") != manages {
					t.Errorf("%s in words: %q, %v", user, m.Shown(), err)
				}
				if m, err = s.Press(within(t), m, "Again"); err != nil || strings.Contains(m.Shown(), user+" manages") != manages {
					t.Errorf("%s by a button: %q, %v", user, m.Shown(), err)
				}
			}
			s.Be(member)
			if m, err := s.SlashIn(within(t), slacktest.Direct(member), "x"); err != nil || !strings.Contains(m.Shown(), member+" manages") {
				t.Errorf("their own direct messages: %q, %v", m.Shown(), err)
			}
		})
	}
}
