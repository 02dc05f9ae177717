package brief

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Limits of a brief, in characters.
const (
	standfirstMax = 200
	summaryMax    = 360
	paragraphMax  = 600
	sentenceMin   = 20
	sentencesRead = 8   // of an article
	teaserLeast   = 100 // bytes of a sentence that is cut off
)

// How a sentence earns its place; the weights are start values of the methods
// of news judgement.
const (
	centrality = 0.35
	position   = 0.30
	figured    = 0.12
	authority  = 0.13
	current    = 0.30
	ours       = 0.25 // from what a company tells of itself, where others tell it
	personal   = 0.40 // taken from what an author tells of oneself
	novelty    = 0.7  // lambda of maximal marginal relevance (Carbonell and Goldstein 1998)
	repeats    = 0.5  // share of words from which a sentence says what another said
)

type candidate struct {
	text  string
	doc   *Doc
	pos   int
	words wordSet
	score float64
	leans bool // on the sentence before it; known of chosen ones
}

// Summarise makes the brief of a story from its articles. It is never empty
// where any of them has a title. The sentences of an article keep their order
// within a paragraph, and one that leans on what stands before it ("They also
// ...") opens none.
func Summarise(docs []Doc) Brief {
	x := numberings.Get().(numbering)
	defer func() {
		clear(x)
		numberings.Put(x)
	}()
	chosen := choose(overtaken(candidates(docs, x)), 9)
	for i := range chosen {
		chosen[i].leans = leans(chosen[i].text)
	}
	lead, chosen := leadOf(chosen, docs)
	b := Brief{Body: []string{}}
	var used []candidate
	if lead.text != "" {
		used = []candidate{lead}
	}
	used, rest := paragraph(used, chosen, 2, summaryMax)
	if len(used) < 2 {
		used, _ = paragraph(used, otherTitles(docs, used, x), 2, summaryMax)
	}
	if len(used) == 2 && before(used[1], used[0]) && used[1].opens() && !ofOneself(used[1].text) && utf8.RuneCountInString(used[1].text) <= standfirstMax {
		used[0], used[1] = used[1], used[0]
	}
	b.Summary, b.Credits.Summary = joined(used)
	if len(used) > 0 {
		b.Standfirst = used[0].text
	}
	for len(rest) > 0 && len(b.Body) < 3 {
		used, rest = paragraph(nil, rest, 3, paragraphMax)
		if len(used) == 0 {
			break
		}
		text, credits := joined(inOrder(used))
		b.Body, b.Credits.Body = append(b.Body, text), append(b.Credits.Body, credits)
	}
	return b
}

// inOrder keeps together what one article says, in its own order.
func inOrder(sentences []candidate) []candidate {
	place := map[string]int{}
	for _, c := range sentences {
		if _, ok := place[c.doc.ID]; !ok {
			place[c.doc.ID] = len(place)
		}
	}
	slices.SortStableFunc(sentences, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(place[a.doc.ID], place[b.doc.ID]), cmp.Compare(a.pos, b.pos))
	})
	return sentences
}

// before reports whether a stands before b in one article.
func before(a, b candidate) bool { return a.doc.ID == b.doc.ID && a.pos < b.pos }

// follows reports whether c can stand behind what was used: by itself, or
// because the sentence that it leans on is among it.
func (c candidate) follows(used []candidate) bool {
	return !c.leans || slices.ContainsFunc(used, func(u candidate) bool { return u.doc.ID == c.doc.ID && u.pos == c.pos-1 })
}

// early is up to which sentence of an article one may lead a brief that is not
// the best.
const early = 3

// leadOf takes the sentence that leads out of the chosen ones: the best that
// stands for itself and is short enough, or is short enough up to a mark within
// it. Where there is none the headline leads.
func leadOf(chosen []candidate, docs []Doc) (lead candidate, rest []candidate) {
	for i, c := range chosen {
		if !c.opens() || i > 0 && c.pos >= early {
			continue
		}
		if short, ok := shortened(c.text, standfirstMax); ok {
			c.text = short
			return c, slices.Delete(slices.Clone(chosen), i, i+1)
		}
	}
	return titled(docs), chosen
}

