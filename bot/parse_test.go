package bot_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"newsdesk/bot"
)

// opts makes options of key, value, key, value.
func opts(kv ...string) map[string]string {
	m := map[string]string{}
	for p := range slices.Chunk(kv, 2) {
		m[p[0]] = p[1]
	}
	return m
}

func TestParseLine(t *testing.T) {
	for _, tt := range []struct {
		line    string
		command string
		options map[string]string
	}{
		{"", "", opts()},
		{"  \t ", "", opts()},
		{"/news", "", opts()},
		{"news", "", opts()},
		{"/NEWS deepseek", "", opts("query", "deepseek")},
		{"news deepseek", "", opts("query", "deepseek")},
		{"/desk top", "top", opts()},
		{"/desk-channel subscribe min:60", "subscribe", opts("min", "60")},
		{"deepseek r2", "", opts("query", "deepseek r2")},
		{"/news /news", "", opts("query", "/news")},
		{"深度求索 最新", "", opts("query", "深度求索 最新")},
		{`"export controls" china`, "", opts("query", `"export controls" china`)},
		{"“export  controls” china", "", opts("query", `"export controls" china`)},
		{`"never closed words`, "", opts("query", `"never closed words"`)},
		{`say "" nothing`, "", opts("query", "say nothing")},
		{"deepseek since:7d min:60 status:rumour topic:r2", "", opts("query", "deepseek", "since", "7d", "min", "60", "status", "rumour", "topic", "r2")},
		{"since:7D deepseek MIN:060 r2", "", opts("query", "deepseek r2", "since", "7d", "min", "60")},
		{"since: 7d deepseek", "", opts("query", "deepseek", "since", "7d")},
		{"since:today", "", opts("since", "today")},
		{"deepseek since:2025-04-20", "", opts("query", "deepseek", "since", "2025-04-20")},
		{"topic:\"export controls\" chips", "", opts("query", "chips", "topic", "export controls")},
		{"topic:“export controls”", "", opts("topic", "export controls")},
		{"topic:openai topic:meta", "", opts("topic", "openai,meta")},
		{"min\uff1a70 芯片", "", opts("query", "芯片", "min", "70")},
		{"status:RUMOR", "", opts("status", "rumour")},
		{`query:"top models"`, "", opts("query", "top models")},

		// A key that is no option is text.
		{"gpt:oss", "", opts("query", "gpt:oss")},
		{"https://x.example/a?b=c:d#e", "", opts("query", "https://x.example/a?b=c:d#e")},
		{"size:7b models", "", opts("query", "size:7b models")},
		{":-) :x", "", opts("query", ":-) :x")},
		{"mood:", "", opts("query", "mood:")},
		{`"sinse:7d"`, "", opts("query", `"sinse:7d"`)},

		// The first word alone selects a command.
		{"top", "top", opts()},
		{"TOP Week", "top", opts("period", "week")},
		{"top period:month", "top", opts("period", "month")},
		{"topmodels", "", opts("query", "topmodels")},
		{"models top", "", opts("query", "models top")},
		{`"top" models`, "", opts("query", `"top" models`)},
		{"search models", "", opts("query", "search models")},
		{"story k3j2", "story", opts("id", "k3j2")},
		{"why id:k3j2", "why", opts("id", "k3j2")},
		{"story https://x.example/a", "story", opts("id", "https://x.example/a")},
		{"help", "help", opts()},
		{"help Search", "help", opts("command", "search")},
		{"sources", "sources", opts()},
		{"status", "status", opts()},
		{"status:denied", "", opts("status", "denied")},
	} {
		c, err := bot.ParseLine(bot.Table(), tt.line)
		if err != nil || c.Command != tt.command || !maps.Equal(c.Options, tt.options) {
			t.Errorf("%q is %q %v, %v; want %q %v", tt.line, c.Command, c.Options, err, tt.command, tt.options)
		}
	}
}

