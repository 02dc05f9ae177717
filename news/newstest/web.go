package newstest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

// A Site is a small web on loopback, written down as one text, with knobs for
// what servers do to their readers. Its methods may be called at any time, from
// any goroutine, while requests run.
type Site struct {
	URL string // "http://127.0.0.1:port", without a trailing slash

	t     testing.TB
	ended chan struct{} // closed with the test: lets go of requests that hang

	mu    sync.Mutex
	pages map[string]page
	seen  map[string]int
}

// A page is what the site answers at one path.
type page struct {
	status int
	header http.Header
	body   []byte
	length int64 // the Content-Length that is claimed, -1 where none is
	hangs  bool
}

// Web serves a txtar archive over HTTP until the test ends. Every file is named
// by its path, with the query where that matters ("/feed.xml", "/f?page=2"), and
// holds a raw response:
//
//	-- /feed.xml --
//	HTTP/1.1 200 OK
//	Content-Type: application/rss+xml
//
//	<rss>...</rss>
//
// A file that does not begin with "HTTP/" is the body of a plain 200. A
// Content-Length above the body's breaks the connection where the body ends. A 200
// gets an ETag computed from its body unless it brings the header itself (an empty
// one: no ETag), and If-None-Match and If-Modified-Since are answered with 304.
// Anything else is a 404. An archive that cannot be read fails the test.
func Web(t testing.TB, archive string) *Site {
	t.Helper()
	s := &Site{t: t, ended: make(chan struct{}), pages: map[string]page{}, seen: map[string]int{}}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if !strings.HasPrefix(f.Name, "/") {
			t.Fatalf("web: the file %q is not named by a path: want one like /feed.xml", f.Name)
		}
		p, err := readPage(f.Data)
		if err != nil {
			t.Fatalf("web: %s: %v", f.Name, err)
		}
		s.pages[f.Name] = p
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		close(s.ended) // Close waits for requests that are under way
		server.Close()
	})
	s.URL = server.URL
	return s
}

// Set makes the path answer with a response, written as in the archive. A path
// that hung hangs no longer. A response that cannot be read fails the test and
// changes nothing.
func (s *Site) Set(path, response string) {
	s.t.Helper()
	p, err := readPage([]byte(response))
	if err != nil {
		s.t.Errorf("web: set %s: %v", path, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = p
}

// Hang makes every further request for the path wait, without an answer, until
// its client gives up or the test ends.
func (s *Site) Hang(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page{hangs: true}
}

// Requests returns how often the path was asked for, those answered with 304 or
// not at all included.
func (s *Site) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[path]
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := s.visit(r)
	switch {
	case !ok:
		http.NotFound(w, r)
		return
	case p.hangs:
		select {
		case <-r.Context().Done():
		case <-s.ended:
		}
		panic(http.ErrAbortHandler) // an ordinary return would answer 200
	}
	maps.Copy(w.Header(), p.header)
	if p.status == http.StatusOK && unchanged(r, p.header) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if p.length >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(p.length, 10))
	}
	w.WriteHeader(p.status)
	w.Write(p.body)
}

// visit counts a request and finds its page: the one of path and query, or of the
// path alone.
func (s *Site) visit(r *http.Request) (page, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.RequestURI()
	p, ok := s.pages[path]
	if !ok {
		path = r.URL.Path
		p, ok = s.pages[path]
	}
	s.seen[path]++
	return p, ok
}

// unchanged reports whether the reader has this version already. An ETag
// outranks a date (RFC 9110, 13.1.3).
func unchanged(r *http.Request, header http.Header) bool {
	if asked := r.Header.Get("If-None-Match"); asked != "" {
		etag := header.Get("ETag")
		return etag != "" && strings.TrimPrefix(asked, "W/") == strings.TrimPrefix(etag, "W/")
	}
	since := r.Header.Get("If-Modified-Since")
	return since != "" && since == header.Get("Last-Modified")
}

// readPage reads a response as the archive writes it.
func readPage(raw []byte) (page, error) {
	p := page{status: http.StatusOK, header: http.Header{}, body: raw, length: -1}
	if bytes.HasPrefix(raw, []byte("HTTP/")) {
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if err != nil {
			return page{}, fmt.Errorf("no HTTP response: %w", err)
		}
		defer res.Body.Close()
		p.status, p.header, p.length = res.StatusCode, res.Header, res.ContentLength
		p.header.Del("Content-Length")
		// A body that is shorter than claimed is what the archive wants.
		if p.body, err = io.ReadAll(res.Body); err != nil && err != io.ErrUnexpectedEOF {
			return page{}, fmt.Errorf("the body: %w", err)
		}
	}
	if _, own := p.header["Etag"]; !own && p.status == http.StatusOK {
		p.header.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(p.body))[:18]+`"`)
	} else if p.header.Get("ETag") == "" {
		p.header.Del("ETag")
	}
	return p, nil
}
