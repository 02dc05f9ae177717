// Package brief says what a story tells: a summary, its figures and how
// certain it is. Everything is extracted from the articles, nothing is made
// up. It does no I/O and keeps no state.
package brief

import (
	"fmt"
	"strings"
	"time"
)

// A Doc is what the package needs to know of one article.
type Doc struct {
	ID        string
	Source    string  // the outlet's name
	Kind      string  // of the source: lab, press, ...
	Authority float64 // 0 to 1
	Official  bool    // published by the subject of the story itself
	Event     string  // what kind it tells of, as package impact names it
	Copy      bool    // repeats another article's text
	Current   bool    // published since the status is what it is: what it says comes first
	Title     string
	Text      string // plain text
	Lang      string // BCP 47
	Published time.Time

	Reading *Reading // what Read made of the others, nil where nothing did
}

// A Brief is a story in a few sentences, each taken from one article.
type Brief struct {
	Standfirst string   `json:"standfirst"` // one sentence, at most 200 characters
	Summary    string   `json:"summary"`    // two sentences, at most 360 characters
	Body       []string `json:"body"`       // up to three paragraphs

	// Who says each sentence; none where the words are a language model's.
	Credits Credits `json:"credits,omitzero"`
}

// Credits attribute a brief sentence by sentence. The standfirst is the first
// sentence of the summary.
type Credits struct {
	Summary []Credit   `json:"summary,omitempty"`
	Body    [][]Credit `json:"body,omitempty"` // of each paragraph
}

// A Credit names the outlet from which a text is taken up to a place, and from
// the end of the credit before it.
type Credit struct {
	Source string `json:"source"`
	End    int    `json:"end"` // in bytes
}

// Credited is a text with the outlet behind what it says, in parentheses.
func Credited(text string, credits []Credit) string {
	var b strings.Builder
	from := 0
	for _, c := range credits {
		if c.End < from || c.End > len(text) {
			break
		}
		fmt.Fprintf(&b, "%s (%s)", text[from:c.End], c.Source)
		from = c.End
	}
	return b.String() + text[from:]
}

// A Figure is a number that a story claims.
type Figure struct {
	Value     string `json:"value"`           // "1.2 trillion", "97.3", "1.2 G" of W
	Unit      string `json:"unit"`            // "parameters", "%", "USD", "W"
	Bound     string `json:"bound,omitempty"` // "less than", "nearly", "about", "more than", "at least", "up to" or none
	Of        string `json:"of,omitempty"`
	ClaimedBy string `json:"claimed_by,omitempty"`

	// What others claim instead, of the same unit.
	Others []Claim `json:"others,omitempty"`
}

// A Claim is a value that somebody else gives.
type Claim struct {
	Value     string `json:"value"`
	Bound     string `json:"bound,omitempty"` // as a Figure's
	ClaimedBy string `json:"claimed_by"`
}

// The values of a status.
const (
	Rumour    = "rumour"
	Reported  = "reported"
	Confirmed = "confirmed"
	Denied    = "denied"
)

// A Status says how certain a story is and what decided that.
type Status struct {
	Value  string    `json:"value"`  // Rumour, Reported, Confirmed or Denied
	Why    string    `json:"why"`    // in words, with the deciding phrase
	Source string    `json:"source"` // the outlet that decided it
	Since  time.Time `json:"since,omitzero"`
}
