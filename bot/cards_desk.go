package bot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"newsdesk/news"
)

// A Feeds counts feeds by how they are.
type Feeds struct {
	Healthy, Failing, Waiting int // Waiting were never checked
}

// All is how many feeds there are.
func (f Feeds) All() int { return f.Healthy + f.Failing + f.Waiting }

func (f Feeds) in(l Lang) string {
	s := l.T("%d healthy, %d failing", f.Healthy, f.Failing)
	if f.Waiting > 0 {
		s += l.T(", %d not read yet", f.Waiting)
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

// SourcesCard tells which feeds are read: those that fail first, then counts
// by kind.
func SourcesCard(l Lang, states []news.SourceState, now time.Time) Card {
	all := tally(states)
	c := Card{
		Title: l.T("%d feeds", all.All()),
		Text:  sentence(all.in(l)),
	}
	failing := Section{Title: l.T("Failing")}
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
		note := l.T("%d failures", b.f.Failures)
		if b.f.Succeeded.IsZero() {
			note += " · " + l.T("never read")
		} else {
			note += " · " + l.T("last read %s", l.age(b.f.Succeeded, now))
		}
		failing.Lines = append(failing.Lines, Line{Text: b.name, URL: b.f.URL, Note: note, Detail: reason(b.f.Error)})
	}
	if n := len(bads) - failingShown; n > 0 {
		failing.Lines = append(failing.Lines, Line{Text: l.T("and %d more that fail", n)})
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
	sec := Section{Title: l.T("By kind")}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b news.Kind) int {
		return cmp.Or(kinds[b].feeds.All()-kinds[a].feeds.All(), cmp.Compare(a, b))
	}) {
		k := kinds[kind]
		sec.Lines = append(sec.Lines, Line{
			Text: l.T("%s: %d feeds", l.word(string(kind)), k.feeds.All()), Note: k.feeds.in(l), Detail: l.list(k.names, 6),
		})
	}
	if len(sec.Lines) > 0 {
		c.Sections = append(c.Sections, sec)
	}
	return c
}

// reason leaves out the address that the error of a feed begins with, which
// its line links to.
func reason(failed string) string {
	if url, why, ok := strings.Cut(failed, ": "); ok && strings.Contains(url, "://") {
		return why
	}
	return failed
}

// givenUpShown is how many deliveries that were given up a card names.
const givenUpShown = 5

// A Status is what the bot knows of itself.
type Status struct {
	Version   string
	Stories   int       // -1 where unknown
	Latest    time.Time // when the newest story was updated
	Feeds     Feeds     // none where unknown
	Suspended map[Channel]Suspension
	Halted    []Halt
	Paused    time.Time     // until when Here takes a pause; zero without one
	Waiting   map[State]int // deliveries by state; nil where unknown
	GivenUp   []Delivery    // in the channel where the question was asked
	Votes     []Vote        // there
	Troubles  []string      // what could not be found out, as clauses
	Here      Channel       // where the question was asked
	Manager   bool          // who asks may see other channels
}

// StatusCard tells how the bot is. The reason of a suspension is shown for
// the channel itself, and for all channels to people who manage one.
func StatusCard(l Lang, st Status, now time.Time) Card {
	c := Card{Title: "Newsdesk " + st.Version, Text: l.T("All is well.")}
	var wrong []string
	if n := st.Feeds.Failing; n > 0 {
		wrong = append(wrong, l.T("%d feeds cannot be read", n))
	}
	if n := len(st.Suspended); n > 0 {
		wrong = append(wrong, l.T("%d channels receive nothing", n))
	}
	for _, h := range st.Halted {
		name := strings.ToUpper(h.Platform[:1]) + h.Platform[1:]
		if h.Until.IsZero() {
			wrong = append(wrong, l.T("%s gives the bot no commands: %s", name, l.trouble(h.Reason)))
		} else {
			wrong = append(wrong, l.T("%s refuses the bot until %s: %s", name, l.clock(h.Until, now), l.trouble(h.Reason)))
		}
	}
	if st.Paused.After(now) {
		wrong = append(wrong, l.T("this channel is paused until %s", l.clock(st.Paused, now)))
	}
	if n := st.Waiting[Dead]; n > 0 {
		given := l.T("%d messages were given up", n)
		if n >= countedMost {
			given = l.T("%d messages or more were given up", n)
		}
		wrong = append(wrong, given)
	}
	wrong = append(wrong, st.Troubles...)
	if len(wrong) > 0 {
		c.Text = sentence(strings.Join(wrong, "; "))
	}
	var stories, feeds, outbox string
	if st.Stories >= 0 {
		stories = l.T("%d stories", st.Stories)
	}
	if !st.Latest.IsZero() {
		stories = l.T("%d stories, the latest %s", st.Stories, l.age(st.Latest, now))
	}
	if st.Feeds.All() > 0 {
		feeds = st.Feeds.in(l)
	}
	if st.Waiting != nil {
		outbox = l.T("%s waiting, %s under way, %s given up", counted(l, st.Waiting[Pending]), counted(l, st.Waiting[Sending]), counted(l, st.Waiting[Dead]))
	}
	c.Facts = facts(Fact{l.T("Stories"), stories}, Fact{l.T("Feeds"), feeds}, Fact{l.T("Outgoing messages"), outbox}, Fact{l.T("Votes here"), votesLine(l, st.Votes)})
	sec := Section{Title: l.T("Channels that receive nothing")}
	for _, ch := range slices.Sorted(maps.Keys(st.Suspended)) {
		if ch != st.Here && !st.Manager || len(sec.Lines) == failingShown {
			continue
		}
		s := st.Suspended[ch]
		line := channelLine(l, ch)
		line.Note, line.Detail = l.T("since %s", l.clock(s.Since, now)), l.trouble(s.Reason)
		sec.Lines = append(sec.Lines, line)
	}
	if len(sec.Lines) > 0 {
		c.Sections = append(c.Sections, sec)
	}
	held := Section{Title: l.T("Given up here")}
	for _, d := range st.GivenUp {
		what := l.word(d.Kind)
		if d.Story != "" {
			what += " " + d.Story
		}
		held.Lines = append(held.Lines, Line{Text: what, Note: l.clock(d.Settled, now) + " · retry " + d.ID, Detail: l.trouble(d.Error)})
	}
	if len(held.Lines) > 0 {
		c.Sections = append(c.Sections, held)
	}
	c.Buttons = []Button{{Label: l.T("Sources"), Line: cmdSources}}
	return c
}

// channelLine is the entry of a channel, or of the direct messages of who asks:
// no others are shown.
func channelLine(l Lang, c Channel) Line {
	if _, direct := c.Person(); direct {
		return Line{Text: l.T("Your direct messages")}
	}
	return Line{Text: string(c), Channel: c}
}

func counted(l Lang, n int) string {
	if n >= countedMost {
		return l.T("%d or more", n)
	}
	return fmt.Sprint(n)
}
