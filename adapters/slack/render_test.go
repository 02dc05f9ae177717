package slack

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testKey = "abcdefghijklmnopqrstuvwx"

func storyCard() bot.Card {
	return bot.Card{
		Title: "DeepSeek-R2 ships with 1.2 trillion parameters",
		URL:   "https://lab.example/r2?a=(b)&c=d",
		Text:  "The lab says the model trains on its own chips & memory. Prices fall by 97 %.",
		Badges: []bot.Badge{
			{Label: "Impact", Value: "81", Meter: 81},
			{Label: "Status", Value: "rumour"},
		},
		Facts: []bot.Fact{
			{Label: "Sources", Value: "The Verge, Heise (+3)"},
			{Label: "Topics", Value: "deepseek, r2, export-controls"},
		},
		Sections: []bot.Section{{Title: "Related", Lines: []bot.Line{
			{Text: "Huawei's 910C | update", URL: "https://chips.example/910c", Note: "64 · reported", Detail: "Volume *doubles*."},
			{Text: "No page for this one"},
		}}},
		Footer:  "first seen 09:00 UTC",
		Image:   "https://lab.example/r2.png",
		Buttons: []bot.Button{{Label: "Why 81?", Line: "why k3j2", Accent: true}, {Label: "Open", URL: "https://lab.example/r2"}},
		Tone:    bot.Critical,
	}
}

func TestRenderGolden(t *testing.T) {
	cards := map[string]Message{
		"story":  Render(storyCard(), testKey),
		"answer": Render(bot.Card{Title: "No such story", Text: "Try /news top.", Tone: bot.Mistake}, ""),
		"digest": Render(bot.Card{Title: "Monday", Sections: []bot.Section{{Lines: []bot.Line{{Text: "one", URL: "https://a.example/"}}}}}, testKey),
		"empty":  Render(bot.Card{}, ""),
	}
	for name, m := range cards {
		t.Run(name, func(t *testing.T) {
			got, err := json.MarshalIndent(m, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("got\n%s\nwant\n%s\n(go test -update writes it anew)", got, want)
			}
		})
	}
}

