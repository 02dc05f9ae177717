package impact

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"newsdesk/news/topic"
)

var day = time.Date(2025, 4, 28, 8, 0, 0, 0, time.UTC)

func outlets(n int, every time.Duration) []Outlet {
	var out []Outlet
	for i := range n {
		out = append(out, Outlet{Source: fmt.Sprintf("outlet %d", i), Kind: "press", Authority: 0.8, Interest: 0.3, At: day.Add(time.Duration(i) * every)})
	}
	return out
}

func frontier(n int, status string) Signals {
	return Signals{
		Coverage: outlets(n, 20*time.Minute), Event: Release, Status: status, Novelty: 0.9,
		Subjects: []Subject{{"DeepSeek", 0.95, true}, {"DeepSeek R2", 0.9, true}, {"Huawei", 0.8, false}},
		Figures:  []Figure{{"1.2 trillion parameters", 1.2e12, "parameters"}, {"97.3 per cent", 97.3, "%"}},
	}
}

func TestRateOrdersStories(t *testing.T) {
	small := Signals{Coverage: outlets(3, time.Hour), Event: Product, Status: "confirmed", Novelty: 1}
	for i := range small.Coverage[1:] {
		small.Coverage[1+i].Copy = true
	}
	score := func(s Signals) int { n, _ := Rate(s); return n }
	rumour, confirmed, denied := score(frontier(12, "rumour")), score(frontier(14, "confirmed")), score(frontier(12, "denied"))
	t.Logf("rumour %d, confirmed %d, denied %d, first hour %d, press release %d", rumour, confirmed, denied, score(frontier(1, "rumour")), score(small))
	if confirmed <= rumour || rumour <= denied || denied > deniedCap {
		t.Errorf("confirmed %d, rumour %d, denied %d", confirmed, rumour, denied)
	}
	if rumour < 70 || rumour > 90 {
		t.Errorf("a rumour about a frontier model in twelve outlets has %d", rumour)
	}
	if n := score(small); n >= 40 {
		t.Errorf("a small vendor's press release in three places has %d", n)
	}
	if first := score(frontier(1, "rumour")); first >= rumour || first > singleCap {
		t.Errorf("one outlet's rumour has %d", first)
	}
}

// TestWhatACrowdPassesOn rates an outlet whose article a community submitted
// before the outlet's own feed was read: the outlet is no copy of its reader.
func TestWhatACrowdPassesOn(t *testing.T) {
	start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	own := Outlet{Source: "weblog", Authority: 0.8, At: start.Add(time.Hour)}
	crowd := Outlet{Source: "forum", Kind: "community", Authority: 0.25, At: start}
	echo := Outlet{Source: "mirror", Authority: 0.4, At: start.Add(2 * time.Hour), Copy: true}
	copied, other := own, own
	copied.Copy, other.Source = true, "other"
	second := other
	second.Copy = true
	rate := func(coverage ...Outlet) int {
		n, _ := Rate(Signals{Coverage: coverage, Event: Security, Status: "confirmed", Novelty: 1})
		return n
	}
	if got, want := rate(crowd, copied, echo), rate(crowd, own, echo); got != want {
		t.Errorf("a weblog that a forum submitted earns %d; as the first to tell %d", got, want)
	}
	if got, more := rate(own, second), rate(own, other); got >= more {
		t.Errorf("a copy of an outlet earns %d, as much as another outlet, %d", got, more)
	}
	if alone, two := rate(crowd), rate(crowd, own); alone >= two {
		t.Errorf("a forum alone earns %d, with the outlet %d", alone, two)
	}
}

func TestRateAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Signals{
			Event:   rapid.SampledFrom([]string{Release, Funding, Opinion, Other, ""}).Draw(t, "event"),
			Status:  rapid.SampledFrom([]string{"rumour", "reported", "confirmed", "denied", ""}).Draw(t, "status"),
			Novelty: rapid.Float64Range(-1, 2).Draw(t, "novelty"),
		}
		for i := range rapid.IntRange(0, 40).Draw(t, "outlets") {
			s.Coverage = append(s.Coverage, Outlet{
				Source: fmt.Sprint(i % 30), Authority: rapid.Float64Range(0, 1).Draw(t, "authority"), At: day.Add(time.Duration(i) * time.Minute),
				Copy: rapid.Bool().Draw(t, "copy"), Official: rapid.Bool().Draw(t, "official"),
			})
		}
		for range rapid.IntRange(0, 5).Draw(t, "subjects") {
			s.Subjects = append(s.Subjects, Subject{"X", rapid.Float64Range(0, 1).Draw(t, "weight"), rapid.Bool().Draw(t, "title")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "figures") {
			s.Figures = append(s.Figures, Figure{"n", rapid.Float64Range(0, 1e15).Draw(t, "value"), rapid.SampledFrom([]string{"%", "parameters", "USD", "x"}).Draw(t, "unit")})
		}
		score, parts := Rate(s)
		sum := 0
		for _, p := range parts {
			sum += p.Points
			if p.Why == "" {
				t.Fatalf("part %q has no reason", p.Name)
			}
		}
		if score < 0 || score > 100 || sum != score {
			t.Fatalf("impact %d, parts add up to %d: %+v", score, sum, parts)
		}
		more := s
		more.Coverage = append(append([]Outlet(nil), s.Coverage...), Outlet{Source: "another", Authority: 1, At: day})
		if n, _ := Rate(more); n < score {
			t.Fatalf("one more outlet took the impact from %d to %d", score, n)
		}
	})
}

func TestEvent(t *testing.T) {
	for title, want := range map[string]string{
		"DeepSeek launches R2 model":                          Release,
		"Halcyon raises $40 million in Series B":              Funding,
		"Authors sue image generator over training data":      Lawsuit,
		"Nimbus outage takes assistants offline":              Outage,
		"EU Commission publishes guidelines under the AI Act": Regulation,
		"Opinion: why benchmarks mislead":                     Opinion,
		"Nvidia plans new GPU for China":                      Hardware,
		"Startup übernimmt Konkurrenten":                      Acquisition,
		"深度求索发布新模型":                                           Release,
		"Nimbus 3.1 is here":                                  Other,
		"GPT-5.1 is here: OpenAI adds project memory":         Release,
		"Small lab introduces a speech model for phones":      Release,
		"Founder joins lab to lead its push into law":         People,
		"Phone maker cuts the free trial to six months":       Other,
		"EU-Kommission legt Leitlinien für KI-Modelle vor":    Regulation,
		"": Other,
	} {
		if got := Event(title, "", topic.Models(title)); got != want {
			t.Errorf("Event(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestDecay(t *testing.T) {
	told := frontier(12, "reported")
	peak, _ := Rate(told)
	late := func(days int, since time.Time) (int, string) {
		s := told
		s.Since = since
		s.Coverage = append(slices.Clone(told.Coverage), Outlet{Source: "late", Authority: 0.4, At: day.AddDate(0, 0, days)})
		n, parts := Rate(s)
		for _, p := range parts {
			if p.Name == "decay" {
				return n, p.Why
			}
		}
		return n, ""
	}
	if n, why := late(1, day); n < peak || why != "" {
		t.Errorf("told once more on the next day it has %d %q, at its peak %d", n, why, peak)
	}
	week, why := late(7, day)
	if want := "still told 6 days after its peak, with nothing new"; week >= peak || why != want {
		t.Errorf("told once more after a week it has %d %q, at its peak %d", week, why, peak)
	}
	if month, _ := late(30, day); month >= week || month < peak/2 {
		t.Errorf("told once more after a month it has %d, after a week %d", month, week)
	}
	if n, why := late(7, day.AddDate(0, 0, 7)); n < peak || why != "" {
		t.Errorf("with a new status after a week it has %d %q, at its peak %d", n, why, peak)
	}
}
