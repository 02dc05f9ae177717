package news

import (
	"math"
	"slices"
	"strings"
	"sync"

	"newsdesk/news/topic"
)

// An Index answers queries over stories, in memory. It keeps the words of
// stories, not the stories. It is safe for concurrent use; a Put delays
// searches by microseconds, also while the index is being compacted.
//
// How well a story matches is BM25F over its headline, topics, standfirst and
// the rest of its words (Robertson and Zaragoza, "The Probabilistic Relevance
// Framework", 2009, section 3.6), times 0.4 to 1 for its impact, halved for
// every 14 days of age.
type Index struct {
	g *topic.Gazetteer

	writing sync.Mutex   // held by the one writer; it may read core without mu
	mu      sync.RWMutex // guards what follows and all that it holds
	core    *core
	shelf   shelf
	names   nameList
}

// Hits is one page of what a Query selects.
type Hits struct {
	IDs    []string // of stories, in the order asked for
	Total  int      // how many match in all
	More   bool     // there are more than Total, which has not counted all: only with phrases
	Topics []string // ids of the topics that the text was understood to name
	Next   string   // Query.After of the next page, "" at the end

	Pace    *Pace    // where Query.Pace is set
	Nearest []string // ids of up to three topics with stories where Total is 0, see Index.Nearest
}

// A core is the index proper. Stories have slots in the order of their last
// Put; one that was replaced or removed leaves a dead slot until compaction.
type core struct {
	ranks    []rank   // by slot
	docs     []doc    // by slot
	blocks   []*block // of 1024 slots
	slots    map[string]uint32
	urls     map[uint64]uint32 // slots by urlHash
	words    map[string]uint32 // terms by folded word
	stems    map[string]uint32 // terms by stem, and of topics by topicKey
	terms    []term
	begun    map[int64]int32 // living stories by pieceOf their First
	spelling vocabulary

	own, extra, text []uint32 // terms of the story that is being added
}

// A rank is what every query looks at of a story.
type rank struct {
	recency float64 // 2^(age at the epoch of recencyOf / half-life)
	updated int64   // Unix nanoseconds
	first   int64   // Unix nanoseconds
	impact  uint8
	voices  uint8 // outlets, 255 for more
	status  uint8
	dead    bool
}

// A doc is what is kept of a story besides.
type doc struct {
	id    string
	terms string // in the order of the text, with marks; extra ones behind the last field; see encode
	urls  []uint64
}

// A term is a stem or a topic with the stories that have it: its postings.
type term struct {
	slots    []uint32     // of the stories, ascending, also dead ones
	notes    []note       // on each
	dense    []denseBlock // of a common term, else nil
	live     int32        // how many of the stories live
	left     uint32       // the slot that it was taken out of last, plus 1
	heaviest uint8        // of the notes' weights
	class    uint8        // one bit of eight
	next     uint8        // in the story that is being added, see note
	weight   float64      // in the story that is being added
}

// A note says how a story has a term.
type note struct {
	weight uint8 // how much of the story it makes up, see quantise
	next   uint8 // the classes of the terms that come behind it
}

// standing is what a story's match is multiplied with at the time of its
// Updated: its impact and its recency.
func (r *rank) standing() float64 { return impactOf(r.impact) * r.recency }

// Marks among the terms of a story.
const (
	gap  = math.MaxUint32 - iota // stands between two fields
	stop                         // stands for one or more stop words, so that phrases match as they are said
)

// appendStop marks stop words that stand between other words.
func appendStop(terms []uint32) []uint32 {
	if n := len(terms); n == 0 || terms[n-1] == gap || terms[n-1] == stop {
		return terms
	}
	return append(terms, stop)
}

// NewIndex makes an empty index that understands the names of g.
func NewIndex(g *topic.Gazetteer) *Index {
	return &Index{g: g, core: newCore(0), shelf: newShelf(), names: namesOf(g)}
}

func newCore(stories int) *core {
	return &core{
		slots: make(map[string]uint32, stories), urls: make(map[uint64]uint32, stories),
		words: map[string]uint32{}, stems: map[string]uint32{}, begun: map[int64]int32{},
	}
}

// Len returns how many stories the index holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.core.slots)
}

// Put adds s, or replaces the version of it that the index holds.
func (x *Index) Put(s Story) {
	x.writing.Lock()
	defer x.writing.Unlock()
	fs := x.fields(s)
	x.mu.Lock()
	x.core.remove(s.ID)
	r := x.core.add(s, fs)
	x.shelf.put(s, r.standing())
	x.mu.Unlock()
	x.compact()
}

// Remove forgets a story; nothing happens where the index does not hold it.
func (x *Index) Remove(id string) {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.mu.Lock()
	x.core.remove(id)
	x.shelf.remove(id)
	x.mu.Unlock()
	x.compact()
}

// A fieldKind is how much the words of a field count, and a usual number of
// them. The usual numbers are fixed so that a story weighs the same whatever
// else is held.
type fieldKind struct{ weight, usual float64 }

var (
	inHeadline   = fieldKind{3, 10}
	inStandfirst = fieldKind{1.5, 18}
	inRest       = fieldKind{1, 40}
)

// inTopic is the field of a topic that stands behind n others among those of a
// story, the most important of which is the first: a story that names a topic in
// passing is not about it as one is that is told of nothing else.
func inTopic(n int) fieldKind { return fieldKind{4 / float64(1+n), 4} }

