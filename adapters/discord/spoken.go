package discord

import (
	"regexp"
	"slices"
	"strings"

	"newsdesk/bot"
)

// commandsOf matches where a card names a command of the table, but for the
// search, as people type it elsewhere; nil where there is none.
func commandsOf(table []bot.Command) *regexp.Regexp {
	var names []string
	for _, c := range table {
		if c.Name != "" {
			names = append(names, regexp.QuoteMeta(c.Name))
		}
	}
	if names == nil {
		return nil
	}
	return regexp.MustCompile(`(^|[\s("“„])/` + searchCommand + ` (` + strings.Join(names, "|") + `)\b`)
}

// spoken writes the commands that the bot's own words name as Discord has them:
// there /news top is /desk top, and /news resume /desk-channel resume. It is for answers, which tell of commands, and
// not for what is posted of the news.
func (p *Platform) spoken(c bot.Card) bot.Card {
	if p.named == nil {
		return c
	}
	here := func(s *string) {
		*s = p.named.ReplaceAllStringFunc(*s, func(named string) string {
			m := p.named.FindStringSubmatch(named)
			command := deskCommand
			if slices.ContainsFunc(p.Commands, func(c bot.Command) bool { return c.Name == m[2] && c.Manager }) {
				command = channelCommand
			}
			return m[1] + "/" + command + " " + m[2]
		})
	}
	for _, s := range []*string{&c.Title, &c.Text, &c.Footer} {
		here(s)
	}
	c.Sections, c.Buttons = slices.Clone(c.Sections), slices.Clone(c.Buttons)
	for i := range c.Buttons {
		here(&c.Buttons[i].Label)
	}
	for i := range c.Sections {
		lines := slices.Clone(c.Sections[i].Lines)
		for j := range lines {
			here(&lines[j].Text)
			here(&lines[j].Detail)
		}
		c.Sections[i].Lines = lines
	}
	return c
}
