package bot

import (
	"context"
	"testing"
	"time"
)

func TestLineReadsAsTheValue(t *testing.T) {
	table := Table()
	for _, test := range []struct{ command, option, value, line, read string }{
		{"trends", "topic", "deepseek", "trends deepseek", "deepseek"},
		{"trends", "topic", "export controls", `trends topic:"export controls"`, "export controls"},
		{"trends", "topic", "gpt:oss", `trends topic:"gpt:oss"`, "gpt:oss"},
		{"trends", "topic", `the "o1"`, `trends topic:"the o1"`, "the o1"},
		{"story", "id", "k3j2", "story k3j2", "k3j2"},
		{"story", "id", "https://a.example/b?c=d", `story id:"https://a.example/b?c=d"`, "https://a.example/b?c=d"},
		{"", "query", "top", "query:top", "top"},
		{"", "query", "since: 7d", `query:"since: 7d"`, "since: 7d"},
		{"", "topic", "openai", "topic:openai", "openai"},
	} {
		c, ok := Suggested(table, test.command, test.option)
		if !ok {
			t.Errorf("%s has no suggestions for %s", test.command, test.option)
		}
		line := c.Line(test.option, test.value)
		call, err := ParseLine(table, line)
		if line != test.line || err != nil || call.Command != test.command || call.Options[test.option] != test.read || len(call.Options) != 1 {
			t.Errorf("Line(%q, %q) = %q, read as %+v, %v; want %q", test.option, test.value, line, call, err, test.line)
		}
	}
	for _, none := range [][2]string{{"top", "period"}, {"", "min"}, {"nowhere", "topic"}} {
		if _, ok := Suggested(table, none[0], none[1]); ok {
			t.Errorf("%q has suggestions", none)
		}
	}
}

// A thinker suggests after a time.
type thinker struct {
	Handler
	after time.Duration
}

func (h thinker) Suggest(context.Context, Typing) []Choice {
	time.Sleep(h.after)
	return make([]Choice, ChoicesMost+5)
}

func TestSuggestWithin(t *testing.T) {
	for after, want := range map[time.Duration]int{0: ChoicesMost, 300 * time.Millisecond: 0} {
		begun := time.Now()
		choices, wait := SuggestWithin(t.Context(), thinker{after: after}, Typing{}, 100*time.Millisecond)
		if took := time.Since(begun); len(choices) != want || took > 250*time.Millisecond {
			t.Errorf("after %s: %d choices within %s, want %d", after, len(choices), took, want)
		}
		wait()
		if time.Since(begun) < after {
			t.Errorf("after %s: wait did not wait", after)
		}
	}
}
