package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
)

// headlinesShown is how many stories of last week a draft names.
const headlinesShown = 6

// A draft is an order that is looked at before it is saved.
type draft struct {
	order Subscription
	known bool // the channel has one of the mode, which it changes
	look  func(Subscription) Outlook
	words func(more map[string]string) string // of the command that makes it
	seal  func(verb, words string) string
	now   time.Time
}

// draftCard shows what an order would have brought, how much it would be with
// another threshold, and how to change the rest of it.
func draftCard(l Lang, d draft) Card {
	title := l.T("Not saved yet: what this channel would get")
	if d.known {
		title = l.T("Not changed yet: what this channel would get")
	}
	c := orderCard(l, title, d.order, d.look(d.order), d.now)
	c.Buttons = []Button{{Label: l.T("Save"), Accent: true, Line: d.seal(verbPage, d.words(map[string]string{optSave: "yes"}))}}
	for _, step := range []int{-20, -10, 10, 20} {
		other := d.order
		if other.MinImpact += step; other.MinImpact < 0 || other.MinImpact > 100 {
			continue
		}
		label := l.T("From %d: %s", other.MinImpact, l.pace(len(d.look(other).Posts)))
		c.Buttons = append(c.Buttons, Button{Label: label, Line: d.seal(verbPage, d.words(map[string]string{"min": strconv.Itoa(other.MinImpact)}))})
	}
	for _, name := range formNames {
		c.Buttons = append(c.Buttons, Button{Label: l.T("%s …", l.word(formTitles[name])), Line: d.seal(verbForm, d.words(map[string]string{optForm: name}))})
	}
	return c
}

// orderCard shows an order and what it would have brought last week.
func orderCard(l Lang, title string, s Subscription, o Outlook, now time.Time) Card {
	c := Card{Title: title, Text: l.outlook(s, o), Facts: describe(l, s, now)}
	best := slices.Clone(o.Posts)
	slices.SortStableFunc(best, func(a, b Posting) int { return cmp.Compare(b.Impact, a.Impact) })
	sec := Section{Title: l.T("Last week")}
	for _, p := range best[:min(len(best), headlinesShown)] {
		note := strconv.Itoa(p.Impact)
		switch now := p.Past.Turns[len(p.Past.Turns)-1].Status; {
		case now != "" && p.Status != "" && now != p.Status: // the headline is that of now
			note += " · " + l.T("%s, now %s", l.word(p.Status), l.word(now))
		case p.Status != "":
			note += " · " + l.word(p.Status)
		}
		sec.Lines = append(sec.Lines, Line{Text: p.Headline, URL: p.URL, Note: note + " · " + l.age(p.At, now)})
	}
	if more := len(best) - len(sec.Lines); more > 0 {
		sec.Lines = append(sec.Lines, Line{Text: l.T("… and %d more that do not fit here", more)})
	}
	if len(best) > 0 {
		c.Tone = toneOf(best[0].Impact)
		c.Sections = append(c.Sections, sec)
	}
	return c
}

// outlook says how much an order would have brought.
func (l Lang) outlook(s Subscription, o Outlook) string {
	n := len(o.Posts)
	switch {
	case n == 0:
		return l.T("The last week would have brought nothing.")
	case s.Mode == Digest:
		return l.T("Its digests would have had %d stories of the last week to tell, the greatest first.", n) + " " + spark(o.Days)
	case o.Capped > 0:
		return l.T("The last week would have brought %s, and the daily limit would have left out %d.", l.pace(n), o.Capped) + " " + spark(o.Days)
	}
	return l.T("The last week would have brought %s.", l.pace(n)) + " " + spark(o.Days)
}

// pace says how much so many stories a week are: "3 a week", "about 4 a day".
func (l Lang) pace(week int) string {
	if week < 2*outlookDays {
		return l.T("%d a week", week)
	}
	return l.T("about %d a day", (week+outlookDays/2)/outlookDays)
}

// describe says what an order asks for.
func describe(l Lang, s Subscription, now time.Time) []Fact {
	what := []string{l.T("impact %d and more", s.MinImpact)}
	if len(s.Topics) > 0 {
		what = slices.Insert(what, 0, l.list(topicNames(s.Topics, len(s.Topics)), 5))
	} else {
		what = slices.Insert(what, 0, l.T("all topics"))
	}
	if len(s.Statuses) > 0 {
		what = append(what, l.words(s.Statuses))
	}
	if len(s.Kinds) > 0 {
		what = append(what, l.T("told by %s", l.words(s.Kinds)))
	}
	if len(s.Languages) > 0 {
		what = append(what, l.T("in %s", strings.Join(s.Languages, ", ")))
	}
	zone := cmp.Or(s.Zone, "UTC")
	when := []string{l.T("each story at once")}
	if s.Mode == Digest {
		when = []string{l.T("a digest %s at %s %s", l.word(cmp.Or(s.Days, DigestDays[0])), s.DigestAt, zone)}
		if s.Silent {
			when = append(when, l.T("nothing on a day without stories"))
		}
	}
	if s.Quiet != "" {
		when = append(when, l.T("quiet %s %s", s.Quiet, zone))
	}
	if s.Zone != "" && s.Quiet == "" && s.Mode == Instant {
		when = append(when, l.T("days by the clocks of %s", s.Zone))
	}
	if s.DailyCap > 0 {
		when = append(when, l.T("at most %d a day, but for impact %d and more", s.DailyCap, CapPasses))
	}
	if s.Paused.After(now) {
		when = append(when, l.T("paused until %s", l.clock(s.Paused, now)))
	}
	var how []string
	for _, h := range []struct {
		is   bool
		says string
	}{
		{s.Compact, l.T("compact cards")},
		{s.NoImage && s.Mode == Instant, l.T("no pictures")},
		{s.NoEdits, l.T("posts stay as they are")},
		{s.Apart, l.T("updates in the channel")},
		{s.OnDoubt == Repost, l.T("rather twice than not at all")},
		{s.Locale != "" && s.Locale != Locales[English], l.T("in the language %s", s.Locale)},
	} {
		if h.is {
			how = append(how, h.says)
		}
	}
	if s.Mention != "" {
		how = append(how, l.T("mentions %s from impact %d on", s.Mention, cmp.Or(s.MentionAt, mentionAt)))
	}
	return facts(Fact{l.T("What"), strings.Join(what, " · ")}, Fact{l.T("When"), strings.Join(when, " · ")}, Fact{l.T("How"), strings.Join(how, " · ")})
}

