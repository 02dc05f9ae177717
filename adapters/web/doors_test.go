package web

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// jsonCT is what a script sends a command with.
const jsonCT = "Content-Type: application/json"

func TestDoors(t *testing.T) {
	desk := &deskOf{stories: stories(), sources: []news.SourceState{{
		Source: news.Source{ID: "model-post", Name: "Model Post", Kind: news.Press},
		States: []news.FeedState{
			{URL: "https://a.example/feed", Succeeded: noon, Next: noon.Add(time.Hour), Interval: time.Hour},
			{URL: "https://b.example/feed", Failures: 3, Error: "404 not found", Next: noon.Add(time.Minute)},
		},
	}}}
	outbox := &outboxOf{deliveries: []bot.Delivery{{ID: "D1", Channel: "web:preview", Story: "k3j2", Kind: bot.KindStory, State: bot.Dead, Attempts: 2, Error: "gone"}}}
	s, _ := start(t, Options{Desk: desk, Outbox: outbox, Commands: bot.Table(), Version: "v1", Name: "demo"})
	long := strings.Repeat("x", 2000)
	for _, c := range []struct {
		name, method, path, body string
		head                     []string
		code                     int
		want                     []string // in the body
	}{
		{"preview", "GET", "/", "", nil, 200, []string{"<!doctype html>", "demo", "v1", "/stories/k3j2", `#</span>preview</a>`, "/news deepseek"}},
		{"preview of another channel", "GET", "/?channel=web:lab", "", nil, 200, []string{`#</span>lab</a>`}},
		{"preview of no web channel", "GET", "/?channel=chat:1", "", nil, 400, []string{"web:NAME"}},
		{"story page", "GET", "/stories/k3j2", "", nil, 200, []string{"DeepSeek is said", "9 independent sources", "Chip Courier", "1.2 trillion parameters", "1.2 trillion parameters. (Chip Courier)", "commented. (Model Post)", "1.8 trillion parameters", "sources disagree", "-8", "m4p9", "/api/stories/k3j2",
			`<a href="/stories?topic=deepseek">DeepSeek</a>`, "How it moved", `points="0,60 540,60 540,19 600,19"`, `id="timeline"`, "copy of Model Post", "3 articles from 2 outlets, 2 in words of their own, 1 copy", "has begun to tell its customers."}},
		{"stories for people", "GET", "/stories?topic=deepseek&limit=1", "", nil, 200, []string{"Stories about DeepSeek", "/stories/k3j2", "2 in all", `rel="next"`, "after=page2"}},
		{"stories for people misspelt", "GET", "/stories?topc=deepseek", "", []string{"Accept: text/html"}, 400, []string{"did you mean topic?"}},
		{"story page unknown", "GET", "/stories/none", "", nil, 404, []string{"no such story"}},
		{"story page unknown for people", "GET", "/stories/none", "", []string{"Accept: text/html"}, 404, []string{"<h1>404"}},
		{"stories", "GET", "/api/stories", "", nil, 200, []string{`"stories":[{"id":"k3j2"`, `"next":""`, `"total":2`, `"related":["m4p9"]`, `"related":[]`}},
		{"stories page", "GET", "/api/stories?limit=1", "", nil, 200, []string{`"next":"page2"`}},
		{"stories bad since", "GET", "/api/stories?since=yesterdayish", "", nil, 400, []string{`"error":"since \"yesterdayish\"`, "12h"}},
		{"stories bad status", "GET", "/api/stories?status=gossip", "", nil, 400, []string{"rumour, reported, confirmed, denied"}},
		{"stories bad impact", "GET", "/api/stories?min_impact=101", "", nil, 400, []string{"between 0 and 100"}},
		{"stories bad limit", "GET", "/api/stories?limit=0", "", nil, 400, []string{"between 1 and 100"}},
		{"stories bad order", "GET", "/api/stories?order=oldest", "", nil, 400, []string{"best, newest, top"}},
		{"stories endless query", "GET", "/api/stories?q=" + long, "", nil, 400, []string{"at most 200"}},
		{"stories misspelt filter", "GET", "/api/stories?topics=deepseek", "", nil, 400, []string{`no parameter \"topics\"`, "did you mean topic?"}},
		{"stories filter in part", "GET", "/api/stories?impact=70", "", nil, 400, []string{`no parameter \"impact\"`, "did you mean min_impact?"}},
		{"stories filter from nowhere", "GET", "/api/stories?zzz=1", "", nil, 400, []string{`no parameter \"zzz\": use q, topic, status`}},
		{"stories no page", "GET", "/api/stories?after=zzz", "", nil, 400, []string{`after \"zzz\" is no page`}},
		{"stories by POST", "POST", "/api/stories", "", nil, 405, []string{"use GET"}},
		{"suggestions", "GET", "/api/suggest?command=trends&option=topic&text=deep", "", nil, 200, []string{`{"choices":[{"label":"About deep","value":"deep seek","line":"trends topic:\"deep seek\""}]}`}},
		{"suggestions for a line", "GET", "/api/suggest?text=/news+story+k3", "", nil, 200, []string{`"label":"About k3"`, `"line":"story id:\"deep seek\""`}},
		{"suggestions for a search", "GET", "/api/suggest?text=/news+trends", "", nil, 200, []string{`"label":"About trends"`, `"line":"query:\"deep seek\""`}},
		{"suggestions for Discord's command", "GET", "/api/suggest?text=/desk-channel+subscribe+deep", "", nil, 200, []string{`"label":"About deep"`, `"line":"subscribe topics:`}},
		{"suggestions for no such option", "GET", "/api/suggest?command=top&option=period", "", nil, 400, []string{"no option", "period"}},
		{"suggestions in no web channel", "GET", "/api/suggest?channel=chat:1", "", nil, 400, []string{"web:NAME"}},
		{"suggestions for an endless text", "GET", "/api/suggest?text=" + long, "", nil, 400, nil},
		{"one story", "GET", "/api/stories/k3j2", "", nil, 200, []string{`{"id":"k3j2"`, `"parts":[{"name":"coverage"`}},
		{"one story unknown", "GET", "/api/stories/none", "", nil, 404, []string{`"error":"there is no such story`}},
		{"deliveries", "GET", "/api/deliveries?state=dead&channel=web:preview&limit=5", "", nil, 200, []string{`{"deliveries":[{"id":"D1","channel":"web:preview"`, `"attempts":2`, `"error":"gone"`}},
		{"retry", "POST", "/api/deliveries/D1/retry", "", nil, 200, []string{`"pending"`}},
		{"retry of what was not given up", "POST", "/api/deliveries/D2/retry", "", nil, 404, []string{`no delivery \"D2\" was given up`}},
		{"retry by GET", "GET", "/api/deliveries/D1/retry", "", nil, 405, []string{"use POST"}},
		{"deliveries bad state", "GET", "/api/deliveries?state=lost", "", nil, 400, []string{"pending, sending, sent, dead, moot"}},
		{"deliveries bad channel", "GET", "/api/deliveries?channel=preview", "", nil, 400, []string{"platform:id"}},
		{"deliveries bad limit", "GET", "/api/deliveries?limit=many", "", nil, 400, []string{"between 1 and 1000"}},
		{"sources", "GET", "/api/sources", "", nil, 200, []string{`"id":"model-post"`, `"last_success":"2025-04-28T12:00:00Z"`, `"next_check":"2025-04-28T12:01:00Z"`, `"failures":3,"error":"404 not found","feeds":[`, `"last_success":null`}},
		{"feed", "GET", "/feed.atom", "", nil, 200, []string{`<feed xmlns="http://www.w3.org/2005/Atom">`}},
		{"feed bad since", "GET", "/feed.atom?since=x", "", nil, 400, []string{`"error"`}},
		{"feed misspelt filter", "GET", "/feed.atom?min-impact=70", "", nil, 400, []string{"did you mean min_impact?"}},
		{"deliveries misspelt filter", "GET", "/api/deliveries?chanel=web:preview", "", nil, 400, []string{"did you mean channel?"}},
		{"health", "GET", "/healthz", "", nil, 200, []string{"ok"}},
		{"health by HEAD", "HEAD", "/healthz", "", nil, 200, nil},
		{"ready", "GET", "/readyz", "", nil, 200, []string{"ready"}},
		{"metrics", "GET", "/metrics", "", nil, 200, []string{`newsdesk_http_requests_total{code="400",door="/api/stories",method="GET"}`, "newsdesk_http_request_seconds_bucket", "newsdesk_go_goroutines", "newsdesk_process_cpu_seconds_total", `newsdesk_feeds{state="failing"} 1`, `newsdesk_deliveries{state="dead"}`, "newsdesk_channels_suspended 1", "newsdesk_store_up 1"}},
		{"style", "GET", asset("style.css"), "", nil, 200, []string{"prefers-color-scheme"}},
		{"no such file", "GET", "/static/none.css", "", nil, 404, []string{"nothing at"}},
		{"no such door", "GET", "/admin", "", nil, 404, []string{`"error":"there is nothing at /admin"`}},
		{"signed transports are not here", "POST", "/discord/interactions", "{}", []string{jsonCT}, 404, nil},
		{"changes", "GET", "/messages", "", nil, 200, []string{`"version"`, `"now":"2025-04-28T12:00:00Z"`, `"discord-list"`, `"slack-list"`, `"top-list"`}},

		{"command", "POST", "/api/command", `{"text":"/news deepseek","user":"u1","channel":"web:preview"}`, []string{jsonCT}, 200, []string{`"private":true`, `"card":{"title":"Stories about deepseek"`, `"text":"Stories about deepseek\n`, `"line":"why k3j2"`, `"tone":"plain"`}},
		{"command with charset", "POST", "/api/command", `{"text":"top week"}`, []string{"Content-Type: application/json; charset=utf-8"}, 200, []string{"Stories about top week"}},
		{"command drawn", "POST", "/api/command", `{"text":"/news x","draw":true}`, []string{jsonCT}, 200, []string{`"drawing":{"discord":"`, `"slack":"`}},
		{"command as form", "POST", "/api/command", `text=/news`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, []string{"application/json"}},
		{"command without type", "POST", "/api/command", `{"text":"/news"}`, nil, 415, nil},
		{"command broken", "POST", "/api/command", `{"text":`, []string{jsonCT}, 400, []string{"not the JSON"}},
		{"command nothing", "POST", "/api/command", ``, []string{jsonCT}, 400, []string{"empty"}},
		{"command twice", "POST", "/api/command", `{"text":"x"}{}`, []string{jsonCT}, 400, []string{"follows"}},
		{"command of numbers", "POST", "/api/command", `{"text":5}`, []string{jsonCT}, 400, []string{"text", "string"}},
		{"command without text", "POST", "/api/command", `{}`, []string{jsonCT}, 400, []string{"text is empty"}},
		{"command of another kind", "POST", "/api/command", `{"text":"/weather oslo"}`, []string{jsonCT}, 400, []string{"/weather", "/news"}},
		{"command in no web channel", "POST", "/api/command", `{"text":"/news","channel":"chat:1"}`, []string{jsonCT}, 400, []string{"web:NAME"}},
		{"command too long", "POST", "/api/command", `{"text":"` + long + `"}`, []string{jsonCT}, 400, []string{"at most 1000"}},
		{"command far too long", "POST", "/api/command", `{"text":"` + strings.Repeat(long, 10) + `"}`, []string{jsonCT}, 413, []string{"too long"}},
		{"command by GET", "GET", "/api/command", "", nil, 405, []string{"use POST"}},
		{"command from another site", "POST", "/api/command", `{"text":"/news"}`, []string{jsonCT, "Sec-Fetch-Site: cross-site"}, 403, []string{"another site"}},
		{"command from another origin", "POST", "/api/command", `{"text":"/news"}`, []string{jsonCT, "Origin: https://evil.example"}, 403, []string{"another site"}},
		{"a rebound name", "GET", "/", "", []string{"Host: evil.example"}, 421, []string{"localhost"}},
		{"a rebound name asks a command", "POST", "/api/command", `{"text":"/news"}`, []string{jsonCT, "Host: evil.example:8080", "Origin: http://evil.example:8080"}, 421, nil},
		{"localhost", "GET", "/healthz", "", []string{"Host: localhost:9999"}, 200, nil},
		{"IPv6 loopback", "GET", "/healthz", "", []string{"Host: [::1]:9999"}, 200, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := ask(t, c.method, s.URL()+c.path, c.body, c.head...)
			if resp.StatusCode != c.code {
				t.Fatalf("%s, want %d: %s", resp.Status, c.code, body)
			}
			for _, w := range c.want {
				if !strings.Contains(body, w) {
					t.Errorf("no %q in:\n%s", w, body)
				}
			}
			if resp.Header.Get("Content-Type") == "application/json" && c.method != "HEAD" {
				var v map[string]any
				if err := json.Unmarshal([]byte(body), &v); err != nil {
					t.Errorf("not JSON: %v", err)
				}
				if _, is := v["error"].(string); c.code >= 400 && !is {
					t.Errorf("no error in %s", body)
				}
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": contentPolicy} {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
		})
	}
	if strings.Contains(contentPolicy, "unsafe") || !strings.Contains(contentPolicy, "frame-ancestors 'none'") {
		t.Errorf("the policy lets too much through: %s", contentPolicy)
	}
	if want := (bot.DeliveryQuery{Channel: "web:preview", State: bot.Dead, Limit: 5}); !slices.Contains(outbox.asked, want) {
		t.Errorf("the outbox was asked %+v, want %+v among it", outbox.asked, want)
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		query string
		want  news.Query
	}{
		{"", news.Query{Order: news.Newest, Limit: 20}},
		{"q=deepseek+r2&limit=3&after=M2ZmMDAwMDAwMDAwMDAwMCAxIGFiYw", news.Query{Text: "deepseek r2", Limit: 3, After: "M2ZmMDAwMDAwMDAwMDAwMCAxIGFiYw"}},
		{"topic=deepseek,R2&topic=chips&order=top", news.Query{Topics: []string{"deepseek", "r2", "chips"}, Order: news.Top, Limit: 20}},
		{"status=RUMOR&min_impact=70&since=12h", news.Query{Status: "rumour", MinImpact: 70, Since: noon.Add(-12 * time.Hour), Order: news.Newest, Limit: 20}},
		{"since=2w", news.Query{Since: noon.AddDate(0, 0, -14), Order: news.Newest, Limit: 20}},
		{"since=2025-04-01", news.Query{Since: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), Order: news.Newest, Limit: 20}},
		{"since=2025-04-01T02:00:00%2B02:00", news.Query{Since: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), Order: news.Newest, Limit: 20}},
		{"since=2025-04-01T02:00:00+02:00", news.Query{Since: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), Order: news.Newest, Limit: 20}},
	} {
		v, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := storyQuery(v, noon)
		got.Since = got.Since.UTC()
		if c.want.Since = c.want.Since.UTC(); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v\nwant %+v", c.query, got, err, c.want)
		}
	}
}

