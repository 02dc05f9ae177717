package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/llm"
	"newsdesk/news/brief"
)

var docs = []brief.Doc{{Source: "Outlet", Title: "Halcyon raises $40 million", Text: "The round is led by Birch Fund."}}

// endpoint answers every question by answer.
func endpoint(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL + "/v1/"
}

func says(content string, tokens int) string {
	raw, _ := json.Marshal(content)
	return fmt.Sprintf(`{"choices":[{"message":{"role":"assistant","content":%s}}],"usage":{"total_tokens":%d}}`, raw, tokens)
}

const draft = `{"headline":"Halcyon raises $40 million","standfirst":"Birch Fund leads.","summary":"Halcyon raises $40 million.","body":["One."]}`

func TestWrite(t *testing.T) {
	url := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Model    string
			Messages []struct{ Role, Content string }
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer key" || q.Model != "m" {
			t.Errorf("asked %s %q with %+v, %v", r.URL.Path, r.Header.Get("Authorization"), q, err)
		}
		if len(q.Messages) != 2 || !strings.Contains(q.Messages[1].Content, "Halcyon raises $40 million\nThe round is led by Birch Fund.") {
			t.Errorf("messages %+v", q.Messages)
		}
		fmt.Fprint(w, says("```json\n"+draft+"\n```", 300))
	})
	d, err := llm.New(llm.Options{BaseURL: url, Model: "m", APIKey: "key"}).Write(t.Context(), docs)
	if err != nil || d.Headline != "Halcyon raises $40 million" || len(d.Body) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestWriteFails(t *testing.T) {
	for want, answer := range map[string]http.HandlerFunc{
		"401 Unauthorized (check llm.api_key, LLM_API_KEY): bad key": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			fmt.Fprint(w, `{"error":{"message":"bad key"}}`)
		},
		"answers 200 OK":           func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"answers nothing":          func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"choices":[]}`) },
		"not answer with the JSON": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says("Sure! Here it is.", 5)) },
		"EOF":                      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"500 Internal Server Error: too much": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"error":{"message":"too much"}}`)
		},
	} {
		url := endpoint(t, answer)
		if _, err := llm.New(llm.Options{BaseURL: url, Model: "m"}).Write(t.Context(), docs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Write: %v, want an error that says %q", err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	code := http.StatusOK
	url := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, says("ready", 5))
	})
	w := llm.New(llm.Options{BaseURL: url, Model: "m"})
	if err := w.Check(t.Context()); err != nil {
		t.Error(err)
	}
	code = http.StatusForbidden
	if err := w.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "LLM_API_KEY") {
		t.Error(err)
	}
}

// TestBudget spends a day's tokens; the next day has its own.
func TestBudget(t *testing.T) {
	asked := 0
	url := endpoint(t, func(w http.ResponseWriter, _ *http.Request) { asked++; fmt.Fprint(w, says(draft, 1200)) })
	now := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)
	w := llm.New(llm.Options{BaseURL: url, Model: "m", TokensADay: 4000, Now: func() time.Time { return now }})
	failed := 0
	for range 10 {
		if _, err := w.Write(t.Context(), docs); errors.Is(err, llm.ErrSpent) {
			failed++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if asked != 3 || failed != 7 {
		t.Errorf("asked %d times, refused %d, want 3 of 1,200 tokens each within 4,000", asked, failed)
	}
	now = now.Add(2 * time.Hour)
	if _, err := w.Write(t.Context(), docs); err != nil {
		t.Errorf("on the next day: %v", err)
	}
}
