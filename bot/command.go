package bot

import (
	"slices"
	"strings"
)

// A Call is a command with its options, read from words or from a platform's
// structured form.
type Call struct {
	Command string            // a Command's name; "" is the search
	Options map[string]string // by Option name; absent where not given
}

// A Command is one row of the table that makes registration, manifest, help,
// parsing and permission on every platform.
type Command struct {
	Name     string   // the word after /news; "" for the search itself
	Summary  string   // one line, at most 100 characters
	Options  []Option // in the order that help shows
	Examples []string // complete, as typed: "/news top week", but for a story's ID
	Manager  bool     // only for people who manage the channel
	// Shareable marks a command whose answer, where it found something, may be
	// worth showing to the others in the channel.
	Shareable bool
}

// An Option is one argument of a command.
type Option struct {
	Name       string
	Summary    string // at most 100 characters
	Kind       OptionKind
	Choices    []string // the only values, where there are any
	Least      int      // with Whole: the smallest value
	Most       int      // with Whole: the largest value
	Required   bool
	Suggest    bool   // Handler.Suggest knows values while a person types
	Empty      string // what stands for no value, where one can be taken away
	Positional bool   // in words it is given without its name; at most one in a command
}

// An OptionKind says how an option's value reads.
type OptionKind int

// The kinds of option.
const (
	Words OptionKind = iota // free text
	Whole                   // a whole number from Least to Most
	Span                    // a time span such as 12h, 7d, 2w, or "today"
	Since                   // a time span back from now, or a date such as 2025-04-20
	OneOf                   // one of Choices
	Role                    // the platform's id of a role or group of people
)

// The names of commands that cards ask by button.
const (
	cmdSearch    = ""
	cmdTop       = "top"
	cmdTrends    = "trends"
	cmdStory     = "story"
	cmdWhy       = "why"
	cmdRelated   = "related"
	cmdTimeline  = "timeline"
	cmdFollow    = "follow"
	cmdUnfollow  = "unfollow"
	cmdFollowing = "following"
	cmdUseful    = "useful"
	cmdNoise     = "noise"
	cmdSources   = "sources"
	cmdStatus    = "status"
	cmdSubscribe = "subscribe"
	cmdSettings  = "settings"
	cmdEnd       = "unsubscribe"
	cmdPause     = "pause"
	cmdDigest    = "digest"
	cmdResume    = "resume"
	cmdRetry     = "retry"
	cmdHelp      = "help"
)

// storyID stands in an example for the id of a story: help puts that of one that
// is told now in its place.
const storyID = "ID"

// searchName stands for the search where a command must have a name, as in
// "/news help search".
const searchName = "search"

