package slack

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// askForm has a field of each kind.
func askForm() *bot.Form {
	return &bot.Form{
		Title: "What", Submit: "Look", Line: strings.Repeat("l", bot.LineMost),
		Fields: []bot.Field{
			{Name: "topics", Label: "Topics", Hint: "deepseek", Value: "R&D"},
			{Name: "mention", Label: "Group"},
			{Name: "card", Label: "Card", Value: "full", Choices: []bot.Choice{{Label: "Full", Value: "full"}, {Label: "Compact", Value: "compact"}}},
			{Name: "kinds", Label: "Told by", Value: "lab,press", Many: true, Choices: []bot.Choice{{Label: "Lab", Value: "lab"}, {Label: "Press", Value: "press"}, {Label: "Paper", Value: "research"}}},
		},
	}
}

// A filler answers with a form where none was filled in, and keeps what was; the
// words "slow" take their time.
type filler struct {
	mu   sync.Mutex
	form *bot.Form
	got  []bot.Invocation
}

func (f *filler) handle(_ context.Context, inv bot.Invocation) (bot.Reply, bool) {
	if len(inv.Fields) > 0 {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, before := range f.got {
			if before.ID == inv.ID {
				return bot.Reply{}, false
			}
		}
		f.got = append(f.got, inv)
		if inv.Fields["topics"] == "bad" {
			return bot.Reply{Card: bot.Card{Title: "that did not work"}, Private: true, Wrong: []bot.Wrong{{Field: "topics", Text: "No such topic."}, {Field: "kinds", Text: "One kind."}}}, true
		}
		return bot.Reply{Card: bot.Card{Title: "filled in"}, Private: true, Replace: true}, true
	}
	if inv.Line == "slow" {
		time.Sleep(3200 * time.Millisecond)
	}
	r := bot.Reply{Card: bot.Card{Title: "words do, too", Buttons: []bot.Button{{Label: "Open", Line: "form"}}}, Private: true}
	if inv.Line != "plain" {
		r.Form = f.form
	}
	return r, true
}

func TestForm(t *testing.T) {
	for name, open := range map[string]func(testing.TB) (*Platform, *slacktest.Server){"socket": open, "http": openHTTP} {
		t.Run(name, func(t *testing.T) {
			p, s := open(t)
			f := &filler{form: askForm()}
			run(t, p, s, 1, f.handle)
			m, err := s.Slash(within(t), "plain")
			if err != nil {
				t.Fatal(err)
			}
			for n, test := range []struct{ changed, want map[string]string }{
				{nil, map[string]string{"topics": "R&D", "mention": "", "card": "full", "kinds": "lab,press"}},
				{map[string]string{"topics": " ", "mention": "<!subteam^S0DESK|@desk>", "card": "compact", "kinds": ""}, map[string]string{"topics": "", "mention": "S0DESK", "card": "compact", "kinds": ""}},
			} {
				opened, err := s.Press(within(t), m, "Open")
				if err != nil || opened.View == nil {
					t.Fatalf("no form was opened: %+v, %v", opened, err)
				}
				answer, err := s.Submit(within(t), *opened.View, test.changed)
				if err != nil || !answer.InPlace || !answer.Private || !strings.Contains(answer.Shown(), "filled in") {
					t.Fatalf("filled in: %+v, %v", answer, err)
				}
				got := f.got[n]
				if got.Line != f.form.Line || !reflect.DeepEqual(got.Fields, test.want) || got.User != slacktest.Person || got.Channel != newsChannel || got.Rights == nil || got.Space == "" {
					t.Errorf("asked %+v, want the fields %v", got, test.want)
				}
				// Twice is once.
				short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				if again, err := s.Submit(short, *opened.View, test.changed); err == nil || len(f.got) != n+1 {
					t.Errorf("a form that was submitted twice is answered %+v, and asks %d times", again, len(f.got)-n)
				}
			}
			// What is wrong is said at the fields, and the modal is submitted again.
			opened, err := s.Press(within(t), m, "Open")
			if err != nil || opened.View == nil {
				t.Fatalf("no form was opened: %+v, %v", opened, err)
			}
			if _, err := s.Submit(within(t), *opened.View, map[string]string{"topics": "bad"}); err == nil || !strings.Contains(err.Error(), `stays open: {"response_action":"errors","errors":{"kinds":"One kind.","topics":"No such topic."}}`) {
				t.Errorf("a wrong form: %v", err)
			}
			if answer, err := s.Submit(within(t), *opened.View, map[string]string{"topics": "good"}); err != nil || !answer.InPlace || !strings.Contains(answer.Shown(), "filled in") {
				t.Errorf("the form, mended: %+v, %v", answer, err)
			}
			// A command opens one, too.
			opened, err = s.Slash(within(t), "form")
			if err != nil || opened.View == nil {
				t.Fatalf("no form was opened: %+v, %v", opened, err)
			}
			// What is left open for half an hour is answered all the same.
			s.ExpireURLs()
			answer, err := s.Submit(within(t), *opened.View, nil)
			if err != nil || !answer.Private || answer.Channel != slacktest.Channel || s.Calls("chat.postEphemeral") != 1 {
				t.Errorf("filled in late: %+v, %v", answer, err)
			}
			forged := *opened.View
			forged.ID, forged.Metadata = "V0FORGED", `{"line":"","channel":"`+slacktest.Channel+`"}`
			if _, err := s.Submit(within(t), forged, nil); err != nil || f.got[len(f.got)-1].Line != bot.NoButton {
				t.Errorf("a form that asks nothing asks %+v, %v", f.got[len(f.got)-1], err)
			}
		})
	}
}

