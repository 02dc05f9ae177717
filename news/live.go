package news

import (
	"context"
	"fmt"
	"slices"
	"time"

	"newsdesk/news/brief"
	"newsdesk/news/cluster"
	"newsdesk/news/impact"
	"newsdesk/news/topic"
)

// live holds the stories that may still grow, with what judging them needs.
// It belongs to the leader and can be thrown away at any time: the store has
// all of it.
type live struct {
	d       *Desk
	window  *cluster.Window
	stories map[string]*entry
	where   map[string]string // live articles by ID -> story
	themes  map[string]int    // live stories by subject and kind of event
	now     time.Time
}

// An entry is one live story.
type entry struct {
	story    Story
	articles []*judged // by time of publication
	theme    string
}

// A judged article is one with what was read out of it once.
type judged struct {
	Article
	source   *Source
	hits     []topic.Hit
	official bool
	event    string // what kind it tells of, as package impact names it
	interest float64
	reading  *brief.Reading // of its lead
	doc      *cluster.Doc   // until the window has read it: a desk may keep a million
}

// loadLive reads the live stories from the store.
func (d *Desk) loadLive(ctx context.Context, now time.Time) (*live, error) {
	l := &live{d: d, window: cluster.New(cluster.Options{}), stories: map[string]*entry{}, where: map[string]string{}, themes: map[string]int{}, now: now}
	since := now.Add(-d.o.Window)
	for after := uint64(0); ; {
		page, err := d.o.Store.Changed(ctx, after, 500)
		if err != nil {
			return nil, fmt.Errorf("load live stories: %w", err)
		}
		if len(page) == 0 {
			return l, nil
		}
		after = page[len(page)-1].Seq
		page = slices.DeleteFunc(page, func(s Story) bool { return s.Updated.Before(since) || s.Into != "" })
		if err := l.add(ctx, page...); err != nil {
			return nil, err
		}
	}
}

