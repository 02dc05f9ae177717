// Package topic finds what a text is about: companies, models, people, chips,
// laws and themes of a gazetteer, and versions of models that no gazetteer
// lists. It does no I/O beyond reading a gazetteer, and keeps no state.
package topic

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Topic is what stories are about.
type Topic struct {
	ID      string // a slug, stable
	Name    string
	Kind    string   // lab, model, person, chip, product, law, regulator, benchmark, theme
	Owner   string   // the topic it belongs to, "" for none
	Weight  float64  // prominence, 0 to 1
	Domains []string // hosts on which the topic itself publishes
	Aliases []string // other names
	Context []string // words of which one must stand near an ambiguous name
}

// A Gazetteer is a set of topics and their names. It never changes.
type Gazetteer struct {
	topics  map[string]Topic
	order   []string
	names   map[string][]name // by the first word of the alias
	domains map[string]string
}

// A name is one alias in the words that it is matched by.
type name struct {
	words   []string
	topic   string
	capital bool // must be capitalised in the text: the topic is ambiguous
	asked   bool // only people who ask call it so: its ID
}

//go:embed gazetteer.tsv
var builtin string

// Default returns the built-in gazetteer.
var Default = sync.OnceValue(func() *Gazetteer {
	g, err := Parse(strings.NewReader(builtin))
	if err != nil {
		panic("the built-in gazetteer: " + err.Error()) // a test reads it
	}
	return g
})

const columns = 8

// Parse reads a gazetteer; the built-in one describes the form. The error
// names line and column.
func Parse(r io.Reader) (*Gazetteer, error) {
	return new(Gazetteer).With(r)
}

// With returns a gazetteer that has the topics of g and those read from r, in
// the form of Parse. One whose ID g has takes that one's place; its owner may
// be a topic of g.
func (g *Gazetteer) With(r io.Reader) (*Gazetteer, error) {
	read := map[string]Topic{}
	var order []string
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		t, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d%w", n, err)
		}
		if _, taken := read[t.ID]; taken {
			return nil, fmt.Errorf("line %d, column 1: the id %q was given before", n, t.ID)
		}
		read[t.ID] = t
		order = append(order, t.ID)
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	all := &Gazetteer{topics: map[string]Topic{}, names: map[string][]name{}, domains: map[string]string{}}
	for _, id := range g.order {
		if _, replaced := read[id]; !replaced {
			all.add(g.topics[id])
		}
	}
	for _, id := range order {
		all.add(read[id])
	}
	for _, id := range all.order {
		if o := all.topics[id].Owner; o != "" {
			if _, ok := all.topics[o]; !ok {
				return nil, fmt.Errorf("topic %q belongs to %q, which is not listed", id, o)
			}
		}
	}
	return all, nil
}

// parse reads one line. Its error begins with the column, or a colon.
func parse(line string) (Topic, error) {
	f := strings.Split(line, "\t")
	if len(f) != columns {
		noun := "columns"
		if len(f) == 1 {
			noun = "column"
		}
		return Topic{}, fmt.Errorf(": %d %s, want %d parted by tabs", len(f), noun, columns)
	}
	t := Topic{ID: f[0], Name: f[1], Kind: f[2], Owner: f[3], Domains: list(f[5]), Aliases: list(f[6]), Context: list(f[7])}
	if t.ID == "" || t.Name == "" {
		return t, errors.New(": id and name (columns 1 and 2) must not be empty")
	}
	var err error
	if t.Weight, err = strconv.ParseFloat(f[4], 64); err != nil || t.Weight < 0 || t.Weight > 1 {
		return t, fmt.Errorf(", column 5: the weight %q is no number from 0 to 1", f[4])
	}
	return t, nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func (g *Gazetteer) add(t Topic) {
	g.topics[t.ID] = t
	g.order = append(g.order, t.ID)
	for _, d := range t.Domains {
		g.domains[d] = t.ID
	}
	for i, alias := range append([]string{t.ID, t.Name}, t.Aliases...) {
		ws := words(alias)
		if len(ws) == 0 {
			continue
		}
		n := name{topic: t.ID, capital: len(t.Context) > 0 && ws[0].upper, asked: i == 0}
		for _, w := range ws {
			n.words = append(n.words, w.text)
		}
		g.names[n.words[0]] = append(g.names[n.words[0]], n)
	}
}

// IDs returns the topics in the order of their files.
func (g *Gazetteer) IDs() []string { return slices.Clone(g.order) }

// Lookup returns the topic with that ID.
func (g *Gazetteer) Lookup(id string) (Topic, bool) {
	t, ok := g.topics[id]
	return t, ok
}

// Find returns the topic that a person calls by that name, whatever its case.
func (g *Gazetteer) Find(called string) (Topic, bool) {
	ws := words(called)
	if len(ws) == 0 {
		return Topic{}, false
	}
	for _, n := range g.names[ws[0].text] {
		if len(n.words) == len(ws) && n.matches(ws, false) {
			return g.topics[n.topic], true
		}
	}
	return Topic{}, false
}

// Official returns the topic that publishes on a host itself, which is one of
// its domains or below one.
func (g *Gazetteer) Official(host string) (id string, ok bool) {
	for host = strings.TrimPrefix(strings.ToLower(host), "www."); host != ""; {
		if id, ok := g.domains[host]; ok {
			return id, true
		}
		_, host, ok = strings.Cut(host, ".")
		if !ok {
			break
		}
	}
	return "", false
}

// matches reports whether the alias stands at the beginning of ws.
func (n name) matches(ws []word, strict bool) bool {
	if len(n.words) > len(ws) || strict && (n.asked || n.capital && !ws[0].upper) {
		return false
	}
	for i, w := range n.words {
		if ws[i].text != w {
			return false
		}
	}
	return true
}
