package news

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Store that lives and dies with the process: for replay, where
// nothing is to be kept, and for tests.
type Memory struct {
	now func() time.Time

	mu       sync.Mutex
	seq      uint64
	leases   map[string]memoryLease
	aliases  map[string]Known
	articles map[string]Article
	stories  map[string]Story
	changed  []change // in order of seq; an entry whose story has a later one is skipped
	feeds    map[string]FeedState
}

type memoryLease struct {
	owner   string // "" once given up
	fence   uint64
	expires time.Time
}

type change struct {
	seq   uint64
	story string
}

// NewMemory makes an empty store that takes the time from now, or from
// time.Now where that is nil.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{
		now:      now,
		leases:   map[string]memoryLease{},
		aliases:  map[string]Known{},
		articles: map[string]Article{},
		stories:  map[string]Story{},
		feeds:    map[string]FeedState{},
	}
}

// Lease implements Store.
func (m *Memory) Lease(ctx context.Context, name, owner string, ttl time.Duration) (uint64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	l, now := m.leases[name], m.now()
	free := l.owner == "" || !now.Before(l.expires)
	if !free && l.owner != owner {
		return l.fence, false, nil
	}
	if free {
		l.fence++
	}
	l.owner, l.expires = owner, now.Add(ttl)
	m.leases[name] = l
	return l.fence, true, nil
}

// Unlease implements Store.
func (m *Memory) Unlease(ctx context.Context, name, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.leases[name]; ok && l.owner == owner && ctx.Err() == nil {
		l.owner = "" // the fence stays, so that the next one is higher
		m.leases[name] = l
	}
	return ctx.Err()
}

// Resolve implements Store.
func (m *Memory) Resolve(ctx context.Context, keys []string) ([]Known, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	out := make([]Known, len(keys))
	for i, key := range keys {
		if k := m.aliases[key]; now.Before(k.Expires) {
			out[i] = k
		}
	}
	return out, ctx.Err()
}

// Commit implements Store.
func (m *Memory) Commit(ctx context.Context, b *Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if l, ok := m.leases[DeskLease]; !ok || l.fence != b.Fence {
		return ErrFenced
	}
	now := m.now()
	claims := make(map[string]Known, len(b.Aliases))
	for _, a := range b.Aliases {
		held := m.aliases[a.Key]
		if !now.Before(held.Expires) {
			held = claims[a.Key]
		}
		if held.Article != "" && held.Article != a.Article {
			return fmt.Errorf("%w: %s claims %q of %s", ErrClaimed, a.Article, a.Key, held.Article)
		}
		claims[a.Key] = Known{Article: a.Article, Story: a.Story, Source: a.Source, Expires: now.Add(a.TTL)}
	}
	for key, k := range claims {
		m.aliases[key] = k
	}
	for _, a := range b.Articles {
		m.articles[a.ID] = a
	}
	for i := range b.Stories {
		m.seq++
		b.Stories[i].Seq = m.seq
		m.stories[b.Stories[i].ID] = cloneStory(b.Stories[i])
		m.changed = append(m.changed, change{m.seq, b.Stories[i].ID})
	}
	m.compact()
	return nil
}

// compact drops the changes that a later one made void, once they are most.
func (m *Memory) compact() {
	if len(m.changed) > 2*len(m.stories)+64 {
		m.changed = slices.DeleteFunc(m.changed, func(c change) bool { return m.stories[c.story].Seq != c.seq })
	}
}

// Articles implements Store.
func (m *Memory) Articles(ctx context.Context, ids []string) ([]Article, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Article
	for _, id := range ids {
		if a, ok := m.articles[id]; ok {
			out = append(out, a)
		}
	}
	return out, ctx.Err()
}

// Stories implements Store.
func (m *Memory) Stories(ctx context.Context, ids []string) ([]Story, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Story
	for _, id := range ids {
		if s, ok := m.stories[id]; ok {
			out = append(out, cloneStory(s))
		}
	}
	return out, ctx.Err()
}

// Changed implements Store.
func (m *Memory) Changed(ctx context.Context, after uint64, limit int) ([]Story, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, _ := slices.BinarySearchFunc(m.changed, after, func(c change, after uint64) int {
		if c.seq <= after {
			return -1
		}
		return 1
	})
	var out []Story
	for _, c := range m.changed[from:] {
		if len(out) >= limit {
			break
		}
		if s, ok := m.stories[c.story]; ok && s.Seq == c.seq {
			out = append(out, cloneStory(s))
		}
	}
	return out, ctx.Err()
}

// Feeds implements Store.
func (m *Memory) Feeds(ctx context.Context) ([]FeedState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]FeedState, 0, len(m.feeds))
	for _, f := range m.feeds {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b FeedState) int { return cmp.Compare(a.URL, b.URL) })
	return out, ctx.Err()
}

// SaveFeed implements Store.
func (m *Memory) SaveFeed(ctx context.Context, f FeedState) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.feeds[f.URL] = f
	return nil
}

// Purge implements Store.
func (m *Memory) Purge(ctx context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	gone := map[string]bool{}
	for id, s := range m.stories {
		if s.Updated.Before(before) {
			gone[id] = true
			delete(m.stories, id)
		}
	}
	for id, a := range m.articles {
		if gone[a.Story] {
			delete(m.articles, id)
		}
	}
	now := m.now()
	for key, k := range m.aliases {
		if !now.Before(k.Expires) {
			delete(m.aliases, key)
		}
	}
	m.compact()
	return len(gone), nil
}

// cloneStory keeps what the store holds apart from what its callers change.
func cloneStory(s Story) Story {
	s.Parts = slices.Clone(s.Parts)
	s.Topics = slices.Clone(s.Topics)
	s.Brief.Body = slices.Clone(s.Brief.Body)
	s.Figures = slices.Clone(s.Figures)
	s.Related = slices.Clone(s.Related)
	s.Sources = slices.Clone(s.Sources)
	s.Articles = slices.Clone(s.Articles)
	s.History = slices.Clone(s.History)
	s.Took = slices.Clone(s.Took)
	s.Kinds = slices.Clone(s.Kinds)
	s.Course = slices.Clone(s.Course)
	s.Turns = slices.Clone(s.Turns)
	return s
}
