package feed

import (
	"encoding/xml"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const feedURL = "https://outlet.example/feed?token=secret"

func utf16(s string) string {
	b := []byte("\xff\xfe")
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

func TestParseSavesWhatItCan(t *testing.T) {
	const declared, jsonHead = `<?xml version="1.0" encoding="iso-8859-1"?>`, `{"version":"https://jsonfeed.org/version/1.1","title":"J",`
	bare := func(items ...string) string { return strings.TrimPrefix(rssDoc(items...), `<?xml version="1.0"?>`) }
	tests := []struct {
		name    string
		doc     string
		titles  []string
		warning string
	}{
		{"undeclared windows-1252", bare("<item><title>Caf\xe9 \x93quoted\x94</title></item>"), []string{"Café “quoted”"}, "the feed does not declare its encoding; it was read as windows-1252"},
		{"declared latin-1", declared + bare("<item><title>Caf\xe9</title></item>"), []string{"Café"}, ""},
		{"declared latin-1 that is UTF-8", declared + bare("<item><title>Café</title></item>"), []string{"Café"}, ""},
		{"UTF-16", utf16(`<?xml version="1.0" encoding="utf-16"?>` + bare("<item><title>Café</title></item>")), []string{"Café"}, ""},
		{"a byte order mark", "\xef\xbb\xbf" + rssDoc("<item><title>A</title></item>"), []string{"A"}, ""},
		{"UTF-8 with a bad byte", bare("<item><title>Größe, Café \xff über</title></item>"), []string{"Größe, Café über"}, "the feed holds bytes that are no UTF-8; they were left out"},
		{"cut inside a rune", bare("<item><title>Größe</title></item>")[:len(bare(""))-len("</channel></rss>")] + "<item><title>Größe</title></item><item><title>Gr\xc3", []string{"Größe"}, "1 item read: it is cut short"},
		{"control characters", rssDoc("<item><title>a\x01b \ufffe&#x1F;c&#0;</title></item>"), []string{"ab c"}, ""},
		{"a stray <", rssDoc("<item><title>a < b</title></item>", "<item><title>c</title></item>"), []string{"c"}, "1 malformed item left out"},
		{"malformed items", rssDoc("<item><title>a</title><x <y></item>", "<item><title>b</title></item>", "<item><p <q></item>", "<item><title>c</title></item>"), []string{"b", "c"}, "2 malformed items left out"},
		{"a prolog longer than gofeed looks", "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x '>'>]><!--" + strings.Repeat("x", 5000) + "-->" + bare("<item><title>A</title></item>"), []string{"A"}, ""},
		{"entities of HTML", rssDoc("<item><title>A&nbsp;&mdash;&eacute;</title></item>"), []string{"A —é"}, ""},
		{"only a link", rssDoc("<item><link>https://outlet.example/2025/open-weights-arrive-today.html</link></item>", "<item><link>/x/1</link></item>"), []string{"open weights arrive today", "outlet.example/x/1"}, ""},
		{"only a GUID", rssDoc("<item><guid>1</guid></item>", "<item><title>A</title></item>"), []string{"A"}, "1 item without title and link left out"},
		{"only text", rssDoc("<item><description>Dr. Smith of Acme Inc. paid 3.5 million. More.</description></item>"), []string{"Dr. Smith of Acme Inc. paid 3.5 million."}, ""},
		{"Chinese text", rssDoc("<item><description>新模型发布。更多</description></item>"), []string{"新模型发布。"}, ""},
		{"RSS 1.0", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>R</title></channel><item><title>A</title></item></rdf:RDF>`, []string{"A"}, ""},
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">&lt;b&gt;A&lt;/b&gt;</title></entry></feed>`, []string{"A"}, ""},
		{"Atom, cut short", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title></entry><entry><title>B</ti`, []string{"A"}, "1 item read: it is cut short"},
		{"an empty item", "<rss><channel><item/><item><title>A</title></item></channel></rss>", []string{"A"}, "1 item without title and link left out"},
		{"nesting", rssDoc("<item><title>A</title></item>", "<item><title>B</title>"+strings.Repeat("<x:y>", 300)+strings.Repeat("</x:y>", 300)+"</item>"), []string{"A"}, "1 item read: it nests elements deeper than 200"},
		{"JSON Feed, nesting", jsonHead + `"items":[{"title":"A"},{"title":"B","x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}]}", []string{"A"}, "1 item read: it nests elements deeper than 200"},
		{"JSON Feed", jsonHead + `"items":[{"id":"1","title":"A"},{"id":"2","content_html":"<html>B</html>"}]}`, []string{"A", "B"}, ""},
		{"JSON Feed, cut short", jsonHead + `"items":[{"id":"1","title":"A,]}"},{"id":"2","title":"B`, []string{"A,]}"}, "1 item read: it is cut short"},
		{"JSON Feed, cut after its items", jsonHead + `"items":[{"id":"1","title":"A"}],"authors":[{"na`, []string{"A"}, "1 item read: it is cut short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Parse([]byte(tt.doc), "", feedURL, 100)
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, it := range r.Items {
				titles = append(titles, it.Title)
			}
			if !slices.Equal(titles, tt.titles) || r.Warning != tt.warning {
				t.Errorf("%q, warning %q; want %q, %q", titles, r.Warning, tt.titles, tt.warning)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for doc, want := range map[string]string{
		"": "the body is empty",
		"<!-- a page --><!DOCTYPE html><title>x</title><link rel=alternate type=application/atom+xml href=/atom>": "a web page, not a feed; its feed is https://outlet.example/atom",
		"<?xml version='1.0'?><html><body></body></html>":                                                         "a web page, not a feed",
		"<html><head><link rel=alternate type=application/rss+xml href='#top'>":                                   "its feed is https://outlet.example/feed#top",
		"<opml><body/></opml>": "XML, but no feed: it begins with <opml>",
		"<!-- only -->":        "no XML element",
		`{"error":"no"}`:       "JSON, but no JSON Feed",
		"[1]":                  "neither XML nor JSON",
	} {
		if _, err := Parse([]byte(doc), "", feedURL, 10); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q", doc, err, want)
		}
	}
}

// Hostile documents cost seconds and megabytes, not minutes and gigabytes.
func TestParseIsBounded(t *testing.T) {
	const head, tail = "<rss><channel>", "</channel></rss>"
	const one = "<item><title>A</title></item>"
	for name, doc := range map[string]string{
		"empty items":            head + strings.Repeat("<item/>", 300_000) + tail,
		"items":                  head + strings.Repeat("<ITEM><title>A</title></ITEM>", 300_000) + tail,
		"nesting":                head + one + strings.Repeat("<a>", 3_600_000),
		"extensions":             head + one + "<item><title>B</title>" + strings.Repeat("<x:y/>", 1_700_000) + "</item>" + tail,
		"attributes":             head + one + "<item " + strings.Repeat(`a="" `, 2_000_000) + "/>" + tail,
		"comments":               head + one + strings.Repeat("<!---->", 1_400_000) + tail,
		"a directive that hides": "<rss><!D '>' \"<!--\" ><channel>" + strings.Repeat(one, 300_000) + tail,
		"an inner declaration":   head + one + `<?xml version="1.0" encoding="gbk"?>` + strings.Repeat(one, 300_000) + tail,
		"entities":               "<!DOCTYPE r [<!ENTITY a '" + strings.Repeat("a", 10_000) + "'>]>" + head + "<item><title>A " + strings.Repeat("&a;", 100_000) + "</title></item>" + tail,
		"JSON items":             `{"version":"https://jsonfeed.org/version/1.1","items":[{"title":"A"}` + strings.Repeat(",{}", 3_000_000) + "]}",
		"JSON items, twice":      `{"version":"https://jsonfeed.org/version/1.1","x":[{"title":"A"}],"items":[{"title":"A"}` + strings.Repeat(",{}", 3_000_000) + "]}",
		"JSON nesting":           `{"version":"https://jsonfeed.org/version/1.1","items":[{"title":"A"},` + strings.Repeat("[", 5_000_000),
		"JSON attachments":       `{"version":"https://jsonfeed.org/version/1.1","items":[{"title":"A"},{"attachments":[{}` + strings.Repeat(",{}", 3_000_000) + "]}]}",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			r, err := Parse([]byte(doc), "", "", 500)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			mib := (after.TotalAlloc - before.TotalAlloc) >> 20
			if err != nil || len(r.Items) > 500 || took > 5*time.Second || mib > 300 {
				t.Errorf("%d items, %q, %v in %v and %d MiB", len(r.Items), r.Warning, err, took, mib)
			}
			if err == nil && len(r.Items) > 0 && !strings.HasPrefix(r.Items[0].Title, "A") {
				t.Errorf("the first item is %q", r.Items[0].Title)
			}
		})
	}
}

// gofeed takes quadratic time where an element's text comes in pieces.
func TestParseEndsInTime(t *testing.T) {
	doc := "<rss><channel><item><x:y>" + strings.Repeat("aaaaaaaaaaaaaaaaaaaaa<!---->", 300_000) + "</x:y></item></channel></rss>"
	began := time.Now()
	_, err := parse([]byte(doc), began.Add(300*time.Millisecond))
	if took := time.Since(began); err == nil || took > 5*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

func TestParseItems(t *testing.T) {
	doc := rssDoc("<item><title>Evil \u202egnp.exe</title><category>x\u202ey</category>"+`<link>javascript:alert(1)</link><guid>http://outlet.example/g</guid>
		<category> </category><pubDate>Mon, 01 Jan 0000 00:00:00 +1400</pubDate></item>`,
		`<item><title>B</title><link>//cdn.example/100%-off</link><enclosure url="/i.png" type="image/png"/><pubDate>2025-04-28 09:00</pubDate></item>`,
		`<item><title>C</title><link>https://u:p@outlet.example/c</link><description>`+strings.Repeat("word ", 20_000)+`</description></item>`,
		`<item><title>D</title><link>https://outlet.example/`+strings.Repeat("d", 5000)+`</link></item>`)
	r, err := Parse([]byte(doc), "", feedURL, 10)
	if err != nil || len(r.Items) != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	a, b, c, d := r.Items[0], r.Items[1], r.Items[2], r.Items[3]
	if a.Title != "Evil gnp.exe" || a.URL != "" || !slices.Equal(a.Categories, []string{"xy"}) || !a.Published.IsZero() {
		t.Errorf("a: %+v", a)
	}
	if b.URL != "https://cdn.example/100%25-off" || b.Image != "https://outlet.example/i.png" || b.Published.Format("2006-01-02T15:04") != "2025-04-28T09:00" {
		t.Errorf("b: %+v", b)
	}
	if c.URL != "https://outlet.example/c" || len(c.Text) > maxText || len(c.Text) < maxText-10 {
		t.Errorf("c: %s, %d bytes of text", c.URL, len(c.Text))
	}
	if d.URL != "" {
		t.Errorf("d: a URL of %d bytes", len(d.URL))
	}
	// Without a site, links are relative to the feed, whose token stays there.
	r, err = Parse([]byte("<rss><channel><item><title>A</title><link>#v1</link></item></channel></rss>"), "", feedURL, 10)
	if err != nil || r.Items[0].URL != "https://outlet.example/feed#v1" {
		t.Errorf("%+v, %v", r.Items, err)
	}
}

func TestMinWait(t *testing.T) {
	const sy = `<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>`
	for doc, want := range map[string]time.Duration{
		"<rss><channel><ttl>90</ttl></channel></rss>":                                                             90 * time.Minute,
		"<rss><channel><ttl>soon</ttl></channel></rss>":                                                           0,
		"<rss><channel><ttl>99999999</ttl></channel></rss>":                                                       24 * time.Hour,
		sy + "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel></rss>": 6 * time.Hour,
		sy + "<sy:updatePeriod>hourly</sy:updatePeriod><ttl>30</ttl></channel></rss>":                             time.Hour,
	} {
		if r, err := Parse([]byte(doc), "", "", 10); err != nil || r.MinWait != want {
			t.Errorf("%s: %v, %v; want %v", doc, r.MinWait, err, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a < b & c":                      "a < b & c",
		"<p>a</p><p>b</p>":               "a b",
		"un<b>believ</b>able":            "unbelievable",
		"&lt;p&gt;twice&lt;/p&gt;":       "twice",
		"x<style>p{}</style>y":           "x y",
		"x<script>if (a<b) {}</script>":  "x",
		"evil\u202egnp.exe\u0000\u200b":  "evilgnp.exe",
		"R&amp;D &#8212; &quot;ok&quot;": `R&D — "ok"`,
		"line\nbreak\t  and   space\v.":  "line break and space .",
		"👩‍🔬 and \xff":                   "👩‍🔬 and",
		`End.\n\nNext in C:\new\n`:       `End. Next in C:\new`,
	} {
		if got := plain(in, 1000); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"<h2>Head</h2><p>One\ntwo.</p><ul><li>a</li><li>b</li></ul>": "Head\nOne two.\na\nb",
		"&lt;p&gt;twice&lt;/p&gt;&lt;p&gt;more&lt;/p&gt;":            "twice\nmore",
		"hard\nwrapped\n\nNext":                                      "hard wrapped\nNext",
		"a<br>b &#10; c":                                             "a b\nc",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	if got := plain(strings.Repeat("ä", 100), 11); got != "äääää" {
		t.Errorf("cut to %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rssDoc(many(3)...)))
	f.Add([]byte(rssDoc(many(3)...)[:500]))
	f.Add([]byte(rssDoc("<item><title>a < b</title></item>", "<item/>")))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"T"}]}`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="html">&lt;b&gt;T</title></entry></feed>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b, "", "https://outlet.example/feed", 50)
		if err != nil {
			return
		}
		if len(r.Items) > 50 || !utf8.ValidString(r.Warning) {
			t.Fatalf("%d items, %q", len(r.Items), r.Warning)
		}
		for _, it := range r.Items {
			text := fmt.Sprint(it.GUID, it.Title, it.Text, it.Categories)
			if it.Title == "" || it.URL != "" && !strings.HasPrefix(it.URL, "http") || !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\u202e\u2067") {
				t.Fatalf("item %+v", it)
			}
		}
	})
}

// FuzzScan holds the scan to what the decoder under gofeed meets: it may see
// more elements and items in what it lets pass, never fewer.
func FuzzScan(f *testing.F) {
	f.Add([]byte("<rss><!D '>' \"<!--\" ><item><a></b></item></rss>"))
	f.Add([]byte("<rss><item><![CDATA[<item>]]></item><?x ?><!-- > --></rss>"))
	f.Add([]byte("<rss a=b c='>'><item/><x y=\"'\"></item></rss>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		utf, _ := toUTF8(b, "")
		doc, name, _ := root(legal(utf))
		o := scan(doc, 1000)
		if name == "" || o.stop != nil {
			return
		}
		d := xml.NewDecoder(strings.NewReader(string(doc)))
		d.Strict = false
		depth, within, items := 0, 0, 0
		for {
			tok, err := d.Token()
			if err != nil {
				return
			}
			switch e := tok.(type) {
			case xml.StartElement:
				if depth++; depth > maxDepth {
					t.Fatalf("nesting of %d passed", depth)
				}
				if n := strings.ToLower(e.Name.Local); within == 0 && (n == "item" || n == "entry") {
					within = depth
					if items++; items > len(o.items) {
						t.Fatalf("the decoder met %d items, the scan %d", items, len(o.items))
					}
				}
			case xml.EndElement:
				if depth--; depth < within {
					within = 0
				}
			}
		}
	})
}

// A feed that does not say that it is in Windows-1251 is told by its bytes.
func TestUndeclaredCyrillic(t *testing.T) {
	const title = "Новая языковая модель вышла"
	body, err := charmap.Windows1251.NewEncoder().String(`<rss version="2.0"><channel><title>Новости</title><item><title>` + title + `</title><guid>1</guid></item></channel></rss>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, contentType := range []string{"", "text/xml; charset=windows-1251", "text/xml; charset=utf-8"} {
		r, err := Parse([]byte(body), contentType, "", 10)
		if err != nil || len(r.Items) != 1 || r.Items[0].Title != title || !strings.Contains(r.Warning, "windows-1251") {
			t.Errorf("%q: %+v, %v", contentType, r, err)
		}
	}
}
