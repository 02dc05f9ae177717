package slack

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"newsdesk/bot"
)

func TestManifest(t *testing.T) {
	var m manifest
	if err := json.Unmarshal(Manifest(bot.Table(), ""), &m); err != nil {
		t.Fatal(err)
	}
	want := []string{"channels:history", "channels:join", "channels:read", "chat:write", "commands", "files:write", "groups:history", "groups:read", "im:history", "im:write"}
	if got := slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)); !slices.Equal(got, want) {
		t.Errorf("scopes %q, want %q", got, want)
	}
	if !m.Settings.SocketMode || !m.Settings.Interactivity.IsEnabled || m.Settings.TokenRotation {
		t.Errorf("settings %+v", m.Settings)
	}
	if a := m.Features.AppHome; !a.MessagesTab || a.ReadOnly || a.HomeTab {
		t.Errorf("app home %+v: direct messages need the messages tab", a)
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

// TestManifestOfAnAppThatPeopleInstall: Slack leads installations to registered
// addresses alone, and tells of removals only who asked.
func TestManifestOfAnAppThatPeopleInstall(t *testing.T) {
	var m manifest
	if err := json.Unmarshal(Manifest(bot.Table(), "https://news.example/"), &m); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.OAuth.Redirects, []string{"https://news.example/slack/oauth"}) {
		t.Errorf("redirects to %q", m.OAuth.Redirects)
	}
	if m.Settings.Events == nil || !slices.Equal(m.Settings.Events.Bot, []string{"app_uninstalled", "tokens_revoked"}) || m.Settings.TokenRotation {
		t.Errorf("settings %+v", m.Settings)
	}
	if err := json.Unmarshal(Manifest(bot.Table(), ""), &m); err != nil || strings.Contains(string(Manifest(bot.Table(), "")), "redirect_urls") {
		t.Errorf("a bot of one workspace is given redirects: %v", err)
	}
}

// TestManifestOfALongTable stays within Slack's limits.
func TestManifestOfALongTable(t *testing.T) {
	table := bot.Table()
	for range 500 {
		table = append(table, bot.Command{Name: "commandwithalongname"})
	}
	var m manifest
	if err := json.Unmarshal(Manifest(table, ""), &m); err != nil || len([]rune(m.Features.SlashCommands[0].UsageHint)) > hintMax {
		t.Errorf("%v, a hint of %d characters", err, len(m.Features.SlashCommands[0].UsageHint))
	}
}

func TestManifestFollowsSlacksSchema(t *testing.T) {
	const file = "../../../shared/data/slack-manifest.schema.json"
	if _, err := os.Stat(file); err != nil {
		t.Skipf("Slack's schema is not there, so the manifest is not held against it: %v", err)
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
	for _, publicURL := range []string{"", "https://news.example"} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Manifest(bot.Table(), publicURL))))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("with the public address %q: %v", publicURL, err)
		}
	}
}
