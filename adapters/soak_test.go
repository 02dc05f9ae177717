package adapters_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
)

// TestSoak runs the built binary while feeds move, and kills it with -9 at
// random moments, restarts its Redis, cuts and delays its connections, and
// loses the platforms' answers. Then it lets everything heal, and compares
// message for message what stands in the channels with what was printed and
// with what the outbox says.
//
//	NEWSDESK_SOAK=10m go test ./adapters -run TestSoak -v -timeout 30m
//
// Without the variable it is short. NEWSDESK_SOAK_SEED repeats the faults of a
// run, as far as the machine's timing does.
func TestSoak(t *testing.T) {
	length := 15 * time.Second
	if v := os.Getenv("NEWSDESK_SOAK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("NEWSDESK_SOAK is %q: want a duration such as 10m", v)
		}
	}
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("NEWSDESK_SOAK_SEED"); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("NEWSDESK_SOAK_SEED is %q: want a number", v)
		}
	}
	t.Logf("NEWSDESK_SOAK_SEED=%d", seed)
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		newSoak(t, seed, "", 1).run(t, length)
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		r := newFlakyRedis(t)
		s := newSoak(t, seed+1, "redis_url: redis://"+r.proxy.Listen+"/0", 2)
		s.redis = r
		s.run(t, length)
	})
}

// A soak is a feed, a Discord, a Slack, and the processes between them.
type soak struct {
	papers  [2]*newspaper
	discord *discordtest.Server
	slack   *slacktest.Server
	redis   *flakyRedis // nil with the embedded store
	configs []string    // one file for each replica
	listens []string
	env     []string
	seed    uint64
	count   atomic.Int64

	mu     sync.Mutex
	titles []string
	faults map[string]int // what was done, by name
}

// soakChannels are those of both platforms that follow everything.
var soakDiscord, soakSlack = []string{discordChannel, "234567890123456790"}, []string{slacktest.Channel, slacktest.Private}

func newSoak(t *testing.T, seed uint64, store string, replicas int) *soak {
	s := &soak{
		papers: [2]*newspaper{newNewspaper(t), newNewspaper(t)}, discord: discordtest.New(t), slack: slacktest.New(t), seed: seed, faults: map[string]int{},
	}
	for _, c := range soakDiscord {
		s.discord.AddChannel(c, discordtest.Channel{})
	}
	channels := ""
	for _, c := range soakDiscord {
		channels += fmt.Sprintf("  - {channel: \"discord:%s\", min_impact: 0}\n", c)
	}
	for _, c := range soakSlack {
		channels += fmt.Sprintf("  - {channel: \"slack:%s\", min_impact: 0}\n", c)
	}
	dir := t.TempDir()
	for i := range replicas {
		listen := freePort(t)
		config := fmt.Sprintf(`
data_dir: %s
%s
sources:
  catalogue: false
  add:
    - {name: Outlet, kind: press, feed: "%s/feed", authority: 0.8}
    - {name: Second, kind: press, feed: "%s/feed", authority: 0.7}
poll: {interval: 500ms, min_interval: 200ms, allow_private: true}
discord: {application_id: "%s", api_url: "%s"}
slack: {api_url: "%s"}
web: {listen: "%s"}
channels:
%s`, dir, store, s.papers[0].URL, s.papers[1].URL, s.discord.ApplicationID, s.discord.URL(), s.slack.URL(), listen, channels)
		file := filepath.Join(dir, fmt.Sprintf("newsdesk-%d.yaml", i))
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		s.configs, s.listens = append(s.configs, file), append(s.listens, listen)
	}
	s.env = append(os.Environ(), "REDIS_URL=", "DISCORD_TOKEN="+s.discord.Token, "SLACK_BOT_TOKEN="+slacktest.BotToken, "SLACK_APP_TOKEN="+slacktest.AppToken)
	return s
}

func (s *soak) did(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[what]++
}

// run soaks for length, heals, and audits.
func (s *soak) run(t *testing.T, length time.Duration) {
	// What a feed holds when it is first read is never posted.
	p := s.start(t, 0)
	p.await(t, 30*time.Second, "first reading of the feeds", p.primed)
	p.kill()

	end := time.Now().Add(length)
	var wg sync.WaitGroup
	each := func(n uint64, f func(r *rand.Rand)) {
		r := rand.New(rand.NewPCG(s.seed, n))
		wg.Go(func() {
			for time.Now().Before(end) {
				f(r)
			}
		})
	}
	each(1, s.print)
	each(2, s.spoilDiscord)
	each(3, s.spoilSlack)
	if s.redis != nil {
		each(4, func(r *rand.Rand) { s.redis.spoil(t, r, s.did) })
	}
	for i := range s.configs {
		each(uint64(10+i), func(r *rand.Rand) { s.live(t, r, i) })
	}
	wg.Wait()

	s.heal(t)
	var ps []*process
	for i := range s.configs {
		ps = append(ps, s.start(t, i))
	}
	p = ps[0]
	for deadline := time.Now().Add(2*time.Minute + length); !s.atRest(p); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("nothing comes to rest after the soak; %s", s.unrest(p))
			break
		}
	}
	wrong := s.audit(t, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("%v: %d stories in %d channels; %v; wrong: %d", length, len(s.titles), len(soakDiscord)+len(soakSlack), s.faults, len(wrong))
	for _, w := range wrong {
		t.Error(w)
	}
	for _, p := range ps {
		if code := p.stop(t); code != 0 {
			t.Errorf("SIGTERM: exit %d\n%s", code, p.log)
		}
	}
}

