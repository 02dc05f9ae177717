package bot

import (
	"slices"
	"strings"
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

// A Doubt says which error to make where nobody can tell whether a message was
// posted: the platform's answer was lost, and it does not show its history.
type Doubt string

// The choices in doubt.
const (
	Hold   Doubt = "hold"   // rather no message than two; the default
	Repost Doubt = "repost" // rather two than none
)

// DigestDays are the days of a digest that a Subscription may name.
var DigestDays = []string{"daily", "weekdays", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// CapPasses is the impact from which a story comes whatever a daily cap says.
const CapPasses = 80

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
	OnDoubt   Doubt    `json:"on_doubt,omitempty"`  // "" for Hold
	Story     string   `json:"story,omitempty"`     // what becomes of this story alone is wanted, and no other
	Languages []string `json:"languages,omitempty"` // BCP 47, of the stories that are wanted; none are all
	Locale    string   `json:"locale,omitempty"`    // one of Locales: the language of what is posted; "" is English

	Statuses []string    `json:"statuses,omitempty"` // as in news/brief: how certain a story must be; none are all
	Kinds    []news.Kind `json:"kinds,omitempty"`    // a source of one of these tells it; none are all

	Days     string `json:"days,omitempty"`      // with Digest: one of DigestDays; "" is daily
	Silent   bool   `json:"silent,omitempty"`    // with Digest: nothing is posted where there is no story
	DailyCap int    `json:"daily_cap,omitempty"` // with Instant: stories a day in Zone, see CapPasses; 0 is no cap
	Apart    bool   `json:"apart,omitempty"`     // follow-ups are posted to the channel, not as answers in a thread
	NoEdits  bool   `json:"no_edits,omitempty"`  // a posted message stays as it is when its story grows
	Compact  bool   `json:"compact,omitempty"`   // headline, badges and buttons alone
	NoImage  bool   `json:"no_image,omitempty"`  // without the story's picture
	Mention  string `json:"mention,omitempty"`   // the platform's ID of the one role or group that may be mentioned
	// MentionAt is the impact from which Mention is mentioned, 1 to 100.
	MentionAt int `json:"mention_at,omitempty"`

	Paused time.Time `json:"paused,omitzero"` // what is owed waits until then
	Space  string    `json:"space,omitempty"` // the server or workspace of Channel, where a command made it
	By     string    `json:"by,omitempty"`    // the user who made it or changed it last, as the platform knows them
	Made   time.Time `json:"made,omitzero"`   // when it was made; a change leaves it as it is
	// Changed is when it was last saved.
	Changed time.Time `json:"changed,omitzero"`
}

// channelLang is the language that the first order of c with a Locale asks for.
func channelLang(subs []Subscription, c Channel) Lang {
	for _, s := range subs {
		if s.Channel == c && s.Locale != "" {
			return LangOf(s.Locale)
		}
	}
	return English
}

// QuietUntil returns when the quiet hours that now falls into end, the zero
// time outside of them. A clock change within the night moves the end with
// the local clock, as clockTime has it. An unreadable Quiet or Zone counts as
// none.
func (s Subscription) QuietUntil(now time.Time) time.Time {
	from, to, ok := strings.Cut(s.Quiet, "-")
	if !ok {
		return time.Time{}
	}
	zone, err := location(s.Zone)
	start, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if err != nil || err1 != nil || err2 != nil {
		return time.Time{}
	}
	local := now.In(zone)
	// The window that began yesterday may still run.
	for day := -1; day <= 0; day++ {
		at := func(clock time.Time, days int) time.Time {
			return clockTime(local.Year(), local.Month(), local.Day()+day+days, clock.Hour(), clock.Minute(), zone)
		}
		wraps := 0
		if !start.Before(end) {
			wraps = 1
		}
		if a, b := at(start, 0), at(end, wraps); !now.Before(a) && now.Before(b) {
			return b
		}
	}
	return time.Time{}
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
	OtherStory    Reason = "the order is for what becomes of another story"
	OtherStatus   Reason = "it is not as certain as the channel asks"
	OtherKind     Reason = "no source of a kind that the channel asks for tells it"
	OtherLanguage Reason = "it is told in none of the channel's languages"
	AlreadyPosted Reason = "the channel has it"
)

// MaxAge is how old the newest fresh article of a story may be for the story
// to be posted: after a longer outage it would be no news.
const MaxAge = 48 * time.Hour

// wants reports whether what the story is now is what sub asks for.
func (s Subscription) wants(story news.Story) Reason {
	return s.chooses(news.Turn{Impact: story.Impact, Status: story.Status.Value, Lang: story.Lang, Topics: story.Topics, Kinds: story.Kinds})
}

// chooses reports whether a story that was like t is what sub asks for.
func (s Subscription) chooses(t news.Turn) Reason {
	switch {
	case t.Impact < s.MinImpact:
		return BelowImpact
	case len(s.Topics) > 0 && !overlap(s.Topics, t.Topics):
		return OtherTopics
	case len(s.Statuses) > 0 && !slices.Contains(s.Statuses, t.Status):
		return OtherStatus
	case len(s.Kinds) > 0 && !overlap(s.Kinds, t.Kinds):
		return OtherKind
	case len(s.Languages) > 0 && !slices.ContainsFunc(s.Languages, func(l string) bool { return sameLanguage(l, t.Lang) }):
		return OtherLanguage
	}
	return Owed
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(t T) bool { return slices.Contains(b, t) })
}

// sameLanguage compares the languages of two BCP 47 tags, whatever their
// regions and scripts: en-GB is English. A story of unknown language is in all.
func sameLanguage(a, b string) bool {
	a, _, _ = strings.Cut(strings.ToLower(a), "-")
	b, _, _ = strings.Cut(strings.ToLower(b), "-")
	return a == b || b == ""
}

// Decide says whether story is owed to the channel of sub. posted tells that
// the channel was sent the story before.
func Decide(story news.Story, sub Subscription, posted bool, now time.Time) Reason {
	switch {
	case posted:
		return AlreadyPosted
	case sub.Story != "" && !sub.follows(story):
		return OtherStory
	case sub.Mode == Digest:
		return NotInstant
	case story.Backlog:
		return OnlyBacklog
	case now.Sub(story.Fresh) > MaxAge:
		return TooOld
	}
	return sub.wants(story)
}
