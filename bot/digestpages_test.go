package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// told are the headlines on a digest's page, without "Headline ".
func toldOn(c bot.Card) string {
	var out []string
	for _, s := range c.Sections {
		for _, l := range s.Lines {
			if h, ok := strings.CutPrefix(l.Text, "Headline "); ok {
				out = append(out, h)
			}
		}
	}
	return strings.Join(out, " ")
}

// A digest tells all that is due: what its message has no room for stands on
// further pages, of the same digest whatever has changed since, also for a bot
// that was started anew; and all of it was told.
func TestDigestPages(t *testing.T) {
	sub := bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00"}
	p := newPipe(t, sub)
	p.dispatch()
	for i := range 20 {
		p.tell(fmt.Sprintf("s%02d", i), 90-i)
	}
	p.now = time.Date(2026, 3, 2, 18, 0, 1, 0, time.UTC)
	p.dispatch()
	p.step(time.Second)
	first := p.platform.Messages(channel)[0].Post.Card
	const page1, page2, page3 = "s00 s01 s02 s03 s04 s05 s06 s07", "s08 s09 s10 s11 s12 s13 s14 s15", "s16 s17 s18 s19"
	if got := toldOn(first); got != page1 || !strings.HasSuffix(first.Footer, "Page 1 of 3 · 20 stories in all") || labels(first) != "12 more ▶" {
		t.Fatalf("the message tells %q, footer %q, buttons %q", got, first.Footer, labels(first))
	}

	// A day later stories have grown, one went into another, one is forgotten.
	p.now = p.now.Add(24 * time.Hour)
	p.change("s19", func(s *news.Story) { s.Impact, s.Topics, s.Fresh = 99, []string{"export-controls"}, p.now })
	p.change("s09", func(s *news.Story) { s.Into, s.Left = "s10", p.now })
	p.desk.stories = slices.DeleteFunc(p.desk.stories, func(s news.Story) bool { return s.ID == "s03" || s.ID == "s12" })
	m := newManager(p, sub)
	m.is = false
	second := m.press(first, "12 more")
	if got := toldOn(second.Card); got != "s08 s10 s11 s13 s14 s15" || second.Replace || labels(second.Card) != "More stories ▶, Share" || !strings.Contains(second.Card.Footer, "Page 2 of 3") {
		t.Fatalf("the second page tells %q, replaces %t, buttons %q, footer %q", got, second.Replace, labels(second.Card), second.Card.Footer)
	}
	m = newManager(p, sub) // started anew
	third := m.press(second.Card, "More stories")
	if got := toldOn(third.Card); got != page3 || !third.Replace || labels(third.Card) != "◀ Back, Share" || !strings.Contains(third.Card.Footer, "Page 3 of 3") {
		t.Fatalf("the third page tells %q, replaces %t, buttons %q, footer %q", got, third.Replace, labels(third.Card), third.Card.Footer)
	}
	if back := m.press(third.Card, "◀ Back"); toldOn(back.Card) != toldOn(second.Card) {
		t.Errorf("back to %q, want %q", toldOn(back.Card), toldOn(second.Card))
	}
	d, err := p.store.Deliveries(t.Context(), bot.DeliveryQuery{State: bot.Sent})
	if err != nil || strings.Join(d[0].Stories, " ") != page1+" "+page2+" "+page3 {
		t.Errorf("the delivery has told %v, %v", d[0].Stories, err)
	}
	if card, err := p.deliverer.Card(t.Context(), d[0]); err != nil || toldOn(card) != "s00 s01 s02 s04 s05 s06 s07" || labels(card) != "12 more ▶" {
		t.Errorf("the message drawn anew tells %q, buttons %q, %v", toldOn(card), labels(card), err)
	}

	// Nobody reads it elsewhere, nor asks for what is no digest.
	line := first.Buttons[0].Line
	if r, _ := m.Handle(t.Context(), bot.Invocation{Channel: "test:2", User: "mia", Space: "s", Speaker: true, Line: line}); r.Card.Tone != bot.Mistake {
		t.Errorf("in another channel: %+v", r.Card)
	}
	for _, id := range []string{"zzz", bot.DeliveryID(channel, bot.KindStory, "s00")} {
		if c := m.ask("digest id:" + id).Card; c.Tone != bot.Mistake || !strings.Contains(c.Text, "No digest with the id") {
			t.Errorf("digest id:%s: %+v", id, c)
		}
	}
	// Its order may be gone by then; one of a single page is shown again.
	if r := newManager(p).ask(line); toldOn(r.Card) != toldOn(second.Card) {
		t.Errorf("without an order: %q", toldOn(r.Card))
	}

	// What stood on further pages is not told again.
	p.tell("new", 50)
	p.now = time.Date(2026, 3, 3, 18, 30, 0, 0, time.UTC)
	p.dispatch()
	p.step(time.Second)
	p.now = p.now.Add(24 * time.Hour)
	p.dispatch()
	p.step(time.Second)
	var rest []string
	for _, m := range p.platform.Messages(channel)[1:] {
		rest = append(rest, toldOn(m.Post.Card))
	}
	if got := strings.Join(rest, "|"); got != "|new" {
		t.Errorf("the next digests tell %q, want %q", got, "|new")
	}
}

