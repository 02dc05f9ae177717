package bot

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"newsdesk/news"
	"newsdesk/news/brief"
)

// formNames are the forms that together ask for every setting of an order.
var formNames = []string{"what", "when", "how", "more"}

// formTitles are what people call them.
var formTitles = map[string]string{"what": "What", "when": "When", "how": "How", "more": "More settings"}

// formFields are the settings that each form asks for: five at most, which is
// what a Discord modal holds.
var formFields = map[string][]string{
	"what": {"topics", "min", "status", "kinds", "languages"},
	"when": {"days", "at", "zone", "quiet", "cap"},
	"how":  {"card", "image", "updates", "mention", "mention_at"},
	"more": {"edits", "empty", "doubt", "locale"},
}

// formLabels are what stands above a field.
var formLabels = map[string]string{
	"topics": "Topics", "min": "Least impact, 0 to 100", "status": "How certain", "kinds": "Told by", "languages": "Languages",
	"days": "Days of the digest", "at": "Time of day", "zone": "Time zone", "quiet": "Quiet hours", "cap": "Stories a day at most, 0 for no limit",
	"card": "Card", "image": "Picture of the story", "updates": "What becomes of a story", "mention": "Role or group to mention", "mention_at": "Mention from impact",
	"edits": "Posts kept up to date", "empty": "A day without stories", "doubt": "Where nobody knows whether a post arrived", "locale": "Language of the bot",
}

// formHints are examples of what to write, where nothing may stand.
var formHints = map[string]string{
	"topics": "deepseek,openai, or nothing for all", "languages": "en,de, or nothing for all", "zone": "Europe/Berlin",
	"quiet": "22:00-07:00, or nothing", "mention": "its id, or nothing",
}

// formCard is the form of that name, filled in with what the order is; line is
// what it becomes. The card stands in where no form can be opened.
func formCard(l Lang, name string, s Subscription, line string) Card {
	form := &Form{Title: l.word(formTitles[name]), Submit: l.T("Look at it"), Line: line}
	cmd := subscribeCommand()
	for _, field := range formFields[name] {
		o, _ := cmd.option(field)
		i := slices.IndexFunc(settings, func(s setting) bool { return s.name == field })
		// What the order's mode has no use for is not asked.
		if s.Mode == Instant && slices.Contains(ofDigests, field) ||
			s.Mode == Digest && slices.Contains(ofInstant, field) {
			continue
		}
		f := Field{Name: field, Label: l.word(formLabels[field]), Hint: l.word(formHints[field]), Value: settings[i].get(s), Suggest: o.Suggest, Command: cmdSubscribe}
		if settings[i].empty == "" && len(o.Choices) == 0 {
			f.Hint = f.Value // which an emptied field leaves as it is
		}
		for _, c := range o.Choices {
			f.Choices = append(f.Choices, Choice{Label: l.word(c), Value: c})
		}
		switch field {
		case "topics":
			f.Many = true
			for i, name := range topicNames(s.Topics, len(s.Topics)) {
				f.Chosen = append(f.Chosen, Choice{Label: name, Value: s.Topics[i]})
			}
		case "status":
			f.Choices, f.Many = choices(l, []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied}), true
		case "kinds":
			var names []string
			for _, k := range news.Kinds {
				names = append(names, string(k))
			}
			f.Choices, f.Many = choices(l, names), true
		}
		form.Fields = append(form.Fields, f)
	}
	var options []string
	for _, f := range form.Fields {
		options = append(options, f.Name+":")
	}
	return Card{
		Title: l.T("The form could not be opened"),
		Text:  l.T("Press the button once more, or say the same in words: /news subscribe with %s", strings.Join(options, ", ")),
		Form:  form,
	}
}

func choices(l Lang, values []string) []Choice {
	var out []Choice
	for _, v := range values {
		out = append(out, Choice{Label: l.word(v), Value: v})
	}
	return out
}

// wrongFields are the fields of a form that cannot be, in the form's order.
// options are those of the command, with what the fields say.
func wrongFields(l Lang, options, fields map[string]string) (wrong []Wrong) {
	cmd := subscribeCommand()
	for _, set := range settings {
		_, filled := fields[set.name]
		v := strings.TrimSpace(strings.ToValidUTF8(options[set.name], ""))
		if !filled || v == "" {
			continue
		}
		o, _ := cmd.option(set.name)
		v, err := o.read(v)
		if err == nil { // somebody is mentioned, since mention_at asks for that
			_, err = Apply(Subscription{Mode: Mode(options[optMode]), Mention: "0"}, map[string]string{set.name: v})
		}
		if e, ok := errors.AsType[*UsageError](err); ok {
			text := sentence(l.Say(e.Sentence))
			if o.Kind != Whole && e.Hint.Format != "" { // whose hint has the option's name before the number
				text += " " + sentence(l.Say(e.Hint))
			}
			wrong = append(wrong, Wrong{Field: set.name, Text: text})
		}
	}
	return wrong
}

// rightFields is the call without what is wrong in it.
func rightFields(c Call, wrong []Wrong) Call {
	c.Options = maps.Clone(c.Options)
	for _, w := range wrong {
		delete(c.Options, w.Field)
	}
	if m := c.Options["mention"]; m == "" || m == clearNone {
		delete(c.Options, "mention_at")
	}
	maps.DeleteFunc(c.Options, func(_, v string) bool { return strings.TrimSpace(v) == "" })
	return c
}

// wrongCard tells all that is wrong with a form. Its button, with the line
// again, opens the form with what was right; "" is none.
func wrongCard(l Lang, wrong []Wrong, form, again string) Card {
	sec := Section{}
	for _, w := range wrong {
		sec.Lines = append(sec.Lines, Line{Text: l.word(formLabels[w.Field]), Detail: w.Text})
	}
	c := Card{Title: l.T("That did not work"), Text: sentence(l.T("nothing was changed")), Sections: []Section{sec}, Tone: Mistake}
	if again != "" {
		c.Buttons = append(c.Buttons, Button{Label: l.T("%s …", l.word(formTitles[form])), Line: again, Accent: true})
	}
	c.Buttons = append(c.Buttons, Button{Label: l.T("Help"), Line: cmdHelp})
	return c
}