func TestFailuresTellNoSecrets(t *testing.T) {
	s, _ := start(t, Options{Desk: &deskOf{stories: stories(), err: errBroken}, Outbox: &outboxOf{err: errBroken}})
	for _, path := range []string{"/", "/messages", "/stories/k3j2", "/api/stories", "/api/stories/k3j2", "/api/deliveries", "/api/sources", "/feed.atom"} {
		resp, body := ask(t, "GET", s.URL()+path, "")
		if resp.StatusCode != 500 || !strings.Contains(body, "reference") || strings.Contains(body, "redis") {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}

func TestNotReady(t *testing.T) {
	ready := func(context.Context) error { return errors.New("stories are still being loaded") }
	s, _ := start(t, Options{Ready: ready})
	if resp, body := ask(t, "GET", s.URL()+"/readyz", ""); resp.StatusCode != 503 || !strings.Contains(body, "still being loaded") {
		t.Errorf("%s %s", resp.Status, body)
	}
	s, _ = start(t, Options{Ready: ready, Token: "secret"})
	if resp, body := ask(t, "GET", s.URL()+"/readyz", ""); resp.StatusCode != 503 || strings.Contains(body, "loaded") {
		t.Errorf("a stranger hears: %s %s", resp.Status, body)
	}
}

func TestToken(t *testing.T) {
	s, h := start(t, Options{Token: "open sesame"})
	cookie := "Cookie: " + cookieName + "=" + newLogin("open sesame").cookie
	bearer := "Authorization: Bearer open sesame"
	for _, c := range []struct {
		name, method, path, body string
		head                     []string
		code                     int
	}{
		{"no token", "GET", "/api/stories", "", nil, 401},
		{"no token on a page", "GET", "/", "", []string{"Accept: text/html"}, 401},
		{"no token at an unknown door", "GET", "/admin", "", nil, 401},
		{"no token for metrics", "GET", "/metrics", "", nil, 401},
		{"no token for a command", "POST", "/api/command", `{"text":"/news"}`, []string{jsonCT}, 401},
		{"probes need none", "GET", "/healthz", "", nil, 200},
		{"the form's style needs none", "GET", asset("style.css"), "", nil, 200},
		{"bearer", "GET", "/api/stories", "", []string{bearer}, 200},
		{"wrong bearer", "GET", "/api/stories", "", []string{"Authorization: Bearer open"}, 401},
		{"wrong bearer beside a cookie", "GET", "/api/stories", "", []string{"Authorization: Bearer open", cookie}, 401},
		{"empty bearer", "GET", "/api/stories", "", []string{"Authorization: Bearer "}, 401},
		{"cookie", "GET", "/", "", []string{cookie}, 200},
		{"the token is no cookie", "GET", "/", "", []string{"Cookie: " + cookieName + "=open sesame"}, 401},
		{"address for a feed reader", "GET", "/feed.atom?token=open+sesame", "", nil, 200},
		{"wrong address", "GET", "/feed.atom?token=x", "", nil, 401},
		{"another name is fine with a token", "GET", "/api/stories", "", []string{bearer, "Host: desk.example"}, 200},
		{"a cookie from another site's page", "POST", "/api/command", `{"text":"/news"}`, []string{jsonCT, cookie, "Sec-Fetch-Site: same-site"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if resp, body := ask(t, c.method, s.URL()+c.path, c.body, c.head...); resp.StatusCode != c.code {
				t.Errorf("%s, want %d: %s", resp.Status, c.code, body)
			}
		})
	}
	if inv := h.last(); inv.ID != "" {
		t.Errorf("a stranger's command was answered: %+v", inv)
	}

	if _, feed := ask(t, "GET", s.URL()+"/feed.atom?token=open+sesame&topic=deepseek", ""); strings.Contains(feed, "sesame") || !strings.Contains(feed, "topic=deepseek") {
		t.Errorf("the feed's own address:\n%s", feed)
	}
	resp, _ := ask(t, "GET", s.URL()+"/stories/k3j2?token=open+sesame&x=1", "")
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/stories/k3j2?x=1" {
		t.Errorf("login by address: %s to %s", resp.Status, resp.Header.Get("Location"))
	}
	if c := resp.Header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || strings.Contains(c, "sesame") {
		t.Errorf("cookie %q", c)
	}
	form := "Content-Type: application/x-www-form-urlencoded"
	if resp, _ := ask(t, "POST", s.URL()+"/login", "token=open+sesame", form); resp.StatusCode != 303 || resp.Header.Get("Set-Cookie") == "" {
		t.Errorf("login by form: %s", resp.Status)
	}
	if resp, body := ask(t, "POST", s.URL()+"/login", "token=wrong", form); resp.StatusCode != 401 || !strings.Contains(body, "not the token") || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("wrong login by form: %s", resp.Status)
	}
}

