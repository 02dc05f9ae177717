package feed

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// Options make a Fetcher. Zero fields have the defaults beside them.
type Options struct {
	AllowPrivate bool          // reach loopback and private addresses too
	Timeout      time.Duration // for one whole exchange, redirects included; 30 s
	MaxBytes     int64         // of a body, after decompression; 10 MiB
	MaxItems     int           // of a body; 500
	MaxRedirects int           // 5
	UserAgent    string        // "Newsdesk"
}

// A Fetcher reads feeds over HTTP. It is safe for concurrent use.
type Fetcher struct {
	o      Options
	client *http.Client
}

// A Request asks for one feed. The validators are those of the last Response.
type Request struct {
	URL          string
	ETag         string
	LastModified string
	Hash         string
}

// A Response is what a feed said.
type Response struct {
	NotModified  bool // 304, or the Request's Hash again: Items are empty, the validators go on
	Title        string
	Lang         string // the feed's own declaration
	Site         string // the home page it names
	Items        []Item // in the order of the feed
	ETag         string
	LastModified string
	Hash         string        // of the body
	Warning      string        // what was not clean, "" where all was
	Moved        string        // the new URL where every redirect was permanent
	MinWait      time.Duration // the longest wait that the feed or its server asks for
}

// An Error is why a feed could not be read. Its text is for people and holds
// no credentials of the URL.
type Error struct {
	URL        string // without user, password and query
	Status     int    // of HTTP, 0 where there was no answer
	RetryAfter time.Duration
	Gone       bool // the server says that the feed will not come back
	Reason     string
	Err        error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.URL, e.Reason)
}

func (e *Error) Unwrap() error { return e.Err }

// New makes a fetcher.
func New(o Options) *Fetcher {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 10 << 20
	}
	if o.MaxItems == 0 {
		o.MaxItems = 500
	}
	if o.MaxRedirects == 0 {
		o.MaxRedirects = 5
	}
	if o.UserAgent == "" {
		o.UserAgent = "Newsdesk"
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !o.AllowPrivate {
		// The guard sees the address after the name was resolved, on every
		// hop. Feeds on ports of their own are common enough (RSSHub: 1200).
		dialer.Control = ssrf.New(ssrf.WithAnyPort()).Safe
	}
	f := &Fetcher{o: o}
	f.client = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve names behind the guard's back
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // decoded here, under MaxBytes
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  o.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > o.MaxRedirects {
				return fmt.Errorf("more than %d redirects", o.MaxRedirects)
			}
			if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
				return fmt.Errorf("redirected to a %s URL", r.URL.Scheme)
			}
			r.Header.Del("Referer") // it would hand the feed's query on, which may hold a token
			return nil
		},
	}
	return f
}

// Fetch reads one feed. The error is an *Error, except that the context's own
// is passed on.
func (f *Fetcher) Fetch(ctx context.Context, r Request) (Response, error) {
	timed, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	resp, err := f.fetch(timed, r)
	if ctx.Err() != nil {
		return Response{}, ctx.Err() // what came until then is no feed that was cut short
	}
	return resp, err
}

func (f *Fetcher) fetch(ctx context.Context, r Request) (Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return Response{}, &Error{URL: redact(r.URL), Reason: "this is no URL", Err: errors.New("malformed URL")}
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return Response{}, &Error{URL: redact(r.URL), Reason: "feeds are read over http or https only", Err: errors.New("unsupported scheme")}
	}
	req.Header.Set("User-Agent", f.o.UserAgent)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5")
	req.Header.Set("Accept-Encoding", "gzip, br, zstd, deflate")
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	}
	if r.LastModified != "" {
		req.Header.Set("If-Modified-Since", r.LastModified)
	}
	permanent := true
	client := *f.client
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if s := next.Response.StatusCode; s != http.StatusMovedPermanently && s != http.StatusPermanentRedirect {
			permanent = false
		}
		return f.client.CheckRedirect(next, via)
	}
	res, err := client.Do(req)
	if err != nil {
		return Response{}, f.failed(r.URL, err)
	}
	defer res.Body.Close()
	out := Response{MinWait: max(retryAfter(res.Header), maxAge(res.Header))}
	if res.Request.URL.String() != req.URL.String() && permanent {
		out.Moved = res.Request.URL.String()
	}
	switch {
	case res.StatusCode == http.StatusNotModified && (r.ETag != "" || r.LastModified != ""):
		out.NotModified = true
		out.ETag, out.LastModified, out.Hash = r.ETag, r.LastModified, r.Hash
		return out, nil
	case res.StatusCode < 200 || res.StatusCode > 299:
		return Response{}, &Error{
			URL: redact(r.URL), Status: res.StatusCode, RetryAfter: retryAfter(res.Header),
			Gone: res.StatusCode == http.StatusGone, Reason: "the server answers " + res.Status,
		}
	}
	body, cut, err := f.body(res)
	if err != nil {
		return Response{}, f.failed(r.URL, err)
	}
	out.ETag, out.LastModified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	sum := sha256.Sum256(body)
	out.Hash = base64.RawURLEncoding.EncodeToString(sum[:12])
	if cut != "" {
		// A body that was cut short is no version to ask by again.
		out.ETag, out.LastModified = "", ""
	}
	if out.Hash == r.Hash {
		out.NotModified = true
		return out, nil
	}
	parsed, err := Parse(body, res.Header.Get("Content-Type"), res.Request.URL.String(), f.o.MaxItems)
	if err != nil {
		return Response{}, &Error{URL: redact(r.URL), Status: res.StatusCode, Reason: err.Error(), Err: err}
	}
	parsed.Warning = join(cut, parsed.Warning)
	parsed.ETag, parsed.LastModified, parsed.Hash, parsed.Moved = out.ETag, out.LastModified, out.Hash, out.Moved
	parsed.MinWait = max(parsed.MinWait, out.MinWait)
	return parsed, nil
}

