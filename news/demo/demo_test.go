package demo

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/feed"
)

// fetch returns the feed of a source as it stands at a time.
func fetch(t *testing.T, id string, at time.Time, header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/feeds/"+id+".xml", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler(func() time.Time { return at }).ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func TestSources(t *testing.T) {
	ids := map[string]bool{}
	for _, s := range Sources("http://127.0.0.1:1") {
		if ids[s.ID] || s.ID == "" || s.Name == "" || s.Authority <= 0 || s.Authority > 1 || s.Lang == "" {
			t.Errorf("%+v", s)
		}
		ids[s.ID] = true
		if _, err := news.ParseKind(string(s.Kind)); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		if len(s.Feeds) != 1 || s.Feeds[0] != "http://127.0.0.1:1/feeds/"+s.ID+".xml" {
			t.Errorf("%s: feeds %v", s.ID, s.Feeds)
		}
		// Reserved names lead nowhere; the one real site is what makes its source official.
		u, err := url.Parse(s.Site)
		if err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Host, ".example") && s.ID != "deepseek" {
			t.Errorf("%s: site %q", s.ID, s.Site)
		}
	}
	if s := Sources("")[0]; site("deepseek") != "https://www.deepseek.com" || len(s.Feeds) != 1 {
		t.Error("no official source")
	}
}

func TestDay(t *testing.T) {
	count, backlog := 0, map[string]int{}
	for _, e := range day() {
		if e.at.Before(Start()) {
			backlog[e.source]++
		} else {
			count++
		}
		if !e.at.Before(End()) {
			t.Errorf("%s %q comes after the day", e.source, e.title)
		}
		if e.body == "" || e.title == "" && e.guid != "5502" {
			t.Errorf("%s at %s: title %q, body %q", e.source, e.at, e.title, e.body)
		}
	}
	if count < 55 || count > 80 {
		t.Errorf("%d items in the day", count)
	}
	for _, o := range outlets {
		if backlog[o.ID] != 2 {
			t.Errorf("%s has %d items of backlog, want 2", o.ID, backlog[o.ID])
		}
	}

	times := Times()
	if !slices.IsSortedFunc(times, time.Time.Compare) || len(times) < 50 || times[0].Before(Start()) || !times[len(times)-1].Before(End()) {
		t.Errorf("times %v", times)
	}
	for i, at := range times[1:] {
		if !at.After(times[i]) {
			t.Errorf("%v twice", at)
		}
	}
}

// What the day must hold for the demo to show what the bot can do.
func TestTheRumour(t *testing.T) {
	told := map[string]time.Time{}
	for _, e := range day() {
		text := e.title + " " + e.body
		if strings.Contains(text, "R2") && strings.Contains(text, "97") && e.at.Before(Start().Add(8*time.Hour)) && !e.at.Before(Start()) {
			if _, twice := told[e.source]; !twice {
				told[e.source] = e.at
			}
		}
	}
	if len(told) < 9 {
		t.Errorf("%d outlets tell the rumour: %v", len(told), told)
	}
	titles := map[string]string{}
	for _, e := range day() {
		if told[e.source] == e.at {
			if other, same := titles[e.title]; same {
				t.Errorf("%s and %s have one headline", other, e.source)
			}
			titles[e.title] = e.source
		}
	}
	_, feed := fetch(t, "deepseek", End())
	if !strings.Contains(feed, "<link>https://www.deepseek.com/news/deepseek-r2</link>") {
		t.Errorf("no release in DeepSeek's own feed: %s", feed)
	}
	if _, feed := fetch(t, "deepseek", Start().Add(21*time.Hour)); strings.Contains(feed, "DeepSeek-R2") {
		t.Error("the release comes too early")
	}
}

func TestFeedsParse(t *testing.T) {
	for _, o := range outlets {
		resp, body := fetch(t, o.ID, End())
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", o.ID, resp.Status)
		}
		if !strings.Contains(body, note) {
			t.Errorf("%s does not say that it is invented", o.ID)
		}
		got, err := feed.Parse([]byte(body), resp.Header.Get("Content-Type"), "http://127.0.0.1:1/feeds/"+o.ID+".xml", 100)
		if err != nil {
			t.Errorf("%s: %v", o.ID, err)
			continue
		}
		shown := visible(o.ID, End())
		if len(shown) < 3 {
			t.Errorf("%s shows %d items", o.ID, len(shown))
		}
		if got.Title != o.Name || got.Lang != o.Lang || !strings.HasPrefix(got.Site, o.Site) {
			t.Errorf("%s: title %q, language %q, site %q", o.ID, got.Title, got.Lang, got.Site)
		}
		urls := map[string]feed.Item{}
		for _, item := range got.Items {
			urls[item.URL] = item
		}
		for _, e := range shown {
			want := e.link
			if strings.HasPrefix(want, "/") {
				want = o.Site + want
			}
			item, ok := urls[want]
			switch {
			case !ok:
				t.Errorf("%s: no item %q among %d", o.ID, want, len(got.Items))
			case item.Text == "" || strings.Contains(item.Text, "<p>") || strings.Contains(item.Text, "alert("):
				t.Errorf("%s: text %q", want, item.Text)
			case e.title != "" && !strings.Contains(item.Title, strings.Fields(plain.Replace(e.title))[0]):
				t.Errorf("%s: title %q, want %q", want, item.Title, e.title)
			case e.dated.Year() == 2025 && !item.Published.Equal(e.dated):
				t.Errorf("%s: published %v, want %v", want, item.Published, e.dated)
			}
		}
	}
}

