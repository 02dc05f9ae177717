package cluster

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball"
)

// A vector is a sparse vector in order of term.
type vector []feature

// A feature is kept small: a window keeps a million articles' vectors.
type feature struct {
	weight float64
	term   uint32
	key    bool // of the title: finds candidates
	number bool // has a digit
	rare   bool // has an inverse document frequency of rareIDF or more
}

func (v vector) length() float64 {
	sum := 0.0
	for _, f := range v {
		sum += f.weight * f.weight
	}
	return math.Sqrt(sum)
}

// cosine is that of two vectors whose lengths are known.
func cosine(v, u vector, lengthV, lengthU float64) float64 {
	dot := 0.0
	for i, j := 0, 0; i < len(v) && j < len(u); {
		switch {
		case v[i].term < u[j].term:
			i++
		case v[i].term > u[j].term:
			j++
		default:
			dot += v[i].weight * u[j].weight
			i++
			j++
		}
	}
	if dot == 0 {
		return 0
	}
	return dot / (lengthV * lengthU)
}

// A vocabulary numbers terms and knows how rare they are. It grows with the
// stream: the counts of the built-in table and those of the stream add up.
type vocabulary struct {
	serial  uint32 // of this vocabulary among all
	ids     map[string]uint32
	terms   []term
	weights []feature  // of the vector that is being made
	docs    [2]float64 // how many titles were counted, of alphabets and of Han
}

type term struct {
	df      float64
	mark    byte // the first byte of one that is no word, else 0
	han     bool
	numeric bool // a word with a digit, or an amount
}

// How many titles the built-in table was counted on; it says so itself.
const (
	seedLatin = 31790
	seedHan   = 56864
)

//go:embed df.tsv.gz
var dfTable []byte

// seed is the built-in table with its words stemmed, as every vocabulary
// starts from it.
var seed = sync.OnceValue(func() map[string]float64 {
	z, err := gzip.NewReader(bytes.NewReader(dfTable))
	if err != nil {
		panic("the built-in table of document frequencies: " + err.Error())
	}
	m := map[string]float64{}
	sc := bufio.NewScanner(z)
	for sc.Scan() {
		term, n, _ := strings.Cut(sc.Text(), "\t")
		count, err := strconv.ParseFloat(n, 64)
		if err != nil {
			panic("the built-in table of document frequencies: " + err.Error())
		}
		m[stem(term, "en")] += count
	}
	return m
})

var vocabularies atomic.Uint32

func newVocabulary() *vocabulary {
	return &vocabulary{serial: vocabularies.Add(1), ids: map[string]uint32{}, docs: [2]float64{seedLatin, seedHan}}
}

func (t *vocabulary) id(s string) uint32 {
	if id, ok := t.ids[s]; ok {
		return id
	}
	id := uint32(len(t.terms))
	t.ids[s] = id
	word, mark := s, byte(0)
	if s != "" && s[0] <= nameMark {
		word, mark = stem(s[1:], "en"), s[0]
	}
	r, _ := utf8.DecodeRuneInString(word)
	t.terms = append(t.terms, term{
		df: seed()[word], mark: mark, han: isHan(r),
		numeric: strings.ContainsAny(word, "0123456789") && (mark == 0 || mark == amountMark),
	})
	return id
}

// idOf is id of a stem, which remembers the vocabulary that asked last.
func (t *vocabulary) idOf(s *stemmed) uint32 {
	if known := s.known.Load(); uint32(known>>32) == t.serial {
		return uint32(known)
	}
	id := t.id(s.stem)
	s.known.Store(uint64(t.serial)<<32 | uint64(id))
	return id
}

// idf is the inverse document frequency of a term, in the smoothed form of BM25.
func (t *vocabulary) idf(id uint32) float64 {
	n := t.docs[0]
	e := &t.terms[id]
	if e.han {
		n = t.docs[1]
	}
	df := min(max(e.df, 0.5), n)
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}

// count learns from an article that was added.
func (t *vocabulary) count(v, bridge vector) {
	for _, f := range v {
		if f.key {
			t.terms[f.term].df++
		}
	}
	for _, f := range bridge {
		if mark := t.terms[f.term].mark; mark == conceptMark || mark == amountMark || mark == nameMark {
			t.terms[f.term].df++
		}
	}
	t.docs[0]++
	t.docs[1]++
}

// The first byte of terms that are no words.
const (
	topicMark = '\x01'
	modelMark = '\x02'
)

// topicIDF bounds the weight of a topic, whose frequency the table does not know.
const topicIDF = 4

