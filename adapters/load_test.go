package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
	"newsdesk/news"
)

const (
	loadRate    = 500  // questions in a second, of both platforms together
	loadStories = 5000 // in the store and in the index
	// signWithin is until when a platform takes the first sign of an answer.
	signWithin = 3 * time.Second
)

// TestLoad asks 500 questions in a second, half of them on Discord and half on
// Slack, through the real adapters and on each store, on the machine that also
// plays both platforms:
//
//	NEWSDESK_LOAD=20s go test ./adapters -run TestLoad -v
//
// The moments of the questions are drawn beforehand and wait for nobody, and
// each answer's time counts from its moment: slowness hides in no queue. It
// fails where a platform would have sight that nobody answered.
func TestLoad(t *testing.T) {
	v := os.Getenv("NEWSDESK_LOAD")
	if v == "" {
		t.Skip("NOT MEASURED: set NEWSDESK_LOAD to a length such as 20s")
	}
	length, err := time.ParseDuration(v)
	if err != nil {
		t.Fatalf("NEWSDESK_LOAD is %q: want a length such as 20s", v)
	}
	all := engines(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			store := all[name]()
			defer store.Close()
			fill(t, store, loadStories)
			desk := news.NewDesk(news.Options{Store: store, Logger: slog.New(slog.DiscardHandler)})
			if err := desk.Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
			f := newFront(t, desk, store, time.Now)
			before := loadAverage()
			begun, own, all := time.Now(), ownCPU(), machineCPU()
			answers := f.rush(t, length, loadRate)
			took := time.Since(begun)
			own, all = ownCPU()-own, machineCPU()-all
			for _, platform := range []string{"discord", "slack", "both"} {
				report(t, platform, took, slices.DeleteFunc(slices.Clone(answers), func(a loadAnswer) bool { return platform != "both" && a.platform != platform }))
			}
			t.Logf("of the %d cores this process kept %.2f busy, with both platforms in it, and others %.2f",
				runtime.NumCPU(), own.Seconds()/took.Seconds(), max(0, (all-own).Seconds()/took.Seconds()))
			t.Logf("load average %s before, %s after; %d answers of slack came by its response_url", before, loadAverage(), f.slack.Calls("response_url"))
		})
	}
}

// A loadAnswer is what became of one question.
type loadAnswer struct {
	platform, what string
	took           time.Duration // from the moment that was drawn
	deferred       bool          // on Discord, which says so
	err            error
}

// loadMix is what people ask, each as often as it stands here.
var loadMix = []string{
	"search", "search", "search", "search", "search", "search", "top", "top", "story", "story", "why", "why", "related", "related", "trends", "help", "suggest", "suggest", "suggest", "suggest",
}

// rush asks rate questions a second for that long, and returns all answers.
func (f *front) rush(t *testing.T, length time.Duration, rate int) []loadAnswer {
	menu := f.menu(t)
	r := rand.New(rand.NewPCG(1, 2))
	var moments []time.Duration
	for at := time.Duration(0); at < length; {
		at += time.Duration(r.ExpFloat64() * float64(time.Second) / float64(rate))
		moments = append(moments, at)
	}
	answers := make([]loadAnswer, len(moments))
	ctx, cancel := context.WithTimeout(t.Context(), length+time.Minute)
	defer cancel()
	places := f.places()
	var wg sync.WaitGroup
	begun := time.Now()
	for i, at := range moments {
		p, what, story, words := places[i%2], loadMix[r.IntN(len(loadMix))], fmt.Sprintf("s%d", r.IntN(loadStories)), sentence(r, 0)
		time.Sleep(time.Until(begun.Add(at)))
		wg.Go(func() {
			a := &answers[i]
			a.platform, a.what = p.name, what
			switch what {
			case "suggest":
				a.err = f.suggest(ctx, p.name, menu, words[:4])
			case "search":
				a.deferred, a.err = seen(p.ask(ctx, "", words))
			case "story", "why", "related":
				a.deferred, a.err = seen(p.ask(ctx, what, story))
			case "trends":
				a.deferred, a.err = seen(p.ask(ctx, what, strings.ToLower(strings.Fields(words)[0])))
			default:
				a.deferred, a.err = seen(p.ask(ctx, what, ""))
			}
			a.took = time.Since(begun.Add(at))
		})
	}
	wg.Wait()
	return answers
}

// seen checks that an answer is no failure.
func seen(s sight, err error) (deferred bool, _ error) {
	if err == nil && (strings.Contains(s.text, "went wrong") || strings.Contains(s.text, "does not answer") || strings.Contains(s.text, "not understood")) {
		err = errors.New(s.text)
	}
	return s.deferred, err
}

// menu posts a message with a menu on Slack, to type in.
func (f *front) menu(t *testing.T) sight {
	card := bot.Card{Title: "Choose", Menu: &bot.Menu{Label: "Another", Option: "query"}}
	if _, err := f.onSlack.Post(t.Context(), bot.Post{Key: "loadloadloadloadloadload", Channel: "slack:" + slacktest.Channel, Card: card}); err != nil {
		t.Fatal(err)
	}
	return sight{slack: f.slack.Messages(slacktest.Channel)[0]}
}

// suggest types in a query.
func (f *front) suggest(ctx context.Context, platform string, menu sight, typed string) error {
	if platform == "slack" {
		_, err := f.slack.Suggest(ctx, menu.slack, "nd1:menu::query", typed)
		return err
	}
	_, err := f.discord.Suggest(ctx, discordtest.Invocation{Channel: discordChannel, Command: "news", Focus: "query", Options: map[string]any{"query": typed}})
	return err
}

// report prints the figures, and fails where an answer never came or was no
// answer.
func report(t *testing.T, platform string, took time.Duration, answers []loadAnswer) {
	var times []time.Duration
	deferred, late, failed := 0, 0, 0
	by := map[string][]time.Duration{}
	for _, a := range answers {
		times = append(times, a.took)
		by[a.what] = append(by[a.what], a.took)
		if a.deferred {
			deferred++
		}
		if a.took > signWithin {
			late++
		}
		if a.err != nil {
			if failed++; failed < 5 && platform != "both" {
				t.Errorf("%s: %s after %v: %v", platform, a.what, a.took, a.err)
			}
		}
	}
	var kinds strings.Builder
	for _, what := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(&kinds, " %s %.1f", what, ms(quantile(by[what], 0.99)))
	}
	t.Logf("%-8s %4.0f answers/s  p50 %.1f ms  p99 %.1f ms  max %.1f ms  past 3 s: %d  deferred: %d  failed: %d  p99 by kind:%s", platform,
		float64(len(answers))/took.Seconds(), ms(quantile(times, 0.5)), ms(quantile(times, 0.99)), ms(slices.Max(times)), late, deferred, failed, kinds.String())
}

// ownCPU is the time that cores have spent on this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// machineCPU is the time that all cores were busy, as Linux counts it in
// hundredths of a second (proc_stat(5)); 0 elsewhere.
func machineCPU() (busy time.Duration) {
	raw, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, f := range strings.Fields(line) {
		// user, nice, system, idle, iowait, irq, softirq, steal
		if n, err := strconv.ParseInt(f, 10, 64); err == nil && i <= 8 && i != 4 && i != 5 {
			busy += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return busy
}

// loadAverage is the machine's, of the last minute; "unknown" where it has none.
func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}
