package adapters_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/slack"
	"newsdesk/bot"
	"newsdesk/config"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/demo"
	"newsdesk/news/feed"
	"newsdesk/news/replay"
)

// TestDigestPagesFit draws digests of archived news, of the sample day and of
// random text as both platforms show them: each story of a page is on it, each
// but the first in one sentence, whole where the news is not made to be long.
func TestDigestPagesFit(t *testing.T) {
	for name, stories := range map[string][]news.Story{"the sample day": sampleStories(t), "archived news": archived(t), "random text": garbled(400)} {
		slices.SortStableFunc(stories, func(a, b news.Story) int { return cmp.Compare(b.Impact, a.Impact) })
		pages, lines, cut := 0, 0, 0
		for some := range slices.Chunk(stories, 50) {
			told := bot.Told{Stories: some}
			if len(some) > 10 {
				told = bot.Told{Stories: some[:len(some)-10], Became: some[len(some)-10:]}
			}
			now := some[0].Updated
			for page := 1; (page-1)*8 < len(some); page++ {
				pages++
				for _, l := range []bot.Lang{bot.English, bot.German} {
					c := bot.DigestCard(l, told, bot.Subscription{}, bot.Period{From: now.AddDate(0, 0, -1), To: now}, page, now)
					c.Text = l.T("This is what it would tell so far.")
					c.Lang = l
					want := some[(page-1)*8 : min(page*8, len(some))]
					checkPage(t, name, c, want)
					if name == "random text" || l != bot.English {
						continue
					}
					for i, line := range oneByOne(c, page) {
						lines++
						if s, is := byID(want, line); is && i < len(some)-10 && strings.HasSuffix(line.Detail, "…") && !strings.HasSuffix(s.Brief.Standfirst, "…") {
							cut++
						}
						checkSentence(t, name, want, line)
					}
				}
			}
		}
		t.Logf("%s: %d stories on %d pages, %d of %d sentences cut for want of room", name, len(stories), pages, cut, lines)
		if cut*50 > lines || lines == 0 && name == "the sample day" {
			t.Errorf("%s: %d of %d sentences are cut", name, cut, lines)
		}
	}
}

// checkPage draws the page: no line is left out, and each story stands on it.
func checkPage(t *testing.T, name string, c bot.Card, want []news.Story) {
	t.Helper()
	for platform, message := range map[string]any{"discord": discord.Render(c, "uilg7bylf4xvgf5htfjarvmr"), "slack": slack.Render(c, "uilg7bylf4xvgf5htfjarvmr")} {
		var raw bytes.Buffer
		enc := json.NewEncoder(&raw)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(message); err != nil {
			t.Fatal(err)
		}
		for _, s := range want {
			if !strings.Contains(raw.String(), "· "+s.ID) {
				t.Errorf("%s, %s: %s is left out of its page:\n%s", name, platform, s.ID, raw.String())
				return
			}
		}
	}
}

// oneByOne are the lines of a page for a story each, but that of the top story.
func oneByOne(c bot.Card, page int) (out []bot.Line) {
	sections := c.Sections
	if page == 1 {
		sections = sections[1:]
	}
	for _, s := range sections {
		if s.Title != "What became of it" {
			out = append(out, s.Lines...)
		}
	}
	return out
}

func byID(stories []news.Story, l bot.Line) (news.Story, bool) {
	i := slices.IndexFunc(stories, func(s news.Story) bool { return strings.HasSuffix(l.Note, "· "+s.ID) })
	if i < 0 {
		return news.Story{}, false
	}
	return stories[i], true
}

// checkSentence wants a detail to be the beginning of what the story says, up to
// the end of its first sentence and not within a name or a number.
func checkSentence(t *testing.T, name string, stories []news.Story, l bot.Line) {
	t.Helper()
	s, ok := byID(stories, l)
	if !ok {
		t.Errorf("%s: whose is the line %+v?", name, l)
		return
	}
	if n := len(brief.Sentences(l.Detail)); n > 1 {
		t.Errorf("%s: %s is told in %d sentences: %q", name, s.ID, n, l.Detail)
	}
	text := strings.Join(strings.Fields(s.Brief.Standfirst), " ")
	rest, ok := strings.CutPrefix(text, strings.Join(strings.Fields(l.Detail), " "))
	if !ok || rest == "" || l.Detail == "" {
		return // another text of the story, or a cut one
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, ` "“„'(`))
	if last := l.Detail[len(l.Detail)-1]; unicode.IsLower(next) || last == '.' && unicode.IsDigit(next) && !strings.HasPrefix(rest, " ") {
		t.Errorf("%s: %s is cut within a sentence: %q | %q", name, s.ID, l.Detail, rest)
	}
}

// archived are stories of three days of news that outlets told.
func archived(t *testing.T) []news.Story {
	data, err := os.ReadFile("../../shared/data/clusters/ai-dev.jsonl")
	if err != nil {
		t.Logf("the labelled news are not there, so that no digest is made of them: %v", err)
		return nil
	}
	desk, err := replay.Desk(t.Context(), []string{"-"}, bytes.NewReader(data), replay.Options{Sources: config.Defaults().Sources()})
	if err != nil {
		t.Fatal(err)
	}
	return all(t, desk)
}

// sampleStories are those of the demo's day.
func sampleStories(t *testing.T) []news.Story {
	now := demo.Start()
	clock := func() time.Time { return now }
	base, stop, err := demo.Serve(clock)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	desk := news.NewDesk(news.Options{
		Store: news.NewMemory(clock), Sources: demo.Sources(base), Fetcher: feed.New(feed.Options{AllowPrivate: true}), Now: clock, Logger: slog.New(slog.DiscardHandler),
		Poll: news.Poll{Interval: time.Second, MinInterval: time.Second, Concurrency: 1},
	})
	for _, now = range demo.Times() {
		if err := errors.Join(desk.Poll(t.Context()), desk.Follow(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	return all(t, desk)
}

func all(t *testing.T, desk *news.Desk) (out []news.Story) {
	q := news.Query{Order: news.Top, Limit: 500}
	for {
		r, err := desk.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Stories...)
		if q.After = r.Next; q.After == "" {
			return out
		}
	}
}

// garbled are stories of as much text as there may be, of all that platforms
// read as markup.
func garbled(n int) (out []news.Story) {
	rng := rand.New(rand.NewPCG(1, 2))
	parts := []string{"*", "_", "<@everyone>", "[x](y)", "&", "word ", "漢字", "👩‍👩‍👧", "U.S. ", "3.5 ", "… ", ". ", "`", "~", "\\", "#1 ", "@here ", "http://a.example/ ", "> ", "ü"}
	text := func(most int) string {
		var b strings.Builder
		for range rng.IntN(most) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		return "T" + b.String()
	}
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for i := range n {
		out = append(out, news.Story{
			ID: fmt.Sprintf("g%03d", i), Headline: text(200), URL: "https://a.example/" + strings.Repeat("a-b/ü(", rng.IntN(200)), Impact: rng.IntN(100),
			Status: brief.Status{Value: brief.Rumour, Why: text(300)}, Brief: brief.Brief{Standfirst: text(400), Summary: text(900)}, Updated: at, First: at, Sources: []string{text(20), text(20)},
		})
	}
	return out
}
