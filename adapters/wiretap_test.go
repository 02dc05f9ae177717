package adapters_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// A wiretap keeps what passes on its way to a server.
type wiretap struct {
	*httptest.Server
	mu   sync.Mutex
	seen []passage
}

type passage struct {
	method, path, kind string
	body               []byte
}

func tap(t *testing.T, to string) *wiretap {
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	w := &wiretap{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		w.seen = append(w.seen, passage{r.Method, r.URL.Path, r.Header.Get("Content-Type"), body})
		w.mu.Unlock()
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *wiretap) passages() []passage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}
