package news

import (
	_ "embed"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// A Directory finds sources by their ID and articles' outlets by their host.
type Directory struct {
	byID   map[string]*Source
	byHost map[string]string // host without www. -> source ID
	byName map[string]string // letters and digits of the name -> source ID
}

// NewDirectory indexes sources, and behind them the outlets of renown. Where
// two share a host or a name the first one has it.
func NewDirectory(sources []Source) *Directory {
	d := &Directory{byID: make(map[string]*Source, len(sources)), byHost: make(map[string]string, len(sources)), byName: make(map[string]string, len(sources))}
	for _, s := range sources {
		d.byID[s.ID] = &s
		d.name(s.Name, s.ID)
		if h := host(s.Site); h != "" {
			if _, taken := d.byHost[h]; !taken {
				d.byHost[h] = s.ID
			}
		}
	}
	for _, o := range outlets() {
		id, ok := d.byHost[o.host]
		if !ok {
			id = o.host
			d.byID[id] = &Source{ID: id, Name: o.names[0], Kind: Press, Lang: "en", Authority: o.authority, Site: "https://" + o.host}
			d.byHost[o.host] = id
		}
		for _, n := range o.names {
			d.name(n, id)
		}
	}
	return d
}

// name lets a source be found by its name, where that is long enough.
func (d *Directory) name(name, id string) {
	if n := plain(name); len(n) >= leastName {
		if _, taken := d.byName[n]; !taken {
			d.byName[n] = id
		}
	}
}

// outletTable has outlets that articles come from although no feed of theirs
// is read, with their authority.
//
//go:embed outlets.tsv
var outletTable string

type outlet struct {
	host      string
	authority float64
	names     []string
}

// outlets reads the built-in table.
var outlets = sync.OnceValue(func() []outlet {
	var out []outlet
	for line := range strings.Lines(outletTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) < 3 {
			panic(fmt.Sprintf("the built-in table of outlets: %q", line))
		}
		a, err := strconv.ParseFloat(f[1], 64)
		if err != nil || a < 0 || a > 1 {
			panic(fmt.Sprintf("the built-in table of outlets: %q", line))
		}
		out = append(out, outlet{f[0], a, f[2:]})
	}
	return out
})

// Source returns the source with that ID. An unknown ID, as replayed archives
// have them, is an outlet of that name of which nothing else is known.
func (d *Directory) Source(id string) Source { return *d.source(id) }

func (d *Directory) source(id string) *Source {
	if s, ok := d.byID[id]; ok {
		return s
	}
	s := &Source{ID: id, Name: id, Kind: Press, Lang: "en", Authority: unknownAuthority}
	if crowd.MatchString(id) {
		s.Kind, s.Authority = Community, crowdAuthority
	}
	return s
}

// leastName is how many letters a name has at least that an outlet is known
// by where more follows: "TechCrunch AI" is TechCrunch.
const leastName = 5

// Named returns the source of that name, or whose name it begins with: some
// aggregators name a section of an outlet. The longest name wins.
func (d *Directory) Named(name string) (Source, bool) {
	n := plain(name)
	for ; len(n) >= leastName; n = n[:len(n)-1] {
		if id, ok := d.byName[n]; ok {
			return *d.byID[id], true
		}
	}
	return Source{}, false
}

// plain is a name in lower case without what is no letter or digit, and without
// an article before it.
func plain(name string) string {
	name = strings.TrimPrefix(strings.ToLower(name), "the ")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}

// crowd are names of places to which anybody submits, and of accounts there.
var crowd = regexp.MustCompile(`(?i)hacker ?news|\bhn\b|reddit|lobste|product ?hunt|github|stack ?overflow|mastodon|bluesky|youtube|^@|^x[ :：]|twitter|weibo|公众号|微博|知乎|社区`)

const crowdAuthority = 0.25

// Of returns the source whose site the URL belongs to.
func (d *Directory) Of(rawURL string) (Source, bool) {
	h := host(rawURL)
	for h != "" {
		if id, ok := d.byHost[h]; ok {
			return *d.byID[id], true
		}
		_, rest, ok := strings.Cut(h, ".")
		if !ok || !strings.Contains(rest, ".") {
			break
		}
		h = rest
	}
	return Source{}, false
}

// unknownAuthority is that of an outlet which no catalogue lists: below any
// trade press, above an aggregator.
const unknownAuthority = 0.4

// host returns the lower-case host of a URL without a leading "www.", or "".
func host(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
