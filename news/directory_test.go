package news_test

import (
	"testing"

	"newsdesk/news"
)

func TestDirectoryKnowsOutlets(t *testing.T) {
	d := news.NewDirectory([]news.Source{{ID: "verge-ai", Name: "The Verge: AI", Kind: news.Press, Authority: 0.8, Site: "https://www.theverge.com"}})
	wire, ok := d.Of("https://www.reuters.com/technology/1")
	if !ok || wire.Name != "Reuters" || wire.Authority < 0.9 {
		t.Errorf("the outlet of a wire's address is %+v, %v", wire, ok)
	}
	if named, _ := d.Named("Reuters"); named.ID != wire.ID {
		t.Errorf("by its name it is %+v", named)
	}
	if again := d.Source(wire.ID); again.Authority != wire.Authority {
		t.Errorf("by the ID that articles keep it is %+v", again)
	}
	// An outlet of which a feed is read is that source under all its names.
	for _, name := range []string{"The Verge", "Verge AI"} {
		if s, _ := d.Named(name); s.ID != "verge-ai" {
			t.Errorf("%q is %+v", name, s)
		}
	}
	if s, ok := d.Of("https://nobody.example/1"); ok {
		t.Errorf("an unknown host is %+v", s)
	}
	if s := d.Source("nobody.example"); s.Authority >= wire.Authority/2 {
		t.Errorf("an unknown outlet has the authority %v", s.Authority)
	}
}