// body reads a decompressed body up to MaxBytes. cut says why it is not whole;
// what came is still worth parsing.
func (f *Fetcher) body(res *http.Response) (body []byte, cut string, err error) {
	var r io.Reader = res.Body
	switch enc := strings.ToLower(res.Header.Get("Content-Encoding")); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r)
		if errors.Is(err, io.EOF) {
			return nil, "", nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("the body is no gzip: %w", err)
		}
		r = z
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, "", fmt.Errorf("the body is no zstd: %w", err)
		}
		defer z.Close()
		r = z
	case "deflate":
		r = inflate(r)
	default:
		return nil, "", fmt.Errorf("the body is encoded as %q, which was not asked for", enc)
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, f.o.MaxBytes+1))
	switch {
	case n > f.o.MaxBytes:
		return b.Bytes()[:f.o.MaxBytes], fmt.Sprintf("the feed is larger than %d bytes and was cut there", f.o.MaxBytes), nil
	case err != nil && n > 0:
		return b.Bytes(), fmt.Sprintf("the connection ended after %d bytes (%s)", n, plainCause(err)), nil
	}
	return b.Bytes(), "", err
}

// inflate reads "deflate", which is zlib by the standard (RFC 9110, 8.4.1.2) and
// raw deflate by some servers.
func inflate(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	head, _ := b.Peek(2)
	if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		if z, err := zlib.NewReader(b); err == nil {
			return z
		}
	}
	return flate.NewReader(b)
}

// failed turns a transport's error into one for people.
func (f *Fetcher) failed(raw string, err error) error {
	e := &Error{URL: redact(raw), Err: err}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // the outer one repeats the URL with its credentials
		e.Err = err
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork):
		e.Reason = "it leads to a private or special address, which feeds may not (poll.allow_private opens it)"
	case errors.As(err, &dns):
		e.Reason = fmt.Sprintf("the host %s is not found", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = fmt.Sprintf("no whole answer within %s", f.o.Timeout)
	case strings.Contains(err.Error(), "Location header"):
		// net/http quotes the header, and servers echo a token in it.
		e.Reason, e.Err = "redirected to what is no URL", errors.New("malformed Location")
	default:
		e.Reason = plainCause(err)
	}
	return e
}

// plainCause is the innermost text of a network error.
func plainCause(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return fmt.Sprintf("%s: %v", op.Op, op.Err)
	}
	return err.Error()
}

// redact returns a URL without what may be secret in it.
func redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(malformed URL)"
	}
	u.User, u.Fragment = nil, ""
	if u.RawQuery != "" {
		u.RawQuery = "..."
	}
	return u.String()
}

// maxAsked bounds the wait that a server may ask for.
const maxAsked = 24 * time.Hour

func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil {
		return seconds(s)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(time.Until(t), 0), maxAsked)
	}
	return 0
}

func maxAge(h http.Header) time.Duration {
	for _, d := range strings.Split(h.Get("Cache-Control"), ",") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(strings.ToLower(d)), "max-age="); ok {
			if s, err := strconv.Atoi(v); err == nil {
				return seconds(s)
			}
		}
	}
	return 0
}

func seconds(n int) time.Duration {
	return time.Duration(min(max(n, 0), int(maxAsked/time.Second))) * time.Second
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
