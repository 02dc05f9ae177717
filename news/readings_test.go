package news

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestReadingsOffline: a machine without a network has one line in the log.
func TestReadingsOffline(t *testing.T) {
	var out bytes.Buffer
	r := readings{log: slog.New(slog.NewTextHandler(&out, nil)), failing: map[string]bool{}}
	var feeds []string
	for i := range 177 {
		feeds = append(feeds, fmt.Sprintf("https://%d.example/feed", i))
	}
	read := func(now time.Time, err error, failures int) {
		for i, f := range feeds {
			r.note(now, fmt.Sprintf("s%d", i), f, err, failures)
		}
	}
	said := func() []string {
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		out.Reset()
		return lines
	}
	now := time.Date(2025, 4, 28, 9, 0, 0, 0, time.UTC)
	r.begin(feeds)
	read(now, errors.New("no such host"), 1)
	if got := said(); len(got) != 1 || !strings.Contains(got[0], "first reading done: 0 of 177 feeds read") ||
		!strings.Contains(got[0], "failing=177") || !strings.Contains(got[0], `first_error="s0: no such host"`) || !strings.Contains(got[0], "level=WARN") {
		t.Errorf("the first reading said:\n%s", strings.Join(got, "\n"))
	}
	r.begin(feeds) // the lease went and came back
	read(now.Add(time.Minute), errors.New("no such host"), 2)
	if got := said(); got[0] != "" {
		t.Errorf("what fails on is said again: %q", got)
	}
	read(now.Add(2*time.Minute), nil, 2)
	r.look(now.Add(2 * time.Minute))
	r.look(now.Add(3 * time.Minute))
	if got := said(); len(got) != namedMost+1 || !strings.Contains(got[0], "feed is back") || !strings.Contains(got[namedMost], "172 more feeds changed") {
		t.Errorf("the network came back:\n%s", strings.Join(got, "\n"))
	}
	r.note(now.Add(time.Hour), "s1", feeds[1], errors.New("404"), 1)
	if got := said(); len(got) != 1 || !strings.Contains(got[0], "s1") || !strings.Contains(got[0], "level=WARN") {
		t.Errorf("a feed that fails by itself: %q", got)
	}
}

// TestReadingsWell: all is well in one quiet line.
func TestReadingsWell(t *testing.T) {
	var out bytes.Buffer
	r := readings{log: slog.New(slog.NewTextHandler(&out, nil)), failing: map[string]bool{}}
	r.begin([]string{"a", "b"})
	r.note(time.Time{}, "s", "a", nil, 0)
	r.note(time.Time{}, "s", "b", nil, 0)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=INFO") || !strings.Contains(got, "2 of 2 feeds read") {
		t.Errorf("said %q", got)
	}
}
