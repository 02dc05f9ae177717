package news

import (
	"cmp"
	"slices"
)

// Changes are what placing articles did to stories.
type changes struct {
	order []string          // of the stories that changed
	moved map[string]string // articles -> the story that they are in now
	gone  []Story           // what is left of stories that went into others
}

func (c *changes) add(story string) {
	if !slices.Contains(c.order, story) {
		c.order = append(c.order, story)
	}
}

func (c *changes) move(article, story string) {
	if c.moved == nil {
		c.moved = map[string]string{}
	}
	c.moved[article] = story
}

// rearrange looks what a story that has grown is now: the same as another, or
// two.
func (l *live) rearrange(id string, ch *changes) {
	for {
		stays, goes, ok := l.window.Merge(id)
		if !ok {
			break
		}
		l.merge(stays, goes, ch)
		id = stays
	}
	other := shortID("cut " + id + " " + l.stories[id].articles[0].ID)
	if l.stories[other] == nil {
		if moved := l.window.Split(id, other); len(moved) > 0 {
			l.cut(id, other, moved, ch)
		}
	}
	ch.add(id)
}

// merge makes the articles of one story those of another.
func (l *live) merge(stays, goes string, ch *changes) {
	e, from := l.stories[stays], l.stories[goes]
	for _, j := range from.articles {
		l.transfer(j, e, ch)
	}
	old := from.story
	if old.Seq > 0 { // it was told before
		e.story.Took = append(append(slices.Clip(e.story.Took), goes), old.Took...)
		ch.gone = append(ch.gone, Story{
			ID: goes, Into: stays, Headline: old.Headline, URL: old.URL, Lang: old.Lang, Backlog: true,
			First: old.First, Updated: old.Updated, Status: old.Status, Turns: old.Turns, Left: l.now.UTC(),
		})
	}
	ch.order = slices.DeleteFunc(ch.order, func(id string) bool { return id == goes })
	l.drop(goes)
}

// cut moves articles of a story, with their copies, into a new one.
func (l *live) cut(id, other string, ids []string, ch *changes) {
	e, to := l.stories[id], &entry{story: Story{ID: other}}
	l.stories[other] = to
	goes := func(j *judged) bool { return slices.Contains(ids, j.ID) || slices.Contains(ids, j.CopyOf) }
	for _, j := range e.articles {
		if goes(j) {
			l.transfer(j, to, ch)
		}
	}
	e.articles = slices.DeleteFunc(e.articles, goes)
	ch.add(other)
}

// transfer moves an article into a story; the caller takes it out of its own.
func (l *live) transfer(j *judged, to *entry, ch *changes) {
	j.Story = to.story.ID
	to.insert(j)
	l.where[j.ID] = j.Story
	ch.move(j.ID, j.Story)
}

// insert puts an article in its place by time.
func (e *entry) insert(j *judged) {
	i, _ := slices.BinarySearchFunc(e.articles, j, func(a, b *judged) int {
		return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.ID, b.ID))
	})
	e.articles = slices.Insert(e.articles, i, j)
}

// drop lets go of a story that does not grow any more, or is none any more.
func (l *live) drop(id string) {
	e := l.stories[id]
	for _, j := range e.articles {
		if l.where[j.ID] == id {
			delete(l.where, j.ID)
		}
	}
	l.themes[e.theme]--
	delete(l.stories, id)
}

// settle writes into b where articles are that were moved: the new ones of b,
// and those that were stored before.
func (l *live) settle(b *Batch, ch *changes) {
	if len(ch.moved) == 0 {
		return
	}
	for i := range b.Aliases {
		if to := ch.moved[b.Aliases[i].Article]; to != "" {
			b.Aliases[i].Story = to
		}
	}
	written := map[string]bool{}
	for i := range b.Articles {
		if to := ch.moved[b.Articles[i].ID]; to != "" {
			b.Articles[i].Story = to
			written[b.Articles[i].ID] = true
		}
	}
	for _, id := range ch.order {
		for _, j := range l.stories[id].articles {
			if ch.moved[j.ID] == id && !written[j.ID] {
				b.Articles = append(b.Articles, j.Article)
			}
		}
	}
}
