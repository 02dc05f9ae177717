package bot_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/impact"
	"newsdesk/news/newstest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// golden compares a card with testdata/NAME.txt.
func golden(t *testing.T, name string, card bot.Card) {
	t.Helper()
	got, path := show(card), filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what stands in %s (go test ./bot -update writes it anew):\n%s", name, path, got)
	}
}

// show writes all of a card, one thing a line.
func show(c bot.Card) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("tone %d", c.Tone)
	line("title %q", c.Title)
	line("url %q", c.URL)
	line("text %q", c.Text)
	for _, x := range c.Badges {
		line("badge %q %q %d", x.Label, x.Value, x.Meter)
	}
	for _, x := range c.Facts {
		line("fact %q %q", x.Label, x.Value)
	}
	for _, s := range c.Sections {
		line("section %q", s.Title)
		for _, l := range s.Lines {
			line("  line %q %q", l.Text, l.URL)
			if l.Mark != "" {
				line("    mark %q", l.Mark)
			}
			if l.Note != "" {
				line("    note %q", l.Note)
			}
			if l.Detail != "" {
				line("    detail %q", l.Detail)
			}
		}
	}
	line("footer %q", c.Footer)
	line("image %q", c.Image)
	for _, x := range c.Buttons {
		line("button %q %q %q accent=%t", x.Label, x.Line, x.URL, x.Accent)
	}
	return b.String()
}

// canned returns a story of newstest.
func canned(t *testing.T, id string) news.Story {
	t.Helper()
	for _, s := range newstest.Stories() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no canned story %q", id)
	return news.Story{}
}

// TestCards shows every card of a rich, a bare, a hostile and a Chinese story.
func TestCards(t *testing.T) {
	t.Run("en", func(t *testing.T) { cards(t, bot.English, "") })
	t.Run("de", func(t *testing.T) { cards(t, bot.German, "de/") })
}

