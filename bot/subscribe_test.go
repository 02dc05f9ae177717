package bot_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// A manager asks in the pipe's channel.
type manager struct {
	*pipe
	*bot.Bot
	is bool // who manages the channel
}

func newManager(p *pipe, configured ...bot.Subscription) *manager {
	return &manager{p, bot.New(bot.Options{Desk: deskOf{p.desk}, Store: p.store, Now: func() time.Time { return p.now }, Book: bot.NewBook(p.store, configured)}), true}
}

func (m *manager) ask(line string) bot.Reply { return m.fill(line, nil) }

func (m *manager) fill(line string, fields map[string]string) bot.Reply {
	m.t.Helper()
	r, ok := m.Handle(m.t.Context(), bot.Invocation{Channel: channel, User: "mia", Space: "s", Manager: m.is, Speaker: true, Line: line, Fields: fields})
	if !ok || !r.Private {
		m.t.Fatalf("%q: answered %t, private %t", line, ok, r.Private)
	}
	return r
}

// press is the line of the button whose label begins so.
func (m *manager) press(c bot.Card, label string) bot.Reply {
	m.t.Helper()
	for _, b := range c.Buttons {
		if strings.HasPrefix(b.Label, label) {
			return m.ask(b.Line)
		}
	}
	m.t.Fatalf("no button %q among %s", label, labels(c))
	return bot.Reply{}
}

