package bot_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/newstest"
	"newsdesk/news/topic"
)

// A newsroom answers from the canned stories with the real index. Its knobs
// make it fail.
type newsroom struct {
	stories map[string]news.Story
	index   *news.Index
	sources []news.SourceState
	fail    error
	panics  bool
	hangs   bool
}

func newNewsroom(stories ...news.Story) *newsroom {
	n := &newsroom{stories: map[string]news.Story{}, index: news.NewIndex(topic.Default())}
	for _, s := range stories {
		n.stories[s.ID] = s
		n.index.Put(s)
	}
	return n
}

func (n *newsroom) Search(ctx context.Context, q news.Query) (news.Result, error) {
	if n.panics {
		panic("the newsroom is on fire")
	}
	if n.hangs {
		<-ctx.Done()
		return news.Result{}, ctx.Err()
	}
	if n.fail != nil {
		return news.Result{}, n.fail
	}
	h := n.index.Search(q, newstest.Now())
	r := news.Result{Total: h.Total, Topics: h.Topics, Next: h.Next, Pace: h.Pace, Nearest: h.Nearest}
	for _, id := range h.IDs {
		r.Stories = append(r.Stories, n.stories[id])
	}
	return r, nil
}

func (n *newsroom) Story(_ context.Context, id string) (news.Story, error) {
	if s, ok := n.stories[id]; ok {
		return s, nil
	}
	return news.Story{}, fmt.Errorf("story %q: %w", id, news.ErrNotFound)
}

func (n *newsroom) Related(_ context.Context, s news.Story, most int) ([]news.Story, error) {
	var out []news.Story
	for _, id := range n.index.Related(s, most, newstest.Now()) {
		out = append(out, n.stories[id])
	}
	return out, n.fail
}

func (n *newsroom) Trends(days, most int, topic string) []news.Trend {
	return n.index.Trends(newstest.Now(), days, most, topic)
}

func (n *newsroom) Suggest(typed string, most int) []news.Suggestion {
	return n.index.Suggest(typed, most)
}

// Past has each story as it is now, since it was fresh.
func (n *newsroom) Past(since time.Time) []news.Past {
	return pastOf(slices.Collect(maps.Values(n.stories)), since)
}

func pastOf(stories []news.Story, since time.Time) []news.Past {
	var out []news.Past
	for _, s := range stories {
		if !s.Fresh.Before(since) {
			out = append(out, news.Past{ID: s.ID, Headline: s.Headline, URL: s.URL, Took: s.Took,
				Turns: []news.Turn{{At: s.Fresh, Impact: s.Impact, Status: s.Status.Value, Lang: s.Lang, Fresh: s.Fresh, Topics: s.Topics, Kinds: s.Kinds}}})
		}
	}
	return out
}

func (n *newsroom) Sources(context.Context) ([]news.SourceState, error) { return n.sources, n.fail }

// A ledger is the little that commands want of a store.
type ledger struct {
	mu   sync.Mutex
	seen map[string]time.Duration
	kept sync.Map
	fail error

	bot.Ledger // what else a test needs; TestManagersMendTheirChannel has a real one
}

func (l *ledger) Once(_ context.Context, key string, ttl time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, twice := l.seen[key]
	l.seen[key] = ttl
	return !twice && l.fail == nil, l.fail
}

func (l *ledger) Deliveries(_ context.Context, q bot.DeliveryQuery) ([]bot.Delivery, error) {
	if q.State == bot.Pending {
		return make([]bot.Delivery, 2), l.fail
	}
	return nil, l.fail
}

func (l *ledger) Suspensions(context.Context) (map[bot.Channel]bot.Suspension, error) {
	return map[bot.Channel]bot.Suspension{"slack:@U1": {Reason: "messages are off"}, "slack:C1": {Since: newstest.Now(), Reason: "is_archived"}}, l.fail
}

func (l *ledger) Votes(context.Context, bot.Channel, time.Time) ([]bot.Vote, error) {
	return nil, l.fail
}

func (l *ledger) SubscriptionsVersion(context.Context) (string, error) { return "", l.fail }

func (l *ledger) Subscriptions(context.Context) ([]bot.Subscription, error) { return nil, l.fail }