func TestParseLineMistakes(t *testing.T) {
	for _, tt := range []struct {
		line     string
		sentence string
		hint     string // a part of it
		offer    string
	}{
		{"min:abc", `min must be a whole number from 0 to 100, not "abc"`, "min:50", ""},
		{"min:101", `min must be a whole number from 0 to 100, not "101"`, "", ""},
		{"min:-1", `min must be a whole number from 0 to 100, not "-1"`, "", ""},
		{"min:6.5", `min must be a whole number from 0 to 100, not "6.5"`, "", ""},
		{"min:99999999999999999999", `min must be a whole number from 0 to 100, not "99999999999999999999"`, "", ""},
		{"min:", "min has no value", "min:50", ""},
		{"min: since:7d", "min has no value", "min:50", ""},
		{`min:""`, "min has no value", "min:50", ""},
		{"min:5 min:6", "min is given twice", "once", ""},
		{"since:soon", `since must be a time span or a date, not "soon"`, "12h, 7d, 2w, today or 2025-04-20", ""},
		{"since:0d", `since must be a time span or a date, not "0d"`, "", ""},
		{"since:99999999w", `since must be a time span or a date, not "99999999w"`, "", ""},
		{"since:2025-02-30", `since must be a time span or a date, not "2025-02-30"`, "", ""},
		{"pause 2025-04-20", `time must be a time span, not "2025-04-20"`, "12h, 7d or 2w", `"pause" 2025-04-20`},
		{"status:maybe", `status must be one of rumour, reported, confirmed, denied, not "maybe"`, "", ""},
		{"status:confrimed", `status must be one of rumour, reported, confirmed, denied, not "confrimed"`, "did you mean confirmed?", ""},
		{"sinse:7d deepseek", `there is no option "sinse:"`, "did you mean since:7d?", ""},
		{"topics:r2", `there is no option "topics:"`, "did you mean topic:r2?", ""},
		{"mni:5", `there is no option "mni:"`, "did you mean min:5?", ""},
		{"query:a b", `query is given twice, by name and as "b"`, "", ""},
		{"top models", `period must be one of today, week, month, not "models"`, "", `"top" models`},
		{"top weak", `period must be one of today, week, month, not "weak"`, "did you mean week?", `"top" weak`},
		{"top limit:5", `top has no option "limit:"`, "/news top [today|week|month]", ""},
		{"status of gas", `status takes nothing more, but there is "of gas"`, "quotes", `"status" of gas`},
		{"story", "story needs the id", "/news story ID", ""},
		{"help stroy", `command must be one of search, top, story, why, related, trends, timeline, follow, unfollow, following, useful, noise, subscribe, settings, unsubscribe, pause, digest, sources, status, resume, retry, help, not "stroy"`, "did you mean story?", `"help" stroy`},
	} {
		_, err := bot.ParseLine(bot.Table(), tt.line)
		e, ok := errors.AsType[*bot.UsageError](err)
		if !ok {
			t.Errorf("%q: %v, want a usage error", tt.line, err)
			continue
		}
		if e.Sentence.String() != tt.sentence || !strings.Contains(e.Hint.String(), tt.hint) || e.Line != tt.offer {
			t.Errorf("%q: sentence %q, hint %q, line %q\nwant %q, %q, %q", tt.line, e.Sentence, e.Hint, e.Line, tt.sentence, tt.hint, tt.offer)
		}
		if e.Line != "" {
			if c, err := bot.ParseLine(bot.Table(), e.Line); err != nil || c.Command != "" {
				t.Errorf("%q offers %q, which is %q, %v", tt.line, e.Line, c.Command, err)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	table := bot.Table()
	for _, tt := range []struct {
		call bot.Call
		want string // of the error, "" for none
	}{
		{bot.Call{}, ""},
		{bot.Call{Options: opts("query", "x", "min", "0")}, ""},
		{bot.Call{Command: "TOP", Options: opts("Period", "WEEK")}, ""},
		{bot.Call{Command: "top", Options: opts("period", "")}, ""},
		{bot.Call{Command: "topp"}, `there is no command "topp": did you mean /news top?`},
		{bot.Call{Command: "xyzzy"}, `there is no command "xyzzy": see /news help`},
		{bot.Call{Options: opts("mim", "5")}, `search has no option "mim": did you mean min?`},
		{bot.Call{Command: "story", Options: opts("id", "  ")}, "story needs the id: as in /news story ID"},
		{bot.Call{Options: opts("min", "x")}, `min must be a whole number from 0 to 100, not "x": as in min:50`},
	} {
		got := ""
		if err := bot.Validate(table, tt.call); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.call, got, tt.want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	now := time.Date(2025, 4, 28, 1, 30, 0, 0, time.FixedZone("", 2*3600))
	for s, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "12h": 12 * time.Hour, "7d": 168 * time.Hour, "2w": 336 * time.Hour, "2W": 336 * time.Hour,
		"3650d": 87600 * time.Hour, "today": 23*time.Hour + 30*time.Minute, // it is still the 27th in UTC
	} {
		if got, err := bot.ParseSpan(s, now); err != nil || now.Sub(got) != want {
			t.Errorf("%q is %s before now, %v; want %s", s, now.Sub(got), err, want)
		}
	}
	for _, s := range []string{"", "d", "7", "0d", "-1d", "+1d", "1.5h", "3651d", "7 d", "7dd", "d7", "999999w", "tomorrow", "7日"} {
		if got, err := bot.ParseSpan(s, now); err == nil {
			t.Errorf("%q is taken for %s", s, got)
		}
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2025, 4, 28, 1, 30, 0, 0, time.FixedZone("", 2*3600))
	for s, want := range map[string]time.Time{"2025-04-20": time.Date(2025, 4, 20, 0, 0, 0, 0, time.UTC), "12h": now.Add(-12 * time.Hour), "today": time.Date(2025, 4, 27, 0, 0, 0, 0, time.UTC)} {
		if got, err := bot.ParseSince(s, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "2025-02-30", "20.4.2025", "2025-04-20T09:00", "7 d"} {
		if got, err := bot.ParseSince(s, now); err == nil {
			t.Errorf("%q is taken for %s", s, got)
		}
	}
}

// TestTable checks what platforms demand of names and summaries, and that the
// examples are understood.
func TestTable(t *testing.T) {
	table := bot.Table()
	seen := map[string]bool{}
	for _, c := range table {
		if seen[c.Name] || len(c.Summary) > 100 || c.Summary == "" || len(c.Options) > 25 || len(c.Examples) == 0 {
			t.Errorf("%q: twice, or a summary of %d bytes, or %d options, or no example", c.Name, len(c.Summary), len(c.Options))
		}
		seen[c.Name] = true
		positional := 0
		for _, o := range c.Options {
			if o.Positional {
				positional++
			}
			if len(o.Summary) > 100 || o.Summary == "" || o.Name != strings.ToLower(o.Name) || len(o.Choices) > 25 || (o.Kind == bot.OneOf) != (len(o.Choices) > 0) {
				t.Errorf("%q: option %+v", c.Name, o)
			}
		}
		if positional > 1 {
			t.Errorf("%q has %d positional options", c.Name, positional)
		}
		for _, e := range c.Examples {
			if call, err := bot.ParseLine(table, e); err != nil || call.Command != c.Name {
				t.Errorf("the example %q of %q is %q, %v", e, c.Name, call.Command, err)
			}
		}
		if call, err := bot.ParseLine(table, "help "+c.Title()); err != nil || call.Options["command"] != c.Title() {
			t.Errorf("help %s: %v, %v", c.Title(), call, err)
		}
	}
	for name, want := range map[string]string{
		"": "/news [QUERY] [topic:] [since:] [min:] [status:]", "top": "/news top [today|week|month]", "why": "/news why ID", "help": "/news help [COMMAND]",
	} {
		for _, c := range table {
			if c.Name == name && c.Usage() != want {
				t.Errorf("%q is used as %q, want %q", name, c.Usage(), want)
			}
		}
	}
	table[0].Options[0].Name = "changed"
	if bot.Table()[0].Options[0].Name == "changed" {
		t.Error("a caller changed the table of others")
	}
}

// FuzzParseLine checks that whatever is typed gives a valid call or a
// sentence, and that a call keeps what validation says.
func FuzzParseLine(f *testing.F) {
	for _, s := range []string{
		"/news deepseek since:7d", `top "x`, "min:\"5\" a:b:c “q” key:", "help help", "\xff\"\xfe:", "since: since: ", "“”", strings.Repeat("a:", 100),
		"status:rumor topic:a topic:b", "top\u00a0week", "x\x00y",
	} {
		f.Add(s)
	}
	table := bot.Table()
	f.Fuzz(func(t *testing.T, line string) {
		c, err := bot.ParseLine(table, line)
		if err != nil {
			e, ok := errors.AsType[*bot.UsageError](err)
			if !ok || e.Sentence.String() == "" || !utf8.ValidString(e.Error()) {
				t.Fatalf("%q: %#v", line, err)
			}
			if e.Line != "" {
				if again, err := bot.ParseLine(table, e.Line); err != nil && again.Command != "" {
					t.Fatalf("%q offers %q: %v", line, e.Line, err)
				}
			}
			return
		}
		if err := bot.Validate(table, c); err != nil {
			t.Fatalf("%q gives %+v, which is not valid: %v", line, c, err)
		}
		for k, v := range c.Options {
			if v == "" || !utf8.ValidString(v) || v != strings.TrimSpace(v) {
				t.Fatalf("%q: option %s is %q", line, k, v)
			}
		}
	})
}
