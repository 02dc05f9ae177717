package news

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"newsdesk/news/brief"
	"newsdesk/news/impact"
	"newsdesk/news/topic"
)

// best returns the articles in the order in which they tell a story best:
// originals before copies, then by authority and by how much of what the
// story's titles say their own says, then by age.
func (l *live) best(e *entry) []*judged {
	if len(e.articles) == 1 {
		return e.articles
	}
	type scored struct {
		*judged
		words []string // of the title
		score float64
	}
	all := make([]scored, len(e.articles))
	said := map[string]int{} // words of titles
	for i, a := range e.articles {
		all[i] = scored{judged: a, words: strings.Fields(fold(a.Title))}
		for _, w := range all[i].words {
			said[w]++
		}
	}
	for i, a := range all {
		common, n := 0.0, 0
		for _, w := range a.words {
			if !stopWords[w] {
				common += float64(said[w]-1) / float64(max(len(all)-1, 1))
				n++
			}
		}
		score := a.source.Authority/2 + 1.5*common/float64(max(n, 4))
		if a.CopyOf != "" {
			score -= 10
		}
		if a.event == impact.Opinion {
			score -= 0.3
		}
		all[i].score = score
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	best := make([]*judged, len(all))
	for i, a := range all {
		best[i] = a.judged
	}
	return best
}

// brief is the article as package brief reads it.
func (j *judged) brief() brief.Doc {
	return brief.Doc{
		ID: j.ID, Source: j.source.Name, Kind: string(j.source.Kind), Authority: j.source.Authority, Official: j.official, Event: j.event,
		Copy: j.CopyOf != "", Title: j.Title, Text: j.Text, Lang: j.Lang, Published: j.Published,
		Reading: j.reading,
	}
}

// leading returns the article whose title is the story's headline: the best
// one in the language in which most outlets tell it, and of a story whose
// status has changed one since then.
func leading(best []*judged, s Story) *judged {
	told := map[string]int{}
	for _, a := range best {
		if a.CopyOf == "" {
			told[a.Lang]++
		}
	}
	lang := best[0].Lang
	for _, a := range best {
		if told[a.Lang] > told[lang] {
			lang = a.Lang
		}
	}
	current := func(a *judged) bool {
		return len(s.History) == 0 || a.CopyOf == "" && !a.Published.Before(s.Status.Since)
	}
	i := slices.IndexFunc(best, func(a *judged) bool { return a.Lang == lang && current(a) })
	if i < 0 {
		i = max(slices.IndexFunc(best, current), 0)
	}
	return best[i]
}

// briefing picks the articles that make the brief, all in one language: half
// of them since the story stands as it does, where there are so many.
func briefing(best []*judged, lang string, since time.Time) []brief.Doc {
	var now, before []brief.Doc
	for _, a := range best {
		d := a.brief()
		if d.Lang != lang {
			continue
		}
		if d.Current = !a.Published.Before(since); d.Current {
			now = append(now, d)
		} else {
			before = append(before, d)
		}
	}
	docs := now[:min(len(now), max(briefArticles/2, briefArticles-len(before)))]
	return append(docs, before[:min(len(before), briefArticles-len(docs))]...)
}

// status judges the newest articles of a story.
func (l *live) status(e *entry) (brief.Status, []brief.Status) {
	arts := e.articles[max(0, len(e.articles)-statusArticles):]
	docs := make([]brief.Doc, len(arts))
	for i, a := range arts {
		docs[i] = a.brief()
	}
	return brief.Judge(docs)
}

// topicsMost is how many topics a story has at most.
const topicsMost = 8

// subjects returns what the story is about and the IDs of its topics, the most
// important first: named by many articles, in their titles, and prominent.
func (l *live) subjects(e *entry) ([]impact.Subject, []string) {
	type tally struct {
		topic.Topic
		weight float64
		title  bool
	}
	m := map[string]*tally{}
	n := 0.0
	for _, a := range e.articles {
		if a.CopyOf != "" {
			continue
		}
		n++
		for _, h := range a.hits {
			t := m[h.ID]
			if t == nil {
				found, _ := l.d.o.Gazetteer.Lookup(h.ID)
				t = &tally{Topic: found}
				m[h.ID] = t
			}
			if h.Title {
				t.weight, t.title = t.weight+1, true
			} else {
				t.weight += 0.3
			}
		}
	}
	all := make([]*tally, 0, len(m))
	for _, t := range m {
		// Half by how many articles name it, half by how prominent it is.
		t.weight = t.weight/max(n, 1) + t.Weight
		if t.Kind == "theme" {
			t.weight /= 2
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *tally) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.ID, b.ID))
	})
	var subjects []impact.Subject
	var ids []string
	for _, t := range all[:min(len(all), topicsMost)] {
		ids = append(ids, t.ID)
		if t.Kind != "theme" {
			subjects = append(subjects, impact.Subject{Name: t.Name, Weight: t.Weight, Title: t.title})
		}
	}
	return subjects, ids
}

// signals gathers what the rating is made of.
func (l *live) signals(e *entry, subjects []impact.Subject, event string) impact.Signals {
	s := impact.Signals{Subjects: subjects, Event: event, Status: e.story.Status.Value, Since: e.story.Status.Since, Novelty: 1}
	for _, a := range e.articles {
		s.Coverage = append(s.Coverage, impact.Outlet{
			Source: a.source.Name, Kind: string(a.source.Kind), Authority: a.source.Authority, At: a.Published,
			Copy: a.CopyOf != "", Official: a.official, Interest: a.interest,
		})
	}
	for _, f := range e.story.Figures {
		s.Figures = append(s.Figures, impact.Figure{Text: f.Amount(), Value: brief.Value(f), Unit: f.Unit})
	}
	// The fifth story on one theme within the window is hardly news.
	if before := l.themes[e.theme] - 1; before > 0 {
		s.Novelty = 1 / (1 + 0.25*float64(before))
	}
	return s
}

// setTheme files the story under its main subject and kind of event.
func (l *live) setTheme(e *entry, theme string) {
	if e.theme == theme {
		return
	}
	if e.theme != "" {
		l.themes[e.theme]--
	}
	e.theme = theme
	l.themes[theme]++
}

// theme is a story's main subject and kind of event.
func theme(topics []string, event string) string {
	if len(topics) == 0 {
		return event
	}
	return topics[0] + " " + event
}

// event is the kind of event that most of a story's articles tell of, each
// counted by the authority of its source, and by how much such events change:
// side stories surround an event. Those that tell of no particular kind have
// no vote, opinion needs the majority of all, and what only a few of many
// tell of is a side story itself.
func (e *entry) event() string {
	votes := map[string]float64{}
	all := 0.0
	for _, j := range e.articles {
		if j.CopyOf == "" {
			votes[j.event] += 0.2 + j.source.Authority
			all += 0.2 + j.source.Authority
		}
	}
	if votes[impact.Opinion]*2 > all {
		return impact.Opinion
	}
	best, most := impact.Other, 0.0
	for _, kind := range slices.Sorted(maps.Keys(votes)) {
		if kind == impact.Other || kind == impact.Opinion || votes[kind] < sideShare*all {
			continue
		}
		if x := votes[kind] * impact.Share(kind); x > most {
			best, most = kind, x
		}
	}
	return best
}

// sideShare is the share of a story's voices up to which what they tell of is
// not the event.
const sideShare = 0.25
