package brief

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestStandfirst holds what leads a brief to what an editor would let pass.
func TestStandfirst(t *testing.T) {
	long := "Halcyon has trained its model Orbit 3 on 20,000 chips in a new data centre near Leipzig: the site, which took two years to build, draws 80 megawatts, as much as all the homes of the city need on a winter's day when it snows."
	for name, tt := range map[string]struct {
		title, text, want string
	}{
		"only a title":                         {"Halcyon opens an office", "", "Halcyon opens an office."},
		"a dateline":                           {"Halcyon opens", "LEIPZIG (dpa) - Halcyon has opened an office near the station.", "Halcyon has opened an office near the station."},
		"a Chinese one":                        {"星澜发布模型", "某之家 8 月 11 日消息，星澜今天发布了新的大模型，参数达一万亿。", "星澜今天发布了新的大模型，参数达一万亿。"},
		"the outlet's label":                   {"Halcyon opens", "Outlet - News and more: Halcyon has opened an office near the station.", "Halcyon has opened an office near the station."},
		"what leans":                           {"Prices", "The board met on Monday about Halcyon and what its products cost now, after a year in which " + strings.Repeat("little was said and ", 12) + "nothing sold. They also want lower prices for Orbit. Halcyon has cut the price of Orbit by a third.", "Halcyon has cut the price of Orbit by a third."},
		"an author of oneself":                 {"Weekly", "I'm writing this on a train to the fair in Leipzig. Halcyon has opened an office near the station.", "Halcyon has opened an office near the station."},
		"a heading":                            {"Orbit", "What is new in it\nHalcyon has released Orbit 3 with a larger context.", "Halcyon has released Orbit 3 with a larger context."},
		"a sentence that is cut":               {"Orbit", "Halcyon has released Orbit 3. It can now also draw […]", "Halcyon has released Orbit 3."},
		"a short one that is cut":              {"Orbit is out", "Halcyon was talking to…", "Orbit is out."},
		"too long, with a colon":               {"Orbit", long, "Halcyon has trained its model Orbit 3 on 20,000 chips in a new data centre near Leipzig."},
		"too long, with a comma":               {"Orbit", strings.Replace(long, ":", " and", 1), "Halcyon has trained its model Orbit 3 on 20,000 chips in a new data centre near Leipzig and the site, which took two years to build, draws 80 megawatts…"},
		"too long, no sentence before a comma": {"Orbit is out", "With all that Halcyon has said and shown about its model Orbit 3 at the fair, in all its halls and on all its stages, where thousands of visitors came from all over the world to see it, nothing was left to be told.", "Orbit is out."},
		"a link":                               {"Orbit", "Halcyon has released Orbit 3 for everybody https://t.example/abc today.", "Halcyon has released Orbit 3 for everybody today."},
		"U.S. within":                          {"Orbit", "The institute and the U.S. Department of Trade have tested Orbit 3 together.", "The institute and the U.S. Department of Trade have tested Orbit 3 together."},
		"a sentence on readers":                {"Orbit", "Halcyon has ten million subscribers since it released Orbit 3.", "Halcyon has ten million subscribers since it released Orbit 3."},
		"boilerplate":                          {"Orbit is out", "The post Orbit is out appeared first on Outlet. Learn more about our cookies. Originally published by Outlet.", "Orbit is out."},
		"I/O is nobody":                        {"Orbit", "At Google I/O the company has shown a model for glasses. The show went on until Tuesday.", "At Google I/O the company has shown a model for glasses."},
	} {
		b := Summarise([]Doc{{ID: "1", Source: "Outlet", Title: tt.title, Text: tt.text}})
		if b.Standfirst != tt.want || !strings.HasPrefix(b.Summary, b.Standfirst) || utf8.RuneCountInString(b.Standfirst) > standfirstMax {
			t.Errorf("%s: %q, summary %q; want %q", name, b.Standfirst, b.Summary, tt.want)
		}
	}
}

// TestSummaryKeepsTheOrderOfAnArticle though the later sentence says more.
func TestSummaryKeepsTheOrderOfAnArticle(t *testing.T) {
	b := Summarise([]Doc{{ID: "1", Source: "Outlet", Title: "Birch bids for Orbit, 43 billion dollars offered", Text: "Mara Birch wants to buy Halcyon. The bid for Orbit of 43 billion dollars was offered by Birch on Monday evening."}})
	if !strings.HasPrefix(b.Summary, "Mara Birch wants") {
		t.Errorf("%q", b.Summary)
	}
}

// TestHeadlinesOfOthers make the second sentence where no article has a text.
func TestHeadlinesOfOthers(t *testing.T) {
	docs := []Doc{
		{ID: "1", Source: "A", Title: "Halcyon's Orbit passes one billion users"},
		{ID: "2", Source: "B", Title: "Halcyon Orbit: one billion users"},
		{ID: "3", Source: "C", Title: "Orbit becomes the fastest-growing product ever of its maker"},
	}
	b := Summarise(docs)
	if b.Summary != "Halcyon's Orbit passes one billion users. Orbit becomes the fastest-growing product ever of its maker." {
		t.Errorf("%q", b.Summary)
	}
	if c := b.Credits.Summary; len(c) != 2 || c[1].Source != "C" {
		t.Errorf("%+v", c)
	}
}

func TestHeadline(t *testing.T) {
	for _, tt := range []struct{ title, want string }{
		{"Halcyon raises $5B - The Outlet", "Halcyon raises $5B"},
		{"Halcyon raises $5B | Outlet", "Halcyon raises $5B"},
		{"Halcyon raises $5B - a record", "Halcyon raises $5B - a record"},
		{"Sources: Halcyon plans a bond (Ada Moor/Ledger)", "Sources: Halcyon plans a bond"},
		{"Sources: Halcyon plans a bond of five billion dollars, which would be its biggest (Ledger Times)", "Sources: Halcyon plans a bond of five billion dollars, which would be its biggest"},
		{"Halcyon plans a bond of five billion dollars, which would be its biggest ever (Updated)", "Halcyon plans a bond of five billion dollars, which would be its biggest ever (Updated)"},
		{"A billion people now use Orbit. It is our fas…", "A billion people now use Orbit"},
		{"Orbit (YC S26) is out", "Orbit (YC S26) is out"},
		{"🍎Halcyon ships Orbit https://t.example/x", "Halcyon ships Orbit"},
		{"Halcyon ships Orbit 3 to everybody today. " + strings.Repeat("More of it. ", 20), "Halcyon ships Orbit 3 to everybody today"},
		{"🚀", "🚀"},
	} {
		if got := Headline(tt.title, "Outlet"); got != tt.want {
			t.Errorf("Headline(%q) = %q, want %q", tt.title, got, tt.want)
		}
	}
	if fs := Figures([]Doc{{Source: "Digest", Title: "Halcyon plans a $5B bond (Ada Moor/Ledger)"}}); len(fs) != 1 || fs[0].ClaimedBy != "Ledger" {
		t.Errorf("%+v, want a claim of Ledger", fs)
	}
	if fs := Figures([]Doc{{Source: "A", Text: "Micron has 21% of the market and Samsung 21%."}}); len(fs) != 2 {
		t.Errorf("%+v, want both shares", fs)
	}
}
