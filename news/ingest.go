package news

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"newsdesk/news/canon"
	"newsdesk/news/feed"
)

// How long an alias recognises its article. A feed may show an item for
// years: an alias that is met again in the second half of its life is renewed.
const (
	identityTTL = 90 * 24 * time.Hour // GUIDs and URLs
	titleTTL    = 24 * time.Hour      // the same title is the same news for a day
)

// aliasesMost is how many aliases an item has: a GUID, a URL and a title.
const aliasesMost = 3

// resolveAgain is how often an ingestion starts over because another article
// claimed one of its aliases in between.
const resolveAgain = 3

// An Incoming is one item on its way to become an article.
type Incoming struct {
	Item feed.Item
	ID   string // of the article it becomes, or already is
	Keys []canon.Key
}

// Identify gives the items of one body their identities, the oldest item
// first. They belong together: only side by side does one see which parts of
// a feed's links identify anything. An item without any identity is left out.
func Identify(src Source, items []feed.Item) []Incoming {
	named := make([]canon.Named, len(items))
	for i, it := range items {
		named[i] = canon.Named{GUID: it.GUID, URL: it.URL, Title: it.Title}
	}
	keys := canon.Keys(src.ID, named)
	in := make([]Incoming, 0, len(items))
	for i, it := range items {
		if len(keys[i]) > 0 {
			in = append(in, Incoming{Item: it, ID: shortID(keys[i][0].Name), Keys: keys[i]})
		}
	}
	slices.SortStableFunc(in, func(a, b Incoming) int {
		return cmp.Or(a.Item.Published.Compare(b.Item.Published), strings.Compare(a.ID, b.ID))
	})
	return in
}

// Ingest takes what a source published, and stores what is new of it as
// articles of stories, in one atomic step. backlog marks items that stood in
// the feed before it was first read. It returns the stories that changed.
// Ingesting the same items again changes nothing. ErrFenced means that
// another replica leads now.
func (d *Desk) Ingest(ctx context.Context, src Source, in []Incoming, backlog bool) ([]Story, error) {
	if len(in) == 0 {
		return nil, nil
	}
	r, err := d.read(ctx, src, in, backlog)
	if err != nil {
		return nil, fmt.Errorf("ingest from %s: %w", src.ID, err)
	}
	d.ingesting.Lock()
	told, gone, err := d.inTurn(ctx, src, in, backlog, r)
	// The index follows the store in its order, while the next body has its turn.
	d.indexing.Lock()
	defer d.indexing.Unlock()
	d.ingesting.Unlock()
	if err != nil {
		return nil, fmt.Errorf("ingest from %s: %w", src.ID, err)
	}
	for _, s := range told {
		d.index.Put(s)
	}
	for _, s := range gone {
		d.index.Remove(s.ID)
	}
	return told, nil
}

// inTurn is Ingest but for the index. The caller holds d.ingesting.
func (d *Desk) inTurn(ctx context.Context, src Source, in []Incoming, backlog bool, r reading) (told, gone []Story, err error) {
	for try := 0; ; try++ {
		leads, err := d.lead(ctx)
		if err != nil {
			return nil, nil, err
		}
		if !leads {
			return nil, nil, ErrFenced
		}
		told, gone, err = d.ingest(ctx, src, in, backlog, r)
		if err == nil {
			return told, gone, nil
		}
		// What the failed try had placed is in memory only: load it anew.
		d.live = nil
		if errors.Is(err, ErrFenced) {
			d.unlead()
		}
		if !errors.Is(err, ErrClaimed) || try == resolveAgain {
			return nil, nil, err
		}
		if r, err = d.read(ctx, src, in, backlog); err != nil {
			return nil, nil, err
		}
	}
}

// ingest resolves, places and commits in under one lease. It returns the
// stories that changed and those that went into others.
func (d *Desk) ingest(ctx context.Context, src Source, in []Incoming, backlog bool, r reading) (told, gone []Story, err error) {
	if r.commits != d.commits.Load() { // others had their turn since
		if r.known, err = d.resolve(ctx, in); err != nil {
			return nil, nil, err
		}
	}
	known := r.known
	now := d.o.Now()
	b := Batch{Fence: d.lease.fence, Articles: make([]Article, 0, len(in)), Aliases: make([]Alias, 0, aliasesMost*len(in))}
	var ch changes
	for n, i := range in {
		original, seen := d.recognise(src, i, known)
		if seen {
			b.Aliases = append(b.Aliases, renewals(i.Keys, known, original, now)...)
			continue
		}
		if d.live == nil {
			if d.live, err = d.loadLive(ctx, now); err != nil {
				return nil, nil, err
			}
		}
		if r.articles[n] == nil {
			r.articles[n] = d.judge(d.article(src, i, now, backlog))
		}
		a, err := d.place(ctx, r.articles[n], original, now, &ch)
		if err != nil {
			return nil, nil, err
		}
		b.Articles = append(b.Articles, a)
		for _, k := range i.Keys {
			if _, taken := known[k.Name]; taken {
				continue
			}
			al := Alias{Key: k.Name, Article: a.ID, Story: a.Story, Source: src.ID, TTL: identityTTL}
			if k.Kind == canon.KindTitle {
				al.TTL = titleTTL
			}
			b.Aliases = append(b.Aliases, al)
			known[k.Name] = Known{Article: a.ID, Story: a.Story, Source: src.ID, Expires: now.Add(al.TTL)}
		}
	}
	if len(b.Articles) == 0 && len(b.Aliases) == 0 {
		return nil, nil, nil
	}
	d.live.settle(&b, &ch)
	told = d.live.compose(ch.order, now)
	b.Stories = append(told, ch.gone...)
	if err := d.o.Store.Commit(ctx, &b); err != nil {
		return nil, nil, err
	}
	d.commits.Add(1)
	told = b.Stories[:len(told)]
	for _, s := range told {
		d.live.stories[s.ID].story = s
		d.wantWords(s)
	}
	for _, id := range ch.order {
		if !d.live.window.Has(id) { // too old to grow
			d.live.drop(id)
		}
	}
	return told, ch.gone, nil
}