func (l *ledger) Secret(context.Context) ([]byte, error) {
	return []byte("a secret of the tests alone, 32 b"), l.fail
}

func (l *ledger) Keep(_ context.Context, key, text string, _ time.Duration) error {
	if l.fail == nil {
		l.kept.Store(key, text)
	}
	return l.fail
}

func (l *ledger) Kept(_ context.Context, key string) (string, error) {
	if text, ok := l.kept.Load(key); ok && l.fail == nil {
		return text.(string), nil
	}
	return "", cmp.Or(l.fail, news.ErrNotFound)
}

// A desktop is a bot with everything it talks to.
type desktop struct {
	*bot.Bot
	room   *newsroom
	ledger *ledger
	log    *bytes.Buffer
}

func newDesktop(stories ...news.Story) desktop {
	d := desktop{room: newNewsroom(stories...), ledger: &ledger{seen: map[string]time.Duration{}}, log: &bytes.Buffer{}}
	d.Bot = bot.New(bot.Options{
		Desk: d.room, Store: d.ledger, Now: newstest.Now, Logger: slog.New(slog.NewTextHandler(d.log, nil)), Version: "1.2.3",
	})
	return d
}

// ask hands over a line and returns the card of the answer.
func (d desktop) ask(t *testing.T, line string) bot.Card {
	t.Helper()
	r, ok := d.Handle(t.Context(), bot.Invocation{Channel: "test:1", User: "u", Line: line})
	if !ok || !r.Private {
		t.Fatalf("%q: answered %t, private %t", line, ok, r.Private)
	}
	return r.Card
}

// TestMistypedCommands: who mistypes a command, and finds nothing, is asked
// whether it was meant; what finds something is what was asked for.
func TestMistypedCommands(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	for typed, meant := range map[string]string{
		"stroy k3j2": "story k3j2", "STROY k3j2": "story k3j2", "tpo week": "top week", "stauts": "status", "wyh k3j2": "why k3j2",
		"folow zaphod": "follow zaphod", "helpp": "help", "trands zaphod": "trends zaphod", "folow deepseek": "", // which is found
		"stroy nonesuch": "", "who knows": "", "tpo nonesuch": "", "resum": "resume", "setings": "settings", "pauze 3d": "pause 3d", "storyteller k3j2": "", "stroy": "", `"stroy k3j2"`: "", "stroy k3j2 min:10": "",
		"licence": "", "research": "", "deepseek": "", "zaphod": "",
	} {
		c := d.ask(t, typed)
		said := strings.Contains(c.Text, "Did you mean /news "+meant+"?")
		switch {
		case meant != "" && (!said || c.Buttons[0].Line != meant || !strings.HasPrefix(c.Title, "Nothing matches")):
			t.Errorf("%q: %q, button %+v; want %q", typed, c.Text, c.Buttons[0], meant)
		case meant == "" && strings.Contains(c.Text, "Did you mean /news"):
			t.Errorf("%q is asked for a command: %q", typed, c.Text)
		}
	}
	// Where its words are found, too, what was found comes first.
	d = newDesktop(newstest.Stories()...)
	if c := d.ask(t, "folow deepseek"); !strings.HasPrefix(c.Footer, "Did you mean /news follow deepseek?") || c.Buttons[len(c.Buttons)-1].Line != "follow deepseek" {
		t.Errorf("folow deepseek: %+v", c)
	}
	// A story about a word like that is found all the same.
	d = newDesktop(news.Story{ID: "a", Headline: "Stauts wins a prize", First: newstest.Now(), Updated: newstest.Now(), Fresh: newstest.Now()})
	if c := d.ask(t, "stauts"); !strings.HasPrefix(c.Title, "“stauts”: 1 story") || strings.Contains(c.Text, "Did you mean") {
		t.Errorf("a word that is in a story: %+v", c)
	}
}

