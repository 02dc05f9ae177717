package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"newsdesk/news"
	"newsdesk/news/canon"
	"newsdesk/news/feed"
)

// Limits on one input: an archive is trusted more than the web, but a wrong
// file must not take the machine down.
const (
	maxFile  = 1 << 30 // bytes, unpacked
	maxLine  = 16 << 20
	maxItems = 1 << 20
)

// A record is one archived item with its source.
type record struct {
	source news.Source
	in     news.Incoming

	undated bool // in has the time of the record before it
}

// A reader collects the records of all inputs in input order.
type reader struct {
	stdin     io.Reader
	warn      func(error)
	directory *news.Directory
	records   []record
}

// path reads a file, the files below a directory in order of name, or stdin.
func (r *reader) path(path string) {
	if path == "-" {
		r.report("stdin", r.stream("stdin", r.stdin))
		return
	}
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if p != path && strings.HasPrefix(e.Name(), ".") {
			return nil
		}
		r.report(p, r.file(p))
		return nil
	})
	r.report(path, err)
}

func (r *reader) report(name string, err error) {
	if err != nil && r.warn != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		r.warn(fmt.Errorf("%s: %w", name, err))
	}
}

func (r *reader) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	switch filepath.Ext(path) {
	case ".gz":
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		defer z.Close()
		return r.stream(path, z)
	case ".zst":
		z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<30))
		if err != nil {
			return err
		}
		defer z.Close()
		return r.stream(path, z)
	}
	return r.stream(path, f)
}

// stream reads one feed, or article JSON lines: those begin with a JSON object
// that is no JSON Feed.
func (r *reader) stream(name string, in io.Reader) error {
	br := bufio.NewReaderSize(io.LimitReader(in, maxFile), 1<<16)
	head, err := br.Peek(1 << 12)
	if err != nil && err != io.EOF {
		return err
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(head, []byte("{")) && !bytes.Contains(head, []byte("jsonfeed.org/version")) {
		return r.lines(name, br)
	}
	body, err := io.ReadAll(br)
	if err != nil {
		return err
	}
	return r.feed(name, body)
}

// feed reads a document in one of the feed formats.
func (r *reader) feed(name string, body []byte) error {
	resp, err := feed.Parse(body, "", "", maxItems)
	if err != nil {
		return err
	}
	if resp.Warning != "" {
		r.report(name, errors.New(resp.Warning))
	}
	src, ok := r.directory.Of(resp.Site)
	if !ok {
		src = r.directory.Source(cmp.Or(resp.Title, stem(name)))
		src.Site = resp.Site
		src.Lang = cmp.Or(resp.Lang, src.Lang)
	}
	urls := map[string]int{}
	for _, it := range resp.Items {
		urls[it.URL]++
	}
	// The oldest item stands last in a feed, as archives are read in order of
	// time: undated items keep the feed's order, reversed.
	items := slices.Clone(resp.Items)
	slices.Reverse(items)
	for _, in := range news.Identify(src, items) {
		if it := in.Item; it.URL != "" && urls[it.URL] == 1 {
			in.ID = it.URL
		} else {
			in.ID = cmp.Or(it.GUID, in.ID)
		}
		r.records = append(r.records, record{source: src, in: in})
	}
	return nil
}

// stem is a file's name without its endings and its "feed_" mark.
func stem(name string) string {
	base, _, _ := strings.Cut(filepath.Base(name), ".")
	return strings.TrimPrefix(base, "feed_")
}

// An article is one line of an archive of articles; CONTRACT: replay.
type article struct {
	ID, URL, Title, Summary, Content, Source, Published, Lang string
}

func (r *reader) lines(name string, in io.Reader) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxLine)
	n := 0
	for sc.Scan() {
		n++
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		rec, err := r.line(line)
		if err != nil {
			r.report(fmt.Sprintf("%s: line %d", name, n), err)
			continue
		}
		r.records = append(r.records, rec)
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

func (r *reader) line(line []byte) (record, error) {
	var a article
	if err := json.Unmarshal(line, &a); err != nil {
		return record{}, fmt.Errorf("no article: %w", err)
	}
	if strings.TrimSpace(a.Title) == "" {
		return record{}, errors.New(`the article has no "title"`)
	}
	if a.ID == "" && a.URL == "" {
		return record{}, errors.New(`the article has neither "id" nor "url"`)
	}
	item := feed.Item{GUID: cmp.Or(a.ID, a.URL), URL: a.URL, Title: cmp.Or(feed.Title(a.Title), strings.TrimSpace(a.Title)), Lang: a.Lang}
	// The summary leads: readers and clusters live by the first sentences.
	item.Text = feed.Text(a.Summary)
	if c := feed.Text(a.Content); c != "" && !strings.HasPrefix(c, item.Text) {
		item.Text = strings.TrimSpace(item.Text + "\n" + c)
	} else if c != "" {
		item.Text = c
	}
	if a.Published != "" {
		t, err := time.Parse(time.RFC3339, a.Published)
		if err != nil {
			return record{}, fmt.Errorf(`"published" is %q: want a time as 2025-04-28T09:00:00Z`, a.Published)
		}
		item.Published = t
	}
	src, ok := r.directory.Of(a.URL)
	if a.Source != "" || !ok {
		src = r.source(a)
	}
	in := news.Identify(src, []feed.Item{item})
	if len(in) == 0 {
		return record{}, errors.New("the article has no identity")
	}
	in[0].ID = item.GUID
	return record{source: src, in: in[0]}, nil
}

// source finds the outlet that a line names, by its name or its article's host.
func (r *reader) source(a article) news.Source {
	if s, ok := r.directory.Of("https://" + a.Source); ok {
		return s
	}
	if s, ok := r.directory.Named(a.Source); ok {
		return s
	}
	name := cmp.Or(a.Source, "unknown")
	if a.Source == "" {
		if c, ok := canon.URL(a.URL); ok {
			name, _, _ = strings.Cut(strings.TrimPrefix(c, "https://"), "/")
		}
	}
	return r.directory.Source(name)
}

// undated is the time of records before the first that has one.
var undated = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// date gives undated records the time of the one before them, and sorts all by
// time; records of one time keep their order. Of records with one ID the
// earliest stays: an ID is one article, wherever it was archived.
func (r *reader) date() {
	last := undated
	for i := range r.records {
		it := &r.records[i].in.Item
		if it.Published.IsZero() {
			it.Published, r.records[i].undated = last, true
		}
		it.Published = it.Published.UTC()
		last = it.Published
	}
	slices.SortStableFunc(r.records, func(a, b record) int { return a.in.Item.Published.Compare(b.in.Item.Published) })
	ids := make(map[string]bool, len(r.records))
	r.records = slices.DeleteFunc(r.records, func(rec record) bool {
		again := ids[rec.in.ID]
		ids[rec.in.ID] = true
		return again
	})
}
