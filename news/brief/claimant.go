package brief

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// attribution finds whom a sentence follows, or who says what it says.
var attribution = regexp.MustCompile(`(?:(?i:according to|laut|selon|según) (?:(?i:the|a|der|dem|l'|la|el) )?|据)(` + person + `)` +
	`|^(` + person + `) (?:says?|said|claims?|claimed|estimates?|estimated|expects?|expected|told|sagt|sagte|teilte|schätzt|affirme|annonce|estime|dice|afirma|calcula)\b` +
	`|[,，] (?:says?|said|claims?|claimed|estimates?|estimated|schätzt|sagt|sagte|affirme|estime|afirma|según|selon) (` + person + `)` +
	`|, (` + person + `) (?:says?|said|claims?|claimed|estimates?|estimated)\.?$`)

const person = `\p{Lu}[\p{L}\d.&-]*(?: \p{Lu}[\p{L}\d.&-]*){0,3}`

// attributing are parts of words in lower case, one of which stands in all that
// attribution finds: most sentences have none, and the expression is slow.
var attributing = strings.Fields("ccording annonce egún dice teilte laut elon 据 say said claim estim expect told sagt schätzt affirme afirma calcula")

func mayAttribute(s string) bool {
	low := strings.ToLower(s)
	return slices.ContainsFunc(attributing, func(part string) bool { return strings.Contains(low, part) })
}

var reports = set("bericht|analysten|sources|source")

// claimant is who a sentence attributes its claim to, else the outlet that its
// title gives the credit, else its own.
func claimant(s string, d Doc) string {
	own := cmp.Or(outlet(d.Title), d.Source)
	if !mayAttribute(s) {
		return own
	}
	m := attribution.FindStringSubmatchIndex(s)
	if m == nil || strings.HasPrefix(s[m[1]:], " to ") { // "X said to prepare": others say so
		return own
	}
	who := ""
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			who += s[m[i]:m[i+1]]
		}
	}
	who = strings.TrimRight(who, ".")
	if ts := tokens(who); noNames.has(ts, 0) || reports.has(ts, 0) || origin(ts[0].text) && len(ts) == 1 {
		return own
	}
	return who
}
