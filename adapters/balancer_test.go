package adapters_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
)

// balance stands before the replicas as a load balancer does: under a name of
// its own, and each request goes to the next one.
func balance(t *testing.T, replicas ...*process) *httptest.Server {
	var turn atomic.Int64
	b := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		to, err := url.Parse(replicas[int(turn.Add(1))%len(replicas)].url)
		if err != nil {
			panic(err)
		}
		r.SetURL(to)
		r.Out.Host = "bot.example"
	}})
	t.Cleanup(b.Close)
	return b
}

// TestDiscordBehindALoadBalancer runs the built binary, two of it where there
// is a Redis, with Discord's interactions over HTTP: stories are posted, every
// replica answers, no gateway is opened, and what went to one is refused as a
// replay by the other.
func TestDiscordBehindALoadBalancer(t *testing.T) {
	t.Parallel()
	store, count := "", 1
	if url := redisServer(t); url != "" {
		store, count = fmt.Sprintf("redis_url: %s/8", strings.TrimSuffix(url, "/0")), 2
	}
	w := newWorld(t, store)
	w.config = strings.Replace(w.config, "discord: {", fmt.Sprintf("discord: {transport: http, public_key: %q, ", w.discord.PublicKey()), 1)
	var replicas []*process
	for range count {
		listen := freePort(t)
		replicas = append(replicas, start(t, strings.Replace(w.config, w.listen, listen, 1), listen, w.env...))
	}
	front := balance(t, replicas...)
	endpoint := front.URL + discord.InteractionsPath

	file := write(t, "newsdesk.yaml", w.config)
	_, out, _ := run(t, t.TempDir(), w.env, "--config", file, "check")
	if !strings.Contains(out, "has no Interactions Endpoint URL") {
		t.Errorf("check says nothing of the endpoint that is not set:\n%s", out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := w.discord.SetEndpoint(ctx, endpoint); err != nil {
		t.Fatalf("%v\n%s", err, replicas[0].log)
	}
	if _, out, _ = run(t, t.TempDir(), w.env, "--config", file, "check"); strings.Contains(out, "discord: ") {
		t.Errorf("check is not content:\n%s", out)
	}

	replicas[0].await(t, 30*time.Second, "first reading of the feed", replicas[0].primed)
	title := "DeepSeek is said to prepare R2"
	w.paper.print(title, "The outlet tells more about it below.")
	replicas[0].await(t, 20*time.Second, "posts on both platforms", func() bool { return w.everywhere([]string{title}) })
	for range 2 * count {
		r, err := w.discord.Invoke(ctx, discordtest.Invocation{Channel: discordChannel, Command: "news", Options: map[string]any{"query": "deepseek"}})
		if err != nil || !strings.Contains(r.Text(), "R2") {
			t.Fatalf("the answer is %q, %v\n%s", r.Text(), err, replicas[0].log)
		}
		for range count {
			if status, err := w.discord.Replay(ctx, endpoint); status != http.StatusUnauthorized || err != nil {
				t.Errorf("a replayed question is answered with %d, %v", status, err)
			}
		}
	}
	if n := w.discord.Sessions(); n > 0 {
		t.Errorf("%d gateways were opened", n)
	}
	if resp, err := http.Get(front.URL + "/api/stories"); err != nil || resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("the operator's pages are served under the balancer's name: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	for _, p := range replicas {
		if code := p.stop(t); code != 0 {
			t.Errorf("SIGTERM: exit %d\n%s", code, p.log)
		}
	}
}
