package brief

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Judge returns the status of a story and those it had before, oldest first.
// The articles are read in order of time. A change needs evidence at least as
// strong as that of the status it replaces: what its subject publishes itself
// decides; an outlet that quotes an announcement or a denial decides until
// then; outlets that repeat a rumour never confirm it, however many they are.
func Judge(docs []Doc) (Status, []Status) {
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b Doc) int { return a.Published.Compare(b.Published) })
	var cur Status
	var history []Status
	strength := 0
	vouching := map[string]bool{} // outlets that answer for the story themselves
	for _, d := range docs {
		if d.Copy {
			continue
		}
		v := d.verdict()
		if v.status == Reported && !v.echo {
			vouching[d.Source] = true
		}
		s := v.strength(len(vouching))
		if cur.Value != "" && (v.status == cur.Value && s <= strength || s < strength || s == strength && !supersedes(v.status, cur.Value)) {
			continue
		}
		next := Status{Value: v.status, Why: v.why(), Source: d.Source, Since: d.Published}
		if next.Value == cur.Value {
			next.Since = cur.Since // better evidence for the same
		} else if cur.Value != "" {
			history = append(history, cur)
		}
		cur, strength = next, s
	}
	return cur, history
}

// strength ranks evidence: 1 hearsay, 2 an outlet answers for it, 3 an outlet
// quotes an announcement or a denial, 4 the subject says so itself.
func (v verdict) strength(vouching int) int {
	switch {
	case v.doc.Official:
		return 4
	case v.status == Confirmed || v.status == Denied:
		return 3
	case v.status == Reported && (v.cue != "" && v.kind == vouched || !v.echo && (v.doc.Authority >= 0.8 || vouching >= 2)):
		return 2
	}
	return 1
}

// supersedes says which status replaces which where the evidence is equal:
// what is denied stays so until it is announced, what is announced until it is
// denied, and hearsay replaces nothing.
func supersedes(next, cur string) bool {
	return (next == Confirmed || next == Denied) && next != cur
}

func (v verdict) why() string {
	var said string
	switch v.status {
	case Denied:
		said = "denied"
	case Confirmed:
		said = "announced or confirmed"
		if v.doc.Official {
			said = "published by its subject itself"
		}
	case Rumour:
		said = "told as hearsay"
	default:
		said = "reported as fact"
	}
	if v.cue == "" {
		return said
	}
	text := v.doc.Text
	if v.zone == "headline" {
		text = v.doc.Title
	}
	return fmt.Sprintf("%s: %q in the %s", said, wholeWord(v.cue, text), v.zone)
}

// wholeWord is a cue up to the end of the word that it is the beginning of, as
// the text has it: "releases" of "releas".
func wholeWord(cue, text string) string {
	lower := strings.ToLower(text)
	i := strings.Index(lower, cue)
	if i < 0 || len(lower) != len(text) {
		return cue
	}
	end := i + len(cue)
	if r, _ := utf8.DecodeLastRuneInString(cue); !unicode.Is(unicode.Han, r) {
		end += letters(text[end:])
	}
	return lower[i:end]
}
