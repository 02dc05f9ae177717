package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"
)

// Limits on what an Item may hold.
const (
	maxText       = 64 << 10 // bytes of Text
	maxTitle      = 1 << 10  // bytes of Title
	maxURL        = 4 << 10  // bytes; longer ones are data, not addresses
	maxCategories = 32
)

// Limits on what is done for a document that does not parse.
const (
	parseTime   = 10 * time.Second // for gofeed; 10 MiB of a real feed take 0.3 s
	maxMendings = 5                // malformed items that are left out
)

// Parse reads one document of RSS, RDF, Atom or JSON Feed. contentType is that
// of HTTP, base the URL it came from; both may be empty. At most maxItems
// items are read, from the first on. A document that ends too early or has
// malformed items yields the others, with a Warning. The error's text is for
// people. Every Item has a Title.
func Parse(body []byte, contentType, base string, maxItems int) (Response, error) {
	body, warning := toUTF8(bytes.TrimSpace(body), contentType)
	body = bytes.TrimSpace(body)
	var parsed *gofeed.Feed
	var more string
	var err error
	base = bare(base)
	switch {
	case len(body) == 0:
		return Response{}, errors.New("the body is empty")
	case body[0] == '<':
		parsed, more, err = parseXML(body, base, maxItems)
	case body[0] == '{':
		parsed, more, err = parseJSON(body, maxItems)
	default:
		err = errors.New("the body is no feed that can be read: it is neither XML nor JSON")
	}
	if err != nil {
		return Response{}, err
	}
	r := Response{
		Title: plain(parsed.Title, maxTitle), Lang: language(parsed.Language), Site: absolute(base, parsed.Link),
		Warning: join(warning, more), MinWait: minWait(parsed),
	}
	dropped := 0
	for _, it := range parsed.Items[:min(len(parsed.Items), max(maxItems, 0))] {
		if item, ok := translate(it, cmp.Or(r.Site, base), r.Lang); ok {
			r.Items = append(r.Items, item)
		} else {
			dropped++
		}
	}
	if dropped > 0 {
		r.Warning = join(r.Warning, count(dropped, "item", "items")+" without title and link left out")
	}
	return r, nil
}

// parseXML reads RSS, RDF and Atom.
func parseXML(doc []byte, base string, maxItems int) (f *gofeed.Feed, warning string, err error) {
	whole := doc
	doc, name, html := root(legal(doc))
	switch {
	case html:
		return nil, "", errors.New(htmlReason(whole, base))
	case name == "":
		return nil, "", errors.New("the body is no feed that can be read: it has no XML element")
	case name != "rss" && name != "rdf" && name != "feed":
		return nil, "", fmt.Errorf("the body is XML, but no feed: it begins with <%s>", plain(name, 40))
	}
	o := scan(doc, maxItems)
	if doc, warning, err = vetted(doc, o, (*outline).cut); err != nil {
		return nil, "", err
	}
	until, mended := time.Now().Add(parseTime), 0
	f, err = parse(doc, until)
	for err != nil && !errors.Is(err, errSlow) && mended < maxMendings {
		// One malformed item must not cost the others.
		at := brokenAt(doc)
		i := slices.IndexFunc(o.items, func(s span) bool { return s.from <= at && at <= s.to })
		if i < 0 {
			break
		}
		doc = slices.Delete(bytes.Clone(doc), o.items[i].from, o.items[i].to)
		mended++
		o = scan(doc, maxItems)
		f, err = parse(doc, until)
	}
	if err != nil {
		return nil, "", fmt.Errorf("the body is no feed that can be read: %w", err)
	}
	if mended > 0 {
		warning = join(warning, count(mended, "malformed item", "malformed items")+" left out")
	}
	return f, warning, nil
}

// parseJSON reads JSON Feed.
func parseJSON(doc []byte, maxItems int) (f *gofeed.Feed, warning string, err error) {
	o := scanJSON(doc, maxItems)
	if doc, warning, err = vetted(doc, o, (*outline).cutJSON); err != nil {
		return nil, "", err
	}
	if f, err = parse(doc, time.Now().Add(parseTime)); err != nil {
		return nil, "", fmt.Errorf("the body is no feed that can be read: %w", err)
	}
	if len(f.Items) == 0 && !strings.Contains(f.FeedVersion, "jsonfeed.org") {
		return nil, "", errors.New("the body is JSON, but no JSON Feed")
	}
	return f, warning, nil
}

