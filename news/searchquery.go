package news

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on a query, whatever is typed or pasted.
const (
	queryBytes = 1000
	queryTerms = 16 // words and topics; those behind them do not count
	queryName  = 4  // words of a topic's name at most
	queryLimit = 10 // stories of a page where Query.Limit is 0
)

// Search returns the stories that match q at the time now.
//
// A word or several that name a topic match it by what a story is about as
// well as by text; "words in quotes" match side by side. Where no story has
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
	s := scan{core: c, q: q, codes: statusCode(q.Status), min: uint8(min(max(q.MinImpact, 0), 100))}
	if !q.Since.IsZero() {
		s.since = q.Since.UnixNano()
	} else {
		s.since = math.MinInt64
	}
	s.best = recencyOf(now)
	s.limit = q.Limit
	if s.limit <= 0 {
		s.limit = queryLimit
	}
	h := Hits{Topics: p.topics}
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
				about.alternatives = append(about.alternatives, cursor{list: c.terms[t].postings})
			}
		}
	}
	switch {
	case q.Status != "" && s.codes == 0:
	case strings.TrimSpace(q.Text) == "":
		s.all(about)
	case !p.dead:
		if s.every(p.units, about); s.total == 0 && len(p.units) > 1 {
			s.any(p.units, about)
		}
	default:
		s.any(p.units, about)
	}
	if slot, ok := c.slots[strings.ToLower(strings.TrimSpace(q.Text))]; ok && s.total == 0 {
		return c.single(slot, true)
	}
	hits := s.page()
	h.Total = s.total
	h.IDs = make([]string, len(hits))
	for i, hit := range hits {
		h.IDs[i] = c.docs[hit.slot].id
	}
	if len(hits) > 0 && s.behind > len(hits) {
		h.Next = hits[len(hits)-1].after(c)
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

// A plan is a query's text as it was understood.
type plan struct {
	units  []*unit
	topics []string
	dead   bool // one of the words is in no story
}

// A unit is one word, phrase or name of a query. A story matches it by any of
// the alternatives, or by all of the words, side by side where phrase is set.
type unit struct {
	alternatives []cursor
	words        []cursor
	phrase       []uint32
}

// understand reads the words and names of a text.
func (x *Index) understand(text string) plan {
	r := &reader{x: x, c: x.core}
	text = cutText(strings.TrimSpace(text), queryBytes)
	for text != "" && r.terms < queryTerms {
		open := strings.IndexFunc(text, isQuoteMark)
		if open < 0 {
			r.plain(text)
			break
		}
		r.plain(text[:open])
		_, size := utf8.DecodeRuneInString(text[open:])
		text = text[open+size:]
		end := strings.IndexFunc(text, isQuoteMark)
		if end < 0 {
			r.plain(text) // a quote that is never closed is a slip
			break
		}
		r.unit(text[:end], "", true)
		_, size = utf8.DecodeRuneInString(text[end:])
		text = text[end+size:]
	}
	if len(r.units) == 0 && !r.dead {
		for _, w := range r.chatter {
			r.unit(w, "", false)
		}
	}
	return r.plan
}

func isQuoteMark(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

// A reader turns text into a plan.
type reader struct {
	x *Index
	c *core
	plan
	terms   int
	chatter []string
}

// plain reads text outside of quotes: the longest names of topics first.
func (r *reader) plain(text string) {
	words := strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;,。、;!!?", c) })
	for i := 0; i < len(words) && r.terms < queryTerms; {
		n := min(queryName, len(words)-i)
		for ; n > 0; n-- {
			name := strings.TrimFunc(strings.Join(words[i:i+n], " "), func(c rune) bool { return !isWordRune(c) && c != '+' })
			if id, ok := r.topic(name); ok {
				r.unit(name, id, false)
				break
			}
		}
		if n == 0 {
			r.word(words[i])
			n = 1
		}
		i += n
	}
}

// topic returns the id of the topic of that name.
func (r *reader) topic(name string) (string, bool) {
	if name == "" || stopWords[fold(name)] {
		return "", false
	}
	t, ok := r.x.g.Find(name)
	return t.ID, ok
}

// word reads what stands between two spaces: the names of topics in it, in a
// dense script also without anything around them, and its words.
func (r *reader) word(text string) {
	text = fold(text)
	from := 0
	for i, c := range text {
		if i < from || !isDense(c) {
			continue
		}
		end, id := i, ""
		for k, n := i, 0; k < len(text) && n < 8; n++ {
			c, size := utf8.DecodeRuneInString(text[k:])
			if !isDense(c) {
				break
			}
			if k += size; n > 0 {
				if t, ok := r.topic(text[i:k]); ok {
					end, id = k, t
				}
			}
		}
		if id != "" {
			r.bare(text[from:i])
			r.unit(text[i:end], id, false)
			from = end
		}
	}
	r.bare(text[from:])
}

// bare reads folded words; each is a unit of its own.
func (r *reader) bare(folded string) {
	eachWord(folded, func(w, _ string) {
		switch {
		case stopWords[w]:
		case chatter[w]:
			r.chatter = append(r.chatter, w)
		default:
			id, _ := r.topic(w)
			r.unit(w, id, false)
		}
	})
}

// unit adds a word, a phrase or the name of a topic.
func (r *reader) unit(text, id string, phrase bool) {
	if r.terms >= queryTerms {
		return
	}
	u := &unit{}
	known := true
	eachWord(fold(text), func(w, _ string) {
		if !known || r.terms >= queryTerms {
			return
		}
		if stopWords[w] {
			u.phrase = appendStop(u.phrase)
			return
		}
		r.terms++
		t, meant, ok := r.c.lookup(w, id == "")
		if !ok {
			known = false
			return
		}
		if meant != w && !phrase {
			id, _ = r.topic(meant)
		}
		u.words = append(u.words, r.c.cursor(t))
		u.phrase = append(u.phrase, t)
	})
	if !known {
		u.words = nil
	}
	if n := len(u.phrase); n > 0 && u.phrase[n-1] == stop {
		u.phrase = u.phrase[:n-1]
	}
	if !phrase || len(u.words) < 2 {
		u.phrase = nil
	}
	if id != "" {
		if !slices.Contains(r.topics, id) {
			r.topics = append(r.topics, id)
		}
		if t, ok := r.c.stems[topicKey(id)]; ok && r.c.terms[t].live > 0 && !r.named(u, id) {
			u.alternatives = append(u.alternatives, r.c.cursor(t))
		}
	}
	switch {
	case len(u.words)+len(u.alternatives) > 0:
		r.units = append(r.units, u)
	case !known || id != "":
		r.dead = true
	}
}

// named reports whether every story about the topic has all words of u: those
// of a topic's name are among the words of its stories.
func (r *reader) named(u *unit, id string) bool {
	if len(u.words) == 0 {
		return false
	}
	var name []uint32
	eachWord(fold(r.x.topicName(id)), func(w, _ string) {
		if t, ok := r.c.words[w]; ok {
			name = append(name, t)
		}
	})
	return !slices.ContainsFunc(u.words, func(c cursor) bool { return !slices.Contains(name, c.term) })
}

// lookup returns the term that a folded word stands for: its own, or where no
// story has that and guess is set, that of the nearest word. meant is the word.
func (c *core) lookup(word string, guess bool) (t uint32, meant string, ok bool) {
	count := func(t uint32) int { return int(c.terms[t].live) }
	t, ok = c.words[word]
	if !ok {
		t, ok = c.stems[stem(word)]
	}
	if ok && count(t) > 0 {
		return t, word, true
	}
	if guess {
		if s, ok := c.spelling.nearest(word, count); ok {
			return s.term, s.word, true
		}
	}
	return 0, word, false
}

// A cursor walks over the postings of a term.
type cursor struct {
	term uint32
	list []posting
	at   int
	idf  float64
}

func (c *core) cursor(t uint32) cursor {
	return cursor{term: t, list: c.terms[t].postings, idf: c.idf(t)}
}

// end is the slot behind all slots.
const end = math.MaxUint32

// seek moves to the first slot that is not before slot and returns it.
func (c *cursor) seek(slot uint32) uint32 {
	if c.at < len(c.list) && c.list[c.at].slot < slot {
		step := 1
		for c.at+step < len(c.list) && c.list[c.at+step].slot < slot {
			c.at += step
			step *= 2
		}
		lo, hi := c.at+1, min(c.at+step, len(c.list))
		for lo < hi {
			mid := (lo + hi) / 2
			if c.list[mid].slot < slot {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		c.at = lo
	}
	if c.at >= len(c.list) {
		return end
	}
	return c.list[c.at].slot
}

func (c *cursor) score() float64 { return c.idf * float64(c.list[c.at].weight) }

// seek returns the first slot not before slot that may match.
func (u *unit) seek(slot uint32) uint32 {
	best := uint32(end)
	for i := range u.alternatives {
		best = min(best, u.alternatives[i].seek(slot))
	}
	if len(u.words) > 0 {
		at := u.words[0].seek(slot)
		for i := 1; i < len(u.words) && at < best; {
			if next := u.words[i].seek(at); next > at {
				at = u.words[0].seek(next)
				i = 1
			} else {
				i++
			}
		}
		best = min(best, at)
	}
	return best
}

// rewind moves back to the first slot.
func (u *unit) rewind() {
	for i := range u.alternatives {
		u.alternatives[i].at = 0
	}
	for i := range u.words {
		u.words[i].at = 0
	}
}

// score says how well the slot that seek returned matches, and whether it does.
func (u *unit) score(c *core, slot uint32) (float64, bool) {
	best, ok := 0.0, false
	for i := range u.alternatives {
		if a := &u.alternatives[i]; a.seek(slot) == slot {
			best, ok = max(best, a.score()), true
		}
	}
	sum := 0.0
	for i := range u.words {
		if u.words[i].seek(slot) != slot {
			return best, ok
		}
		sum += u.words[i].score()
	}
	if len(u.words) > 0 && (u.phrase == nil || contains(c.docs[slot].terms, u.phrase)) {
		best, ok = max(best, sum), true
	}
	return best, ok
}

// size bounds the number of matches.
func (u *unit) size() int {
	n := 0
	for _, a := range u.alternatives {
		n += len(a.list)
	}
	if len(u.words) > 0 {
		least := math.MaxInt
		for _, w := range u.words {
			least = min(least, len(w.list))
		}
		n += least
	}
	return n
}

// contains reports whether phrase stands in terms side by side.
func contains(terms, phrase []uint32) bool {
	for {
		i := slices.Index(terms, phrase[0])
		if i < 0 || i+len(phrase) > len(terms) {
			return false
		}
		if terms = terms[i:]; slices.Equal(terms[:len(phrase)], phrase) {
			return true
		}
		terms = terms[1:]
	}
}

// A scan goes through the slots that match and keeps the page that was asked for.
type scan struct {
	core  *core
	q     Query
	codes uint8
	min   uint8
	since int64
	best  float64 // the recency of now: nothing is more recent
	after hit
	paged bool
	limit int

	total  int
	behind int // matches behind after
	hits   []hit
	full   bool // hits holds at least a page, the last of it is worst
	worst  hit
}

// A hit is a match with what it is ordered by, the largest first.
type hit struct {
	slot   uint32
	first  float64
	second int64
	id     string // only where it comes from Query.After
}

// all visits every story, or those about.
func (s *scan) all(about *unit) {
	if about == nil {
		for slot := range s.core.ranks {
			s.visit(uint32(slot), 1)
		}
		return
	}
	for slot := about.seek(0); slot != end; slot = about.seek(slot + 1) {
		s.visit(slot, 1)
	}
}

// every visits the stories that match all units, and about where it is not nil.
func (s *scan) every(units []*unit, about *unit) {
	if len(units) == 0 {
		return
	}
	if u := units[0]; len(units) == 1 && about == nil && len(u.alternatives) == 0 && len(u.words) == 1 {
		for _, p := range u.words[0].list {
			s.visit(p.slot, u.words[0].idf*float64(p.weight))
		}
		return
	}
	all := slices.Clone(units)
	if about != nil {
		all = append(all, about)
	}
	slices.SortStableFunc(all, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
next:
	for slot := all[0].seek(0); slot != end; {
		for _, u := range all[1:] {
			if at := u.seek(slot); at != slot {
				if at == end {
					return
				}
				slot = all[0].seek(at)
				continue next
			}
		}
		score, ok := 0.0, true
		for _, u := range units { // in the order of the query: sums must not depend on sizes
			v, matches := u.score(s.core, slot)
			score, ok = score+v, ok && matches
		}
		if ok {
			s.visit(slot, score)
		}
		slot = all[0].seek(slot + 1)
	}
}

// anyMatches is how many matches any looks for, from the rarest word on.
const anyMatches = 20_000

// any visits the stories that match at least one unit, and about. Beside
// rarer words very common ones count, and do not match on their own.
func (s *scan) any(units []*unit, about *unit) {
	for _, u := range units {
		u.rewind()
	}
	if about != nil {
		about.rewind()
	}
	leads := slices.Clone(units)
	slices.SortStableFunc(leads, func(a, b *unit) int { return cmp.Compare(a.size(), b.size()) })
	for i, n := 0, 0; i < len(leads); i++ {
		if n += leads[i].size(); n > anyMatches {
			leads = leads[:max(i, 1)]
		}
	}
	for slot := uint32(0); ; slot++ {
		at := uint32(end)
		for _, u := range leads {
			at = min(at, u.seek(slot))
		}
		if slot = at; slot == end {
			return
		}
		if s.core.ranks[slot].dead || about != nil && about.seek(slot) != slot {
			continue
		}
		score, matched := 0.0, 0
		for _, u := range units {
			if u.seek(slot) != slot {
				continue
			}
			if v, ok := u.score(s.core, slot); ok {
				score += v
				matched++
			}
		}
		if matched > 0 {
			share := float64(matched) / float64(len(units))
			s.visit(slot, score*share*share)
		}
	}
}

// visit takes up a match where it lives and passes the filters.
func (s *scan) visit(slot uint32, score float64) {
	r := &s.core.ranks[slot]
	if r.dead || r.impact < s.min || r.updated < s.since || s.codes != 0 && r.status != s.codes {
		return
	}
	s.total++
	h := hit{slot: slot}
	switch s.q.Order {
	case Newest:
		h.second = r.updated
	case Top:
		h.first, h.second = float64(r.impact), r.updated
	default:
		h.first = score * impactOf(r.impact) * min(r.recency, s.best)
	}
	if s.limit == 0 || s.paged && s.compare(h, s.after) <= 0 {
		return
	}
	s.behind++
	if s.full && s.compare(h, s.worst) >= 0 {
		return
	}
	s.hits = append(s.hits, h)
	if len(s.hits) >= 2*s.limit+64 {
		s.cut()
	}
}

// cut keeps the best hits of a page, in order.
func (s *scan) cut() {
	slices.SortFunc(s.hits, s.compare)
	if len(s.hits) >= s.limit {
		s.hits = s.hits[:s.limit]
		s.full, s.worst = true, s.hits[s.limit-1]
	}
}

func (s *scan) page() []hit {
	if s.limit == 0 {
		return nil
	}
	s.cut()
	return s.hits
}

// compare orders hits, the better first.
func (s *scan) compare(a, b hit) int {
	if c := cmp.Compare(b.first, a.first); c != 0 {
		return c
	}
	if c := cmp.Compare(b.second, a.second); c != 0 {
		return c
	}
	return strings.Compare(s.core.idOf(a), s.core.idOf(b))
}

func (c *core) idOf(h hit) string {
	if h.id != "" {
		return h.id
	}
	return c.docs[h.slot].id
}

// after writes h as a Query.After.
func (h hit) after(c *core) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%x %d %s", math.Float64bits(h.first), h.second, c.docs[h.slot].id))
}

func parseAfter(s string) (hit, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return hit{}, false
	}
	var h hit
	var bits uint64
	fields := strings.SplitN(string(raw), " ", 3)
	if len(fields) != 3 || fields[2] == "" {
		return hit{}, false
	}
	if _, err := fmt.Sscanf(fields[0]+" "+fields[1], "%x %d", &bits, &h.second); err != nil {
		return hit{}, false
	}
	h.first, h.id = math.Float64frombits(bits), fields[2]
	return h, h.first == h.first
}
