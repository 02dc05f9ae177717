package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/news"
	"newsdesk/news/topic"
)

// Bounds on a list.
const (
	listSize  = 5  // stories on a page
	pagesMost = 20 // what nobody finds on these is found by other words
)

// search answers a query; without one, the top of the day.
func (b *Bot) search(ctx context.Context, q question) (Card, error) {
	if len(q.options) == 0 {
		return b.top(ctx, q)
	}
	query := news.Query{Text: q.options["query"], Status: q.options["status"], Limit: q.page * listSize, Pace: true}
	for t := range strings.SplitSeq(q.options["topic"], ",") {
		if t = strings.TrimSpace(t); t != "" {
			query.Topics = append(query.Topics, t)
		}
	}
	if v := q.options["min"]; v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return Card{}, &bug{fmt.Errorf("min: %w", err)}
		}
		query.MinImpact = n
	}
	if v := q.options["since"]; v != "" {
		t, err := ParseSince(v, q.now)
		if err != nil {
			return Card{}, &bug{fmt.Errorf("since: %w", err)}
		}
		query.Since = t
	}
	r, err := b.o.Desk.Search(ctx, query)
	if err != nil {
		return Card{}, err
	}
	head := understood(q.lang, query, r.Topics) + filters(q.lang, query, q.now)
	if r.Total == 0 {
		for _, t := range query.Topics {
			if _, known := findTopic(t); !known && len(b.meant(query, r)) == 0 {
				return Card{}, noTopic(t)
			}
		}
		return b.nothing(ctx, q, query, r, head)
	}
	title := q.lang.T("%s: %d stories", head, r.Total)
	if r.Pace != nil && r.Pace.Week > 0 && query.Since.IsZero() {
		title = paced(q.lang, head, *r.Pace)
	}
	c := q.list(title, q.lang.T("Narrow it down with since:7d, min:60, status:confirmed or topic:openai"), r)
	if r.Pace != nil {
		c.Text = spark(r.Pace.Days) + " " + q.lang.T("four weeks")
	}
	if t := one(query, r); t != "" {
		c.Buttons = append(c.Buttons, followButton(q.lang, t))
	}
	// One word may be meant as it stands; "folow deepseek" hardly is.
	if line := b.mistyped(ctx, q); q.page == 1 && strings.Contains(line, " ") {
		c.Footer = sentence(q.lang.T("did you mean /news %s?", shorten(line))) + " " + c.Footer
		c.Buttons = append(c.Buttons, Button{Label: shorten(line), Line: line})
	}
	return c, nil
}

// list shows the page of r that was asked for, with buttons to the pages
// beside it. r begins with the first page, and narrow says on it how to have
// fewer.
func (q question) list(head, narrow string, r news.Result) Card {
	pages := min((r.Total+listSize-1)/listSize, pagesMost)
	page := min(q.page, pages)
	stories := r.Stories[min((page-1)*listSize, len(r.Stories)):]
	var turns []Button
	turn := func(label string, to int) {
		if to < 1 || to > pages {
			return
		}
		if line := q.seal(verbPage, to); line != "" {
			turns = append(turns, Button{Label: label, Line: line})
		}
	}
	turn(q.lang.T("◀ Back"), page-1)
	turn(q.lang.T("More stories ▶"), page+1)
	foot := q.lang.T("%d stories in all", r.Total)
	if len(turns) > 0 || page > 1 { // nobody is promised what no button turns to
		foot = q.lang.T("Page %d of %d", page, pages) + " · " + foot
	}
	if pages > 1 && page == 1 && narrow != "" {
		foot += " · " + narrow
	}
	c := ListCard(q.lang, head, foot, stories[:min(listSize, len(stories))], q.now)
	c.Buttons = append(c.Buttons, turns...)
	return c
}

// understood names what a query asks for: the topic where its words are the
// name of one, else the words.
func understood(l Lang, q news.Query, topics []string) string {
	text := strings.Trim(q.Text, `"`)
	switch {
	case text == "" && len(q.Topics) > 0:
		return l.list(topicNames(q.Topics, len(q.Topics)), 5)
	case text == "":
		return l.T("All news")
	case len(topics) == 1 && !strings.Contains(text, " "):
		return topicNames(topics, 1)[0]
	}
	if t, ok := topic.Default().Find(text); ok {
		return t.Name
	}
	head := l.T("“%s”", shorten(strings.ReplaceAll(q.Text, `"`, "")))
	if len(topics) > 0 {
		head += " (" + l.list(topicNames(topics, len(topics)), 3) + ")"
	}
	return head
}

