package canon_test

import (
	"archive/tar"
	"crypto/sha256"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"newsdesk/news/canon"
	"newsdesk/news/feed"
)

const daily = "../../../shared/data/feeds-daily.tar.zst"

// TestKeysOverMonths reads feeds as they were every day for months, the worst
// that are known, and announces an item when none of its keys is known: every
// link must be announced once, and only once.
func TestKeysOverMonths(t *testing.T) {
	for name, days := range snapshots(t,
		"feed_anthropic_changelog_claude_code", // mints GUIDs at every fetch
		"feed_google_ai",                       // has no GUIDs
		"feed_openai_engineering",              // the same
		"feed_openai_research",                 // one GUID for many, trailing slashes come and go
		"feed_windsurf_changelog",              // links differ by fragment alone
		"feed_apollo_science",                  // moved its links
		"feed_cursor",                          // retitles
		"feed_xainews",                         // was empty in between
		"feed_anthropic_engineering",           // moved one page under its title
	) {
		known, announced := map[string]bool{}, map[string]int{}
		guids := map[string]bool{}
		for _, items := range days {
			for i, keys := range canon.Keys(name, items) {
				link := page(items[i].URL)
				announced[link] += 0
				guids[items[i].GUID] = true
				if !slices.ContainsFunc(keys, func(k canon.Key) bool { return known[k.Name] }) {
					announced[link]++
					for _, k := range keys {
						known[k.Name] = true
					}
				}
			}
		}
		total, lost := 0, 0
		for link, n := range announced {
			total += n
			if n > 1 {
				t.Errorf("%s: %s was announced %d times", name, link, n)
			}
			if n == 0 {
				lost++
				t.Logf("%s: %s was taken for another", name, link)
			}
		}
		if lost != moved[name] {
			t.Errorf("%s: %d links were never announced, want %d", name, lost, moved[name])
		}
		t.Logf("%s: %d versions, %d GUIDs, %d links, %d announced", name, len(days), len(guids), len(announced), total)
	}
}

// moved counts the links under which a feed showed again what it had shown
// under another link and the same title: those are no news.
var moved = map[string]int{"feed_anthropic_engineering": 1}

// page is a link as a reader would compare it: the test's own idea of what is
// one page, coarser than none but free of the rules under test.
func page(link string) string {
	link, fragment, _ := strings.Cut(link, "#")
	return strings.TrimSuffix(link, "/") + "#" + fragment
}

// Of each feed, so many days of the archive are all read, then one in every:
// what a feed does, it does for weeks.
const all, every = 20, 4

// snapshots returns what the named feeds said, every version once, in order of
// time. It skips the test where the archive is
// absent.
func snapshots(t *testing.T, names ...string) map[string][][]canon.Named {
	f, err := os.Open(daily)
	if err != nil {
		t.Skip("NOT TESTED: the archive of daily feeds is not on this machine: identity over months was not checked")
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<27)) // packed with --long=27
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	type version struct {
		day   string
		items []canon.Named
	}
	versions, read, days := map[string][]version{}, map[[32]byte]bool{}, map[string]int{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(path.Dir(h.Name))
		if !slices.Contains(names, name) || path.Ext(h.Name) != ".xml" {
			continue
		}
		if days[name]++; days[name] > all && days[name]%every != 0 {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if read[sum] {
			continue
		}
		read[sum] = true
		doc, err := feed.Parse(body, "", "", 10_000)
		if err != nil {
			t.Errorf("%s: %v", h.Name, err)
			continue
		}
		v := version{day: path.Base(h.Name)}
		for _, it := range doc.Items {
			v.items = append(v.items, canon.Named{GUID: it.GUID, URL: it.URL, Title: it.Title})
		}
		versions[name] = append(versions[name], v)
	}
	out := map[string][][]canon.Named{}
	for _, name := range names {
		vs := versions[name]
		if len(vs) == 0 {
			t.Errorf("the archive has no %s", name)
		}
		slices.SortFunc(vs, func(a, b version) int { return strings.Compare(a.day, b.day) })
		for _, v := range vs {
			out[name] = append(out[name], v.items)
		}
	}
	return out
}
