package news

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Trend is how much news a topic makes.
type Trend struct {
	Topic    string  `json:"topic"`
	Name     string  `json:"name"`
	Stories  int     `json:"stories"`  // that began in the span
	Usual    float64 `json:"usual"`    // how many such a span had before, were it as busy as this one; 0 where Thin
	Surprise float64 `json:"surprise"` // -log10 of the chance of so many or more
	Burst    bool    `json:"burst"`    // unlikely to be chance, and told by several outlets
	Great    int     `json:"great"`    // the impact of the greatest of them that is mainly about it, 0 below 80
	Thin     bool    `json:"thin"`     // too little is known of the days before to say what is usual
	Days     []int   `json:"days"`     // stories that began on each of the last days, the newest last
}

const (
	trendDays     = 28  // that a topic's share is learnt from, and that Trend.Days shows
	trendHalfLife = 7.0 // days, by which an older day counts half
	burstSurprise = 3   // a thousand to one
	burstStories  = 4
	burstVoices   = 3 // outlets of a burst's stories together
	// trendPrior is what is added to each topic's share: a topic that is new
	// today is no miracle.
	trendPrior = 0.5 // stories in a span
	// trendGreat is the impact from which one story makes a trend of what it is
	// mainly about, which are its first two topics: a lab and its model.
	trendGreat    = 80
	greatSubjects = 2
	greatShare    = 4 // one place in so many is kept for them
	// trendHistory is how many of the days before must have news. The backlog
	// that feeds hold at first is a few stories of slow outlets.
	trendHistory = 7
)

// Trends returns the topics that make news in the last span, a number of whole
// days, the most surprising first, at most n. What is usual comes from the
// topic's share of all stories in the 28 days before, the recent ones counted
// more, times how many stories the span has: a quiet Sunday surprises nobody.
// The chance is Poisson's. Topics with no more news than usual are left out, but
// for those of a great story: where they are not among the first n, the greatest
// of them have the last quarter of the places.
// Where less than a week of those days has news, or all of them together weigh
// less than the span, nothing is known to be usual: the topics are Thin, and
// those with the most stories come first. only, where not empty, is the one
// topic to look at, however little news it makes.
func (x *Index) Trends(now time.Time, days, n int, only string) []Trend {
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.core
	days = min(max(days, 1), trendDays)
	all := make([]int, trendDays+days)
	day := func(first int64) int { return int(math.Floor(float64(nanos(now)-first) / float64(24*time.Hour))) }
	for i := range c.ranks {
		if d := day(c.ranks[i].first); !c.ranks[i].dead && d >= 0 && d < len(all) {
			all[d]++
		}
	}
	span, before, known := 0.0, 0.0, 0
	for d, n := range all {
		if d < days {
			span += float64(n)
		} else {
			before += float64(n) * weightOf(d-days)
			known += min(n, 1)
		}
	}
	mainly := quantise(saturate(inTopic(greatSubjects - 1).perWord(1)))
	thin := known < trendHistory || before < span
	var out []Trend
	for _, id := range x.g.IDs() {
		if only != "" && id != only {
			continue
		}
		t, ok := c.stems[topicKey(id)]
		if !ok || c.terms[t].live == 0 {
			continue
		}
		trend := Trend{Topic: id, Name: x.topicName(id), Thin: thin, Days: make([]int, trendDays)}
		voices, share := 0, 0.0
		for i, slot := range c.terms[t].slots {
			r := &c.ranks[slot]
			d := day(r.first)
			if r.dead || d < 0 || d >= len(all) {
				continue
			}
			if d < trendDays {
				trend.Days[trendDays-1-d]++
			}
			if d < days {
				trend.Stories++
				voices += int(r.voices)
				if great := int(r.impact); great >= max(trendGreat, trend.Great) && c.terms[t].notes[i].weight >= mainly {
					trend.Great = great
				}
			} else {
				share += weightOf(d - days)
			}
		}
		if !thin {
			trend.Usual = share / before * span
			trend.Surprise = surprise(trend.Stories, trend.Usual+trendPrior)
			trend.Burst = trend.Surprise >= burstSurprise && trend.Stories >= burstStories && voices >= burstVoices
		}
		if float64(trend.Stories) > trend.Usual || trend.Great > 0 || only != "" {
			out = append(out, trend)
		}
	}
	slices.SortStableFunc(out, func(a, b Trend) int {
		return cmp.Or(cmp.Compare(b.Surprise, a.Surprise), cmp.Compare(b.Stories, a.Stories))
	})
	if len(out) > n {
		last := out[n-n/greatShare:]
		slices.SortStableFunc(last, func(a, b Trend) int { return cmp.Compare(b.Great, a.Great) })
		out = out[:n]
	}
	return out
}

func weightOf(days int) float64 { return math.Exp2(-float64(days) / trendHalfLife) }

// surprise is -log10 of the chance that a Poisson variable of that mean is x
// or more.
func surprise(x int, mean float64) float64 {
	if x == 0 || mean <= 0 {
		return 0
	}
	// The tail is a series of terms, each the one before times mean/k.
	term, sum := 1.0, 0.0
	for k := x + 1; term > 1e-12*sum; k++ {
		sum += term
		term *= mean / float64(k)
	}
	lg, _ := math.Lgamma(float64(x) + 1)
	return max(0, -(float64(x)*math.Log(mean)-mean-lg+math.Log(sum))/math.Ln10)
}