// filters names what else a query asks for.
func filters(l Lang, q news.Query, now time.Time) string {
	var s string
	if q.Text != "" && len(q.Topics) > 0 {
		s += " " + l.T("about %s", l.list(topicNames(q.Topics, len(q.Topics)), 5))
	}
	if !q.Since.IsZero() {
		s += ", " + l.T("since %s", l.clock(q.Since, now))
	}
	if q.MinImpact > 0 {
		s += ", " + l.T("impact %d and up", q.MinImpact)
	}
	if q.Status != "" {
		s += ", " + l.word(q.Status)
	}
	return s
}

// top lists the stories of the highest impact in a period.
func (b *Bot) top(ctx context.Context, q question) (Card, error) {
	l := q.lang
	days, head := 1, l.T("Top of the day")
	switch q.options["period"] {
	case "week":
		days, head = 7, l.T("Top of the week")
	case "month":
		days, head = 30, l.T("Top of the month")
	}
	r, err := b.o.Desk.Search(ctx, news.Query{Since: q.now.AddDate(0, 0, -days), Order: news.Top, Limit: q.page * listSize})
	if err != nil {
		return Card{}, err
	}
	if r.Total > 0 {
		return q.list(head, "", r), nil
	}
	latest, err := b.o.Desk.Search(ctx, news.Query{Order: news.Newest, Limit: listSize})
	if err != nil {
		return Card{}, err
	}
	if latest.Total == 0 {
		return Card{
			Title: l.T("No news yet"), Text: l.T("No story has been told so far. The first ones come as soon as the feeds were read."),
			Buttons: []Button{{Label: l.T("Sources"), Line: cmdSources, Accent: true}},
		}, nil
	}
	c := ListCard(l, l.T("%s: nothing new", head), "", latest.Stories, q.now)
	c.Text = l.T("These are the latest stories before that.")
	return c, nil
}

// Bounds on /news trends.
const (
	trendSpan  = 1 // days
	trendsMost = 8
)

// trends lists the topics that make more news than usual, and draws them.
func (b *Bot) trends(_ context.Context, q question) (Card, error) {
	called := q.options["topic"]
	trends := b.o.Desk.Trends(trendSpan, trendsMost, called)
	if _, known := findTopic(called); called != "" && !known && len(trends) == 0 {
		return Card{}, noTopic(called)
	}
	c := TrendsCard(q.lang, trends, called)
	if len(trends) > 0 {
		c.Picture = b.chart(q.lang, trends)
		for i := range c.Sections[0].Lines {
			c.Sections[0].Lines[i].Detail = "" // the picture shows it
		}
	}
	return c, nil
}

// one returns the story that a person named.
func (b *Bot) one(ctx context.Context, q question) (news.Story, error) {
	asked := strings.Trim(q.options["id"], storyQuotes)
	s, err := b.storyAt(ctx, asked)
	if errors.Is(err, news.ErrNotFound) {
		return s, &UsageError{
			Sentence: say("there is no story %q", shorten(asked)),
			Hint:     say("ids stand at the end of each entry of a list, as in /news top week; very old stories are forgotten"),
			Line:     strconv.Quote(shorten(strings.ReplaceAll(asked, `"`, ""))),
		}
	}
	return s, err
}

// storyQuotes may stand around what names a story.
const storyQuotes = ` "#<>`

// storyAt returns the story of an id, or of the address of one of its articles.
// news.ErrNotFound where there is none of that id.
func (b *Bot) storyAt(ctx context.Context, asked string) (news.Story, error) {
	id := strings.ToLower(asked)
	if strings.HasPrefix(id, "http://") || strings.HasPrefix(id, "https://") {
		r, err := b.o.Desk.Search(ctx, news.Query{Text: asked, Limit: 2})
		if err != nil {
			return news.Story{}, err
		}
		if r.Total == 1 && len(r.Stories) == 1 {
			return r.Stories[0], nil
		}
		return news.Story{}, &UsageError{
			Sentence: say("no story has an article at %s", shorten(asked)),
			Hint:     say("search for the words of its headline instead"),
		}
	}
	s, err := b.o.Desk.Story(ctx, id)
	if errors.Is(err, news.ErrNotFound) && id != asked {
		// Ids that replayed input brought along may have capitals.
		s, err = b.o.Desk.Story(ctx, asked)
	}
	return s, err
}

func (b *Bot) story(ctx context.Context, q question) (Card, error) {
	s, err := b.one(ctx, q)
	if err != nil {
		return Card{}, err
	}
	related, err := b.o.Desk.Related(ctx, s, cardRelated)
	if err != nil {
		return Card{}, err
	}
	return BriefCard(q.lang, s, related, q.now), nil
}

func (b *Bot) why(ctx context.Context, q question) (Card, error) {
	s, err := b.one(ctx, q)
	if err != nil {
		return Card{}, err
	}
	return WhyCard(q.lang, s, q.now), nil
}

