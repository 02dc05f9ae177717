package feed

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func rssDoc(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title><link>https://outlet.example/</link><language>en-GB</language>` +
		strings.Join(items, "") + `</channel></rss>`
}

func item(n int) string {
	return fmt.Sprintf(`<item><title>Title %d</title><link>/a/%d</link><guid>g%d</guid><pubDate>Mon, 28 Apr 2025 09:%02d:00 +0000</pubDate><description>Text %d.</description></item>`, n, n, n, n%60, n)
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = item(i)
	}
	return out
}

// serve answers every request with h and returns the server's URL.
func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func local() *Fetcher { return New(Options{AllowPrivate: true}) }

func TestFetchReadsAnItem(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Cache-Control", "public, max-age=1800")
		io.WriteString(w, rssDoc(`<item><title>A &amp;amp; <![CDATA[<b>B</b>]]></title><link>../a/1?x=1</link><guid isPermaLink="false">g</guid>
			<pubDate>Mon, 28 Apr 2025 09:00:00 +0200</pubDate><description>&lt;p&gt;One.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;Two &amp;mdash; three.&lt;/p&gt;</description></item>`))
	})
	r, err := local().Fetch(t.Context(), Request{URL: url})
	if err != nil || len(r.Items) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	want := Item{GUID: "g", URL: "https://outlet.example/a/1?x=1", Title: "A & B", Text: "One.\nTwo — three.", Lang: "en", Published: time.Date(2025, 4, 28, 7, 0, 0, 0, time.UTC)}
	got := r.Items[0]
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("item %+v\nwant %+v", got, want)
	}
	if r.ETag != `"1"` || r.MinWait != 30*time.Minute || r.Title != "Outlet" || r.Site != "https://outlet.example/" || r.Warning != "" {
		t.Errorf("response %+v", r)
	}
}

func TestFetchConditional(t *testing.T) {
	body, etag := rssDoc(item(1)), `"1"`
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		io.WriteString(w, body)
	})
	first, err := local().Fetch(t.Context(), Request{URL: url})
	if err != nil || first.NotModified {
		t.Fatal(first, err)
	}
	again := Request{URL: url, ETag: first.ETag, Hash: first.Hash}
	if r, err := local().Fetch(t.Context(), again); err != nil || !r.NotModified || r.ETag != etag || r.Hash != first.Hash {
		t.Errorf("with the same ETag: %+v, %v", r, err)
	}
	etag = ""
	if r, err := local().Fetch(t.Context(), again); err != nil || !r.NotModified {
		t.Errorf("with the same body: %+v, %v", r, err)
	}
	body = rssDoc(item(2), item(1))
	if r, err := local().Fetch(t.Context(), again); err != nil || r.NotModified || len(r.Items) != 2 {
		t.Errorf("with a new body: %+v, %v", r, err)
	}
}

func TestFetchBadFeeds(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	latin := strings.ReplaceAll(rssDoc(`<item><title>Caf`+"\xe9"+` `+"\x93"+`quoted`+"\x94"+`</title><guid>1</guid></item>`), `<?xml version="1.0"?>`, "")
	write := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) }
	}
	typed := func(ct, s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", ct); io.WriteString(w, s) }
	}
	tests := []struct {
		name    string
		serve   http.HandlerFunc
		items   int    // where it is read all the same
		warning string // part of it
		err     string // part of it
	}{
		{"a web page", write(`<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body></body></html>`), 0, "", "this is a web page, not a feed; its feed is http://127.0.0.1"},
		{"empty", write("  \n"), 0, "", "the body is empty"},
		{"not found", http.NotFound, 0, "", "404 Not Found"},
		{"text", write("hello"), 0, "", "no feed that can be read"},
		{"truncated", write(rssDoc(many(5)...)[:620]), 3, "3 items read: it is cut short", ""},
		{"truncated before the first item", write(rssDoc(item(1))[:160]), 0, "", "cut short, before its first item ends"},
		{"a gzip of nothing", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") }, 0, "", "the body is empty"},
		{"a 304 that was not asked for", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, 0, "", "304 Not Modified"},
		{"a redirect that is no URL", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://u:secret@h:bad/?token=secret")
			w.WriteHeader(http.StatusFound)
		}, 0, "", "redirected to what is no URL"},
		{"a redirect that loses the token", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/feed" {
				http.Redirect(w, r, "/to", http.StatusFound)
			} else if r.Referer() == "" {
				io.WriteString(w, rssDoc(item(1)))
			}
		}, 1, "", ""},
		{"the connection breaks", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			io.WriteString(w, rssDoc(many(5)...)[:620])
		}, 3, "the connection ended after 620 bytes", ""},
		{"windows-1252, undeclared", write(latin), 1, "read as windows-1252", ""},
		{"latin-1 by HTTP", typed("text/xml; charset=ISO-8859-1", latin), 1, "read as iso-8859-1", ""},
		{"latin-1, declared", write(`<?xml version="1.0" encoding="ISO-8859-1"?>` + latin), 1, "", ""},
		{"50 MB", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.TrimSuffix(rssDoc(many(3)...), "</channel></rss>"))
			for range 50 {
				io.WriteString(w, "<item><description>"+big+"</description></item>")
			}
			io.WriteString(w, "</channel></rss>")
		}, 12, "larger than 10485760 bytes", ""},
		{"100,000 items", write(rssDoc(many(100_000)...)), 500, "only the first 500 items", ""},
		{"11 MB of nesting", write("<rss><channel>" + strings.Repeat("<a>", 3<<20)), 0, "", "nests elements deeper than"},
		{"entity bomb", write(`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>` + rssDoc(`<item><title>T &c;</title><guid>1</guid></item>`)), 1, "", ""},
		{"no title, no link", write(rssDoc(item(1), `<item><guid>2</guid></item>`, `<item><description>Only text. More.</description></item>`)), 2, "1 item without title and link left out", ""},
		{"a gzip that is none", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "no gzip")
		}, 0, "", "no gzip"},
		{"a redirect for ever", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"/x", http.StatusFound) }, 0, "", "more than 5 redirects"},
		{"a redirect to a file", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, 0, "", "redirected to a file URL"},
		{"a server that hangs", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "", "no whole answer within"},
		{"a body that trickles", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}, 0, "", "empty"},
	}
	endless := map[string]bool{"a server that hangs": true, "a body that trickles": true}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, tt.serve)
			f := local()
			if endless[tt.name] {
				f = New(Options{AllowPrivate: true, Timeout: time.Second})
			}
			r, err := f.Fetch(t.Context(), Request{URL: url + "/feed?token=secret"})
			if tt.err != "" {
				var e *Error
				if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), url) {
					t.Fatalf("error %v, want one that names the URL and says %q", err, tt.err)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("error %v tells a secret", err)
				}
				return
			}
			if err != nil || len(r.Items) != tt.items || !strings.Contains(r.Warning, tt.warning) || tt.warning == "" && r.Warning != "" {
				t.Fatalf("%d items, warning %q, error %v; want %d items, warning %q", len(r.Items), r.Warning, err, tt.items, tt.warning)
			}
		})
	}
}