// plain undoes what little HTML the titles have.
var plain = strings.NewReplacer("<b>", "", "</b>", "", "<i>", "", "</i>", "", "&amp;", "&", "&quot;", `"`)

func TestFeedsGrowWithTheClock(t *testing.T) {
	at := Start()
	resp, before := fetch(t, "harbour", at)
	if n := strings.Count(before, "<item>"); n != 2 {
		t.Errorf("%d items before the day began, want the backlog of 2", n)
	}
	etag := resp.Header.Get("ETag")
	if resp, body := fetch(t, "harbour", at.Add(time.Hour), "If-None-Match", etag); resp.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("nothing new: %s %q", resp.Status, body)
	}
	if resp, _ := fetch(t, "harbour", at.Add(time.Hour), "If-Modified-Since", resp.Header.Get("Last-Modified")); resp.StatusCode != http.StatusNotModified {
		t.Errorf("nothing new by date: %s", resp.Status)
	}
	resp, after := fetch(t, "harbour", at.Add(5*time.Hour+10*time.Minute), "If-None-Match", etag)
	if resp.StatusCode != http.StatusOK || strings.Count(after, "<item>") != 3 || !strings.Contains(after, "Chip shares wobble") {
		t.Errorf("%s %s", resp.Status, after)
	}
	if oldest := strings.Index(after, "Pension funds discover the rack"); oldest < strings.Index(after, "Chip shares wobble") {
		t.Error("the newest item does not come first")
	}
	if resp, _ := fetch(t, "nobody", at); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown feed: %s", resp.Status)
	}
}

func TestAnEditTakesTheOldHeadlinesPlace(t *testing.T) {
	const before, after = "Rumoured DeepSeek R2 stirs hopes of a model", "stirs hopes of a far cheaper model"
	_, early := fetch(t, "prompt-ledger", Start().Add(7*time.Hour))
	_, late := fetch(t, "prompt-ledger", Start().Add(8*time.Hour))
	if !strings.Contains(early, before) || strings.Contains(early, after) {
		t.Error("edited too early")
	}
	if strings.Contains(late, before) || !strings.Contains(late, after) || strings.Count(late, "Mon, 28 Apr 2025 02:55:00 +0000") != 1 {
		t.Error("not edited, or under another date")
	}
}

func TestBrokenItems(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"presslane", "<item>\n      <link>https://presslane.example/wire/untitled-notice</link>"},                              // no title
		{"presslane", "<title>Webinar: seven habits of tidy training data</title>\n      <pubDate>"},                            // no link, no guid
		{"gradient-post", "<title>&lt;b&gt;Quillbyte&lt;/b&gt; &amp;amp; friends"},                                              // HTML in the title
		{"gradient-post", "&lt;script&gt;"},                                                                                     // a script in the body
		{"release-globe", "<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>"},                                                 //
		{"release-globe", "<pubDate>Thu, 31 Dec 2099 23:59:59 +0000</pubDate>"},                                                 //
		{"xinpian", "<link>/a/20250428-edge-chip</link>"},                                                                       // relative
		{"open-weights", "<entry>\n    <title type=\"html\">Errata"},                                                            // no id
		{"model-agora", "<link>https://www.promptledger.example/2025/04/28/deepseek-r2-rumour?utm_source=agora&amp;utm_medium"}, // another's address
	} {
		if _, body := fetch(t, tt.source, End()); !strings.Contains(body, tt.want) {
			t.Errorf("%s lacks %s\n%s", tt.source, tt.want, body)
		}
	}
	if _, body := fetch(t, "presslane", End()); strings.Count(body, ">5533</guid>") != 2 {
		t.Error("no guid is used twice")
	}
	copies := map[string]int{}
	for _, e := range day() {
		copies[e.body]++
	}
	three := 0
	for _, n := range copies {
		if n == 3 {
			three++
		}
	}
	if three != 1 {
		t.Errorf("%d press releases under three addresses, want 1", three)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                                "1: text before the first entry",
		"\n== nobody 01:00\n":                  `2: no source "nobody"`,
		"== harbour noon\n":                    `1: time "noon": want HH:MM`,
		"== harbour 01:00\nlnk: /x\n":          `2: unknown field "lnk"`,
		"== harbour 01:00\nlink: x\n\nbody":    `3: link "x": want a path, an https URL, ~/path or -`,
		"== harbour 01:00\ndated: x\n\nbody\n": `2: parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`,
	} {
		if _, err := parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestNamesOfSourcesFitParentheses: a name is often listed in them.
func TestNamesOfSourcesFitParentheses(t *testing.T) {
	for _, s := range Sources("http://x") {
		if strings.ContainsAny(s.Name, "()") {
			t.Errorf("%q would stand in two pairs", s.Name)
		}
	}
}
