package news

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"newsdesk/news/topic"
)

// An Index finds stories.
type Index struct {
	mu      sync.RWMutex
	g       *topic.Gazetteer
	stories map[string]Story
}

// Hits is one page of what a Query selects.
type Hits struct {
	IDs    []string
	Total  int
	Topics []string
	Next   string
}

// NewIndex makes an empty index that understands the names of g.
func NewIndex(g *topic.Gazetteer) *Index { return &Index{g: g, stories: map[string]Story{}} }

// Put adds s, or replaces the version that is there.
func (x *Index) Put(s Story) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.stories[s.ID] = s
}

// Remove forgets a story.
func (x *Index) Remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.stories, id)
}

// Len returns how many stories there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.stories)
}

// Search selects stories.
func (x *Index) Search(q Query, _ time.Time) Hits {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var ss []Story
	for _, s := range x.stories {
		if s.Impact >= q.MinImpact && !s.Updated.Before(q.Since) && (q.Status == "" || s.Status.Value == q.Status) &&
			strings.Contains(strings.ToLower(s.Headline+" "+strings.Join(s.Topics, " ")), strings.ToLower(q.Text)) {
			ss = append(ss, s)
		}
	}
	slices.SortFunc(ss, func(a, b Story) int { return cmp.Or(b.Impact-a.Impact, cmp.Compare(a.ID, b.ID)) })
	h := Hits{Total: len(ss)}
	for _, s := range ss[:min(len(ss), max(q.Limit, 10))] {
		h.IDs = append(h.IDs, s.ID)
	}
	return h
}

// Related returns stories close to s.
func (x *Index) Related(s Story, n int, _ time.Time) []string { return nil }
