// Package replay puts archived feeds and articles through the desk, with the
// articles' own dates for a clock. Nothing is fetched and nothing is kept: the
// store is in memory. The same input gives the same stories, byte for byte.
package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"newsdesk/news"
	"newsdesk/news/impact"
	"newsdesk/news/topic"
)

// Options select what is printed. Zero fields print every story as JSON lines.
type Options struct {
	Sources   []news.Source    // outlets that may be met, with their kind and authority
	Gazetteer *topic.Gazetteer // topic.Default() where nil
	Taste     *impact.Taste    // impact.DefaultTaste() where nil
	MinImpact int
	Topic     string
	Since     time.Time // stories updated at or after
	Until     time.Time // stories first told before
	Table     bool      // a table for people instead of JSON lines
	// Owed turns to printing what a channel would have been sent: each story
	// when it is first owed, as it stood at that time, and an answer to it
	// whenever its status changed since.
	Owed func(s news.Story, now time.Time) bool
	Warn func(error) // hears of every file or line that cannot be read
}

// Run reads every path ("-" is stdin), judges what they hold and prints the
// stories to w, the newest last. It fails where nothing at all could be read.
func Run(ctx context.Context, paths []string, stdin io.Reader, w io.Writer, o Options) error {
	r, err := read(paths, stdin, o)
	if err != nil {
		return err
	}
	postings, err := judge(ctx, r.records, o)
	if err != nil {
		return err
	}
	undated := map[string]bool{}
	for _, rec := range r.records {
		if rec.undated {
			undated[rec.in.ID] = true
		}
	}
	if len(undated) > 0 {
		for i, p := range postings {
			postings[i] = undate(p, undated)
		}
	}
	return write(w, postings, o)
}

func read(paths []string, stdin io.Reader, o Options) (reader, error) {
	r := reader{stdin: stdin, warn: o.Warn, directory: news.NewDirectory(o.Sources)}
	for _, p := range paths {
		r.path(p)
	}
	if len(r.records) == 0 {
		return r, fmt.Errorf("nothing could be read from %s", strings.Join(paths, ", "))
	}
	r.date()
	return r, nil
}

// Desk returns a desk that has judged what the paths hold, as Run does.
func Desk(ctx context.Context, paths []string, stdin io.Reader, o Options) (*news.Desk, error) {
	r, err := read(paths, stdin, o)
	if err != nil {
		return nil, err
	}
	desk, err := ingest(ctx, r.records, o, func(*news.Desk, []news.Story, time.Time) error { return nil })
	if err != nil {
		return nil, err
	}
	return desk, desk.Follow(ctx)
}

// ingest puts the records through a desk in order of time, and tells of every
// change.
func ingest(ctx context.Context, records []record, o Options, hear func(d *news.Desk, changed []news.Story, now time.Time) error) (*news.Desk, error) {
	var now time.Time
	clock := func() time.Time { return now }
	desk := news.NewDesk(news.Options{
		Store: news.NewMemory(clock), Sources: o.Sources, Gazetteer: o.Gazetteer, Taste: o.Taste, Now: clock, KeepCopies: true, Logger: slog.New(slog.DiscardHandler),
	})
	for _, r := range records {
		now = r.in.Item.Published
		changed, err := desk.Ingest(ctx, r.source, []news.Incoming{r.in}, false)
		if err != nil {
			return nil, err
		}
		if err := hear(desk, changed, now); err != nil {
			return nil, err
		}
	}
	return desk, nil
}

// judge ingests the records in order of time.
func judge(ctx context.Context, records []record, o Options) ([]Posting, error) {
	c := channel{owed: o.Owed, told: map[string]string{}}
	desk, err := ingest(ctx, records, o, func(d *news.Desk, changed []news.Story, now time.Time) error {
		if c.desk = d; o.Owed == nil {
			return nil
		}
		return c.hear(ctx, changed, now)
	})
	if err != nil {
		return nil, err
	}
	if o.Owed != nil {
		return c.sent, nil
	}
	all, err := All(ctx, desk)
	return postings(all), err
}

func postings(stories []news.Story) []Posting {
	out := make([]Posting, len(stories))
	for i, s := range stories {
		out[i].Story = s
	}
	return out
}

// All returns every story of a desk with its related ones, the newest last.
func All(ctx context.Context, d *news.Desk) ([]news.Story, error) {
	var all []news.Story
	for after := uint64(0); ; {
		page, err := d.Changed(ctx, after, 500)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Seq
		for _, s := range page {
			if s.Into != "" {
				continue // another tells it
			}
			if s, err = d.Story(ctx, s.ID); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b news.Story) int {
		if c := a.Updated.Compare(b.Updated); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	d.NameRelated(all)
	return all, nil
}

// Print writes those of the stories that o selects.
func Print(w io.Writer, stories []news.Story, o Options) error { return write(w, postings(stories), o) }

// selects reports whether a posting is to be printed. What a channel is owed
// was chosen by impact and topic already: an answer is owed whatever its story
// is worth by then.
func (o Options) selects(p Posting) bool {
	if o.Owed == nil && (p.Impact < o.MinImpact || o.Topic != "" && !slices.Contains(p.Topics, o.Topic)) {
		return false
	}
	return !p.Updated.Before(o.Since) && (o.Until.IsZero() || p.First.Before(o.Until))
}

func write(w io.Writer, postings []Posting, o Options) error {
	var table *tabwriter.Writer
	if o.Table {
		table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "UPDATED\tIMPACT\tSTATUS\tOUTLETS\tHEADLINE")
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, p := range postings {
		if !o.selects(p) {
			continue
		}
		p.Turns = nil
		var err error
		if table != nil {
			err = row(table, p)
		} else {
			err = enc.Encode(p)
		}
		if err != nil {
			return err
		}
	}
	if table != nil {
		return table.Flush()
	}
	return nil
}

// row writes one line of the table.
func row(w io.Writer, p Posting) error {
	updated, status := "undated", p.Status.Value
	if !p.Updated.IsZero() {
		updated = p.Updated.UTC().Format("2006-01-02 15:04")
	}
	if f := p.FollowUp; f != nil {
		status = f.From + " -> " + f.To
	}
	_, err := fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%s\n", updated, p.Impact, status, len(p.Sources), p.Headline)
	return err
}
