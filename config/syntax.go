package config

import "strings"

// syntaxes say what is wrong with a line that is no YAML and what is expected,
// by a part of what the parser says of it; the first that fits holds.
var syntaxes = []struct{ says, text string }{
	{"of double-quoted", `a text in double quotes has no end: want a closing "`},
	{"of single-quoted", `a text in single quotes has no end: want a closing '`},
	{"tab character", "a tab stands where spaces are expected: indent with spaces"},
	{"cannot start any token", "a tab stands where spaces are expected: indent with spaces"},
	{"escape", `a backslash in double quotes begins nothing known: want \\ for a backslash, or single quotes around the text`},
	{"surrogate", `a character written with \u is not whole: want the character itself`},
	{"',' or '}'", `a mapping that { begins goes wrong here: want a comma between its entries and a } at its end`},
	{"'}' must", `a mapping that { begins goes wrong here: want a comma between its entries and a } at its end`},
	{"flow map", `a mapping that { begins has no end: want "key: value" entries and a }`},
	{"',' or ']'", `a list that [ begins goes wrong here: want a comma between its entries and a ] at its end`},
	{"sequence end", `a list that [ begins has no end: want a ]`},
	{"expected sequence element", `a list that [ begins has an entry missing: want one between two commas`},
	{"'[' character", `a ] ends a list that no [ began: want it gone, or the text in quotes`},
	{"'{' character", `a } ends a mapping that no { began: want it gone, or the text in quotes`},
	{"reserved character", "a text begins with @ or `, which YAML reserves: want it in quotes"},
	{"anchor", `an & names no value: want a name and a value behind it, or the text in quotes`},
	{"alias", `a * names no anchor: want a name directly behind it, or the text in quotes`},
	{"tag", `a ! says nothing here: want it gone, or the text in quotes`},
	{"irective", `a line begins with %: want "key: value", or the text in quotes`},
	{"block sequence", `a list begins beside its key: want each "- " entry on a line of its own below the key`},
	{"separator", `a --- ends the document here: want one document`},
	{"multi-line", `a text over several lines has no content: want it indented below the | or >`},
	{"implicit line break", `a key goes over more than one line: want "key: value" on one`},
	{"already defined", `a key stands here twice: want it once`},
	{"delimiter ':'", `a key has no value: want "key: value", with a colon and a space`},
	{"non-map value", `a line has no key: want "key: value", with a colon and a space, as above it`},
	{"unexpected key name", `a line has no colon behind its key: want "key: value", with a colon and a space`},
	{"is not allowed in this context", `a value goes on where it has ended: want one "key: value" a line, the keys of one level in one column, and a text with ": " in it in quotes`},
	{"key-value", `a key stands deeper than those around it: want the keys of one level in one column`},
	{"map key", `a key stands where none can: want the keys of one level in one column`},
}

// syntax puts into words what the parser says of a text that is no YAML. Its
// own words name its tokens, and may quote the text and with it a secret.
func syntax(says string) string {
	for _, s := range syntaxes {
		if strings.Contains(says, s.says) {
			return s.text
		}
	}
	return `this cannot be read: want "key: value" lines, the keys of one level in one column, and a text with signs in it in quotes`
}
