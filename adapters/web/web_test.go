package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

// noon is the time of every test that does not say otherwise.
var noon = time.Date(2025, 4, 28, 12, 0, 0, 0, time.UTC)

// A deskOf answers every search with its stories, and remembers the query.
type deskOf struct {
	stories []news.Story
	sources []news.SourceState
	err     error

	mu    sync.Mutex
	asked news.Query
}

func (d *deskOf) Search(_ context.Context, q news.Query) (news.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = q
	ss := d.stories
	if q.Limit > 0 && len(ss) > q.Limit {
		return news.Result{Stories: ss[:q.Limit], Total: len(ss), Next: "page2"}, d.err
	}
	return news.Result{Stories: ss, Total: len(ss)}, d.err
}

func (d *deskOf) Story(_ context.Context, id string) (news.Story, error) {
	i := slices.IndexFunc(d.stories, func(s news.Story) bool { return s.ID == id })
	if i < 0 {
		return news.Story{}, fmt.Errorf("story %q: %w", id, news.ErrNotFound)
	}
	return d.stories[i], d.err
}

func (d *deskOf) NameRelated(ss []news.Story) {
	for i := range ss {
		if ss[i].ID == "k3j2" {
			ss[i].Related = []string{"m4p9"}
		}
	}
}

func (d *deskOf) Related(_ context.Context, s news.Story, n int) ([]news.Story, error) {
	var out []news.Story
	for _, o := range d.stories {
		if o.ID != s.ID && len(out) < n {
			out = append(out, o)
		}
	}
	return out, d.err
}

func (d *deskOf) Sources(context.Context) ([]news.SourceState, error) { return d.sources, d.err }

// outboxOf answers with its deliveries.
type outboxOf struct {
	deliveries []bot.Delivery
	asked      []bot.DeliveryQuery
	err        error
}

func (o *outboxOf) Deliveries(_ context.Context, q bot.DeliveryQuery) ([]bot.Delivery, error) {
	o.asked = append(o.asked, q)
	return o.deliveries, o.err
}

func (o *outboxOf) Suspensions(context.Context) (map[bot.Channel]bot.Suspension, error) {
	return map[bot.Channel]bot.Suspension{"slack:C1": {}}, o.err
}

func (o *outboxOf) Retry(_ context.Context, id string) error {
	for _, d := range o.deliveries {
		if d.ID == id && d.State == bot.Dead {
			return o.err
		}
	}
	return fmt.Errorf("delivery %s: %w", id, news.ErrNotFound)
}

// A scribe answers each invocation once and remembers what it was asked.
type scribe struct {
	answer func(bot.Invocation) bot.Reply // nil: with canned cards

	mu    sync.Mutex
	asked []bot.Invocation
}

func (*scribe) Suggest(_ context.Context, t bot.Typing) []bot.Choice {
	return []bot.Choice{{Label: "About " + t.Text, Value: "deep seek"}}
}

func (s *scribe) Handle(_ context.Context, inv bot.Invocation) (bot.Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.asked, func(o bot.Invocation) bool { return o.ID == inv.ID }) {
		return bot.Reply{}, false
	}
	s.asked = append(s.asked, inv)
	if s.answer != nil {
		return s.answer(inv), true
	}
	if id, ok := strings.CutPrefix(inv.Line, "why "); ok {
		return bot.Reply{Private: true, Card: bot.Card{
			Title: "Why 81: " + stories()[0].Headline, Tone: bot.Critical,
			Text: "Impact is a sum of parts, each with its reason.",
			Sections: []bot.Section{{Title: "Parts", Lines: []bot.Line{
				{Text: "coverage", Note: "+22", Detail: "9 independent sources in 6 h"},
				{Text: "magnitude", Note: "+18", Detail: "97.3 % cheaper is out of the ordinary"},
			}}},
			Footer: id,
		}}, true
	}
	return bot.Reply{Private: true, Card: bot.Card{
		Title: "Stories about " + inv.Line, Tone: bot.Plain, Text: "2 stories match, best first.",
		Sections: []bot.Section{{Lines: []bot.Line{
			{Text: stories()[0].Headline, URL: stories()[0].URL, Note: "81 · rumour · 9 sources · 3 h ago", Detail: stories()[0].Brief.Standfirst},
			{Text: stories()[1].Headline, URL: stories()[1].URL, Note: "64 · confirmed · 4 sources · 5 h ago"},
		}}},
		Buttons: []bot.Button{{Label: "Why 81?", Line: "why k3j2"}, {Label: "Follow deepseek", Line: "follow deepseek"}},
		Footer:  "Newsdesk · 2 of 2",
	}}, true
}

