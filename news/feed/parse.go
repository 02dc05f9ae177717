package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html/charset"
)

// Limits on what a document may ask of the parser.
const (
	maxDepth = 200      // of nested elements; real feeds with XHTML inside stay below 60
	maxText  = 64 << 10 // bytes of Item.Text
	maxTitle = 1 << 10  // bytes of Item.Title
)

// Parse reads one document of RSS, RDF, Atom or JSON Feed. contentType is that
// of HTTP, base the URL it came from; both may be empty. At most maxItems
// items are read, from the first on. A document that ends too early yields the
// items before the break, with a Warning. The error's text is for people.
func Parse(body []byte, contentType, base string, maxItems int) (Response, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return Response{}, errors.New("the body is empty")
	}
	if isHTML(body) {
		return Response{}, errors.New(htmlReason(body, base))
	}
	var warning string
	if body[0] == '<' {
		var err error
		if body, warning, err = prepare(body, contentType, maxItems); err != nil {
			return Response{}, err
		}
	}
	parsed, err := parse(body)
	if err != nil && body[0] == '<' {
		whole, n := repair(body, -1)
		if n > 0 {
			if parsed, err = parse(whole); err == nil {
				warning = join(warning, fmt.Sprintf("the feed is cut short or malformed; its first %d items were read", n))
			}
		}
	}
	if err != nil {
		return Response{}, fmt.Errorf("the body is no feed that can be read: %w", err)
	}
	r := Response{Title: plain(parsed.Title, maxTitle), Lang: language(parsed.Language), Warning: warning, MinWait: minWait(parsed)}
	r.Site = absolute(base, parsed.Link)
	dropped := 0
	for i, it := range parsed.Items {
		if i == maxItems {
			r.Warning = join(r.Warning, fmt.Sprintf("only the first %d of %d items were read", maxItems, len(parsed.Items)))
			break
		}
		item, ok := translate(it, cmp.Or(r.Site, base), r.Lang)
		if !ok {
			dropped++
			continue
		}
		r.Items = append(r.Items, item)
	}
	if dropped > 0 {
		r.Warning = join(r.Warning, fmt.Sprintf("%d items have neither a title nor a link and were left out", dropped))
	}
	return r, nil
}

// prepare bounds an XML document and makes it UTF-8 where it lies about its
// encoding.
func prepare(body []byte, contentType string, maxItems int) ([]byte, string, error) {
	var warning string
	if !utf8.Valid(body) && !declaresOther(body) {
		_, params, _ := mime.ParseMediaType(contentType)
		name := params["charset"]
		if name == "" || strings.EqualFold(name, "utf-8") {
			name = "windows-1252" // what undeclared bytes on the web are, by the WHATWG encoding standard
		}
		if r, err := charset.NewReaderLabel(name, bytes.NewReader(body)); err == nil {
			var b bytes.Buffer
			if _, err := b.ReadFrom(r); err == nil {
				body = b.Bytes()
				warning = fmt.Sprintf("the feed does not declare its encoding; it was read as %s", strings.ToLower(name))
			}
		}
	}
	shape := scan(body, maxItems)
	if shape.deep {
		return nil, "", fmt.Errorf("the document nests elements deeper than %d", maxDepth)
	}
	if shape.more {
		var n int
		body, n = repair(body, maxItems)
		warning = join(warning, fmt.Sprintf("only the first %d items were read", n))
	}
	return body, warning, nil
}

// declaresOther reports whether an XML declaration names an encoding that is
// not UTF-8: then the parser decodes it.
func declaresOther(body []byte) bool {
	head := strings.ToLower(string(body[:min(len(body), 200)]))
	decl, _, ok := strings.Cut(head, "?>")
	_, enc, ok2 := strings.Cut(decl, "encoding=")
	return ok && ok2 && len(enc) > 1 && !strings.HasPrefix(enc[1:], "utf-8")
}

// parse calls gofeed, whose panics on hostile input are errors here.
func parse(body []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // for the ttl, which the common form lacks
	return p.Parse(bytes.NewReader(body))
}

func isHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 512)])
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html")) ||
		bytes.Contains(head, []byte("<html")) && !bytes.Contains(head, []byte("<rss")) && !bytes.Contains(head, []byte("<feed"))
}

// translate makes an Item of gofeed's. ok is false for one that says nothing.
func translate(it *gofeed.Item, base, lang string) (Item, bool) {
	link := strings.TrimSpace(it.Link)
	if link == "" && strings.HasPrefix(it.GUID, "http") {
		link = it.GUID
	}
	item := Item{
		GUID: clean(strings.TrimSpace(it.GUID)), URL: absolute(base, link), Title: plain(it.Title, maxTitle), Lang: lang,
		Text: plain(it.Description, maxText), Image: absolute(base, image(it)), Categories: it.Categories,
	}
	if long := plain(it.Content, maxText); len(long) > len(item.Text) {
		item.Text = long
	}
	if item.Title == "" {
		item.Title = firstSentence(item.Text)
	}
	if it.PublishedParsed != nil {
		item.Published = it.PublishedParsed.UTC()
	}
	if it.UpdatedParsed != nil {
		item.Updated = it.UpdatedParsed.UTC()
		if item.Published.IsZero() {
			item.Published = item.Updated
		}
	}
	return item, item.Title != "" // a link without a single word tells no news
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
	if ref == "" {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	if !u.IsAbs() {
		b, err := url.Parse(base)
		if err != nil || b.Host == "" {
			return ""
		}
		u = b.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	u.User = nil
	return u.String()
}

// language is the primary subtag of a language tag: "en" of "en-US".
func language(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	tag, _, _ = strings.Cut(tag, "_")
	if len(tag) < 2 || len(tag) > 3 {
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
