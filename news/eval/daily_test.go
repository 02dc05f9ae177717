package eval_test

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// A teller counts how often each page is told as news: articles that are
// committed and repeat no other.
type teller struct {
	*news.Memory
	now func() time.Time

	met, told, again, returned map[string]int // by page
}

func newTeller(now func() time.Time) *teller {
	return &teller{news.NewMemory(now), now, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
}

// postable is how old news may be that is posted, see bot.MaxAge.
const postable = 48 * time.Hour

func (s *teller) Commit(ctx context.Context, b *news.Batch) error {
	if err := s.Memory.Commit(ctx, b); err != nil {
		return err
	}
	for _, a := range b.Articles {
		if !a.Seen.Equal(s.now()) { // its story was merged or cut, that is no news
			continue
		}
		page := pageOf(a.URL)
		s.met[page]++
		switch {
		case a.CopyOf != "":
		case s.told[page] == 0:
			s.told[page]++
		case a.Seen.Sub(a.Published) > postable:
			s.returned[page]++ // after it was gone for so long that it was forgotten
		default:
			s.again[page]++
		}
	}
	return nil
}

// pageOf is a link as a reader would compare it, free of the rules under test.
func pageOf(link string) string {
	_, link, _ = strings.Cut(link, "://")
	link, fragment, _ := strings.Cut(link, "#")
	return strings.TrimSuffix(strings.TrimPrefix(link, "www."), "/") + "#" + fragment
}

// TestDaily puts the snapshots of real feeds over 20 months through the desk, in
// order of time: every page is told once, though items flap, dates move, links
// change their form and GUIDs are minted anew, and though it stands in several
// feeds. By default it reads one snapshot in eight of each feed;
// NEWSDESK_DAILY=all reads them all, in some minutes.
func TestDaily(t *testing.T) {
	every := 8
	if os.Getenv("NEWSDESK_DAILY") == "all" {
		every = 1
	}
	snapshots := daily(t, every)
	var now time.Time
	clock := func() time.Time { return now }
	store := newTeller(clock)
	sources := map[string]news.Source{}
	var list []news.Source
	for _, s := range snapshots {
		if _, ok := sources[s.feed]; !ok {
			src := news.Source{ID: s.feed, Name: s.feed, Kind: "lab", Authority: 0.6}
			sources[s.feed], list = src, append(list, src)
		}
	}
	desk := news.NewDesk(news.Options{Store: store, Sources: list, Now: clock, Logger: slog.New(slog.DiscardHandler)})
	shown := map[string]string{} // page: its first title
	for _, s := range snapshots {
		now = s.at
		src := sources[s.feed]
		for _, it := range s.items {
			if p := pageOf(it.URL); shown[p] == "" {
				shown[p] = it.Title
			}
		}
		if _, err := desk.Ingest(t.Context(), src, news.Identify(src, s.items), false); err != nil {
			t.Fatal(err)
		}
	}
	never, copies := 0, 0
	for p, title := range shown {
		switch {
		case store.met[p] == 0:
			never++
			t.Logf("never told: %s %q", p, title)
		case store.told[p] == 0:
			copies++ // of an article on another page
		}
		if store.again[p] > 0 {
			t.Errorf("told again: %s %q", p, title)
		}
	}
	t.Logf("%d snapshots of %d feeds, %d pages: %d told once, %d as copies of another page, %d never; %d came back after months, too old to be posted, %d were told again",
		len(snapshots), len(sources), len(shown), len(store.told), copies, never, len(store.returned), len(store.again))
	if never > 0 {
		t.Errorf("%d pages were never told", never)
	}
}

type snapshot struct {
	feed  string
	at    time.Time
	items []feed.Item
}

// daily returns one snapshot in so many of each feed of the archive, and its
// first ones, in order of time. It skips the test where the archive is absent.
func daily(t *testing.T, every int) []snapshot {
	f, err := os.Open(filepath.Join(labelled, "feeds-daily.tar.zst"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("NOT MEASURED: the archive of daily feeds is not on this machine")
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<27)) // packed with --long=27
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []snapshot
	read, days := map[[32]byte]bool{}, map[string]int{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(path.Dir(h.Name))
		day, isXML := strings.CutSuffix(path.Base(h.Name), ".xml")
		if !isXML {
			continue
		}
		if days[name]++; days[name] > 2 && days[name]%every != 0 {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(append([]byte(name), body...))
		if read[sum] {
			continue
		}
		read[sum] = true
		at, err := time.Parse("2006-01-02T150405Z", day)
		if err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		doc, err := feed.Parse(body, "", "", 10_000)
		if err != nil {
			t.Logf("%s: %v", h.Name, err)
			continue
		}
		out = append(out, snapshot{name, at, doc.Items})
	}
	slices.SortStableFunc(out, func(a, b snapshot) int { return a.at.Compare(b.at) })
	return out
}
