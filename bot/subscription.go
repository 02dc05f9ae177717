package bot

import (
	"slices"
	"time"

	"newsdesk/news"
)

// A Mode says when a subscription delivers.
type Mode string

// The modes of a subscription.
const (
	Instant Mode = "instant"
	Digest  Mode = "digest"
)

// A Subscription is a channel's standing order.
type Subscription struct {
	ID        string   `json:"id"` // distinguishes several orders of one channel; "config" for one set in the file
	Channel   Channel  `json:"channel"`
	MinImpact int      `json:"min_impact"` // 0 to 100
	Topics    []string `json:"topics,omitempty"`
	Mode      Mode     `json:"mode"`
	DigestAt  string   `json:"digest_at,omitempty"` // "HH:MM" in Zone
	Zone      string   `json:"zone,omitempty"`      // IANA name, "" for UTC
	Quiet     string   `json:"quiet,omitempty"`     // "HH:MM-HH:MM" in Zone: nothing is posted then, it waits
}

// A Reason says why a story is or is not owed to a channel.
type Reason string

// The reasons of Decide. Only Owed delivers.
const (
	Owed          Reason = "owed"
	NotInstant    Reason = "the channel takes digests"
	OnlyBacklog   Reason = "the story stood in its feeds before they were first read"
	TooOld        Reason = "the news is older than a post may be"
	BelowImpact   Reason = "the impact is below the channel's minimum"
	OtherTopics   Reason = "none of its topics is among the channel's"
	AlreadyPosted Reason = "the channel has it"
)

// MaxAge is how old the newest fresh article of a story may be for the story
// to be posted: after a longer outage it would be no news.
const MaxAge = 48 * time.Hour

// Decide says whether story is owed to the channel of sub. posted tells that
// the channel was sent the story before.
func Decide(story news.Story, sub Subscription, posted bool, now time.Time) Reason {
	switch {
	case posted:
		return AlreadyPosted
	case sub.Mode == Digest:
		return NotInstant
	case story.Backlog:
		return OnlyBacklog
	case now.Sub(story.Fresh) > MaxAge:
		return TooOld
	case story.Impact < sub.MinImpact:
		return BelowImpact
	case len(sub.Topics) > 0 && !slices.ContainsFunc(sub.Topics, func(t string) bool { return slices.Contains(story.Topics, t) }):
		return OtherTopics
	}
	return Owed
}