// TestFormThatCannotBeOpened: its time is over, or Slack would not take it.
func TestFormThatCannotBeOpened(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*bot.Form)
		line   string
		spoil  func(*slacktest.Server)
		calls  int
	}{
		"expired": {func(*bot.Form) {}, "form", func(s *slacktest.Server) { s.ExpireTriggers(true) }, 1},
		"late":    {func(*bot.Form) {}, "slow", func(*slacktest.Server) {}, 0},
		"value":   {func(f *bot.Form) { f.Fields[0].Value = strings.Repeat("v", 3001) }, "form", func(*slacktest.Server) {}, 0},
		"choice":  {func(f *bot.Form) { f.Fields[2].Choices[0].Value = strings.Repeat("v", 151) }, "form", func(*slacktest.Server) {}, 0},
		"empty":   {func(f *bot.Form) { f.Fields = nil }, "form", func(*slacktest.Server) {}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := open(t)
			f := &filler{form: askForm()}
			test.change(f.form)
			test.spoil(s)
			run(t, p, s, 1, f.handle)
			m, err := s.Slash(within(t), test.line)
			if err != nil || m.View != nil || !m.Private || !strings.Contains(m.Shown(), "words do, too") || s.Calls("views.open") != test.calls {
				t.Errorf("answered %+v after %d calls, %v", m, s.Calls("views.open"), err)
			}
		})
	}
}

// TestMention: a post notifies the one group that its card names, and nothing
// else does: no edit, no other text.
func TestMention(t *testing.T) {
	p, s := open(t)
	c := storyCard()
	c.Mention, c.Text = "S0DESK", "<!subteam^S0OTHER> <!channel>"
	id, err := post(t, p, newsChannel, testKey, c)
	if err != nil {
		t.Fatal(err)
	}
	m := s.Messages(slacktest.Channel)[0]
	if !strings.HasPrefix(m.Text, "<!subteam^S0DESK>\n") || strings.Count(m.Shown(), "<!subteam^S0DESK>") != 1 || strings.Contains(m.Text, "<!subteam^S0OTHER") || strings.Contains(m.Text, "<!channel") {
		t.Errorf("posted %q with %s", m.Text, m.Shown())
	}
	if err := p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: c}, id); err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(slacktest.Channel)[0]; strings.Contains(m.Text+m.Shown(), "S0DESK>") {
		t.Errorf("edited to %q with %s", m.Text, m.Shown())
	}
	for n, hostile := range []string{"channel", "!channel", "S1> <!channel", "s1"} {
		c.Mention = hostile
		if _, err := post(t, p, newsChannel, testKey+string(rune('a'+n)), c); err != nil {
			t.Fatal(err)
		}
		if m := s.Messages(slacktest.Channel)[n+1]; strings.Contains(m.Text, "<!") {
			t.Errorf("%q: posted %q with %s", hostile, m.Text, m.Shown())
		}
	}
}
