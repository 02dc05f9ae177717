package impact

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shared are hosts on which everybody publishes: who does stands in the path.
var shared = []string{"github.com", "twitter.com", "medium.com", "huggingface.co", "substack.com"}

// mirrors are other names of hosts. A link to a place of discussion is none.
var mirrors = map[string]string{
	"news.ycombinator.com": noHost, "old.reddit.com": "reddit.com", "x.com": "twitter.com", "xcancel.com": "twitter.com", "bbc.co.uk": "bbc.com",
}

// noHost stands for the host of an article without a link.
const noHost = "none"

// titleForms appends the forms that a title has: what it looks like.
func titleForms(out []string, title string) []string {
	is := func(name string, has bool) {
		if has {
			out = append(out, "form:"+name)
		}
	}
	begin := strings.ToLower(title[:min(len(title), len("launch hn "))])
	begins := func(with string) bool {
		rest, ok := strings.CutPrefix(begin, with)
		return ok && (rest == "" || !isWordByte(rest[0]))
	}
	is("show", begins("show hn"))
	is("ask", begins("ask hn") || begins("tell hn"))
	is("launch", begins("launch hn"))
	is("question", strings.Contains(title, "?"))
	is("digit", strings.ContainsAny(title, digits))
	is("money", strings.ContainsAny(title, "$€") && money.MatchString(title))
	is("percent", strings.Contains(title, "%") && percent.MatchString(title))
	is("version", strings.Contains(title, ".") && version.MatchString(title))
	is("how", strings.HasPrefix(begin, "how ") || strings.HasPrefix(begin, "why ") || strings.HasPrefix(begin, "what "))
	is("document", strings.Contains(title, "[pdf]") || strings.Contains(title, "[video]"))
	is("year", strings.Contains(title, "(") && year.MatchString(title))
	is("colon", strings.Contains(title, ": "))
	is("dash", strings.Contains(title, " – ") || strings.Contains(title, " — ") || strings.Contains(title, " - "))
	is("quotation", strings.ContainsAny(title, "\"“‘"))
	var i, we, you, capitals bool
	for w := range strings.FieldsFuncSeq(title, func(r rune) bool { return r >= utf8.RuneSelf || !isWordByte(byte(r)) }) {
		switch w {
		case "I", "my", "My", "me":
			i = true
		case "We", "we", "Our", "our":
			we = true
		case "You", "you", "Your", "your":
			you = true
		}
		capitals = capitals || len(w) >= 3 && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	is("I", i)
	is("we", we)
	is("you", you)
	is("article", strings.HasPrefix(title, "The ") || strings.HasPrefix(title, "A ") || strings.HasPrefix(title, "An "))
	is("capitals", capitals)
	return out
}

const digits = "0123456789"

var (
	money   = regexp.MustCompile(`[$€]\s?\d`)
	percent = regexp.MustCompile(`\d ?%`)
	version = regexp.MustCompile(`\b[vV]?\d+\.\d+`)
	year    = regexp.MustCompile(`\((19|20)\d\d\)`)
	dated   = regexp.MustCompile(`/20\d\d/`)
)

func isWordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_'
}

// pathForms names the forms that the path of an address has.
func pathForms(path string) (out []string) {
	is := func(name string, has bool) {
		if has {
			out = append(out, name)
		}
	}
	is("front page", path == "" || path == "/")
	is("document", strings.HasSuffix(path, ".pdf"))
	is("dated", strings.Contains(path, "/20") && dated.MatchString(path))
	is("blog", strings.Contains(path, "blog") || strings.Contains(path, "/post/") || strings.Contains(path, "/posts/"))
	is("news", strings.Contains(path, "news"))
	is("docs", strings.Contains(path, "docs"))
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		parts := strings.SplitN(strings.TrimSuffix(rest, "/"), "/", 3)
		is("one", len(parts) == 1 && parts[0] != "")
		is("two", len(parts) == 2 && parts[0] != "" && parts[1] != "")
		is("deep", len(parts) == 3 && parts[0] != "" && parts[1] != "" && parts[2] != "" && parts[2][0] != '/')
	}
	return out
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
	return append(titleForms(out, title), "form:"+strconv.Itoa(min(len(words)/3, 6))+" threes of words")
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
	for _, name := range pathForms(u.Path) {
		out = append(out, "path:"+name)
		if host == "github.com" { // a project, or something in one
			out = append(out, "path:github "+name)
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
