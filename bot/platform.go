package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Channel names a place to post to, as "platform:id": "discord:123",
// "slack:C0123", "web:preview".
type Channel string

// Platform returns the part before the colon.
func (c Channel) Platform() string { p, _, _ := strings.Cut(string(c), ":"); return p }

// ID returns the platform's own id of the channel.
func (c Channel) ID() string { _, id, _ := strings.Cut(string(c), ":"); return id }

// Space returns what refuses the bot as a whole: the platform, "slack", or one
// workspace of it whose channels are named after it: "slack:T0123" for
// "slack:T0123/C0456".
func (c Channel) Space() string {
	if i := strings.LastIndex(string(c), spaceEnd); i >= 0 {
		return string(c[:i])
	}
	return c.Platform()
}

// In names a channel of a space by its own id there.
func In(space, id string) Channel {
	if strings.Contains(space, ":") {
		return Channel(space + spaceEnd + id)
	}
	return Channel(space + ":" + id)
}

// spaceEnd stands between a workspace and its channel.
const spaceEnd = "/"

// PersonMark begins the id of a channel that is a person's direct messages
// with the bot: "discord:@80351110224678912". The adapter opens it.
const PersonMark = "@"

// Person names the direct messages of a user in a space.
func Person(space, user string) Channel { return In(space, PersonMark+user) }

// Person returns the user whose direct messages c is; ok is false where c is a
// channel of many.
func (c Channel) Person() (user string, ok bool) {
	id := c.ID()
	return strings.CutPrefix(id[strings.LastIndex(id, spaceEnd)+1:], PersonMark)
}

// ParseChannel checks that s reads "platform:id".
func ParseChannel(s string) (Channel, error) {
	if p, id, ok := strings.Cut(s, ":"); !ok || p == "" || id == "" || strings.ContainsAny(s, " \t\r\n") {
		return "", fmt.Errorf(`channel %q: want platform:id, as in "discord:123456789012345678" or "slack:C0123456789"`, s)
	}
	return Channel(s), nil
}

// A MessageID is a platform's own id of a posted message.
type MessageID string

// A Post is one message owed to one channel.
type Post struct {
	// Key identifies the delivery: 24 characters of base32. The same key is
	// never posted twice; platforms that can refuse a second one are asked to,
	// and Find looks for it.
	Key     string
	Channel Channel
	Card    Card
	Thread  MessageID // the message to answer to, "" for a message of its own
}

// A Platform is one chat service. Its methods are safe for concurrent use.
// adaptertest.Run is the conformance suite that every platform passes.
type Platform interface {
	// Name is the part of a Channel before the colon.
	Name() string
	// Run receives commands and hands them to h until ctx ends, when it
	// returns nil. It reconnects by itself; an error means that it cannot go
	// on at all, as with a token that was revoked.
	Run(ctx context.Context, h Handler) error
	// Post makes one request, and another only after a definite refusal of what
	// it can leave out. A nil error means posted; a *SendError
	// is a definite answer that nothing was posted; any other error leaves
	// the post in doubt.
	Post(ctx context.Context, p Post) (MessageID, error)
	// Edit replaces the card of a message; repeating it is harmless. Errors
	// are as for Post.
	Edit(ctx context.Context, p Post, id MessageID) error
	// Find looks for a message with p.Key among those posted to p.Channel
	// since the given time, and among the last ones whatever that says: the
	// clock that it comes from may have been fast, and set since. found is
	// trustworthy only with a nil error:
	// ErrBlind means that the platform would not show the message if it were
	// there.
	Find(ctx context.Context, p Post, since time.Time) (id MessageID, found bool, err error)
	// Check asks the platform whether the bot may post to the channel and
	// read its history, and returns what is missing in words, nothing where
	// all is well. With the channel "platform:" it checks the token alone.
	Check(ctx context.Context, c Channel) []string
}

// A Rester is a Platform whose channels take one message in a time.
type Rester interface {
	// Rest is how long a channel rests after a message: the next one is not
	// claimed before, since a claim that waits for its turn is in doubt where
	// its process dies.
	Rest() time.Duration
}

// A Steward is a Platform that can tell of any channel what it is called and who
// manages it, wherever that is asked.
type Steward interface {
	// Called is what people call c: "#news".
	Called(ctx context.Context, c Channel) (string, error)
	// Manages reports whether a person manages c, as Rights does.
	Manages(ctx context.Context, c Channel, user string) (ok bool, why string)
}

// A Sentry is a Platform that notices when the bot loses its place in channels
// and when it comes back, without a refusal that tells it. What it overlooks,
// as while the process is down, the next refusal tells.
type Sentry interface {
	// Notice makes the platform call f for each Change from now on, one after
	// the other, while Run runs.
	Notice(f func(context.Context, Change))
}

// A Change is a place that the bot lost, or has again. An outage of the
// platform is none.
type Change struct {
	Lost   bool               // or it is back
	Reason string             // with Lost, for people: what happened and what to do
	Holds  func(Channel) bool // reports whether a channel is in that place
}

// ErrBlind reports that a platform does not let the bot read a channel's history.
var ErrBlind = errors.New("the channel's history cannot be read")

