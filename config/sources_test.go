package config

import (
	"bytes"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"newsdesk/news"
)

func TestCatalogue(t *testing.T) {
	ids, names, feeds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	all := Catalogue()
	for _, s := range all {
		if ids[s.ID] || s.ID != Slug(s.ID) || s.ID == "" {
			t.Errorf("%s: id is double or no slug", s.ID)
		}
		if names[strings.ToLower(s.Name)] || strings.TrimSpace(s.Name) != s.Name || s.Name == "" {
			t.Errorf("%s: name %q is double or empty", s.ID, s.Name)
		}
		ids[s.ID], names[strings.ToLower(s.Name)] = true, true
		if _, err := news.ParseKind(string(s.Kind)); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		if s.Authority < 0.3 || s.Authority > 1 {
			t.Errorf("%s: authority %v", s.ID, s.Authority)
		}
		if len(s.Lang) != 2 {
			t.Errorf("%s: language %q", s.ID, s.Lang)
		}
		if err := checkFeed(s.Site); err != nil {
			t.Errorf("%s: site: %v", s.ID, err)
		}
		if len(s.Feeds) == 0 {
			t.Errorf("%s has no feed", s.ID)
		}
		for _, f := range s.Feeds {
			u, err := url.Parse(f)
			if err != nil || checkFeed(f) != nil {
				t.Errorf("%s: feed %q", s.ID, f)
				continue
			}
			// The same feed under http and https, with and without "www.", is one.
			raw := strings.TrimPrefix(u.Host, "www.") + strings.TrimSuffix(u.Path, "/") + "?" + u.RawQuery
			if feeds[raw] {
				t.Errorf("%s: feed %s stands twice", s.ID, f)
			}
			feeds[raw] = true
		}
	}
	if len(feeds) < 150 {
		t.Errorf("%d feeds, want at least 150", len(feeds))
	}
	if !slices.IsSortedFunc(all, func(a, b news.Source) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not in order of ids")
	}
	for _, id := range []string{"openai", "anthropic", "deepseek", "google-deepmind", "arxiv"} {
		if !ids[id] {
			t.Errorf("no source %s", id)
		}
	}
	all[0].Feeds[0] = "changed"
	if Catalogue()[0].Feeds[0] == "changed" {
		t.Error("a caller can change the catalogue")
	}
}

func TestSources(t *testing.T) {
	c, msg := load(t, `
sources:
  add:
    - {name: My Lab, feed: https://lab.example/a, feeds: [https://lab.example/b, https://lab.example/a], site: https://lab.example, lang: de}
    - {id: mistral, name: Mistral by hand, feed: https://mistral.example/rss}
    - {name: arXiv AI only, feed: "https://arxiv.org/rss/cs.AI"}
    - {name: Ollama again, feed: https://ollama.com/blog/rss.xml}
  remove: [openai]
`, nil)
	if msg != "" {
		t.Fatal(msg)
	}
	by := map[string]news.Source{}
	feeds := map[string]string{}
	for _, s := range c.Sources() {
		if _, twice := by[s.ID]; twice {
			t.Errorf("%s twice", s.ID)
		}
		by[s.ID] = s
		for _, f := range s.Feeds {
			if other, twice := feeds[f]; twice {
				t.Errorf("%s is read for %s and %s", f, other, s.ID)
			}
			feeds[f] = s.ID
		}
	}
	want := news.Source{ID: "my-lab", Name: "My Lab", Kind: news.Press, Site: "https://lab.example", Lang: "de", Authority: DefaultAuthority, Feeds: []string{"https://lab.example/a", "https://lab.example/b"}}
	if !reflect.DeepEqual(by["my-lab"], want) {
		t.Errorf("got  %+v\nwant %+v", by["my-lab"], want)
	}
	if _, there := by["openai"]; there {
		t.Error("openai was removed")
	}
	if by["mistral"].Name != "Mistral by hand" || by["mistral"].Feeds[0] != "https://mistral.example/rss" {
		t.Errorf("an added source does not take its namesake's place: %+v", by["mistral"])
	}
	if feeds["https://arxiv.org/rss/cs.AI"] != "arxiv-ai-only" || len(by["arxiv"].Feeds) != 4 {
		t.Errorf("an added feed is not taken from the catalogue: %+v", by["arxiv"])
	}
	if _, there := by["ollama"]; there {
		t.Error("a source without feeds is left")
	}
	if n := len(by); n != len(Catalogue())-2+3 {
		t.Errorf("%d sources of %d", n, len(Catalogue()))
	}

	c, msg = load(t, "sources: {catalogue: false}", nil)
	if msg != "" || len(c.Sources()) != 0 {
		t.Errorf("%d sources without the catalogue %s", len(c.Sources()), msg)
	}
}

func TestWriteSourcesLoads(t *testing.T) {
	sources := []news.Source{
		{ID: "a", Name: `Odd: "name" # 1`, Kind: news.Chips, Site: "https://a.example", Lang: "zh", Authority: 0, Feeds: []string{"https://a.example/?a=b&c=d#e"}},
		{ID: "b", Name: "true", Kind: news.Press, Lang: "en", Authority: 0.35, Feeds: []string{"https://b.example/1", "https://b.example/2"}},
		{ID: "c", Name: "机器之心", Kind: news.Press, Lang: "zh", Authority: 1, Feeds: []string{"https://c.example/1"}},
	}
	var out bytes.Buffer
	if err := WriteSources(&out, sources); err != nil {
		t.Fatal(err)
	}
	c, msg := load(t, out.String()+"  catalogue: false\n", nil)
	if msg != "" {
		t.Fatalf("%s\n%s", msg, out.String())
	}
	if got := c.Sources(); !reflect.DeepEqual(got, sources) {
		t.Errorf("got  %+v\nwant %+v\n%s", got, sources, out.String())
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"My Lab": "my-lab", " The  Verge: AI ": "the-verge-ai", "Ben's Bites": "bens-bites", "Süddeutsche Zeitung": "suddeutsche-zeitung",
		"机器之心": "机器之心", "GPT-5.2": "gpt-5-2", "!!": "", "": "",
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}