// opens reports whether a sentence can be understood without the one before it;
// what an article begins with leans on its title at most.
func (c candidate) opens() bool {
	return c.pos == 0 || !c.leans
}

// joined makes one text of sentences and says who wrote what of it.
func joined(sentences []candidate) (text string, credits []Credit) {
	for _, c := range sentences {
		if text != "" {
			text += " "
		}
		text += c.text
		if n := len(credits); n > 0 && credits[n-1].Source == c.doc.Source {
			credits[n-1].End = len(text)
		} else {
			credits = append(credits, Credit{c.doc.Source, len(text)})
		}
	}
	return text, credits
}

// titled is what can be said from the headline alone.
func titled(docs []Doc) candidate {
	for i := range docs {
		d := &docs[i]
		t := Headline(d.Title, d.Source)
		if t == "" {
			continue
		}
		return candidate{text: cut(ended(t), standfirstMax), doc: d}
	}
	return candidate{}
}

// otherTitles are what other outlets' headlines add to what is said already.
func otherTitles(docs []Doc, said []candidate, x numbering) []candidate {
	var out []candidate
	for _, c := range said {
		c.words = x.words(c.text)
		out = append(out, c)
	}
	for i := range docs {
		d := &docs[i]
		t := Headline(d.Title, d.Source)
		c := candidate{text: ended(t), doc: d, words: x.words(t)}
		if d.Copy || len(c.words) < 3 || boilerplate(t) || !slices.ContainsFunc(said, func(o candidate) bool { return o.doc.ID != d.ID }) ||
			slices.ContainsFunc(out, func(o candidate) bool { return share(c.words, o.words) >= repeats }) {
			continue
		}
		out = append(out, c)
	}
	return out[len(said):]
}

// paragraph adds sentences up to a number and a length to those that it starts
// with, and returns what was not used. A sentence that leans comes only where
// what it leans on has come.
func paragraph(used, from []candidate, sentences, limit int) (taken, rest []candidate) {
	length := 0
	for _, c := range used {
		length += utf8.RuneCountInString(c.text)
	}
	rest = slices.Clone(from)
	for more := true; more; {
		more = false
		for i, c := range rest {
			n := utf8.RuneCountInString(c.text)
			if len(used) > 0 {
				n++
			}
			if len(used) < sentences && length+n <= limit && c.follows(used) {
				used, length = append(used, c), length+n
				rest, more = slices.Delete(rest, i, i+1), true
				break
			}
		}
	}
	if i := slices.IndexFunc(rest, func(c candidate) bool { return c.follows(nil) }); len(used) == 0 && i >= 0 {
		long := rest[i]
		long.text = cut(long.text, limit)
		return []candidate{long}, slices.Delete(rest, i, i+1)
	}
	return used, rest
}

