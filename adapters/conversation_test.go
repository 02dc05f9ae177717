package adapters_test

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

var update = flag.Bool("update", false, "write the golden files")

// TestConversation has a person ask everything that can be asked, on each
// platform and each of its transports, and press every button that any answer or post has: what the
// platform receives is kept in testdata/conversation, is within every limit,
// notifies nobody, and is seen by nobody else unless it was shared. The ways
// in which one platform hands questions over share their goldens.
func TestConversation(t *testing.T) {
	for name, open := range map[string]func(*testing.T, *conversed) stage{
		"discord/gateway": onDiscord, "discord/http": onDiscordOverHTTP, "slack": onSlack, "slack/http": onSlackHTTP, "web": onWeb,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newConversed(t)
			c := &conversation{t: t, w: w, s: open(t, w), pressed: map[string]bool{}, met: map[string]bool{}}
			w.subs = []bot.Subscription{
				{ID: "config", Channel: c.s.channel, Mode: bot.Instant, MinImpact: 80},
				{ID: "config", Channel: c.s.others[0], Mode: bot.Digest, Days: "weekdays", DigestAt: "14:30", Zone: "Europe/Berlin"},
			}
			w.start(c.s.platform)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- c.s.platform.Run(ctx, w.answers) }()
			defer func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			c.run()
			c.s.check(t)
			t.Logf("%d questions, %d buttons of %d kinds pressed, %d goldens", c.asked, c.presses, len(c.met), c.goldens)
		})
	}
}

// A conversation is what one person and the bot say to each other.
type conversation struct {
	t       *testing.T
	w       *conversed
	s       stage
	given   string          // the id of a delivery that was given up
	pressed map[string]bool // by row of presses and kind of message
	met     map[string]bool // rows of presses

	asked, presses, goldens int
}

func (c *conversation) run() {
	c.given = c.w.giveUp(c.s.channel, "anth", bot.Result{State: bot.Dead, Error: "rejected: the message was blocked by automatic moderation"})
	c.w.deliver()
	c.posted("post-story", c.s.channel, "R2 said to launch")
	for _, q := range storyCases() {
		if q.typed && !c.s.typed || q.locale != "" && c.s.name == "slack" {
			continue // its people fill in options; it tells no locale
		}
		c.put(q)
	}
	c.suggested()
	c.followed()
	c.w.late(c.s.others[1])
	c.w.forward(31 * time.Minute)
	c.w.deliver()
	c.posted("post-digest", c.s.others[0], "digest")
	c.posted("post-catch-up", c.s.others[1], "")
	c.restarted()
	c.ordered()
	c.advised()
	c.housed()
	for _, p := range presses {
		if !c.met[p.name] {
			c.t.Errorf("no message has a button %q: take its case out", p.name)
		}
	}
}

// put asks one case, and presses what buttons its answer has.
func (c *conversation) put(q example) {
	c.t.Helper()
	if q.before != nil {
		q.before(c)
	}
	m, ok := c.ask(q.line, q.locale)
	if !ok {
		return
	}
	c.heard(q.name, "/news "+q.line, m, q.want, q.mistake, false)
	if m.form != nil {
		c.fill(q.name, m, false)
	} else if q.locale == "" {
		c.pressAll("an answer", m)
	}
}

