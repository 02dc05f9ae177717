package adapters_test

import (
	"fmt"
	"strings"
	"testing"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
)

// TestFormsOfAnotherPlace fills in a form that was opened in one channel in the
// name of another channel, another workspace or another person: it is refused,
// nothing is changed, and the same form is taken where it was opened.
func TestFormsOfAnotherPlace(t *testing.T) {
	t.Parallel()
	w, ctx := newHostileWorld(t), t.Context()
	const there = "234567890123456790"
	w.discord.AddChannel(there, discordtest.Channel{})
	forms := map[string]string{} // the lines of the forms, by platform
	fill := map[string]func(place string) (sight, error){}

	opened, err := w.discord.Invoke(ctx, discordtest.Invocation{
		Channel: discordChannel, Command: "desk-channel", Subcommand: "subscribe", Options: map[string]any{"form": "when"}, Permissions: discordtest.SendMessages | discordtest.ManageGuild,
	})
	if err != nil || opened.Modal == nil {
		t.Fatalf("no form was opened on discord: %+v, %v", opened, err)
	}
	forms["discord"] = opened.Modal.CustomID[strings.Index(opened.Modal.CustomID, "~"):]
	fill["discord"] = func(place string) (sight, error) {
		m := *opened.Modal
		switch place {
		case "another channel":
			m = m.In(there, "")
		case "another person":
			m = m.In(discordChannel, "1300000000000000077")
		case "another platform":
			m.CustomID = strings.Replace(m.CustomID, forms["discord"], forms["slack"], 1)
		}
		return ofDiscord(w.discord.Submit(ctx, m, nil))
	}

	asked, err := w.slack.Slash(ctx, "subscribe form:when")
	if err != nil || asked.View == nil {
		t.Fatalf("no form was opened on slack: %+v, %v", asked, err)
	}
	_, rest, _ := strings.Cut(asked.View.Metadata, `"line":"`)
	forms["slack"], _, _ = strings.Cut(rest, `"`)
	n := 0
	fill["slack"] = func(place string) (sight, error) {
		v := *asked.View
		n++
		v.ID = fmt.Sprint("V0", n) // each is a question of its own
		switch place {
		case "another channel":
			v.Metadata = strings.Replace(v.Metadata, slacktest.Channel, slacktest.Private, 1)
		case "another workspace":
			v.Metadata = strings.Replace(v.Metadata, slacktest.Channel, "T0OTHER0001/"+slacktest.Private, 1)
		case "another person":
			w.slack.Be("U0OWNER0001")
			defer w.slack.Be(slacktest.Person)
		case "another platform":
			v.Metadata = strings.Replace(v.Metadata, forms["slack"], forms["discord"], 1)
		}
		return ofSlack(w.slack.Submit(ctx, v, nil))
	}

	dialog, err := w.onWeb(ctx, map[string]any{"text": "/news subscribe form:when"})
	if err != nil || dialog.form == "" {
		t.Fatalf("no form was opened on the web: %+v, %v", dialog, err)
	}
	forms["web"] = dialog.form
	fill["web"] = func(place string) (sight, error) {
		c := map[string]any{"text": forms["web"], "fields": map[string]string{"quiet": "22:00-07:00"}}
		switch place {
		case "another channel":
			c["channel"] = "web:other"
		case "another person":
			c["user"] = "mallory"
		case "another platform":
			c["text"] = forms["discord"]
		}
		return w.onWeb(ctx, c)
	}

	before := w.state(t)
	for name, submit := range fill {
		for _, place := range []string{"another channel", "another workspace", "another person", "another platform"} {
			if place == "another workspace" && name != "slack" { // they have none
				continue
			}
			s, err := submit(place)
			if err != nil || !s.private || !strings.Contains(s.text, "no button of mine") && !strings.Contains(s.text, "for people who manage") {
				t.Errorf("%s: a form in the name of %s: private %t, %.300q, %v", name, place, s.private, s.text, err)
			}
		}
		if s, err := submit("here"); err != nil || !strings.Contains(s.text, "what this channel would get") {
			t.Errorf("%s: the form where it was opened: %.300q, %v", name, s.text, err)
		}
	}
	if after := w.state(t); after != before {
		t.Errorf("changed:\n%s\n%s", before, after)
	}
}
