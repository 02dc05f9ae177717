package cluster

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed concepts.txt
var conceptTable string

// concepts are the words of the built-in table by the concept that they stand
// for. Han words are matched as they stand, others in full or by a prefix of
// at least four letters.
var concepts = sync.OnceValue(func() (c struct{ words, prefixes map[string]string }) {
	c.words, c.prefixes = map[string]string{}, map[string]string{}
	for line := range strings.Lines(conceptTable) {
		ws := strings.Fields(line)
		if len(ws) == 0 || ws[0] == "#" {
			continue
		}
		id := strings.TrimSuffix(ws[0], "*")
		for _, w := range ws {
			if p, ok := strings.CutSuffix(w, "*"); ok {
				c.prefixes[p] = id
			} else {
				c.words[w] = id
			}
		}
	}
	return c
})

// conceptOf returns the concept of a word in lower case, "" for none.
func conceptOf(w string) string {
	c := concepts()
	if id, ok := c.words[w]; ok {
		return id
	}
	for n := len(w); n >= 2; n-- {
		if id, ok := c.prefixes[w[:n]]; ok {
			return id
		}
	}
	return ""
}

// hanConcept returns the concept of the longest Han word that s begins with,
// and its length.
func hanConcept(s string) (id string, n int) {
	c := concepts()
	end := 0
	for range 5 {
		_, size := utf8.DecodeRuneInString(s[end:])
		if size == 0 {
			break
		}
		end += size
		if found, ok := c.words[s[:end]]; ok {
			id, n = found, end
		}
	}
	return id, n
}

// amount finds numbers with a scale, as "2.4T", "$40 billion" and "400亿" are.
var amount = regexp.MustCompile(`(?i)(\d+(?:[.,]\d+)*)[\s-]?(thousand|tausend|trillion|billionen|billion|billón|million|millones|milliarden|milliarde|milliards?|mrd|mio|bn|tn|mn|万亿|亿|万|[kmbt]\b)`)

var scales = map[string]float64{
	"k": 1e3, "thousand": 1e3, "tausend": 1e3, "万": 1e4,
	"m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millones": 1e6, "亿": 1e8,
	"b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "milliarde": 1e9, "milliarden": 1e9, "milliard": 1e9, "milliards": 1e9,
	"t": 1e12, "tn": 1e12, "trillion": 1e12, "billionen": 1e12, "billón": 1e12, "万亿": 1e12,
}

// amounts are the numbers with a scale that a title names, in one spelling.
func amounts(title string) []string {
	if !strings.ContainsAny(title, "0123456789") {
		return nil
	}
	var out []string
	for _, m := range amount.FindAllStringSubmatch(title, 8) {
		x, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
		if err != nil {
			continue
		}
		out = append(out, strconv.FormatFloat(x*scales[strings.ToLower(m[2])], 'g', 3, 64))
	}
	return out
}

// The first byte of terms that hold in every language, beside topicMark and modelMark.
const (
	conceptMark = '\x03'
	amountMark  = '\x04'
	nameMark    = '\x05' // a name in Latin letters, or a plain number
)

// conceptIDF bounds the weight of a concept, which stands for many words.
const conceptIDF = 3.5

// A marked is a term of a bridge: a mark and what it marks.
type marked struct {
	term   string
	weight float64
}

// marks lists what does not depend on an article's language: what it is
// about, the versions, amounts, names and numbers of its title, and what it
// tells of.
func marks(d Doc) (out []marked) {
	set := func(mark byte, term string, weight float64) {
		out = append(out, marked{string(rune(mark)) + term, weight})
	}
	for i, id := range d.Topics {
		if i < 6 {
			set(topicMark, id, 1)
		}
	}
	for _, m := range d.Models {
		set(modelMark, m, 1.5)
	}
	for _, a := range amounts(d.Title) {
		set(amountMark, a, 1.5)
	}
	title := d.Title
	if utf8.RuneCountInString(title) > 200 {
		title = string([]rune(title)[:200])
	}
	words(title, func(w string, first bool) {
		r, _ := utf8.DecodeRuneInString(w)
		low := strings.ToLower(w)
		switch {
		case isHan(r):
			for i := 0; i < len(w); {
				id, n := hanConcept(w[i:])
				if n == 0 {
					_, n = utf8.DecodeRuneInString(w[i:])
				} else {
					set(conceptMark, id, 1)
				}
				i += n
			}
			return
		case stop[low] || len(low) < 2:
			return
		}
		if id := conceptOf(low); id != "" {
			set(conceptMark, id, 1)
		} else if unicode.IsUpper(r) || unicode.IsDigit(r) || d.Lang == "zh" || d.Lang == "ja" {
			set(nameMark, low, 1)
		}
	})
	return out
}

// bridge is the vector of an article's marks.
func (t *vocabulary) bridge(d Doc) vector {
	t.weights = t.weights[:0]
	for _, m := range d.text.marks {
		f := t.weigh(t.id(m.term))
		f.weight, f.key = m.weight, true
	}
	return t.weighed(topicIDF, conceptIDF)
}

// words calls yield for each run of Han characters, and for each other run of
// letters and digits, points between digits and hyphens between letters included.
func words(s string, yield func(w string, first bool)) {
	start, han, first := -1, false, true
	flush := func(end int) {
		if start >= 0 {
			yield(s[start:end], first)
			first = false
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case isHan(r):
			if start >= 0 && !han {
				flush(i)
			}
			if start < 0 {
				start, han = i, true
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start >= 0 && han {
				flush(i)
			}
			if start < 0 {
				start, han = i, false
			}
		case r == '.' && start >= 0 && !han && i+1 < len(s) && isDigit(s[i+1]) && isDigit(s[i-1]):
		default:
			flush(i)
		}
	}
	flush(len(s))
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
