package discord_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
)

// register runs the bot until it has looked at its commands everywhere, and
// returns what it asked Discord to change.
func register(t *testing.T, s *discordtest.Server, change ...func(*discord.Options)) (writes []string) {
	t.Helper()
	o := discord.Options{Token: s.Token, APIURL: s.URL(), Commands: testTable()} // it asks for its id itself
	for _, f := range change {
		f(&o)
	}
	p, err := discord.New(o)
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.Requests())
	stop, ended := start(t, p, &handler{})
	since := func() []string { return slices.Clone(s.Requests()[before:]) }
	quiet := time.Now()
	for n := 0; time.Since(quiet) < 600*time.Millisecond || !s.Connected(); time.Sleep(5 * time.Millisecond) {
		if m := len(since()); m != n {
			n, quiet = m, time.Now()
		}
	}
	stop()
	<-ended
	for _, r := range since() {
		method, path, _ := strings.Cut(r, " ")
		if strings.Contains(path, "/commands") && method != "GET" {
			place := "global"
			if strings.Contains(path, "/guilds/") {
				place = "guild"
			}
			writes = append(writes, method+" "+place)
		}
	}
	return writes
}

func names(raw []json.RawMessage) (out []string) {
	for _, r := range raw {
		var c struct {
			Name string `json:"name"`
		}
		json.Unmarshal(r, &c)
		out = append(out, c.Name)
	}
	slices.Sort(out)
	return out
}

// Discord has two hundred creates a day: nothing is written that is there.
func TestCommandsAreRegisteredByTheirDifference(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t)
	want := func(what string, writes []string, w ...string) {
		t.Helper()
		if !slices.Equal(writes, w) {
			t.Errorf("%s: written %q, want %q", what, writes, w)
		}
		if got, _ := s.Commands(); !slices.Equal(names(got), []string{"desk", "desk-channel", "news"}) {
			t.Errorf("%s: registered %q", what, names(got))
		}
	}
	want("at first", register(t, s), "POST global", "POST global", "POST global")
	want("again", register(t, s))
	more := func(o *discord.Options) {
		o.Commands[0].Options[2].Choices = append(o.Commands[0].Options[2].Choices, "denied")
	}
	want("another choice", register(t, s, more), "PATCH global")
	want("the same once more", register(t, s, more))
	want("one choice less", register(t, s), "PATCH global")
	// What an earlier release or another program left goes; an activity's entry
	// point is not ours.
	have, _ := s.Commands()
	s.SetCommands("", append([]string{`{"name":"old","description":"d"}`, `{"name":"Old one","type":3,"description":"d"}`, `{"name":"launch","type":4,"description":"d"}`}, texts(have[:2])...)...)
	writes := register(t, s)
	if got, _ := s.Commands(); !slices.Equal(writes, []string{"DELETE global", "DELETE global", "POST global"}) || !slices.Equal(names(got), []string{"desk", "desk-channel", "launch", "news"}) {
		t.Errorf("written %q, registered %q", writes, names(got))
	}
}

func texts(raw []json.RawMessage) (out []string) {
	for _, r := range raw {
		out = append(out, string(r))
	}
	return out
}

// Options that a command has no more are taken from it, not kept.
func TestAChangeTakesAwayWhatIsNoMore(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t)
	register(t, s)
	register(t, s, func(o *discord.Options) { o.Commands[0].Options = nil })
	got, _ := s.Commands()
	for _, raw := range got {
		if strings.Contains(string(raw), `"name":"news"`) && strings.Contains(string(raw), "query") {
			t.Errorf("/news still has its options: %s", raw)
		}
	}
	if w := register(t, s, func(o *discord.Options) { o.Commands[0].Options = nil }); len(w) > 0 {
		t.Errorf("written again: %q", w)
	}
}

// The servers that are named alone have the commands; one that is named no
// more loses them.
func TestCommandsOfSingleServers(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t)
	const other = "1200000000000000002"
	s.AddGuild(other)
	in := func(guilds ...string) func(*discord.Options) { return func(o *discord.Options) { o.Guilds = guilds } }
	check := func(what string, guilds map[string]int) {
		t.Helper()
		for g, n := range guilds {
			if got := s.GuildCommands(g); len(got) != n {
				t.Errorf("%s: server %q has %q, want %d commands", what, g, names(got), n)
			}
		}
	}
	register(t, s)
	check("everywhere", map[string]int{"": 3, s.Guild: 0, other: 0})
	register(t, s, in(s.Guild))
	check("one server", map[string]int{"": 0, s.Guild: 3, other: 0})
	if w := register(t, s, in(s.Guild)); len(w) > 0 {
		t.Errorf("one server again: written %q", w)
	}
	register(t, s, in(other))
	check("another server", map[string]int{"": 0, s.Guild: 0, other: 3})
	register(t, s)
	check("everywhere again", map[string]int{"": 3, s.Guild: 0, other: 0})
}

// A server that the bot is not in keeps the others from nothing.
func TestAServerThatTheBotIsNotIn(t *testing.T) {
	t.Parallel()
	s, log := discordtest.New(t), &lockedBuffer{}
	register(t, s, func(o *discord.Options) {
		o.Guilds, o.Logger = []string{"1200000000000000003", s.Guild}, logTo(log)
	})
	if got := s.GuildCommands(s.Guild); len(got) != 3 || !strings.Contains(log.String(), "1200000000000000003") {
		t.Errorf("registered %q; log:\n%s", names(got), log.String())
	}
}

// Where no command may be created any more today the bot waits, and works.
func TestADayWithoutCreates(t *testing.T) {
	t.Parallel()
	s, log := discordtest.New(t), &lockedBuffer{}
	s.ExhaustCommands("")
	if w := register(t, s, func(o *discord.Options) { o.Logger = logTo(log) }); len(w) != 1 {
		t.Errorf("written %q, want one attempt and a wait", w)
	}
	if text := log.String(); !strings.Contains(text, "not registered") || !strings.Contains(text, "30034") {
		t.Errorf("the log does not say why:\n%s", text)
	}
}