// A digest has its limit, and says what it leaves out.
func TestDigestHasALimit(t *testing.T) {
	p := newPipe(t, bot.Subscription{ID: "config", Channel: channel, Mode: bot.Digest, DigestAt: "18:00"})
	p.dispatch()
	for i := range 57 {
		p.tell(fmt.Sprintf("s%02d", i), 90-i)
	}
	p.now = time.Date(2026, 3, 2, 18, 0, 1, 0, time.UTC)
	p.dispatch()
	p.step(time.Second)
	c := p.platform.Messages(channel)[0].Post.Card
	if labels(c) != "42 more ▶" || !strings.HasSuffix(c.Footer, "Page 1 of 7 · 50 stories in all · 7 more of lesser impact left out") {
		t.Errorf("footer %q, buttons %q", c.Footer, labels(c))
	}
}

// Each story but the first is told in one sentence, whatever has a full stop.
func TestDigestTellsInASentence(t *testing.T) {
	now := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	story := func(id, standfirst string) news.Story {
		return news.Story{ID: id, Headline: "Headline " + id, Impact: 50, Updated: now, Brief: brief.Brief{Standfirst: standfirst}}
	}
	stories := []news.Story{story("top", "One. Two.")}
	stories[0].Brief.Summary = "One. Two. Three."
	want := []string{"One. Two. Three."}
	for _, tt := range []struct{ standfirst, want string }{
		{"The U.S. Senate asks Nvidia for a list. It wants it by May.", "The U.S. Senate asks Nvidia for a list."},
		{"Version 3.5 costs $1.25 a million tokens. It is out.", "Version 3.5 costs $1.25 a million tokens."},
		{"Dr. Li of Example Inc. says so. He would know.", "Dr. Li of Example Inc. says so."},
		{"J. Smith leaves, e.g. for Paris. Others stay.", "J. Smith leaves, e.g. for Paris."},
		{"Das Gesetz gilt ab 2. August, d.h. bald. Es ist lang.", "Das Gesetz gilt ab 2. August, d.h. bald."},
		{"阿里巴巴开源了模型。最大的一款有 2350 亿参数。", "阿里巴巴开源了模型。"},
		{"Is it out? Nobody says.", "Is it out?"},
		{"No full stop at all", "No full stop at all"},
		{"", ""},
	} {
		stories = append(stories, story(fmt.Sprint(len(stories)), tt.standfirst))
		want = append(want, tt.want)
	}
	var got []string
	for page := 1; page <= 2; page++ {
		c := bot.DigestCard(bot.English, bot.Told{Stories: stories}, bot.Subscription{}, bot.Period{To: now}, page, now)
		for _, s := range c.Sections {
			for _, l := range s.Lines {
				got = append(got, l.Detail)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told in\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