func (s *scribe) last() bot.Invocation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return bot.Invocation{}
	}
	return s.asked[len(s.asked)-1]
}

// stories are two canned ones.
func stories() []news.Story {
	nine := noon.Add(-3 * time.Hour)
	return []news.Story{{
		ID: "k3j2", Headline: "DeepSeek is said to have R2 ready at 1.2 trillion parameters", URL: "https://outlet.example/r2",
		Impact: 81,
		Parts: []impact.Part{
			{Name: "coverage", Points: 32, Why: "9 independent sources in 6 h"},
			{Name: "prominence", Points: 31, Why: "DeepSeek is among the most followed labs"},
			{Name: "magnitude", Points: 26, Why: "1.2 trillion parameters would double the line's largest"},
			{Name: "status", Points: -8, Why: "nobody in a position to know has confirmed it"},
		},
		Status:  brief.Status{Value: brief.Rumour, Why: `"according to a leak that circulates"`, Source: "Chip Courier", Since: nine},
		History: []brief.Status{{Value: brief.Reported, Why: "first seen", Source: "Model Post", Since: nine.Add(-time.Hour)}},
		Topics:  []string{"deepseek", "r2"},
		Brief: brief.Brief{
			Standfirst: "A leak puts DeepSeek's next model at 1.2 trillion parameters and a price 97.3 % below its rival's.",
			Summary:    "A leak puts DeepSeek's next model at 1.2 trillion parameters. The company has not commented.",
			Body:       []string{"A leak that circulates among investors puts DeepSeek's next model, R2, at 1.2 trillion parameters, Chip Courier reports.", "The price would be 97.3 % below its rival's, says Model Post. The company has not commented."},
			Credits:    brief.Credits{Summary: []brief.Credit{{Source: "Chip Courier", End: 61}, {Source: "Model Post", End: 92}}},
		},
		Figures: []brief.Figure{
			{Value: "1.2 trillion", Unit: "parameters", Of: "DeepSeek-R2", ClaimedBy: "Chip Courier", Others: []brief.Claim{{Value: "1.8 trillion", ClaimedBy: "The Weights"}}},
			{Value: "97.3", Unit: "%", Of: "lower price than its rival's"},
		},
		First: nine.Add(-time.Hour), Updated: nine, Sources: []string{"Model Post", "Chip Courier", "The Weights"},
		Articles: []news.Ref{
			{ID: "a1", URL: "https://outlet.example/r2", Title: "DeepSeek R2 may be near", Source: "Model Post", Published: nine.Add(-time.Hour)},
			{ID: "a2", URL: "https://courier.example/leak", Title: "Leak: R2 at 1.2 trillion parameters", Source: "Chip Courier", Published: nine},
			{ID: "a3", URL: "https://outlet.example/r2-again", Title: "What we know about R2", Source: "Model Post", Published: nine, CopyOf: "a1"},
		},
		Course: []news.Mark{{At: nine.Add(-time.Hour), Impact: 40}, {At: nine, Impact: 81}},
		Seq:    7,
	}, {
		ID: "m4p9", Headline: "Chip maker confirms a delay of its next accelerator", URL: "https://chips.example/delay",
		Impact: 64, Parts: []impact.Part{{Name: "coverage", Points: 64, Why: "4 independent sources in 3 h"}},
		Status: brief.Status{Value: brief.Confirmed, Why: "the company's own statement", Source: "Chip Courier", Since: nine},
		Brief:  brief.Brief{Standfirst: "The chip is late.", Summary: "The chip is late. The maker has begun to tell its customers."},
		First:  nine, Updated: nine.Add(time.Hour), Sources: []string{"Chip Courier"},
	}}
}