// An Outcome is what a definite refusal means for the deliveries behind it.
type Outcome int

// The outcomes, from a single moment to everything.
const (
	Throttled  Outcome = iota // not now; again after RetryAfter
	Rejected                  // this message, for ever; the channel is fine
	Suspended                 // this channel, until somebody changes something
	Halted                    // the whole platform, or the channel's space on it, as with a revoked token
	Duplicated                // the platform says that this key was posted before and is gone now
)

func (o Outcome) String() string {
	return [...]string{"throttled", "rejected", "suspended", "halted", "duplicated"}[o]
}

// A SendError is a platform's definite answer that nothing was posted, but for
// what is Doubtful.
type SendError struct {
	Outcome    Outcome
	RetryAfter time.Duration // with Throttled; with Halted where the platform says when it ends
	// Doubtful, with Throttled, is a refusal that was seen after the message
	// had been posted all the same: the platform is asked before the next try.
	Doubtful bool
	Gone     bool   // with Suspended: the channel was deleted, or the bot removed from its space
	Reason   string // for people: what is wrong and what to do
	Err      error  // for the log; never holds a secret
}

func (e *SendError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Outcome, e.Reason)
	}
	return fmt.Sprintf("%s: %s: %v", e.Outcome, e.Reason, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// An Invocation is one question that a person asked, in words or by options.
type Invocation struct {
	ID      string // the platform's id of this question; a redelivered one has the same
	Channel Channel
	User    string // the platform's id of the person
	Space   string // the server or workspace, "" in a direct message
	Locale  string // BCP 47, "" where unknown
	Manager bool   // the person manages the channel
	Speaker bool   // the person may write in the channel
	Home    bool   // it was asked on the person's Home, where nobody can be shown the answer
	// Rights takes the place of both where the platform does not tell them with
	// the question.
	Rights Rights

	// Line holds the words after /news, on platforms where people type words
	// and for buttons. Call holds the command where the platform has
	// structured options; it counts where Call.Command or Call.Options is set.
	Line string
	Call Call
	// Fields are the values of a Form that was filled in, by the name of their
	// Field, with the form's Line; those of several values have commas between
	// them. A form without fields is none.
	Fields map[string]string
}

// Rights asks a platform what a person may do in a channel, at the deed. Where ok
// is false, why is a clause for people about what kept the platform from
// telling, "" where it told.
type Rights interface {
	// Manages reports whether the person manages the channel.
	Manages(ctx context.Context) (ok bool, why string)
	// Speaks reports whether the person may write in the channel.
	Speaks(ctx context.Context) (ok bool, why string)
}

// Manages reports whether the person manages the channel, as Rights does.
func (inv Invocation) Manages(ctx context.Context) (ok bool, why string) {
	if inv.Rights == nil {
		return inv.Manager, ""
	}
	return inv.Rights.Manages(ctx)
}

// Speaks reports whether the person may write in the channel, as Rights does.
func (inv Invocation) Speaks(ctx context.Context) (ok bool, why string) {
	if inv.Rights == nil {
		return inv.Speaker, ""
	}
	return inv.Rights.Speaks(ctx)
}

// NoButton is the Line of a pressed button or menu whose id the adapter did not
// write, or no more: its answer says so.
const NoButton = sealMark

// A Reply answers an Invocation.
type Reply struct {
	Card    Card
	Private bool // only the person who asked sees it
	// Replace asks for the answer in the place of the private message whose
	// button was pressed. Where that cannot be, it is a message of its own.
	Replace bool
	// Form, where it is not nil, is opened in the place of Card. A platform that
	// cannot, as when its time for that is over, answers with Card, which says
	// what to do instead.
	Form *Form
	// Wrong is all that is wrong with the Fields of a form that was filled in, in
	// the form's order: then nothing was done. A platform that can say so at the
	// fields keeps the form open; Card says the same for all others.
	Wrong []Wrong
	// Asked is what it answers where that was typed, or what the pressed button
	// asks as a person would type it after /news.
	Asked string
}

// A Wrong is what is wrong with one value of a form.
type Wrong struct {
	Field string // the Name of the Field
	Text  string // one or two sentences for the person
}

// A Typing is an option that a person has not finished.
type Typing struct {
	Channel Channel
	User    string
	Locale  string // BCP 47, "" where unknown
	Command string // a Command's name
	Option  string // an Option's name
	Text    string // what stands there so far
}

// ChoicesMost is how many choices a platform shows at most.
const ChoicesMost = 25

// A Choice is one suggestion while a person types.
type Choice struct {
	Label string // at most 100 characters
	Value string // at most 100 characters, as the person would type it
}

// A Handler answers people. It never fails: an error becomes a sentence.
type Handler interface {
	// Handle answers one invocation. ok is false where the same invocation
	// was answered before: then nothing is to be sent.
	Handle(ctx context.Context, inv Invocation) (r Reply, ok bool)
	// Suggest returns at most ChoicesMost choices for an option, from memory
	// and at once, the best first; none where nothing fits.
	Suggest(ctx context.Context, t Typing) []Choice
}
