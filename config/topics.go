package config

import (
	"fmt"
	"os"

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