// TestAnswers pins the title of the answer to each question, and the ids of
// the stories that it lists.
func TestAnswers(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	for _, tt := range []struct {
		line, title, ids string
		tone             bot.Tone
	}{
		{"deepseek", "DeepSeek: 2 stories this week", "k3j2 long old7", bot.Critical},
		{"深度求索", "DeepSeek: 2 stories this week", "k3j2 long old7", bot.Critical},
		{"deepseak", "DeepSeek: 2 stories this week", "k3j2 long old7", bot.Critical},
		{"topic:deepseek", "DeepSeek: 2 stories this week", "k3j2 long old7", bot.Critical},
		{"topic:深度求索 min:50", "DeepSeek, impact 50 and up: 1 story this week", "k3j2 old7", bot.Critical},
		{"topic:nvidia,mistral min:50", "Nvidia and Mistral AI, impact 50 and up: 2 stories this week", "h20x m3ta", bot.High},
		{"mathematics", "“mathematics”: 1 story", "old7", bot.Medium},
		{`"open models"`, "“open models”: 1 story", "old7", bot.Medium},
		{"deepseek mathematics", "“deepseek mathematics” (DeepSeek): 1 story", "old7", bot.Medium},
		{"mathematics topic:deepseek", "“mathematics” about DeepSeek: 1 story", "old7", bot.Medium},
		{"status:denied", "All news, denied: 1 story this week", "m3ta", bot.Medium},
		{"deepseek since:2025-04-27", "DeepSeek, since 27 April, 00:00 UTC: 1 story", "k3j2", bot.Critical},
		{"deepseek since:1d", "DeepSeek, since 27 April, 12:00 UTC: 1 story", "k3j2", bot.Critical},
		{"Bundestag", "“Bundestag”: 1 story this week", "d0us", bot.Medium},
		{"", "Top of the day", "k3j2 h20x q3w8 anth m3ta", bot.Critical},
		{"top", "Top of the day", "k3j2 h20x q3w8 anth m3ta", bot.Critical},
		{"top week", "Top of the week", "k3j2 h20x q3w8 anth oai5", bot.Critical},
		{"trends", "Trends of the last day", "", bot.Plain},
		{"trends deepseek", "Trend: DeepSeek", "", bot.Plain},
		{"trends nobody", "That did not work", "", bot.Mistake},
		{"top month", "Top of the month", "k3j2 h20x q3w8 anth oai5", bot.Critical},
		{"xyzzyplugh", "Nothing matches “xyzzyplugh”", "", bot.Plain},
		{"deepseek min:99", "Nothing matches DeepSeek, impact 99 and up", "", bot.Plain},
		{"story k3j2", "DeepSeek R2 said to launch in May with 1.2 trillion parameters", "", bot.Critical},
		{"story K3J2", "DeepSeek R2 said to launch in May with 1.2 trillion parameters", "", bot.Critical},
		{"why https://heise.example/deepseek-r2", "Why: DeepSeek R2 said to launch in May with 1.2 trillion parameters", "", bot.Critical},
		{"related old7", "Related to: DeepSeek V3 update beats other open models at mathematics", "k3j2 oai5", bot.Plain},
		{"story zzzz", "That did not work", "", bot.Mistake},
		{"why https://heise.example/other", "That did not work", "", bot.Mistake},
		{"min:abc", "That did not work", "", bot.Mistake},
		{"help", "What you can ask", "", bot.Plain},
		{"help top", "/news top [today|week|month]", "", bot.Plain},
		{"sources", "0 feeds", "", bot.Plain},
		{"status", "Newsdesk 1.2.3", "", bot.Plain},
	} {
		c := d.ask(t, tt.line)
		var ids []string
		if c.Tone != bot.Mistake && len(c.Sections) == 1 {
			for _, l := range c.Sections[0].Lines {
				if i := strings.LastIndex(l.Note, " · "); i >= 0 {
					ids = append(ids, l.Note[i+len(" · "):])
				}
			}
		}
		if got := strings.Join(ids, " "); c.Title != tt.title || got != tt.ids || c.Tone != tt.tone {
			t.Errorf("%q: title %q, stories %q, tone %d\nwant %q, %q, %d", tt.line, c.Title, got, c.Tone, tt.title, tt.ids, tt.tone)
		}
		for _, b := range c.Buttons {
			if strings.HasPrefix(b.Line, "~") {
				continue // see TestPages
			}
			if call, err := bot.ParseLine(bot.Table(), b.Line); b.URL == "" && (b.Line == "" || err != nil) {
				t.Errorf("%q: the button %q asks %q, which is %v, %v", tt.line, b.Label, b.Line, call, err)
			}
		}
	}
	if d.log.Len() > 0 {
		t.Errorf("something was logged:\n%s", d.log)
	}
}

