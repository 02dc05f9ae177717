package news

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A plan is a query's text as it was understood.
type plan struct {
	units  []*unit
	topics []string
	dead   bool // one of the words is in no story
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
		id, _ := r.topic(text[:end])
		r.unit(text[:end], id, true)
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
	var said []uint32
	known := true
	eachWord(fold(text), func(w, _ string) {
		if !known || r.terms >= queryTerms {
			return
		}
		if stopWords[w] {
			said = appendStop(said)
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
		said = append(said, t)
	})
	if !known {
		u.words = nil
	}
	if n := len(said); n > 0 && said[n-1] == stop {
		said = said[:n-1]
	}
	if phrase && len(u.words) > 1 {
		u.phrase = encode(said)
	}
	if id != "" {
		if !slices.Contains(r.topics, id) {
			r.topics = append(r.topics, id)
		}
		if t, ok := r.c.stems[topicKey(id)]; ok && r.c.terms[t].live > 0 && (u.phrase != "" || !r.named(u, id)) {
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
