package news_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/feed"
)

// A pen is a writer whose answers a test gives.
type pen struct {
	mu    sync.Mutex
	asked int
	write func(docs []brief.Doc) (brief.Draft, error)
}

func (p *pen) Write(_ context.Context, docs []brief.Doc) (brief.Draft, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	return p.write(docs)
}

func (p *pen) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// wrote runs a desk with a writer over one story of high impact and returns the
// story once done holds, or as it stands after five seconds.
func wrote(t *testing.T, p news.Writer, done func(news.Story) bool) news.Story {
	t.Helper()
	r := newRoom(t, "a", "b", "c", "d", "e", "f")
	desk := news.NewDesk(news.Options{Store: r.store, Sources: r.srcs, Now: r.clock, Logger: slog.New(slog.DiscardHandler), Writer: p})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { desk.Run(ctx) })
	defer wg.Wait()
	defer stop()
	text := "DeepSeek is said to have trained R2 with 1.2 trillion parameters on Huawei chips, posts on a forum claim."
	var id string
	for i, title := range []string{
		"DeepSeek R2 rumour: 1.2 trillion parameters and prices down 97 per cent", "DeepSeek R2 said to have 1.2 trillion parameters",
		"Rumoured DeepSeek R2 is 97 per cent cheaper", "DeepSeek R2 leak claims 1.2 trillion parameters, 97 per cent cheaper", "What the DeepSeek R2 rumour of 1.2 trillion parameters claims",
	} {
		it := r.item(r.srcs[i].ID, title, text)
		changed, err := desk.Ingest(ctx, r.srcs[i], news.Identify(r.srcs[i], []feed.Item{it}), false)
		if err != nil {
			t.Fatal(err)
		}
		id = changed[0].ID
	}
	s, err := desk.Story(ctx, id)
	if err != nil || s.Impact < 50 {
		t.Fatalf("impact %d, %v; the test needs a story that is worth words", s.Impact, err)
	}
	// The desk was never held up; what is written comes by itself.
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if s, err = desk.Story(ctx, id); err != nil {
			t.Fatal(err)
		}
		if done(s) {
			break
		}
	}
	return s
}

func TestWriter(t *testing.T) {
	t.Run("good", func(t *testing.T) {
		p := &pen{write: func([]brief.Doc) (brief.Draft, error) {
			return brief.Draft{
				Headline: "DeepSeek R2 is said to have 1.2 trillion parameters", Standfirst: "Posts on a forum claim that DeepSeek trained R2 on Huawei chips.",
				Summary: "DeepSeek R2 is said to have 1.2 trillion parameters. Prices are said to be down 97 per cent.", Body: []string{"Posts claim it."},
			}, nil
		}}
		s := wrote(t, p, func(s news.Story) bool { return strings.Contains(s.Headline, "is said") })
		if s.Headline != "DeepSeek R2 is said to have 1.2 trillion parameters" || !strings.HasPrefix(s.Brief.Standfirst, "Posts on a forum") || s.Status.Value != brief.Rumour {
			t.Errorf("%q, %+v, %+v", s.Headline, s.Brief, s.Status)
		}
	})
	t.Run("made up", func(t *testing.T) {
		p := &pen{write: func([]brief.Doc) (brief.Draft, error) {
			return brief.Draft{Headline: "DeepSeek launches R3", Standfirst: "It has 5 trillion parameters.", Summary: "DeepSeek says so."}, nil
		}}
		s := wrote(t, p, func(s news.Story) bool { return s.Written != nil })
		if s.Written == nil || s.Written.Headline != "" || strings.Contains(s.Headline+s.Brief.Summary, "R3") {
			t.Errorf("%q, %+v, written %+v; want the articles' own words", s.Headline, s.Brief, s.Written)
		}
	})
	t.Run("fails", func(t *testing.T) {
		p := &pen{write: func([]brief.Doc) (brief.Draft, error) { return brief.Draft{}, errors.New("down") }}
		if s := wrote(t, p, func(news.Story) bool { return p.count() > 0 }); s.Written != nil || s.Brief.Standfirst == "" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("slow", func(t *testing.T) {
		began := time.Now()
		s := wrote(t, stuck{}, func(news.Story) bool { return true })
		if s.Written != nil || s.Brief.Standfirst == "" || len(s.Articles) != 5 {
			t.Errorf("%+v", s)
		}
		if d := time.Since(began); d > 30*time.Second { // a third of what the writer may take
			t.Errorf("a writer that never answers held the desk up for %s", d)
		}
	})
}

// A stuck writer never answers.
type stuck struct{}

func (stuck) Write(ctx context.Context, _ []brief.Doc) (brief.Draft, error) {
	<-ctx.Done()
	return brief.Draft{}, ctx.Err()
}
