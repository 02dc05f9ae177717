package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"newsdesk/news"
)

// The elements of RFC 4287 that the feed uses.
type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Author    atomPerson  `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Entries   []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published"`
	Links      []atomLink     `xml:"link"`
	Authors    []atomPerson   `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary"`
	Content    string         `xml:"content,omitempty"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// atom answers GET /feed.atom: the stories that the filters select.
func (s *Server) atom(w http.ResponseWriter, r *http.Request) error {
	q, err := storyQuery(r.URL.Query(), s.o.Now())
	if err != nil {
		return err
	}
	res, err := s.o.Desk.Search(r.Context(), q)
	if err != nil {
		return err
	}
	body, err := xml.MarshalIndent(s.feedOf(res, r), "", " ")
	if err != nil {
		return fmt.Errorf("write the feed: %w", err)
	}
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	fmt.Fprintf(w, "%s%s\n", xml.Header, body)
	return nil
}

func (s *Server) feedOf(res news.Result, r *http.Request) atomFeed {
	here := origin(r)
	filters := r.URL.Query()
	filters.Del("token") // a token must not travel on in a reader's database
	self := here + "/feed.atom"
	if len(filters) > 0 {
		self += "?" + filters.Encode()
	}
	f := atomFeed{
		ID: uuid("feed", filters.Encode()), Title: "Newsdesk",
		Author: atomPerson{"Newsdesk"}, Generator: "Newsdesk",
		Links: []atomLink{{"self", "application/atom+xml", self}, {"alternate", "text/html", here + "/"}},
	}
	var newest time.Time
	for _, st := range res.Stories {
		if st.Updated.After(newest) {
			newest = st.Updated
		}
		f.Entries = append(f.Entries, entryOf(st, here))
	}
	// An empty feed needs a date too, and one that does not move.
	f.Updated = newest.UTC().Format(time.RFC3339)
	if newest.IsZero() {
		f.Updated = time.Unix(0, 0).UTC().Format(time.RFC3339)
	}
	return f
}

func entryOf(st news.Story, here string) atomEntry {
	page := here + "/stories/" + url.PathEscape(st.ID)
	e := atomEntry{
		ID: uuid("story", st.ID), Title: st.Headline,
		Updated: st.Updated.UTC().Format(time.RFC3339), Published: st.First.UTC().Format(time.RFC3339),
		Summary: strings.TrimSpace(fmt.Sprintf("[%d, %s] %s", st.Impact, st.Status.Value, st.Brief.Standfirst)),
		Content: strings.Join(st.Brief.Body, "\n\n"),
	}
	if webURL(st.URL) {
		e.Links = []atomLink{{"alternate", "text/html", st.URL}, {"related", "text/html", page}}
	} else {
		e.Links = []atomLink{{"alternate", "text/html", page}}
	}
	for _, t := range st.Topics {
		e.Categories = append(e.Categories, atomCategory{t})
	}
	for _, o := range st.Sources {
		e.Authors = append(e.Authors, atomPerson{o})
	}
	return e
}

// webURL reports whether s is an absolute http or https address.
func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// uuid names a thing for ever, wherever this server stands (RFC 9562, version 8).
func uuid(kind, id string) string {
	b := sha256.Sum256([]byte("newsdesk " + kind + " " + id))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
