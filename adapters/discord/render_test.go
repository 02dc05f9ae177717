package discord

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"newsdesk/bot"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testKey = "abcdefghijklmnopqrstuvwx"

func storyCard() bot.Card {
	return bot.Card{
		Title: "DeepSeek-R2 ships with 1.2 trillion parameters",
		URL:   "https://lab.example/r2?a=(b)",
		Text:  "The lab says the model trains on its own chips. Prices fall by 97 %.",
		Badges: []bot.Badge{
			{Label: "Impact", Value: "81", Meter: 81},
			{Label: "Status", Value: "rumour"},
		},
		Facts: []bot.Fact{
			{Label: "Sources", Value: "The Verge, Heise (+3)"},
			{Label: "Topics", Value: "deepseek, r2, export-controls, and others that make this a long value"},
		},
		Sections: []bot.Section{{Title: "Related", Lines: []bot.Line{
			{Text: "Huawei's 910C [update]", URL: "https://chips.example/910c", Note: "64 · reported", Detail: "Volume doubles."},
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

// Nothing but a channel can be told of in a channel's place.
func TestLineOfAChannel(t *testing.T) {
	for _, tt := range []struct {
		channel bot.Channel
		want    string
	}{
		{"discord:123456789012345678", "- <#123456789012345678> · since noon"},
		{"slack:C0123456789", "- its text · since noon"},
		{"discord:&123456789012345678", "- its text · since noon"},
		{"discord:@123456789012345678", "- its text · since noon"},
		{"discord:1> <@&2", "- its text · since noon"},
		{"discord:", "- its text · since noon"},
	} {
		if got := line(bot.Line{Text: "its text", Channel: tt.channel, Note: "since noon"}); got != tt.want {
			t.Errorf("%q is shown as %q, want %q", tt.channel, got, tt.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "DeepSeek-R2: 1.2 trillion", "DeepSeek-R2: 1.2 trillion"},
		{"emphasis", "*a* _b_ ~~c~~ `d` ||e||", `\*a\* \_b\_ \~\~c\~\~ \` + "`d" + `\` + "`" + ` \|\|e\|\|`},
		{"backslash", `\*`, `\\\*`},
		{"everyone", "hi @everyone", "hi @\u200beveryone"},
		{"here in capitals", "@HERE", "@\u200bHERE"},
		{"address", "mail a@b.example", "mail a@b.example"},
		{"user mention", "<@123>", "\\<\u200b@\u200b123\\>"},
		{"channel and time", "<#1> <t:1:R>", "\\<\u200b#1\\> \\<\u200bt\\:1\\:R\\>"},
		{"masked link", "[a](https://b.example)", `\[a\](https\://b.example)`},
		{"emoji name", ":fire:", `\:fire:`},
		{"heading", "# big", `\# big`},
		{"number sign inside", "issue #4", "issue #4"},
		{"list", "- a", `\- a`},
		{"numbered list", "2. a", `2\. a`},
		{"year", "2026 was good.", "2026 was good."},
		{"bidi", "a\u202eb\u2066c", "abc"},
		{"controls", "a\x00\x1bb\r\n\tc", "ab c"},
		{"invalid", "a\xffb", "ab"},
		{"hidden in a mention", "@every\u200bone", "@\u200beveryone"},
		{"zalgo", "e\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := markdown(test.in, 1000); got != test.want {
				t.Errorf("markdown(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestParagraphsEscapeEachLineStart(t *testing.T) {
	if got, want := paragraphs("a\n# b\n\n\n\n- c", 100), "a\n\\# b\n\n\\- c"; got != want {
		t.Errorf("got %q, want %q", got, want)
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
		{"no escape apart", "ab*d", 4, "ab…"},
		{"family stays whole", "ab👨‍👩‍👧‍👦", 5, "ab…"},
		{"flag counts in UTF-16", "🇩🇪🇫🇷", 5, "🇩🇪…"},
		{"nothing", "ab", 0, ""},
		{"blank before the ellipsis", "ab cd", 4, "ab…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := markdown(test.in, test.n); got != test.want {
				t.Errorf("markdown(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
			}
		})
	}
}

func TestWebURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x_(y)*":         "https://a.example/x_%28y%29%2A",
		"http://a.example/ä b":             "http://a.example/%C3%A4%20b",
		"javascript:alert(1)":              "",
		"//a.example/":                     "",
		"https://u:p@a.example/":           "",
		"https://a.example/)[x](y":         "https://a.example/%29%5Bx%5D%28y",
		"https://a.example/" + "<@1>":      "https://a.example/%3C%401%3E",
		"http://[::1]/":                    "",
		"":                                 "",
		"https://a.example/%zz":            "",
		"https://" + longText(3000) + ".x": "",
	} {
		if got := webURL(in, urlMax); got != want {
			t.Errorf("webURL(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestButtons(t *testing.T) {
	var many []bot.Button
	for i := range 40 {
		many = append(many, bot.Button{Label: "b", Line: "story " + strings.Repeat("x", i)})
	}
	many = append(many, many[0])
	rows, marked := components(many, testKey)
	if len(rows) != rowsMax || len(rows[4].Components) != rowMax || !marked {
		t.Fatalf("%d rows, marked %v", len(rows), marked)
	}
	if line, ok := ButtonLine(rows[0].Components[1].CustomID); !ok || line != "story x" && line != "story" {
		t.Errorf("ButtonLine(%q) = %q, %v", rows[0].Components[1].CustomID, line, ok)
	}
	if id := customID(testKey, strings.Repeat("x", 80)); id != "" {
		t.Errorf("a line that is too long was cut to %q: it asks something else", id)
	}
	if line, ok := ButtonLine("nd1::follow a:b"); !ok || line != "follow a:b" {
		t.Errorf("ButtonLine without a key = %q, %v", line, ok)
	}
	if _, ok := ButtonLine("other:thing"); ok {
		t.Error("another bot's button was taken for ours")
	}
}

// TestListTellsWhatItLeavesOut: a digest longer than a message counts the rest.
func TestListTellsWhatItLeavesOut(t *testing.T) {
	var lines []bot.Line
	for range 100 {
		lines = append(lines, bot.Line{Text: longText(100), URL: "https://a.example/" + longText(60)})
	}
	d := description(bot.Card{Sections: []bot.Section{{Title: "All", Lines: lines}}}, descriptionMax)
	shown := strings.Count(d, "\n- ")
	if want := "… and " + itoa(100-shown) + " more that do not fit here"; !strings.HasSuffix(d, want) {
		t.Errorf("%d lines shown, ends %q, want %q", shown, d[len(d)-30:], want)
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func longText(n int) string { return strings.Repeat("x", n) }

var (
	mention = regexp.MustCompile(`(?i)@everyone|@here|(^|[^\\])<[@#]|<@[!&]?\d|(^|[^\\])<t:|(^|[^\\])<a?:`)
	bareURL = regexp.MustCompile(`(?i)(^|[^(])https?://`)
	ourLink = regexp.MustCompile(`\]\(https?://[^)\s]*\)`)
	bidi    = regexp.MustCompile("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]")
)

// check reports what Discord would refuse or read as markup in m.
func check(t *testing.T, m Message) {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil || !utf8.Valid(raw) {
		t.Fatalf("marshal: %v, valid %v", err, utf8.Valid(raw))
	}
	sum := 0
	within := func(what, s string, n int) {
		t.Helper()
		sum += length(s)
		if length(s) > n {
			t.Errorf("%s has %d characters of %d", what, length(s), n)
		}
		if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) || bidi.MatchString(s) {
			t.Errorf("%s is not clean: %q", what, s)
		}
		if mention.MatchString(s) || what != "footer" && bareURL.MatchString(ourLink.ReplaceAllString(s, "")) {
			t.Errorf("%s is live: %q", what, s)
		}
	}
	e := m.Embeds[0]
	within("title", e.Title, titleMax)
	within("description", e.Description, descriptionMax)
	if len(e.Fields) > fieldsMax {
		t.Errorf("%d fields", len(e.Fields))
	}
	for _, f := range e.Fields {
		within("field name", f.Name, fieldNameMax)
		within("field value", f.Value, fieldValueMax)
		if f.Name == "" || f.Value == "" {
			t.Errorf("an empty field: %+v", f)
		}
	}
	if e.Footer != nil {
		within("footer", e.Footer.Text, footerMax)
	}
	if sum > embedMax {
		t.Errorf("%d characters in sum", sum)
	}
	ids := map[string]bool{}
	if len(m.Components) > rowsMax {
		t.Errorf("%d rows", len(m.Components))
	}
	for _, r := range m.Components {
		if n := len(r.Components); n == 0 || n > rowMax {
			t.Errorf("a row of %d", n)
		}
		for _, b := range r.Components {
			if b.Label == "" || length(b.Label) > labelMax || length(b.CustomID) > customIDMax || len(b.URL) > buttonURL ||
				(b.CustomID == "") == (b.URL == "") || b.CustomID != "" && ids[b.CustomID] {
				t.Errorf("button %+v", b)
			}
			ids[b.CustomID] = true
		}
	}
	if m.AllowedMentions.Parse == nil || strings.Contains(string(raw), `"parse":null`) {
		t.Error("mentions are not switched off")
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"", "plain", "@everyone <@1> <@&2> <#3> <t:1:R> <:a:1> <a:b:2>", "[x](https://evil.example) https://evil.example",
		"\u202eabc\u2066", "a\xffb\x00", strings.Repeat("👨‍👩‍👧‍👦", 3000), strings.Repeat("*", 10000), strings.Repeat("e\u0301", 9000),
		"# a\n> b\n- c\n1. d\n-# e\n```\nf", "\\<@1>", "\\", "@\u200beveryone", "<\u200b@1>", "@every\u202eone", "https:/\u200b/x.example", "nd1:",
	} {
		f.Add(s, "https://a.example/"+s, 3)
	}
	f.Fuzz(func(t *testing.T, s, u string, n int) {
		n = min(max(n, 0), 30)
		c := bot.Card{Title: s, URL: u, Text: s, Footer: s, Image: u}
		for range n {
			c.Badges = append(c.Badges, bot.Badge{Label: s, Value: s, Meter: n * 10})
			c.Facts = append(c.Facts, bot.Fact{Label: s, Value: s})
			c.Sections = append(c.Sections, bot.Section{Title: s, Lines: []bot.Line{{Text: s, URL: u, Note: s, Detail: s}, {URL: u}, {Note: s}}})
			c.Buttons = append(c.Buttons, bot.Button{Label: s, Line: s}, bot.Button{Label: s, URL: u}, bot.Button{Label: "x", Line: s + u})
		}
		check(t, Render(c, ""))
		m := Render(c, testKey)
		check(t, m)
		if !carries(m, testKey) {
			t.Error("the message does not carry its key")
		}
	})
}

// carries looks for key where Find does.
func carries(m Message, key string) bool {
	for _, r := range m.Components {
		for _, b := range r.Components {
			if k, _, ok := splitCustomID(b.CustomID); ok && k == key {
				return true
			}
		}
	}
	return m.Embeds[0].Footer != nil && strings.HasSuffix(m.Embeds[0].Footer.Text, footerMark+key)
}

// TestLineMost: what the bot holds for a line that every platform carries, Discord does.
func TestLineMost(t *testing.T) {
	if line, ok := ButtonLine(customID("", strings.Repeat("x", bot.LineMost))); !ok || len(line) != bot.LineMost {
		t.Errorf("a line of %d characters does not fit into a button", bot.LineMost)
	}
}
