package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// newest is how many items a feed shows.
const newest = 20

// note stands in every feed.
const note = "Invented sample feed of the Newsdesk demo"

// Handler serves GET /feeds/<id>.xml: the source's feed as it stands at now(),
// newest item first, with ETag and Last-Modified. Each source has its own
// format, as outside: RSS, RDF, Atom or JSON Feed.
func Handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	for _, o := range outlets {
		mux.HandleFunc("GET /feeds/"+o.ID+".xml", func(w http.ResponseWriter, r *http.Request) {
			entries := visible(o.ID, now())
			body, contentType, err := o.render(entries)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			sum := sha256.Sum256(body)
			w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
			w.Header().Set("Content-Type", contentType)
			http.ServeContent(w, r, "", changed(entries), bytes.NewReader(body))
		})
	}
	return mux
}

// visible returns what the feed of a source shows at now.
func visible(source string, now time.Time) []entry {
	var shown []entry
	for _, e := range day() {
		if e.source == source && !e.at.After(now) {
			// An edit takes the place of what it edits, and that one's date.
			if i := slices.IndexFunc(shown, func(s entry) bool { return e.link != "" && s.link == e.link }); i >= 0 {
				e.dated = shown[i].dated
				shown = slices.Delete(shown, i, i+1)
			}
			shown = append(shown, e)
		}
	}
	slices.SortStableFunc(shown, func(a, b entry) int { return b.at.Compare(a.at) })
	return shown[:min(len(shown), newest)]
}

func changed(entries []entry) time.Time {
	if len(entries) == 0 {
		return time.Time{}
	}
	return entries[0].at
}

func (o outlet) render(entries []entry) (body []byte, contentType string, err error) {
	var feed any
	switch o.format {
	case jsonFeed:
		body, err = json.MarshalIndent(o.json(entries), "", "  ")
		return body, "application/feed+json", err
	case atom:
		feed, contentType = o.atom(entries), "application/atom+xml"
	case rdf:
		feed, contentType = o.rdf(entries), "application/rdf+xml"
	default:
		feed, contentType = o.rss(entries), "application/rss+xml"
	}
	body, err = xml.MarshalIndent(feed, "", "  ")
	if err != nil {
		return nil, "", fmt.Errorf("render %s: %w", o.ID, err)
	}
	return append([]byte(xml.Header), body...), contentType + "; charset=utf-8", nil
}

type rssGUID struct {
	Permalink string `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

type rssItem struct {
	Title       string   `xml:"title,omitempty"`
	Link        string   `xml:"link,omitempty"`
	GUID        *rssGUID `xml:"guid"`
	Date        string   `xml:"pubDate"`
	Creator     string   `xml:"dc:creator,omitempty"`
	Description string   `xml:"description"`
}

type rssFeed struct {
	XMLName     xml.Name  `xml:"rss"`
	Version     string    `xml:"version,attr"`
	DC          string    `xml:"xmlns:dc,attr"`
	Title       string    `xml:"channel>title"`
	Link        string    `xml:"channel>link"`
	Description string    `xml:"channel>description"`
	Language    string    `xml:"channel>language"`
	Built       string    `xml:"channel>lastBuildDate"`
	Items       []rssItem `xml:"channel>item"`
}

const dublinCore = "http://purl.org/dc/elements/1.1/"

func (o outlet) rss(entries []entry) rssFeed {
	f := rssFeed{
		Version: "2.0", DC: dublinCore, Title: o.Name, Link: o.Site, Description: note,
		Language: o.Lang, Built: changed(entries).Format(time.RFC1123Z),
	}
	for _, e := range entries {
		item := rssItem{Title: e.title, Link: e.link, Date: e.dated.Format(time.RFC1123Z), Creator: e.author, Description: e.body}
		if e.guid != "" {
			item.GUID = &rssGUID{fmt.Sprint(e.guid == e.link), e.guid}
		}
		f.Items = append(f.Items, item)
	}
	return f
}

type rdfItem struct {
	About       string `xml:"rdf:about,attr,omitempty"`
	Title       string `xml:"title,omitempty"`
	Link        string `xml:"link,omitempty"`
	Date        string `xml:"dc:date"`
	Description string `xml:"description"`
}

type rdfFeed struct {
	XMLName  xml.Name  `xml:"rdf:RDF"`
	RDF      string    `xml:"xmlns:rdf,attr"`
	DC       string    `xml:"xmlns:dc,attr"`
	Space    string    `xml:"xmlns,attr"`
	Base     string    `xml:"xml:base,attr"`
	Title    string    `xml:"channel>title"`
	Link     string    `xml:"channel>link"`
	Text     string    `xml:"channel>description"`
	Language string    `xml:"channel>dc:language"`
	Items    []rdfItem `xml:"item"`
}

func (o outlet) rdf(entries []entry) rdfFeed {
	f := rdfFeed{
		RDF: "http://www.w3.org/1999/02/22-rdf-syntax-ns#", DC: dublinCore, Space: "http://purl.org/rss/1.0/",
		Base: o.Site + "/", Title: o.Name, Link: o.Site, Text: note, Language: o.Lang,
	}
	for _, e := range entries {
		f.Items = append(f.Items, rdfItem{About: e.guid, Title: e.title, Link: e.link, Date: e.dated.Format(time.RFC3339), Description: e.body})
	}
	return f
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomEntry struct {
	ID        string     `xml:"id,omitempty"`
	Title     atomText   `xml:"title"`
	Links     []atomLink `xml:"link"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Author    string     `xml:"author>name,omitempty"`
	Content   atomText   `xml:"content"`
}

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Links    []atomLink  `xml:"link"`
	Updated  string      `xml:"updated"`
	Entries  []atomEntry `xml:"entry"`
}

func (o outlet) atom(entries []entry) atomFeed {
	f := atomFeed{
		Lang: o.Lang, ID: "tag:" + host(o.Site) + ",2025:feed", Title: o.Name, Subtitle: note,
		Links: []atomLink{{"alternate", o.Site + "/"}}, Updated: changed(entries).Format(time.RFC3339),
	}
	for _, e := range entries {
		a := atomEntry{
			ID: e.guid, Title: atomText{"html", e.title}, Published: e.dated.Format(time.RFC3339), Updated: e.at.Format(time.RFC3339),
			Author: e.author, Content: atomText{"html", e.body},
		}
		if e.link != "" {
			a.Links = []atomLink{{"alternate", e.link}}
		}
		f.Entries = append(f.Entries, a)
	}
	return f
}

type jsonItem struct {
	ID        string   `json:"id,omitempty"`
	URL       string   `json:"url,omitempty"`
	Title     string   `json:"title,omitempty"`
	HTML      string   `json:"content_html"`
	Published string   `json:"date_published"`
	Authors   []author `json:"authors,omitempty"`
}

type author struct {
	Name string `json:"name"`
}

type jsonDocument struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	HomePage    string     `json:"home_page_url"`
	Description string     `json:"description"`
	Language    string     `json:"language"`
	Items       []jsonItem `json:"items"`
}

func (o outlet) json(entries []entry) jsonDocument {
	f := jsonDocument{Version: "https://jsonfeed.org/version/1.1", Title: o.Name, HomePage: o.Site, Description: note, Language: o.Lang, Items: []jsonItem{}}
	for _, e := range entries {
		item := jsonItem{ID: e.guid, URL: e.link, Title: e.title, HTML: e.body, Published: e.dated.Format(time.RFC3339)}
		if e.author != "" {
			item.Authors = []author{{e.author}}
		}
		f.Items = append(f.Items, item)
	}
	return f
}

func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	return rest
}
