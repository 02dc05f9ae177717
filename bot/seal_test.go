package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

// press hands over the line of the button with that label.
func (d desktop) press(t *testing.T, inv bot.Invocation, c bot.Card, label string) bot.Reply {
	t.Helper()
	for _, b := range c.Buttons {
		if b.Label == label {
			inv.Line = b.Line
			r, ok := d.Handle(t.Context(), inv)
			if !ok {
				t.Fatalf("%q was not answered", label)
			}
			return r
		}
	}
	t.Fatalf("%q has no button %q but %v", c.Title, label, c.Buttons)
	return bot.Reply{}
}

func labels(c bot.Card) string {
	var out []string
	for _, b := range c.Buttons {
		out = append(out, b.Label)
	}
	return strings.Join(out, ", ")
}

// many returns n stories, of impact 0 to n-1.
func many(n int) []news.Story {
	var out []news.Story
	for i := range n {
		out = append(out, news.Story{
			ID: fmt.Sprintf("s%02d", i), Headline: fmt.Sprintf("Robots of kind %d", i), Impact: i, First: newstest.Now(), Updated: newstest.Now(), Fresh: newstest.Now(),
		})
	}
	return out
}

func TestPages(t *testing.T) {
	d := newDesktop(many(12)...)
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Line: "top"}
	first, _ := d.Handle(t.Context(), inv)
	titles := func(c bot.Card) string {
		var out []string
		for _, l := range c.Sections[0].Lines {
			out = append(out, strings.TrimPrefix(l.Text, "Robots of kind "))
		}
		return strings.Join(out, " ")
	}
	for _, step := range []struct{ press, titles, footer, buttons string }{
		{"More stories ▶", "6 5 4 3 2", "Page 2 of 3 · 12 stories in all", "◀ Back, More stories ▶, Share"},
		{"More stories ▶", "1 0", "Page 3 of 3 · 12 stories in all", "◀ Back, Share"},
		{"◀ Back", "6 5 4 3 2", "Page 2 of 3 · 12 stories in all", "◀ Back, More stories ▶, Share"},
		{"◀ Back", "11 10 9 8 7", "Page 1 of 3 · 12 stories in all", "More stories ▶, Share"},
	} {
		r := d.press(t, inv, first.Card, step.press)
		if !r.Private || !r.Replace || titles(r.Card) != step.titles || r.Card.Footer != step.footer || !strings.HasSuffix(labels(r.Card), step.buttons) {
			t.Errorf("%s: private %t, replaces %t, %q, footer %q, buttons %q; want %q, %q, ...%q",
				step.press, r.Private, r.Replace, titles(r.Card), r.Card.Footer, labels(r.Card), step.titles, step.footer, step.buttons)
		}
		first = r
	}
	inv.Line = ""
	bare, _ := d.Handle(t.Context(), inv)
	for _, b := range bare.Card.Buttons {
		if b.Line != strings.Join(strings.Fields(b.Line), " ") || strings.HasPrefix(b.Line, "~") && strings.Contains(b.Line, " ") {
			t.Errorf("/news alone: the button %q has the line %q", b.Label, b.Line)
		}
	}
	if r := d.press(t, inv, bare.Card, "More stories ▶"); r.Card.Tone == bot.Mistake || !strings.HasPrefix(r.Card.Footer, "Page 2") {
		t.Errorf("the second page of /news alone: %+v", r.Card)
	}
	if titles(first.Card) != "11 10 9 8 7" {
		t.Errorf("the first page lists %s", titles(first.Card))
	}
}

// TestPagesOfNoWords: platforms cut blanks off the ends of what a button carries.
func TestPagesOfNoWords(t *testing.T) {
	d := newDesktop(many(12)...)
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true}
	top, _ := d.Handle(t.Context(), inv)
	for i := range top.Card.Buttons {
		top.Card.Buttons[i].Line = strings.TrimSpace(top.Card.Buttons[i].Line)
	}
	if r := d.press(t, inv, top.Card, "More stories ▶"); !strings.HasPrefix(r.Card.Footer, "Page 2 of 3") {
		t.Errorf("the second page of the top of the day: %+v", r.Card)
	}
	if r := d.press(t, inv, top.Card, "Share"); r.Private {
		t.Errorf("the top of the day is not shared: %+v", r.Card)
	}
}

