package newstest_test

import (
	"slices"
	"testing"

	"newsdesk/news"
	"newsdesk/news/newstest"
)

// TestStories checks that the canned stories keep what is promised of stories.
func TestStories(t *testing.T) {
	stories := newstest.Stories()
	if len(stories) != 12 || !slices.IsSortedFunc(stories, func(a, b news.Story) int { return b.Updated.Compare(a.Updated) }) {
		t.Errorf("want 12 stories, newest first; got %d", len(stories))
	}
	seen := map[string]bool{}
	for _, s := range stories {
		sum := 0
		for _, p := range s.Parts {
			sum += p.Points
		}
		if sum != s.Impact {
			t.Errorf("%s: parts add up to %d, impact is %d", s.ID, sum, s.Impact)
		}
		if s.Updated.Before(s.First) || s.Updated.After(newstest.Now()) {
			t.Errorf("%s: first %s, updated %s", s.ID, s.First, s.Updated)
		}
		for _, a := range s.Articles {
			if seen[a.ID] {
				t.Errorf("%s: article %s twice", s.ID, a.ID)
			}
			seen[a.ID] = true
		}
		if seen[s.ID] {
			t.Errorf("story %s twice", s.ID)
		}
		seen[s.ID] = true
	}
}
