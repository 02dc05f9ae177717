package bot_test

import (
	"slices"
	"strings"
	"testing"

	"newsdesk/bot"
	"newsdesk/news/newstest"
)

// TestSuggest pins what is offered for what has been typed: "value|label".
func TestSuggest(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	for _, tt := range []struct {
		command, option, text string
		want                  []string // the first ones
		none                  string   // a value that is not offered
	}{
		{"", "topic", "deeps", []string{"deepseek|DeepSeek"}, "k3j2"},
		{"", "topic", "openai, deeps", []string{"openai,deepseek|DeepSeek"}, "k3j2"},
		{"", "query", "deeps", []string{"DeepSeek|DeepSeek"}, "k3j2"},
		{"follow", "topic", "openai, deeps", []string{"openai,deepseek|DeepSeek"}, "k3j2"},
		{"trends", "topic", "deepseak", []string{"deepseek|DeepSeek"}, "k3j2"},
		{"story", "id", "deepseek r2", []string{"k3j2|DeepSeek R2 said to launch in May with 1.2 trillion parameters"}, "deepseek"},
		{"story", "id", "", nil, "deepseek"},
		{"follow", "topic", "deeps", []string{"deepseek|DeepSeek"}, ""},
		{"subscribe", "topics", "openai,deeps", []string{"openai,deepseek|DeepSeek"}, "k3j2"},
		{"subscribe", "topics", "deepseek", []string{"deepseek|DeepSeek"}, "k3j2"},
		{"subscribe", "zone", "new y", []string{"America/New_York|America/New_York"}, "Asia/Tokyo"},
		{"subscribe", "zone", "europe/b", []string{"Europe/Berlin|Europe/Berlin"}, "Asia/Tokyo"},
		{"top", "period", "w", nil, "week"},
		{"nothing", "topic", "w", nil, "week"},
		{"story", "nothing", "w", nil, "week"},
	} {
		got := d.Suggest(t.Context(), bot.Typing{Command: tt.command, Option: tt.option, Text: tt.text})
		var said []string
		for _, c := range got {
			said = append(said, c.Value+"|"+c.Label)
			if len([]rune(c.Label)) > 100 || len([]rune(c.Value)) > 100 || c.Label == "" || c.Value == "" {
				t.Errorf("%s %s %q offers %+v", tt.command, tt.option, tt.text, c)
			}
		}
		if len(got) > bot.ChoicesMost || len(said) < len(tt.want) || !slices.Equal(said[:len(tt.want)], tt.want) {
			t.Errorf("%s %s %q offers %q, want %q first", tt.command, tt.option, tt.text, said, tt.want)
		}
		for _, c := range got {
			if c.Value == tt.none {
				t.Errorf("%s %s %q offers %q", tt.command, tt.option, tt.text, c.Value)
			}
		}
	}
	// Who follows is offered stories, too, and what is chosen is understood.
	var both string
	for _, c := range d.Suggest(t.Context(), bot.Typing{Command: "follow", Option: "topic", Text: "deepseek"}) {
		both += " " + c.Value
	}
	if !strings.Contains(both, " deepseek") || !strings.Contains(both, " k3j2") {
		t.Errorf("follow deepseek offers%s", both)
	}
	for _, option := range []string{"query", "topic"} {
		for _, c := range d.Suggest(t.Context(), bot.Typing{Option: option}) {
			r, _ := d.Handle(t.Context(), bot.Invocation{Channel: "test:1", Call: bot.Call{Options: opts(option, c.Value)}})
			if r.Card.Tone == bot.Mistake || strings.HasPrefix(r.Card.Title, "Nothing") {
				t.Errorf("%s:%s is offered, and answered %q", option, c.Value, r.Card.Title)
			}
		}
	}
}
