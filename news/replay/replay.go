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
	// Owed turns to printing stories as a channel would have been sent them:
	// each at most once, when it is first owed, as it stood at that time.
	Owed func(s news.Story, now time.Time) bool
	Warn func(error) // hears of every file or line that cannot be read
}

// Run reads every path ("-" is stdin), judges what they hold and prints the
// stories to w, the newest last. It fails where nothing at all could be read.
func Run(ctx context.Context, paths []string, stdin io.Reader, w io.Writer, o Options) error {
	r := reader{stdin: stdin, warn: o.Warn, directory: news.NewDirectory(o.Sources)}
	for _, p := range paths {
		r.path(p)
	}
	if len(r.records) == 0 {
		return fmt.Errorf("nothing could be read from %s", strings.Join(paths, ", "))
	}
	r.date()
	stories, err := judge(ctx, r.records, o)
	if err != nil {
		return err
	}
	return Print(w, stories, o)
}

// judge ingests the records in order of time.
func judge(ctx context.Context, records []record, o Options) ([]news.Story, error) {
	var now time.Time
	clock := func() time.Time { return now }
	store := news.NewMemory(clock)
	desk := news.NewDesk(news.Options{
		Store: store, Sources: o.Sources, Gazetteer: o.Gazetteer, Taste: o.Taste, Now: clock, KeepCopies: true, Logger: slog.New(slog.DiscardHandler),
	})
	posted := map[string]bool{}
	var sent []news.Story
	for _, r := range records {
		now = r.in.Item.Published
		changed, err := desk.Ingest(ctx, r.source, []news.Incoming{r.in}, false)
		if err != nil {
			return nil, err
		}
		for _, s := range changed {
			if o.Owed != nil && !posted[s.ID] && o.Owed(s, now) {
				posted[s.ID] = true
				if s, err = desk.Story(ctx, s.ID); err != nil {
					return nil, err
				}
				sent = append(sent, s)
			}
		}
	}
	if o.Owed != nil {
		return sent, nil
	}
	return All(ctx, desk)
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
	return all, nil
}

// Print writes those of the stories that o selects.
func Print(w io.Writer, stories []news.Story, o Options) error {
	var table *tabwriter.Writer
	if o.Table {
		table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "UPDATED\tIMPACT\tSTATUS\tOUTLETS\tHEADLINE")
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, s := range stories {
		if s.Impact < o.MinImpact || o.Topic != "" && !slices.Contains(s.Topics, o.Topic) ||
			s.Updated.Before(o.Since) || !o.Until.IsZero() && !s.First.Before(o.Until) {
			continue
		}
		var err error
		if table != nil {
			_, err = fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\n", s.Updated.UTC().Format("2006-01-02 15:04"), s.Impact, s.Status.Value, len(s.Sources), s.Headline)
		} else {
			err = enc.Encode(s)
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
