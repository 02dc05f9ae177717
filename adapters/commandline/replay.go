package commandline

import (
	"errors"
	"fmt"
	"time"

	"newsdesk/bot"
	"newsdesk/config"
	"newsdesk/news/replay"
)

// Replay prints the stories of an archive.
type Replay struct {
	Paths     []string `arg:"" name:"file" help:"RSS, RDF, Atom or JSON Feed files, article JSON lines, .gz and .zst of them, directories, or - for stdin."`
	MinImpact *int     `help:"Only stories of at least this impact; with --as-posted 50, as for a channel." placeholder:"N"`
	Topic     string   `help:"Only stories about this topic, by any of its names."`
	Since     moment   `help:"Only stories that were updated since: 2025-04-28 or 2025-04-28T09:00:00Z." placeholder:"TIME"`
	Until     moment   `help:"Only stories that began before." placeholder:"TIME"`
	Format    string   `enum:"jsonl,table" default:"jsonl" help:"jsonl or table."`
	Order     string   `help:"With --as-posted: the channel's settings, as /news subscribe takes them: 'deepseek min:60 status:confirmed cap:5'." placeholder:"WORDS"`
	AsPosted  bool     `help:"Print what a channel with these settings would have been sent, in posting order: stories, and a line with follow_up where the status of one changed."`
}

func (Replay) Help() string {
	return "Example:\n  newsdesk replay --min-impact 60 --as-posted --format table archive/"
}

// Validate is called by kong; what it finds is wrong usage.
func (c Replay) Validate() error {
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
func (c Replay) order() (bot.Subscription, error) {
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

func (c Replay) Run(a *App) error {
	topics, err := a.Config.Gazetteer()
	if err != nil {
		return err
	}
	o := replay.Options{
		Sources: a.Config.Sources(), Gazetteer: topics, Topic: config.TopicID(topics, c.Topic), Since: c.Since.Time, Until: c.Until.Time, Table: c.Format == "table",
		Warn: func(err error) { fmt.Fprintf(a.Stderr, "newsdesk: %v\n", err) },
	}
	if _, known := topics.Lookup(o.Topic); c.Topic != "" && !known {
		fmt.Fprintf(a.Stderr, "newsdesk: --topic: %v\n", config.UnknownTopic(topics, c.Topic))
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
	return replay.Run(a.Context, c.Paths, a.Stdin, a.Stdout, o)
}
