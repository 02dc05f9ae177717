package discord

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// VerdictCodes are the codes that have a verdict.
func VerdictCodes() []int { return slices.Sorted(maps.Keys(verdicts)) }

// SetPatience shortens how long connections are waited for.
func (p *Platform) SetPatience(open, ack, look time.Duration) {
	p.patience = patience{open: open, ack: ack, look: look}
}

// Hear takes an event of the gateway.
func (p *Platform) Hear(event, data string) { p.hear(event, json.RawMessage(data)) }