// orders are what the store holds of the channel, without who made it when.
func (m *manager) orders() []bot.Subscription {
	m.t.Helper()
	subs, err := m.store.Subscriptions(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	for i := range subs {
		subs[i].By, subs[i].Space, subs[i].Made, subs[i].Changed = "", "", time.Time{}, time.Time{}
	}
	return subs
}

// topical tells stories of the week before about deepseek, of an impact each.
func (m *manager) topical(impacts ...int) {
	for i, impact := range impacts {
		at := m.now.Add(-time.Duration(i*20+1) * time.Hour)
		m.desk.stories = append(m.desk.stories, news.Story{
			ID: "w" + string(rune('a'+i)), Headline: "Week " + string(rune('a'+i)), Impact: impact, Fresh: at, First: at, Updated: at,
			Seq: uint64(len(m.desk.stories) + 1), Status: brief.Status{Value: brief.Reported}, Topics: []string{"deepseek"}, Kinds: []news.Kind{news.Press},
		})
	}
}

func TestSubscribe(t *testing.T) {
	m := newManager(newPipe(t, []bot.Subscription{}...))
	m.topical(90, 70, 55, 45)
	if c := m.ask("settings").Card; c.Title != "This channel gets no news yet" {
		t.Fatalf("settings at first: %+v", c)
	}
	c := m.ask("subscribe deepseek, openai min:60").Card
	if c.Title != "Not saved yet: what this channel would get" || !strings.HasPrefix(c.Text, "The last week would have brought 2 a week.") || len(m.orders()) != 0 {
		t.Fatalf("draft: %+v, saved %v", c, m.orders())
	}
	if got := c.Facts[0].Value; got != "DeepSeek and OpenAI · impact 60 and more" {
		t.Errorf("the draft asks for %q", got)
	}
	// Moving the threshold changes what is shown, in place, and saves nothing.
	r := m.press(c, "From 50: 3 a week")
	if !r.Replace || !strings.HasPrefix(r.Card.Text, "The last week would have brought 3 a week.") || len(m.orders()) != 0 {
		t.Fatalf("a lower threshold: %+v", r)
	}
	r = m.press(r.Card, "Save")
	want := bot.Subscription{ID: "instant", Channel: channel, Mode: bot.Instant, MinImpact: 50, Topics: []string{"deepseek", "openai"}}
	if got := m.orders(); len(got) != 1 || !sameOrder(got[0], want) || !r.Replace {
		t.Fatalf("saved %+v, want %+v, answer %+v", got, want, r)
	}
	// Twice is once.
	if again := m.ask("subscribe save:yes").Card; again.Title != "That is what this channel gets already" {
		t.Errorf("saved again: %+v", again)
	}
	// What is not named stays.
	m.ask("subscribe quiet:22-7 zone:berlin status:confirmed,reported topics:all save:yes")
	want.Quiet, want.Zone, want.Statuses, want.Topics = "22:00-07:00", "Europe/Berlin", []string{"confirmed", "reported"}, nil
	if got := m.orders(); len(got) != 1 || !sameOrder(got[0], want) {
		t.Fatalf("changed to %+v, want %+v", got, want)
	}
	// A digest stands beside it, in the zone that is known.
	m.ask("subscribe mode:digest days:weekdays at:8:30 empty:silent save:yes")
	digest := bot.Subscription{ID: "digest", Channel: channel, Mode: bot.Digest, Days: "weekdays", DigestAt: "08:30", Silent: true, Zone: "Europe/Berlin"}
	if got := m.orders(); len(got) != 2 || !sameOrder(got[0], digest) || !sameOrder(got[1], want) {
		t.Fatalf("orders %+v, want %+v and %+v", got, digest, want)
	}
	c = m.ask("settings").Card
	if len(c.Sections) != 2 || !strings.Contains(labels(c), "Change: A digest") || strings.Contains(labels(c), "Add") {
		t.Errorf("settings of two: %+v", c)
	}
	// The end can be undone, as it was.
	c = m.ask("unsubscribe").Card
	if len(m.orders()) != 0 {
		t.Fatalf("after the end: %+v", m.orders())
	}
	m.press(c, "Undo: the digest")
	m.press(c, "Undo: news at once")
	if got := m.orders(); len(got) != 2 || !sameOrder(got[0], digest) || !sameOrder(got[1], want) {
		t.Errorf("undone to %+v, want %+v and %+v", got, digest, want)
	}
}

func sameOrder(a, b bot.Subscription) bool {
	return reflect.DeepEqual(a, b)
}

func TestSubscribeRefuses(t *testing.T) {
	m := newManager(newPipe(t, []bot.Subscription{}...))
	draft := m.ask("subscribe min:70").Card
	for line, want := range map[string]string{
		"subscribe nonsense":                 "There is no topic",
		"subscribe min:101":                  "whole number from 0 to 100",
		"subscribe at:25:00 mode:digest":     "no time of day",
		"subscribe zone:Europe/Berlim":       "Did you mean Europe/Berlin?",
		"subscribe zone:../../etc/passwd":    "no time zone",
		"subscribe quiet:22:00":              "two times of day",
		"subscribe status:gossip":            "must be one of rumour, reported",
		"subscribe kinds:blog":               "must be one of lab, press",
		"subscribe languages:klingonisch":    "no language",
		"subscribe mention:@everyone":        "one role or group",
		"subscribe mention_at:70":            "nobody is",
		"subscribe days:someday mode:digest": "must be one of daily",
		"pause 91d":                          "at most 90 days",
		"pause":                              "needs the time",
	} {
		if c := m.ask(line + " save:yes").Card; strings.HasPrefix(line, "subscribe") && (c.Tone != bot.Mistake || !strings.Contains(c.Text, want)) {
			t.Errorf("%s: %q %q, want %q", line, c.Title, c.Text, want)
		}
		if c := m.ask(line).Card; c.Tone != bot.Mistake || !strings.Contains(c.Text, want) {
			t.Errorf("%s: %q %q, want %q", line, c.Title, c.Text, want)
		}
	}
	// Who may not, what is forged, and what another may press.
	m.is = false
	for _, line := range []string{"subscribe save:yes", "settings", "unsubscribe", "pause 1d", draft.Buttons[0].Line} {
		if c := m.ask(line).Card; c.Tone != bot.Mistake || !strings.Contains(c.Text, "for people who manage") {
			t.Errorf("%s without the right to: %+v", line, c)
		}
	}
	m.is = true
	for _, forged := range []string{"~zzzzzz.AAAAAAAAAAAA.f1 subscribe min:10 save:yes form:what", "subscribe min:10 save:yes"} {
		if c := m.fill(forged, map[string]string{"min": "20"}).Card; c.Tone != bot.Mistake {
			t.Errorf("forged form %q: %+v", forged, c)
		}
	}
	if got := m.orders(); len(got) != 0 {
		t.Errorf("saved all the same: %+v", got)
	}
}

func TestForms(t *testing.T) {
	m := newManager(newPipe(t, []bot.Subscription{}...))
	m.topical(90, 70)
	m.ask("subscribe min:40 save:yes")
	draft := m.ask("subscribe").Card
	r := m.press(draft, "What …")
	if r.Form == nil || len(r.Form.Fields) != 5 || r.Form.Fields[1].Value != "40" || r.Card.Title != "The form could not be opened" {
		t.Fatalf("form: %+v", r)
	}
	// An emptied field leaves what stands there, and says so.
	if hint := r.Form.Fields[1].Hint; hint != "40" {
		t.Errorf("the emptied least impact shows %q, and 40 applies", hint)
	}
	if c := m.fill(r.Form.Line, map[string]string{"min": ""}).Card; !strings.Contains(c.Facts[0].Value, "impact 40") {
		t.Errorf("an emptied least impact: %+v", c)
	}
	filled := map[string]string{"topics": "DeepSeek", "min": "75", "status": "", "kinds": "press,lab", "languages": ""}
	c := m.fill(r.Form.Line, filled).Card
	if c.Title != "Not changed yet: what this channel would get" || c.Facts[0].Value != "DeepSeek · impact 75 and more · told by press and lab" {
		t.Fatalf("filled in: %+v", c)
	}
	// What one form said is known to the next, and to Save.
	r = m.press(c, "When …")
	c = m.fill(r.Form.Line, map[string]string{"zone": "Asia/Tokyo", "quiet": "", "cap": "3"}).Card
	m.press(c, "Save")
	want := bot.Subscription{ID: "instant", Channel: channel, Mode: bot.Instant, MinImpact: 75, Topics: []string{"deepseek"}, Kinds: []news.Kind{news.Press, news.Lab}, Zone: "Asia/Tokyo", DailyCap: 3}
	if got := m.orders(); len(got) != 1 || !sameOrder(got[0], want) {
		t.Errorf("saved %+v, want %+v", got, want)
	}
	// A form that is submitted as it stands changes nothing.
	r = m.press(m.ask("subscribe").Card, "How …")
	same := map[string]string{}
	for _, f := range r.Form.Fields {
		same[f.Name] = f.Value
	}
	if c := m.fill(r.Form.Line, same).Card; c.Tone == bot.Mistake || same["mention_at"] == "" {
		t.Errorf("%v, as it stood: %+v", same, c)
	}
	if c := m.fill(m.press(m.ask("subscribe").Card, "When …").Form.Line, map[string]string{"zone": "Atlantis", "quiet": "", "cap": "3"}).Card; c.Tone != bot.Mistake {
		t.Errorf("a wrong field: %+v", c)
	}
	// All that is wrong is told at once, by field, and a button has the form with
	// what is right.
	r = m.fill(m.press(m.ask("subscribe").Card, "When …").Form.Line, map[string]string{"zone": "Berlim", "quiet": "22-7", "cap": "-1"})
	wrong := []bot.Wrong{
		{Field: "zone", Text: `There is no time zone "Berlim". Did you mean Europe/Berlin?`},
		{Field: "cap", Text: `Cap must be a whole number from 0 to 100, not "-1".`},
	}
	if !slices.Equal(r.Wrong, wrong) || r.Card.Tone != bot.Mistake || r.Replace || !strings.Contains(fmt.Sprint(r.Card), "Berlim") || !strings.Contains(fmt.Sprint(r.Card), `"-1"`) {
		t.Errorf("two wrong fields: %+v", r)
	}
	if f := m.press(r.Card, "When …").Form; f == nil || f.Fields[1].Value != "22:00-07:00" || f.Fields[2].Value != "3" {
		t.Errorf("opened again: %+v", f)
	}
	r = m.fill(m.press(m.ask("subscribe").Card, "How …").Form.Line, map[string]string{"card": "compact", "mention": "@all of you", "mention_at": "80"})
	if f := m.press(r.Card, "How …").Form; len(r.Wrong) != 1 || r.Wrong[0].Field != "mention" || f == nil || f.Fields[0].Value != "compact" {
		t.Errorf("a wrong mention: %+v, then %+v", r, f)
	}
	if got := m.orders(); len(got) != 1 || !sameOrder(got[0], want) {
		t.Errorf("a wrong form saved %+v", got)
	}
	// Each form has what a Discord modal and a Slack one take.
	for _, mode := range []string{"instant", "digest"} {
		for _, form := range []string{"what", "when", "how", "more"} {
			f := m.ask("subscribe mode:" + mode + " form:" + form).Form
			if f == nil || len(f.Fields) == 0 || len(f.Fields) > 5 || len(f.Title) > 24 || len(f.Submit) > 24 {
				t.Fatalf("%s %s: %+v", mode, form, f)
			}
			for _, field := range f.Fields {
				if field.Label == "" || len(field.Label) > 45 || len(field.Hint) > 100 || len(field.Choices) > bot.ChoicesMost {
					t.Errorf("%s %s: field %+v", mode, form, field)
				}
			}
		}
	}
}

func TestPause(t *testing.T) {
	configured := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant}
	p := newPipe(t, configured)
	m := newManager(p, configured)
	if c := m.ask("pause 3h").Card; c.Title != "Paused until 12:00 UTC" {
		t.Fatalf("pause: %+v", c)
	}
	if c := m.ask("settings").Card; !strings.Contains(labels(c), "Go on now") || !strings.Contains(c.Sections[0].Lines[1].Text, "paused until 12:00 UTC") {
		t.Errorf("settings in a pause: %+v", c)
	}
	p.tell("a", 80)
	for range 90 {
		p.step(time.Minute)
	}
	if got := p.posted(); got != "" {
		t.Fatalf("posted in the pause: %s", got)
	}
	m.ask("resume")
	p.step(time.Minute)
	if got := p.posted(); got != "Headline a" {
		t.Errorf("posted after it: %q", got)
	}
	m.ask("pause 1h")
	p.tell("b", 80)
	p.step(59 * time.Minute)
	p.step(2 * time.Minute)
	p.step(time.Minute)
	if got := p.posted(); got != "Headline a, Headline b" {
		t.Errorf("posted after a pause that ended by itself: %q", got)
	}
}

