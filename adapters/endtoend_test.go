package adapters_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
)

const discordChannel = "234567890123456789"

// A world is a feed, a Discord, a Slack and a configuration that joins them.
type world struct {
	paper   *newspaper
	discord *discordtest.Server
	slack   *slacktest.Server
	config  string
	listen  string
	env     []string
}

func newWorld(t *testing.T, store string) *world {
	w := &world{paper: newNewspaper(t), discord: discordtest.New(t), slack: slacktest.New(t), listen: freePort(t)}
	w.discord.AddChannel(discordChannel, discordtest.Channel{Name: "news"})
	w.config = fmt.Sprintf(`
data_dir: %s
%s
sources:
  catalogue: false
  add: [{name: Outlet, kind: press, feed: "%s/feed", authority: 0.8}]
poll: {interval: 500ms, min_interval: 200ms, allow_private: true}
discord: {application_id: "%s", api_url: "%s"}
slack: {api_url: "%s"}
web: {listen: "%s"}
channels:
  - {channel: "discord:%s", min_impact: 0}
  - {channel: "slack:%s", min_impact: 0}
  - {channel: "web:preview", min_impact: 0}
`, t.TempDir(), store, w.paper.URL, w.discord.ApplicationID, w.discord.URL(), w.slack.URL(), w.listen, discordChannel, slacktest.Channel)
	w.env = []string{"DISCORD_TOKEN=" + w.discord.Token, "SLACK_BOT_TOKEN=" + slacktest.BotToken, "SLACK_APP_TOKEN=" + slacktest.AppToken}
	return w
}

func (w *world) start(t *testing.T) *process { return start(t, w.config, w.listen, w.env...) }

// posted returns how often each of the titles stands in each channel.
func (w *world) posted(titles []string) (onDiscord, onSlack map[string]int) {
	onDiscord, onSlack = map[string]int{}, map[string]int{}
	for _, title := range titles {
		for _, m := range w.discord.Messages(discordChannel) {
			if len(m.Embeds) > 0 && strings.Contains(m.Embeds[0].Title, title) {
				onDiscord[title]++
			}
		}
		for _, m := range w.slack.Messages(slacktest.Channel) {
			first, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
			if strings.Contains(first, title) {
				onSlack[title]++
			}
		}
	}
	return onDiscord, onSlack
}

// everywhere reports whether each title was posted to each channel.
func (w *world) everywhere(titles []string) bool {
	d, s := w.posted(titles)
	return len(d) == len(titles) && len(s) == len(titles)
}

// once fails the test for every title that is not in each channel exactly once.
func (w *world) once(t *testing.T, titles []string) {
	t.Helper()
	d, s := w.posted(titles)
	for _, title := range titles {
		if d[title] != 1 || s[title] != 1 {
			t.Errorf("%q: %d times on Discord, %d times on Slack", title, d[title], s[title])
		}
	}
}

// scoops makes headlines that have no word in common but what every headline has.
func scoops(n int, from *atomic.Int64) []string {
	actors := strings.Fields("Norrvik Halden Corvid Tamarack Oakfern Mossbank Larkspur Pinegrove Quillbyte Verity Halcyon Nimbus Bramble Cobalt Drumlin Estuary Fjordal Gannet Heron Isobar")
	deeds := strings.Fields("bakery orchard tramway lighthouse aquarium quarry vineyard observatory ferry greenhouse foundry velodrome windmill theatre sawmill brewery glacier harbour museum tunnel")
	var out []string
	for range n {
		i := int(from.Add(1)) - 1
		out = append(out, fmt.Sprintf("%s%d opens %s%d", actors[i%len(actors)], i, deeds[(i*7)%len(deeds)], i))
	}
	return out
}

// TestEndToEnd runs the built binary between a feed, a Discord and a Slack:
// every story once for each channel, questions answered on both, the same
// after kill -9 at random moments.
func TestEndToEnd(t *testing.T) {
	stores := map[string]string{"bolt": ""}
	if url := redisServer(t); url != "" {
		stores["redis"] = fmt.Sprintf("redis_url: %s/9", strings.TrimSuffix(url, "/0"))
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, store)
			p := w.start(t)
			p.await(t, 30*time.Second, "first reading of the feed", p.primed)

			var count atomic.Int64
			titles := append(scoops(2, &count), "DeepSeek is said to prepare R2")
			for _, title := range titles {
				w.paper.print(title, "The outlet tells more about it below.")
			}
			p.await(t, 20*time.Second, "posts on both platforms", func() bool { return w.everywhere(titles) })
			w.once(t, titles)
			w.asked(t, p)

			for range 3 {
				more := scoops(2, &count)
				titles = append(titles, more...)
				for _, title := range more {
					w.paper.print(title, "The outlet tells more about it below.")
				}
				time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
				p.kill()
				p = w.start(t)
			}
			// A claim of a killed process runs out after half a minute, its
			// leases after a quarter.
			p.await(t, 90*time.Second, "posts after kill -9", func() bool { return w.everywhere(titles) })
			time.Sleep(2 * time.Second) // time enough for a second copy
			w.once(t, titles)
			w.asked(t, p)
			if faults := w.slack.Faults(); len(faults) > 0 {
				t.Errorf("against the protocol of Socket Mode: %q", faults)
			}
			if code := p.stop(t); code != 0 {
				t.Errorf("SIGTERM: exit %d\n%s", code, p.log)
			}
			for _, secret := range []string{w.discord.Token, slacktest.BotToken, slacktest.AppToken} {
				if strings.Contains(p.log.String(), secret) {
					t.Errorf("the log tells a token")
				}
			}
		})
	}
}

// asked puts /news deepseek on both platforms. The best of a few answers shows
// what the bot needs: the others may have waited for this busy machine.
func (w *world) asked(t *testing.T, p *process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := w.slack.Connected(ctx, 1); err != nil {
		t.Fatal(err)
	}
	ask := map[string]func() (string, error){
		"Discord": func() (string, error) {
			r, err := w.discord.Invoke(ctx, discordtest.Invocation{Channel: discordChannel, Command: "news", Options: map[string]any{"query": "deepseek"}})
			return r.Text(), err
		},
		"Slack": func() (string, error) { m, err := w.slack.Slash(ctx, "deepseek"); return m.Shown(), err },
	}
	for platform, ask := range ask {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			text, err := ask()
			if err != nil || !strings.Contains(text, "R2") {
				t.Fatalf("%s answers %q, %v\n%s", platform, text, err, p.log)
			}
			took = append(took, time.Since(began))
		}
		t.Logf("%s answers /news deepseek in %v", platform, slices.Min(took))
		if best := slices.Min(took); best > 100*time.Millisecond {
			t.Errorf("%s answers in %v at best, want it below 100 ms", platform, best)
		}
	}
}
