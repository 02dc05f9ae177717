package discord_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// askForm has a field of each kind.
func askForm() *bot.Form {
	return &bot.Form{
		Title: "What", Submit: "Look", Line: strings.Repeat("l", bot.LineMost),
		Fields: []bot.Field{
			{Name: "topics", Label: "Topics", Hint: "deepseek", Value: "openai"},
			{Name: "mention", Label: "Role", Value: ""},
			{Name: "card", Label: "Card", Value: "full", Choices: []bot.Choice{{Label: "Full", Value: "full"}, {Label: "Compact", Value: "compact"}}},
			{Name: "kinds", Label: "Told by", Value: "lab,press", Many: true, Choices: []bot.Choice{{Label: "Lab", Value: "lab"}, {Label: "Press", Value: "press"}, {Label: "Paper", Value: "research"}}},
		},
	}
}

// forms answers with the form where none was filled in, after a while where that
// is asked for.
func forms(form *bot.Form, wait time.Duration) *handler {
	return &handler{reply: func(inv bot.Invocation) (bot.Reply, bool) {
		if len(inv.Fields) > 0 {
			return bot.Reply{Card: card("filled in"), Private: true, Replace: true, Form: form}, true
		}
		time.Sleep(wait)
		r := bot.Reply{Card: card("words do, too"), Private: true}
		if inv.Line != "" || wait > 0 {
			r.Form = form
		}
		return r, true
	}}
}

func TestForm(t *testing.T) {
	t.Run("gateway", func(t *testing.T) { fillsIn(t, newPlatform) })
	t.Run("http", func(t *testing.T) { fillsIn(t, overHTTP) })
}

func fillsIn(t *testing.T, open func(*testing.T, ...func(*discord.Options)) (*discordtest.Server, *discord.Platform)) {
	t.Parallel()
	s, p := open(t)
	h := forms(askForm(), 0)
	start(t, p, h)
	ctx := deadline(t)
	answer, err := s.Invoke(ctx, discordtest.Invocation{Channel: room, Command: "news"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Press(ctx, room, answer.ID, answer.Buttons()[0].CustomID)
	if err != nil || r.Modal == nil {
		t.Fatalf("no form was opened: %+v, %v", r, err)
	}
	for _, test := range []struct{ changed, want map[string]string }{
		{nil, map[string]string{"topics": "openai", "mention": "", "card": "full", "kinds": "lab,press"}},
		{map[string]string{"topics": " ", "mention": "<@&42>", "card": "compact", "kinds": ""}, map[string]string{"topics": "", "mention": "42", "card": "compact", "kinds": ""}},
		{map[string]string{"mention": s.Guild}, map[string]string{"topics": "openai", "mention": "@everyone", "card": "full", "kinds": "lab,press"}},
	} {
		r, err := s.Submit(ctx, *r.Modal, test.changed)
		if err != nil || r.Modal != nil || !r.InPlace || !strings.Contains(r.Text(), "filled in") {
			t.Fatalf("filled in: %+v, %v", r, err)
		}
		if got := h.last(); got.Line != askForm().Line || !reflect.DeepEqual(got.Fields, test.want) || got.User != discordtest.Reader {
			t.Errorf("asked %+v, want the fields %v", got, test.want)
		}
	}
	if _, err := s.Submit(ctx, *r.Modal, map[string]string{"card": ""}); err == nil {
		t.Error("nothing was chosen of what is always one")
	}
	forged := *r.Modal
	forged.CustomID = "another bot's"
	if _, err := s.Submit(ctx, forged, nil); err != nil || h.last().Line != bot.NoButton {
		t.Errorf("a forged form asks %q, %v", h.last().Line, err)
	}
}

// TestFormThatCannotBeOpened: its time is over, or Discord would not take it.
func TestFormThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*bot.Form)
		wait   time.Duration
	}{
		"late":     {func(*bot.Form) {}, 1700 * time.Millisecond},
		"line":     {func(f *bot.Form) { f.Line += "l" }, 0},
		"fields":   {func(f *bot.Form) { f.Fields = append(f.Fields, f.Fields...) }, 0},
		"value":    {func(f *bot.Form) { f.Fields[0].Value = strings.Repeat("v", 4001) }, 0},
		"choice":   {func(f *bot.Form) { f.Fields[2].Choices[0].Value = strings.Repeat("v", 101) }, 0},
		"choices":  {func(f *bot.Form) { f.Fields[2].Choices = make([]bot.Choice, 26) }, 0},
		"no field": {func(f *bot.Form) { f.Fields = nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := newPlatform(t)
			f := askForm()
			test.change(f)
			start(t, p, forms(f, test.wait))
			ctx := deadline(t)
			answer, err := s.Invoke(ctx, discordtest.Invocation{Channel: room, Command: "news"})
			if err == nil && test.wait == 0 {
				answer, err = s.Press(ctx, room, answer.ID, answer.Buttons()[0].CustomID)
			}
			if err != nil || answer.Modal != nil || !answer.Private || !strings.Contains(answer.Text(), "words do, too") {
				t.Errorf("answered %+v, %v", answer, err)
			}
		})
	}
}

// TestMention: a post notifies the one role that its card names, and nothing
// else does: no edit, no answer, no other text.
func TestMention(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	start(t, p, &handler{reply: func(bot.Invocation) (bot.Reply, bool) {
		c := card("here")
		c.Mention = "42"
		return bot.Reply{Card: c}, true
	}})
	owed := post(1)
	owed.Card.Mention, owed.Card.Text = "42", "@everyone <@&43>"
	id, err := p.Post(t.Context(), owed)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(room)[0]; m.Content != "<@&42>" || !m.Pings || !reflect.DeepEqual(m.Mentions, []string{"42"}) {
		t.Errorf("posted %+v", m)
	}
	owed.Card.Mention = "43"
	if err := p.Edit(t.Context(), owed, id); err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(room)[0]; m.Content != "<@&42>" || !reflect.DeepEqual(m.Mentions, []string{"42"}) {
		t.Errorf("edited to %+v", m)
	}
	for n, hostile := range []string{"@everyone", "everyone", "1> @everyone <@&1", ""} {
		owed := post(2 + n)
		owed.Card.Mention = hostile
		if _, err := p.Post(t.Context(), owed); err != nil {
			t.Fatal(err)
		}
		if m := s.Messages(room)[1+n]; m.Content != "" || m.Pings {
			t.Errorf("%q: posted %+v", hostile, m)
		}
	}
	r, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "news"})
	if err != nil || r.Content != "" || r.Pings {
		t.Errorf("answered %+v, %v", r, err)
	}
}

func TestRoleOption(t *testing.T) {
	t.Parallel()
	s, p := newPlatform(t)
	h := &handler{}
	start(t, p, h)
	for given, want := range map[string]string{"42": "42", s.Guild: "@everyone"} {
		_, err := s.Invoke(deadline(t), discordtest.Invocation{Channel: room, Command: "desk", Subcommand: "subscribe", Options: map[string]any{"mention": discordtest.Role(given)}})
		if got := h.last().Call.Options["mention"]; err != nil || got != want {
			t.Errorf("the role %s is %q, %v, want %q", given, got, err, want)
		}
	}
}
