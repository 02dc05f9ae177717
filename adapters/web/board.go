package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"newsdesk/bot"
)

// A board keeps the messages of the web channels, the oldest first.
type board struct {
	mu       sync.RWMutex
	channels []bot.Channel // in the order in which they became known
	fixed    int           // how many of them, the first, are kept for ever
	messages map[bot.Channel][]message
	version  uint64 // grows with every change
	run      string // tells this board's versions from an earlier run's
}

// A message is one that was posted to a web channel.
type message struct {
	ID     bot.MessageID
	Thread bot.MessageID // the message it answers, or ""
	Asked  string        // the command it answers, or ""
	Card   bot.Card
	At     time.Time
	Edited time.Time // zero where it never was
	change uint64    // the board's version that this one came with
}

// maxMessages bounds what is kept of one channel, maxChannels how many there
// may be beside those that are kept for ever: enough for a day's reading, and
// 50 MB at the very worst.
const (
	maxMessages = 500
	maxChannels = 50
)

func newBoard(channels []bot.Channel) *board {
	return &board{channels: slices.Clone(channels), fixed: len(channels), messages: make(map[bot.Channel][]message), run: rand.Text()[:8]}
}

// add appends m unless the channel has its ID. A channel that is new takes the
// place of the one that has been idle for longest, where there are too many: a
// refusal would last for ever, since nobody can make room.
func (b *board) add(c bot.Channel, m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.channels, c) {
		if b.full() {
			b.evict()
		}
		b.channels = append(b.channels, c)
	}
	ms := b.messages[c]
	if slices.ContainsFunc(ms, func(o message) bool { return o.ID == m.ID }) {
		return
	}
	at, _ := slices.BinarySearchFunc(ms, m, func(a, b message) int {
		return cmp.Or(a.At.Compare(b.At), -1) // after those of the same moment
	})
	b.version++
	m.change = b.version
	ms = slices.Insert(ms, at, m)
	if len(ms) > maxMessages {
		ms = slices.Delete(ms, 0, len(ms)-maxMessages)
	}
	b.messages[c] = ms
}

// full reports whether there are as many channels as there may be.
func (b *board) full() bool { return len(b.channels)-b.fixed >= maxChannels }

// evict drops the channel that has been idle for longest.
func (b *board) evict() {
	changed := func(c bot.Channel) (v uint64) {
		for _, m := range b.messages[c] {
			v = max(v, m.change)
		}
		return v
	}
	idle := slices.MinFunc(b.channels[b.fixed:], func(a, c bot.Channel) int { return cmp.Compare(changed(a), changed(c)) })
	b.channels = slices.DeleteFunc(b.channels, func(c bot.Channel) bool { return c == idle })
	delete(b.messages, idle)
}

// room reports whether c has a place without another's being dropped.
func (b *board) room(c bot.Channel) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return !b.full() || slices.Contains(b.channels, c)
}

// edit replaces the card of a message and reports whether there is one.
func (b *board) edit(c bot.Channel, id bot.MessageID, card bot.Card, at time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	ms := b.messages[c]
	i := slices.IndexFunc(ms, func(m message) bool { return m.ID == id })
	if i < 0 {
		return false
	}
	b.version++
	ms[i].Card, ms[i].Edited, ms[i].change = card, at, b.version
	return true
}

// has reports whether everybody sees a message in the channel.
func (b *board) has(c bot.Channel, id bot.MessageID) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.ContainsFunc(b.messages[c], func(m message) bool { return m.ID == id })
}

// list returns the messages of a channel and the board's version.
func (b *board) list(c bot.Channel) ([]message, uint64) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.messages[c]), b.version
}

func (b *board) known() []bot.Channel {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.channels)
}

// Name is "web".
func (s *Server) Name() string { return "web" }

// Post keeps the message. Its ID is its key: the same key again changes
// nothing and returns the same ID.
func (s *Server) Post(ctx context.Context, p bot.Post) (bot.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := checkChannel(p.Channel); err != nil {
		return "", &bot.SendError{Outcome: bot.Suspended, Reason: err.Error()}
	}
	if p.Key == "" {
		return "", &bot.SendError{Outcome: bot.Rejected, Reason: "the post has no key"}
	}
	m := message{ID: bot.MessageID(p.Key), Thread: p.Thread, Card: p.Card, At: s.o.Now()}
	s.board.add(p.Channel, m)
	return m.ID, nil
}

// Edit replaces the card of a message that is still in memory.
func (s *Server) Edit(ctx context.Context, p bot.Post, id bot.MessageID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.board.edit(p.Channel, id, p.Card, s.o.Now()) {
		return &bot.SendError{Outcome: bot.Rejected, Reason: "the message is no longer shown"}
	}
	return nil
}

// Find looks for p.Key among all messages in memory. A message that a crash
// swept from memory was lost to everybody, so not finding it is the truth.
func (s *Server) Find(ctx context.Context, p bot.Post, _ time.Time) (bot.MessageID, bool, error) {
	if err := ctx.Err(); err != nil {
		return "", false, err
	}
	ms, _ := s.board.list(p.Channel)
	for _, m := range ms {
		if m.ID == bot.MessageID(p.Key) {
			return m.ID, true, nil
		}
	}
	return "", false, nil
}

// Check finds nothing missing in any channel "web:NAME".
func (s *Server) Check(_ context.Context, c bot.Channel) []string {
	if c == "web:" {
		return nil
	}
	if err := checkChannel(c); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// A Restored is a message that an earlier run sent.
type Restored struct {
	Channel bot.Channel
	ID      bot.MessageID
	Thread  bot.MessageID // the message it answers, or ""
	Card    bot.Card
	At      time.Time
}

// Restore shows messages of earlier runs again, in order of time among those
// of this one. One whose ID the channel has is left as it is; one for a channel
// that is none of the web's is logged and left out.
func (s *Server) Restore(ms []Restored) {
	for _, m := range ms {
		if err := checkChannel(m.Channel); err != nil {
			s.log.Warn("a message of an earlier run is not shown", "message", m.ID, "err", err)
			continue
		}
		if !s.board.room(m.Channel) {
			s.log.Warn("a message of an earlier run is not shown: there are too many channels", "message", m.ID, "channel", m.Channel)
			continue
		}
		s.board.add(m.Channel, message{ID: m.ID, Thread: m.Thread, Card: m.Card, At: m.At})
	}
}

// maxChannelName bounds the NAME of "web:NAME", in bytes.
const maxChannelName = 64

// checkChannel tells whether c is one of the web's.
func checkChannel(c bot.Channel) error {
	if _, err := bot.ParseChannel(string(c)); err != nil || c.Platform() != "web" {
		return fmt.Errorf(`channel %q: want web:NAME, as in "web:preview"`, c)
	}
	name := strings.TrimPrefix(c.ID(), bot.PersonMark)
	ok := name != "" && len(name) <= maxChannelName && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
	if !ok {
		return fmt.Errorf("channel %q: its name may have up to %d letters, digits, dots, dashes and underscores", c, maxChannelName)
	}
	return nil
}