// TestNearestTopics offers what may have been meant where nothing matches, and
// to follow a topic of which there is no story yet.
func TestNearestTopics(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	c := d.ask(t, "topic:deepsek")
	if !strings.Contains(c.Text, "Topics with a similar name: DeepSeek") || c.Buttons[0].Label != "DeepSeek" || c.Buttons[0].Line != "topic:deepseek" {
		t.Errorf("topic:deepsek: %q, buttons %v", c.Text, c.Buttons)
	}
	if c := d.ask(t, "topic:deepsek min:5"); strings.Contains(c.Text, "similar name") && len(c.Buttons) > 0 && c.Buttons[0].Label == "DeepSeek" {
		t.Errorf("with a condition: %q", c.Text)
	}
	if c := d.ask(t, "cohere"); !strings.HasSuffix(labels(c), "Follow Cohere") {
		t.Errorf("cohere: %q, buttons %s", c.Title, labels(c))
	}
	if c := d.ask(t, "deepseek"); !strings.HasSuffix(labels(c), "Follow DeepSeek") || !strings.HasSuffix(c.Text, "█ four weeks") {
		t.Errorf("deepseek: text %q, buttons %s", c.Text, labels(c))
	}
}

// TestStructuredCall checks that options of a platform's own form count, and
// are read like words.
func TestStructuredCall(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	r, ok := d.Handle(t.Context(), bot.Invocation{Channel: "test:1", Line: "ignored", Call: bot.Call{Options: opts("query", "深度求索", "min", "60")}})
	if !ok || r.Card.Title != "DeepSeek, impact 60 and up: 1 story this week" {
		t.Errorf("answered %t: %q", ok, r.Card.Title)
	}
	r, _ = d.Handle(t.Context(), bot.Invocation{Channel: "test:1", Call: bot.Call{Command: "why", Options: opts("id", "nope")}})
	if r.Card.Tone != bot.Mistake || !strings.Contains(r.Card.Text, `There is no story "nope".`) {
		t.Errorf("an unknown id: %+v", r.Card)
	}
}

// TestIdsWithCapitals: replayed input may bring its own ids along.
func TestIdsWithCapitals(t *testing.T) {
	s := canned(t, "old7")
	s.ID = "Old7"
	if c := newDesktop(s).ask(t, "story Old7"); c.Title != s.Headline {
		t.Errorf("the answer is %+v", c)
	}
}

func TestNothingSaysWhatWouldMatch(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	c := d.ask(t, "deepseek min:99")
	if !strings.Contains(c.Text, "there would be 3 stories") {
		t.Errorf("text %q", c.Text)
	}
	if again := d.ask(t, c.Buttons[0].Line); again.Title != "DeepSeek: 2 stories this week" {
		t.Errorf("the button %q leads to %q", c.Buttons[0].Line, again.Title)
	}
}

func TestEmptyDesk(t *testing.T) {
	if c := newDesktop().ask(t, ""); c.Title != "No news yet" || len(c.Buttons) == 0 {
		t.Errorf("without a story: %+v", c)
	}
	old := canned(t, "old7")
	if c := newDesktop(old).ask(t, "top"); c.Title != "Top of the day: nothing new" || len(c.Sections) != 1 {
		t.Errorf("with an old story: %+v", c)
	}
}

