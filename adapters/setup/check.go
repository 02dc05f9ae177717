package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"newsdesk/bot"
)

// A Checkup is everything that a configuration names, to be tried.
type Checkup struct {
	// Store opens the store and closes it again; it wraps InUse where another
	// process has it, which is no problem.
	Store     func() error
	InUse     error
	Doubts    []string // of the configuration
	Platforms []bot.Platform
	Refused   error         // why other platforms could not be made
	Channels  []bot.Channel // that are posted to
	// Writer asks the language model; nil for none.
	Writer func(context.Context) error
	Feeds  []Feed
	// Fetch reads a feed. A warning is a problem, too. It is called by up to
	// Concurrency goroutines at once.
	Fetch       func(ctx context.Context, url string) (warning string, err error)
	Concurrency int
}

// A Feed is one address of a source.
type Feed struct{ Source, URL string }

// Run tries everything, and prints every problem and each channel that is well.
// The error counts the problems.
func (c Checkup) Run(ctx context.Context, w io.Writer) error {
	r := &report{w: w}
	switch err := c.Store(); {
	case c.InUse != nil && errors.Is(err, c.InUse):
		fmt.Fprintf(w, "store: %v; that one is checked by itself\n", err)
	case err != nil:
		r.add("store", err.Error())
	default:
		r.add("store")
	}
	for _, doubt := range c.Doubts {
		r.add("configuration", doubt)
	}
	if c.Refused != nil {
		r.add("platforms", strings.Split(c.Refused.Error(), "\n")...)
	} else if len(c.Platforms) == 0 {
		fmt.Fprintln(w, "platforms: neither DISCORD_TOKEN nor SLACK_BOT_TOKEN is set: news stands on the preview page alone")
	}
	for _, p := range c.Platforms {
		c.platform(ctx, r, p)
	}
	if c.Writer != nil {
		if err := c.Writer(ctx); err != nil {
			r.add("llm", err.Error())
		} else {
			r.add("llm")
		}
	}
	c.feeds(ctx, r)
	if r.problems > 0 {
		return fmt.Errorf("%d %s in %d %s checked", r.problems, plural(r.problems, "problem"), r.checked, plural(r.checked, "thing"))
	}
	_, err := fmt.Fprintf(w, "all is well: %d %s checked\n", r.checked, plural(r.checked, "thing"))
	return err
}

// A report counts what was checked and prints what is wrong.
type report struct {
	w                 io.Writer
	problems, checked int
}

func (r *report) add(what string, found ...string) {
	r.checked++
	for _, f := range found {
		r.problems++
		fmt.Fprintf(r.w, "%s: %s\n", what, strings.TrimPrefix(f, what+": "))
	}
}

// platform tries the account, and each of its channels once.
func (c Checkup) platform(ctx context.Context, r *report, p bot.Platform) {
	whole := p.Check(ctx, bot.Channel(p.Name()+":"))
	r.add(p.Name(), whole...)
	seen := map[bot.Channel]bool{}
	for _, ch := range c.Channels {
		if ch.Platform() != p.Name() || seen[ch] {
			continue
		}
		seen[ch] = true
		missing := p.Check(ctx, ch)
		if len(missing) == 0 {
			fmt.Fprintf(r.w, "%s: well: the bot may post, read the history and answer in threads\n", ch)
		}
		r.add(string(ch), slices.DeleteFunc(missing, func(m string) bool { return slices.Contains(whole, m) })...)
	}
}

func (c Checkup) feeds(ctx context.Context, r *report) {
	var mu sync.Mutex
	unread := map[Feed]string{} // what is wrong
	var g errgroup.Group
	g.SetLimit(max(c.Concurrency, 1))
	for _, f := range c.Feeds {
		g.Go(func() error {
			wrong, err := c.Fetch(ctx, f.URL)
			if err != nil {
				wrong = err.Error()
			}
			if wrong != "" {
				mu.Lock()
				defer mu.Unlock()
				unread[f] = wrong
			}
			return nil
		})
	}
	g.Wait()
	failed := slices.SortedFunc(maps.Keys(unread), func(a, b Feed) int {
		return strings.Compare(a.Source+" "+a.URL, b.Source+" "+b.URL)
	})
	switch {
	case len(c.Feeds) == 0:
		r.add("sources", "none: no feed is read: set sources.catalogue: true, or name some under sources.add")
	case len(unread) == len(c.Feeds) && len(unread) > 3:
		r.add("sources", fmt.Sprintf("none of the %d feeds can be read: has this machine a network and a name server? The first of them: %s", len(unread), unread[failed[0]]))
	default:
		r.checked += len(c.Feeds) - len(unread)
		for _, f := range failed {
			r.add("source "+f.Source, unread[f])
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
