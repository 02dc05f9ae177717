package web

import (
	"fmt"
	"strings"

	"newsdesk/news"
)

// The box that the line of a course is drawn in, in its own units.
const (
	courseWide = 600
	courseHigh = 100
)

// A course is how an impact went: its marks, and the line through them.
type course struct {
	Marks []news.Mark // the oldest first; none where it never moved
	Line  string      // points of a polyline in courseWide x courseHigh: impact 100 is at the top
}

// moveLeast is by how many points an impact must move to be told in words; the
// line has every step.
const moveLeast = 5

// moves returns the first mark, those that moved far enough, and the last.
func moves(marks []news.Mark) []news.Mark {
	out := []news.Mark{marks[0]}
	for i, m := range marks[1:] {
		if by := m.Impact - out[len(out)-1].Impact; by >= moveLeast || -by >= moveLeast || i == len(marks)-2 {
			out = append(out, m)
		}
	}
	return out
}

// courseOf draws marks in steps over the time: an impact holds until the next.
func courseOf(marks []news.Mark) course {
	if len(marks) < 2 {
		return course{}
	}
	first := marks[0].At
	span := max(marks[len(marks)-1].At.Sub(first), 1)
	// The last value gets a tenth of the width, or nobody would see it.
	const moving = courseWide * 9 / 10
	var line strings.Builder
	for i, m := range marks {
		x, y := int64(float64(moving)*float64(m.At.Sub(first))/float64(span)), courseHigh-m.Impact
		if i > 0 {
			fmt.Fprintf(&line, " %d,%d", x, courseHigh-marks[i-1].Impact)
		}
		fmt.Fprintf(&line, " %d,%d", x, y)
	}
	fmt.Fprintf(&line, " %d,%d", courseWide, courseHigh-marks[len(marks)-1].Impact)
	return course{moves(marks), strings.TrimSpace(line.String())}
}