func TestRedeliveredIsAnsweredOnce(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	ask := func(channel bot.Channel, id string) bool {
		_, ok := d.Handle(t.Context(), bot.Invocation{ID: id, Channel: channel, Line: "help"})
		return ok
	}
	got := []bool{ask("discord:1", "7"), ask("discord:1", "7"), ask("slack:1", "7"), ask("discord:1", "8"), ask("discord:1", ""), ask("discord:1", "")}
	if want := []bool{true, false, true, true, true, true}; !slices.Equal(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
	if ttl := d.ledger.seen["inv:discord:7"]; ttl != time.Hour {
		t.Errorf("remembered for %s under %v", ttl, d.ledger.seen)
	}
	d.ledger.fail = errors.New("connection refused")
	if !ask("discord:1", "7") {
		t.Error("a store that is down cost an answer")
	}
	if !strings.Contains(d.log.String(), "connection refused") {
		t.Errorf("it was not logged: %s", d.log)
	}
}

var referenceIn = regexp.MustCompile(`^Reference ([0-9a-f]{8})$`)

// TestFailures checks that whatever breaks becomes a reference number that
// stands in the log beside the cause, which people do not see.
func TestFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		breaks func(*newsroom)
		logged string
	}{
		"an error": {func(n *newsroom) { n.fail = errors.New("dial 10.0.0.1: refused") }, "dial 10.0.0.1: refused"},
		"a panic":  {func(n *newsroom) { n.panics = true }, "the newsroom is on fire"},
	} {
		d := newDesktop()
		tt.breaks(d.room)
		c := d.ask(t, "deepseek")
		m := referenceIn.FindStringSubmatch(c.Footer)
		if c.Tone != bot.Failure || m == nil || !strings.Contains(c.Text, m[1]) {
			t.Errorf("%s: %+v", name, c)
			continue
		}
		if log := d.log.String(); !strings.Contains(log, m[1]) || !strings.Contains(log, tt.logged) {
			t.Errorf("%s: the log has no %s or no %q:\n%s", name, m[1], tt.logged, log)
		}
		if strings.Contains(show(c), tt.logged) {
			t.Errorf("%s: the person sees the cause", name)
		}
		if name == "a panic" && !strings.Contains(d.log.String(), "commands_test.go") {
			t.Errorf("the log has no stack:\n%s", d.log)
		}
	}
}

func TestAnswersEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesktop()
		d.room.hangs = true
		began := time.Now()
		if c := d.ask(t, "deepseek"); c.Tone != bot.Failure || time.Since(began) != 20*time.Second {
			t.Errorf("after %s: %+v", time.Since(began), c)
		}
	})
}

func TestManagerCommands(t *testing.T) {
	table := bot.Table()
	for i := range table {
		table[i].Manager = table[i].Name == "top"
	}
	b := bot.New(bot.Options{
		Desk: newNewsroom(), Store: &ledger{seen: map[string]time.Duration{}}, Table: append(table, bot.Command{Name: "sell"}),
		Now: newstest.Now, Logger: slog.New(slog.DiscardHandler),
	})
	for _, tt := range []struct {
		line    string
		manager bool
		tone    bot.Tone
	}{{"top", false, bot.Mistake}, {"top", true, bot.Plain}, {"help", false, bot.Plain}, {"sell", true, bot.Failure}} {
		r, _ := b.Handle(t.Context(), bot.Invocation{Channel: "test:1", Line: tt.line, Manager: tt.manager})
		if r.Card.Tone != tt.tone {
			t.Errorf("%q of a manager %t: %+v", tt.line, tt.manager, r.Card)
		}
	}
}

// told are the rights that a platform tells when it is asked.
type told struct {
	manages, speaks bool
	why             string
	asked           *[]string
}

func (r told) Manages(context.Context) (bool, string) {
	*r.asked = append(*r.asked, "manages")
	return r.manages, r.why
}

func (r told) Speaks(context.Context) (bool, string) {
	*r.asked = append(*r.asked, "speaks")
	return r.speaks, r.why
}

