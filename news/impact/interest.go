package impact

import (
	_ "embed"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// interestTable has how much more, or less, readers cared for articles of a
// host, with a word in the title, or of a form. TestLearnInterest writes it.
//
//go:embed interest.tsv
var interestTable string

// traits are the effects of the table; "" is the mean.
var traits = sync.OnceValue(func() map[string]float64 {
	m := map[string]float64{}
	for line := range strings.Lines(interestTable) {
		trait, x, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		effect, err := strconv.ParseFloat(x, 64)
		if err != nil {
			panic("the built-in table of interest: " + err.Error())
		}
		m[trait] = effect
	}
	return m
})

// Interest says how much readers are likely to care for an article, 0 to 1, by
// what they cared for before: 0 is nobody, 1 a few hundred votes. It is a
// ridge regression on the logarithm of the votes. most names the trait that
// speaks for it most, "" where none does.
func Interest(rawURL, title string) (x float64, most string) {
	m := traits()
	x = m[""]
	best := 0.02
	for _, t := range interestTraits(rawURL, title) {
		e := m[t]
		x += e
		if e > best && !strings.HasPrefix(t, "form:") {
			best, most = e, t
		}
	}
	return math.Min(math.Max(x, 0), 1), most
}

// shared are hosts on which everybody publishes: who does stands in the path.
var shared = []string{"github.com", "x.com", "twitter.com", "medium.com", "huggingface.co", "substack.com"}

// forms are told by an expression, which is tried where the title has one of
// the bytes that it needs, or begins with one where it begins with ^. A letter
// may be written as one beyond ASCII that folds to it.
var forms = []struct {
	name, needs string
	re          *regexp.Regexp
}{
	{"show", "^sS\xc5", regexp.MustCompile(`(?i)^show hn\b`)},
	{"ask", "^aAtT", regexp.MustCompile(`(?i)^(ask|tell) hn\b`)},
	{"launch", "^lL", regexp.MustCompile(`(?i)^launch hn\b`)},
	{"question", "?", regexp.MustCompile(`\?`)},
	{"digit", "0123456789", regexp.MustCompile(`\d`)},
	{"money", "$\xe2", regexp.MustCompile(`[$€]\s?\d`)},
	{"how", "^hHwW", regexp.MustCompile(`(?i)^(how|why|what) `)},
	{"document", "[", regexp.MustCompile(`\[(pdf|video)\]`)},
	{"year", "(", regexp.MustCompile(`\((19|20)\d\d\)`)},
}

// interestTraits are what Interest knows an article by, each once.
func interestTraits(rawURL, title string) []string {
	var out []string
	host := "none"
	if u, err := url.Parse(rawURL); err == nil && u.Host != "" {
		host = strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		if slices.Contains(shared, host) {
			owner, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
			out = append(out, "by:"+host+"/"+strings.ToLower(owner))
		}
	}
	out = append(out, "host:"+host, "domain:"+host[strings.LastIndexByte(host, '.')+1:])
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' })
	for _, w := range words {
		if w = strings.Trim(w, "."); w == "" {
			continue
		}
		if w = "word:" + w; !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, f := range forms {
		if mayMatch(f.needs, title) && f.re.MatchString(title) {
			out = append(out, "form:"+f.name)
		}
	}
	return append(out, "form:"+strconv.Itoa(min(len(words)/3, 6))+" threes of words")
}

func mayMatch(needs, title string) bool {
	if first, ok := strings.CutPrefix(needs, "^"); ok {
		return title != "" && strings.IndexByte(first, title[0]) >= 0
	}
	for i := range len(needs) {
		if strings.IndexByte(title, needs[i]) >= 0 {
			return true
		}
	}
	return false
}
