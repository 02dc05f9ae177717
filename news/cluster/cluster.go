// Package cluster decides which story a new article belongs to. A Window holds
// the stories that may still grow; it is fed in order of time, does no I/O,
// and the same sequence of calls always gives the same stories.
//
// An article is a sparse vector of stemmed words, weighted by how rare they
// are: its title in full, names and numbers twice, its lead at a third. Rarity
// comes from a built-in table of document frequencies and from the stream
// itself. Candidates come from an inverted index over live stories, so the
// cost of an article does not grow with the window. The score is the mean of
// the cosine with the story's centroid and with its closest recent article,
// less for stories that are silent for days.
package cluster

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Doc is what the package needs to know of one article.
type Doc struct {
	ID     string
	Source string
	Title  string
	Lead   string // its first sentences
	Lang   string // BCP 47
	Topics []string
	Models []string // versions that its title names, see topic.Models
	At     time.Time
}

// Options tune a Window. Zero fields have the defaults beside them, which were
// chosen together on four sets of labelled news; see docs/evaluation.md.
type Options struct {
	Join       float64 // score from which an article joins; 0.23
	JoinBare   float64 // the same for an article or story without a lead; 0.30
	SameSource float64 // factor where the story has an article of the source within a day; 0.85
	OneSource  float64 // factor where it has articles of that source alone; 0.6
	Decay      float64 // per day since the story's last article; 0.05
}

const (
	leadWeight     = 0.3 // of a word of the lead beside one of the title
	leadWords      = 60
	nameBoost      = 2.0 // names and numbers of the title
	topicWeight    = 0.7
	modelWeight    = 1.5
	recentMembers  = 30  // compared one by one
	candidates     = 32  // scored exactly
	postingsMax    = 256 // of a term, the newest
	commonFraction = 0.02
)

// A Window is the set of stories that may still grow.
type Window struct {
	o        Options
	terms    *vocabulary
	stories  map[string]*story
	postings map[uint32][]*story // in order of joining

	last    string // the ID of the article whose vector is lastVec: it is assigned, then added
	lastVec vector
}

type story struct {
	id      string
	sum     map[uint32]float64 // of its members' vectors
	norm    float64            // squared length of sum
	recent  []member
	models  map[string]bool // of its titles
	last    time.Time
	leads   int
	size    int
	indexed map[uint32]bool
	gone    bool
}

type member struct {
	vec    vector
	source string
	at     time.Time
}

// New makes an empty window.
func New(o Options) *Window {
	o.Join = cmp.Or(o.Join, 0.23)
	o.JoinBare = cmp.Or(o.JoinBare, 0.30)
	o.SameSource = cmp.Or(o.SameSource, 0.85)
	o.OneSource = cmp.Or(o.OneSource, 0.6)
	o.Decay = cmp.Or(o.Decay, 0.05)
	return &Window{o: o, terms: newVocabulary(), stories: map[string]*story{}, postings: map[uint32][]*story{}}
}

// Len returns how many stories are in the window.
func (w *Window) Len() int { return len(w.stories) }

// Assign returns the story that d belongs to and the score of that, 0 to 1;
// "" where it tells something new. The window stays as it is until Add.
func (w *Window) Assign(d Doc) (id string, score float64) {
	v := w.vector(d)
	var best *story
	for _, s := range w.candidates(v) {
		x := w.score(d, v, s)
		limit := w.o.Join
		if d.Lead == "" || s.leads*2 < s.size {
			limit = w.o.JoinBare
		}
		if x < limit {
			continue
		}
		if x > score || x == score && best != nil && s.id < best.id {
			best, score = s, x
		}
	}
	if best == nil {
		return "", 0
	}
	return best.id, score
}

// Add makes d part of a story, which is opened where it is new.
func (w *Window) Add(id string, d Doc) {
	s := w.stories[id]
	if s == nil {
		s = &story{id: id, sum: map[uint32]float64{}, models: map[string]bool{}, indexed: map[uint32]bool{}}
		w.stories[id] = s
	}
	v := w.vector(d)
	w.terms.count(v)
	w.last = ""
	for _, f := range v {
		old := s.sum[f.term]
		s.sum[f.term] = old + f.weight
		s.norm += f.weight * (2*old + f.weight)
		if f.key && !s.indexed[f.term] {
			s.indexed[f.term] = true
			w.post(f.term, s)
		}
	}
	for _, m := range versions(d) {
		s.models[m] = true
	}
	if d.At.After(s.last) {
		s.last = d.At
	}
	if d.Lead != "" {
		s.leads++
	}
	s.size++
	s.recent = append(s.recent, member{v, d.Source, d.At})
	if len(s.recent) > recentMembers {
		s.recent = slices.Delete(s.recent, 0, 1)
	}
}

