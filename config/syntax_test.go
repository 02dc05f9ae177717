package config

import (
	"strings"
	"testing"
)

// TestSyntaxInOurWords names the place of what is no YAML, and what was expected.
func TestSyntaxInOurWords(t *testing.T) {
	for text, want := range map[string]string{
		"data_dir: x\ndiscord: {token: \"hunter2}\n":  `newsdesk.yaml:2:18: no YAML: a text in double quotes has no end: want a closing "`,
		"data_dir: 'hunter2\n":                        `newsdesk.yaml:1:11: no YAML: a text in single quotes has no end: want a closing '`,
		"web:\n\tlisten: hunter2\n":                   "tab stands where spaces are expected",
		"web: {listen: hunter2\n":                     `a mapping that { begins`,
		"sources: {remove: [hunter2\n":                `begins`,
		"data_dir: hunter2: y\n":                      `want one "key: value" a line`,
		"web:\n  listen: hunter2\n    token: y\n":     "in one column",
		"data_dir: x\nhunter2\n":                      `want "key: value"`,
		"sources: - hunter2\n":                        `want each "- " entry on a line of its own`,
		"data_dir: @hunter2\n":                        "in quotes",
		"data_dir: \"hunter2\\q\"\n":                  `a backslash in double quotes`,
		"data_dir: *\n":                               "newsdesk.yaml:1:",
		"channels:\n  - channel: x\n mode: hunter2\n": "newsdesk.yaml:",
	} {
		_, msg := load(t, text, nil)
		first, _, _ := strings.Cut(msg, "\n")
		if !strings.Contains(first, want) || !strings.Contains(first, "no YAML: ") || !strings.Contains(first, "want") && !strings.Contains(first, "indent with") {
			t.Errorf("%q:\n%s\nwant %s", text, first, want)
		}
		if strings.Contains(msg, "hunter2") || strings.Contains(msg, "context") || strings.Contains(msg, "could not find") || strings.Contains(msg, "token") {
			t.Errorf("%q: the parser's words, or the text itself: %s", text, msg)
		}
	}
}
