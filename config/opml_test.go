package config

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"newsdesk/news"
)

func TestOPMLRoundTrip(t *testing.T) {
	want := append(Catalogue(), news.Source{ID: "odd", Name: `<b> & "quotes"`, Kind: news.Policy, Lang: "de", Authority: 0.123, Feeds: []string{"https://o.example/?a=1&b=2", "https://o.example/2"}})
	var out bytes.Buffer
	if err := ExportOPML(&out, want); err != nil {
		t.Fatal(err)
	}
	got, err := ImportOPML(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	byID := func(a, b news.Source) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	for i := range want {
		if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%d of %d:\ngot  %+v\nwant %+v", i, len(got), got[min(i, len(got)-1)], want[i])
		}
	}

	var again bytes.Buffer
	if err := ExportOPML(&again, got); err != nil {
		t.Fatal(err)
	}
	if sorted, _ := ImportOPML(&again); len(sorted) != len(want) {
		t.Errorf("%d sources after a second round", len(sorted))
	}
}

func TestImportOPML(t *testing.T) {
	got, err := ImportOPML(strings.NewReader(`<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>x</title></head><body>
 <outline text="News">
  <outline title="Research">
   <outline text="Lab notes" type="rss" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
   <outline text="Deeper"><outline text="M` + "\xfc" + `nchen AI" xmlUrl="https://b.example/feed" language="de"/></outline>
  </outline>
  <outline text="AI labs & more"><outline text="Lab" xmlUrl="feed://c.example/feed"></outline></outline>
  <outline text="Lab notes" xmlUrl="https://d.example/feed" category="/Tech/Newsletters,Other" htmlUrl="/relative"/>
  <outline text="Lab notes" xmlUrl="https://a.example/feed"/>
  <outline xmlUrl="https://www.e.example/feed" language="unknown"/>
 </outline>
</body></opml>`))
	if err != nil {
		t.Fatal(err)
	}
	want := []news.Source{
		{ID: "lab-notes", Name: "Lab notes", Kind: news.Research, Site: "https://a.example/", Lang: "en", Authority: 0.5, Feeds: []string{"https://a.example/feed"}},
		{ID: "munchen-ai", Name: "München AI", Kind: news.Research, Lang: "de", Authority: 0.5, Feeds: []string{"https://b.example/feed"}},
		{ID: "lab", Name: "Lab", Kind: news.Lab, Lang: "en", Authority: 0.5, Feeds: []string{"http://c.example/feed"}},
		{ID: "lab-notes-2", Name: "Lab notes", Kind: news.Newsletter, Lang: "en", Authority: 0.5, Feeds: []string{"https://d.example/feed"}},
		{ID: "e-example", Name: "e.example", Kind: news.Press, Lang: "en", Authority: 0.5, Feeds: []string{"https://www.e.example/feed"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestImportOPMLErrors(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		sources    int
	}{
		{"", "the file is empty: want <opml>", 0},
		{"hello", "the file is empty: want <opml>", 0},
		{"\n<rss/>", "line 2: the file begins with <rss>: want <opml>", 0},
		{"<opml><body>\n<outline text='a' xmlUrl='ftp://x'/>\n<outline text='b' xmlUrl='https://b.example/'/>\n<outline text='c' xmlUrl='nonsense'/></body></opml>",
			"line 2: xmlUrl of \"a\": want a feed's address that begins with https:// or http://, got \"ftp://x\"\nline 4: xmlUrl of \"c\": want a feed's address that begins with https:// or http://, got \"nonsense\"", 1},
		{"<opml><body>\n<outline text='b' xmlUrl='https://b.example/'/>\n<outline", "line 3: no XML: unexpected EOF", 1},
	} {
		got, err := ImportOPML(strings.NewReader(tt.text))
		if err == nil || err.Error() != tt.want || len(got) != tt.sources {
			t.Errorf("%q\ngot  %v (%d sources)\nwant %s (%d)", tt.text, err, len(got), tt.want, tt.sources)
		}
	}
}

func FuzzImportOPML(f *testing.F) {
	f.Add("<opml><body><outline text='a' xmlUrl='https://b.example/'/></outline></body></opml>")
	f.Fuzz(func(t *testing.T, text string) {
		sources, _ := ImportOPML(strings.NewReader(text))
		ids := map[string]bool{}
		for _, s := range sources {
			if s.ID == "" || ids[s.ID] || len(s.Feeds) == 0 || s.Name == "" {
				t.Errorf("%q: %+v", text, s)
			}
			ids[s.ID] = true
		}
	})
}
