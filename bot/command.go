package bot

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
	Examples []string // complete, as typed: "/news top week"
	Manager  bool     // only for people who manage the channel
}

// An Option is one argument of a command.
type Option struct {
	Name       string
	Summary    string // at most 100 characters
	Kind       OptionKind
	Choices    []string // the only values, where there are any
	Required   bool
	Positional bool // in words it is given without its name; at most one in a command
}

// An OptionKind says how an option's value reads.
type OptionKind int

// The kinds of option.
const (
	Words OptionKind = iota // free text
	Whole                   // a whole number
	Span                    // a time span such as 12h, 7d, 2w
	OneOf                   // one of Choices
)
