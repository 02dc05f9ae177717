// Package demo is the bundled sample day: outlets, their articles and a web
// server that publishes them as feeds while the day passes. With it the whole
// bot runs without an account and without the network.
//
// Everything in it was invented for this project: the outlets, the people,
// the statements and the figures. Companies and models that exist appear as
// the subjects of sample text, which says nothing about them. The day is laid
// on 28 April 2025, when a rumour about DeepSeek R2 went round; it has that
// rumour told by a dozen outlets, a denial and a release, pairs of stories
// that look alike, one press release under three addresses, edited headlines,
// three languages and the broken items that real feeds have.
//
// day.txt is the data and says how it is written; the sources stand here. The
// package keeps no state: what a feed shows depends on the clock alone, so a
// crash and a restart show the same.
package demo

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"newsdesk/news"
)

// MinImpact is the threshold of the channel that shows the day: some stories
// of the sample reach it, most do not.
const MinImpact = 45

// Start is when the sample day begins: 28 April 2025, midnight UTC.
func Start() time.Time { return time.Date(2025, 4, 28, 0, 0, 0, 0, time.UTC) }

// End is 24 hours after Start.
func End() time.Time { return Start().Add(24 * time.Hour) }

// A format is how a source publishes its feed.
type format int

const (
	rss format = iota
	rdf
	atom
	jsonFeed
)

type outlet struct {
	news.Source
	format format
}

var outlets = []outlet{
	{news.Source{ID: "prompt-ledger", Name: "Prompt Ledger", Kind: news.Press, Authority: 0.8, Lang: "en", Site: "https://www.promptledger.example"}, rss},
	{news.Source{ID: "tensor-times", Name: "The Tensor Times", Kind: news.Press, Authority: 0.75, Lang: "en", Site: "https://tensortimes.example"}, atom},
	{news.Source{ID: "gradient-post", Name: "Gradient Post", Kind: news.Press, Authority: 0.7, Lang: "en", Site: "https://www.gradientpost.example"}, rss},
	{news.Source{ID: "inference-daily", Name: "Inference Daily", Kind: news.Press, Authority: 0.65, Lang: "en", Site: "https://www.inferencedaily.example"}, jsonFeed},
	{news.Source{ID: "harbour", Name: "Harbour Financial", Kind: news.Press, Authority: 0.9, Lang: "en", Site: "https://www.harbourfinancial.example"}, rss},
	{news.Source{ID: "silicon-courier", Name: "Silicon Courier", Kind: news.Chips, Authority: 0.75, Lang: "en", Site: "https://siliconcourier.example"}, rss},
	{news.Source{ID: "waferline", Name: "Waferline", Kind: news.Chips, Authority: 0.65, Lang: "en", Site: "https://waferline.example"}, atom},
	{news.Source{ID: "modell-merkur", Name: "Modell-Merkur", Kind: news.Press, Authority: 0.7, Lang: "de", Site: "https://www.modellmerkur.example"}, rss},
	{news.Source{ID: "zhineng", Name: "智能日报", Kind: news.Press, Authority: 0.65, Lang: "zh", Site: "https://www.zhinengribao.example"}, rss},
	{news.Source{ID: "xinpian", Name: "芯片观察", Kind: news.Chips, Authority: 0.6, Lang: "zh", Site: "https://www.xinpianguancha.example"}, rdf},
	{news.Source{ID: "statute-watch", Name: "AI Statute Watch", Kind: news.Policy, Authority: 0.75, Lang: "en", Site: "https://statutewatch.example"}, atom},
	{news.Source{ID: "loss-landscape", Name: "Loss Landscape", Kind: news.Newsletter, Authority: 0.6, Lang: "en", Site: "https://losslandscape.example"}, jsonFeed},
	{news.Source{ID: "open-weights", Name: "Open Weights Digest", Kind: news.Research, Authority: 0.65, Lang: "en", Site: "https://www.openweights.example"}, atom},
	{news.Source{ID: "release-globe", Name: "Release Globe", Kind: news.Press, Authority: 0.4, Lang: "en", Site: "https://www.releaseglobe.example"}, rss},
	{news.Source{ID: "presslane", Name: "Presslane", Kind: news.Press, Authority: 0.35, Lang: "en", Site: "https://presslane.example"}, rss},
	{news.Source{ID: "corvid", Name: "Corvid Metrics", Kind: news.Lab, Authority: 0.55, Lang: "en", Site: "https://corvidmetrics.example"}, atom},
	{news.Source{ID: "deepseek", Name: "DeepSeek sample", Kind: news.Lab, Authority: 1, Lang: "en", Site: "https://www.deepseek.com"}, rss},
	{news.Source{ID: "model-agora", Name: "Model Agora", Kind: news.Community, Authority: 0.35, Lang: "en", Site: "https://modelagora.example"}, rss},
}

