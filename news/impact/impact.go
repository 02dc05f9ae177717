// Package impact rates how much a story matters, from 0 to 100, as a sum of
// parts that each have a reason in words. It does no I/O and keeps no state.
package impact

// A Part is one reason of a rating. The points of a story's parts add up to
// its impact.
type Part struct {
	Name   string `json:"name"`   // coverage, authority, velocity, prominence, event, magnitude, novelty, interest, decay, status, limit
	Points int    `json:"points"` // may be negative
	Why    string `json:"why"`    // a phrase a reader accepts
}
