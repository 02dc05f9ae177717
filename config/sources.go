package config

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/unicode/norm"

	"newsdesk/bot"
	"newsdesk/news"
)

//go:embed catalogue.tsv
var catalogueTSV string

// catalogue is read once; a row that cannot be read is a fault of the build.
var catalogue = sync.OnceValue(func() []news.Source {
	var all []news.Source
	for i, line := range strings.Split(catalogueTSV, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 7 {
			panic(fmt.Sprintf("config: catalogue.tsv:%d: %d columns, want 7", i+1, len(f)))
		}
		kind, err := news.ParseKind(f[2])
		authority, err2 := strconv.ParseFloat(f[3], 64)
		if err != nil || err2 != nil {
			panic(fmt.Sprintf("config: catalogue.tsv:%d: kind %q, authority %q", i+1, f[2], f[3]))
		}
		all = append(all, news.Source{ID: f[0], Name: f[1], Kind: kind, Authority: authority, Lang: f[4], Site: f[5], Feeds: strings.Fields(f[6])})
	}
	return all
})

// Catalogue returns the built-in sources in order of their ids. An id keeps
// its meaning over releases.
func Catalogue() []news.Source {
	all := slices.Clone(catalogue())
	for i := range all {
		all[i].Feeds = slices.Clone(all[i].Feeds)
	}
	return all
}

func catalogueIDs() []string {
	ids := make([]string, len(catalogue()))
	for i, s := range catalogue() {
		ids[i] = s.ID
	}
	return ids
}

// Sources returns the sources to read: the catalogue without those removed,
// then those added. No id and no feed is in it twice: what is added comes
// before what is built in.
func (c Config) Sources() []news.Source {
	var added []news.Source
	ids, feeds := map[string]bool{}, map[string]bool{}
	for _, o := range c.Outlets.Add {
		s := o.source()
		s.Feeds = slices.DeleteFunc(s.Feeds, func(f string) bool { known := feeds[f]; feeds[f] = true; return known })
		ids[s.ID] = true
		added = append(added, s)
	}
	var all []news.Source
	if c.Outlets.Catalogue {
		for _, s := range Catalogue() {
			s.Feeds = slices.DeleteFunc(s.Feeds, func(f string) bool { return feeds[f] })
			if len(s.Feeds) > 0 && !ids[s.ID] && !slices.Contains(c.Outlets.Remove, s.ID) {
				all = append(all, s)
			}
		}
	}
	return append(all, added...)
}

func (o Outlet) source() news.Source {
	kind, _ := news.ParseKind(o.Kind)
	s := news.Source{ID: o.ID, Name: o.Name, Kind: kind, Site: o.Site, Lang: o.Lang, Authority: o.Authority}
	if o.Feed != "" {
		s.Feeds = append(s.Feeds, o.Feed)
	}
	s.Feeds = append(s.Feeds, o.Feeds...)
	return s
}

// Subscriptions returns the standing orders of the file. The ID of a
// channel's first is "config", of its next ones "config-2" and so on.
func (c Config) Subscriptions() []bot.Subscription {
	var all []bot.Subscription
	count := map[string]int{}
	for _, ch := range c.Channels {
		id := "config"
		if count[ch.Channel]++; count[ch.Channel] > 1 {
			id += "-" + strconv.Itoa(count[ch.Channel])
		}
		s := bot.Subscription{
			ID: id, Channel: bot.Channel(ch.Channel), MinImpact: ch.MinImpact, Topics: slices.Clone(ch.Topics),
			Mode: bot.Mode(ch.Mode), DigestAt: ch.DigestAt, Zone: ch.Zone, Quiet: ch.Quiet, OnDoubt: bot.Doubt(ch.OnDoubt), Languages: ch.Languages, Locale: ch.Locale,
		}
		if set, err := bot.Apply(s, ch.options()); err == nil { // else Load has said what is wrong
			s = set
		}
		all = append(all, s)
	}
	return all
}

// Slug makes an id of a name: lower-case letters and digits of any script,
// accents dropped, everything else a hyphen. "" where nothing is left.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, c := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, c) || c == '\'' || c == '’':
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(c)
			gap = false
		default:
			gap = true
		}
	}
	return norm.NFC.String(b.String())
}

// WriteSources writes sources as the YAML to paste into the file.
func WriteSources(w io.Writer, sources []news.Source) error {
	outlets := make([]Outlet, len(sources))
	for i, s := range sources {
		o := Outlet{ID: s.ID, Name: s.Name, Kind: string(s.Kind), Site: s.Site, Lang: s.Lang, Authority: s.Authority, Feeds: s.Feeds}
		if len(s.Feeds) == 1 {
			o.Feed, o.Feeds = s.Feeds[0], nil
		}
		outlets[i] = o
	}
	type block struct {
		Add []Outlet `yaml:"add"`
	}
	text, err := yaml.MarshalWithOptions(map[string]block{"sources": {outlets}}, yaml.IndentSequence(true))
	if err != nil {
		return fmt.Errorf("write sources: %w", err)
	}
	_, err = w.Write(text)
	return err
}
