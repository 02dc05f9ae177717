package topic

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Hit is a topic that a text names.
type Hit struct {
	ID    string
	Title bool // the title names it
	Count int  // how often title and text name it
	Pos   int  // the word of the title, or else of the text, where it is named first
}

// Match returns the topics that a text names, the most important first: those
// of the title in the order of their weight, then those of the text.
// Ambiguous names count only in their context.
func (g *Gazetteer) Match(title, text string) []Hit { return g.MatchBy("", title, text) }

// MatchBy is Match of a text that a topic publishes itself, which speaks for the
// names of its own: on Anthropic's site Claude is the model. by is the topic's
// ID, "" for none.
func (g *Gazetteer) MatchBy(by, title, text string) []Hit {
	buf := buffers.Get().(*[]word)
	defer buffers.Put(buf)
	all := appendWords((*buf)[:0], title)
	n := len(all)
	all = appendWords(all, text)
	*buf = all
	var hits map[string]*Hit
	var ambiguous map[string]bool // named by ambiguous aliases alone
	for zone, ws := range [][]word{all[:n], all[n:]} {
		for i := 0; i < len(ws); {
			best := g.longest(ws[i:])
			versioned := best != nil && i+len(best.words) < len(ws) && isVersion(ws[i+len(best.words)].text)
			if best == nil {
				best, versioned = g.glued(ws[i]), true
			}
			if best == nil {
				i++
				continue
			}
			if hits == nil {
				hits, ambiguous = map[string]*Hit{}, map[string]bool{}
			}
			h := hits[best.topic]
			if h == nil {
				h = &Hit{ID: best.topic, Title: zone == 0, Pos: i}
				hits[best.topic] = h
				ambiguous[best.topic] = true
			}
			h.Count++
			// A name of several words needs no context, nor a model with its version.
			if len(best.words) > 1 && !isHan(best.words[0]) || versioned && g.topics[best.topic].Kind == "model" {
				ambiguous[best.topic] = false
			}
			i += len(best.words)
		}
	}
	out := make([]Hit, 0, len(hits))
	for id, h := range hits {
		t := g.topics[id]
		if len(t.Context) > 0 && ambiguous[id] && (by == "" || id != by && t.Owner != by) && !g.inContext(t, all, hits) {
			continue
		}
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Hit) int {
		if a.Title != b.Title {
			if a.Title {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(g.rank(b), g.rank(a)), cmp.Compare(a.Pos, b.Pos), strings.Compare(a.ID, b.ID))
	})
	return out
}

// rank is how much a hit matters among those of its zone: the subject stands
// early, is prominent and is named often.
func (g *Gazetteer) rank(h Hit) float64 {
	return g.topics[h.ID].Weight + 0.3/float64(1+h.Pos) + 0.05*float64(min(h.Count, 6))
}

// longest returns the longest name at the beginning of ws, nil for none.
func (g *Gazetteer) longest(ws []word) *name {
	var best *name
	names := g.names[ws[0].text]
	for i := range names {
		if n := &names[i]; (best == nil || len(n.words) > len(best.words)) && n.matches(ws, true) {
			best = n
		}
	}
	return best
}

// glued returns the name of a model that is written in one word with its
// version: Gemini3; nil for none.
func (g *Gazetteer) glued(w word) *name {
	stem := strings.TrimRight(w.text, "0123456789")
	if len(stem) < 3 || stem == w.text || !isVersion(w.text[len(stem):]) {
		return nil
	}
	best := g.longest([]word{{stem, w.upper}})
	if best == nil || g.topics[best.topic].Kind != "model" {
		return nil
	}
	return best
}

// isVersion reports whether a word may be the version of the model before it: 3,
// 4o, K2.
func isVersion(w string) bool {
	if len(w) > 1 && strings.ContainsRune("krvm", rune(w[0])) {
		w = w[1:]
	}
	digits := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
	return len(digits) > 0 && len(digits) <= 2 && len(w)-len(digits) <= 1 && strings.Trim(digits, "0123456789") == ""
}

// inContext reports whether something in the text speaks for an ambiguous
// topic: a context word, its owner, or a topic that it owns.
func (g *Gazetteer) inContext(t Topic, text []word, hits map[string]*Hit) bool {
	if hits[t.Owner] != nil {
		return true
	}
	for id := range hits {
		if g.topics[id].Owner == t.ID {
			return true
		}
	}
	for _, c := range t.Context {
		all := true
		for _, w := range words(c) {
			all = all && slices.ContainsFunc(text, func(o word) bool { return o.text == w.text })
		}
		if all {
			return true
		}
	}
	return false
}

// A word is a run of letters and digits in lower case, or one Han character.
type word struct {
	text  string
	upper bool // it began with a capital, a digit, or has no case
}

func words(s string) []word { return appendWords(nil, s) }

// buffers are for words that nobody keeps.
var buffers = sync.Pool{New: func() any { return new([]word) }}

func appendWords(out []word, s string) []word {
	start := -1
	flush := func(end int) {
		if start >= 0 {
			r, _ := utf8.DecodeRuneInString(s[start:])
			out = append(out, word{text: strings.ToLower(s[start:end]), upper: !unicode.IsLower(r)})
			start = -1
		}
	}
	for i, r := range s {
		switch {
		case r >= firstHan && unicode.Is(unicode.Han, r):
			flush(i)
			out = append(out, word{text: s[i : i+utf8.RuneLen(r)], upper: true})
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	flush(len(s))
	return out
}

// firstHan is the first of all Han characters.
const firstHan = 0x2e80

func isHan(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.Is(unicode.Han, r)
}