func TestDailyCap(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, DailyCap: 2, Zone: "Asia/Tokyo"})
	// 9:00 UTC is 18:00 in Tokyo.
	for _, s := range []struct {
		id     string
		impact int
	}{{"a", 60}, {"b", 60}, {"c", 70}, {"great", 80}} {
		p.tell(s.id, s.impact)
		p.step(time.Minute)
	}
	p.now = p.now.Add(7 * time.Hour)
	p.tell("tomorrow", 60)
	p.step(time.Minute)
	if got := p.posted(); got != "Headline a, Headline b, Headline great, Headline tomorrow" {
		t.Errorf("posted %q", got)
	}
	if d := p.delivery("c"); d.State != bot.Moot || d.Error != bot.Capped {
		t.Errorf("the one beyond the cap is %+v", d)
	}
}

func TestLooks(t *testing.T) {
	order := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, Compact: true, NoEdits: true, Apart: true, Mention: "42", MentionAt: 75}
	p := newPipe(t, order)
	p.tell("a", 74)
	p.tell("b", 75)
	p.step(time.Minute)
	p.step(time.Minute)
	ms := p.platform.Messages(channel)
	if len(ms) != 2 || ms[0].Post.Card.Mention != "" || ms[1].Post.Card.Mention != "42" || len(ms[0].Post.Card.Facts)+len(ms[0].Post.Card.Sections) > 0 {
		t.Fatalf("posts: %+v", ms)
	}
	p.change("a", func(s *news.Story) { s.Impact, s.Headline = 99, "Grown" })
	p.change("b", status(brief.Denied))
	p.settleAll()
	ms = p.platform.Messages(channel)
	if len(ms) != 3 || ms[0].Post.Card.Title != "Headline a" || ms[2].Post.Thread != "" || !strings.HasPrefix(ms[2].Post.Card.Title, "Denied") {
		t.Errorf("after a change: %+v", ms)
	}
}