func (b *Bot) related(ctx context.Context, q question) (Card, error) {
	s, err := b.one(ctx, q)
	if err != nil {
		return Card{}, err
	}
	related, err := b.o.Desk.Related(ctx, s, cardRelated)
	if err != nil {
		return Card{}, err
	}
	return RelatedCard(q.lang, s, related, q.now), nil
}

func (b *Bot) timeline(ctx context.Context, q question) (Card, error) {
	s, err := b.one(ctx, q)
	if err != nil {
		return Card{}, err
	}
	return TimelineCard(q.lang, s, q.now), nil
}

// sources tells who tells a story, or without one what is read.
func (b *Bot) sources(ctx context.Context, q question) (Card, error) {
	if q.options["id"] != "" {
		s, err := b.one(ctx, q)
		if err != nil {
			return Card{}, err
		}
		return TellersCard(q.lang, s, q.now), nil
	}
	states, err := b.o.Desk.Sources(ctx)
	if err != nil {
		return Card{}, err
	}
	return SourcesCard(q.lang, states, q.now), nil
}

// resume lifts the suspension of the channel where it was asked.
func (b *Bot) resume(ctx context.Context, q question) (Card, error) {
	l := q.lang
	suspended, err := b.o.Store.Suspensions(ctx)
	if err != nil {
		return Card{}, err
	}
	here := q.here()
	was, err := b.standing(ctx, here)
	if err != nil {
		return Card{}, err
	}
	s, ok := suspended[here]
	if slices.ContainsFunc(slices.Concat(was.made, was.config), func(s Subscription) bool { return s.Paused.After(q.now) }) {
		if _, err := b.setPause(ctx, q, time.Time{}); err != nil {
			return Card{}, err
		}
		if !ok {
			return Card{Title: l.T("The pause has ended"), Text: l.T("What waited and is still news is posted within a minute; much of it comes as one message."), Buttons: []Button{{Label: l.T("Settings"), Line: cmdSettings}}}, nil
		}
	}
	if !ok {
		return Card{Title: l.T("Nothing holds this channel back"), Text: l.T("What it is owed is posted as it comes."), Buttons: []Button{{Label: l.T("Status"), Line: cmdStatus}}}, nil
	}
	if err := b.o.Store.Resume(ctx, here); err != nil {
		return Card{}, writing(err)
	}
	b.o.Logger.Info("channel receives again: a person said so", "channel", q.Channel, "user", q.User, "suspended", s.Since)
	return Card{
		Title: l.T("This channel receives again"), Text: l.T("What waited for it is posted now; much of it comes as one message."),
		Facts: refusal(l, s, q.now), Buttons: []Button{{Label: l.T("Status"), Line: cmdStatus}},
	}, nil
}

// retry posts again what was given up in the channel where it was asked.
func (b *Bot) retry(ctx context.Context, q question) (Card, error) {
	id := strings.ToLower(strings.Trim(q.options["id"], ` "#<>`))
	unknown := &UsageError{
		Sentence: say("nothing with the id %q was given up in this channel", shorten(id)),
		Hint:     say("/news status names what was"), Line: cmdStatus,
	}
	d, err := b.o.Store.Delivery(ctx, id)
	if errors.Is(err, news.ErrNotFound) || err == nil && (d.Channel != q.here() || d.State != Dead) {
		return Card{}, unknown
	} else if err != nil {
		return Card{}, err
	}
	switch err := b.o.Store.Retry(ctx, id); {
	case errors.Is(err, news.ErrNotFound): // somebody else retried it
		return Card{}, unknown
	case err != nil:
		return Card{}, writing(err)
	}
	b.o.Logger.Info("delivery is retried: a person said so", "delivery", id, "channel", q.Channel, "user", q.User)
	l := q.lang
	return Card{Title: l.T("It is posted again"), Text: l.T("It was given up because of this: %s", sentence(l.trouble(d.Error))), Buttons: []Button{{Label: l.T("Status"), Line: cmdStatus}}}, nil
}

func (b *Bot) help(_ context.Context, q question) (Card, error) {
	name := q.options["command"]
	if name == "" {
		return HelpCard(q.lang, b.o.Table), nil
	}
	for _, c := range b.o.Table {
		if c.Title() == name {
			suggested := b.o.Desk.Suggest("", suggestionsRead)
			i := slices.IndexFunc(suggested, func(s news.Suggestion) bool { return s.Story != "" })
			if i < 0 {
				return CommandCard(q.lang, c, ""), nil
			}
			return CommandCard(q.lang, c, suggested[i].Story), nil
		}
	}
	return Card{}, &bug{fmt.Errorf("help: %q is a choice and stands not in the table", name)}
}
