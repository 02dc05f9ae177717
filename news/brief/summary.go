package brief

import (
	"cmp"
	"math"
	"regexp"
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
)

// How a sentence earns its place; the weights are start values of the methods
// of news judgement.
const (
	centrality = 0.35
	position   = 0.30
	figured    = 0.12
	authority  = 0.13
	current    = 0.30
	novelty    = 0.7 // lambda of maximal marginal relevance (Carbonell and Goldstein 1998)
	repeats    = 0.5 // share of words from which a sentence says what another said
)

type candidate struct {
	text  string
	doc   *Doc
	pos   int
	words wordSet
	score float64
}

// Summarise makes the brief of a story from its articles. It is never empty
// where any of them has a title.
func Summarise(docs []Doc) Brief {
	chosen := choose(candidates(docs), 9)
	first := slices.IndexFunc(chosen, func(c candidate) bool { return utf8.RuneCountInString(c.text) <= standfirstMax })
	var lead candidate
	if first >= 0 {
		lead = chosen[first]
		chosen = slices.Delete(chosen, first, first+1)
	} else {
		lead = titled(docs)
	}
	b := Brief{Standfirst: lead.text, Body: []string{}}
	var used []candidate
	if lead.text != "" {
		used = []candidate{lead}
	}
	used, rest := paragraph(used, chosen, 2, summaryMax)
	b.Summary, b.Credits.Summary = joined(used)
	for len(rest) > 0 && len(b.Body) < 3 {
		used, rest = paragraph(nil, rest, 3, paragraphMax)
		if len(used) == 0 {
			break
		}
		text, credits := joined(used)
		b.Body, b.Credits.Body = append(b.Body, text), append(b.Credits.Body, credits)
	}
	return b
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
		t := strings.TrimSpace(docs[i].Title)
		if t == "" {
			continue
		}
		end, _ := utf8.DecodeLastRuneInString(t)
		switch {
		case strings.ContainsRune(".!?。！？…", end):
		case unicode.Is(unicode.Han, end):
			t += "。"
		default:
			t += "."
		}
		return candidate{text: cut(t, standfirstMax), doc: &docs[i]}
	}
	return candidate{}
}

// paragraph adds sentences up to a number and a length to those that it starts
// with, and returns what was not used.
func paragraph(used, from []candidate, sentences, limit int) (taken, rest []candidate) {
	length := 0
	for _, c := range used {
		length += utf8.RuneCountInString(c.text)
	}
	for _, c := range from {
		n := utf8.RuneCountInString(c.text)
		if len(used) > 0 {
			n++
		}
		if len(used) == sentences || length+n > limit {
			rest = append(rest, c)
			continue
		}
		used, length = append(used, c), length+n
	}
	if len(used) == 0 && len(rest) > 0 {
		rest[0].text = cut(rest[0].text, limit)
		return rest[:1], rest[1:]
	}
	return used, rest
}

// cut shortens s to n characters at a word.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	r = r[:n-1]
	if i := strings.LastIndexByte(string(r), ' '); i > len(string(r))/2 {
		return string(r)[:i] + "…"
	}
	return string(r) + "…"
}

func candidates(docs []Doc) []candidate {
	var all []candidate
	x := numberings.Get().(numbering)
	defer func() {
		clear(x)
		numberings.Put(x)
	}()
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
		for i, s := range firstSentences(d.Text, 8) {
			c := candidate{text: s, doc: d, pos: i, words: x.words(s)}
			add(c.words, 1)
			n := utf8.RuneCountInString(s)
			if n < sentenceMin && !hasHan(s) || n > 400 || boilerplate(s) || overlap(c.words, title) > 0.9 {
				continue
			}
			all = append(all, c)
		}
	}
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
	n, least := 0, min(len(a), len(b))
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
	return float64(n) / float64(least)
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

// unusable begins or marks sentences that tell nothing of the story.
var unusable = []string{
	"read more", "continue reading", "click here", "subscribe", "sign up", "newsletter", "cookies", "all rights reserved", "image:", "photo:",
	"photo by", "image credit", "advertisement", "follow us", "the post ", "appeared first on", "listen to this", "weiterlesen", "lesen sie auch",
	"newsletter abonnieren", "lire aussi", "lire la suite", "leer más", "点击阅读", "阅读全文", "关注我们", "comments url", "points:",
}

// votes are what aggregators write of a link: "96 points, 240 comments".
var votes = regexp.MustCompile(`^\d+ (points|comments|upvotes)\b`)

func boilerplate(s string) bool {
	l := strings.ToLower(s)
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") {
		return true
	}
	if l != "" && isDigit(l[0]) && votes.MatchString(l) {
		return true
	}
	return slices.ContainsFunc(unusable, func(u string) bool { return strings.Contains(l, u) })
}
