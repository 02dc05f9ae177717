package discord

import "time"

// SetPatience shortens how long connections are waited for.
func (p *Platform) SetPatience(open, ack, look time.Duration) {
	p.patience = patience{open: open, ack: ack, look: look}
}
