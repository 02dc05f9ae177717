package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"newsdesk/news"
)

// conditions are the options that narrow a search down, in the order of a
// line, with what takes each out of a query.
var conditions = []struct {
	name string
	drop func(*news.Query)
}{
	{"topic", func(q *news.Query) { q.Topics = nil }},
	{"since", func(q *news.Query) { q.Since = time.Time{} }},
	{"min", func(q *news.Query) { q.MinImpact = 0 }},
	{"status", func(q *news.Query) { q.Status = "" }},
}

// nothing answers a query that nothing matches, with what would match without
// the condition that stands in the way, or without all of them, and with the
// topics that may have been meant. r is what was found: no story.
func (b *Bot) nothing(ctx context.Context, asked question, q news.Query, r news.Result, head string) (Card, error) {
	l := asked.lang
	c := Card{
		Title: l.T("Nothing matches %s", head), Text: l.T("Try fewer or other words, or the name of a lab, a model or a law."),
		Menu:    topicMenu(l, cmdSearch),
		Buttons: []Button{{Label: l.T("Top of the week"), Line: "top week", Accent: true}, {Label: l.T("Help"), Line: "help search"}},
	}
	q.Limit = 1
	all, given := q, 0
	var found []string
	for _, f := range conditions {
		v := asked.options[f.name]
		if v == "" || len(asked.options) == 1 && f.name == "topic" {
			continue
		}
		given++
		wide := q
		f.drop(&wide)
		f.drop(&all)
		r, err := b.o.Desk.Search(ctx, wide)
		if err != nil {
			return Card{}, err
		}
		if r.Total == 0 {
			continue
		}
		found = append(found, l.T("Without %s:%s there would be %d stories.", f.name, v, r.Total))
		if line := lineWithout(asked.options, f.name); line != "" {
			c.Buttons = slices.Insert(c.Buttons, len(c.Buttons)-2, Button{Label: l.T("Without %s", f.name), Line: line})
		}
	}
	switch {
	case len(found) > 0:
		c.Text = strings.Join(found, " ")
	case given > 1 && q.Text != "":
		r, err := b.o.Desk.Search(ctx, all)
		if err != nil {
			return Card{}, err
		}
		if r.Total > 0 {
			c.Text = l.T("Without the other conditions there would be %d stories.", r.Total)
			c.Buttons = slices.Insert(c.Buttons, 0, Button{Label: l.T("Search without them"), Line: "query:" + quoted(q.Text)})
		}
	case q.Text == "":
		c.Text = l.T("Try fewer conditions, or the name of a lab, a model or a law.")
	}
	if meant := b.meant(q, r); given == 0 && len(meant) > 0 { // else the words are well, and the conditions exclude
		names := topicNames(meant, len(meant))
		c.Text += " " + l.T("Topics with a similar name: %s.", l.list(names, len(names)))
		for i, id := range slices.Backward(meant) {
			c.Buttons = slices.Insert(c.Buttons, 0, Button{Label: names[i], Line: "topic:" + id})
		}
	}
	if t := one(q, r); t != "" {
		c.Buttons = append(c.Buttons, followButton(l, t))
	}
	if line := b.mistyped(ctx, asked); line != "" {
		c.Text = sentence(l.T("did you mean /news %s?", shorten(line))) + " " + c.Text
		c.Buttons = slices.Insert(c.Buttons, 0, Button{Label: shorten(line), Line: line})
	}
	return c, nil
}

// mistyped returns the command that was meant, "" for none, where the first of
// the words that nothing was found for is nearly the name of one, and it can be
// asked what follows.
func (b *Bot) mistyped(ctx context.Context, asked question) string {
	name, rest, _ := strings.Cut(asked.options["query"], " ")
	if name == "" || len(asked.options) > 1 || strings.ContainsFunc(name, isQuote) {
		return ""
	}
	var names []string
	for _, c := range b.o.Table {
		if c.Name != cmdSearch {
			names = append(names, c.Name)
		}
	}
	near, ok := nearest(name, names)
	if !ok {
		return ""
	}
	line := strings.TrimSpace(near + " " + rest)
	call, err := ParseLine(b.o.Table, line)
	if err != nil {
		return ""
	}
	if call.Options["id"] != "" { // who wrote "who knows" means no story
		asked.options = call.Options
		if _, err := b.one(ctx, asked); err != nil {
			return ""
		}
	}
	return line
}

// meantMost is how many topics a person may have meant.
const meantMost = 3

// meant returns the topics with stories that are nearest to what was asked.
func (b *Bot) meant(q news.Query, r news.Result) []string {
	ids := r.Nearest
	for _, name := range append(slices.Clone(q.Topics), q.Text) {
		if _, known := findTopic(name); known || name == "" {
			continue
		}
		for _, s := range b.o.Desk.Suggest(name, suggestionsRead) {
			if s.Topic != "" && !slices.Contains(ids, s.Topic) {
				ids = append(ids, s.Topic)
			}
		}
	}
	return ids[:min(len(ids), meantMost)]
}

// lineWithout is the line of a search with these options but one.
func lineWithout(options map[string]string, left string) string {
	var words []string
	if v := options["query"]; v != "" {
		words = append(words, "query:"+quoted(v))
	}
	for _, f := range conditions {
		if v := options[f.name]; v != "" && f.name != left {
			words = append(words, f.name+":"+quoted(v))
		}
	}
	return strings.Join(words, " ")
}

func quoted(v string) string { return `"` + strings.ReplaceAll(v, `"`, "") + `"` }
