package web

import (
	"testing"
	"time"

	"newsdesk/news"
)

func TestCourse(t *testing.T) {
	at := func(hour, impact int) news.Mark {
		return news.Mark{At: noon.Add(time.Duration(hour) * time.Hour), Impact: impact}
	}
	c := courseOf([]news.Mark{at(0, 40), at(1, 42), at(2, 60), at(4, 58)})
	if c.Line != "0,60 135,60 135,58 270,58 270,40 540,40 540,42 600,42" {
		t.Errorf("line %q", c.Line)
	}
	if len(c.Marks) != 3 || c.Marks[1].Impact != 60 || c.Marks[2].Impact != 58 {
		t.Errorf("told: %v", c.Marks)
	}
	if c := courseOf([]news.Mark{at(0, 40)}); c.Line != "" || len(c.Marks) != 0 {
		t.Errorf("what never moved: %+v", c)
	}
}