func cards(t *testing.T, l bot.Lang, dir string) {
	golden := func(t *testing.T, name string, c bot.Card) { t.Helper(); golden(t, dir+name, c) }
	now := newstest.Now()
	related := []news.Story{canned(t, "q3w8"), canned(t, "old7"), canned(t, "h20x"), canned(t, "m3ta")}
	golden(t, "story", bot.StoryCard(l, canned(t, "k3j2"), related, now))
	golden(t, "story-bare", bot.StoryCard(l, canned(t, "bare"), nil, now))
	golden(t, "story-hostile", bot.StoryCard(l, canned(t, "k3jh"), nil, now))
	golden(t, "story-zh", bot.StoryCard(l, canned(t, "q3w8"), nil, now))
	golden(t, "brief", bot.BriefCard(l, canned(t, "k3j2"), related, now))
	golden(t, "brief-denied", bot.BriefCard(l, canned(t, "m3ta"), related[:1], now))
	golden(t, "brief-bare", bot.BriefCard(l, canned(t, "bare"), nil, now))
	golden(t, "why", bot.WhyCard(l, canned(t, "k3j2"), now))
	golden(t, "why-denied", bot.WhyCard(l, canned(t, "m3ta"), now))
	golden(t, "why-bare", bot.WhyCard(l, canned(t, "bare"), now))
	golden(t, "related", bot.RelatedCard(l, canned(t, "k3j2"), related, now))
	golden(t, "related-none", bot.RelatedCard(l, canned(t, "k3j2"), nil, now))
	golden(t, "list", bot.ListCard(l, "DeepSeek: 2 stories", "", []news.Story{canned(t, "k3j2"), canned(t, "old7")}, now))
	golden(t, "trends", bot.TrendsCard(l, []news.Trend{
		{Topic: "deepseek", Name: "DeepSeek", Stories: 14, Usual: 4.4, Surprise: 4.1, Burst: true, Days: []int{0, 1, 2, 7, 14}},
		{Topic: "mistral", Name: "Mistral AI", Stories: 1, Usual: 0.2, Surprise: 0.4, Days: []int{0, 0, 0, 0, 1}},
		{Topic: "qwen", Name: "Qwen", Stories: 1, Usual: 2, Great: 84, Days: []int{0, 2, 3, 1, 1}},
	}, ""))
	golden(t, "trends-thin", bot.TrendsCard(l, []news.Trend{
		{Topic: "deepseek", Name: "DeepSeek", Stories: 3, Thin: true, Days: []int{0, 0, 1, 0, 3}},
	}, ""))
	golden(t, "trends-none", bot.TrendsCard(l, nil, "nobody"))
	golden(t, "mistake", bot.MistakeCard(l, &bot.UsageError{Sentence: bot.Phrase{Format: `min must be a whole number, not "x"`}, Hint: bot.Phrase{Format: "as in min:50"}, Line: `"x"`}))
	golden(t, "failure", bot.FailureCard(l, "1a2b3c4d"))
	golden(t, "help", bot.HelpCard(l, bot.Table()))
	for _, c := range bot.Table() {
		golden(t, "help-"+c.Title(), bot.CommandCard(l, c, "k3j2"))
		if c.Name == "why" {
			golden(t, "help-why-empty", bot.CommandCard(l, c, ""))
		}
	}
	_, err := bot.ParseLine(bot.Table(), "min:1000 deepseek")
	golden(t, "mistake-min", bot.MistakeCard(l, err.(*bot.UsageError)))
	_, err = bot.ParseLine(bot.Table(), "why")
	golden(t, "mistake-id", bot.MistakeCard(l, err.(*bot.UsageError)))
	golden(t, "suspended", bot.SuspendedCard(l, "is_archived", false, "slack:C1"))
	golden(t, "suspended-gone", bot.SuspendedCard(l, "the channel was deleted: choose another", true, "discord:1", "discord:2"))
	golden(t, "follow-up", bot.FollowUpCard(l, canned(t, "m3ta"), now))
	golden(t, "catch-up", bot.CatchUpCard(l, related, now))
	day := bot.Period{From: now.AddDate(0, 0, -1), To: now}
	golden(t, "digest", bot.DigestCard(l, bot.Told{Stories: []news.Story{canned(t, "k3j2"), canned(t, "h20x"), canned(t, "q3w8"), canned(t, "old7")}, Became: related[3:]}, bot.Subscription{Zone: "Europe/Berlin"}, day, 1, now))
	golden(t, "digest-none", bot.DigestCard(l, bot.Told{}, bot.Subscription{}, day, 1, now))
	rated := canned(t, "k3j2")
	rated.Impact, rated.Parts = impact.Rate(impact.Signals{
		Coverage: []impact.Outlet{
			{Source: "Heise", Kind: "press", Authority: 0.8, At: now.Add(-90 * time.Hour)}, {Source: "Golem", Kind: "press", Authority: 0.6, At: now.Add(-89 * time.Hour)},
			{Source: "Blog", Kind: "press", Authority: 0.3, At: now, Copy: true},
		},
		Subjects: []impact.Subject{{Name: "DeepSeek", Weight: 0.9, Title: true}}, Event: impact.Release, Status: "rumour", Novelty: 1,
		Figures: []impact.Figure{{Text: "1.2 trillion parameters", Value: 1.2e12, Unit: "parameters"}},
	})
	rated.Status.Why = "told as hearsay: People say so."
	rated.Course = []news.Mark{{At: now.Add(-90 * time.Hour), Impact: 70}, {At: now, Impact: rated.Impact}}
	golden(t, "why-rated", bot.WhyCard(l, rated, now))
	golden(t, "desk", sourcesCard(l))
	golden(t, "desk-status", statusCard(l))
}

// An outlet that wrote twice is one source, and has two lines.
func TestSourcesOfAStoryCountTheirArticles(t *testing.T) {
	s := canned(t, "h20x")
	for _, tt := range []struct {
		articles []news.Ref
		want     string
	}{
		{s.Articles, fmt.Sprintf("%d independent of %d", len(s.Sources), len(s.Sources))},
		{append(slices.Clone(s.Articles), s.Articles[0]), fmt.Sprintf("%d independent of %d · %d articles", len(s.Sources), len(s.Sources), len(s.Articles)+1)},
	} {
		s.Articles = tt.articles
		if got := bot.TellersCard(bot.English, s, newstest.Now()).Text; got != tt.want {
			t.Errorf("%d articles: %q, want %q", len(tt.articles), got, tt.want)
		}
	}
}

