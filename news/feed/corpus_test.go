package feed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const shared = "../../../shared/data"

func TestParseRealFeeds(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(shared, "feeds", "*.xml"))
	if len(files) == 0 {
		t.Skip("NOT TESTED: the archive of real feeds is not on this machine: nothing of it was parsed")
	}
	total := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Parse(b, "", "", 10_000)
		if err != nil || len(r.Items) == 0 || r.Warning != "" {
			t.Errorf("%s: %d items, %q, %v", filepath.Base(f), len(r.Items), r.Warning, err)
		}
		total += len(r.Items)
	}
	t.Logf("%d items in %d feeds", total, len(files))
	if total < 3000 {
		t.Errorf("%d items in %d feeds, the archive has 3,033", total, len(files))
	}
}

// TestParseCorpora reads the test documents of other parsers, most of them odd
// on purpose: none may panic, and most must be read.
func TestParseCorpora(t *testing.T) {
	for name, most := range map[string]float64{"feedparser_tests.tar.gz": 0.97, "gofeed_testdata.tar.gz": 0.85} {
		f, err := os.Open(filepath.Join(shared, "parser-corpora", name))
		if err != nil {
			t.Skip("NOT TESTED: the corpora of other parsers are not on this machine: nothing of them was parsed")
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		docs, read, items := 0, 0, 0
		why := map[string]int{}
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains([]string{".xml", ".json"}, filepath.Ext(h.Name)) {
				continue
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.HasPrefix(body, []byte("{")) && !bytes.Contains(body, []byte("jsonfeed.org")) {
				Parse(body, "", "", 500) // a fragment: only to see that it does no harm
				continue
			}
			docs++
			doc, err := Parse(body, "", "https://outlet.example/", 500)
			if err != nil {
				why[err.Error()]++
				continue
			}
			read++
			items += len(doc.Items)
		}
		t.Logf("%s: %d of %d documents read, %d items", name, read, docs, items)
		for w, n := range why {
			t.Logf("  %4d %s", n, w)
		}
		if float64(read) < most*float64(docs) {
			t.Errorf("%s: %d of %d documents were read", name, read, docs)
		}
	}
}
