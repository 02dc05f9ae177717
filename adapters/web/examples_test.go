package web

import (
	"strings"
	"testing"

	"newsdesk/bot"
)

// TestExamplesOfHelpAnswerInTheDemo asks what help gives as examples, as far as
// it only asks.
func TestExamplesOfHelpAnswerInTheDemo(t *testing.T) {
	h := sampleDay(t)
	for _, c := range bot.Table() {
		if !c.Shareable {
			continue
		}
		card := h.says(t, "help "+c.Title())
		for _, l := range card.Sections[len(card.Sections)-1].Lines {
			line, ok := strings.CutPrefix(l.Text, "/news")
			if !ok {
				t.Fatalf("help %s: the example %q", c.Title(), l.Text)
			}
			if a := h.says(t, strings.TrimSpace(line)); strings.HasPrefix(a.Title, "Nothing") || len(a.Sections)+len(a.Facts) == 0 && a.Text == "" {
				t.Errorf("%s finds nothing: %s", l.Text, a.Title)
			}
		}
	}
}
