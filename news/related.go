package news

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	relatedTerms    = 12   // of the story, the most telling ones, that others are looked for by
	relatedPostings = 1500 // that are read for that, of common terms the newest
	relatedShare    = 0.08 // of the story's own weight that another must share
	relatedWords    = 3    // that another must share where it shares no topic
	relatedHalfLife = 60 * 24 * time.Hour
)

// Related returns the ids of up to n other stories that share topics and rare
// words with s, the closest first. s need not be in the index. What is shared
// counts by how rare it is, halved for every 60 days between the stories.
func (x *Index) Related(s Story, n int, _ time.Time) []string {
	if n <= 0 {
		return nil
	}
	fs := x.fields(s)
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.core
	own, whole := c.telling(s, fs)
	if len(own) == 0 {
		return nil
	}
	var candidates []uint32
	for _, t := range own {
		room := relatedPostings - len(candidates)
		list := t.cursor.list.slots
		candidates = append(candidates, list[max(len(list)-room, 0):]...)
	}
	slices.Sort(candidates)
	type scored struct {
		slot  uint32
		score float64
	}
	var found []scored
	for _, slot := range slices.Compact(candidates) {
		if c.ranks[slot].dead || c.docs[slot].id == s.ID {
			continue
		}
		shared, terms := 0.0, 0
		for i := range own {
			if t := &own[i]; t.cursor.seek(slot) == slot {
				shared += t.weight * t.cursor.score()
				terms++
				if t.topic {
					terms += relatedWords
				}
			}
		}
		if terms < relatedWords || shared < relatedShare*whole {
			continue
		}
		apart := math.Abs(float64(nanos(s.Updated)) - float64(c.ranks[slot].updated))
		found = append(found, scored{slot, shared * math.Exp2(-apart/float64(relatedHalfLife))})
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(c.docs[a.slot].id, c.docs[b.slot].id))
	})
	ids := make([]string, min(n, len(found)))
	for i := range ids {
		ids[i] = c.docs[found[i].slot].id
	}
	return ids
}

// A tellingTerm is one that says what a story is about.
type tellingTerm struct {
	term   uint32
	topic  bool
	weight float64
	cursor cursor
}

// telling returns the terms of a story that tell most, in the order of
// rarity, and what the story would score against itself.
func (c *core) telling(s Story, fs []field) ([]tellingTerm, float64) {
	weights, topics := map[uint32]float64{}, map[uint32]bool{}
	for _, f := range fs {
		if f.fieldKind == inRest {
			continue
		}
		eachWord(f.text, func(word, _ string) {
			if t, ok := c.words[word]; ok && !stopWords[word] {
				weights[t] += f.weight
			}
		})
	}
	for i, id := range s.Topics {
		if t, ok := c.stems[topicKey(id)]; ok {
			weights[t] += inTopic(i).weight
			topics[t] = true
		}
	}
	var all []tellingTerm
	for t, w := range weights {
		if c.terms[t].live > 0 {
			cur := c.cursor(t)
			all = append(all, tellingTerm{t, topics[t], saturate(w) * cur.idf, cur})
		}
	}
	slices.SortFunc(all, func(a, b tellingTerm) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.term, b.term))
	})
	whole := 0.0
	for _, t := range all[:min(len(all), relatedTerms)] {
		whole += t.weight * t.cursor.idf
	}
	// A term of this story alone finds nothing, and takes no other's place.
	slot, indexed := c.slots[s.ID]
	own := slices.DeleteFunc(all, func(t tellingTerm) bool {
		return indexed && c.terms[t.term].live == 1 && t.cursor.seek(slot) == slot
	})
	own = own[:min(len(own), relatedTerms)]
	slices.SortFunc(own, func(a, b tellingTerm) int {
		return cmp.Or(cmp.Compare(len(a.cursor.list.slots), len(b.cursor.list.slots)), cmp.Compare(a.term, b.term))
	})
	return own, whole
}
