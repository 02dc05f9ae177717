package news

import "time"

// A Query selects stories. Zero fields select all.
type Query struct {
	Text      string // words, names and topics; "" matches every story
	Topics    []string
	Status    string
	Since     time.Time // updated at or after
	MinImpact int
	Order     Order
	Limit     int    // at most this many; 0 means 10
	After     string // Result.Next of the page before
	Pace      bool   // also tell Result.Pace: of the same query without Since
}

// IsAfter reports whether s can be a Query.After: "", or what some Result has
// as its Next.
func IsAfter(s string) bool {
	_, ok := parseAfter(s)
	return ok || s == ""
}

// An Order sorts the stories of a Result.
type Order int

// The orders.
const (
	Best   Order = iota // by relevance to Text, impact and age
	Newest              // last updated first
	Top                 // highest impact first
)

// A Result is one page of stories.
type Result struct {
	Stories []Story
	Total   int      // how many match in all
	More    bool     // there are more than Total, which has not counted all: only with phrases
	Topics  []string // the topics that Text was understood to name
	Next    string   // Query.After of the next page, "" at the end

	Pace    *Pace    // where Query.Pace is set
	Nearest []string // ids of up to three topics with stories that may be meant, where Total is 0
}

// A SourceState is a source with the state of its feeds.
type SourceState struct {
	Source
	States []FeedState `json:"states"` // one for each feed, in order; only the URL is set before the first check
}
