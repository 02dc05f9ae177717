package news

import (
	"net/url"
	"strings"
)

// A Directory finds sources by their ID and articles' outlets by their host.
type Directory struct {
	byID   map[string]Source
	byHost map[string]string // host without www. -> source ID
}

// NewDirectory indexes sources. Where two share a host the first one has it.
func NewDirectory(sources []Source) *Directory {
	d := &Directory{byID: make(map[string]Source, len(sources)), byHost: make(map[string]string, len(sources))}
	for _, s := range sources {
		d.byID[s.ID] = s
		if h := host(s.Site); h != "" {
			if _, taken := d.byHost[h]; !taken {
				d.byHost[h] = s.ID
			}
		}
	}
	return d
}

// Source returns the source with that ID. An unknown ID, as replayed archives
// have them, is an outlet of that name of which nothing else is known.
func (d *Directory) Source(id string) Source {
	if s, ok := d.byID[id]; ok {
		return s
	}
	return Source{ID: id, Name: id, Kind: Press, Lang: "en", Authority: unknownAuthority}
}

// Of returns the source whose site the URL belongs to.
func (d *Directory) Of(rawURL string) (Source, bool) {
	h := host(rawURL)
	for h != "" {
		if id, ok := d.byHost[h]; ok {
			return d.byID[id], true
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