// A field is one text of a story.
type field struct {
	fieldKind
	text string // folded
}

// Bounds on what is indexed of one story.
const (
	indexedText   = 2000 // bytes of one field
	indexedTitles = 20   // articles
)

// fields returns the texts of a story that are searched, each said once.
func (x *Index) fields(s Story) []field {
	fs := []field{{inHeadline, s.Headline}}
	for i, id := range s.Topics {
		fs = append(fs, field{inTopic(i), x.topicName(id)})
	}
	fs = append(fs, field{inStandfirst, s.Brief.Standfirst},
		// A summary begins with the standfirst.
		field{inRest, strings.TrimPrefix(s.Brief.Summary, s.Brief.Standfirst)})
	for _, a := range s.Articles[:min(len(s.Articles), indexedTitles)] {
		if !slices.ContainsFunc(fs, func(f field) bool { return f.text == a.Title }) {
			fs = append(fs, field{inRest, a.Title})
		}
	}
	for i := range fs {
		fs[i].text = fold(cutText(fs[i].text, indexedText))
	}
	return fs
}

// topicName is a topic's name in words.
func (x *Index) topicName(id string) string {
	if t, ok := x.g.Lookup(id); ok {
		return t.Name
	}
	return strings.ReplaceAll(id, "-", " ")
}

// add gives s a slot and returns its rank.
func (c *core) add(s Story, fs []field) *rank {
	slot := uint32(len(c.docs))
	d := doc{id: s.ID}
	text := c.text[:0]
	own, extra := c.own[:0], c.extra[:0]
	weigh := func(t uint32, w float64) {
		if c.terms[t].weight == 0 {
			own = append(own, t)
		}
		c.terms[t].weight += w
	}
	for _, f := range fs {
		from, n := len(text), 0
		eachWord(f.text, func(word, joined string) {
			if stopWords[word] {
				text = appendStop(text)
				return
			}
			n++
			text = append(text, c.term(word))
			for _, w := range [...]string{joined, family(word)} {
				if w != "" {
					extra = append(extra, c.term(w))
				}
			}
		})
		for _, t := range text[from:] {
			if t < stop {
				weigh(t, f.perWord(n))
			}
		}
		text = append(text, gap)
	}
	for _, t := range extra {
		if c.terms[t].weight == 0 {
			weigh(t, 1)
			text = append(text, t, gap)
		}
	}
	for i, id := range s.Topics {
		if t := c.topic(id); c.terms[t].weight == 0 {
			weigh(t, inTopic(i).perWord(1))
			text = append(text, t, gap)
		}
	}
	c.text, d.terms = text, encode(text)
	c.follow(text)
	c.place(rank{
		recency: recencyOf(s.Updated), updated: nanos(s.Updated), first: nanos(s.First), voices: uint8(min(len(s.Sources), math.MaxUint8)),
		impact: uint8(min(max(s.Impact, 0), 100)), status: statusCode(s.Status.Value),
	})
	for _, t := range own {
		e := &c.terms[t]
		c.post(e, slot, note{quantise(saturate(e.weight)), e.next})
		e.weight, e.next = 0, 0
		e.live++
	}
	c.own, c.extra = own, extra
	address := func(u string) {
		if h, ok := urlHash(u); ok && !slices.Contains(d.urls, h) {
			d.urls = append(d.urls, h)
			c.urls[h] = slot
		}
	}
	address(s.URL)
	for _, a := range s.Articles {
		address(a.URL)
	}
	c.docs = append(c.docs, d)
	c.slots[s.ID] = slot
	return &c.ranks[slot]
}

// follow tells each term of a text which ones come behind it, over stop words too.
func (c *core) follow(text []uint32) {
	last := uint32(gap)
	for _, t := range text {
		if t < stop && last < stop {
			c.terms[last].next |= c.terms[t].class
		}
		if t != stop {
			last = t
		}
	}
}

// remove kills the slot of a story.
func (c *core) remove(id string) {
	slot, ok := c.slots[id]
	if !ok {
		return
	}
	delete(c.slots, id)
	r := &c.ranks[slot]
	r.dead = true
	if at := pieceOf(r.first); c.begun[at] > 1 {
		c.begun[at]--
	} else {
		delete(c.begun, at)
	}
	c.blocks[slot/blockSlots].alive.clear(slot)
	d := &c.docs[slot]
	decode(d.terms, func(t uint32) {
		if t >= stop {
			return
		}
		if e := &c.terms[t]; e.left != slot+1 {
			e.left = slot + 1
			e.live--
		}
	})
	for _, h := range d.urls {
		if c.urls[h] == slot {
			delete(c.urls, h)
		}
	}
}

// term returns the term of a folded word, a new one where it is new.
func (c *core) term(word string) uint32 {
	t, ok := c.words[word]
	if !ok {
		word = strings.Clone(word) // it may be part of a long text
		t = c.entry(stem(word))
		c.words[word] = t
		c.spelling.add(word, t)
	}
	return t
}

// topic returns the term of a topic.
func (c *core) topic(id string) uint32 { return c.entry(topicKey(id)) }

// topicKey is where a topic stands among the stems; no word is written so.
func topicKey(id string) string { return "\x00" + id }

func (c *core) entry(key string) uint32 {
	t, ok := c.stems[key]
	if !ok {
		t = uint32(len(c.terms))
		c.terms = append(c.terms, term{class: 1 << (t % 8)})
		c.stems[key] = t
	}
	return t
}