// cardOf is the card of a story as a channel gets it.
func cardOf(st news.Story) bot.Card {
	return bot.Card{
		Title: st.Headline, URL: st.URL, Text: st.Brief.Summary, Tone: toneOf(st.Impact),
		Badges:  []bot.Badge{{Label: "Impact", Value: fmt.Sprint(st.Impact), Meter: st.Impact}, {Label: "Status", Value: st.Status.Value}},
		Facts:   []bot.Fact{{Label: "Sources", Value: strings.Join(st.Sources, ", ")}},
		Buttons: []bot.Button{{Label: "Why?", Line: "why " + st.ID}, {Label: "Related", Line: "related " + st.ID}, {Label: "Read", URL: st.URL}},
		Footer:  st.ID,
	}
}

// start runs a server on a free port and returns it with its handler.
func start(t *testing.T, o Options) (*Server, *scribe) {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Desk == nil {
		o.Desk = &deskOf{stories: stories()}
	}
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := new(scribe)
	run(t, s, h)
	return s, h
}

// client follows no redirects and keeps no connection, so that shutdown is quick.
var client = &http.Client{
	Timeout:       10 * time.Second,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends one request; head holds "Name: value" lines.
func ask(t *testing.T, method, url, body string, head ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	desk := new(deskOf)
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"no desk", Options{Listen: "127.0.0.1:0"}, []string{"desk"}},
		{"port in use", Options{Listen: taken.Addr().String(), Desk: desk}, []string{taken.Addr().String(), "in use", "web.listen", "WEB_LISTEN=127.0.0.1:8081"}},
		{"no port", Options{Listen: "localhost", Desk: desk}, []string{"host:port", "web.listen"}},
		{"every address, no token", Options{Listen: ":0", Desk: desk}, []string{"web.token", "127.0.0.1:"}},
		{"IPv4 any, no token", Options{Listen: "0.0.0.0:0", Desk: desk}, []string{"web.token"}},
		{"another address, no token", Options{Listen: "192.0.2.7:8080", Desk: desk}, []string{"web.token", "127.0.0.1:8080"}},
		{"not this machine's address", Options{Listen: "192.0.2.7:8080", Desk: desk, Token: "secret"}, []string{"web.listen", "this machine"}},
		{"foreign channel", Options{Listen: "127.0.0.1:0", Desk: desk, Channels: []bot.Channel{"chat:1"}}, []string{`"chat:1"`, "web:NAME"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := New(c.o)
			if err == nil {
				s.Close()
				t.Fatal("New accepted it")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %q", err, w)
				}
			}
		})
	}
}

func TestURL(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", "[::1]:80": "http://[::1]:80",
		"0.0.0.0:8080": "http://localhost:8080", "[::]:8080": "http://localhost:8080", "192.0.2.7:80": "http://192.0.2.7:80",
	} {
		s := &Server{addr: netip.MustParseAddrPort(listen)}
		if got := s.URL(); got != want {
			t.Errorf("%s is opened at %s, want %s", listen, got, want)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	s, err := New(Options{Listen: "127.0.0.1:0", Desk: new(deskOf)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, new(scribe)) }()
	if resp, _ := ask(t, "GET", s.URL()+"/healthz", ""); resp.StatusCode != 200 {
		t.Fatalf("healthz: %s", resp.Status)
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("Run: %v", err)
		}
	case <-time.After(drainTimeout + time.Second):
		t.Fatal("Run did not end")
	}
	if _, err := net.DialTimeout("tcp", s.addr.String(), time.Second); err == nil {
		t.Error("the port is still open")
	}
}

var errBroken = errors.New("store at redis.example:6379 does not answer")
