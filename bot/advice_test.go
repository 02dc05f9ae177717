package bot_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// adviceNow is a Monday.
var adviceNow = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// weekOf has a story of each impact, named by the topics and a number, from the
// newest to the oldest through six days.
func weekOf(topics []string, impacts ...int) []news.Past {
	var past []news.Past
	for i, impact := range impacts {
		at := adviceNow.Add(-time.Duration(i+1) * 6 * 24 * time.Hour / time.Duration(len(impacts)))
		past = append(past, news.Past{ID: fmt.Sprintf("%s%d", strings.Join(topics, ""), i), Turns: []news.Turn{
			{At: at, Impact: impact, Status: brief.Reported, Lang: "en", Fresh: at, Topics: topics, Kinds: []news.Kind{news.Press}},
		}})
	}
	return past
}

// steps has n stories, of impacts from, from+by and so on.
func steps(n, from, by int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i*by
	}
	return out
}

// each has n stories of the same impact.
func each(n, impact int) []int { return steps(n, impact, 0) }

// cast are votes on stories, "+id" useful and "-id" noise, about topics.
func cast(topics string, votes ...string) (out []bot.Vote) {
	for i, v := range votes {
		out = append(out, bot.Vote{Story: v[1:], User: fmt.Sprint("u", i), Useful: v[0] == '+', Topics: strings.Fields(topics), At: adviceNow.Add(-time.Hour)})
	}
	return out
}

