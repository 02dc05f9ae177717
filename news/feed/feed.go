// Package feed fetches and parses one feed. It is the only user of gofeed and
// the only place that reads from the open web, so every limit on what a
// hostile server can do to the desk stands here.
package feed

import "time"

// An Item is what a feed said, before it is understood. Text fields are plain
// text: tags are gone, entities decoded, white space folded.
type Item struct {
	GUID       string
	URL        string // absolute http or https, or ""
	Title      string
	Text       string // the longer of summary and content
	Lang       string // the feed's own declaration, or ""
	Image      string
	Published  time.Time // zero where unknown
	Updated    time.Time
	Categories []string
}