// words joins words of the catalogue.
func (l Lang) words(of any) string {
	var out []string
	switch of := of.(type) {
	case []string:
		out = slices.Clone(of)
	case []news.Kind:
		for _, k := range of {
			out = append(out, string(k))
		}
	}
	for i := range out {
		out[i] = l.word(out[i])
	}
	return l.list(out, 8)
}

// orderName is what people call an order.
func (l Lang) orderName(s Subscription) string {
	if s.Mode == Digest {
		return l.T("A digest")
	}
	return l.T("News at once")
}

// settingsCard shows all orders of a channel, and what would make them better.
func settingsCard(l Lang, have orders, look func(Subscription) Outlook, advise func(Subscription) (Advice, bool), now time.Time) Card {
	if len(have.made)+len(have.config) == 0 {
		return nothingHere(l)
	}
	c := Card{Title: l.T("What this channel gets")}
	for _, s := range have.both() {
		sec := Section{Title: l.orderName(s)}
		for _, f := range describe(l, s, now) {
			sec.Lines = append(sec.Lines, Line{Text: f.Value, Note: f.Label})
		}
		sec.Lines = append(sec.Lines, Line{Text: l.outlook(s, look(s))})
		if slices.ContainsFunc(have.aside, func(a Subscription) bool { return a.Mode == s.Mode }) {
			sec.Lines = append(sec.Lines, Line{Text: l.insteadOfConfig()})
		}
		a, advised := advise(s)
		if advised {
			sec.Lines = append(sec.Lines, Line{Text: a.sentence(l), Note: l.T("Suggestion")})
		}
		if advised {
			c.Buttons = append(c.Buttons, Button{Label: a.label(l), Accent: true, Line: a.line(s.Mode)})
		}
		if slices.ContainsFunc(have.config, func(c Subscription) bool { return c.ID == s.ID }) {
			sec.Lines = append(sec.Lines, Line{Text: l.T("It stands in the bot's configuration. What is ordered here takes its place.")})
		}
		c.Sections = append(c.Sections, sec)
	}
	isPaused := false
	for _, s := range have.made {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Change: %s", l.orderName(s)), Line: cmdSubscribe + " " + optMode + ":" + string(s.Mode)})
		isPaused = isPaused || s.Paused.After(now)
	}
	for _, s := range have.config {
		isPaused = isPaused || s.Paused.After(now)
	}
	for _, m := range []struct {
		mode  Mode
		label string
	}{{Instant, l.T("Add news at once")}, {Digest, l.T("Add a digest")}} {
		if slices.ContainsFunc(have.config, func(s Subscription) bool { return s.Mode == m.mode }) {
			m.label = l.T("Change: %s", l.orderName(Subscription{Mode: m.mode}))
		}
		if _, has := have.of(m.mode); !has {
			c.Buttons = append(c.Buttons, Button{Label: m.label, Line: cmdSubscribe + " " + optMode + ":" + string(m.mode)})
		}
	}
	if isPaused {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Go on now"), Line: cmdResume})
	} else {
		c.Buttons = append(c.Buttons, Button{Label: l.T("Pause for a day"), Line: cmdPause + " 1d"}, Button{Label: l.T("for a week"), Line: cmdPause + " 1w"})
	}
	if len(have.made) > 0 {
		c.Buttons = append(c.Buttons, Button{Label: l.T("End all"), Line: cmdEnd})
	}
	return c
}

// nothingHere tells how to begin.
func nothingHere(l Lang) Card {
	return Card{
		Title: l.T("This channel gets no news yet"),
		Text:  l.T("/news subscribe shows what the last week would have brought, and saves it when that looks right."),
		Buttons: []Button{
			{Label: l.T("Add news at once"), Line: cmdSubscribe + " " + optMode + ":" + string(Instant), Accent: true},
			{Label: l.T("Add a digest"), Line: cmdSubscribe + " " + optMode + ":" + string(Digest)},
		},
	}
}
