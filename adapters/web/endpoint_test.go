package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Another platform's servers carry no token of ours, come under whatever name
// the tunnel has, and are no page of another site.
func TestEndpoint(t *testing.T) {
	s, err := New(Options{Listen: "127.0.0.1:0", Token: "geheim", Desk: &deskOf{}, Endpoints: []Endpoint{{
		Path: "/slack/events",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusAccepted)
			w.Write(body)
		}),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/slack/events": http.StatusAccepted, "/api/stories": http.StatusUnauthorized} {
		r := httptest.NewRequest(http.MethodPost, "https://bot.example"+path, strings.NewReader("hello"))
		r.Header.Set("Origin", "https://slack.example")
		w := httptest.NewRecorder()
		s.routes().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s = %d %s, want %d", path, w.Code, w.Body, want)
		}
		if want == http.StatusAccepted && w.Body.String() != "hello" {
			t.Errorf("%s got %q, want the body as it was sent", path, w.Body)
		}
	}
}
