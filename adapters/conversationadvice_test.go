package adapters_test

import (
	"fmt"
	"reflect"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

// advised: what a channel gets turns out to be too much. That stands in its
// settings, and comes to who ordered it by direct message, where one press does
// what is suggested, of who manages the channel alone.
func (c *conversation) advised() {
	c.ask("unsubscribe", "")
	c.ask("subscribe mode:instant min:40 save:yes", "")
	c.w.forward(8 * 24 * time.Hour)
	c.w.week("a", 50)
	c.ask("noise a0", "")
	c.put(example{name: "settings-advised", line: "settings", want: "would halve the volume"})
	if m, ok := c.ask("settings", ""); !ok || len(m.buttons) == 0 {
		c.t.Error("no settings after a suggestion was taken")
	}

	c.w.forward(8 * 24 * time.Hour)
	c.w.week("b", 76)
	c.ask("noise b0", "")
	c.w.deliver()
	ms := c.s.shows(c.s.person)
	if c.s.stranger != nil && len(ms) > 0 && len(ms[len(ms)-1].buttons) > 0 {
		m, before := ms[len(ms)-1], c.stored()
		c.s.stranger(true)
		answer, ok := c.press(m, m.buttons[0])
		c.s.stranger(false)
		if !ok || !mistaken.MatchString(answer.text) || !reflect.DeepEqual(c.stored(), before) {
			c.t.Errorf("a suggestion that somebody takes who manages nothing is answered %q, and %+v is %+v", answer.text, before, c.stored())
		}
	}
	c.posted("direct-advice", c.s.person, "A suggestion for #")
	for _, s := range c.stored() {
		if s.Channel == c.s.channel && s.MinImpact != 85 {
			c.t.Errorf("the suggestion was pressed, and the order is %+v", s)
		}
	}
}

// week tells ten stories through the last one, from an impact on.
func (w *conversed) week(name string, least int) {
	w.t.Helper()
	var stories []news.Story
	for i := range 10 {
		at := w.now().Add(-time.Duration(i+1) * 12 * time.Hour)
		stories = append(stories, news.Story{
			ID: fmt.Sprint(name, i), Headline: fmt.Sprintf("Story %d of a full week", i), URL: fmt.Sprintf("https://wire.example/%s%d", name, i), Lang: "en",
			Impact: least + 2*i, First: at, Updated: at, Fresh: at, Backlog: true, Status: brief.Status{Value: brief.Reported, Why: "Reuters reports it as fact", Source: "Reuters", Since: at},
			Sources: []string{"Reuters"}, Turns: []news.Turn{{At: at, Impact: least + 2*i, Status: brief.Reported, Lang: "en", Fresh: at}},
			Articles: []news.Ref{{ID: fmt.Sprint(name, i, "-0"), URL: fmt.Sprintf("https://wire.example/%s%d", name, i), Title: "Story", Source: "Reuters", Published: at}},
		})
	}
	w.commit(stories...)
	if err := w.desk.Follow(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}
