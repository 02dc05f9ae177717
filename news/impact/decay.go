package impact

import (
	"fmt"
	"math"
	"time"
)

// A story keeps its peak for a day; what is told of it later without anything
// new makes it matter less, down to a share of the attention that it had.
const (
	decayAfter = 24 * time.Hour
	decayHalf  = 72 * time.Hour
	decayLeft  = 0.6
)

// decay takes off some of the attention, coverage and velocity, of a story
// that goes on without news: its newest article is that long after most
// outlets told it, or after its status changed.
func decay(attention float64, all []Outlet, voices []voice, since time.Time) exact {
	_, last := burst(voices)
	if since.After(last) {
		last = since
	}
	newest := last
	for _, o := range all {
		if o.At.After(newest) {
			newest = o.At
		}
	}
	if last.IsZero() || newest.Sub(last) <= decayAfter {
		return exact{"decay", 0, ""}
	}
	quiet := newest.Sub(last)
	gone := (1 - decayLeft) * (1 - math.Exp2(-float64(quiet-decayAfter)/float64(decayHalf)))
	return exact{"decay", -attention * gone, fmt.Sprintf("still told %s after its peak, with nothing new", count(int(quiet.Hours())/24, "day"))}
}
