package adapters_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"newsdesk/bot"
)

// orderCases are what managers ask. They come last, so that what they order
// changes nothing of what is posted before.
func orderCases() []example {
	out := []example{
		{name: "settings-config", line: "settings", want: "What this channel gets"},
		{name: "subscribe", line: "subscribe", want: "Not (saved|changed) yet"},
		{name: "subscribe-topics", line: "subscribe deepseek,openai min:60", want: "DeepSeek and OpenAI"},
		{name: "subscribe-digest", line: "subscribe mode:digest days:weekdays at:08:30 zone:Europe/Berlin", want: "08:30 Europe/Berlin"},
		{name: "subscribe-quiet", line: "subscribe quiet:22:00-07:00 cap:5", want: "quiet 22"},
		{name: "subscribe-unknown-topic", line: "subscribe zaphod", want: "no topic", mistake: true},
		{name: "subscribe-everyone", line: "subscribe mention:@everyone", want: "one role or group", mistake: true, typed: true},
		{name: "subscribe-save", line: "subscribe topics:all min:90 status:confirmed,denied kinds:lab,press languages:en,de card:compact image:off edits:off updates:channel mention:MENTION mention_at:90 doubt:repost locale:en save:yes mode:instant", want: "Saved"},
		{name: "subscribe-back", line: "subscribe card:full image:on edits:on updates:thread mention:none doubt:hold locale:de mode:instant", want: "Not changed yet"},
		{name: "subscribe-digest-save", line: "subscribe mode:digest days:daily empty:silent save:yes", want: "Saved"},
		{name: "subscribe-digest-again", line: "subscribe mode:digest days:daily empty:silent save:yes", want: "Saved|gets already"},
		{name: "subscribe-digest-say", line: "subscribe mode:digest empty:say", want: "Not changed yet"},
		{name: "form-what", line: "subscribe mode:instant form:what", want: "^What"},
		{name: "form-when", line: "subscribe mode:instant form:when", want: "^When"},
		{name: "form-how", line: "subscribe mode:instant form:how", want: "^How"},
		{name: "form-more", line: "subscribe mode:instant form:more", want: "^More settings"},
		{name: "form-digest-what", line: "subscribe mode:digest form:what", want: "^What"},
		{name: "form-digest-when", line: "subscribe mode:digest form:when", want: "^When"},
		{name: "form-digest-how", line: "subscribe mode:digest form:how", want: "^How"},
		{name: "form-digest-more", line: "subscribe mode:digest form:more", want: "^More settings"},
		{name: "settings", line: "settings", want: "A digest"},
		{name: "pause", line: "pause 3d", want: "Paused until"},
		{name: "settings-paused", line: "settings", want: "paused until"},
		{name: "pause-long", line: "pause 91d", want: "at most 90 days", mistake: true},
		{name: "resume-pause", line: "resume", want: "pause has ended", before: (*conversation).pause},
		{name: "unsubscribe-digest", line: "unsubscribe digest", want: "Ended", before: (*conversation).order},
		{name: "unsubscribe-instant", line: "unsubscribe instant", want: "Ended", before: (*conversation).order},
		{name: "unsubscribe-all", line: "unsubscribe all", want: "Ended", before: (*conversation).order},
		{name: "unsubscribe", line: "unsubscribe", want: "Ended", before: (*conversation).order},
		{name: "unsubscribe-nothing", line: "unsubscribe", want: "Nothing was subscribed", before: (*conversation).unorder},
		{name: "de-subscribe", line: "subscribe", locale: "de", want: "Noch nicht geändert"},
		{name: "de-settings", line: "settings", locale: "de", want: "Kanal"},
	}
	for _, day := range bot.DigestDays[2:] {
		out = append(out, example{name: "subscribe-" + day, line: "subscribe mode:digest days:" + day, want: "digest " + day})
	}
	return out
}

func (c *conversation) order() {
	c.ask("subscribe min:70 mode:instant save:yes", "")
	c.ask("subscribe min:50 mode:digest save:yes", "")
}

func (c *conversation) unorder() { c.ask("unsubscribe", "") }

func (c *conversation) pause() { c.ask("pause 1d", "") }

// A form is one that was opened.
type form struct {
	whole  any // the platform's own form of it
	fields []string
}

// stored is what is ordered in all channels.
func (c *conversation) stored() []bot.Subscription {
	c.t.Helper()
	subs, err := c.w.store.Subscriptions(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return subs
}

// fill submits a form as it stands, and again: each field is as the order has
// it, so nothing is different, and nothing is saved. placed says that the answer
// takes the place of a private message.
func (c *conversation) fill(name string, m said, placed bool) {
	c.t.Helper()
	before := c.stored()
	answer, err := c.submit(m, nil, false)
	if err != nil {
		c.t.Errorf("%s: %v", name, err)
		return
	}
	c.heard(name+"-filled", "", answer, "Not (saved|changed) yet", false, false)
	if answer.inPlace != placed {
		c.t.Errorf("%s: the answer is in place: %t", name, answer.inPlace)
	}
	if _, err := c.submit(m, nil, true); err != nil && c.s.name != "slack" { // where one modal is one question
		c.t.Errorf("%s, again: %v", name, err)
	}
	for _, field := range m.form.fields {
		if field != "min" && field != "zone" {
			continue
		}
		answer, err := c.submit(m, map[string]string{field: "nonsense"}, true)
		if c.s.name != "slack" && (err != nil || !mistaken.MatchString(answer.text)) {
			c.t.Errorf("%s: %s:nonsense is answered %q, %v", name, field, answer.text, err)
		}
	}
	if after := c.stored(); !reflect.DeepEqual(after, before) {
		c.t.Errorf("%s: a form that was filled in saved %+v, before %+v", name, after, before)
	}
	c.pressAll("an answer", answer)
}

func (c *conversation) submit(m said, changed map[string]string, again bool) (said, error) {
	wait := 10 * time.Second
	if c.s.name == "slack" && again {
		wait = 100 * time.Millisecond // a second submission of a modal is not answered
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), wait)
	defer cancel()
	c.presses++
	return c.s.submit(ctx, m, changed)
}

// ordered asks what managers ask, and lets those ask who are none.
func (c *conversation) ordered() {
	for _, q := range orderCases() {
		if q.typed && !c.s.typed || q.locale != "" && c.s.name == "slack" {
			continue
		}
		q.line = strings.ReplaceAll(q.line, "MENTION", c.s.role)
		c.put(q)
	}
	if c.s.stranger == nil {
		return
	}
	m, ok := c.ask("subscribe form:what min:33", "")
	if !ok || m.form == nil {
		c.t.Error("no form was opened")
		return
	}
	before := c.stored()
	c.s.stranger(true)
	defer c.s.stranger(false)
	for _, line := range []string{"subscribe min:10 save:yes", "settings", "unsubscribe", "pause 1d", "resume"} {
		if answer, ok := c.ask(line, ""); ok && !mistaken.MatchString(answer.text) {
			c.t.Errorf("%s of somebody who manages nothing is answered %q", line, answer.text)
		}
	}
	answer, err := c.submit(m, nil, false)
	if err != nil || !mistaken.MatchString(answer.text) {
		c.t.Errorf("a form of somebody who manages nothing is answered %q, %v", answer.text, err)
	}
	if after := c.stored(); !reflect.DeepEqual(after, before) {
		c.t.Errorf("somebody who manages nothing changed %+v to %+v", before, after)
	}
}

// lineOf is the line in the metadata of a Slack modal.
func lineOf(metadata string) string {
	var m struct{ Line string }
	_ = json.Unmarshal([]byte(metadata), &m)
	return m.Line
}