// TestRightsAreAskedAtTheDeed, and count more than what came with the question.
func TestRightsAreAskedAtTheDeed(t *testing.T) {
	table := bot.Table()
	for i := range table {
		table[i].Manager = table[i].Name == "top"
	}
	d := newDesktop(newstest.Stories()...)
	b := bot.New(bot.Options{Desk: d.room, Store: d.ledger, Table: table, Now: newstest.Now, Logger: slog.New(slog.DiscardHandler)})
	const missing = "the app lacks the scope users:read: install it again with what newsdesk manifest slack prints"
	for _, tt := range []struct {
		line, locale string
		rights       told
		refused      bool
		want, not    string // of what is shown
		asked        string
	}{
		{"top", "", told{}, true, "Top is for people who manage this channel. Ask one of them.", "Top of the day", "manages"},
		{"top", "", told{manages: true}, false, "Top of the day", "", "manages"},
		{"top", "", told{why: missing}, true, "and who does cannot be found out: " + missing + ". Nothing was changed.", "Top of the day", "manages"},
		{"top", "de", told{why: missing}, true, "lässt sich nicht feststellen: der App fehlt der Scope users:read", missing, "manages"},
		{"why k3j2", "", told{}, false, "Impact: 81 of 100", "", ""},
		{"status", "", told{manages: true}, false, "slack:C1", "", "manages"},
		{"status", "", told{}, false, "1 channel receives nothing", "slack:C1", "manages"},
		{"status", "", told{why: missing}, false, "1 channel receives nothing", "slack:C1", "manages"},
	} {
		var asked []string
		tt.rights.asked = &asked
		r, _ := b.Handle(t.Context(), bot.Invocation{Channel: "test:1", User: "u", Space: "s", Locale: tt.locale, Line: tt.line, Manager: true, Speaker: true, Rights: tt.rights})
		shown := r.Card.Title + "\n" + r.Card.Text
		for _, s := range r.Card.Sections {
			shown += "\n" + s.Title
			for _, l := range s.Lines {
				shown += "\n" + l.Text
			}
		}
		if (r.Card.Tone == bot.Mistake) != tt.refused || !strings.Contains(shown, tt.want) || tt.not != "" && strings.Contains(shown, tt.not) || strings.Join(asked, " ") != tt.asked {
			t.Errorf("%q of %+v, asked %q: %s", tt.line, tt.rights, asked, shown)
		}
	}
}

// TestStatusComesWhenAllIsBroken: a status must not need what it reports on.
func TestStatusComesWhenAllIsBroken(t *testing.T) {
	d := newDesktop()
	d.room.fail, d.ledger.fail = errors.New("store: EOF"), errors.New("store: EOF")
	c := d.ask(t, "status")
	if c.Tone == bot.Failure || !strings.Contains(c.Text, "Stories cannot be read") || !strings.Contains(c.Text, "the outbox cannot be read") {
		t.Errorf("status of a broken bot: %+v", c)
	}
	if len(c.Facts) != 0 {
		t.Errorf("numbers that nobody knows: %+v", c.Facts)
	}
	d = newDesktop(newstest.Stories()...)
	d.room.sources = []news.SourceState{{States: []news.FeedState{{Checked: newstest.Now()}}}}
	c = d.ask(t, "status")
	if len(c.Facts) != 3 || c.Facts[0].Value != "12 stories, the latest 20 min ago" || c.Facts[2].Value != "2 waiting, 0 under way, 0 given up" || len(c.Sections) != 0 || !strings.Contains(c.Text, "1 channel receives nothing") {
		t.Errorf("status: %+v", c)
	}
}

// Where nothing matches, the answer names the condition that stands in the
// way, and its button searches without it.
func TestNothingNamesWhatExcludes(t *testing.T) {
	d := newDesktop(newstest.Stories()...)
	for line, want := range map[string]struct{ text, button string }{
		"min:99":                        {"Without min:99 there would be 12 stories.", ""},
		"deepseek min:99":               {"Without min:99 there would be 3 stories.", "DeepSeek: 2 stories this week"},
		"since:1d min:82":               {"Without min:82 there would be 6 stories.", "All news, since 27 April, 12:00 UTC: 6 stories"},
		"deepseek status:denied min:99": {"Without the other conditions there would be 3 stories.", "DeepSeek: 2 stories this week"},
		"topic:nobody":                  {`There is no topic "nobody".`, ""},
		"xyzzyplugh min:1":              {"Try fewer or other words", ""},
	} {
		c := d.ask(t, line)
		if !strings.HasPrefix(c.Text, want.text) {
			t.Errorf("%q: %q, want %q", line, c.Text, want.text)
		}
		if want.button == "" {
			continue
		}
		if got := d.ask(t, c.Buttons[0].Line); got.Title[:min(len(got.Title), len(want.button))] != want.button {
			t.Errorf("%q: the button %+v answers %q, want %q", line, c.Buttons[0], got.Title, want.button)
		}
	}
}