func TestEscape(t *testing.T) {
	for _, test := range []struct{ name, in, mrkdwn, plain string }{
		{"plain", "DeepSeek-R2: 1.2 trillion", "DeepSeek-R2: 1.2 trillion", "DeepSeek-R2: 1.2 trillion"},
		{"the three", "R&D <b> a>b", "R&amp;D &lt;b&gt; a&gt;b", "R&D <b> a>b"},
		{"an entity of theirs", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"},
		{"emphasis", "*a* _b_ ~c~ `d`", "∗a∗ ˍbˍ ∼c∼ ˋdˋ", "*a* _b_ ~c~ `d`"},
		{"full width", "＊a＊ ＿b＿", "∗a∗ ˍbˍ", "＊a＊ ＿b＿"},
		{"within words", "snake_case 2*3 ~5", "snake_case 2*3 ∼5", "snake_case 2*3 ~5"},
		{"code within a word", "a`b`c", "aˋbˋc", "a`b`c"},
		{"mentions", "<!channel> <@U123> <#C1>", "&lt;!channel&gt; &lt;@U123&gt; &lt;#C1&gt;", "<\u200b!channel> <\u200b@U123> <\u200b#C1>"},
		{"user group", "<!subteam^S1|x>", "&lt;!subteam^S1|x&gt;", "<\u200b!subteam^S1|x>"},
		{"emoji name", "so :fire: 10:30", "so :\u200bfire: 10:30", "so :fire: 10:30"},
		{"quotation", ">a", "\u200b&gt;a", ">a"},
		{"bidi", "a\u202eb\u2066c", "abc", "abc"},
		{"controls", "a\x00\x1bb\r\n\tc", "ab c", "ab c"},
		{"invalid", "a\xffb", "ab", "ab"},
		{"hidden in a mention", "<\u200b!channel>", "&lt;!channel&gt;", "<\u200b!channel>"},
		{"zalgo", "e\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"},
		{"mark on a sign", "a <\u0338!channel>", "a &lt;\u0338!channel&gt;", "a <\u0338!channel>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := text(test.in, mrkdwn, 1000); got != test.mrkdwn {
				t.Errorf("mrkdwn %q = %q, want %q", test.in, got, test.mrkdwn)
			}
			if got := text(test.in, plainText, 1000); got != test.plain {
				t.Errorf("plain_text %q = %q, want %q", test.in, got, test.plain)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		name, in string
		n        int
		want     string
	}{
		{"fits", "abc", 3, "abc"},
		{"cut", "abcd", 3, "ab…"},
		{"no entity apart", "ab&d", 6, "ab…"},
		{"entity whole", "ab&defgh", 8, "ab&amp;…"},
		{"family stays whole", "ab👨‍👩‍👧‍👦", 5, "ab…"},
		{"flag counts in UTF-16", "🇩🇪🇫🇷", 5, "🇩🇪…"},
		{"nothing", "ab", 0, ""},
		{"blank before the ellipsis", "ab cd", 4, "ab…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := text(test.in, mrkdwn, test.n); got != test.want {
				t.Errorf("text(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
			}
		})
	}
}

func TestLink(t *testing.T) {
	for _, test := range []struct{ name, text, address, want string }{
		{"plain", "a", "https://a.example/", "<https://a.example/|a>"},
		{"query", "a", "https://a.example/?x=1&y=2", "<https://a.example/?x=1&amp;y=2|a>"},
		{"label ends", "a|b>c <d", "https://a.example/", "<https://a.example/|a/b›c ‹d>"},
		{"address ends", "a", "https://a.example/|b>c", "<https://a.example/%7Cb%3Ec|a>"},
		{"script", "a", "javascript:alert(1)", "a"},
		{"mention as address", "a", "!channel", "a"},
		{"password", "a", "https://u:p@a.example/", "a"},
		{"no text", "", "https://a.example/", ""},
		{"too long an address", "a", "https://a.example/" + strings.Repeat("x", 3000), "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := link(test.text, test.address, 2000); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestButtons(t *testing.T) {
	var many []bot.Button
	for i := range 40 {
		many = append(many, bot.Button{Label: "b", Line: fmt.Sprint("story ", i)})
	}
	m := Render(bot.Card{Buttons: many}, testKey)
	check(t, m)
	if raw, _ := json.Marshal(m); strings.Count(string(raw), `"type":"button"`) != actionsMax {
		t.Errorf("not %d buttons: %s", actionsMax, raw)
	}
	m = Render(bot.Card{Title: "x", Buttons: []bot.Button{{Label: "b", Line: strings.Repeat("x", 2100)}, {Label: "c", Line: "why <a> & b"}}}, "")
	actions, _ := m.Blocks[1].(*slack.ActionBlock)
	if n := len(actions.Elements.ElementSet); n != 1 {
		t.Fatalf("%d buttons: a command that is too long must not be cut, as it would ask something else", n)
	}
	if b := actions.Elements.ElementSet[0].(*slack.ButtonBlockElement); b.Value != "why <a> & b" {
		t.Errorf("a button's command is not as it was: %q", b.Value)
	}
	if line, ok := ButtonLine(idPrefix+"0", "why k3j2"); !ok || line != "why k3j2" {
		t.Errorf("ButtonLine = %q, %v", line, ok)
	}
	for _, other := range [][2]string{{"other:0", "why"}, {idPrefix + "0", ""}} {
		if _, ok := ButtonLine(other[0], other[1]); ok {
			t.Errorf("%q was taken for ours", other)
		}
	}
}

// TestListTellsWhatItLeavesOut: a digest longer than a message counts the rest.
func TestListTellsWhatItLeavesOut(t *testing.T) {
	var lines []bot.Line
	for range 200 {
		lines = append(lines, bot.Line{Text: strings.Repeat("x", 100), URL: "https://a.example/" + strings.Repeat("y", 60)})
	}
	m := Render(bot.Card{Title: "All", Sections: []bot.Section{{Lines: lines}}}, testKey)
	check(t, m)
	raw := string(encode(m.Blocks))
	shown := strings.Count(raw, "• <https")
	if want := fmt.Sprintf("… and %d more", 200-shown); shown < 40 || !strings.Contains(raw, want) {
		t.Errorf("%d lines shown, and not %q", shown, want)
	}
}

// TestListsAreShownOrCounted: no entry goes missing without a word.
func TestListsAreShownOrCounted(t *testing.T) {
	count := regexp.MustCompile(`… and (\d+) more`)
	for _, n := range []int{1, 5, 30, 200} {
		for _, width := range []int{1, 40, 300, 2000} {
			for _, per := range []int{1, 7, 200} {
				c := bot.Card{Title: "All"}
				for i := range n {
					if i%per == 0 {
						c.Sections = append(c.Sections, bot.Section{Title: "Section"})
					}
					last := &c.Sections[len(c.Sections)-1]
					last.Lines = append(last.Lines, bot.Line{Text: strings.Repeat(`"x& `, width/4+1), URL: "https://a.example/" + strings.Repeat("y", width), Note: "n", Detail: strings.Repeat("z", width)})
				}
				m := Render(c, testKey)
				check(t, m)
				all := string(encode(m.Blocks))
				shown, left := strings.Count(all, "• "), 0
				if more := count.FindStringSubmatch(all); more != nil {
					left, _ = strconv.Atoi(more[1])
				}
				if shown+left != n || shown == 0 {
					t.Errorf("%d lines of %d, %d to a section: %d shown, %d counted", n, width, per, shown, left)
				}
			}
		}
	}
}

var (
	liveMention = regexp.MustCompile(`<[!@#]`)
	angle       = regexp.MustCompile(`<[^>]*>?`)
	ourLink     = regexp.MustCompile(`^<https?://[^<>|\s]+\|[^<>|\n]+>$`)
	bareAmp     = regexp.MustCompile(`&(amp|lt|gt);|&`)
	bidi        = regexp.MustCompile("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]")
)

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// check reports what Slack would refuse or read as markup in m.
func check(t *testing.T, m Message) {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil || !utf8.Valid(raw) {
		t.Fatalf("marshal: %v, valid %v", err, utf8.Valid(raw))
	}
	var blocks []map[string]any
	if err := json.Unmarshal(encode(m.Blocks), &blocks); err != nil {
		t.Fatal(err)
	}
	if n := units(string(encode(m.Blocks))); n > blocksTotal {
		t.Errorf("%d characters of blocks", n)
	}
	if len(blocks) == 0 || len(blocks) > blocksMax {
		t.Errorf("%d blocks", len(blocks))
	}
	within := func(what, s string, n int) {
		t.Helper()
		if s == "" || units(s) > n {
			t.Errorf("%s has %d characters of %d", what, units(s), n)
		}
		if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) || bidi.MatchString(s) {
			t.Errorf("%s is not clean: %q", what, s)
		}
	}
	markup := func(what, s string, n int) {
		t.Helper()
		within(what, s, n)
		for _, a := range angle.FindAllString(s, -1) {
			if !ourLink.MatchString(a) {
				t.Errorf("%s: %q is live", what, a)
			}
		}
		for _, e := range bareAmp.FindAllString(s, -1) {
			if e == "&" {
				t.Errorf("%s: a bare & or a cut entity in %q", what, s)
			}
		}
		if strings.ContainsAny(s, "`｀") {
			t.Errorf("%s: formatting survives in %q", what, s)
		}
	}
	object := func(what string, v any, n int) {
		t.Helper()
		o, _ := v.(map[string]any)
		s, _ := o["text"].(string)
		switch o["type"] {
		case "mrkdwn":
			if o["verbatim"] != true {
				t.Errorf("%s: Slack would link by itself", what)
			}
			markup(what, s, n)
		case "plain_text":
			if o["emoji"] != false {
				t.Errorf("%s: Slack would draw emoji by name", what)
			}
			within(what, s, n)
			if liveMention.MatchString(s) {
				t.Errorf("%s: a mention survives in %q", what, s)
			}
		default:
			t.Errorf("%s: %v", what, v)
		}
	}
	markup("text", m.Text, textMax)
	ids := map[string]bool{}
	for _, b := range blocks {
		switch b["type"] {
		case "header":
			object("header", b["text"], headerMax)
		case "section":
			if b["text"] != nil {
				object("section", b["text"], sectionMax)
			}
			fields, _ := b["fields"].([]any)
			for _, f := range fields {
				object("field", f, fieldMax)
			}
			if len(fields) > fieldsMax || b["text"] == nil && len(fields) == 0 {
				t.Errorf("%d fields", len(fields))
			}
		case "context":
			elements, _ := b["elements"].([]any)
			for _, e := range elements {
				object("context", e, sectionMax)
			}
			if n := len(elements); n == 0 || n > contextMax {
				t.Errorf("a context of %d", n)
			}
		case "actions":
			elements, _ := b["elements"].([]any)
			if n := len(elements); n == 0 || n > actionsMax {
				t.Errorf("actions of %d", n)
			}
			for _, v := range elements {
				e, _ := v.(map[string]any)
				if e["type"] == "external_select" {
					object("menu", e["placeholder"], placeholderMax)
					continue
				}
				object("button", e["text"], buttonMax)
				id, _ := e["action_id"].(string)
				value, _ := e["value"].(string)
				address, _ := e["url"].(string)
				if id == "" || ids[id] || units(value) > buttonValue || units(address) > buttonURLMax || (value == "") == (address == "") {
					t.Errorf("button %v", e)
				}
				ids[id] = true
			}
		case "image":
		default:
			t.Errorf("a block of type %v", b["type"])
		}
		if id, ok := b["block_id"].(string); ok && units(id) > blockIDMax {
			t.Errorf("block id %q", id)
		}
	}
	for _, b := range blocks {
		for _, v := range []any{b, b["accessory"]} {
			o, _ := v.(map[string]any)
			picture, ok := o["image_url"].(string)
			if !ok {
				continue
			}
			if u, err := url.Parse(picture); err != nil || u.Scheme != "http" && u.Scheme != "https" || units(picture) > imageURLMax {
				t.Errorf("picture at %q", picture)
			}
			within("alt text", o["alt_text"].(string), altMax)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"", "plain", "<!channel> <!here> <@U1> <#C1|x> <!subteam^S1> <!date^1^{date}|x>", "<https://evil.example|x> https://evil.example",
		"\u202eabc\u2066", "a\xffb\x00", strings.Repeat("👨‍👩‍👧‍👦", 3000), strings.Repeat("*<&>", 10000), strings.Repeat("e\u0301", 9000),
		"> a\n&gt; b\n```\nf", "&lt;!channel&gt;", "<\u200b!channel>", "<\u0338!channel>", "*_~`*_~`", "＞ a＊b＊", ":fire: :a:b:", "|>|>", "nd1:", `"\"`,
	} {
		f.Add(s, "https://a.example/"+s, 3)
	}
	f.Fuzz(func(t *testing.T, s, u string, n int) {
		n = min(max(n, 0), 30)
		c := bot.Card{Title: s, URL: u, Text: s, Footer: s, Image: u}
		for range n {
			c.Badges = append(c.Badges, bot.Badge{Label: s, Value: s, Meter: n * 10})
			c.Facts = append(c.Facts, bot.Fact{Label: s, Value: s})
			c.Sections = append(c.Sections, bot.Section{Title: s, Lines: []bot.Line{{Text: s, URL: u, Note: s, Detail: s}, {URL: u}, {Note: s}, {Detail: s}}})
			c.Buttons = append(c.Buttons, bot.Button{Label: s, Line: s}, bot.Button{Label: s, URL: u}, bot.Button{Label: "x", Line: s + u})
		}
		check(t, Render(c, ""))
		m := Render(c, testKey)
		check(t, m)
		var ids []string
		for _, b := range m.Blocks {
			if key, ok := keyOf(b.ID()); ok {
				ids = append(ids, key)
			}
		}
		if !slices.Equal(ids, []string{testKey}) || m.Metadata == nil || m.Metadata.EventPayload[payloadKey] != testKey {
			t.Errorf("the message does not carry its key: %v, %v", ids, m.Metadata)
		}
	})
}

// Fields have half the width, and Slack has no hanging indents: what is long
// stands flush and over the whole width, a short fact alone too.
func TestLongFactsAndDetailsAreFlush(t *testing.T) {
	long := strings.Repeat("long ", 20)
	m := Render(bot.Card{
		Facts: []bot.Fact{{Label: "A", Value: "1"}, {Label: "B", Value: "2"}, {Label: "C", Value: long}, {Label: "D", Value: "4"}},
		Sections: []bot.Section{
			{Lines: []bot.Line{{Text: "x", Detail: long}, {Text: "y", Detail: "short"}}},
			{Lines: []bot.Line{{Text: "z", Detail: "short"}}},
		},
	}, "")
	var got []string
	for _, b := range m.Blocks {
		s := b.(*slack.SectionBlock)
		if s.Text != nil {
			got = append(got, s.Text.Text)
		} else {
			got = append(got, fmt.Sprintf("%d fields", len(s.Fields)))
		}
	}
	long = strings.TrimSpace(long)
	want := []string{"2 fields", "*C*\n" + long, "*D*\n4", "• x\n" + long + "\n\n• y\nshort", "• z\n    short"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Nothing but a channel can be told of in a channel's place.
func TestLineOfAChannel(t *testing.T) {
	for _, tt := range []struct {
		channel bot.Channel
		want    string
	}{
		{"slack:C0123456789", "• <#C0123456789> · since 09:00"},
		{"slack:T0123/C0123456789", "• <#C0123456789> · since 09:00"},
		{"discord:123456789012345678", "• its text · since 09:00"},
		{"slack:@U0123456789", "• its text · since 09:00"},
		{"slack:T0123/@U0123456789", "• its text · since 09:00"},
		{"slack:C1> <!channel", "• its text · since 09:00"},
		{"slack:C1|everyone", "• its text · since 09:00"},
	} {
		if got := entry(bot.Line{Text: "its text", Channel: tt.channel, Note: "since 09:00"}, false); got != tt.want {
			t.Errorf("%q is shown as %q, want %q", tt.channel, got, tt.want)
		}
	}
}