// start runs one replica and waits until it is ready. One that ends, as where
// its Redis still reads its data, is started again, as a supervisor does.
func (s *soak) start(t *testing.T, i int) *process {
	p := s.launch(t, i)
	before := "nothing ended before"
	for deadline := time.Now().Add(60 * time.Second); !p.ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no readiness within a minute\n%s\n%s", before, p.log)
		}
		select {
		case err := <-p.done:
			p.done <- err
			before = fmt.Sprintf("ended before: %v\n%s", err, p.log)
			p = s.launch(t, i)
		default:
		}
	}
	return p
}

// launch runs one replica.
func (s *soak) launch(t *testing.T, i int) *process {
	p := &process{cmd: exec.Command(newsdesk(t), "--config", s.configs[i]), log: &lockedBuffer{}, url: "http://" + s.listens[i], done: make(chan error, 1)}
	p.cmd.Env, p.cmd.Dir = s.env, filepath.Dir(s.configs[i])
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(p.kill)
	return p
}

// live is one life of a replica: long enough to do something, or ended while it starts.
func (s *soak) live(t *testing.T, r *rand.Rand, i int) {
	p := s.launch(t, i)
	life := time.Duration(50+r.IntN(1000)) * time.Millisecond
	if r.IntN(2) == 0 {
		life = time.Duration(1000+r.IntN(3000)) * time.Millisecond
	}
	select {
	case err := <-p.done: // as where Redis was away
		p.done <- err
		s.did("starts that failed")
		time.Sleep(200 * time.Millisecond)
	case <-time.After(life):
		p.kill()
		s.did("kill -9")
	}
	for _, secret := range []string{s.discord.Token, slacktest.BotToken, slacktest.AppToken} {
		if strings.Contains(p.log.String(), secret) {
			t.Error("a log tells a token")
		}
	}
	if log := p.log.String(); strings.Contains(log, "panic:") || strings.Contains(log, "DATA RACE") {
		t.Errorf("a process broke:\n%s", log)
	}
}

// print publishes a scoop, and now and then what another outlet told before.
func (s *soak) print(r *rand.Rand) {
	title := scoops(1, &s.count)[0]
	s.papers[0].print(title, "The outlet tells more about it below.")
	s.mu.Lock()
	s.titles = append(s.titles, title)
	told := s.titles[r.IntN(len(s.titles))]
	s.mu.Unlock()
	if r.IntN(3) == 0 {
		s.papers[1].print(told, "The second outlet tells it too.")
	}
	time.Sleep(time.Duration(1000+r.IntN(3000)) * time.Millisecond)
}

// spoilDiscord spoils messages that come within a second, now and then: faults
// that wait for the next message would meet each try of one that failed, until
// what waits behind it becomes a pile and the pile one message.
func (s *soak) spoilDiscord(r *rand.Rand) {
	time.Sleep(time.Duration(1000+r.IntN(3000)) * time.Millisecond)
	switch r.IntN(6) {
	case 0:
		s.discord.LoseAnswer(1)
	case 1:
		s.discord.Drop(1)
	case 2:
		s.discord.Answer(1, 502, "<html>Bad Gateway</html>")
	case 3:
		s.discord.Answer(1, 500, `{"message": "500: Internal Server Error", "code": 0}`)
	case 4:
		s.discord.Throttle(1, 700*time.Millisecond, "user")
	case 5:
		s.discord.LandLate(2 * time.Second)
	}
	time.Sleep(time.Second)
	s.discord.Heal()
	s.did("faults of Discord")
}

func (s *soak) spoilSlack(r *rand.Rand) {
	time.Sleep(time.Duration(1000+r.IntN(3000)) * time.Millisecond)
	switch r.IntN(5) {
	case 0:
		s.slack.LoseAnswer(1)
	case 1:
		s.slack.Drop(1)
	case 2:
		s.slack.Fail(1, 500)
	case 3:
		s.slack.Throttle(1, 700*time.Millisecond)
	case 4:
		s.slack.LandLate(2 * time.Second)
	}
	time.Sleep(time.Second)
	s.slack.Heal()
	s.did("faults of Slack")
}

// heal takes back every fault that was ordered and did not happen yet.
func (s *soak) heal(t *testing.T) {
	s.discord.Heal()
	s.slack.Heal()
	if s.redis != nil {
		s.redis.heal(t)
	}
}
