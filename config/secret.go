package config

import (
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a text that no verb, encoder or logger prints: all show
// "[redacted]", and nothing at all where it is empty.
type Secret string

// Reveal returns the text itself. Call it where the secret is used, never to
// keep it.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or "" where there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[redacted]"
}

// Format answers every verb, as even a wrong one (%d) would print the text.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		text = fmt.Sprintf("%q", text)
	}
	_, _ = io.WriteString(f, text)
}

// LogValue is for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is for JSON, XML and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