func (t *vocabulary) vector(d Doc) vector {
	t.weights = t.weights[:0]
	for _, w := range d.text.title {
		weight := 1.0
		if w.name {
			weight = nameBoost
		}
		f := t.weigh(t.idOf(w.stemmed))
		f.weight, f.key = max(f.weight, weight), true
	}
	for _, w := range d.text.lead {
		t.weigh(t.idOf(w.stemmed)).weight += leadWeight
	}
	for i, id := range d.Topics {
		if i < 4 {
			t.weigh(t.id(string(topicMark) + id)).weight = topicWeight
		}
	}
	for _, m := range d.Models {
		f := t.weigh(t.id(string(modelMark) + m))
		f.weight, f.key = modelWeight, true
	}
	return t.weighed(topicIDF, math.Inf(1))
}

// weigh returns the feature of a term in the vector that is being made.
func (t *vocabulary) weigh(id uint32) *feature {
	for i := range t.weights {
		if t.weights[i].term == id {
			return &t.weights[i]
		}
	}
	t.weights = append(t.weights, feature{term: id, number: t.terms[id].numeric})
	return &t.weights[len(t.weights)-1]
}

// weighed returns the vector that was made, in order of term, with weights
// times inverse document frequencies. Those of topics and concepts are bounded.
func (t *vocabulary) weighed(topics, concepts float64) vector {
	v := make(vector, len(t.weights))
	for i, f := range t.weights {
		idf := t.idf(f.term)
		switch t.terms[f.term].mark {
		case topicMark:
			idf = min(idf, topics)
		case conceptMark:
			idf = min(idf, concepts)
		}
		f.rare, f.weight = idf >= rareIDF, f.weight*idf
		v[i] = f
	}
	slices.SortFunc(v, func(a, b feature) int { return cmp.Compare(a.term, b.term) })
	return v
}

// A token is a stemmed word, or two neighbouring Han characters.
type token struct {
	*stemmed
	name bool // a name or a number
}

// tokens returns the first tokens of s, at most limit.
func tokens(s, lang string, limit int) []token {
	out := make([]token, 0, min(limit, len(s)/6+2))
	start, prevHan := -1, rune(0)
	first := true
	var low []byte
	flush := func(end int) {
		if start < 0 {
			return
		}
		w := s[start:end]
		start = -1
		r, _ := utf8.DecodeRuneInString(w)
		name := unicode.IsUpper(r) && !first || strings.ContainsFunc(w, unicode.IsDigit)
		first = false
		low = appendLower(low[:0], w)
		if stop[string(low)] || utf8.RuneCount(low) < 2 && !unicode.IsDigit(r) {
			return
		}
		out = append(out, token{stemOf(low, lang), name})
	}
	for i, r := range s {
		if len(out) >= limit {
			return out[:limit]
		}
		switch {
		case isHan(r):
			flush(i)
			if prevHan != 0 {
				low = utf8.AppendRune(utf8.AppendRune(low[:0], prevHan), r)
				out = append(out, token{stemOf(low, noLang), false})
			}
			prevHan = r
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		case r == '.' && start >= 0 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && s[i-1] >= '0' && s[i-1] <= '9':
			// 5.1 is one number
		default:
			flush(i)
		}
		prevHan = 0
	}
	flush(len(s))
	return out[:min(len(out), limit)]
}

// appendLower appends w in lower case.
func appendLower(to []byte, w string) []byte {
	n := len(to)
	for i := range len(w) {
		c := w[i]
		if c >= utf8.RuneSelf {
			return append(to[:n], strings.ToLower(w)...)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

// stems remembers the stems of words, by language and word: as many as it has
// places, each until another word takes its place.
var stems [1 << 17]atomic.Pointer[stemmed]

type stemmed struct {
	lang, word, stem string

	known atomic.Uint64 // serial of the vocabulary that asked last, and the term there
}

// noLang is the language of what has no stem but itself.
const noLang = "-"

var stemSeed = maphash.MakeSeed()

func stemOf(w []byte, lang string) *stemmed {
	at := &stems[maphash.Bytes(stemSeed, w)%uint64(len(stems))]
	if s := at.Load(); s != nil && s.word == string(w) && s.lang == lang {
		return s
	}
	word := string(w)
	s := &stemmed{lang: lang, word: word, stem: stem(word, lang)}
	at.Store(s)
	return s
}

func isHan(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// stemmers are snowball's names of languages. A language without one is
// matched by its words as they are.
var stemmers = map[string]string{"en": "english", "fr": "french", "es": "spanish", "": "english"}

func stem(w, lang string) string {
	name := stemmers[lang]
	if name == "" || len(w) < 4 {
		return w
	}
	s, err := snowball.Stem(w, name, false)
	if err != nil {
		return w
	}
	if strings.HasPrefix(w, s) {
		return w[:len(s)] // one string to keep instead of two
	}
	return s
}

// stop words carry no event.
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`the a an of to in on for and or with at by from as is are was be been it its this that these those
		after over new how why what who will has have had not but up out about into more than can could may says say said
		der die das und oder mit von im in zu den dem ein eine einen für auf ist sind nicht auch des
		le la les de du des et ou un une en dans pour sur avec est sont au aux el los las y o del con por para que se una es`) {
		m[w] = true
	}
	return m
}()
