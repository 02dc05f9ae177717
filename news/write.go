package news

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"newsdesk/news/brief"
)

// A Writer puts what articles report into words. A language model is one; what
// it writes is checked against the articles before it is shown.
type Writer interface {
	Write(ctx context.Context, docs []brief.Doc) (brief.Draft, error)
}

// Written is a story in the words of a Writer.
type Written struct {
	brief.Draft
	Key string `json:"key"` // of the articles that it was written from
}

const (
	// writeFrom is the impact from which a story is worth a writer.
	writeFrom = 50
	// writeQueue is how many stories may wait for the writer; more are written
	// when they change again.
	writeQueue = 256
	// writeTime is how long the writer may take.
	writeTime = 90 * time.Second
	// writePause is how long the writer rests after it failed.
	writePause = time.Minute
)

// wantWords asks the writer for a story, where it is worth one. It never waits.
func (d *Desk) wantWords(s Story) {
	if d.o.Writer == nil || s.Backlog || s.Impact < writeFrom {
		return
	}
	select {
	case d.words <- s.ID:
	default:
	}
}

// write gives stories to the writer, one after the other, until ctx ends. A
// writer that fails costs nothing but its words: stories stand as they are.
func (d *Desk) write(ctx context.Context) {
	quiet := false
	for {
		var id string
		select {
		case <-ctx.Done():
			return
		case id = <-d.words:
		}
		docs, key, ok := d.assignment(id)
		if !ok {
			continue
		}
		asked, cancel := context.WithTimeout(ctx, writeTime)
		draft, err := d.o.Writer.Write(asked, docs)
		cancel()
		if err != nil {
			if ctx.Err() == nil && !quiet {
				d.log.Warn("the writer fails; stories are told in the words of their articles", "story", id, "err", err)
			}
			quiet = true
			select {
			case <-ctx.Done():
			case <-time.After(writePause):
			}
			continue
		}
		quiet = false
		if err := draft.Check(docs); err != nil {
			d.log.Info("what the writer wrote is not used", "story", id, "why", err)
			draft = brief.Draft{} // remembered, so that nobody asks again
		}
		if err := d.publish(ctx, id, Written{draft, key}); err != nil && ctx.Err() == nil {
			d.log.Warn("what the writer wrote was not stored", "story", id, "err", err)
		}
	}
}

// assignment returns what a writer needs of a live story; ok is false where
// there is nothing to write, or nothing new.
func (d *Desk) assignment(id string) (docs []brief.Doc, key string, ok bool) {
	d.ingesting.Lock()
	defer d.ingesting.Unlock()
	if d.live == nil || d.live.stories[id] == nil {
		return nil, "", false
	}
	e := d.live.stories[id]
	docs = briefing(d.live.best(e), e.story.Lang, e.story.Status.Since)
	key = wordsKey(docs)
	return docs, key, brief.Wants(docs) && (e.story.Written == nil || e.story.Written.Key != key)
}

// publish stores what was written of a story, where it still is what it was
// written from.
func (d *Desk) publish(ctx context.Context, id string, w Written) error {
	d.ingesting.Lock()
	defer d.ingesting.Unlock()
	d.indexing.Lock()
	defer d.indexing.Unlock()
	leads, err := d.lead(ctx)
	if err != nil || !leads || d.live == nil || d.live.stories[id] == nil {
		return err
	}
	e := d.live.stories[id]
	if wordsKey(briefing(d.live.best(e), e.story.Lang, e.story.Status.Since)) != w.Key {
		return nil // it has grown meanwhile, and was asked for again
	}
	before := e.story
	e.story.Written = &w
	b := Batch{Fence: d.lease.fence, Stories: d.live.compose([]string{id}, d.o.Now())}
	if err := d.o.Store.Commit(ctx, &b); err != nil {
		e.story = before
		return err
	}
	e.story = b.Stories[0]
	d.index.Put(e.story)
	return nil
}

// wordsKey identifies the articles that a brief is made from.
func wordsKey(docs []brief.Doc) string {
	h := sha256.New()
	for _, doc := range docs {
		h.Write([]byte(doc.ID + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// reword shows what was written of a story, where it was written from what
// the story is made of now.
func (s *Story) reword(docs []brief.Doc) {
	w := s.Written
	if w == nil || w.Headline == "" || w.Key != wordsKey(docs) {
		return
	}
	s.Headline = w.Headline
	s.Brief = brief.Brief{Standfirst: w.Standfirst, Summary: w.Summary, Body: append([]string{}, w.Body...)}
}
