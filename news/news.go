// Package news knows what is happening in an industry: it reads feeds, folds
// the articles of many outlets into stories, rates each story and answers
// questions about them. It knows no chat platform and no subscription.
//
// # Flow
//
//	due feed -> feed.Fetch -> items
//	-> canon: identity and aliases -> Store.Resolve: which are new?
//	-> topic, cluster against the live window -> a story, new or grown
//	-> brief, status, figures -> impact.Rate
//	-> Store.Commit: articles, aliases, stories and change sequence, one atomic step
//	-> the feed's validators and next check are saved last
//
// # Guarantees
//
// A crash at any point refetches, and ingesting the same items again changes
// nothing. Only the holder of the desk lease commits: a replica that lost it
// gets [ErrFenced]. Time comes from the engine's clock or the desk's now
// function, never from a feed: dates in feeds are claims.
package news

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

// Kind says what sort of outlet a source is.
type Kind string

// The kinds of source.
const (
	Lab        Kind = "lab"
	Press      Kind = "press"
	Newsletter Kind = "newsletter"
	Research   Kind = "research"
	Policy     Kind = "policy"
	Chips      Kind = "chips"
	Community  Kind = "community"
)

// Kinds lists every kind of source.
var Kinds = []Kind{Lab, Press, Newsletter, Research, Policy, Chips, Community}

// ParseKind returns the kind named s, or an error that lists the kinds.
func ParseKind(s string) (Kind, error) {
	if k := Kind(strings.ToLower(s)); slices.Contains(Kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("unknown kind of source %q: want one of %v", s, Kinds)
}

// A Source is one outlet and the feeds it is read from.
type Source struct {
	ID        string   `json:"id"`   // a slug, stable over releases
	Name      string   `json:"name"` // as readers know it
	Kind      Kind     `json:"kind"`
	Site      string   `json:"site,omitempty"` // home page; its host is the outlet's own domain
	Lang      string   `json:"lang"`           // BCP 47, "en" where unknown
	Authority float64  `json:"authority"`      // 0 (anybody) to 1 (a primary or first-rate source)
	Feeds     []string `json:"feeds"`          // feed URLs
}

// An Article is an item of a feed that has an identity.
type Article struct {
	ID        string    `json:"id"` // stable; for replayed articles the input's own
	Source    string    `json:"source"`
	URL       string    `json:"url,omitempty"`       // as the feed gave it, http or https
	Canonical string    `json:"canonical,omitempty"` // the identity of URL, see package canon
	Title     string    `json:"title"`
	Text      string    `json:"text,omitempty"` // plain text, at most MaxText bytes
	Lang      string    `json:"lang,omitempty"`
	Image     string    `json:"image,omitempty"`
	Published time.Time `json:"published"` // never after Seen
	Seen      time.Time `json:"seen"`
	Backlog   bool      `json:"backlog,omitempty"` // stood in the feed when it was first read
	Story     string    `json:"story"`
	CopyOf    string    `json:"copy_of,omitempty"` // the article this one repeats under another URL or feed
}

// MaxText bounds Article.Text, in bytes.
const MaxText = 4000

// A Ref is what a story keeps of an article.
type Ref struct {
	ID        string    `json:"id"`
	URL       string    `json:"url,omitempty"`
	Title     string    `json:"title"`
	Source    string    `json:"source"`             // the outlet's name
	Published time.Time `json:"published,omitzero"` // zero only where replay knows no date
	CopyOf    string    `json:"copy_of,omitempty"`
}

// A Story is all articles that report one event. Its JSON is what replay and
// the HTTP interface print.
type Story struct {
	ID       string         `json:"id"`
	Headline string         `json:"headline"`
	URL      string         `json:"url,omitempty"`
	Impact   int            `json:"impact"` // 0 to 100
	Parts    []impact.Part  `json:"parts"`  // their points add up to Impact
	Status   brief.Status   `json:"status"`
	Topics   []string       `json:"topics"` // topic ids, the most important first
	Brief    brief.Brief    `json:"brief"`
	Figures  []brief.Figure `json:"figures"`
	Related  []string       `json:"related"`          // story ids, the closest first; filled by Desk.NameRelated alone
	First    time.Time      `json:"first,omitzero"`   // when its first article was published
	Updated  time.Time      `json:"updated,omitzero"` // when its newest article was published
	Sources  []string       `json:"sources"`          // names of outlets in order of appearance
	Articles []Ref          `json:"articles"`

	Lang    string         `json:"lang,omitempty"`
	Image   string         `json:"image,omitempty"`
	History []brief.Status `json:"history,omitempty"` // earlier statuses, oldest first
	Kinds   []Kind         `json:"kinds,omitempty"`   // of its sources, in order of appearance
	Backlog bool           `json:"backlog,omitempty"` // every article is backlog: never posted
	Fresh   time.Time      `json:"fresh,omitzero"`    // when its newest article that is no backlog was published
	Seq     uint64         `json:"seq,omitempty"`     // change sequence of this version, set by Commit

	// Course is how the impact went, oldest first: the last value of each time
	// it changed, at most 64 of them, the newest always.
	Course []Mark `json:"course,omitempty"`

	Written *Written `json:"written,omitempty"` // by a Writer; nil where none was asked

	// Took are the stories that turned out to tell the same event and went
	// into this one. Into is set in what is left of such a story: the ID of
	// the one that tells it now. It has no articles any more.
	Took []string  `json:"took,omitempty"`
	Into string    `json:"into,omitempty"`
	Left time.Time `json:"left,omitzero"` // with Into: when it went there

	// Turns are what it was, the oldest first, as far as channels choose by
	// it: at most 64. They are for Desk.Past, and printed nowhere.
	Turns []Turn `json:"turns,omitempty"`
}

// A Mark is the impact that a story had from a time on.
type Mark struct {
	At     time.Time `json:"at,omitzero"`
	Impact int       `json:"impact"`
}

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("not found")
	// ErrFenced: the lease under which a write was made belongs to another now.
	ErrFenced = errors.New("the lease was taken over")
	// ErrClaimed: an alias that a Commit claims belongs to another article.
	// Nothing was written; resolve again.
	ErrClaimed = errors.New("an alias belongs to another article")
	// ErrReadOnly: the engine can save nothing just now, as where its disk is
	// full. What was asked changed nothing, and reading goes on.
	ErrReadOnly = errors.New("nothing can be saved")
)
