package bot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MistakeCard answers a person's mistake.
func MistakeCard(l Lang, e *UsageError) Card {
	c := Card{Title: l.T("That did not work"), Text: sentence(l.Say(e.Sentence)), Tone: Mistake}
	if hint := l.Say(e.Hint); hint != "" {
		c.Text += " " + sentence(hint)
	}
	if e.Line != "" {
		label := l.T("Search for it")
		if name, _, _ := strings.Cut(e.Line, " "); name == cmdStatus {
			label = l.T("Status")
		} else if handlers[name] != nil {
			label = l.T("Ask again")
		}
		c.Buttons = append(c.Buttons, Button{Label: label, Line: e.Line, Accent: true})
	}
	c.Buttons = append(c.Buttons, Button{Label: l.T("Help"), Line: cmdHelp})
	return c
}

// sentence begins a clause with a capital and ends it with a full stop.
func sentence(s string) string {
	if s = capital(s); s != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// capital returns s with its first letter in upper case.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// HelpCard lists the commands.
func HelpCard(l Lang, table []Command) Card {
	sec := Section{}
	for _, c := range table {
		line := Line{Text: c.Usage(), Detail: l.word(c.Summary)}
		if c.Manager {
			line.Note = l.T("for who manages the channel")
		}
		sec.Lines = append(sec.Lines, line)
	}
	return Card{
		Title:    l.T("What you can ask"),
		Text:     l.T("Put words after /news to find stories, or one of the commands below. Answers are seen only by you."),
		Sections: []Section{sec},
		Footer:   l.T("More about one: /news help COMMAND"),
		Buttons:  []Button{{Label: l.T("Top of the day"), Line: cmdTop, Accent: true}, {Label: l.T("How to search"), Line: "help " + searchName}},
	}
}

// CommandCard explains one command. story is the id of the story that its
// examples ask for, "" where there is none.
func CommandCard(l Lang, c Command, story string) Card {
	card := Card{Title: c.Usage(), Text: sentence(l.word(c.Summary))}
	if c.Manager {
		card.Text += " " + l.T("Only for people who manage the channel.")
	}
	if len(c.Options) > 0 {
		sec := Section{Title: l.T("Options")}
		for _, o := range c.Options {
			line := Line{Text: o.Name, Detail: l.word(o.Summary)}
			switch {
			case len(o.Choices) > 0:
				line.Note = strings.Join(o.Choices, ", ")
			case o.Kind == Whole:
				line.Note = l.T("%d to %d", o.Least, o.Most)
			}
			sec.Lines = append(sec.Lines, line)
		}
		card.Sections = append(card.Sections, sec)
	}
	sec := Section{Title: l.T("Examples")}
	for i, e := range c.Examples {
		asks := true // nothing but a question: a button may do it
		if of, any := strings.CutSuffix(e, " "+storyID); any {
			known := story != "" && slices.ContainsFunc(c.Options, func(o Option) bool { return o.Suggest })
			if known {
				e = of + " " + story
			}
			asks = known && c.Shareable
		}
		sec.Lines = append(sec.Lines, Line{Text: e})
		if i < 2 && asks {
			card.Buttons = append(card.Buttons, Button{Label: e, Line: strings.TrimSpace(strings.TrimPrefix(e, "/news"))})
		}
	}
	card.Sections = append(card.Sections, sec)
	card.Buttons = append(card.Buttons, Button{Label: l.T("All commands"), Line: cmdHelp})
	return card
}
