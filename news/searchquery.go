package news

import (
	"hash/fnv"
	"strings"
	"time"
	"unicode"
)

// Bounds on a query, whatever is typed or pasted.
const (
	queryBytes = 1000
	queryTerms = 16 // words and topics; those behind them do not count
	queryBits  = 5  // of that number
	queryName  = 4  // words of a topic's name at most
	queryLimit = 10 // stories of a page where Query.Limit is 0
)

// Search returns the stories that match q at the time now.
//
// The page is that of a look at every story, and Total is exact, but for
// phrases of common words, where Total is what was counted and More is set:
// all stories are read that may come onto the page, up to 2,000.
//
// A word or several that name a topic match it by what a story is about as
// well as by text, and more the more important the topic is to a story; "words in
// quotes" match side by side, or by the topic that all of them name. Where no story has
// all of the words, those with any of them match, the more the better. A word
// that no story has stands for the nearest one that some have. The address of
// an article finds its story, and so does a story's id where it is nothing
// else. Stories that match equally come in the order of their ids. Next is
// good for a query that is the same but for After, and goes on behind the last
// story of the page where stories were added meanwhile; with an After that
// Search did not make there are no hits.
func (x *Index) Search(q Query, now time.Time) Hits {
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.core
	if slot, ok, is := c.byAddress(q.Text); is {
		return c.single(slot, ok)
	}
	p := x.understand(q.Text)
	s := scan{core: c, q: q, status: statusCode(q.Status), min: uint8(min(max(q.MinImpact, 0), 100))}
	s.since, s.now, s.best = nanos(q.Since), nanos(now), recencyOf(now)
	page := q.Limit
	if page <= 0 {
		page = queryLimit
	}
	s.limit = page + 1
	h := Hits{Topics: p.topics}
	if q.Pace {
		s.days = make([]int, trendDays)
	}
	if q.After != "" {
		if s.after, s.paged = parseAfter(q.After); !s.paged {
			s.limit = 0
		}
	}
	var about *unit
	if len(q.Topics) > 0 {
		about = &unit{}
		for _, name := range q.Topics {
			if t, ok := c.stems[topicKey(x.topicID(name))]; ok {
				about.alternatives = append(about.alternatives, c.cursor(t))
			}
		}
	}
	switch {
	case q.Status != "" && s.status == 0:
	case strings.TrimSpace(q.Text) == "":
		s.every(nil, about)
	case !p.dead:
		if len(p.units) == 0 {
			break
		}
		if s.every(p.units, about); s.total == 0 && !s.more && len(p.units) > 1 {
			s.any(p.units, about)
		}
	default:
		s.any(p.units, about)
	}
	if slot, ok := c.slots[strings.ToLower(strings.TrimSpace(q.Text))]; ok && s.total == 0 {
		return c.single(slot, true)
	}
	hits := s.page()
	h.Total, h.More = s.total, s.more
	if s.total == 0 {
		h.Nearest = x.near(q.Text, nearestTopics)
	}
	if q.Pace {
		h.Pace = c.paceOf(s.days, now)
	}
	if len(hits) > page {
		hits = hits[:page]
		h.Next = hits[page-1].after(c)
	}
	h.IDs = make([]string, len(hits))
	for i, hit := range hits {
		h.IDs[i] = c.docs[hit.slot].id
	}
	return h
}

func (c *core) single(slot uint32, ok bool) Hits {
	if !ok {
		return Hits{IDs: []string{}}
	}
	return Hits{IDs: []string{c.docs[slot].id}, Total: 1}
}

// byAddress finds the story with an article at a web address. is tells that
// text is one.
func (c *core) byAddress(text string) (slot uint32, ok, is bool) {
	text = strings.Trim(strings.TrimSpace(text), `<>"`)
	if len(text) > queryBytes || strings.ContainsFunc(text, unicode.IsSpace) {
		return 0, false, false
	}
	h, is := urlHash(text)
	if is {
		slot, ok = c.urls[h]
	}
	return slot, ok, is
}

// topicID returns the id of the topic that a filter names.
func (x *Index) topicID(name string) string {
	if t, ok := x.g.Lookup(name); ok {
		return t.ID
	}
	if t, ok := x.g.Find(name); ok {
		return t.ID
	}
	return strings.ToLower(name)
}

// urlHash identifies a web address whatever its scheme, "www.", fragment and
// last slash.
func urlHash(u string) (uint64, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(u), "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "http" && scheme != "https" {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, path, _ := strings.Cut(rest, "/")
	h := fnv.New64a()
	h.Write([]byte(strings.TrimPrefix(strings.ToLower(host), "www.")))
	h.Write([]byte("/" + strings.TrimSuffix(path, "/")))
	return h.Sum64(), true
}