func TestSourcesAndStatusCards(t *testing.T) {
	now := newstest.Now()
	feed := func(url string, failures int, failed string, ago time.Duration) news.FeedState {
		f := news.FeedState{URL: url, Failures: failures, Error: failed}
		if ago >= 0 {
			f.Checked, f.Succeeded = now, now.Add(-ago)
		}
		return f
	}
	states := []news.SourceState{
		{Source: news.Source{Name: "Heise", Kind: news.Press}, States: []news.FeedState{feed("https://heise.example/rss", 0, "", time.Minute)}},
		{Source: news.Source{Name: "Meta AI", Kind: news.Lab}, States: []news.FeedState{feed("https://meta.example/rss", 3, "https://meta.example/rss: the server answers 404 Not Found", 5*time.Hour)}},
		{Source: news.Source{Name: "Gone", Kind: news.Press}, States: []news.FeedState{
			feed("https://gone.example/a", 12, "fetch: no such host", -1), feed("https://gone.example/b", 0, "", -1),
		}},
	}
	golden(t, "sources", bot.SourcesCard(bot.English, states, now))
	golden(t, "sources-none", bot.SourcesCard(bot.English, nil, now))
	for i := range 15 {
		states[2].States = append(states[2].States, feed(fmt.Sprintf("https://gone.example/%d", i), 2, "fetch: no such host", -1))
	}
	if lines := bot.SourcesCard(bot.English, states, now).Sections[0].Lines; len(lines) != 11 || lines[10].Text != "and 7 more that fail" || lines[0].Note != "12 failures · never read" {
		t.Errorf("17 failing feeds: %d lines, first %+v, last %+v", len(lines), lines[0], lines[len(lines)-1])
	}

	st := bot.Status{
		Version: "1.2.3", Stories: 4711, Latest: now.Add(-3 * time.Minute), Feeds: bot.Feeds{Healthy: 200, Failing: 1},
		Suspended: map[bot.Channel]bot.Suspension{
			"discord:2": {Since: now.Add(-time.Hour), Reason: "the bot was removed from the channel"},
			"slack:C1":  {Since: now.Add(-50 * time.Hour), Reason: "is_archived"},
		},
		Waiting: map[bot.State]int{bot.Pending: 3, bot.Dead: 1000}, Here: "slack:C1",
		Halted:  []bot.Halt{{Platform: "discord", Until: now.Add(4 * time.Minute), Reason: "the token is not valid any more"}},
		GivenUp: []bot.Delivery{{ID: "abc234", Kind: bot.KindStory, Story: "k3j2", Settled: now.Add(-time.Hour), Error: "held: it may have been posted"}},
	}
	golden(t, "status", bot.StatusCard(bot.English, st, now))
	st.Manager = true
	if got := bot.StatusCard(bot.English, st, now).Sections[0].Lines; len(got) != 2 {
		t.Errorf("a manager sees %d suspended channels, want 2", len(got))
	}
	golden(t, "status-well", bot.StatusCard(bot.English, bot.Status{Version: "devel", Waiting: map[bot.State]int{}}, now))
}

// TestTones walks over the edges of the bands.
func TestTones(t *testing.T) {
	for impact, want := range map[int]bot.Tone{
		0: bot.Low, 39: bot.Low, 40: bot.Medium, 59: bot.Medium, 60: bot.High, 79: bot.High, 80: bot.Critical, 100: bot.Critical,
	} {
		if got := bot.StoryCard(bot.English, news.Story{Impact: impact}, nil, newstest.Now()).Tone; got != want {
			t.Errorf("impact %d has tone %d, want %d", impact, got, want)
		}
	}
}

func sourcesCard(l bot.Lang) bot.Card {
	now := newstest.Now()
	return bot.SourcesCard(l, []news.SourceState{
		{Source: news.Source{Name: "Heise", Kind: news.Press}, States: []news.FeedState{{Checked: now, Succeeded: now}}},
		{Source: news.Source{Name: "Meta AI", Kind: news.Lab}, States: []news.FeedState{
			{URL: "https://meta.example/rss", Failures: 3, Error: "fetch: no such host", Checked: now, Succeeded: now.Add(-5 * time.Hour)}, {}, {Failures: 1},
		}},
	}, now)
}

func statusCard(l bot.Lang) bot.Card {
	now := newstest.Now()
	return bot.StatusCard(l, bot.Status{
		Version: "1.2.3", Stories: 4711, Latest: now.Add(-3 * time.Minute), Feeds: bot.Feeds{Healthy: 200, Failing: 1},
		Suspended: map[bot.Channel]bot.Suspension{"slack:C1": {Since: now.Add(-50 * time.Hour), Reason: "is_archived"}},
		Waiting:   map[bot.State]int{bot.Pending: 3, bot.Dead: 1000}, Here: "slack:C1",
		Halted:   []bot.Halt{{Platform: "discord", Until: now.Add(4 * time.Minute), Reason: "the token is not valid any more"}, {Platform: "slack", Reason: "gone"}},
		GivenUp:  []bot.Delivery{{ID: "abc234", Kind: bot.KindStory, Story: "k3j2", Settled: now.Add(-time.Hour), Error: "held"}},
		Troubles: []string{l.T("the outbox cannot be read")},
	}, now)
}
