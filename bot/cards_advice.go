package bot

// AdviceCard tells who made an order what would make it better. called is the
// name of its channel, apply the line of the button that does it.
func AdviceCard(l Lang, a Advice, called, apply string) Card {
	return Card{
		Title:   l.T("A suggestion for %s", called),
		Text:    a.sentence(l),
		Buttons: []Button{{Label: a.label(l), Line: apply, Accent: true}},
		Footer:  l.T("Newsdesk · at most one in %d days, and the same one once", fortnight),
		Lang:    l,
	}
}

// sentence is what a channel's manager is told.
func (a Advice) sentence(l Lang) string {
	if a.Setting == "topics" {
		return l.T("All %d votes on stories about %s alone call them noise: without the topic last week would have brought %d instead of %d.", a.Noise, a.topic(), a.After, a.Before)
	}
	switch {
	case a.After > a.Before && a.Before == 0:
		return l.T("Nothing came last week: with a least impact of %s it would have been %d stories.", a.To, a.After)
	case a.After > a.Before:
		return l.T("One story came last week: with a least impact of %s it would have been %d.", a.To, a.After)
	}
	said := l.T("A least impact of %s would halve the volume", a.To)
	if 3*a.After <= a.Before {
		said = l.T("A least impact of %s would more than halve the volume", a.To)
	}
	if a.CapDays > 0 {
		said += " " + l.T("(%d → %d last week, which reached the daily limit on %d days)", a.Before, a.After, a.CapDays)
	} else {
		said += " " + l.T("(%d → %d last week)", a.Before, a.After)
	}
	switch {
	case a.Useful > 0:
		said += " " + l.T("and keep all %d stories that were marked useful", a.Useful)
	case a.Noise > 0:
		said += " " + l.T("and leave out %d stories that were marked noise", a.Noise)
	}
	return sentence(said)
}

// label is that of the button that does what is advised.
func (a Advice) label(l Lang) string {
	if a.Setting == "topics" {
		return l.T("Without %s", a.topic())
	}
	return l.T("Set it to %s", a.To)
}

// line is the command that does it in the channel.
func (a Advice) line(mode Mode) string {
	return CallLine(Table(), Call{Command: cmdSubscribe, Options: map[string]string{optMode: string(mode), a.Setting: a.To, optSave: "yes"}})
}

func (a Advice) topic() string { return topicNames([]string{a.Topic}, 1)[0] }
