// Newsdesk delivers AI-industry news to Discord and Slack. This file is the
// command line and the wiring; packages news and bot do the work.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"
	_ "time/tzdata" // zones of subscriptions, wherever the binary runs

	"github.com/alecthomas/kong"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/discord"
	"newsdesk/adapters/llm"
	"newsdesk/adapters/redisstore"
	"newsdesk/adapters/setup"
	"newsdesk/adapters/slack"
	"newsdesk/adapters/web"
	"newsdesk/bot"
	"newsdesk/config"
	"newsdesk/news"
	"newsdesk/news/demo"
	"newsdesk/news/feed"
	"newsdesk/news/replay"
)

// version is set by the linker in releases.
var version = ""

// Exit codes; CONTRACT: command line.
const (
	exitFailed = 1
	exitUsage  = 2
)

type cli struct {
	Config    string `type:"path" placeholder:"FILE" help:"Configuration file (newsdesk.yaml where it exists)."`
	LogFormat string `enum:"text,json" default:"text" help:"Form of the logs on stderr: text or json."`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"Least level that is logged: debug, info, warn or error."`

	Run      runCmd      `cmd:"" default:"withargs" help:"Run the bot (the default)."`
	Demo     demoCmd     `cmd:"" help:"Run a whole bot on a bundled sample day: no account, no Redis, no network."`
	Replay   replayCmd   `cmd:"" help:"Put archived feeds or articles through the desk and print the stories."`
	Setup    setupCmd    `cmd:"" help:"Ask for accounts and a channel, try them, write the configuration and say hello."`
	Check    checkCmd    `cmd:"" help:"Check configuration, tokens, permissions and feeds; name every problem."`
	Sources  sourcesCmd  `cmd:"" help:"List the catalogue of sources; import and export OPML."`
	Manifest manifestCmd `cmd:"" help:"Print what to paste into a platform's developer page."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// An app is what every command is given.
type app struct {
	ctx            context.Context
	path           string // of the configuration, "" for none
	cfg            config.Config
	log            *slog.Logger
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs one command line and returns its exit code.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser := kong.Must(&c, kong.Name("newsdesk"),
		kong.Description("AI-industry news for Discord and Slack: few stories, each once, with its reasons.\n\nExample:\n  newsdesk demo"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }))
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "newsdesk: %v\nTry: newsdesk --help\n", err)
		return exitUsage
	}
	a := &app{ctx: ctx, log: logger(stderr, c.LogFormat, c.LogLevel), stdin: stdin, stdout: stdout, stderr: stderr}
	if k.Command() != "version" {
		if c.Config == "" {
			if _, err := os.Stat("newsdesk.yaml"); err == nil {
				c.Config = "newsdesk.yaml"
			}
		}
		a.path = c.Config
		if k.Command() == "setup" {
			c.Config = "" // it may be wrong or missing: setup writes it
		}
		if a.cfg, err = config.Load(c.Config, os.LookupEnv); err != nil {
			fmt.Fprintf(stderr, "newsdesk: %v\n", err)
			return exitFailed
		}
	}
	if err := k.Run(a); err != nil {
		fmt.Fprintf(stderr, "newsdesk: %v\n", err)
		return exitFailed
	}
	return 0
}

