package bot

import (
	"fmt"
	"strings"
)

// MistakeCard answers a person's mistake.
func MistakeCard(e *UsageError) Card {
	c := Card{Title: "That was not understood", Text: sentence(e.Sentence), Tone: Mistake}
	if e.Hint != "" {
		c.Text += " " + sentence(e.Hint)
	}
	if e.Line != "" {
		c.Buttons = append(c.Buttons, Button{Label: "Search for it", Line: e.Line, Accent: true})
	}
	c.Buttons = append(c.Buttons, Button{Label: "Help", Line: cmdHelp})
	return c
}

// sentence begins a clause with a capital and ends it with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	if r := s[0]; r >= 'a' && r <= 'z' {
		s = string(r-'a'+'A') + s[1:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// FailureCard says that the bot failed; ref stands in the log beside the error.
func FailureCard(ref string) Card {
	return Card{
		Title: "Something went wrong here",
		Text: fmt.Sprintf("It is not your fault, and trying again in a moment may help. "+
			"If it stays, tell who runs this bot the reference %s: it stands in the log beside the error.", ref),
		Footer: "Reference " + ref, Tone: Failure,
		Buttons: []Button{{Label: "Status", Line: cmdStatus}},
	}
}

// HelpCard lists the commands.
func HelpCard(table []Command) Card {
	sec := Section{}
	for _, c := range table {
		l := Line{Text: c.Usage(), Detail: c.Summary}
		if c.Manager {
			l.Note = "for who manages the channel"
		}
		sec.Lines = append(sec.Lines, l)
	}
	return Card{
		Title:    "What you can ask",
		Text:     "Put words after /news to find stories, or one of the commands below. Answers are seen only by you.",
		Sections: []Section{sec},
		Footer:   "More about one: /news help COMMAND",
		Buttons:  []Button{{Label: "Top of the day", Line: cmdTop, Accent: true}, {Label: "How to search", Line: "help " + searchName}},
	}
}

// CommandCard explains one command.
func CommandCard(c Command) Card {
	card := Card{Title: c.Usage(), Text: sentence(c.Summary)}
	if c.Manager {
		card.Text += " Only for people who manage the channel."
	}
	if len(c.Options) > 0 {
		sec := Section{Title: "Options"}
		for _, o := range c.Options {
			l := Line{Text: o.Name, Detail: o.Summary}
			switch {
			case len(o.Choices) > 0:
				l.Note = strings.Join(o.Choices, ", ")
			case o.Kind == Whole:
				l.Note = fmt.Sprintf("%d to %d", o.Least, o.Most)
			}
			sec.Lines = append(sec.Lines, l)
		}
		card.Sections = append(card.Sections, sec)
	}
	sec := Section{Title: "Examples"}
	for i, e := range c.Examples {
		sec.Lines = append(sec.Lines, Line{Text: e})
		if words := strings.TrimSpace(strings.TrimPrefix(e, "/news")); i < 2 && c.Name != cmdStory && c.Name != cmdWhy && c.Name != cmdRelated {
			card.Buttons = append(card.Buttons, Button{Label: e, Line: words})
		}
	}
	card.Sections = append(card.Sections, sec)
	card.Buttons = append(card.Buttons, Button{Label: "All commands", Line: cmdHelp})
	return card
}
