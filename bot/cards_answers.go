package bot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

// BriefCard tells a story in full.
func BriefCard(s news.Story, related []news.Story, now time.Time) Card {
	c := storyHead(s, now)
	c.Text = cmp.Or(s.Brief.Summary, s.Brief.Standfirst)
	c.Image = s.Image
	c.Buttons = without(c.Buttons, "story "+s.ID)
	c.Facts = facts(
		Fact{"Status", statusLine(s.Status, now)},
		Fact{"Before", history(s.History)},
		Fact{"Figures", figures(s.Figures, fullFigures)},
		Fact{"Sources", fmt.Sprintf("%d independent of %d: %s", independent(s), len(s.Sources), listed(s.Sources, fullSources))},
		Fact{"Topics", strings.Join(topicNames(s.Topics, 2*cardTopics), ", ")},
		Fact{"Last news", age(s.Updated, now)},
	)
	if len(s.Brief.Body) > 0 {
		sec := Section{Title: "The story"}
		for _, p := range s.Brief.Body {
			sec.Lines = append(sec.Lines, Line{Text: p})
		}
		c.Sections = append(c.Sections, sec)
	}
	if len(related) > 0 {
		c.Sections = append(c.Sections, relatedSection("Related", related, now))
	}
	return c
}

// statusLine reads "rumour since 09:15 UTC: The Verge: "people familiar"".
func statusLine(st brief.Status, now time.Time) string {
	if st.Value == "" {
		return ""
	}
	line := st.Value
	if !st.Since.IsZero() {
		line += " since " + clock(st.Since, now)
	}
	if st.Why != "" {
		line += ": " + st.Why
	}
	return line
}

// history names earlier statuses: "rumour, then reported".
func history(before []brief.Status) string {
	var vs []string
	for _, st := range before {
		vs = append(vs, st.Value)
	}
	return strings.Join(vs, ", then ")
}

// relatedSection lists stories with their two-sentence summaries.
func relatedSection(title string, related []news.Story, now time.Time) Section {
	sec := Section{Title: title}
	for _, s := range related[:min(len(related), cardRelated)] {
		sec.Lines = append(sec.Lines, Line{
			Text: s.Headline, URL: s.URL, Note: note(s, now) + " · " + s.ID, Detail: cmp.Or(s.Brief.Summary, s.Brief.Standfirst),
		})
	}
	return sec
}

// RelatedCard lists the stories close to s, closest first, at most three.
func RelatedCard(s news.Story, related []news.Story, now time.Time) Card {
	c := Card{Title: "Related to: " + s.Headline, URL: s.URL, Footer: "Newsdesk · story " + s.ID}
	if len(related) == 0 {
		c.Text = "No other story shares enough with this one."
		c.Buttons = without(storyButtons(s), "related "+s.ID)
		return c
	}
	c.Sections = []Section{relatedSection("", related, now)}
	for i, r := range related[:min(len(related), cardRelated)] {
		c.Buttons = append(c.Buttons, Button{Label: fmt.Sprintf("More on %d", i+1), Line: "story " + r.ID})
	}
	c.Buttons = append(c.Buttons, Button{Label: "Back", Line: "story " + s.ID})
	return c
}

// WhyCard explains a story's impact part by part, and its status.
func WhyCard(s news.Story, now time.Time) Card {
	c := storyHead(s, now)
	c.Title = "Why: " + s.Headline
	c.Buttons = without(c.Buttons, "why "+s.ID)
	parts := Section{Title: fmt.Sprintf("Impact: %d of 100", s.Impact)}
	for _, p := range s.Parts {
		parts.Lines = append(parts.Lines, Line{Text: strings.TrimSpace(fmt.Sprintf("%+d %s %s", p.Points, p.Name, bar(p.Points))), Note: p.Why})
	}
	if len(parts.Lines) == 0 {
		parts.Lines = []Line{{Text: "Nothing about it adds points"}}
	}
	c.Sections = append(c.Sections, parts)
	if s.Status.Value != "" {
		sec := Section{Title: "Status: " + s.Status.Value}
		for _, st := range slices.Backward(append(s.History[:len(s.History):len(s.History)], s.Status)) {
			note := st.Source
			if !st.Since.IsZero() {
				note = strings.TrimPrefix(note+" · "+clock(st.Since, now), " · ")
			}
			text := cmp.Or(st.Why, "no reason was kept")
			if st.Value != s.Status.Value {
				text = st.Value + " before: " + text
			}
			sec.Lines = append(sec.Lines, Line{Text: text, Note: note})
		}
		c.Sections = append(c.Sections, sec)
	}
	c.Sections = append(c.Sections, Section{Title: "What would change it", Lines: outlook(s)})
	return c
}

// outlook says what would raise or lower a story's impact.
func outlook(s news.Story) []Line {
	up := []string{"more independent sources (now " + fmt.Sprint(independent(s)) + ")"}
	var down []string
	switch s.Status.Value {
	case brief.Rumour:
		up = append(up, "reports that name their evidence", "a confirmation by those it is about")
		down = append(down, "a denial by those it is about")
	case brief.Reported:
		up = append(up, "a confirmation by those it is about")
		down = append(down, "a denial by those it is about")
	case brief.Denied:
		up = append(up, "a confirmation after all")
	}
	if len(s.Figures) == 0 {
		up = append(up, "figures that show its size")
	}
	lines := []Line{{Text: "Up: " + strings.Join(up, ", ")}}
	if len(down) > 0 {
		lines = append(lines, Line{Text: "Down: " + strings.Join(down, ", ")})
	}
	return lines
}

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

// A Feeds counts feeds by how they are.
type Feeds struct {
	Healthy, Failing, Waiting int // Waiting were never checked
}