func logger(w io.Writer, format, level string) *slog.Logger {
	var l slog.Level
	l.UnmarshalText([]byte(level)) // kong allows known levels only
	o := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

type runCmd struct{}

func (runCmd) Help() string { return "Example:\n  newsdesk --config newsdesk.yaml" }

func (runCmd) Run(a *app) error {
	if err := a.cfg.Ready(); err != nil {
		return err
	}
	store, err := a.open(nil)
	if err != nil {
		return err
	}
	defer store.Close()
	limiter := bot.NewLimiter(time.Now)
	if shared, ok := store.(*redisstore.Store); ok {
		limiter = shared.Limiter()
	}
	platforms, err := a.platforms(limiter, store, store)
	if err != nil {
		return err
	}
	p := a.cfg.Poll
	for _, doubt := range a.cfg.Doubts() {
		a.log.Warn("something in the configuration may be a mistake", "what", doubt)
	}
	h := house{
		store: store, sources: a.cfg.Sources(), subscriptions: a.subscriptions(), platforms: platforms,
		fetch: feed.Options{AllowPrivate: p.AllowPrivate, UserAgent: userAgent()},
		poll:  news.Poll{Interval: p.Interval, MinInterval: p.MinInterval, MaxInterval: p.MaxInterval, Concurrency: p.Concurrency},
		now:   time.Now,
	}
	if w := a.writer(); w != nil {
		h.writer = w
	}
	return a.serve(h)
}

// writer is the language model of the configuration, nil without one.
func (a *app) writer() *llm.Writer {
	if a.cfg.LLM.BaseURL == "" {
		return nil
	}
	return llm.New(llm.Options{BaseURL: a.cfg.LLM.BaseURL, Model: a.cfg.LLM.Model, APIKey: a.cfg.LLM.APIKey.Reveal()})
}

// subscriptions are those of the configuration. Where it names no channel the
// preview is the only one: an empty page would tell a newcomer nothing.
func (a *app) subscriptions() []bot.Subscription {
	if all := a.cfg.Subscriptions(); len(all) > 0 {
		return all
	}
	return []bot.Subscription{{ID: "preview", Channel: previewChannel, Mode: bot.Instant, MinImpact: config.DefaultMinImpact}}
}

// A store is an engine of both Stores.
type store interface {
	news.Store
	bot.Store
	Close() error
}

// open opens the engine that the configuration names. now is nil for the
// engine's own clock.
func (a *app) open(now func() time.Time) (store, error) {
	if url := a.cfg.RedisURL.Reveal(); url != "" {
		return redisstore.Open(a.ctx, url, redisstore.Options{Now: now, Logger: a.log})
	}
	err := os.MkdirAll(a.cfg.DataDir, 0o700)
	if err == nil {
		var s *boltstore.Store
		if s, err = boltstore.Open(filepath.Join(a.cfg.DataDir, "newsdesk.db"), boltstore.Options{Now: now}); err == nil {
			return s, nil
		}
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS) {
		return nil, fmt.Errorf("data_dir %s: %w: set data_dir to a folder that this user may make and write", a.cfg.DataDir, err)
	}
	return nil, err
}

// platforms makes those chat platforms that have a token; the error has what
// is wrong with the others. store is nil where there is none: then nobody can
// install the app on Slack. memory is nil for a bot that does not run.
func (a *app) platforms(limiter bot.Limiter, memory discord.Memory, store bot.Store) (ps []bot.Platform, err error) {
	if d := a.cfg.Discord; d.Token != "" {
		o := discord.Options{
			Token: d.Token.Reveal(), ApplicationID: d.ApplicationID, APIURL: d.APIURL, GatewayURL: d.GatewayURL,
			Commands: bot.Table(), Guilds: d.Guilds, Limiter: limiter, Memory: memory, Logger: a.log,
		}
		if d.Transport == "http" {
			o.PublicKey = d.PublicKey
		}
		p, failed := discord.New(o)
		if failed != nil {
			err = errors.Join(err, failed)
		} else {
			ps = append(ps, p)
		}
	}
	if s := a.cfg.Slack; s.BotToken != "" || s.ClientID != "" && store != nil {
		p, failed := slack.New(slack.Options{
			BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), APIURL: s.APIURL, Commands: bot.Table(), Limiter: limiter, Logger: a.log,
			Transport: s.Transport, SigningSecret: s.SigningSecret.Reveal(), Managers: s.Managers, OAuth: a.installs(store),
		})
		if failed != nil {
			err = errors.Join(err, failed)
		} else {
			ps = append(ps, p)
		}
	}
	return ps, err
}

// installs is what lets people install the app on Slack, nil where they may not.
func (a *app) installs(store bot.Store) *slack.OAuth {
	s := a.cfg.Slack
	if s.ClientID == "" || store == nil {
		return nil
	}
	o := &slack.OAuth{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret.Reveal(), PublicURL: a.cfg.Web.PublicURL, Store: store,
		Installed: func(ctx context.Context, space string) error { return bot.ResumeSpace(ctx, store, space) },
	}
	for _, k := range append([]config.Secret{s.EncryptionKey}, s.OldEncryptionKeys...) {
		key, _ := config.EncryptionKey(k) // the configuration was checked
		o.Keys = append(o.Keys, key)
	}
	return o
}