// TestAWrongFormIsToldAgain where it is sent again as it is, and a right one is
// done once.
func TestAWrongFormIsToldAgain(t *testing.T) {
	m := newManager(newPipe(t))
	form := m.press(m.ask("subscribe").Card, "When …").Form
	send := func(id, cap string) (bot.Reply, bool) {
		return m.Handle(t.Context(), bot.Invocation{ID: id, Channel: channel, User: "mia", Space: "s", Manager: true, Line: form.Line, Fields: map[string]string{"cap": cap}})
	}
	for range 2 {
		if r, ok := send("1", "-1"); !ok || len(r.Wrong) != 1 {
			t.Errorf("wrong: answered %t, %+v", ok, r)
		}
	}
	for n, want := range []bool{true, false} {
		if r, ok := send("2", "3"); ok != want || len(r.Wrong) > 0 {
			t.Errorf("right, %d: answered %t, %+v", n, ok, r)
		}
	}
}

// TestSubscribeBesideTheConfiguration: an order by command begins with what is
// configured, says that it takes its place, and gives it back when it is ended.
func TestSubscribeBesideTheConfiguration(t *testing.T) {
	p := newPipe(t)
	m := newManager(p, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, MinImpact: 45, Topics: []string{"openai"}, Zone: "Europe/Berlin"})
	const place = "It takes the place of what the bot's configuration orders here, until it is ended."
	if c := m.ask("subscribe").Card; !strings.Contains(c.Facts[0].Value, "OpenAI · impact 45 and more") || c.Footer != place {
		t.Errorf("a draft without a word: %+v", c)
	}
	if c := m.ask("subscribe save:yes").Card; c.Title != "That is what this channel gets already" || len(m.orders()) != 0 {
		t.Errorf("saved as it was: %q, orders %+v", c.Title, m.orders())
	}
	saved := m.ask("subscribe min:60 save:yes").Card
	if got := m.orders(); saved.Text != place || len(got) != 1 || got[0].MinImpact != 60 || got[0].Zone != "Europe/Berlin" || got[0].ID != "instant" {
		t.Errorf("saved: %q, orders %+v", saved.Text, got)
	}
	if c := m.ask("settings").Card; len(c.Sections) != 1 || !strings.Contains(c.Sections[0].Lines[0].Text, "impact 60") {
		t.Errorf("settings: %+v", c.Sections)
	}
	back := m.press(saved, "End: News at once").Card
	if c := m.ask("settings").Card; len(c.Sections) != 1 || !strings.Contains(c.Sections[0].Lines[0].Text, "impact 45") || !strings.HasSuffix(back.Text, "What the bot's configuration orders here counts again.") {
		t.Errorf("undone: %q, settings %+v", back.Text, c.Sections)
	}
}

