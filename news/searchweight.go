package news

import (
	"math"
	"slices"
	"time"

	"newsdesk/news/brief"
)

// perWord is what one word of a field of n words adds to the weight of its
// term, with b = 0.5.
func (k fieldKind) perWord(n int) float64 {
	const b = 0.5
	return k.weight / (1 - b + b*float64(n)/k.usual)
}

// saturate lets repetition count less and less, with k1 = 1.2.
func saturate(w float64) float64 {
	const k1 = 1.2
	return w / (k1 + w)
}

// quantise keeps a weight of 0 to 1 in a byte, never as nothing.
func quantise(w float64) uint8 { return uint8(max(1, math.Round(w*math.MaxUint8))) }

func weightAt(q uint8) float64 { return float64(q) / math.MaxUint8 }

// idf is how much it tells that a story has the term: about 0 where all have
// it, and never less.
func (c *core) idf(t uint32) float64 {
	n, df := float64(len(c.slots)), float64(c.terms[t].live)
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}

const halfLife = 14 * 24 * time.Hour

// recencyOf doubles with every half-life since 2020: the ratio between two
// stories is the same whenever they are compared.
func recencyOf(t time.Time) float64 {
	age := float64(t.Unix()-1577836800) / halfLife.Seconds()
	return math.Exp2(min(max(age, -1000), 1000))
}

// nanos is t in Unix nanoseconds, or the nearest that can be told so.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1700:
		return math.MinInt64
	case year > 2200:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// impactOf is what an impact multiplies the match with: 0.4 to 1.
func impactOf(impact uint8) float64 { return 0.4 + 0.006*float64(impact) }

// impactFor is the impact that impactOf makes f of.
func impactFor(f float64) float64 { return (f - 0.4) / 0.006 }

var statusNames = [...]string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied}

// statusCode returns the place of a status among statusNames, from 1 on, and
// 0 for one that is none.
func statusCode(s string) uint8 { return uint8(slices.Index(statusNames[:], s) + 1) }
