package canon

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestURL(t *testing.T) {
	same := map[string][]string{
		"https://outlet.example/2025/04/r2": {
			"http://outlet.example/2025/04/r2", "https://www.outlet.example/2025/04/r2/", "https://OUTLET.example:443/2025/04/r2.html",
			"https://outlet.example/2025//04/./r2?utm_source=rss&utm_medium=feed", "https://amp.outlet.example/2025/04/r2",
			"https://outlet.example/2025/04/r2/amp/", "https://outlet.example/2025/04/r2.amp.html", "https://m.outlet.example/2025/04/r2#comments",
			"https://outlet.example/2025/04/r2/index.html", "https://outlet.example/amp/2025/04/r2?fbclid=x",
			"https://www.google.com/url?sa=t&url=https%3A%2F%2Foutlet.example%2F2025%2F04%2Fr2",
			"https://outlet-example.cdn.ampproject.org/c/s/outlet.example/2025/04/r2",
			"https://www.google.com/amp/s/outlet.example/2025/04/r2",
			"https://l.facebook.com/l.php?u=https%3A%2F%2Foutlet.example%2F2025%2F04%2Fr2&h=AT0",
		},
		"https://outlet.example?id=7&p=1":         {"https://outlet.example/?p=1&id=7", "http://www.outlet.example/index.php?p=1&id=7&ref=home"},
		"https://arxiv.org/abs/2501.12948":        {"http://arxiv.org/abs/2501.12948v1", "https://arxiv.org/pdf/2501.12948v2.pdf", "https://www.arxiv.org/html/2501.12948v1", "https://export.arxiv.org/abs/2501.12948"},
		"https://youtube.com/watch?v=dQw4w9WgXcQ": {"https://youtu.be/dQw4w9WgXcQ?si=abc", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=10s", "https://m.youtube.com/shorts/dQw4w9WgXcQ"},
		"https://github.com/o/r/tree/x?ref=v1":    {"https://github.com/o/r/tree/x?ref=v1"},
		"https://app.example#!/story/1":           {"https://app.example/#!/story/1"},
		"https://xn--bcher-kva.example/a":         {"https://bücher.example/a"},
		"https://outlet.example/caf%C3%A9":        {"https://outlet.example/café", "https://outlet.example/caf%c3%a9"},
		"https://arxiv.org/abs/math.GT/0309136":   {"https://arxiv.org/pdf/math.GT/0309136v2", "https://doi.org/10.48550/arXiv.math.GT/0309136"},
		"https://outlet.example/gpt-4.1":          {"https://outlet.example/gpt-4.1.html", "https://outlet.example/gpt-4.1/", "https://outlet.example/x/../gpt-4.1?page=1"},
		"https://outlet.example/001":              {"https://outlet.example/001", "https://outlet.example/001/", "https://outlet.example/001.html"}, // Folo#1018
		"https://outlet.example/story?id=7":       {"https://outlet.example/story?id=7&x=", "https://outlet-example.cdn.ampproject.org/c/s/outlet.example/story?id=7", "https://www.google.com/amp/s/outlet.example/story?id=7&amp=1"},
		"https://outlet.example/100%25-off":       {"https://outlet.example/100%-off", "https://outlet.example/100%25-off"},
		"https://outlet.example/wrapped": {
			"https://out.reddit.com/t3_x?url=https%3A%2F%2Foutlet.example%2Fwrapped", "https://slack-redir.net/link?url=https://outlet.example/wrapped",
			"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Foutlet.example%2Fwrapped&data=x",
			"https://link.zhihu.com/?target=https%3A//outlet.example/wrapped", "https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Foutlet%2Eexample%2Fwrapped",
			"https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Foutlet.example%252Fwrapped",
		},
	}
	seen := map[string]string{}
	for want, raws := range same {
		for _, raw := range raws {
			got, ok := URL(raw)
			if !ok || got != want {
				t.Errorf("URL(%q) = %q, %v; want %q", raw, got, ok, want)
			}
			if other, ok := seen[got]; ok && other != want {
				t.Errorf("%q is both %q and %q", got, want, other)
			}
			seen[got] = want
		}
	}
	for _, raw := range []string{"", "mailto:a@b.example", "javascript:alert(1)", "/relative", "ftp://outlet.example/x", "https:///x", "::"} {
		if got, ok := URL(raw); ok {
			t.Errorf("URL(%q) = %q, want none", raw, got)
		}
	}
}

func TestURLKeepsWhatDiffers(t *testing.T) {
	pairs := [][2]string{
		{"https://outlet.example/?p=1", "https://outlet.example/?p=2"},
		{"https://blog.outlet.example/a", "https://outlet.example/a"},
		{"https://outlet.example/a", "https://outlet.example/A"},
		{"https://outlet.example/news/1", "https://outlet.example/news/11"},
		{"https://m.example/a", "https://example/a"},
		{"https://outlet.example:8080/a", "https://outlet.example/a"},
		{"https://outlet.example/?12345", "https://outlet.example/?12346"},
		{"https://outlet.example/x?id=5;start=3", "https://outlet.example/x?id=6;start=3"},
		{"https://outlet.example/x?q=%E4%", "https://outlet.example/x?q=%E5%"},
		{"https://outlet.example/a%2Fb", "https://outlet.example/a/b"},
		{"https://outlet.example/x?page=1", "https://outlet.example/x?page=2"},
		{"https://outlet.example/x?t=1", "https://outlet.example/x?t=2"},
	}
	for _, p := range pairs {
		a, _ := URL(p[0])
		if b, _ := URL(p[1]); a == b {
			t.Errorf("%q and %q are both %q", p[0], p[1], a)
		}
	}
}

func TestURLIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-zA-Z0-9./_%~-]{0,12}`)
		raw := "https://" + rapid.SampledFrom([]string{"", "www.", "m.", "amp.www."}).Draw(t, "prefix") + "outlet.example/" +
			part.Draw(t, "a") + rapid.SampledFrom([]string{"", "/amp", ".html", "/index.html", "/", ".amp.html"}).Draw(t, "end") +
			rapid.SampledFrom([]string{"", "?b=2&a=1", "?utm_x=1", "?q=%20x", "#f", "#!f"}).Draw(t, "query")
		if _, err := url.Parse(raw); err != nil {
			t.Skip()
		}
		once, ok := URL(raw)
		if !ok {
			t.Fatalf("%q has no identity", raw)
		}
		if twice, _ := URL(once); twice != once {
			t.Fatalf("URL(%q) = %q, again %q", raw, once, twice)
		}
	})
}

// distinctive titles have four words or ten ideographs; numbers are no words.
func TestDistinctive(t *testing.T) {
	for title, want := range map[string]bool{
		"Nvidia reports record revenue": true, "Weekly update": false, "Release v1.2.3": false, "Version 1.2.3 is out": false,
		"深度求索发布新一代模型": true, "深度求索发布": false, "": false,
	} {
		if got := distinctive(Title(title)); got != want {
			t.Errorf("distinctive(%q) = %v, want %v", title, got, want)
		}
	}
}

func TestTitleIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Title(rapid.String().Draw(t, "title"))
		if twice := Title(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}

func FuzzURL(f *testing.F) {
	f.Add("https://www.outlet.example/a/index.html?utm_source=x#y")
	f.Add("https://www.google.com/url?q=https://www.google.com/url?q=x")
	f.Fuzz(func(t *testing.T, raw string) {
		once, ok := URL(raw)
		if !ok {
			return
		}
		if twice, ok := URL(once); !ok || twice != once {
			t.Fatalf("URL(%q) = %q, again %q, %v", raw, once, twice, ok)
		}
	})
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"  DeepSeek’s R2:  1.2T  parameters! ": "deepseek s r2 1 2t parameters",
		"ＧＰＴ－５ 发布":                             "gpt 5 发布",
		"Straße":                               "strasse",
		"🚀🚀":                                   "",
		"":                                     "",
	} {
		if got := Title(in); got != want {
			t.Errorf("Title(%q) = %q, want %q", in, got, want)
		}
	}
}

// kinds shows which kinds of key an item has: "gut".
func kinds(ks []Key) string {
	var b strings.Builder
	for _, k := range ks {
		b.WriteString(k.Name[:1])
	}
	return b.String()
}

func TestKeys(t *testing.T) {
	long := func(s string) string { return s + " announces something that takes a few words" }
	tests := []struct {
		name  string
		items []Named
		want  []string
	}{
		{"plain", []Named{{"1", "https://a.example/1", long("A")}, {"2", "https://a.example/2", long("B")}}, []string{"gut", "gut"}},
		{"no GUID", []Named{{"", "https://a.example/1", long("A")}}, []string{"gut"}},
		{"title alone", []Named{{"", "", long("A")}}, []string{"gt"}},
		{"nothing", []Named{{}, {"", "", "!!!"}}, []string{"", ""}},
		{"a common title", []Named{{"1", "https://a.example/1", "Weekly update"}}, []string{"gu"}},
		{"all link the root", []Named{{"1", "https://a.example/", long("A")}, {"2", "https://a.example/", long("B")}}, []string{"gt", "gt"}},
		{"one links the root", []Named{{"1", "https://a.example/", long("A")}, {"2", "https://a.example/2", long("B")}}, []string{"gt", "gut"}},
		{"all link one page", []Named{{"1", "https://a.example/log", long("A")}, {"2", "https://a.example/log", long("B")}}, []string{"gt", "gt"}},
		{"many link one page", []Named{
			{"1", "https://a.example/log", long("A")}, {"2", "https://a.example/log", long("B")}, {"3", "https://a.example/log", long("C")},
			{"4", "https://a.example/log", long("D")}, {"5", "https://a.example/5", long("E")},
		}, []string{"gt", "gt", "gt", "gt", "gut"}},
		{"retitled within the body", []Named{{"1", "https://a.example/1", long("A")}, {"2", "https://a.example/1", long("B")}, {"3", "https://a.example/3", long("C")}}, []string{"gut", "gut", "gut"}},
		{"a comment's fragment", []Named{{"1", "https://a.example/1#comments", long("A")}, {"2", "https://a.example/2#comments", long("B")}}, []string{"gut", "gut"}},
		{"the fragment differs", []Named{{"1", "https://a.example/log#1", long("A")}, {"2", "https://a.example/log#2", long("B")}}, []string{"gut", "gut"}},
		{"listed twice", []Named{{"1", "https://a.example/1", long("A")}, {"9", "https://a.example/1", long("A")}}, []string{"gu", "gu"}},
		{"one title, two pages", []Named{{"1", "https://a.example/1", long("A")}, {"2", "https://a.example/2", long("A")}}, []string{"gu", "gu"}},
	}
	for _, tt := range tests {
		keys := Keys("src", tt.items)
		for i, ks := range keys {
			if got := kinds(ks); got != tt.want[i] {
				t.Errorf("%s: item %d has keys %q, want %q", tt.name, i, got, tt.want[i])
			}
		}
	}
	// A GUID counts within its source, a URL and a title everywhere.
	a, b := Keys("a", tests[0].items)[0], Keys("b", tests[0].items)[0]
	if a[0] == b[0] || a[1] != b[1] || a[2] != b[2] {
		t.Errorf("keys of two sources: %v and %v", a, b)
	}
	// Without GUIDs, items that link one page are told apart by their titles, and
	// items under one GUID by their links.
	for name, items := range map[string][]Named{
		"no GUIDs, one link":      {{"", "https://a.example/log", long("A")}, {"", "https://a.example/log", long("B")}},
		"no GUIDs, the root":      {{"", "https://a.example/", "A"}, {"", "https://a.example/", "B"}},
		"no GUIDs, no good links": {{"", "tag:1", "A"}, {"", "tag:2", "A"}},
		"one GUID for all":        {{"x", "https://a.example/1", "A"}, {"x", "https://a.example/2", "B"}},
		"fragments":               {{"", "https://a.example/log#1", "A"}, {"", "https://a.example/log#2", "B"}},
	} {
		if ks := Keys("a", items); ks[0][0].Kind != KindGUID || ks[0][0] == ks[1][0] {
			t.Errorf("%s: the items have the keys %v", name, ks)
		}
	}
	// One GUID on two pages of one title, or under two titles of one page, holds.
	for name, items := range map[string][]Named{
		"moved":    {{"x", "https://a.example/1", "A"}, {"x", "https://a.example/2", "A"}},
		"retitled": {{"x", "https://a.example/1", "A"}, {"x", "https://a.example/1", "B"}, {"y", "https://a.example/2", "C"}},
	} {
		if ks := Keys("a", items); ks[0][0] != ks[1][0] {
			t.Errorf("%s: the item has the keys %v", name, ks)
		}
	}
	// FeedCord#67: the link of the same story carries another fragment, or none.
	f, g := Keys("a", []Named{{"", "https://a.example/1#x", "A"}}), Keys("a", []Named{{"", "https://a.example/1", "A"}})
	if f[0][1] != g[0][1] {
		t.Errorf("with a fragment %v, without %v", f, g)
	}
	// A minted GUID changes the first key only.
	c := Keys("a", []Named{{"new", "https://a.example/1?utm_source=x", long("A")}})[0]
	if c[0] == a[0] || c[1] != a[1] || c[2] != a[2] {
		t.Errorf("keys under a new GUID: %v, before %v", c, a)
	}
}