func candidates(docs []Doc, x numbering) []candidate {
	var all []candidate
	var centroid []float64 // by number of the word
	add := func(words wordSet, n float64) {
		if more := len(x) - len(centroid); more > 0 {
			centroid = append(centroid, make([]float64, more)...)
		}
		for _, w := range words {
			centroid[w] += n
		}
	}
	for k := range docs {
		d := &docs[k]
		if d.Copy {
			continue
		}
		title := x.words(d.Title)
		add(title, 2)
		for i, s := range firstSentences(opened(d.Text, d.Source), sentencesRead) {
			s = unlinked(s)
			c := candidate{text: s, doc: d, pos: i, words: x.words(s)}
			add(c.words, 1)
			n := utf8.RuneCountInString(s)
			if n < sentenceMin && !hasHan(s) || n > 400 || boilerplate(s) || isDateline(s) || share(c.words, title) > 0.8 {
				continue
			}
			all = append(all, c)
		}
	}
	// Headings, and a long beginning of what is cut off, tell something where
	// nothing else does.
	all = slices.DeleteFunc(all, func(c candidate) bool { return cutOff(c.text) && len(c.text) < teaserLeast })
	if slices.ContainsFunc(all, func(c candidate) bool { return complete(c.text) }) {
		all = slices.DeleteFunc(all, func(c candidate) bool { return !complete(c.text) })
	}
	others := slices.ContainsFunc(all, func(c candidate) bool { return c.doc.Source != all[0].doc.Source })
	length := 0.0
	for _, x := range centroid {
		length += x * x
	}
	for i := range all {
		c := &all[i]
		dot := 0.0
		for _, w := range c.words {
			dot += centroid[w]
		}
		c.score = centrality*dot/(math.Sqrt(max(length, 1))*math.Sqrt(float64(max(len(c.words), 1)))) +
			position/float64(1+c.pos) + authority*c.doc.Authority
		if strings.ContainsFunc(c.text, unicode.IsDigit) {
			c.score += figured
		}
		if c.doc.Current {
			c.score += current
		}
		if ofOneself(c.text) {
			c.score -= personal
		}
		if others && inFirstPerson(c.text) {
			c.score -= ours
		}
		c.text = ended(c.text)
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.pos, b.pos), strings.Compare(a.doc.ID, b.doc.ID))
	})
	return all
}

// choose takes up to n candidates that say much and do not repeat each other.
func choose(all []candidate, n int) []candidate {
	var out []candidate
	near := make([]float64, len(all)) // what it repeats of those that were taken; 1 of those themselves
	for len(out) < n {
		best, bestScore := -1, math.Inf(-1)
		for i := range all {
			if near[i] >= repeats {
				continue
			}
			if x := novelty*all[i].score - (1-novelty)*near[i]; x > bestScore {
				best, bestScore = i, x
			}
		}
		if best < 0 {
			break
		}
		out = append(out, all[best])
		for i := range all {
			near[i] = max(near[i], overlap(all[i].words, all[best].words))
		}
		near[best] = 1
	}
	return out
}

// A wordSet holds the numbers of words, in order, each once.
type wordSet []int32

// overlap is the share of the smaller set that the sets have in common.
func overlap(a, b wordSet) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return share(a, b)
}

// share is how much of a is in b.
func share(a, b wordSet) float64 {
	n, whole := 0, max(len(a), 1)
	for len(a) > 0 && len(b) > 0 {
		switch d := a[0] - b[0]; {
		case d < 0:
			a = a[1:]
		case d > 0:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return float64(n) / float64(whole)
}

// A numbering numbers words.
type numbering map[string]int32

var numberings = sync.Pool{New: func() any { return numbering{} }}

// words returns what s tells by: its longer words, those with digits, and pairs
// of Han characters.
func (x numbering) words(s string) wordSet {
	set := make(wordSet, 0, len(s)/6+2)
	s = strings.ToLower(s)
	word := func(w string) {
		n, ok := x[w]
		if !ok {
			n = int32(len(x))
			x[w] = n
		}
		set = append(set, n)
	}
	start, han, digit := -1, false, false
	flush := func(end int) {
		switch {
		case start < 0:
		case han:
			last := start
			for i, r := range s[start:end] {
				if i > 0 {
					word(s[last : start+i+utf8.RuneLen(r)])
					last = start + i
				}
			}
		case end-start > 3 || digit:
			word(s[start:end])
		}
		start, han, digit = -1, false, false
	}
	for i, r := range s {
		isDigit := unicode.IsDigit(r)
		if !isDigit && !unicode.IsLetter(r) {
			flush(i)
			continue
		}
		if start < 0 {
			start = i
		}
		han, digit = han || isHan(r), digit || isDigit
	}
	flush(len(s))
	slices.Sort(set)
	return slices.Compact(set)
}

func hasHan(s string) bool { return strings.ContainsFunc(s, isHan) }
