package impact

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// shared are hosts on which everybody publishes: who does stands in the path.
var shared = []string{"github.com", "twitter.com", "medium.com", "huggingface.co", "substack.com"}

// mirrors are other names of hosts. A link to a place of discussion is none.
var mirrors = map[string]string{
	"news.ycombinator.com": noHost, "old.reddit.com": "reddit.com", "x.com": "twitter.com", "xcancel.com": "twitter.com", "bbc.co.uk": "bbc.com",
}

// noHost stands for the host of an article without a link.
const noHost = "none"

// A form is a pattern that titles, or addresses, follow.
type form struct {
	name string
	re   *regexp.Regexp
}

var titleForms = []form{
	{"show", regexp.MustCompile(`(?i)^show hn\b`)},
	{"ask", regexp.MustCompile(`(?i)^(ask|tell) hn\b`)},
	{"launch", regexp.MustCompile(`(?i)^launch hn\b`)},
	{"question", regexp.MustCompile(`\?`)},
	{"digit", regexp.MustCompile(`\d`)},
	{"money", regexp.MustCompile(`[$€]\s?\d`)},
	{"percent", regexp.MustCompile(`\d ?%`)},
	{"version", regexp.MustCompile(`\b[vV]?\d+\.\d+`)},
	{"how", regexp.MustCompile(`(?i)^(how|why|what) `)},
	{"document", regexp.MustCompile(`\[(pdf|video)\]`)},
	{"year", regexp.MustCompile(`\((19|20)\d\d\)`)},
	{"colon", regexp.MustCompile(`: `)},
	{"dash", regexp.MustCompile(` [–—-] `)},
	{"quotation", regexp.MustCompile(`["“‘]`)},
	{"I", regexp.MustCompile(`\b(I|I'm|my|My|me)\b`)},
	{"we", regexp.MustCompile(`\b([Ww]e|[Oo]ur)\b`)},
	{"you", regexp.MustCompile(`\b[Yy]our?\b`)},
	{"article", regexp.MustCompile(`^(The|A|An) `)},
	{"capitals", regexp.MustCompile(`\b[A-Z]{3,}\b`)},
}

var pathForms = []form{
	{"front page", regexp.MustCompile(`^/?$`)},
	{"document", regexp.MustCompile(`\.pdf$`)},
	{"dated", regexp.MustCompile(`/20\d\d/`)},
	{"blog", regexp.MustCompile(`blog|/posts?/`)},
	{"news", regexp.MustCompile(`news`)},
	{"docs", regexp.MustCompile(`docs`)},
	{"one", regexp.MustCompile(`^/[^/]+/?$`)},
	{"two", regexp.MustCompile(`^/[^/]+/[^/]+/?$`)},
	{"deep", regexp.MustCompile(`^/[^/]+/[^/]+/[^/]`)},
}

// traits are what a taste knows an article by, each once: what it was
// published on, and what its title says and looks like.
func traits(rawURL, title string) []string {
	out := append(placeTraits(rawURL), caseTrait(title))
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' })
	for _, w := range words {
		if w = strings.Trim(w, "."); w != "" && !slices.Contains(out, "word:"+w) {
			out = append(out, "word:"+w)
		}
	}
	for _, f := range titleForms {
		if f.re.MatchString(title) {
			out = append(out, "form:"+f.name)
		}
	}
	return append(out, "form:"+strconv.Itoa(min(len(words)/3, 6))+" threes of words")
}

// placeTraits are those of an article's address.
func placeTraits(rawURL string) []string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return []string{"host:" + noHost}
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if to, ok := mirrors[host]; ok {
		host = to
	}
	out := []string{"host:" + host}
	if host == noHost {
		return out
	}
	labels := strings.Split(host, ".")
	n := len(labels)
	out = append(out, "domain:"+labels[n-1])
	switch {
	case n > 2:
		out = append(out, "site:"+strings.Join(labels[n-2:], "."), "path:below "+labels[0])
	case n == 2:
		out = append(out, "path:own domain")
	}
	if slices.Contains(shared, host) {
		owner, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		out = append(out, "by:"+host+"/"+strings.ToLower(owner))
	}
	for _, f := range pathForms {
		if f.re.MatchString(u.Path) {
			out = append(out, "path:"+f.name)
			if host == "github.com" { // a project, or something in one
				out = append(out, "path:github "+f.name)
			}
		}
	}
	return out
}

// caseTrait tells a title in which most words begin with a capital from one
// that is written as a sentence.
func caseTrait(title string) string {
	capitals, all := 0, 0
	for w := range strings.FieldsSeq(title) {
		if r := []rune(w)[0]; unicode.IsLetter(r) {
			all++
			if unicode.IsUpper(r) {
				capitals++
			}
		}
	}
	switch {
	case 5*capitals > 4*all:
		return "form:title case"
	case 3*capitals < all:
		return "form:sentence case"
	}
	return "form:mixed case"
}