func TestCommandReachesTheHandler(t *testing.T) {
	s, h := start(t, Options{})
	post := func(body string) int {
		resp, _ := ask(t, "POST", s.URL()+"/api/command", body, jsonCT, "Accept-Language: de-DE,de;q=0.9")
		return resp.StatusCode
	}
	if code := post(`{"text":" /News   top  week ","user":"u1","channel":"web:lab","id":"q1"}`); code != 200 {
		t.Fatal(code)
	}
	want := bot.Invocation{ID: "web-q1", Channel: "web:lab", User: "u1", Space: "web", Locale: "de-DE", Manager: true, Speaker: true, Line: "top week"}
	if got := h.last(); !reflect.DeepEqual(got, want) {
		t.Errorf("handled %+v\nwant %+v", got, want)
	}
	if code := post(`{"text":"/news top week","id":"q1"}`); code != http.StatusConflict {
		t.Errorf("the same id again: %d", code)
	}
	post(`{"text":"/desk why k3j2"}`)
	first := h.last()
	post(`{"text":"why k3j2"}`)
	if again := h.last(); first.Line != "why k3j2" || again.Line != first.Line || again.ID == first.ID {
		t.Errorf("random ids: %+v, %+v", first, again)
	}
	if first.User != "web" || first.Channel != "web:preview" {
		t.Errorf("defaults: %+v", first)
	}
	if code := post(`{"text":"/desk-channel subscribe min:60"}`); code != 200 || h.last().Line != "subscribe min:60" {
		t.Errorf("Discord's command for managers: %d, %+v", code, h.last())
	}
	if post(`{"text":"/news"}`); h.last().Line != "" {
		t.Errorf("a bare /news: %+v", h.last())
	}
}

