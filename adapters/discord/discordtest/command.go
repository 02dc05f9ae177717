package discordtest

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// command is an application command or one of its options.
type command struct {
	Type         int             `json:"type"`
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	Required     bool            `json:"required"`
	Options      []command       `json:"options"`
	Autocomplete bool            `json:"autocomplete"`
	MinValue     *float64        `json:"min_value"`
	MaxValue     *float64        `json:"max_value"`
	MinLength    *int            `json:"min_length"`
	MaxLength    *int            `json:"max_length"`
	Contexts     []int           `json:"contexts"`
	Types        []int           `json:"integration_types"`
	Permissions  json.RawMessage `json:"default_member_permissions"`
	Choices      []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"choices"`
}

// commandName is the shape of names:
// discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// checkCommands refuses what Discord does not register.
func checkCommands(raw []json.RawMessage, guild bool) *refusal {
	f := form{}
	if len(raw) > 100 {
		f.add("commands", "APPLICATION_COMMANDS_MAX", "Maximum number of application commands reached (100)")
	}
	names := map[string]bool{}
	for i, r := range raw {
		at := strconv.Itoa(i)
		var c command
		if err := json.Unmarshal(r, &c); err != nil {
			f.add(at, "MODEL_TYPE_CONVERT", "%v", err)
			continue
		}
		if names[c.Name] {
			f.add(at+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		names[c.Name] = true
		if guild && c.Contexts != nil {
			f.add(at+".contexts", "APPLICATION_COMMAND_CONTEXTS", "only commands of all servers have contexts")
		}
		if guild && c.Types != nil {
			f.add(at+".integration_types", "APPLICATION_COMMAND_CONTEXTS", "only commands of all servers have integration types")
		}
		if _, _, err := c.permissions(); err != nil {
			f.add(at+".default_member_permissions", "NUMBER_TYPE_COERCE", "%v", err)
		}
		if n := c.size(); n > 8000 {
			f.add(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
		}
		f.command(at, c)
	}
	if len(f.problems) > 0 {
		return f.refusal()
	}
	return nil
}

// permissions are what a member needs to be offered the command, as a number,
// or as a string of one; ok is false where everybody is.
func (c command) permissions() (bits int64, ok bool, err error) {
	if len(c.Permissions) == 0 || string(c.Permissions) == "null" {
		return 0, false, nil
	}
	bits, err = strconv.ParseInt(strings.Trim(string(c.Permissions), `"`), 10, 64)
	return bits, true, err
}

func (c command) size() int {
	n := len(c.Name) + len(c.Description)
	for _, choice := range c.Choices {
		n += len(choice.Name) + len(choice.Value)
	}
	for _, o := range c.Options {
		n += o.size()
	}
	return n
}

// The types of option that hold others.
const (
	subcommand      = 1
	subcommandGroup = 2
)

func (f *form) command(at string, c command) {
	if !commandName.MatchString(c.Name) || strings.ToLower(c.Name) != c.Name {
		f.add(at+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
	f.text(at+".description", c.Description, 1, 100)
	if len(c.Options) > 25 {
		f.add(at+".options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	names := map[string]bool{}
	optional, nested := false, 0
	for i, o := range c.Options {
		at := at + ".options." + strconv.Itoa(i)
		if names[o.Name] {
			f.add(at+".name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
		}
		names[o.Name] = true
		if o.Type == subcommand || o.Type == subcommandGroup {
			nested++
		} else if o.Required && optional {
			f.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !o.Required
		if o.Type < 1 || o.Type > 11 {
			f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1 to 11).")
		}
		f.option(at, o)
		f.command(at, o)
	}
	if nested != 0 && nested != len(c.Options) {
		f.add(at+".options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and sub-command group option types are mutually exclusive to all other types")
	}
}

func (f *form) option(at string, o command) {
	if len(o.Choices) > 25 {
		f.add(at+".choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	if len(o.Choices) > 0 && o.Autocomplete {
		f.add(at, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "choices and autocomplete exclude each other")
	}
	for i, c := range o.Choices {
		f.text(at+".choices."+strconv.Itoa(i)+".name", c.Name, 1, 100)
		if (len(c.Value) > 0 && c.Value[0] == '"') != (o.Type == 3) {
			f.add(at+".choices."+strconv.Itoa(i)+".value", "MODEL_TYPE_CONVERT", "not of the option's type")
		}
	}
	if (o.MinLength != nil || o.MaxLength != nil) && o.Type != 3 || (o.MinValue != nil || o.MaxValue != nil) && o.Type != 4 && o.Type != 10 {
		f.add(at, "APPLICATION_COMMAND_OPTION_BOUNDS", "bounds of another type")
	}
}