// Sources returns the outlets of the day. Their feeds are at
// base + "/feeds/<id>.xml", where base is the address of a [Handler].
func Sources(base string) []news.Source {
	all := make([]news.Source, len(outlets))
	for i, o := range outlets {
		all[i] = o.Source
		all[i].Feeds = []string{base + "/feeds/" + o.ID + ".xml"}
	}
	return all
}

// Times returns every instant of the day at which something is published, in order.
func Times() []time.Time {
	var all []time.Time
	for _, e := range day() {
		if !e.at.Before(Start()) {
			all = append(all, e.at)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// An entry is one item as its outlet publishes it. What is empty is missing
// in the feed too.
type entry struct {
	source string
	at     time.Time // when it appears
	dated  time.Time // when its feed says it was published
	title  string    // may hold HTML
	link   string
	guid   string
	author string
	body   string // HTML
}

//go:embed day.txt
var dayText string

// day is read once; what cannot be read is a fault of the build.
var day = sync.OnceValue(func() []entry {
	all, err := parse(dayText)
	if err != nil {
		panic("demo: day.txt:" + err.Error())
	}
	return all
})

// parse reads entries as day.txt describes them, in their order there.
func parse(text string) ([]entry, error) {
	var all []entry
	var e *entry
	var body []string
	header := false
	finish := func() {
		if e != nil {
			e.body = strings.TrimSpace(strings.Join(body, "\n"))
			all = append(all, *e)
		}
		e, body = nil, nil
	}
	for i, line := range strings.Split(text, "\n") {
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%d: %s", i+1, fmt.Sprintf(format, args...))
		}
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			finish()
			id, clock, _ := strings.Cut(line[3:], " ")
			at, err := instant(clock)
			if err != nil {
				return nil, fail("%v", err)
			}
			if site(id) == "" {
				return nil, fail("no source %q", id)
			}
			e, header = &entry{source: id, at: at, dated: at}, true
		case e == nil:
			if line != "" {
				return nil, fail("text before the first entry")
			}
		case header && line == "":
			header = false
			if err := e.complete(); err != nil {
				return nil, fail("%v", err)
			}
		case header:
			if err := e.set(line); err != nil {
				return nil, fail("%v", err)
			}
		default:
			body = append(body, line)
		}
	}
	finish()
	return all, nil
}

// instant reads "HH:MM" of the day or "-HH:MM" before it.
func instant(clock string) (time.Time, error) {
	var h, m int
	before, ok := strings.CutPrefix(clock, "-")
	if n, err := fmt.Sscanf(before, "%d:%d", &h, &m); n != 2 || err != nil || m > 59 {
		return time.Time{}, fmt.Errorf("time %q: want HH:MM", clock)
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if ok {
		d = -d
	}
	return Start().Add(d), nil
}

func (e *entry) set(line string) (err error) {
	name, value, _ := strings.Cut(line, ": ")
	switch name {
	case "title":
		e.title = value
	case "link":
		e.link = value
	case "guid":
		e.guid = value
	case "by":
		e.author = value
	case "dated":
		e.dated, err = time.Parse(time.RFC3339, value)
	default:
		return fmt.Errorf("unknown field %q", name)
	}
	return err
}

// complete makes the link whole and the guid.
func (e *entry) complete() error {
	whole := e.link
	switch {
	case e.link == "-":
		e.link, whole = "", ""
	case strings.HasPrefix(e.link, "~/"):
		e.link = e.link[1:]
		whole = site(e.source) + e.link
	case strings.HasPrefix(e.link, "/"):
		e.link = site(e.source) + e.link
		whole = e.link
	case !strings.HasPrefix(e.link, "https://"):
		return fmt.Errorf("link %q: want a path, an https URL, ~/path or -", e.link)
	}
	switch e.guid {
	case "":
		e.guid = whole
	case "-":
		e.guid = ""
	}
	return nil
}

func site(id string) string {
	for _, o := range outlets {
		if o.ID == id {
			return o.Site
		}
	}
	return ""
}
