package slack

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"newsdesk/bot"
)

func made(t *testing.T, a App) []byte {
	t.Helper()
	m, err := Manifest(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestManifest(t *testing.T) {
	var m manifest
	if err := json.Unmarshal(made(t, App{Commands: bot.Table()}), &m); err != nil {
		t.Fatal(err)
	}
	want := []string{"channels:history", "channels:join", "channels:read", "chat:write", "commands", "files:write", "groups:history", "groups:read", "im:history", "im:write", "users:read"}
	if got := slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)); !slices.Equal(got, want) {
		t.Errorf("scopes %q, want %q", got, want)
	}
	if !m.Settings.SocketMode || !m.Settings.Interactivity.IsEnabled || m.Settings.TokenRotation {
		t.Errorf("settings %+v", m.Settings)
	}
	if a := m.Features.AppHome; !a.MessagesTab || a.ReadOnly || !a.HomeTab {
		t.Errorf("app home %+v: direct messages need the messages tab, and people's pages the other", a)
	}
	if e := m.Settings.Events; !slices.Equal(e.Bot, []string{"app_home_opened"}) || e.RequestURL != "" {
		t.Errorf("events %+v", e)
	}
	if len(m.Features.SlashCommands) != 1 || m.Features.SlashCommands[0].Command != "/news" {
		t.Fatalf("commands %+v", m.Features.SlashCommands)
	}
	for _, c := range bot.Table() {
		if hint := m.Features.SlashCommands[0].UsageHint; !strings.Contains(hint, c.Name) {
			t.Errorf("the hint %q leaves out %q", hint, c.Name)
		}
	}
}

// Over HTTP Slack is told where the bot answers, and there are no sockets.
func TestManifestOverHTTP(t *testing.T) {
	var m manifest
	if err := json.Unmarshal(made(t, App{Commands: bot.Table(), URL: "https://bot.example"}), &m); err != nil {
		t.Fatal(err)
	}
	if m.Settings.SocketMode || m.Features.SlashCommands[0].URL != "https://bot.example/slack/commands" || m.Settings.Interactivity.RequestURL != "https://bot.example/slack/interactions" ||
		m.Settings.Interactivity.OptionsURL != "https://bot.example/slack/interactions" || m.Settings.Events == nil || m.Settings.Events.RequestURL != "https://bot.example/slack/events" {
		t.Errorf("%+v %+v", m.Settings, m.Features.SlashCommands)
	}
}

// The manifest asks for no scope that the rule of who manages a channel does
// not need.
func TestManifestScopesFollowTheRule(t *testing.T) {
	for _, test := range []struct {
		rule  []string
		wants []string
	}{
		{nil, []string{"users:read"}},
		{[]string{"everyone"}, nil},
		{[]string{"creator", "U0123456789"}, nil},
		{[]string{"S0123456789"}, []string{"usergroups:read"}},
		{[]string{"S0123456789", "admins"}, []string{"usergroups:read", "users:read"}},
	} {
		var m manifest
		if err := json.Unmarshal(made(t, App{Commands: bot.Table(), Managers: test.rule}), &m); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)) {
			if strings.HasPrefix(s, "user") {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, test.wants) {
			t.Errorf("%q asks for %q, want %q", test.rule, got, test.wants)
		}
	}
	if _, err := Manifest(App{Managers: []string{"#admins"}}); err == nil {
		t.Error("a rule that names nobody makes a manifest")
	}
}

// TestManifestOfAnAppThatPeopleInstall: Slack leads installations to registered
// addresses alone, and tells of removals only who asked, on either transport.
func TestManifestOfAnAppThatPeopleInstall(t *testing.T) {
	for _, a := range []App{{Public: "https://news.example/"}, {Public: "https://news.example", URL: "https://news.example"}} {
		var m manifest
		if err := json.Unmarshal(made(t, a), &m); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.OAuth.Redirects, []string{"https://news.example/slack/oauth"}) {
			t.Errorf("%+v redirects to %q", a, m.OAuth.Redirects)
		}
		if e := m.Settings.Events; e == nil || !slices.Equal(e.Bot, []string{"app_home_opened", "app_uninstalled", "tokens_revoked"}) || m.Settings.TokenRotation ||
			(e.RequestURL == "") != (a.URL == "") {
			t.Errorf("%+v: settings %+v", a, m.Settings)
		}
	}
	if m := string(made(t, App{Commands: bot.Table()})); strings.Contains(m, "redirect_urls") || strings.Contains(m, "app_uninstalled") {
		t.Errorf("a bot of one workspace is given redirects or events of installations: %s", m)
	}
}

// TestManifestOfALongTable stays within Slack's limits.
func TestManifestOfALongTable(t *testing.T) {
	table := bot.Table()
	for range 500 {
		table = append(table, bot.Command{Name: "commandwithalongname"})
	}
	var m manifest
	if err := json.Unmarshal(made(t, App{Commands: table}), &m); err != nil || len([]rune(m.Features.SlashCommands[0].UsageHint)) > hintMax {
		t.Errorf("%v, a hint of %d characters", err, len(m.Features.SlashCommands[0].UsageHint))
	}
}

func TestManifestFollowsSlacksSchema(t *testing.T) {
	const file = "../../../shared/data/slack-manifest.schema.json"
	if _, err := os.Stat(file); err != nil {
		t.Skipf("NOT TESTED: Slack's schema is not there, so the manifest is not held against it: %v", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			// Two fields that the manifest leaves out have a pattern with
			// lookahead, which Go does not know: nothing matches it here.
			return regexp.MustCompile(`[^\s\S]`), nil
		}
		return re, nil
	})
	schema, err := compiler.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []App{{}, {URL: "https://bot.example"}, {Managers: []string{"S0123456789"}}, {Public: "https://news.example"}, {URL: "https://news.example", Public: "https://news.example"}} {
		a.Commands = bot.Table()
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(made(t, a)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
