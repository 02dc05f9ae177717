// Package adaptertest is what every bot.Platform owes, as a suite that each
// adapter runs against its own fake server: Run.
//
// The suite turns the fake's knobs through the functions of a Subject. What a
// platform truly cannot do is a nil knob, and its part of the suite is skipped.
package adaptertest

import (
	"context"
	"regexp"
	"testing"
	"time"

	"newsdesk/bot"
)

// A Subject is one platform under test with the fake behind it. Every subtest
// opens a fresh one and closes what it needs by t.Cleanup. Knobs hold for the
// requests that post; those that only read are never touched by them.
type Subject struct {
	Platform bot.Platform
	Channel  bot.Channel // may be posted to and read
	Person   bot.Channel // takes direct messages
	Shy      bot.Channel // takes none; "" where everybody does
	Secrets  []string    // tokens that no error may hold
	// Dedups: the platform itself returns the first message for a second post
	// with the same key.
	Dedups bool
	// Bare: private answers have no pictures, but their words.
	Bare bool
	// Ignored are functions whose goroutines may outlive Run (goleak's
	// "package.function"), as idle connections of the fake do.
	Ignored []string

	// Messages returns what the fake shows in a channel, oldest first.
	Messages func(c bot.Channel) []Message
	// Throttle refuses the next n posts with a rate limit of length d.
	Throttle func(n int, d time.Duration)
	// LoseAnswer performs the next n posts and cuts the connection unanswered.
	LoseAnswer func(n int)
	// LandLate cuts the next post unanswered; its message is shown after d.
	LandLate func(d time.Duration)
	// Drop cuts the next n posts before they are performed.
	Drop func(n int)
	// Refuse makes the platform answer every post from now on with an error
	// of that kind, and returns false for one that the platform does not have.
	Refuse func(kind bot.Outcome) bool
	// Blind takes from the bot the right to read the channel's history.
	Blind func()

	// Ask puts words to the platform, which Run has been started on, as a
	// person would search for them, and returns the answer's visible text once
	// it is complete. It waits until the platform is connected. The handler
	// finds the words in Line, or as the one option of Call. An error says that
	// no answer came. again repeats the last question as the platform
	// redelivers it, with the same ID.
	Ask func(ctx context.Context, line string, again bool) (text string, private bool, err error)

	// Press presses the button with that label, of the last answer or of the
	// channel's last message, as the person who asks.
	Press func(ctx context.Context, posted bool, label string) (Answer, error)

	// Suggest types text in an option, with what the platform has for that, and
	// returns what it offers. The options are of bot.Table, or of a table that
	// has the options that the suite asks for: query of the search.
	Suggest func(ctx context.Context, command, option, text string) ([]bot.Choice, error)
	// Choose chooses what Suggest returned last, by its label, where that asks
	// a question, and returns the answer.
	Choose func(ctx context.Context, label string) (Answer, error)

	// Mention matches what the platform would read as a mention in a text;
	// anyMention where nil.
	Mention *regexp.Regexp
}

// An Answer is what a person gets for a pressed button, once it is complete.
type Answer struct {
	Text    string
	Private bool
	InPlace bool // it stands where the message with the button stood
	Picture *bot.Picture
}

// A Message is one that the fake shows.
type Message struct {
	ID      bot.MessageID
	Text    string       // all text that people see: title, body, lists, footer
	Key     string       // the delivery key that the message carries, in whatever place
	Picture *bot.Picture // that it shows, nil for none
	// Answers is the message it answers to, "" for none.
	Answers bot.MessageID
}

// Run puts the platform through what bot.Platform promises.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	runParts(t, open, posting)
	RunCommands(t, open)
}

// RunCommands runs the parts about commands, for a platform that takes them by
// another way, too.
func RunCommands(t *testing.T, open func(t *testing.T) Subject) { runParts(t, open, commands) }

func runParts(t *testing.T, open func(t *testing.T) Subject, parts []part) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.run(t, open(t)) })
	}
}

type part struct {
	name string
	run  func(*testing.T, Subject)
}

var posting = []part{
	{"PostedIsShownAndFound", postedIsShownAndFound},
	{"SameKeyTwice", sameKeyTwice},
	{"AtTheSameTime", atTheSameTime},
	{"Answers", answersMessage},
	{"Throttled", throttled},
	{"LostAnswer", lostAnswer},
	{"Dropped", dropped},
	{"LandsLate", landsLate},
	{"Refused", refused},
	{"ContextEnded", contextEnded},
	{"Blind", blind},
	{"Edit", edit},
	{"Persons", persons},
	{"Hostile", hostile},
	{"Pictures", pictures},
}

var commands = []part{
	{"Asked", asked},
	{"AskedSlowly", askedSlowly},
	{"AnswersAreSeen", answersAreSeen},
	{"AnswersInPlace", answersInPlace},
	{"AnswersWithPictures", answersWithPictures},
	{"Suggests", suggests},
	{"SuggestsInTime", suggestsInTime},
	{"Redelivered", redelivered},
	{"RunEnds", runEnds},
}
