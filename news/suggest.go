package news

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"newsdesk/news/topic"
)

// A Suggestion completes what somebody types: a topic or a story.
type Suggestion struct {
	Topic string // a topic's id, "" for a story
	Story string // a story's id, "" for a topic
	Text  string // the topic's name or the story's headline, in full: platforms cut as they must
}

// suggestTyped bounds the typed text that is looked at, in bytes.
const suggestTyped = 100

// Suggest returns up to n completions of what has been typed so far, topics
// before headlines and the best of both first. It reads memory only.
//
// A topic is suggested where one of its names, or a word in one, begins with
// the text; where none does, also with one slip in four letters or more. Whole
// names come before words in them, then the topics with more of the recent
// stories. A headline is suggested where each word typed begins one of its
// words, the story with the most impact and freshness first; only the 1,000 to
// 2,000 stories that stand highest are looked at. Topics take three of five
// places where there are headlines for the others; those without a story come
// after all else. Without any text these are
// the topics most in the news and the top stories. A name is what Search,
// follow and Query.Topics understand; a Story is an id for Desk.Story.
func (x *Index) Suggest(typed string, n int) []Suggestion {
	typed = plainWords(fold(cutText(typed, suggestTyped)))
	x.mu.RLock()
	defer x.mu.RUnlock()
	if n <= 0 {
		return nil
	}
	lines := x.shelf.find(typed, n)
	topics := x.names.find(typed, x.shelf.heat)
	for i := range topics {
		topics[i].told = topics[i].heat > 0 || x.stories(topics[i].ID) > 0
	}
	topics = firstOf(topics, n)
	told := topics
	if i := slices.IndexFunc(topics, func(t topicMatch) bool { return !t.told }); i >= 0 {
		told = topics[:i]
	}
	untold := topics[len(told):]
	out := make([]Suggestion, 0, n)
	for _, t := range told[:min(len(told), max(n-len(lines), (n*3+4)/5))] {
		out = append(out, Suggestion{Topic: t.ID, Text: t.Name})
	}
	for _, l := range lines[:min(len(lines), n-len(out))] {
		out = append(out, Suggestion{Story: l.id, Text: l.headline})
	}
	for _, t := range untold[:min(len(untold), n-len(out))] {
		out = append(out, Suggestion{Topic: t.ID, Text: t.Name})
	}
	return out
}

// stories returns how many stories have a topic; x.mu is held.
func (x *Index) stories(topic string) int32 {
	t, ok := x.core.stems[topicKey(topic)]
	if !ok {
		return 0
	}
	return x.core.terms[t].live
}

// plainWords returns the words of a folded text with one space between them.
func plainWords(folded string) string {
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return !isWordRune(r) && !unicode.Is(unicode.Mn, r) && r != '+' }), " ")
}

// A nameList is the names of the topics of a gazetteer.
type nameList []calledTopic

// A calledTopic is a topic with a name of it.
type calledTopic struct {
	*topic.Topic
	name    string // folded words, with a space before each
	letters uint64
	starts  uint64 // see startsOf
}

func namesOf(g *topic.Gazetteer) nameList {
	var all nameList
	for _, id := range g.IDs() {
		t, _ := g.Lookup(id)
		seen := map[string]bool{}
		for _, name := range append([]string{t.Name, id}, t.Aliases...) {
			if name = plainWords(fold(name)); name != "" && !seen[name] {
				seen[name] = true
				all = append(all, calledTopic{&t, " " + name, lettersOf(strings.ReplaceAll(name, " ", "")), startsOf(name)})
			}
		}
	}
	return all
}

// A topicMatch is a topic that may be meant.
type topicMatch struct {
	*topic.Topic
	class int  // 0 begins a name, 1 begins a word of one, 2 with a slip
	heat  int  // recent stories
	told  bool // whether any story has it
}

// compare puts what is more likely meant first.
func (t topicMatch) compare(u topicMatch) int {
	switch {
	case t.told != u.told:
		if t.told {
			return -1
		}
		return 1
	case t.class != u.class:
		return cmp.Compare(t.class, u.class)
	case t.heat != u.heat:
		return cmp.Compare(u.heat, t.heat)
	}
	return cmp.Or(cmp.Compare(u.Weight, t.Weight), strings.Compare(t.ID, u.ID))
}

