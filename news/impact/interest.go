package impact

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// A Taste is what readers cared for before: how much more, or less, they did
// for articles of a host, by somebody, with a word in the title, of a form.
type Taste struct {
	effects map[string]float64 // by trait, "" is the mean
}

// interestTable is the built-in taste. TestLearnInterest writes it.
//
//go:embed interest.tsv
var interestTable string

// DefaultTaste is the built-in one, learnt from votes on Hacker News.
var DefaultTaste = sync.OnceValue(func() *Taste {
	t := &Taste{map[string]float64{}}
	for line := range strings.Lines(interestTable) {
		trait, x, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		effect, err := strconv.ParseFloat(x, 64)
		if err != nil {
			panic("the built-in table of interest: " + err.Error())
		}
		t.effects[trait] = effect
	}
	return t
})

// Interest says how much readers are likely to care for an article, 0 to 1:
// 0 is nobody, 1 a thousand votes.
func (t *Taste) Interest(rawURL, title string) float64 {
	x := t.effects[""]
	for _, trait := range traits(rawURL, title) {
		x += t.effects[trait]
	}
	return math.Min(math.Max(x, 0), 1)
}