// vetted returns what of a document may go to the parser.
func vetted(doc []byte, o outline, cut func(*outline, []byte) []byte) ([]byte, string, error) {
	if o.stop == nil {
		return doc, "", nil
	}
	n := len(o.items)
	switch {
	case n == 0:
		return nil, "", fmt.Errorf("the body is no feed that can be read: %w, before its first item ends", o.stop)
	case errors.Is(o.stop, errItems):
		return cut(&o, doc), fmt.Sprintf("only the first %d items were read", n), nil
	}
	return cut(&o, doc), fmt.Sprintf("%s read: %v", count(n, "item", "items"), o.stop), nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

var errSlow = fmt.Errorf("it takes longer than %s to parse", parseTime)

// A patience ends a document at a time. gofeed takes quadratic time for some
// hostile documents, and no context; it reads piece by piece.
type patience struct {
	r     io.Reader
	until time.Time
}

func (p patience) Read(b []byte) (int, error) {
	if time.Now().After(p.until) {
		return 0, errSlow
	}
	return p.r.Read(b[:min(len(b), 4<<10)])
}

// parse calls gofeed, whose panics on hostile input are errors here.
func parse(doc []byte, until time.Time) (f *gofeed.Feed, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // for the ttl, which the common form lacks
	return p.Parse(patience{bytes.NewReader(doc), until})
}

// brokenAt returns where the XML of a document stops to be any, as the decoder
// under gofeed sees it.
func brokenAt(doc []byte) int {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.Strict = false
	for {
		if _, err := d.Token(); err != nil {
			return int(d.InputOffset())
		}
	}
}

// translate makes an Item of gofeed's. ok is false for one that has neither
// words nor a link.
func translate(it *gofeed.Item, base, lang string) (item Item, ok bool) {
	if it == nil {
		return Item{}, false
	}
	link := strings.TrimSpace(it.Link)
	if link == "" && strings.HasPrefix(it.GUID, "http") {
		link = it.GUID
	}
	item = Item{
		GUID: strings.TrimSpace(clean(it.GUID)), URL: absolute(base, link), Title: plain(it.Title, maxTitle), Lang: lang,
		Text: Text(it.Description), Image: absolute(base, image(it)),
		Published: date(it.PublishedParsed), Updated: date(it.UpdatedParsed),
	}
	if long := Text(it.Content); len(long) > len(item.Text) {
		item.Text = long
	}
	if item.Title == "" {
		item.Title = cmp.Or(firstSentence(item.Text), titleOf(item.URL))
	}
	if item.Published.IsZero() {
		item.Published = item.Updated
	}
	for _, c := range it.Categories {
		if c = plain(c, 100); c != "" && len(item.Categories) < maxCategories {
			item.Categories = append(item.Categories, c)
		}
	}
	return item, item.Title != ""
}

// date returns a feed's date in UTC, the zero time for one that no feed can
// mean: those outside of years 1 to 9999 cannot even be written as JSON.
func date(t *time.Time) time.Time {
	if t == nil || t.Year() < 1980 || t.Year() > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

// titleOf makes a title of the only thing that an item has, its link: the words
// at the end of the path, or the address.
func titleOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || link == "" {
		return ""
	}
	last := path.Base(strings.TrimSuffix(u.Path, "/"))
	words := strings.FieldsFunc(strings.TrimSuffix(last, path.Ext(last)), func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	if len(words) >= 3 {
		return plain(strings.Join(words, " "), maxTitle)
	}
	return plain(u.Host+u.Path, maxTitle)
}

func image(it *gofeed.Item) string {
	if it.Image != nil {
		return it.Image.URL
	}
	for _, e := range it.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			return e.URL
		}
	}
	for _, name := range []string{"thumbnail", "content"} {
		for _, m := range it.Extensions["media"][name] {
			if name == "thumbnail" || m.Attrs["medium"] == "image" || strings.HasPrefix(m.Attrs["type"], "image/") {
				return m.Attrs["url"]
			}
		}
	}
	return ""
}

// absolute resolves a reference; "" unless it is http or https then.
func absolute(base, ref string) string {
	ref = clean(strings.TrimSpace(ref))
	if ref == "" || len(ref) > maxURL {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		// A per cent sign that escapes nothing stands for itself.
		if u, err = url.Parse(strings.ReplaceAll(ref, "%", "%25")); err != nil {
			return ""
		}
	}
	if !u.IsAbs() {
		b, err := url.Parse(base)
		switch {
		case err == nil && b.Host != "":
			u = b.ResolveReference(u)
		case u.Host != "":
			u.Scheme = "https" // "//host/path"
		default:
			return ""
		}
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	u.User = nil
	return u.String()
}

// bare returns a URL without user and query, which may hold secrets that a
// reference like "#top" would inherit.
func bare(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	return u.String()
}

// language is the primary subtag of a language tag: "en" of "en-US".
func language(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	tag, _, _ = strings.Cut(tag, "_")
	if len(tag) < 2 || len(tag) > 3 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return tag
}

// minWait is how long a feed asks to be left alone: RSS's ttl and the
// syndication module's period.
func minWait(f *gofeed.Feed) time.Duration {
	var wait time.Duration
	if r, ok := f.OriginalFeed().(*rss.Feed); ok {
		var minutes int
		if _, err := fmt.Sscan(r.TTL, &minutes); err == nil {
			wait = seconds(min(max(minutes, 0), 1<<20) * 60)
		}
	}
	if p := f.Extensions["sy"]["updatePeriod"]; len(p) > 0 {
		period := map[string]time.Duration{
			"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": maxAsked, "monthly": maxAsked, "yearly": maxAsked,
		}[strings.ToLower(strings.TrimSpace(p[0].Value))]
		times := 1
		if n := f.Extensions["sy"]["updateFrequency"]; len(n) > 0 {
			fmt.Sscan(n[0].Value, &times)
		}
		wait = max(wait, period/time.Duration(max(times, 1)))
	}
	return wait
}