// A house is all that differs between the bot and its demo.
type house struct {
	store         store
	sources       []news.Source
	subscriptions []bot.Subscription
	platforms     []bot.Platform
	fetch         feed.Options
	poll          news.Poll
	now           func() time.Time
	writer        news.Writer // nil for none
	name          string      // shown on the preview
	ready         func(url string)
}

// A served platform answers HTTP requests at these paths; none where it does not.
type served interface {
	Endpoints() map[string]http.Handler
}

// serve runs the bot until the context ends.
func (a *app) serve(h house) error {
	owner := a.replica()
	topics, err := a.cfg.Gazetteer()
	if err != nil {
		return err
	}
	desk := news.NewDesk(news.Options{
		Store: h.store, Sources: h.sources, Gazetteer: topics, Fetcher: feed.New(h.fetch), Poll: h.poll, Owner: owner, Now: h.now, Logger: a.log, Writer: h.writer,
	})
	var endpoints []web.Endpoint
	for _, p := range h.platforms {
		if p, ok := p.(served); ok {
			for path, handler := range p.Endpoints() {
				endpoints = append(endpoints, web.Endpoint{Path: path, Handler: handler})
			}
		}
	}
	page, err := web.New(web.Options{
		Listen: a.cfg.Web.Listen, Token: a.cfg.Web.Token.Reveal(), Desk: desk, Outbox: h.store, Ready: desk.Ready,
		Channels: []bot.Channel{previewChannel}, Commands: bot.Table(), Endpoints: endpoints, Logger: a.log, Now: h.now, Version: buildVersion(), Name: h.name, Gazetteer: topics,
	})
	if err != nil {
		return err
	}
	platforms := append(h.platforms, page)
	book := bot.NewBook(h.store, h.subscriptions)
	deliverer := bot.NewDeliverer(bot.DeliverOptions{
		Store: h.store, News: desk, Platforms: platforms, Book: book, Past: desk.Past, Owner: owner, Now: h.now, Logger: a.log,
	})
	handler := bot.New(bot.Options{
		Desk: desk, Store: h.store, Table: bot.Table(), Halted: deliverer.Halted, Now: h.now, Logger: a.log, Version: buildVersion(),
		Book: book, Check: deliverer.Check, Manages: deliverer.Manages,
	})
	dispatcher := &bot.Dispatcher{
		Store: h.store, News: desk, Book: book, Past: desk.Past, Owner: owner, Now: h.now, Logger: a.log, Wake: deliverer.Wake,
	}
	if err := desk.Follow(a.ctx); err != nil {
		return err
	}
	if err := restore(a.ctx, page, h.store, deliverer); err != nil {
		return err
	}
	a.log.Info("newsdesk runs", "version", buildVersion(), "sources", len(h.sources), "preview", page.URL())
	if h.ready != nil {
		h.ready(page.URL())
	}

	ctx, stop := context.WithCancel(a.ctx)
	defer stop()
	var wg sync.WaitGroup
	failed := make(chan error, 1)
	must := func(run func(context.Context) error) {
		wg.Go(func() {
			err := run(ctx)
			if err != nil && a.ctx.Err() != nil {
				// Who asks for the end gets it: what could not be given back runs out.
				a.log.Warn("something could not be tidied up at the end", "err", err)
				return
			}
			if err != nil {
				select {
				case failed <- err:
				default:
				}
				stop()
			}
		})
	}
	must(desk.Run)
	must(dispatcher.Run)
	must(deliverer.Run)
	must(func(ctx context.Context) error { return page.Run(ctx, handler) })
	for _, p := range h.platforms {
		wg.Go(func() {
			if err := p.Run(ctx, handler); err != nil {
				a.log.Error("platform stopped; the others go on", "platform", p.Name(), "err", err)
				deliverer.Stopped(p.Name(), err)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		a.log.Info("newsdesk ended")
		return nil
	}
}

// previewChannel is the channel of the web page.
const previewChannel bot.Channel = "web:preview"

// restored is how many messages the preview shows of earlier runs.
const restored = 50

// restore shows on the preview what earlier runs posted there.
func restore(ctx context.Context, page *web.Server, store bot.Store, deliverer *bot.Deliverer) error {
	sent, err := store.Deliveries(ctx, bot.DeliveryQuery{Channel: previewChannel, State: bot.Sent, Limit: restored})
	if err != nil {
		return err
	}
	var ms []web.Restored
	for _, d := range slices.Backward(sent) {
		if d.Kind == bot.KindEdit {
			continue // its message is shown as it stands now
		}
		card, err := deliverer.Card(ctx, d)
		if errors.Is(err, news.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		m := web.Restored{Channel: d.Channel, ID: d.Message, Card: card, At: d.Settled}
		if d.Kind == bot.KindFollowUp {
			m.Thread = bot.MessageID(bot.DeliveryID(d.Channel, bot.KindStory, d.Story)) // the preview's messages have the IDs of their deliveries
		}
		ms = append(ms, m)
	}
	page.Restore(ms)
	return nil
}

// replica names this process in leases. The embedded store has one process at
// a time, so that a restarted one goes on at once; on Redis there may be many,
// and each waits until the lease of one that died runs out.
func (a *app) replica() string {
	if a.cfg.RedisURL == "" {
		return "newsdesk"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "newsdesk"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

type replayCmd struct {
	Paths     []string `arg:"" name:"file" help:"RSS, RDF, Atom or JSON Feed files, article JSON lines, .gz and .zst of them, directories, or - for stdin."`
	MinImpact *int     `help:"Only stories of at least this impact; with --as-posted 50, as for a channel." placeholder:"N"`
	Topic     string   `help:"Only stories about this topic, by any of its names."`
	Since     moment   `help:"Only stories that were updated since: 2025-04-28 or 2025-04-28T09:00:00Z." placeholder:"TIME"`
	Until     moment   `help:"Only stories that began before." placeholder:"TIME"`
	Format    string   `enum:"jsonl,table" default:"jsonl" help:"jsonl or table."`
	Order     string   `help:"With --as-posted: the channel's settings, as /news subscribe takes them: 'deepseek min:60 status:confirmed cap:5'." placeholder:"WORDS"`
	AsPosted  bool     `help:"Print what a channel with these settings would have been sent, in posting order: stories, and a line with follow_up where the status of one changed."`
}

func (replayCmd) Help() string {
	return "Example:\n  newsdesk replay --min-impact 60 --as-posted --format table archive/"
}

// Validate is called by kong; what it finds is wrong usage.
func (c replayCmd) Validate() error {
	if c.MinImpact != nil && (*c.MinImpact < 0 || *c.MinImpact > 100) {
		return fmt.Errorf("--min-impact is %d: want 0 to 100", *c.MinImpact)
	}
	switch {
	case c.Order == "":
	case !c.AsPosted:
		return errors.New("--order says what a channel is sent: use it with --as-posted")
	case c.MinImpact != nil || c.Topic != "":
		return errors.New("--order has the impact and the topics, too: leave out --min-impact and --topic")
	}
	if _, err := c.order(); err != nil {
		return fmt.Errorf("--order: %w", err)
	}
	return nil
}

// order is what a channel with these settings has ordered.
func (c replayCmd) order() (bot.Subscription, error) {
	if c.Order != "" {
		s, err := bot.ParseOrder("", c.Order)
		if err == nil && s.Mode == bot.Digest {
			err = errors.New("a digest is no posting: leave mode out")
		}
		return s, err
	}
	s := bot.Subscription{Mode: bot.Instant, MinImpact: config.DefaultMinImpact}
	if c.MinImpact != nil {
		s.MinImpact = *c.MinImpact
	}
	return s, nil
}

// A moment is a time on the command line: RFC 3339, or a date, which is its
// midnight in UTC.
type moment struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) (err error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if m.Time, err = time.Parse(layout, string(text)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is no time: want 2025-04-28 or 2025-04-28T09:00:00Z", text)
}

func (c replayCmd) Run(a *app) error {
	topics, err := a.cfg.Gazetteer()
	if err != nil {
		return err
	}
	o := replay.Options{
		Sources: a.cfg.Sources(), Gazetteer: topics, Topic: config.TopicID(topics, c.Topic), Since: c.Since.Time, Until: c.Until.Time, Table: c.Format == "table",
		Warn: func(err error) { fmt.Fprintf(a.stderr, "newsdesk: %v\n", err) },
	}
	if _, known := topics.Lookup(o.Topic); c.Topic != "" && !known {
		fmt.Fprintf(a.stderr, "newsdesk: --topic: %v\n", config.UnknownTopic(topics, c.Topic))
	}
	if c.MinImpact != nil {
		o.MinImpact = *c.MinImpact
	}
	if c.AsPosted {
		sub, err := c.order()
		if err != nil {
			return err
		}
		if o.Topic != "" {
			sub.Topics = []string{o.Topic}
		}
		o.Owed = bot.Owing(sub)
	}
	return replay.Run(a.ctx, c.Paths, a.stdin, a.stdout, o)
}

type versionCmd struct{}

func (versionCmd) Help() string { return "Example:\n  newsdesk version" }

func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.stdout, "newsdesk", buildVersion())
	return err
}

// buildVersion is the release's version, or the commit a binary was built from.
func buildVersion() string {
	if version != "" {
		return version
	}
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "devel"
}

func userAgent() string { return "Newsdesk/" + buildVersion() + " (feed reader)" }

type demoCmd struct {
	Speed float64 `default:"360" help:"How many times faster than real time the sample day passes (360: in four minutes)." placeholder:"N"`
	Once  bool    `help:"Play the day at full speed, print its stories as replay does, and exit."`
}

func (demoCmd) Help() string {
	return "Example:\n  newsdesk demo --speed 600\n\nThe sample outlets and their articles are invented."
}

// Validate is called by kong; what it finds is wrong usage.
func (c demoCmd) Validate() error {
	if !(c.Speed > 0) || math.IsInf(c.Speed, 0) {
		return fmt.Errorf("--speed is %g: want a number above 0", c.Speed)
	}
	return nil
}

func (c demoCmd) Run(a *app) error {
	parent := a.cfg.DataDir
	if _, err := os.Stat(parent); err != nil {
		parent = "" // the system's folder for what is thrown away
	}
	dir, err := os.MkdirTemp(parent, "newsdesk-demo-")
	if err != nil {
		return fmt.Errorf("the demo needs a folder of its own: %w", err)
	}
	defer os.RemoveAll(dir)

	clock := demo.NewClock(c.Speed)
	if c.Once {
		clock.Stop(demo.Start())
	}
	store, err := boltstore.Open(filepath.Join(dir, "newsdesk.db"), boltstore.Options{Now: clock.Now, NoSync: true})
	if err != nil {
		return err
	}
	defer store.Close()
	feeds, stop, err := demo.Serve(clock.Now)
	if err != nil {
		return err
	}
	defer stop()

	h := house{
		store: store, sources: demo.Sources(feeds), now: clock.Now, name: "demo",
		subscriptions: []bot.Subscription{{ID: "demo", Channel: previewChannel, Mode: bot.Instant, MinImpact: demo.MinImpact}},
		fetch:         feed.Options{AllowPrivate: true, UserAgent: userAgent()},
		poll:          news.Poll{Interval: 3 * time.Minute, MinInterval: time.Minute},
		ready: func(url string) {
			fmt.Fprintf(a.stdout, "Newsdesk plays a sample day in %s. Watch it at %s and type /news deepseek there. Ctrl-C ends it.\n",
				(time.Duration(float64(demo.End().Sub(demo.Start())) / c.Speed)).Round(time.Second), url)
		},
	}
	if !c.Once {
		ready := h.ready
		h.ready = func(url string) {
			ready(url)
			ends := time.AfterFunc(clock.Left(), func() {
				a.log.Info("the sample day has ended: nothing more is published, and the page stays up until Ctrl-C", "preview", url)
			})
			context.AfterFunc(a.ctx, func() { ends.Stop() })
		}
		return a.serve(h)
	}
	desk := news.NewDesk(news.Options{
		Store: store, Sources: h.sources, Fetcher: feed.New(h.fetch), Now: clock.Now, Logger: a.log,
		// One feed after the other, so that every run prints the same.
		Poll: news.Poll{Interval: time.Second, MinInterval: time.Second, Concurrency: 1},
	})
	for _, t := range append(append([]time.Time{demo.Start()}, demo.Times()...), demo.End()) {
		clock.Stop(t)
		if err := desk.Poll(a.ctx); err != nil {
			return err
		}
	}
	stories, err := replay.All(a.ctx, desk)
	if err != nil {
		return err
	}
	return replay.Print(a.stdout, stories, replay.Options{})
}

type checkCmd struct{}

func (checkCmd) Help() string { return "Example:\n  newsdesk check --config newsdesk.yaml" }

func (checkCmd) Run(a *app) error {
	if err := a.cfg.Ready(); err != nil {
		return err
	}
	return a.check()
}

// check tries everything that the configuration names.
func (a *app) check() error {
	store, failed := a.open(nil)
	var installed bot.Store // who reads the installations
	if failed == nil {
		installed = store
		defer store.Close()
	}
	c := setup.Checkup{
		Store: func() error { return failed }, InUse: boltstore.ErrInUse, Concurrency: a.cfg.Poll.Concurrency,
	}
	for _, doubt := range a.cfg.Doubts() {
		c.Doubts = append(c.Doubts, doubt.Error())
	}
	c.Platforms, c.Refused = a.platforms(bot.NewLimiter(time.Now), nil, installed)
	for _, s := range a.cfg.Subscriptions() {
		c.Channels = append(c.Channels, s.Channel)
	}
	if w := a.writer(); w != nil {
		c.Writer = w.Check
	}
	fetcher := feed.New(feed.Options{AllowPrivate: a.cfg.Poll.AllowPrivate, UserAgent: userAgent()})
	c.Fetch = func(ctx context.Context, url string) (string, error) {
		r, err := fetcher.Fetch(ctx, feed.Request{URL: url})
		return r.Warning, err
	}
	for _, s := range a.cfg.Sources() {
		for _, u := range s.Feeds {
			c.Feeds = append(c.Feeds, setup.Feed{Source: s.ID, URL: u})
		}
	}
	if errors.Is(failed, boltstore.ErrInUse) && a.cfg.Slack.ClientID != "" {
		fmt.Fprintln(a.stdout, "slack: the workspaces that installed the app stand in that store, and are not checked while the other runs")
	}
	return c.Run(a.ctx, a.stdout)
}

// tryStore opens the store and closes it again.
func (a *app) tryStore() error {
	store, err := a.open(nil)
	if err != nil {
		return err
	}
	return store.Close()
}

type setupCmd struct{}

func (setupCmd) Help() string {
	return "Example:\n  newsdesk setup --config newsdesk.yaml\n\n" +
		"It asks for the accounts, a channel on each, where state is kept and where the web page listens, tries each answer at once, " +
		"and writes the file when all are given. A file that exists is replaced only when you say so, and a copy of it is kept. " +
		"Secrets that the environment holds stay there. Then it checks everything as newsdesk check does, registers the commands and says hello in the channels, once."
}

func (setupCmd) Run(a *app) error {
	path := a.path
	if path == "" {
		path = "newsdesk.yaml"
	}
	given, err := config.Load("", os.LookupEnv)
	if err != nil {
		return err
	}
	o := setup.Options{
		In: a.stdin, Out: a.stdout, Path: path, Secret: rand.Text, Now: time.Now,
		DiscordToken: given.Discord.Token.Reveal(), SlackBotToken: given.Slack.BotToken.Reveal(), SlackAppToken: given.Slack.AppToken.Reveal(),
		RedisURL: given.RedisURL.Reveal(),
		Invite:   discord.Invite,
	}
	// What stood in the file before may be wrong; its addresses go on where they can be read.
	if _, err := os.Stat(path); err == nil {
		before, _ := config.Load(path, os.LookupEnv)
		if before.Discord.APIURL != given.Discord.APIURL {
			o.DiscordAPI = before.Discord.APIURL
		}
		if before.Slack.APIURL != given.Slack.APIURL {
			o.SlackAPI = before.Slack.APIURL
		}
	}
	limiter := bot.NewLimiter(time.Now)
	o.Discord = func(token string) (setup.Discord, error) {
		p, err := discord.New(discord.Options{Token: token, APIURL: o.DiscordAPI, Commands: bot.Table(), Limiter: limiter, Logger: a.log})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	o.Slack = func(botToken, appToken string) (bot.Platform, error) {
		p, err := slack.New(slack.Options{BotToken: botToken, AppToken: appToken, APIURL: o.SlackAPI, Commands: bot.Table(), Limiter: limiter, Logger: a.log})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	o.Store = func(redisURL, dataDir string) error {
		try := *a
		try.cfg = given
		try.cfg.RedisURL, try.cfg.DataDir = config.Secret(redisURL), dataDir
		return try.tryStore()
	}
	o.Check = func(context.Context) (err error) {
		if a.cfg, err = config.Load(path, os.LookupEnv); err != nil {
			return err
		}
		return a.check()
	}
	return setup.Run(a.ctx, o)
}

type sourcesCmd struct {
	List   sourcesList   `cmd:"" help:"Print every source that would be read."`
	Import sourcesImport `cmd:"" help:"Turn an OPML file into lines for the configuration."`
	Export sourcesExport `cmd:"" help:"Print the sources as OPML."`
}

func (sourcesCmd) Help() string { return "Example:\n  newsdesk sources list" }

type sourcesList struct{}

func (sourcesList) Help() string { return "Example:\n  newsdesk sources list | grep -i openai" }

func (sourcesList) Run(a *app) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tKIND\tLANG\tAUTHORITY\tNAME\tFEED")
	for _, s := range a.cfg.Sources() {
		for _, u := range s.Feeds {
			fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\t%s\n", s.ID, s.Kind, s.Lang, s.Authority, s.Name, u)
		}
	}
	return w.Flush()
}

type sourcesImport struct {
	File string `arg:"" help:"An OPML file, or - for stdin."`
}

func (sourcesImport) Help() string {
	return "Example:\n  newsdesk sources import feeds.opml >> newsdesk.yaml\n\n" +
		"A file that has a sources key already takes the entries under its sources.add."
}

func (c sourcesImport) Run(a *app) error {
	in := a.stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	sources, err := config.ImportOPML(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return config.WriteSources(a.stdout, sources)
}

type sourcesExport struct{}

func (sourcesExport) Help() string { return "Example:\n  newsdesk sources export > newsdesk.opml" }

func (sourcesExport) Run(a *app) error { return config.ExportOPML(a.stdout, a.cfg.Sources()) }

type manifestCmd struct {
	Platform string `arg:"" enum:"slack,discord" help:"slack or discord."`
	URL      string `name:"url" help:"Where Slack reaches the bot, with slack.transport: http; web.public_url where not given." placeholder:"https://bot.example"`
}

func (manifestCmd) Help() string { return "Example:\n  newsdesk manifest slack > manifest.json" }

// Validate is called by kong; what it finds is wrong usage.
func (c manifestCmd) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return nil
	case c.Platform != "slack":
		return errors.New("--url is for slack")
	case err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("--url is %q: want https:// and a host without a path, such as https://bot.example", c.URL)
	}
	return nil
}

func (c manifestCmd) Run(a *app) error {
	if c.Platform == "discord" {
		_, err := a.stdout.Write(discord.Manifest(bot.Table(), a.cfg.Discord.ApplicationID))
		return err
	}
	o := slack.App{
		Commands: bot.Table(), URL: strings.TrimRight(c.URL, "/"), Managers: a.cfg.Slack.Managers,
		Public: a.cfg.Web.PublicURL, // slack.client_id is not known before the app is made
	}
	if a.cfg.Slack.Transport == slack.TransportHTTP && o.URL == "" {
		if o.URL = a.cfg.Web.PublicURL; o.URL == "" {
			return errors.New("slack.transport is http, and where Slack reaches the bot is not known: set web.public_url, or --url https://bot.example")
		}
	}
	m, err := slack.Manifest(o)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(m)
	return err
}
