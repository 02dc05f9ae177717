package discord

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"newsdesk/bot"
)

// tree is any JSON document.
type tree = map[string]any

func commandTrees(t *testing.T) []any {
	t.Helper()
	var out []any
	if err := json.Unmarshal(commandJSON(Commands(bot.Table())), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCommandsOfTheTable(t *testing.T) {
	commands := Commands(bot.Table())
	var names []string
	for _, c := range commands {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{searchCommand, deskCommand, channelCommand}) {
		t.Fatalf("commands %q", names)
	}
	for i, manager := range []bool{false, true} {
		var subs, want []string
		for _, o := range commands[1+i].Options {
			subs = append(subs, o.Name)
		}
		for _, c := range bot.Table() {
			if c.Name != "" && c.Manager == manager {
				want = append(want, c.Name)
			}
		}
		if !slices.Equal(subs, want) {
			t.Errorf("/%s has %q, the table %q", names[1+i], subs, want)
		}
	}
	for i, o := range bot.Table()[0].Options {
		if got := commands[0].Options[i]; got.Name != o.Name {
			t.Errorf("option %d of /news is %q, want %q", i, got.Name, o.Name)
		}
	}
}

func TestOptionsWithRequiredFirst(t *testing.T) {
	got := options([]bot.Option{{Name: "a"}, {Name: "b", Required: true}, {Name: "c"}, {Name: "d", Required: true}})
	var names []string
	for _, o := range got {
		names = append(names, o.Name)
	}
	if strings.Join(names, "") != "bdac" {
		t.Errorf("order %q", names)
	}
}

// TestCommandLimits: discord.com/developers/docs/interactions/application-commands.
func TestCommandLimits(t *testing.T) {
	name := regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)
	var size func(c tree, path string) int
	size = func(c tree, path string) int {
		n, d := fmt.Sprint(c["name"]), fmt.Sprint(c["description"])
		path += "/" + n
		if !name.MatchString(n) || strings.ToLower(n) != n {
			t.Errorf("%s: name", path)
		}
		if d == "" || length(d) > descriptionLen {
			t.Errorf("%s: description %q", path, d)
		}
		sum := length(n) + length(d)
		options, _ := c["options"].([]any)
		choices, _ := c["choices"].([]any)
		if len(options) > optionsMax || len(choices) > choicesMax {
			t.Errorf("%s: %d options, %d choices", path, len(options), len(choices))
		}
		for _, v := range choices {
			sum += length(fmt.Sprint(v.(tree)["name"])) + length(fmt.Sprint(v.(tree)["value"]))
		}
		for _, o := range options {
			sum += size(o.(tree), path)
		}
		return sum
	}
	for _, c := range commandTrees(t) {
		if n := size(c.(tree), ""); n > commandMax {
			t.Errorf("%d characters of %d", n, commandMax)
		}
	}
}

// TestCommandsAgainstDiscordsSchema reads Discord's own OpenAPI description.
func TestCommandsAgainstDiscordsSchema(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "discord-openapi.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("NOT TESTED: Discord's description is not here: %v", err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]tree `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	s := schemas(doc.Components.Schemas)
	for _, c := range commandTrees(t) {
		s.check(t, "command", s["ApplicationCommandCreateRequest"], c)
	}
	var thread any
	body := forumPost{Name: "Chips are back", ArchiveMins: archiveAfter, Tags: []string{"1"}, Message: Render(storyCard(), "")}
	if err := json.Unmarshal(mustJSON(body), &thread); err != nil {
		t.Fatal(err)
	}
	s.check(t, "post", s["CreateForumThreadRequest"], thread)
	for name, m := range map[string]Message{"story": Render(storyCard(), testKey), "empty": Render(bot.Card{}, "")} {
		var v any
		raw, _ := json.Marshal(m)
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		s.check(t, name, s["MessageCreateRequest"], v)
	}
	// The check can fail.
	bad := schemas(doc.Components.Schemas)
	if bad.problem(bad["ApplicationCommandCreateRequest"], tree{"name": strings.Repeat("x", 33), "description": "d"}) == "" {
		t.Error("a name of 33 characters passes")
	}
}

// schemas checks values by the part of JSON Schema that matters here.
type schemas map[string]tree

func (s schemas) check(t *testing.T, name string, schema tree, v any) {
	t.Helper()
	if p := s.problem(schema, v); p != "" {
		t.Errorf("%s: %s", name, p)
	}
}

// problem returns what is wrong with v, "" where nothing is.
func (s schemas) problem(schema tree, v any) string {
	if ref, ok := schema["$ref"].(string); ok {
		return s.problem(s[strings.TrimPrefix(ref, "#/components/schemas/")], v)
	}
	if any, ok := schema["oneOf"].([]any); ok {
		var all []string
		for _, one := range any {
			p := s.problem(one.(tree), v)
			if p == "" {
				return ""
			}
			all = append(all, p)
		}
		return "none of: " + strings.Join(all, "; ")
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Sprintf("%v is none of %v", v, enum)
	}
	bound := func(key string) (float64, bool) { f, ok := schema[key].(float64); return f, ok }
	types := fmt.Sprint(schema["type"])
	switch v := v.(type) {
	case string:
		if schema["type"] != nil && !strings.Contains(types, "string") {
			return fmt.Sprintf("%q is no %s", v, types)
		}
		if most, ok := bound("maxLength"); ok && float64(length(v)) > most {
			return fmt.Sprintf("%q is longer than %v", v, most)
		}
		if least, ok := bound("minLength"); ok && float64(length(v)) < least {
			return fmt.Sprintf("%q is shorter than %v", v, least)
		}
		if p, ok := schema["pattern"].(string); ok {
			if re, err := regexp.Compile(p); err == nil && !re.MatchString(v) {
				return fmt.Sprintf("%q does not match %s", v, p)
			}
		}
	case float64:
		if schema["type"] != nil && !strings.Contains(types, "integer") && !strings.Contains(types, "number") {
			return fmt.Sprintf("%v is no %s", v, types)
		}
	case []any:
		if schema["type"] != nil && !strings.Contains(types, "array") {
			return "a list is no " + types
		}
		if most, ok := bound("maxItems"); ok && float64(len(v)) > most {
			return fmt.Sprintf("%d of at most %v", len(v), most)
		}
		if items, ok := schema["items"].(tree); ok {
			for i, item := range v {
				if p := s.problem(items, item); p != "" {
					return fmt.Sprintf("[%d]: %s", i, p)
				}
			}
		}
	case tree:
		if schema["type"] != nil && !strings.Contains(types, "object") {
			return "an object is no " + types
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				return fmt.Sprintf("%v is missing", name)
			}
		}
		properties, _ := schema["properties"].(tree)
		for name, value := range v {
			p, ok := properties[name].(tree)
			if !ok && properties != nil {
				return "unknown field " + name
			}
			if problem := s.problem(p, value); problem != "" {
				return name + ": " + problem
			}
		}
	}
	return ""
}

func TestManifest(t *testing.T) {
	var m struct {
		Invite      string `json:"invite_url"`
		Permissions string `json:"permissions"`
		Commands    []tree `json:"commands"`
	}
	raw := Manifest(bot.Table(), "1100000000000000001")
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(m.Invite)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("client_id") != "1100000000000000001" || q.Get("scope") != "bot applications.commands" || q.Get("permissions") != m.Permissions {
		t.Errorf("invite %s", m.Invite)
	}
	const want = 1<<10 | 1<<11 | 1<<14 | 1<<16 | 1<<38
	if m.Permissions != fmt.Sprint(int64(want)) || len(m.Commands) != 3 {
		t.Errorf("permissions %s, %d commands", m.Permissions, len(m.Commands))
	}
	if strings.Contains(string(raw), `\u0026`) {
		t.Error("the address cannot be copied out of the JSON")
	}
	if !strings.Contains(string(Manifest(bot.Table(), "")), "client_id=APPLICATION_ID") {
		t.Error("without an id nothing says where it goes")
	}
}