func TestShare(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Line: "why k3j2"}
	why, _ := d.Handle(t.Context(), inv)
	r := d.press(t, inv, why.Card, "Share")
	if r.Private || r.Replace || r.Card.Title != why.Card.Title || strings.Contains(labels(r.Card), "Share") {
		t.Errorf("shared: %+v", r)
	}
	again := d.press(t, inv, why.Card, "Share")
	if !again.Private || again.Card.Tone != bot.Mistake || !strings.Contains(again.Card.Text, "shared already") {
		t.Errorf("shared twice: %+v", again)
	}
	// Who may not write any more may not share either.
	silenced := inv
	silenced.Speaker, silenced.Line = false, "why h20x"
	fresh := inv
	fresh.Line = "why h20x"
	whyH20, _ := d.Handle(t.Context(), fresh)
	if r := d.press(t, silenced, whyH20.Card, "Share"); !r.Private || !strings.Contains(r.Card.Text, "nothing was shared") && !strings.Contains(r.Card.Text, "Nothing was shared") {
		t.Errorf("shared by who may not write: %+v", r)
	}
	// Where the platform has to be asked, the button is there and asks.
	for _, rights := range []told{{}, {why: "Slack cannot be reached"}, {speaks: true}} {
		asked := []string{}
		rights.asked = &asked
		i := inv
		i.Speaker, i.Rights, i.Line = false, rights, "why h20x"
		shown, _ := d.Handle(t.Context(), i)
		if len(asked) > 0 {
			t.Errorf("asked %q before anything was to be shared", asked)
		}
		r := d.press(t, i, shown.Card, "Share")
		if r.Private == rights.speaks || !rights.speaks && !strings.Contains(r.Card.Text, "othing was shared") || !strings.Contains(r.Card.Text, rights.why) || len(asked) != 1 {
			t.Errorf("%+v shares, asked %q: %+v", rights, asked, r)
		}
	}
	// What platforms take out of a line does not break its seal.
	fresh.Line, fresh.Call = "", bot.Call{Options: opts("query", "deepseek  r2\u200c")}
	odd, _ := d.Handle(t.Context(), fresh)
	for i, b := range odd.Card.Buttons {
		odd.Card.Buttons[i].Line = bot.Clean(b.Line, false, 100)
	}
	fresh.Call = bot.Call{}
	if r := d.press(t, fresh, odd.Card, "Share"); r.Private {
		t.Errorf("a query with odd characters: %+v", r)
	}
	// The pages of a shared list are nobody else's.
	inv.Line = "top month"
	list, _ := d.Handle(t.Context(), inv)
	if r := d.press(t, inv, list.Card, "Share"); r.Private || strings.Contains(labels(r.Card), "▶") || !strings.Contains(labels(list.Card), "▶") {
		t.Errorf("a shared list has the buttons %s, the private one %s", labels(r.Card), labels(list.Card))
	}
	for name, change := range map[string]func(*bot.Invocation){
		"a direct message":           func(i *bot.Invocation) { i.Space = "" },
		"who may not write there":    func(i *bot.Invocation) { i.Speaker = false },
		"an answer that is personal": func(i *bot.Invocation) { i.Line = "status" },
		"a search without a story":   func(i *bot.Invocation) { i.Line = "zaphod" },
		"a mistake":                  func(i *bot.Invocation) { i.Line = "min:abc" },
	} {
		i := inv
		change(&i)
		if r, _ := d.Handle(t.Context(), i); strings.Contains(labels(r.Card), "Share") {
			t.Errorf("%s has a button to share", name)
		}
	}
}

// TestForgedButtons presses what is not the bot's own, not the person's, or
// too old: each is answered in private, and nothing is shared.
func TestForgedButtons(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Line: "why k3j2"}
	why, _ := d.Handle(t.Context(), inv)
	var line string
	for _, b := range why.Card.Buttons {
		if b.Label == "Share" {
			line = b.Line
		}
	}
	if !strings.HasSuffix(line, ".s1 why k3j2") {
		t.Errorf("the button asks %q", line)
	}
	head, rest, _ := strings.Cut(line, ".")
	proof, words, _ := strings.Cut(rest, ".")
	for name, change := range map[string]func(*bot.Invocation){
		"other words":     func(i *bot.Invocation) { i.Line = head + "." + proof + "." + strings.Replace(words, "k3j2", "old7", 1) },
		"another verb":    func(i *bot.Invocation) { i.Line = head + "." + proof + ".p" + words[1:] },
		"a later end":     func(i *bot.Invocation) { i.Line = head + "0." + proof + "." + words },
		"no proof":        func(i *bot.Invocation) { i.Line = head + ".." + words },
		"nothing":         func(i *bot.Invocation) { i.Line = "~" },
		"dots":            func(i *bot.Invocation) { i.Line = "~.." },
		"no seal":         func(i *bot.Invocation) { i.Line = "~s1 why k3j2" },
		"another channel": func(i *bot.Invocation) { i.Channel = "test:2" },
		"another person":  func(i *bot.Invocation) { i.User = "v" },
		"much":            func(i *bot.Invocation) { i.Line = "~" + strings.Repeat("z", 10_000) },
	} {
		i := inv
		i.Line = line
		change(&i)
		r, ok := d.Handle(t.Context(), i)
		if !ok || !r.Private || r.Card.Tone != bot.Mistake || !strings.Contains(r.Card.Text, "no button of mine") {
			t.Errorf("%s: %+v", name, r)
		}
	}
	later := newDesktop(newstest.Stories()...)
	later.Bot = bot.New(bot.Options{Desk: later.room, Store: later.ledger, Now: func() time.Time { return newstest.Now().Add(24*time.Hour + time.Second) }})
	inv.Line = line
	if r, _ := later.Handle(t.Context(), inv); !r.Private || !strings.Contains(r.Card.Text, "more than a day old") || r.Card.Buttons[0].Line != "why k3j2" {
		t.Errorf("an old button: %+v", r)
	}
	// None of that used the button up, and it works on another replica.
	other := newDesktop(newstest.Stories()...)
	if r, _ := other.Handle(t.Context(), inv); r.Private {
		t.Errorf("the button itself: %+v", r)
	}
}

