package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/brief"
)

func TestAge(t *testing.T) {
	now := time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		-time.Hour:               "just now",
		0:                        "just now",
		59 * time.Second:         "just now",
		time.Minute:              "1 min ago",
		59*time.Minute + 59e9:    "59 min ago",
		time.Hour:                "1 h ago",
		24*time.Hour - 1:         "23 h ago",
		24 * time.Hour:           "1 day ago",
		48*time.Hour - 1:         "1 day ago",
		48 * time.Hour:           "2 days ago",
		30*24*time.Hour - 1:      "29 days ago",
		30 * 24 * time.Hour:      "29 March 2025",
		12 * 30 * 24 * time.Hour: "3 May 2024",
	} {
		if got := English.age(now.Add(-ago), now); got != want {
			t.Errorf("%s ago is %q, want %q", ago, got, want)
		}
	}
	berlin := time.FixedZone("CEST", 2*3600)
	for at, want := range map[time.Time]string{
		now.In(berlin):        "12:00 UTC",
		now.Add(-13 * 3600e9): "27 April, 23:00 UTC",
		now.AddDate(-1, 0, 0): "28 April 2024, 12:00 UTC",
	} {
		if got := English.clock(at, now); got != want {
			t.Errorf("%s reads %q, want %q", at, got, want)
		}
	}
}

func TestListed(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"A"}, "A"},
		{[]string{"A", "B"}, "A and B"},
		{[]string{"A", "B", "C"}, "A, B and C"},
		{[]string{"A", "B", "C", "D"}, "A, B and 2 more"},
		{[]string{"A", "B", "C", "D", "E"}, "A, B and 3 more"},
	} {
		if got := English.list(tt.names, 3); got != tt.want {
			t.Errorf("listed(%v) = %q, want %q", tt.names, got, tt.want)
		}
	}
}

// The outlet that decided the status is named first, also where only some are.
func TestTellersBeginWithWhoDecided(t *testing.T) {
	s := news.Story{Headline: "H", Sources: []string{"A", "B", "C", "D", "E"}}
	for decided, want := range map[string]string{"": "A, B and 3 more", "A": "A, B and 3 more", "D": "D, A and 3 more", "else": "A, B and 3 more"} {
		s.Status = brief.Status{Value: brief.Denied, Source: decided}
		for what, c := range map[string]Card{"posted": StoryCard(English, s, nil, s.First), "follow-up": FollowUpCard(English, s, s.First)} {
			if !slices.Contains(c.Facts, Fact{"Sources", want + " · 5 independent"}) {
				t.Errorf("%s, decided by %q: %v, want %q", what, decided, c.Facts, want)
			}
		}
		if got := strings.Join(s.Sources, ""); got != "ABCDE" {
			t.Fatalf("the story's own sources are %s by now", got)
		}
	}
}

func TestWordsForNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0 stories", 1: "1 story", 2: "2 stories"} {
		if got := English.T("%d stories", n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	for points, want := range map[int]string{0: "", 1: "▇", 5: "▇", 7: "▇", 8: "▇▇", 22: "▇▇▇▇", -8: "░░", 1000: "▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇"} {
		if got := bar(points); got != want {
			t.Errorf("bar(%d) = %q, want %q", points, got, want)
		}
	}
	for _, tt := range []struct {
		f    brief.Figure
		want string
	}{
		{brief.Figure{Value: "80", Unit: "%"}, "80 %"},
		{brief.Figure{Value: "1.2 G", Unit: "W"}, "1.2 GW"},
		{brief.Figure{Value: "2", Unit: "GPUs", Of: "the cluster"}, "2 GPUs (the cluster)"},
		{brief.Figure{Value: "2", Of: "a", ClaimedBy: "b"}, "2 (a, says b)"},
	} {
		if got := English.figure(tt.f); got != tt.want {
			t.Errorf("figure(%+v) = %q, want %q", tt.f, got, tt.want)
		}
	}
}

// TestStatusSaysItsReasonOnce: the name of a status is not said again in its
// reason, and what was said is quoted as the language does.
func TestStatusSaysItsReasonOnce(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := news.Story{
		ID: "a", Headline: "H", Status: brief.Status{Value: brief.Confirmed, Why: "announced or confirmed: “We did.”"},
		History: []brief.Status{{Value: brief.Rumour}, {Value: brief.Denied, Why: "denied"}, {Value: brief.Denied, Why: "denied: “We did not.”"}},
	}
	lines := func(l Lang) (out []string) {
		for _, line := range WhyCard(l, s, now).Sections[1].Lines {
			out = append(out, line.Text)
		}
		return out
	}
	for l, want := range map[Lang][]string{
		English: {"announced or confirmed: “We did.”", "denied before: “We did not.”", "denied before", "rumour before"},
		German:  {"angekündigt oder bestätigt: „We did.“", "zuvor dementiert: „We did not.“", "zuvor dementiert", "zuvor Gerücht"},
	} {
		if got := lines(l); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	s.Status = s.History[2]
	if got := statusLine(German, s.Status, now); got != "dementiert: „We did not.“" {
		t.Errorf("the status reads %q", got)
	}
	if s.Status = s.History[1]; lines(English)[0] != "denied" || statusLine(English, s.Status, now) != "denied" {
		t.Errorf("without a sentence: %q, %q", lines(English)[0], statusLine(English, s.Status, now))
	}
}