// ask puts words to the bot, as options where the platform has such.
func (c *conversation) ask(line, locale string) (said, bool) {
	c.t.Helper()
	q := inquiry{line: strings.ReplaceAll(line, "GIVEN", c.given), locale: locale}
	if !c.s.typed {
		var err error
		if q.call, err = bot.ParseLine(bot.Table(), q.line); err != nil {
			c.t.Errorf("%q cannot be asked by options: %v", line, err)
			return said{}, false
		}
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	m, err := c.s.ask(ctx, q)
	if err != nil {
		c.t.Errorf("no answer to %q: %v", line, err)
		return said{}, false
	}
	c.asked++
	return m, true
}

var (
	failed    = regexp.MustCompile(`Something went wrong|Hier ist etwas schiefgegangen|%!`)
	mistaken  = regexp.MustCompile(`That did not work|Das hat nicht geklappt`)
	forgotten = regexp.MustCompile(`^(.*▶|◀.*)$`)
)

// elsewhere matches the commands that people who fill in options do not have.
var elsewhere = func() *regexp.Regexp {
	var names []string
	for _, c := range bot.Table()[1:] {
		names = append(names, c.Name)
	}
	return regexp.MustCompile(`/news (` + strings.Join(names, "|") + `)\b`)
}()

// heard checks an answer and keeps it.
func (c *conversation) heard(name, asked string, m said, want string, mistake, shared bool) {
	c.t.Helper()
	switch {
	case !regexp.MustCompile("(?i)" + want).MatchString(m.text):
		c.t.Errorf("%s: the answer to %q has nothing of %q:\n%s", name, asked, want, m.text)
	case failed.MatchString(m.text):
		c.t.Errorf("%s: %q fails: %s", name, asked, m.text)
	case mistaken.MatchString(m.text) != mistake:
		c.t.Errorf("%s: %q is taken for a mistake, or a mistake is not: %s", name, asked, m.text)
	}
	if hit := elsewhere.FindString(m.text); hit != "" && !c.s.typed {
		c.t.Errorf("%s: %q is no command there", name, hit)
	}
	if m.private == shared {
		c.t.Errorf("%s: the answer to %q is private: %t", name, asked, m.private)
	}
	c.keep(name, asked, m)
}

func (c *conversation) keep(name, asked string, m said) {
	c.t.Helper()
	c.goldens++
	golden(c.t, c.s.name, name, strings.ReplaceAll(asked, c.given, "GIVEN"), m)
}

// posted keeps the last message of a channel, and presses its buttons.
func (c *conversation) posted(name string, where bot.Channel, want string) said {
	c.t.Helper()
	ms := c.s.shows(where)
	if len(ms) == 0 {
		c.t.Errorf("%s: nothing was posted to %s", name, where)
		return said{}
	}
	m := ms[len(ms)-1]
	if _, direct := where.Person(); direct && name != "direct-advice" && !slices.ContainsFunc(m.buttons, func(b button) bool { return b.label == "Stop following" }) {
		c.t.Errorf("%s: one tap does not stop it", name)
	}
	if !strings.Contains(m.text, want) {
		c.t.Errorf("%s: %s shows nothing of %q: %s", name, where, want, m.text)
	}
	c.keep(name, "", m)
	c.pressAll(name, m)
	return m
}

// pressAll presses every kind of button of a message that was pressed in no
// message of that kind before; those that turn pages last, as the message is
// another one then.
func (c *conversation) pressAll(kind string, m said) {
	c.t.Helper()
	turns := func(b button) int {
		if forgotten.MatchString(b.label) {
			return 1
		}
		return 0
	}
	c.chooseAll(m)
	for _, b := range slices.SortedStableFunc(slices.Values(m.buttons), func(a, b button) int { return turns(a) - turns(b) }) {
		i := slices.IndexFunc(presses, func(p press) bool { return p.is(b) })
		if i < 0 {
			c.t.Errorf("%s has a button %q that asks %q: write a case for it", kind, b.label, b.line)
			continue
		}
		p := presses[i]
		c.met[p.name] = true
		if c.pressed[kind+p.name] {
			continue
		}
		c.pressed[kind+p.name] = true
		if p.page {
			if b.line != "" || !strings.HasPrefix(b.url, "http") {
				c.t.Errorf("%s: the button %q opens %q and asks %q", kind, b.label, b.url, b.line)
			}
			continue
		}
		name := "button-" + p.name
		if kind != "an answer" {
			name = kind + "-button-" + p.name
		}
		answer, ok := c.press(m, b)
		if !ok {
			continue
		}
		c.heard(name, b.line, answer, p.want, p.mistake, p.share)
		if p.turns != answer.inPlace {
			c.t.Errorf("%s: %q takes the place of its message: %t", kind, b.label, answer.inPlace)
		}
		if p.opens != (answer.form != nil) {
			c.t.Errorf("%s: %q opens a form: %t", kind, b.label, answer.form != nil)
		}
		if answer.form != nil {
			c.fill(name, answer, true)
			continue
		}
		c.pressAll("an answer", answer)
	}
}

func (c *conversation) press(m said, b button) (said, bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	answer, err := c.s.press(ctx, m, b)
	if err != nil {
		c.t.Errorf("no answer to the button %q, which asks %q: %v", b.label, b.line, err)
		return said{}, false
	}
	c.presses++
	return answer, true
}

// typedSoFar is what is typed in every menu and option that suggests.
var typedSoFar = map[string]string{"query": "deeps", "topic": "deeps", "id": "deepseek r2", "topics": "deeps", "zone": "berl"}

// suggested: every option that suggests while people type has what they mean
// among its choices, and few enough.
func (c *conversation) suggested() {
	if c.s.suggest == nil {
		return
	}
	for _, cmd := range bot.Table() {
		for _, o := range cmd.Options {
			if !o.Suggest {
				continue
			}
			text := typedSoFar[o.Name]
			choices, err := c.s.suggest(c.t.Context(), cmd.Name, o.Name, text)
			if err != nil {
				c.t.Errorf("%s %s: %v", cmd.Title(), o.Name, err)
				continue
			}
			c.offered("suggest-"+cmd.Title()+"-"+o.Name, text, choices)
		}
	}
}

// offered checks and keeps the choices for a text.
func (c *conversation) offered(name, text string, choices []bot.Choice) {
	c.t.Helper()
	if len(choices) == 0 || len(choices) > bot.ChoicesMost || !strings.Contains(choices[0].Label, "DeepSeek") && choices[0].Value != "Europe/Berlin" {
		c.t.Errorf("%s: %q is completed to %q", name, text, choices)
	}
	c.keep(name, text, said{received: choices})
}

// chooseAll takes a choice of every menu, once.
func (c *conversation) chooseAll(m said) {
	c.t.Helper()
	for _, of := range m.menus {
		key := "menu " + of.command + ":" + of.option
		if c.s.choose == nil || c.pressed[key] {
			continue
		}
		c.pressed[key] = true
		name := "menu-" + bot.Command{Name: of.command}.Title() + "-" + of.option
		choices, answer, err := c.s.choose(c.t.Context(), m, of, typedSoFar[of.option])
		if err != nil {
			c.t.Errorf("%s: %v", name, err)
			continue
		}
		c.presses++
		c.offered(name+"-choices", typedSoFar[of.option], choices)
		c.heard(name, typedSoFar[of.option], answer, "DeepSeek", false, false)
		c.pressAll("an answer", answer)
	}
}

// followed: what a person follows comes by direct message, as does what becomes
// of it, until one tap stops it.
func (c *conversation) followed() {
	c.put(example{name: "follow-another", line: "follow h20x", want: "You follow Nvidia"})
	c.w.deliver()
	c.posted("direct-story", c.s.person, "licence to sell H20")
	c.put(example{name: "follow-what-came", line: "follow h20x", want: "came by direct message before"})
	c.put(example{name: "follow-again", line: "follow k3j2", want: "You follow"})
	c.w.forward(time.Minute)
	c.w.confirm("k3j2")
	c.w.deliver()
	c.posted("post-follow-up", c.s.channel, "Confirmed")
	c.posted("direct-follow-up", c.s.person, "Confirmed")
	c.w.forward(10 * time.Minute)
	c.w.deliver() // the edit of the first message
	for _, m := range c.s.shows(c.s.channel) {
		if strings.Contains(m.text, "88") {
			c.keep("post-story-edited", "", m)
			return
		}
	}
	c.t.Error("the story's message was not brought up to date")
}

// restarted: buttons of before a restart still turn pages, and share once.
func (c *conversation) restarted() {
	m, ok := c.ask("since:90d", "")
	if !ok {
		return
	}
	c.w.start(c.s.platform)
	find := func(m said, label string) (b button) {
		i := slices.IndexFunc(m.buttons, func(b button) bool { return strings.Contains(b.label, label) })
		if i < 0 {
			c.t.Errorf("no button %q among %v", label, m.buttons)
			return b
		}
		return m.buttons[i]
	}
	turned, ok := c.press(m, find(m, "▶"))
	if !ok {
		return
	}
	c.heard("restart-page", "", turned, "Page 2 of", false, false)
	if !turned.inPlace {
		c.t.Error("after a restart a page takes no message's place")
	}
	share := find(turned, "Share")
	before := len(c.s.shows(c.s.channel))
	shared, ok := c.press(turned, share)
	if !ok {
		return
	}
	c.heard("restart-share", "", shared, "Page 2 of", false, true)
	if c.s.name != "web" && len(c.s.shows(c.s.channel)) != before+1 {
		c.t.Error("what was shared does not stand in the channel")
	}
	for _, b := range shared.buttons {
		if strings.Contains(b.label, "▶") || strings.Contains(b.label, "Share") {
			c.t.Errorf("all see a button %q that works for one person", b.label)
		}
	}
	again, ok := c.press(turned, share)
	if ok {
		c.heard("restart-share-twice", "", again, "shared already", true, false)
	}
}

// optionOf is the option of that name.
func optionOf(command, name string) bot.Option {
	for _, c := range bot.Table() {
		for _, o := range c.Options {
			if c.Name == command && o.Name == name {
				return o
			}
		}
	}
	panic(fmt.Sprintf("the command %q has no option %q", command, name))
}