func (f Feeds) String() string {
	s := fmt.Sprintf("%d healthy, %d failing", f.Healthy, f.Failing)
	if f.Waiting > 0 {
		s += fmt.Sprintf(", %d not read yet", f.Waiting)
	}
	return s
}

func (f *Feeds) add(st news.FeedState) {
	switch {
	case st.Error != "" || st.Failures > 0:
		f.Failing++
	case st.Checked.IsZero():
		f.Waiting++
	default:
		f.Healthy++
	}
}

func tally(states []news.SourceState) Feeds {
	var f Feeds
	for _, s := range states {
		for _, st := range s.States {
			f.add(st)
		}
	}
	return f
}

// failingShown is how many failing feeds or suspended channels a card names.
const failingShown = 10

// SourcesCard tells which sources are read: those that fail first, then
// counts by kind.
func SourcesCard(states []news.SourceState, now time.Time) Card {
	all := tally(states)
	c := Card{
		Title: fmt.Sprintf("%s, %s", count(len(states), "source"), count(all.Healthy+all.Failing+all.Waiting, "feed")),
		Text:  "Feeds: " + all.String() + ".",
	}
	failing := Section{Title: "Failing"}
	type bad struct {
		name string
		f    news.FeedState
	}
	var bads []bad
	for _, s := range states {
		for _, f := range s.States {
			if f.Error != "" || f.Failures > 0 {
				bads = append(bads, bad{s.Name, f})
			}
		}
	}
	slices.SortStableFunc(bads, func(a, b bad) int { return cmp.Or(b.f.Failures-a.f.Failures, cmp.Compare(a.name, b.name)) })
	for _, b := range bads[:min(len(bads), failingShown)] {
		note := count(b.f.Failures, "failure")
		if b.f.Succeeded.IsZero() {
			note += " · never read"
		} else {
			note += " · last read " + age(b.f.Succeeded, now)
		}
		failing.Lines = append(failing.Lines, Line{Text: b.name, URL: b.f.URL, Note: note, Detail: b.f.Error})
	}
	if n := len(bads) - failingShown; n > 0 {
		failing.Lines = append(failing.Lines, Line{Text: fmt.Sprintf("and %d more", n)})
	}
	if len(failing.Lines) > 0 {
		c.Sections = append(c.Sections, failing)
	}
	kinds := map[news.Kind]*struct {
		names []string
		feeds Feeds
	}{}
	for _, s := range states {
		k := kinds[s.Kind]
		if k == nil {
			k = &struct {
				names []string
				feeds Feeds
			}{}
			kinds[s.Kind] = k
		}
		k.names = append(k.names, s.Name)
		for _, f := range s.States {
			k.feeds.add(f)
		}
	}
	sec := Section{Title: "By kind"}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b news.Kind) int {
		return cmp.Or(len(kinds[b].names)-len(kinds[a].names), cmp.Compare(a, b))
	}) {
		k := kinds[kind]
		sec.Lines = append(sec.Lines, Line{
			Text: fmt.Sprintf("%s: %s", kind, count(len(k.names), "source")), Note: k.feeds.String(), Detail: listed(k.names, 6),
		})
	}
	if len(sec.Lines) > 0 {
		c.Sections = append(c.Sections, sec)
	}
	return c
}

// A Status is what the bot knows of itself.
type Status struct {
	Version   string
	Stories   int
	Latest    time.Time // when the newest story was updated
	Feeds     Feeds
	Suspended map[Channel]Suspension
	Waiting   map[State]int // deliveries by state
	Troubles  []string      // what could not be found out, as clauses
	Here      Channel       // where the question was asked
	Manager   bool          // who asks may see other channels
}

// StatusCard tells how the bot is. The reason of a suspension is shown for
// the channel itself, and for all channels to people who manage one.
func StatusCard(st Status, now time.Time) Card {
	c := Card{Title: "Newsdesk " + st.Version, Text: "All is well."}
	var wrong []string
	if n := st.Feeds.Failing; n > 0 {
		wrong = append(wrong, count(n, "feed")+" cannot be read")
	}
	if n := len(st.Suspended); n > 0 {
		wrong = append(wrong, fmt.Sprintf("%s %s nothing", count(n, "channel"), verb(n, "receives", "receive")))
	}
	if n := st.Waiting[Dead]; n > 0 {
		wrong = append(wrong, countedOf(n)+" given up")
	}
	wrong = append(wrong, st.Troubles...)
	if len(wrong) > 0 {
		c.Text = sentence(strings.Join(wrong, "; "))
	}
	stories := count(st.Stories, "story")
	if !st.Latest.IsZero() {
		stories += ", the latest " + age(st.Latest, now)
	}
	c.Facts = facts(
		Fact{"Stories", stories},
		Fact{"Feeds", st.Feeds.String()},
		Fact{"Outbox", fmt.Sprintf("%s waiting, %s under way, %s given up", countedOf(st.Waiting[Pending]), countedOf(st.Waiting[Sending]), countedOf(st.Waiting[Dead]))},
	)
	sec := Section{Title: "Channels that receive nothing"}
	for _, ch := range slices.Sorted(maps.Keys(st.Suspended)) {
		if ch != st.Here && !st.Manager || len(sec.Lines) == failingShown {
			continue
		}
		s := st.Suspended[ch]
		sec.Lines = append(sec.Lines, Line{Text: string(ch), Note: "since " + clock(s.Since, now), Detail: s.Reason})
	}
	if len(sec.Lines) > 0 {
		c.Sections = []Section{sec}
	}
	c.Buttons = []Button{{Label: "Sources", Line: cmdSources}}
	return c
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func countedOf(n int) string {
	if n >= countedMost {
		return fmt.Sprintf("%d or more", n)
	}
	return fmt.Sprint(n)
}
