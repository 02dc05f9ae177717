package config

import (
	"cmp"
	"fmt"
	"os"
	"slices"

	"newsdesk/news/topic"
)

// Gazetteer returns the built-in topics with those of the operator's file.
// The error names file, line and column.
func (c Config) Gazetteer() (*topic.Gazetteer, error) {
	if c.Topics == "" {
		return topic.Default(), nil
	}
	f, err := os.Open(c.Topics)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g, err := topic.Default().With(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Topics, err)
	}
	return g, nil
}

// TopicID returns the ID of the topic that people call by that name; a name
// that nothing has is made an ID, as topics may be added later.
func TopicID(g *topic.Gazetteer, called string) string {
	if t, ok := g.Find(called); ok {
		return t.ID
	}
	return Slug(called)
}

// UnknownTopic is the error for a name that no topic has.
func UnknownTopic(g *topic.Gazetteer, called string) error {
	return fmt.Errorf("no topic is called %q%s", called, cmp.Or(didYouMean(Slug(called), g.IDs()), ": no story has it"))
}

// Doubts returns what may be a mistake and hinders nothing: topics that
// nobody knows.
func (c Config) Doubts() (doubts []Problem) {
	if s := c.Slack; s.BotToken != "" && s.AppToken == "" && s.Transport == "socket" {
		doubts = append(doubts, Problem{File: "slack.transport", Text: "is socket, and without slack.app_token nobody can ask: set it (SLACK_APP_TOKEN), or slack.transport: http"})
	}
	g, err := c.Gazetteer()
	if err != nil {
		return nil // a Problem, and no Config without it was loaded
	}
	for i, ch := range c.Channels {
		for j, t := range ch.Topics {
			if _, ok := g.Lookup(t); !ok && !slices.Contains(ch.Topics[:j], t) {
				doubts = append(doubts, Problem{File: index(index("channels", i)+".topics", j), Text: UnknownTopic(g, t).Error()})
			}
		}
	}
	return doubts
}