func TestFetchDecodes(t *testing.T) {
	body := rssDoc(many(3)...)
	pack := func(w io.WriteCloser) { io.WriteString(w, body); w.Close() }
	var gz, br, zs bytes.Buffer
	pack(gzip.NewWriter(&gz))
	pack(brotli.NewWriter(&br))
	z, _ := zstd.NewWriter(&zs)
	pack(z)
	var zl, fl bytes.Buffer
	pack(zlib.NewWriter(&zl))
	f, _ := flate.NewWriter(&fl, flate.BestSpeed)
	pack(f)
	for _, tt := range []struct {
		enc  string
		body []byte
	}{{"gzip", gz.Bytes()}, {"br", br.Bytes()}, {"zstd", zs.Bytes()}, {"deflate", zl.Bytes()}, {"deflate", fl.Bytes()}, {"identity", []byte(body)}} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", tt.enc)
			w.Write(tt.body)
		})
		if r, err := local().Fetch(t.Context(), Request{URL: url}); err != nil || len(r.Items) != 3 || r.Warning != "" {
			t.Errorf("%s: %d items, %q, %v", tt.enc, len(r.Items), r.Warning, err)
		}
	}
}

// A body that unpacks to gigabytes costs no more than the limit.
func TestFetchBomb(t *testing.T) {
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	for range 64 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(gz.Bytes())
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := local().Fetch(t.Context(), Request{URL: url})
	runtime.ReadMemStats(&after)
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; err == nil || mib > 100 {
		t.Errorf("64 MiB of zeros: %v, after %d MiB were allocated", err, mib)
	}
}

func TestFetchRefusesPrivateAddresses(t *testing.T) {
	asked := false
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked = true; io.WriteString(w, rssDoc(item(1))) })
	guarded := New(Options{Timeout: 2 * time.Second})
	for _, u := range []string{url, "http://localhost:80/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/"} {
		if _, err := guarded.Fetch(t.Context(), Request{URL: u}); err == nil || !strings.Contains(err.Error(), "private or special address") {
			t.Errorf("%s: %v, want it refused", u, err)
		}
	}
	if asked {
		t.Error("a private server was reached")
	}
}

func TestFetchErrorsOfTheNetwork(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	url := s.URL
	s.Close()
	if _, err := local().Fetch(t.Context(), Request{URL: url}); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed port: %v", err)
	}
	// Half a feed that was read when the context ended is not half a feed.
	ctx, cancel := context.WithCancel(t.Context())
	half := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, rssDoc(many(5)...)[:620])
		w.(http.Flusher).Flush()
		time.AfterFunc(100*time.Millisecond, cancel)
		<-r.Context().Done()
	})
	if r, err := local().Fetch(ctx, Request{URL: half}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %+v, %v", r, err)
	}
	if _, err := local().Fetch(t.Context(), Request{URL: "file:///etc/passwd"}); err == nil || !strings.Contains(err.Error(), "http or https only") {
		t.Errorf("a file URL: %v", err)
	}
	busy := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	var e *Error
	if _, err := local().Fetch(t.Context(), Request{URL: busy}); !errors.As(err, &e) || e.RetryAfter != 2*time.Minute || e.Status != 429 {
		t.Errorf("429: %+v", e)
	}
}

func TestFetchMoved(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/old", http.RedirectHandler("/new", http.StatusMovedPermanently))
	mux.Handle("/tmp", http.RedirectHandler("/new", http.StatusFound))
	mux.HandleFunc("/new", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, rssDoc(item(1))) })
	url := serve(t, mux.ServeHTTP)
	for path, want := range map[string]string{"/old": url + "/new", "/tmp": "", "/new": ""} {
		if r, err := local().Fetch(t.Context(), Request{URL: url + path}); err != nil || r.Moved != want {
			t.Errorf("%s: moved to %q, %v; want %q", path, r.Moved, err, want)
		}
	}
}
