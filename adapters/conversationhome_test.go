package adapters_test

import (
	"context"
	"time"

	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
)

// showHome is a Home as people see it.
func showHome(v slacktest.View) said {
	out := said{text: v.Shown(), private: true, whole: v, received: map[string]any{"blocks": v.Blocks, "line": v.Metadata}}
	for _, e := range elements(v.Blocks) {
		if e["type"] != "button" {
			continue
		}
		value, _ := e["value"].(string)
		id, _ := e["action_id"].(string)
		label, _ := e["text"].(map[string]any)["text"].(string)
		line, _ := slack.ButtonLine(id, value)
		out.buttons = append(out.buttons, button{label: label, line: line, id: id})
	}
	return out
}

// housed opens the person's Home and does there what can be done: every answer
// is the Home again, or a form above it.
func (c *conversation) housed() {
	c.t.Helper()
	if c.s.home == nil {
		return
	}
	c.order()
	c.ask("follow openai min:60", "")
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	m, err := c.s.home(ctx)
	if err != nil {
		c.t.Errorf("the Home: %v", err)
		return
	}
	c.asked++
	c.heard("home", "", m, "News in your channels", false, false)
	for _, p := range []struct {
		name, label, want string
		opens             bool
	}{
		{"home-settings", "Settings", "What this channel gets", false},
		{"home-change", "Change: News at once", "^What", true},
		{"home-threshold", "From 80: .+", "Not changed yet", false},
		{"home-save", "Save", "Saved", false},
		{"home-pause", "Pause for a day", "Paused until", false},
		{"home-go-on", "Go on now", "The pause has ended", false},
		{"home-end", "End: A digest", "Ended", false},
		{"home-undo", "Undo: the digest", "Saved", false},
		{"home-stop", "Stop: OpenAI", "You do not follow OpenAI any more", false},
		{"home-help", "Help", "What you can ask", false},
		{"home-top", "Top of the day", "Top of the day", false},
		{"home-closed", "Close", "News in your channels", false},
	} {
		b, ok := c.on(m, p.label)
		if !ok {
			return
		}
		answer, err := c.s.pressHome(ctx, m, b)
		if err != nil {
			c.t.Errorf("%s: %v", p.name, err)
			return
		}
		c.presses++
		c.heard(p.name, b.line, answer, p.want, false, false)
		if p.opens != (answer.form != nil) {
			c.t.Errorf("%s opens a form: %t", p.name, answer.form != nil)
			return
		}
		if answer.form != nil {
			if answer, err = c.submit(answer, nil, false); err != nil {
				c.t.Errorf("%s is filled in: %v", p.name, err)
				return
			}
			c.heard(p.name+"-filled", "", answer, "Not changed yet", false, false)
		}
		m = answer
	}
}

// on is the first button of a message with a label.
func (c *conversation) on(m said, label string) (button, bool) {
	for _, b := range m.buttons {
		if (press{label: label}).is(b) {
			return b, true
		}
	}
	c.t.Errorf("no button %q among %v", label, m.buttons)
	return button{}, false
}
