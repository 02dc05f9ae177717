package commandline

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"newsdesk/adapters/boltstore"
	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/demo"
	"newsdesk/news/feed"
	"newsdesk/news/replay"
)

// Demo plays the sample day.
type Demo struct {
	Speed float64 `default:"360" help:"How many times faster than real time the sample day passes (360: in four minutes)." placeholder:"N"`
	Once  bool    `help:"Play the day at full speed, print its stories as replay does, and exit."`
}

func (Demo) Help() string {
	return "Example:\n  newsdesk demo --speed 600\n\nThe sample outlets and their articles are invented."
}

// Validate is called by kong; what it finds is wrong usage.
func (c Demo) Validate() error {
	if !(c.Speed > 0) || math.IsInf(c.Speed, 0) {
		return fmt.Errorf("--speed is %g: want a number above 0", c.Speed)
	}
	return nil
}

func (c Demo) Run(a *App) error {
	parent := a.Config.DataDir
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
		fetch:         feed.Options{AllowPrivate: true, UserAgent: a.userAgent()},
		poll:          news.Poll{Interval: 3 * time.Minute, MinInterval: time.Minute},
		ready: func(url string) {
			fmt.Fprintf(a.Stdout, "Newsdesk plays a sample day in %s. Watch it at %s and type /news deepseek there. Ctrl-C ends it.\n",
				(time.Duration(float64(demo.End().Sub(demo.Start())) / c.Speed)).Round(time.Second), url)
		},
	}
	if !c.Once {
		ready := h.ready
		h.ready = func(url string) {
			ready(url)
			ends := time.AfterFunc(clock.Left(), func() {
				a.Log.Info("the sample day has ended: nothing more is published, and the page stays up until Ctrl-C", "preview", url)
			})
			context.AfterFunc(a.Context, func() { ends.Stop() })
		}
		return a.serve(h)
	}
	desk := news.NewDesk(news.Options{
		Store: store, Sources: h.sources, Fetcher: feed.New(h.fetch), Now: clock.Now, Logger: a.Log,
		// One feed after the other, so that every run prints the same.
		Poll: news.Poll{Interval: time.Second, MinInterval: time.Second, Concurrency: 1},
	})
	for _, t := range append(append([]time.Time{demo.Start()}, demo.Times()...), demo.End()) {
		clock.Stop(t)
		if err := desk.Poll(a.Context); err != nil {
			return err
		}
	}
	stories, err := replay.All(a.Context, desk)
	if err != nil {
		return err
	}
	return replay.Print(a.Stdout, stories, replay.Options{})
}