// TestLongQuestions: what no button has room for is turned, shared and asked
// all the same, by another replica too.
func TestLongQuestions(t *testing.T) {
	d := newDesktop(many(12)...)
	query := strings.TrimSpace(strings.Repeat(`"robots of kind" `, 12))
	other := func() *bot.Bot { return bot.New(bot.Options{Desk: d.room, Store: d.ledger, Now: newstest.Now}) }
	inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Call: bot.Call{Options: opts("query", query, "min", "0")}}
	ask := func(press string, c bot.Card) bot.Reply {
		t.Helper()
		next := desktop{Bot: other()}
		inv := inv
		inv.Call = bot.Call{}
		r := next.press(t, inv, c, press)
		for _, b := range r.Card.Buttons {
			if len(b.Line) > bot.LineMost {
				t.Errorf("%s: the button %q has the line %q", press, b.Label, b.Line)
			}
		}
		return r
	}
	first, _ := d.Handle(t.Context(), inv)
	second := ask("More stories ▶", first.Card)
	if !strings.HasPrefix(second.Card.Footer, "Page 2 of 3 ") || !second.Replace || second.Asked != query+" min:0" {
		t.Errorf("the second page: %+v", second)
	}
	if r := ask("◀ Back", ask("More stories ▶", second.Card).Card); r.Card.Footer != second.Card.Footer {
		t.Errorf("there and back: %+v", r)
	}
	if r := ask("Share", second.Card); r.Private || r.Card.Sections[0].Lines[0].Text != second.Card.Sections[0].Lines[0].Text {
		t.Errorf("shared: %+v", r)
	}
	// So do the buttons of an answer that is no list, and of a mistake.
	inv.Call.Options = opts("query", query, "min", "90")
	nothing, _ := d.Handle(t.Context(), inv)
	if r := ask("Without min", nothing.Card); len(r.Card.Sections) != 1 || r.Replace || !r.Private {
		t.Errorf("without a condition: %+v", r)
	}
	typed := inv
	typed.Call, typed.Line = bot.Call{}, "status "+query
	mistake, _ := d.Handle(t.Context(), typed)
	if r := ask("Search for it", mistake.Card); r.Card.Tone == bot.Mistake || !strings.Contains(r.Card.Title, "status") {
		t.Errorf("a search after a mistake: %+v", r)
	}
	// Words are kept once, and none that fit.
	inv.Call = bot.Call{}
	inv.Line = "robots"
	d.Handle(t.Context(), inv)
	kept := 0
	d.ledger.kept.Range(func(any, any) bool { kept++; return true })
	if kept != 4 {
		t.Errorf("%d texts are kept, want the two long questions and the two that buttons ask", kept)
	}
	d.ledger.kept.Clear()
	if r := ask("Share", first.Card); !r.Private || !strings.Contains(r.Card.Text, "Nobody knows any more") {
		t.Errorf("what was forgotten: %+v", r)
	}
	// Where nothing can be kept, or far too much was asked, no page is promised.
	unkept := desktop{Bot: bot.New(bot.Options{Desk: d.room, Store: forgetful{d.ledger}, Now: newstest.Now})}
	inv.Call.Options = opts("query", query)
	here, _ := unkept.Handle(t.Context(), inv)
	inv.Call.Options = opts("query", strings.Repeat("robots ", 1000))
	there, _ := d.Handle(t.Context(), inv)
	for _, r := range []bot.Reply{here, there} {
		if !strings.HasPrefix(r.Card.Footer, "12 stories in all") || strings.Contains(labels(r.Card), "Share") || strings.Contains(labels(r.Card), "▶") {
			t.Errorf("foot %q, buttons %s", r.Card.Footer, labels(r.Card))
		}
	}
}

// A forgetful ledger keeps nothing.
type forgetful struct{ *ledger }

