package adapters_test

import (
	"strings"
	"testing"
)

// TestLongQuery turns the pages of, and shares, what was asked in more words
// than a button of Discord carries.
func TestLongQuery(t *testing.T) {
	t.Parallel()
	w := newHostileWorld(t)
	query := strings.TrimSpace(strings.Repeat("OpenAI ", 28)) // 195 of the 200 characters that Discord takes
	for _, p := range w.places {
		if p.name == "web" { // whose buttons are tested in its own package
			continue
		}
		first, err := p.ask(t.Context(), "", query)
		if err != nil || !strings.Contains(first.text, "Page 1 of ") {
			t.Fatalf("%s: %v, %.600q", p.name, err, first.text)
		}
		second, err := p.press(t.Context(), first, "More stories ▶")
		if err != nil || !second.private || !strings.Contains(second.text, "Page 2 of ") {
			t.Fatalf("%s: the second page: private %t, %v, %.600q", p.name, second.private, err, second.text)
		}
		shared, err := p.press(t.Context(), second, "Share")
		if err != nil || shared.private || !strings.Contains(shared.text, "Page 2 of ") {
			t.Errorf("%s: shared: private %t, %v, %.600q", p.name, shared.private, err, shared.text)
		}
	}
}