// add loads the articles of stories and makes the stories live.
func (l *live) add(ctx context.Context, stories ...Story) error {
	var ids []string
	for _, s := range stories {
		for _, r := range s.Articles {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	articles, err := l.d.o.Store.Articles(ctx, ids)
	if err != nil {
		return fmt.Errorf("load articles of live stories: %w", err)
	}
	byID := make(map[string]Article, len(articles))
	for _, a := range articles {
		byID[a.ID] = a
	}
	for _, s := range stories {
		e := &entry{story: s}
		l.stories[s.ID] = e
		for _, r := range s.Articles {
			if a, ok := byID[r.ID]; ok {
				l.join(e, l.d.judge(a))
			}
		}
		if len(e.articles) > 0 {
			l.setTheme(e, theme(s.Topics, e.event()))
		}
	}
	return nil
}

// judge reads an article's topics out of its text.
func (d *Desk) judge(a Article) *judged {
	src := d.directory.source(a.Source)
	by, ok := d.o.Gazetteer.Official(host(a.URL))
	if !ok {
		by, _ = d.o.Gazetteer.Official(host(src.Site))
	}
	j := &judged{Article: a, source: src, hits: d.o.Gazetteer.MatchBy(by, a.Title, a.Text)}
	var ids []string // of names: themes are too common to tell stories by
	for _, h := range j.hits {
		if t, _ := d.o.Gazetteer.Lookup(h.ID); t.Kind != "theme" {
			ids = append(ids, h.ID)
		}
	}
	doc := cluster.Doc{
		ID: a.ID, Source: a.Source, Title: a.Title, Lead: cutText(a.Text, leadBytes), Lang: a.Lang,
		Topics: ids, Models: topic.Models(a.Title), Thing: cluster.Thing(a.URL, a.Title), At: a.Published,
	}.Read()
	j.doc = &doc
	if own := d.publisher(j); own != "" {
		j.official, j.hits = true, headed(j.hits, own)
	}
	j.event = impact.Event(a.Title, j.doc.Lead, j.doc.Models)
	j.interest = d.o.Taste.Interest(a.URL, a.Title)
	lead := j.brief()
	lead.Text = j.doc.Lead
	j.reading = brief.Read(lead)
	return j
}

// leadBytes is how much of an article's text decides its story.
const leadBytes = 600

// headed returns hits among which a title names the topic of that ID.
func headed(hits []topic.Hit, id string) []topic.Hit {
	for i := range hits {
		if hits[i].ID == id {
			hits[i].Title = true
			return hits
		}
	}
	return append(hits, topic.Hit{ID: id, Title: true, Count: 1})
}

// publisher returns the topic that published the article where that is what it
// is about, "" where somebody else did: its host belongs to a topic that it
// names, or to that topic's owner. What a feed of that host tells is its own
// matter unless it names another lab.
func (d *Desk) publisher(j *judged) string {
	g := d.o.Gazetteer
	own, fed := g.Official(host(j.source.Site))
	fed = fed && j.source.Kind != Community // where anybody submits nobody speaks for the host
	id, ok := g.Official(host(j.URL))
	if !ok {
		id, ok = own, fed
	}
	if !ok {
		return ""
	}
	rival := false
	for _, h := range j.hits {
		t, _ := g.Lookup(h.ID)
		if h.ID == id || t.Owner == id {
			return id
		}
		rival = rival || t.Kind == "lab"
	}
	if fed && own == id && !rival {
		return id
	}
	return ""
}

// place finds the story of a new article, or opens one, and makes the article
// part of it. original is the article that it repeats, if any. What stories
// became one or were cut for it is told to ch.
func (d *Desk) place(ctx context.Context, j *judged, original Known, now time.Time, ch *changes) (Article, error) {
	l := d.live
	l.expire(now)
	if original.Article != "" {
		id, err := l.storyOf(ctx, original)
		if err != nil {
			return Article{}, err
		}
		j.CopyOf, j.Story = original.Article, id
	} else if j.Published.After(now.Add(-d.o.Window)) {
		j.Story, _ = l.window.Assign(*j.doc)
	}
	if j.Story == "" || l.stories[j.Story] == nil {
		j.Story = shortID("story " + j.ID)
		l.stories[j.Story] = &entry{story: Story{ID: j.Story}}
	}
	if l.join(l.stories[j.Story], j) {
		l.rearrange(j.Story, ch)
	} else {
		ch.add(j.Story)
	}
	return j.Article, nil
}

// storyOf returns the story that holds an article now, and makes it live
// where it was not; "" where it was forgotten.
func (l *live) storyOf(ctx context.Context, k Known) (string, error) {
	if id := l.where[k.Article]; id != "" {
		return id, nil
	}
	// The article knows better than its alias, as stories merge and split.
	as, err := l.d.o.Store.Articles(ctx, []string{k.Article})
	if err != nil {
		return "", fmt.Errorf("load article %s: %w", k.Article, err)
	}
	if len(as) == 0 {
		return "", nil
	}
	ss, err := l.d.o.Store.Stories(ctx, []string{as[0].Story})
	if err != nil {
		return "", fmt.Errorf("load story %s: %w", as[0].Story, err)
	}
	if len(ss) == 0 || ss[0].Into != "" {
		return "", nil
	}
	return ss[0].ID, l.add(ctx, ss[0])
}

// join makes an article part of a story. counts tells that its words do, too:
// it is neither a copy nor too old for that.
func (l *live) join(e *entry, j *judged) (counts bool) {
	l.where[j.ID] = e.story.ID
	doc := j.doc
	j.doc = nil
	e.insert(j)
	if j.CopyOf == "" && j.Published.After(l.now.Add(-l.d.o.Window)) {
		l.window.Add(e.story.ID, *doc)
		return true
	}
	return false
}

// expire lets go of the stories that may not grow any more.
func (l *live) expire(now time.Time) {
	l.now = now
	for _, id := range l.window.Expire(now.Add(-l.d.o.Window)) {
		if l.stories[id] != nil {
			l.drop(id)
		}
	}
}

// Bounds on what of a large story is read again when it grows.
const (
	briefArticles  = 8  // the best of them make the brief and the figures
	statusArticles = 40 // the newest of them decide the status
)

// compose tells stories anew from their articles, several at once: what one
// takes does not depend on the others.
func (l *live) compose(ids []string, now time.Time) []Story {
	told := make([]Story, len(ids))
	inParallel(len(ids), func(i int) { told[i] = l.tell(l.stories[ids[i]]) })
	for i, id := range ids {
		told[i] = l.rate(l.stories[id], told[i], now)
	}
	return told
}

// tell makes a story out of its articles, but for its impact. It changes
// nothing.
func (l *live) tell(e *entry) Story {
	arts := e.articles
	best := l.best(e)
	s := Story{
		ID: e.story.ID, Backlog: true,
		First: arts[0].Published, Updated: arts[len(arts)-1].Published,
		Topics: []string{}, Figures: []brief.Figure{}, Related: []string{}, Articles: make([]Ref, 0, len(arts)),
	}
	for _, a := range arts {
		s.Articles = append(s.Articles, Ref{ID: a.ID, URL: a.URL, Title: a.Title, Source: a.source.Name, Published: a.Published, CopyOf: a.CopyOf})
		if !slices.Contains(s.Sources, a.source.Name) {
			s.Sources = append(s.Sources, a.source.Name)
		}
		if !slices.Contains(s.Kinds, a.source.Kind) {
			s.Kinds = append(s.Kinds, a.source.Kind)
		}
		if s.Image == "" {
			s.Image = a.Image
		}
		if !a.Backlog {
			s.Backlog = false
			if a.Published.After(s.Fresh) {
				s.Fresh = a.Published
			}
		}
	}
	s.Took, s.Course, s.Turns, s.Written = e.story.Took, e.story.Course, e.story.Turns, e.story.Written
	s.Status, s.History = l.status(e)
	lead := leading(best, s)
	s.Headline, s.URL, s.Lang = brief.Headline(lead.Title, lead.source.Name), lead.URL, lead.Lang
	docs := briefing(best, lead.Lang, s.Status.Since)
	s.Brief = brief.Summarise(docs)
	s.reword(docs)
	if f := brief.Figures(docs); len(f) > 0 {
		s.Figures = f
	}
	return s
}

// rate gives a story its topics and its impact, which depends on the others.
func (l *live) rate(e *entry, s Story, now time.Time) Story {
	subjects, topics := l.subjects(e)
	s.Topics = append(s.Topics, topics...)
	kind := e.event()
	l.setTheme(e, theme(topics, kind))
	e.story = s
	s.Impact, s.Parts = impact.Rate(l.signals(e, subjects, kind))
	s.Course = mark(s.Course, Mark{At: now.UTC(), Impact: s.Impact})
	s.Turns = turn(s.Turns, s, now.UTC())
	e.story = s
	return s
}

// courseMost bounds Story.Course.
const courseMost = 64

// mark adds m to the course of an impact where it says something new.
func mark(course []Mark, m Mark) []Mark {
	if n := len(course); n > 0 && course[n-1].Impact == m.Impact {
		return course
	} else if n > 0 && course[n-1].At.Equal(m.At) {
		course = course[:n-1]
	}
	course = append(slices.Clone(course), m)
	if len(course) > courseMost { // every other of the older half goes
		kept := course[:0]
		for i, c := range course {
			if i >= courseMost/2 || i%2 == 0 {
				kept = append(kept, c)
			}
		}
		course = kept
	}
	return course
}