// A reading is what is known and read of a body before its turn comes: bodies
// are read beside each other, and placed one after the other.
type reading struct {
	commits  uint64 // of this desk when it was known
	known    map[string]Known
	articles []*judged // nil where the item was known
}

// read makes articles of the items that are not known yet, and reads them,
// several at once.
func (d *Desk) read(ctx context.Context, src Source, in []Incoming, backlog bool) (reading, error) {
	r := reading{commits: d.commits.Load(), articles: make([]*judged, len(in))}
	var err error
	if r.known, err = d.resolve(ctx, in); err != nil {
		return reading{}, err
	}
	now := d.o.Now()
	inParallel(len(in), func(i int) {
		if _, seen := d.recognise(src, in[i], r.known); !seen {
			r.articles[i] = d.judge(d.article(src, in[i], now, backlog))
		}
	})
	return r, nil
}

// resolve returns what the store knows of the keys of items.
func (d *Desk) resolve(ctx context.Context, in []Incoming) (map[string]Known, error) {
	names := make([]string, 0, aliasesMost*len(in))
	for _, i := range in {
		for _, k := range i.Keys {
			names = append(names, k.Name)
		}
	}
	answers, err := d.o.Store.Resolve(ctx, names)
	if err != nil {
		return nil, err
	}
	known := map[string]Known{}
	for i, k := range answers {
		if k.Article != "" {
			known[names[i]] = k
		}
	}
	return known, nil
}

// inParallel calls f with each number below n, on as many processors as there
// are.
func inParallel(n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
		f(i)
	}
	wg.Wait()
}

// recognise returns the article that the item is or repeats, the zero Known
// where there is none. seen tells that it is that very article: nothing new.
func (d *Desk) recognise(src Source, i Incoming, known map[string]Known) (original Known, seen bool) {
	for _, k := range i.Keys { // in order: GUID, URL, title
		hit, ok := known[k.Name]
		if !ok {
			continue
		}
		if original.Article == "" {
			original = hit
		}
		if d.o.KeepCopies {
			seen = seen || hit.Article == i.ID
			continue
		}
		// The source's own GUID, or its own URL under a new GUID: some feeds
		// mint GUIDs at every fetch, and retitle what they published.
		if k.Kind == canon.KindGUID || hit.Source == src.ID {
			return hit, true
		}
	}
	return original, seen
}

// renewals are the aliases of a known item that have less than half of their
// life left, and those by which it was not known yet.
func renewals(keys []canon.Key, known map[string]Known, original Known, now time.Time) []Alias {
	var out []Alias
	for _, k := range keys {
		if k.Kind == canon.KindTitle {
			continue
		}
		hit, ok := known[k.Name]
		if !ok {
			hit = original
		}
		if ok && hit.Expires.Sub(now) > identityTTL/2 {
			continue
		}
		known[k.Name] = Known{Article: hit.Article, Story: hit.Story, Source: hit.Source, Expires: now.Add(identityTTL)}
		out = append(out, Alias{Key: k.Name, Article: hit.Article, Story: hit.Story, Source: hit.Source, TTL: identityTTL})
	}
	return out
}

// earliest is the oldest date a feed's claim is believed for: the web's news
// feeds are younger, and a 1970 is a missing date.
var earliest = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// article makes the article of an item. A date that is missing, in the future
// or absurdly old becomes the time it was seen.
func (d *Desk) article(src Source, i Incoming, now time.Time, backlog bool) Article {
	a := Article{
		ID: i.ID, Source: src.ID, URL: i.Item.URL, Title: i.Item.Title, Text: cutText(i.Item.Text, MaxText),
		Lang: cmp.Or(i.Item.Lang, src.Lang), Image: i.Item.Image,
		Published: i.Item.Published.UTC(), Seen: now.UTC(), Backlog: backlog,
	}
	a.Canonical, _ = canon.URL(i.Item.URL)
	if a.Published.Before(earliest) || a.Published.After(now) {
		a.Published = a.Seen
	}
	return a
}

// cutText returns the longest prefix of s of at most n bytes that ends at a rune.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// shortID is a name's hash in 12 characters of base32: 60 bits, enough to tell
// hundreds of millions of articles apart.
func shortID(name string) string {
	sum := sha256.Sum256([]byte(name))
	var id [16]byte
	lowerBase32.Encode(id[:], sum[:10])
	return string(id[:12])
}

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")
