package news

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// spellFor is how long a spell of the log lasts, and namedMost how many
	// feeds of a spell are named one by one: the rest are counted, as a machine
	// without a network has one trouble and not one for each feed.
	spellFor  = time.Minute
	namedMost = 5
)

// readings tells the log how the reading of feeds goes: the first reading of
// all in one line, and then the feeds whose state changes. What is not worth a
// line of its own is at the level of Debug.
type readings struct {
	log *slog.Logger

	mu      sync.Mutex
	first   map[string]bool // feeds that the first reading waits for; nil once it is told
	asked   int             // feeds of the first reading
	failing map[string]bool
	trouble string    // the first error of the first reading, or of the spell
	began   time.Time // of the spell; zero in none
	changed int       // feeds that changed in the spell
}

// begin begins a first reading of feeds.
func (r *readings) begin(feeds []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked > 0 {
		return // only a process's own first reading is one; the lease comes and goes
	}
	r.first, r.failing, r.asked, r.trouble = map[string]bool{}, map[string]bool{}, len(feeds), ""
	for _, f := range feeds {
		r.first[f] = true
	}
}

// note takes what came of reading a feed; err is nil where it was read, and
// failures counts those in a row, this one included, or those before it.
func (r *readings) note(now time.Time, source, url string, err error, failures int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	level, text, attrs := slog.LevelDebug, "feed cannot be read", []any{"source", source, "feed", url}
	changes := failures == 1
	if err != nil {
		r.failing[url] = true
		attrs = append(attrs, "err", err)
		if r.trouble == "" {
			r.trouble = fmt.Sprintf("%s: %v", source, err)
		}
	} else {
		delete(r.failing, url)
		changes, text, attrs = failures > 0, "feed is back", append(attrs, "failures", failures)
	}
	switch {
	case len(r.first) > 0:
		delete(r.first, url)
	case changes:
		if r.began.IsZero() {
			r.began = now
		}
		if r.changed++; r.changed <= namedMost {
			if level = slog.LevelInfo; err != nil {
				level = slog.LevelWarn
			}
		}
	}
	if changes {
		r.log.Log(context.Background(), level, text, attrs...)
	}
	if r.first != nil && len(r.first) == 0 {
		r.first = nil
		r.tell(fmt.Sprintf("first reading done: %d of %d feeds read", r.asked-len(r.failing), r.asked))
	}
}

// look ends a spell that is over, with one line for the feeds that got none.
func (r *readings) look(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began.IsZero() || now.Sub(r.began) < spellFor {
		return
	}
	if more := r.changed - namedMost; more > 0 {
		r.tell(fmt.Sprintf("%d more feeds changed in the last minute", more))
	}
	r.began, r.changed, r.trouble = time.Time{}, 0, ""
}

// tell writes a summary: a warning where feeds fail.
func (r *readings) tell(text string) {
	if len(r.failing) == 0 {
		r.log.Info(text)
		return
	}
	attrs := []any{"failing", len(r.failing)}
	if r.trouble != "" {
		attrs = append(attrs, "first_error", r.trouble)
	}
	r.log.Warn(text, append(attrs, "hint", "/api/sources has the error of every feed")...)
	r.trouble = ""
}
