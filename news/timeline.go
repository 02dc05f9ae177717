package news

import (
	"fmt"
	"slices"
	"time"
)

// A Moment is a step in the course of a story.
type Moment struct {
	At     time.Time
	Text   string // what happened, as a clause
	Source string // the outlet that it comes from
	URL    string // of its article, "" where none is known any more
}

// milestones are the numbers of outlets whose reaching is a moment.
var milestones = []int{3, 5, 10, 20, 50, 100}

// Timeline returns the moments of a story, oldest first: the first word of it,
// every status that it had and where that came from, when it had spread, and
// the newest article.
func (s Story) Timeline() []Moment {
	if len(s.Articles) == 0 {
		return nil
	}
	first, last := s.Articles[0], s.Articles[len(s.Articles)-1]
	out := []Moment{{first.Published, first.Title, first.Source, first.URL}}
	for i, st := range append(slices.Clone(s.History), s.Status) {
		if i == 0 && !st.Since.After(first.Published) {
			out[0].Text = st.Value + ": " + out[0].Text
			continue
		}
		m := Moment{At: st.Since, Text: st.Value, Source: st.Source}
		for _, a := range s.Articles {
			if a.Source == st.Source && a.Published.Equal(st.Since) {
				m.Text, m.URL = st.Value+": "+a.Title, a.URL
				break
			}
		}
		out = append(out, m)
	}
	seen := map[string]bool{}
	for _, a := range s.Articles {
		if a.CopyOf != "" || seen[a.Source] {
			continue
		}
		seen[a.Source] = true
		if slices.Contains(milestones, len(seen)) {
			out = append(out, Moment{a.Published, fmt.Sprintf("%d outlets report it", len(seen)), a.Source, a.URL})
		}
	}
	if last.ID != first.ID && !slices.ContainsFunc(out, func(m Moment) bool { return m.URL != "" && m.URL == last.URL }) {
		out = append(out, Moment{last.Published, last.Title, last.Source, last.URL})
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out
}
