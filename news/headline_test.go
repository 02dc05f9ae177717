package news_test

import (
	"strings"
	"testing"

	"newsdesk/news/brief"
)

// A story that most outlets tell in one language is told in it, although the
// best known outlet writes in another; so it stays when its status changes.
func TestAStoryIsToldInItsLanguage(t *testing.T) {
	r := newRoom(t, "a", "b", "c")
	r.srcs[0].Lang, r.srcs[0].Authority = "de", 1
	r.restart()
	tell := func(id, de, deText, en, enText string) brief.Status {
		r.web[r.srcs[0].Feeds[0]] = items(r.item("a"+id, de, deText))
		r.web[r.srcs[1].Feeds[0]] = items(r.item("b"+id, en, enText))
		r.web[r.srcs[2].Feeds[0]] = items(r.item("c"+id, en+", sources say", enText+" So says another outlet in words of its own."))
		all := r.poll()
		if len(all) != 1 {
			t.Fatalf("%d stories", len(all))
		}
		s := all[0]
		if s.Lang != "en" || !strings.HasPrefix(s.Headline, en) || strings.Contains(s.Brief.Summary, "Modell") {
			t.Errorf("told in %s: %q, %q", s.Lang, s.Headline, s.Brief.Summary)
		}
		return s.Status
	}
	if s := tell("1", "Tessera plant angeblich Mosaic-9 mit 2 Billionen Parametern", "Das Modell Mosaic-9 von Tessera soll laut Gerüchten 2 Billionen Parameter haben.",
		"Tessera rumoured to plan Mosaic-9 with 2 trillion parameters", "Rumours say that Tessera Mosaic-9 has 2 trillion parameters."); s.Value == brief.Denied {
		t.Fatal(s)
	}
	if s := tell("2", "Tessera dementiert Mosaic-9 mit 2 Billionen Parametern", "Tessera dementiert das Modell Mosaic-9 mit 2 Billionen Parametern.",
		"Tessera denies Mosaic-9 with 2 trillion parameters", "Tessera denied that Mosaic-9 with 2 trillion parameters exists."); s.Value != brief.Denied {
		t.Fatal(s)
	}
}
