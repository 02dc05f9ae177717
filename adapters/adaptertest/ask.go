package adaptertest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"newsdesk/bot"
)

// A desk answers questions: with what was asked, in private where the words
// have "private", in place where they have "turn", after two seconds where they
// have "slow", and each ID once.
type desk struct {
	mu    sync.Mutex
	seen  map[string]bot.Invocation
	typed bot.Typing

	picture *bot.Picture // of every answer
}

const slowness = 2 * time.Second

// Suggest offers the text itself, and what no platform takes as it is. It is
// slow where the text has "slow".
func (d *desk) Suggest(_ context.Context, t bot.Typing) []bot.Choice {
	d.mu.Lock()
	d.typed = t
	d.mu.Unlock()
	if strings.Contains(t.Text, "slow") {
		time.Sleep(2 * slowness)
	}
	out := []bot.Choice{
		{Label: "All about " + t.Text, Value: t.Text},
		{Label: "", Value: "unnamed"},
		{Label: "no value", Value: ""},
		{Label: strings.Repeat(family, 40), Value: "families"},
		{Label: "too long", Value: strings.Repeat("x", 500)},
		{Label: "hostile <@1> & \u202e\x00", Value: "a\x00b"},
	}
	for range bot.ChoicesMost {
		out = append(out, bot.Choice{Label: "One more", Value: "more"})
	}
	return out
}

// family is one character to its readers.
const family = "👩‍👩‍👧‍👦"

func (d *desk) Handle(ctx context.Context, inv bot.Invocation) (bot.Reply, bool) {
	d.mu.Lock()
	if d.seen == nil {
		d.seen = map[string]bot.Invocation{}
	}
	_, again := d.seen[inv.ID]
	d.seen[inv.ID] = inv
	d.mu.Unlock()
	if again {
		return bot.Reply{}, false
	}
	words := inv.Line
	for _, v := range inv.Call.Options {
		words += v
	}
	if strings.Contains(words, "slow") {
		select {
		case <-ctx.Done():
		case <-time.After(slowness):
		}
	}
	return bot.Reply{
		Card:    bot.Card{Title: "Answer to " + words, Text: "By the desk.", Picture: d.picture, Buttons: Turns},
		Private: strings.Contains(words, "private"),
		Replace: strings.Contains(words, "turn"),
	}, true
}

// Turns are the buttons of each answer that the suite asks for.
var Turns = []bot.Button{
	{Label: "More", Line: "private more"}, {Label: "Next", Line: "private turn"}, {Label: "Next slowly", Line: "private turn slow"},
}

// invocations returns what was handled.
func (d *desk) invocations() []bot.Invocation {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []bot.Invocation
	for _, inv := range d.seen {
		out = append(out, inv)
	}
	return out
}

// runMax is how long Run may take to end.
const runMax = 5 * time.Second

// running starts Run; stop ends it and checks how it ended.
func running(t *testing.T, s Subject, h bot.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Platform.Run(ctx, h) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			discreet(t, s, err)
			if err != nil {
				t.Errorf("Run = %v, want nil when the context ends", err)
			}
		case <-time.After(runMax):
			t.Errorf("Run goes on %s after the end of its context", runMax)
		}
	})
	t.Cleanup(stop)
	return stop
}

func ask(t *testing.T, s Subject, line string) (text string, private bool) {
	t.Helper()
	text, private, err := s.Ask(within(t), line, false)
	discreet(t, s, err)
	if err != nil {
		t.Fatalf("no answer to %q: %v", line, err)
	}
	if !strings.Contains(text, "Answer to "+line) {
		t.Errorf("the answer to %q is %q", line, text)
	}
	return text, private
}

func asked(t *testing.T, s Subject) {
	need(t, s.Ask != nil)
	d := &desk{}
	running(t, s, d)
	if _, private := ask(t, s, "public"); private {
		t.Error("a public answer is shown to one person only")
	}
	if _, private := ask(t, s, "private"); !private {
		t.Error("a private answer is shown to everybody")
	}
	for _, inv := range d.invocations() {
		if inv.ID == "" || inv.User == "" || inv.Channel.Platform() != s.Platform.Name() || inv.Channel.ID() == "" {
			t.Errorf("the invocation lacks something: %+v", inv)
		}
		if ok, why := inv.Speaks(t.Context()); !ok {
			t.Errorf("who asks may not write in the channel: %s", why)
		}
	}
}

func askedSlowly(t *testing.T, s Subject) {
	need(t, s.Ask != nil)
	running(t, s, &desk{})
	ask(t, s, "slow")
}