func (w *Window) vector(d Doc) vector {
	if d.ID == "" || d.ID != w.last {
		w.last, w.lastVec = d.ID, w.terms.vector(d)
	}
	return w.lastVec
}

// Expire lets go of the stories whose last article is from before a time.
func (w *Window) Expire(before time.Time) {
	for id, s := range w.stories {
		if s.last.Before(before) {
			s.gone = true
			delete(w.stories, id)
		}
	}
	for t, ps := range w.postings {
		ps = slices.DeleteFunc(ps, func(s *story) bool { return s.gone })
		if len(ps) == 0 {
			delete(w.postings, t)
		} else {
			w.postings[t] = ps
		}
	}
}

func (w *Window) post(term uint32, s *story) {
	ps := append(w.postings[term], s)
	if len(ps) > 2*postingsMax {
		ps = slices.Clone(ps[len(ps)-postingsMax:])
	}
	w.postings[term] = ps
}

// candidates returns the stories that share the most, by rarity, with v.
func (w *Window) candidates(v vector) []*story {
	common := max(50, int(commonFraction*float64(len(w.stories))))
	shared := map[*story]float64{}
	for _, f := range v {
		ps := w.postings[f.term]
		if !f.key || len(ps) > max(common, postingsMax) {
			continue
		}
		for _, s := range ps[max(0, len(ps)-postingsMax):] {
			if !s.gone {
				shared[s] += f.weight * f.weight
			}
		}
	}
	all := make([]*story, 0, len(shared))
	for s := range shared {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *story) int {
		return cmp.Or(cmp.Compare(shared[b], shared[a]), strings.Compare(a.id, b.id))
	})
	return all[:min(len(all), candidates)]
}

// score says how well v fits s, 0 to 1; 0 where something forbids it.
func (w *Window) score(d Doc, v vector, s *story) float64 {
	if conflict(versions(d), s.models) {
		return 0
	}
	length := v.length()
	if length == 0 {
		return 0
	}
	dot := 0.0
	for _, f := range v {
		dot += f.weight * s.sum[f.term]
	}
	centroid := dot / (length * math.Sqrt(max(s.norm, 1e-12)))
	closest, sameSource, oneSource := 0.0, false, true
	for _, m := range s.recent {
		closest = max(closest, v.cosine(m.vec))
		sameSource = sameSource || m.source == d.Source && d.At.Sub(m.at).Abs() < 24*time.Hour
		oneSource = oneSource && m.source == d.Source
	}
	x := (centroid + closest) / 2
	x *= math.Exp(-w.o.Decay * max(0, d.At.Sub(s.last).Hours()/24))
	// A source rarely tells one story twice: its own series look alike.
	switch {
	case oneSource && d.Source != "":
		x *= w.o.OneSource
	case sameSource:
		x *= w.o.SameSource
	}
	return min(x, 1)
}

// release finds the numbers of releases of software, as in changelogs.
var release = regexp.MustCompile(`\b\d+\.\d+\.\d+\b`)

// versions are what a title names by number: versions of models, and releases.
func versions(d Doc) []string {
	vs := d.Models
	for _, r := range release.FindAllString(d.Title, -1) {
		vs = append(vs[:len(vs):len(vs)], "release-"+r)
	}
	return vs
}

// conflict reports whether two sets of model versions name the same family and
// no common version: GPT-5.1 and GPT-5.2 are two stories.
func conflict(a []string, b map[string]bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	clash := false
	for _, m := range a {
		if b[m] {
			return false
		}
		for n := range b {
			clash = clash || family(m) == family(n)
		}
	}
	return clash
}

// family is a model's name up to its version.
func family(m string) string {
	i := strings.IndexAny(m, "0123456789")
	if i < 0 {
		return m
	}
	return strings.TrimRight(m[:i], "-")
}