// Table returns the commands of this release, in the order that help shows.
// Every platform's registration, the parser, help and permissions come from
// it. The caller may change what it gets.
func Table() []Command {
	id := Option{Name: "id", Summary: "The story's id, as in the footer of its card, or the address of one of its articles", Required: true, Positional: true, Suggest: true}
	table := []Command{
		{
			Name: cmdSearch, Summary: "Find stories, best first; without a query, the top of the day",
			Options: []Option{
				{Name: "query", Summary: `Words, names or topics; "words in quotes" stand side by side`, Positional: true, Suggest: true},
				{Name: "topic", Summary: "Only stories about this topic, such as deepseek; several with commas", Suggest: true},
				{Name: "since", Summary: "Only stories with news since then: 12h, 7d, 2w, today or 2025-04-20", Kind: Since},
				{Name: "min", Summary: "Only stories of at least this impact, 0 to 100", Kind: Whole, Least: 0, Most: 100},
				{Name: "status", Summary: "Only stories that are this certain", Kind: OneOf, Choices: []string{"rumour", "reported", "confirmed", "denied"}},
			},
			Examples: []string{"/news deepseek", `/news "open weights" since:7d min:60`, "/news topic:openai status:confirmed"}, Shareable: true,
		},
		{
			Name: cmdTop, Summary: "The stories of the highest impact",
			Options: []Option{
				{Name: "period", Summary: "Of the last day, week or month; today where not given", Kind: OneOf, Choices: []string{"today", "week", "month"}, Positional: true},
			},
			Examples: []string{"/news top", "/news top week"}, Shareable: true,
		},
		{
			Name: cmdStory, Summary: "One story in full: brief, status, figures, sources, related stories",
			Options: []Option{id}, Examples: []string{"/news story " + storyID}, Shareable: true,
		},
		{
			Name: cmdWhy, Summary: "Why a story has its impact and its status, part by part",
			Options: []Option{id}, Examples: []string{"/news why " + storyID}, Shareable: true,
		},
		{
			Name: cmdRelated, Summary: "Stories that are close to a story",
			Options: []Option{id}, Examples: []string{"/news related " + storyID}, Shareable: true,
		},
		{
			Name: cmdTrends, Summary: "Which topics make more news than usual",
			Options: []Option{
				{Name: "topic", Summary: "One topic, such as deepseek: how many stories on each day of four weeks", Positional: true, Suggest: true},
			},
			Examples: []string{"/news trends", "/news trends deepseek"}, Shareable: true,
		},
		{
			Name: cmdTimeline, Summary: "How a story came about, step by step",
			Options: []Option{id}, Examples: []string{"/news timeline " + storyID}, Shareable: true,
		},
		{
			Name: cmdFollow, Summary: "Get a topic's stories, or what becomes of a story, by direct message",
			Options: []Option{
				{Name: "topic", Summary: "A topic such as deepseek, or the id of a story; several with commas", Required: true, Positional: true, Suggest: true},
				{Name: "min", Summary: "Only stories of at least this impact; 50 where not given", Kind: Whole, Least: 0, Most: 100},
			},
			Examples: []string{"/news follow deepseek", "/news follow openai,export-controls min:70", "/news follow " + storyID},
		},
		{
			Name: cmdUnfollow, Summary: "Get no more direct messages about a topic or a story, or about any",
			Options:  []Option{{Name: "topic", Summary: "The topic, the id of the story, or all; several with commas", Required: true, Positional: true, Suggest: true}},
			Examples: []string{"/news unfollow deepseek", "/news unfollow all"},
		},
		{
			Name: cmdFollowing, Summary: "What you follow, with a button to stop each",
			Examples: []string{"/news following"},
		},
		{
			Name: cmdUseful, Summary: "Say that a story was worth posting in this channel",
			Options: []Option{id}, Examples: []string{"/news useful " + storyID},
		},
		{
			Name: cmdNoise, Summary: "Say that a story was not worth posting in this channel",
			Options: []Option{id}, Examples: []string{"/news noise " + storyID},
		},
		subscribeCommand(),
		{
			Name: cmdSettings, Summary: "What this channel gets, with buttons to change it",
			Examples: []string{"/news settings"}, Manager: true,
		},
		{
			Name: cmdEnd, Summary: "End what was subscribed here: all of it, or only the one of a mode",
			Options:  []Option{{Name: "mode", Summary: "Only this; all where not given", Kind: OneOf, Choices: []string{string(Instant), string(Digest), clearAll}, Positional: true}},
			Examples: []string{"/news unsubscribe", "/news unsubscribe digest"}, Manager: true,
		},
		{
			Name: cmdPause, Summary: "Post nothing here for a time; what is still news then comes as one message",
			Options:  []Option{{Name: "time", Summary: "How long: 12h, 3d or 2w, at most 90d", Kind: Span, Required: true, Positional: true}},
			Examples: []string{"/news pause 3d"}, Manager: true,
		},
		{
			Name: cmdDigest, Summary: "When the next digest comes and what it would tell so far, or one at once",
			Options: []Option{
				{Name: "when", Summary: "One at once, for you", Kind: OneOf, Choices: []string{"now"}, Positional: true},
				{Name: optDigest, Summary: "The further stories of a digest that was posted here, as its button asks"},
			},
			Examples: []string{"/news digest", "/news digest now"}, Shareable: true,
		},
		{
			Name: cmdSources, Summary: "Which sources are read and which of them fail, or who tells a story",
			Options: []Option{
				{Name: "id", Summary: "A story's id: who tells it, and who only copies", Positional: true, Suggest: true},
			},
			Examples: []string{"/news sources", "/news sources " + storyID}, Shareable: true,
		},
		{
			Name: cmdStatus, Summary: "How the bot is: version, stories, feeds, channels that receive nothing",
			Examples: []string{"/news status"},
		},
		{
			Name: cmdResume, Summary: "Post to this channel again: after a pause, or once what kept the bot out is mended",
			Examples: []string{"/news resume"}, Manager: true,
		},
		{
			Name: cmdRetry, Summary: "Post again here what was given up or held",
			Options:  []Option{{Name: "id", Summary: "The delivery's id, as /news status names it here", Required: true, Positional: true}},
			Examples: []string{"/news retry ID"}, Manager: true,
		},
		{
			Name: cmdHelp, Summary: "What can be asked, or one command with its options and examples",
			Options: []Option{
				{Name: "command", Summary: "The command to explain", Kind: OneOf, Positional: true},
			},
			Examples: []string{"/news help", "/news help top"},
		},
	}
	names := []string{searchName}
	for _, c := range table[1:] {
		names = append(names, c.Name)
	}
	table[len(table)-1].Options[0].Choices = names
	return table
}

// Title is the command's name, and "search" for the one that has none.
func (c Command) Title() string {
	if c.Name == cmdSearch {
		return searchName
	}
	return c.Name
}

// usageMost is how many options a Usage names.
const usageMost = 8

// Usage is how the command is typed, with what may be left out in brackets:
// "/news top [today|week|month]".
func (c Command) Usage() string {
	words := []string{"/news"}
	if c.Name != cmdSearch {
		words = append(words, c.Name)
	}
	for i, o := range c.Options {
		if i == usageMost {
			words = append(words, "[…]")
			break
		}
		w := o.Name + ":"
		if o.Positional {
			w = strings.ToUpper(o.Name)
			if len(o.Choices) > 0 && len(o.Choices) <= 4 {
				w = strings.Join(o.Choices, "|")
			}
		}
		if !o.Required {
			w = "[" + w + "]"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// option returns the option of that name.
func (c Command) option(name string) (Option, bool) {
	i := slices.IndexFunc(c.Options, func(o Option) bool { return strings.EqualFold(o.Name, name) })
	if i < 0 {
		return Option{}, false
	}
	return c.Options[i], true
}

// positional returns the option that is given without its name.
func (c Command) positional() (Option, bool) {
	i := slices.IndexFunc(c.Options, func(o Option) bool { return o.Positional })
	if i < 0 {
		return Option{}, false
	}
	return c.Options[i], true
}

// find returns the command of that name, whatever its case.
func find(table []Command, name string) (Command, bool) {
	i := slices.IndexFunc(table, func(c Command) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return Command{}, false
	}
	return table[i], true
}
