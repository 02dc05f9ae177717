package newstest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/news/feed"
)

const smallWeb = `
-- /feed.xml --
HTTP/1.1 200 OK
Content-Type: application/rss+xml
Last-Modified: Mon, 28 Apr 2025 09:00:00 GMT

<rss version="2.0"><channel><title>Outlet</title><item><title>One</title><guid>1</guid></item></channel></rss>
-- /old --
HTTP/1.1 301 Moved Permanently
Location: /feed.xml

-- /plain --
only a body
-- /page?n=2 --
second
-- /page --
first
-- /cut --
HTTP/1.1 200 OK
Content-Length: 500

less than that
-- /bare --
HTTP/1.1 200 OK
ETag:

no validators
-- /busy --
HTTP/1.1 503 Service Unavailable
Retry-After: 60

later
`

func ask(t *testing.T, url string, header ...string) (*http.Response, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

func TestWebAnswersAsWritten(t *testing.T) {
	s := Web(t, smallWeb)
	for _, tt := range []struct {
		path   string
		status int
		body   string // part of it
		header string // one line that is there
	}{
		{"/feed.xml", 200, "<title>Outlet</title>", "Content-Type: application/rss+xml"},
		{"/old", 301, "", "Location: /feed.xml"},
		{"/plain", 200, "only a body", ""},
		{"/page?n=2", 200, "second", ""},
		{"/page?n=3", 200, "first", ""},
		{"/busy", 503, "later", "Retry-After: 60"},
		{"/none", 404, "", ""},
	} {
		res, body, err := ask(t, s.URL+tt.path)
		if err != nil || res.StatusCode != tt.status || !strings.Contains(body, tt.body) {
			t.Errorf("%s: %v %q, %v; want %d %q", tt.path, res, body, err, tt.status, tt.body)
			continue
		}
		if name, value, ok := strings.Cut(tt.header, ": "); ok && res.Header.Get(name) != value {
			t.Errorf("%s: %s is %q, want %q", tt.path, name, res.Header.Get(name), value)
		}
	}
	if _, body, err := ask(t, s.URL+"/cut"); err == nil {
		t.Errorf("/cut ended cleanly with %q", body)
	}
}

func TestWebIsConditional(t *testing.T) {
	s := Web(t, smallWeb)
	res, _, err := ask(t, s.URL+"/feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	etag, date := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if etag == "" || date == "" {
		t.Fatalf("no validators: %v", res.Header)
	}
	for _, tt := range []struct {
		name   string
		header []string
		want   int
	}{
		{"the ETag", []string{"If-None-Match", etag}, 304},
		{"a weak ETag", []string{"If-None-Match", "W/" + etag}, 304},
		{"the date", []string{"If-Modified-Since", date}, 304},
		{"another ETag, the same date", []string{"If-None-Match", `"x"`, "If-Modified-Since", date}, 200},
		{"nothing", nil, 200},
	} {
		if res, _, err := ask(t, s.URL+"/feed.xml", tt.header...); err != nil || res.StatusCode != tt.want {
			t.Errorf("%s: %v, %v; want %d", tt.name, res, err, tt.want)
		}
	}
	s.Set("/feed.xml", "<rss/>")
	if res, _, err := ask(t, s.URL+"/feed.xml", "If-None-Match", etag); err != nil || res.StatusCode != 200 {
		t.Errorf("a new version under the old ETag: %v, %v", res, err)
	}
	if res, _, err := ask(t, s.URL+"/bare"); err != nil || res.Header["Etag"] != nil {
		t.Errorf("an empty ETag header: %v, %v", res, err)
	}
	if n := s.Requests("/feed.xml"); n != 7 {
		t.Errorf("%d requests were counted, want 7", n)
	}
}

func TestWebHangs(t *testing.T) {
	s := Web(t, smallWeb)
	s.Hang("/feed.xml")
	f := feed.New(feed.Options{AllowPrivate: true, Timeout: 100 * time.Millisecond})
	if r, err := f.Fetch(t.Context(), feed.Request{URL: s.URL + "/feed.xml"}); err == nil {
		t.Errorf("a path that hangs answered %+v", r)
	}
	s.Set("/feed.xml", "<rss><channel><item><title>T</title></item></channel></rss>")
	patient := feed.New(feed.Options{AllowPrivate: true})
	if r, err := patient.Fetch(t.Context(), feed.Request{URL: s.URL + "/feed.xml"}); err != nil || len(r.Items) != 1 {
		t.Errorf("after Set: %+v, %v", r, err)
	}
	if n := s.Requests("/feed.xml"); n != 2 {
		t.Errorf("%d requests were counted, want 2", n)
	}
}