// TestSubscribeFindsTheMode that has use for what is asked, and says what has
// none.
func TestSubscribeFindsTheMode(t *testing.T) {
	for line, want := range map[string]string{
		"subscribe at:09:00":                 "a digest daily at 09:00 UTC",
		"subscribe days:monday empty:silent": "a digest monday at 09:00 UTC · nothing on a day without stories",
		"subscribe cap:5":                    "each story at once · at most 5 a day, but for impact 80 and more",
		"subscribe min:60":                   "each story at once",
	} {
		if c := newManager(newPipe(t)).ask(line).Card; len(c.Facts) < 2 || c.Facts[1].Value != want {
			t.Errorf("%q: %+v, want %q", line, c, want)
		}
	}
	for line, want := range map[string]string{
		"subscribe mode:instant at:09:00":     "At is of no use to mode:instant. Leave it out, or say mode:digest.",
		"subscribe mode:digest cap:5":         "Cap is of no use to mode:digest. Leave it out, or say mode:instant.",
		"subscribe at:09:00 mention:123":      "At is of no use to mode:instant. Leave it out, or say mode:digest.",
		"subscribe digest":                    `There is no topic "digest". Did you mean mode:digest?`,
		"subscribe deepsek":                   `There is no topic "deepsek". Did you mean deepseek?`,
		"subscribe foo:bar":                   `Subscribe has no option "foo:".`,
		"subscribe topics:all,deepseek":       "All is more than what stands beside it. Say all by itself, or leave it out.",
		"subscribe topic:deepseek":            `There is no option "topic:". Did you mean topics:deepseek?`,
		"subscribe mention:everyone save:yes": `Mention must be one role or group, not "everyone".`,
	} {
		m := newManager(newPipe(t))
		if c := m.ask(line).Card; c.Tone != bot.Mistake || !strings.HasPrefix(strings.NewReplacer("“", `"`, "”", `"`).Replace(c.Text), want) || len(m.orders()) != 0 {
			t.Errorf("%q: tone %d, %q, want %q", line, c.Tone, c.Text, want)
		}
	}
}

// TestStatusTellsAPause where it is asked.
func TestStatusTellsAPause(t *testing.T) {
	m := newManager(newPipe(t), bot.Subscription{ID: "config", Channel: channel, Mode: bot.Instant, MinImpact: 45})
	m.ask("pause 3d")
	if c := m.ask("status").Card; !strings.Contains(c.Text, "This channel is paused until 5 March") {
		t.Errorf("status: %q", c.Text)
	}
}