func TestCommandBeforeRun(t *testing.T) {
	s, err := New(Options{Listen: "127.0.0.1:0", Desk: new(deskOf)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.running() != nil {
		t.Error("a handler without Run")
	}
}

func TestAtom(t *testing.T) {
	ss := stories()
	ss[0].Headline = "A <b>&\x01 headline"
	ss[1].URL = "javascript:alert(1)"
	s, _ := start(t, Options{Desk: &deskOf{stories: ss}})
	resp, body := ask(t, "GET", s.URL()+"/feed.atom?topic=deepseek", "")
	if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/atom+xml") {
		t.Errorf("Content-Type %q", ct)
	}
	var f atomFeed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatalf("no XML: %v\n%s", err, body)
	}
	if f.ID == "" || f.Title == "" || f.Updated != "2025-04-28T10:00:00Z" || len(f.Entries) != 2 {
		t.Errorf("feed %+v", f)
	}
	if want := s.URL() + "/feed.atom?topic=deepseek"; f.Links[0].Rel != "self" || f.Links[0].Href != want {
		t.Errorf("self %+v, want %s", f.Links[0], want)
	}
	e := f.Entries[0]
	if !strings.HasPrefix(e.ID, "urn:uuid:") || e.Title != "A <b>&\ufffd headline" || e.Links[0].Href != "https://outlet.example/r2" || len(e.Authors) != 3 || e.Categories[0].Term != "deepseek" {
		t.Errorf("entry %+v", e)
	}
	if l := f.Entries[1].Links; len(l) != 1 || l[0].Href != s.URL()+"/stories/m4p9" {
		t.Errorf("a story with a bad address links %+v", l)
	}
	if e.ID == f.Entries[1].ID {
		t.Error("two stories share an id")
	}
	etag := resp.Header.Get("ETag")
	if resp, body := ask(t, "GET", s.URL()+"/feed.atom?topic=deepseek", "", "If-None-Match: "+etag); resp.StatusCode != 304 || body != "" {
		t.Errorf("unchanged: %s %q", resp.Status, body)
	}

	empty, _ := start(t, Options{Desk: new(deskOf)})
	if _, body := ask(t, "GET", empty.URL()+"/feed.atom", ""); !strings.Contains(body, "<updated>1970-01-01T00:00:00Z</updated>") {
		t.Errorf("empty feed:\n%s", body)
	}
}

func TestMessagesAnswerOnlyChanges(t *testing.T) {
	s, _ := start(t, Options{})
	version := func(body string) string {
		var parts map[string]string
		if err := json.Unmarshal([]byte(body), &parts); err != nil {
			t.Fatal(err)
		}
		return parts["version"]
	}
	_, body := ask(t, "GET", s.URL()+"/messages", "")
	first := version(body)
	resp, body := ask(t, "GET", s.URL()+"/messages?v="+url.QueryEscape(first), "")
	if resp.StatusCode != http.StatusNoContent || body != "" {
		t.Fatalf("nothing changed: %s %q", resp.Status, body)
	}
	if _, err := s.Post(t.Context(), bot.Post{Key: "K1", Channel: "web:preview", Card: bot.Card{Title: "A new one"}}); err != nil {
		t.Fatal(err)
	}
	_, body = ask(t, "GET", s.URL()+"/messages?v="+url.QueryEscape(first), "")
	if !strings.Contains(body, "A new one") || version(body) == first {
		t.Errorf("after a post: %s", body)
	}
}