func (forgetful) Keep(context.Context, string, string, time.Duration) error {
	return errors.New("the disk is full")
}

// FuzzForgedButton presses buttons that the bot did not seal.
func FuzzForgedButton(f *testing.F) {
	for _, line := range []string{"", "s1 why k3j2", "tp6zei.ZalKy1zMn61Y.s1 top month", "..", "0..p1 ", "zzzzzzzzzzzzzz.AAAAAAAAAAAA.s9 x", "-1.\x00.\xff", ".AAAAAAAAAAAA.", "tp6zei.ZalKy1zMn61Y."} {
		f.Add(line)
	}
	d := newDesktop(newstest.Stories()...)
	f.Fuzz(func(t *testing.T, line string) {
		r, ok := d.Handle(t.Context(), bot.Invocation{Channel: "test:1", User: "u", Space: "s", Speaker: true, Line: "~" + line})
		if !ok || !r.Private || r.Card.Tone != bot.Mistake || !strings.Contains(r.Card.Text, "no button of mine") {
			t.Errorf("%q: %+v", line, r)
		}
	})
}

// TestCallLine checks that what buttons carry is read as what was asked.
func TestCallLine(t *testing.T) {
	for _, tt := range []struct{ typed, line string }{
		{"deepseek", "deepseek"},
		{`query:"top of the pops"`, `query:"top of the pops"`},
		{`"export controls" china since:7D min:60`, `"export controls" china since:7d min:60`},
		{"topic:openai,meta status:Rumor", "topic:openai,meta status:rumour"},
		{"top week", "top week"},
		{"", ""},
		{"why https://example.com/a", "why https://example.com/a"},
		{"trends export controls", "trends export controls"},
	} {
		call, err := bot.ParseLine(bot.Table(), tt.typed)
		if err != nil {
			t.Fatal(err)
		}
		if got := bot.CallLine(bot.Table(), call); got != tt.line {
			t.Errorf("%q becomes %q, want %q", tt.typed, got, tt.line)
		}
	}
}

// A sluggish ledger takes two seconds to keep a text, and may fail to.
type sluggish struct {
	*ledger
	fails error
}

func (sluggish) Subscriptions(context.Context) ([]bot.Subscription, error) { return nil, nil }
func (sluggish) SubscriptionsVersion(context.Context) (string, error)      { return "", nil }
func (sluggish) SaveSubscription(context.Context, bot.Subscription) error  { return nil }

func (l sluggish) Keep(ctx context.Context, key, text string, ttl time.Duration) error {
	time.Sleep(2 * time.Second)
	if l.fails != nil {
		return l.fails
	}
	return l.ledger.Keep(ctx, key, text, ttl)
}

// TestDraftIsKeptAtOnce: the buttons of a draft of many words are kept at the
// same time, and work. Where they cannot be there are none, and no form.
func TestDraftIsKeptAtOnce(t *testing.T) {
	words := "subscribe openai,nvidia,anthropic,meta,google,mistral,deepseek,microsoft,apple,amazon,alibaba min:50 status:confirmed,reported quiet:22:00-07:00 zone:Europe/Berlin cap:7"
	for _, fails := range []error{nil, fmt.Errorf("keep: %w", news.ErrReadOnly)} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesktop(newstest.Stories()...)
			b := bot.New(bot.Options{Desk: d.room, Store: sluggish{d.ledger, fails}, Now: newstest.Now, Logger: slog.New(slog.NewTextHandler(d.log, nil))})
			inv := bot.Invocation{Channel: "test:1", User: "u", Space: "s", Manager: true, Line: words}
			begun := time.Now()
			r, _ := b.Handle(t.Context(), inv)
			if took := time.Since(begun); took != 2*time.Second {
				t.Errorf("%d buttons took %v, want the time of one", len(r.Card.Buttons), took)
			}
			if fails != nil {
				if len(r.Card.Buttons) > 0 {
					t.Errorf("buttons that nobody can press: %+v", r.Card.Buttons)
				}
				inv.Line = words + " form:when"
				if r, _ := b.Handle(t.Context(), inv); r.Form != nil || r.Card.Tone != bot.Failure || !strings.Contains(r.Card.Text, "can save nothing just now") || !strings.Contains(r.Card.Text, "Nothing was changed.") {
					t.Errorf("a form that cannot be kept: %+v", r)
				}
				return
			}
			if len(r.Card.Buttons) < 7 {
				t.Fatalf("buttons %+v", r.Card.Buttons)
			}
			for _, button := range r.Card.Buttons {
				pressed := inv
				pressed.Line = button.Line
				if r, _ := b.Handle(t.Context(), pressed); r.Card.Tone == bot.Mistake || r.Card.Tone == bot.Failure {
					t.Errorf("%s: %+v", button.Label, r.Card)
				}
			}
		})
	}
}
