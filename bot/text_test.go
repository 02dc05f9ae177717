package bot

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                            "plain",
		"  folds \t white\u00a0 space ":    "folds white space",
		"a\x00b\x1b[31mc":                  "ab[31mc",
		"evil\u202egnp.exe\u202c":          "evilgnp.exe",
		"zero\u200bwidth\ufeff":            "zerowidth",
		"bad \xff\xfe bytes":               "bad bytes",
		"e" + strings.Repeat("\u0301", 50): "e" + strings.Repeat("\u0301", 4),
		"👩\u200d🚀":                         "👩\u200d🚀",
		"two\n\n\n\nbreaks":                "two\n\nbreaks",
		"hidden\U000e0041\U000e007f tag":   "hidden tag",
	} {
		if got := Clean(in, true, 1000); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Clean("one\ntwo", false, 1000); got != "one two" {
		t.Errorf("without lines: %q", got)
	}
	if got := Clean(strings.Repeat("x", 1000), false, 10); len(got) != 11 {
		t.Errorf("it stopped after %d characters", len(got))
	}
}
