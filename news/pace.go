package news

import (
	"slices"
	"time"
)

// A Pace is how many of the stories that a query finds began lately. Days end
// with the quarter of the UTC day in which the search was made, not at
// midnight: a week is compared with whole weeks.
type Pace struct {
	Days  []int   // on each of the last 28 days, the newest last
	Week  int     // in the last seven of them
	Usual float64 // in a week: the median of the three before; 0 where Thin
	Thin  bool    // too little is known of the weeks before to say what is usual
}

const (
	paceWeek  = 7
	paceKnown = 4 // days with news that a week must have to tell what is usual
)

// paceOf sums days up. Weeks in which the desk itself had hardly any news do
// not count: it was not there yet.
func (c *core) paceOf(days []int, now time.Time) *Pace {
	p := &Pace{Days: days}
	held := make([]int, trendDays) // by the desk
	for i := range held {
		for q := range int64(pieces) {
			held[trendDays-1-i] += int(c.begun[pieceOf(nanos(now))-int64(i*pieces)-q])
		}
	}
	var weeks []int
	for w := 0; w < trendDays/paceWeek; w++ {
		until := trendDays - w*paceWeek
		sum, known := 0, 0
		for d := until - paceWeek; d < until; d++ {
			sum += days[d]
			if held[d] > 0 {
				known++
			}
		}
		if w == 0 {
			p.Week = sum
		} else if known >= paceKnown {
			weeks = append(weeks, sum)
		}
	}
	if p.Thin = len(weeks) == 0; p.Thin {
		return p
	}
	slices.Sort(weeks)
	p.Usual = float64(weeks[(len(weeks)-1)/2]+weeks[len(weeks)/2]) / 2
	return p
}

// pieces is how many of them a day has.
const pieces = 4

// pieceOf numbers the quarters of the days of Unix time.
func pieceOf(nano int64) int64 { return nano / int64(24*time.Hour/pieces) }
