package adapters_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"newsdesk/adapters/slack/slacktest"
)

// Limits that slacktest does not enforce, as Slack publishes them for the text
// of a message (docs.slack.dev/reference/methods/chat.postMessage), or not at
// all: blocks of about 13,200 characters are refused
// (github.com/slackapi/bolt-js/issues/2509), 12,000 leave a margin.
const (
	slackText   = 4000
	slackBlocks = 12_000
)

var slackMention = regexp.MustCompile(`<[!@#]`)

// slackChannel is a channel that is an entry of a list: the one mention that
// the bot makes, and it notifies nobody.
var slackChannel = regexp.MustCompile(`(?m)^• <#[CGD][A-Z0-9]+>`)

// checkSlack checks what slacktest lets pass. The limits of single blocks and
// elements, and that their ids are unique, are its own to refuse: the adapter
// would send such a message as text, without blocks.
func checkSlack(t *testing.T, m slacktest.Message) {
	t.Helper()
	if n := width(m.Text); n == 0 || n > slackText {
		t.Errorf("a text of %d characters: %.100q", n, m.Text)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(m.Blocks); err != nil || len(m.Blocks) == 0 || width(buf.String()) > slackBlocks {
		t.Errorf("%d blocks of %d characters, %v: %.100q", len(m.Blocks), width(buf.String()), err, m.Text)
	}
	if hit := slackMention.FindString(m.Text + slackChannel.ReplaceAllString(m.Shown(), "")); hit != "" {
		t.Errorf("a mention survives in %q", m.Text)
	}
}

func width(s string) int { return len(utf16.Encode([]rune(s))) }

// elements returns the buttons and menus of blocks.
func elements(blocks []any) (out []map[string]any) {
	for _, b := range blocks {
		list, _ := b.(map[string]any)["elements"].([]any)
		for _, e := range list {
			out = append(out, e.(map[string]any))
		}
	}
	return out
}

// discordAPI is Discord's own description of its interface, as
// github.com/discord/discord-api-spec publishes it; it is no part of this
// repository.
const discordAPI = "../../shared/data/discord-openapi.json"

// A reference is Discord's description, ready to check requests.
type reference struct {
	paths    map[string]*regexp.Regexp
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

// newReference reads the description. It is made stricter: an object with a
// property that is not described is wrong.
func newReference(t *testing.T) *reference {
	raw, err := os.ReadFile(discordAPI)
	if err != nil {
		return nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{paths: map[string]*regexp.Regexp{}, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	for _, s := range doc.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		o := s.(map[string]any)
		_, fields := o["properties"]
		_, open := o["additionalProperties"]
		if _, mixed := o["allOf"]; fields && !open && !mixed {
			o["additionalProperties"] = false
		}
	}
	for p := range doc.(map[string]any)["paths"].(map[string]any) {
		pattern := regexp.MustCompile(`\\\{[a-z_]+\\\}`).ReplaceAllString(regexp.QuoteMeta(p), `[^/]+`)
		r.paths[p] = regexp.MustCompile("^" + pattern + "$")
	}
	if err := r.compiler.AddResource("discord.json", doc); err != nil {
		t.Fatal(err)
	}
	return r
}

// schema returns what describes the body of a request.
func (r *reference) schema(t *testing.T, method, at string) *jsonschema.Schema {
	best := ""
	for p, pattern := range r.paths {
		// Of "/messages/@original" and "/messages/{message_id}" the first.
		if pattern.MatchString(at) && (best == "" || strings.Count(p, "{") < strings.Count(best, "{")) {
			best = p
		}
	}
	if best == "" {
		t.Errorf("Discord describes no path %s", at)
		return nil
	}
	loc := "discord.json#/paths/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(best) + "/" + strings.ToLower(method) + "/requestBody/content/application~1json/schema"
	s := r.schemas[loc]
	if s == nil {
		var err error
		if s, err = r.compiler.Compile(loc); err != nil {
			t.Errorf("%s %s: %v", method, at, err)
			return nil
		}
		r.schemas[loc] = s
	}
	return s
}

// componentsV2 is a flag that brings limits of its own: forty components, and
// about 10,170 bytes that are documented nowhere
// (github.com/discord/discord-api-docs/issues/8554). Nothing here sets it.
const componentsV2 = 1 << 15

// checkDiscord checks every body that Discord received against its own
// description, and that none of them notifies anybody.
func checkDiscord(t *testing.T, seen []passage) {
	r := newReference(t)
	if r == nil {
		t.Logf("NOT CHECKED against Discord's own description: there is no %s", discordAPI)
	}
	checked := 0
	for _, p := range seen {
		at := strings.TrimPrefix(strings.TrimPrefix(p.path, "/api/v9"), "/api/v10")
		body := payload(t, p)
		if body == nil {
			continue
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s %s: %v", p.method, at, err)
			continue
		}
		quiet(t, p.method+" "+at, v)
		if r == nil {
			continue
		}
		if s := r.schema(t, p.method, at); s != nil {
			checked++
			if err := s.Validate(v); err != nil {
				t.Errorf("%s %s: %v\n%.600s", p.method, at, err, body)
			}
		}
	}
	t.Logf("%d of %d requests checked against Discord's own description", checked, len(seen))
}

// payload is the JSON of a request: its body, or a part of its form.
func payload(t *testing.T, p passage) []byte {
	kind, params, err := mime.ParseMediaType(p.kind)
	if len(p.body) == 0 {
		return nil
	}
	if err != nil || kind != "multipart/form-data" {
		return p.body
	}
	for form := multipart.NewReader(bytes.NewReader(p.body), params["boundary"]); ; {
		part, err := form.NextPart()
		if err != nil {
			t.Errorf("%s: a form without payload_json: %v", p.path, err)
			return nil
		}
		if part.FormName() == "payload_json" {
			content, _ := io.ReadAll(part)
			return content
		}
	}
}

// quiet: whatever can be seen says that nobody is to be notified, since Discord's
// default is everybody.
func quiet(t *testing.T, what string, v any) {
	o, ok := v.(map[string]any)
	if !ok {
		return // the list of commands
	}
	if data, ok := o["data"].(map[string]any); ok {
		o = data
	}
	_, content := o["content"]
	_, embeds := o["embeds"]
	if !content && !embeds {
		return
	}
	mentions, _ := o["allowed_mentions"].(map[string]any)
	if parse, ok := mentions["parse"].([]any); !ok || len(parse) > 0 || len(mentions) != 1 {
		t.Errorf("%s may notify people: allowed_mentions is %v", what, o["allowed_mentions"])
	}
	if flags, ok := o["flags"].(json.Number); ok {
		if n, err := flags.Int64(); err != nil || n&componentsV2 != 0 {
			t.Errorf("%s has the flags %s", what, flags)
		}
	}
}

// sealed matches what stands for the time and the proof in a button's line,
// and keptAs what stands for words that it has no room for.
var (
	sealed = regexp.MustCompile(`~[0-9a-z]+\.[A-Za-z0-9_-]{12}\.`)
	// summed is the sum of such lines that Slack's ids of posted rows of buttons end in.
	summed = regexp.MustCompile(`("block_id": "nd1:[a-z2-7]{24}:)[a-z2-7]{8}"`)
	keptAs = regexp.MustCompile(`(~UNTIL\.PROOF\.[psaf]\d+=)[A-Za-z0-9_-]{16}`)
)

// golden compares what a platform received with what is kept, or keeps it.
func golden(t *testing.T, platform, name, asked string, m said) {
	t.Helper()
	raw, err := json.Marshal(m.received)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{"asked": asked, "received": undrawn(tree)}); err != nil {
		t.Fatal(err)
	}
	got := sealed.ReplaceAll(buf.Bytes(), []byte("~UNTIL.PROOF."))
	if !bytes.Equal(got, buf.Bytes()) {
		got = summed.ReplaceAll(got, []byte(`${1}SUM"`))
	}
	got = keptAs.ReplaceAll(got, []byte("${1}KEY"))
	file := path.Join("testdata", "conversation", platform, name+".json")
	if *update {
		if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v: run with -update, and read what it writes", err)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %s", file, difference(string(got), string(want)))
	}
}

// difference names the first line that differs.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			wanted := "nothing"
			if i < len(w) {
				wanted = w[i]
			}
			return "line " + strings.TrimSpace(g[i]) + "\nwant " + strings.TrimSpace(wanted)
		}
	}
	return "lines are missing at the end"
}

// undrawn leaves the pixels out of pictures.
func undrawn(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			if strings.EqualFold(name, "png") && v[name] != nil {
				v[name] = "a picture"
			} else {
				v[name] = undrawn(v[name])
			}
		}
	case []any:
		for i := range v {
			v[i] = undrawn(v[i])
		}
	}
	return v
}