// answersAreSeen: what is not private stands in the channel, for all to see,
// also where it comes late; what is private does not.
func answersAreSeen(t *testing.T, s Subject) {
	need(t, s.Ask != nil)
	running(t, s, &desk{})
	for n, line := range []string{"public", "public slow"} {
		if _, private := ask(t, s, line); private {
			t.Errorf("the answer to %q is shown to one person only", line)
		}
		if m := shows(t, s, n+1)[n]; !strings.Contains(m.Text, "Answer to "+line) {
			t.Errorf("the channel shows %q for %q", m.Text, line)
		}
	}
	for _, line := range []string{"private", "private slow"} {
		if _, private := ask(t, s, line); !private {
			t.Errorf("the answer to %q is shown to everybody", line)
		}
	}
	shows(t, s, 2)
}

// answersInPlace: an answer that is to turn a page takes the place of the
// private message whose button was pressed, and never that of a message which
// others see.
func answersInPlace(t *testing.T, s Subject) {
	need(t, s.Press != nil)
	running(t, s, &desk{})
	ask(t, s, "private")
	press := func(posted bool, label, line string) Answer {
		t.Helper()
		a, err := s.Press(within(t), posted, label)
		discreet(t, s, err)
		if err != nil {
			t.Fatalf("no answer to the button %q: %v", label, err)
		}
		if !a.Private || !strings.Contains(a.Text, "Answer to "+line) {
			t.Errorf("the answer to the button %q is %+v", label, a)
		}
		return a
	}
	for _, turn := range Turns[1:] {
		if a := press(false, turn.Label, turn.Line); !a.InPlace {
			t.Errorf("the button %q of a private answer makes another message", turn.Label)
		}
	}
	if a := press(false, "More", "private more"); a.InPlace {
		t.Error("an answer that asked for no place took one")
	}
	shows(t, s, 0)
	p := newPost(s)
	p.Card.Buttons = Turns
	sent(t, s, p)
	for _, turn := range Turns[1:] {
		if a := press(true, turn.Label, turn.Line); a.InPlace {
			t.Errorf("the button %q took the place of a message that all see", turn.Label)
		}
	}
	if m := shows(t, s, 1)[0]; !strings.Contains(m.Text, "Chips are back") {
		t.Errorf("the message whose buttons were pressed is %q now", m.Text)
	}
}

func suggests(t *testing.T, s Subject) {
	need(t, s.Suggest != nil)
	d := &desk{}
	running(t, s, d)
	const text = "deep seek"
	choices, err := s.Suggest(within(t), "", "query", text)
	discreet(t, s, err)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	typed := d.typed
	d.mu.Unlock()
	if typed.Command != "" || typed.Option != "query" || typed.Text != text || typed.User == "" || typed.Channel == "" {
		t.Errorf("the desk was asked %+v", typed)
	}
	if len(choices) == 0 || len(choices) > bot.ChoicesMost || choices[0] != (bot.Choice{Label: "All about " + text, Value: text}) {
		t.Fatalf("the person is offered %q", choices)
	}
	for _, c := range choices {
		cut, _ := strings.CutSuffix(c.Label, "…")
		if c.Label == "" || c.Value == "" || len(c.Value) > 100 || !utf8.ValidString(c.Label) || invisible.MatchString(c.Label+c.Value) ||
			c.Value == "families" && c.Label != c.Value && strings.ReplaceAll(cut, family, "") != "" {
			t.Errorf("the person is offered %q", c)
		}
	}
	if s.Choose == nil {
		return
	}
	a, err := s.Choose(within(t), choices[0].Label)
	discreet(t, s, err)
	if err != nil || !strings.Contains(a.Text, `Answer to query:"`+text+`"`) {
		t.Errorf("what was chosen is answered %+v, %v", a, err)
	}
}

// suggestsInTime: a desk that thinks is no error to the person who types.
func suggestsInTime(t *testing.T, s Subject) {
	need(t, s.Suggest != nil)
	running(t, s, &desk{})
	choices, err := s.Suggest(within(t), "", "query", "slow")
	discreet(t, s, err)
	if err != nil || len(choices) > 0 {
		t.Errorf("a desk that is too slow offers %q, %v", choices, err)
	}
}

func redelivered(t *testing.T, s Subject) {
	need(t, s.Ask != nil)
	d := &desk{}
	running(t, s, d)
	ask(t, s, "once")
	text, _, err := s.Ask(within(t), "once", true)
	discreet(t, s, err)
	if err == nil {
		t.Errorf("a redelivered question was answered again: %q", text)
	}
	if n := len(d.invocations()); n != 1 {
		t.Errorf("a redelivered question has another ID: %+v", d.invocations())
	}
}

func runEnds(t *testing.T, s Subject) {
	before := goleak.IgnoreCurrent()
	d := &desk{}
	stop := running(t, s, d)
	if s.Ask != nil {
		ask(t, s, "before the end")
	}
	stop()
	options := []goleak.Option{
		before,
		// Connections that are kept for the next request belong to the client and its fake.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"),
		goleak.IgnoreAnyFunction("net/http.(*Server).Serve"),
	}
	for _, f := range s.Ignored {
		options = append(options, goleak.IgnoreAnyFunction(f))
	}
	if err := goleak.Find(options...); err != nil {
		t.Errorf("Run left goroutines behind: %v", err)
	}
}