// firstOf returns the first n in order, which is cheaper than to sort all.
func firstOf(all []topicMatch, n int) []topicMatch {
	first := make([]topicMatch, 0, n+1)
	for _, t := range all {
		if len(first) == n && t.compare(first[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(first, t, topicMatch.compare)
		first = slices.Insert(first, at, t)
		first = first[:min(len(first), n)]
	}
	return first
}

// find returns the topics that may be meant by the beginning of a name, in the
// order of the gazetteer.
func (l nameList) find(typed string, heat map[string]int) []topicMatch {
	var found []topicMatch
	add := func(class int, t *topic.Topic) {
		if n := len(found); n > 0 && found[n-1].Topic == t { // the names of a topic lie together
			found[n-1].class = min(found[n-1].class, class)
			return
		}
		found = append(found, topicMatch{Topic: t, class: class, heat: heat[t.ID]})
	}
	if start := " " + typed; typed != "" {
		first := startOf(typed[:min(len(typed), 2)])
		if len(typed) > 1 && typed[1] == ' ' {
			first = startOf(typed[:1])
		}
		for i := range l {
			if c := &l[i]; c.starts&first == 0 {
				continue
			} else if strings.HasPrefix(c.name, start) {
				add(0, c.Topic)
			} else if len(c.name) > len(start) && strings.Contains(c.name[1:], start) {
				add(1, c.Topic)
			}
		}
	} else {
		for i := range l {
			if i == 0 || l[i].Topic != l[i-1].Topic {
				if heat[l[i].ID] > 0 {
					add(0, l[i].Topic)
				}
			}
		}
	}
	if n := utf8.RuneCountInString(typed); len(found) == 0 && n >= minSpelling && n < maxSpelling {
		letters := lettersOf(strings.ReplaceAll(typed, " ", ""))
		for i := range l {
			// One slip brings one letter in, at most.
			if bits.OnesCount64(letters&^l[i].letters) <= 1 && mayBegin(l[i].name[1:], typed) && begins(l[i].name[1:], typed, n) {
				add(2, l[i].Topic)
			}
		}
	}
	return found
}

// mayBegin reports, at a fraction of the cost of begins, whether a name could
// begin with typed but for one slip: what is typed before the slip stands where
// it belongs, and what is typed after it at most one place beside. Where letters
// take several bytes it does not know, and says yes.
func mayBegin(name, typed string) bool {
	half := len(typed) / 2
	if strings.HasPrefix(name, typed[:half-1]) {
		return true
	}
	for at := half - 1; at <= half+1 && at <= len(name); at++ {
		if strings.HasPrefix(name[at:], typed[half:]) {
			return true
		}
	}
	return !isASCII(typed) || !isASCII(name)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// begins reports whether a name begins with typed, of n letters, but for one slip.
func begins(name, typed string, n int) bool {
	at, letters := 0, 0
	for i := range name {
		if letters == n-1 {
			at = i
			break
		}
		letters++
	}
	if letters < n-1 {
		return false
	}
	for rest := name[at:]; ; {
		if slips(typed, name[:at], 1) <= 1 {
			return true
		}
		_, size := utf8.DecodeRuneInString(rest)
		if letters++; size == 0 || letters > n+1 {
			return false
		}
		at, rest = at+size, rest[size:]
	}
}

// nearestTopics is how many topics are named where nothing matches.
const nearestTopics = 3

// Nearest returns the ids of up to n topics with stories that may be meant by
// a text that finds nothing, the nearest first: those of which a name begins
// with the text or a word of it, or the other way round, then those with a
// name one or two slips away, or three from eight letters on. Of several as
// near it is those with the most stories.
func (x *Index) Nearest(text string, n int) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.near(text, n)
}

func (x *Index) near(text string, n int) []string {
	whole := plainWords(fold(cutText(text, suggestTyped)))
	words := strings.Fields(whole)
	said := words[:min(len(words), queryName)]
	if len(words) > 1 {
		said = append([]string{whole}, said...)
	}
	type match struct {
		id   string
		away int
		live int32
	}
	best := map[string]match{}
	for _, w := range said {
		letters, size := lettersOf(w), utf8.RuneCountInString(w)
		if size < 3 && !strings.ContainsFunc(w, isDense) || stopWords[w] || chatter[w] {
			continue
		}
		start := " " + w
		for i := range x.names {
			c := &x.names[i]
			away := distance(start, letters, size, c)
			if away < 0 {
				continue
			}
			live := x.stories(c.ID)
			if live == 0 {
				continue
			}
			if m, known := best[c.ID]; !known || away < m.away {
				best[c.ID] = match{c.ID, away, live}
			}
		}
	}
	found := make([]match, 0, len(best))
	for _, m := range best {
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.away, b.away), cmp.Compare(b.live, a.live), cmp.Compare(a.id, b.id))
	})
	var ids []string
	for _, m := range found[:min(n, len(found))] {
		ids = append(ids, m.id)
	}
	return ids
}

// distance says how far a word, given with a space before it, is from a name;
// -1 where it is no neighbour.
func distance(w string, letters uint64, size int, c *calledTopic) int {
	if strings.Contains(c.name, w) || len(c.name) > 3 && strings.HasPrefix(w, c.name) {
		return 0
	}
	allowed := 1
	if size >= 5 {
		allowed = 2
	}
	if size >= 8 {
		allowed = 3
	}
	if size > maxSpelling || apart(letters, c.letters) > 2*allowed {
		return -1
	}
	if d := slips(w[1:], c.name[1:], allowed); d <= allowed {
		return d
	}
	return -1
}
