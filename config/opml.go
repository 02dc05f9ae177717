package config

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"

	"newsdesk/news"
)

// maxOPML bounds what is read of an OPML file, in bytes.
const maxOPML = 16 << 20

// opmlSpace is the namespace of the attributes that OPML has no word for.
// Other readers skip them.
const opmlSpace = "urn:newsdesk:opml"

// ImportOPML reads the feeds of an OPML file, however deep their folders are.
// A source's kind is that of its category, or of the folder nearest to it
// that is named like a kind ("Research", "AI labs"), else press. Outlines that
// [ExportOPML] wrote keep their id and authority, and those of one id are one
// source. A feed that is listed twice is read once.
//
// The error names the line of everything that could not be read. The sources
// that could are returned beside it.
func ImportOPML(r io.Reader) ([]news.Source, error) {
	limited := &io.LimitedReader{R: r, N: maxOPML}
	d := xml.NewDecoder(limited)
	d.Strict = false // "&" without an entity is common in titles
	d.CharsetReader = charset.NewReaderLabel
	im := importer{ids: map[string]int{}, feeds: map[string]bool{}}
	root := false
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			line, _ := d.InputPos()
			text := err.Error()
			if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
				line, text = e.Line, e.Msg
			}
			im.fail(line, "no XML: %s", text)
			break
		}
		line, _ := d.InputPos()
		switch t := tok.(type) {
		case xml.StartElement:
			if !root && t.Name.Local != "opml" {
				return nil, fmt.Errorf("line %d: the file begins with <%s>: want <opml>", line, t.Name.Local)
			}
			root = true
			if t.Name.Local == "outline" {
				im.outline(t, line)
			}
		case xml.EndElement:
			if t.Name.Local == "outline" && len(im.folders) > 0 {
				im.folders = im.folders[:len(im.folders)-1]
			}
		}
	}
	switch {
	case limited.N <= 0:
		im.errs = append(im.errs, fmt.Errorf("more than %d bytes", maxOPML))
	case !root && len(im.errs) == 0:
		im.errs = append(im.errs, errors.New("the file is empty: want <opml>"))
	}
	return im.sources, errors.Join(im.errs...)
}

type importer struct {
	sources []news.Source
	ids     map[string]int // id -> index in sources
	feeds   map[string]bool
	folders []string // names of the outlines around the next one
	errs    []error
}

func (im *importer) fail(line int, format string, args ...any) {
	im.errs = append(im.errs, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
}

func (im *importer) outline(t xml.StartElement, line int) {
	get := func(names ...string) string {
		for _, name := range names {
			for _, a := range t.Attr {
				if strings.EqualFold(a.Name.Local, name) && strings.TrimSpace(a.Value) != "" {
					return strings.TrimSpace(a.Value)
				}
			}
		}
		return ""
	}
	name, feed := get("title", "text"), get("xmlUrl")
	if feed == "" && strings.EqualFold(get("type"), "rss") {
		feed = get("url")
	}
	around := im.folders
	im.folders = append(im.folders, name)
	if feed == "" {
		return
	}
	// The scheme that browsers once used for "subscribe".
	if rest, ok := strings.CutPrefix(feed, "feed:"); ok {
		feed = rest
		if strings.HasPrefix(rest, "//") {
			feed = "http:" + rest
		}
	}
	if err := checkFeed(feed); err != nil {
		im.fail(line, "xmlUrl of %q: %v", name, err)
		return
	}
	if im.feeds[feed] {
		return
	}
	im.feeds[feed] = true

	s := news.Source{
		ID: Slug(get("id")), Name: name, Kind: kindOf(get("category"), around), Site: get("htmlUrl"),
		Lang: get("language"), Authority: DefaultAuthority, Feeds: []string{feed},
	}
	if s.Name == "" {
		s.Name = hostOf(feed)
	}
	if i, known := im.ids[s.ID]; known && s.ID != "" {
		im.sources[i].Feeds = append(im.sources[i].Feeds, feed)
		return
	}
	if a, err := strconv.ParseFloat(get("authority"), 64); err == nil && a >= 0 && a <= 1 {
		s.Authority = a
	}
	if s.Lang == "" || strings.EqualFold(s.Lang, "unknown") {
		s.Lang = "en"
	}
	if checkFeed(s.Site) != nil {
		s.Site = "" // many programs write a relative link or nothing here
	}
	if s.ID == "" {
		s.ID = im.freeID(s)
	}
	im.ids[s.ID] = len(im.sources)
	im.sources = append(im.sources, s)
}

// freeID makes an id of the name that no source has yet.
func (im *importer) freeID(s news.Source) string {
	base := Slug(s.Name)
	if base == "" {
		base = Slug(hostOf(s.Feeds[0]))
	}
	if base == "" {
		base = "source"
	}
	id := base
	for n := 2; ; n++ {
		if _, taken := im.ids[id]; !taken {
			return id
		}
		id = base + "-" + strconv.Itoa(n)
	}
}

func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(host, "www.")
}

// kindOf finds a kind in OPML's category ("/Tech/Research,AI") or in the
// names of the folders, the nearest first.
func kindOf(category string, folders []string) news.Kind {
	words := strings.FieldsFunc(category, func(c rune) bool { return c == ',' || c == '/' })
	for _, f := range slices.Backward(folders) {
		words = append(words, f)
	}
	for _, w := range words {
		for part := range strings.FieldsSeq(strings.ToLower(w)) {
			for _, k := range news.Kinds {
				if part == string(k) || part == string(k)+"s" {
					return k
				}
			}
		}
	}
	return news.Press
}

// ExportOPML writes sources as OPML 2.0, one folder for each kind and one
// outline for each feed.
func ExportOPML(w io.Writer, sources []news.Source) error {
	type outline struct {
		XMLName   xml.Name  `xml:"outline"`
		Text      string    `xml:"text,attr"`
		Title     string    `xml:"title,attr,omitempty"`
		Type      string    `xml:"type,attr,omitempty"`
		XMLURL    string    `xml:"xmlUrl,attr,omitempty"`
		HTMLURL   string    `xml:"htmlUrl,attr,omitempty"`
		Language  string    `xml:"language,attr,omitempty"`
		Category  string    `xml:"category,attr,omitempty"`
		ID        string    `xml:"newsdesk:id,attr,omitempty"`
		Authority string    `xml:"newsdesk:authority,attr,omitempty"`
		Outlines  []outline `xml:"outline"`
	}
	var file struct {
		XMLName xml.Name  `xml:"opml"`
		Version string    `xml:"version,attr"`
		Space   string    `xml:"xmlns:newsdesk,attr"`
		Title   string    `xml:"head>title"`
		Folders []outline `xml:"body>outline"`
	}
	file.Version, file.Space, file.Title = "2.0", opmlSpace, "Newsdesk sources"
	for _, k := range news.Kinds {
		folder := outline{Text: string(k)}
		for _, s := range sources {
			for _, f := range s.Feeds {
				if s.Kind == k {
					folder.Outlines = append(folder.Outlines, outline{
						Text: s.Name, Title: s.Name, Type: "rss", XMLURL: f, HTMLURL: s.Site, Language: s.Lang, Category: "/" + string(k),
						ID: s.ID, Authority: strconv.FormatFloat(s.Authority, 'g', -1, 64),
					})
				}
			}
		}
		if len(folder.Outlines) > 0 {
			file.Folders = append(file.Folders, folder)
		}
	}
	text, err := xml.MarshalIndent(file, "", "  ")
	if err != nil {
		return fmt.Errorf("export OPML: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}
