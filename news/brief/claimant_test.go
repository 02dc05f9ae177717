package brief

import (
	"strings"
	"testing"
	"unicode"
)

// TestMayAttribute holds what is looked for first to the words of the expression.
func TestMayAttribute(t *testing.T) {
	found := 0
	words := strings.FieldsFunc(attribution.String(), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range append(words, "according to", "According to", "LAUT", "Según", "SELON", "say", "claim", "estimate", "expect") {
		for _, s := range []string{w + " Acme, 5 users came", w + "Acme, 5 users came", "Acme " + w + " 5 users came", "5 users came, " + w + " Acme", "5 users came, Acme " + w + "."} {
			if attribution.MatchString(s) {
				found++
				if !mayAttribute(s) {
					t.Errorf("%q is not looked at", s)
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d sentences attribute anything", found)
	}
	if mayAttribute("Acme has 5 million users.") {
		t.Error("everything is looked at")
	}
}
