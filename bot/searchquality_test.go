package bot_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/config"
	"newsdesk/news"
	"newsdesk/news/replay"
)

// A judgedQuery is what a reader types after /news and what should come first.
type judgedQuery struct {
	Part  string   // "dev" was looked at while ranking was worked on, "held" was not
	Tests string   // what it tries: name, typo, alias, filter, language, words, topic
	Line  string   // as typed
	Want  []string // ids of articles: any story that tells what one of them tells is right
}

// readLines decodes a file of JSON lines.
func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, v)
	}
	return out
}

// A listener is a desk that remembers the first answer to a command's searches.
type listener struct {
	*news.Desk
	first *news.Result
}

func (l *listener) Search(ctx context.Context, q news.Query) (news.Result, error) {
	r, err := l.Desk.Search(ctx, q)
	if l.first == nil {
		l.first = &r
	}
	return r, err
}

// TestSearchQuality asks 60 queries over the labelled AI news, each put
// through the bot as it was typed, and says how often a wanted story is first
// and among the first three. Half of the queries were written before the
// ranking was measured and never looked at while it was improved.
func TestSearchQuality(t *testing.T) {
	const labelled = "../../shared/data/clusters"
	var paths []string
	story := map[string]string{} // that an article tells, as labelled, by its id
	for _, name := range []string{"ai-dev.jsonl", "scoop-dev.jsonl"} {
		path := filepath.Join(labelled, name)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("NOT MEASURED: the labelled news (%s) is not on this machine", path)
		}
		paths = append(paths, path)
		for _, a := range readLines[struct{ ID, Story string }](t, path) {
			story[a.ID] = a.Story
		}
	}
	desk, now := deskOfArchive(t, paths)
	type tally struct{ n, first, three int }
	parts, kinds := map[string]*tally{}, map[string]*tally{}
	for i, q := range readLines[judgedQuery](t, "testdata/search.jsonl") {
		var want []string
		for _, id := range q.Want {
			if story[id] == "" {
				t.Fatalf("%q: no article %q", q.Line, id)
			}
			want = append(want, story[id])
		}
		l := &listener{Desk: desk}
		b := bot.New(bot.Options{Desk: l, Store: &ledger{seen: map[string]time.Duration{}}, Table: bot.Table(), Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
		b.Handle(t.Context(), bot.Invocation{ID: fmt.Sprint(i), Channel: "web:quality", User: "u", Line: q.Line})
		if l.first == nil {
			t.Fatalf("%q was no search", q.Line)
		}
		at := slices.IndexFunc(l.first.Stories, func(s news.Story) bool {
			return slices.ContainsFunc(s.Articles, func(a news.Ref) bool { return slices.Contains(want, story[a.ID]) })
		})
		for _, c := range []*tally{entry(parts, q.Part), entry(parts, "all"), entry(kinds, q.Tests)} {
			c.n++
			if at == 0 {
				c.first++
			}
			if at >= 0 && at < 3 {
				c.three++
			}
		}
		if at != 0 {
			t.Logf("%s %s: %q has the wanted story at %d of %d %v", q.Part, q.Tests, q.Line, at+1, l.first.Total, l.first.Topics)
			if q.Part == "dev" {
				for k, s := range l.first.Stories {
					t.Logf("    %d. %3d %s %s %v", k+1, s.Impact, s.Status.Value, s.Headline, s.Topics)
				}
			}
		}
	}
	for _, set := range []map[string]*tally{kinds, parts} {
		for name, c := range set {
			t.Logf("%-8s %2d queries: first %3.0f %%, in the first three %3.0f %%", name, c.n, 100*float64(c.first)/float64(c.n), 100*float64(c.three)/float64(c.n))
		}
	}
	if c := parts["all"]; c.n < 60 || 100*c.first < 90*c.n || 100*c.three < 97*c.n {
		t.Errorf("of %d queries %d have a wanted story first and %d in the first three, want 90 %% and 97 %%", c.n, c.first, c.three)
	}
}

func entry[T any](m map[string]*T, key string) *T {
	if m[key] == nil {
		m[key] = new(T)
	}
	return m[key]
}

// deskOfArchive judges archived articles and returns a desk that follows a
// store with the stories, at the time of the newest.
func deskOfArchive(t *testing.T, paths []string) (*news.Desk, time.Time) {
	t.Helper()
	var out bytes.Buffer
	o := replay.Options{Sources: config.Defaults().Sources(), Warn: func(err error) { t.Log(err) }}
	if err := replay.Run(t.Context(), paths, strings.NewReader(""), &out, o); err != nil {
		t.Fatal(err)
	}
	var now time.Time
	store := news.NewMemory(time.Now)
	fence, _, err := store.Lease(t.Context(), news.DeskLease, "archive", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	batch := news.Batch{Fence: fence}
	for d := json.NewDecoder(&out); d.More(); {
		var s news.Story
		if err := d.Decode(&s); err != nil {
			t.Fatal(err)
		}
		batch.Stories = append(batch.Stories, s)
		if s.Updated.After(now) {
			now = s.Updated
		}
	}
	if err := store.Commit(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	desk := news.NewDesk(news.Options{Store: store, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	if err := desk.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return desk, now
}