func TestAdvise(t *testing.T) {
	ten := weekOf(nil, steps(10, 50, 5)...) // 50, 55, .. 95
	ai, chips := weekOf([]string{"openai"}, each(6, 70)...), weekOf([]string{"nvidia"}, each(4, 70)...)
	both := weekOf([]string{"openai", "nvidia"}, 70)
	two := slices.Concat(ai, chips, both)
	blamed := cast("nvidia", "-nvidia0", "-nvidia1", "-nvidia1")
	// Three a day, the newest on Monday morning; every third is great.
	often := weekOf(nil, 70, 60, 60, 70, 60, 60, 70, 60, 60, 70, 60, 60, 70, 60, 60, 70, 60, 60)
	merged := slices.Clone(ten)
	merged = append(merged, news.Past{ID: "whole", Took: []string{"4"}, Turns: []news.Turn{{At: adviceNow, Impact: 20}}})
	merged[4].Left = adviceNow
	for _, tt := range []struct {
		name, order string
		past        []news.Past
		votes       []bot.Vote
		change      func(*bot.Subscription)
		want        string // what is changed to what, posts before and after, and what else is told
	}{
		{name: "noise raises the minimum to the least step that halves", order: "min:50", past: ten, votes: cast("", "-0"), want: "min:75 10>5 noise 1"},
		{name: "what was useful stays", order: "min:50", past: ten, votes: cast("", "-0", "+5"), want: "min:75 10>5 useful 1 noise 1"},
		{name: "what was useful would not stay", order: "min:50", past: ten, votes: cast("", "-0", "+4")},
		{name: "useful to somebody", order: "min:50", past: ten, votes: cast("", "-4", "+4", "-0")},
		{name: "the noise would stay", order: "min:50", past: ten, votes: cast("", "-9")},
		{name: "one step more has noise go", order: "min:50", past: ten, votes: cast("", "-5"), want: "min:80 10>4 noise 1"},
		{name: "noise of before last week", order: "min:50", past: ten, votes: cast("", "-other")},
		{name: "a vote on what a story became", order: "min:50", past: merged, votes: cast("", "-0", "+whole")},
		{name: "no vote, and not too much", order: "min:50", past: ten},
		{name: "a quiet week is no noise", order: "min:50", past: ten[4:10], votes: cast("", "-4")},
		{name: "from a minimum between the steps", order: "min:52", past: ten, votes: cast("", "-1"), want: "min:80 9>4 noise 1"},
		{name: "nothing would be left", order: "min:50", past: weekOf(nil, each(20, 60)...), votes: cast("", "-0")},
		{name: "more than anybody reads", order: "min:10", past: weekOf(nil, steps(57, 20, 1)...), want: "min:50 57>27"},
		{name: "less than that", order: "min:10", past: weekOf(nil, steps(56, 20, 1)...)},
		{name: "more than anybody reads, and useful", order: "min:10", past: weekOf(nil, steps(57, 20, 1)...), votes: cast("", "+30", "+31"), want: "min:50 57>27 useful 2"},
		{name: "more than anybody reads, and what was noise to one was useful to another", order: "min:10", past: weekOf(nil, steps(57, 20, 1)...), votes: cast("", "-30", "+30"), want: "min:50 57>27 useful 1"},
		{name: "more than anybody reads, and all of it useful", order: "min:10", past: weekOf(nil, steps(57, 20, 1)...), votes: cast("", "+1")},
		{name: "the cap was reached on three days", order: "min:50 cap:2", past: often[:12], want: "min:65 9>4 cap 3"},
		{name: "the cap was reached on two days", order: "min:50 cap:2", past: often[:9]},
		{name: "the cap was reached, and some was noise", order: "min:50 cap:2", past: often[:12], votes: cast("", "-11"), want: "min:65 9>4 noise 1 cap 3"},
		{name: "the cap was reached, and the noise would stay", order: "min:50 cap:2", past: often[:12], votes: cast("", "-0")},
		{name: "next to nothing came", order: "min:90", past: weekOf(nil, 92, 61, 62, 63), want: "min:60 1>4"},
		{name: "nothing came", order: "min:90", past: weekOf(nil, 61, 62, 73, 84), want: "min:60 0>4"},
		{name: "two came", order: "min:90", past: weekOf(nil, 92, 92, 61, 62, 63)},
		{name: "nothing came, and something was noise", order: "min:90", past: weekOf(nil, 61, 62, 73, 84), votes: cast("", "-other")},
		{name: "nothing came, and something was useful", order: "min:90", past: weekOf(nil, 61, 62, 73, 84), votes: cast("", "+other"), want: "min:60 0>4"},
		{name: "nothing came, and then too much", order: "min:90", past: weekOf(nil, each(15, 60)...)},
		{name: "nothing came, and then as much as is well", order: "min:90", past: weekOf(nil, each(14, 60)...), want: "min:60 0>14"},
		{name: "nothing came, nor would it", order: "min:90", past: weekOf(nil, 61, 62)},
		{name: "nothing came at all", order: "min:0", past: nil},
		{name: "a topic is nothing but noise", order: "openai,nvidia min:50", past: two, votes: blamed, want: "topics:openai 11>7 noise 3"},
		{name: "two votes are not enough", order: "openai,nvidia min:70", past: two, votes: blamed[:2]},
		{name: "one was useful", order: "openai,nvidia min:70", past: two, votes: append(cast("nvidia", "+nvidia2"), blamed...)},
		{name: "one with another topic was useful", order: "openai,nvidia min:70", past: two, votes: append(cast("openai nvidia", "+openainvidia0"), blamed...)},
		{name: "the votes are on stories of two topics", order: "openai,nvidia min:70", past: two, votes: cast("openai nvidia", "-openainvidia0", "-openainvidia0", "-openainvidia0")},
		{name: "other topics of a story are none of the order's", order: "openai,nvidia min:50", past: two, votes: cast("nvidia gpu", "-nvidia0", "-nvidia1", "-nvidia1"), want: "topics:openai 11>7 noise 3"},
		{name: "the only topic", order: "nvidia min:70", past: two, votes: blamed},
		{name: "nothing of the topic came", order: "openai,meta min:70", past: two, votes: cast("meta", "-m", "-m", "-m")},
		{name: "paused", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Paused = adviceNow.Add(time.Minute) }},
		{name: "a pause that is over", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Paused = adviceNow }, want: "min:75 10>5 noise 1"},
		{name: "younger than a week", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Changed = adviceNow.Add(time.Minute).AddDate(0, 0, -7) }},
		{name: "a week old", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Changed = adviceNow.AddDate(0, 0, -7) }, want: "min:75 10>5 noise 1"},
		{name: "a digest", order: "mode:digest min:50", past: ten, votes: cast("", "-0")},
		{name: "what a person follows", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Channel = bot.Person("test", "ada") }},
		{name: "what becomes of a story", order: "min:50", past: ten, votes: cast("", "-0"), change: func(s *bot.Subscription) { s.Story = "0" }},
	} {
		sub, err := bot.ParseOrder(channel, tt.order)
		if err != nil {
			t.Fatal(err)
		}
		if tt.change != nil {
			tt.change(&sub)
		}
		a, ok := bot.Advise(tt.past, sub, tt.votes, adviceNow)
		got := ""
		if ok {
			got = fmt.Sprintf("%s:%s %d>%d", a.Setting, a.To, a.Before, a.After)
			for _, n := range []struct {
				what string
				n    int
			}{{"useful", a.Useful}, {"noise", a.Noise}, {"cap", a.CapDays}} {
				if n.n > 0 {
					got += fmt.Sprintf(" %s %d", n.what, n.n)
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s: advised %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestAdviseKeepsItsWord has random weeks and votes: whatever is advised is what
// Look says of the changed order.
func TestAdviseKeepsItsWord(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	names := []string{"openai", "nvidia", "deepseek"}
	advised := map[string]int{}
	for range 1000 {
		var past []news.Past
		for i := range rng.IntN(120) {
			p := news.Past{ID: fmt.Sprint("s", i)}
			at := adviceNow.Add(-time.Duration(rng.IntN(8*24*60)) * time.Minute)
			topics := names[rng.IntN(3):]
			for range 1 + rng.IntN(3) {
				p.Turns = append(p.Turns, news.Turn{At: at, Impact: rng.IntN(100), Status: brief.Reported, Fresh: at, Topics: topics[:1+rng.IntN(len(topics))]})
				at = at.Add(time.Duration(rng.IntN(600)) * time.Minute)
			}
			if i > 0 && rng.IntN(10) == 0 && past[i-1].Left.IsZero() {
				past[i-1].Left, p.Took = at, []string{past[i-1].ID}
			}
			past = append(past, p)
		}
		sub := bot.Subscription{ID: "instant", Channel: channel, Mode: bot.Instant, MinImpact: rng.IntN(101)}
		if rng.IntN(2) == 0 {
			sub.Topics = names[rng.IntN(2):]
		}
		if rng.IntN(3) == 0 {
			sub.DailyCap = 1 + rng.IntN(8)
		}
		var votes []bot.Vote
		if len(past) > 0 {
			for range rng.IntN(8) {
				p := past[rng.IntN(len(past))]
				votes = append(votes, bot.Vote{Story: p.ID, Useful: rng.IntN(4) == 0, Topics: p.Turns[0].Topics})
			}
		}
		a, ok := bot.Advise(past, sub, votes, adviceNow)
		if !ok {
			continue
		}
		other, err := bot.Apply(sub, map[string]string{a.Setting: a.To})
		if err != nil {
			t.Fatal(err)
		}
		from := adviceNow.AddDate(0, 0, -7)
		before, _ := bot.Look(past, sub, from, adviceNow.Add(1))
		after, _ := bot.Look(past, other, from, adviceNow.Add(1))
		if len(before) != a.Before || len(after) != a.After {
			t.Fatalf("%+v: in hindsight %d and %d", a, len(before), len(after))
		}
		var useful []string
		for _, v := range votes {
			if v.Useful && has(before, v.Story) && !slices.Contains(useful, v.Story) {
				if useful = append(useful, v.Story); !slices.ContainsFunc(after, func(p bot.Posting) bool { return became(past, p.ID) == became(past, v.Story) }) {
					t.Fatalf("%+v: %s was useful and would be gone", a, v.Story)
				}
			}
		}
		switch {
		case a.Setting == "topics":
			advised["topic"]++
		case a.After < a.Before:
			advised["raised"]++
			if other.MinImpact <= sub.MinImpact || 2*a.After > a.Before || a.After == 0 || a.Useful < 1 && len(useful) > 0 {
				t.Fatalf("%+v", a)
			}
			if sub.DailyCap > 0 {
				advised["capped"]++
			}
			if len(useful) > 0 {
				advised["useful"]++
			}
		default:
			advised["lowered"]++
			if other.MinImpact >= sub.MinImpact || a.Before > 1 || a.After > 14 || a.After < 3 {
				t.Fatalf("%+v", a)
			}
		}
	}
	t.Logf("advised: %v", advised)
	for _, kind := range []string{"topic", "raised", "capped", "useful", "lowered"} {
		if advised[kind] < 5 {
			t.Errorf("only %d of kind %s", advised[kind], kind)
		}
	}
}

func has(posts []bot.Posting, id string) bool {
	return slices.ContainsFunc(posts, func(p bot.Posting) bool { return p.ID == id || slices.Contains(p.Took, id) })
}

// became is the story that id is part of in the end.
func became(past []news.Past, id string) string {
	if i := slices.IndexFunc(past, func(p news.Past) bool { return slices.Contains(p.Took, id) }); i >= 0 {
		return became(past, past[i].ID)
	}
	return id
}

func TestAdviceSentences(t *testing.T) {
	raise := bot.Advice{Setting: "min", From: "50", To: "70", Before: 31, After: 14}
	with := func(change func(*bot.Advice)) bot.Advice { a := raise; change(&a); return a }
	for _, tt := range []struct {
		a                     bot.Advice
		english, german, does string
	}{
		{with(func(a *bot.Advice) { a.Useful, a.Noise = 3, 2 }),
			"A least impact of 70 would halve the volume (31 → 14 last week) and keep all 3 stories that were marked useful.",
			"Eine Mindestrelevanz von 70 würde die Menge halbieren (31 → 14 letzte Woche) und alle 3 Meldungen behalten, die als nützlich markiert wurden.", "Set it to 70"},
		{with(func(a *bot.Advice) { a.Useful = 1 }),
			"A least impact of 70 would halve the volume (31 → 14 last week) and keep the 1 story that was marked useful.",
			"Eine Mindestrelevanz von 70 würde die Menge halbieren (31 → 14 letzte Woche) und die 1 Meldung behalten, die als nützlich markiert wurde.", "Set it to 70"},
		{with(func(a *bot.Advice) { a.Noise, a.After = 1, 10 }),
			"A least impact of 70 would more than halve the volume (31 → 10 last week) and leave out 1 story that was marked noise.",
			"Eine Mindestrelevanz von 70 würde die Menge mehr als halbieren (31 → 10 letzte Woche) und 1 Meldung weglassen, die als Rauschen markiert wurde.", "Set it to 70"},
		{with(func(a *bot.Advice) { a.Noise = 4 }),
			"A least impact of 70 would halve the volume (31 → 14 last week) and leave out 4 stories that were marked noise.",
			"Eine Mindestrelevanz von 70 würde die Menge halbieren (31 → 14 letzte Woche) und 4 Meldungen weglassen, die als Rauschen markiert wurden.", "Set it to 70"},
		{with(func(a *bot.Advice) { a.CapDays = 4 }),
			"A least impact of 70 would halve the volume (31 → 14 last week, which reached the daily limit on 4 days).",
			"Eine Mindestrelevanz von 70 würde die Menge halbieren (31 → 14 letzte Woche, in der die Tagesgrenze an 4 Tagen erreicht war).", "Set it to 70"},
		{raise, "A least impact of 70 would halve the volume (31 → 14 last week).", "Eine Mindestrelevanz von 70 würde die Menge halbieren (31 → 14 letzte Woche).", "Set it to 70"},
		{bot.Advice{Setting: "min", From: "90", To: "60", After: 4}, "Nothing came last week: with a least impact of 60 it would have been 4 stories.",
			"Letzte Woche kam nichts: Mit einer Mindestrelevanz von 60 wären es 4 Meldungen gewesen.", "Set it to 60"},
		{bot.Advice{Setting: "min", From: "90", To: "60", Before: 1, After: 4}, "One story came last week: with a least impact of 60 it would have been 4.",
			"Letzte Woche kam eine Meldung: Mit einer Mindestrelevanz von 60 wären es 4 gewesen.", "Set it to 60"},
		{bot.Advice{Setting: "topics", From: "openai,nvidia", To: "openai", Topic: "nvidia", Before: 31, After: 22, Noise: 3},
			"All 3 votes on stories about Nvidia alone call them noise: without the topic last week would have brought 22 instead of 31.",
			"Alle 3 Stimmen zu Meldungen allein über Nvidia nennen sie Rauschen: Ohne das Thema hätte die letzte Woche 22 statt 31 gebracht.", "Without Nvidia"},
	} {
		c := bot.AdviceCard(bot.English, tt.a, "#news", "~line")
		want := bot.Card{Title: "A suggestion for #news", Text: tt.english, Buttons: []bot.Button{{Label: tt.does, Line: "~line", Accent: true}}, Footer: "Newsdesk · at most one in 14 days, and the same one once"}
		if !reflect.DeepEqual(c, want) {
			t.Errorf("card %+v, want %+v", c, want)
		}
		if got := bot.AdviceCard(bot.German, tt.a, "#news", "").Text; got != tt.german {
			t.Errorf("in German %q, want %q", got, tt.german)
		}
	}
}
